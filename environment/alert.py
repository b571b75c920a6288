"""The early warning inside a world: an index of published prices that anybody could compute before the month begins.

With the price p of the last month and the mean m of the months before it, the index of a metal is

    index = tide + own_weight x ln(p / m)          tide = mean over metals with monthly prices of ln(p / m)

where of a metal whose price is published once a year p is the mean of the last full year. It warns from ``threshold`` on. These
are the rules of ``lodeflow warning`` (table `warning_rules`); ODD 7.18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import country, guards
from lodeflow.environment.quotes import YEAR

if TYPE_CHECKING:
    from lodeflow.environment.state import State


def quoted(state: State) -> np.ndarray:
    """Prices over those of the base year with the month that is over as the last row, shape (kept, metals)."""
    desks = state.desks
    weight = desks.use + guards.NOTHING
    mean = state.by_metal(weight * desks.price, desks.metal) / state.by_metal(weight, desks.metal)
    return np.concatenate((state.quotes[1:], (mean * np.exp(state.anchor))[None]))


def index(state: State, own_weight: float | None = None, prompt: bool = False) -> np.ndarray:
    """Index of each metal from what is published before the month, ln points, shape (metals,).

    Args:
        state: the world before a month, or while it is in it.
        own_weight: weight of a metal's own price; None: that of the table.
        prompt: whether all prices are taken as published every month.
    """
    rules, quotes = state.blueprint.alert, state.quotes
    months = rules.mean_months + 1
    seen = quotes[-months:].copy()
    known = rules.monthly | prompt
    late = ~known
    for row in range(months if late.any() else 0):
        number = state.month - months + row
        ended = len(quotes) - months + row - number % YEAR
        seen[row, late] = quotes[ended - YEAR : ended][:, late].mean(axis=0)
    own = country.over_usual(seen[-1], seen[:-1].mean(axis=0))
    return country.warning_index(own, known, rules.own_weight if own_weight is None else own_weight)


def warned(
    state: State, threshold: float | None = None, own_weight: float | None = None, prompt: bool = False
) -> np.ndarray:
    """Whether the index of each metal has reached the threshold (None: that of the table), boolean, shape (metals,)."""
    least = state.blueprint.alert.threshold if threshold is None else threshold
    on: np.ndarray = index(state, own_weight, prompt) >= least
    return on

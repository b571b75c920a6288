"""New capacity of a stage, compiled: what stands and comes of each metal, and where firms begin, finish and give up capacity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lodeflow.agents import firm, guards, investor, memory
from lodeflow.environment.market.clearing import compiled
from lodeflow.environment.market.rules import compiled_with, rule

_build, _remember = rule(firm.build), rule(memory.remember)
_lacking, _withheld, _wanted = (rule(one) for one in (investor.lacking, investor.withheld, investor.wanted_by_margin))


class Standing(NamedTuple):
    """Capacity of a stage by metal, shape (metals,) each.

    whole: that stands, t/month; stands: over the plan; coming: under construction over the plan.
    """

    whole: np.ndarray
    stands: np.ndarray
    coming: np.ndarray


class Capacity(NamedTuple):
    """Firms of a stage, shape (n,) each but ``building``, (stages, n): columns of miners or refiners by the same names."""

    metal: np.ndarray
    planned: np.ndarray
    expansion: np.ndarray
    building: np.ndarray
    margin: np.ndarray
    drawn: np.ndarray


class Drawing(NamedTuple):
    """What draws capacity, shape (n,) each.

    left: margin that is left when what is being built will sell, ln points; draw: :func:`investor.draw`; chance: feed at hand
    that finds no outlet, over that of what stands; fed: how what is begun beyond the plan is spread; may: share that may be begun.
    """

    left: np.ndarray
    draw: np.ndarray
    chance: np.ndarray
    fed: np.ndarray
    may: np.ndarray


@compiled()
def _by_metal(values: np.ndarray, metal: np.ndarray, count: int) -> np.ndarray:
    """Sum of a column by metal, shape (metals,)."""
    total = np.zeros(count)
    for n in range(len(values)):
        total[metal[n]] += values[n]
    return total


@compiled_with(firm)
def standing(firms: Capacity, metals: int) -> Standing:
    """What stands and what comes of each metal."""
    planned = np.maximum(_by_metal(firms.planned, firms.metal, metals), guards.NOTHING)
    whole = _by_metal(firms.planned * firms.expansion, firms.metal, metals)
    coming = _by_metal(firms.planned * firms.building.sum(axis=0), firms.metal, metals) / planned
    return Standing(np.maximum(whole, guards.NOTHING), np.maximum(whole / planned, guards.NOTHING), coming)


@compiled_with(firm)
def _relative(firms: Capacity, whole: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values over their mean by metal, weighted by capacity, shape (n,)."""
    sums = _by_metal(firms.planned * firms.expansion * values, firms.metal, len(whole))
    return values / np.maximum(sums / whole, guards.NOTHING)[firms.metal]


@compiled_with(firm, investor, memory)
def placed(
    firms: Capacity,
    of_metal: Standing,
    sold: np.ndarray,
    growth: np.ndarray,
    lead: np.ndarray,
    drawing: Drawing,
    limits: tuple[float, float, float],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A month of new capacity: how strongly places draw it, smoothed, what is under construction, and what stands. ODD 7.14.

    Args:
        firms: before the month.
        of_metal: :func:`standing`.
        sold: use over the plan that is expected when what is begun will stand, shape (metals,).
        growth: of the plan this month, shape (metals,).
        lead: months from decision to output, shape (metals,).
        drawing: what draws capacity.
        limits: parameters ``plan_months``, ``invest_response`` and ``invest_max``.

    Returns:
        (drawn, building, expansion): shape (n,), (stages, n) and (n,).
    """
    metal, (whole, stands, coming) = firms.metal, of_metal
    months, response, most = limits
    lacking = (_lacking(sold, stands, coming, months, most) / stands)[metal]
    wanted = _wanted(drawing.left, response, most) * (1.0 + drawing.chance) * drawing.fed
    begun = (wanted + lacking * _relative(firms, whole, drawing.draw * drawing.fed)) * drawing.may
    drawn = _remember(firms.drawn, _relative(firms, whole, drawing.draw), lead[metal])
    elsewhere = growth[metal] * (_relative(firms, whole, drawn) * drawing.may - 1.0)
    spared = _withheld(sold, stands, coming, growth, months)[metal] * (firms.margin < 0.0)
    building, expansion = _build(
        firms.building, firms.expansion, begun * firms.expansion, elsewhere - spared, lead[metal]
    )
    return drawn, building, expansion

"""New capacity of a stage, compiled: what stands and comes of each metal, and where firms begin, finish and give up capacity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lodeflow.agents import firm, guards, investor, memory
from lodeflow.environment.market.rules import compiled_with, rule

_build, _remember = rule(firm.build), rule(memory.remember)
_lacking, _withheld, _wanted = (rule(one) for one in (investor.lacking, investor.withheld, investor.wanted_by_margin))
WHOLE, STANDS, COMING = range(3)
"""Rows of :func:`standing`: capacity that stands, t/month, that over the plan, and what is under construction over the plan."""


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


@compiled_with(firm)
def standing(
    metal: np.ndarray, planned: np.ndarray, expansion: np.ndarray, building: np.ndarray, metals: int
) -> np.ndarray:
    """What stands and what comes of each metal, shape (3, metals): columns of firms, shape (n,), and (stages, n) being built."""
    found, plan = np.zeros((COMING + 1, metals)), np.zeros(metals)
    for n in range(len(metal)):
        plan[metal[n]] += planned[n]
        found[WHOLE, metal[n]] += planned[n] * expansion[n]
        found[COMING, metal[n]] += planned[n] * building[:, n].sum()
    for m in range(metals):
        whole, over = found[WHOLE, m], max(plan[m], guards.NOTHING)
        found[WHOLE, m], found[STANDS, m] = max(whole, guards.NOTHING), max(whole / over, guards.NOTHING)
        found[COMING, m] /= over
    return found


@compiled_with(firm)
def _relative(metal: np.ndarray, stands: np.ndarray, whole: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values over their mean by metal, weighted by capacity that stands, t/month, shape (n,)."""
    sums, over = np.zeros(len(whole)), np.empty(len(values))
    for n in range(len(values)):
        sums[metal[n]] += stands[n] * values[n]
    for m in range(len(whole)):
        sums[m] = max(sums[m] / whole[m], guards.NOTHING)
    for n in range(len(values)):
        over[n] = values[n] / sums[metal[n]]
    return over


@compiled_with(firm, investor, memory)
def placed(
    metal: np.ndarray,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    building: np.ndarray,
    of_metal: np.ndarray,
    sold: np.ndarray,
    growth: np.ndarray,
    lead: np.ndarray,
    drawing: Drawing,
    limits: tuple[float, float, float],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A month of new capacity: how strongly places draw it, smoothed, what is under construction, and what stands. ODD 7.14.

    Args:
        metal: of each firm, shape (n,).
        columns: ``planned``, ``expansion``, ``margin`` and ``drawn`` of the firms before the month, shape (n,) each.
        building: what they are building, shape (stages, n).
        of_metal: :func:`standing`.
        sold: use over the plan that is expected when what is begun will stand, shape (metals,).
        growth: of the plan this month, shape (metals,).
        lead: months from decision to output, shape (metals,).
        drawing: what draws capacity.
        limits: parameters ``plan_months``, ``invest_response`` and ``invest_max``.

    Returns:
        (drawn, building, expansion): shape (n,), (stages, n) and (n,).
    """
    planned, expansion, margin, drawn_before = columns
    whole, over, coming = of_metal[WHOLE], of_metal[STANDS], of_metal[COMING]
    months, response, most = limits
    count, stands = len(metal), planned * expansion
    lacking = _lacking(sold, over, coming, months, most) / over
    spared = _withheld(sold, over, coming, growth, months)
    fed = _relative(metal, stands, whole, drawing.draw * drawing.fed)
    drawn = _relative(metal, stands, whole, drawing.draw)
    begun, changed, time = np.empty(count), np.empty(count), np.empty(count)
    for n in range(count):
        m = metal[n]
        wanted = _wanted(drawing.left[n], response, most) * (1.0 + drawing.chance[n]) * drawing.fed[n]
        begun[n] = (wanted + lacking[m] * fed[n]) * drawing.may[n] * expansion[n]
        drawn[n] = _remember(drawn_before[n], drawn[n], lead[m])
        time[n] = lead[m]
    put = _relative(metal, stands, whole, drawn)
    for n in range(count):
        elsewhere = growth[metal[n]] * (put[n] * drawing.may[n] - 1.0)
        changed[n] = elsewhere - (spared[metal[n]] if margin[n] < 0.0 else 0.0)
    stages, stand = _build(building, expansion, begun, changed, time)
    return drawn, stages, stand

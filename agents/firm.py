"""Firms: long decisions that miners, refiners and recyclers share. Planned output, and capacity that follows the margin."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Population

STAGES = 3
"""Capacity under construction passes through three stages of equal mean time."""


def closed(margin: np.ndarray, response: float, most: float) -> np.ndarray:
    """Capacity that firms close in a month, as a share of what they have: ``response x max(-margin, 0) / 12``, shape (n,).

    ODD 7.14.

    Args:
        margin: mean of the last year, ln points, shape (n,).
        response: per year and ln point (parameter ``invest_response``).
        most: largest share closed in a year (parameter ``close_max``).
    """
    return bounded(-response * margin, 0.0, most) / 12.0


def build(
    firms: Population, begun: np.ndarray, changed: np.ndarray, lead: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """One month of building: the pipeline moves on, what is finished stands, what is closed or put elsewhere goes.

    ``expansion (1 + changed) + finished``. ODD 7.14.

    Args:
        firms: with ``expansion``, capacity relative to plan, and ``building``, the pipeline by stage.
        begun: capacity that is begun, over plan, shape (n,).
        changed: capacity won or lost without building beyond the plan, over what stands, shape (n,).
        lead: mean time from decision to output, months, one or shape (n,).

    Returns:
        (building, expansion): shape (stages, n) and (n,), shares of planned capacity.
    """
    moving = firms.building * (STAGES / lead)
    pipeline = firms.building - moving
    pipeline[1:] += moving[:-1]
    pipeline[0] += begun
    return pipeline, np.maximum(firms.expansion * (1.0 + changed) + moving[-1], 0.0)


def planned_output(
    use: np.ndarray,
    normal: np.ndarray,
    under_way: np.ndarray,
    held: np.ndarray,
    growth: np.ndarray,
    months: float,
    surplus: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Output that meets use, builds stocks as they grow, and closes gaps: ``u + (n + w) g + i + (n - s) / months``. ODD 7.3.

    Args:
        use: what is taken up, t/month, shape (metals,).
        normal, under_way, held: normal stock, goods under way and stock held, t, shape (metals,).
        growth: expected growth of use next month, shape (metals,).
        months: time over which a gap is closed (parameter ``plan_months``).
        surplus: made beyond use because the base year did so, t/month, shape (metals,).

    Returns:
        t/month, shape (metals,).
    """
    planned: np.ndarray = use + (normal + under_way) * growth + surplus + (normal - held) / months
    return planned

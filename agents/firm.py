"""Firms: long decisions that miners, refiners and recyclers share. Planned output, and capacity that follows the margin."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Population

STAGES = 3
"""Capacity under construction passes through three stages of equal mean time."""


def wanted_expansion(margin: np.ndarray, response: float, most: float) -> np.ndarray:
    """Capacity that firms want to add or close in a month, as a share of what they have: ``response x margin / 12``.

    ODD 7.14.

    Args:
        margin: mean of the last year, ln points, shape (n,).
        response: per year and ln point (parameter ``invest_response``).
        most: largest share added or closed in a year (parameter ``invest_max``).

    Returns:
        Share per month, shape (n,); negative where capacity is closed.
    """
    return bounded(response * margin, -most, most) / 12.0


def build(firms: Population, wanted: np.ndarray, lead: float) -> tuple[np.ndarray, np.ndarray]:
    """One month of building: the pipeline moves on, what is finished stands, what makes losses closes.

    ``expansion (1 + min(wanted, 0)) + finished``. ODD 7.14.

    Args:
        firms: with ``expansion``, capacity relative to plan, and ``building``, the pipeline by stage.
        wanted: :func:`wanted_expansion`, share per month, shape (n,).
        lead: mean time from decision to output, months.

    Returns:
        (building, expansion): shape (stages, n) and (n,), shares of planned capacity.
    """
    moving = firms.building * (STAGES / lead)
    pipeline = firms.building - moving
    pipeline[1:] += moving[:-1]
    pipeline[0] += np.maximum(wanted, 0.0) * firms.expansion
    return pipeline, np.maximum(firms.expansion * (1.0 + np.minimum(wanted, 0.0)) + moving[-1], 0.0)


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

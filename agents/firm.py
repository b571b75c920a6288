"""Firms: long decisions that miners, refiners and recyclers share. Planned output, and capacity that follows the margin."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded

STAGES = 3
"""Capacity under construction passes through three stages of equal mean time."""


def closed(margin: np.ndarray, loss: float, response: float, most: float) -> np.ndarray:
    """Capacity that firms close in a month, as a share of what they have: ``response x max(ln c - m, 0) / 12``, shape (n,).

    ODD 7.14.

    Args:
        margin: m, mean of the last year, ln points, shape (n,).
        loss: ln c, of the running cost over what is earned in the base year (parameter ``running_cost``), ln points.
        response: per year and ln point (parameter ``invest_response``).
        most: largest share closed in a year (parameter ``close_max``).
    """
    return bounded(response * (loss - margin), 0.0, most) / 12.0


def losing(months: np.ndarray, profit: np.ndarray) -> np.ndarray:
    """Months in a row in which firms have made a loss: ``n + 1`` while ``ln(earned / cost) < 0``, else 0, months, shape (n,).

    ODD 7.14.

    Args:
        months: n, up to last month, months, shape (n,).
        profit: ln of what is earned over what running costs, ln points, shape (n,).
    """
    return np.where(profit < 0.0, months + 1.0, 0.0)


def shut(months: np.ndarray, patience: float, most: float) -> np.ndarray:
    """Capacity that is shut in a month after ``patience`` months of loss, as a share of what runs: ``most / 12``, shape (n,).

    ODD 7.14.

    Args:
        months: :func:`losing`, months, shape (n,).
        patience: parameter ``loss_months``.
        most: share shut in a year while the loss lasts (parameter ``close_max``).
    """
    return np.where(months >= patience, most / 12.0, 0.0)


def reopened(profit: np.ndarray, cost: float, months: float) -> np.ndarray:
    """Shut capacity that comes back in a month, as a share of it: ``1 / months`` where the profit pays, shape (n,). ODD 7.14.

    Args:
        profit: ln of what is earned over what running costs, ln points, shape (n,).
        cost: of a restart over a year of running (parameter ``restart_cost``): the profit must be above ``ln(1 + cost)``.
        months: time that a restart takes (parameter ``restart_months``).
    """
    return np.where(profit > np.log1p(cost), 1.0 / months, 0.0)


def kept_shut(shut: np.ndarray, months: float) -> np.ndarray:
    """Shut capacity that is not given up in a month: ``shut (1 - 1 / months)``, as a share of plan, shape (n,). ODD 7.14.

    Args:
        shut: as a share of plan, shape (n,).
        months: time over which it is given up (parameter ``shut_months``).
    """
    kept: np.ndarray = shut * (1.0 - 1.0 / months)
    return kept


def build(
    building: np.ndarray, expansion: np.ndarray, begun: np.ndarray, changed: np.ndarray, lead: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """One month of building: the pipeline moves on, what is finished stands, what is closed or put elsewhere goes.

    ``expansion (1 + changed) + finished``. ODD 7.14.

    Args:
        building: the pipeline by stage, over plan, shape (stages, n).
        expansion: capacity relative to plan, shape (n,).
        begun: capacity that is begun, over plan, shape (n,).
        changed: capacity won or lost without building beyond the plan, over what stands, shape (n,).
        lead: mean time from decision to output, months, one or shape (n,).

    Returns:
        (building, expansion): shape (stages, n) and (n,), shares of planned capacity.
    """
    moving = building * (STAGES / lead)
    pipeline = building - moving
    pipeline[1:] += moving[:-1]
    pipeline[0] += begun
    return pipeline, np.maximum(expansion * (1.0 + changed) + moving[-1], 0.0)


def met(expansion: np.ndarray, growth: np.ndarray) -> np.ndarray:
    """What is left of capacity over plan when the plan of a place grows to what was built before it: share, shape (n,).

    ``max(x / f, 1) / x`` where x and f are above 1, else 1: what stands beyond the plan is what the plan asks for. ODD 7.3.

    Args:
        expansion: x, capacity relative to the plan before, shape (n,).
        growth: f, the plan over the one before, shape (n,).
    """
    before, grown = np.maximum(expansion, 1.0), np.maximum(growth, 1.0)
    left: np.ndarray = np.maximum(before / grown, 1.0) / before
    return left


def with_projects(expansion: np.ndarray, added: np.ndarray, planned: np.ndarray) -> np.ndarray:
    """Capacity after projects that come on stream or leave: ``max(x + added / planned, 0)``, share of plan, shape (n,). ODD 7.13.

    Args:
        expansion: x, capacity relative to plan, shape (n,).
        added: t/month, negative where it leaves, shape (n,).
        planned: normal output of the month, t/month, shape (n,).
    """
    after: np.ndarray = np.maximum(expansion + added / np.maximum(planned, guards.NOTHING), 0.0)
    return after


def signed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Growth of a firm's contracts with what it has built: ``max(after / before, 1)``, shape (n,). ODD 7.14.

    Args:
        before, after: capacity over plan, before and after the month, shape (n,).
    """
    return np.maximum(after / np.maximum(before, guards.NOTHING), 1.0)


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

"""Investors: how much new capacity a metal gets, and where. Forecasts adapt to what was seen and count what is being built."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded


def forecast(gap: np.ndarray, usual: np.ndarray, lead: np.ndarray, memory: float, trust: float) -> np.ndarray:
    """Use over the plan that is expected when what is begun now will stand: ``exp[g + trust L (g - m) / M]``, shape (metals,).

    What was planned and what was seen are weighed: the gap between them stays, and grows on as it did over the memory. ODD 7.14.

    Args:
        gap: g, ln of use over what was planned for this month, ln points, shape (metals,).
        usual: m, its mean over the memory, ln points, shape (metals,).
        lead: L, months from decision to output, shape (metals,).
        memory: M, months over which growth is seen (parameter ``forecast_memory``).
        trust: share of the growth seen beyond the plan that is expected to go on (parameter ``forecast_trust``).
    """
    return np.exp(gap + trust * lead * (gap - usual) / memory)


def expected_margin(margin: np.ndarray, coming: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Margin that is left when what is being built will sell: ``m - ln(1 + coming) / eta``, ln points, shape (n,). ODD 7.14.

    Args:
        margin: mean of the last year, ln points, shape (n,).
        coming: capacity under construction over what stands, of the whole world, shape (n,).
        eta: elasticity: the price falls by 1/eta percent for a percent more, shape (n,).
    """
    left: np.ndarray = margin - np.log1p(coming) / eta
    return left


def wanted_by_margin(margin: np.ndarray, response: float, most: float) -> np.ndarray:
    """Capacity that a margin makes firms begin in a month, as a share of what they could feed: ``response x m / 12``, shape (n,).

    Nothing where the margin is a loss. ODD 7.14.

    Args:
        margin: :func:`expected_margin`, ln points, shape (n,).
        response: per year and ln point (parameter ``invest_response``).
        most: largest share begun in a year (parameter ``invest_max``).
    """
    return bounded(response * margin, 0.0, most) / 12.0


def rebuilt(standing: np.ndarray, coming: np.ndarray, margin: np.ndarray, loss: float, months: float) -> np.ndarray:
    """Capacity of recyclers that is begun in a month because it was closed before, as a share of plan, shape (n,). ODD 7.14.

    ``max(1 - k - c, 0) clip(1 - m / ln r, 0, 1) / months``: all that is missing where the whole cost is earned again,
    none where not even the running cost is.

    Args:
        standing, coming: k and c, capacity that stands and is being built, over plan, shape (n,).
        margin: m, mean of the last year, ln points, shape (n,).
        loss: ln r, of the running cost over the whole (parameter ``running_cost``), ln points, below 0.
        months: parameter ``plan_months``.
    """
    pays = bounded(1.0 - margin / loss, 0.0, 1.0)
    return np.maximum(1.0 - standing - coming, 0.0) * pays / months


def prospects(capacity: np.ndarray, ground: np.ndarray, part: float) -> np.ndarray:
    """How mines beyond the plan are spread over what stands and, for a part, over ore in the ground, shape (n,). ODD 7.14.

    ``1 - part + part x share of the ground / share of capacity``: the sum over a metal does not change, and a country without a
    mine gets one when metal is dear.

    Args:
        capacity, ground: shares of each mine in the capacity and in the reserves of its metal, shape (n,).
        part: parameter ``prospect_share``.
    """
    spread: np.ndarray = 1.0 - part + part * ground / np.maximum(capacity, guards.NOTHING)
    return spread


def lacking(forecast: np.ndarray, standing: np.ndarray, coming: np.ndarray, months: float, most: float) -> np.ndarray:
    """Capacity that the forecast asks for in a month beyond what stands and comes, over the plan, shape (metals,). ODD 7.14.

    ``(r - standing - coming) / months``, at least 0, and at most ``most / 12`` of what stands.

    Args:
        forecast: r, use over the plan when it will stand, shape (metals,).
        standing, coming: capacity that stands and that is being built over the plan, shape (metals,).
        months: time over which the gap is closed (parameter ``plan_months``).
        most: largest share begun in a year (parameter ``invest_max``).
    """
    return bounded((forecast - standing - coming) / months, 0.0, most / 12.0 * standing)


def draw(margin: np.ndarray, opportunity: np.ndarray | float, logit: float) -> np.ndarray:
    """How strongly each place draws new capacity: ``(1 + opportunity) exp(logit x m)``, over its capacity, shape (n,). ODD 7.14.

    Args:
        margin: mean of the last year, ln points, shape (n,).
        opportunity: feed at hand that finds no outlet, over the feed of what stands, shape (n,), or 0.
        logit: how strongly a margin draws (parameter ``place_logit``).
    """
    drawn: np.ndarray = (1.0 + opportunity) * np.exp(logit * bounded(margin, *guards.DRAWING_MARGIN))
    return drawn


def withheld(
    forecast: np.ndarray, standing: np.ndarray, coming: np.ndarray, growth: np.ndarray, months: float
) -> np.ndarray:
    """Growth of the plan that firms spare themselves in a month because the forecast asks for less, shape (metals,). ODD 7.14.

    ``(standing + coming - r) / months`` over what stands, at least 0 and at most what the plan grows by.

    Args:
        forecast: r, use over the plan, shape (metals,).
        standing, coming: capacity that stands and that is being built over the plan, shape (metals,).
        growth: of the plan this month, at least 0, a share, shape (metals,).
        months: time over which the gap is closed (parameter ``plan_months``).
    """
    return bounded((standing + coming - forecast) / months, 0.0, growth)

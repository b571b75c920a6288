"""Miners: one row per country, metal and cost tier. They plan output, hold ore, and open or close capacity."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, Population, declare

YEAR = 12
"""Months of a year."""

ATTRIBUTES = declare(
    "miner",
    Attribute("country", "index", 0, "country of the mine", fixed=True, of="countries"),
    Attribute("metal", "index", 0, "metal mined", fixed=True, of="metals"),
    Attribute("tier", "index", 0, "tier on the cost curve, 1 the cheapest", fixed=True),
    Attribute("desk", "index", 0, "ore desk of the country through which it sells", fixed=True, of="ore_desks"),
    Attribute("base", "t/month", 0.0, "output in the base month", fixed=True),
    Attribute("expansion", "1", 1.0, "capacity relative to what was planned for this month"),
    Attribute("utilisation", "1", 1.0, "output relative to normal output of its capacity"),
    Attribute("cost", "1", 1.0, "unit cost relative to the price anchor", fixed=True),
    Attribute("stock", "t", 0.0, "ore or intermediate at the mine"),
    Attribute("reserve", "t", 0.0, "metal in the ground that can be mined"),
    Attribute("normal_stock", "t", 0.0, "ore stock that is normal this month"),
    Attribute("ceiling", "1", 1.0, "capacity over normal output; by-products: at most the recovery limit", fixed=True),
    Attribute("call_months", "months", 4.0, "time constant with which spare capacity is called", fixed=True),
    Attribute("capacity", "t/month", 0.0, "largest output of this month"),
    Attribute("carried", "t/month", np.inf, "largest output that its host carries, infinite where no host decides"),
    Attribute("as_host", "index", -1, "host that the mine is part of, if any", fixed=True, of="hosts"),
    Attribute("potential", "t/month", 0.0, "output before losses and outages"),
    Attribute("host_kept_ahead", "1", 1.0, "share kept as hosts lose output", shape=("horizon", "agent")),
    Attribute("building", "1", 0.0, "capacity under construction, as a share of plan", shape=("stage", "agent")),
    Attribute(
        "recovery", "1", 1.0, "share of the metal in the ore that is recovered; the rest is tailings", fixed=True
    ),
    Attribute("host", "index", -1, "host whose output decides its own, if any", fixed=True, of="hosts"),
    Attribute("host_share", "1", 0.0, "share of output that comes with the host", fixed=True),
    Attribute(
        "recovery_limit", "1", 1.0, "largest by-product output per unit of host output, relative to normal", fixed=True
    ),
    Attribute("planned", "t/month", 0.0, "normal output planned for this month"),
    Attribute("output", "t/month", 0.0, "output of this month"),
    Attribute("drawn", "1", 1.0, "share of new capacity over that of what stands, smoothed over the lead time"),
    Attribute("losing", "months", 0.0, "months in a row in which running costs more than it earns"),
    Attribute("shut", "1", 0.0, "capacity that is shut and can come back, as a share of plan"),
    Attribute("margin", "1", 0.0, "12-month mean of ln(ask / anchor)"),
)


def utilisation_target(
    ask: np.ndarray, cost: np.ndarray, elasticity: np.ndarray, steepness: float, ceiling: np.ndarray
) -> np.ndarray:
    """Output relative to normal that miners aim at.

    A mine whose ask falls to its unit cost runs down along a logistic curve; a high ask calls out more, up to the ceiling
    of its plant. At ask = 1 the target is exactly 1: ``min((1 + c^k) / (1 + (P/c)^-k) max(P, 1)^e, ceiling)``.

    Args:
        ask: ask relative to its anchor, shape (I,).
        cost: unit cost relative to the anchor, shape (I,).
        elasticity: short-run supply elasticity above the anchor, shape (I,).
        steepness: slope of the logistic curve in ln(ask / cost).
        ceiling: capacity over normal output, shape (I,).

    Returns:
        Target utilisation, shape (I,).

    ODD 7.3.
    """
    log_ask, log_cost = np.log(ask), np.log(cost)
    run = (1.0 + np.exp(steepness * log_cost)) / (1.0 + np.exp(-steepness * (log_ask - log_cost)))
    return np.minimum(run * np.exp(elasticity * np.maximum(log_ask, 0.0)), ceiling)


def answer_to_tax(
    ask: np.ndarray,
    cost: np.ndarray,
    elasticity: np.ndarray,
    steepness: float,
    ceiling: np.ndarray,
    taxed: np.ndarray,
    coming: np.ndarray,
) -> np.ndarray:
    """Share of output that mines are expected to keep as a tax on their sales comes: ``min(u*(a n) / u*(a), 1)``, shape (H, I).

    ``n = (1 - coming) / (1 - taxed)`` is what is left of the ask, which holds this month's tax already. ODD 7.13.

    Args:
        ask, cost: relative to the anchor, shape (I,).
        elasticity: short-run supply elasticity above the anchor, shape (I,).
        steepness: slope of the logistic curve in ln(ask / cost).
        ceiling: capacity over normal output, shape (I,).
        taxed: tax of this month over what is sold, a share of the price, shape (I,).
        coming: tax expected over each horizon, a share of the price, shape (H, I).
    """
    left = (1.0 - np.minimum(coming, guards.MOST_TAX)) / (1.0 - np.minimum(taxed, guards.MOST_TAX))
    now = utilisation_target(ask, cost, elasticity, steepness, ceiling)
    then = utilisation_target(ask * left, cost, elasticity, steepness, ceiling)
    kept: np.ndarray = np.minimum(then / np.maximum(now, guards.NOTHING), 1.0)
    return kept


def plan_output(
    miners: Population, host_ratio: np.ndarray, normal_stock: np.ndarray, trapped_months: float
) -> np.ndarray:
    """Output of this month before losses, t/month.

    The part of a by-product that comes with its host follows the host one to one; recovery may rise with the by-product's
    own price up to a technical limit. A stock trapped at the mine beyond ``trapped_months`` of output stops it:
    ``planned x expansion (host_share x ratio x min(u, limit) + (1 - host_share) u) unblocked``.

    Args:
        miners: the miners; ``utilisation`` has been moved for this month.
        host_ratio: host output relative to its plan, shape (I,); 1 where there is no host.
        normal_stock: ore stock that is normal, t, shape (I,).
        trapped_months: months of output above the normal stock at which a mine begins to stop.

    Returns:
        t/month, shape (I,).

    ODD 7.4.
    """
    recovery = np.minimum(np.maximum(miners.utilisation, 0.0), miners.recovery_limit)
    with_host = miners.host_share * host_ratio * recovery
    own = (1.0 - miners.host_share) * miners.utilisation
    normal = miners.planned * miners.expansion
    limit = np.maximum(normal_stock + trapped_months * normal, guards.NOTHING)
    unblocked = bounded(2.0 - miners.stock / limit, 0.0, 1.0)
    wanted: np.ndarray = normal * (with_host + own) * unblocked
    return np.minimum(wanted, miners.reserve)


def move_utilisation(utilisation: np.ndarray, target: np.ndarray, months: float, call: np.ndarray) -> np.ndarray:
    """Utilisation after one month on its way to the target: ``u + (target - u) / months``, shape (I,). ODD 7.3.

    What lies above normal output is spare capacity and is called within its own time; everything else takes ``months``.

    Args:
        utilisation: output relative to normal, shape (I,).
        target: :func:`utilisation_target`, relative to normal, shape (I,).
        months: time constant (parameter ``utilisation_months``).
        call: time constant with which spare capacity is called, months, shape (I,).
    """
    calling = (target > utilisation) & (utilisation >= 1.0)
    moved: np.ndarray = utilisation + (target - utilisation) / np.where(calling, call, months)
    return moved


def capacity(miners: Population, host_ratio: np.ndarray) -> np.ndarray:
    """Largest output of the month, t/month, shape (I,): normal output at the ceiling of the plant; noise does not pass it.

    ``planned x expansion x ceiling x (host share x max(h, 1) + 1 - host share)``: what comes with a host can be more when the
    host makes more than planned; a host that stops takes output, not capacity. ODD 7.3.

    Args:
        miners: the miners.
        host_ratio: host output relative to its plan, shape (I,); 1 where there is no host.
    """
    with_host = miners.host_share * np.maximum(host_ratio, 1.0)
    able: np.ndarray = miners.planned * miners.expansion * miners.ceiling * (with_host + 1.0 - miners.host_share)
    return able


def carried(able: np.ndarray, share: np.ndarray, with_host: np.ndarray) -> np.ndarray:
    """Largest output that its host carries, with what a mine makes without one, t/month, shape (I,). ODD 7.4.

    ``l + (1 - host share) capacity``.

    Args:
        able: :func:`capacity`, t/month, shape (I,).
        share: part of the output that comes with the host, a share, shape (I,).
        with_host: l, :func:`lodeflow.agents.host.limit`, t/month, shape (I,).
    """
    most: np.ndarray = with_host + (1.0 - share) * able
    return most


def kept_with_host(share: np.ndarray, host_kept: np.ndarray) -> np.ndarray:
    """Share of output that is kept as hosts lose theirs: ``1 - share (1 - kept)``, shape (H, I). ODD 7.4.

    Args:
        share: of output that comes with the host, a share, shape (I,).
        host_kept: share of the host's output that is expected to be kept, shape (H, I).
    """
    kept: np.ndarray = 1.0 - share * (1.0 - host_kept)
    return kept


def explored(miners: Population, exploration: float) -> np.ndarray:
    """Ore that exploration adds before noise: ``exploration x planned / recovery``, t, shape (I,). ODD 7.14.

    Args:
        miners: the miners.
        exploration: found over what is planned to be dug (parameter).
    """
    found: np.ndarray = exploration * miners.planned / miners.recovery
    return found


def revised(miners: Population, found: np.ndarray) -> np.ndarray:
    """What is found and written off: ``max(found, output / recovery - reserve)``, t, shape (I,). ODD 7.13.

    No more is written off than is left in the ground after the month.

    Args:
        miners: the miners, with the month's output.
        found: by exploration, projects and revisions together, t, shape (I,).
    """
    change: np.ndarray = np.maximum(found, miners.output / miners.recovery - miners.reserve)
    return change


def returned(usual: np.ndarray, year_end: np.ndarray, months: float, left: float, time: float) -> np.ndarray:
    """How far the anchor is from the mean price of the base year: ``u (1 - e^(-t / T)) + e g``, ln points, shape (metals,).

    Entry and exit bring a price back to what metal costs; the mean of many years says that better than the price of one. And a year
    ends at another price than its mean: ``g`` goes evenly from -1 to 1 through the base year, then fades, ``e^(-(t - left) / T)``.
    ODD 7.14.

    Args:
        usual: u, ln of the mean price of the years up to the base year over that of the base year, ln points, shape (metals,).
        year_end: e, ln of the price at the end of the base year over its mean, ln points, shape (metals,).
        months: t, since the start.
        left: months of the base year that the run has.
        time: T, months (parameter ``price_return_months``).
    """
    after = months - left
    within = float(np.exp(-after / time)) if after >= 0 else max((2.0 * after + YEAR + 1.0) / YEAR, -1.0)
    gone: np.ndarray = usual * -np.expm1(-months / time) + year_end * within
    return gone


def dearer(left: np.ndarray, elasticity: float) -> np.ndarray:
    """How much dearer a tonne is to mine as reserves shrink: ``elasticity (1 - left)``, ln points, shape (metals,). ODD 7.14.

    Args:
        left: reserve over that of the start, a share, shape (metals,).
        elasticity: parameter ``grade_elasticity``.
    """
    cost: np.ndarray = elasticity * (1.0 - left)
    return cost

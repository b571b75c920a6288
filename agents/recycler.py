"""Recyclers: one row per country, product group and class (formal or informal). They separate scrap into metals."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, Population, declare
from lodeflow.agents.scrap_pool import PARTS

ATTRIBUTES = declare(
    "recycler",
    Attribute("country", "index", 0, "country of the plant", fixed=True, of="countries"),
    Attribute("group", "index", 0, "product group whose scrap it takes", fixed=True, of="groups"),
    Attribute("formal", "index", 1, "1 large formal plant, 0 small informal workshop", fixed=True),
    Attribute("base", "USD/month", 0.0, "scrap treated in the base month, valued at base prices", fixed=True),
    Attribute("expansion", "1", 1.0, "capacity relative to what was planned for this month"),
    Attribute("planned", "USD/month", 0.0, "normal throughput planned for this month, at base prices"),
    Attribute("held", "USD", 0.0, "scrap in the yard, at base prices"),
    Attribute("yard", "t", 0.0, "content, formally, informally recoverable metal", shape=("agent", "part x metal")),
    Attribute("value_weight", "1", 0.0, "share of each metal in its base value", fixed=True, shape=("agent", "metal")),
    Attribute(
        "seller",
        "index",
        0,
        "who sells each metal, if anybody (a row past the last: nobody)",
        True,
        ("agent", "metal"),
        "secondary",
    ),
    Attribute("building", "1", 0.0, "capacity under construction, as a share of plan", shape=("stage", "agent")),
    Attribute("throughput", "USD/month", 0.0, "scrap treated this month, at base prices"),
    Attribute(
        "recovered", "t/month", 0.0, "metal that came out of the scrap treated this month", shape=("agent", "metal")
    ),
    Attribute("bid", "1", 1.0, "bid for scrap relative to base"),
    Attribute("margin", "1", 0.0, "12-month mean of ln(value of metals / base value)"),
)


def scrap_bid(value: np.ndarray, cost: float) -> np.ndarray:
    """What recyclers can pay for scrap: ``(value - c) / (1 - c)``, at least :data:`guards.LEAST_BID`, shape (Y,). ODD 7.9.

    Args:
        value: value of the metals that come out, relative to base, shape (Y,).
        cost: separation cost as a share of the base value.
    """
    return np.maximum((value - cost) / (1.0 - cost), guards.LEAST_BID)


def capacity(recyclers: Population, response: float, ceiling: float) -> np.ndarray:
    """Scrap that plants can treat this month, USD at base prices, shape (Y,): ``plan x ceiling x bid^response``. ODD 7.12.

    Args:
        recyclers: the recyclers; ``bid`` has been made.
        response: exponent on the bid (parameter ``recycler_response``): a plant is run harder when scrap pays.
        ceiling: capacity over plan (parameter ``recycler_ceiling``).
    """
    able: np.ndarray = (
        recyclers.planned * recyclers.expansion * ceiling * bounded(recyclers.bid, *guards.RECYCLER_BID) ** response
    )
    return able


def plan_throughput(recyclers: Population, response: float, ceiling: float) -> np.ndarray:
    """Scrap that recyclers want to treat: what lies in the yard, at most the plant's capacity. USD, shape (Y,). ODD 7.12.

    ``min(held, capacity)``.

    Args:
        recyclers: the recyclers; ``held`` is what lies in the yard.
        response, ceiling: see :func:`capacity`.
    """
    return np.minimum(recyclers.held, capacity(recyclers, response, ceiling))


def scrap_order(recyclers: Population, response: float, ceiling: float) -> np.ndarray:
    """Scrap that recyclers order: what their capacity takes beyond the yard, USD at base prices, shape (Y,). ODD 7.10.

    ``max(capacity - held, 0)``.

    Args:
        recyclers: the recyclers.
        response, ceiling: see :func:`capacity`.
    """
    return np.maximum(capacity(recyclers, response, ceiling) - recyclers.held, 0.0)


def value_of_metals(value_weight: np.ndarray, ask: np.ndarray) -> np.ndarray:
    """Value of what each recycler recovers over its base value: ``1 + sum over metals of w (ask - 1)``, shape (Y,). ODD 7.9.

    Args:
        value_weight: share of each metal in the base value, shape (Y, metals).
        ask: ask of the seller of each metal relative to its anchor, 1 where there is none, shape (Y, metals).
    """
    value: np.ndarray = 1.0 + (value_weight * (ask - 1.0)).sum(axis=1)
    return value


def outturn(recovered: np.ndarray, throughput: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Value of what comes out over that of what is inside: ``recovered x price / throughput``, shape (Y,). ODD 7.12.

    Scrap is settled by what comes out of it. A plant that treated nothing counts as one that recovers all.

    Args:
        recovered: metal that came out this month, t, shape (Y, metals).
        throughput: scrap treated this month, USD of metal content at base prices, shape (Y,).
        price: base prices, USD/t, shape (metals,).
    """
    share = np.ones(len(throughput))
    return np.divide(recovered @ price, throughput, out=share, where=throughput > guards.NOTHING)


def learned_skill(skill: np.ndarray, volume: np.ndarray, first_volume: np.ndarray, rate: float) -> np.ndarray:
    """Yields relative to the start: ``1 + rate log2(volume / first volume)``, never falling, shape (groups,). ODD 7.12.

    Args:
        skill: yield over that of the start, as reached so far by each product group, shape (groups,).
        volume, first_volume: scrap treated by formal plants, smoothed, now and at the start, USD/month, shape (groups,).
        rate: gain for every doubling (parameter ``recycler_learning``).
    """
    doublings = np.log2(np.maximum(volume / first_volume, 1.0))
    return np.maximum(skill, 1.0 + rate * doublings)


def recovered(treated: np.ndarray, skill: np.ndarray, formal: np.ndarray, most: float) -> np.ndarray:
    """Metal that comes out of treated scrap by the plant's class, t, shape (Y, metals). ODD 7.12.

    Formal plants recover more as they learn, up to the share ``most`` of the content, or what they began with:
    ``min(formal part x skill, max(most x content, formal part))``; workshops recover the informal part.

    Args:
        treated: content, formally and informally recoverable metal, t, shape (Y, 3 x metals).
        skill: yield over that of the start, of each recycler's product group, shape (Y,).
        formal: boolean as a number, 1 formal, 0 informal, shape (Y,).
        most: largest share of the content that is ever recovered (parameter ``separation_max``).
    """
    metals = treated.shape[1] // PARTS
    inside, first = treated[:, :metals], treated[:, metals : 2 * metals]
    return np.where(formal[:, None] == 1, learned_yield(first, inside, skill, most), treated[:, 2 * metals :])


def learned_yield(first: np.ndarray, inside: np.ndarray | float, skill: np.ndarray, most: float) -> np.ndarray:
    """What formal plants recover: ``min(first x skill, max(most x inside, first))``, t or a share, shape (n,) or (n, metals).

    ODD 7.12.

    Args:
        first: what they recovered at the start, t or a share, shape (n,) or (n, metals).
        inside: content, in the unit of ``first``: t, or 1 for a share, shape of ``first``: shape (n,) or (n, metals).
        skill: yield over that of the start, shape (n,).
        most: largest share of the content that is ever recovered (parameter ``separation_max``).
    """
    learned: np.ndarray = np.minimum((first.T * skill).T, np.maximum(most * inside, first))
    return learned

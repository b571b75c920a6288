"""Recyclers: one row per country, product group and channel (formal, local or informal). They separate scrap into metals."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, Population, declare

ATTRIBUTES = declare(
    "recycler",
    Attribute("country", "index", 0, "country of the plant", fixed=True, of="countries"),
    Attribute("group", "index", 0, "product group whose scrap it takes", fixed=True, of="groups"),
    Attribute("formal", "index", 1, "1 large formal plant, 0 small local firm or informal workshop", fixed=True),
    Attribute("channel", "index", 0, "whether it is formal, local or informal", fixed=True, of="channels"),
    Attribute("cost", "1", 0.0, "separation cost of the base year over the value of what comes out", fixed=True),
    Attribute("base", "USD/month", 0.0, "scrap treated in the base month, valued at base prices", fixed=True),
    Attribute("expansion", "1", 1.0, "capacity relative to what was planned for this month"),
    Attribute("planned", "USD/month", 0.0, "normal throughput planned for this month, at base prices"),
    Attribute("held", "USD", 0.0, "scrap in the yard, at base prices"),
    Attribute("yard", "t", 0.0, "content, recoverable by channel, old metal", shape=("agent", "part x metal")),
    Attribute("foreign", "t", 0.0, "metal in the yard that was collected abroad", shape=("agent", "metal")),
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
    Attribute("way", "km", 0.0, "mean way of the scrap that it buys", fixed=True),
    Attribute("installed", "1", 0.0, "share of the plant that has an added process", shape=("agent", "process")),
    Attribute("installing", "1", 0.0, "the same under construction", shape=("stage", "agent", "process")),
    Attribute("running", "1", 0.0, "share of the scrap put through each added process", shape=("agent", "process")),
    Attribute("process_margin", "1", 0.0, "12-month mean margin of each, ln points", shape=("agent", "process")),
    Attribute("added", "1", 0.0, "what added processes earn over the base value of the usual one"),
    Attribute("bid", "1", 1.0, "bid for scrap relative to base"),
    Attribute("margin", "1", 0.0, "12-month mean of ln(value of metals / base value)"),
)


def scrap_bid(value: np.ndarray, base_cost: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """What recyclers can pay for scrap: ``(value - c) / (1 - c0)``, at least :data:`guards.LEAST_BID`, shape (Y,). ODD 7.9.

    Args:
        value: value of the metals that come out, relative to base, shape (Y,).
        base_cost: c0, separation cost of the base year, as a share of the base value, shape (Y,).
        cost: c, the same of this month, less what the state pays, shape (Y,).
    """
    return np.maximum((value - cost) / (1.0 - base_cost), guards.LEAST_BID)


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


def value_of_metals(value_weight: np.ndarray, ask: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Value of what each recycler recovers over its base value: ``1 + sum over metals of w (ask - 1) + added``, shape (Y,).

    ODD 7.9.

    Args:
        value_weight: share of each metal in the base value, shape (Y, metals).
        ask: ask of the seller of each metal relative to its anchor, 1 where there is none, shape (Y, metals).
        added: what added processes earned last month over the base value, shape (Y,).
    """
    value: np.ndarray = 1.0 + (value_weight * (ask - 1.0)).sum(axis=1) + added
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


def unlearned(left: np.ndarray, volume: np.ndarray, first_volume: np.ndarray, rate: float) -> np.ndarray:
    """Part of the gap to the best plants that is left: ``(1 - rate)^log2(volume / first volume)``, never rising, shape (groups,).

    An experience curve: every doubling of the scrap treated so far closes the same share of the gap. ODD 7.12.

    Args:
        left: what was left so far, a share by product group, shape (groups,).
        volume, first_volume: experience of formal plants, now and at the start, USD/month, shape (groups,).
        rate: share of the gap closed by a doubling (parameter ``recycler_learning``).
    """
    doublings = np.log2(np.maximum(volume / first_volume, 1.0))
    return np.minimum(left, (1.0 - rate) ** doublings)


def learned_yield(first: np.ndarray, best: np.ndarray, left: np.ndarray) -> np.ndarray:
    """What formal plants recover: ``first + max(best - first, 0) (1 - left)``, t or a share, shape (n,) or (n, metals). ODD 7.12.

    Args:
        first: what they recovered at the start, t or a share, shape (n,) or (n, metals).
        best: what the best plants would, in the unit of ``first``: t or a share, shape of ``first``: shape (n,) or (n, metals).
        left: :func:`unlearned`, a share, shape (n,) or (n, 1).
    """
    learned: np.ndarray = first + np.maximum(best - first, 0.0) * (1.0 - left)
    return learned


def out_of(recovered: np.ndarray, part: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """What came out of a part of the scrap, old scrap or scrap from abroad: ``recovered x part / content``, t, shape (Y, metals).

    All scrap of a yard is one heap: it gives the same. ODD 7.12.

    Args:
        recovered: metal that came out, t, shape (Y, metals).
        part, inside: metal of that part in the scrap treated, and its content, t, shape (Y, metals) each.
    """
    share = part / np.maximum(inside, guards.NOTHING) * (inside > guards.NOTHING)
    return np.minimum(recovered * share, recovered)

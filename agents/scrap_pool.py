"""Scrap pools: one row per country and product group, where collected and new scrap waits for recyclers.

What lies in a pool is kept in five parts of one matrix: the metals' content, what formal plants can recover of it, what small local
firms can, what informal workshops can, and how much of the content is old scrap, from products at the end of their life.
"""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, Population, declare

CHANNELS = ("formal", "local", "informal")
"""Who recycles scrap: large formal plants, small local firms, informal workshops. Workshops are the last two together elsewhere."""
FORMAL, OLD, PARTS = 1, 1 + len(CHANNELS), 2 + len(CHANNELS)
"""Places of the parts in the matrix, and their number. Content stands first, then what each channel can recover of it, in the order
of :data:`CHANNELS`, and the part of the content that comes from old products."""

ATTRIBUTES = declare(
    "scrap pool",
    Attribute("country", "index", 0, "country of the collectors", fixed=True, of="countries"),
    Attribute("group", "index", 0, "product group", fixed=True, of="groups"),
    Attribute("scrap", "t", 0.0, "content, recoverable by channel, old metal", shape=("agent", "part x metal")),
    Attribute("new_scrap", "t", 0.0, "new scrap of this month, in the same parts", shape=("agent", "part x metal")),
    Attribute("arising", "t", 0.0, "scrap that came in this month, in the same parts", shape=("agent", "part x metal")),
    Attribute("mix", "t/USD", 0.0, "metal in a dollar of the scrap sold this month", shape=("agent", "metal")),
    Attribute("old_share", "1", 0.0, "share of old metal in the scrap sold this month", shape=("agent", "metal")),
    Attribute("informal", "1", 0.0, "share of what is collected that goes to small local firms and informal workshops"),
    Attribute("local", "1", 0.0, "part of that which small local firms take", fixed=True),
    Attribute("formal_trend", "1", 0.0, "rise of ln(formal plants / workshops) in it, ln points a month", fixed=True),
    Attribute("rate", "USD/month", 0.0, "scrap that comes in, at base prices, smoothed"),
    Attribute("ask", "1", 1.0, "ask relative to base"),
    Attribute("memory", "1", 0.0, "ln of the ask, smoothed over the memory of collectors"),
)


def content(parts: np.ndarray) -> np.ndarray:
    """Metal content of scrap kept in parts: a view of the first part, ``parts[:, :K / 5]``, shape (n, metals). ODD 7.12.

    Args:
        parts: content, what is recoverable by channel and old metal side by side, t, shape (n, 5 x metals).
    """
    return parts[:, : parts.shape[1] // PARTS]


def old_share(parts: np.ndarray) -> np.ndarray:
    """Share of old metal in scrap kept in parts: ``old / content``, 0 where there is none, 0 to 1, shape (n, metals). ODD 7.12.

    Args:
        parts: content, what is recoverable by channel and old metal side by side, t or t/USD, shape (n, 5 x metals).
    """
    inside, old = content(parts), parts[:, parts.shape[1] // PARTS * OLD :]
    return bounded(old / np.maximum(inside, guards.LEAST), 0.0, 1.0)


def offers(value: np.ndarray, arising: np.ndarray, normal: np.ndarray, months: float) -> np.ndarray:
    """Scrap that collectors offer: what came in, and part of what lies above normal, USD at base prices, shape (Q,). ODD 7.10.

    ``min(arising + (value - arising - normal) / months, value)``, at least 0.

    Args:
        value: of all that lies in the pool, USD at base prices, shape (Q,).
        arising: what came in this month, USD at base prices, shape (Q,).
        normal: what a pool normally holds, USD at base prices, shape (Q,).
        months: time over which the gap is sold (parameter ``offer_months``).
    """
    before = value - arising
    return bounded(arising + (before - normal) / months, 0.0, value)


def normal_stock(pools: Population, cover: float) -> np.ndarray:
    """What pools normally hold: ``cover x rate``, USD at base prices, shape (Q,). ODD 7.10.

    Args:
        pools: the scrap pools.
        cover: months of what comes in (parameter ``scrap_cover``).
    """
    normal: np.ndarray = cover * pools.rate
    return normal


def handed_over(before: np.ndarray, now: np.ndarray, formal: np.ndarray) -> np.ndarray:
    """What formal plants and workshops take of a pool over what they took: ``(1 - i') / (1 - i)`` or ``i' / i``, shape (n,).

    ODD 7.12. 1 for who took nothing before.

    Args:
        before, now: i and i', share of workshops, shape (n,).
        formal: share of its capacity that is formal: 1 where the buyer is a formal plant and 0 where a workshop, shape (n,).
    """
    took = formal * (1.0 - before) + (1.0 - formal) * before
    takes = formal * (1.0 - now) + (1.0 - formal) * now
    some = took > 0.0
    changed: np.ndarray = takes / np.maximum(took, guards.NOTHING) * some + (1.0 - some)
    return changed


def ask(log_bid: np.ndarray) -> np.ndarray:
    """Ask of each pool: the geometric mean of what recyclers bid, ``exp(mean ln bid)``, relative to base, shape (Q,). ODD 7.9.

    Args:
        log_bid: mean by contract, ln points, shape (Q,).
    """
    return np.exp(log_bid)

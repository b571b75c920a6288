"""Sellers: what miners, refiners and recyclers offer and ask."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded


def offers(
    stock: np.ndarray, output: np.ndarray, normal: np.ndarray, ask: np.ndarray, release: float, months: float
) -> np.ndarray:
    """What sellers offer this month: ``output + (stock - normal ask^-release) / months``, within what they have, t.

    Sellers keep less stock when prices are high. ODD 7.10.

    Args:
        stock: at the start of the month, t, shape (S,).
        output: of the month, t, shape (S,).
        normal: normal stock, t, shape (S,).
        ask: relative to the anchor, shape (S,).
        release: exponent of the wanted stock on the ask (parameter ``seller_release``).
        months: time over which the gap to the wanted stock is sold (parameter ``offer_months``).

    Returns:
        t, shape (S,), between 0 and stock + output.
    """
    target = normal * bounded(ask, *guards.RELEASE_ASK) ** -release
    return bounded(output + (stock - target) / months, 0.0, stock + output)


def net_bid(bid: np.ndarray, open_now: np.ndarray, tax: np.ndarray) -> np.ndarray:
    """ln of what a sale over each edge brings: ``ln(l + o (b - l)) + ln(1 - tax)`` with ``l = min(b, 1)``, shape (E,). ODD 7.8.

    What a restriction holds back is worth the anchor at most: it can be sold only after the end, together with all else that
    was held back.

    Args:
        bid: of the buyer, relative to the anchor, shape (E,).
        open_now: share of the edge's largest flow that measures let through this month, shape (E,).
        tax: export tax, share of the price, shape (E,).
    """
    later = np.minimum(bid, 1.0)
    return np.log(later + open_now * (bid - later)) + np.log1p(-np.minimum(tax, guards.MOST_TAX))


def asks(
    mean_bid: np.ndarray, has_outlet: np.ndarray, placed: np.ndarray, old: np.ndarray, fade: float, floor: float
) -> np.ndarray:
    """Ask of each seller: the mean net bid, times what an unsold share takes off, at least the floor. ODD 7.8.

    A seller without any outlet keeps a share ``fade`` of its old ask.

    Args:
        mean_bid: allocation-weighted mean of :func:`net_bid`, ln points, shape (S,).
        has_outlet: where it is defined, shape (S,).
        placed: :func:`unsold`, shape (S,).
        old: last month's ask, shape (S,).
        fade, floor: parameters ``outlet_fade`` and ``ask_floor``.
    """
    ask = np.where(has_outlet, np.exp(mean_bid), fade * old)
    return np.maximum(ask * placed, floor)


def unsold(share: np.ndarray, expected: np.ndarray, nothing: np.ndarray, discount: float) -> np.ndarray:
    """What a seller takes off its ask because it cannot place all: ``min(share / expected, 1)^discount``, shape (S,). ODD 7.8.

    A tonne more finds no buyer, and sellers compete for the outlets that are left.

    Args:
        share: of its supply that it can place, shape (S,).
        expected: the same on the expected path, shape (S,).
        nothing: True for sellers who have nothing to sell, shape (S,).
        discount: parameter ``unsold_discount``.
    """
    relative = np.minimum(share / np.maximum(expected, guards.NOTHING), 1.0)
    return np.where(nothing, 1.0, relative**discount)

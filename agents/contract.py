"""Contracts: how far trade stretches beyond them in a month, and how they move to who delivered."""

from __future__ import annotations

import numpy as np


def largest_flow(ready: np.ndarray, room: np.ndarray, surge: np.ndarray) -> np.ndarray:
    """Largest flow of an open edge: ``surge x ready + room``, t/month, shape (E,). ODD 7.5.

    Args:
        ready: flow that is contracted or that ships, staff and customs stand ready for, t/month, shape (E,).
        room: :func:`room`, t/month, shape (E,).
        surge: trade over what is ready, shape (E,): at home parameter ``surge_home``, across a border ``surge``, or ``surge_month``
            within a single month.
    """
    most: np.ndarray = surge * ready + room
    return most


def scrap_limit(base: np.ndarray, allowed: np.ndarray, room: float) -> np.ndarray:
    """Largest flow of a scrap edge under a limit, USD/month at base prices, shape (E,). ODD 7.13.

    ``allowed x base / min((1 - allowed) / room, 1)``: no limit at all where all is allowed, the share of the base flow once more
    than ``room`` is forbidden.

    Args:
        base: flow in the base month, USD/month at base prices, shape (E,).
        allowed: share of it that may move, shape (E,).
        room: share forbidden at which the room above the base flow has vanished (parameter ``restriction_room``).
    """
    forbidden = np.minimum((1.0 - allowed) / room, 1.0)
    most: np.ndarray = np.divide(allowed * base, forbidden, out=np.full(len(base), np.inf), where=forbidden > 0.0)
    return most


def room(
    of_seller: np.ndarray, of_buyer: np.ndarray, opening: float, spread: np.ndarray | float = 0.0, pull: float = 0.0
) -> np.ndarray:
    """New trade that partners take up within a month: ``opening (1 + pull d) min(seller, buyer)``, t/month, shape (E,). ODD 7.5.

    Args:
        of_seller, of_buyer: all contracts of the seller and of the buyer of each edge, t/month, shape (E,).
        opening: share of the smaller partner's trade (parameter).
        spread: d, what the buyer pays over what the seller asks, at least 0, ln points, shape (E,).
        pull: how much more is taken up per ln point of it (parameter ``spread_opening``).
    """
    new: np.ndarray = opening * (1.0 + pull * spread) * np.minimum(of_seller, of_buyer)
    return new


def both(of_seller: np.ndarray, of_buyer: np.ndarray) -> np.ndarray:
    """Growth of a contract whose partners plan to grow: ``max(s, b, 1) min(s, b, 1)``, shape (E,). ODD 7.14.

    Who grows signs for it; where both do, they sign once.

    Args:
        of_seller, of_buyer: planned output of next month over this month's beyond what the metal grows by, shape (E,).
    """
    more: np.ndarray = np.maximum(np.maximum(of_seller, of_buyer), 1.0)
    signed: np.ndarray = more * np.minimum(np.minimum(of_seller, of_buyer), 1.0)
    return signed


def renewed(
    agreed: np.ndarray, delivered: np.ndarray, growth: np.ndarray, speed: float, free: np.ndarray
) -> np.ndarray:
    """Contracts after one month: ``(w + speed (f - w)) G``, t/month, shape (E,). ODD 7.14.

    Args:
        agreed: w, as it stands, t/month, shape (E,).
        delivered: f, with a trace of the base flow so that no partner is forgotten, t/month, shape (E,).
        growth: G, expected use of next month over this month's, for contracts are signed ahead, shape (E,).
        speed: share moved in a month (parameter ``contract_drift``).
        free: 0 for edges under a measure that is known, where what it lets through is no new normal, else 1; a share, shape (E,).
    """
    signed: np.ndarray = (agreed + speed * (delivered - agreed) * free) * growth
    return signed

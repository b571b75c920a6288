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


def net_bid(
    bid: np.ndarray, open_now: np.ndarray | float, tax: np.ndarray | float, reached: np.ndarray | float = 1.0
) -> np.ndarray:
    """ln of what a sale over each edge brings: ``ln(l + o (r b - l)) + ln(1 - tax)``, ``l = min(r b, 1)``, shape (E,). ODD 7.8.

    What a restriction holds back is worth the anchor at most: it can be sold only after the end, together with all else that
    was held back.

    Args:
        bid: of the buyer, relative to the anchor, shape (E,).
        open_now: share of the edge's largest flow that measures let through this month, shape (E,).
        tax: export tax, share of the price, shape (E,).
        reached: r, :func:`reach`, share of what is paid that is left after duty and freight, shape (E,).
    """
    bid = bid * reached
    later = np.minimum(bid, 1.0)
    return np.log(later + open_now * (bid - later)) + np.log1p(-np.minimum(tax, guards.MOST_TAX))


def worth(mean_bid: np.ndarray, has_outlet: np.ndarray, before: np.ndarray, fade: float) -> np.ndarray:
    """What a tonne is worth to each seller: the mean net bid where it sells, ln points, shape (S,). ODD 7.8.

    Without any outlet it falls: ``before + ln fade``.

    Args:
        mean_bid: allocation-weighted mean of :func:`net_bid`, ln points, shape (S,).
        has_outlet: where it is defined, boolean, shape (S,).
        before: last month's, ln points, shape (S,).
        fade: what is left of it after a month (parameter ``outlet_fade``).
    """
    return np.where(has_outlet, mean_bid, before + np.log(fade))


def discount(share: np.ndarray, expected: np.ndarray, nothing: np.ndarray, response: float, floor: float) -> np.ndarray:
    """What a seller who cannot place all comes to take off: ``response ln(min(share / expected, 1))``, ln points, shape (S,).

    A tonne more finds no buyer, and sellers compete for the outlets that are left. ODD 7.8.

    Args:
        share: share of its supply that it can place, shape (S,).
        expected: the same share on the expected path, shape (S,).
        nothing: True for sellers who have nothing to sell, boolean, shape (S,).
        response: parameter ``unsold_discount``.
        floor: least share that counts (parameter ``ask_floor``).
    """
    relative = np.minimum(share / np.maximum(expected, guards.NOTHING), 1.0)
    return np.where(nothing, 0.0, response * np.log(np.maximum(relative, floor)))


def notice_unsold(before: np.ndarray, seen: np.ndarray, rise: float, fall: float) -> np.ndarray:
    """What sellers take off: as what buyers miss, noticed fast and forgotten slowly, ln points, shape (S,). ODD 7.8.

    ``u + speed (seen - u)``, with ``rise`` as the speed of a fall, else ``1 / fall``. So an end that nears and is put off does
    not throw the ask about.

    Args:
        before: last month's, ln points, shape (S,).
        seen: :func:`discount` of this month, ln points, shape (S,).
        rise: share of a fall taken over in a month (parameter ``missing_rise``).
        fall: months over which it is forgotten (parameter ``missing_fall``).
    """
    speed = np.where(seen < before, rise, 1.0 / fall)
    moved: np.ndarray = before + speed * (seen - before)
    return moved


def ask(worth: np.ndarray, unsold: np.ndarray, floor: float) -> np.ndarray:
    """Ask of each seller: ``exp(worth + unsold)``, at least the floor, relative to the anchor, shape (S,). ODD 7.8.

    Args:
        worth: :func:`worth`, ln points, shape (S,).
        unsold: :func:`notice_unsold`, ln points, shape (S,).
        floor: parameter ``ask_floor``.
    """
    return np.maximum(np.exp(worth + unsold), floor)


def transaction_price(
    bid: np.ndarray,
    ask: np.ndarray,
    open_now: np.ndarray,
    duty: np.ndarray | float = 0.0,
    freight: np.ndarray | float = 0.0,
) -> np.ndarray:
    """What a tonne costs on each edge, freight paid, before duty: ``[b / (1 + d)]^(1 - o/2) (a + f)^(o/2)``, shape (..., E).

    Partners meet half-way. Where a measure lets only a share o of trade through, sellers choose whom they serve and the price
    moves towards the bid. A duty d comes on top for the buyer; out of the price the seller pays the freight. ODD 7.8.

    Args:
        bid: b, of the buyer, relative to base, shape (..., E).
        ask: a, of the seller, relative to base, shape (..., E).
        open_now: o, share of the edge's largest flow that measures let through, shape (..., E).
        duty: d, import duty that measures add, share of the price, shape (..., E).
        freight: f, what closures add to freight, relative to base, shape (..., E).
    """
    sellers = guards.HALF_WAY * open_now
    price: np.ndarray = (bid / (1.0 + duty)) ** (1.0 - sellers) * (ask + freight) ** sellers
    return price


def half_way(price: np.ndarray) -> np.ndarray:
    """Part of one side in :func:`transaction_price` where all trade is let through, ``p^(1/2)``: of a bid or an ask. ODD 7.8.

    Args:
        price: relative to the anchor, shape (...,).
    """
    half: np.ndarray = price ** np.full_like(price, guards.HALF_WAY)  # not a number: numpy takes roots by another way
    return half


def reach(bid: np.ndarray, duty: np.ndarray, freight: np.ndarray) -> np.ndarray:
    """Share of what a buyer pays that reaches the seller: ``1 / (1 + d) - f / b``, shape (E,). ODD 7.8, 7.16.

    Args:
        bid: b, of the buyer, relative to the anchor, shape (E,).
        duty: d, import duty that measures add, share of the price before duty, shape (E,).
        freight: f, what closures add to freight, relative to the anchor, shape (E,).
    """
    return np.maximum(1.0 / (1.0 + duty) - freight / bid, guards.LEAST_REACH)


def reach_pull(reached: np.ndarray | float, theta: float) -> np.ndarray | float:
    """How duty and freight turn sellers away from an edge: ``reach^theta``, relative to none, any shape (..., E). ODD 7.10.

    Args:
        reached: :func:`reach`, share of what is paid, shape (..., E).
        theta: exponent with which trade follows what is paid (parameter).
    """
    return reached**theta


def tax_pull(tax: np.ndarray, theta: float) -> np.ndarray:
    """How an export tax turns sellers away from an edge: ``(1 - tax)^theta``, relative to no tax, shape (E,). ODD 7.10.

    Args:
        tax: export tax, share of the price, shape (E,).
        theta: exponent with which trade follows what is paid (parameter).
    """
    pull: np.ndarray = (1.0 - np.minimum(tax, guards.MOST_TAX)) ** theta
    return pull


def both_taxes(tax: np.ndarray, more: np.ndarray | float) -> np.ndarray:
    """Two taxes on one sale, the second on what the first leaves: ``t + u - t u``, share of the price, shape (..., E). ODD 7.13.

    Args:
        tax: t, share of the price, shape (..., E).
        more: u, share of the price, one or shape (..., 1) or (..., E).
    """
    both: np.ndarray = tax + more - tax * more
    return both


def sold_above(bid: np.ndarray, floor: np.ndarray, theta: float) -> np.ndarray:
    """Share of trade that is left where nothing may be sold below a price: ``min((bid / floor)^theta, 1)``, shape (E,). ODD 7.13.

    Args:
        bid: that the buyer would pay, relative to the anchor, shape (E,).
        floor: least price, relative to the anchor, shape (E,); 0: none.
        theta: exponent with which trade follows what is paid (parameter).
    """
    left: np.ndarray = np.minimum(bid / np.maximum(floor, guards.NOTHING), 1.0) ** theta
    return left


def green_pull(premium: np.ndarray, recycled: np.ndarray, theta: float) -> np.ndarray:
    """How a premium for recycled metal draws it to an edge: ``exp(theta g)``, relative to none, shape (E,). ODD 7.10, 7.14.

    Args:
        premium: g, that the buyer pays, ln points, shape (E,).
        recycled: share of the seller's metal that is recycled and fit for the buyer's rule, shape (E,).
        theta: exponent with which trade follows what is paid (parameter).
    """
    return np.exp(theta * premium * recycled)


def eagerness(price: np.ndarray, order: np.ndarray, normal: np.ndarray, theta: float) -> np.ndarray:
    """How much of a seller's offer a buyer draws over its contract: ``P^theta order / normal``, shape (B,). ODD 7.10.

    Args:
        price: that the buyer pays, relative to the anchor, shape (B,).
        order: t, shape (B,).
        normal: all contracts of the buyer, t/month, shape (B,).
        theta: exponent with which trade follows what is paid (parameter).
    """
    drawn: np.ndarray = price**theta * order / np.maximum(normal, guards.LEAST)
    return drawn


def scarcity_pull(theta: float, eta: np.ndarray) -> np.ndarray:
    """Exponent with which scarce buyers draw what is expected: ``theta / eta`` in ``A^-(theta/eta)``, shape (B,). ODD 7.5.

    Args:
        theta: exponent with which trade follows what is paid (parameter).
        eta: elasticity: the price rises by 1/eta percent for a percent that is missing, shape (B,).
    """
    exponent: np.ndarray = theta / eta
    return exponent


def most_leakage(usual: float, diverted: float, elsewhere: float, months: float, memory: float) -> float:
    """Largest share of normal flow that gets around a restriction: ``usual + (diverted - usual) o (1 - exp(-n / M))``. ODD 7.13.

    Smugglers carry the usual part. Where others may still buy, traders learn to send on what they bought.

    Args:
        usual: share that leaks of a restriction on everybody (parameter ``leakage``).
        diverted: share that third countries send on when they have learnt it (parameter ``diversion``).
        elsewhere: o, share of the country's exports that goes to buyers whom the measure leaves free.
        months: n, in force so far.
        memory: M, time over which it is learnt, months (parameter ``diversion_months``).
    """
    return usual + max(diverted - usual, 0.0) * elsewhere * -float(np.expm1(-months / memory))


def past_measure(allowed: np.ndarray, around: np.ndarray) -> np.ndarray:
    """Share of normal flow that a measure against some buyers leaves: ``o + (1 - o) a``, shape (E,). ODD 7.13.

    What went through third countries before the measure is sent to them, and is not forbidden.

    Args:
        allowed: a, share of what goes straight that is let through, shape (E,).
        around: o, share of the flow that goes through third countries, shape (E,).
    """
    left: np.ndarray = around + (1.0 - around) * allowed
    return left


def leakage(gap: np.ndarray, most: float, slope: float) -> np.ndarray:
    """Share of normal flow that finds its way around a restriction: ``most (1 - exp(-slope gap))``, shape (E,). ODD 7.13.

    Args:
        gap: the buyer's price over the seller's ask, at least 0, ln points, shape (E,).
        most: share that leaks at most (parameter ``leakage``).
        slope: per ln point (parameter ``leakage_slope``).
    """
    leak: np.ndarray = most * -np.expm1(-slope * gap)
    return leak

"""Countries: government, households and customs. They hold strategic reserves and collect what comes out of use."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, declare

MONTHS = 12.0
"""Months of a year."""
ATTRIBUTES = declare(
    "country",
    Attribute("latitude", "degree", 0.0, "where it is drawn, north positive", fixed=True),
    Attribute("longitude", "degree", 0.0, "where it is drawn, east positive", fixed=True),
    Attribute("population", "persons", 0.0, "people in the base year", fixed=True),
    Attribute("gdp", "USD/year", 0.0, "income in the base year, current USD", fixed=True),
    Attribute(
        "informal_share",
        "1",
        0.0,
        "share of collected scrap that goes to informal workshops in the year of its figures; pools hold the share of now",
        fixed=True,
    ),
)


def collection_rate(
    base: np.ndarray, scrap_price: np.ndarray, elasticity: float, ceiling: float | np.ndarray
) -> np.ndarray:
    """Share of end-of-life products that is collected.

    Collectors bring in more when scrap pays: ``c (P_scrap)^e``, at most ``ceiling``.

    Args:
        base: share collected at base prices, including what a rule asks for, shape (V,).
        scrap_price: price of scrap relative to base, shape (V,).
        elasticity: of collection to the scrap price.
        ceiling: largest share that can ever be collected, one or shape (V,) (:func:`achievable`).

    Returns:
        Share, shape (V,).

    ODD 7.12.
    """
    return np.minimum(base * bounded(scrap_price, *guards.COLLECTION_PRICE) ** elasticity, np.maximum(base, ceiling))


def built_up(rate: np.ndarray, trend: np.ndarray, ceiling: float | np.ndarray) -> np.ndarray:
    """Collection at base prices as systems are built up: along a logistic line, ``r e^s / (1 + (r / c) (e^s - 1))``, shape (n,).

    ODD 7.12.

    Args:
        rate: r, share collected before, shape (n,).
        trend: s, rise of ln(r / (c - r)) over the time that passes, ln points, shape (n,).
        ceiling: c, largest share that can be collected (:func:`achievable`), one or shape (n,); a rate above it stays.
    """
    grown = np.exp(trend)
    return np.where(rate < ceiling, rate * grown / (1.0 + (rate / ceiling) * (grown - 1.0)), rate)


def achievable(ceiling: float, kinds: np.ndarray, life: np.ndarray, by_kinds: float, by_life: float) -> np.ndarray:
    """Largest share that can be collected of each product: ``c^(k^a max(1 / l, 1)^b)``, shape (products,). ODD 7.12.

    It falls with the diversity of goods and with short cycles.

    Args:
        ceiling: c, the largest share of one kind of long-lived goods (parameter ``collection_max``).
        kinds: k, kinds of goods that must be told apart, relative to one, at least 1, shape (products,).
        life: l, mean lifetime over that from which on cycles hinder nobody (parameter ``collection_life``), shape (products,).
        by_kinds, by_life: a and b (parameters ``collection_kinds`` and ``collection_cycle``).
    """
    share: np.ndarray = ceiling ** (kinds**by_kinds * np.maximum(1.0 / life, 1.0) ** by_life)
    return share


def reserve_release(
    reserve: np.ndarray,
    cover: np.ndarray,
    price: np.ndarray,
    months: float,
    low_cover: float | np.ndarray,
    high_price: float | np.ndarray,
) -> np.ndarray:
    """Metal that governments release this month, t, shape (B,).

    A reserve opens when firms hold less than ``low_cover`` of their normal stock and the price is above ``high_price``; it
    empties over ``months``: ``reserve / months``. ODD 7.14.

    Args:
        reserve: t, shape (B,).
        cover: what firms hold over their normal stock, shape (B,).
        price: relative to the anchor, shape (B,).
        months: parameter ``reserve_release_months``.
        low_cover: share of normal stock, parameter ``reserve_low_cover`` or a rule, one or shape (B,).
        high_price: relative to the anchor, parameter ``reserve_high_price`` or a rule, one or shape (B,).
    """
    opened = (cover < low_cover) & (price > high_price)
    return np.where(opened, reserve / months, 0.0)


def reserve_order(
    reserve: np.ndarray,
    target: np.ndarray,
    price: np.ndarray,
    months: float | np.ndarray,
    calm_price: float | np.ndarray,
) -> np.ndarray:
    """Metal that governments want to buy back this month, t, shape (B,): ``(target - reserve) / months`` while prices are calm.

    ODD 7.14.

    Args:
        reserve, target: t, shape (B,).
        price: relative to the anchor, shape (B,).
        months: parameter ``reserve_refill_months`` or a rule, months, one or shape (B,).
        calm_price: relative to the anchor, parameter ``reserve_calm_price`` or a rule, one or shape (B,).
    """
    return np.where(price < calm_price, np.maximum(target - reserve, 0.0) / months, 0.0)


def over_usual(price: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """How far prices stand above what is usual: ``ln(p / m)``, ln points, shape (metals,). ODD 7.18.

    Args:
        price: p, over that of the base year, 1, shape (metals,).
        usual: m, mean of the months before, likewise, 1, shape (metals,).
    """
    above: np.ndarray = np.log(price / usual)
    return above


def warning_index(own: np.ndarray, monthly: np.ndarray, weight: float) -> np.ndarray:
    """Index of the early warning: ``tide + weight x own``, ln points, shape (metals,); the tide is 0 where no price is monthly.

    ODD 7.18.

    Args:
        own: :func:`over_usual` of each metal, ln points, shape (metals,).
        monthly: whether its price is published every month; the tide is the mean over these, boolean, shape (metals,).
        weight: of a metal's own price.
    """
    tide = own[monthly].mean() if monthly.any() else 0.0
    index: np.ndarray = tide + weight * own
    return index


def shielded(owned: float, shield: float) -> float:
    """Part of a flow that passes a measure because its buyer owns it: ``min(owned, 1) x shield``. ODD 7.14.

    Args:
        owned: what is owned over what flows to the owner.
        shield: share of it that the measure lets through (parameter ``stake_shield``).
    """
    return min(owned, 1.0) * shield


def monthly_interest(yearly: float) -> float:
    """What a loan costs in a month: ``(1 + r)^(1/12) - 1``, a share. ODD 7.14.

    Args:
        yearly: r, interest of a year, a share.
    """
    return float((1.0 + yearly) ** (1.0 / MONTHS) - 1.0)


def under_rule(before: np.ndarray, target: np.ndarray | float, progress: float) -> np.ndarray:
    """What a rule lifts a rate or a yield to: ``before + max(target - before, 0) x progress``, shape (n,). ODD 7.14.

    Args:
        before: rate or yield without the rule, a share, or t of a given content, shape (n,).
        target: what the rule asks for, a share or t as ``before``, shape (n,) or one for all.
        progress: part of the way that has been gone, 0 to 1.
    """
    lifted: np.ndarray = before + np.maximum(target - before, 0.0) * progress
    return lifted


def approved_share(expected: float, noise: float) -> float:
    """Share of normal exports that a government licenses this month: ``max(1 - (1 - a) noise, 0)``. ODD 7.13.

    Args:
        expected: a, share that it approves on average (parameter ``licence_approval``, or what the measure says).
        noise: mean 1.
    """
    refused = (1.0 - expected) * noise
    return max(1.0 - refused, 0.0)


def top_up(income: float, worth: float) -> float:
    """What money for collectors adds to the price of scrap: ``ln(1 + income / worth)``, ln points. ODD 7.14.

    Args:
        income: spent on collectors this month, USD.
        worth: value of what they collect at base prices, USD/month.
    """
    return float(np.log1p(income / max(worth, guards.LEAST)))


def response(given: float, half: float) -> float:
    """Share of what could be moved that an incentive moves: ``x / (x + half)``, 0 without it, 1 in the end. ODD 7.14.

    Args:
        given: x, at least 0, in any unit.
        half: what moves half of it, in the same unit, above 0.
    """
    return given / (given + half)


def knowledge(spent: float, months: int, decay: float) -> float:
    """Stock of knowledge from steady spending: ``sum of spent (1 - decay / 12)^k over k < months``, USD. ODD 7.14.

    Griliches' perpetual inventory of research.

    Args:
        spent: USD/month.
        months: for which it has been spent and has come to use.
        decay: share that is forgotten in a year (parameter ``research_decay``).
    """
    kept = 1.0 - decay / 12.0
    return spent * (months if decay == 0.0 else (1.0 - kept**months) / (1.0 - kept))


def saved_by_research(known: float, most: float) -> float:
    """Share of a cost that knowledge saves: ``most x known``. ODD 7.14.

    Args:
        known: :func:`response` to the stock of knowledge, 0 to 1.
        most: parameter ``research_saving``, below 1.
    """
    return most * known


def opened_by_research(more: float, ore: float, share: float) -> float:
    """Refining that a country new to it begins in a month: ``share x ore x rise of what is known``, t/month. ODD 7.14.

    Args:
        more: rise of :func:`response` to the stock of knowledge in the month.
        ore: refined metal that its own ore would give in the base month, t/month.
        share: of its ore that it would refine in the end (parameter ``research_entry``).
    """
    return share * ore * more


TRACES = 2.0
"""Multiple of the trace that a newcomer begins with below which a country counts as new."""


def spared(strength: float, share: float, usual: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Freight or duty that a forum takes off trade between members: ``min(s f u, max(u + m, 0))``, shape (n,). ODD 7.14.

    Args:
        strength: s, of the forum, 0 to 1.
        share: f, part of what is usual that goes, 0 to 1.
        usual: u, in its unit (USD/t metal, or share of the price), shape (n,).
        more: m, what measures have added or taken off so far, in the unit of u (USD/t metal, or share of the price), shape (n,).
    """
    return np.minimum(strength * share * usual, np.maximum(usual + more, 0.0))


def caught_up(strength: float, rate: float, months: int) -> float:
    """Share of the gap to the best that is closed: ``1 - (1 - s r)^(months / 12)``, 0 to 1. ODD 7.14.

    Args:
        strength: s, of the forum, 0 to 1.
        rate: r, share of what is left that goes in a year.
        months: since it began.
    """
    return float(1.0 - (1.0 - strength * rate) ** (months / 12.0))


def cost_learnt(gap: np.ndarray, learnt: float, part: float) -> np.ndarray:
    """What learning takes off a unit cost: ``learnt x part x gap``, relative to the anchor, shape (n,). ODD 7.14.

    Args:
        gap: unit cost above that of the best, relative to the anchor, shape (n,).
        learnt: :func:`caught_up`.
        part: of the gap that know-how can close; the rest is ore.
    """
    taken: np.ndarray = learnt * part * gap
    return taken


def new_to_it(base: np.ndarray, world: np.ndarray, trace: float) -> np.ndarray:
    """Whether a country is new to a stage: ``base < 2 x trace x world``, boolean, shape (n,). ODD 5.

    Args:
        base: its output in the base month, t/month, shape (n,).
        world: that of the world of the same metal, t/month, shape (n,).
        trace: parameter ``entrant_trace``.
    """
    new: np.ndarray = base < TRACES * trace * world
    return new


def missed_share(made: float, used: float, asked: float) -> float:
    """Part of a domestic share that is missing: ``max(asked - made / used, 0) / asked``, 0 to 1. ODD 7.14.

    Args:
        made, used: at home, t/month.
        asked: least share of use that is to be made at home, above 0.
    """
    return max(asked - made / used, 0.0) / asked


def given_back(share: np.ndarray, returned: np.ndarray) -> np.ndarray:
    """Share of what leaves use that is still kept in drawers when some of it is given back: ``h (1 - r)``, shape (V,). ODD 7.14.

    Args:
        share: h, share kept in drawers, shape (V,).
        returned: r, share of that which is given back, shape (V,).
    """
    kept: np.ndarray = share * (1.0 - returned)
    return kept


def better_sorted(formal: np.ndarray, sorted_: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Separation yield when sorting closes a share of the gap: ``y + s max(most - y, 0)``, shape (V,). ODD 7.14.

    Args:
        formal: y, yield of formal plants, a share, shape (V,).
        sorted_: s, share of the gap that is closed, shape (V,).
        most: yield of the best process, a share, shape (V,).
    """
    lifted: np.ndarray = formal + sorted_ * np.maximum(most - formal, 0.0)
    return lifted


def under_limit(before: np.ndarray, target: float, progress: float) -> np.ndarray:
    """What a rule brings a rate down to: ``before - max(before - target, 0) x progress``, shape (n,). ODD 7.14.

    Args:
        before: rate without the rule, a share, shape (n,).
        target: what the rule asks for, a share.
        progress: share of the way that has been gone, 0 to 1.
    """
    brought: np.ndarray = before - np.maximum(before - target, 0.0) * progress
    return brought


def bought_anew(inflow: np.ndarray, saved: np.ndarray) -> np.ndarray:
    """Demand left when old products stay in use: ``inflow / (inflow + saved)``, a share, shape (n,). ODD 7.14.

    What is needed is what comes into use and what stays instead; what leaves later than it would have is bought then. No
    more than twice the usual is bought in a month.

    Args:
        inflow: what came into use last month, t, shape (n,).
        saved: what stayed in use instead of leaving, less what left later than it would have, t, shape (n,).
    """
    needed = np.maximum(inflow + saved, inflow / guards.MOST_BOUGHT)
    return np.divide(inflow, needed, out=np.ones_like(inflow), where=needed > 0.0)


def ruled(rule: np.ndarray | None, usual: float) -> float | np.ndarray:
    """What a government goes by: ``rule + usual x [rule = 0]``; one or shape (B,). ODD 7.14.

    Args:
        rule: what it has set, months or a price relative to the anchor, shape (B,), 0 where it set none; None: nobody did.
        usual: the parameter that holds without a rule.
    """
    return usual if rule is None else np.where(rule > 0.0, rule, usual)


def emptied(share: float, months: float) -> float:
    """Share of what lies in drawers that a rebate brings out in a month: ``share / months``. ODD 7.14.

    Args:
        share: :func:`response` to the rebate.
        months: time in which everything would come out (parameter ``trade_in_months``).
    """
    return share / months


def cost_saved(share: float, cost: float) -> float:
    """Cost that a policy saves or bears, over the base value of scrap: ``share x cost``. ODD 7.14.

    Args:
        share: of the cost of recycling.
        cost: of recycling over the base value of scrap (parameter ``scrap_cost``).
    """
    return share * cost

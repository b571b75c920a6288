"""Refiners: one row per country and metal. They buy feed, hold metal, and earn the treatment charge."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, Population, declare

ATTRIBUTES = declare(
    "refiner",
    Attribute("country", "index", 0, "country of the refinery", fixed=True, of="countries"),
    Attribute("metal", "index", 0, "metal refined", fixed=True, of="metals"),
    Attribute("base", "t/month", 0.0, "refined output in the base month", fixed=True),
    Attribute("expansion", "1", 1.0, "capacity relative to what was planned for this month"),
    Attribute("yield_", "1", 1.0, "refined metal per metal in feed; the rest is slag", fixed=True),
    Attribute("feed_stock", "t", 0.0, "ore or intermediate in the yard"),
    Attribute("stock", "t", 0.0, "refined metal for sale"),
    Attribute("planned", "t/month", 0.0, "normal refined output planned for this month"),
    Attribute("throughput", "t/month", 0.0, "feed it wants to treat this month"),
    Attribute("output", "t/month", 0.0, "refined output of this month"),
    Attribute("bid", "1", 1.0, "bid for feed relative to its anchor"),
    Attribute("ask", "1", 1.0, "ask for refined metal relative to its anchor"),
    Attribute("worth", "1", 0.0, "mean net bid where it sells, ln points"),
    Attribute("unsold", "1", 0.0, "what it takes off its worth because it cannot place all, ln points"),
    Attribute("capacity", "t/month", 0.0, "largest refined output of this month"),
    Attribute(
        "unpowered", "1", 0.0, "share of the world's power that is missing, as wind and solar plants could not be made"
    ),
    Attribute("charge", "1", 0.0, "treatment charge as a share of the refined price in the base year", fixed=True),
    Attribute("idle_share", "1", 0.0, "share of the base year's idle stock that it holds", fixed=True),
    Attribute("normal_feed", "t", 0.0, "stock of feed that is normal this month"),
    Attribute("normal_stock", "t", 0.0, "stock of refined metal that is normal this month"),
    Attribute("building", "1", 0.0, "capacity under construction, as a share of plan", shape=("stage", "agent")),
    Attribute("drawn", "1", 1.0, "share of new capacity over that of what stands, smoothed over the lead time"),
    Attribute("losing", "months", 0.0, "months in a row in which running costs more than it earns"),
    Attribute("shut", "1", 0.0, "capacity that is shut and can come back, as a share of plan"),
    Attribute("margin", "1", 0.0, "12-month mean of ln(left above the feed / treatment charge of the base year)"),
)


def feed_bid(
    ask: np.ndarray,
    availability: np.ndarray,
    charge: np.ndarray,
    response: float,
    growth: float,
    ceiling: float = np.inf,
    rent: float = 0.0,
) -> np.ndarray:
    """What refiners can pay for feed: the netback ``(ask - tc) / (1 - tc0)``.

    The treatment charge tc shrinks when feed is scarce and grows a little with the refined price. Where there is more feed than
    refineries can treat they are what is scarce, and keep the share ``1 - (ceiling / A)^rent`` of a price above normal.

    Args:
        ask: refined ask relative to its anchor, less what energy and carbon cost beyond the base year, shape (R,); below 0 where
            that is more than the metal brings.
        availability: feed availability relative to what is expected, smallest over the horizons, shape (R,).
        charge: tc0, treatment charge as a share of the refined price in the base year, shape (R,).
        response: exponent of the charge on availability.
        growth: exponent of the charge on the refined price.
        ceiling: largest throughput over normal (parameter ``refinery_ceiling``).
        rent: exponent with which rent passes to refineries (parameter ``rent_response``).

    Returns:
        Bid relative to the base feed price, shape (R,), at least :data:`guards.LEAST_BID`.

    ODD 7.9.
    """
    scarce = bounded(availability, *guards.CHARGE_AVAILABILITY) ** response
    kept = 1.0 - np.minimum(ceiling / np.maximum(availability, guards.NOTHING), 1.0) ** rent
    treatment = charge * scarce * bounded(ask, 0.0, guards.CHARGE_PRICE) ** growth + kept * np.maximum(ask - 1.0, 0.0)
    return np.maximum((ask - treatment) / (1.0 - charge), guards.LEAST_BID)


def margin(ask: np.ndarray, paid: np.ndarray, charge: np.ndarray) -> np.ndarray:
    """What a refinery earns over its treatment charge of the base year: ``ln[(ask - (1 - c0) paid) / c0]``, ln points, shape (R,).

    0 in the base year. A tonne of refined metal costs what was paid for its feed; what is left pays for the plant. Losses count
    down to :data:`guards.EARNED`. ODD 7.14.

    Args:
        ask: for refined metal, relative to its anchor, shape (R,).
        paid: for feed, relative to its anchor, shape (R,).
        charge: c0, treatment charge as a share of the refined price in the base year, shape (R,).
    """
    left = (ask - (1.0 - charge) * paid) / charge
    return np.log(bounded(left, *guards.EARNED))


def feed_per_plant(least: np.ndarray, soon: np.ndarray, kept: np.ndarray, ceiling: float) -> np.ndarray:
    """Feed over what the plants that run can treat, over normal: ``(A + (A1 - A) s) / kept``, shape (R,). ODD 7.13.

    ``s = min((1 - kept) / (1 - 1 / ceiling), 1)``: once more plants stand still than the others have in reserve, ore piles up
    now, and what is to be had later counts no more.

    Args:
        least: A, feed availability relative to what is expected, smallest over the horizons, shape (R,).
        soon: A1, the same over the first horizon, shape (R,).
        kept: share of the plants that run among those to which its suppliers sell, shape (R,).
        ceiling: largest throughput over normal (parameter ``refinery_ceiling``).
    """
    reserve = max(1.0 - 1.0 / ceiling, guards.NOTHING)
    feed: np.ndarray = least + (soon - least) * np.minimum((1.0 - kept) / reserve, 1.0)
    return feed / np.maximum(kept, guards.NOTHING)


def move_bid(bid: np.ndarray, target: np.ndarray, speed: float) -> np.ndarray:
    """Bid after one month on its way to the netback: ``ln b + speed (ln target - ln b)``, shape (R,). ODD 7.9.

    Args:
        bid: last month's bid relative to the anchor, shape (R,).
        target: :func:`feed_bid`, relative to its anchor, shape (R,).
        speed: share of the gap closed in a month (parameter ``news_speed``).
    """
    return np.exp(np.log(bid) + speed * (np.log(target) - np.log(bid)))


def plan_throughput(
    refiners: Population,
    availability: np.ndarray,
    ceiling: float,
    response: float,
    least_margin: float,
    added: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Feed that refiners want to treat this month, t/month, shape (R,).

    Normal throughput times feed availability (at most the plant's ceiling), held back a little (exponent ``response``) when
    what the refined price leaves above the feed falls below the treatment charge of the base year:
    ``normal x min(A, ceiling) ((ask - bid (1 - tc)) / tc)^response``.

    Args:
        refiners: the refiners; ``ask`` is what they earn for metal, ``bid`` what they pay for feed.
        availability: feed availability relative to what is expected, shape (R,).
        ceiling: largest throughput over normal (parameter ``refinery_ceiling``).
        response: exponent (parameter ``margin_response``).
        least_margin: margin over the charge below which they hold back no further (parameter ``margin_floor``).
        added: cost that measures add over the base price of metal, shape (R,); 0: none.

    ODD 7.11.
    """
    charge = refiners.charge
    earned = refiners.ask - added
    margin = bounded((earned - refiners.bid * (1.0 - charge)) / charge, least_margin, 1.0) ** response
    wanted: np.ndarray = normal_throughput(refiners) * treatable(availability, ceiling) * margin
    return wanted


def answer_to_cost(
    refiners: Population, now: np.ndarray, coming: np.ndarray, response: float, least_margin: float
) -> np.ndarray:
    """Share of output that refiners are expected to keep as refining gets dearer: ``min(m(coming) / m(now), 1)``, shape (H, R).

    ``m(e) = ((ask - e - bid (1 - tc)) / tc)^response`` as in :func:`plan_throughput`. ODD 7.13.

    Args:
        refiners: the refiners.
        now: added cost of this month over the base price of metal, shape (R,).
        coming: added cost expected over each horizon, shape (H, R).
        response, least_margin: as in :func:`plan_throughput`.
    """
    left = refiners.ask - refiners.bid * (1.0 - refiners.charge)
    kept = [bounded((left - cost) / refiners.charge, least_margin, 1.0) ** response for cost in (coming, now)]
    return np.minimum(kept[0] / np.maximum(kept[1], guards.NOTHING), 1.0)


def run_down(refiners: Population, availability: np.ndarray, held: np.ndarray, critical: float) -> np.ndarray:
    """Feed that refiners run on, over normal: what they can count on, and the yard before output is cut, shape (R,). ODD 7.11.

    ``max(A, min(held / (critical x normal stock), 1))``: they run at normal while the yard holds at least ``critical`` of its
    normal stock, and on what is left below that.

    Args:
        refiners: the refiners, with ``normal_feed``.
        availability: A, feed availability relative to what is expected, shape (R,).
        held: feed in the yard, t, shape (R,).
        critical: share of the normal stock (parameter ``critical_cover``).
    """
    yard = held / np.maximum(critical * refiners.normal_feed, guards.NOTHING)
    return np.maximum(availability, np.minimum(yard, 1.0))


def normal_throughput(refiners: Population) -> np.ndarray:
    """Feed that refiners treat in a normal month: ``planned x expansion / yield``, t/month, shape (R,). ODD 7.11."""
    treat: np.ndarray = refiners.planned * refiners.expansion / refiners.yield_
    return treat


def feed_order(
    refiners: Population,
    normal: np.ndarray,
    under_way: np.ndarray,
    arriving: np.ndarray,
    bargain: float,
    months: float,
    most: float,
) -> np.ndarray:
    """Feed that refiners order, t, shape (R,): what they treat, and part of the gap to the stock they want.

    ``throughput + (normal stock b^-bargain + normal under way - stock - under way) / months``. ODD 7.10.

    Args:
        refiners: the refiners; ``throughput`` has been planned.
        normal: normal throughput, t/month, shape (R,).
        under_way: what is normally under way to each, t, shape (R,).
        arriving: what is under way to each, t, shape (R,).
        bargain: exponent of the wanted stock on a low bid (parameter ``bargain``).
        months: time over which the gap is closed (parameter ``order_months``).
        most: largest order over normal throughput (parameter ``feed_order_max``).
    """
    target = refiners.normal_feed * bounded(refiners.bid, *guards.BARGAIN_PRICE) ** -bargain
    gap = target + under_way - refiners.feed_stock - arriving
    return bounded(refiners.throughput + gap / months, 0.0, most * normal)


def power_missing(before: float, deployed: float, step: float, backup: float) -> float:
    """Share of the world's power that is missing after a month: ``m + (1 - d) step / 12 (1 - backup)``, at least 0. ODD 7.11.

    Args:
        before: m, share missing so far.
        deployed: d, wind and solar plants made over those of the path, a share.
        step: power that a year of new plants adds (parameter ``power_step``).
        backup: share that other plants make instead (parameter ``power_backup``).
    """
    return max(before + (1.0 - deployed) * step / 12.0 * (1.0 - backup), 0.0)


def powered(missing: np.ndarray, response: float) -> np.ndarray:
    """Share of refining that runs when power is missing: ``max(1 - response m, 0)``, shape (R,). ODD 7.11.

    Args:
        missing: m, :func:`power_missing`, a share, shape (R,).
        response: parameter ``smelter_power``.
    """
    share: np.ndarray = np.maximum(1.0 - response * missing, 0.0)
    return share


def capacity(refiners: Population, ceiling: float) -> np.ndarray:
    """Largest refined output of the month: ``planned x expansion x ceiling``, t/month, shape (R,). ODD 7.11.

    Args:
        refiners: the refiners.
        ceiling: largest throughput over normal (parameter ``refinery_ceiling``).
    """
    able: np.ndarray = refiners.planned * refiners.expansion * ceiling
    return able


def treatable(availability: np.ndarray, ceiling: float) -> np.ndarray:
    """Feed that refiners can treat of what is there, over normal: ``min(A, ceiling)``, any shape (..., R). ODD 7.5, 7.11.

    Args:
        availability: feed availability relative to what is expected, shape (..., R).
        ceiling: largest throughput over normal (parameter ``refinery_ceiling``).
    """
    return np.minimum(availability, ceiling)


def idle_feed(availability: np.ndarray, ceiling: float) -> np.ndarray:
    """Feed beyond what refiners can treat, over normal: ``max(A - ceiling, 0)``, any shape (..., R). ODD 7.7.

    Args:
        availability: feed availability relative to what is expected, shape (..., R).
        ceiling: largest throughput over normal (parameter ``refinery_ceiling``).
    """
    return np.maximum(availability - ceiling, 0.0)

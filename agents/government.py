"""Governments: what a country, or a union that acts as one, decides once a quarter from what is published.

Each rule takes columns and gives columns. Chances are logits per quarter; what stands before each term is a temper, a row of the
table ``tempers`` with its range.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, declare

QUARTERS = 4.0
"""Quarters of a year."""
METALS, PARTNERS, BOTH = ("agent", "metal"), ("agent", "partner"), ("form", "agent", "metal")
ATTRIBUTES = declare(
    "government",
    Attribute("union", "index", 0, "row of the union that trades for it, its own row where it has none", fixed=True),
    Attribute("gdp", "USD/year", 0.0, "income in the base year, of a union that of its members", fixed=True),
    Attribute("market_economy", "1", 0.0, "share of its income earned by members of the OECD", fixed=True),
    Attribute("stance", "1", 0.0, "measures of its own in force less those lifted in the last year, a number"),
    Attribute("in_force", "1", 0.0, "measures of its own that are announced or in force, a number"),
    Attribute("kept", "1", 0.0, "announcements that came into force, a number"),
    Attribute("broken", "1", 0.0, "announcements that were withdrawn before they came into force, a number"),
    Attribute("credibility", "1", 0.0, "belief in its announcements, from its own record"),
    Attribute("budget", "USD", 0.0, "money for reserves and support that is not committed"),
    Attribute("grievance", "1", 0.0, "harm from measures of each partner, share of supply, fading", shape=PARTNERS),
    Attribute("share", "1", 0.0, "share of the world's mining and refining, as published", shape=BOTH),
    Attribute("kept_home", "1", 0.0, "share of own output that is processed or used at home, as published", shape=BOTH),
    Attribute("reliance", "1", 0.0, "share of supply that comes from abroad, as published", shape=BOTH),
    Attribute("concentration", "1", 0.0, "HHI of its foreign suppliers, as published", shape=BOTH),
    Attribute("largest", "1", 0.0, "share of supply that comes from its largest foreign supplier", shape=BOTH),
    Attribute("reserve", "months", 0.0, "own strategic reserve in months of use", shape=METALS),
    Attribute("reserve_target", "months", 0.0, "strategic reserve that it wants, in months of use", shape=METALS),
)


def chance(terms: np.ndarray | float) -> np.ndarray:
    """Chance of a decision in a quarter: ``1 / (1 + exp(-x))``, shape as ``terms``. ODD 7.17.

    Args:
        terms: x, sum of temper times what it looks at, ln points of odds, one or shape (n,).
    """
    odds = bounded(terms, -guards.MOST_ODDS, guards.MOST_ODDS)
    found: np.ndarray = 1.0 / (1.0 + np.exp(-odds))
    return found


def restrict_odds(
    share: np.ndarray,
    keep: np.ndarray,
    price: np.ndarray,
    hit: np.ndarray | float,
    market_economy: np.ndarray | float,
    load: np.ndarray | float,
    climate: float,
    temper: Mapping[str, float],
) -> np.ndarray:
    """Ln odds of restricting exports in a quarter, shape (n,). ODD 7.17.

    ``base + s share + k keep + l max(-ln p, 0) + h max(ln p, 0) + g hit - o market economy - f load + a ln(climate)``.

    Args:
        share: share of the world's output, 0 to 1, shape (n,).
        keep: what could still be processed at home (ore), or is used there already (metal), share of output, shape (n,).
        price: p, of the world over its anchor, shape (n,).
        hit: grievance against all partners, share of supply, one or shape (n,).
        market_economy: share of income earned by members of the OECD, one or shape (n,).
        load: how many measures of its own are in force over none, one or shape (n,).
        climate: measures on raw materials in force in the whole world over those of 2009, as published, above 0.
        temper: ``restrict_*``, ln odds per unit.
    """
    log = np.log(np.maximum(price, guards.NOTHING))
    odds: np.ndarray = (
        temper["restrict_base"]
        + temper["restrict_share"] * share
        + temper["restrict_keep"] * keep
        + temper["restrict_low_price"] * np.maximum(-log, 0.0)
        + temper["restrict_high_price"] * np.maximum(log, 0.0)
        + temper["restrict_hit"] * hit
        - temper["restrict_market_economy"] * market_economy
        - temper["restrict_load"] * load
        + temper["restrict_climate"] * np.log(climate)
    )
    return odds


def at_least(share: np.ndarray, least: float) -> np.ndarray:
    """Where a share of the world's output (leverage) or use (interest) is large enough: ``share - least >= 0``, boolean. ODD 7.17.

    Args:
        share: share of output or use, 0 to 1, any shape (n,).
        least: the least that counts.
    """
    led: np.ndarray = share >= least
    return led


def retaliate_odds(harm: float, depth: int, market_economy: float, temper: Mapping[str, float]) -> float:
    """Ln odds of answering a measure in a quarter: ``base + h harm - d depth - o market economy``. ODD 7.17.

    Args:
        harm: share of own supply (or of own exports) under the measure, 0 to 1.
        depth: how many answers lead to the measure: 0 for one that answered nothing.
        market_economy: share of income earned by members of the OECD.
        temper: ``retaliate_*``, ln odds per unit.
    """
    return float(
        temper["retaliate_base"]
        + temper["retaliate_harm"] * harm
        - temper["retaliate_depth"] * depth
        - temper["retaliate_market_economy"] * market_economy
    )


def answer_worth(
    dependence: np.ndarray, loss: np.ndarray, allowed: np.ndarray, temper: Mapping[str, float]
) -> np.ndarray:
    """How well each metal serves as an answer: what the other depends on less own loss, -inf where it does not, shape (n,).

    ``dependence - w loss`` where the dependence is at least ``retaliate_least`` and outweighs the loss. ODD 7.17.

    Args:
        dependence: share of the other side's supply that comes from here, 0 to 1, shape (n,).
        loss: share of own output that is sold there, 0 to 1, shape (n,).
        allowed: where there is leverage and no measure stands yet, boolean, shape (n,).
        temper: ``retaliate_loss``, weight w; ``retaliate_least``, share of supply.
    """
    worth = dependence - temper["retaliate_loss"] * loss
    return np.where(allowed & at_least(dependence, temper["retaliate_least"]) & (worth > 0.0), worth, -np.inf)


def risk(reliance: np.ndarray, concentration: np.ndarray) -> np.ndarray:
    """Supply risk: ``reliance x concentration``, 0 to 1, shape (n,). ODD 7.17.

    Args:
        reliance: share of supply from abroad, shape (n,).
        concentration: HHI of foreign suppliers, sum of squared shares, 0 to 1, shape (n,).
    """
    risk: np.ndarray = reliance * concentration
    return risk


def wanted_days(risk: np.ndarray, temper: Mapping[str, float]) -> np.ndarray:
    """Strategic reserve that a risk asks for, days of use, shape (n,): ``most x risk``, nothing below the threshold. ODD 7.17.

    Args:
        risk: :func:`risk`, an index of 0 to 1, shape (n,).
        temper: ``stockpile_days`` (days at a risk of 1) and ``stockpile_risk`` (least risk).
    """
    return np.where(at_least(risk, temper["stockpile_risk"]), temper["stockpile_days"] * risk, 0.0)


def stockpile_odds(warned: bool, temper: Mapping[str, float]) -> float:
    """Ln odds of building a reserve in a quarter where a risk asks for one: ``base + w warned``. ODD 7.17.

    Args:
        warned: whether the early warning of the metal is on, for those who listen to it.
        temper: ``stockpile_base``, ``stockpile_warning`` (w), ln odds.
    """
    return float(temper["stockpile_base"] + temper["stockpile_warning"] * warned)


def affordable(wanted: float, cost: float, budget: float) -> float:
    """What of a wish can be paid: ``wanted x min(budget / cost, 1)``, in the unit of the wish. ODD 7.17.

    Args:
        wanted: in any unit.
        cost: of all of it, USD.
        budget: USD.
    """
    return wanted * min(max(budget, 0.0) / max(cost, guards.LEAST), 1.0)


def released_share(months: float, over: float) -> float:
    """Share of a reserve that is gone after it was open: ``1 - (1 - 1 / over)^months``. ODD 7.17.

    Args:
        months: for which it is open.
        over: months over which it empties (parameter ``reserve_release_months``).
    """
    return 1.0 - (1.0 - 1.0 / over) ** months


def refilled(budget: np.ndarray, gdp: np.ndarray, temper: Mapping[str, float], quarters: float) -> np.ndarray:
    """Budget after some quarters: ``b + y gdp quarters / 4``, at most ``budget_years`` years of it, USD, shape (n,). ODD 7.17.

    Args:
        budget: b, USD, shape (n,).
        gdp: USD/year, shape (n,).
        temper: ``budget_share`` (y, share of income in a year) and ``budget_years``.
        quarters: that have passed.
    """
    yearly = temper["budget_share"] * gdp
    return np.minimum(budget + yearly * quarters / QUARTERS, temper["budget_years"] * yearly)


def support_points(usd_per_year: float, worth: float, most: float) -> float:
    """Support on top of the margin that a sum pays for: ``min(ln(1 + usd / worth), most)``, ln points; 0 without money. ODD 7.17.

    Args:
        usd_per_year: to be paid, USD/year.
        worth: of the supported output at today's price, USD/year.
        most: ln points (temper ``support_most``).
    """
    return min(float(np.log1p(max(usd_per_year, 0.0) / max(worth, guards.LEAST))), most)


def tariff_odds(
    imported: np.ndarray, industry: np.ndarray, price: np.ndarray, temper: Mapping[str, float]
) -> np.ndarray:
    """Ln odds of answering with a tariff in a quarter, -inf where it would hurt or help nobody, shape (n,). ODD 7.17.

    ``base + i d + m o - l ln(p)`` where d is at least ``tariff_least`` and o at least ``tariff_least_industry``.

    Args:
        imported: d, share of own supply that comes from the other side, 0 to 1, shape (n,).
        industry: o, share of own supply that the own industry makes, 0 to 1, shape (n,).
        price: p, of the own market over its anchor, shape (n,).
        temper: ``tariff_*``, ln odds per unit, and the least shares.
    """
    odds = (
        temper["tariff_base"]
        + temper["tariff_import"] * imported
        + temper["tariff_industry"] * industry
        - temper["tariff_price"] * np.log(np.maximum(price, guards.NOTHING))
    )
    worth = at_least(imported, temper["tariff_least"]) & at_least(industry, temper["tariff_least_industry"])
    return np.where(worth, odds, -np.inf)


def lift_odds(quarters: float, expected: float, lost: float, ruled: float, temper: Mapping[str, float]) -> float:
    """Ln odds of lifting a measure in a quarter: ``base - ln(expected) + c lost + r ruled``. ODD 7.17.

    Args:
        quarters: in force so far; none before the first is over.
        expected: mean time that measures of its class last without cost or ruling, quarters (table ``measure_classes``).
        lost: share of own output of the form that the measure keeps from being sold, 0 to 1.
        ruled: 1 where a ruling may have come against it, else 0.
        temper: ``lift_base``, ln odds; ``lift_cost``, ``lift_ruling``, ln odds per unit.
    """
    if quarters < 1.0:
        return -guards.MOST_ODDS
    odds = temper["lift_base"] - np.log(max(expected, 1.0)) + temper["lift_cost"] * lost + temper["lift_ruling"] * ruled
    return float(odds)


def deal_odds(lost: float, gained: float, temper: Mapping[str, float]) -> float:
    """Ln odds of a deal between two that restrict each other: ``base + g (lost + gained)``. ODD 7.17.

    Args:
        lost: share of own output kept back by the own measure, 0 to 1.
        gained: share of own supply that the other's measure holds back, 0 to 1.
        temper: ``deal_base``, ``deal_gain``, ln odds per unit.
    """
    return float(temper["deal_base"] + temper["deal_gain"] * (lost + gained))


def credibility(kept: np.ndarray, broken: np.ndarray, usual: float, weight: float) -> np.ndarray:
    """Belief in announcements from the record: ``(w u + kept) / (w + kept + broken)``, 0 to 1, shape (n,). ODD 7.17.

    Args:
        kept, broken: announcements that came into force, and that were withdrawn before, over all quarters, shape (n,).
        usual: u, parameter ``credibility_announced``.
        weight: w, announcements that the usual belief is worth (temper ``credibility_weight``).
    """
    believed: np.ndarray = (weight * usual + kept) / (weight + kept + broken)
    return believed


def faded(grievance: np.ndarray, fresh: np.ndarray, temper: Mapping[str, float]) -> np.ndarray:
    """Grievance a quarter later: ``max(g exp(-1 / q), fresh)``, share of supply, shape (n, n). ODD 7.17.

    Args:
        grievance: g, against each partner, share of supply, shape (n, n).
        fresh: share of supply that partners hold back now, shape (n, n).
        temper: ``grievance_quarters``, q.
    """
    return np.maximum(grievance * np.exp(-1.0 / temper["grievance_quarters"]), fresh)

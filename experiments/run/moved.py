"""What counts as moved: one set of thresholds for terminal, report, charts and dashboard."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.run.hit import FELT

if TYPE_CHECKING:
    import pandas as pd

PRICE_MOVED = 0.02
"""A price has moved when it leaves the world without the shock by more than this share, up or down: an assumption. Both worlds
have the same random draws, so that every difference is an effect; below 2 % none is worth a sentence."""
USE_MOVED = 0.005
"""Use has moved when more than this share of demand is lost, or gained: an assumption."""
PLACE_MOVED = 0.05
"""A flow or stock of one place has moved when it differs by this share: an assumption. Those of a place are less certain than the
world's, so that less of it is worth a colour."""
REASON_MOVED = 0.005
"""A reason has moved a bid by more than this, ln points: less is shown as × 1.00 anyhow."""
WHY = "why_"
"""Begins the columns of the reasons in the summary of a run (lodeflow.experiments.run.summary)."""
RECYCLING_MOVED = 0.005
"""Recycling has moved when its rate or the recycled content differs by more than this, half a percentage point: an assumption."""


def price_moved(ratio: float) -> bool:
    """Say whether a price with the shock over the one without has moved; nan has not."""
    return ratio > 1.0 + PRICE_MOVED or ratio < 1.0 / (1.0 + PRICE_MOVED)


def place_moved(now: float, without: float) -> bool:
    """Say whether a flow or stock of a place has moved against that of the world without the shock; nan has not."""
    return abs(now - without) >= PLACE_MOVED * without


def market_moved(row: Mapping[str, Any]) -> bool:
    """Say whether price or use of a metal moved; row: one of the summary of a run (lodeflow.experiments.run.summary)."""
    prices = price_moved(row["price_peak_ratio"]) or price_moved(row["price_low_ratio"])
    return prices or abs(row["use_lost_pct"]) > 100 * USE_MOVED


def recycling_moved(row: Mapping[str, Any]) -> bool:
    """Say whether the recycling rate or the recycled content of a metal moved; row as in market_moved."""
    columns = ("recycling_rate", "recycled_content")
    return any(abs(row[column] - row[f"{column}_baseline"]) > RECYCLING_MOVED for column in columns)


def has_moved(row: Mapping[str, Any]) -> bool:
    """Say whether a metal deserves a line of its own; row as in market_moved."""
    return market_moved(row) or recycling_moved(row)


def reasons_moved(summary: pd.DataFrame) -> list[str]:
    """The columns of :func:`reasons` whose reason moved the bid of one metal at least."""
    return [column for column in reasons(summary) if (summary[column].abs() > REASON_MOVED).any()]


def reasons(summary: pd.DataFrame) -> list[str]:
    """The columns of the summary of a run that split the bid, ln points; they add up to its whole move."""
    return [column for column in summary.columns if column.startswith(WHY) and column != f"{WHY}date"]


def touched_by_policy(row: Mapping[str, Any], events: Iterable[tuple[str, Collection[str]]]) -> bool:
    """Say whether the run must report what policies do to a metal: one names it, or recycling answers to one at all.

    row: as in market_moved; events: kind and metals of the shocks and policies of the run.
    """
    policies = [metals for kind, metals in events if kind in REGISTRY and REGISTRY[kind].policy]
    named = any(row["metal"] in metals for metals in policies)
    return named or (bool(policies) and abs(row["recycled_more_pct"]) > 100 * FELT)


def cause(kinds: Iterable[str]) -> str:
    """What the worlds differ by, in words: "the policy" where all that happens are policies, else "the shock".

    kinds: of the shocks and policies of a run.
    """
    policies = [kind in REGISTRY and REGISTRY[kind].policy for kind in kinds]
    return "the policy" if policies and all(policies) else "the shock"

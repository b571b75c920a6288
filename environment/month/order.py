"""The order of the month: one file a phase, where it says what it reads and writes (``lodeflow.environment.month.phase``)."""

from __future__ import annotations

from lodeflow.environment.month.asks import ask_feed, ask_refined
from lodeflow.environment.month.demand import demand
from lodeflow.environment.month.end_of_life import retire
from lodeflow.environment.month.feed_bids import bid_feed
from lodeflow.environment.month.feed_trade import trade_feed
from lodeflow.environment.month.government import govern
from lodeflow.environment.month.investment import invest
from lodeflow.environment.month.making import make
from lodeflow.environment.month.mining import plan_output
from lodeflow.environment.month.news import hear_news
from lodeflow.environment.month.normal_stocks import set_normals
from lodeflow.environment.month.outlook import look_ahead
from lodeflow.environment.month.phase import Phase
from lodeflow.environment.month.refined_bids import bid_refined
from lodeflow.environment.month.refined_trade import trade_refined
from lodeflow.environment.month.refining import refine
from lodeflow.environment.month.scrap_trade import trade_scrap
from lodeflow.environment.month.separation import separate

__all__ = ["MONTH", "Phase"]

MONTH: tuple[tuple[str, Phase], ...] = (
    ("news and beliefs", hear_news),
    ("demand", demand),
    ("mines plan and produce", plan_output),
    ("normal stocks", set_normals),
    ("forward availability", look_ahead),
    ("refined bids", bid_refined),
    ("refined asks", ask_refined),
    ("feed and scrap bids", bid_feed),
    ("feed and scrap asks", ask_feed),
    ("feed trade", trade_feed),
    ("refining", refine),
    ("end of life and collection", retire),
    ("scrap trade", trade_scrap),
    ("separation", separate),
    ("refined trade", trade_refined),
    ("making and use", make),
    ("government", govern),
    ("investment and contracts", invest),
)
"""The phases of a month, in order. Of what a phase or a later one writes, it reads last month's value."""

"""What is written down every month, and the tidy tables made from it afterwards.

During the run each channel copies one array into a preallocated block (months x rows). Tables are made on request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from environment import frames, indicators
from environment.ledger import month_starts
from environment.prices import COMPONENTS

if TYPE_CHECKING:
    from environment.world import World

FEED, REFINED, PRODUCT, SCRAP = "feed", "refined", "product", "scrap"


@dataclass(frozen=True)
class Channel:
    """One recorded array.

    Attributes:
        read: takes the world, gives the month's values, shape (n,).
        place: name of the index set of the rows: see :meth:`Recorder.places`.
        variable, form, unit: what the tidy table calls it; an empty variable is recorded for later sums only.
    """

    read: Callable[[World], np.ndarray]
    place: str
    variable: str
    form: str
    unit: str

    @property
    def dtype(self) -> type:
        """The largest blocks, by edge and by country and metal, are in single precision; the run itself is in double."""
        return np.float32 if self.place.endswith("edge") or self.place == "cell" else np.float64


def _per_use(world: World) -> np.ndarray:
    """Use by product and metal, t."""
    metals, inputs = len(world.layout.metals), world.inputs
    return np.bincount(inputs.product * metals + inputs.metal, inputs.use, len(world.layout.products) * metals)


def _per_cell(world: World, values: np.ndarray) -> np.ndarray:
    """Sum of a column over rows in use by country and metal."""
    metals = len(world.layout.metals)
    cell = world.in_use.country * metals + world.in_use.metal
    return np.bincount(cell, values, len(world.layout.countries) * metals)


CHANNELS: dict[str, Channel] = {
    "price": Channel(lambda w: w.desks.price * np.exp(w.anchor[w.desks.metal]), "desk", "price", REFINED, "USD/t"),
    "feed_bid": Channel(
        lambda w: w.refiners.bid * np.exp(w.anchor[w.refiners.metal]), "refiner", "price", FEED, "USD/t"
    ),
    "feed_ask": Channel(
        lambda w: w.feed_ask * np.exp(w.anchor[w.blueprint.ore_desk_metal]), "ore desk", "ask", FEED, "USD/t"
    ),
    "refined_ask": Channel(
        lambda w: w.refined_ask * np.exp(w.anchor[np.append(w.refiners.metal, w.secondary_metal)]),
        "seller",
        "",
        REFINED,
        "USD/t",
    ),
    "mined": Channel(
        lambda w: np.bincount(w.miners.desk, w.miners.output, len(w.feed_ask)), "ore desk", "production", FEED, "t"
    ),
    "refining": Channel(lambda w: w.refiners.output, "refiner", "production", REFINED, "t"),
    "recycling": Channel(lambda w: w.secondary_output, "secondary", "secondary_supply", REFINED, "t"),
    "mine_capacity": Channel(
        lambda w: np.bincount(w.miners.desk, w.miners.planned * w.miners.expansion * w.mine_ceiling, len(w.feed_ask)),
        "ore desk",
        "capacity",
        FEED,
        "t",
    ),
    "refinery_capacity": Channel(
        lambda w: w.refiners.planned * w.refiners.expansion * w.parameters["refinery_ceiling"],
        "refiner",
        "capacity",
        REFINED,
        "t",
    ),
    "use": Channel(lambda w: np.bincount(w.inputs.desk, w.inputs.use, len(w.desks)), "desk", "use", REFINED, "t"),
    "product_use": Channel(_per_use, "product", "", PRODUCT, "t"),
    "demand": Channel(lambda w: w.desired_desk, "desk", "demand", REFINED, "t"),
    "shortage": Channel(lambda w: w.shortage_desk, "desk", "shortage", REFINED, "t"),
    "maker_stock": Channel(
        lambda w: np.bincount(w.inputs.desk, w.inputs.stock, len(w.desks)), "desk", "stock", REFINED, "t"
    ),
    "reserve": Channel(lambda w: w.desks.reserve, "desk", "strategic_reserve", REFINED, "t"),
    "investors": Channel(lambda w: w.desks.investors, "desk", "investor_stock", REFINED, "t"),
    "normal_use": Channel(lambda w: w.use_desk, "desk", "", REFINED, "t"),
    "ore_stock": Channel(
        lambda w: np.bincount(w.miners.desk, w.miners.stock, len(w.feed_ask)), "ore desk", "stock", FEED, "t"
    ),
    "feed_stock": Channel(lambda w: w.refiners.feed_stock, "refiner", "stock", FEED, "t"),
    "refiner_stock": Channel(lambda w: w.refiners.stock, "refiner", "stock", REFINED, "t"),
    "recycled_stock": Channel(lambda w: w.secondary_stock, "secondary", "stock", REFINED, "t"),
    "recycled_content": Channel(lambda w: w.desks.recycled_inflow, "desk", "recycled_content", REFINED, "1"),
    "in_use": Channel(lambda w: _per_cell(w, w.in_use.stock), "cell", "in_use_stock", PRODUCT, "t"),
    "hibernating": Channel(lambda w: _per_cell(w, w.in_use.hibernating), "cell", "hibernating_stock", PRODUCT, "t"),
    "end_of_life": Channel(lambda w: _per_cell(w, w.end_of_life), "cell", "end_of_life", PRODUCT, "t"),
    "collected": Channel(lambda w: _per_cell(w, w.collected), "cell", "collected", SCRAP, "t"),
    "old_recoverable": Channel(lambda w: _per_cell(w, w.old_recoverable), "cell", "", SCRAP, "t"),
    "feed_flow": Channel(lambda w: w.markets["feed"].flow, "feed edge", "", FEED, "t"),
    "refined_flow": Channel(lambda w: w.markets["refined"].flow, "refined edge", "", REFINED, "t"),
    "products_wanted": Channel(lambda w: w.manufacturers.desired, "manufacturer", "", PRODUCT, "units"),
    "products_made": Channel(lambda w: w.manufacturers.output, "manufacturer", "", PRODUCT, "units"),
    "feed_open": Channel(lambda w: w.effects.cap_now["feed"], "feed edge", "", FEED, "1"),
    "refined_open": Channel(lambda w: w.effects.cap_now["refined"], "refined edge", "", REFINED, "1"),
}


ONLY_WITH_SHOCKS = ("feed_open", "refined_open")
"""Channels that never change where no shock is watched."""


class Recorder:
    """Blocks of recorded arrays and the tables made from them.

    Attributes:
        blocks: recorded arrays by channel, shape (months, n).
        why: bid components, ln points, shape (months, B, components).
        written: months recorded so far.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.months = 0 if world.rehearsing else world.settings.months
        self.places = self._places(world)
        self.blocks: dict[str, np.ndarray] = {
            name: np.zeros((self.months, len(self.places[channel.place][0])), channel.dtype)
            for name, channel in CHANNELS.items()
            if world.watched or name not in ONLY_WITH_SHOCKS
        }
        self.why = np.zeros((self.months, len(world.desks), len(COMPONENTS)))
        self.written = 0

    @staticmethod
    def _places(world: World) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """(metal, country) of the rows of each index set; (metal, product) of "product"."""
        metals, countries = len(world.layout.metals), len(world.layout.countries)
        products = len(world.layout.products)
        blueprint, refiners, desks = world.blueprint, world.refiners, world.desks
        feed, refined = world.markets["feed"], world.markets["refined"]
        secondary = (blueprint.secondary_metal, blueprint.secondary_country)
        return {
            "desk": (desks.metal, desks.country),
            "refiner": (refiners.metal, refiners.country),
            "ore desk": (blueprint.ore_desk_metal, blueprint.ore_desk_country),
            "secondary": secondary,
            "manufacturer": (world.manufacturers.product, world.manufacturers.country),
            "seller": (np.r_[refiners.metal, secondary[0]], np.r_[refiners.country, secondary[1]]),
            "product": (np.tile(np.arange(metals), products), np.repeat(np.arange(products), metals)),
            "cell": (np.tile(np.arange(metals), countries), np.repeat(np.arange(countries), metals)),
            "feed edge": (feed.metal, feed.seller_country),
            "refined edge": (refined.metal, refined.seller_country),
        }

    def record(self, world: World) -> None:
        """Write down the month."""
        t = world.t
        for name, block in self.blocks.items():
            block[t] = CHANNELS[name].read(world)
        self.why[t] = world.why
        self.written = t + 1

    # ---- tables -----------------------------------------------------------------------------------------------------
    def block(self, name: str) -> np.ndarray:
        """What a channel recorded so far, shape (written, n), in the channel's own unit (prices: relative to base)."""
        return self.blocks[name][: self.written]

    def series(self) -> pd.DataFrame:
        """Tidy table: ``date, metal, form, region, variable, value, unit``; tonnes per month, USD/t, shares.

        Regions are countries, ``EU27`` and ``WLD``. Sorted by variable, metal, form, region, date.
        """
        parts = indicators.country_rows(self) + indicators.group_rows(self) + indicators.indicator_rows(self)
        table = indicators.stack(parts, month_starts(self.world.first_month, self.written))
        order = ["variable", "metal", "form", "region", "date"]
        return table.sort_values(order, ignore_index=True)

    def trade(self) -> pd.DataFrame:
        """Trade by month: ``date, metal, form, exporter, importer, tonnes, price`` (USD/t); home trade included."""
        return frames.trade_table(self, month_starts(self.world.first_month, self.written))

    def products(self) -> pd.DataFrame:
        """What factories wanted to make and made: ``date, product, region, wanted, made, short, unit``, units per month.

        A unit is the amount of a product that held one tonne of the world's metals in its base-month bill of materials.
        """
        return frames.product_rows(self, month_starts(self.world.first_month, self.written))

    def uses(self) -> pd.DataFrame:
        """Which products use a metal: ``date, metal, product, tonnes`` per month, the world's; what is never used is left out."""
        return frames.use_rows(self, month_starts(self.world.first_month, self.written))

    def why_frame(self) -> pd.DataFrame:
        """Why bids stand where they stand: ``date, metal, region, component, value, unit`` (ln points), world and countries."""
        return frames.why_rows(self, month_starts(self.world.first_month, self.written))

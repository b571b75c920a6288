"""What is written down every month: each channel reads one array of the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lodeflow.environment.market.contracts import sellers_ask
from lodeflow.environment.state import State

FEED, REFINED, PRODUCT, SCRAP = "feed", "refined", "product", "scrap"


@dataclass(frozen=True)
class Channel:
    """One recorded array.

    Attributes:
        read: takes the world, gives the month's values, shape (n,).
        place: name of the index set of the rows: see :meth:`Recorder.places`.
        variable, form, unit: what the tidy table calls it; an empty variable is recorded for later sums only.
    """

    read: Callable[[State], np.ndarray]
    place: str
    variable: str
    form: str
    unit: str

    @property
    def dtype(self) -> type:
        """The largest blocks, by edge and by country and metal, are in single precision; the run itself is in double.

        Months of way are whole numbers.
        """
        if self.unit == "months":
            return np.int8
        return np.float32 if self.place.endswith("edge") or self.place == "cell" else np.float64


def _per_use(world: State) -> np.ndarray:
    """Use by product and metal, t."""
    metals, inputs = len(world.layout.metals), world.inputs
    return np.bincount(inputs.product * metals + inputs.metal, inputs.use, len(world.layout.products) * metals)


def _per_cell(world: State, values: np.ndarray) -> np.ndarray:
    """Sum of a column over rows in use by country and metal."""
    metals = len(world.layout.metals)
    cell = world.in_use.country * metals + world.in_use.metal
    return np.bincount(cell, values, len(world.layout.countries) * metals)


def _way(world: State, name: str) -> np.ndarray:
    """Months until what is sent this month arrives, by edge of a market."""
    return world.markets[name].way(world.now.effects.delay_months[name])


CHANNELS: dict[str, Channel] = {
    "price": Channel(lambda w: w.desks.price * np.exp(w.anchor[w.desks.metal]), "desk", "price", REFINED, "USD/t"),
    "feed_bid": Channel(
        lambda w: w.refiners.bid * np.exp(w.anchor[w.refiners.metal]), "refiner", "price", FEED, "USD/t"
    ),
    "feed_ask": Channel(
        lambda w: w.ore_desks.ask * np.exp(w.anchor[w.ore_desks.metal]), "ore desk", "ask", FEED, "USD/t"
    ),
    "refined_ask": Channel(
        lambda w: sellers_ask(w, "refined") * np.exp(w.anchor[np.append(w.refiners.metal, w.secondary.metal)]),
        "seller",
        "",
        REFINED,
        "USD/t",
    ),
    "mined": Channel(
        lambda w: np.bincount(w.miners.desk, w.miners.output, len(w.ore_desks)), "ore desk", "production", FEED, "t"
    ),
    "refining": Channel(lambda w: w.refiners.output, "refiner", "production", REFINED, "t"),
    "recycling": Channel(lambda w: w.secondary.output, "secondary", "secondary_supply", REFINED, "t"),
    "mine_capacity": Channel(
        lambda w: np.bincount(w.miners.desk, w.miners.capacity, len(w.ore_desks)),
        "ore desk",
        "capacity",
        FEED,
        "t",
    ),
    "refinery_capacity": Channel(lambda w: w.refiners.capacity, "refiner", "capacity", REFINED, "t"),
    "use": Channel(lambda w: np.bincount(w.inputs.desk, w.inputs.use, len(w.desks)), "desk", "use", REFINED, "t"),
    "product_use": Channel(_per_use, "product", "", PRODUCT, "t"),
    "demand": Channel(lambda w: w.desks.desired, "desk", "demand", REFINED, "t"),
    "shortage": Channel(lambda w: w.desks.shortage, "desk", "shortage", REFINED, "t"),
    "maker_stock": Channel(
        lambda w: np.bincount(w.inputs.desk, w.inputs.stock, len(w.desks)), "desk", "stock", REFINED, "t"
    ),
    "reserve": Channel(lambda w: w.desks.reserve, "desk", "strategic_reserve", REFINED, "t"),
    "investors": Channel(lambda w: w.desks.investors, "desk", "investor_stock", REFINED, "t"),
    "normal_use": Channel(lambda w: w.desks.use, "desk", "", REFINED, "t"),
    "ore_stock": Channel(
        lambda w: np.bincount(w.miners.desk, w.miners.stock, len(w.ore_desks)), "ore desk", "stock", FEED, "t"
    ),
    "feed_stock": Channel(lambda w: w.refiners.feed_stock, "refiner", "stock", FEED, "t"),
    "refiner_stock": Channel(lambda w: w.refiners.stock, "refiner", "stock", REFINED, "t"),
    "recycled_stock": Channel(lambda w: w.secondary.stock, "secondary", "stock", REFINED, "t"),
    "recycled_content": Channel(lambda w: w.desks.recycled_inflow, "desk", "recycled_content", REFINED, "1"),
    "in_use": Channel(lambda w: _per_cell(w, w.in_use.stock), "cell", "in_use_stock", PRODUCT, "t"),
    "hibernating": Channel(lambda w: _per_cell(w, w.in_use.hibernating), "cell", "hibernating_stock", PRODUCT, "t"),
    "end_of_life": Channel(lambda w: _per_cell(w, w.in_use.collectable), "cell", "end_of_life", PRODUCT, "t"),
    "collected": Channel(lambda w: _per_cell(w, w.in_use.collected), "cell", "collected", SCRAP, "t"),
    "old_recoverable": Channel(lambda w: _per_cell(w, w.in_use.recoverable), "cell", "", SCRAP, "t"),
    "feed_flow": Channel(lambda w: w.markets["feed"].flow, "feed edge", "", FEED, "t"),
    "refined_flow": Channel(lambda w: w.markets["refined"].flow, "refined edge", "", REFINED, "t"),
    "feed_lead": Channel(lambda w: _way(w, "feed"), "feed edge", "", FEED, "months"),
    "refined_lead": Channel(lambda w: _way(w, "refined"), "refined edge", "", REFINED, "months"),
    "products_wanted": Channel(lambda w: w.manufacturers.desired, "manufacturer", "", PRODUCT, "units"),
    "products_made": Channel(lambda w: w.manufacturers.output, "manufacturer", "", PRODUCT, "units"),
    "feed_open": Channel(lambda w: w.now.effects.cap_now["feed"], "feed edge", "", FEED, "1"),
    "refined_open": Channel(lambda w: w.now.effects.cap_now["refined"], "refined edge", "", REFINED, "1"),
}


ONLY_WITH_SHOCKS = ("feed_open", "refined_open")
"""Channels that never change where no shock is watched."""

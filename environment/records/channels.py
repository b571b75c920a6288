"""What is written down every month: each function reads one array of the world, named in the catalogue of variables.

A new array is one function here, and its name in a row of `data/variables.csv`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lodeflow.data import catalogue
from lodeflow.data.catalogue import Variable
from lodeflow.environment.market.contracts import sellers_ask
from lodeflow.environment.state import State

Reader = Callable[[State], np.ndarray]


@dataclass(frozen=True)
class Channel:
    """One recorded array.

    Attributes:
        read: takes the world, gives the month's values, shape (n,).
        place: name of the index set of the rows: see :meth:`Blocks._places`.
        variable: the row of the catalogue that it is part of.
    """

    read: Reader
    place: str
    variable: Variable

    @property
    def dtype(self) -> type:
        """The largest blocks, by edge and by country and metal, are in single precision; the run itself is in double.

        Months of way, by edge, are whole numbers.
        """
        if self.place.endswith("edge"):
            return np.int8 if self.variable.unit == "months" else np.float32
        return np.float32 if self.place == "cell" else np.float64


CHANNELS: dict[str, Channel] = {}
"""All recorded arrays by name, in the order in which they are read."""
ONLY_WITH_SHOCKS = ("feed_open", "refined_open")
"""Channels that never change where no shock is watched."""
ONLY_IN_TABLES = (
    *("product_use", "feed_lead", "refined_lead", "goods", "left_use", "hibernated", "used_exports", "ended"),
    *("gathered", "regained", "products_wanted", "products_made"),
)
"""Channels that only tables of a run folder are made from, and trade: no series that a batch keeps reads them."""


def recorded(read: Reader) -> Reader:
    """Record what a function reads from the world, under its name. Raises KeyError if no row of the catalogue names it."""
    variable, place = catalogue.of_array(read.__name__)
    CHANNELS[read.__name__] = Channel(read, place, variable)
    return read


def _per_cell(world: State, values: np.ndarray) -> np.ndarray:
    """Sum of a column over rows in use by country and metal."""
    places = world.places
    return np.bincount(places.cell_in_use, values, places.countries * places.metals)


def _way(world: State, name: str) -> np.ndarray:
    """Months until what is sent this month arrives, by edge of a market."""
    return world.markets[name].way(world.now.effects.longer(name))


# ---- prices, over the base price of the metal ---------------------------------------------------------------------------
@recorded
def price(world: State) -> np.ndarray:
    """Posted price of a desk over base."""
    return world.desks.price * np.exp(world.anchor)[world.desks.metal]


@recorded
def feed_bid(world: State) -> np.ndarray:
    """What a refiner bids for feed."""
    return world.refiners.bid * np.exp(world.anchor)[world.refiners.metal]


@recorded
def feed_ask(world: State) -> np.ndarray:
    """What the mines of a country ask."""
    return world.ore_desks.ask * np.exp(world.anchor)[world.ore_desks.metal]


@recorded
def refined_ask(world: State) -> np.ndarray:
    """What refiners, then sellers of recycled metal, ask."""
    return sellers_ask(world, "refined") * np.exp(world.anchor)[world.places.seller_metal]


@recorded
def mined(world: State) -> np.ndarray:
    """Output of mines, t."""
    return np.bincount(world.miners.desk, world.miners.output, len(world.ore_desks))


@recorded
def refining(world: State) -> np.ndarray:
    """Output of refiners, t."""
    return world.refiners.output


@recorded
def recycling(world: State) -> np.ndarray:
    """Output of sellers of recycled metal, t."""
    return world.secondary.output


@recorded
def mine_capacity(world: State) -> np.ndarray:
    """Capacity of mines, t per month."""
    return np.bincount(world.miners.desk, world.miners.capacity, len(world.ore_desks))


@recorded
def refinery_capacity(world: State) -> np.ndarray:
    """Capacity of refiners, t per month."""
    return world.refiners.capacity


@recorded
def use(world: State) -> np.ndarray:
    """Metal that goes into products, t."""
    return np.bincount(world.inputs.desk, world.inputs.use, len(world.desks))


@recorded
def product_use(world: State) -> np.ndarray:
    """Use by product and metal, t."""
    places = world.places
    return np.bincount(places.good_of_input, world.inputs.use, places.products * places.metals)


@recorded
def demand(world: State) -> np.ndarray:
    """Wanted at the posted price, t."""
    return world.desks.desired


@recorded
def shortage(world: State) -> np.ndarray:
    """Wanted and not had, t."""
    return world.desks.shortage


@recorded
def maker_stock(world: State) -> np.ndarray:
    """Metal at manufacturers, t."""
    return np.bincount(world.inputs.desk, world.inputs.stock, len(world.desks))


@recorded
def reserve(world: State) -> np.ndarray:
    """Strategic reserves, t."""
    return world.desks.reserve


@recorded
def investors(world: State) -> np.ndarray:
    """Metal bought to be kept, t."""
    return world.desks.investors


@recorded
def normal_use(world: State) -> np.ndarray:
    """Use of a normal month, t."""
    return world.desks.use


@recorded
def ore_stock(world: State) -> np.ndarray:
    """Ore or intermediate at mines, t."""
    return np.bincount(world.miners.desk, world.miners.stock, len(world.ore_desks))


@recorded
def feed_stock(world: State) -> np.ndarray:
    """Feed at refiners, t."""
    return world.refiners.feed_stock


@recorded
def refiner_stock(world: State) -> np.ndarray:
    """Refined metal at refiners, t."""
    return world.refiners.stock


@recorded
def recycled_stock(world: State) -> np.ndarray:
    """Recycled metal for sale, t."""
    return world.secondary.stock


@recorded
def recycled_content(world: State) -> np.ndarray:
    """Recycled share of purchases."""
    return world.desks.recycled_inflow


@recorded
def in_use(world: State) -> np.ndarray:
    """Metal in products in use, t."""
    return _per_cell(world, world.in_use.stock)


@recorded
def hibernating(world: State) -> np.ndarray:
    """Metal in drawers, t."""
    return _per_cell(world, world.in_use.hibernating)


@recorded
def end_of_life(world: State) -> np.ndarray:
    """Metal that can be collected, t."""
    return _per_cell(world, world.in_use.collectable)


@recorded
def collected(world: State) -> np.ndarray:
    """Metal collected, t."""
    return _per_cell(world, world.in_use.collected)


@recorded
def old_recoverable(world: State) -> np.ndarray:
    """Metal that can be recovered from old scrap, t."""
    return _per_cell(world, world.in_use.recoverable)


@recorded
def recycling_old(world: State) -> np.ndarray:
    """Output of sellers of recycled metal that comes from old products, t."""
    return world.secondary.old_output


@recorded
def recycling_abroad(world: State) -> np.ndarray:
    """Output of sellers of recycled metal that comes from scrap collected abroad, t."""
    return world.secondary.foreign_output


@recorded
def left_use(world: State) -> np.ndarray:
    """Metal in products that left use, t."""
    return world.in_use.leaving


@recorded
def hibernated(world: State) -> np.ndarray:
    """Metal that went into drawers less what came out, t."""
    return world.in_use.hibernated


@recorded
def used_exports(world: State) -> np.ndarray:
    """Metal in used goods that left the country, t."""
    return world.in_use.exported


@recorded
def ended(world: State) -> np.ndarray:
    """Metal that could be collected, t."""
    return world.in_use.collectable


@recorded
def gathered(world: State) -> np.ndarray:
    """Metal in products that was collected, t."""
    return world.in_use.collected


@recorded
def regained(world: State) -> np.ndarray:
    """Metal in collected products that plants at home get out, t."""
    return world.in_use.recoverable


@recorded
def feed_flow(world: State) -> np.ndarray:
    """Feed sent over an edge, t."""
    return world.markets["feed"].flow


@recorded
def refined_flow(world: State) -> np.ndarray:
    """Refined metal sent over an edge, t."""
    return world.markets["refined"].flow


@recorded
def feed_lead(world: State) -> np.ndarray:
    """Months on the way, by edge."""
    return _way(world, "feed")


@recorded
def refined_lead(world: State) -> np.ndarray:
    """Months on the way, by edge."""
    return _way(world, "refined")


@recorded
def goods(world: State) -> np.ndarray:
    """Metal in the goods made from an input: use less new scrap, t."""
    return world.inputs.use * (1.0 - world.places.new_scrap_share)


@recorded
def products_wanted(world: State) -> np.ndarray:
    """What factories wanted to make, units."""
    return world.manufacturers.desired


@recorded
def products_made(world: State) -> np.ndarray:
    """What factories made, units."""
    return world.manufacturers.output


@recorded
def feed_open(world: State) -> np.ndarray:
    """Share of trade in feed that is let through."""
    return world.now.effects.cap_now["feed"]


@recorded
def refined_open(world: State) -> np.ndarray:
    """Share of trade in refined metal that is let through."""
    return world.now.effects.cap_now["refined"]

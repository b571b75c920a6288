"""What moved in a calendar year, and what lay where at its end, in double precision: summed up month by month beside a world.

It writes nothing into the world. A run keeps it in one small table (``movements.parquet``); the country flow accounts are made
from it when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents.scrap_pool import content
from lodeflow.environment.records.stages import (
    CLOSING,
    DRAWERS,
    FEED_WAY,
    GAINED,
    GROUND,
    INVESTORS,
    MAKING,
    METAL_WAY,
    MINING,
    OPENING,
    RECYCLED,
    RECYCLING,
    REFINED,
    REFINING,
    RESERVES,
    SCRAP,
    USE,
)

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.environment.state import State

COLUMNS = ("date", "movement", "metal", "exporter", "importer", "product", "tonnes")
NOTHING = -1
"""Number of the product where a movement has none."""
Reader = Callable[["State"], np.ndarray]


@dataclass(frozen=True)
class Rows:
    """What the rows of an array of the world stand for: indices of metal, both countries and product, shape (n,) each."""

    metal: np.ndarray
    exporter: np.ndarray
    importer: np.ndarray
    product: np.ndarray

    @classmethod
    def at_home(cls, metal: np.ndarray, country: np.ndarray, product: np.ndarray | None = None) -> Rows:
        """Rows that stay in a country."""
        return cls(metal, country, country, np.full(len(metal), NOTHING) if product is None else product)

    def keys(self, world: State) -> tuple[np.ndarray, np.ndarray, Rows]:
        """First row and group of every row with the same labels, and the rows of the groups."""
        countries, products = len(world.layout.countries), _products(world) + 1
        key = ((self.metal * countries + self.exporter) * countries + self.importer) * products + self.product + 1
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        kept = Rows(self.metal[first], self.exporter[first], self.importer[first], self.product[first])
        return first, group, kept


def _products(world: State) -> int:
    return len(product_names(world))


def product_names(world: State) -> list[str]:
    """Products, then product groups: what scrap is a mix of; then what can be done with each group's scrap."""
    return [*world.layout.products, *world.layout.groups, *process_names(world)]


def process_names(world: State) -> list[str]:
    """Processes that can be added, by product group: `magnet: hydrometallurgy`."""
    names = world.blueprint.processes.names
    return [process_label(group, name) for group in world.layout.groups for name in names.get(group, ())]


def process_label(group: str, process: str) -> str:
    """What stands for a process of a product group in the column product."""
    return f"{group}: {process}"


def _tied(matrix: np.ndarray) -> np.ndarray:
    flat: np.ndarray = matrix.ravel()
    return flat


def _moved_scrap(world: State) -> np.ndarray:
    market = world.markets["scrap"]
    return _tied(market.flow[:, None] * world.pools.mix[market.seller])


def _gained(world: State) -> np.ndarray:
    """What added processes took out, t, by plant, process and metal in turn."""
    figures, gained = world.blueprint.processes, world.now.gained
    return np.zeros(figures.yields.size) if gained is None else _tied(gained)


MONTHLY: dict[str, Reader] = {
    "found": lambda w: w.now.found,
    "mined": lambda w: w.miners.output,
    "tailings": lambda w: w.miners.output * (1.0 / w.miners.recovery - 1.0),
    "feed": lambda w: w.markets["feed"].flow,
    "feed arrived": lambda w: w.markets["feed"].arrived,
    "slag": lambda w: w.refiners.output * (1.0 / w.refiners.yield_ - 1.0),
    "refined": lambda w: w.refiners.output,
    "sold": lambda w: w.markets["refined"].flow,
    "metal arrived": lambda w: w.markets["refined"].arrived,
    "to reserves": lambda w: w.now.to_reserves,
    "to investors": lambda w: w.now.to_investors,
    "released": lambda w: w.now.opened,
    "use": lambda w: w.inputs.use,
    "leaving": lambda w: w.in_use.leaving,
    "out of drawers": lambda w: w.in_use.from_drawers,
    "used goods": lambda w: w.in_use.exported,
    "collectable": lambda w: w.in_use.collectable,
    "old scrap": lambda w: w.in_use.collected,
    "scrap": _moved_scrap,
    "treated": lambda w: _tied(w.now.treated),
    "recovered": lambda w: _tied(w.recyclers.recovered),
    GAINED: _gained,
}
"""What is summed up month by month, t/month."""

STOCKS: dict[str, tuple[Reader, str]] = {
    GROUND: (lambda w: w.miners.reserve, "miners"),
    MINING: (lambda w: w.miners.stock, "miners"),
    FEED_WAY: (lambda w: w.markets["feed"].in_transit(), "refiners"),
    REFINING: (lambda w: w.refiners.feed_stock, "refiners"),
    REFINED: (lambda w: w.refiners.stock, "refiners"),
    METAL_WAY: (lambda w: w.markets["refined"].in_transit(), "desks"),
    MAKING: (lambda w: w.inputs.stock, "inputs"),
    RESERVES: (lambda w: w.desks.reserve, "desks"),
    INVESTORS: (lambda w: w.desks.investors, "desks"),
    USE: (lambda w: w.in_use.stock, "in use"),
    DRAWERS: (lambda w: w.in_use.hibernating, "in use"),
    SCRAP: (lambda w: _tied(content(w.pools.scrap) + content(w.pools.new_scrap)), "pools"),
    RECYCLING: (lambda w: _tied(content(w.recyclers.yard)), "recyclers"),
    RECYCLED: (lambda w: w.secondary.stock, "secondary"),
}
"""What lies at every stage, t, and whose rows it has; products at their end of life wait nowhere."""


class Movements:
    """Sums up what moves in a world whenever :meth:`record` is called, after a step.

    Args:
        world: the world to watch; it is only read.
    """

    def __init__(self, world: State) -> None:
        self.world = world
        self.years: list[tuple[int, dict[str, np.ndarray], dict[str, np.ndarray]]] = []
        self.opening = self._stocks()
        self.sums: dict[str, np.ndarray] = {}

    def fork(self, world: State) -> Movements:
        """The same for another world with the same past."""
        other = Movements.__new__(Movements)
        other.world, other.years, other.opening = world, list(self.years), self.opening
        other.sums = {name: tonnes.copy() for name, tonnes in self.sums.items()}
        return other

    def record(self) -> None:
        """Add the month that was simulated last; close the year after its last month."""
        world = self.world
        if self.sums:
            for name, read in MONTHLY.items():
                self.sums[name] += read(world)
        else:
            self.sums = {name: np.array(read(world), float) for name, read in MONTHLY.items()}
        if world.month % 12 == 0 or world.t == world.settings.months:
            self.years.append(((world.month - 1) // 12, self.sums, self._stocks()))
            self.sums = {}

    def _stocks(self) -> dict[str, np.ndarray]:
        return {stage: np.array(read(self.world), float) for stage, (read, _) in STOCKS.items()}

    def frame(self) -> pd.DataFrame:
        """Table of the years: columns COLUMNS; tonnes of metal in the year, or at its end for stocks; what is zero is left out.

        date: first day of the year; movement: of `stages.MOVEMENTS`, or a stock at the start of the first year or the end of a
        year; product: a product, or a product group for scrap; both countries are the same where nothing crosses a border.
        """
        import pandas as pd

        plans = _Plans(self.world)
        parts = [part for year, sums, stocks in self.years for part in plans.of_year(year, sums, stocks)]
        if self.years:
            parts = [*plans.of_stocks(self.years[0][0], OPENING, self.opening), *parts]
        names = sorted({name for _, name, _, _ in parts})
        code = {name: number for number, name in enumerate(names)}
        count = [len(tonnes) for *_, tonnes in parts]

        def joined(name: str) -> np.ndarray:
            own = [getattr(rows, name) for _, _, rows, _ in parts]
            found: np.ndarray = np.concatenate(own) if own else np.zeros(0, np.int64)
            return found

        layout = self.world.layout
        years = np.repeat([np.datetime64(f"{year}-01-01", "ns") for year, *_ in parts], count)
        return pd.DataFrame(
            {
                "date": years,
                "movement": _text(names, np.repeat([code[name] for _, name, _, _ in parts], count)),
                "metal": _text(layout.metals, joined("metal")),
                "exporter": _text(layout.countries, joined("exporter")),
                "importer": _text(layout.countries, joined("importer")),
                "product": _text(["", *product_names(self.world)], joined("product") + 1),
                "tonnes": np.concatenate([tonnes for *_, tonnes in parts]) if parts else np.zeros(0),
            }
        )


def _text(names: list[str], codes: np.ndarray) -> pd.Categorical:
    """Text as categories; a product group may be called like a product."""
    import pandas as pd

    unique, place = np.unique(np.array(names, object), return_inverse=True)
    return pd.Categorical.from_codes(place[codes], pd.Index(unique))


Part = tuple[int, str, Rows, np.ndarray]
"""Year, movement, what its rows are, and tonnes of each."""


class _Plans:
    """What the rows of the sums of a world stand for, worked out once for all years."""

    def __init__(self, world: State) -> None:
        self.world, self.kept = world, {}
        layout = world.layout
        metals, groups = np.arange(len(layout.metals)), len(layout.products)

        def spread(index: np.ndarray) -> np.ndarray:
            return np.repeat(index, len(metals))

        pools, recyclers, inputs, in_use = world.pools, world.recyclers, world.inputs, world.in_use
        self.places = {
            name: Rows.at_home(getattr(world, name).metal, getattr(world, name).country)
            for name in ("miners", "refiners", "desks", "secondary")
        }
        self.places["inputs"] = Rows.at_home(inputs.metal, inputs.country, inputs.product)
        self.places["in use"] = Rows.at_home(in_use.metal, in_use.country, in_use.product)
        for name, owners in (("pools", pools), ("recyclers", recyclers)):
            metal = np.tile(metals, len(owners))
            self.places[name] = Rows.at_home(metal, spread(owners.country), spread(owners.group) + groups)
        self.places["processes"] = self._processes()
        self._trade()

    kept: dict[str, tuple[np.ndarray, Rows]]

    def _processes(self) -> Rows:
        """Rows of what added processes take out: plant, process and metal in turn."""
        world, layout, names = self.world, self.world.layout, self.world.blueprint.processes.names
        figures, first, found = world.blueprint.processes, len(layout.products) + len(layout.groups), dict[str, int]()
        for group in layout.groups:
            found[group] = first
            first += len(names.get(group, ()))
        n, processes, metals = figures.yields.shape
        begins = np.array([found[layout.groups[g]] for g in world.recyclers.group[figures.plants]], np.int64)
        product = begins[:, None, None] + np.arange(processes)[None, :, None]
        country = world.recyclers.country[figures.plants][:, None, None]
        shape = (n, processes, metals)
        parts = (np.broadcast_to(part, shape).ravel() for part in (np.arange(metals), country, product))
        return Rows.at_home(*parts)

    def _trade(self) -> None:
        """Rows that lead from one country to another."""
        world, layout, trade = self.world, self.world.layout, self.world.trade
        metals, groups = np.arange(len(layout.metals)), len(layout.products)
        for name in ("feed", "refined"):
            market = world.markets[name]
            none = np.full(len(market), NOTHING)
            self.places[name] = Rows(market.metal, market.seller_country, market.buyer_country, none)
        market = world.markets["scrap"]
        seller, buyer = (np.repeat(place, len(metals)) for place in (market.seller_country, market.buyer_country))
        group = np.repeat(world.pools.group[market.seller], len(metals)) + groups
        self.places["scrap"] = Rows(np.tile(metals, len(market)), seller, buyer, group)
        inputs, in_use, edge = world.inputs, world.in_use, trade.edge
        self.places["products"] = Rows(
            inputs.metal[trade.input], trade.maker[edge], trade.user[edge], trade.product[edge]
        )
        country = in_use.country
        self.places["used goods"] = Rows(in_use.metal, country, country[in_use.export_row], in_use.product)

    def _part(self, year: int, movement: str, place: str, tonnes: np.ndarray) -> Part:
        if place not in self.kept:
            _, group, rows = self.places[place].keys(self.world)
            self.kept[place] = (group, rows)
        group, rows = self.kept[place]
        sums = np.bincount(group, tonnes, len(rows.metal))
        some = np.flatnonzero(sums)
        return year, movement, Rows(*(getattr(rows, name)[some] for name in vars(rows))), sums[some]

    def of_stocks(self, year: int, prefix: str, stocks: dict[str, np.ndarray]) -> list[Part]:
        """What lay at every stage, t."""
        return [self._part(year, prefix + stage, STOCKS[stage][1], tonnes) for stage, tonnes in stocks.items()]

    def of_year(self, year: int, sums: dict[str, np.ndarray], stocks: dict[str, np.ndarray]) -> list[Part]:
        """All movements of a year and the stocks at its end, t."""
        world, blueprint, trade = self.world, self.world.blueprint, self.world.trade
        inputs, in_use = world.inputs, world.in_use
        recycled = world.markets["refined"].seller >= len(world.refiners)
        scrap = sums["use"] * blueprint.new_scrap[inputs.product]
        lost = (sums["use"] - scrap) * blueprint.dissipated[inputs.product]
        goods = (sums["use"] - scrap - lost)[trade.input] * trade.metal_share[trade.year(12 * year)]
        into = in_use.hibernating_share * sums["leaving"]
        parts = {
            "dug": ("miners", sums["mined"] + sums["tailings"]),
            **{name: ("miners", sums[name]) for name in ("found", "tailings")},
            "feed": ("feed", sums["feed"]),
            **{name: ("refiners", sums[name]) for name in ("feed arrived", "slag", "refined")},
            "primary metal": ("refined", sums["sold"] * ~recycled),
            "recycled metal": ("refined", sums["sold"] * recycled),
            "to makers": ("desks", sums["metal arrived"] - sums["to reserves"] - sums["to investors"]),
            **{name: ("desks", sums[name]) for name in ("to reserves", "to investors", "released")},
            "new scrap": ("inputs", scrap),
            "dissipated": ("inputs", lost),
            "products": ("products", goods),
            "into drawers": ("in use", into),
            "discarded": ("in use", sums["leaving"] - into),
            "out of drawers": ("in use", sums["out of drawers"]),
            "used goods": ("used goods", sums["used goods"]),
            "landfilled": ("in use", sums["collectable"] - sums["old scrap"]),
            "old scrap": ("in use", sums["old scrap"]),
            "scrap": ("scrap", sums["scrap"]),
            "rejects": ("recyclers", sums["treated"] - sums["recovered"]),
            "recovered": ("recyclers", sums["recovered"]),
            GAINED: ("processes", sums[GAINED]),
        }
        moved = [self._part(year, name, place, tonnes) for name, (place, tonnes) in parts.items()]
        return moved + self.of_stocks(year, CLOSING, stocks)

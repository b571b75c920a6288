"""One world with everything that was seen of it so far: the series of the run's tables, flows by edge, firms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from lodeflow.environment.market.loops import sums_by_row
from lodeflow.environment.records import indicators

if TYPE_CHECKING:
    from lodeflow.environment.records.recorder import Recorder
    from lodeflow.environment.shocks.kinds import Shock
    from lodeflow.environment.world import World

FIRMS: dict[str, tuple[str, ...]] = {
    "miners": ("output", "stock"),
    "ore_desks": ("ask",),
    "refiners": ("output", "stock", "feed_stock", "ask"),
    "manufacturers": ("output", "desired"),
    "recyclers": ("throughput", "held"),
    "secondary": ("output", "stock", "ask"),
}
"""Attributes of firms whose history is kept, by population."""


class Key(NamedTuple):
    """Names one series, as the columns of the table `series` do."""

    variable: str
    metal: str
    form: str
    region: str


class Window:
    """Some months of a recorder, for the functions of :mod:`lodeflow.environment.records.indicators`.

    Args:
        recorder: the records of a world.
        first: first month of the window, counted from the start of the run.
    """

    def __init__(self, recorder: Recorder, first: int) -> None:
        self.world, self.places, self.since, self.first = recorder.world, recorder.places, recorder.since, first
        self.purse = recorder.purse
        self.written = recorder.written - first
        self.blocks = {name: block[first : recorder.written] for name, block in recorder.blocks.items()}

    def block(self, name: str) -> np.ndarray:
        """What a channel recorded in the window, shape (months, n)."""
        return self.blocks[name]

    def rows(self) -> list[indicators.Rows]:
        """All series of the window, as the table `series` of a run has them."""
        recorder = cast("Recorder", self)
        countries = indicators.country_rows(recorder)
        return [
            *countries,
            *indicators.group_rows(recorder, countries),
            *indicators.indicator_rows(recorder),
        ]


@dataclass(frozen=True)
class View:
    """What was seen of a world in its first `t` months. Nothing in it changes any more.

    Attributes:
        t: months simulated.
        world: for names and row numbers only; its columns go on changing.
        series: values by month, shape (months of the run,); valid up to `t`.
        units: unit by variable.
        flows: traded by edge, t/month, shape (months, E), by market.
        open: share of each edge that measures let through, same shape; empty without shocks.
        uses: metal used by product and metal, t/month, shape (months, products x metals).
        firms: (population, attribute) -> values, shape (months, n).
        inputs: metal used by every input of a manufacturer, t/month, shape (months, L).
        scrap: recovered from scrap bought abroad, and from all, t/month, shape (months, 2, countries, metals).
    """

    t: int
    world: World
    series: dict[Key, np.ndarray]
    units: dict[str, str]
    flows: dict[str, np.ndarray]
    open: dict[str, np.ndarray]
    uses: np.ndarray
    firms: dict[tuple[str, str], np.ndarray]
    inputs: np.ndarray
    scrap: np.ndarray

    def line(self, variable: str, metal: str, form: str, region: str = indicators.WORLD) -> np.ndarray | None:
        """One series up to month `t`, None if the run has no such series."""
        values = self.series.get(Key(variable, metal, form, region))
        return None if values is None else values[: self.t]

    def regions(self, variable: str, metal: str, form: str) -> dict[str, np.ndarray]:
        """The series of all countries (no groups) of one variable, up to month `t`."""
        return {key.region: self.series[key][: self.t] for key in self._countries.get((variable, metal, form), ())}

    @cached_property
    def _countries(self) -> dict[tuple[str, str, str], list[Key]]:
        """Names of the series of countries (no groups) by variable, metal and form."""
        found: dict[tuple[str, str, str], list[Key]] = {}
        for key in self.series:
            if key.region not in (indicators.WORLD, indicators.UNION):
                found.setdefault((key.variable, key.metal, key.form), []).append(key)
        return found

    def product_use(self, metal: str, first: int, until: int | None = None) -> dict[str, float]:
        """Metal used by product from month `first` up to month `until` (left out: `t`), t; the world's."""
        layout, blocks = self.world.layout, self.uses[first : self.t if until is None else until]
        metals, products = self.world.recorder.places["product"]
        mine = metals == layout.metal_index[metal]
        sums = blocks[:, mine].sum(axis=0)
        return {layout.products[p]: float(value) for p, value in zip(products[mine], sums, strict=True) if value > 0}

    def users(self, metal: str) -> list[str]:
        """Products that use a metal."""
        layout = self.world.layout
        metals, products = self.world.recorder.places["product"]
        return [layout.products[number] for number in products[metals == layout.metal_index[metal]]]

    def of_product(self, metal: str, product: str) -> View:
        """The same with use of a metal counted for one product alone, and with it what countries buy for it.

        Use is that of the factories that make the product. Refined metal that reaches a country counts by the product's part in
        what the country's factories use in the month: metal is not bought for a product.
        """
        own, whole = self._used(metal, product), self._used(metal)
        share = np.divide(own, whole, out=np.zeros_like(own), where=whole > 0.0)
        layout, series = self.world.layout, dict(self.series)
        for key in self.series:
            if key[:3] == ("use", metal, "refined"):
                place = layout.country_index.get(key.region)
                if place is not None:
                    series[key] = own[:, place]
                elif key.region == indicators.WORLD:
                    series[key] = own.sum(axis=1)
                else:
                    del series[key]
        flows = dict(self.flows)
        if "refined" in flows:
            table = self.world.markets["refined"]
            edges = np.flatnonzero(table.metal == layout.metal_index[metal])
            flows["refined"] = flows["refined"][: self.t].copy()
            flows["refined"][:, edges] *= share[:, table.buyer_country[edges]]
        return replace(self, series=series, flows=flows)

    def _used(self, metal: str, product: str = "") -> np.ndarray:
        """Metal used by country, in one product or in all, t/month, shape (t, countries)."""
        layout, inputs = self.world.layout, self.world.inputs
        mine = inputs.metal == layout.metal_index[metal]
        rows = np.flatnonzero(mine & (inputs.product == layout.products.index(product)) if product else mine)
        used = np.zeros((len(layout.countries), self.t))
        np.add.at(used, inputs.country[rows], self.inputs[: self.t, rows].T)
        return used.T

    def feed_form(self, metal: str) -> str:
        """What the series call the metal's feed: ore or intermediate."""
        layout = self.world.layout
        return layout.feed_forms[layout.metal_index[metal]]


class Track:
    """Steps a world and collects what is seen of it.

    Args:
        world: a world before its first month.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        world.recorder.purse.whole = False
        self.read_until = 0
        self.series: dict[Key, np.ndarray] = {}
        self._sheets: dict[int, tuple[tuple[str, list[str], list[str], list[str]], np.ndarray]] = {}
        self.units: dict[str, str] = {}
        months = world.settings.months
        self.scrap = np.zeros((months, 2, len(world.layout.countries), len(world.layout.metals)))
        self.inputs = np.zeros((months, len(world.inputs)))
        self.firms = {
            (name, attribute): np.zeros((months, len(getattr(world, name))))
            for name, attributes in FIRMS.items()
            for attribute in attributes
        }

    def fork(self, shocks: tuple[Shock, ...], decide: bool = False) -> Track:
        """The same past, and other shocks from now on (:meth:`lodeflow.environment.world.World.fork`).

        decide: whether governments go on deciding.
        """
        other = Track(self.world.fork(shocks, decide))
        for key, block in self.firms.items():
            other.firms[key][: self.t] = block[: self.t]
        other.scrap[: self.t] = self.scrap[: self.t]
        other.inputs[: self.t] = self.inputs[: self.t]
        return other

    @property
    def t(self) -> int:
        """Months simulated."""
        return self.world.t

    def step_to(self, t: int) -> None:
        """Simulate until `t` months are done; nothing if they are."""
        world = self.world
        while world.t < t:
            world.step()
            for (name, attribute), block in self.firms.items():
                block[world.t - 1] = getattr(world, name).column(attribute)
            self.scrap[world.t - 1] = _scrap_bought(world)
            self.inputs[world.t - 1] = world.inputs.use

    def view(self, t: int) -> View:
        """What is seen in the first `t` months (at most those simulated)."""
        self._read()
        blocks = self.world.recorder.blocks
        return View(
            t=min(t, self.t),
            world=self.world,
            series=dict(self.series),
            units=dict(self.units),
            flows={name: blocks[f"{name}_flow"] for name in ("feed", "refined")},
            open={name: blocks[f"{name}_open"] for name in ("feed", "refined") if f"{name}_open" in blocks},
            uses=blocks["product_use"],
            firms=dict(self.firms),
            inputs=self.inputs,
            scrap=self.scrap,
        )

    def _read(self) -> None:
        """Bring the series up to the month simulated last."""
        first, recorder = self.read_until, self.world.recorder
        if recorder.written == first:
            return
        for number, part in enumerate(Window(recorder, first).rows()):
            self.units[part.variable] = part.unit
            names = (part.variable, part.metal, part.form, part.region)
            if number not in self._sheets or self._sheets[number][0] != names:
                self._sheets[number] = (names, self._sheet(part))
            self._sheets[number][1][first : recorder.written] = part.values
        self.read_until = recorder.written

    def _sheet(self, part: indicators.Rows) -> np.ndarray:
        """Values of the series of a part, shape (months of the run, n), with what is known of them; each is a column of it."""
        sheet = np.zeros((self.world.recorder.months, len(part.metal)))
        for i, names in enumerate(zip(part.metal, part.form, part.region, strict=True)):
            key = Key(part.variable, *names)
            if key in self.series:
                sheet[:, i] = self.series[key]
            self.series[key] = sheet[:, i]
        return sheet

    def watch(self, shocks: tuple[Shock, ...]) -> None:
        """Record prices inside and outside the countries that `shocks` restrict; nothing simulated changes."""
        self.world.watched = shocks
        self.series, self._sheets, self.read_until = {}, {}, 0


def _scrap_bought(world: World) -> np.ndarray:
    """Metal that the recyclers of each country recovered from scrap bought abroad, and in all, t, shape (2, countries, metals).

    Every plant recovers of what it bought abroad this month the same share as of the rest.
    """
    market, recyclers, countries = world.markets["scrap"], world.recyclers, len(world.layout.countries)
    moved = market.flow[:, None] * world.pools.mix[market.seller]
    foreign, every = (
        sums_by_row(market.buyer, part, len(recyclers)) for part in (moved * ~market.domestic[:, None], moved)
    )
    share = np.divide(foreign, every, out=np.zeros_like(every), where=every > 0.0)
    parts = (recyclers.recovered * share, recyclers.recovered)
    result: np.ndarray = np.stack([sums_by_row(recyclers.country, part, countries) for part in parts])
    return result

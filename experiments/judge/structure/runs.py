"""The protocol: which runs are made, what each is told of the time after its base year, and in which years it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.shocks.kinds import Shock
    from lodeflow.environment.world import World

LAST = 2024
"""Last year with data."""
FIT_UNTIL = 2016
"""Last year that a fit may look at."""
FIT, JUDGED, LEFT_OUT = "fit, to 2016", "judged, 2017 to 2024", "judged, metals left out of the fit"
KEPT_FROM_FIT = ("nickel", "neodymium-praseodymium", "gallium")
"""Metals left out of a fit once: one of the exchanges, a rare earth, a by-product."""
QUICK = ("lithium", "cobalt", "nickel")
"""Metals of the quick judgement."""


@dataclass(frozen=True)
class Protocol:
    """One run of the past, without noise.

    Attributes:
        base: base year and first year.
        expected: "path": agents expect the demand that came, so that only the map is judged; "trend": they expect the growth
            of the years before, so that prices move when demand departs from it.
        part: FIT or JUDGED: whether its years may be looked at in a fit.
        episodes: episodes whose measures are given, those announced by then.
        metals: metals of the run; empty: all with data for the base year.
        own_base: for a single case that is no part of the scores of shares.
    """

    base: int
    expected: str = "path"
    part: str = JUDGED
    episodes: tuple[str, ...] = ()
    metals: tuple[str, ...] = ()
    own_base: bool = False

    @property
    def given(self) -> str:
        """What the run is told of the time after its base year, in words."""
        demand = "world demand" if self.expected == "path" else "world demand, which comes otherwise than expected"
        return f"{demand}; measures: {', '.join(self.episodes)}" if self.episodes else demand

    @property
    def years(self) -> range:
        """Years that are judged: a fit looks no further than 2016, a judgement begins after it."""
        return range(self.base + 1, FIT_UNTIL + 1) if self.part == FIT else range(self.base + 1, LAST + 1)


PROTOCOL: dict[str, Protocol] = {
    "path-2005": Protocol(2005, part=FIT),
    "path-2010": Protocol(2010, part=FIT, episodes=("rare-earth-quota-2010",)),
    "path-2016": Protocol(2016),
    "path-2019": Protocol(2019),
    "trend-2010": Protocol(2010, "trend"),
    "trend-2015": Protocol(2015, "trend"),
    "nickel-ban-2013": Protocol(2013, episodes=("nickel-ore-ban-2014",), metals=("nickel",), own_base=True),
}


@dataclass(frozen=True)
class Past:
    """What a run of the past did, year by year.

    Attributes:
        protocol: what was run.
        output: year, metal, stage ("mine", "refine"), iso3, tonnes (t/year).
        market: year, metal, price (over that of the base year), wanted and short (use that was wanted, and what stayed
            unmet of it, t/year).
        metals: metals of the run.
    """

    protocol: Protocol
    output: pd.DataFrame
    market: pd.DataFrame
    metals: tuple[str, ...]


def run_past(
    protocol: Protocol, tables: Tables, parameters: Mapping[str, float] | None = None, metals: tuple[str, ...] = ()
) -> Past:
    """Make a run of the protocol to the end of 2024.

    parameters: values on top of the shipped ones; metals: a part of the run's metals, all if empty.
    Raises DataError for parameters or tables that do not do.
    """
    from lodeflow import environment
    from lodeflow.environment import WorldSettings

    chosen = [metal for metal in metals_of(protocol, tables) if not metals or metal in metals]
    settings = WorldSettings(
        start=f"{protocol.base}-01",
        end=f"{LAST}-12",
        base_year=protocol.base,
        metals=chosen,
        expected=protocol.expected,  # type: ignore[arg-type]
        noise=0.0,
    )
    world = environment.build(tables, settings, _shocks(protocol, tables, chosen), parameters)
    world.recorder.purse.whole = False
    return read_past(world.run(), protocol)


def metals_of(protocol: Protocol, tables: Tables) -> list[str]:
    """Metals of a run: its own, or all with refined output and a price in the base year."""
    from lodeflow.experiments.judge.validate.runs import with_data

    prices = tables.base_prices
    priced = set(prices.loc[prices["year"] == protocol.base, "metal"])
    return [m for m in with_data(tables, protocol.base) if m in (protocol.metals or priced)]


def _shocks(protocol: Protocol, tables: Tables, metals: list[str]) -> list[Shock]:
    """The measures of the run's episodes that concern its metals."""
    from lodeflow.experiments.judge.hindcast.episodes import load_episode

    shocks = [shock for name in protocol.episodes for shock in load_episode(name, tables).scenario.shocks]
    return [shock for shock in shocks if set(shock.touched_metals) & set(metals)]


def read_past(world: World, protocol: Protocol) -> Past:
    """Read the years of a world that has run from January of the base year to a December."""
    import pandas as pd

    layout, recorder = world.layout, world.recorder
    years = protocol.base + np.arange(recorder.written // 12)
    parts = []
    for stage, channel, place in (("mine", "mined", "ore desk"), ("refine", "refining", "refiner")):
        metal, country = recorder.places[place]
        yearly = by_year(recorder.block(channel))
        at, row = np.nonzero(yearly)
        names = {"metal": np.array(layout.metals)[metal[row]], "iso3": np.array(layout.countries)[country[row]]}
        parts.append(pd.DataFrame({"year": years[at], "stage": stage, **names, "tonnes": yearly[at, row]}))
    output = pd.concat(parts).groupby(["year", "metal", "stage", "iso3"])["tonnes"].sum().reset_index()
    return Past(protocol, output, _market(world, years), tuple(layout.metals))


def _market(world: World, years: np.ndarray) -> pd.DataFrame:
    """Yearly price relative to the base year, wanted use and what stays unmet of it, by metal."""
    import pandas as pd

    recorder = world.recorder
    metal, _ = recorder.places["desk"]
    price, normal, wanted, short = (recorder.block(n) for n in ("price", "normal_use", "demand", "shortage"))
    parts = []
    for number, name in enumerate(world.layout.metals):
        own = metal == number
        index = (price[:, own] * normal[:, own]).sum(axis=1) / normal[:, own].sum(axis=1)
        yearly = index.reshape(-1, 12).mean(axis=1)
        use = {key: by_year(block[:, own]).sum(axis=1) for key, block in (("wanted", wanted), ("short", short))}
        parts.append(pd.DataFrame({"year": years, "metal": name, "price": yearly / yearly[0], **use}))
    return pd.concat(parts, ignore_index=True)


def by_year(block: np.ndarray) -> np.ndarray:
    """Sums of the calendar years of a block (months, rows), shape (years, rows); months begin with a January."""
    return block.reshape(-1, 12, block.shape[1]).sum(axis=1)

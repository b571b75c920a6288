"""Energy and emissions carried through the flow account: production based, embodied in trade, consumption based, in stock.

What leaves a place carries the mean of what lay there and came in. Metal that is lost, and scrap, carry nothing: what is passed on
carries it all (cut-off). So for every country, metal and year, TJ and kt CO2e alike,

    opening + production + imports - exports = consumption + not allocated + closing

where consumption is what products carry that come into use, and not allocated what nothing was passed on from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.footprint import MINING as DIGGING
from lodeflow.data.footprint import RECYCLING as RECOVERING
from lodeflow.data.footprint import REFINING as SMELTING
from lodeflow.data.footprint import SECONDARY, STAGES, Factors, factors, totals
from lodeflow.environment.records.movements import process_label
from lodeflow.environment.records.stages import (
    FEED_WAY,
    GROUND,
    INVESTORS,
    MAKING,
    METAL_WAY,
    MINING,
    RECYCLED,
    REFINED,
    REFINING,
    RESERVES,
)
from lodeflow.experiments.analysis.flows.account import Account
from lodeflow.experiments.analysis.flows.origin import MetalFlows, YearFlows

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

ENERGY, CARBON = "energy_tj", "co2_kt"
MEASURES = (ENERGY, CARBON)
FEED, METAL, PRODUCTS = "feed", "refined", "products"
"""Forms in which energy and emissions cross borders."""
TERMS = ("opening", "production", "imports", "exports", "consumption", "not_allocated", "closing")
"""Terms of the balance, in its order."""
TOLERANCE = 1e-9
"""Largest gap of a balance over the sum of its terms."""
Burden = np.ndarray
"""TJ and kt CO2e by country, shape (2, n); by country and country, shape (2, n, n)."""
Stay = Callable[[str, np.ndarray, Burden], Burden]
"""Takes a stage, what comes in (t) and what it carries; gives what goes on."""


@dataclass(frozen=True)
class Footprints:
    """The account of a run. All tables have metal and year, t in the year, TJ and kt CO2e.

    Attributes:
        production: by stage and region: metal content that left the stage, and its energy and emissions.
        trade: by form, from_region and to_region (both alike: at home): what crosses and what it carries.
        delivered: by region: metal that came to makers, from abroad or home, and what it carries.
        consumption: by region: metal that came into use in products, and what it carries.
        avoided: by region: recovered metal, less energy and emissions than the world's primary route that year.
        balance: by region and measure: TERMS and the gap over the sum of all terms.
        grade: by metal and year: energy and emissions of mining a tonne over those of the first year.
        unknown: metals without published factors; no table has them.
    """

    production: pd.DataFrame
    trade: pd.DataFrame
    delivered: pd.DataFrame
    consumption: pd.DataFrame
    avoided: pd.DataFrame
    balance: pd.DataFrame
    grade: pd.DataFrame
    unknown: tuple[str, ...]


def footprints(account: Account, tables: Tables) -> Footprints:
    """Return energy and emissions of an account of all its years (not `summed`), of the metals with published factors."""
    import pandas as pd

    known = factors(tables, account.metals, account.regions)
    books = [_Book(account, tables, known, metal) for metal in account.metals if metal not in known.unknown]
    parts = {name: [part for book in books for part in getattr(book, name)] for name in _Book.TABLES}
    whole = {name: pd.concat(rows, ignore_index=True) if rows else pd.DataFrame() for name, rows in parts.items()}
    return Footprints(**whole, unknown=tuple(known.unknown))


class _Book:
    """Makes the tables of one metal, year after year."""

    TABLES = ("production", "trade", "delivered", "consumption", "avoided", "balance", "grade")

    def __init__(self, account: Account, tables: Tables, known: Factors, metal: str) -> None:
        self.regions, self.metal = np.array(account.regions, object), metal
        self.production: list[pd.DataFrame] = []
        self.trade: list[pd.DataFrame] = []
        self.delivered: list[pd.DataFrame] = []
        self.consumption: list[pd.DataFrame] = []
        self.avoided: list[pd.DataFrame] = []
        self.balance: list[pd.DataFrame] = []
        self.grade: list[pd.DataFrame] = []
        numbers, held, own = MetalFlows(account, metal), dict[str, Burden](), own_energy(tables, metal)
        row, ground = known.metals.index(metal), 0.0
        for year in numbers.years:
            flows = numbers.year(year)
            left = float(flows.held(GROUND).sum())
            ground = ground or left
            harder = dearer(left / ground if ground > 0.0 else 1.0, -known.grade)
            rates = _rates(known, row, year, harder)
            rates[:, STAGES.index(RECOVERING)] *= _of_processes(account, metal, flows, own)
            self._tell(flows, solved(flows, rates, held), rates, harder)

    def _rows(self, flows: YearFlows, tonnes: np.ndarray, carried: Burden, **labels: str) -> pd.DataFrame:
        import pandas as pd

        some = np.flatnonzero((tonnes != 0.0) | (carried != 0.0).any(axis=0))
        keys = {"metal": self.metal, "year": flows.year, **labels, "region": self.regions[some]}
        return pd.DataFrame(keys | {"tonnes": tonnes[some], ENERGY: carried[0][some], CARBON: carried[1][some]})

    def _tell(self, flows: YearFlows, found: _Solved, rates: np.ndarray, harder: float) -> None:
        import pandas as pd

        for stage in STAGES:
            self.production.append(self._rows(flows, found.output[stage], found.emitted[stage], stage=stage))
        self.delivered.append(self._rows(flows, *found.delivered))
        self.consumption.append(self._rows(flows, found.used[0].sum(axis=0), found.used[1].sum(axis=1)))
        for form, (tonnes, carried) in found.trade.items():
            out, to = np.nonzero(tonnes)
            keys = {"metal": self.metal, "year": flows.year, "form": form}
            keys |= {"from_region": self.regions[out], "to_region": self.regions[to], "tonnes": tonnes[out, to]}
            self.trade.append(pd.DataFrame(keys | {name: carried[k][out, to] for k, name in enumerate(MEASURES)}))
        output = found.output
        made = output[SMELTING].sum()
        primary = (found.emitted[DIGGING] + found.emitted[SMELTING]).sum(axis=1) / (made if made > 0.0 else np.inf)
        self.avoided.append(
            self._rows(flows, output[RECOVERING], avoided(output[RECOVERING], primary, rates[:, 2] / 1e3))
        )
        self.balance += _balance(self.metal, flows.year, self.regions, found)
        self.grade.append(pd.DataFrame({"metal": [self.metal], "year": [flows.year], "harder": [harder]}))


def avoided(tonnes: np.ndarray, primary: np.ndarray, secondary: np.ndarray) -> Burden:
    """Return ``tonnes (primary - secondary)``, TJ and kt CO2e, shape (2, n).

    Args:
        tonnes: recovered metal by country, t, shape (n,).
        primary: the world's primary route this year, TJ/t and kt CO2e/t, shape (2,).
        secondary: recycling by country, TJ/t and kt CO2e/t, shape (2, n).
    """
    found: Burden = tonnes * (primary[:, None] - secondary)
    return found


def dearer(left: float, exponent: float) -> float:
    """Return energy of mining a tonne over that of the first year: ``left^exponent`` as ore in the ground shrinks, else 1.

    Args:
        left: reserve over that at the start of the run.
        exponent: -(energy on grade) x (grade on reserve), at most 0.
    """
    return float(max(left, 1e-6) ** exponent) if left < 1.0 else 1.0


def _rates(known: Factors, row: int, year: int, harder: float) -> np.ndarray:
    """GJ/t and t CO2e/t by stage and country, shape (2, stages, n)."""
    carbon = known.of_year(year)[row]
    rates = np.stack([np.repeat(known.energy[row][:, None], carbon.shape[1], axis=1), carbon])
    rates[:, STAGES.index(DIGGING)] *= harder
    return rates


def own_energy(tables: Tables, metal: str) -> dict[str, float]:
    """Energy of each added process over that of recycling the metal in general, by its label; those without a figure of their own
    are left out."""
    general, rows = totals(tables, metal), tables.processes
    rows = rows[(rows["metal"] == metal) & rows["energy"].notna()]
    return {
        process_label(str(row["group"]), str(row["process"])): float(row["energy"]) / general[SECONDARY][0]
        for row in (rows.to_dict("records") if general else [])
    }


def _of_processes(account: Account, metal: str, flows: YearFlows, own: dict[str, float]) -> np.ndarray:
    """Energy of what is recovered over that by the general factor: some comes from processes of their own, shape (n,)."""
    more = np.zeros(len(account.regions))
    if account.gained is None or not own:
        return more + 1.0
    rows = account.gained
    rows = rows[(rows["metal"] == metal) & (rows["year"] == flows.year) & rows["product"].isin(list(own))]
    place = {name: number for number, name in enumerate(account.regions)}
    over = np.array([own[name] - 1.0 for name in rows["product"]])
    region = np.array([place[name] for name in rows["region"]], np.int64)
    np.add.at(more, region, rows["tonnes"].to_numpy(float) * over)
    recovered = flows.moved("recovered").sum(axis=0)
    return 1.0 + _over(more, recovered)


@dataclass
class _Solved:
    """Energy and emissions of a metal in a year; burdens as in `Burden`."""

    output: dict[str, np.ndarray] = field(default_factory=dict)
    emitted: dict[str, Burden] = field(default_factory=dict)
    trade: dict[str, tuple[np.ndarray, Burden]] = field(default_factory=dict)
    delivered: tuple[np.ndarray, Burden] = (np.zeros(0), np.zeros((2, 0)))
    used: tuple[np.ndarray, Burden] = (np.zeros((0, 0)), np.zeros((2, 0, 0)))
    opening: Burden | float = 0.0
    closing: Burden | float = 0.0
    lost: Burden | float = 0.0

    def stay(self, held: np.ndarray, before: Burden | None, tonnes: np.ndarray, came: Burden) -> tuple[Burden, Burden]:
        """What a place keeps in its stock and what goes on; stock of the first year is like what comes in that year.

        Args:
            held: stock at the start and at the end, t, shape (2, n).
            before: what the stock carries at the start; None in the first year.
            tonnes, came: what comes in, t, shape (n,), and what it carries.
        """
        if before is None:
            before = came * _over(held[0], tonnes)
        whole, mass = before + came, held[0] + tonnes
        kept = whole * np.minimum(_over(held[1], mass), 1.0)
        self.opening, self.closing = self.opening + before, self.closing + kept
        return kept, whole - kept

    def send(self, tonnes: np.ndarray, gone: Burden) -> Burden:
        """Share out what goes on over where it goes, by tonnes, shape (n, n); what goes nowhere is lost."""
        total = tonnes.sum(axis=1)
        self.lost = self.lost + np.where(total > 0.0, 0.0, gone)
        return gone[:, :, None] * _over(tonnes, total[:, None])


def _over(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below > 0.0)
    return found


def solved(year: YearFlows, rates: np.ndarray, held: dict[str, Burden]) -> _Solved:
    """Carry energy and emissions through a year.

    Args:
        year: flows and stocks of a metal.
        rates: GJ/t and t CO2e/t by stage and country, shape (2, stages, n).
        held: what the stocks carry, by stage; empty before the first year, brought to the end of this one.
    """
    found, first = _Solved(), not held

    def stay(stage: str, tonnes: np.ndarray, came: Burden) -> Burden:
        held[stage], gone = found.stay(year.ends(stage), None if first else held[stage], tonnes, came)
        return gone

    def emit(stage: str, tonnes: np.ndarray) -> Burden:
        found.output[stage] = tonnes
        found.emitted[stage] = tonnes * rates[:, STAGES.index(stage)] / 1e3
        return found.emitted[stage]

    def cross(tonnes: np.ndarray, gone: Burden) -> tuple[np.ndarray, Burden]:
        return tonnes, found.send(tonnes, gone)

    mined = (year.moved("dug") - year.moved("tailings")).sum(axis=1)
    feed = found.trade[FEED] = cross(year.moved("feed"), stay(MINING, mined, emit(DIGGING, mined)))
    arrived = year.moved("feed arrived").sum(axis=1)
    treated = stay(REFINING, arrived, stay(FEED_WAY, feed[0].sum(axis=0), feed[1].sum(axis=1)))
    refined = year.moved("refined").sum(axis=1)
    smelted = found.send(np.diag(refined), treated).sum(axis=1) + emit(SMELTING, refined)
    recovered = year.moved("recovered").sum(axis=0)
    old = cross(year.moved("primary metal"), stay(REFINED, refined, smelted))
    new = cross(year.moved("recycled metal"), stay(RECYCLED, recovered, emit(RECOVERING, recovered)))
    sold = found.trade[METAL] = (old[0] + new[0], old[1] + new[1])
    came = stay(METAL_WAY, sold[0].sum(axis=0), sold[1].sum(axis=1))
    _use(year, found, came, stay)
    return found


def _use(year: YearFlows, found: _Solved, came: Burden, stay: Stay) -> None:
    """What arrives goes to makers, reserves and investors, and in products to users."""
    ways = [year.moved(name).sum(axis=1) for name in ("to makers", "to reserves", "to investors")]
    total = sum(ways)
    assert isinstance(total, np.ndarray)
    parts = [came * _over(way, total) for way in ways]
    found.lost = found.lost + np.where(total > 0.0, 0.0, came)
    stay(INVESTORS, ways[2], parts[2])
    opened = year.moved("released").sum(axis=1)
    released = found.send(np.diag(opened), stay(RESERVES, ways[1], parts[1])).sum(axis=1)
    found.delivered = ways[0] + opened, parts[0] + released
    made = year.moved("products")
    found.used = found.trade[PRODUCTS] = made, found.send(made, stay(MAKING, *found.delivered))


def _balance(metal: str, year: int, regions: np.ndarray, found: _Solved) -> list[pd.DataFrame]:
    """The balance of every region, one table for energy and one for emissions."""
    import pandas as pd

    size = (2, len(regions))
    imports, exports = np.zeros(size), np.zeros(size)
    for _, carried in found.trade.values():
        home = np.einsum("kii->ki", carried)
        imports += carried.sum(axis=1) - home
        exports += carried.sum(axis=2) - home
    whole = sum(found.emitted.values())
    values = (found.opening, whole, imports, exports, found.used[1].sum(axis=1), found.lost, found.closing)
    terms = np.stack([np.broadcast_to(value, size) for value in values])
    gap = (terms[0] + terms[1] + terms[2] - terms[3] - terms[4] - terms[5] - terms[6]) / np.maximum(
        np.abs(terms).sum(axis=0), 1e-12
    )
    keys = {"metal": metal, "year": year, "region": regions}
    return [
        pd.DataFrame(keys | {"measure": name} | {term: terms[i][k] for i, term in enumerate(TERMS)} | {"gap": gap[k]})
        for k, name in enumerate(MEASURES)
    ]

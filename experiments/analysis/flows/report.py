"""The account of a country in tables, and the folder they are written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.analysis.flows import origin, recycling, sectors, supply
from lodeflow.experiments.analysis.flows.account import Account, account_of, closure, losses, members_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.analysis.flows.source import Source

TABLES = (
    "routes",
    "dependence",
    "suppliers",
    "origin",
    "embodied",
    "recycling",
    "in_use",
    "sectors",
    "losses",
    "closure",
)
ACCOUNT = "flows"
DIAGRAM = "diagram.png"
ENTRIES = frozenset({"manifest.json", f"{ACCOUNT}.parquet", DIAGRAM, *(f"{name}.csv" for name in TABLES)})


@dataclass(frozen=True)
class Flows:
    """Where the tonnes of a metal go: the account of all countries, and what it says of one region in one span of years.

    Attributes:
        metal, region, years: what was asked.
        members: countries of the region.
        account: of the metal, all countries, the years that were asked as one.
        tables: by name of TABLES, of the region; years as one, named after the last.
        made_from: the manifest.
    """

    metal: str
    region: str
    years: tuple[int, ...]
    members: tuple[str, ...]
    account: Account
    tables: dict[str, pd.DataFrame]
    made_from: dict[str, Any]

    @property
    def span(self) -> str:
        """The years in words: 2021, or 2010-2020."""
        return str(self.years[0]) if len(self.years) == 1 else f"{self.years[0]}-{self.years[-1]}"

    def write(self, folder: str | Path, overwrite: bool = False, finish: Callable[[Path], None] | None = None) -> Path:
        """Write `flows.parquet` and the tables as CSV. Raises DataError if the folder may not be written.

        finish(path) may add the diagram to the folder before it takes its name.
        """
        from lodeflow.experiments.run.results import write_folder, write_parquet

        def fill(place: Path) -> None:
            write_parquet(self.account.flows, place / f"{ACCOUNT}.parquet")
            for name in TABLES:
                self.tables[name].to_csv(place / f"{name}.csv", index=False, float_format="%.10g")
            if finish is not None:
                finish(place)

        return write_folder(Path(folder), fill, self.made_from, ENTRIES, overwrite)


def flows(
    source: Source, metal: str, region: str, tables: Tables, years: Sequence[int] = (), run: str | None = None
) -> Flows:
    """Return the account of a metal and what it says of a region.

    Args:
        source: the run.
        metal: name of a metal.
        region: a country (ISO 3166 alpha-3), a group of them, or WLD.
        tables: the loaded tables.
        years: first to last; the last year of the run if left out.
        run: "shock" or "baseline"; the run with its shocks if there is one.

    Raises:
        DataError: naming every metal, year, region or case that the run does not hold.
    """
    whole = account_of(source.movements, [metal], run)
    wanted = tuple(years) or (whole.years[-1],)
    missing = [year for year in wanted if year not in whole.years]
    if missing:
        known = [str(year) for year in whole.years]
        raise DataError(
            Problem("year", None, "", f"{year} is not in this run", did_you_mean(str(year), known)) for year in missing
        )
    members = members_of(region, whole, tables)
    one = whole.part(years=wanted).summed()
    found = _tables(whole, one, wanted, members, tables)
    kept = {name: source.manifest.get(name) for name in ("scenario", "seed", "start", "end", "versions", "data_hash")}
    asked = {"run": source.manifest.get("inputs"), "metal": metal, "region": region, "years": list(wanted), "case": run}
    manifest = kept | {"inputs": asked, "created": datetime.now(UTC).isoformat(timespec="seconds")}
    return Flows(metal, region, wanted, tuple(members), one, found, manifest)


def _tables(
    whole: Account, one: Account, years: Sequence[int], members: Sequence[str], tables: Tables
) -> dict[str, pd.DataFrame]:
    """All tables of a region; what remembers the years before is made from the whole run."""
    inside, last = list(members), years[-1]
    came = origin.origins(whole, years).assign(year=last)
    behind = recycling.amounts(whole, members, recycling.groups_of(tables))
    behind = behind[behind["year"].isin(list(years))].assign(year=last)
    sums = behind.groupby(["metal", "year"], sort=False)[list(recycling.AMOUNTS)].sum().reset_index()
    lost = losses(one)
    return {
        "routes": supply.routes(one, members),
        "dependence": supply.dependence(one, members),
        "suppliers": supply.suppliers(one, members),
        "origin": origin.of_region(came, members),
        "embodied": supply.embodied(one, members),
        "recycling": recycling.rates(sums),
        "in_use": recycling.in_use(one, members),
        "sectors": sectors.sector_table(one, members, tables),
        "losses": lost[lost["region"].isin(inside)].reset_index(drop=True),
        "closure": closure(one),
    }

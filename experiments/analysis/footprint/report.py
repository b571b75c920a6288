"""The footprint of a metal, or of all metals of a run, in tables, and the folder they are written to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.analysis.flows.account import WORLD, account_of, members_of
from lodeflow.experiments.analysis.footprint.account import CARBON, ENERGY, MEASURES, Footprints, footprints
from lodeflow.experiments.analysis.footprint.lots import lots

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.analysis.flows.source import Source

TABLES = ("countries", "stages", "trade", "lots", "avoided", "balance", "totals")
CHART = "footprint.png"
ENTRIES = frozenset({"manifest.json", CHART, *(f"{name}.csv" for name in TABLES)})


@dataclass(frozen=True)
class Footprint:
    """What was asked, and its tables.

    Attributes:
        metals, region, years: what was asked; region WLD: the world.
        tables: countries: by metal and region production and consumption based and the embodied trade between them; stages: by
            metal and stage tonnes, TJ, kt CO2e and per t; trade: embodied, by form and pair; lots: paths of what is bought (a
            region alone); avoided; balance; totals: by metal.
        unknown: metals without factors.
        made_from: the manifest.
    """

    metals: tuple[str, ...]
    region: str
    years: tuple[int, ...]
    tables: dict[str, pd.DataFrame]
    unknown: tuple[str, ...]
    made_from: dict[str, Any]

    @property
    def span(self) -> str:
        """The years in words: 2024, or 2024-2030."""
        return str(self.years[0]) if len(self.years) == 1 else f"{self.years[0]}-{self.years[-1]}"

    def write(self, folder: str | Path, overwrite: bool = False, finish: Callable[[Path], None] | None = None) -> Path:
        """Write the tables as CSV; finish(path) may add the chart. Raises DataError if the folder may not be written."""
        from lodeflow.experiments.run.results import write_folder

        def fill(place: Path) -> None:
            for name in TABLES:
                self.tables[name].to_csv(place / f"{name}.csv", index=False, float_format="%.10g")
            if finish is not None:
                finish(place)

        return write_folder(Path(folder), fill, self.made_from, ENTRIES, overwrite)


def footprint(
    source: Source,
    tables: Tables,
    metals: Sequence[str] = (),
    region: str = WORLD,
    years: Sequence[int] = (),
    run: str | None = None,
) -> Footprint:
    """Return energy and emissions of a run.

    Args:
        source: the run.
        tables: the loaded tables.
        metals: those that are wanted; all of the run if none are named.
        region: a country, a group, or WLD.
        years: summed; the last year of the run if left out.
        run: "shock" or "baseline"; the run with its shocks if there is one.

    Raises:
        DataError: naming every metal, year, region or case that the run does not hold, or metals that have no factors.
    """
    whole = account_of(source.movements, list(metals), run)
    wanted = tuple(years) or (whole.years[-1],)
    known = [str(year) for year in whole.years]
    problems = [
        Problem("year", None, "", f"{year} is not in this run", did_you_mean(str(year), known))
        for year in wanted
        if year not in whole.years
    ]
    if problems:
        raise DataError(problems)
    members = members_of(region, whole, tables)
    found = footprints(whole, tables)
    if len(found.unknown) == len(whole.metals):
        wrong = f"no source gives energy and emissions of {', '.join(found.unknown)}"
        raise DataError(
            [
                Problem(
                    "metal", None, "", wrong, "Name another, or add rows to the tables intensity and intensity_stages"
                )
            ]
        )
    kept = {name: source.manifest.get(name) for name in ("scenario", "seed", "start", "end", "versions", "data_hash")}
    asked = {"run": source.manifest.get("inputs"), "metals": whole.metals, "region": region, "years": list(wanted)}
    manifest = kept | {"inputs": asked | {"case": run}, "created": datetime.now(UTC).isoformat(timespec="seconds")}
    shown = _shown(found, members, wanted) | {"lots": lots(whole, found, members, wanted[-1])}
    return Footprint(tuple(whole.metals), region, wanted, shown, found.unknown, manifest)


def _shown(found: Footprints, members: Sequence[str], years: Sequence[int]) -> dict[str, pd.DataFrame]:
    """The tables of some years as one, of the countries of a region."""
    inside = list(members)

    def own(table: pd.DataFrame, place: str = "region") -> pd.DataFrame:
        return table[table["year"].isin(list(years)) & table[place].isin(inside)]

    made, avoided = own(found.production), own(found.avoided)
    keys = ["tonnes", *MEASURES]
    stages = per_tonne(made.groupby(["metal", "stage"], sort=False)[keys].sum().reset_index())
    cross = found.trade[found.trade["year"].isin(list(years))]
    cross = cross[cross["from_region"] != cross["to_region"]]
    cross = cross[cross["from_region"].isin(inside) | cross["to_region"].isin(inside)]
    pairs = ["metal", "form", "from_region", "to_region"]
    return {
        "countries": _countries(found, inside, years),
        "stages": stages,
        "trade": cross.groupby(pairs, observed=True, sort=False)[keys].sum().reset_index(),
        "avoided": avoided.groupby(["metal", "region"], sort=False)[keys].sum().reset_index(),
        "balance": own(found.balance),
        "totals": totals(found, inside, years),
    }


def per_tonne(table: pd.DataFrame) -> pd.DataFrame:
    """Add energy and emissions of a tonne: energy_gj_per_t, co2_t_per_t; empty where there are no tonnes."""
    tonnes = table["tonnes"].where(table["tonnes"] > 0.0)
    return table.assign(energy_gj_per_t=1e3 * table[ENERGY] / tonnes, co2_t_per_t=1e3 * table[CARBON] / tonnes)


def _countries(found: Footprints, inside: list[str], years: Sequence[int]) -> pd.DataFrame:
    """By metal and country: production, imports, exports, consumption (TJ and kt CO2e), and what reaches makers a tonne."""
    import pandas as pd

    rows = found.balance[found.balance["year"].isin(list(years)) & found.balance["region"].isin(inside)]
    flows = ["production", "imports", "exports", "consumption"]
    parts = [
        rows[rows["measure"] == measure].groupby(["metal", "region"], sort=False)[flows].sum().add_suffix(f"_{measure}")
        for measure in MEASURES
    ]
    sums = pd.concat(parts, axis=1).fillna(0.0)
    came = found.delivered[found.delivered["year"].isin(list(years))]
    came = per_tonne(came.groupby(["metal", "region"])[["tonnes", *MEASURES]].sum().reset_index())
    names = {"tonnes": "delivered_t"}
    wanted = ["metal", "region", "tonnes", "energy_gj_per_t", "co2_t_per_t"]
    whole = sums.reset_index().merge(came[wanted].rename(columns=names), on=["metal", "region"], how="left")
    whole = whole[(whole[[f"{flow}_{CARBON}" for flow in flows]] > 0.0).any(axis=1)]
    order = ["metal", f"consumption_{CARBON}"]
    return whole.sort_values(order, ascending=[True, False], kind="stable", ignore_index=True)


def totals(found: Footprints, inside: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """Return by metal: production, consumption and avoided, TJ and kt CO2e in the years, and the largest gap of a balance."""
    import pandas as pd

    chosen, measures = list(years), list(MEASURES)
    parts = []
    for name in ("production", "consumption", "avoided"):
        table = getattr(found, name)
        rows = table[table["year"].isin(chosen) & table["region"].isin(list(inside))]
        parts.append(rows.groupby("metal", sort=False)[measures].sum().add_prefix(f"{name}_"))
    whole = pd.concat(parts, axis=1).fillna(0.0)
    whole["largest_gap"] = (
        found.balance[found.balance["year"].isin(chosen)].groupby("metal")["gap"].agg(lambda gap: gap.abs().max())
    )
    return whole.reset_index()

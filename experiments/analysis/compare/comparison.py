"""A comparison: scenarios side by side in worlds with the same random draws."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.compare import tables as made
from lodeflow.experiments.analysis.compare.align import TOGETHER, aligned, joined
from lodeflow.experiments.analysis.compare.rank import ranking
from lodeflow.experiments.analysis.compare.worlds import Progress, Side, run_sides
from lodeflow.experiments.plugins import fingerprints
from lodeflow.experiments.run.written import program_version, sha256
from lodeflow.experiments.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.scenario.scenario import Scenario

CSV = ("kpis", "differences", "interaction", "ranking", "draws", "spread")
"""Tables that are written as CSV; those by month are written as Parquet."""
PARQUET = ("series", "pairs", "interaction_series")
ENTRIES = frozenset(
    {"manifest.json", "charts", "report.html", "scenarios", "events.json"}
    | {f"{name}.csv" for name in CSV}
    | {f"{name}.parquet" for name in PARQUET}
)
"""Everything that such a folder may hold."""


@dataclass
class Comparison(Shown):
    """Scenarios side by side.

    Quantities are t of metal content (flows: per month), money is constant-price USD, months are first days.
    """

    sides: list[Side]
    """The scenarios, in the order in which they were named."""
    together: Side | None
    """The world with the shocks of all of them; None where there is none (see `apart`)."""
    apart: str
    """Why there is no world with all shocks; empty where there is one."""
    metals: list[str]
    kpis: pd.DataFrame
    """metal, kpi, side, value, without, text, unit, worse, what: every indicator of every world."""
    differences: pd.DataFrame
    """metal, kpi, left, right, difference (left less right), unit, worse: of each two scenarios."""
    interaction: pd.DataFrame
    """metal, kpi, sum, together, interaction, unit: effects of all shocks less the sum of the effects of each scenario."""
    ranking: pd.DataFrame
    """What matters, the largest difference first: metal, kpi, size, high, high_value, low, low_value, unit (see `rank.py`)."""
    series: pd.DataFrame
    """date, metal, variable, region, unit, then a column for each world (see `tables.py`)."""
    pairs: pd.DataFrame
    """date, metal, variable, region, unit, left, right, difference."""
    interaction_series: pd.DataFrame
    """date, metal, variable, region, unit, sum, together, interaction."""
    draws: pd.DataFrame | None = None
    """run, side, metal, kpi, value: the indicators of every draw, where draws were asked for."""
    spread: pd.DataFrame | None = None
    """Differences of each two scenarios over the draws: metal, kpi, left, right, mean, q05, q50, q95, higher, lower, runs, unit."""
    notes: list[str] = field(default_factory=list)
    """What was changed so that the worlds can be compared, one line each."""
    manifest: dict[str, Any] = field(default_factory=dict)
    """scenario (all names), start, end, seed, inputs, versions, data_hash, wall_seconds, created."""

    @property
    def names(self) -> list[str]:
        """Names of the scenarios."""
        return [side.name for side in self.sides]

    @property
    def worlds(self) -> list[Side]:
        """The scenarios and, where there is one, the world with all shocks."""
        return [*self.sides, *([self.together] if self.together is not None else [])]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The shocks of the scenarios: side, then as in a run (no_effect, reason, ...)."""
        return [{"side": side.name, **event} for side in self.sides for event in side.events]

    def series_of(self, world: str, variable: str, metal: str | None = None, region: str = "WLD") -> pd.Series:
        """Return a series of one world by date; world: a column of `series`; metal: the first if left out."""
        table = self.series
        kept = (table["variable"] == variable) & (table["region"] == region)
        line: pd.Series = table[kept & (table["metal"] == (metal or self.metals[0]))].set_index("date")[world]
        return line

    def write(self, folder: str | Path, finish: Callable[[Path], None] | None = None, overwrite: bool = False) -> Path:
        """Write the folder of the comparison, whole or not at all, and return its path.

        finish(path): adds charts and a report; overwrite: whether results of another question may be replaced. Raises
        DataError if it may not be written.
        """
        from lodeflow.experiments.run.results import write_folder, write_json, write_parquet

        def fill(place: Path) -> None:
            for name in CSV:
                table = getattr(self, name, None)
                if table is not None:
                    table.to_csv(place / f"{name}.csv", index=False, float_format="%.6g")
            for name in PARQUET:
                write_parquet(getattr(self, name), place / f"{name}.parquet")
            write_json(place / "events.json", self.events)
            (place / "scenarios").mkdir()
            for number, side in enumerate(self.sides, 1):
                text = side.scenario.model_copy(update={"name": f"compared-{number}"}).to_toml()
                (place / "scenarios" / f"{number:02d}.toml").write_text(text, encoding="utf-8")
            if finish is not None:
                finish(place)

        return write_folder(Path(folder), fill, self.manifest, ENTRIES, overwrite)

    def __repr__(self) -> str:
        """Say what is inside, in one line."""
        return f"Comparison({', '.join(self.names)}: {', '.join(self.metals)}; {len(self.ranking)} differences)"


def compare(scenarios: Sequence[Scenario], tables: Tables, progress: Progress | None = None) -> Comparison:
    """Run scenarios in worlds with the same random draws and return how they differ.

    All run over one period with the metals of all (see `align.py`); scenarios with equal settings and parameters share one
    world without shocks. With two or more that share it, all their shocks are run together as well. Raises DataError if they
    cannot be compared.
    """
    import time

    began = time.perf_counter()
    sides, notes = aligned(scenarios)
    both, apart = joined(sides)
    ran = run_sides([*sides, *([both] if both is not None else [])], tables, progress)
    own, together = ran[: len(sides)], ran[-1] if both is not None else None
    metals = sorted({key[1] for key in own[0].shock if key[0] == "price"})
    every = own if together is None else ran
    kpis = made.kpi_table(every, metals)
    return Comparison(
        sides=own,
        together=together,
        apart=apart,
        metals=metals,
        kpis=kpis,
        differences=made.difference_table(kpis, own),
        interaction=made.interaction_table(own, together, metals),
        ranking=ranking(kpis[kpis["side"] != TOGETHER]),
        series=made.series_table(every),
        pairs=made.pair_table(own),
        interaction_series=made.interaction_series(own, together),
        notes=notes,
        manifest=_manifest(sides, inputs_of(sides, tables), time.perf_counter() - began),
    )


def inputs_of(scenarios: Sequence[Scenario], tables: Tables) -> dict[str, Any]:
    """Return what a comparison is made from; scenarios: as they were aligned."""
    from lodeflow import data

    texts = sha256(json.dumps([one.to_toml() for one in scenarios]))
    own = {"plugins": fingerprints()} if fingerprints() else {}
    return {"scenarios": texts, "data": data.fingerprint(tables)} | own


def _manifest(scenarios: Sequence[Scenario], inputs: dict[str, Any], seconds: float) -> dict[str, Any]:
    world = scenarios[0].world
    return {
        "scenario": ", ".join(one.name for one in scenarios),
        "start": world.start,
        "end": world.end,
        "seed": world.seed,
        "inputs": inputs,
        "versions": {"lodeflow": program_version()},
        "data_hash": inputs["data"],
        "wall_seconds": round(seconds, 3),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def draw(
    found: Comparison,
    tables: Tables,
    runs: int,
    workers: int | None = None,
    data_folder: Path | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> None:
    """Repeat a comparison with drawn inputs, the same in all its worlds, and add the tables `draws` and `spread` to it.

    runs: draws; workers: processes, all cores if left out; watch: called with the draws done and asked for. Raises DataError
    where no draw succeeds.
    """
    from lodeflow.experiments.analysis.compare.draws import draw_pairs, spread_table
    from lodeflow.experiments.batch.make.engine import Pool
    from lodeflow.experiments.kpis import KPIS

    scenarios = [side.scenario for side in found.sides]
    found.draws, failed = draw_pairs(scenarios, tables, runs, Pool(workers), data_folder, watch)
    found.spread = spread_table(found.draws, found.names, {name: one.unit for name, one in KPIS.items()})
    found.notes += [f"{len(failed)} of {runs} draws failed: {failed[0]}"] if failed else []
    found.manifest["inputs"] = found.manifest["inputs"] | {"runs": runs}
    found.manifest["runs"] = runs

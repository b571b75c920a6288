"""The run that an account is made of: a folder, or the baseline or the past where none is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.run.what_if import Progress
    from lodeflow.experiments.scenario.model import Scenario

FILE = "movements.parquet"
BASELINE, PAST = "baseline", "past"
PAST_WORLD = {"start": "2010-01", "end": "2024-12", "base_year": 2010, "noise": 0.0}
"""The world of the years before the baseline: from the data of 2010, world use as it came, no noise."""
PAST_TITLE = "From 2010 to 2024: what the model makes of the data of 2010, with world use as it came"


@dataclass(frozen=True)
class Source:
    """A run.

    Attributes:
        folder: where it lies.
        manifest: of the run.
        movements: date, run, movement, metal, exporter, importer, product, tonnes.
    """

    folder: Path
    manifest: dict[str, Any]
    movements: pd.DataFrame


def read_source(folder: Path, metals: Sequence[str] = ()) -> Source:
    """Read the movements of a run folder, those of some metals or of all; all of them too where it lacks one of the metals.

    Raises:
        DataError: if it is not a run folder, or holds no movements that can be read.
    """
    import pyarrow.parquet as pq

    from lodeflow.experiments.run.results import COLUMNS, MOVEMENTS, read_manifest

    manifest = read_manifest(folder)
    if manifest is None:
        right = "name a folder that `lodeflow run` wrote"
        raise DataError([Problem(str(folder), None, "", "not a run of Lodeflow", right)])
    path, again = folder / FILE, "make the run again"
    if not path.is_file():
        raise DataError([Problem(str(path), None, "", "is missing; older versions did not write it", again)])
    texts = [name for name in COLUMNS[MOVEMENTS] if name not in ("date", "tonnes")]
    try:
        table = pq.read_table(path, read_dictionary=texts, filters=[("metal", "in", list(metals))] if metals else None)
        if set(metals) - set(table["metal"].unique().to_pylist()):
            table = pq.read_table(path, read_dictionary=texts)
        if table.column_names != COLUMNS[MOVEMENTS]:
            raise ValueError(f"its columns are not {', '.join(COLUMNS[MOVEMENTS])}")
        return Source(folder, manifest, table.to_pandas())
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())[:80]
        raise DataError([Problem(str(path), None, "", f"is damaged ({reason})", again)]) from error


def scenario_for(years: Sequence[int], tables: Tables) -> Scenario:
    """Return the scenario that holds some years: the baseline, or the past where the first year lies before it.

    Raises:
        DataError: naming years that neither holds.
    """
    from lodeflow.experiments.scenario.model import load_scenario

    baseline = load_scenario(BASELINE, [], tables)
    first, last = int(baseline.world.start[:4]), int(baseline.world.end[:4])
    if not years or first <= min(years) <= max(years) <= last:
        return baseline
    begin, end = int(str(PAST_WORLD["start"])[:4]), int(str(PAST_WORLD["end"])[:4])
    if begin <= min(years) and max(years) <= end:
        changes = [f"world.{name}={value}" for name, value in PAST_WORLD.items()]
        return load_scenario(BASELINE, [f"name={PAST}", f"title={PAST_TITLE}", *changes], tables)
    wrong = f"{min(years)} to {max(years)} lie in no run that is made by itself"
    right = f"Take years of {begin} to {end} or of {first} to {last}, or name a run with --run"
    raise DataError([Problem("year", None, "", wrong, right)])


def find_source(
    years: Sequence[int],
    tables: Tables,
    metals: Sequence[str] = (),
    runs: Path = Path("runs"),
    progress: Progress | None = None,
) -> Source:
    """Return the run that holds some years; it is made, and kept among the runs, unless it is there already.

    Raises:
        DataError: for years that no such run holds, and where the folder of that name holds something else.
    """
    return made(scenario_for(years, tables), tables, metals, runs, progress)


def made(
    scenario: Scenario,
    tables: Tables,
    metals: Sequence[str] = (),
    runs: Path = Path("runs"),
    progress: Progress | None = None,
) -> Source:
    """Return the run of a scenario; it is made, and kept among the runs, unless it is there already.

    Raises:
        DataError: where the folder of that name holds something else.
    """
    from lodeflow.experiments.run.results import INPUTS, check_target, read_manifest
    from lodeflow.experiments.run.what_if import run_inputs, run_scenario

    folder, inputs = runs / scenario.name, run_inputs(scenario, tables)
    there = read_manifest(folder)
    if there is not None and (folder / FILE).is_file():
        asked = there.get(INPUTS, {})
        if all(asked.get(name) == inputs[name] for name in ("scenario", "data")):
            return read_source(folder, metals)
    check_target(folder, inputs=inputs)
    run_scenario(scenario, progress, tables).write(folder)
    return read_source(folder, metals)

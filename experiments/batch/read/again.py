"""One run of a batch again: its scenario with everything that was drawn for it, written out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.batch import layout, store
from lodeflow.experiments.batch.make.design import Design, factors_of
from lodeflow.experiments.batch.make.identity import differences, identity
from lodeflow.experiments.scenario.drawn import drawn

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.scenario.model import Scenario

_NAME = re.compile(r"^(?P<folder>.+)#(?P<run>\d+)$")


def run_of(name: str) -> tuple[Path, int] | None:
    """The folder and the number in "runs/my-batch#17"; None for a name that is no such thing."""
    found = _NAME.match(name)
    if found is None or not (Path(found["folder"]) / layout.MANIFEST).is_file():
        return None
    return Path(found["folder"]), int(found["run"])


def own_tables(folder: Path) -> Path | None:
    """The folder of the tables that a batch was made with; None for the shipped ones."""
    own = folder / layout.DATA
    return own if own.is_dir() else None


def scenario_of(folder: Path, run: int, tables: Tables) -> tuple[Scenario, list[str]]:
    """The scenario of one run of a batch, and lines that say what would make its numbers differ today.

    Args:
        folder: of the batch.
        run: its number, from 0.
        tables: those of the batch (:func:`own_tables`).

    Raises:
        DataError: for a number that the batch does not have, and for a folder that is no batch.
    """
    from lodeflow.experiments import plugins
    from lodeflow.experiments.scenario.model import load_scenario

    manifest = store.open_batch(folder).manifest
    runs = int(manifest["runs"])
    if run >= runs:
        wrong = f"the batch has runs 0 to {runs - 1}, no {run}"
        raise DataError([Problem(f"{folder}#{run}", None, "", wrong, f"Name one of them, e.g. {folder}#0")])
    extra = sorted((folder / layout.PLUGINS).glob("*.py"))
    if extra:
        plugins.use(extra, alone=True)
    scenario = load_scenario(str(folder / layout.SCENARIO), tables=tables)
    design = Design(tuple(factors_of(scenario, tables)), runs, manifest["sampling"], manifest["seed"])
    chosen = drawn(scenario, design.values(run, run + 1)[0], design.run_seed(run))
    changed = [f"{key}: {wrong}" for key, wrong in differences(manifest, identity(tables))]
    about = {"name": f"{scenario.name}-run-{run}", "title": f"{scenario.title or scenario.name}, run {run} of a batch"}
    return chosen.model_copy(update=about | {"monte_carlo": None}), changed

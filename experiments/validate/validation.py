"""A whole validation: the runs, the verdicts, the scores, and the folder they are written to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.results import PROGRAM, check_target, write_folder, write_json
from experiments.run import program_version
from experiments.validate import observed
from experiments.validate.runs import PAST, RUNS, run_years
from experiments.validate.verdicts import Plan, Verdict, frame, group_of, judge, scores

if TYPE_CHECKING:
    import pandas as pd

    from data import Tables
    from experiments.validate.yearly import YearlyRun

ENTRIES = frozenset({"manifest.json", "verdicts.csv", "countries.csv", "scores.json", "charts", "page.html"})
"""Everything that a folder of a validation may hold."""
Progress = Callable[[int, int, str], None]
"""Called before every run with the runs done, all runs, and what the next one is; after the last one with ''."""


@dataclass
class Validation:
    """What came out."""

    plan: Plan
    """What was judged."""
    verdicts: list[Verdict]
    """One per row."""
    countries: pd.DataFrame
    """metal, stage, year, region, simulated, observed (shares of world output, 0 to 1)."""
    scores: dict[str, dict[str, Any]]
    """By section, see :func:`experiments.validate.verdicts.scores`."""
    manifest: dict[str, Any] = field(default_factory=dict)
    """versions, data_hash, runs (in words), wall_seconds."""

    def write(self, folder: Path, finish: Callable[[Path], None] | None = None, overwrite: bool = False) -> Path:
        """Write verdicts.csv, countries.csv, scores.json and the manifest, all or nothing, and return the folder.

        finish(path) may add charts and a page to the folder before it takes its name; overwrite: whether a validation of other
        rows may be replaced. Raises DataError if the folder may not be written or replaced.
        """

        def fill(temporary: Path) -> None:
            frame(self.verdicts).to_csv(temporary / "verdicts.csv", index=False, float_format="%.6g")
            self.countries.to_csv(temporary / "countries.csv", index=False, float_format="%.6g")
            write_json(temporary / "scores.json", self.scores)
            if finish is not None:
                finish(temporary)

        return write_folder(folder, fill, self.manifest, ENTRIES, overwrite)


def check_folder(folder: Path, wanted: Plan, overwrite: bool) -> None:
    """Make sure that a validation may be written to a folder, before anything is run; raises DataError if not."""
    check_target(folder, ENTRIES, _inputs(wanted), overwrite)


def _inputs(wanted: Plan) -> dict[str, Any]:
    """What is judged: the names of all rows."""
    return {"rows": [str(target.about["id"]) for target in wanted.targets] + [group_of(*pair) for pair in wanted.later]}


def validate(tables: Tables, wanted: Plan, progress: Progress | None = None) -> Validation:
    """Run what the rows need and judge them.

    Args:
        tables: the loaded tables.
        wanted: what is judged, from :func:`experiments.validate.verdicts.plan`.
        progress: told about every run.

    Raises:
        DataError: for tables that lack what a run needs.
    """
    from data import fingerprint

    began = time.perf_counter()
    runs: dict[str, YearlyRun] = {}
    for number, name in enumerate(wanted.runs):
        if progress is not None:
            progress(number, len(wanted.runs), RUNS[name].what)
        runs[name] = run_years(name, tables)
    if progress is not None:
        progress(len(wanted.runs), len(wanted.runs), "")
    verdicts = judge(tables, wanted, runs)
    return Validation(
        plan=wanted,
        verdicts=verdicts,
        countries=_countries(tables, wanted, runs),
        scores=scores(verdicts),
        manifest={
            "scenario": "validation",
            "seed": "none (no noise)",
            "inputs": _inputs(wanted),
            "versions": {PROGRAM: program_version()},
            "data_hash": fingerprint(tables),
            "runs": {name: RUNS[name].what for name in wanted.runs},
            "wall_seconds": round(time.perf_counter() - began, 3),
        },
    )


def _countries(tables: Tables, wanted: Plan, runs: dict[str, YearlyRun]) -> pd.DataFrame:
    """Shares by country of the metals and stages that are judged; no rows where none is."""
    import pandas as pd

    if not wanted.later:
        return pd.DataFrame(columns=observed.COUNTRY_COLUMNS)
    table = observed.country_table(tables, runs[PAST])
    keep = [place in wanted.later for place in zip(table["metal"], table["stage"], strict=True)]
    return table[keep].reset_index(drop=True)

"""What `lodeflow calibrate` does: fit, print, write, and if asked for make the values the shipped ones."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

import data
from data.problems import DataError, Problem
from experiments.calibration.run import calibrate
from experiments.calibration.store import ENTRIES, RESULT, ship, write_calibration
from experiments.hindcast.episodes import shipped
from experiments.results import check_target
from lodeflow.table import console
from viz.calibration import write_charts

if TYPE_CHECKING:
    from experiments.calibration.report import Calibration


def calibrate_and_write(
    names: Sequence[str],
    folder: Path,
    plan: tuple[int, int, int, int],
    workers: int | None,
    refresh: bool,
    overwrite: bool = False,
) -> None:
    """Calibrate to episodes (all if none is named) and write the folder.

    plan: starts, tries, steps and seed; overwrite: whether a calibration by another plan may be replaced.
    Raises DataError for an unknown episode, for a folder that may not be written, and
    for refresh with only some of the episodes.
    """
    if refresh and names:
        wrong = "the shipped values are fitted to all episodes"
        raise DataError([Problem("lodeflow calibrate", None, "--refresh", wrong, "leave out the names")])
    unknown = [name for name in names if name not in shipped()]
    if unknown:
        right = f"name some of: {', '.join(shipped())}"
        raise DataError(
            [Problem("lodeflow calibrate", None, name, "there is no such episode", right) for name in unknown]
        )
    inputs = {"episodes": sorted(names), "plan": list(plan)}
    check_target(folder, ENTRIES, inputs, overwrite)
    began, out = time.perf_counter(), console()

    def say(line: str) -> None:
        out.print(f"{time.perf_counter() - began:6.0f} s  {line}")

    starts, tries, steps, seed = plan
    result = calibrate(data.load(), names, starts, tries, steps, seed, workers, say)
    for table in tables_of(result):
        out.print(table)
    write_calibration(result, folder, lambda path: write_charts(result, path), inputs, overwrite)
    if refresh:
        ship(result)
        out.print(f"Fitted values are the shipped ones now: data/tables/parameters.csv and {RESULT.name}")


def tables_of(result: Calibration) -> list[Table]:
    """The result as tables to print."""
    values = Table(title="Fitted parameters", title_justify="left")
    for heading in ("parameter", "unit", "shipped", "fitted", "range", "does about as well", "the episodes"):
        values.add_column(heading, justify="left" if heading in ("parameter", "unit", "the episodes") else "right")
    for row in result.values.itertuples():
        values.add_row(
            str(row.parameter),
            str(row.unit),
            f"{row.shipped:.3g}",
            f"{row.fitted:.3g}",
            f"{row.low:.3g} - {row.high:.3g}",
            f"{row.plausible_low:.3g} - {row.plausible_high:.3g}",
            "know it" if row.certainty == "known" else "say little",
        )
    errors = Table(title="Mean |ln error|, ln points", title_justify="left")
    for heading in ("episode", "points", "shipped", "fitted", "when left out"):
        errors.add_column(heading, justify="left" if heading == "episode" else "right")
    for row in result.episodes.itertuples():
        errors.add_row(
            str(row.episode), str(row.points), f"{row.shipped:.3f}", f"{row.fitted:.3f}", f"{row.left_out:.3f}"
        )
    means = result.episodes[["shipped", "fitted", "left_out"]].mean()
    errors.add_row("mean", "", *(f"{value:.3f}" for value in means), style="bold")
    alike = Table(title="Cannot be told apart", title_justify="left")
    for heading in ("one", "other", "correlation"):
        alike.add_column(heading)
    for row in result.alike.itertuples():
        alike.add_row(str(row.first), str(row.second), f"{row.correlation:+.2f}")
    return [values, errors, alike] if len(result.alike) else [values, errors]

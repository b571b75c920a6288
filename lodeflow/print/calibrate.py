"""What `lodeflow calibrate` does: fit, print, write, and if asked for make the values the shipped ones."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from lodeflow import data
from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.judge.calibrate.run import calibrate
from lodeflow.experiments.judge.calibrate.store import (
    ENTRIES,
    RESULT,
    protocol_file,
    ship,
    ship_protocol,
    write_calibration,
    write_summary,
)
from lodeflow.experiments.judge.hindcast.episodes import shipped
from lodeflow.experiments.judge.structure.runs import FIT_UNTIL, KEPT_FROM_FIT
from lodeflow.experiments.run.results import check_target
from lodeflow.print.terminal import console
from lodeflow.viz.report.calibrate import write_charts

if TYPE_CHECKING:
    from lodeflow.experiments.judge.calibrate.report import Calibration


def calibrate_and_write(
    names: Sequence[str],
    folder: Path,
    plan: tuple[int, int, int, int],
    workers: int | None,
    refresh: bool,
    overwrite: bool = False,
    until: int | None = None,
    without: Sequence[str] = (),
    keep: bool = False,
) -> None:
    """Calibrate to episodes (all if none is named) and write the folder.

    plan: starts, tries, steps and seed; overwrite: whether a calibration by another plan may be replaced; until, without: last
    year and metals that the fit sees, or does not; keep: whether to keep what a fit to all says of itself. Raises DataError for an
    unknown episode or metal, for a folder that may not be written, and for refresh and keep with a part of what there is.
    """
    tables = data.shared()
    _refuse(names, refresh, keep, until, without, list(tables.metals["metal"]))
    inputs = {"episodes": sorted(names), "plan": list(plan), "until": until, "without": sorted(without)}
    check_target(folder, ENTRIES, inputs, overwrite)
    began, out = time.perf_counter(), console()

    def say(line: str) -> None:
        out.print(f"{time.perf_counter() - began:6.0f} s  {line}")

    starts, tries, steps, seed = plan
    result = calibrate(tables, names, starts, tries, steps, seed, workers, say, until, without)
    for table in tables_of(result):
        out.print(table)
    write_calibration(result, folder, lambda path: write_charts(result, path), inputs, overwrite)
    if refresh and until is not None:
        ship_protocol(result, until, without)
        kept = protocol_file(without).name
        out.print(f"The fit to {until} is the shipped one now: {kept}. No parameter of the model has changed.")
    elif refresh:
        ship(result)
        out.print(f"Fitted values are the shipped ones now: data/tables/parameters.csv and {RESULT.name}")
    elif keep:
        write_summary(result)
        out.print(f"The fit is kept in {RESULT.name}. No parameter of the model has changed.")


def _refuse(
    names: Sequence[str], refresh: bool, keep: bool, until: int | None, without: Sequence[str], metals: Sequence[str]
) -> None:
    """Raise DataError for unknown names, and for options that do not go together."""
    problems = []
    shippable = [(None, []), (FIT_UNTIL, []), (FIT_UNTIL, sorted(KEPT_FROM_FIT))]
    if refresh and (names or (until, sorted(without)) not in shippable):
        wrong = "what is shipped are a fit to all episodes, and two to what happened up to the year of the protocol"
        kept = " ".join(f"--without {metal}" for metal in KEPT_FROM_FIT)
        right = f"leave out names; --until {FIT_UNTIL}, alone or with {kept}, keeps that fit and changes no parameter"
        problems.append(Problem("lodeflow calibrate", None, "--refresh", wrong, right))
    if keep and (names or refresh or until is not None or without):
        wrong = "what is kept is what a fit to all episodes says of itself"
        right = "leave out names, --refresh, --until and --without"
        problems.append(Problem("lodeflow calibrate", None, "--keep", wrong, right))
    for kind, given, known in (("episode", names, shipped()), ("metal", without, metals)):
        right = f"name some of: {', '.join(known)}"
        problems += [
            Problem("lodeflow calibrate", None, name, f"there is no such {kind}", right)
            for name in given
            if name not in known
        ]
    if problems:
        raise DataError(problems)


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
    for heading in ("episode", "points", "of these fitted", "shipped", "fitted", "when left out"):
        errors.add_column(heading, justify="left" if heading == "episode" else "right")
    for row in result.episodes.itertuples():
        errors.add_row(
            str(row.episode),
            str(row.points),
            str(row.points_fitted),
            f"{row.shipped:.3f}",
            f"{row.fitted:.3f}",
            f"{row.left_out:.3f}",
        )
    means = result.episodes[["shipped", "fitted", "left_out"]].mean()
    errors.add_row("mean", "", "", *(f"{value:.3f}" for value in means), style="bold")
    alike = Table(title="Cannot be told apart", title_justify="left")
    for heading in ("one", "other", "correlation"):
        alike.add_column(heading)
    for row in result.alike.itertuples():
        alike.add_row(str(row.first), str(row.second), f"{row.correlation:+.2f}")
    return [values, errors, alike] if len(result.alike) else [values, errors]

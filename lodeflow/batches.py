"""What the command line shows of a batch: its progress, how it was stopped, and what came out."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.problems import DataError, Problem
from lodeflow.screen import Stopped, exit_code

if TYPE_CHECKING:
    from experiments.batch.summary import Summary
    from experiments.monte_carlo import Batch
    from experiments.monte_carlo.batch import Status, Watch
    from experiments.sensitivity import Sensitivity

ALL_FAILED = 1
"""Exit code of a batch without a successful run."""
QUIET_SECONDS = 10.0
"""Time between two lines of progress where there is no terminal."""
STRONGEST = 8
"""Inputs printed for an indicator."""
SHOWN = ("price_peak", "months_above_2x", "months_to_recover", "shortage", "use_lost", "recycling_rate_change")
"""Indicators printed at the end of a batch; kpi.parquet holds all."""


@contextmanager
def stoppable(folder: Path) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into one line that says how to go on, and the exit code of a shell."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise Stopped(f"\nInterrupted; {_kept(folder)}", exit_code(stop)) from None


def _kept(folder: Path) -> str:
    """Say what is in the folder of a batch that was stopped."""
    from experiments.monte_carlo import open_batch

    try:
        about = open_batch(folder).manifest
    except DataError:
        return "nothing was written."
    return f"{about['done']:,} of {about['runs']:,} runs are kept in {folder}. Continue with --resume."


@contextmanager
def batch_progress(name: str) -> Iterator[Watch]:
    """Show runs done and failed, runs/s, time left and the running estimate on stderr; yields what to call with a Status."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None, words="starting workers")

        def show(status: Status) -> None:
            bar.update(task, completed=status.done, total=status.asked, words=in_words(status))

        yield show


class _Lines:
    """Progress as lines, at most one in ten seconds, for logs."""

    def __init__(self) -> None:
        self.last = -math.inf

    def __call__(self, status: Status) -> None:
        now = time.monotonic()
        if now - self.last >= QUIET_SECONDS or status.done == status.asked:
            self.last = now
            print(f"{status.done:,} of {status.asked:,} runs, {in_words(status)}", file=sys.stderr, flush=True)


def in_words(status: Status) -> str:
    """Return failed runs, speed, time left, and the main indicator with its 95 % confidence interval."""
    parts = [f"{status.failed:,} failed"] if status.failed else []
    parts.append(f"{status.rate:.1f} runs/s")
    if status.done < status.asked and math.isfinite(status.left):
        parts.append(f"{_clock(status.left)} left")
    if math.isfinite(status.half_width):
        parts.append(f"mean {status.kpi} {status.mean:.3g} ± {status.half_width:.2g}")
    return ", ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def read_share(text: str | None) -> float | None:
    """Return a share written as "5%" or "0.05". Raises DataError for anything that is not between 0 and 100 %."""
    if text is None:
        return None
    number = text.strip()
    try:
        share = float(number.removesuffix("%")) / (100.0 if number.endswith("%") else 1.0)
    except ValueError:
        share = math.nan
    if not 0.0 < share < 1.0:
        raise DataError([Problem("--until-ci", None, "", f"{text!r} is not a share", "Write 5% or 0.05")])
    return share


def print_batch(batch: Batch) -> None:
    """Print the spread of the main indicators, and what failed."""
    from rich.console import Console
    from rich.table import Table

    from experiments.batch.failures import failures

    about, kpi, kpis = batch.manifest, batch.kpi(), batch.kpis
    ok = about["done"] - about["failed"]
    table = Table(title=f"{about['title'] or about['scenario']}: {ok:,} runs", title_justify="left", box=None)
    for name in ("indicator", "mean", "5 %", "50 %", "95 %", "unit", "what"):
        table.add_column(name, justify="right" if name in ("mean", "5 %", "50 %", "95 %") else "left")
    for row in kpis[kpis["kpi"].isin(SHOWN)].to_dict("records"):
        values = kpi[row["name"]].dropna()
        if not values.empty:
            numbers = [values.mean(), *values.quantile([0.05, 0.5, 0.95])]
            only = f" ({len(values):,} of {ok:,} runs)" if len(values) < ok else ""
            texts = (f"{number:.3g}" for number in numbers)
            table.add_row(f"{row['name']}{only}", *texts, str(row["unit"]), str(row["what"]))
    if ok:
        Console(width=None if sys.stdout.isatty() else 160).print(table)
    if about["failed"]:
        print(f"\n{failures(batch)}")
    for line in about.get("made_again", []):
        print(f"Made again, since it was damaged: {line}")


def refuse_without_success(batch: Batch) -> None:
    """End with an error if no run of a batch succeeded: there is nothing to be read in it."""
    from experiments.batch.failures import failures

    if batch.manifest["failed"] == batch.manifest["done"]:
        raise Stopped(f"No run succeeded: {failures(batch)}", ALL_FAILED)


def names_in_option(text: str | None) -> list[str] | None:
    """Return the names in an option such as "cobalt,nickel"; None where it was left out."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def is_batch(name: str) -> bool:
    """Whether a name is the folder of a batch, and not a scenario."""
    from experiments.monte_carlo.store import MANIFEST

    return (Path(name) / MANIFEST).is_file()


def target_in(batch: Path, name: str, out: Path | None) -> Path:
    """Return the folder that something made of a batch is written to. Raises DataError if it may not be written."""
    from experiments.batch.output import ENTRIES
    from experiments.monte_carlo import open_batch
    from experiments.results import check_target

    open_batch(batch)
    target = batch / name if out is None else out
    check_target(target, ENTRIES)
    return target


def print_summary(summary: Summary) -> None:
    """Print the main findings of a summary, and the spread of the main indicators."""
    from viz.batch_page import batch_labels
    from viz.batch_report import headline

    print("\n".join(headline(summary, batch_labels(summary.batch))) + "\n")
    print_batch(summary.batch)


def print_sensitivity(found: Sensitivity) -> None:
    """Print the strongest inputs of every indicator, and what that means."""
    from rich.console import Console
    from rich.table import Table

    from experiments.sensitivity.words import sentences

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    for kpi in found.kpis:
        rows = found.table(kpi)
        names = [str(name) for name in rows if not str(name).endswith("_conf") and name not in ("label", "mu")]
        table = Table(title=kpi, title_justify="left", box=None)
        table.add_column("input")
        for name in names:
            table.add_column(name, justify="right")
        for row in rows.head(STRONGEST).to_dict("records"):
            table.add_row(str(row["label"]), *(_with_conf(row, name) for name in names))
        console.print(table)
        print("\n".join(sentences(found, kpi)) + "\n")
    print("\n".join(found.notes))


def _with_conf(row: dict[Any, Any], name: str) -> str:
    conf = f" ± {row[f'{name}_conf']:.2g}" if f"{name}_conf" in row else ""
    return f"{row[name]:.3g}{conf}"

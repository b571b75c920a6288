"""What is shown while a batch is made: its progress, and how it was stopped."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError
from lodeflow.print.screen import Stopped, exit_code
from lodeflow.print.terminal import PlainConsole, say

if TYPE_CHECKING:
    from lodeflow.experiments.batch.make.batcher import Status, Watch

QUIET_SECONDS = 10.0
"""Time between two lines of progress where there is no terminal."""


@contextmanager
def stoppable(folder: Path) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into one line that says how to go on, and the exit code of a shell."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise Stopped(f"\nInterrupted; {_kept(folder)}", exit_code(stop)) from None


def _kept(folder: Path) -> str:
    """Say what is in the folder of a batch that was stopped."""
    from lodeflow.experiments.batch.store import open_batch

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
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}", markup=False),
    )
    with Progress(*columns, console=PlainConsole(stderr=True)) as bar:
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
            say(f"{status.done:,} of {status.asked:,} runs, {in_words(status)}", err=True)


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

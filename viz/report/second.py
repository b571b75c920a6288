"""A second process that draws half of the charts of a report, where there is a second processor.

It starts while the worlds run, so that what it imports costs no time. It is only a help: what it does not draw is drawn here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from lodeflow.viz.language import language

PROGRAM = "lodeflow.viz.report.draw"
"""What it runs."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Second:
    """A process that waits to be told what to draw.

    Args:
        data_folder: own tables, from which it takes the names of metals and places.
    """

    def __init__(self, data_folder: Path | None = None) -> None:
        own = [] if data_folder is None else [str(data_folder)]
        command = [sys.executable, "-m", PROGRAM, *own]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def draw(self, folder: Path, manifest: dict[str, Any], numbers: list[int]) -> None:
        """Have charts of a run folder drawn, by their place in the report; does not wait."""
        job = {"folder": str(folder.absolute()), "manifest": manifest, "numbers": numbers, "language": language()}
        with suppress(OSError, ValueError):
            pipe = _open(self.process.stdin)
            pipe.write(json.dumps(job, default=str))
            pipe.close()

    def drawn(self) -> list[int]:
        """Wait until it has finished; places in the report of the charts that it drew."""
        try:
            return [int(number) for number in json.loads(_open(self.process.stdout).read())]
        except (OSError, ValueError, TypeError):
            return []

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                _open(pipe).close()
        self.process.wait()


def _open(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise OSError("no pipe")
    return pipe


@contextmanager
def second_process(wanted: bool, data_folder: Path | None = None) -> Iterator[Second | None]:
    """Yield a second process where one is wanted and there is a processor for it; it is ended afterwards."""
    second = None
    if wanted and processors() > 1:
        with suppress(OSError):
            second = Second(data_folder)
    try:
        yield second
    finally:
        if second is not None:
            second.end()

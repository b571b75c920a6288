"""A second process that draws the charts of a report, where there is a second processor.

It starts while the worlds run, so that what it imports costs no time, and draws while the tables are written. It is only a help:
where it fails, the charts are drawn here.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from lodeflow.viz.language import language
from lodeflow.viz.report.handed import HANDED, hand_over

if TYPE_CHECKING:
    import pandas as pd

PROGRAM = "lodeflow.viz.report.draw"
"""What it runs."""


def processors() -> int:
    """How many processors this process may use."""
    from lodeflow.experiments.run.parquet import processors as usable

    return usable()


class Second:
    """A process that waits to be told what to draw.

    Args:
        data_folder: own tables, from which it takes the names of metals and places.
    """

    def __init__(self, data_folder: Path | None = None) -> None:
        own = [] if data_folder is None else [str(data_folder)]
        command = [sys.executable, "-m", PROGRAM, *own]
        self.folder: Path | None = None
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # it works in two processes, which are ended together
        )

    def draw(
        self, folder: Path, manifest: dict[str, Any] | None, frames: Mapping[str, pd.DataFrame] | None = None
    ) -> None:
        """Have the charts of a run folder drawn, once; does not wait.

        frames: its large tables, where they are not written yet; the others must be there.
        """
        if self.folder is not None:
            return
        self.folder = folder
        job = {"folder": str(folder.absolute()), "manifest": manifest, "language": language()}
        with suppress(OSError, ValueError), _open(self.process.stdin) as pipe:  # closed in any case: then it ends
            if frames is not None:
                hand_over(frames, folder / HANDED)
            pipe.write(json.dumps(job, default=str))

    def drawn(self) -> list[Path]:
        """Wait until it has finished; the files that it drew, in the order of the report, none if any is missing."""
        if self.folder is None:
            return []
        charts = self.folder / "charts"
        try:
            files = [charts / str(name) for name in json.loads(_open(self.process.stdout).read())]
            return files if all(file.is_file() for file in files) else []
        except (OSError, ValueError, TypeError):
            return []
        finally:
            self._kill()
            shutil.rmtree(self.folder / HANDED, ignore_errors=True)

    def end(self) -> None:
        """End it, whatever it does."""
        self._kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                _open(pipe).close()
        self.process.wait()

    def _kill(self) -> None:
        if self.process.returncode is None and hasattr(os, "killpg"):
            with suppress(OSError):  # it has ended already
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()


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

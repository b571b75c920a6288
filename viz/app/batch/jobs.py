"""Long work in processes of its own: started with a folder that is removed at the end, watched, cancelled, bounded in time."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lodeflow.data.problems import DataError
from lodeflow.experiments.batch.store import open_batch
from lodeflow.viz.app.server import limits

log = logging.getLogger(__name__)
RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"
KEPT = "job.kept"
"""What is said of a batch that was ended before its last run: what is finished is kept."""
JOBS, BANDS = "jobs", "bands"
"""Rooms: the most at a time of each is the limit of that name, and what waits in one does not wait for the other."""
SECONDS = {JOBS: "job_seconds", BANDS: "band_seconds"}
GRACE = 5.0
"""Time between asking a process to end and ending it, s."""

_slots = threading.Lock()
_running: set[Job] = set()


class NoRoomError(RuntimeError):
    """As many comparisons and batches run on this server as it allows."""


@dataclass(frozen=True)
class Progress:
    """How far a job has come.

    Attributes:
        state: ``running``, ``done``, ``failed`` or ``cancelled``.
        done, total: steps; total 0 while it is not known.
        note: what is being done: key of a text.
        problems: what was wrong, one line each.
        left: s until it is done at the speed so far; None while that is not known.
    """

    state: str = RUNNING
    done: int = 0
    total: int = 0
    note: str = "job.starting"
    problems: tuple[str, ...] = ()
    left: float | None = None


class Job:
    """One process that works for one visitor.

    Args:
        task: name and arguments for :mod:`lodeflow.viz.app.batch.work`.
        scenario: what to run, as TOML.
        publish: called, in a thread of the job, with every new progress.
        room: :data:`JOBS` or :data:`BANDS`.

    Raises:
        NoRoomError: when the server runs as many jobs of that room as it allows.
    """

    def __init__(self, task: list[str], scenario: str, publish: Callable[[Progress], None], room: str = JOBS) -> None:
        self.room = room
        self._first: tuple[float, int] | None = None
        with _slots:
            if sum(job.room == room for job in _running) >= getattr(limits.current(), room):
                raise NoRoomError
            _running.add(self)
        self.publish, self.progress, self._cancelled = publish, Progress(), False
        self.folder = Path(tempfile.mkdtemp(prefix="lodeflow-app-"))
        try:
            (self.folder / "scenario.toml").write_text(scenario, encoding="utf-8")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lodeflow.viz.app.batch.work", *task, str(self.folder)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                start_new_session=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
        except BaseException:
            self._give_back()
            raise
        self._timer = threading.Timer(getattr(limits.current(), SECONDS[room]), self._too_long)
        self._timer.daemon = True
        self._timer.start()
        self._thread = threading.Thread(target=self._watch, name="lodeflow-job", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """End the process; of a batch the finished runs are kept, of a comparison nothing is."""
        self._cancelled = True
        self._end()

    def close(self) -> None:
        """Cancel the job if it runs, and remove its folder."""
        self.cancel()
        self._thread.join(GRACE + 5.0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def join(self, timeout: float) -> bool:
        """Wait until the job has ended; whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    # ---- inside -----------------------------------------------------------------------------------------------------
    def _watch(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        errors: list[str] = []
        reader = threading.Thread(target=lambda: errors.extend(self._process.stderr or ()), daemon=True)
        reader.start()
        for line in self._process.stdout:
            self._read(line)
        code = self._process.wait()
        reader.join(GRACE)
        self._timer.cancel()
        self._give_back()
        self._process.stdout.close()
        self._process.stderr.close()
        if self._cancelled:
            self._set(state=CANCELLED, note=KEPT if finished(self.folder / "batch") else "job.cancelled")
        elif code == 0:
            self._set(state=DONE, note="job.done")
        else:
            log.error("a job failed with code %s:\n%s", code, "".join(errors[-60:]))
            self._set(state=FAILED, note=KEPT if finished(self.folder / "batch") else "job.failed")

    def _read(self, line: str) -> None:
        """One line of the worker: a JSON object with fields of :class:`Progress`."""
        try:
            fields: dict[str, Any] = json.loads(line)
        except ValueError:
            return
        if "problems" in fields:
            fields["problems"] = tuple(fields["problems"])
        self._set(**fields, left=self._left(fields.get("done", 0), fields.get("total", 0)))

    def _left(self, done: int, total: int) -> float | None:
        """Seconds until all steps are done, at the speed since the first step that was told of."""
        now = time.monotonic()
        if self._first is None or done < self._first[1]:
            self._first = (now, done) if done else None
            return None
        began, first = self._first
        return (now - began) / (done - first) * (total - done) if done > first else None

    def _set(self, **fields: Any) -> None:
        self.progress = replace(self.progress, **fields)
        self.publish(self.progress)

    def _too_long(self) -> None:
        self._set(problems=("job.too_long",))
        self._end()

    def _end(self) -> None:
        """Ask the process and its own workers to end, and make them if they do not."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            try:
                self._process.wait(GRACE)
            except subprocess.TimeoutExpired:
                log.warning("a job did not end by itself")
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def _give_back(self) -> None:
        with _slots:
            _running.discard(self)


def finished(folder: Path) -> int:
    """Runs of a batch that are on the disk and ended well, whether or not it came to its end."""
    try:
        batch = open_batch(folder)
        batch.check()
    except DataError:
        return 0
    return int(batch.manifest["done"] - batch.manifest["failed"])


def running() -> int:
    """How many jobs run on this server."""
    with _slots:
        return len(_running)


def end_all() -> None:
    """End every job of this server."""
    with _slots:
        left = list(_running)
    for job in left:
        job.close()

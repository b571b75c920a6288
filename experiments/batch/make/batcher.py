"""Runs a batch: hands out the runs in small tasks, notices dead workers, and leaves a folder that can be resumed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.batch.make.engine import Engine
from lodeflow.experiments.batch.make.estimate import Estimate
from lodeflow.experiments.batch.make.folder import Folder
from lodeflow.experiments.batch.make.work import Done, give_up, merge_part, run_chunk

TASK_SECONDS = 0.5
"""Work in one task: long beside the cost of handing it out, short beside what a kill may lose."""
ATTEMPTS = 5
"""How often a task may go down with a worker before its runs are made one by one, with nothing beside them."""
ALONE = 2
"""How often a run may then take its worker down, alone, before it is given up."""
SHORTEST = 10
"""Runs after which their mean time is trusted."""


@dataclass(frozen=True)
class Status:
    """How far a batch is.

    asked, done, failed: runs; rate: runs per second since the start; left: seconds left, nan before it is known; kpi: name of
    the main indicator; mean, half_width: its estimate and half its 95 % confidence interval.
    """

    asked: int
    done: int
    failed: int
    rate: float
    left: float
    kpi: str
    mean: float
    half_width: float


Watch = Callable[[Status], None]


@dataclass(order=True)
class Task:
    """Runs `first` to `last` - 1 of one part, or with `last` = 0 the joining of part `first`; attempts so far."""

    first: int
    last: int
    attempts: int = 0

    @property
    def suspect(self) -> bool:
        """Whether it must be made with nothing beside it, to see who kills the workers."""
        return self.attempts >= ATTEMPTS and self.last - self.first == 1


@dataclass
class Batcher:
    """A batch at work.

    folder: where it is written; engine: who makes the runs; watch: called when runs are done; until: share of the main
    indicator's mean at which its half confidence interval is narrow enough to stop (None: all runs are made).
    """

    folder: Folder
    engine: Engine
    watch: Watch | None = None
    until: float | None = None
    estimate: Estimate = field(default_factory=Estimate)

    def __post_init__(self) -> None:
        manifest = self.folder.manifest
        self.asked, self.size = int(manifest["runs"]), int(manifest["part_size"])
        self.done = np.zeros(self.asked, bool)
        self.failed = 0
        self.begun, self.fresh, self.seconds = time.perf_counter(), 0, 0.0
        self.merged: dict[int, Estimate] = {}
        self.judged = 0
        self.whole = Estimate()
        self.again: deque[Task] = deque()
        self.flying: dict[Future[Any], Task] = {}

    def run(self) -> bool:
        """Make all runs that are not there yet; returns whether the estimate was narrow enough to stop before the last.

        Raises OSError when the disk is full, KeyboardInterrupt on Ctrl-C: what was finished stays.
        """
        self._take_stock()
        tasks = self._tasks()
        try:
            while not self._narrow():
                self._fill(tasks)
                if not self.flying:
                    return False
                self._collect()
                self._report()
            return True
        finally:
            self.engine.stop()

    # ---- what there is to do ------------------------------------------------------------------------------------------
    def _take_stock(self) -> None:
        """Count the runs that an earlier call finished."""
        for first, last, failed, values in self.folder.finished(self.folder.manifest["main_kpi"]):
            self.done[first:last] = True
            self.failed += failed
            self.estimate.add(values)
        for part, values in self.folder.parts(self.folder.manifest["main_kpi"]):
            self._note_part(part, values)

    def _tasks(self) -> Iterator[Task]:
        """All tasks, part by part; how many runs a task has depends on how long the last ones took."""
        for part in range(-(-self.asked // self.size)):
            if part in self.merged:
                continue
            last = min((part + 1) * self.size, self.asked)
            run = part * self.size
            if self.done[run:last].all():
                yield Task(part, 0)
            while run < last:
                if self.done[run]:
                    run += 1
                    continue
                stop = run + 1
                while stop < min(last, run + self._runs_per_task()) and not self.done[stop]:
                    stop += 1
                yield Task(run, stop)
                run = stop

    def _runs_per_task(self) -> int:
        if self.fresh < SHORTEST:
            return 1
        return int(np.clip(TASK_SECONDS * self.fresh / max(self.seconds, 1e-9), 1, max(self.size // 4, 1)))

    def _fill(self, tasks: Iterator[Task]) -> None:
        """Keep two tasks per worker handed out, so that none waits; never more, so that little is in memory."""
        while len(self.flying) < 2 * self.engine.workers:
            if any(task.suspect for task in self.flying.values()):
                return
            task = self.again.popleft() if self.again else next(tasks, None)
            if task is None:
                return
            if task.suspect and self.flying:
                self.again.appendleft(task)
                return
            self._submit(task)

    def _submit(self, task: Task) -> None:
        folder, stamp = str(self.folder.path), self.folder.stamp
        executor = self.engine.executor()
        future: Future[Any]
        try:
            if not task.last:
                future = executor.submit(merge_part, folder, task.first, self.size)
            elif task.suspect and task.attempts >= ATTEMPTS + ALONE:
                reason = f"the worker died {task.attempts} times in this run"
                future = executor.submit(give_up, folder, stamp, task.first, reason)
            else:
                future = executor.submit(run_chunk, folder, stamp, task.first, task.last)
        except self.engine.died:
            self.again.appendleft(task)
            self._recover()
            return
        self.flying[future] = task

    # ---- what comes back ----------------------------------------------------------------------------------------------
    def _collect(self) -> None:
        """Wait for a task and take in what came back; after a death of a worker, everything under way is done again."""
        ready, _ = wait(self.flying, return_when=FIRST_COMPLETED)
        broken = False
        for future in ready:
            task = self.flying.pop(future)
            try:
                result = future.result()
            except self.engine.died:
                broken = True
                self._repeat(task)
            except CancelledError:
                wrong = "the cluster has gone"
                right = "Continue with --resume when it is back"
                raise DataError([Problem(str(self.folder.path), None, "", wrong, right)]) from None
            else:
                self._take(task, result)
        if broken:
            self._recover()

    def _recover(self) -> None:
        """Go on after the death of a worker; what a broken pool had under way is lost with it."""
        self.engine.revive()
        for future in [future for future in self.flying if future.done()]:
            task = self.flying.pop(future)
            if future.cancelled() or future.exception() is not None:
                self._repeat(task)
            else:
                self._take(task, future.result())

    def _repeat(self, task: Task) -> None:
        """Put a task back; after many deaths run by run, to find the one that kills."""
        task.attempts += 1
        if task.attempts >= ATTEMPTS and task.last - task.first > 1:
            self.again.extend(Task(run, run + 1, ATTEMPTS) for run in range(task.first, task.last))
        else:
            self.again.append(task)

    def _take(self, task: Task, result: Any) -> None:
        if not task.last:
            self._note_part(task.first, result)
            return
        rows: list[Done] = result
        for row in rows:
            self.done[row.run] = True
            self.failed += row.failed
            self.seconds += row.seconds
        self.fresh += len(rows)
        self.estimate.add(row.main for row in rows)
        part = task.first // self.size
        if self.done[part * self.size : (part + 1) * self.size].all():
            self.again.append(Task(part, 0))

    def _note_part(self, part: int, values: list[float]) -> None:
        self.merged[part] = Estimate()
        self.merged[part].add(values)
        while self.judged in self.merged and not self._narrow():
            self.whole.join(self.merged[self.judged])
            self.judged += 1

    def _narrow(self) -> bool:
        """Whether the parts judged so far, in order, are enough: the answer does not depend on who was fastest."""
        return self.until is not None and self.judged > 0 and self.whole.tight(self.until)

    def _report(self) -> None:
        if self.watch is not None:
            self.watch(self.status())

    def status(self) -> Status:
        """Return how far the batch is."""
        done = int(self.done.sum())
        rate = self.fresh / max(time.perf_counter() - self.begun, 1e-9)
        left = (self.asked - done) / rate if rate > 0 else float("nan")
        kpi = str(self.folder.manifest["main_kpi"])
        return Status(self.asked, done, self.failed, rate, left, kpi, self.estimate.mean, self.estimate.half_width)

"""Where the runs are made: a pool of warm processes on this machine, or the workers of a Dask cluster.

Both are executors of ``concurrent.futures``; the batch does not know which one it has.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import Any, Protocol

from lodeflow.data.problems import DataError, Problem

LOCAL = "local"
"""Address that stands for a Dask cluster on this machine."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PRELOAD = "lodeflow.experiments.batch.make.warm"


def start_server() -> None:
    """Start the process that workers are forked from, so that it loads while the caller goes on; again does nothing."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        multiprocessing.set_forkserver_preload([PRELOAD])
        resource_tracker.ensure_running()  # its start lets interrupts through again, so it comes first
        with _for_children():
            forkserver.ensure_running()


class Engine(Protocol):
    """What a batch needs: an executor, which errors mean that a worker died, and how to go on after that."""

    workers: int
    died: tuple[type[BaseException], ...]

    def executor(self) -> Executor:
        """Return the executor that takes tasks now."""

    def revive(self) -> None:
        """Replace what a dead worker broke."""

    def stop(self) -> None:
        """End all workers at once."""


class Pool:
    """A pool of processes that stay warm; it is made anew when one of them dies.

    workers: number of processes, cores of this machine if left out; method: how processes start ("forkserver" where there is
    one, else "spawn").
    """

    died: tuple[type[BaseException], ...] = (BrokenProcessPool,)

    def __init__(self, workers: int | None = None, method: str | None = None) -> None:
        self.workers = workers or usable_cores()
        if method is None:
            method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        self._context = multiprocessing.get_context(method)
        if method == "forkserver":
            start_server()
        self._strangers = set(multiprocessing.active_children())
        self._pool: ProcessPoolExecutor | None = None

    def executor(self) -> Executor:
        """Return the pool; the first call starts it."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.workers, self._context, initializer=_guard, initargs=())
        return _Sheltered(self._pool)

    def revive(self) -> None:
        """Leave the broken pool; the next task starts a new one."""
        self.stop()

    def stop(self) -> None:
        """End all workers; what they were doing is lost."""
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        for child in set(multiprocessing.active_children()) - self._strangers:
            child.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


class _Sheltered(Executor):
    """Starts processes with Ctrl-C blocked, so that it reaches the parent alone, and with one thread each."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def submit(self, *arguments: Any, **keywords: Any) -> Any:
        with _for_children():
            return self._pool.submit(*arguments, **keywords)


@contextmanager
def _for_children() -> Iterator[None]:
    """Settings that a new process takes over: no interrupts, one thread for arrays."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    blocked = None
    if hasattr(signal, "pthread_sigmask"):
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if blocked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _guard() -> None:
    """Prepare a worker: no interrupts, and an end with its parent, also when that is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Dask:
    """The workers of a Dask cluster, which must see the folder of the batch under the same path.

    address: of a running scheduler ("tcp://host:8786"), or "local" for a cluster on this machine; workers: processes of a
    local cluster. Raises DataError if the package is missing or nobody answers.
    """

    def __init__(self, address: str, workers: int | None = None) -> None:
        try:
            from distributed import Client, LocalCluster
            from distributed.scheduler import KilledWorker
        except ImportError:
            right = "pip install 'lodeflow[cluster]'"
            raise DataError([Problem("--cluster", None, "", "the package distributed is missing", right)]) from None
        self.died: tuple[type[BaseException], ...] = (KilledWorker,)
        self._cluster = None
        if address == LOCAL:
            with _for_children():
                self._cluster = LocalCluster(
                    n_workers=workers or usable_cores(), threads_per_worker=1, dashboard_address=None
                )
        try:
            self.client = Client(self._cluster or address, timeout="10s")
        except (OSError, ValueError, TimeoutError) as error:
            right = "Give the address of a running Dask scheduler, such as tcp://host:8786, or local"
            problem = Problem("--cluster", address, "", f"no scheduler answers ({one_line(error)})", right)
            raise DataError([problem]) from None
        self.workers = max(sum(self.client.nthreads().values()), 1)
        self._executor = self.client.get_executor(pure=False)

    def executor(self) -> Executor:
        """Return the client as an executor."""
        executor: Executor = self._executor
        return executor

    def revive(self) -> None:
        """Nothing to do: the scheduler gives the tasks of a dead worker to others, and nannies start new ones."""

    def stop(self) -> None:
        """Leave the cluster; one that was started here ends."""
        self.client.close()
        if self._cluster is not None:
            self._cluster.close()


def one_line(error: BaseException) -> str:
    """Return an error as one line: its kind and its text; of a check of fields only what is wrong, without the input."""
    from pydantic import ValidationError

    text = "; ".join(item["msg"] for item in error.errors()) if isinstance(error, ValidationError) else str(error)
    return f"{type(error).__name__}: {' '.join(text.split())}".rstrip(": ")

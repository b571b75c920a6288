"""Reads and checks a scenario in a process of its own, bounded in time and memory: whatever it holds, the caller goes on.

`python -m lodeflow.experiments.scenario.apart` is that process: it takes a job on standard input and
gives the answer on standard output.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from lodeflow.data.guard import oversize
from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.scenario.include import compose
from lodeflow.experiments.scenario.model import check_names, parse_scenario

if TYPE_CHECKING:
    from lodeflow.experiments.scenario.model import Scenario
    from lodeflow.experiments.scenario.names import Names

CPU_SECONDS = 5
"""Processor time that a check may take, s; the largest shipped scenario takes 0.3 s with the start of Python."""
WALL_SECONDS = 30.0
"""Time after which a check is given up, s: the machine may be busy with other work."""
MEMORY_BYTES = 1_000_000_000
"""Address space that a check may take, bytes."""
AT_ONCE = 2
"""Checks at the same time; others wait for their turn."""
SHOWN = DataError.shown - 1
"""Problems that are handed back."""

_turns = threading.BoundedSemaphore(AT_ONCE)


def check_apart(content: bytes, name: str, names: Names, most: int) -> Scenario:
    """Return the checked scenario in `content`.

    Args:
        content: the bytes of a scenario file, from anybody.
        name: what the file is called, for reports.
        names: what its names are checked against.
        most: largest file, bytes.

    Raises:
        DataError: with everything that is wrong with it, also when checking it takes too much time or memory.
    """
    if len(content) > most:
        raise DataError([oversize(name, len(content), most)])
    job = pickle.dumps((content, name, names, most))
    right = "Send a shorter and simpler file"
    with _turns:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "lodeflow.experiments.scenario.apart"],
                input=job,
                capture_output=True,
                timeout=WALL_SECONDS,
                check=False,
                env=_environment(),
            )
        except subprocess.TimeoutExpired as error:
            raise DataError([Problem(name, None, "", "checking it took too long", right)]) from error
    if done.returncode != 0:
        raise DataError([Problem(name, None, "", "checking it took too much time or memory", right)])
    answer: Scenario | list[Problem] = pickle.loads(done.stdout)  # from our own process
    if isinstance(answer, list):
        raise DataError(answer)
    return answer


def _environment() -> dict[str, str]:
    """Ours, with the same folders to import from, the same bounds, and one thread for numbers."""
    bounds = {"LODEFLOW_CHECK_SECONDS": str(CPU_SECONDS), "LODEFLOW_CHECK_BYTES": str(MEMORY_BYTES)}
    paths = os.pathsep.join(path for path in sys.path if path)
    return os.environ | bounds | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def answer_to(job: bytes) -> Scenario | list[Problem]:
    """Do one job: the scenario, or what is wrong with it."""
    content, name, names, most = pickle.loads(job)
    try:
        part = compose(parse_scenario(content, name, most), name, None)
        return check_names(part.raw, name, names)
    except DataError as error:
        more = len(error.problems) - SHOWN
        rest = [Problem(name, None, "", f"there are {more:,} more problems", "Mend those above first")] * (more > 0)
        return error.problems[:SHOWN] + rest


def _bound() -> None:
    """Bound time and memory of this process, where the system can (not on Windows: there the clock ends it)."""
    try:
        import resource
    except ImportError:
        return
    seconds, size = int(os.environ["LODEFLOW_CHECK_SECONDS"]), int(os.environ["LODEFLOW_CHECK_BYTES"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """The process: read a job, answer it."""
    _bound()
    sys.stdout.buffer.write(pickle.dumps(answer_to(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()

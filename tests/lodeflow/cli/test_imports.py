"""What a command imports: the time before the first word is printed is the time of its imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lodeflow import data

HEAVY = {"pandas", "pyarrow", "mesa", "numba", "scipy", "networkx", "matplotlib", "pandera", "solara"}


def imported(*arguments: str) -> set[str]:
    """Modules that a command imports."""
    code = (
        "import atexit, sys, json\n"
        "atexit.register(lambda: print('\\n' + json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        f"sys.argv = ['lodeflow', *{list(arguments)!r}]\n"
        "from lodeflow.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].strip('[]"').split('", "'))


@pytest.mark.parametrize("arguments", [("list",), ("--help",), ("--version",), ("run", "--help")])
def test_what_only_lists_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not imported(*arguments) & HEAVY


def test_a_description_needs_no_world() -> None:
    data.load()
    assert not imported("describe", "drc-cobalt-export-ban") & (HEAVY - {"pandas", "pyarrow"})


def test_a_run_without_charts_draws_and_filters_nothing(tmp_path: Path) -> None:
    data.load()
    world = ("--metals", "cobalt", "--end", "2024-02", "--no-charts", "--out", str(tmp_path / "run"))
    assert not imported("run", "baseline", *world) & {"matplotlib", "scipy.signal", "pandera", "solara"}


END = """
import atexit, os, sys, threading
def end():
    import pyarrow
    print("ended", pyarrow.default_memory_pool().backend_name)
atexit.register(end)
leave = os._exit
os._exit = lambda code: (os.write(1, b"at once\\n"), leave(code))
{before}
sys.argv = ["lodeflow", {argument!r}]
from lodeflow.__main__ import main
main()
"""


def ended(argument: str, before: str = "") -> tuple[int, list[str]]:
    """Exit code of a command and its last two lines."""
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    command = [sys.executable, "-c", END.format(argument=argument, before=before)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()[-2:]


def test_a_command_ends_at_once_when_all_is_said_and_arrow_keeps_nothing_for_itself() -> None:
    assert ended("--version") == (0, ["ended system", "at once"])


def test_a_command_that_fails_ends_as_python_does() -> None:
    assert ended("--nonsense") == (2, ["ended system"])


@pytest.mark.parametrize("before", ["sys.settrace(lambda *_: None)", "threading.Timer(0.5, print, ['late']).start()"])
def test_a_command_leaves_time_to_those_who_have_work_left(before: str) -> None:
    code, said = ended("--version", before)
    assert code == 0
    assert said[-1] == "ended system"

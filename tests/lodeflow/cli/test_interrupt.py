"""Ctrl-C while the program loads: one line and the exit code of a shell, wherever an import stands."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lodeflow.__main__ import INTERRUPTED
from lodeflow.print import screen
from tests.house.modules import ROOT

START = """
import os, signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
sys.argv = ["lodeflow", "list"]
from lodeflow.__main__ import main
main()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals of POSIX")
@pytest.mark.parametrize("module", ["typer", "lodeflow.cli.run", "pydantic", "lodeflow.data", "lodeflow.print.list"])
def test_ctrl_c_while_the_program_loads_is_one_line(module: str) -> None:
    words = [sys.executable, "-c", START.format(module=module)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == "\nInterrupted.\n"
    assert done.returncode == INTERRUPTED == screen.INTERRUPTED
    assert done.stdout == ""

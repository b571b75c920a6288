"""What a run does not need of Mesa is loaded when somebody touches it, and not before."""

from __future__ import annotations

import subprocess
import sys

UNTOUCHED = """
import sys
import lodeflow.environment.start.build
heavy = [name for name in ("networkx", "mesa.experimental.devs", "mesa.discrete_space.cell") if name in sys.modules]
assert not heavy, heavy
"""
TOUCHED = """
import lodeflow.environment, mesa
import mesa.space
from mesa.experimental.devs import ABMSimulator
from mesa.discrete_space import Cell
assert mesa.space.ContinuousSpace(1.0, 1.0, torus=False).x_max == 1.0
assert mesa.experimental.devs.ABMSimulator is ABMSimulator and mesa.discrete_space.Cell is Cell
assert "Cell" in dir(mesa.discrete_space) and "space" in mesa.__all__
try:
    mesa.space.nowhere
except AttributeError as error:
    assert "nowhere" in str(error)
else:
    raise AssertionError("a name that is not there was found")
"""
BEFORE = """
import mesa
assert mesa.space.ContinuousSpace
import lodeflow.environment.world
assert mesa.space is __import__("sys").modules["mesa.space"]
"""


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_world_is_built_without_what_it_does_not_need() -> None:
    run(UNTOUCHED)


def test_whoever_touches_a_part_of_mesa_has_it() -> None:
    run(TOUCHED)


def test_a_mesa_that_is_loaded_already_stays_as_it_is() -> None:
    run(BEFORE)

"""What a run does not need of Mesa is loaded when somebody touches it, and not before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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

NUMBA = """
import sys
import lodeflow.environment.start.build
import numba, numba.np.arraymath
import numpy as np
heavy = [name for name in ("numpy.f2py", "scipy.linalg._basic") if name in sys.modules]
assert not heavy, heavy
half = numba.njit(lambda matrix: np.linalg.inv(matrix) @ matrix[0])
assert half(2.0 * np.eye(2)).tolist() == [1.0, 0.0]
import scipy.linalg
from scipy.linalg import inv
assert scipy.linalg.inv is inv and inv(2.0 * np.eye(2))[0, 0] == 0.5
"""
QUICK = """
import inspect, sys
usual = inspect.getouterframes
from lodeflow.environment.later import load_mesa
load_mesa()
import mesa.mesa_logging
assert {"mesa.model", "mesa.mesa_logging"} == set(mesa.mesa_logging._module_loggers), mesa.mesa_logging._module_loggers
assert inspect.getouterframes is usual
heavy = [name for name in ("networkx", "scipy", "mesa.experimental.devs") if name in sys.modules]
assert not heavy, heavy
named = [cell.cell_contents for cell in mesa.Model.__init__.__closure__]
assert "Model" in named, named
"""
KEPT = """
import sys
import numpy as np
from lodeflow.environment.market.loops import by_row
assert by_row(np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0]), 3).tolist() == [1.0, 0.0, 5.0]
assert by_row(np.array([1, 0]), np.array([1, 2]), 2).tolist() == [2.0, 1.0]
print("numba.cpython.mathimpl" in sys.modules, sum(by_row.stats.cache_hits.values()))
"""
ALONE = """
import numpy as np
from lodeflow.environment.market.loops import by_row, months_by_row
rows, values = np.array([0, 2, 2]), np.array([[1.0, 2.0, 3.0]])
assert months_by_row(rows, values, 3).tolist() == [[1.0, 0.0, 5.0]]
print(sum(by_row.stats.cache_hits.values()), sum(months_by_row.stats.cache_hits.values()))
"""
OTHER = """
import lodeflow.environment.market.clearing as clearing
clearing.llvm = None  # no such part there
"""
COMMAND = """
import sys
from lodeflow.cli.main import app
asked = ["run", "drc-cobalt-export-ban", "--metals", "cobalt", "--end", "2025-03", "--no-charts", "--out", "made"]
app(asked, standalone_mode=False)
heavy = [name for name in ("networkx", "mesa.experimental.devs", "scipy.spatial", "matplotlib") if name in sys.modules]
assert not heavy, heavy
"""


def run(code: str, place: Path | None = None, **environment: str) -> str:
    command, full = [sys.executable, "-c", code], os.environ | environment
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place, env=full)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_world_is_built_without_what_it_does_not_need() -> None:
    run(UNTOUCHED)


def test_whoever_touches_a_part_of_mesa_has_it() -> None:
    run(TOUCHED)


def test_a_mesa_that_is_loaded_already_stays_as_it_is() -> None:
    run(BEFORE)


def test_numba_finds_linear_algebra_without_all_of_it() -> None:
    run(NUMBA)


def test_mesa_is_loaded_quickly_and_its_loggers_have_their_names() -> None:
    run(QUICK)


def test_loops_that_are_kept_need_no_compiler(tmp_path: Path) -> None:
    assert run(KEPT, NUMBA_CACHE_DIR=str(tmp_path)) == "True 0"
    assert run(KEPT, NUMBA_CACHE_DIR=str(tmp_path)) == "False 2"


def test_a_kept_loop_can_be_built_into_one_that_is_compiled_later(tmp_path: Path) -> None:
    run(KEPT, NUMBA_CACHE_DIR=str(tmp_path))
    assert run(ALONE, NUMBA_CACHE_DIR=str(tmp_path)) == "1 0"
    assert run(ALONE, NUMBA_CACHE_DIR=str(tmp_path)) == "0 1"


def test_where_numba_is_another_one_loops_are_loaded_as_it_does(tmp_path: Path) -> None:
    run(KEPT, NUMBA_CACHE_DIR=str(tmp_path))
    assert run(OTHER + KEPT, NUMBA_CACHE_DIR=str(tmp_path)) == "False 2"


def test_a_run_loads_no_part_of_mesa_that_it_does_not_need(tmp_path: Path) -> None:
    run(COMMAND, tmp_path)

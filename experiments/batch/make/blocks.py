"""Designs that a sensitivity analysis needs: points in blocks that belong together, drawn by SALib."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lodeflow.data.problems import DataError, Problem


def _saltelli(problem: dict[str, Any], blocks: int, seed: int) -> np.ndarray:
    from SALib.sample import sobol

    points: np.ndarray = sobol.sample(problem, blocks, calc_second_order=False, seed=seed)
    return points


def _morris(problem: dict[str, Any], blocks: int, seed: int) -> np.ndarray:
    from SALib.sample import morris

    points: np.ndarray = morris.sample(problem, blocks, num_levels=LEVELS, seed=seed)
    return points


LEVELS = 4
"""Values that an input takes in a Morris design, evenly spread over its range."""
DESIGNS: dict[str, tuple[Callable[[dict[str, Any], int, int], np.ndarray], int]] = {
    "saltelli": (_saltelli, 2),
    "morris": (_morris, 1),
}
"""How points are drawn, and how many runs a block has beyond one per input."""


def problem_of(inputs: int) -> dict[str, Any]:
    """Return SALib's description of the unit cube."""
    names = [str(number) for number in range(inputs)]
    return {"num_vars": inputs, "names": names, "bounds": [[0.0, 1.0]] * inputs}


def block_runs(sampling: str, inputs: int) -> int:
    """Return the number of runs in a block: a base point and its changes ("saltelli"), or a trajectory ("morris")."""
    return inputs + DESIGNS[sampling][1]


def points_of(sampling: str, inputs: int, runs: int, seed: int) -> np.ndarray:
    """Return the points of a design in the unit cube, shape (runs, inputs).

    sampling: "saltelli" or "morris"; runs: a multiple of `block_runs`; seed: of the draws. Raises DataError without SALib.
    """
    check_salib()
    return DESIGNS[sampling][0](problem_of(inputs), runs // block_runs(sampling, inputs), seed % 2**32)


def check_salib() -> None:
    """Raise DataError with what to install if SALib is missing."""
    from importlib.util import find_spec

    if find_spec("SALib") is None:
        right = "pip install 'lodeflow[analysis]'"
        raise DataError([Problem("sensitivity", None, "", "the package SALib is missing", right)])

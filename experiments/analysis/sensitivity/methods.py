"""The methods of sensitivity analysis: which runs each needs, and how SALib reads them.

Every input is taken as its place in its range, 0 to 1, so that numbers, months and choices are treated alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lodeflow.experiments.batch.make.blocks import DESIGNS, LEVELS, block_runs, problem_of
from lodeflow.experiments.batch.make.design import Sampling

MethodName = Literal["morris", "sobol", "rbd-fast"]
Values = dict[str, np.ndarray]
"""By name of an index: its values and, as <name>_conf, half its 95 % confidence intervals, shape (inputs,)."""
RESAMPLES = 200
"""Bootstrap samples of a confidence interval."""


@dataclass(frozen=True)
class Method:
    """One method.

    sampling: of the runs that it makes; reads: samplings of batches that it can read; analyse: points (runs, inputs), values
    (runs,) and a seed to indices; main: index by which inputs are ranked; shares: index that is a share of the variance, ""
    where there is none; default: runs (or blocks of runs, where a block belongs together) if none are asked for; what: one line.
    """

    sampling: Sampling
    reads: tuple[str, ...]
    analyse: Callable[[np.ndarray, np.ndarray, int], Values]
    main: str
    shares: str
    default: int
    what: str


def _sobol(points: np.ndarray, values: np.ndarray, seed: int) -> Values:
    from SALib.analyze import sobol

    problem = problem_of(points.shape[1])
    return _plain(sobol.analyze(problem, values, calc_second_order=False, num_resamples=RESAMPLES, seed=seed))


def _morris(points: np.ndarray, values: np.ndarray, seed: int) -> Values:
    from SALib.analyze import morris

    problem = problem_of(points.shape[1])
    return _plain(morris.analyze(problem, points, values, num_resamples=RESAMPLES, num_levels=LEVELS, seed=seed))


def _rbd_fast(points: np.ndarray, values: np.ndarray, seed: int) -> Values:
    from SALib.analyze import rbd_fast

    return _plain(rbd_fast.analyze(problem_of(points.shape[1]), points, values, num_resamples=RESAMPLES, seed=seed))


def _plain(found: Any) -> Values:
    return {str(name): np.asarray(values, float) for name, values in found.items() if name != "names"}


METHODS: dict[str, Method] = {
    "morris": Method(
        "morris",
        ("morris",),
        _morris,
        "mu_star",
        "",
        10,
        "elementary effects: one input after the other is moved from many starting points; few runs, ranks many inputs",
    ),
    "sobol": Method(
        "saltelli",
        ("saltelli",),
        _sobol,
        "ST",
        "S1",
        128,
        "shares of the variance, of each input alone and with its interactions; many runs",
    ),
    "rbd-fast": Method(
        "lhs",
        ("lhs", "sobol"),
        _rbd_fast,
        "S1",
        "S1",
        1000,
        "shares of the variance, of each input alone; reads any Monte Carlo batch",
    ),
}
MEANINGS = {
    "S1": "share of the variance that would go if this input were known (first-order index)",
    "ST": "share of the variance in which this input has a part, alone or with others (total-order index)",
    "mu_star": "mean absolute effect of moving this input through its whole range, in the unit of the indicator",
    "mu": "mean effect of moving this input through its whole range, in the unit of the indicator",
    "sigma": "spread of that effect: large where it depends on the other inputs",
}
"""What each index says."""
FEWEST = 4
"""Blocks (starting points, trajectories) that a design needs at least."""


def runs_for(method: str, inputs: int, budget: int | None, blocks: int | None) -> int:
    """Return the number of runs to make.

    method: name; inputs: their number; budget: most runs (None: the usual number); blocks: trajectories or base points,
    instead of a budget. The base points of Sobol' indices are a power of two, the largest within the budget.
    Raises ValueError if the budget is too small, with what would do.
    """
    chosen = METHODS[method]
    if chosen.sampling not in DESIGNS:
        return budget or blocks or chosen.default
    size = block_runs(chosen.sampling, inputs)
    number = blocks or (chosen.default if budget is None else budget // size)
    if number < FEWEST:
        raise ValueError(f"{FEWEST * size:,} runs at least ({inputs} inputs, {FEWEST} times {size} runs)")
    if chosen.sampling == "saltelli":
        number = 1 << (number.bit_length() - 1)
    return number * size

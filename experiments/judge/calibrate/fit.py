"""Many starts, a least-squares descent from the best of them, and what the episodes say about each parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lodeflow.experiments.judge.calibrate.problem import LOSS_SCALE, Judge, Knob, cost, mean_error, residuals

STEP = 0.04
"""Step of the numerical derivatives, as a share of a range: small enough to be local, large enough to pass over kinks."""
PLAUSIBLE = 0.02
"""Starts whose mean error lies within this of the best are called plausible, ln points."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Fit:
    """A fitted parameter vector.

    Attributes:
        x: values, shape (knobs,).
        cost: what was made small, see problem.cost.
        error: mean over episodes of their mean |ln error|, ln points, over the episodes that were fitted.
        names: those episodes.
    """

    x: np.ndarray
    cost: float
    error: float
    names: tuple[str, ...]


def starts(judge: Judge, count: int, seed: int) -> tuple[np.ndarray, list[dict[str, np.ndarray]]]:
    """Errors at a Latin hypercube of the ranges; the first start is the middle of all of them.

    Returns:
        (points, errors): shape (count, knobs), and the errors by episode of each point.
    """
    from scipy.stats import qmc

    low, high = bounds(judge.knobs)
    spread = qmc.LatinHypercube(len(judge.knobs), rng=np.random.default_rng(seed)).random(max(count - 1, 0))
    points = np.vstack([0.5 * (low + high), low + spread * (high - low)])
    return points, judge.errors(list(points), judge.fitted)


def bounds(knobs: Sequence[Knob]) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest values, shape (knobs,) each."""
    return np.array([knob.low for knob in knobs]), np.array([knob.high for knob in knobs])


def descend(judge: Judge, start: np.ndarray, names: Sequence[str], steps: int) -> Fit:
    """Least-squares descent (scipy, trust region with bounds, soft l1) from one start; the best point met is returned.

    Args:
        judge: gives the errors.
        start: parameter values, shape (knobs,).
        names: episodes that count.
        steps: most evaluations of the errors, derivatives not counted.
    """
    from scipy.optimize import least_squares

    low, high = bounds(judge.knobs)
    width = high - low
    best = _at(judge, start, names)

    def at(u: np.ndarray) -> np.ndarray:
        nonlocal best
        here = _at(judge, low + u * width, names)
        best = min(best, here, key=lambda fit: fit.cost)
        return residuals(judge.errors([here.x], names)[0], names, here.x, judge.knobs, judge.weights)

    def slope(u: np.ndarray) -> np.ndarray:
        return jacobian(judge, low + u * width, names) * width

    least_squares(
        at,
        (start - low) / width,
        jac=slope,
        bounds=(0.0, 1.0),
        loss="soft_l1",
        f_scale=LOSS_SCALE,
        max_nfev=steps,
        xtol=1e-3,
    )
    return best


def _at(judge: Judge, x: np.ndarray, names: Sequence[str]) -> Fit:
    """The fit that stands at x."""
    errors = judge.errors([x], names)[0]
    weights = judge.weights
    return Fit(x, cost(errors, names, x, judge.knobs, weights), mean_error(errors, names, weights), tuple(names))


def jacobian(judge: Judge, x: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Derivatives of the residuals by the parameters, one step towards the middle of the range, shape (residuals, knobs)."""
    low, high = bounds(judge.knobs)
    step = np.where(x < 0.5 * (low + high), STEP, -STEP) * (high - low)
    points = [x, *(x + np.diag(step))]
    errors = judge.errors(points, names)
    values = [residuals(e, names, p, judge.knobs, judge.weights) for e, p in zip(errors, points, strict=True)]
    return np.column_stack([(moved - values[0]) / h for moved, h in zip(values[1:], step, strict=True)])


def best_of(
    judge: Judge, points: np.ndarray, errors: list[dict[str, np.ndarray]], names: Sequence[str], tries: int, steps: int
) -> Fit:
    """Descend from the best starts and keep the best end."""
    costs = [cost(e, names, x, judge.knobs, judge.weights) for x, e in zip(points, errors, strict=True)]
    order = np.argsort(costs)[:tries]
    fits = [descend(judge, points[k], names, steps) for k in order]
    return min(fits, key=lambda fit: fit.cost)


def leave_one_out(
    judge: Judge, points: np.ndarray, errors: list[dict[str, np.ndarray]], steps: int, say: Say
) -> dict[str, Fit]:
    """For every episode a fit that has not seen it, from the best start of the others."""
    fits = {}
    for left in judge.fitted:
        others = [name for name in judge.fitted if name != left]
        fits[left] = best_of(judge, points, errors, others, 1, steps)
        unseen = mean_error(judge.errors([fits[left].x], [left])[0], [left])
        say(f"without {left}: {fits[left].error:.3f} on the others, {unseen:.3f} on it")
    return fits

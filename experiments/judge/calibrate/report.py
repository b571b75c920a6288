"""What a calibration found, as plain tables: fitted values, ranges that fit about as well, what cannot be told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lodeflow.experiments.judge.calibrate.fit import PLAUSIBLE, Fit, bounds, jacobian
from lodeflow.experiments.judge.calibrate.problem import Judge, mean_error

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGITS = 3
"""Significant digits of fitted values: more would pretend to know them."""
ALIKE = 0.7
"""Correlation of two parameters' estimates beyond which the episodes cannot tell them apart."""
UNKNOWN = 0.5
"""Standard error, as a share of half the range, beyond which the episodes say little about a parameter."""


@dataclass(frozen=True)
class Calibration:
    """Result of a calibration.

    Attributes:
        values: one row per parameter: parameter, unit, shipped, low, high, fitted, plausible_low, plausible_high, certainty.
        episodes: one row per episode: episode, points, points_fitted (that the fit saw), shipped, fitted, left_out: mean
            |ln error|, ln points. Of an episode that the fit did not see, left_out is the error of the fit.
        alike: pairs of parameters the episodes cannot tell apart: first, second, correlation.
        surface: every start: parameters, and error by episode and overall.
        runs: episodes simulated.
    """

    values: pd.DataFrame
    episodes: pd.DataFrame
    alike: pd.DataFrame
    surface: pd.DataFrame
    runs: int

    def summary(self) -> dict[str, Any]:
        """The small file that ships with the program."""
        by_name = self.episodes.set_index("episode")
        values = [
            {name: float(f"{cell:.{DIGITS}g}") if isinstance(cell, float) else cell for name, cell in row.items()}
            for row in self.values.drop(columns="spread").to_dict("records")
        ]
        return {
            "fitted": {row["parameter"]: row["fitted"] for row in values},
            "error": {kind: round(float(by_name[kind].mean()), 3) for kind in ("shipped", "fitted")},
            "leave_one_out": {
                "episodes": by_name["left_out"].round(3).to_dict(),
                "mean": round(float(by_name["left_out"].mean()), 3),
            },
            "values": values,
            "alike": self.alike.round(2).to_dict("records"),
            "starts": len(self.surface),
        }


def describe(
    judge: Judge, points: np.ndarray, errors: Sequence[dict[str, np.ndarray]], fit: Fit, left_out: dict[str, Fit]
) -> Calibration:
    """Turn fits into tables.

    Args:
        judge: gives the errors.
        points, errors: the starts.
        fit: to all episodes.
        left_out: for every episode that the fit saw, the fit without it.
    """
    names = judge.names
    shipped = judge.errors([np.array([knob.value for knob in judge.knobs])])[0]
    fitted = judge.errors([fit.x])[0]
    unseen = {name: mean_error(judge.errors([left_out.get(name, fit).x], [name])[0], [name]) for name in names}
    counted = {name: int(np.count_nonzero(judge.weights.get(name, np.ones(judge.sizes[name])))) for name in names}
    episodes = pd.DataFrame(
        {
            "episode": names,
            "points": [judge.sizes[name] for name in names],
            "points_fitted": [counted[name] for name in names],
            "shipped": [mean_error(shipped, [name]) for name in names],
            "fitted": [mean_error(fitted, [name]) for name in names],
            "left_out": [unseen[name] for name in names],
        }
    )
    surface = pd.DataFrame(points, columns=[knob.key for knob in judge.knobs])
    for name in judge.fitted:
        surface[f"error {name}"] = [mean_error(e, [name]) for e in errors]
    surface["error"] = [mean_error(e, judge.fitted, judge.weights) for e in errors]
    spread, correlation = _certainty(judge, fit)
    return Calibration(
        values=_values(judge, points, surface["error"].to_numpy(), fit, spread),
        episodes=episodes,
        alike=_alike(judge, correlation),
        surface=surface,
        runs=judge.runs,
    )


def _certainty(judge: Judge, fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Standard error of each estimate over half its range, and the correlations, from the curvature at the fit.

    The residual variance comes from the errors themselves, so a model that misses knows its parameters less well.
    """
    low, high = bounds(judge.knobs)
    half = 0.5 * (high - low)
    scaled = jacobian(judge, fit.x, judge.fitted)[: -len(half)] * half
    errors = judge.errors([fit.x], judge.fitted)[0]
    variance = float(np.mean([np.mean(errors[name] ** 2) for name in judge.fitted]))
    covariance = np.linalg.inv(scaled.T @ scaled / max(variance, 1e-6) + np.eye(len(fit.x)))
    spread = np.sqrt(np.diag(covariance))
    return spread, covariance / np.outer(spread, spread)


def _values(judge: Judge, points: np.ndarray, error: np.ndarray, fit: Fit, spread: np.ndarray) -> pd.DataFrame:
    near = points[error <= max(error.min(), fit.error) + PLAUSIBLE]
    return pd.DataFrame(
        {
            "parameter": [knob.key for knob in judge.knobs],
            "unit": [knob.unit for knob in judge.knobs],
            "shipped": [knob.value for knob in judge.knobs],
            "low": [knob.low for knob in judge.knobs],
            "high": [knob.high for knob in judge.knobs],
            "fitted": fit.x,
            "plausible_low": np.minimum(near.min(axis=0), fit.x),
            "plausible_high": np.maximum(near.max(axis=0), fit.x),
            "certainty": np.where(spread > UNKNOWN, "little said", "known"),
            "spread": spread,
        }
    )


def _alike(judge: Judge, correlation: np.ndarray) -> pd.DataFrame:
    keys = [knob.key for knob in judge.knobs]
    rows = [
        {"first": keys[i], "second": keys[j], "correlation": float(correlation[i, j])}
        for i in range(len(keys))
        for j in range(i + 1, len(keys))
        if abs(correlation[i, j]) > ALIKE
    ]
    return pd.DataFrame(rows, columns=["first", "second", "correlation"])

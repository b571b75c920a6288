"""Scores of simulated against observed series: pure functions of numbers, no world in them.

Ratios are values over the mean of the months before an event (1 = as before); errors are differences of natural logarithms
of ratios ("ln points": 0.2 is about 20 %), so that twice too high and half too low count the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

SIGN_MOVE = 0.03
"""Observed moves beyond this share of the price before the event count in the signs."""
BACK = 0.10
"""A ratio is back when it lies within this share of 1."""
THEIL_POINTS = 5
"""Fewest points for which an error is split into bias, variance and covariance."""


@dataclass(frozen=True)
class Theil:
    """Theil's decomposition of the mean squared error of ln ratios; the three shares add up to 1.

    Attributes:
        mse: mean squared error, squared ln points.
        bias: share of a difference of means: the whole series is too high or too low.
        variance: share of a difference of standard deviations: the moves are too large or too small.
        covariance: the rest: the moves come at other times.
    """

    mse: float
    bias: float
    variance: float
    covariance: float


@dataclass(frozen=True)
class Turn:
    """The largest move of a series of ratios: the ratio furthest from 1, a peak or a trough.

    Attributes:
        month: months after the event.
        ratio: value over the mean before the event.
        back: months after the event until the series is within 10 % of 1 again; 0 if it never left, nan if it is not seen.
    """

    month: int
    ratio: float
    back: float


def log_errors(simulated: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return ln(simulated / observed), ln points, shape (n,).

    simulated, observed: ratios, shape (n,). Raises ValueError if one of them is not above zero.
    """
    both = np.asarray(simulated, float), np.asarray(observed, float)
    if any(not (values > 0).all() for values in both):
        raise ValueError("ratios must be above zero")
    return np.log(both[0]) - np.log(both[1])


def moves(simulated: np.ndarray, observed: np.ndarray) -> dict[str, int]:
    """Return how many observed rises (ratio above 1.03) and falls (below 1/1.03) go the same way in the simulation.

    A move is right when the simulated ratio lies on the same side of 1, however little it moved; exactly 1 is wrong.
    Rises and falls are counted apart: a model whose prices only rise looks good on measures that raise prices.
    simulated, observed: ratios, shape (n,). Keys: rises_right, rises_counted, falls_right, falls_counted.
    """
    wanted, found = (np.log(np.asarray(ratios, float)) for ratios in (observed, simulated))
    rises, falls = wanted > np.log(1.0 + SIGN_MOVE), wanted < -np.log(1.0 + SIGN_MOVE)
    return {
        "rises_right": int((rises & (found > 0)).sum()),
        "rises_counted": int(rises.sum()),
        "falls_right": int((falls & (found < 0)).sum()),
        "falls_counted": int(falls.sum()),
    }


def theil(simulated: np.ndarray, observed: np.ndarray) -> Theil | None:
    """Return Theil's decomposition of the error of ln ratios; None for fewer than 5 points or no error at all.

    simulated, observed: ratios, shape (n,).
    """
    errors = log_errors(simulated, observed)
    mse = float((errors**2).mean()) if len(errors) else 0.0
    if len(errors) < THEIL_POINTS or mse == 0.0:
        return None
    bias = float(errors.mean()) ** 2 / mse
    spread = float(np.log(simulated).std() - np.log(observed).std())
    variance = spread**2 / mse
    return Theil(mse, bias, variance, 1.0 - bias - variance)


def turn(ratio: pd.Series[float]) -> Turn | None:
    """Return the largest move of a series and when it is back; None for a series without values.

    ratio: by whole months after the event, ascending; only months from 0 on count.
    """
    after = ratio[ratio.index >= 0].dropna()
    if after.empty:
        return None
    month = int(after.index[int(np.abs(np.log(after.to_numpy())).argmax())])
    near = after.between(1.0 - BACK, 1.0 + BACK)
    if bool(near.all()):
        return Turn(month, float(after[month]), 0.0)
    later = near[near & (near.index > month)].index
    return Turn(month, float(after[month]), float(later[0]) if len(later) else float("nan"))


def static_multiplier(loss: float, eta: float) -> float:
    """Return the price ratio that a lost share of supply gives at a constant price elasticity of use.

    loss: share of supply lost, 0 to below 1; eta: elasticity of use, positive. The ratio is (1 - loss) ** (-1 / eta).
    Raises ValueError outside these ranges.
    """
    if not 0.0 <= loss < 1.0 or not eta > 0.0:
        raise ValueError(f"loss must lie in 0..1 and eta above 0, not {loss} and {eta}")
    return float((1.0 - loss) ** (-1.0 / eta))


def score(points: pd.DataFrame) -> dict[str, Any]:
    """Return the scores of some points.

    points: columns `observed` and `simulated`, and `static` (nan where there is none), ratios; one row or more.
    The result holds points; mean_error and median_error of the model, no_change_error and static_error (mean, nan if a
    point has no static multiplier) of the baselines, all |ln| points; mean_bias (mean ln error: above zero, prices are too
    high); signs_right of signs_counted, and the same of rises and of falls, see moves; mse and the shares
    bias, variance, covariance (nan where there are too few points).
    """
    observed, simulated = (points[name].to_numpy(float) for name in ("observed", "simulated"))
    errors = np.abs(log_errors(simulated, observed))
    static = points["static"].to_numpy(float)
    parts = theil(simulated, observed)
    counted = moves(simulated, observed)
    return {
        "points": len(points),
        "mean_error": float(errors.mean()),
        "median_error": float(np.median(errors)),
        "no_change_error": float(np.abs(np.log(observed)).mean()),
        "static_error": float(np.abs(np.log(static) - np.log(observed)).mean()),
        "mean_bias": float(log_errors(simulated, observed).mean()),
        "signs_right": counted["rises_right"] + counted["falls_right"],
        "signs_counted": counted["rises_counted"] + counted["falls_counted"],
        **counted,
        **{name: getattr(parts, name) if parts else float("nan") for name in Theil.__dataclass_fields__},
    }


def total(points: pd.DataFrame, episodes: pd.DataFrame) -> dict[str, Any]:
    """Return the scores over several episodes.

    points: as in :func:`score`, of all of them; episodes: one row per episode with its own scores. Means over episodes
    (mean_error, no_change_error, static_error) weigh every episode alike; pooled_error and median_error every point.
    """
    pooled = score(points)
    means = {name: float(episodes[name].mean()) for name in ("mean_error", "no_change_error", "static_error")}
    return {"episodes": len(episodes), **pooled, "pooled_error": pooled["mean_error"], **means}

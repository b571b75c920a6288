"""One table of marks: what the model errs by in each field, what the best simple rule errs by, and the ratio of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.experiments.judge.hindcast import score
from lodeflow.experiments.judge.structure.runs import JUDGED
from lodeflow.experiments.judge.structure.shares import FORECASTS, share_scores
from lodeflow.experiments.judge.structure.trend import ALL, COUNTS, trend_scores

if TYPE_CHECKING:
    import pandas as pd

OVERALL = "overall"
EVENTS, TREND_PRICE, DIRECTION = "prices around events", "prices in trend mode", "direction of prices"
TREND_OUTPUT, MAP, CASES = "output in trend mode", "map of producers", "cases of history"
COIN = 0.5
"""Share of moves that a coin gets wrong, rises and falls counted alike."""


def marks(points: pd.DataFrame, trend: pd.DataFrame, shares: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Return the marks: field, model, simple (the best simple rule), rule (its name), ratio (model / simple; below 1 is better).

    points: episode, simulated, observed (ratios) of the events; trend: see trend.trend_years; shares: see shares.share_rows;
    cases: see cases.case_scores. The last row is the mean of the ratios of all fields that have rows.
    """
    import pandas as pd

    rows = [_events(points), *_trend(trend), _direction(points, trend), _map(shares), _cases(cases)]
    table = pd.DataFrame([row for row in rows if row is not None])
    table["ratio"] = table["model"] / table["simple"]
    whole = {"field": OVERALL, "model": np.nan, "simple": np.nan, "rule": "", "ratio": float(table["ratio"].mean())}
    return pd.concat([table, pd.DataFrame([whole])], ignore_index=True)


def _events(points: pd.DataFrame) -> dict[str, Any] | None:
    """Mean |ln error| of prices around events, every episode counted once."""
    if points.empty:
        return None
    errors = points.assign(
        model=np.abs(np.log(points["simulated"] / points["observed"])), simple=np.abs(np.log(points["observed"]))
    )
    means = errors.groupby("episode")[["model", "simple"]].mean().mean()
    return _mark(EVENTS, float(means["model"]), {"no change": float(means["simple"])})


def _trend(trend: pd.DataFrame) -> list[dict[str, Any]]:
    if trend.empty:
        return []
    table = trend_scores(trend)
    whole = table[table["metal"] == ALL]
    return [
        _mark(field, float(whole[f"{what}_error"].mean()), {"no change": float(whole[f"{what}_no_change"].mean())})
        for field, what in ((TREND_PRICE, "price"), (TREND_OUTPUT, "output"))
    ]


def _direction(points: pd.DataFrame, trend: pd.DataFrame) -> dict[str, Any] | None:
    """Share of moves above 3 % in the wrong direction, rises and falls weighing alike: a price that only rises gets a half."""
    counts = dict.fromkeys(COUNTS, 0)
    if len(points):
        for name, count in score.moves(points["simulated"].to_numpy(), points["observed"].to_numpy()).items():
            counts[name] += count
    if len(trend):
        table = trend_scores(trend)
        for name in COUNTS:
            counts[name] += int(table.loc[table["metal"] == ALL, name].sum())
    right = [
        counts[f"{way}_right"] / counts[f"{way}_counted"] for way in ("rises", "falls") if counts[f"{way}_counted"]
    ]
    return _mark(DIRECTION, 1.0 - sum(right) / len(right), {"a coin": COIN}) if right else None


def _map(shares: pd.DataFrame) -> dict[str, Any] | None:
    scores = share_scores(shares)
    judged = scores[scores["part"] == JUDGED]
    if judged.empty:
        return None
    row = judged.iloc[0]
    return _mark(MAP, float(row["model"]), {name: float(row[name]) for name in FORECASTS[1:]})


def _cases(cases: pd.DataFrame) -> dict[str, Any] | None:
    """Mean error of shares over the cases, each counted once."""
    scored = cases[cases["rows"] > 0] if len(cases) else cases
    if scored.empty:
        return None
    means = scored.groupby("case")[[f"error_{name}" for name in FORECASTS]].mean().mean()
    return _mark(CASES, float(means["error_model"]), {n: float(means[f"error_{n}"]) for n in FORECASTS[1:]})


def _mark(field: str, model: float, rules: dict[str, float]) -> dict[str, Any]:
    best = min(rules, key=lambda name: rules[name])
    return {"field": field, "model": model, "simple": rules[best], "rule": best}

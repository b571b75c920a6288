"""Trend mode: agents expect the growth of the past, demand comes otherwise, and prices, output and unmet use are the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.experiments.judge.hindcast import score

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.judge.structure.runs import Past

ALL = "all metals"
COUNTS = ("rises_right", "rises_counted", "falls_right", "falls_counted", "large_falls_right", "large_falls_counted")
LARGE_FALL = 0.1
"""Share of the price that a large fall takes in a year, at least."""


def trend_years(tables: Tables, past: Past, name: str) -> pd.DataFrame:
    """Simulated and published price and output of every year after the base year.

    Columns: run, metal, year, price, price_observed (over the base year's), output, output_observed, output_base (t/year of
    refined metal), wanted and short (use that was wanted, and what stayed unmet of it, t/year). The base year itself stands in
    the first row of each metal.
    """
    prices = tables.base_prices.set_index(["metal", "year"])["price_usd_per_t"]
    table = tables.production[tables.production["stage"] == "refine"]
    made = table.groupby(["metal", "year"])["reconciled_t"].sum()
    refined = past.output[past.output["stage"] == "refine"].groupby(["metal", "year"])["tonnes"].sum()
    frame = past.market.copy()
    keys = list(zip(frame["metal"], frame["year"], strict=True))
    bases = [(metal, past.protocol.base) for metal, _ in keys]
    frame["price_observed"] = prices.reindex(keys).to_numpy() / prices.reindex(bases).to_numpy()
    frame["output"] = refined.reindex(keys).fillna(0.0).to_numpy()
    frame["output_observed"] = made.reindex(keys).to_numpy()
    frame["output_base"] = made.reindex(bases).to_numpy()
    columns = ["run", "metal", "year", "price", "price_observed", "output", "output_observed", "output_base"]
    return frame.assign(run=name)[[*columns, "wanted", "short"]]


def trend_scores(years: pd.DataFrame) -> pd.DataFrame:
    """Scores of the years after the base year by run and metal, and of all metals together.

    price_error, price_no_change: mean |ln(simulated / published)|, ln points; price_bias: its mean with sign; correlation: of
    the yearly changes of ln price; rises and falls of more than 3 % a year with the right sign, apart, and falls of more than
    LARGE_FALL; output_error, output_no_change: the same of refined output; unmet: share of all wanted use. Means over metals,
    sums of counts.
    """
    import pandas as pd

    rows = []
    for run, of_run in years.groupby("run", sort=False):
        own = [_scores(rows_of) | {"metal": metal} for metal, rows_of in of_run.groupby("metal", sort=False)]
        frame = pd.DataFrame(own)
        numbers = frame.drop(columns="metal")
        whole: dict[str, Any] = {str(name): float(mean) for name, mean in numbers.mean().items()}
        whole |= {name: int(numbers[name].sum()) for name in COUNTS} | {"metal": ALL}
        rows += [{"run": run, **row} for row in [*own, whole]]
    return pd.DataFrame(rows).astype(dict.fromkeys(COUNTS, int))


def _scores(years: pd.DataFrame) -> dict[str, Any]:
    """Scores of one metal of one run; years: in order, the base year first."""
    here, there = (years[column].to_numpy(float) for column in ("price", "price_observed"))
    made, published, base = (years[c].to_numpy(float)[1:] for c in ("output", "output_observed", "output_base"))
    errors = score.log_errors(here, there)[1:]
    changes = [np.diff(np.log(values)) for values in (here, there)]
    return {
        "price_error": float(np.abs(errors).mean()),
        "price_no_change": float(np.abs(np.log(there[1:])).mean()),
        "price_bias": float(errors.mean()),
        "correlation": correlation(*changes),
        **score.moves(np.exp(changes[0]), np.exp(changes[1])),
        **_large_falls(*changes),
        "output_error": float(np.abs(score.log_errors(made, published)).mean()),
        "output_no_change": float(np.abs(score.log_errors(base, published)).mean()),
        "unmet": float(years["short"].sum() / years["wanted"].sum()),
    }


def _large_falls(here: np.ndarray, there: np.ndarray) -> dict[str, int]:
    """Yearly falls of more than LARGE_FALL, and how many of them have the right sign; changes of ln price, shape (years,)."""
    large = there < np.log(1.0 - LARGE_FALL)
    return {"large_falls_right": int((here[large] < 0.0).sum()), "large_falls_counted": int(large.sum())}


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two series; 0 where one of them does not move."""
    if np.ptp(one) == 0.0 or np.ptp(other) == 0.0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])

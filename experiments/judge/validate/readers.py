"""One small function per kind of number that is read from runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lodeflow.experiments.judge.validate.targets import Selection, Target
from lodeflow.experiments.judge.validate.yearly import QUANTITIES, SETS, YearlyRun

if TYPE_CHECKING:
    import pandas as pd

Runs = Mapping[str, YearlyRun]
SPENT = 0.5
"""Share of the first year's output below which a mine counts as exhausted."""

FLAT = 0.001
"""Share of the highest value by which a path may end below it and has not turned: a path that comes to rest wavers a little."""


class NotComputable(ValueError):
    """Raised where the runs do not hold what a row asks for; the text says why."""


def amount(runs: Runs, metal: str, chosen: Selection) -> float:
    """A flow added up over the years of a selection (t; over one year t/year), or a stock at the end of its last year (t).

    Raises NotComputable where the run has no such years, place or product.
    """
    series = _series(runs, metal, chosen)
    return float(series.iloc[-1] if is_stock(chosen.quantity) else series.sum())


def is_stock(quantity: str) -> bool:
    """Whether a quantity is a stock, which is not added up over years."""
    return quantity in QUANTITIES and QUANTITIES[quantity].stock


def value(runs: Runs, target: Target) -> float:
    """The number, or its ratio to what it is divided by (1)."""
    number = amount(runs, target.metal, target.number)
    return number if target.over is None else number / _divisor(runs, target)


def change(runs: Runs, target: Target) -> float:
    """Change against what it is divided by: ratio less 1 (1)."""
    return value(runs, target) - 1.0


def growth(runs: Runs, target: Target) -> float:
    """Mean yearly growth since the year of the divisor (1/year)."""
    if target.over is None or target.number.last <= target.over.last:
        raise NotComputable("growth needs an earlier year to start from")
    return float(value(runs, target) ** (1.0 / (target.number.last - target.over.last)) - 1.0)


def peak_year(runs: Runs, target: Target) -> float:
    """The year of the highest value (year); the last year of the run where it still rises or has come to rest."""
    series = _series(runs, target.metal, target.number)
    rests = series.iloc[-1] >= (1.0 - FLAT) * series.max()
    return float(series.index[-1] if rests else series.index[int(series.to_numpy().argmax())])


def years_of_output(runs: Runs, target: Target) -> float:
    """Years until output has fallen below half of the first year's (years)."""
    series = _series(runs, target.metal, target.number)
    gone = series.index[series < SPENT * series.iloc[0]]
    if gone.empty:
        raise NotComputable(f"output goes on to {series.index[-1]}, the end of the run")
    return float(gone[0] - series.index[0])


def years_covered(runs: Runs, target: Target) -> float:
    """Years for which the stock of the divisor covers the flow, added up from its first year (years).

    Where it covers all of the run it is at least the years of the run, which is enough to tell that an upper bound below them is
    broken; else raises NotComputable.
    """
    flow = _series(runs, target.metal, target.number)
    total, stock = flow.to_numpy(float).cumsum(), _divisor(runs, target)
    if total[-1] <= stock and len(flow) > float(target.about.get("high", math.nan)):
        return float(len(flow))
    if total[-1] <= stock:
        raise NotComputable(f"it covers use to {flow.index[-1]}, the end of the run")
    at = int((total <= stock).sum())
    return at + float(1.0 - (total[at] - stock) / flow.iloc[at])


READERS: dict[str, Callable[[Runs, Target], float]] = {
    "value": value,
    "change": change,
    "growth": growth,
    "peak_year": peak_year,
    "years_of_output": years_of_output,
    "years_covered": years_covered,
}


def _divisor(runs: Runs, target: Target) -> float:
    assert target.over is not None
    divisor = amount(runs, target.metal, target.over)
    if not divisor > 0.0:
        raise NotComputable(f"there is no {target.over.quantity} to divide by")
    return divisor


def _series(runs: Runs, metal: str, chosen: Selection) -> pd.Series:
    """The years of a selection, shape (years,)."""
    run = runs[chosen.run]
    if not set(SETS.get(metal, (metal,))) <= set(run.metals):
        raise NotComputable(f"the run holds no {metal}")
    missing = [name for name in chosen.products if name not in run.products and name not in run.regions]
    if missing:
        raise NotComputable(f"the model has no product {', '.join(missing)}")
    if chosen.region != "WLD" and chosen.region not in run.regions and chosen.region not in run.groups:
        raise NotComputable(f"{chosen.region} is part of the rest of the world in this run")
    if chosen.first not in run.years or chosen.last not in run.years:
        raise NotComputable(f"the run goes from {run.years[0]} to {run.years[-1]}")
    return run.series(chosen.quantity, metal, chosen.region, chosen.products).loc[chosen.first : chosen.last]

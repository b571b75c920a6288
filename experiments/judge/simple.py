"""Simple forecasts that a model has to beat, and the error of shares: pure functions of shares by country, no world in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MEMORY = 3
"""Years before the base year whose mean change goes on in the forecast by momentum."""
DAMPING = 0.8
"""Share of a year's change that is left in the next one: the usual middle of a damped trend (0.8 to 0.98 a period)."""


def shares(output: pd.Series) -> pd.Series:
    """Share of each country in output (any unit), 0 to 1."""
    return output / output.sum()


def momentum(now: pd.Series, before: pd.Series, years: int) -> pd.Series:
    """Forecast of shares: the mean yearly change of the last three years goes on, a fifth weaker every year.

    now, before: output by country in the base year and MEMORY years earlier; years: after the base year. Shares cannot fall
    below zero; they add up to 1.
    """
    here = shares(now)
    change = here.sub(shares(before), fill_value=0.0) / MEMORY
    reach = DAMPING * (1.0 - DAMPING**years) / (1.0 - DAMPING)
    return shares(here.add(reach * change, fill_value=0.0).clip(lower=0.0))


def misplaced(one: pd.Series, other: pd.Series) -> float:
    """Share of output that stands in another country: half the sum of the absolute differences of shares, 0 to 1."""
    return float(shares(one).sub(shares(other), fill_value=0.0).abs().sum() / 2.0)

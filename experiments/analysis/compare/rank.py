"""What matters in a comparison: where its worlds differ most, counted in the smallest differences that are worth a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from lodeflow.experiments.run.moved import PLACE_MOVED, PRICE_MOVED, RECYCLING_MOVED, USE_MOVED

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("metal", "kpi", "size", "high", "high_value", "low", "low_value", "unit")
"""Columns of the ranking: size counts least differences; high, low: the worlds with the highest and the lowest value."""


def _apart(least: float) -> Callable[[float, float], float]:
    return lambda high, low: (high - low) / least


def _ratio(high: float, low: float) -> float:
    return math.log(high / low) / math.log(1.0 + PRICE_MOVED) if low > 0 else 0.0


SIZES: dict[str, Callable[[float, float], float]] = {
    "price_peak": _ratio,
    "price_mean": _ratio,
    "shortage": _apart(USE_MOVED),
    "use_lost": _apart(USE_MOVED),
    "recycling_rate": _apart(RECYCLING_MOVED),
    "recycled_content": _apart(RECYCLING_MOVED),
    "hhi": _apart(PLACE_MOVED),
    "feed_hhi": _apart(PLACE_MOVED),
    "reliance_eu": _apart(PLACE_MOVED),
}
"""Indicators that are ranked, and how many least differences lie between two values: lodeflow.experiments.run.moved has them."""


def ranking(kpis: pd.DataFrame) -> pd.DataFrame:
    """Return where the worlds differ by one least difference or more, the largest first.

    kpis: metal, kpi, side, value, unit (see `tables.py`). Columns: see COLUMNS.
    """
    import pandas as pd

    rows = []
    kept = kpis[kpis["kpi"].isin([*SIZES]) & kpis["value"].notna()]
    for (metal, name), own in kept.groupby(["metal", "kpi"], sort=False):
        worlds = own.sort_values("value", kind="stable").to_dict("records")
        low, high = worlds[0], worlds[-1]
        size = SIZES[str(name)](float(high["value"]), float(low["value"]))
        if size >= 1.0:
            rows.append((metal, name, size, high["side"], high["value"], low["side"], low["value"], str(low["unit"])))
    rows.sort(key=lambda row: (-row[2], str(row[0]), str(row[1])))
    return pd.DataFrame(rows, columns=list(COLUMNS))

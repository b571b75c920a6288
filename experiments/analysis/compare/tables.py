"""The tables of a comparison: indicators side by side, their differences, and the worlds month by month."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data import catalogue
from lodeflow.experiments.analysis.compare.align import TOGETHER
from lodeflow.experiments.batch.make.series import PLACES, WORLD
from lodeflow.experiments.kpis import asked_of

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.analysis.compare.worlds import Side
    from lodeflow.experiments.kpis import Kpi, Value

MOST_SIDES = 4
"""Worlds up to which all pairs stand in the table by month; with more, each beside the first: an assumption for short files."""
KPI_COLUMNS = ("metal", "kpi", "side", "value", "without", "text", "unit", "worse", "what")
DIFFERENCE_COLUMNS = ("metal", "kpi", "left", "right", "difference", "unit", "worse")
INTERACTION_COLUMNS = ("metal", "kpi", "sum", "together", "interaction", "unit")
KEYS = ("date", "metal", "variable", "region", "unit")
"""First columns of the tables by month."""


def kpi_table(sides: Sequence[Side], metals: Sequence[str]) -> pd.DataFrame:
    """Return every indicator of every metal and world; columns: KPI_COLUMNS, as in kpis.csv of a run."""
    import pandas as pd

    rows = []
    for metal in metals:
        effects = [(side.name, side.effect(metal)) for side in sides]
        recorded = all(x.has_footprint for _, x in effects)
        for one in asked_of(shocked=True, money=True, footprint=recorded):
            for name, x in effects:
                value = one.value(x)
                without = one.value(x.calm()) if one.level else None
                text, number = (value, None) if isinstance(value, str) else ("", value)
                rows.append((metal, one.name, name, number, without, text, one.unit, one.worse, one.what))
    return pd.DataFrame(rows, columns=list(KPI_COLUMNS)).astype({"value": float, "without": float})


def difference(left: float, right: float) -> float:
    """Return left less right; 0 where neither is defined, such as a price that recovers in neither world."""
    return 0.0 if math.isnan(left) and math.isnan(right) else left - right


def difference_table(kpis: pd.DataFrame, sides: Sequence[Side]) -> pd.DataFrame:
    """Return by how much the indicators of each two worlds differ, left less right; columns: DIFFERENCE_COLUMNS."""
    import pandas as pd

    named = {one.name for one in asked_of(shocked=True, money=True) if one.unit == "country"}
    rows = []
    for (metal, kpi), own in kpis[~kpis["kpi"].isin(named)].groupby(["metal", "kpi"], sort=False):
        values = dict(zip(own["side"], own["value"], strict=True))
        unit, worse = own["unit"].iloc[0], own["worse"].iloc[0]
        for left, right in combinations([side.name for side in sides], 2):
            rows.append((metal, kpi, left, right, difference(values[left], values[right]), unit, worse))
    return pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))


def interaction_table(sides: Sequence[Side], together: Side | None, metals: Sequence[str]) -> pd.DataFrame:
    """Return by how much the shocks together do more than the sum of what each scenario does alone.

    An effect is an indicator less what it is in the world without shocks, counted from the earliest news in all worlds.
    Columns: INTERACTION_COLUMNS, without rows where nothing was run together.
    """
    import pandas as pd

    rows = []
    for metal in metals if together is not None else ():
        assert together is not None
        first = together.first
        for one in _additive():
            alone = sum(_effect(one, side, metal, first) for side in sides)
            both = _effect(one, together, metal, first)
            rows.append((metal, one.name, alone, both, both - alone, one.unit))
    return pd.DataFrame(rows, columns=list(INTERACTION_COLUMNS))


def _additive() -> list[Kpi]:
    """Indicators whose effects can be added: those with a better and a worse, but times of recovery and what one country pays."""
    return [one for one in asked_of(shocked=True) if one.worse and one.name != "months_to_recover"]


def _effect(one: Kpi, side: Side, metal: str, first: int) -> float:
    x = side.effect(metal, first)
    return _number(one.value(x)) - _number(one.value(x.calm()))


def _number(value: Value) -> float:
    return math.nan if isinstance(value, str) else float(value)


# ---- by month -----------------------------------------------------------------------------------------------------------
def series_table(sides: Sequence[Side]) -> pd.DataFrame:
    """Return the worlds month by month: KEYS, then a column for each world and for the one without shocks of each.

    Those without shocks are called "without NAME", and "without" where all share one.
    """
    import pandas as pd

    keys, dates = _keys(sides), _dates(sides[0])
    shared = all(_same(side, sides[0], keys) for side in sides)
    columns = {side.name: _values(side.shock, keys, len(dates)) for side in sides}
    if shared:
        columns["without"] = _values({key: v for side in sides for key, v in side.baseline.items()}, keys, len(dates))
    else:
        columns |= {f"without {side.name}": _values(side.baseline, keys, len(dates)) for side in sides}
    return pd.DataFrame(_labels(keys, dates) | columns)


def pair_table(sides: Sequence[Side]) -> pd.DataFrame:
    """Return the differences of worlds month by month: KEYS, left, right, difference (left less right)."""
    import pandas as pd

    keys, dates = _keys(sides), _dates(sides[0])
    labels = pd.DataFrame(_labels(keys, dates))
    pairs = [*combinations(sides, 2)] if len(sides) <= MOST_SIDES else [(sides[0], other) for other in sides[1:]]
    parts = []
    for left, right in pairs:
        apart = _values(left.shock, keys, len(dates)) - _values(right.shock, keys, len(dates))
        parts.append(labels.assign(left=left.name, right=right.name, difference=apart).dropna(subset="difference"))
    return pd.concat(parts, ignore_index=True)


def interaction_series(sides: Sequence[Side], together: Side | None) -> pd.DataFrame:
    """Return, month by month, the sum of the effects alone, the effect together, and the interaction: KEYS and these."""
    import pandas as pd

    if together is None:
        return pd.DataFrame(columns=[*KEYS, "sum", TOGETHER, "interaction"])
    keys, dates = _keys([*sides, together]), _dates(together)
    alone = np.zeros(len(keys) * len(dates))
    for side in sides:
        alone = alone + _change(side, keys, len(dates))
    both = _change(together, keys, len(dates))
    table = pd.DataFrame(_labels(keys, dates) | {"sum": alone, TOGETHER: both, "interaction": both - alone})
    return table.dropna(subset="interaction").reset_index(drop=True)


def _change(side: Side, keys: Sequence[tuple[str, str, str]], months: int) -> np.ndarray:
    return _values(side.shock, keys, months) - _values(side.baseline, keys, months)


def _keys(sides: Sequence[Side]) -> list[tuple[str, str, str]]:
    """Series that are kept: those of batches, of the world, of large places and of those that act."""
    known = catalogue.in_batches()
    places = {WORLD, *PLACES, *(str(event["actor"]) for side in sides for event in side.events if event["actor"])}
    found = {key for side in sides for key in side.shock if key[0] in known and key[2] in places}
    order = {name: number for number, name in enumerate(known)}
    return sorted(found, key=lambda key: (key[1], order[key[0]], key[2] != WORLD, key[2]))


def _values(series: Any, keys: Sequence[tuple[str, str, str]], months: int) -> np.ndarray:
    missing = np.full(months, np.nan)
    return np.concatenate([series.get(key, missing) for key in keys])


def _same(side: Side, other: Side, keys: Sequence[tuple[str, str, str]]) -> bool:
    """Whether the worlds without shocks of two scenarios are one, as far as both tell."""
    told = [key for key in keys if key in side.baseline and key in other.baseline]
    return all(np.array_equal(side.baseline[key], other.baseline[key]) for key in told)


def _dates(side: Side) -> pd.DatetimeIndex:
    import pandas as pd

    world = side.scenario.world
    return pd.date_range(f"{world.start}-01", periods=world.months, freq="MS", unit="ns")


def _labels(keys: Sequence[tuple[str, str, str]], dates: pd.DatetimeIndex) -> dict[str, Any]:
    import pandas as pd

    known = catalogue.in_batches()

    def column(names: Iterator[str]) -> pd.Categorical:
        return pd.Categorical(np.repeat(np.array([*names], object), len(dates)))

    return {
        "date": np.tile(dates.to_numpy(), len(keys)),
        "metal": column(key[1] for key in keys),
        "variable": column(key[0] for key in keys),
        "region": column(key[2] for key in keys),
        "unit": column(known[key[0]].measured_in for key in keys),
    }

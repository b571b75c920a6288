"""No country sells abroad what it has not got: exports against output, imports and stock drawn, in metal content."""

from __future__ import annotations

import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import Conflict
from tests.environment.helpers import ban, world_of

METALS = ["cobalt", "nickel", "lithium"]
SLOW = Conflict(actor="COD", metals=["cobalt"], start="2025-06", end="2025-12", routes_lost=0.3, route_delay_months=3)
HELD = {"feed": ["stock"], "refined": ["stock", "strategic_reserve", "investor_stock"]}
MADE = {"feed": ["production"], "refined": ["production", "secondary_supply"]}
ROUNDING = 1e-5


@pytest.fixture(scope="module")
def series(tables: Tables) -> pd.DataFrame:
    """Series of three metals with noise, under a conflict that slows ways, a ban on cobalt ore and one on refined lithium."""
    shocks = [SLOW, ban(months=4), ban("refined", "CHN", "lithium", months=12)]
    world: World = world_of(tables, METALS, shocks, noise=1.0, end="2028-12").run()
    table = world.recorder.series()
    table = table[table.region.isin(world.layout.countries)]
    forms = dict(zip(world.layout.metals, world.layout.feed_forms, strict=True))
    table = table.astype({"form": str, "metal": str, "variable": str, "region": str})
    feed = table.form == table.metal.map(forms)
    return table.assign(form=table.form.where(~feed, "feed"), year=pd.DatetimeIndex(table.date).year)


def of(series: pd.DataFrame, form: str, variables: list[str]) -> pd.DataFrame:
    """Sum of some variables by date and (metal, region), t."""
    rows = series[(series.form == form) & series.variable.isin(variables)]
    return rows.pivot_table(index="date", columns=["metal", "region"], values="value", aggfunc="sum", observed=True)


def yearly(table: pd.DataFrame):  # type: ignore[no-untyped-def]
    """The months of a table by calendar year."""
    return table.groupby(pd.DatetimeIndex(table.index).year)


@pytest.mark.parametrize("form", ["feed", "refined"])
def test_exports_are_no_more_than_output_imports_and_stock_drawn(series: pd.DataFrame, form: str) -> None:
    """By metal, country and year; the first year is left out, because its stock of the month before is not recorded."""
    sent, came = (yearly(of(series, form, [name])).sum() for name in ("exports", "imports"))
    made, held = yearly(of(series, form, MADE[form])).sum(), yearly(of(series, form, HELD[form])).last()
    columns = sent.columns
    parts = [table.reindex(columns=columns, fill_value=0.0).fillna(0.0) for table in (made, came, -held.diff())]
    had = sum(parts[1:], parts[0]).iloc[1:]
    sent = sent.iloc[1:].fillna(0.0)
    assert (sent <= had * (1.0 + ROUNDING) + 1.0).all(axis=None), (sent - had).max().nlargest(5)
    assert (sent.sum() > 0.0).any()


@pytest.mark.parametrize("form", ["feed", "refined"])
def test_the_bound_is_tight_where_nearly_all_is_sold_abroad(series: pd.DataFrame, form: str) -> None:
    """What a large exporter sells is a good part of what it has: a test that never came near its bound would see nothing."""
    sent, made = of(series, form, ["exports"]).sum(), of(series, form, MADE[form]).sum()
    share = (sent / made.reindex(sent.index))[made.reindex(sent.index) > 1000.0]
    assert share.max() > 0.8

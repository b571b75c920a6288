"""What a run writes down."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.records.channels import ONLY_IN_TABLES
from lodeflow.environment.records.recorder import Recorder
from lodeflow.experiments.batch.make.series import read_series
from tests.environment.helpers import ban, different, world_of

UNITS = {
    "price": "USD/t",
    "production": "t",
    "use": "t",
    "demand": "t",
    "shortage": "t",
    "stock": "t",
    "imports": "t",
    "exports": "t",
    "in_use_stock": "t",
    "end_of_life": "t",
    "collected": "t",
    "secondary_supply": "t",
    "eol_recycling_rate": "1",
    "recycled_content": "1",
    "hhi": "1",
    "net_import_reliance": "1",
    "capacity": "t",
    "stock_cover": "months",
    "price_outside": "USD/t",
    "price_inside": "USD/t",
}
FORMS = {"ore", "intermediate", "refined", "product", "scrap", "all"}
COMPONENTS = {
    "stocks",
    "expected supply",
    "refining capacity",
    "own demand",
    "substitution",
    "cost",
    "usual price",
    "news",
}


@pytest.fixture(scope="module")
def series(banned_world: World) -> pd.DataFrame:
    return banned_world.recorder.series()


def world_rows(series: pd.DataFrame, variable: str, form: str | None = None, region: str = "WLD") -> pd.Series:
    rows = series[(series.variable == variable) & (series.region == region)]
    rows = rows if form is None else rows[rows.form == form]
    return rows.groupby("date", observed=True).value.sum()


@pytest.mark.parametrize("variable", sorted(UNITS))
def test_every_variable_is_there_with_its_unit(series: pd.DataFrame, variable: str) -> None:
    rows = series[series.variable == variable]
    if variable != "shortage":
        assert len(rows)
    assert set(rows.unit) <= {UNITS[variable]}


def test_shortage_is_there_even_when_nothing_is_short(quiet_world: World) -> None:
    rows = quiet_world.recorder.series().query("variable == 'shortage' and region == 'WLD'")
    assert set(rows.metal) == set(quiet_world.layout.metals)


def test_columns_dates_forms_and_regions(series: pd.DataFrame, banned_world: World) -> None:
    assert list(series.columns) == ["date", "metal", "form", "region", "variable", "value", "unit"]
    assert series.date.dtype == "datetime64[ns]"
    assert (series.date.dt.day == 1).all()
    assert series.date.nunique() == banned_world.settings.months
    assert set(series.form) <= FORMS
    assert set(series.region) <= {*banned_world.layout.countries, "WLD", "EU27"}
    assert {"WLD", "EU27", "COD", "CHN"} <= set(series.region)
    assert np.isfinite(series.value).all()


def test_a_series_has_one_value_a_month(series: pd.DataFrame) -> None:
    assert not series.duplicated(["date", "metal", "form", "region", "variable"]).any()


def test_what_cannot_be_negative_is_not(series: pd.DataFrame) -> None:
    signed = series.variable == "net_import_reliance"
    assert (series.value[~signed] >= -1e-9).all()
    for variable in ("eol_recycling_rate", "recycled_content", "hhi"):
        assert series[series.variable == variable].value.max() <= 1.0 + 1e-9, variable


def test_the_world_is_the_sum_of_the_countries(series: pd.DataFrame) -> None:
    for variable in ("production", "use", "stock", "in_use_stock", "collected"):
        countries = series[(series.variable == variable) & ~series.region.isin(["WLD", "EU27"])]
        summed = countries.groupby("date").value.sum()
        assert summed.to_numpy() == pytest.approx(world_rows(series, variable).to_numpy()), variable


def test_recycled_content_of_the_world_is_weighted_by_use(banned_world: World, series: pd.DataFrame) -> None:
    recorder, cobalt = banned_world.recorder, banned_world.layout.metal_index["cobalt"]
    own = recorder.places["desk"][0] == cobalt
    use, content = (recorder.block(name)[:, own] for name in ("normal_use", "recycled_content"))
    assert content.std() > 0.0
    world = series.query("variable == 'recycled_content' and region == 'WLD' and metal == 'cobalt'")
    assert world.value.to_numpy() == pytest.approx((use * content).sum(axis=1) / use.sum(axis=1))


def test_use_is_demand_less_shortage(series: pd.DataFrame) -> None:
    gap = world_rows(series, "demand") - world_rows(series, "use") - world_rows(series, "shortage")
    assert gap.abs().max() <= 1e-6 * world_rows(series, "demand").max()


def test_trade_table_agrees_with_exports(banned_world: World, series: pd.DataFrame) -> None:
    trade = banned_world.recorder.trade()
    assert list(trade.columns) == ["date", "metal", "form", "exporter", "importer", "tonnes", "price"]
    sold = trade[(trade.exporter == "COD") & (trade.importer != "COD") & (trade.form == "intermediate")]
    exports = series[(series.variable == "exports") & (series.region == "COD") & (series.form == "intermediate")]
    assert sold.tonnes.sum() == pytest.approx(exports.value.sum(), rel=1e-6)
    assert (trade.tonnes > 0.0).all()
    assert (trade.price > 0.0).all()


def test_the_reasons_of_a_bid_add_up_to_the_bid(banned_world: World) -> None:
    why = banned_world.recorder.why_frame()
    assert set(why.component) == COMPONENTS
    last = why[(why.date == why.date.max()) & ~why.region.isin(["WLD", "outside"])]
    summed = last.groupby(["metal", "region"], observed=True).value.sum()
    cost = last[last.component == "cost"].set_index(["metal", "region"]).value
    bid = dict(zip(banned_world.desks.ids, np.log(banned_world.desks.bid), strict=True))
    for metal, region in summed.index:
        assert summed[metal, region] - cost[metal, region] == pytest.approx(bid[f"{region}-{metal}"], abs=1e-9)


def test_reading_tables_during_a_run_changes_nothing(tables: Tables) -> None:
    plain, read = (world_of(tables, ["cobalt"], [ban()], noise=1.0) for _ in range(2))
    plain.run()
    while read.t < read.settings.months:
        read.step()
        if read.t % 12 == 0:
            read.recorder.series()
            read.recorder.trade()
            read.recorder.why_frame()
            read.ledger.frame()
            read.events()
    assert different(plain, read) == []


def test_a_second_recorder_changes_nothing(tables: Tables) -> None:
    plain, watched = (world_of(tables, ["cobalt"], [ban()], noise=1.0) for _ in range(2))
    plain.run()
    second = Recorder(watched, True)
    while watched.t < watched.settings.months:
        watched.step()
        watched.t -= 1
        second.record(watched)
        watched.t += 1
    assert different(plain, watched) == []
    assert second.series().equals(watched.recorder.series())


def test_what_only_tables_hold_is_in_no_series_of_a_batch(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], [ban()])
    lean = World(world.blueprint, world.shocks, world.expectation, reasons=False, tables=False)
    whole, lean = world.run(), lean.run()
    assert set(whole.recorder.blocks) - set(lean.recorder.blocks) == set(ONLY_IN_TABLES)
    assert set(lean.fork(lean.shocks).recorder.blocks) == set(lean.recorder.blocks)
    series, wanted = read_series(lean), read_series(whole)
    assert set(series) == set(wanted)
    assert all(np.array_equal(values, wanted[key]) for key, values in series.items())

"""The expected path of demand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.data import Tables
from lodeflow.environment.expectation import HORIZONS, demand_growth
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.base_year import base_year
from lodeflow.environment.start.demand import (
    BEYOND,
    base_year_mean,
    monthly_index,
    monthly_path,
    primary_refined,
    smoothed,
    use_path,
    use_share_table,
    with_volumes,
    yearly_index,
)
from lodeflow.environment.start.draw_up import table_parameters
from tests.environment.helpers import price, world_of

METALS = ["lithium", "cobalt"]


def parts(tables: Tables, **changes: object) -> tuple[Tables, pd.DataFrame, WorldSettings, Parameters]:
    """What the functions of the demand path ask for."""
    settings = WorldSettings.model_validate({"metals": METALS, "start": "2024-01", "end": "2035-12"} | changes)
    parameters = table_parameters(tables, settings)
    return tables, base_year(tables, settings, parameters).pairs, settings, parameters


@pytest.mark.parametrize("mode", ["historical", "stationary", "growth"])
def test_the_path_begins_at_one(tables: Tables, mode: str) -> None:
    arguments = parts(tables, mode=mode, growth=0.04 if mode == "growth" else 0.0)
    index = monthly_index(*arguments)
    assert (index[0] == 1.0).all()
    assert index.shape == (arguments[2].months + BEYOND, len(arguments[1]))
    assert (index > 0.0).all()
    assert np.isfinite(index).all()


def test_stationary_demand_is_constant(tables: Tables) -> None:
    assert (monthly_index(*parts(tables, mode="stationary")) == 1.0).all()


def test_growth_is_the_rate_asked_for(tables: Tables) -> None:
    index = monthly_index(*parts(tables, mode="growth", growth=0.04))
    assert index[12] == pytest.approx(np.full(index.shape[1], 1.04))
    assert index[120] == pytest.approx(np.full(index.shape[1], 1.04**10))


def test_the_base_year_is_one_in_the_yearly_index(tables: Tables) -> None:
    assert yearly_index(*parts(tables)).loc[2024].to_numpy() == pytest.approx(1.0)


@pytest.mark.parametrize("start", ["2013-01", "2024-01"])
def test_the_base_year_mean_is_the_mean_of_its_months(tables: Tables, start: str) -> None:
    arguments = parts(tables, start=start)
    assert base_year_mean(*arguments) == pytest.approx(monthly_index(*arguments)[:12].mean(axis=0))


def test_a_start_within_the_base_year_is_measured_against_the_whole_year(tables: Tables) -> None:
    january, july = (base_year_mean(*parts(tables, start=start)) for start in ("2024-01", "2024-07"))
    grows = monthly_index(*parts(tables))[11] > 1.05
    assert grows.any()
    assert (january[grows] > july[grows]).all()


def test_scenarios_differ_after_the_last_year_with_data_only(tables: Tables) -> None:
    low, high = (yearly_index(*parts(tables, demand=name)) for name in ("STEPS", "NZE"))
    assert low.loc[:2024].equals(high.loc[:2024])
    assert (high.loc[2030].sum()) > low.loc[2030].sum()


def test_smoothing_keeps_constant_growth_and_levels_out_bumps() -> None:
    growing = pd.Series(1.05 ** np.arange(11.0), index=range(2000, 2011))
    assert smoothed(growing, 5).iloc[2:-2].to_numpy() == pytest.approx(growing.iloc[2:-2].to_numpy())
    bump = pd.Series([1.0, 1.0, 4.0, 1.0, 1.0], index=range(2000, 2005))
    assert 1.0 < smoothed(bump, 5).loc[2002] < 1.5


def test_expected_growth_over_horizons() -> None:
    path = 1.01 ** np.arange(60.0)[:, None]
    mean, end = demand_growth(path, np.ones(1), np.zeros(1, np.int64), metals=1, months=12)
    assert mean.shape == end.shape == (12, len(HORIZONS), 1)
    for h, horizon in enumerate(HORIZONS.astype(int)):
        assert mean[5, h, 0] == pytest.approx(np.mean(1.01 ** np.arange(horizon)))
        assert end[5, h, 0] == pytest.approx(1.01**horizon)


def test_a_trend_goes_on_from_the_base_year(tables: Tables) -> None:
    arguments = parts(tables, start="2016-01", end="2020-12", expected="trend")
    expected = yearly_index(*arguments)
    growth = expected.loc[2017:2020].to_numpy() / expected.loc[2016:2019].to_numpy()
    assert growth == pytest.approx(np.broadcast_to(growth[0], growth.shape))
    assert growth.max() <= 1.4 + 1e-12
    comes = monthly_index(*arguments, actual=True)
    assert comes[0] == pytest.approx(1.0)
    assert np.abs(comes / monthly_index(*arguments) - 1.0).max() > 0.05


def test_prices_move_when_demand_departs_from_its_trend(tables: Tables) -> None:
    surprised, calm = (
        world_of(
            tables,
            ["lithium"],
            parameters={"usual_years": 1.0},
            mode="historical",
            start="2020-01",
            end="2024-12",
            expected=expected,
        ).run()
        for expected in ("trend", "path")
    )
    departure = np.average(surprised.blueprint.surprise, axis=1, weights=surprised.inputs.base)[:60]
    moved = price(surprised, "lithium")
    assert departure[:12].mean() == pytest.approx(1.0, abs=0.03)
    assert moved[int(departure.argmax()) + 3] > 1.1
    low = int(departure.argmin())
    assert moved[low:].min() < 0.95 * moved[low]
    assert price(calm, "lithium") == pytest.approx(np.ones(60), abs=0.03)  # the surplus of 2020 presses a little


@given(st.lists(st.floats(1e-6, 1e6), min_size=4, max_size=12))
def test_monthly_paths_keep_the_yearly_values_and_never_fall_below_zero(values: list[float]) -> None:
    yearly = pd.Series(values, index=range(2001, 2001 + len(values)))
    path = monthly_path(yearly, np.arange(2001 * 12, (2001 + len(values)) * 12))
    assert path.reshape(-1, 12).mean(axis=1) == pytest.approx(yearly.to_numpy(), rel=1e-9, abs=1e-9 * max(values))
    assert (path >= -1e-9 * max(values)).all()


def test_use_follows_the_volumes_of_products_from_their_first_year() -> None:
    years = range(2019, 2024)
    past = pd.DataFrame({0: [1.0, 1.0, 2.0, 2.0, 2.0], 1: [3.0, 3.0, 2.0, 2.0, 2.0], 2: [5.0] * 5}, index=years)
    pairs = pd.DataFrame({"product_name": ["a", "b", "c"], "metal_name": ["m"] * 3})
    volumes = pd.DataFrame({"metal": "m", "product": ["a", "b"] * 3, "year": [2020] * 2 + [2021] * 2 + [2022] * 2})
    volumes["volume"] = [10.0, 10.0, 15.0, 15.0, 30.0, 30.0]
    changed = with_volumes(past, pairs, volumes)
    group = changed[[0, 1]].sum(axis=1)
    assert group.loc[[2020, 2021, 2022]].to_numpy() == pytest.approx([4.0, 6.0, 12.0])
    assert changed.loc[2021, 0] == pytest.approx(changed.loc[2021, 1])
    assert group.loc[2023] / group.loc[2022] == pytest.approx(1.0)
    pd.testing.assert_series_equal(changed[2], past[2])
    pd.testing.assert_series_equal(changed.loc[2019], past.loc[2019])


def test_a_published_surplus_is_not_used(tables: Tables) -> None:
    """Nickel made 170,000 t in 2023 that nobody used; where no balance is published use is output."""
    names = tuple((str(p), "nickel") for p in tables.use_shares.query("metal == 'nickel'")["product"].unique())
    plain = tables.replace(market_balance=tables.market_balance.iloc[:0])
    known, unknown = (use_path(t, names, "STEPS", "present", 2018, 2026, 1, 10.0, True, False) for t in (tables, plain))
    made = primary_refined(tables.production, ["nickel"])["nickel"]
    assert (known / unknown).loc[2023].to_numpy() == pytest.approx(1.0 - 170_000.0 / made[2023])
    assert (known / unknown).loc[2022].to_numpy() == pytest.approx(1.0 - 98_500.0 / made[2022])
    assert (known / unknown).loc[2018].to_numpy() == pytest.approx(1.0)


def test_magnets_and_not_reports_of_output_say_what_magnet_metals_are_used(tables: Tables) -> None:
    """Reported output rose by 40 % in 2018, when China's quotas rose; 5 % more magnets were made, and their metal got no dearer."""
    metal = "neodymium-praseodymium"
    names = tuple((str(p), metal) for p in tables.use_shares.query("metal == @metal")["product"].unique())
    path = use_path(tables, names, "STEPS", "present", 2015, 2026, 1, 10.0, True, False)
    shares = use_share_table(tables.use_shares, pd.DataFrame(list(names), columns=["product_name", "metal_name"]))
    total = (path * shares.loc[2015].to_numpy()).sum(axis=1)
    assert total[2018] / total[2017] == pytest.approx(1.05, abs=1e-3)
    made = primary_refined(tables.production, [metal])[metal]
    assert made[2018] / made[2017] > 1.35
    unknown = tables.replace(product_volumes=tables.product_volumes.query("metal != @metal"))
    by_magnets, by_output = (
        price(world_of(t, [metal], mode="historical", start="2015-01", end="2018-12", expected="trend").run(), metal)
        for t in (tables, unknown)
    )
    assert by_magnets[36:].mean() < 1.3 < by_output[36:].mean()

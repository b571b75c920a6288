"""The expected path of demand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data import Tables
from environment.base_year import base_year
from environment.blueprint import table_parameters
from environment.demand import BEYOND, base_year_mean, monthly_index, smoothed, yearly_index
from environment.expectation import HORIZONS, demand_growth
from environment.parameters import Parameters
from environment.settings import WorldSettings
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
    surprised = world_of(tables, ["lithium"], mode="historical", start="2020-01", end="2024-12", expected="trend").run()
    calm = world_of(tables, ["lithium"], mode="historical", start="2020-01", end="2024-12").run()
    departure = np.average(surprised.blueprint.surprise, axis=1, weights=surprised.inputs.base)[:60]
    moved = price(surprised, "lithium")
    assert moved[0] == pytest.approx(1.0, abs=1e-6)
    assert moved[int(departure.argmax()) + 3] > 1.1
    assert moved[int(departure.argmin()) + 3] < 1.0
    assert price(calm, "lithium") == pytest.approx(np.ones(60), abs=1e-6)

"""Paths to 2100: what is used is delivered, by mines or by recyclers; every rate runs; years and bands are counted rightly."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.cli.inputs import rates_in
from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.experiments.analysis.paths.cover import cover, energy_products, years_covered
from lodeflow.experiments.analysis.paths.long_run import check, long_run
from lodeflow.experiments.analysis.paths.report import Asked, paths
from lodeflow.experiments.analysis.paths.sweep import MODEL, Flows, first_year, path, peak_year, summary

YEARS = np.arange(2024, 2054)
AMOUNTS = st.lists(st.floats(0.0, 1e6), min_size=len(YEARS), max_size=len(YEARS))


def flows(gross: list[float], end_of_life: list[float], new: float = 1.0) -> Flows:
    """Flows of a run whose own recycling rate is a tenth."""
    use, gone = np.array(gross), np.array(end_of_life)
    return Flows(YEARS, use, np.full(len(YEARS), new), gone * 0.1, gone, np.cumsum(use))


@given(gross=AMOUNTS, end_of_life=AMOUNTS, rate=st.none() | st.floats(0.0, 1.0), by=st.none() | st.integers(2024, 2080))
def test_secondary_and_primary_are_supply_in_every_path(
    gross: list[float], end_of_life: list[float], rate: float | None, by: int | None
) -> None:
    table = path(flows(gross, end_of_life), rate, by)
    assert (table["secondary"] + table["primary"]).to_numpy() == pytest.approx(table["gross"].to_numpy())
    assert (table[["secondary", "primary", "kept"]] >= -1e-6).all(axis=None)
    came = table["recovered"].sum() + table["new_scrap"].sum()
    assert came == pytest.approx(table["secondary"].sum() + table["kept"].iloc[-1], abs=1e-3), "nothing is lost or made"


@given(gross=AMOUNTS, end_of_life=AMOUNTS)
def test_more_recycling_never_needs_more_ore(gross: list[float], end_of_life: list[float]) -> None:
    sums = [path(flows(gross, end_of_life), rate)["primary"].sum() for rate in (0.0, 0.3, 0.7, 1.0)]
    assert all(later <= before + 1e-3 for before, later in pairwise(sums))


def test_rates_that_rise_start_from_the_model_and_arrive() -> None:
    table = path(flows([100.0] * 30, [50.0] * 30), 0.9, 2034).set_index("year")
    assert table["rate"][2024] == pytest.approx(0.1)
    assert table["rate"][2029] == pytest.approx(0.5)
    assert table["rate"].loc[2034:].to_numpy() == pytest.approx(0.9)


def test_what_is_recovered_beyond_use_is_used_later() -> None:
    table = path(flows([10.0] * 10 + [100.0] * 20, [50.0] * 10 + [0.0] * 20, new=0.0), 1.0).set_index("year")
    assert table["primary"].loc[:2033].sum() == 0.0
    assert table["kept"][2033] == pytest.approx(400.0)
    assert table["primary"].loc[2034:2037].sum() == pytest.approx(0.0), "four years live on what was kept"
    assert table["primary"][2038] == pytest.approx(100.0)


def test_years_of_a_turn() -> None:
    rises = pd.Series([1.0, 2.0, 3.0], index=[2024, 2025, 2026])
    assert np.isnan(peak_year(rises))
    assert peak_year(rises * [1.0, 2.0, 1.0]) == 2025
    assert first_year(rises > 1.5) == 2025
    assert first_year(rises > 0.0) == 2024
    assert np.isnan(first_year(rises < 2.5)), "it must hold to the end"


def test_a_summary_adds_up() -> None:
    found = summary(path(flows([100.0] * 30, [80.0] * 30, new=0.0), 0.75), 1000.0)
    assert found["gross_sum"] == pytest.approx(3000.0)
    assert found["primary_sum"] == pytest.approx(1200.0)
    assert found["gross_over_reserves"] == pytest.approx(3.0)
    assert found["secondary_passes"] == 2024
    assert found["reserves_end"] == 2049, "25 years of 40 t use up 1000 t; the year after has none left"


def test_years_of_cover_count_part_of_a_year() -> None:
    assert years_covered(np.full(10, 4.0), 14.0) == pytest.approx(3.5)
    assert np.isnan(years_covered(np.full(10, 4.0), 40.0))


@pytest.mark.parametrize(
    ("text", "rates"), [("40%", (0.4,)), ("0,50,100%", (0.0, 0.5, 1.0)), ("0..100%", tuple(k / 10 for k in range(11)))]
)
def test_rates_are_read(text: str, rates: tuple[float, ...]) -> None:
    assert rates_in(text) == pytest.approx(rates)


@pytest.mark.parametrize("text", ["", "much", "-5%", "0..120%", "10..x"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="rates from 0 to 100"):
        rates_in(text)


def test_everything_wrong_is_named_at_once(tables: Tables) -> None:
    with pytest.raises(DataError) as caught:
        check(tables, ["lithum", "cobalt"], "STEP", "nca", 2020)
    assert len(caught.value.problems) == 4


def test_a_run_gives_paths_from_no_to_full_recycling(tables: Tables) -> None:
    asked = Asked(("cobalt",), (0.0, 1.0), None, "STEPS", "cobalt-free", 2027)
    found = paths(tables, asked)
    rows = found.tables["summary"].set_index("recycling")
    assert list(rows.index) == [MODEL, "0 %", "100 %"]
    assert rows["primary_sum"]["100 %"] < rows["primary_sum"][MODEL] < rows["primary_sum"]["0 %"]
    table = found.tables["paths"]
    assert (table["secondary"] + table["primary"]).to_numpy() == pytest.approx(table["gross"].to_numpy())


def test_reserves_last_longer_for_the_transition_alone(tables: Tables) -> None:
    table = cover(long_run(tables, "copper", last=2026), "copper", tables)
    assert {"CHL", "CHN"} <= set(table["country"])
    assert {"ev-motor", "wind-turbine", "grid-storage"} <= set(energy_products(tables))
    both = table.dropna()
    assert (both["energy_years"] > both["all_years"]).all()

"""Steel and aluminium: the papers' factors and totals, stages that add up, and levers that lower emissions."""

from __future__ import annotations

import pytest

from lodeflow.data import Tables
from lodeflow.data.footprint import assumption
from lodeflow.experiments.analysis.footprint.account_report import material_report
from lodeflow.experiments.analysis.footprint.levers import base, emissions, levers
from lodeflow.experiments.analysis.footprint.materials import (
    MATERIALS,
    amounts,
    avoided,
    countries,
    history,
    mean_emissions,
    neutral_year,
    routes,
    stages,
)


def test_routes_repeat_the_papers_factors(tables: Tables) -> None:
    steel, aluminium = routes(tables, "steel"), routes(tables, "aluminium")
    assert steel["primary"][0] / steel["secondary"][0] == pytest.approx(2.5, abs=0.05)
    assert steel["primary"][1] - steel["secondary"][1] == pytest.approx(1.5, abs=0.05)
    assert 1.0 - aluminium["secondary"][0] / aluminium["primary"][0] == pytest.approx(0.95, abs=0.005)
    assert aluminium["primary"][1] - aluminium["secondary"][1] == pytest.approx(16.0, abs=0.5)
    assert mean_emissions(tables, "steel") == pytest.approx(1.91, abs=0.005)  # worldsteel, 2021


def test_scrap_avoids_what_the_papers_say_or_what_their_factors_give(tables: Tables) -> None:
    steel, aluminium = (avoided(tables, name).set_index("region").loc["WLD"] for name in MATERIALS)
    assert steel["co2_kt"] == pytest.approx(945e3, rel=0.001)
    assert steel["ore_t"] == pytest.approx(1.4 * 630e6)
    assert steel["coal_t"] == pytest.approx(0.74 * 630e6)
    assert aluminium["co2_kt"] == pytest.approx(20.57e3 * 16.0, rel=0.001)  # the paper prints 400 Mt


@pytest.mark.parametrize("material", MATERIALS)
def test_stages_add_up_to_routes_and_countries_to_the_world(tables: Tables, material: str) -> None:
    rows, known, total = stages(tables, material), routes(tables, material), amounts(tables, material)
    assert len(rows) == 6
    for route, own in rows.groupby("route"):
        assert own["energy_gj_per_t"].sum() == pytest.approx(known[str(route)][0], rel=1e-3)
        assert own["co2_t_per_t"].sum() == pytest.approx(known[str(route)][1], rel=1e-3)
        by = countries(tables, material)
        one = by[by["stage"] == own["stage"].iloc[0]]
        assert one["co2_kt"].sum() == pytest.approx(total[str(route)] * own["co2_t_per_t"].iloc[0] / 1e3)


def test_a_smelter_on_clean_power_emits_less(tables: Tables) -> None:
    by = countries(tables, "aluminium")
    own = by[by["stage"] == "electrolysis"].set_index("region")
    rate = own["co2_kt"] / own["tonnes"]
    assert rate["NOR"] < 0.5 * rate["CHN"]


def test_the_history_of_steel_follows_its_output_and_gain(tables: Tables) -> None:
    past = history(tables).set_index("year")
    assert list(past.index[[0, -1]]) == [1900, 2015]
    assert past.loc[1900, "tonnes"] == pytest.approx(28.727e6)
    assert 1.0 - past.loc[2015, "co2_t_per_t"] / past.loc[1900, "co2_t_per_t"] == pytest.approx(0.67)
    assert past.loc[1995:, "co2_t_per_t"].nunique() == 1
    assert (past["co2_t_per_t"].diff().dropna() <= 1e-12).all()


def test_the_year_of_neutrality_uses_up_the_budget_in_a_straight_line(tables: Tables) -> None:
    year, budget, emitted = (assumption(tables, name) for name in ("budget_year", "carbon_budget", "world_co2"))
    end = neutral_year(tables)
    assert (end - year) * emitted / 2.0 == pytest.approx(budget)
    assert 2042.0 < end < 2052.0, "about 2047 in the paper"


@pytest.mark.parametrize("material", MATERIALS)
def test_every_lever_lowers_emissions_and_all_do_more_than_any(tables: Tables, material: str) -> None:
    found = levers(tables, material).set_index("lever")
    alone = found.drop(["none", "all together"])
    assert (alone["change"] < 0.0).all()
    assert found.loc["all together", "change"] < alone["change"].min()
    sides = alone[alone.index == alone["side"]]
    assert found.loc["all together", "change"] > sides["change"].sum()  # what one takes the other cannot take again
    assert (found["low"] <= found["co2_kt"]).all()
    assert (found["co2_kt"] <= found["high"]).all()


def test_scrap_takes_the_place_of_ore(tables: Tables) -> None:
    start, known = base(tables, "aluminium"), routes(tables, "aluminium")
    more = emissions(tables, "aluminium", {"home_scrap_times": 1.1}) - emissions(tables, "aluminium", {})
    assert more == pytest.approx(-0.1 * start["home"] * (known["primary"][1] - known["secondary"][1]) / 1e3)


def test_the_report_holds_every_table(tables: Tables) -> None:
    assert len(material_report(tables, "steel").tables["history"]) == 116
    assert material_report(tables, "aluminium").tables["history"].empty

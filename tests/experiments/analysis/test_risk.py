"""Risk by stage sums from its causes; lists are recomputed from what was known; the review ranks by what is avoided."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow import data
from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.experiments.analysis.risk import lists
from lodeflow.experiments.analysis.risk.criticality import Position, eu_supply_risk, geopolrisk, options
from lodeflow.experiments.analysis.risk.index import decomposed, indices, risk_by_month

WEIGHTS = data.load().risk_weights


@given(st.lists(st.floats(-10.0, 1000.0) | st.just(float("nan")), min_size=14, max_size=14))
def test_causes_sum_to_an_index_between_none_and_full(values: list[float]) -> None:
    found = dict(zip(zip(WEIGHTS["stage"], WEIGHTS["cause"], strict=True), values, strict=True))
    sums = decomposed(found, WEIGHTS).groupby("stage")["contribution"].sum()
    assert ((sums >= 0.0) & (sums <= 1.0 + 1e-9)).all()


def test_weights_of_a_stage_sum_to_one(tables: Tables) -> None:
    assert tables.risk_weights.groupby("stage")["weight"].sum().to_numpy() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("stage", "cause", "low", "high"),
    [("up", "concentration", 0.1, 0.3), ("up", "politics", 0.2, 0.8), ("mid", "technology", 0.3, 0.9)],
)
def test_more_of_a_risk_raises_the_index(tables: Tables, stage: str, cause: str, low: float, high: float) -> None:
    assert _part(tables, stage, cause, low) < _part(tables, stage, cause, high)


@pytest.mark.parametrize(("stage", "cause"), [("down", "stocks"), ("down", "recycling"), ("up", "reserves")])
def test_stocks_recycling_and_reserves_lower_the_index(tables: Tables, stage: str, cause: str) -> None:
    assert _part(tables, stage, cause, 0.1) > _part(tables, stage, cause, 0.4)


def _part(tables: Tables, stage: str, cause: str, value: float) -> float:
    weights = tables.risk_weights
    found = dict.fromkeys(zip(weights["stage"], weights["cause"], strict=True), 0.0) | {(stage, cause): value}
    table = decomposed(found, weights).set_index(["stage", "cause"])
    return float(table["contribution"][stage, cause])


def test_the_index_of_a_run_is_the_sum_of_its_causes(tables: Tables) -> None:
    table = risk_by_month(tables, "gallium", "JPN", end="2024-02")
    index = indices(table).set_index(["date", "stage"])["index"]
    sums = table.groupby(["date", "stage"])["contribution"].sum()
    assert index.reindex(sums.index).to_numpy() == pytest.approx(sums.to_numpy())
    assert index["2024-02", "mid"] > 0.5, "China refines nearly all of it"
    home = risk_by_month(tables, "gallium", "CHN", end="2024-01").set_index(["stage", "cause"])["contribution"]
    assert home["mid", "concentration"] < 0.01, "its own output bears no risk"


def test_what_comes_through_one_strait_is_a_risk_of_who_needs_it(tables: Tables) -> None:
    route = {
        country: risk_by_month(tables, "cobalt", country, end="2024-01").set_index(["stage", "cause"])["measure"][
            "down", "route"
        ]
        for country in ("DEU", "CHN")
    }
    assert 0.0 <= route["CHN"] < route["DEU"] <= 1.0, (
        "metal for Germany comes from Asia through straits, China refines at home"
    )


def test_an_unknown_country_is_named(tables: Tables) -> None:
    with pytest.raises(DataError, match="XYZ"):
        risk_by_month(tables, "gallium", "XYZ", end="2024-01")


# ---- lists ---------------------------------------------------------------------------------------------------------------
def test_a_stable_country_is_no_risk(tables: Tables) -> None:
    unstable = lists.instability(tables, 2020)
    assert unstable["COD"] > 0.8 > 0.3 > unstable["AUS"]


def test_lists_that_the_rules_have_not_seen_are_told_better_than_by_the_last_list(tables: Tables) -> None:
    table = lists.scores(tables).set_index("state")
    assert table["rule"]["all"] >= 0.7
    assert table["rule"]["all"] > table["same_as_last"]["all"]


def test_the_rules_are_as_good_as_any_on_the_lists_they_were_set_on(tables: Tables) -> None:
    used = lists.Rules.of(tables)
    best = lists.scores(tables, lists.FITTED)["rule"].iloc[-1]
    for risk in np.arange(0.12, 0.5, 0.06):
        for others in (2.0, 3.0, 5.0):
            other = lists.Rules(float(risk), used.kept, others, used.lag)
            found = lists.scores(tables, lists.FITTED, other)["rule"].iloc[-1]
            assert found < best or (found == pytest.approx(best) and others >= used.others_least)


def test_what_is_published_later_does_not_change_a_list(tables: Tables) -> None:
    later = tables.critical_lists["year"] >= 2020
    blind = tables.replace(critical_lists=tables.critical_lists[~later])
    pd.testing.assert_frame_equal(lists.recomputed(tables, "EU", 2020), lists.recomputed(blind, "EU", 2020))


def test_who_enters_is_told_with_its_reason(tables: Tables) -> None:
    found = lists.changes(tables, "EU", 2023).set_index("metal")
    assert (found["change"] == "enters").all()
    assert "lists of others" in found["why"]["nickel"]


def test_instability_and_concentration_raise_supply_risk() -> None:
    few, many = pd.Series({"A": 0.9, "B": 0.1}), pd.Series({"A": 0.5, "B": 0.5})
    calm, rough = pd.Series({"A": 0.1, "B": 0.1}), pd.Series({"A": 0.9, "B": 0.1})
    assert lists.weighted_hhi(few, rough) > lists.weighted_hhi(many, rough) > lists.weighted_hhi(many, calm)


def test_a_state_without_a_list_is_refused(tables: Tables) -> None:
    with pytest.raises(DataError, match="no list of 'FRA'"):
        lists.recomputed(tables, "FRA", 2024)


# ---- criticality ---------------------------------------------------------------------------------------------------------
def held(**changes: float) -> Position:
    """A country that buys four fifths of its metal from one place."""
    bought = pd.Series({"CHN": 0.8, "AUS": 0.2})
    usual: dict[str, float] = {
        "use": 100.0,
        "own": 0.0,
        "stock": 50.0,
        "recycled": 5.0,
        "substitutable": 0.1,
        "price": 1.0,
    }
    return Position(bought=bought, world=pd.Series({"CHN": 0.7, "AUS": 0.3}), **(usual | changes))


UNSTABLE = pd.Series({"CHN": 0.6, "AUS": 0.2})


def test_both_styles_know_what_lowers_risk() -> None:
    usual = eu_supply_risk(held(), "JPN", UNSTABLE)
    assert eu_supply_risk(held(recycled=50.0), "JPN", UNSTABLE) < usual
    assert eu_supply_risk(held(substitutable=0.6), "JPN", UNSTABLE) < usual
    assert geopolrisk(held(), "CHN", UNSTABLE) < geopolrisk(held(), "JPN", UNSTABLE), "own output is free of risk"
    assert geopolrisk(held(), "JPN", UNSTABLE) == pytest.approx((0.49 + 0.09) * (0.8 * 0.6 + 0.2 * 0.2))


def test_options_avoid_at_most_what_is_lost_and_are_ranked(tables: Tables) -> None:
    table = options(held(), "JPN", tables)
    lost = 0.8 * 100.0 * 180.0 / (365.0 / 12.0)
    assert (table["avoided"] <= lost + 1e-9).all()
    assert table["avoided"].is_monotonic_decreasing
    assert table.set_index("option")["avoided"]["recycle"] == pytest.approx(20.0 * 180.0 / (365.0 / 12.0))

"""The summary per metal, on a world whose numbers are known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from lodeflow.environment.month.reasons import COMPONENTS
from lodeflow.experiments.effect import recovery, settled
from lodeflow.experiments.run.hit import hits_of
from lodeflow.experiments.run.indicators import effects_of, suppliers_changed
from lodeflow.experiments.run.summary import summarise
from tests.experiments.fake import FakeWorld

BOTH = (("baseline", FakeWorld("2024-01", 12, False)), ("shock", FakeWorld("2024-01", 12, True)))


def both(table: str) -> pd.DataFrame:
    return pd.concat([getattr(world, table)().assign(run=run) for run, world in BOTH], ignore_index=True)


@pytest.fixture(scope="module")
def cobalt() -> pd.Series:
    return summary_of("2024-03").loc["cobalt"]


def summary_of(first_month: str | None) -> pd.DataFrame:
    hits = hits_of(both("series"), both("uses"), first_month)
    summary = summarise(effects_of(both("series"), both("trade"), first_month), both("why_frame"), hits)
    return summary.set_index("metal")


def test_the_price_peak_is_relative_to_the_world_without_the_shock(cobalt: pd.Series) -> None:
    assert cobalt["price_base"] == 30_000
    assert cobalt["price_peak"] == 60_000
    assert cobalt["price_peak_ratio"] == 2.0
    assert cobalt["price_peak_date"] == pd.Timestamp("2024-03-01")
    assert cobalt["price_low_ratio"] == 1.0


def test_shortage_counts_from_the_first_month_of_the_shock(cobalt: pd.Series) -> None:
    assert cobalt["shortage_t"] == pytest.approx(15.0)
    assert cobalt["shortage_pct"] == pytest.approx(100 * 15 / 1000)
    assert cobalt["use_lost_t"] == pytest.approx(30.0)


def test_the_price_is_back_after_three_months(cobalt: pd.Series) -> None:
    assert cobalt["months_to_recover"] == 3


def test_the_split_of_the_bid_is_that_of_the_largest_move(cobalt: pd.Series) -> None:
    parts = [cobalt[f"why_{component.replace(' ', '_')}"] for component in COMPONENTS]
    assert parts == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4])
    assert cobalt["why_date"] == pd.Timestamp("2024-03-01")


def test_recycling_and_suppliers(cobalt: pd.Series) -> None:
    assert cobalt["recycling_rate"] == pytest.approx(0.3)
    assert cobalt["recycled_content_baseline"] == pytest.approx(0.1)
    assert cobalt["delivered_less"].startswith("COD -90")
    assert cobalt["delivered_more"].startswith("CHN +15")


def test_a_metal_that_did_not_move_says_so() -> None:
    nickel = summary_of("2024-03").loc["nickel"]
    assert nickel["price_peak_ratio"] == 1.0
    assert nickel["months_to_recover"] == 0
    assert nickel["shortage_t"] == 0
    assert nickel["hit_country"] == nickel["hit_product"] == ""
    assert nickel["delivered_less"] == ""


def test_the_hardest_hit_lose_most_of_their_own_use_not_most_tonnes(cobalt: pd.Series) -> None:
    assert cobalt["hit_country"] == "COD"
    assert (cobalt["hit_country_pct"], cobalt["hit_country_t"]) == pytest.approx((4.0, 12.0))
    assert cobalt["hit_product"] == "magnets"
    assert (cobalt["hit_product_pct"], cobalt["hit_product_t"]) == pytest.approx((13.8, 13.8))


def test_what_recycling_adds_and_ore_saves(cobalt: pd.Series) -> None:
    assert (cobalt["recycled_more_t"], cobalt["recycled_more_pct"]) == pytest.approx((6.0, 6.0))
    assert (cobalt["primary_avoided_t"], cobalt["primary_avoided_pct"]) == pytest.approx((9.0, 1.0))


def test_a_shock_that_eases_a_shortage_has_none_of_its_own() -> None:
    """The two worlds swapped: what was the shock is the baseline."""
    tables = [both(name) for name in ("series", "uses", "why_frame", "trade")]
    swapped = [table.assign(run=table["run"].map({"baseline": "shock", "shock": "baseline"})) for table in tables]
    series, uses, why, trade = swapped
    hits = hits_of(series, uses, "2024-03")
    own = summarise(effects_of(series, trade, "2024-03"), why, hits).set_index("metal").loc["cobalt"]
    assert (own["shortage_t"], own["shortage_pct"]) == (0.0, 0.0)
    assert own["use_lost_t"] == pytest.approx(-30.0)
    assert hits[hits["metal"] == "cobalt"].empty


def test_rounding_is_no_difference() -> None:
    assert settled(-1e-8, 1e3) == 0.0
    assert settled(-1e-3, 1e3) == -1e-3


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ([1.0, 1.0, 1.0, 1.0], 0),
        ([1.0, 1.04, 0.96, 1.0], 0),
        ([1.0, 1.5, 1.04, 1.0], 1),
        ([1.0, 1.5, 1.0, 0.8], math.nan),
        ([1.0, 1.0, 0.8, 1.0], 2),
    ],
)
def test_months_to_recover(ratios: list[float], expected: float) -> None:
    assert recovery(np.array(ratios), 1) == pytest.approx(expected, nan_ok=True)
    assert math.isnan(recovery(np.array(ratios), None))


def test_suppliers_count_only_what_crosses_a_border() -> None:
    change = suppliers_changed(both("trade"), "2024-03", months=1)
    assert change.to_dict() == pytest.approx({"COD": -30.0, "CHN": 5.0})


def test_scrap_is_not_what_a_supplier_delivers() -> None:
    trade = both("trade")
    scrap = trade.assign(form="old scrap", tonnes=trade["tonnes"] * np.arange(1.0, 1.0 + len(trade)))
    change = suppliers_changed(pd.concat([trade, scrap]), "2024-03", months=1)
    assert change.to_dict() == pytest.approx({"COD": -30.0, "CHN": 5.0})


def test_energy_and_emissions_stand_beside_those_without_the_shock() -> None:
    stages = {"feed_co2_mining": 1.0, "co2_refining": 2.0, "co2_recycling": 3.0, "energy_refining": 50.0}
    rows = [
        (
            date,
            "cobalt",
            "ore" if name.startswith("feed_") else "refined",
            "WLD",
            name.removeprefix("feed_"),
            size * (1.0 - lift),
        )
        for date, lift in zip(BOTH[1][1].dates, BOTH[1][1].lift, strict=True)
        for name, size in stages.items()
    ]
    shock = pd.DataFrame(rows, columns=["date", "metal", "form", "region", "variable", "value"]).assign(
        unit="unit", run="shock"
    )
    calm = shock.assign(
        run="baseline", value=shock["variable"].map({name.removeprefix("feed_"): size for name, size in stages.items()})
    )
    series = pd.concat([both("series"), shock, calm], ignore_index=True)
    hits = hits_of(both("series"), both("uses"), "2024-03")
    run = effects_of(series, both("trade"), "2024-03")
    cobalt = summarise(run, both("why_frame"), hits).set_index("metal").loc["cobalt"]
    assert cobalt["co2_kt_baseline"] == pytest.approx(10 * 6.0)
    assert cobalt["co2_kt"] < cobalt["co2_kt_baseline"]
    assert cobalt["energy_tj_baseline"] == pytest.approx(10 * 50.0)
    assert "co2_kt" not in summary_of("2024-03").columns

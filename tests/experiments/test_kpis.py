"""The set of indicators, on numbers that are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.experiments.effect import Effect
from lodeflow.experiments.kpis import KPIS, asked_of, kpi

MONTHS = 6
UNITS = {"1", "t", "USD", "USD/t", "months", "country", "TJ", "kt CO2e", "t CO2e/t"}
FLOWS = ("use", "demand", "shortage", "production", "secondary_supply")
Case = dict[tuple[str, str, str], np.ndarray]


def case(**changed: list[float]) -> Case:
    """A world with a price of 10 and flows of 100 t, and what is changed."""
    whole = {"price": np.full(MONTHS, 10.0)} | {name: np.full(MONTHS, 100.0) for name in FLOWS}
    whole["shortage"] = np.zeros(MONTHS)
    whole |= {name: np.array(values, float) for name, values in changed.items()}
    return {(name, "cobalt", "WLD"): values for name, values in whole.items()}


def value(name: str, shock: Case, baseline: Case | None = None, delivered: Any = None) -> Any:
    effect = Effect.of("cobalt", shock, baseline, None if baseline is None else 2, delivered)
    return KPIS[name].compute(effect)


def test_prices_are_measured_against_the_world_without_the_shocks() -> None:
    dear = case(price=[10, 10, 20, 40, 20, 10])
    assert value("price_peak", dear, case()) == 4.0
    assert value("price_peak_usd", dear, case()) == 40.0
    assert value("price_peak_month", dear, case()) == 1.0
    assert value("price_mean", dear, case()) == (2 + 4 + 2 + 1) / 4
    assert value("months_above_2x", dear, case()) == 1.0
    assert value("months_to_recover", dear, case()) == 3.0
    assert value("price_peak", dear) == 4.0, "without shocks against the first month"


def test_prices_outside_the_restricting_country_count_where_there_are_any() -> None:
    shock, calm = case(price=[10, 10, 5, 5, 5, 5]), case()
    for world, outside in ((shock, 30.0), (calm, 10.0)):
        world["price_outside", "cobalt", "WLD"] = np.full(MONTHS, outside)
    assert value("price_peak", shock, calm) == 3.0
    assert value("price_low", shock, calm) == 3.0


def test_the_loss_counts_from_the_first_news_and_has_an_area() -> None:
    shock = case(use=[50, 100, 90, 60, 110, 100], shortage=[9, 9, 10, 0.4, 0.6, 0])
    assert value("use_lost_t", shock, case()) == 10 + 40 - 10
    assert value("use_lost", shock, case()) == pytest.approx(40 / 400)
    assert value("loss_area", shock, case()) == pytest.approx(0.1 + 0.4), "what is gained does not count"
    assert value("shortage_t", shock, case()) == pytest.approx(11.0)
    assert value("shortage_months", shock, case()) == 2.0
    assert value("shortage_months", shock, case(shortage=[9, 9, 10, 0, 0, 0])) == 1.0


def test_metal_from_ore_that_is_not_needed_is_avoided() -> None:
    shock = case(production=[100, 100, 90, 80, 100, 100], secondary_supply=[100, 100, 105, 105, 100, 100])
    assert value("primary_avoided_t", shock, case()) == 30.0
    assert value("recycled_more_t", shock, case()) == 10.0


def test_who_delivers_most_more_stands_in() -> None:
    delivered = {"COD": -50.0, "IDN": 20.0, "AUS": 5.0}
    assert value("substitute", case(), case(), delivered) == "IDN"
    assert value("substitute_t", case(), case(), delivered) == 20.0
    assert (value("substitute", case(), case(), {"COD": -1.0}), value("substitute_t", case(), case(), {})) == ("", 0.0)
    assert math.isnan(value("substitute_t", case(), case())), "where no trade is known"


def test_a_state_is_that_of_the_last_year_and_there_without_shocks_too() -> None:
    shock, calm = case(), case()
    shock["hhi", "cobalt", "WLD"], calm["hhi", "cobalt", "WLD"] = np.full(MONTHS, 0.5), np.full(MONTHS, 0.3)
    effect = Effect.of("cobalt", shock, calm, 2)
    assert KPIS["hhi"].compute(effect) == 0.5
    assert KPIS["hhi"].compute(effect.calm()) == 0.3
    assert KPIS["hhi_change"].compute(effect) == pytest.approx(0.2)
    assert math.isnan(KPIS["feed_hhi"].compute(effect))  # type: ignore[arg-type]


amounts = st.lists(st.floats(0.0, 1e6), min_size=MONTHS, max_size=MONTHS)


@given(one=amounts, other=amounts)
def test_what_one_world_loses_the_other_gains(one: list[float], other: list[float]) -> None:
    first, second = case(use=one, production=one), case(use=other, production=other)
    for name in ("use_lost_t", "primary_avoided_t"):
        assert value(name, first, second) == pytest.approx(-value(name, second, first), rel=1e-9, abs=1e-6)


@given(use=amounts, short=amounts)
def test_a_world_beside_itself_loses_nothing(use: list[float], short: list[float]) -> None:
    same = case(use=use, shortage=short)
    nothing = ("use_lost_t", "use_lost", "loss_area", "shortage_t", "shortage_months", "recycled_more_t")
    assert [value(name, same, dict(same)) for name in nothing] == [0.0] * len(nothing)
    assert (value("price_peak", same, same), value("months_to_recover", same, same)) == (1.0, 0.0)


def test_a_name_is_taken_once_and_means_something() -> None:
    def price_peak(x: Effect) -> float:
        """something else"""
        return 0.0

    with pytest.raises(ValueError, match="there is an indicator 'price_peak' already"):
        kpi("1")(price_peak)
    with pytest.raises(ValueError, match="give it a docstring"):
        kpi("1")(lambda x: 0.0)


def test_every_indicator_says_what_it_is() -> None:
    assert all(one.what and one.zh and one.unit in UNITS for one in KPIS.values())
    assert {one.worse for one in KPIS.values()} == {"", "more", "less"}
    assert not [one.name for one in asked_of(False) if one.compares]
    assert not [one.name for one in asked_of(True, batches=True) if one.unit == "country"]


def test_energy_and_carbon_are_asked_where_they_were_recorded() -> None:
    names = {"energy_tj", "co2_kt", "co2_per_t"}
    assert names.isdisjoint(one.name for one in asked_of(True, money=True))
    assert [one.name for one in asked_of(True, footprint=True)][-3:] == ["energy_tj", "co2_kt", "co2_per_t"]
    stages = {name: [2.0] * MONTHS for name in ("feed_co2_mining", "co2_refining", "co2_recycling")}
    assert value("co2_kt", case(**stages)) == 3 * 2.0 * MONTHS
    assert value("co2_per_t", case(**stages)) == 1e3 * 6.0 / 200.0
    assert value("energy_tj", case()) == 0.0

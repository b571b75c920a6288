"""Rules of the refiners."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents import Population, guards
from lodeflow.agents.refiner import answer_to_cost, feed_bid, margin, plan_throughput, run_down

CHARGES = st.floats(0.0, 0.7)


def bid(ask: float, availability: float, charge: float = 0.25, response: float = 1.0) -> float:
    return float(feed_bid(np.array([ask]), np.array([availability]), np.array([charge]), response, 0.3)[0])


def test_metal_that_costs_more_carbon_than_it_brings_is_worth_no_feed() -> None:
    assert bid(-0.5, 1.0) == guards.LEAST_BID
    assert bid(-0.5, 1.0) <= bid(0.0, 1.0) <= bid(0.5, 1.0)


def throughput(availability: float = 1.0, ask: float = 1.0, feed: float = 1.0) -> float:
    columns = {"planned": 8.0, "yield_": 0.8, "bid": feed, "ask": ask, "charge": 0.25}
    refiners = Population("refiner", ["a"], **{name: np.array([value]) for name, value in columns.items()})
    return float(plan_throughput(refiners, np.array([availability]), 1.15, 0.2, 0.3)[0])


@given(CHARGES)
def test_netback_is_one_in_the_base_year(charge: float) -> None:
    assert bid(1.0, 1.0, charge) == 1.0


@given(CHARGES, st.floats(0.3, 10.0), st.floats(0.05, 2.9), st.floats(1.0, 2.0))
def test_bid_never_rises_with_the_abundance_of_feed(
    charge: float, ask: float, availability: float, factor: float
) -> None:
    assert bid(ask, availability * factor, charge) <= bid(ask, availability, charge) + 1e-12


@given(CHARGES, st.floats(1.0, 10.0), st.floats(1.0, 2.0))
def test_bid_never_falls_with_the_refined_price(charge: float, ask: float, factor: float) -> None:
    assert bid(ask * factor, 1.0, charge) >= bid(ask, 1.0, charge) - 1e-12


def test_bid_is_the_netback_down_to_its_floor() -> None:
    assert bid(0.3, 1.0) == pytest.approx((0.3 - 0.25 * 0.3**0.3) / 0.75)
    assert bid(0.1, 1.0) == 0.05  # the metal does not pay for its treatment


def test_the_treatment_charge_shrinks_when_feed_is_scarce() -> None:
    assert bid(1.0, 0.5) == pytest.approx((1.0 - 0.125) / 0.75)


def test_refiners_treat_the_feed_of_the_plan_in_a_normal_month() -> None:
    assert throughput() == pytest.approx(10.0)


def test_throughput_follows_feed_up_to_the_ceiling() -> None:
    assert throughput(availability=0.5) == pytest.approx(5.0)
    assert throughput(availability=3.0) == pytest.approx(11.5)


def test_refiners_hold_back_when_the_metal_does_not_pay_for_the_feed() -> None:
    assert throughput(ask=0.8, feed=1.2) < throughput()
    assert throughput(ask=3.0, feed=1.0) == throughput()


@given(st.floats(0.05, 0.7), st.floats(1.0, 40.0), st.floats(1.0, 10.0))
def test_a_dear_metal_never_has_a_negative_margin(charge: float, ask: float, availability: float) -> None:
    """Where feed is there, whoever refines a dear metal earns at least the charge of the base year; ln(ask / bid) fell below it."""
    ask_, charge_ = np.array([ask]), np.array([charge])
    paid = feed_bid(ask_, np.array([availability]), charge_, 1.0, 0.3)
    assert margin(ask_, paid, charge_)[0] >= -1e-9


@given(st.floats(0.05, 0.7))
def test_the_margin_of_the_base_year_is_nothing(charge: float) -> None:
    assert margin(np.ones(1), np.ones(1), np.array([charge]))[0] == pytest.approx(0.0, abs=1e-12)


def test_a_margin_rises_with_metal_and_falls_with_feed() -> None:
    charge = np.array([0.25])
    assert margin(np.array([1.25]), np.ones(1), charge)[0] == pytest.approx(np.log(2.0))
    assert margin(np.ones(1), np.array([1.1]), charge)[0] < 0.0


@given(st.floats(0.0, 1.5), st.floats(0.0, 4.0))
def test_a_yard_is_run_down_before_output_is_cut(availability: float, held: float) -> None:
    """With at least the critical share of its normal stock a refinery runs at normal; below it, on what is left."""
    refiners = Population("refiner", ["a"], normal_feed=np.array([10.0]))
    runs = run_down(refiners, np.array([availability]), np.array([10.0 * held]), 0.3)[0]
    assert runs == pytest.approx(max(availability, min(held / 0.3, 1.0)))
    assert held < 0.3 or runs >= 1.0


@given(st.floats(0.05, 0.7), st.floats(1.0, 30.0), st.floats(1.0, 10.0), st.floats(1.0, 3.0))
def test_rent_passes_to_refineries_as_ore_piles_up(
    charge: float, ask: float, availability: float, factor: float
) -> None:
    """Ore is worth less the more of it waits; within what refineries can treat, no rent is kept."""
    few, many = (
        feed_bid(np.array([ask]), np.array([a]), np.array([charge]), 1.0, 0.3, 1.15, 2.0)[0]
        for a in (availability, availability * factor)
    )
    plain = feed_bid(np.array([ask]), np.array([availability]), np.array([charge]), 1.0, 0.3)[0]
    assert many <= few + 1e-12
    assert few == pytest.approx(plain) if availability <= 1.15 else few <= plain
    kept = 1.0 - min(1.15 / availability, 1.0) ** 2.0
    assert few == pytest.approx(max(plain - kept * (ask - 1.0) / (1.0 - charge), 0.05))


def test_a_dearer_refinery_holds_back() -> None:
    columns = {"planned": 8.0, "yield_": 0.8, "bid": 1.0, "ask": 1.0, "charge": 0.25}
    refiners = Population("refiner", ["a"], **{name: np.array([value]) for name, value in columns.items()})
    plain, dear = (plan_throughput(refiners, np.ones(1), 1.15, 0.2, 0.3, np.array([added])) for added in (0.0, 0.1))
    assert dear[0] == pytest.approx(plain[0] * 0.6**0.2)  # 0.25 - 0.1 of 0.25 is left
    kept = answer_to_cost(refiners, np.zeros(1), np.array([[0.0], [0.1]]), 0.2, 0.3)
    assert kept[:, 0] == pytest.approx([1.0, 0.6**0.2])
    assert answer_to_cost(refiners, np.array([0.1]), np.zeros((1, 1)), 0.2, 0.3)[0, 0] == 1.0

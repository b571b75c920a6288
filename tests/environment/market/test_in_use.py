"""Stocks in use: lifetimes, cohorts, end of life."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from lodeflow.environment.market import in_use
from lodeflow.environment.market.in_use import InUse, lifetime_probabilities, start_in_use

LAWS = ("normal", "weibull")


def mean_months(probabilities: np.ndarray) -> float:
    """Mean age at which products leave; those of month k leave between k - 1 and k."""
    return float(probabilities @ (np.arange(len(probabilities)) + 0.5))


def one_stock(lifetime: np.ndarray, inflow: np.ndarray, **columns: np.ndarray) -> InUse:
    """One product in one country; ``inflow`` newest first."""
    rows = pd.DataFrame({"country": [0], "product": [0], "metal": [0], "pair": [0]})
    none = np.zeros(1)
    given_columns = {
        "hibernating": none.copy(),
        "hibernating_share": none,
        "export_share": none,
        "collection": none,
        "collection_trend": np.zeros_like(none),
        "achievable": np.ones_like(none),
        "export_row": np.zeros(1, np.int64),
    } | columns
    return start_in_use(rows, inflow[:, None], np.ones((1, 1)), np.zeros(len(inflow), int), [lifetime], **given_columns)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("mean", "deviation"), [(1.0, 0.3), (4.0, 1.0), (10.3, 2.6), (15.0, 4.0), (40.0, 10.0)])
def test_lifetime_probabilities_sum_to_one_with_the_right_mean(law: str, mean: float, deviation: float) -> None:
    probabilities = lifetime_probabilities(law, mean, deviation)
    assert (probabilities >= 0.0).all()
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-12)
    assert mean_months(probabilities) == pytest.approx(12.0 * mean, rel=0.01)


@pytest.mark.parametrize("law", LAWS)
def test_lifetimes_spread_as_said(law: str) -> None:
    probabilities = lifetime_probabilities(law, 15.0, 4.0)
    ages = np.arange(len(probabilities)) + 0.5
    deviation = np.sqrt(probabilities @ (ages - mean_months(probabilities)) ** 2)
    assert deviation == pytest.approx(48.0, rel=0.03)


@given(st.lists(st.floats(0.0, 100.0), min_size=20, max_size=60), st.sampled_from(LAWS))
def test_outflow_of_cohorts_equals_a_plain_loop(inflows: list[float], law: str) -> None:
    lifetime = lifetime_probabilities(law, 0.8, 0.25)
    length = len(lifetime)
    stock = one_stock(lifetime, np.zeros(length))
    for month, inflow in enumerate(inflows):
        expected = sum(inflows[month - 1 - k] * lifetime[k] for k in range(min(month, length)))
        leaving = stock.outflow()
        assert leaving[0] == pytest.approx(expected, abs=1e-9)
        stock.age(np.array([inflow]), leaving)


def cohorts(inflow: np.ndarray, lifetime: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stock at the end of each month and outflow of each month, from the full table of cohorts by age.

    The arithmetic of dynamic material flow analysis (inflow-driven stock): stock by cohort = inflow x survival at its age,
    outflow by cohort = what it held a month before less what it holds.
    """
    months = len(inflow)
    survival = np.concatenate([[1.0], 1.0 - np.cumsum(lifetime), np.zeros(months)])[: months + 1]
    age = np.arange(months)[:, None] - np.arange(months)[None, :]
    held = np.where(age >= 0, survival[np.maximum(age, 0)], 0.0) * inflow
    before = np.vstack([np.zeros(months), held[:-1]]) + np.diag(inflow)
    return held.sum(axis=1), (before - held).sum(axis=1)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("mean", "deviation"), [(1.0, 0.3), (6.0, 1.5), (15.0, 4.0)])
def test_stocks_and_outflows_are_those_of_the_table_of_cohorts(law: str, mean: float, deviation: float) -> None:
    lifetime = lifetime_probabilities(law, mean, deviation)
    inflow = np.random.default_rng(7).uniform(0.0, 100.0, 600)
    stock, outflow = cohorts(inflow, lifetime)
    run = one_stock(lifetime, np.zeros(len(lifetime)))
    for month, coming in enumerate(inflow):
        leaving = run.outflow()
        run.age(np.array([coming]), leaving)
        assert abs(leaving[0] - outflow[month]) <= 1e-14 * stock.max()
        assert abs(run.stock[0] - stock[month]) <= 1e-13 * stock.max()


def test_stock_equals_what_came_less_what_left() -> None:
    lifetime = lifetime_probabilities("normal", 2.0, 0.5)
    stock = one_stock(lifetime, np.zeros(len(lifetime)))
    for month in range(100):
        stock.age(np.array([1.0 + month % 5]), stock.outflow())
    recent = [1.0 + month % 5 for month in range(100)][::-1]
    survival = np.cumsum(lifetime[::-1])[::-1]
    assert stock.stock[0] == pytest.approx(np.array(recent[: len(lifetime)]) @ survival, rel=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_a_constant_past_is_a_fixed_point(law: str) -> None:
    lifetime = lifetime_probabilities(law, 6.0, 1.5)
    stock = one_stock(lifetime, np.full(len(lifetime), 3.0))
    first = stock.stock.copy()
    for _ in range(200):
        leaving = stock.outflow()
        assert leaving[0] == pytest.approx(3.0, rel=1e-12)
        stock.age(np.array([3.0]), leaving)
    assert stock.stock == pytest.approx(first, rel=1e-12)
    assert first[0] == pytest.approx(3.0 * 12 * 6.0, rel=0.02)


@pytest.mark.parametrize("law", LAWS)
def test_longer_lifetimes_delay_scrap(law: str) -> None:
    def left_after_five_years(mean: float) -> float:
        lifetime = lifetime_probabilities(law, mean, 0.25 * mean)
        stock = one_stock(lifetime, np.zeros(len(lifetime)))
        scrap = 0.0
        for _ in range(60):
            leaving = stock.outflow()
            scrap += leaving[0]
            stock.age(np.ones(1), leaving)
        return scrap

    short, middle, long = (left_after_five_years(mean) for mean in (2.0, 4.0, 8.0))
    assert short > middle > long


def test_nothing_leaves_early_from_long_lived_products() -> None:
    lifetime = lifetime_probabilities("normal", 20.0, 3.0)
    assert lifetime[:12].sum() < 1e-6


def test_hibernating_products_come_back_later() -> None:
    stock = one_stock(np.array([0.5, 0.5]), np.ones(2), hibernating_share=np.array([0.4]))
    collectable, exported = stock.end_of_life(np.array([10.0]), hibernation_months=20.0)
    assert collectable[0] == pytest.approx(6.0)
    assert stock.hibernating[0] == pytest.approx(4.0)
    collectable, exported = stock.end_of_life(np.array([0.0]), hibernation_months=20.0)
    assert collectable[0] == pytest.approx(0.2)
    assert exported[0] == 0.0


def test_exported_used_goods_are_at_hand_abroad() -> None:
    stock = one_stock(np.array([0.5, 0.5]), np.ones(2))
    two = InUse(
        **{
            **{field.name: getattr(stock, field.name) for field in fields(stock) if field.init},
            "country": np.array([0, 1]),
            "export_share": np.array([0.25, 0.0]),
            "export_row": np.array([1, 1]),
            "hibernating": np.zeros(2),
            "hibernating_share": np.zeros(2),
        }
    )
    collectable, exported = two.end_of_life(np.array([8.0, 1.0]), hibernation_months=20.0)
    assert exported.tolist() == [2.0, 0.0]
    assert collectable.tolist() == [6.0, 3.0]


def test_too_short_a_past_is_an_error() -> None:
    with pytest.raises(ValueError, match="months are needed"):
        one_stock(lifetime_probabilities("normal", 4.0, 1.0), np.ones(3))


@pytest.mark.parametrize("variation", [0.05, 0.2, 0.25, 0.3, 0.4242, 0.5, 0.7, 1.0, 1.4])
def test_the_shape_of_a_lifetime_is_found_as_scipy_finds_it(variation: float) -> None:
    def gap(shape: float) -> float:
        return float(special.gamma(1 + 2 / shape) / special.gamma(1 + 1 / shape) ** 2 - 1 - variation**2)

    assert in_use.weibull_shape(variation) == optimize.brentq(gap, 0.3, 60.0)
    assert in_use.zero_of(lambda x: x - 2.0, 0.0, 4.0) == 2.0
    assert in_use.zero_of(lambda x: x, 0.0, 4.0) == 0.0
    with pytest.raises(ValueError, match="sign is the same"):
        in_use.zero_of(lambda x: x + 1.0, 0.0, 4.0)

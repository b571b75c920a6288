"""Where products come into use: observed, or by the home of the maker and the income of the buyer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.data import Tables
from lodeflow.environment.start.buying import Buyers, buyers


@pytest.fixture(scope="module")
def known(tables: Tables) -> Buyers:
    return buyers(tables, ("ev-battery-lfp", "ev-motor", "electronics"))


def of(known: Buyers, shares: np.ndarray, product: int, country: str) -> float:
    return float(shares[product, known.places.index(country)])


def test_observed_buyers_are_those_of_the_table(tables: Tables, known: Buyers) -> None:
    rows = tables.buying_shares.set_index(["product", "iso3", "year"])["share"]
    shares = known.shares(2021, home=0.9)
    assert of(known, shares, 0, "CHN") == pytest.approx(rows["ev-battery-lfp", "CHN", 2021])
    assert of(known, shares, 1, "DEU") == pytest.approx(rows["ev-motor", "DEU", 2021])


def test_before_the_first_and_after_the_last_year_the_nearest_holds(known: Buyers) -> None:
    assert known.shares(1950, 0.5)[0] == pytest.approx(known.shares(2010, 0.5)[0])
    assert known.shares(2049, 0.5) == pytest.approx(known.shares(2024, 0.5))


def test_others_buy_by_home_and_income(known: Buyers) -> None:
    made, income = known.making[-1], known.income[-1]
    assert known.shares(2024, 1.0)[2] == pytest.approx(made[2])
    assert known.shares(2024, 0.0)[2] == pytest.approx(income)
    assert known.shares(2024, 0.25)[2] == pytest.approx(0.25 * made[2] + 0.75 * income)


def test_makers_of_the_caller_replace_those_of_the_year(known: Buyers) -> None:
    nobody = np.zeros_like(known.making[0])
    nobody[:, 0] = 1.0
    assert known.shares(2024, 1.0, nobody)[2] == pytest.approx(nobody[2])


@given(st.integers(1990, 2060), st.floats(0.0, 1.0))
def test_all_that_is_made_is_bought(year: int, home: float) -> None:
    income = np.array([[0.2, 0.8], [0.5, 0.5]])
    making = np.array([[[0.9, 0.1]], [[0.4, 0.6]]])
    known = Buyers(["AAA", "BBB"], 2000, income, making, np.full((2, 1, 2), np.nan), np.full(1, np.nan))
    shares = known.shares(year, home)
    assert shares.sum() == pytest.approx(1.0)
    row = min(max(year - 2000, 0), 1)
    low, high = sorted([income[row, 0], making[row, 0, 0]])
    assert low - 1e-12 <= shares[0, 0] <= high + 1e-12


def test_registrations_agree_with_what_is_known_of_electric_cars(tables: Tables) -> None:
    rows = tables.buying_shares[tables.buying_shares["product"] == "ev-motor"]
    share = rows.set_index(["iso3", "year"])["share"]
    assert share["CHN", 2024] == pytest.approx(11.5e6 / 17.8e6, abs=0.02)
    assert share["NOR", 2015] > share["CHN", 2015] / 10.0, "Norway bought every fifteenth electric car of 2015"
    order = pd.Series({year: share["CHN", year] for year in range(2010, 2025)})
    assert order[2024] > order[2015] > order[2010]


def test_batteries_of_both_chemistries_together_are_the_battery_demand(tables: Tables) -> None:
    """China took 569 of 953 GWh in 2024 (IEA); the LFP share of the world follows from the two tables of buyers."""
    rows = tables.buying_shares.set_index(["product", "iso3", "year"])["share"]
    lfp, nickel = rows["ev-battery-lfp", "CHN", 2024], rows["ev-battery-nickel", "CHN", 2024]
    world = (569.0 / 953.0 - nickel) / (lfp - nickel)
    assert world == pytest.approx(0.48, abs=0.03), "IEA: nearly half of the batteries of 2024 are LFP"
    assert lfp > nickel

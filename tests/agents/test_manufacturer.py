"""Rules of the manufacturers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents import Population, manufacturer
from lodeflow.agents.manufacturer import others_available, substitute


def inputs(ceiling: float, state: float = 1.0) -> Population:
    return Population("input", ["a"], ceiling=np.array([ceiling]), substitution=np.array([state]))


def after(months: int, price: float, ceiling: float = 0.4, gap: float = 0.35) -> float:
    population = inputs(ceiling)
    for _ in range(months):
        population.substitution = substitute(population, np.array([price]), np.array([gap]), months=80.0)
    return float(population.substitution[0])


def naive_others(available: list[float], first: list[int]) -> list[float]:
    """For every input, the least of the other inputs of its manufacturer; 1 when there are none."""
    result = []
    for start, stop in pairwise(first):
        for row in range(start, stop):
            result.append(min((available[k] for k in range(start, stop) if k != row), default=1.0))
    return result


@st.composite
def bills(draw: st.DrawFn) -> tuple[list[float], list[int]]:
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    values = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.0, 1.0))
    available = draw(st.lists(values, min_size=sum(sizes), max_size=sum(sizes)))
    return available, [0, *np.cumsum(sizes).tolist()]


def test_nothing_is_substituted_at_the_base_price() -> None:
    assert after(60, price=1.0) == 1.0


def test_substitution_moves_slowly_towards_its_long_run_value() -> None:
    long_run = 2.0**-0.35
    assert after(1, 2.0) == pytest.approx(1.0 - (1.0 - long_run) / 80.0)
    assert after(2000, 2.0) == pytest.approx(long_run, rel=1e-6)


def test_substitution_never_passes_the_ceiling_of_the_use() -> None:
    assert after(5000, price=1e6, ceiling=0.1) == pytest.approx(0.9, rel=1e-9)
    assert after(5000, price=1e6, ceiling=0.0) == 1.0


@given(st.floats(1.0, 50.0), st.floats(1.0, 3.0), st.floats(0.0, 1.0))
def test_a_higher_price_never_means_more_metal_per_unit(price: float, factor: float, ceiling: float) -> None:
    assert after(12, price * factor, ceiling) <= after(12, price, ceiling) + 1e-12


@given(bills())
def test_others_available_equals_a_plain_loop(bill: tuple[list[float], list[int]]) -> None:
    available, first = bill
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    result = others_available(np.array(available), owner, np.array(first[:-1]))
    assert result.tolist() == naive_others(available, first)


def test_a_product_of_one_metal_has_no_others() -> None:
    assert others_available(np.array([0.2]), np.array([0]), np.array([0])).tolist() == [1.0]


def test_dear_missing_and_threatened_metal_each_take_off_what_making_earns() -> None:
    nothing, full = np.zeros(1), np.ones(1)
    assert manufacturer.margin(nothing, full, nothing, 0.5, 0.5)[0] == 0.0
    assert manufacturer.margin(np.log([2.0]), full, nothing, 0.5, 0.5)[0] == pytest.approx(-0.5 * np.log(2.0))
    assert manufacturer.margin(nothing, 0.5 * full, nothing, 0.5, 0.5)[0] == pytest.approx(np.log(0.5))
    assert manufacturer.margin(nothing, full, full, 0.5, 0.4)[0] == pytest.approx(-0.4)


def test_new_plants_go_where_they_are_drawn() -> None:
    assert manufacturer.replaced(np.ones(2), np.array([2.0, 0.0]), np.full(2, 0.1)) == pytest.approx([1.1, 0.9])

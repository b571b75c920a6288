"""First trade flows: margins, known shares, distance."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lodeflow.environment.market import graph
from lodeflow.environment.market.graph import blend_known, distances, gravity_prior, ras

FLOWS = st.floats(1e-3, 1e4)


@st.composite
def margins(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sellers, buyers = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    rows = draw(arrays(float, sellers, elements=FLOWS))
    columns = draw(arrays(float, buyers, elements=FLOWS))
    prior = draw(arrays(float, (sellers, buyers), elements=st.floats(0.01, 10.0)))
    return rows, columns, prior


@given(margins())
def test_ras_meets_both_margins(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    rows, columns, prior = case
    flow = ras(rows, columns, prior, trace=1e-4)
    assert (flow > 0.0).all()
    assert flow.sum(axis=1) == pytest.approx(rows, rel=1e-9)
    assert flow.sum(axis=0) == pytest.approx(columns * rows.sum() / columns.sum(), abs=1e-9 * rows.sum())


def test_ras_keeps_a_prior_that_fits() -> None:
    prior = np.array([[3.0, 1.0], [2.0, 4.0]])
    assert ras(prior.sum(axis=1), prior.sum(axis=0), prior, trace=0.0) == pytest.approx(prior)


def test_ras_leaves_a_trace_on_every_edge() -> None:
    flow = ras(np.array([5.0, 5.0]), np.array([5.0, 5.0]), np.array([[5.0, 0.0], [5.0, 5.0]]), trace=1e-4)
    assert (flow > 0.0).all()


def test_ras_without_metal_is_no_flow() -> None:
    assert not ras(np.zeros(2), np.ones(2), np.ones((2, 2)), trace=1e-4).any()


def test_known_shares_replace_the_prior_of_imports() -> None:
    prior = np.array([[10.0], [3.0], [2.0], [5.0]])
    domestic = np.array([[True], [False], [False], [False]])
    known = np.array([[np.nan], [0.6], [np.nan], [np.nan]])
    flow = blend_known(prior, known, domestic)
    assert flow[:, 0] == pytest.approx([10.0, 6.0, 4.0 * 2 / 7, 4.0 * 5 / 7])


def test_shares_above_one_are_scaled() -> None:
    domestic = np.zeros((2, 1), bool)
    flow = blend_known(np.array([[1.0], [1.0]]), np.array([[0.9], [0.6]]), domestic)
    assert flow[:, 0] == pytest.approx([1.2, 0.8])


@given(
    arrays(float, (4, 3), elements=st.floats(0.01, 10.0)),
    arrays(float, (4, 3), elements=st.sampled_from([np.nan, 0.0, 0.01, 0.2, 0.5, 0.9])),
)
def test_known_shares_do_not_change_what_a_buyer_buys(prior: np.ndarray, known: np.ndarray) -> None:
    domestic = np.eye(4, 3, dtype=bool)
    flow = blend_known(prior, known, domestic)
    assert (flow >= 0.0).all()
    assert flow.sum(axis=0) == pytest.approx(prior.sum(axis=0))


def test_distances_are_great_circles() -> None:
    km = distances(np.array([0.0, 0.0, 90.0]), np.array([0.0, 180.0, 0.0]))
    assert np.diag(km) == pytest.approx(0.0)
    assert km[0, 1] == pytest.approx(np.pi * 6371.0)
    assert km[0, 2] == pytest.approx(np.pi * 6371.0 / 2)
    assert km == pytest.approx(km.T)


def test_nearer_and_domestic_partners_attract_more() -> None:
    distance = np.array([[0.0, 1000.0, 9000.0]])
    prior = gravity_prior(distance, np.array([[True, False, False]]), home_bias=4.0, elasticity=-0.8)
    assert prior[0] == pytest.approx([4.0, 2.0**-0.8, 10.0**-0.8])


def test_cells_with_little_ease_keep_what_they_have() -> None:
    prior = np.array([[10.0, 10.0], [10.0, 10.0]])
    ease = np.array([[0.1, 1.0], [1.0, 1.0]])
    flow = ras(np.array([30.0, 20.0]), np.array([30.0, 20.0]), prior, trace=0.0, ease=ease)
    alike = ras(np.array([30.0, 20.0]), np.array([30.0, 20.0]), prior, trace=0.0)
    assert flow.sum(axis=1) == pytest.approx([30.0, 20.0])
    assert flow.sum(axis=0) == pytest.approx([30.0, 20.0])
    assert abs(flow[0, 0] - 10.0) < 0.7 * abs(alike[0, 0] - 10.0)


@given(margins())
def test_ras_with_ease_meets_both_margins(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    rows, columns, prior = case
    ease = np.where(prior > 1.0, 0.2, 1.0)
    flow = ras(rows, columns, prior, trace=1e-4, ease=ease)
    assert flow.sum(axis=1) == pytest.approx(rows, rel=1e-9)
    assert flow.sum(axis=0) == pytest.approx(columns * rows.sum() / columns.sum(), abs=1e-9 * rows.sum())


def test_ras_gives_nothing_to_pairs_that_could_not_trade() -> None:
    could = np.array([[True, False], [True, True]])
    flow = ras(np.array([5.0, 5.0]), np.array([7.0, 3.0]), np.ones((2, 2)), trace=1e-4, could=could)
    assert flow == pytest.approx(np.array([[5.0, 0.0], [2.0, 3.0]]))


@pytest.mark.parametrize("shape", [(2, 2), (7, 9), (9, 7), (8, 16), (31, 66), (128, 40), (3, 127)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_compiled_fit_is_that_of_numpy_to_the_digit(shape: tuple[int, int], order: Literal["C", "F"]) -> None:
    """Compiled sums add in the order in which numpy adds, however the flows lie in memory."""
    rng = np.random.default_rng(sum(shape))
    flow = np.asarray(np.exp(2.0 * rng.standard_normal(shape)), order=order)
    rows, columns = np.exp(rng.standard_normal(shape[0])), np.exp(rng.standard_normal(shape[1]))
    columns *= rows.sum() / columns.sum()
    plain = flow.copy(order="K")
    graph._fit(flow, rows, columns, 1e-10 * rows.sum(), 300)
    graph._fit_plainly(plain, rows, columns, 1e-10 * rows.sum(), 300)
    np.testing.assert_array_equal(flow, plain)

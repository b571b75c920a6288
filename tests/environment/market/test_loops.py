"""Compiled sums over edges give what numpy gives, to the digit; so do rules inside compiled loops."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import contract, recycler
from lodeflow.environment.market import loops, rules

RNG = np.random.default_rng(3)
EDGES, ROWS = 500, 17
SORTED = np.sort(RNG.integers(0, ROWS, EDGES))
VALUES = RNG.normal(size=EDGES)


def test_sums_by_row_are_those_of_numpy() -> None:
    for rows in (SORTED, RNG.permutation(SORTED)):
        wanted = np.bincount(rows, VALUES, ROWS)
        assert np.array_equal(loops.by_row(rows, VALUES, ROWS), wanted)
        assert np.array_equal(loops.products_by_row(rows, VALUES, np.ones(EDGES), ROWS), wanted)
        assert np.array_equal(loops.passed_on(rows, rows, VALUES, np.ones(ROWS), ROWS), wanted)
        assert np.array_equal(loops.months_by_row(rows, np.stack([VALUES, VALUES]), ROWS), np.stack([wanted, wanted]))


def test_what_is_under_way_moves_on_by_a_month() -> None:
    pipeline, sent = RNG.random((4, 3)), RNG.random((4, 3))
    moved = pipeline.copy()
    assert np.array_equal(loops.sent_off(moved, sent.ravel()), pipeline[0] + sent[0])
    assert np.array_equal(moved[:-1], pipeline[1:] + sent[1:])
    assert not moved[-1].any()
    assert np.array_equal(loops.arriving(pipeline, np.array([0, 2])), np.cumsum(pipeline, axis=0)[[0, 2]])


def test_heaps_mix_what_they_hold_and_what_comes() -> None:
    share = np.array([[0.5, 0.5], [0.2, 0.8]])
    mix = loops.mixed(np.array([2.0, 0.0]), share, np.array([2.0, 0.0, 0.0, 0.0]), 1e-12)
    assert np.array_equal(mix, [[0.75, 0.25], [0.2, 0.8]])


def test_compiled_rules_are_the_rules() -> None:
    treated, found = RNG.random((5, 10)), RNG.random((5, 2))
    treated[0] = 0.0
    foreign = treated[:, :2] * RNG.random((5, 2))
    old, abroad = rules.by_origin(treated, foreign, found)
    assert np.array_equal(old, recycler.out_of(found, treated[:, 8:], treated[:, :2]))
    assert np.array_equal(abroad, recycler.out_of(found, foreign, treated[:, :2]))


def test_contracts_rest_under_a_measure_and_grow_with_their_buyer() -> None:
    agreed, flow, rows = np.array([4.0, 4.0]), np.array([2.0, 2.0]), np.array([0, 1])
    growth, held, nobody = np.array([1.0, 2.0]), np.array([True, False]), np.zeros(0)
    normal, weight, coming = rules.drifted(
        (agreed, agreed), (np.zeros(2), flow), (rows, rows), growth, (nobody, nobody), held, 0.1, 0.25
    )
    assert np.array_equal(coming, growth)
    assert np.array_equal(weight, contract.renewed(agreed, flow, growth, 0.25, np.ones(2)))
    assert normal[0] == agreed[0]
    assert normal[1] == weight[1]


def test_contracts_grow_with_partners_who_build_and_both_sign_once() -> None:
    agreed, rows = np.array([4.0, 4.0]), np.array([0, 1])
    sold, bought, nobody = np.array([1.2, 0.9]), np.array([1.1, 1.0]), np.zeros(0)
    same = (agreed, agreed), (np.zeros(2), agreed), (rows, rows), np.ones(2)
    for built, wanted in (
        ((sold, nobody), sold),
        ((nobody, bought), bought),
        ((sold, bought), contract.both(sold, bought)),
    ):
        assert np.array_equal(rules.drifted(*same, built, np.zeros(0, bool), 0.0, 0.1)[2], wanted)


def test_scrap_that_moves_is_counted_once_on_either_side() -> None:
    seller, buyer, flow, parts = (
        RNG.integers(0, 4, 9),
        np.sort(RNG.integers(0, 5, 9)),
        RNG.random(9),
        RNG.random((4, 8)),
    )
    abroad = RNG.random(9) < 0.5
    moved, sold, bought, foreign = loops.carried(parts, flow, seller, buyer, abroad, 4, 5, 2)
    whole = flow[:, None] * parts[seller]
    assert np.array_equal(foreign, loops.sums_by_row(buyer[abroad], whole[abroad, :2], 5))
    assert np.array_equal(moved, whole[:, :2])
    for rows, count, total in ((seller, 4, sold), (buyer, 5, bought)):
        assert np.array_equal(total, loops.sums_by_row(rows, whole, count))

"""Compiled loops over plants of recyclers do what their rules say, to the digit."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import firm, investor, process
from lodeflow.environment.market import plants

RNG = np.random.default_rng(5)
PLANTS, ALL, PROCESSES, METALS = 6, 9, 2, 3
ROWS = np.sort(RNG.choice(ALL, PLANTS, replace=False))
LOSS = float(np.log(0.7))


def test_what_processes_could_take_out_is_offered_at_the_asks_of_sellers() -> None:
    yields, inside, usual = (
        RNG.random((PLANTS, PROCESSES, METALS)),
        RNG.random((ALL, METALS)),
        RNG.random((ALL, METALS)),
    )
    seller, price, ask = RNG.integers(0, 5, (PLANTS, METALS)), RNG.random(METALS), RNG.random(4)
    gain, asked, content = plants.offered(ROWS, yields, (inside, usual), seller, price, ask)
    assert np.array_equal(gain, process.gain(yields, inside[ROWS][:, None], usual[ROWS][:, None]))
    assert np.array_equal(asked, price * np.append(ask, 1.0)[seller])
    assert np.array_equal(content, inside[ROWS])


def test_plants_without_anything_are_passed_over_and_all_others_follow_the_rules() -> None:
    margin, installed = RNG.random((ALL, PROCESSES)) - 0.5, 0.2 * RNG.random((ALL, PROCESSES))
    building, ready = 0.1 * RNG.random((3, ALL, PROCESSES)), np.full((ALL, PROCESSES), 12)
    margin[0], installed[0], building[:, 0] = -0.2, 0.0, 0.0
    margin[1] = -2.0
    margin[2], installed[2] = -0.2, 0.0
    terms = 0.5, 0.4, LOSS, 0.3, 18.0
    for month, none in ((11, True), (12, False)):
        stands, coming = plants.installed_after(margin, installed, building, ready, month, terms)
        room = 1.0 - installed.sum(axis=1) - building.sum(axis=0).sum(axis=1)
        begun = process.allowed(process.begun(margin, room, 0.5, 0.4), ready, month)
        wanted = process.build(installed, building, begun, process.closed(margin, LOSS, 0.3), 18.0)
        assert np.array_equal(stands, wanted[0])
        np.testing.assert_allclose(coming, wanted[1], rtol=1e-14)
        assert not stands[0].any()
        assert not coming[:, 0].any()
        assert begun.any() != none
    assert (stands[1] < installed[1] + building[:, 1].sum(axis=0)).all()


def test_what_runs_is_taken_out_and_earned() -> None:
    installed, margin = 0.5 * RNG.random((PLANTS, PROCESSES)), RNG.random((PLANTS, PROCESSES)) - 0.5
    gain, worth, paid, usual = (
        RNG.random((PLANTS, PROCESSES, METALS)),
        *RNG.random((2, PLANTS, PROCESSES)),
        np.ones(PLANTS),
    )
    usual[0] = 0.0
    running, added, gained = plants.put_through(installed, margin, LOSS, gain, worth, paid, usual)
    assert np.array_equal(running, process.running(installed, margin, LOSS))
    assert np.array_equal(added, process.earned(running, worth, paid, usual))
    assert np.array_equal(gained, gain * running[:, :, None])
    assert added[0] == 0.0
    whole = RNG.random((ALL, METALS))
    recovered = plants.with_gained(whole, ROWS, gained)
    assert np.array_equal(recovered[ROWS], whole[ROWS] + gained.sum(axis=1))
    grade, grade_added = RNG.integers(0, 8, whole.size), RNG.integers(0, 8, gain.size)
    output = plants.by_grade(whole, grade, gained, grade_added, 8)
    by_hand = np.bincount(grade, whole.ravel(), 8) + np.bincount(grade_added, gained.ravel(), 8)
    assert np.array_equal(output, by_hand)


def test_only_rows_whose_plant_runs_something_give_more() -> None:
    formal, yields, running = RNG.random(5), RNG.random((5, PROCESSES)), RNG.random((ALL, PROCESSES))
    running[2] = 0.0
    plant = np.array([0, 2, ALL, 4, 4])
    raised = plants.with_running(formal, plant, yields, running)
    rows = np.array([0, 3, 4])
    assert np.array_equal(raised[rows], process.with_added(formal[rows], yields[rows], running[plant[rows]]))
    assert np.array_equal(raised[1:3], formal[1:3])


def test_capacity_is_begun_closed_and_built_anew_by_the_rules() -> None:
    building, stands, margin = 0.1 * RNG.random((3, ALL)), 1.5 * RNG.random(ALL), RNG.random(ALL) - 0.6
    paid, public, may = margin + 0.1, 0.01 * RNG.random(ALL), RNG.random(ALL)
    found = plants.expanded(building, stands, (margin, paid), (public, may), (0.5, 0.4, LOSS, 0.3, 12.0, 18.0))
    wanted = (investor.wanted_by_margin(paid, 0.5, 0.4) + public) * may * stands
    wanted = wanted + investor.rebuilt(stands, building.sum(axis=0), margin, LOSS, 12.0)
    by_rule = firm.build(building, stands, wanted, -firm.closed(margin, LOSS, 0.5, 0.3), 18.0)
    for one, other in zip(found, by_rule, strict=True):
        assert np.array_equal(one, other)

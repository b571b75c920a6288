"""Rules of the processes that recyclers add."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents import process

SHARE = st.floats(0.0, 1.0)


def margin(worth: float, before: float, paid: float) -> float:
    return float(process.margin(np.array([[worth]]), np.array([[before]]), np.array([[paid]]))[0, 0])


def test_a_process_takes_out_only_what_the_usual_one_loses() -> None:
    yields = np.array([[[0.9, 0.5, 0.0]]])
    gain = process.gain(yields, np.array([[[100.0, 100.0, 100.0]]]), np.array([[[20.0, 80.0, 50.0]]]))
    assert gain[0, 0] == pytest.approx([70.0, 0.0, 0.0])


def test_freight_is_paid_only_for_metal_that_is_wanted() -> None:
    cost = process.delivered_cost(np.array([[[100.0, 0.0]]]), np.array([2000.0]), 0.3)
    assert cost[0, 0] == pytest.approx([700.0, 0.0])


def test_what_pays_at_base_prices_is_done_already() -> None:
    assert margin(worth=10.0, before=10.0, paid=5.0) == 0.0
    assert margin(worth=20.0, before=10.0, paid=5.0) == pytest.approx(np.log(2.0))


def test_a_dear_process_waits_until_the_metal_is_worth_its_cost() -> None:
    assert margin(worth=20.0, before=10.0, paid=40.0) == pytest.approx(np.log(0.5))
    assert margin(worth=80.0, before=10.0, paid=40.0) == pytest.approx(np.log(2.0))
    assert margin(worth=0.0, before=0.0, paid=0.0) == 0.0


def test_a_process_stands_still_when_it_does_not_pay_for_running_it() -> None:
    margins = np.log(np.array([[0.69, 1.0, 3.0]]))
    assert process.running(np.full((1, 3), 0.2), margins, np.log(0.7))[0] == pytest.approx([0.0, 0.2, 0.2])


@given(st.lists(st.floats(-3.0, 3.0), min_size=2, max_size=2), SHARE)
def test_what_is_begun_fits_into_the_room(margins: list[float], room: float) -> None:
    started = process.begun(np.array([margins]), np.array([room]), 0.5, 0.5)
    assert (started >= 0.0).all()
    assert started.sum() <= room / 24.0 + 1e-15
    assert ((started > 0.0) <= (np.array([margins]) > 0.0)).all()


def test_only_a_process_that_pays_is_begun() -> None:
    started = process.begun(np.array([[0.4, -0.4]]), np.array([1.0]), 0.5, 0.5)[0]
    assert started[0] > 0.0 == started[1]


def test_nothing_is_begun_without_room() -> None:
    assert (process.begun(np.ones((1, 2)), np.array([0.0]), 0.5, 0.5) == 0.0).all()


def test_a_process_is_closed_after_a_year_that_did_not_pay() -> None:
    closed = process.closed(np.log(np.array([[0.6, 0.8, 2.0]])), np.log(0.7), 0.3)
    assert closed[0] == pytest.approx([0.025, 0.0, 0.0])


def test_what_is_begun_stands_after_the_lead_time() -> None:
    installed, building = np.zeros((1, 1)), np.zeros((3, 1, 1))
    months = []
    for month in range(240):
        started = np.full((1, 1), 0.1 if month == 0 else 0.0)
        installed, building = process.build(installed, building, started, np.zeros((1, 1)), 18.0)
        months.append(installed[0, 0])
    assert months[-1] == pytest.approx(0.1, rel=1e-6)
    steps = np.diff([0.0, *months])
    assert (np.arange(240) * steps).sum() / 0.1 == pytest.approx(18.0, abs=1.0)


def test_plants_with_an_added_process_give_more() -> None:
    with_all = process.with_added(np.array([0.02, 0.95]), np.array([[0.9], [0.9]]), np.array([[0.5], [0.5]]))
    assert with_all == pytest.approx([0.02 + 0.5 * 0.88, 0.95])


def test_a_process_earns_what_is_left_above_its_cost() -> None:
    earned = process.earned(
        np.array([[0.5, 0.1]]), np.array([[30.0, 5.0]]), np.array([[10.0, 20.0]]), np.array([100.0])
    )
    assert earned == pytest.approx([0.1])

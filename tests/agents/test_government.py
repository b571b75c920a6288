"""The rules of governments, each by the sign that it must have."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow import data
from lodeflow.agents import government

TEMPER = dict(zip(*(data.load()["tempers"][name] for name in ("temper", "value")), strict=True))
CALM = {
    "share": np.array([0.5]),
    "keep": np.array([0.5]),
    "price": np.array([1.0]),
    "hit": 0.0,
    "market_economy": 0.0,
    "load": 0.0,
    "climate": 1.0,
}


@pytest.mark.parametrize(
    ("name", "more", "sign"),
    [
        ("share", np.array([0.9]), 1),
        ("keep", np.array([0.9]), 1),
        ("price", np.array([0.5]), 1),
        ("price", np.array([2.0]), 1),
        ("hit", 0.5, 1),
        ("market_economy", 1.0, -1),
        ("load", 3.0, -1),
        ("climate", 5.0, 1),
    ],
)
def test_what_makes_a_restriction_likelier(name: str, more: np.ndarray | float, sign: int) -> None:
    before = government.restrict_odds(**CALM, temper=TEMPER)  # type: ignore[arg-type]
    after = government.restrict_odds(**(CALM | {name: more}), temper=TEMPER)  # type: ignore[arg-type]
    assert np.sign(after - before) == sign


def test_a_chance_lies_between_never_and_always() -> None:
    chances = government.chance(np.array([-1e9, 0.0, 1e9]))
    assert 0.0 < chances[0] < 1e-20
    assert chances[1] == 0.5
    assert chances[2] == pytest.approx(1.0)


def test_harm_is_answered_and_answers_to_answers_get_rarer() -> None:
    odds = government.retaliate_odds(0.5, 0, 0.0, TEMPER)
    assert government.retaliate_odds(0.9, 0, 0.0, TEMPER) > odds
    assert government.retaliate_odds(0.5, 2, 0.0, TEMPER) < odds
    assert government.retaliate_odds(0.5, 0, 1.0, TEMPER) < odds


def test_an_answer_is_ranked_by_what_the_other_relies_on() -> None:
    reliance, loss = np.array([0.2, 0.8, 0.8, 0.9]), np.array([0.0, 0.0, 0.9, 0.0])
    worth = government.answer_worth(reliance, loss, np.array([True, True, True, False]), TEMPER)
    assert int(np.argmax(worth)) == 1
    assert worth[1] > worth[2]
    assert worth[3] == -np.inf


def test_an_answer_that_costs_more_than_it_hurts_is_not_given() -> None:
    loss = np.array([0.9, 0.18 / TEMPER["retaliate_loss"]])
    worth = government.answer_worth(np.array([0.18, 0.18]), loss, np.array([True, True]), TEMPER)
    assert worth.tolist() == [-np.inf, -np.inf]
    assert np.isfinite(government.answer_worth(np.array([0.18]), np.array([0.3]), np.array([True]), TEMPER)).all()


def test_risk_asks_for_a_reserve_and_no_risk_for_none() -> None:
    days = government.wanted_days(np.array([0.9, 0.5, 0.5 * TEMPER["stockpile_risk"]]), TEMPER)
    assert days[0] > days[1] > days[2] == 0.0
    assert government.risk(np.array([0.9]), np.array([0.5]))[0] == pytest.approx(0.45)


def test_nobody_spends_more_than_there_is() -> None:
    assert government.affordable(30.0, 100.0, 50.0) == 15.0
    assert government.affordable(30.0, 100.0, 500.0) == 30.0
    budget = government.refilled(np.array([0.0]), np.array([1e12]), TEMPER, 400.0)
    assert budget[0] == pytest.approx(TEMPER["budget_years"] * TEMPER["budget_share"] * 1e12)


def test_more_money_is_more_support_up_to_the_most() -> None:
    points = [government.support_points(usd, 1e9, 0.5) for usd in (1e7, 1e8, 1e12)]
    assert 0.0 < points[0] < points[1] < points[2] == 0.5
    assert government.support_points(-1e-9, 0.0, 0.5) == 0.0


def test_cost_and_a_ruling_make_lifting_likelier() -> None:
    odds = government.lift_odds(4.0, 8.0, 0.1, 0.0, TEMPER)
    assert government.lift_odds(4.0, 8.0, 0.9, 0.0, TEMPER) > odds
    assert government.lift_odds(4.0, 8.0, 0.1, 1.0, TEMPER) > odds
    assert government.lift_odds(4.0, 40.0, 0.1, 0.0, TEMPER) < odds
    assert government.lift_odds(4.0, 8.0, 0.1, 0.0, TEMPER | {"lift_base": 1.0}) > odds
    assert government.deal_odds(0.5, 0.5, TEMPER) > government.deal_odds(0.1, 0.1, TEMPER)


def test_who_keeps_announcements_is_believed() -> None:
    kept, broken = np.array([0.0, 4.0, 0.0]), np.array([0.0, 0.0, 4.0])
    believed = government.credibility(kept, broken, 0.6, 4.0)
    assert believed[0] == pytest.approx(0.6)
    assert believed[1] > believed[0] > believed[2]


def test_an_open_reserve_empties() -> None:
    assert government.released_share(0.0, 6.0) == 0.0
    assert government.released_share(3.0, 6.0) == pytest.approx(1.0 - (5.0 / 6.0) ** 3)


def test_grievance_fades_and_fresh_harm_counts_whole() -> None:
    faded = government.faded(np.array([[0.8]]), np.array([[0.0]]), TEMPER)
    assert 0.0 < faded[0, 0] < 0.8
    assert government.faded(np.array([[0.1]]), np.array([[0.8]]), TEMPER)[0, 0] == 0.8


def test_a_tariff_is_put_by_who_imports_and_makes_cheap_metal() -> None:
    one = np.array([0.5])
    odds = government.tariff_odds(one, one, np.array([1.0]), TEMPER)
    assert government.tariff_odds(np.array([0.9]), one, np.array([1.0]), TEMPER) > odds
    assert government.tariff_odds(one, np.array([0.9]), np.array([1.0]), TEMPER) > odds
    assert government.tariff_odds(one, one, np.array([2.0]), TEMPER) < odds
    assert government.tariff_odds(one, one, np.array([0.5]), TEMPER) > odds
    nobody = government.tariff_odds(np.array([0.0, 0.9]), np.array([0.9, 0.0]), np.ones(2), TEMPER)
    assert nobody.tolist() == [-np.inf, -np.inf]

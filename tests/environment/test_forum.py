"""Forums: members trade for less with each other and learn from the best of them; nobody else does."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.effects import Effects
from lodeflow.environment.shocks.policy_forum import Forum
from tests.environment.helpers import world_of

MEMBERS = ["AUS", "CHL", "IND"]


def forum(**fields: object) -> Forum:
    """A forum of the United States with others for lithium from 2024-03 on, unless changed."""
    usual = {"actor": "USA", "partners": MEMBERS, "metals": ["lithium"], "start": "2024-03"}
    return Forum.model_validate(usual | fields)


def world(tables: Tables, *shocks: Forum, **parameters: float) -> World:
    return world_of(tables, ["lithium"], shocks, end="2025-12", parameters=parameters)


def written(ran: World, month: str = "2024-04") -> Effects:
    """What the shocks of a world write in a month."""
    effects = Effects(ran)
    for number, shock in enumerate(ran.shocks):
        effects.shock = number
        shock.act(ran, effects, parse_month(month))
    return effects


def test_trade_between_members_costs_less_and_other_trade_what_it_did(tables: Tables) -> None:
    ran = world(tables, forum())
    effects, inside = written(ran).written, forum().members(ran)
    for name in ("feed", "refined"):
        table, ways = ran.markets[name], ran.blueprint.ways.of(ran.markets[name])
        between = inside[table.buyer_country] & inside[table.seller_country] & (ways.duty > 0.0)
        assert between.any(), name
        assert effects.duty[name][between] == pytest.approx(-0.14 * ways.duty[between])
        others = ~(inside[table.buyer_country] & inside[table.seller_country])
        assert not effects.duty[name][others].any()
        assert not effects.freight[name][others].any()
        assert effects.freight[name].min() < 0.0


def test_two_forums_take_no_more_than_there_is(tables: Tables) -> None:
    ran = world(tables, forum(), forum(label="another"), forum_friction=0.8)
    effects = written(ran).written
    for name in ("feed", "refined"):
        ways = ran.blueprint.ways.of(ran.markets[name])
        assert (ways.duty + effects.duty[name]).min() >= -1e-15
        assert (effects.duty[name] < -0.8 * ways.duty).any(), "the second takes what the first left"


def test_members_buy_more_of_each_other(tables: Tables) -> None:
    ran, calm = world(tables, forum(), forum_friction=1.0), world(tables, forum(strength=0.0))
    inside, bought = forum().members(ran), []
    for one in (ran, calm):
        one.run()
        table = one.markets["refined"]
        here = (
            inside[table.buyer_country] & inside[table.seller_country] & (table.buyer_country != table.seller_country)
        )
        bought.append(float(one.recorder.block("refined_flow")[6:, here].sum()))
    assert bought[0] > 1.002 * bought[1]


def test_mines_of_members_come_nearer_to_the_best_of_them_and_no_further(tables: Tables) -> None:
    ran = world(tables, forum(), transfer_rate=0.5, transfer_part=1.0)
    miners, inside = ran.miners, forum().members(ran)
    gaps = []
    for month in ("2024-03", "2026-03", "2060-01"):
        lever = written(ran, month).written.levers["mine_cost"]
        assert lever.max() == 0.0, "nobody gets dearer"
        assert not lever[~inside[miners.country]].any(), "who is outside learns nothing"
        cost = miners.cost + lever
        chile, australia = (
            cost[(miners.country == ran.layout.country_index[name]) & (miners.tier == 1)][0] for name in ("CHL", "AUS")
        )
        gaps.append(australia - chile)
    assert gaps[0] > 2.0 * gaps[1] > 0.0
    assert gaps[2] == pytest.approx(0.0, abs=1e-6)


def test_workshops_of_members_learn_until_they_lose_no_more_than_the_best_country_does(tables: Tables) -> None:
    ran = world(tables, forum(), transfer_rate=0.5)
    lever, in_use, share = (
        written(ran, "2060-01").written.levers["formalised"],
        ran.in_use,
        ran.countries.informal_share,
    )
    lost = (share[in_use.country] * (1.0 - lever))[in_use.country == ran.layout.country_index["IND"]]
    least = share[forum().members(ran)].min()
    assert share[ran.layout.country_index["IND"]] > 1.5 * least
    assert lost == pytest.approx(np.full(len(lost), least), abs=1e-6)


def test_what_was_learnt_stays_when_the_forum_ends_and_trade_costs_what_it_did(tables: Tables) -> None:
    ran = world(tables, forum(end="2025-02"))
    then, later = (written(ran, month).written for month in ("2025-02", "2030-01"))
    assert np.array_equal(then.levers["mine_cost"], later.levers["mine_cost"])
    assert then.duty["refined"].any()
    assert not later.duty["refined"].any()
    assert ran.shocks[0].known(parse_month("2030-01"))

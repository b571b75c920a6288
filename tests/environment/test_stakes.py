"""Stakes in mines abroad and bundles of policies: what is owned, what takes it, and what a wrong status costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from lodeflow.environment.shocks.policy_bundle import Bundle, bundles
from lodeflow.environment.shocks.policy_stakes import StakeAbroad
from lodeflow.experiments.analysis.profile import in_goods, worth
from tests.environment.helpers import ban, different

WHEN: dict[str, Any] = {"start": "2024-03", "metals": ["cobalt"]}
STAKE = StakeAbroad(actor="CHN", partners=["COD"], share=0.6, **WHEN)
BAN = ban(start="2024-06", months=18)


def named(kind: str, **fields: Any) -> Shock:
    return REGISTRY[kind].model_validate({"actor": "COD", **WHEN} | fields)


@pytest.fixture(scope="module")
def start(tables: Tables) -> World:
    settings = WorldSettings(metals=["cobalt"], start="2024-01", end="2027-12", mode="stationary", noise=0.0)
    return build(tables, settings)


def imports(world: World) -> float:
    """Feed that China got from the DR Congo in the year after the ban began, t."""
    trade = world.recorder.trade()
    here = (trade["exporter"] == "COD") & (trade["importer"] == "CHN") & (trade["form"] != "refined")
    when = (trade["date"] >= "2024-07") & (trade["date"] < "2025-07")
    return float(trade.loc[here & when, "tonnes"].sum())


def run(start: World, *shocks: Shock) -> World:
    return start.twin(shocks).run()


def test_what_is_owned_passes_a_ban_in_whatever_order_they_stand(start: World) -> None:
    alone, owned, other_way = run(start, BAN), run(start, STAKE, BAN), run(start, BAN, STAKE)
    assert imports(owned) > 1.5 * imports(alone)
    assert np.array_equal(owned.recorder.block("price"), other_way.recorder.block("price"))
    assert different(start.twin().run(), run(start, STAKE)) == [], "without a measure a stake changes nothing"


def test_nationalisation_takes_the_stake(start: World) -> None:
    taken = named("nationalisation", strength=0.0, building_stopped=0.0, start="2024-05")
    assert imports(run(start, STAKE, BAN, taken)) == pytest.approx(imports(run(start, BAN, taken)))
    world = start.twin([STAKE, taken])
    assert STAKE.owned(world, "COD", world.first_month + 3) == pytest.approx(0.6)
    assert STAKE.owned(world, "COD", world.first_month + 4) == 0.0


def test_no_more_is_let_past_than_is_bought_there(start: World) -> None:
    whole = StakeAbroad(actor="CHN", partners=["COD"], share=1.0, **WHEN)
    world = start.twin([whole])
    world.step()
    world.step()
    world.step()
    ((edges, part),) = world.now.effects.owned
    assert part == pytest.approx(world.parameters["stake_shield"])
    assert set(world.markets["feed"].buyer_country[edges]) == {world.layout.country_index["CHN"]}


@pytest.mark.parametrize("name", sorted(bundles()))
def test_every_bundle_is_made_of_measures_that_act(start: World, name: str) -> None:
    actor = "COD" if name == "governance" else "CHN"
    one = Bundle(bundle=name, actor=actor, partners=["COD"], **WHEN)
    assert [measure.kind for measure in one.measures] == [row["kind"] for row in bundles()[name]["measures"]]
    assert {measure.start for measure in one.measures} == {"2024-03"}
    nothing = Bundle(bundle=name, actor=actor, partners=["COD"], scale=0.0, **WHEN)
    assert all(row["scaled"] for row in bundles()[name]["measures"])
    assert different(start.twin().run(), run(start, nothing)) == []
    assert different(start.twin().run(), run(start, one)) != []


def test_a_bundle_of_another_name_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"no bundle 'shrt'; Did you mean 'short'"):
        Bundle(bundle="shrt", actor="CHN", **WHEN)


def test_measures_of_a_bundle_end_when_it_is_extended_to() -> None:
    later = {"end": "2025-03", "extensions": [{"known": "2025-01", "end": "2026-01"}]}
    usual = {"bundle": "short", "actor": "CHN", "partners": ["COD"], "permanent": False, "credibility": 0.3}
    one = Bundle.model_validate(WHEN | usual | later)
    assert {measure.final_end for measure in one.measures} == {one.final_end}
    assert {measure.credibility for measure in one.measures} == {0.3}


def test_a_bundle_says_what_its_reserve_came_to_and_nothing_else_counts_as_interest(start: World) -> None:
    one = Bundle(bundle="short", actor="CHN", partners=["COD"], **WHEN)
    world = run(start, BAN, one)
    found = one.found(world.recorder.purse, world.first_month, world)
    assert any("cobalt: bought" in line for line in found)
    assert any("cobalt: owns" in line for line in found)
    assert len(world.recorder.paid(1)[1]) > 0, "the bundle pays investors as well"
    assert not any("interest" in line for line in found), "its reserve pays none"


def test_who_is_short_of_a_metal_is_worse_off_with_the_profile_of_who_has_it(start: World) -> None:
    own, wrong = (
        worth(start, "CHN", [BAN], Bundle(bundle=name, actor="CHN", partners=["COD"], **WHEN))
        for name in ("short", "advantaged")
    )
    assert own.total > wrong.total
    assert own.trade > 0.0
    assert own.use > wrong.use
    assert wrong.ground > 0.0, "measured extraction leaves more in the ground"


def test_metal_in_products_that_are_sold_abroad_counts_at_the_price_of_their_makers(start: World) -> None:
    world = start.twin().run()
    table = world.recorder.product_trade()
    out, into = ((table[side] == "CHN") for side in ("exporter", "importer"))
    net = table.loc[out & ~into, "tonnes"].sum() - table.loc[into & ~out, "tonnes"].sum()
    assert net > 0.0, "China sells more cobalt in batteries than it buys"
    assert in_goods(world, "CHN") == pytest.approx(net * world.rates.price[0], rel=0.02), "prices stay at base"
    dear = run(start, BAN)
    assert worth(start, "CHN", [], BAN).goods == pytest.approx(in_goods(dear, "CHN") - in_goods(world, "CHN"))

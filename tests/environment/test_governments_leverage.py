"""Who can hold back what: others must buy it, whom an answer hits must use it, and help has its price."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.governments.decision import KINDS
from lodeflow.environment.governments.governments import Governments
from lodeflow.environment.governments.kinds import Restrict, Retaliate
from lodeflow.environment.governments.known import FORMS, Known
from lodeflow.environment.governments.settings import Forced, GovernmentSettings
from lodeflow.environment.shocks.kinds import ExportBan
from lodeflow.environment.shocks.policy_supply import FriendShoring

SETTINGS = WorldSettings(start="2025-01", end="2027-12", metals=["dysprosium-terbium", "germanium", "graphite"])
TO_ALL = ExportBan(actor="CHN", metals=["dysprosium-terbium"], form="refined", start="2025-06", strength=0.3)
STATES = ExportBan(actor="USA", metals=["dysprosium-terbium"], form="feed", partners=["CHN"], start="2025-06")
SURE = {
    "restrict_base": 50.0,
    "retaliate_base": 50.0,
    "support_base": 50.0,
    "stockpile_base": 50.0,
    "tariff_base": 50.0,
}
REFINED = FORMS.index("refined")


@pytest.fixture(scope="module")
def world(tables: Tables) -> World:
    """Nine months in which nobody decides."""
    shocks = (TO_ALL, STATES)
    world = build(tables, SETTINGS, shocks).twin(shocks)
    quiet = GovernmentSettings(mode="on", who=["NOR"], kinds=["side"], temper=SURE | {"least_use": 0.005})
    world.let_decide(Governments(tables, quiet, world))
    for _ in range(12):
        world.step()
    return world


@pytest.fixture
def known(world: World) -> Known:
    assert world.governments is not None
    found = world.governments.know(world)
    assert found is not None
    return found


def test_who_is_relied_on_sells_to_others_what_they_buy(known: Known) -> None:
    """By hand for China: its sales to each other government that trades for itself, over what all of those buy."""
    china, figures = known.seats.row("CHN"), known.figures
    others = [row for row in range(len(known.seats.names)) if known.seats.union[row] == row and row != china]
    sold = sum(figures.depends[REFINED, row, china] * figures.supply[REFINED, row] for row in others)
    bought = sum(figures.supply[REFINED, row] for row in others)
    np.testing.assert_allclose(known.relied_on[REFINED, china], sold / bought, rtol=1e-9)
    assert known.relied_on.min() >= 0.0
    assert known.relied_on.max() <= 1.0 + 1e-9


def test_what_others_hardly_buy_is_not_restricted(known: Known) -> None:
    china, metal = known.seats.row("CHN"), known.metals.index("graphite")
    share, sold = known.figures.share[REFINED, china, metal], known.relied_on[REFINED, china, metal]
    assert sold < share
    assert known.restrict_chances[REFINED, china, metal] > 0.9
    between = replace(known, temper=dict(known.temper) | {"least_share": (share + sold) / 2.0})
    assert between.leverage[REFINED, china, metal]
    assert between.restrict_chances[REFINED, china, metal] == 0.0


def test_what_is_restricted_is_restricted_further_by_a_stricter_instrument_alone(known: Known) -> None:
    """China's ban of 0.3 stands."""
    china, metal = known.seats.row("CHN"), known.metals.index("dysprosium-terbium")
    kind, standing = KINDS["restrict"], known.to_all(china, REFINED, metal)
    assert isinstance(kind, Restrict)
    assert kind._adds([], "export_licence", 0.1)
    assert kind._adds(standing, "export_licence", 0.4)
    assert not kind._adds(standing, "export_licence", 0.2)
    assert not kind._adds(standing, "export_ban", 0.9)
    strict = [replace(one, size=1.0) if one in standing else one for one in known.public]
    more, no_more = (
        {one.metal for one in kind.decide(seen, china) if one.form == "refined"}
        for seen in (known, replace(known, public=strict))
    )
    assert "dysprosium-terbium" in more - no_more


def test_an_answer_may_come_on_top_of_a_restriction_to_all_and_not_twice(known: Known, world: World) -> None:
    china, states, metal = known.seats.row("CHN"), known.seats.row("USA"), known.metals.index("dysprosium-terbium")
    kind = KINDS["retaliate"]
    assert isinstance(kind, Retaliate)
    assert known.to_all(china, REFINED, metal)
    assert np.isfinite(kind.ranking(known, china, states)[REFINED, metal])
    shocks = (*world.shocks, TO_ALL.model_copy(update={"partners": ["USA"], "start": "2026-01", "announce": "2026-01"}))
    later = world.fork(shocks, decide=True)
    assert later.governments is not None
    after = later.governments.know(later)
    assert after is not None
    assert kind.ranking(after, china, states)[REFINED, metal] == -np.inf


def test_an_answer_in_what_the_other_side_does_not_use_is_not_given(known: Known) -> None:
    kind, china, states = KINDS["retaliate"], known.seats.row("CHN"), known.seats.row("USA")
    assert isinstance(kind, Retaliate)
    idle = replace(known, temper=dict(known.temper) | {"least_use": 0.9})
    assert np.isfinite(kind.ranking(known, china, states)).any()
    assert not np.isfinite(kind.ranking(idle, china, states)).any()


def test_what_was_answered_is_not_answered_again(known: Known) -> None:
    kind, china = KINDS["retaliate"], known.seats.row("CHN")
    least = replace(known, temper=dict(known.temper) | {"retaliate_least": 1e-6, "least_use": 1e-6})
    first = kind.decide(least, china)
    assert first
    assert not kind.decide(replace(least, answered={(china, one.answers) for one in first}), china)


def test_what_hardly_hurts_is_not_answered_with_a_tariff(known: Known) -> None:
    kind = KINDS["tariff"]
    assert kind.concerned(known).any()
    row = int(np.flatnonzero(kind.concerned(known))[0])
    assert kind.decide(known, row)
    calm = replace(known, temper=dict(known.temper) | {"retaliate_least": 1.01})
    assert not kind.concerned(calm).any()
    assert not kind.decide(calm, row)


def test_support_is_priced_by_what_it_is_to_build(known: Known) -> None:
    """Dysprosium from others than China is next to none, and help for it costs a share of what Japan uses all the same."""
    japan, metal = known.seats.row("JPN"), known.metals.index("dysprosium-terbium")
    rich = replace(known, budget=np.full_like(known.budget, 1e12))
    taken = next(one for one in KINDS["support"].decide(rich, japan) if one.metal == "dysprosium-terbium")
    use = known.figures.supply[REFINED, japan, metal] * known.usd[metal] * known.figures.world_price[metal]
    assert taken.yearly >= 0.999 * known.temper["support_share"] * use * np.expm1(taken.size) > 0.0
    poor = replace(known, budget=np.full_like(known.budget, 1e5))
    assert not [one for one in KINDS["support"].decide(poor, japan) if one.metal == "dysprosium-terbium"]


def test_a_reserve_of_a_day_is_not_bought(known: Known) -> None:
    kind, row = KINDS["stockpile"], known.seats.row("DEU")
    rich = kind.decide(replace(known, budget=np.full_like(known.budget, 1e12)), row)
    assert rich
    most = min(one.usd / max(one.size, 1.0) for one in rich)
    poor = replace(known, budget=np.full_like(known.budget, 0.9 * known.temper["release_least"] * most))
    assert not kind.decide(poor, row)


def test_a_reserve_that_is_being_filled_is_not_paid_for_again(known: Known) -> None:
    """A month of use is wanted already and nothing of it is there: what is added costs what comes on top, and no more."""
    mine = copy.deepcopy(known)
    mine.books.reserve_target = np.ones(mine.books.reserve_target.shape)
    mine.reserve_days = np.zeros(mine.reserve_days.shape)
    row, budget = mine.seats.row("DEU"), 1e12
    mine.budget = np.full_like(mine.budget, budget)
    built = KINDS["stockpile"].decide(mine, row)
    assert built
    for one in built:
        metal = mine.metals.index(one.metal)
        use = mine.figures.supply[REFINED, row, metal] * mine.usd[metal] * mine.figures.price[row, metal]
        assert one.usd == pytest.approx((one.size - 365.0 / 12.0) / 365.0 * use, rel=1e-2)
    mine.budget = np.full_like(mine.budget, 0.5 * min(one.usd for one in built))
    KINDS["stockpile"].decide(mine, row)
    assert mine.budget[row] >= -1e-6


def test_recyclers_at_home_are_paid_where_one_country_sells_too_much(known: Known) -> None:
    kind = KINDS["support"]
    rich = replace(known, budget=np.full_like(known.budget, 1e12))
    paid = [
        (row, one) for row in range(len(known.seats.names)) for one in kind.decide(rich, row) if one.form == "recycled"
    ]
    assert paid
    for row, one in paid:
        metal = known.metals.index(one.metal)
        assert known.recyclers[row, metal]
        assert known.books.largest[REFINED, row, metal] >= known.temper["support_threshold"]
        assert (one.instrument, one.target) == ("domestic_share", known.seats.names[row])
        assert "supports recyclers at home" in one.reason


def test_paid_recyclers_recover_more(tables: Tables) -> None:
    """Japan's cobalt, forced, beside the same world without; the state pays for what is recovered."""
    settings = SETTINGS.model_copy(update={"metals": ["cobalt"], "end": "2031-12"})
    start = build(tables, settings, [])
    forced = {"month": "2025-07", "who": "JPN", "kind": "support", "metal": "cobalt", "form": "recycled", "size": 1.0}

    def recovered(told: list[dict[str, object]]) -> float:
        world = start.twin(())
        settings = GovernmentSettings.model_validate({"mode": "on", "who": ["NOR"], "kinds": ["side"], "forced": told})
        world.let_decide(Governments(tables, settings, world))
        while world.t < 84:
            world.step()
        here = world.recyclers.country == world.layout.country_index["JPN"]
        return float(world.recyclers.recovered[here].sum())

    assert recovered([forced]) > 1.02 * recovered([])


def test_mines_of_friends_are_paid_too(known: Known) -> None:
    """Whoever buys its ore of one country pays for the mines of friends, and not for those of that country."""
    kind, germany = KINDS["support"], known.seats.row("EU27")
    metal = known.metals.index("dysprosium-terbium")
    rich = replace(known, budget=np.full_like(known.budget, 1e12))
    forced = Forced(month="2026-01", who="EU27", kind="support", metal="dysprosium-terbium", form="feed")
    (taken,) = kind.forced(rich, germany, forced)
    assert taken.measure is not None
    assert getattr(taken.measure, "stage") == "mine"  # noqa: B009
    friends = [known.seats.row(name) for name in taken.target.split(", ")]
    assert all(
        known.friends[germany, row] and known.figures.output[FORMS.index("feed"), row, metal] > 0.0 for row in friends
    )
    assert known.seats.row("CHN") not in friends


def test_only_support_is_for_what_is_recycled() -> None:
    with pytest.raises(ValidationError, match="for support alone"):
        Forced(month="2026-01", who="JPN", kind="restrict", metal="cobalt", form="recycled")


def test_the_mines_of_friends_get_what_they_are_promised(tables: Tables) -> None:
    help_ = FriendShoring(
        actor="JPN",
        metals=["cobalt"],
        friends=["AUS"],
        shift=0.0,
        support=0.4,
        stage="mine",
        start="2025-01",
        permanent=True,
    )
    world = build(tables, SETTINGS.model_copy(update={"metals": ["cobalt"]}), [help_]).twin((help_,))
    world.step()
    paid = world.now.effects.levers["mine_support"]
    australia = world.miners.country == world.layout.country_index["AUS"]
    assert australia.any()
    assert paid[australia].min() == pytest.approx(0.4)
    assert paid[world.miners.country == world.layout.country_index["COD"]].max() == 0.0
    assert "refinery_support" not in world.now.effects.levers

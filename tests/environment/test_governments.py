"""Governments: what they know, what they decide, what follows, and that nobody notices them where they are off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.governments.governments import Governments
from lodeflow.environment.governments.kinds import KINDS
from lodeflow.environment.governments.office import FORMS
from lodeflow.environment.governments.settings import GovernmentSettings
from lodeflow.environment.shocks.kinds import ExportBan, ExportLicence, Shock
from tests.environment.helpers import different

SETTINGS = WorldSettings(start="2025-01", end="2029-12", metals=["dysprosium-terbium"])
BAN = ExportBan(
    actor="CHN", metals=["dysprosium-terbium"], form="refined", partners=["JPN", "USA"], start="2026-02", strength=0.8
)
EAGER = {
    "stockpile_base": 20.0,
    "support_base": 20.0,
    "restrict_base": -20.0,
    "retaliate_base": -20.0,
    "side_base": -20.0,
}
"""Tempers with which what is asked for is done at once, and nobody restricts by himself."""


HIT_ALL = BAN.model_copy(update={"partners": [], "start": "2025-10"})
READY = {"tariff_base": 20.0}


@pytest.fixture(scope="module")
def taxing(tables: Tables) -> World:
    """A year and a half of two metals, in which importers answer China's ban on one of them with tariffs as soon as they may."""
    two = SETTINGS.model_copy(update={"metals": ["dysprosium-terbium", "germanium"], "end": "2028-12"})
    return ran(deciding(build(tables, two, [HIT_ALL]), tables, (HIT_ALL,), kinds=["tariff"], temper=READY), 18)


@pytest.fixture(scope="module")
def start(tables: Tables) -> World:
    """A world of one metal before its first month; tests take twins."""
    return build(tables, SETTINGS, [BAN])


def deciding(start: World, tables: Tables, shocks: tuple[Shock, ...] = (BAN,), **settings: object) -> World:
    """A twin in which governments decide."""
    world = start.twin(shocks)
    return world.let_decide(Governments(tables, GovernmentSettings.model_validate({"mode": "on"} | settings), world))


def ran(world: World, months: int) -> World:
    for _ in range(months):
        world.step()
    return world


def rows(world: World) -> list[dict[str, object]]:
    return [decision.row() for decision in world.decisions]


@pytest.fixture(scope="module")
def busy(start: World, tables: Tables) -> World:
    """Four years in which governments decide as they do by themselves."""
    return ran(deciding(start, tables, temper={"restrict_base": -4.0, "retaliate_base": -1.0}), 48)


# ---- on and off, and the same seed --------------------------------------------------------------------------------------------
def test_governments_that_may_decide_nothing_change_no_bit(start: World, tables: Tables) -> None:
    plain = ran(start.twin((BAN,)), 24)
    silent = ran(deciding(start, tables, who=["NOR"], kinds=["restrict"]), 24)
    assert silent.decisions == []
    assert different(plain, silent) == []


def test_the_same_seed_gives_the_same_decisions(start: World, tables: Tables, busy: World) -> None:
    again = ran(deciding(start, tables, temper={"restrict_base": -4.0, "retaliate_base": -1.0}), 48)
    assert rows(again) == rows(busy)
    assert len(busy.decisions) > 3


def test_pending_says_what_will_be_decided_and_changes_nothing(start: World, tables: Tables) -> None:
    world = deciding(start, tables, temper=EAGER)
    assert world.governments is not None
    said = world.governments.pending(world)
    assert said
    assert world.governments.pending(world) == said
    before = len(world.decisions)
    world.step()
    assert world.decisions[before:] == said


# ---- what they know ------------------------------------------------------------------------------------------------------------
def test_nothing_is_decided_from_private_stocks_or_the_future(start: World, tables: Tables) -> None:
    """Hide the future and the private stocks: what is decided now stays as it is."""
    world = ran(deciding(start, tables, temper=EAGER | {"restrict_base": -3.0}), 15)
    assert world.governments is not None
    said = world.governments.pending(world)
    assert said
    for agents in (world.miners, world.refiners, world.secondary, world.inputs):
        agents.stock = agents.stock * 0.1
    world.desks.stock, world.desks.normal_stock = world.desks.stock * 7.0, world.desks.normal_stock * 3.0
    world.refiners.feed_stock = world.refiners.feed_stock * 5.0
    world.blueprint = replace(world.blueprint, demand=world.blueprint.demand * 3.0)
    secret = ExportLicence(actor="AUS", metals=["dysprosium-terbium"], announce="2028-01", start="2028-02")
    world.shocks = (*world.shocks, secret)
    assert world.governments.pending(world) == said


def test_published_figures_come_late(start: World, tables: Tables) -> None:
    world = deciding(start, tables, kinds=["restrict"])
    assert world.governments is not None
    office = world.governments.office
    before = office.output(2)
    ran(world, 7)  # two quarters of the run are over and counted, none of them is published
    late, soon = office.output(2), office.output(0)
    assert before is not None
    assert late is not None
    assert soon is not None
    np.testing.assert_allclose(late, before)
    assert np.abs(soon - before).max() > 0.0


# ---- what they decide ----------------------------------------------------------------------------------------------------------
def test_only_who_has_leverage_restricts(busy: World) -> None:
    restricting = [decision for decision in busy.decisions if decision.kind in ("restrict", "retaliate")]
    assert restricting
    assert busy.governments is not None
    least = busy.governments.temper["least_share"]
    shares = {d.who: busy.governments.books.share[:, busy.governments.seats.row(d.who)].max() for d in restricting}
    assert min(shares.values()) > 0.5 * least  # shares have moved since


def test_a_reserve_lowers_the_peak(start: World, tables: Tables) -> None:
    japan = start.layout.country_index["JPN"]

    def peak(**settings: object) -> float:
        world = deciding(start, tables, who=["JPN"], **settings)
        rows_ = world.desks.country == japan
        prices = []
        while world.t < 36:
            world.step()
            prices.append(float(world.desks.price[rows_].max()))
        return max(prices)

    forced = [{"month": "2025-04", "who": "JPN", "kind": "stockpile", "metal": "dysprosium-terbium", "size": 120.0}]
    held = peak(kinds=["stockpile"], forced=forced, temper={"fill_months": 6.0})
    assert held < 0.97 * peak(kinds=["lift"])


def test_support_raises_capacity_outside(start: World, tables: Tables) -> None:
    def outside(**settings: object) -> float:
        world = ran(deciding(start, tables, who=["JPN"], **settings), 60)
        return float(world.refiners.capacity[world.refiners.country != world.layout.country_index["CHN"]].sum())

    forced = [{"month": "2025-04", "who": "JPN", "kind": "support", "metal": "dysprosium-terbium", "size": 1.0}]
    assert outside(kinds=["support"], forced=forced) > 1.05 * outside(kinds=["lift"])


def test_who_is_hit_answers_in_what_the_other_relies_on(start: World, tables: Tables) -> None:
    hit = ExportBan(actor="USA", metals=["dysprosium-terbium"], form="feed", partners=["CHN"], start="2025-10")
    temper = {"retaliate_base": 20.0, "retaliate_harm": 0.0, "retaliate_least": 0.01, "least_use": 0.005}
    for less in (
        {"retaliate_least": 0.1},
        {"least_use": 0.03},
    ):  # it hurts too little, and who is answered uses too little
        assert not ran(deciding(start, tables, (hit,), kinds=["retaliate"], temper=temper | less), 24).decisions
    world = ran(deciding(start, tables, (hit,), kinds=["retaliate"], temper=temper), 24)
    answers = [decision for decision in world.decisions if decision.who == "CHN"]
    assert answers
    assert answers[0].target == "USA"
    assert answers[0].form == "refined"
    assert world.shocks[-1].acting_place == "CHN"  # it is in force


def test_who_uses_next_to_none_of_a_metal_is_not_hurt_and_does_not_answer(start: World, tables: Tables) -> None:
    world = ran(deciding(start, tables, (HIT_ALL,), kinds=["lift"]), 12)
    assert world.governments is not None
    known = world.governments.know(world)
    assert known is not None
    hit, china = known.harms(known.public[0]), known.seats.row("CHN")
    used = known.figures.supply[FORMS.index("refined"), :, 0]
    bought = used * (known.seats.union == np.arange(len(used)))
    little = (used > 0.0) & (used < 0.9 * known.temper["least_use"] * bought.sum())
    all_from_there = little & (known.figures.depends[FORMS.index("refined"), :, china, 0] > 0.5)
    assert all_from_there.any()
    assert hit[all_from_there].max() == 0.0
    assert (
        hit[known.seats.row("JPN")]
        > 0.5 * HIT_ALL.strength * known.figures.depends[1, known.seats.row("JPN"), china, 0]
    )
    assert not known.harmed[all_from_there].any()


def test_who_buys_and_makes_a_metal_taxes_the_imports_of_who_hit_it(taxing: World) -> None:
    answers = {one.who: one for one in taxing.decisions if one.kind == "tariff"}
    assert answers
    assert taxing.governments is not None
    figures, seats, temper = (
        taxing.governments.know(taxing).figures,
        taxing.governments.seats,
        taxing.governments.temper,
    )
    china = seats.row("CHN")
    for who, one in answers.items():
        assert (one.target, one.instrument, one.unit) == ("CHN", "import_tariff", "share of the price")
        assert 0.15 <= one.size <= 0.5
        metal = taxing.layout.metal_index[one.metal]
        form, row = FORMS.index(one.form), seats.row(who)
        assert figures.depends[form, row, china, metal] >= 0.8 * temper["tariff_least"]
        made = figures.output[form, row, metal] / figures.supply[form, row, metal]
        assert made >= 0.8 * temper["tariff_least_industry"]
        assert (one.metal, one.form) != ("dysprosium-terbium", "refined"), "what is held back is dear already"


def test_who_does_not_depend_or_has_no_industry_puts_no_tariff(start: World, tables: Tables, taxing: World) -> None:
    hit = {one.who for one in taxing.decisions if one.kind == "tariff"}
    for temper in ({"tariff_least": 1.0}, {"tariff_least_industry": 1.0}):
        world = ran(deciding(taxing.twin((HIT_ALL,)), tables, (HIT_ALL,), kinds=["tariff"], temper=READY | temper), 20)
        assert not [one for one in world.decisions if one.who in hit]


def test_a_tariff_ends_when_who_pays_it_restricts_nothing_any_more(tables: Tables, taxing: World) -> None:
    short = HIT_ALL.model_copy(update={"end": "2026-03"})
    world = ran(deciding(taxing.twin((short,)), tables, (short,), kinds=["tariff", "lift"], temper=READY), 30)
    put = [one for one in world.decisions if one.kind == "tariff"]
    ended = [one for one in world.decisions if one.kind == "lift" and one.instrument == "import_tariff"]
    assert put
    assert {one.who for one in ended} == {one.who for one in put}
    assert all("restricts nothing to it any more" in one.reason for one in ended)


def test_a_tariff_may_be_forbidden_or_forced_and_is_paid_at_the_border(tables: Tables, taxing: World) -> None:
    who = next(one for one in taxing.decisions if one.kind == "tariff")
    vetoes = [{"who": who.who, "kind": "tariff"}]
    world = ran(
        deciding(taxing.twin((HIT_ALL,)), tables, (HIT_ALL,), kinds=["tariff"], temper=READY, vetoes=vetoes), 12
    )
    assert {one.status for one in world.decisions if one.who == who.who} == {"vetoed"}
    assert not [shock for shock in world.shocks if shock.acting_place == who.who]
    forced = [{"month": "2025-04", "who": who.who, "kind": "tariff", "metal": who.metal, "form": who.form, "size": 0.3}]
    world = ran(deciding(taxing.twin(()), tables, (), who=["NOR"], kinds=["tariff"], forced=forced), 14)
    assert [(one.status, one.size, one.target) for one in world.decisions] == [("forced", 0.3, "all")]
    assert world.now.effects.duty[who.form].max() == pytest.approx(0.3)


def test_an_answer_is_not_answered_for_ever(tables: Tables) -> None:
    two = SETTINGS.model_copy(update={"metals": ["dysprosium-terbium", "gallium"], "end": "2028-12"})
    small = dict.fromkeys(("least_share", "least_use", "retaliate_least", "retaliate_loss"), 0.01)
    temper = {"retaliate_base": 50.0} | small
    world = ran(deciding(build(tables, two, [BAN]), tables, kinds=["retaliate"], temper=temper), 30)
    answered = [(decision.who, decision.answers) for decision in world.decisions]
    assert len(answered) == len(set(answered)) > 1


def test_a_warning_makes_a_reserve_likelier_and_is_heard_only_by_who_listens(tables: Tables) -> None:
    start = build(tables, SETTINGS.model_copy(update={"metals": ["dysprosium-terbium", "nickel"], "end": "2025-12"}))
    temper = {"stockpile_base": -20.0, "stockpile_warning": 40.0}
    built = {}
    for trigger in ("price", "warning"):
        world = deciding(start, tables, (), kinds=["stockpile"], temper=temper, trigger=trigger)
        world.quotes[-1] = 3.0
        built[trigger] = [one.reason for one in ran(world, 2).decisions]
    assert built["price"] == []
    assert built["warning"]
    assert all("the early warning is on" in reason for reason in built["warning"])


# ---- doors ----------------------------------------------------------------------------------------------------------------------
def test_a_veto_keeps_a_decision_from_coming_into_force(start: World, tables: Tables) -> None:
    forced = [{"month": "2025-04", "who": "JPN", "kind": "stockpile", "metal": "dysprosium-terbium", "size": 60.0}]
    world = deciding(start, tables, kinds=["support"], temper=EAGER)
    assert world.governments is not None
    world.governments.veto("JPN", "support")
    ran(world, 7)
    vetoed = [decision for decision in world.decisions if decision.who == "JPN"]
    assert vetoed
    assert {decision.status for decision in vetoed} == {"vetoed"}
    assert not [shock for shock in world.shocks if shock.acting_place == "JPN"]
    world = ran(deciding(start, tables, kinds=["lift"], forced=forced), 4)
    assert [(decision.who, decision.status) for decision in world.decisions] == [("JPN", "forced")]


def test_a_withdrawn_announcement_costs_credibility(start: World, tables: Tables) -> None:
    temper = {"bluff": 1.0, "restrict_base": 20.0, "restrict_market_economy": 50.0}
    world = deciding(start, tables, kinds=["restrict", "lift"], temper=temper)
    assert world.governments is not None
    for one in world.governments.classes:
        one.update(notice_low=4, notice_high=6)
    ran(world, 60)
    books = world.governments.books
    broken = books.broken > 0
    assert broken.any()
    assert books.credibility[broken].max() < books.credibility[~broken & (books.kept > 0)].min(initial=1.0)
    late = [shock for shock in world.shocks if shock.acting_place == books.ids[int(np.argmax(books.broken))]]
    assert min(getattr(shock, "credibility", 1.0) or 1.0 for shock in late) < 0.6


def test_a_fork_goes_on_as_the_world_does(start: World, tables: Tables) -> None:
    world = ran(deciding(start, tables, temper=EAGER), 20)
    other = world.fork((BAN,), decide=True)
    assert rows(ran(other, 10)) == rows(ran(world, 10))
    assert different(world, other) == []


def test_a_fork_keeps_the_noise_of_a_licence_that_was_ended(start: World, tables: Tables) -> None:
    temper = {"restrict_base": 20.0, "restrict_market_economy": 50.0, "lift_base": 2.0}
    world = ran(deciding(start, tables, kinds=["restrict", "lift"], temper=temper), 40)
    licences = [n for n, shock in enumerate(world.shocks) if shock.kind == "export_licence"]
    assert [n for n in licences if world.shocks[n].extensions], "one was ended"
    other = world.fork((BAN,), decide=True)
    assert np.array_equal(other.draws["licence"][:, licences], world.draws["licence"][:, licences])
    assert different(ran(world, 8), ran(other, 8)) == []


def test_the_union_speaks_for_its_members_in_trade_and_they_keep_their_stocks(start: World, tables: Tables) -> None:
    world = deciding(start, tables)
    assert world.governments is not None
    seats = world.governments.seats
    union, member = seats.row("EU27"), seats.row("DEU")
    assert seats.union[member] == union
    assert not seats.trades[member].any()
    assert seats.trades[union, world.layout.country_index["DEU"]]
    assert {kind for kind in KINDS if seats.may(member, kind)} == {"stockpile"}
    assert {kind for kind in KINDS if not seats.may(union, kind)} == {"stockpile"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"who": ["XXX"]}, "no government 'XXX'"),
        ({"kinds": ["restrain"]}, "no kind of decision 'restrain'"),
        ({"temper": {"restrict_bas": 1.0}}, "no such temper"),
        ({"vetoes": [{"who": "CHN", "metal": "gold"}]}, "no metal 'gold'"),
    ],
)
def test_what_is_not_there_is_refused(start: World, tables: Tables, settings: dict[str, object], said: str) -> None:
    with pytest.raises(DataError, match=said):
        deciding(start, tables, **settings)

"""A preview is what firing the measure would give, leaves the world as it was, and can be called off."""

import threading
import time

import numpy as np
import pytest

from lodeflow.data.problems import DataError
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.beside import preview
from lodeflow.viz.app.beside.mailbox import Mailbox
from lodeflow.viz.app.beside.preview import Trial
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import LANGUAGES, Texts
from lodeflow.viz.app.world import worlds
from lodeflow.viz.app.world.player import Player
from lodeflow.viz.app.world.session import Session

WORLD = ['world.metals=["cobalt"]', "world.end=2025-12"]
BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed", "start": "2024-04"}
PRICE = ("price_outside", "cobalt", "refined")
SECONDS = 120


def session(tables, more=()):
    own = Session(tables, load_scenario("baseline", [*WORLD, *more], tables))
    own.step(3)
    return own


@pytest.fixture(scope="module")
def player(tables):
    own = Player(lambda: session(tables), lambda _: None)
    until(lambda: own.status.frame is not None)
    yield own
    own.close()
    own.join(SECONDS)
    worlds.forget()


def until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def told(player):
    """Everything that a trial of the ban told."""
    found = []
    assert Trial(player, BAN, found.append, still=0.0).join(SECONDS)
    return found


def test_a_preview_is_what_firing_gives(player, told, tables):
    last = told[-1]
    assert [one.state for one in told[:-1]] == ["running"] * (len(told) - 1)
    assert last.state == "done"
    fired = session(tables)
    fired.fire(BAN)
    fired.step(last.ahead[0].t - 3)
    assert last.ahead[0].t == 24
    frame = fired.frame()
    assert np.array_equal(last.ahead[0].line(*PRICE), frame.live.line(*PRICE))
    assert np.array_equal(last.ahead[1].line(*PRICE), frame.base.line(*PRICE))
    assert player.status.frame.t == 3
    assert player.status.frame.scenario.shocks == []


def test_a_ban_is_dear_in_the_preview(told, tables):
    effect = preview.effect_of(told[-1], "cobalt")
    assert effect.ratio[:3] == pytest.approx(1.0)
    assert effect.ratio.max() > 1.2
    assert preview.extra_paid(effect) > 0
    later = slice(3, None)
    price, use = (
        [series[name, "cobalt", "WLD"][later] for series in (effect.shock, effect.baseline)]
        for name in ("price", "use")
    )
    assert preview.extra_paid(effect) == pytest.approx(float(((price[0] - price[1]) * use[0]).sum()))
    assert preview.hit(told[-1], effect)[0].share > 0.01
    drawn = preview.chart(told[-1], "cobalt", Texts("en", tables))
    with_it, without = drawn.lines[1].values, drawn.lines[0].values
    assert without[2] == 1.0
    assert with_it[-1] > without[-1]
    assert preview.effect_of(told[-1], "nickel") is None


def test_stronger_measures_do_more(player, tables):
    peaks = []
    for strength in (0.3, 0.9):
        found = []
        outage = {"kind": "mine_outage", "actor": "COD", "metals": ["cobalt"], "strength": strength}
        assert Trial(player, outage, found.append, still=0.0).join(SECONDS)
        peaks.append(preview.effect_of(found[-1], "cobalt").ratio.max())
    assert 1.0 < peaks[0] < peaks[1]


def test_what_a_policy_costs_by_its_own_rules_is_told(player, tables):
    found = []
    aid = {"kind": "stock_purchase", "actor": "USA", "metals": ["cobalt"], "tonnes": 3000.0, "end": "2024-12"}
    assert Trial(player, aid, found.append, still=0.0).join(SECONDS)
    assert found[-1].state == "done"
    assert all(paid > 0 for paid in found[-1].cost.values())


def test_what_is_wrong_is_said_and_nothing_changes(player):
    found = []
    assert Trial(player, BAN | {"actor": "XXX"}, found.append, still=0.0).join(SECONDS)
    assert [one.state for one in found] == ["failed"]
    assert any("XXX" in line for line in found[0].problems)


def test_a_trial_that_is_called_off_tells_nothing(player):
    found = []
    early = Trial(player, BAN, found.append, still=60.0)
    early.cancel()
    assert early.join(5)
    running = Trial(player, BAN, found.append, still=0.0)
    running.cancel()
    assert running.join(SECONDS)
    assert found == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_cost_and_effect_read_well(told, tables, language):
    rows = preview.rows(told[-1], "cobalt", Texts(language, tables))
    assert len(rows) >= 6
    assert not any("nan" in text for row in rows for text in row)


def test_a_world_that_must_be_drawn_up_anew_is(tables):
    """Finland is no country of its own in this world until a measure names it."""
    own = session(tables)
    ban = BAN | {"actor": "ZMB"}
    branch = own.branch(ban)
    own.fire(ban)
    own.step(6)
    branch.tracks[0].step_to(9)
    key = ("price", "cobalt", "refined")
    assert np.array_equal(branch.tracks[0].view(9).line(*key), own.frame().live.line(*key))
    assert limits.current().previews > 0


def test_governments_go_on_deciding_in_a_preview(tables):
    own = session(tables, ['governments.mode="on"'])
    branch = own.branch(BAN)
    own.fire(BAN)
    own.step(9)
    branch.tracks[0].step_to(12)
    assert len(branch.tracks[0].world.decisions) == len(own.live.world.decisions)
    assert np.array_equal(branch.tracks[0].view(12).line(*PRICE), own.frame().live.line(*PRICE))


def test_news_are_brought_by_the_thread_of_the_frames_until_nobody_wants_them(player):
    """Two threads that draw one page at once mix up what is on it."""
    threads, found = [], []
    box = Mailbox(player, lambda news: (threads.append(threading.current_thread().name), found.append(news)))
    box(1)
    box(2)
    until(lambda: len(found) == 2)
    assert found == [1, 2]
    assert set(threads) == {"lodeflow-player"}
    box.close()
    box(3)
    done = threading.Event()
    player.ask(lambda _: done.set())
    assert done.wait(SECONDS)
    assert found == [1, 2]


# ---- assumptions ------------------------------------------------------------------------------------------------------
def test_assumptions_are_of_the_scenario_and_can_be_taken_back(tables):
    own = session(tables)
    own.fire(BAN)
    own.step(6)
    usual = own.frame()
    own.assume({"noise": 0.5}, {"eta.cobalt": 0.8})
    other = own.frame()
    assert other.t == usual.t
    assert other.scenario.parameters == {"eta.cobalt": 0.8}
    assert other.scenario.world.noise == 0.5
    assert other.scenario.shocks == usual.scenario.shocks
    assert other.live.line(*PRICE)[-1] < usual.live.line(*PRICE)[-1]  # a larger eta answers scarcity less
    own.fire({"kind": "mine_outage", "actor": "COD", "metals": ["cobalt"], "strength": 0.1})
    assert own.scenario.parameters == {"eta.cobalt": 0.8}
    own.undo()
    own.undo()
    assert own.scenario == usual.scenario
    own.fire({"kind": "mine_outage", "actor": "COD", "metals": ["cobalt"], "strength": 0.1})
    assert own.scenario.parameters == {}
    own.assume({}, {"eta.cobalt": 0.8})
    own.assume({}, {"eta.cobalt": None})
    assert own.scenario.parameters == {}


def test_a_wrong_assumption_changes_nothing(tables):
    own = session(tables)
    before = own.scenario
    with pytest.raises(DataError, match="NOPE"):
        own.assume({"demand": "NOPE"}, {})
    assert own.scenario is before
    assert not own.can_undo

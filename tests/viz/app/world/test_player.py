"""The thread that plays a world: back-pressure, wishes, failures, and an end that leaves nothing behind."""

import gc
import threading
import time
import weakref

import pytest

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.world import player as module
from lodeflow.viz.app.world.player import Player
from lodeflow.viz.app.world.session import Session

WORLD = ['world.metals=["cobalt"]', "world.end=2025-12"]
SECONDS = 20


class Page:
    """Stands in for the page: keeps every status and says at once that frames are drawn."""

    def __init__(self, tables, draws=True):
        self.statuses, self.draws, self.made = [], draws, threading.Event()
        self.player = Player(lambda: Session(tables, load_scenario("baseline", WORLD, tables)), self.publish)
        self.made.set()

    def publish(self, status):
        self.statuses.append(status)
        if self.draws and status.frame is not None:
            self.made.wait()  # the first frame may be there before the player has its name
            self.player.drawn(status.frame.number)

    @property
    def status(self):
        return self.statuses[-1]

    def wait(self, condition):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if self.statuses and condition(self.status):
                return self.status
            time.sleep(0.005)
        raise AssertionError(f"never happened; last: {self.status}")


@pytest.fixture
def page(tables):
    page = Page(tables)
    yield page
    page.player.close()
    assert page.player.join(SECONDS)


def test_it_plays_to_the_end_and_stops(page):
    page.wait(lambda s: s.frame is not None and not s.busy)
    page.player.set_speed(24)
    page.player.play()
    page.wait(lambda s: s.playing)
    end = page.wait(lambda s: s.frame.over)
    assert not page.wait(lambda s: not s.playing).playing
    assert end.frame.t == 24
    shown = [s.frame.t for s in page.statuses if s.frame is not None]
    assert shown == sorted(shown)


def test_no_month_goes_by_before_the_last_one_is_drawn(tables, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    page = Page(tables, draws=False)
    frame = page.wait(lambda s: s.frame is not None).frame
    page.player.play()
    page.wait(lambda s: s.playing)
    time.sleep(0.4)
    assert page.status.frame.t == 0
    page.player.drawn(frame.number)
    second = page.wait(lambda s: s.frame.t == 1).frame
    time.sleep(0.4)
    assert page.status.frame.number == second.number
    page.player.close()
    assert page.player.join(SECONDS)


def test_step_pauses(page):
    page.player.play()
    page.player.step()
    status = page.wait(lambda s: s.frame is not None and s.frame.t >= 1 and not s.busy)
    assert not status.playing


def test_problems_are_published_and_the_run_goes_on(page):
    def refuse(session):
        raise DataError(
            [Problem("desk", None, "strength", "is too large", "Use 0 to 1"), Problem("d", None, "", "a", "b")]
        )

    page.player.change(refuse)
    status = page.wait(lambda s: s.problems)
    assert status.problems == ("strength: is too large. Use 0 to 1.", "a. b.")
    page.player.step()
    assert page.wait(lambda s: s.frame.t == 1 and not s.busy).problems == ()


@pytest.mark.parametrize(("error", "key"), [(ZeroDivisionError, "failure.numbers"), (KeyError, "failure.unexpected")])
def test_a_failure_is_told_by_key_and_never_by_traceback(page, error, key):
    def fail(session):
        raise error("deep inside")

    page.player.change(fail)
    assert page.wait(lambda s: s.failure).failure == key
    assert not page.status.playing
    assert all("deep inside" not in text for s in page.statuses for text in (*s.problems, s.failure))
    page.player.step()
    assert page.wait(lambda s: s.frame.t == 1 and not s.busy).failure == ""


def test_a_world_that_cannot_be_built_is_told(tables):
    statuses = []

    def fail():
        raise OSError("no such table")

    player = Player(fail, statuses.append)
    assert player.join(SECONDS)
    assert statuses[-1].failure == "failure.build"


def test_closing_ends_the_thread_and_lets_the_world_go(tables):
    before = threading.active_count()
    pages = [Page(tables) for _ in range(3)]
    worlds = []
    for page in pages:
        frame = page.wait(lambda s: s.frame is not None).frame
        worlds.append(weakref.ref(frame.live.world))
        page.player.play()
        del frame
    for page in pages:
        page.player.close()
        assert page.player.join(SECONDS)
        page.statuses.clear()
    del page, pages
    gc.collect()
    assert threading.active_count() == before
    assert [world() for world in worlds] == [None] * 3

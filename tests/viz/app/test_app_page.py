"""The page without a browser: its buttons, forms and tabs act on the visitor's own world; nothing is left behind."""

import base64
import dataclasses
import gc
import logging
import os
import threading
import time
import warnings
from pathlib import Path

import ipyvuetify as v
import ipywidgets
import pytest
import solara

from lodeflow.data.problems import DataError
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.environment.world import World
from lodeflow.viz.app import page
from lodeflow.viz.app.batch import job_view
from lodeflow.viz.app.batch.jobs import Progress
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.desk import scenario_view
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.world import board, map_view, worlds
from lodeflow.viz.app.world import world_view as view

SECONDS = 60


@pytest.fixture(scope="module", autouse=True)
def _forget_worlds():
    yield
    worlds.forget()


def _walk(widget):
    """A widget and everything in it."""
    yield widget
    slots = [slot["children"] for slot in getattr(widget, "v_slots", ()) or ()]
    for child in (*(getattr(widget, "children", ()) or ()), *slots):
        for one in child if isinstance(child, list) else [child]:
            if isinstance(one, ipywidgets.Widget):
                yield from _walk(one)


class Visitor:
    """A page that is rendered, with what a test wants of it."""

    def __init__(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.box, self.rc = solara.render(page.Page(), handle_error=False)

    def close(self):
        self.rc.close()

    def widgets(self):
        return list(_walk(self.box))

    def all(self, kind):
        return [widget for widget in self.widgets() if isinstance(widget, kind)]

    def texts(self):
        return [child for widget in self.all(v.Html) for child in widget.children if isinstance(child, str)]

    def button(self, name):
        return next(b for b in self.all(v.Btn) if name in (b.class_ or "").split() or name in b.children)

    def click(self, name):
        self.button(name).click()

    def pulse(self):
        return next(w for w in self.widgets() if hasattr(w, "number") and hasattr(w, "t"))

    def boards(self):
        return [w for w in self.widgets() if hasattr(w, "charts")]

    def wait(self, condition):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                found = condition(self)
            except (StopIteration, IndexError, AttributeError):
                found = None
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError("never happened: " + "; ".join(self.texts())[:400])


@pytest.fixture
def visitor():
    one = Visitor()
    one.wait(lambda s: s.pulse())
    yield one
    one.close()


def test_a_visitor_steps_fires_and_takes_back(visitor):
    visitor.click("lf-step")
    visitor.wait(lambda s: s.pulse().t == 1)
    visitor.click("lf-fire")
    visitor.wait(lambda s: any("in force" in t or "Jan 2024" in t or "Feb 2024 to" in t for t in s.texts()))
    visitor.click("lf-step")
    visitor.wait(lambda s: s.pulse().t == 2)
    visitor.wait(lambda s: any("DR Congo: export ban (cobalt)" in t for t in s.texts()))
    assert any("outside DR Congo" in board.charts for board in visitor.boards())
    visitor.click("lf-undo")
    visitor.wait(lambda s: s.pulse().t == 1 and "Nothing yet." in s.texts())
    visitor.click("lf-reset")
    visitor.wait(lambda s: s.pulse().t == 0)


def test_a_measure_is_changed_taken_out_taken_back_and_done_again(visitor):
    visitor.click("lf-step")
    visitor.wait(lambda s: s.pulse().t == 1)
    visitor.click("lf-fire")
    visitor.wait(lambda s: s.button("lf-edit"))
    visitor.click("lf-edit")
    visitor.wait(lambda s: s.button("Change it"))
    visitor.wait(lambda s: next(w for w in s.all(v.Autocomplete) if w.label == "Start").v_model == "2024-02")
    duration = next(w for w in visitor.all(v.TextField) if w.label == "Duration (months)")
    duration.v_model = "3"
    visitor.wait(lambda s: next(w for w in s.all(v.TextField) if w.label == "Duration (months)").v_model == 3)
    visitor.click("Change it")
    visitor.wait(lambda s: s.button("Schedule"))
    visitor.wait(lambda s: any("Apr 2024" in t for t in s.texts()))
    visitor.click("lf-remove")
    visitor.wait(lambda s: "Nothing yet." in s.texts())
    visitor.click("lf-undo")
    visitor.wait(lambda s: s.button("lf-remove"))
    visitor.click("lf-redo")
    visitor.wait(lambda s: "Nothing yet." in s.texts())
    assert not any("Apr 2024" in text for text in visitor.texts())


def test_governments_are_switched_on_and_one_is_played(visitor):
    switch = next(w for w in visitor.all(v.Switch) if w.label == "They answer")
    switch.v_model = True
    visitor.wait(lambda s: "Decided so far, the latest first" in s.texts())
    you = next(w for w in visitor.all(v.Select) if w.label == "You play")
    assert [item["text"] for item in you.items][1:] == sorted(item["text"] for item in you.items[1:])
    you.v_model = "CHN"
    visitor.wait(lambda s: any(t.startswith("China decides nothing by itself") for t in s.texts()))
    visitor.click("lf-undo")
    visitor.click("lf-undo")
    visitor.wait(lambda s: "Decided so far, the latest first" not in s.texts())


def test_an_address_is_shown_and_written(visitor):
    address = next(w for w in visitor.widgets() if hasattr(w, "place") and hasattr(w, "moment"))
    address.vue_went("scenario=red-sea-2024&month=2&metal=nickel&lang=zh&tab=downloads")
    visitor.wait(lambda s: s.pulse().t == 2 and s.pulse().language == "zh")
    visitor.wait(lambda s: "metal=nickel" in address.place and "scenario=red-sea-2024" in address.place)
    assert "tab=downloads" in address.place
    assert address.moment == "month=2"
    address.vue_went("")
    visitor.wait(lambda s: s.pulse().t == 0 and s.pulse().language == "en" and address.place == "")
    address.vue_went("own=nonsense")
    visitor.wait(lambda s: any("does not hold a scenario" in t for t in s.texts()))


def test_keys_play_step_and_undo(visitor):
    visitor.pulse().vue_pressed("step")
    visitor.wait(lambda s: s.pulse().t == 1)
    visitor.pulse().vue_pressed("play")
    visitor.wait(lambda s: s.button("Pause"))
    visitor.pulse().vue_drawn(visitor.pulse().number)
    visitor.wait(lambda s: s.pulse().t >= 2)
    visitor.pulse().vue_pressed("play")
    visitor.wait(lambda s: s.button("Play"))
    shown = visitor.pulse().t
    visitor.pulse().vue_pressed("no such key")
    assert visitor.pulse().t == shown
    visitor.click("lf-fire")
    visitor.wait(lambda s: s.button("lf-remove"))
    visitor.pulse().vue_pressed("undo")
    visitor.wait(lambda s: "Nothing yet." in s.texts())


def test_mistakes_on_the_desk_are_listed_and_nothing_is_fired(visitor):
    who = next(w for w in visitor.all(v.Autocomplete) if w.label == "Who")
    who.v_model = None
    visitor.click("lf-fire")
    visitor.wait(lambda s: any(t.startswith("actor:") for t in s.texts()))
    assert "Nothing yet." in visitor.texts()
    visitor.click("lf-understood")
    visitor.wait(lambda s: not any(t.startswith("actor:") for t in s.texts()))


def test_every_kind_can_be_chosen(visitor):
    for kind in sorted(REGISTRY):
        choice = visitor.wait(lambda s: next(w for w in s.all(v.Select) if w.label == "What happens"))
        choice.v_model = kind
        first = desk.fields_of(kind)[0]
        label = page.Texts("en", page.shipped_tables()).field(first.name)
        visitor.wait(lambda s, label=label: [w for w in s.all((v.Autocomplete, v.TextField)) if w.label == label])
        assert visitor.button("lf-fire")


def test_language_metal_and_tabs(visitor):
    visitor.click("中文")
    visitor.wait(lambda s: any("冲击与政策台" in t for t in s.texts()))
    visitor.click("镍")
    visitor.wait(lambda s: any("谁向谁供应镍" in t for t in s.texts()))
    tabs = visitor.all(v.Tabs)[0]
    for number, text in enumerate(("", "运行到底：有冲击与无冲击", "用抽取的输入多次运行", "所示内容的表格")):
        tabs.v_model = number
        visitor.wait(lambda s, text=text: not text or text in s.texts())
    assert visitor.pulse().language == "zh"


def test_a_country_shows_its_firms(visitor):
    visitor.click("lf-step")
    visitor.wait(lambda s: s.pulse().t == 1)
    network = next(w for w in visitor.widgets() if hasattr(w, "picture"))
    network.vue_pick("COD")
    visitor.wait(lambda s: "DR Congo: Cobalt" in s.texts())
    mine = visitor.wait(
        lambda s: next(b for b in s.all(v.Btn) if b.children and str(b.children[0]).startswith("Mine, cost"))
    )
    mine.click()
    visitor.wait(lambda s: any("firm-miners-output" in board.charts for board in s.boards()))
    assert not any("firm-refiners-output" in board.charts for board in visitor.boards()), (
        "the firm that was clicked alone"
    )


def test_two_fast_clicks_start_one_job(visitor, monkeypatch):
    started = []

    class Job:
        progress = Progress()

        def __init__(self, task, *_):
            started.append(task)

        def close(self):
            started.append("closed")

    monkeypatch.setattr(job_view, "Job", Job)
    visitor.all(v.Tabs)[0].v_model = 1
    button = visitor.wait(lambda s: s.button("lf-compare"))
    for _ in range(3):
        button.click()
    assert started == [["compare", "en"]]


def test_texts_of_a_scenario_are_never_read_as_html(visitor, tables):
    evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
    text = (
        f'name = "evil"\ntitle = \'{evil}\'\ndescription = \'{evil}\'\n[world]\nmetals = ["cobalt"]\nend = "2024-12"\n'
    )
    text += '[[shocks]]\nkind = "export_ban"\nactor = "COD"\nmetals = ["cobalt"]\nform = "feed"\nstart = "2024-03"\n'
    text += f"label = '{evil}'\n"
    door = next(w for w in visitor.widgets() if hasattr(w, "accept"))
    door.vue_given({"name": f"{evil}.toml", "size": len(text), "content": _sent(text)})
    visitor.wait(lambda s: evil in s.texts())
    for widget in visitor.widgets():
        assert evil not in str(getattr(widget, "template", ""))
        assert evil not in str(getattr(widget, "unsafe_innerHTML", ""))
    door.vue_given({"name": evil, "size": 9, "content": _sent("name = <b>")})
    visitor.wait(lambda s: any("is not valid TOML" in t for t in s.texts()))


def _sent(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ({"name": "big.toml", "size": 10**9, "content": ""}, "at most 200,000 bytes"),
        ({"name": "liar.toml", "size": 3, "content": "A" * 400_001}, "at most 200,000 bytes"),
        ({"name": "broken.toml", "size": 3, "content": "?"}, "did not arrive whole"),
        ({}, "the file is empty"),
    ],
)
def test_an_upload_is_bounded(tables, file, text):
    with pytest.raises(DataError, match=text):
        scenario_view._upload(file)(page.Session(tables))


def test_a_failure_of_the_page_is_a_plain_word(visitor, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("secret detail")

    with caplog.at_level(logging.ERROR, logger="lodeflow.viz.app.page"):
        monkeypatch.setattr(view.story, "tiles", fail)
        visitor.click("Nickel")
        visitor.wait(lambda s: any("Something went wrong on this page" in t for t in s.texts()))
        assert "secret detail" in caplog.text
    assert not any("secret detail" in t or "Traceback" in t for t in visitor.texts())
    monkeypatch.undo()
    visitor.click("Show the page again")
    visitor.wait(lambda s: any("Who delivers" in t for t in s.texts()))


def test_visitors_are_apart_and_the_server_says_when_it_is_full(monkeypatch):
    visitors = [Visitor() for _ in range(2)]
    for one in visitors:
        one.wait(lambda s: s.pulse())
    visitors[0].click("lf-fire")
    visitors[0].wait(lambda s: any("DR Congo: export ban (cobalt)" in t for t in s.texts()))
    assert "Nothing yet." in visitors[1].texts()
    monkeypatch.setattr(limits, "_current", dataclasses.replace(limits.Limits(), sessions=2))
    late = Visitor()
    late.wait(lambda s: any("All 2 places on this server are taken" in t for t in s.texts()))
    assert page.visitors() == 2
    for one in (*visitors, late):
        one.close()
    assert page.visitors() == 0


def test_a_place_is_counted_by_browser_and_not_by_tab(monkeypatch):
    monkeypatch.setattr(limits, "_current", dataclasses.replace(limits.Limits(), sessions=2, tabs=2))
    assert [page.enter(who) for who in ("one", "one", "one", "two", "three")] == [
        *("", "", "failure.tabs", "", "failure.full")
    ]
    assert page.visitors() == 2
    page.leave("one")
    assert page.enter("three") == "failure.full"
    page.leave("one")
    assert page.enter("three") == ""
    for who in ("two", "three"):
        page.leave(who)
    assert page.visitors() == 0


def test_one_tab_too_many_is_told(monkeypatch):
    monkeypatch.setattr(page, "visitor", lambda: "one browser")
    monkeypatch.setattr(limits, "_current", dataclasses.replace(limits.Limits(), tabs=1))
    tabs = [Visitor(), Visitor()]
    tabs[0].wait(lambda s: s.pulse())
    tabs[1].wait(lambda s: any("You have 1 tab of this page open" in t for t in s.texts()))
    assert page.visitors() == 1
    for one in tabs:
        one.close()
    assert page.visitors() == 0


def test_twenty_visitors_leave_no_thread_and_no_memory_behind():
    for _ in range(2):
        come_and_go(4)
    before = left_behind()
    for _ in range(5):
        come_and_go(4)
    after = left_behind((before[0], before[1], before[2] + ROOM))
    assert after[0] <= before[0], "threads"
    assert after[1] <= before[1], "worlds"
    assert after[2] < before[2] + ROOM, "memory"


def come_and_go(count):
    """Some visitors open the page, play, and close it."""
    visitors = [Visitor() for _ in range(count)]
    for one in visitors:
        one.wait(lambda s: s.pulse())
        one.click("lf-play")
    for one in visitors:
        one.close()
    solara.comm.orphan_comm_stacks.clear()  # what Solara keeps of widgets where there is no server


ROOM = 40e6
"""Bytes by which the memory of a process may differ from one reading to the next; twenty worlds would be far more."""


def left_behind(wanted=None):
    """Threads, worlds and memory (bytes) of this process, when they are down to `wanted`."""
    end = time.monotonic() + SECONDS
    while True:
        gc.collect()
        worlds_left = sum(isinstance(thing, World) for thing in gc.get_objects())
        pages_in_memory = int(Path("/proc/self/statm").read_text().split()[1])
        now = (threading.active_count(), worlds_left, pages_in_memory * os.sysconf("SC_PAGE_SIZE"))
        if wanted is None or all(a <= b for a, b in zip(now, wanted, strict=True)) or time.monotonic() > end:
            return now
        time.sleep(0.1)


def test_what_does_not_change_is_not_drawn_anew(visitor, monkeypatch):
    """Another speed is a change of the page, and none of the charts and the map: nothing of them is worked out again."""
    visitor.click("lf-step")
    visitor.wait(lambda s: s.pulse().t == 1)
    made = []
    whole, picture = board.charts_of, map_view.map_of
    monkeypatch.setattr(board, "charts_of", lambda *given: made.append("charts") or whole(*given))
    monkeypatch.setattr(map_view, "map_of", lambda *given: made.append("map") or picture(*given))
    speed = next(w for w in visitor.all(v.Select) if w.label == "Speed")
    speed.v_model = 12
    visitor.wait(lambda s: next(w for w in s.all(v.Select) if w.label == "Speed").v_model == 12)
    assert made == []
    visitor.click("lf-step")
    visitor.wait(lambda s: s.pulse().t == 2)
    assert set(made) == {"charts", "map"}

"""Governments of a visitor's world: they answer as in a run, what they decide can be forbidden, one may be played."""

import re

import ipyvuetify as v
import numpy as np
import pytest
import solara

from lodeflow.data.problems import DataError
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.desk import govern_view
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world import board, worlds
from lodeflow.viz.app.world.decided import AGAINST, RELEASE, marks, said, why
from lodeflow.viz.app.world.session import Session
from tests.viz.app.beside.test_assume import walk


@pytest.fixture(scope="module", autouse=True)
def _forget_worlds():
    yield
    worlds.forget()


def session(tables, more):
    return Session(tables, load_scenario("baseline", more, tables))


GOVERNED = ['world.metals=["cobalt", "gallium", "dysprosium-terbium"]', "world.end=2026-12"]


def test_governments_answer_and_what_is_shown_is_what_the_saved_scenario_gives(tables, tmp_path):
    mine = session(tables, GOVERNED)
    mine.step(3)
    mine.fire({"kind": "export_ban", "actor": "CHN", "metals": ["gallium"], "end": "2025-09"})
    mine.govern(mode="on")
    mine.step(24)
    shown = mine.frame()
    assert shown.council.decided
    path = tmp_path / "saved.toml"
    path.write_text(mine.to_toml(), encoding="utf-8")
    outcome = run_scenario(load_scenario(path, tables=tables), tables=tables)
    assert len(outcome.decisions) >= len(shown.council.decided)
    wanted = "run == 'shock' and variable == 'price' and metal == 'gallium' and region == 'WLD' and form == 'refined'"
    table = outcome.series.query(wanted)
    line = shown.live.line("price", "gallium", "refined")
    assert np.array_equal(line, table["value"].to_numpy()[: len(line)])
    assert mine.base.world.governments is None


def test_a_forbidden_decision_is_not_taken_and_a_played_country_decides_nothing(tables):
    mine = session(tables, GOVERNED)
    mine.fire({"kind": "export_ban", "actor": "CHN", "metals": ["gallium"], "end": "2025-09"})
    mine.govern(mode="on")
    mine.step(24)
    first = mine.frame().council.decided[0]
    mine.forbid(first)
    after = mine.frame().council
    same = [one for one in after.decided if (one.who, one.kind, one.metal) == (first.who, first.kind, first.metal)]
    assert {one.status for one in same} <= {"vetoed"}
    mine.undo()
    assert mine.frame().council.decided[0] == first
    mine.govern(who=[name for name in after.names if name != first.who])
    alone = mine.frame().council
    assert first.who not in {one.who for one in alone.decided}
    assert set(alone.names) - set(alone.playing) == {first.who}
    with pytest.raises(DataError):
        mine.govern(who=["XXX"])


def test_a_decision_may_be_ordered_and_is_taken_in_the_month_that_comes_next(tables):
    mine = session(tables, GOVERNED)
    mine.govern(mode="on", kinds=["lift"])
    mine.step(4)
    mine.order(who="CHN", kind="restrict", metal="gallium", form="refined", target="USA")
    said = [(one.who, one.kind, one.metal, one.target, one.status) for one in mine.frame().council.pending]
    assert said == [("CHN", "restrict", "gallium", "USA", "forced")]
    mine.step(1)
    council = mine.frame().council
    assert [one.kind for one in council.decided if one.status == "forced"] == ["restrict"]
    assert council.pending == ()
    assert mine.live.world.shocks[-1].acting_place == "CHN"
    with pytest.raises(DataError, match="an answer needs a target"):
        mine.order(who="CHN", kind="retaliate", metal="gallium")
    mine.undo()
    assert not mine.frame().council.decided


def test_the_page_lets_a_decision_be_ordered(tables):
    mine, wishes = session(tables, GOVERNED), []
    mine.govern(mode="on", kinds=["lift"])
    council = mine.frame().council

    class Wished:
        def change(self, wish, pause=False):
            wishes.append(wish)

    box, rc = solara.render(
        govern_view.Order(Wished(), Texts("en", tables), ["cobalt", "gallium"], council), handle_error=False
    )
    try:
        button = next(one for one in walk(box) if isinstance(one, v.Btn) and "lf-order" in (one.class_ or ""))
        assert button.disabled
        for label, value in (("Government", "CHN"), ("Decision", "restrict"), ("Metal", "gallium")):
            next(one for one in walk(box) if isinstance(one, v.Select) and one.label == label).v_model = value
        button = next(one for one in walk(box) if isinstance(one, v.Btn) and "lf-order" in (one.class_ or ""))
        assert not button.disabled
        button.click()
    finally:
        rc.close()
    for wish in wishes:
        wish(mine)
    assert [(one.who, one.kind, one.metal) for one in mine.frame().council.pending] == [("CHN", "restrict", "gallium")]


def test_what_comes_next_is_what_is_decided_then(tables):
    mine = session(tables, GOVERNED)
    mine.fire({"kind": "export_ban", "actor": "CHN", "metals": ["gallium"], "end": "2025-09"})
    mine.govern(mode="on")
    seen = 0
    for _ in range(24):
        council = mine.frame().council
        mine.step(1)
        new = mine.frame().council.decided[len(council.decided) :]
        assert [one.row() for one in new] == [one.row() for one in council.pending]
        seen += len(new)
    assert seen


def test_the_page_says_in_chinese_why_a_government_decides(tables):
    """Who does what, with its forms and its size, and why: nothing of it stays English but codes and units."""
    session = Session(tables, load_scenario("escalation-2025", ["world.end=2026-03"], tables))
    session.step(13)
    frame = session.frame()
    decided = frame.council.decided
    assert len({one.kind for one in decided}) > 2
    chinese, english = Texts("zh", tables), Texts("en", tables)
    measures = {fired.event["label"]: chinese.event(fired.event) for fired in frame.fired}
    for one in decided:
        for text in (why(one, chinese, measures), said(one, chinese)):
            assert re.findall(r"[A-Za-z]{4,}", text) == [], text
        assert why(one, english, {}) == one.reason
    both = next(one for one in decided if ", " in one.form)
    assert "ore and intermediates and refined" in said(both, english)


def test_charts_mark_what_governments_decided_about_their_metal(tables):
    """Each decision stands in its month, against trade or not; none that was forbidden, none of another metal."""
    mine, texts = session(tables, GOVERNED), Texts("en", tables)
    mine.fire({"kind": "export_ban", "actor": "CHN", "metals": ["gallium"], "end": "2025-09"})
    mine.govern(mode="on")
    mine.step(24)
    frame = mine.frame()
    taken = [one for one in frame.council.decided if one.instrument != RELEASE]
    seen = {metal: marks(frame, metal, texts) for metal in frame.live.world.layout.metals}
    for metal, found in seen.items():
        own = [one for one in taken if metal in one.metal.split(", ")]
        told = [(frame.first_month + mark["at"], mark["against"], name) for mark in found for name in mark["names"]]
        assert sorted(told) == sorted((one.month, one.kind in AGAINST, said(one, texts)) for one in own)
        assert len({(mark["at"], mark["against"]) for mark in found}) == len(found)
    assert {mark["against"] for found in seen.values() for mark in found} == {True, False}
    assert board.axis(frame, texts)["decided"] == []
    hard = next(one for one in taken if one.kind in AGAINST)
    assert board.axis(frame, texts, hard.metal)["decided"] == seen[hard.metal]
    mine.forbid(hard)
    assert all(said(hard, texts) not in mark["names"] for mark in marks(mine.frame(), hard.metal, texts))

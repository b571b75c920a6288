"""Small things that a visitor stumbles over: names on the map, whole numbers, kept runs, messages in the reader's language."""

import re
import time
from hashlib import sha512
from itertools import combinations

import pytest
from reacton.utils import equals

from lodeflow.data.problems import DataError
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.scenario.check import field_range
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app import keep
from lodeflow.viz.app.batch.batch_view import _runs
from lodeflow.viz.app.batch.jobs import CANCELLED, KEPT, Job, finished
from lodeflow.viz.app.cover import offers
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world import board, network, world_view
from lodeflow.viz.app.world import link as link_of
from lodeflow.viz.app.world.link import Link, pack, unpack
from lodeflow.viz.app.world.look import Look
from lodeflow.viz.app.world.map_view import places_of
from lodeflow.viz.app.world.pick import Pick
from lodeflow.viz.app.world.player import _line
from lodeflow.viz.app.world.session import TITLE, Session
from lodeflow.viz.app.world.world_view import month_shown
from lodeflow.viz.app.wrong import told

BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed", "strength": 1.0}


@pytest.fixture
def small(tables):
    return Session(tables, load_scenario("baseline", ['world.metals=["cobalt"]', "world.end=2024-12"], tables))


def test_before_the_first_month_the_base_year_is_drawn(small, tables):
    frame, texts = small.frame(), Texts("en", tables)
    market = small.live.world.markets["feed"]
    drawn = {(flow.seller, flow.buyer): flow.tonnes for flow in network.flows(frame, "cobalt", "feed")}
    assert sum(drawn.values()) == pytest.approx(market.base.sum())
    picture = network.map_picture(frame, "cobalt", "mines", texts, places_of(tables))
    assert "COD-CHN" in [edge["id"] for edge in picture["edges"]]
    assert {edge["state"] for edge in picture["edges"]} == {"same"}


def test_the_first_month_moves_the_date(small, tables):
    texts = Texts("en", tables)
    said = [month_shown(small.frame(), texts)]
    for _ in range(2):
        small.step()
        said.append(month_shown(small.frame(), texts))
    assert said == ["before Jan 2024", "Jan 2024", "Feb 2024"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_do_not_touch_and_the_rest_of_the_world_is_no_island(small, tables, language):
    texts = Texts(language, tables)
    small.step(2)
    for stage in network.STAGES:
        picture = network.map_picture(small.frame(), "cobalt", stage, texts, places_of(tables))
        boxes = [_box(node) for node in picture["nodes"] if "lx" in node]
        for one, other in combinations(boxes, 2):
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1], stage
        left, top, wide, high = network.REST_BOX
        (rest,) = [node for node in picture["nodes"] if node["id"] == "ROW"]
        assert left < rest["x"] < left + wide
        assert top < rest["y"] < top + high
        assert picture["rest"] == network.REST_BOX


def _box(node):
    """Left, top, right and bottom of a name on the map, in letters of 20 units (Chinese 20 wide, others 11)."""
    wide = sum(20.0 if ord(letter) > 0x2E80 else 11.0 for letter in node["name"])
    left = node["lx"] if node.get("anchor") == "start" else node["lx"] - wide / 2
    return left, node["ly"] - 17, left + wide, node["ly"] + 4


@pytest.mark.parametrize(
    ("text", "number"), [("64", 64), (64, 64), ("2.7", None), ("1e2", None), ("1", None), ("501", None), ("", None)]
)
def test_a_batch_takes_whole_numbers(text, number):
    assert _runs(text, 500) == number


def test_of_a_cancelled_batch_the_finished_runs_are_kept(tables):
    scenario = load_scenario("drc-cobalt-export-ban", ['world.metals=["cobalt"]', "world.end=2025-06"], tables)
    job = Job(["batch", "400"], scenario.to_toml(), lambda _: None)
    try:
        end = time.monotonic() + 120
        while job.progress.done < 2 and time.monotonic() < end:
            time.sleep(0.05)
        job.cancel()
        assert job.join(20)
        assert (job.progress.state, job.progress.note) == (CANCELLED, KEPT)
        assert 2 <= finished(job.folder / "batch") < 400
    finally:
        job.close()
    assert finished(job.folder / "batch") == 0


# ---- what does not change is not drawn anew -------------------------------------------------------------------------
def test_charts_of_the_same_metal_and_product_count_as_the_same(tables):
    texts, nothing = Texts("en", tables), lambda *_: None
    pick = Pick("", "", Look(), nothing, nothing, nothing, nothing)
    one, two, other = (world_view.picked(board.FIRST, metal, texts, pick) for metal in ("cobalt", "cobalt", "nickel"))
    assert equals(one, two)
    assert not equals(one, other)
    made = [world_view.for_product("cobalt", product, texts) for product in ("magnets", "magnets", "catalysts")]
    assert equals(made[0], made[1])
    assert not equals(made[0], made[2])


# ---- messages -----------------------------------------------------------------------------------------------------------
def wrongs(session):
    """Wishes that cannot be granted, in the words of the program."""
    session.step(6)
    session.fire(BAN)
    wishes = [
        lambda: session.fire(BAN),
        lambda: session.fire(BAN | {"start": "2024-02"}),
        lambda: session.fire(BAN | {"start": "2044-02"}),
        lambda: session.fire(BAN | {"actor": "COF"}),
        lambda: session.fire(BAN | {"start": "2024-09", "end": "2024-08"}),
        lambda: session.fire(BAN | {"metals": ["nickel"]}),
        lambda: session.load_text(b"", "bad.toml"),
        lambda: session.load_text(b'name="x"\n[world]\nstart="soon"\n', "bad.toml"),
        lambda: session.load_text(b'name="x"\n[world]\nend="2090-01"\n', "bad.toml"),
        lambda: session.load_text(unpack("xyz"), "link"),
        lambda: session.load_text(unpack(pack("name = 'x'")[:-4]), "link"),
        lambda: offers._arrived(Link(own=pack(session.to_toml()), metal="unobtainium", what="export_ban"))(session),
        lambda: (session.step(12), session.fire(BAN | {"strength": 0.5})),
    ]
    for wish in wishes:
        with pytest.raises(DataError) as found:
            wish()
        yield [_line(one.column, one.wrong, one.right) for one in found.value.problems]


def test_what_was_wrong_is_said_in_chinese(small, tables):
    texts = Texts("zh", tables)
    for lines in wrongs(small):
        for line in lines:
            said = told(line, texts)
            left = re.sub(r"“.*?”|（.*?）|world\.\w+|my-scenario|name|cobalt|nickel|unobtainium", "", said)
            assert not re.search(r"[A-Za-z]{4,}", left), said
            assert told(line, Texts("en", tables)) == line


def test_the_desk_says_in_chinese_what_a_field_allows_and_means(small, tables):
    """A number out of range, or a field without a value, of every kind: in Chinese but for codes, with the bound."""
    texts, seen = Texts("zh", tables), 0
    for kind, shock in REGISTRY.items():
        for name, info in shock.model_fields.items():
            _, high = field_range(info)
            if high is None:
                continue
            with pytest.raises(DataError) as found:
                small.fire({"kind": kind, name: high + 1.0})
            own = [
                told(_line(one.column, one.wrong, one.right), texts)
                for one in found.value.problems
                if one.column == name
            ]
            assert any("最大为" in said for said in own), (kind, name, own)
            for said in own:
                left = re.sub(r"“.*?”|（.*?）|[a-z0-9_]*_[a-z0-9_]+|cobalt|USD|CO2e", "", said)
                assert not re.search(r"[A-Za-z]{4,}", left), said
                seen += 1
    assert seen > 60


# ---- what must not be lost ----------------------------------------------------------------------------------------------
def test_a_world_is_kept_whole_however_long(small, tables, monkeypatch):
    texts = Texts("en", tables)
    assert not keep.kept(small.frame(), Link(metal="cobalt"), texts)["changed"]
    for month in range(12):
        small.fire(BAN | {"start": f"2024-{month + 1:02d}", "label": sha512(bytes([month])).hexdigest()[:100]})
    assert len(small.scenario.title) <= TITLE  # of many measures the title is cut, and firing goes on
    monkeypatch.setattr(link_of, "LONGEST", 500)
    assert link_of.packed(small.scenario)["own"] == ""  # too long for an address
    world = keep.kept(small.frame(), Link(metal="cobalt", lang="zh"), texts)
    link = Link.read(world["search"])
    assert world["changed"]
    assert unpack(link.own).decode() == small.to_toml()
    assert (link.metal, link.lang, link.month) == ("cobalt", "zh", 0)

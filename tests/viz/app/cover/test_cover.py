"""The first page: its stories are those of runs, what it offers can be fired, and it answers before the server behind it."""

import asyncio
import json
import subprocess
import sys
import threading

import pytest

from docs import make_cover
from lodeflow.data.problems import DataError
from lodeflow.environment.calendar import parse_month
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario, shipped
from lodeflow.viz.app.cover import cover, offers
from lodeflow.viz.app.server.late import Late
from lodeflow.viz.app.texts import LANGUAGES, Texts, words_of
from lodeflow.viz.app.world.link import Link
from lodeflow.viz.app.world.session import Session


@pytest.fixture(scope="module")
def shown():
    return json.loads(make_cover.FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def world(tables):
    """The shipped world after the months that a measure of the first page finds behind it."""
    session = Session(tables)
    session.step(offers.FIRST_MONTHS)
    return session


def test_the_first_story_is_that_of_a_run(shown, tables):
    """Prices with the ban and without it, month by month, are those of `lodeflow run`; 1 is the month before the first news."""
    told, one = shown["stories"][0], make_cover.STORIES[0]
    scenario = load_scenario(one.name, [f'world.end="{one.last}"'], tables)
    rows = run_scenario(scenario, tables=tables).series
    rows = rows[(rows["metal"] == one.metal) & (rows["form"] == "refined") & (rows["region"] == "WLD")]

    def line(run, variable):
        found = rows[(rows["run"] == run) & (rows["variable"] == variable)].sort_values("date")
        return found["value"].to_numpy()

    without, outside = line("baseline", "price"), line("shock", "price_outside")
    start = parse_month(scenario.world.start)
    first, before = parse_month(one.first) - start, parse_month("2025-01") - start
    assert told["title"]["en"].endswith("(1 = Jan 2025)")
    assert told["lines"]["live"] == pytest.approx(outside[first:] / without[before], rel=1e-3)
    assert told["lines"]["base"] == pytest.approx(without[first:] / without[before], rel=1e-3)
    assert max(told["lines"]["live"]) > 1.5


def test_every_story_is_whole_in_both_languages(shown):
    assert shown["land"].startswith("M")  # one path, as the page draws it
    assert [told["name"] for told in shown["stories"]] == [one.name for one in make_cover.STORIES]
    for told in shown["stories"]:
        moments = len(told["months"])
        assert told["name"] in shipped()
        assert {len(line) for line in told["lines"].values()} == {moments} == {len(told["moments"])}
        for code in LANGUAGES:
            assert f"cover.question.{told['name']}" in words_of(code)
            assert all(moment["said"][code] for moment in told["moments"])
            assert set(told["names"][code]) >= {node[0] for moment in told["moments"] for node in moment["nodes"]}
    states = {edge[3] for moment in shown["stories"][0]["moments"] for edge in moment["edges"]}
    assert "closed" in states


def test_what_the_first_page_offers_is_what_the_desk_proposes(shown, world, tables):
    texts = {code: Texts(code, tables) for code in LANGUAGES}
    assert [(one["kind"], one["metal"]) for one in shown["offers"]] == list(offers.OFFERED)
    for one in shown["offers"]:
        for code, own in texts.items():
            assert offers.label(one["kind"], one["metal"], world.live.world, own) == one["said"][code]


def test_a_what_if_can_be_fired_and_acts(world):
    for kind, metal in offers.OFFERED:
        world.fire(offers.offer(kind, metal, world))
        world.step()
        event = world.frame().fired[-1].event
        assert event["kind"] == kind
        assert not event["no_effect"], (kind, metal)
        world.undo()
    for metal in world.live.world.layout.metals:
        assert offers.offered(metal, world.live.world)


class Asked:
    """A player that does at once what it is asked."""

    def __init__(self, session):
        self.session, self.played = session, 0

    def change(self, wish, pause=False):
        wish(self.session)

    def play(self):
        self.played += 1


def test_a_link_fires_what_it_says_once_and_plays(world):
    player = Asked(world)
    offers.arrive(player, Link(month=2, metal="gallium", what="export_ban"))
    assert (world.t, player.played) == (2, 1)
    (shock,) = world.scenario.shocks
    assert (shock.kind, shock.actor, shock.metals) == ("export_ban", "CHN", ["gallium"])
    assert shock.start == "2024-03"
    offers.arrive(player, Link(month=3, metal="gallium", what="no_such_kind"))
    assert (world.t, world.scenario.shocks) == (3, [])
    offers.arrive(player, Link(month=1))
    assert player.played == 2
    with pytest.raises(DataError, match="there is no metal 'unobtainium'"):
        offers.arrive(player, Link(month=1, metal="unobtainium", what="export_ban"))
    assert world.scenario.shocks == []


def test_the_row_of_what_ifs_simulates_before_it_fires(world):
    world.reset()
    offers.fire(Asked(world), "mine_outage", "copper")
    assert world.t == offers.FIRST_MONTHS
    assert world.scenario.shocks[0].kind == "mine_outage"


def test_the_page_holds_every_text_and_nothing_open():
    page = cover.page().decode()
    assert "{{" not in page.replace("{{ ", "")
    assert page.count("</script>") == 1
    used = {key for key in words_of("en") if key.startswith(cover.FIRST) and "question" not in key}
    assert [key for key in used if f'"{key.removeprefix(cover.FIRST)}"' not in page] == []
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


def ask(app, path="/", query=b"", method="GET"):
    """Status and body of an answer."""
    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": []}
    said = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        said.append(message)

    asyncio.run(app(scope, receive, send))
    return said[0]["status"], said[-1]["body"]


async def behind(scope, receive, send):
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"live"})


def test_only_the_bare_address_is_the_first_page():
    app = cover.Cover(behind)
    assert ask(app) == (200, cover.page())
    assert ask(app, method="HEAD") == (200, b"")
    for other in ({"query": b"month=0"}, {"path": "/readyz"}, {"method": "POST"}):
        assert ask(app, **other) == (299, b"live")


def test_the_first_page_waits_for_nothing_and_the_live_world_for_the_server():
    door, ended = threading.Event(), []

    def load():
        door.wait(10)
        return behind, lambda: ended.append(True)

    app = cover.Cover(Late(load))
    assert ask(app)[0] == 200  # while nothing is loaded
    threading.Timer(0.2, door.set).start()
    assert ask(app, query=b"month=0") == (299, b"live")
    asyncio.run(_lives(app))
    assert ended == [True]


async def _lives(app):
    words = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))
    said = []

    async def receive():
        return next(words)

    async def send(message):
        said.append(message["type"])

    await app({"type": "lifespan"}, receive, send)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_what_stands_before_the_first_page_loads_nothing_heavy():
    """The first page is there as soon as the command line is: tables, kinds of shocks and the page wait until it was asked for."""
    code = (
        "import sys, lodeflow.cli.main, lodeflow.viz.app.server.serve as serve; serve.page(); serve._check_plugins();"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'pandas', 'numpy', 'pydantic', 'mesa', 'solara'}))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"

"""An address brings the same world back, and one that was changed on its way brings none."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64encode
from itertools import product

import pytest

from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.experiments.scenario.model import load_scenario, shipped
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.world import link, worlds
from lodeflow.viz.app.world.fill import FILLS
from lodeflow.viz.app.world.link import Link
from lodeflow.viz.app.world.look import VIEWS, Look
from lodeflow.viz.app.world.network import STAGES
from lodeflow.viz.app.world.session import Session

WORLD = ['world.metals=["cobalt"]', "world.end=2025-06"]
BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "intermediate", "end": "2025-03"}


@pytest.fixture(scope="module", autouse=True)
def _forget_worlds():
    yield
    worlds.forget()


def test_an_address_says_what_was_written() -> None:
    one = Link(scenario="red-sea-2024", month=24, metal="nickel", tab="compare", lang="zh", theme="dark")
    assert Link.read(one.write()) == one
    assert Link().write() == ""
    assert Link.read(None) == Link()


def test_an_address_says_how_the_map_is_looked_at() -> None:
    looks = [Look(*one) for one in product(VIEWS, ("", *STAGES), FILLS, (False, True))]
    assert [Look.read(one.write()) for one in looks] == looks
    assert Look().write() == ""
    assert Look.read("nowhere..<b>") == Look()
    one = Link(map=Look(view="map", stage="users", filled="price", routes=True).write())
    assert one.write() == "map=users.price.passages"


@pytest.mark.parametrize("search", ["month=-3", "month=x", "month=9999999", "month=\u0663", "who=me&month=", "&&=;%%%"])
def test_what_means_nothing_is_passed_over(search: str) -> None:
    assert Link.read(search) == Link()


def test_a_shipped_scenario_stands_there_by_name(tables: Tables) -> None:
    assert link.packed(load_scenario("drc-cobalt-export-ban", tables=tables)) == {
        "scenario": "drc-cobalt-export-ban",
        "own": "",
    }
    assert link.packed(load_scenario("baseline", tables=tables)) == {"scenario": "", "own": ""}


def test_every_shipped_scenario_can_be_named_also_one_that_is_put_together(tables: Tables) -> None:
    for name in shipped():
        scenario = load_scenario(name, tables=tables)
        assert link.packed(scenario) == {"scenario": "" if name == link.CALM else name, "own": ""}, name
    mine = Session(tables, load_scenario("baseline", WORLD, tables))
    mine.load_shipped("germanium-state-purchase-2024")  # includes the licences of 2023
    assert mine.scenario == load_scenario("germanium-state-purchase-2024", tables=tables)
    assert len(mine.scenario.shocks) > 1


def test_a_link_brings_the_very_world_back(tables: Tables) -> None:
    mine = Session(tables, load_scenario("baseline", WORLD, tables))
    mine.step(2)
    mine.fire(BAN)
    mine.step(5)
    said = Link(**link.packed(mine.scenario), month=mine.t).write()
    assert len(said) < link.LONGEST
    other = Session(tables, load_scenario("baseline", WORLD, tables))
    link.restore(Link.read(said))(other)
    assert (other.to_toml(), other.t) == (mine.to_toml(), mine.t)
    key = ("price", "cobalt", "refined")
    assert (other.frame().live.line(*key) == mine.frame().live.line(*key)).all()


def test_a_world_that_is_too_large_for_an_address_is_left_out(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Session(tables, load_scenario("baseline", WORLD, tables))
    mine.fire(BAN)
    assert link.fits(mine.scenario)
    monkeypatch.setattr(link, "LONGEST", 10)
    assert not link.fits(mine.scenario)
    assert link.packed(mine.scenario) == {"scenario": "baseline", "own": ""}


@pytest.mark.parametrize("own", ["x", "!!!!", link.pack("name = 'x'")[:-4], "AAAA", link.pack("a = " + "[" * 50_000)])
def test_a_broken_link_is_said_and_changes_nothing(tables: Tables, own: str) -> None:
    mine = Session(tables, load_scenario("baseline", WORLD, tables))
    before = mine.to_toml()
    with pytest.raises(DataError):
        link.restore(Link(own=own))(mine)
    assert mine.to_toml() == before


def test_a_link_cannot_unpack_to_more_than_an_upload_may_hold() -> None:
    bomb = urlsafe_b64encode(zlib.compress(b"#" * (limits.current().upload_bytes * 50))).decode()
    with pytest.raises(DataError, match="too large"):
        link.unpack(bomb)

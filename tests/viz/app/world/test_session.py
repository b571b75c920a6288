"""One visitor's world: what it shows is what `lodeflow run` of the saved scenario gives, whatever was clicked."""

import dataclasses

import numpy as np
import pytest

import lodeflow as lf
from lodeflow.data.problems import DataError
from lodeflow.environment.records import indicators
from lodeflow.environment.world import World
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.world import worlds
from lodeflow.viz.app.world.arrive import read_upload
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.app.world.track import Key, Track

WORLD = ['world.metals=["cobalt"]', "world.end=2025-06"]
BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "intermediate", "end": "2025-03"}


@pytest.fixture(scope="module", autouse=True)
def _forget_worlds():
    yield
    worlds.forget()


def session(tables, name="baseline", more=()):
    return Session(tables, load_scenario(name, [*WORLD, *more], tables))


def assert_shown_equals_table(view, table):
    """Every number of the table `series` is shown, to the last bit, and nothing that the table does not hold."""
    table = table.sort_values(["variable", "metal", "form", "region", "date"])
    keys = list(zip(*(table[c] for c in ("variable", "metal", "form", "region")), strict=True))
    values = table["value"].to_numpy()
    months = table["date"].nunique()
    assert len(keys) == len(view.series) * months
    for row in range(0, len(keys), months):
        shown = view.series[Key(*keys[row])][: view.t]
        assert np.array_equal(shown, values[row : row + months]), keys[row]


def test_what_is_shown_is_what_a_run_of_the_saved_scenario_gives(tables, tmp_path):
    mine = session(tables)
    for months in (1, 1, 3):
        mine.step(months)
        mine.frame()
    mine.fire(BAN)
    mine.step(2)
    mine.frame()
    mine.fire({"kind": "export_licence", "actor": "CHN", "metals": ["cobalt"], "start": "2024-10"})
    mine.step(100)
    frame = mine.frame()
    assert frame.over
    path = tmp_path / "saved.toml"
    path.write_text(mine.to_toml(), encoding="utf-8")
    outcome = run_scenario(load_scenario(path, tables=tables), tables=tables, agents=True)
    for name, view in (("shock", frame.live), ("baseline", frame.base)):
        assert_shown_equals_table(view, outcome.series[outcome.series["run"] == name])
    rows = outcome.agents.query("run == 'shock' and kind == 'refiner' and attribute == 'stock'")
    wide = rows.pivot(index="date", columns="id", values="value")[list(frame.live.world.refiners.ids)]
    assert np.array_equal(wide.to_numpy(), frame.live.firms["refiners", "stock"])
    cobalt = frame.live.line("price_outside", "cobalt", "refined")
    assert cobalt[-1] > 1.1 * frame.base.line("price", "cobalt", "refined")[-1]


def test_months_read_one_by_one_are_those_of_the_run_to_the_last_bit(tables):
    """With several metals, and a world that was first looked at without the shocks."""
    mine = session(tables, more=['world.metals=["cobalt", "lithium", "nickel"]', "world.end=2024-10"])
    for month in range(10):
        if month == 4:
            mine.fire(BAN)
        mine.step()
        mine.frame()
    frame = mine.frame()
    outcome = run_scenario(mine.scenario, tables=tables)
    for name, view in (("shock", frame.live), ("baseline", frame.base)):
        assert_shown_equals_table(view, outcome.series[outcome.series["run"] == name])


def test_prices_do_not_depend_on_whether_shocks_are_watched(tables):
    """Numpy takes `x ** 0.5` of a number and of an array by different ways, which differ in the last bit here and there."""
    mine = session(tables)
    mine.step(2)
    recorder = mine.base.world.recorder
    market = recorder.world.markets["refined"]
    rng = np.random.default_rng(3)
    recorder.blocks["price"][:2] = rng.uniform(0.2, 9.0, recorder.blocks["price"][:2].shape)
    without = indicators.edge_prices(recorder, "refined")
    recorder.blocks["refined_open"] = np.ones((recorder.months, len(market)), np.float32)
    assert np.array_equal(indicators.edge_prices(recorder, "refined"), without)


def test_firing_a_shock_leaves_the_past_as_it_was(tables):
    mine = session(tables)
    mine.fire(BAN | {"start": "2024-03"})
    mine.step(6)
    before = mine.frame()
    mine.fire(BAN | {"end": "2025-02"})
    after = mine.frame()
    assert after.t == before.t == 6
    for key, values in before.live.series.items():
        assert np.array_equal(values[:6], after.live.series[key][:6]), key
    assert [one.at for one in after.fired] == [0, 6]
    assert [one.state for one in after.fired] == ["active", "ahead"]
    mine.step()
    assert mine.frame().fired[1].state == "active"


def test_a_frame_never_changes(tables):
    mine = session(tables)
    mine.step(3)
    frame = mine.frame()
    price = frame.live.line("price", "cobalt", "refined").copy()
    mine.fire(BAN)
    mine.step(3)
    mine.frame()
    assert np.array_equal(frame.live.line("price", "cobalt", "refined"), price)
    assert frame.scenario.shocks == []


def test_undo_and_rewind_return_to_the_same_numbers(tables):
    mine = session(tables)
    mine.step(4)
    calm = mine.frame()
    mine.fire(BAN)
    mine.step(4)
    struck = mine.frame()
    mine.fire({"kind": "demand_surge", "metals": ["cobalt"], "strength": 0.2})
    mine.step(2)
    mine.undo()
    assert mine.t == 8
    again = mine.frame()
    assert_same(struck, again)
    mine.rewind(5)
    assert [shock.kind for shock in mine.scenario.shocks] == ["export_ban"]
    mine.step(3)
    assert_same(struck, mine.frame())
    mine.rewind(3)
    assert mine.scenario.shocks == []
    assert not mine.can_undo
    mine.step()
    assert_same(calm, mine.frame())


def assert_same(one, two):
    assert one.t == two.t
    assert one.live.series.keys() == two.live.series.keys()
    for key, values in one.live.series.items():
        assert np.array_equal(values[: one.t], two.live.series[key][: one.t]), key


def test_reset_brings_the_loaded_scenario_back(tables):
    mine = session(tables, "drc-cobalt-export-ban")
    mine.step(2)
    mine.fire({"kind": "mine_outage", "actor": "IDN", "metals": ["cobalt"], "strength": 0.5})
    assert mine.scenario.name == "drc-cobalt-export-ban-own"
    mine.reset()
    assert (mine.t, len(mine.scenario.shocks), mine.scenario.name) == (0, 2, "drc-cobalt-export-ban")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"start": "2024-02"}, "lies in the past"),
        ({"start": "2024-08", "announce": "2024-01"}, "lies in the past"),
        ({"start": "2029-01", "end": "2029-03"}, "lies after the run"),
        ({"strength": 3}, "0 to 1"),
        ({"actor": "XXX"}, "no country"),
        ({"metals": ["nickel"]}, "in this world"),
        ({"form": "ore"}, "is not traded as ore"),
        ({"start": "soon"}, "is not a month"),
    ],
)
def test_a_wrong_shock_is_refused_and_changes_nothing(tables, change, text):
    mine = session(tables)
    mine.step(3)
    with pytest.raises(DataError, match=text):
        mine.fire(BAN | change)
    assert (mine.t, mine.scenario.shocks, mine.can_undo) == (3, [], False)


def test_all_mistakes_of_a_shock_are_said_at_once(tables):
    mine = session(tables)
    with pytest.raises(DataError) as error:
        mine.fire(BAN | {"actor": "XXX", "strength": 3, "start": "2020-01"})
    assert {problem.column for problem in error.value.problems} >= {"actor", "strength", "start"}


def test_a_country_that_the_world_pools_can_still_act(tables):
    mine = session(tables)
    assert "FJI" not in mine.live.world.layout.country_index
    place = sorted(set(tables.countries["iso3"]) - set(mine.live.world.layout.countries))[0]
    mine.step(2)
    mine.fire({"kind": "export_ban", "actor": place, "metals": ["cobalt"]})
    mine.step()
    reference = run_scenario(mine.scenario, tables=tables)
    price = reference.series.query("run == 'shock' and variable == 'price' and region == 'WLD' and form == 'refined'")
    assert np.array_equal(mine.frame().live.line("price", "cobalt", "refined"), price["value"].to_numpy()[:3])


def test_two_visitors_never_share_a_world(tables):
    one, two = session(tables), session(tables)
    one.fire(BAN)
    one.step(6)
    two.step(6)
    assert two.scenario.shocks == []
    calm = two.frame()
    assert np.array_equal(calm.live.line("price", "cobalt", "refined"), calm.base.line("price", "cobalt", "refined"))
    assert one.live.world is not two.live.world
    assert not np.shares_memory(one.live.world.miners.stock, two.live.world.miners.stock)


def test_limits_are_said_clearly(tables, monkeypatch):
    monkeypatch.setattr(limits, "_current", dataclasses.replace(limits.Limits(), months=12, shocks=1, upload_bytes=400))
    with pytest.raises(DataError, match="18 months"):
        session(tables)
    mine = session(tables, more=["world.end=2024-12"])
    mine.fire(BAN)
    with pytest.raises(DataError, match="at most 1 shock or policy\\."):
        mine.fire(BAN)
    with pytest.raises(DataError, match="at most 400 bytes"):
        read_upload(b"#" * 401, "long.toml", tables)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"name = ", "TOML"),
        (b"", "name"),
        (b'name = "../../etc/passwd"', "name"),
        (b"a = " + b"[" * 50_000, "deep"),
        (b'name = "x"\nshocks = 3', "list of tables"),
        (".".join("a" * 20_000).encode() + b" = 1", "10 parts"),
    ],
)
def test_an_upload_is_checked_like_a_file(tables, content, text):
    with pytest.raises(DataError, match=text):
        read_upload(content, "mine.toml", tables)


def test_an_upload_with_very_many_varied_inputs_is_refused(tables):
    vary = '[[monte_carlo.vary]]\nkey = "shocks.{}.strength"\nlow = 0.1\nhigh = 0.2\n'
    shock = '[[shocks]]\nkind = "demand_surge"\nmetals = ["cobalt"]\nstart = "2025-02"\nstrength = 0.1\n'
    text = 'name = "x"\n' + shock * 41 + "".join(vary.format(number) for number in range(41))
    with pytest.raises(DataError, match=r"41 inputs that differ.*at most 40"):
        read_upload(text.encode(), "mine.toml", tables)


def test_an_upload_runs_as_the_file_does(tables):
    text = load_scenario("drc-cobalt-export-ban", WORLD, tables).to_toml()
    mine = session(tables)
    mine.step(5)
    mine.load_text(text.encode(), "mine.toml")
    assert (mine.t, len(mine.scenario.shocks)) == (0, 2)
    assert mine.to_toml() == text
    assert lf.load("baseline").name == "baseline"


def test_a_measure_that_misses_the_exports_says_so_when_it_is_fired(tables):
    mine = Session(tables, load_scenario("baseline", ['world.metals=["cobalt"]', "world.end=2024-06"], tables))
    mine.fire({"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "refined"})
    mine.fire({"kind": "export_ban", "actor": "COD", "metals": ["cobalt"]})
    missed, whole = (fired.event["unreached"] for fired in mine.frame().fired)
    assert missed[0].startswith("form = 'refined' touches 0.0% of the cobalt")
    assert whole == []


def test_firing_goes_on_from_the_present_month(tables, monkeypatch):
    mine = session(tables, more=["world.end=2025-12"])
    mine.fire({**BAN, "start": "2024-03"})
    mine.step(6)
    stepped, step = [], World.step
    monkeypatch.setattr(World, "step", lambda world: stepped.append(world.t) or step(world))
    mine.fire({"kind": "export_licence", "actor": "CHN", "metals": ["cobalt"], "start": "2024-10"})
    mine.undo()
    assert stepped == []
    mine.rewind(3)
    assert stepped == [0, 1, 2]


def test_a_frame_names_its_series_once(tables, monkeypatch):
    mine = session(tables)
    mine.step(2)
    mine.frame()
    made, sheet = [], Track._sheet
    monkeypatch.setattr(Track, "_sheet", lambda track, part: made.append(part.variable) or sheet(track, part))
    mine.step()
    before = {key: values[:2].copy() for key, values in mine.frame().live.series.items()}
    mine.step()
    frame = mine.frame()
    assert len(made) < 6, "only what shows for the first time"
    assert all(np.array_equal(frame.live.series[key][:2], values) for key, values in before.items())


QUOTA = {"kind": "export_licence", "actor": "CHN", "metals": ["cobalt"], "start": "2024-10"}


def test_one_measure_is_taken_out_and_all_others_stay(tables):
    mine = session(tables)
    mine.step(2)
    mine.fire(BAN)
    mine.fire(QUOTA)
    mine.step(4)
    mine.remove(0)
    assert (mine.t, [shock.kind for shock in mine.scenario.shocks]) == (6, ["export_licence"])
    alone = session(tables)
    alone.step(2)
    alone.fire(QUOTA)
    alone.step(4)
    key = ("price", "cobalt", "refined")
    assert np.array_equal(mine.frame().live.line(*key), alone.frame().live.line(*key))
    mine.undo()
    assert [shock.kind for shock in mine.scenario.shocks] == ["export_ban", "export_licence"]
    with pytest.raises(IndexError):
        mine.remove(2)


def test_a_changed_measure_acts_as_if_it_had_been_so_from_the_start(tables):
    mine = session(tables)
    mine.step(2)
    mine.fire(BAN)
    mine.step(4)
    hard = mine.frame().live.line("price", "cobalt", "refined")
    raw = mine.scenario.model_dump(mode="json", exclude_none=True)["shocks"][0]
    mine.replace(0, raw | {"strength": 0.2})
    mild = mine.frame().live.line("price", "cobalt", "refined")
    assert mine.t == 6
    assert np.array_equal(mild[:2], hard[:2])
    assert mild[-1] < hard[-1]
    with pytest.raises(DataError, match="strength"):
        mine.replace(0, raw | {"strength": 7.0})
    with pytest.raises(DataError, match="lies after the run"):
        mine.replace(0, raw | {"start": "2031-01", "end": "2031-05"})
    assert mine.scenario.shocks[0].strength == 0.2


def test_what_was_taken_back_is_done_again_until_something_else_is_done(tables):
    mine = session(tables)
    mine.step(2)
    mine.fire(BAN)
    mine.step(1)
    after = mine.to_toml()
    mine.undo()
    assert mine.frame().can_redo
    mine.redo()
    assert (mine.to_toml(), mine.t) == (after, 3)
    mine.undo()
    mine.fire(QUOTA)
    mine.redo()
    assert [shock.kind for shock in mine.scenario.shocks] == ["export_licence"]
    assert not mine.frame().can_redo


def test_where_a_world_starts_is_worked_out_once_for_all_visitors(tables, monkeypatch):
    """And anew for other parameters, for countries that a measure names, and for other tables."""
    asked = []
    told = worlds.start_key

    def counted(*arguments):
        asked.append(arguments)
        return told(*arguments)

    monkeypatch.setattr(worlds, "start_key", counted)
    worlds.forget()
    calm = load_scenario("baseline", WORLD, tables)
    first, second = Session(tables, calm), Session(tables, calm)
    assert len(asked) == 1
    assert second.live.world.blueprint is first.live.world.blueprint
    assert second.observed is first.observed
    dear = calm.model_copy(update={"parameters": {"eta.cobalt": 0.05}})
    assert worlds.start_of(dear, tables)[0] is not first.live.world.blueprint
    assert len(asked) == 2
    assert worlds.start_of(calm, tables.replace())[0] is not None
    assert len(asked) == 3
    worlds.forget()

"""The map: countries filled by a value, legends, labelled flows, stages side by side, passages, partners of a country."""

import json
import re

import numpy as np
import pytest

from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz import countries
from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import LANGUAGES, Texts
from lodeflow.viz.app.world import fill, map_view, network, partners, passages, worlds
from lodeflow.viz.app.world.look import Look
from lodeflow.viz.app.world.pick import Pick
from lodeflow.viz.app.world.session import Session

WORLD = ['world.metals=["cobalt"]', "world.end=2025-12"]
BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed"}
CLOSED = {"kind": "route_closure", "passage": "malacca", "metals": ["cobalt"], "strength": 0.5}
FILLED = [name for name in fill.FILLS if name != fill.NOTHING]


def picked(country=""):
    """A choice of a country, or none."""
    return Pick(country, "", Look(), *4 * (lambda *names: None,))


@pytest.fixture(scope="module")
def played(tables):
    mine = Session(tables, load_scenario("baseline", WORLD, tables))
    mine.step(3)
    calm = mine.frame()
    mine.fire(BAN)
    mine.fire(CLOSED)
    mine.step(14)
    yield mine, calm, mine.frame()
    worlds.forget()


@pytest.fixture(params=sorted(LANGUAGES))
def texts(request, tables):
    return Texts(request.param, tables)


@pytest.fixture
def english(tables):
    return Texts("en", tables)


# ---- shapes -----------------------------------------------------------------------------------------------------------
def test_nearly_every_country_of_the_tables_has_a_shape_and_no_outline_runs_around_the_world(tables):
    shapes = countries.shapes()
    assert set(tables.countries["iso3"]) - set(shapes) == {"HKG", "MLT", "SGP", "ROW"}
    for rings in shapes.values():
        for ring in rings:
            steps = np.diff([*ring, ring[0]], axis=0)
            assert len(ring) > 2
            assert np.abs(steps[:, 0]).max() < 60
            assert all(-90 <= lat <= 90 for _, lat in ring)


def test_shapes_lie_where_the_countries_are(tables):
    """The middle of most countries lies inside of their own shape: nothing is mirrored, shifted or mixed up."""
    shapes, inside = countries.shapes(), []
    for code, lon, lat in tables.countries[["iso3", "lon", "lat"]].dropna().itertuples(index=False):
        if code in shapes:
            inside.append(sum(_inside(ring, lon, lat) for ring in shapes[code]) % 2 == 1)
    assert np.mean(inside) > 0.85


def _inside(ring, lon, lat):
    crossed = 0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y0 > lat) != (y1 > lat) and lon < x0 + (lat - y0) / (y1 - y0) * (x1 - x0):
            crossed += 1
    return crossed % 2


def test_the_map_is_small_enough_to_send():
    land = map_view.land()
    assert len(land) < 150_000
    assert {"COD", "CHN", "FIN"} <= {shape["id"] for shape in json.loads(land)}


# ---- fills ------------------------------------------------------------------------------------------------------------
def test_fills_are_the_numbers_of_the_run(played, english):
    mine, _, frame = played
    outcome = run_scenario(mine.scenario, tables=mine.tables)
    rows = outcome.series[outcome.series["metal"] == "cobalt"]

    def table(run, variable, form):
        part = rows[(rows["run"] == run) & (rows["variable"] == variable) & (rows["form"] == form)]
        months = part.pivot_table(index="date", columns="region", values="value", observed=True).iloc[: frame.t]
        return months.iloc[-12:]

    mined = fill.fill_of(frame, "cobalt", "mines", "output", english).values
    assert mined["COD"] == pytest.approx(table("shock", "production", "intermediate")["COD"].sum(), rel=1e-6)
    used, normal = table("shock", "use", "refined"), table("baseline", "use", "refined")
    lost = fill.fill_of(frame, "cobalt", "mines", "lost", english).values
    assert lost["CHN"] == pytest.approx(1 - used["CHN"].sum() / normal["CHN"].sum(), abs=1e-6)
    assert lost["CHN"] > 0.02
    reliance = fill.fill_of(frame, "cobalt", "mines", "reliance", english).values
    assert reliance["CHN"] == pytest.approx(table("shock", "net_import_reliance", "all")["CHN"].mean(), rel=1e-5)
    paid = fill.fill_of(frame, "cobalt", "mines", "price", english).values
    assert paid["FIN"] > 1.1
    stock = fill.fill_of(frame, "cobalt", "mines", "cover", english).values
    expected = table("shock", "stock", "refined")["JPN"].iloc[-1] / normal["JPN"].mean()
    assert stock["JPN"] == pytest.approx(expected, rel=1e-5)


def test_who_mines_is_purple_and_who_depends_is_orange(played, english):
    _, calm, _ = played
    wire = fill.fill_of(calm, "cobalt", "mines", "reliance", english).wire(english)
    assert wire["fills"]["COD"] == wire["scale"][0]["fill"] == "d-2"
    assert wire["fills"]["CHN"] == wire["scale"][-1]["fill"] == "d3"
    assert "depends" in wire["scale"][-1]["name"]
    assert "WLD" not in wire["fills"]
    assert "ROW" not in wire["fills"]


@pytest.mark.parametrize("name", FILLED)
def test_every_legend_has_numbers_that_rise_and_every_country_a_class_of_it(played, texts, name):
    _, _, frame = played
    for stage in network.STAGES:
        one = fill.fill_of(frame, "cobalt", stage, name, texts)
        wire = one.wire(texts)
        classes = [part["fill"] for part in wire["scale"]]
        assert list(one.scale.bounds) == sorted(set(one.scale.bounds))
        assert len(set(classes)) == len(classes) == len(one.scale.bounds) + 1
        assert all(re.search(r"\d", part["name"]) for part in wire["scale"])
        assert set(wire["fills"].values()) <= set(classes)
        assert set(wire["tips"]) == set(one.values)
        largest = max(one.values, key=one.values.__getitem__)
        assert classes.index(wire["fills"][largest]) == max(classes.index(name) for name in wire["fills"].values())


def test_a_value_on_a_bound_belongs_above_it():
    scale = fill.Scale((-1.0, 0.5), -1, str)
    assert [scale.of(value) for value in (-np.inf, -1.1, -1.0, 0.4, 0.5, 9.0)] == ["d-1", "d-1", "d0", "d0", "d1", "d1"]
    assert fill.Scale((1.0,), 0, str).of(0.2) == "s0"


@pytest.mark.parametrize("largest", [0.003, 0.9, 7.0, 192_000.0, 3.1e7])
def test_bounds_are_round_and_below_the_largest(largest):
    bounds = fill.amount_bounds(largest)
    assert list(bounds) == sorted(set(bounds))
    assert bounds[-1] <= largest
    assert all(f"{bound:e}"[0] in "125" for bound in bounds)


def test_before_the_first_month_nothing_is_filled(tables, english):
    frame = Session(tables, load_scenario("baseline", WORLD, tables)).frame()
    assert all(fill.fill_of(frame, "cobalt", "mines", name, english) is None for name in fill.FILLS)
    assert passages.through(frame, "cobalt") == []
    assert partners.of(frame, "cobalt", "CHN") == {}
    assert map_view.side_by_side(frame, "cobalt", english) == {}


# ---- flows ------------------------------------------------------------------------------------------------------------
def test_the_largest_flows_say_their_tonnes_and_the_closed_ones_what_they_were(played, texts, tables):
    _, calm, frame = played
    places = map_view.places_of(tables)
    told = network.map_picture(calm, "cobalt", "mines", texts, places)["told"]
    assert len(told) == network.TOLD
    assert told[0]["id"] == "COD-CHN"
    assert re.fullmatch(r"\d+ (kt|千吨)", told[0]["text"])
    shut = next(
        one for one in network.map_picture(frame, "cobalt", "mines", texts, places)["told"] if one["id"] == "COD-CHN"
    )
    assert shut["state"] == "closed"
    closed = next(
        flow for flow in network.flows(frame, "cobalt", "feed") if (flow.seller, flow.buyer) == ("COD", "CHN")
    )
    assert shut["text"] == texts("map.was", tonnes=figures.tonnes(closed.without, texts))


def test_the_legend_of_widths_has_the_widths_of_the_arrows(english):
    steps = network.widths(15_000.0, english)
    assert [one["name"] for one in steps] == ["1.0 kt", "5.0 kt", "10 kt"]
    assert steps[-1]["w"] == pytest.approx(network._width(10_000.0, 15_000.0), abs=0.05)
    assert network.widths(0.0, english) == []


def test_stages_stand_side_by_side_in_the_same_classes(played, english):
    _, _, frame = played
    painted = map_view.side_by_side(frame, "cobalt", english)
    assert list(painted) == list(map_view.SIDE_BY_SIDE)
    assert len({one.scale.bounds for one in painted.values()}) == 1
    totals = {stage: sum(one.values.values()) for stage, one in painted.items()}
    assert totals["recyclers"] < totals["refineries"]


# ---- passages -----------------------------------------------------------------------------------------------------------
def test_tonnes_through_a_passage_are_those_of_the_flows_whose_way_it_is(played, english):
    _, calm, _ = played
    world, metal = calm.live.world, calm.live.world.layout.metal_index["cobalt"]
    expected, traded = 0.0, 0.0
    for name, flows in calm.live.flows.items():
        market, edges = world.markets[name], world.blueprint.ways.of(world.markets[name])
        for e in np.flatnonzero(market.metal == metal):
            if market.seller_country[e] == market.buyer_country[e]:
                continue
            tonnes = flows[: calm.t, e].mean(dtype=float) * 12
            traded += tonnes
            seller, buyer = (world.layout.countries[k] for k in (market.seller_country[e], market.buyer_country[e]))
            if "malacca" in passages.way_of(calm, seller, buyer):
                expected += tonnes * edges.by_sea[e]
    found = {one.passage: one for one in passages.through(calm, "cobalt")}
    assert found["malacca"].tonnes == pytest.approx(expected, rel=1e-6)
    assert found["malacca"].share == pytest.approx(expected / traded, rel=1e-6)
    assert found["malacca"].largest[0][:2] == ("COD", "CHN")
    assert found["suez"].tonnes <= found["bab_el_mandeb"].tonnes * 1.001 + 1.0
    assert all(one.turned == 0.0 for one in found.values())


def test_a_closed_passage_is_drawn_as_closed(played, texts, tables):
    _, calm, frame = played
    places = map_view.places_of(tables)
    arguments = ("cobalt", "mines", "reliance")
    shut = map_view.map_of(frame, *arguments, False, picked(), texts, tables, places)["marks"]
    assert [(mark["id"], mark["closed"]) for mark in shut] == [("malacca", True)]
    assert any("50" in line for line in shut[0]["tip"])
    named = texts("passage.malacca")
    assert named in map_view.passed(calm, "cobalt", texts)
    cut = texts("passage.shut", name=named, tonnes="|", share="").partition("|")[0]
    assert cut in map_view.passed(frame, "cobalt", texts)
    assert cut not in map_view.passed(calm, "cobalt", texts)
    assert map_view.map_of(calm, *arguments, False, picked(), texts, tables, places)["marks"] == []
    shown = map_view.map_of(calm, *arguments, True, picked(), texts, tables, places)
    assert {"malacca", "suez"} <= {mark["id"] for mark in shown["marks"]}
    way = next(edge for edge in shown["edges"] if edge["id"] == "COD-CHN")["tip"]
    assert any(texts("passage.malacca") in line for line in way)


def test_every_passage_has_a_place_and_a_name_in_both_languages(tables, texts):
    assert tables.passages[["lat", "lon"]].notna().all().all()
    assert all(texts.has(f"passage.{name}") for name in tables.passages["passage"])


# ---- one country --------------------------------------------------------------------------------------------------------
def test_partners_of_a_country(played):
    _, calm, frame = played
    before, now = partners.of(calm, "cobalt", "CHN"), partners.of(frame, "cobalt", "CHN")
    assert before["feed"][0][0] == before["mined"][0][0] == "COD"
    assert dict(now["feed"]).get("COD", 0.0) < dict(before["feed"])["COD"]
    assert all(share <= 1.0 for shares in before.values() for _, share in shares)
    assert partners.of(calm, "cobalt", "COD")["sells"][0][0] == "CHN"


def test_a_country_that_is_clicked_stands_out(played, english, tables):
    _, calm, _ = played
    places = map_view.places_of(tables)
    edges = map_view.map_of(calm, "cobalt", "mines", "reliance", False, picked("FIN"), english, tables, places)["edges"]
    assert {edge["faint"] for edge in edges if "FIN" in edge["ends"]} == {False}
    assert all(edge["faint"] for edge in edges if "FIN" not in edge["ends"])


def test_neither_names_nor_numbers_on_the_map_touch(played, texts, tables):
    _, _, frame = played
    places, height = (
        map_view.places_of(tables),
        20.0,
    )  # of a letter, in the units of the picture: map.css in a window of 1280
    for metal in frame.live.world.layout.metals:
        for stage in network.STAGES:
            picture = network.map_picture(frame, metal, stage, texts, places)
            named = [
                (one["lx"], one["ly"], one["name"]) for one in picture["nodes"] if one.get("lx") and "anchor" not in one
            ]
            boxes = [(x, y, network._half(text)) for x, y, text in named]
            boxes += [(one["x"], one["y"], network._half(one["text"])) for one in picture["told"]]
            for number, (x, y, half) in enumerate(boxes):
                assert half < x < network.WIDTH - half
                assert all(abs(x - u) >= half + w or abs(y - v) >= height for u, v, w in boxes[:number]), (metal, stage)

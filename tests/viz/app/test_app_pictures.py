"""What the page draws and says: taken from a frame, equal to the tables, in two languages."""

import json
import re
import string

import numpy as np
import pandas as pd
import pytest

from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.run.hit import COUNTRY, PRODUCT, hits_in, hits_of
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario, shipped
from lodeflow.experiments.scenario.names import names_in
from lodeflow.viz import words
from lodeflow.viz.app import figures
from lodeflow.viz.app.batch import downloads_view
from lodeflow.viz.app.desk import firms
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.texts import ENGLISH, LANGUAGES, Texts, words_of
from lodeflow.viz.app.world import board, chain, network, story, worlds
from lodeflow.viz.app.world.session import Session

WORLD = ['world.metals=["cobalt", "nickel"]', "world.end=2025-06"]
BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed", "end": "2024-10"}


@pytest.fixture(scope="module")
def played(tables):
    mine = Session(tables, load_scenario("baseline", WORLD, tables))
    mine.step(3)
    calm = mine.frame()
    mine.fire(BAN)
    mine.step(5)
    yield mine, calm, mine.frame()
    worlds.forget()


@pytest.fixture(scope="module")
def outcome(tables, played):
    return run_scenario(played[0].scenario, tables=tables)


@pytest.fixture(params=sorted(LANGUAGES))
def texts(request, tables):
    return Texts(request.param, tables)


def pick(table, **values):
    """The rows of a table in which some columns have some values."""
    for column, value in values.items():
        table = table[table[column] == value]
    return table


def test_lines_in_the_browser_equal_the_tables_of_the_run(played, outcome, texts):
    _, _, frame = played
    made = [
        chart for makers in (board.FIRST, board.OTHERS) for chart in board.charts_of(frame, "cobalt", texts, makers)
    ]
    charts = {chart.id: board.wire(chart) for chart in made}
    assert {"price", "shortage", "feed-price", "stocks", "mine-production", "scrap", "hhi"} <= set(charts)
    checks = {
        ("price", -1): ("price_outside", "refined", "shock"),
        ("price", 0): ("price", "refined", "baseline"),
        ("shortage", -1): ("shortage", "refined", "shock"),
        ("stocks", -1): ("stock_cover", "refined", "shock"),
        ("in-use-stock", -1): ("in_use_stock", "product", "shock"),
        ("feed-price", -1): ("price_outside", "intermediate", "shock"),
    }
    for (chart, line), (variable, form, run) in checks.items():
        rows = pick(outcome.series, run=run, variable=variable, form=form, region="WLD", metal="cobalt")
        shown = np.array(charts[chart]["lines"][line]["values"]) * (charts[chart]["usd"] or 1.0)
        assert shown == pytest.approx(rows["value"].to_numpy()[: frame.t], rel=2e-5, abs=1e-12), chart


def test_the_price_chart_is_an_index_of_the_month_before_the_shock_with_what_was_observed(played, texts, tables):
    _, calm, frame = played
    for name in ("price", "feed-price"):
        charts = {chart.id: chart for chart in board.charts_of(frame, "cobalt", texts, (board.price, board.feed_price))}
        assert charts[name].lines[0].values[2] == 1.0  # fired after three months
        assert texts.month(frame.first_month + 2) in charts[name].title
        assert charts[name].usd > 1000
    seen = {line.role: line.values for line in charts["price"].lines}["observed"]
    base = tables.base_prices.query("metal == 'cobalt'").set_index("year")["price_usd_per_t"]
    assert seen == pytest.approx(np.ones(8))  # the yearly mean holds in the month before, too
    before = board.price(calm, "cobalt", texts)
    assert (before.unit, before.usd) == ("USD/t", 0.0)
    assert {line.role: line.values for line in before.lines}["observed"] == pytest.approx(np.full(3, base[2024]))


def test_under_every_live_price_chart_stands_what_the_dashed_line_is(played, tables):
    _, calm, frame = played
    texts = Texts(ENGLISH, tables)
    for maker in (board.price, board.feed_price, board.price_by_country):
        assert board.wire(maker(frame, "cobalt", texts))["note"].startswith("Dashed: the same world without the shocks")
        assert "no forecast" in board.wire(maker(calm, "cobalt", texts))["note"]
    nickel = board.price(frame, "nickel", texts)
    assert "from Sep 2019 on are not drawn" in nickel.note
    assert "observed" not in {line.role for line in nickel.lines}


def test_the_live_chart_shows_the_ban_of_2025_beside_what_was_observed(tables, texts):
    mine = Session(
        tables, load_scenario("drc-cobalt-export-ban", ['world.metals=["cobalt"]', "world.end=2026-03"], tables)
    )
    mine.step(27)
    chart = board.wire(board.price(mine.frame(), "cobalt", texts))
    (seen,) = (line["values"] for line in chart["lines"] if line["role"] == "observed")
    assert [(month, value) for month, value in enumerate(seen) if month > 11 and value is not None] == [
        (13, 0.9), (14, 1.3), (16, 1.39), (19, 1.38), (21, 1.78), (25, 2.15)
    ]  # fmt: skip
    json.dumps(chart, allow_nan=False)


def test_prices_inside_and_outside_part(played, tables):
    _, calm, frame = played
    texts = Texts(ENGLISH, tables)
    assert [line.role for line in board.feed_price(calm, "cobalt", texts).lines] == ["live"]
    base, inside, outside = board.feed_price(frame, "cobalt", texts).lines
    assert (base.dashed, inside.name, outside.name) == (True, "inside DR Congo", "outside DR Congo")
    assert inside.values[-1] < base.values[-1] < outside.values[-1]


def test_flows_equal_the_trade_table(played, outcome):
    _, _, frame = played
    shown = {(flow.seller, flow.buyer): flow for flow in network.flows(frame, "cobalt", "feed")}
    month = sorted(outcome.trade["date"].unique())[frame.t - 1]
    for run, field in (("shock", "tonnes"), ("baseline", "without")):
        rows = pick(outcome.trade, run=run, metal="cobalt", form="intermediate", date=month)
        sums = rows.groupby(["exporter", "importer"], observed=True)["tonnes"].sum()
        assert sum(getattr(flow, field) for flow in shown.values()) == pytest.approx(sums.sum(), rel=1e-6)
        for pair, tonnes in sums[sums > 0].items():
            assert getattr(shown[pair], field) == pytest.approx(tonnes, rel=1e-6)


def test_a_ban_closes_the_flows_of_its_country_and_of_no_other(played):
    _, calm, frame = played
    assert not any(flow.restricted for flow in network.flows(calm, "cobalt", "feed"))
    closed = [flow for flow in network.flows(frame, "cobalt", "feed") if flow.closed]
    assert closed
    assert {flow.seller for flow in closed} == {"COD"}
    assert all(flow.buyer != "COD" and flow.without > 0 for flow in closed)


@pytest.mark.parametrize("stage", network.STAGES)
def test_the_map_keeps_inside_its_frame(played, texts, tables, stage):
    _, _, frame = played
    places = dict(
        zip(tables.countries["iso3"], zip(tables.countries["lon"], tables.countries["lat"], strict=True), strict=True)
    )
    picture = network.map_picture(frame, "cobalt", stage, texts, places)
    codes = {node["id"] for node in picture["nodes"]}
    assert picture["nodes"]
    for node in picture["nodes"]:
        assert 0 <= node["x"] <= picture["width"]
        assert 0 <= node["y"] <= picture["height"]
        assert node["name"]
        assert node["tip"]
    assert all(set(edge["id"].split("-")) <= codes for edge in picture["edges"])
    largest = max(picture["nodes"], key=lambda node: node["r"])
    size = network.sizes(frame, "cobalt", network.STAGES[stage])
    assert size[largest["id"]][0] == max(now for now, _ in size.values())


def test_the_chain_holds_every_tonne(played, texts):
    _, _, frame = played
    picture = chain.chain_picture(frame, "cobalt", texts)
    traded = network.flows(frame, "cobalt", "feed")
    bars = [node for node in picture["nodes"] if node["key"].startswith("0-")]
    scale = {
        node["full"] / now for node in bars for now in [_mined(traded, node)] if now > 1000
    }  # heights have one decimal
    assert max(scale) - min(scale) < 0.01 * max(scale)
    assert len(picture["columns"]) == 3
    assert any(edge["state"] == "closed" for edge in picture["edges"])
    assert all(node["y"] + node["h"] <= picture["height"] + 1 for node in picture["nodes"])


def _mined(traded, node):
    return sum(flow.tonnes for flow in traded if flow.seller == node["id"])


def test_before_the_first_month_there_is_a_picture_too(tables, texts):
    """Map and chain show what was traded in a month of the base year: all of it, of this metal alone, and nothing of it changed."""
    frame = Session(tables, load_scenario("baseline", WORLD, tables)).frame()
    world = frame.live.world
    sold = {}
    for market in ("feed", "refined"):
        table = world.markets[market]
        own = table.metal == world.layout.metal_index["cobalt"]
        sold[market] = np.bincount(table.seller_country[own], table.base[own], len(world.layout.countries))
        found = network.flows(frame, "cobalt", market)
        assert sum(flow.tonnes for flow in found) == pytest.approx(sold[market].sum())
        assert all(flow.tonnes == flow.without and not flow.restricted for flow in found)
    shown = network.map_picture(frame, "cobalt", "mines", texts, {})
    assert shown["edges"]
    assert not any(node["tip"] for node in shown["nodes"]), "nothing is mined yet: no word of 0 t"
    picture = chain.chain_picture(frame, "cobalt", texts)
    assert {edge["state"] for edge in picture["edges"]} == {"same"}
    mines = {bar["id"]: bar["h"] for bar in picture["nodes"] if bar["key"].startswith("0-")}
    miner = world.layout.countries[int(sold["feed"].argmax())]
    assert mines[miner] / sum(mines.values()) == pytest.approx(sold["feed"].max() / sold["feed"].sum(), abs=0.01)
    assert all(
        not line.values.size for chart in board.charts_of(frame, "cobalt", texts, board.FIRST) for line in chart.lines
    )
    assert story.tiles(frame, "cobalt", texts) == []
    assert story.sentence(frame, "cobalt", texts)


def test_the_story_says_how_dear_and_who_is_hit(played, outcome, tables):
    _, calm, frame = played
    texts = Texts(ENGLISH, tables)
    live, base = story.price_now(frame, "cobalt")
    assert f"{live / base:.2f} times" in story.sentence(frame, "cobalt", texts)
    assert "no shock" in story.sentence(calm, "cobalt", texts)


def test_the_hardest_hit_are_those_of_the_tables(played, outcome, tables):
    mine, calm, frame = played
    worlds_of = (("shock", mine.live.world), ("baseline", mine.base.world))
    uses = pd.concat([world.recorder.uses().assign(run=run) for run, world in worlds_of], ignore_index=True)
    month = sorted(outcome.series["date"].unique())[frame.t - 1]
    hits = hits_of(outcome.series[outcome.series["date"] <= month], uses, mine.scenario.first_month)
    for shown, who in zip(story.losers(frame, "cobalt"), (COUNTRY, PRODUCT), strict=True):
        wanted = hits_in(hits, "cobalt", who)
        assert [hit.name for hit in shown] == [hit.name for hit in wanted]
        assert [hit.share for hit in shown] == pytest.approx([hit.share for hit in wanted])
        assert [hit.tonnes for hit in shown] == pytest.approx([hit.tonnes for hit in wanted])
    texts, first = Texts(ENGLISH, tables), story.losers(frame, "cobalt")[0][0]
    tile = story.tiles(frame, "cobalt", texts)[-1]
    assert tile.value == texts.region(first.name)
    assert tile.note.startswith(f"loses {words.percent(first.share)} of its normal use")
    assert "Products: " in tile.note
    assert story.tiles(calm, "cobalt", texts)[-1].value == "nobody"


def test_a_price_within_the_threshold_is_called_unmoved(played, tables, monkeypatch):
    _, _, frame = played
    texts = Texts(ENGLISH, tables)
    for ratio, word, state in (
        (1.019, "is as without", "same"),
        (1.021, "1.02 times", "less"),
        (0.97, "only 0.97", "more"),
    ):
        monkeypatch.setattr(story, "price_now", lambda *_, ratio=ratio: (ratio * 30_000.0, 30_000.0))
        assert word in story.sentence(frame, "cobalt", texts)
        assert story.tiles(frame, "cobalt", texts)[0].state == state


def test_a_policy_says_what_it_does_to_recycling(tables, texts):
    mine = Session(tables, load_scenario("eu-battery-epr", ['world.metals=["lithium"]', "world.end=2027-12"], tables))
    mine.step(48)
    frame = mine.frame()
    live, base = (view.line("secondary_supply", "lithium", "refined") for view in (frame.live, frame.base))
    assert (live - base).sum() > 1.0
    assert figures.tonnes((live - base).sum(), texts, sign=True) in story.sentence(frame, "lithium", texts)


def test_import_reliance_is_that_of_the_table_cut_off_below(played, outcome, tables):
    _, _, frame = played
    texts = Texts(ENGLISH, tables)
    (chart,) = [c for c in board.country_charts(frame, "cobalt", "CHN", texts) if c.id == "country-import-reliance"]
    for line, form in zip(chart.lines[3:], ("intermediate", "refined", "all"), strict=True):
        rows = pick(
            outcome.series, run="shock", variable="net_import_reliance", region="CHN", metal="cobalt", form=form
        )
        assert line.values == pytest.approx(np.maximum(rows["value"].to_numpy()[: frame.t], board.EXPORTER))
    assert chart.lines[4].values.min() < 0.0
    names = [line.name for line in board.reliance(frame, "cobalt", texts).lines]
    assert texts.region("CHN") in names


def test_firms_of_a_country_are_those_of_the_world(played, texts):
    _, _, frame = played
    found = firms.firms_of(frame, "cobalt", "COD", texts)
    mines = [firm for firm in found if firm.population == "miners"]
    assert {firm.id for firm in mines} == {i for i in frame.live.world.miners.ids if i.startswith("COD-cobalt")}
    desk = next(firm for firm in found if firm.population == "ore_desks")
    ask = firms.history(frame, desk, texts)[-1].lines[-1].values
    recorded = frame.live.world.recorder.block("feed_ask")[: frame.t, desk.row]
    assert ask == pytest.approx(recorded, rel=0.08)  # the anchor comes back to what is usual
    assert len({firm.population for firm in found} & {"ore_desks", "secondary", "refiners"}) >= 2
    output = [frame.live.firms["miners", "output"][frame.t - 1, firm.row] for firm in mines]
    assert output == sorted(output, reverse=True)
    for firm in found:
        for chart in firms.history(frame, firm, texts):
            assert len(chart.lines) == 2
            assert all(len(line.values) == frame.t for line in chart.lines)


def test_downloads_hold_the_numbers_of_the_run(played, outcome):
    _, _, frame = played
    table = downloads_view.series_table(frame, "cobalt")
    cut = outcome.series[outcome.series["date"].isin(table["date"].unique())].query("metal == 'cobalt'")
    keys = ["date", "run", "metal", "form", "region", "variable"]
    both = table.merge(cut, on=keys, suffixes=("", "_run"), how="outer", indicator=True)
    only = both[both["_merge"] != "both"]
    assert (only["value_run"].fillna(0.0) == 0.0).all()
    shared = both[both["_merge"] == "both"]
    assert np.array_equal(shared["value"], shared["value_run"])
    assert (shared["unit"] == shared["unit_run"]).all()
    assert len(shared) > 1000
    trade = downloads_view.trade_table(frame, "cobalt")
    own = outcome.trade.query("metal == 'cobalt' and form in ('intermediate', 'refined')")
    assert trade["tonnes"].sum() == pytest.approx(own[own["date"].isin(trade["date"])]["tonnes"].sum(), rel=1e-6)
    assert downloads_view.csv_of(trade).startswith(b"date,run,metal,form,exporter,importer,tonnes\n")
    assert downloads_view.parquet_of(trade)[:4] == b"PAR1"


# ---- the desk ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_every_kind_has_a_form_with_all_its_fields(kind, tables, texts):
    fields = [*desk.fields_of(kind), *desk.later_fields(kind)]
    told = set(REGISTRY[kind].model_fields)
    assert {field.name for field in fields} | (set(desk.HIDDEN) & told) == told
    for field in fields:
        assert texts.field(field.name)
        assert texts.field_help(kind, field.name, field.description)
        if field.sort.startswith("rows"):
            assert field.columns
    assert texts.kind(kind)
    assert texts.kind_help(kind)


@pytest.mark.parametrize("kind", sorted(kind for kind, model in REGISTRY.items() if not model.alias_of))
def test_what_a_form_shows_first_can_be_fired_as_it_stands(kind, tables):
    mine = Session(tables, load_scenario("baseline", ["world.end=2024-06"], tables))
    values = desk.first_values(kind, mine.live.world.layout.metals, mine.now)
    mine.fire(desk.raw_shock(kind, values, desk.first_timing(kind), mine.now))
    assert mine.scenario.shocks[0].kind == kind


def test_a_form_says_when_in_months(tables):
    raw = desk.raw_shock("export_ban", {"actor": "COD"}, desk.Timing(duration=3, notice=0), "2025-11")
    assert (raw["start"], raw["end"], "announce" in raw) == ("2025-11", "2026-01", False)
    later = desk.raw_shock("export_ban", {}, desk.Timing(start="2026-03", duration=None, notice=24), "2025-11")
    assert (later["announce"], "end" in later) == ("2025-11", False)


def test_rows_of_a_form_become_tables_of_a_scenario(tables):
    values = {
        "actor": "EU27",
        "products": ["portable-battery"],
        "collection": [{"date": "2026-01", "value": 0.6}, {}],
        "recovery": [{"metal": "cobalt", "date": "2026-01", "value": 0.9}, {"date": "2027-01", "value": 0.95}],
    }
    raw = desk.raw_shock("epr", values, desk.Timing(duration=None), "2025-01")
    assert raw["collection"] == [{"date": "2026-01", "value": 0.6}]
    assert raw["recovery"] == {"cobalt": [{"date": "2026-01", "value": 0.9}]}
    assert "recycled_content" not in raw


# ---- words ------------------------------------------------------------------------------------------------------------
def test_both_languages_have_every_text_with_the_same_gaps():
    english, chinese = words_of("en"), words_of("zh")
    assert set(english) <= set(chinese)
    for key, text in english.items():
        if key in ("month",):
            continue
        assert _gaps(text) == _gaps(chinese[key]), key
        assert not re.search(r"[A-Za-z]{12,}", re.sub(r"[`“].*?[`”]|\{\w+\}", "", chinese[key])), key


def _gaps(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_chinese_names_cover_the_tables(tables):
    names = names_in(tables)
    own = words_of("zh")
    for what, codes in (("metal", names.metals), ("region", names.places), ("product", names.products)):
        assert [code for code in codes if f"{what}.{code}" not in own] == []
    assert [name for name in shipped() if f"scenario_title.{name}" not in own] == []


def test_what_a_language_lacks_is_english(tables):
    texts = Texts("zh", tables)
    assert texts.kind("never_heard_of") == "Never heard of"
    assert texts.region("XYZ") == "XYZ"
    assert texts.month(2025 * 12 + 2) == "2025年3月"
    with pytest.raises(KeyError):
        texts("no.such.key")

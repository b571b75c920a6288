"""Every number and sentence that the page prints, in both languages: no nan, no -0, no "1 months", no backtick, no bare unit."""

import json
import math
import re

import numpy as np
import pytest

from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz import words
from lodeflow.viz.app import figures
from lodeflow.viz.app.batch import compare_view, spread
from lodeflow.viz.app.desk import firms
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.texts import LANGUAGES, Texts, words_of
from lodeflow.viz.app.world import board, chain, map_view, network, story, worlds
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.language import reading

WORLD = ['world.metals=["cobalt", "gallium"]', "world.end=2025-06"]
BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed", "end": "2024-10"}
WRONG = re.compile(
    r"\bnan\b|\binf\b|\bNone\b|`|\(0 t\)|\(0 吨\)"
    r"|[-−]0(\.0*)?(?![\d.,])|(?<![\d.,])1 (months|shocks|runs|minutes)\b",
    re.IGNORECASE,
)


@pytest.fixture(params=sorted(LANGUAGES))
def texts(request, tables):
    return Texts(request.param, tables)


@pytest.fixture(scope="module")
def frames(tables):
    """Before the first month, without shocks, right after firing, while it acts, and when it is over."""
    mine = Session(tables, load_scenario("baseline", WORLD, tables))
    made = [mine.frame()]
    mine.step(3)
    made.append(mine.frame())
    mine.fire(BAN)
    made.append(mine.frame())
    mine.step(3)
    made.append(mine.frame())
    mine.step(9)
    yield [*made, mine.frame()]
    worlds.forget()


def said(frame, metal, texts):
    """Every string that the page shows of a frame."""
    made = [story.sentence(frame, metal, texts), story.title_of(frame, texts)]
    for tile in story.tiles(frame, metal, texts):
        made += [tile.name, tile.value, tile.note]
    pictures = [network.map_picture(frame, metal, stage, texts, {}) for stage in network.STAGES]
    for picture in [*pictures, chain.chain_picture(frame, metal, texts)]:
        made += [text for part in (*picture["nodes"], *picture["edges"]) for text in (part["name"], *part["tip"])]
    made += [
        map_view._caption(frame, metal, shown, stage, texts) for stage in network.STAGES for shown in ("map", "chain")
    ]
    charts = [chart for makers in (board.FIRST, board.OTHERS) for chart in board.charts_of(frame, metal, texts, makers)]
    for region in ("CHN", "COD"):
        charts += board.country_charts(frame, metal, region, texts)
        for firm in firms.firms_of(frame, metal, region, texts):
            made += [firm.name, firm.state]
            charts += firms.history(frame, firm, texts)
    for chart in charts:
        sent = board.wire(chart)
        json.dumps(sent, allow_nan=False)
        assert sent["unit"] != "1"
        made += [sent["title"], sent["hint"], texts.unit(sent["unit"]), *(line["name"] for line in sent["lines"])]
    return made


@pytest.mark.parametrize("metal", ["cobalt", "gallium"])
def test_nothing_odd_is_printed_at_any_time(frames, texts, metal):
    for frame in frames:
        texts_shown = said(frame, metal, texts)
        assert len(texts_shown) > 20
        assert [text for text in texts_shown if WRONG.search(text)] == []


def test_without_shocks_nothing_speaks_of_shocks_that_act(frames, texts):
    calm = said(frames[1], "cobalt", texts)
    for key in ("line.base", "line.live", "tile.hit_calm", "line.dashed"):
        assert texts(key) not in calm, key
    assert [text for text in calm if text.startswith(texts("tip.without", tonnes=""))] == []
    assert texts("line.alone") in calm
    assert texts("line.live") in said(frames[3], "cobalt", texts)


def test_the_status_line_knows_what_is_planned_in_force_and_over(frames, tables):
    texts = Texts("en", tables)
    _, calm, fired, acting, over = (story.sentence(frame, "cobalt", texts) for frame in frames)
    assert "no shock so far" in calm
    assert fired.startswith("DR Congo: export ban (cobalt), planned from Apr 2024. The price of cobalt")
    assert acting.startswith("DR Congo: export ban (cobalt). The price of cobalt")
    assert over.startswith("What was fired is over.")


def test_before_the_first_month_the_status_line_knows_the_scenario(tables):
    mine = Session(tables, load_scenario("drc-cobalt-export-ban", WORLD, tables))
    said_first = story.sentence(mine.frame(), "cobalt", Texts("en", tables))
    assert ", planned from " in said_first
    assert said_first.endswith("Press Play.")


def test_all_that_is_left_is_counted(tables):
    mine = Session(tables, load_scenario("baseline", WORLD, tables))
    mine.fire(BAN | {"announce": "2024-02", "start": "2024-06"})
    mine.step(3)
    mine.fire({"kind": "export_licence", "actor": "CHN", "metals": ["gallium"]})
    mine.fire({"kind": "mine_outage", "actor": "IDN", "metals": ["cobalt"], "strength": 0.2, "end": "2024-08"})
    mine.step()
    mine.fire({"kind": "stock_purchase", "metals": ["cobalt"], "tonnes": 10.0, "start": "2025-02", "end": "2025-03"})
    what = story.happening(mine.frame(), Texts("en", tables))
    assert what.startswith("China: export licences (gallium); Indonesia: mine outage (cobalt)")
    assert what.endswith(" and 2 more")
    mine.rewind(3)
    mine.step()
    mine.undo()
    texts = Texts("en", tables)
    assert "announced, from Jun 2024" in story.happening(mine.frame(), texts)


def test_a_stock_is_no_flow(frames, tables):
    texts = Texts("en", tables)
    frame = frames[3]
    shown = {stage: map_view._caption(frame, "cobalt", "map", stage, texts) for stage in network.STAGES}
    assert "per month" not in shown["stocks"]
    assert "at the end of Jun 2024" in shown["stocks"]
    assert all("tonnes of metal per month" in text for stage, text in shown.items() if stage != "stocks")
    mine = next(firm for firm in firms.firms_of(frame, "cobalt", "COD", texts) if firm.population == "miners")
    assert mine.state.endswith("t a month")
    units = {chart.id: texts.unit(board.wire(chart)["unit"]) for chart in firms.history(frame, mine, texts)}
    assert units["firm-miners-output"].endswith("t a month")
    assert units["firm-miners-stock"] in ("t", "kt", "Mt")


# ---- tables -----------------------------------------------------------------------------------------------------------
NOTHING = {
    "metal": "cobalt", "price_peak_date": "2024-03-01", "price_peak": 26000.0, "price_peak_ratio": 1.0,
    "price_low_ratio": 1.0, "shortage_t": -0.0, "shortage_pct": -0.0001, "use_lost_t": 0.02, "use_lost_pct": -0.0,
    "months_to_recover": 1.0, "hit_country": "JPN", "hit_country_pct": 0.0, "hit_country_t": 0.02, "hit_product": None,
    "hit_product_pct": None, "hit_product_t": None, "recycled_more_t": -0.02, "recycled_more_pct": -0.0,
    "primary_avoided_t": 0.0, "primary_avoided_pct": 0.0, "recycling_rate": None, "recycling_rate_baseline": None,
}  # fmt: skip


def test_a_table_in_which_nothing_happened_says_so(tables):
    texts = Texts("en", tables)
    heads, (row,) = compare_view.summary_table([NOTHING], texts)
    cells = dict(zip(heads, row, strict=True))
    assert cells["Shortage"] == cells["Use lost"] == "0 t (0.0 %)"
    assert cells["Hardest hit"] == cells["Product hit hardest"] == "nobody"
    assert cells["Recycled metal"] == cells["Metal from ore"] == "0 t (0.0 %)"
    assert cells["Back to normal"] == "after 1 month"
    assert cells["Recycling rate"] == "– (without –)"
    gone = dict.fromkeys(NOTHING, None) | {"metal": "cobalt", "price_peak_date": "2024-03-01"}
    for language in LANGUAGES:
        for table in (NOTHING, gone):
            row = compare_view.summary_table([table], Texts(language, tables))[1][0]
            assert [text for text in row if WRONG.search(text)] == []


def test_a_run_without_shocks_is_not_compared(tables, texts):
    calm = load_scenario("baseline", WORLD, tables)
    assert "0" not in compare_view.what_is_run(calm, calm.title, texts)
    heads, (row,) = compare_view.summary_table([NOTHING], texts, calm=True)
    assert len(heads) == len(row) == 6
    assert texts("kpi.lost") not in heads
    one = load_scenario("baseline", WORLD, tables).model_copy(update={"shocks": [None]})
    assert texts.count("shock", 1) in compare_view.what_is_run(one, one.title, texts)


class Batch:
    """A batch of three runs, with what the table of the page reads."""

    import pandas as pd

    kpis = pd.DataFrame(
        [
            {"name": f"{kpi}.cobalt", "kpi": kpi, "metal": "cobalt", "unit": unit, "what": what}
            for kpi, unit, what in (
                ("price_peak", "1", "highest price"),
                ("shortage", "1", "shortage of demand"),
                ("hhi_change", "1", "concentration"),
                ("shortage_t", "t", "shortage"),
                ("price_peak_usd", "USD/t", "price"),
                ("months_above_2x", "months", "months above"),
            )
        ]
    )
    values = pd.DataFrame({name: [0.0, -1e-6, 2.5] for name in kpis["name"]})
    manifest = {"events": []}  # noqa: RUF012

    def kpi(self):
        return self.values


def test_a_batch_names_its_units_in_words(tables):
    heads, rows = spread.table(Batch(), "cobalt", Texts("en", tables))
    assert all(len(row) == len(heads) == 5 for row in rows)
    middle = {row[0]: row[3] for row in rows}
    high = {row[0]: row[4] for row in rows}
    assert middle == {
        "Highest price": "0.00 ×", "Shortage of demand": "0.0 %", "Concentration": "0", "Shortage": "0 t",
        "Price": "0 USD per t", "Months above": "0.0 months",
    }  # fmt: skip
    assert high["Highest price"] == "2.25 ×"
    assert high["Shortage of demand"] == "225 %"
    assert not [cell for row in rows for cell in row if cell == "1" or WRONG.search(cell)]
    above = spread.exceedance(Batch(), "cobalt", Texts("en", tables))
    assert above[0].name == "price peaks above 1.1 times that of the first month"


# ---- the module of figures --------------------------------------------------------------------------------------------
UNITS = ("t", "t/month", "USD/t", "USD", "USD/month", "units/month", "months", "1", "points", "times", "index", "")


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("value", [0.0, -0.0, 1e-9, -1e-9, 0.3, -12.5, 1e6, 3.2e9, math.nan, math.inf, -math.inf])
def test_any_amount_in_any_unit_reads_well(texts, unit, value):
    text = figures.amount(value, unit, texts)
    assert text
    assert not WRONG.search(text), text
    assert "-" not in text
    assert (text == figures.NONE) == (not math.isfinite(value))


def test_units_are_in_the_language_of_the_reader(tables):
    english, chinese = (Texts(language, tables) for language in ("en", "zh"))
    assert figures.amount(12345.0, "t/month", english) == "12 kt a month"
    assert figures.amount(0.0216, "points", english) == "+2.2 points"
    assert figures.amount(0.0216, "points", chinese) == "+2.2 个百分点"
    assert figures.amount(12345.0, "t/month", chinese) == "每月 12 千吨"
    assert figures.usd(1e6, english) == "1,000,000 USD per t"
    assert figures.usd(33499.0, chinese) == "33,500 美元/吨"
    assert figures.whole_months(1.0, english) == "1 month"
    assert figures.whole_months(1200, english) == "1,200 months"
    assert figures.whole_months(math.nan, english) == figures.loss("Japan", 0.1, math.nan, english).replace(
        "nobody", "–"
    )
    assert figures.loss("日本", 0.28, 11e3, chinese) == "日本：28 %（11 千吨）"
    assert figures.bound(1e6) == "1,000,000"


def test_counts_have_a_singular(texts):
    for key in words_of("en"):
        if key.startswith("count.") and key.endswith(".one"):
            thing = key.split(".")[1]
            assert not WRONG.search(texts.count(thing, 1))
            assert "2" in texts.count(thing, 2)
    assert words_of("en")["count.month.one"] != words_of("en")["count.month.other"]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_text_carries_marks_of_code(language, tables):
    assert [key for key, text in words_of(language).items() if "`" in text] == []
    texts = Texts(language, tables)
    for kind in desk.kinds():
        assert "`" not in texts.kind_help(kind)
        for field in (*desk.fields_of(kind), *desk.later_fields(kind)):
            assert "`" not in texts.field_help(kind, field.name, field.description)
    assert texts.field_help("", "nothing", "see `lodeflow describe` and ``x``") == "See lodeflow describe and x"


def test_a_gap_in_a_line_reaches_the_browser_as_nothing():
    lines = [board.Line("a", "live", np.array([1.0, np.nan, 3.0])), board.Line("b", "base", np.full(3, np.nan))]
    sent = board.wire(board.Chart("x", "x", "t", lines))
    assert sent["lines"][0]["values"] == [1.0, None, 3.0]
    assert sent["lines"][1]["values"] == [None] * 3
    json.dumps(sent, allow_nan=False)


def test_product_groups_have_a_name_on_the_chinese_page(tables):
    texts = Texts("zh", tables)
    names = {texts.group(str(group)) for group in tables.products["group"].unique()}
    assert names
    assert not [name for name in names if name.isascii()]
    assert Texts("en", tables).group("copper-goods") == "copper goods"


@pytest.mark.parametrize(
    ("usd", "english", "chinese"),
    [
        (2.714e8, "271 million USD", "2.71 亿美元"),
        (2.51e9, "2.51 billion USD", "25.1 亿美元"),
        (-63_800.0, "−63,800 USD", "−6.38 万美元"),
        (420.0, "420 USD", "420 美元"),
    ],
)
def test_money_is_counted_in_the_steps_of_the_language(tables, usd, english, chinese):
    for code, said in (("en", english), ("zh", chinese)):
        assert figures.money(usd, Texts(code, tables)) == said
        with reading(code):
            assert words.dollars(usd) == said

"""Reports in the reader's language: nothing English is left in a Chinese one, nothing Chinese stands in an English one."""

import ast
import re
import shutil
import string
from importlib import import_module
from itertools import chain
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.text import Text

from lodeflow.environment.accounts import FLOWS
from lodeflow.experiments.kpis import KPIS
from lodeflow.viz import Labels, fonts, write_report, writing
from lodeflow.viz.charts import compare, fans, flows, seen
from lodeflow.viz.colors import COMPONENTS
from lodeflow.viz.decided import VERBS
from lodeflow.viz.described import MADE
from lodeflow.viz.language import LANGUAGES, SAID, TOLD, reading, say, sentences, told
from lodeflow.viz.report import compare as sides
from lodeflow.viz.report import page, pictures, summarize, supply

money, price, stocks = (import_module(f"lodeflow.viz.charts.{name}") for name in ("money", "price", "stocks"))
VIZ = Path(page.__file__).parents[1]
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]{3,}")
NAMES = {"Lodeflow", "HHI"}
"""Names of the program and of a measure of concentration: no words."""
KEYS = re.compile("drc-cobalt-export-ban|abc123")
"""The scenario by its key, and the fingerprint of the data."""
needs_font = pytest.mark.skipif(not fonts.chinese(), reason="needs a font with Chinese signs")


def literals():
    """Every English text that viz says, with the file that says it."""
    for path in sorted(VIZ.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say" and node.args:
                first = node.args[0]
                ends = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                yield from ((end.value, path.name) for end in ends if isinstance(end, ast.Constant))
    for path in sorted(VIZ.rglob("*.html")):
        found = re.findall(r'say\("((?:[^"\\]|\\.)*)"', path.read_text("utf-8"))
        yield from ((text, path.name) for text in found)


def spoken():
    """Texts that are said through a name: constants of the modules."""
    tables = chain(VERBS.values(), money.KINDS.values(), seen.KINDS.values(), price.FORM_NAMES.values(), COMPONENTS)
    panels = chain.from_iterable(panel[1:] for panel in stocks.PANELS if panel[2] != "t")
    lost = [name for name, flow in FLOWS.items() if flow.kind in flows.LOST_KINDS]
    readings = [*summarize.READING, *sides.READING, compare._MATTERS, fans.BAND_CAPTION]
    axes = [*fans.AXES.values(), *fans.QUIET_AXES.values()]
    titles = [one.title for one in KPIS.values()]
    return {*tables, *panels, *lost, *readings, *axes, *titles, *supply.HEADER, MADE}


def gaps(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_has_its_chinese_with_the_same_gaps():
    known = sentences("zh")[SAID]
    assert sorted({text for text, _ in literals()} - set(known)) == []
    assert sorted(spoken() - set(known)) == []
    dates = {"year", "number"}
    odd = {english for english, text in known.items() if gaps(text) - gaps(english) - dates}
    lost = {english for english, text in known.items() if gaps(english) - gaps(text) - {"stamp", "news"}}
    assert (odd, lost) == (set(), set())
    assert [
        text for text in known.values() if WORD.search(re.sub(r"\{.*?\}", "", text)) and not CHINESE.search(text)
    ] == []


WRITES = {
    "set_title",
    "set_xlabel",
    "set_ylabel",
    "supylabel",
    "supxlabel",
    "text",
    "annotate",
    "finish",
    "no_data",
    "mass_axis",
}
WRITES |= {"percent_axis", "set_label_text"}
"""Calls that write into a chart."""
REPORTED = ("overview", "decisions", "profile", "common", "bands", "seen", "compare", "fans")
"""Files of charts that stand in a report without the decorator, and their parts."""
UNWORDED = re.compile(
    r"month|year|left|right|top|bottom|center|CO2e|supply|[a-z]+_[a-z_]+|x|y|outside lower left|in_use"
)
"""Arguments that are no words for a reader: times of flows, places on the paper, names of series."""


def unsaid(code):
    """English words that a program writes into its chart without saying them."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        labels = [word.value for word in node.keywords if word.arg == "label"]
        for part in [*(node.args if name in WRITES else []), *labels]:
            parts = part.values if isinstance(part, ast.JoinedStr) else [part]
            texts = [one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            yield from (text for text in texts if WORD.search(text) and not UNWORDED.fullmatch(text))


def test_charts_of_a_report_say_every_word_that_they_write():
    files = sorted((VIZ / "charts").glob("*.py"))
    shown_there = [path for path in files if path.stem in REPORTED or "@in_report" in path.read_text("utf-8")]
    assert len(shown_there) > 15
    found = {
        path.name: words for path in [*shown_there, VIZ / "style.py"] if (words := [*unsaid(path.read_text("utf-8"))])
    }
    assert found == {}
    other = "ax.set_title('Price of it')\nax.plot(x, label=f'with {cause}')\nax.set_ylabel(say('price'))"
    assert [*unsaid(other)] == ["Price of it", "with "]


def shown(html):
    """Texts of a page and its pictures' descriptions, without styles, code and the scenario file."""
    bare = re.sub(r"<(pre|style|code)>.*?</\1>", "", html, flags=re.DOTALL)
    return [*re.findall(r">([^<]+)<", bare), *re.findall(r'alt="([^"]*)"', bare)]


@pytest.fixture
def drawn(monkeypatch):
    """Texts of every chart that is saved."""
    texts = []

    def draw(plan, number, target):
        figure = kept(plan, number, target)
        texts.extend(part.get_text() for part in figure.findobj(Text) if part.get_visible())
        return figure

    kept = pictures.draw
    monkeypatch.setattr(pictures, "draw", draw)
    return texts


@pytest.fixture(scope="module")
def governed(folder, tmp_path_factory):
    """A run folder in which governments decided, with a band, and with a shock that did nothing for a reason."""
    copy = tmp_path_factory.mktemp("zh") / "run"
    shutil.copytree(folder, copy)
    table = pd.DataFrame([dict(zip(COLUMNS, row, strict=True)) for row in DECISIONS])
    table.to_parquet(copy / "decisions.parquet")
    return copy


COLUMNS = ("month", "start", "who", "kind", "instrument", "metal", "form", "target", "size", "unit", "status", "reason")
DECISIONS = (
    ("2025-04", "2025-05", "CHN", "restrict", "export_licence", "cobalt", "refined", "all", 0.45, "share of exports", "decided",
     "CHN refines 78% of the world's cobalt, 55% of it is used at home; others buy 34% of theirs from it; price 1.31 times its "
     "anchor; hit by USA, JPN; own measures: 2"),
    ("2025-04", "2025-04", "KOR", "support", "domestic_share", "cobalt", "recycled", "KOR", 0.5, "ln points", "decided",
     "72% of its cobalt (refined) from CHN, above 65%: supports recyclers at home with 0.50 ln points, about 17 m USD a year"),
    ("2025-04", "2025-05", "USA", "support", "price_floor", "cobalt", "feed", "AUS, CAN", 0.5, "ln points", "decided",
     "72% of its cobalt (feed) from COD, above 65%: supports mines among AUS, CAN with 0.50 ln points, about 157 m USD a year"),
    ("2025-07", "2025-07", "JPN", "side", "friend_shoring", "cobalt", "refined", "AUS, FIN", 0.2, "share of purchases", "vetoed",
     "cobalt export ban; JPN buys 66% of its cobalt from others than friends: moves 20% of that to friends"),
    ("2025-07", "2025-08", "USA", "retaliate", "export_tax", "copper", "refined", "CHN", 0.1, "share of the price", "decided",
     "CHN export licence: cobalt, refined holds back 12% of its supply; CHN gets 4% of its copper from USA, which sells it 9% "
     "of what it makes"),
    ("2025-10", "2025-10", "KOR", "stockpile", "strategic_reserve", "cobalt", "refined", "all", 41.0, "days of use", "decided",
     "74% of its cobalt from abroad, HHI of suppliers 0.56; holds 0 days; price 1.00 times its anchor: builds a reserve of 41 "
     "days for 2 m USD"),
    ("2026-10", "2026-10", "CHN", "lift", "export_licence", "cobalt", "refined", "all", 0.45, "share of exports", "decided",
     "after 13 months, 3% of its output kept back, a ruling against it"),
)  # fmt: skip


def left_over(texts, allowed):
    return sorted({text.strip() for text in texts if set(WORD.findall(KEYS.sub("", text))) - allowed})


@needs_font
def test_nothing_english_is_left_in_a_chinese_report(governed, countries, metals, drawn):
    with writing("zh"):
        html = write_report(governed, countries, metals).read_text("utf-8")
    assert '<html lang="zh">' in html
    versions = {"mesa", "numpy", "pandas", "lodeflow", "python"}
    assert left_over(shown(html), NAMES | versions) == []
    assert len(drawn) > 100
    assert left_over(drawn, NAMES) == []
    text = "".join(shown(html))
    for wanted in (
        "刚果（金）",
        "钴",
        "出口禁令",
        "中国限制：钴（精炼），出口的45%",
        "受美国、日本打击",
        "（被否决）",
        "2.4 倍",
    ):
        assert wanted in text
    assert "刚果（金）：出口禁令（钴）；日本的钴有66%购自非伙伴国" in text  # the measure's own label is English


def test_nothing_chinese_stands_in_an_english_report(governed, countries, metals, drawn):
    html = write_report(governed, countries, metals).read_text("utf-8")
    assert '<html lang="en">' in html
    assert CHINESE.search(html) is None
    assert [text for text in drawn if CHINESE.search(text)] == []


def test_without_a_font_one_line_says_so_and_the_report_is_english(folder, tmp_path, countries, metals, monkeypatch):
    english = write_report(shutil.copytree(folder, tmp_path / "en"), countries, metals).read_bytes()
    monkeypatch.setattr(fonts, "chinese", lambda: "")
    said = []
    with writing("zh", said.append):
        other = write_report(shutil.copytree(folder, tmp_path / "zh"), countries, metals).read_bytes()
    assert other == english
    assert len(said) == 1
    assert "\n" not in said[0]
    assert "apt-get install" in said[0]


def test_names_are_those_of_the_dashboard(countries, metals):
    with reading("zh"):
        labels = Labels.of(countries, metals)
        assert (labels.region("COD"), labels.region("WLD"), labels.metal("cobalt")) == ("刚果（金）", "全世界", "钴")
        assert labels.marked(["gallium"]).metal("gallium") == "镓（示意）"
    assert set(LANGUAGES) == {"en", "zh"}
    assert say("Metal") == "Metal"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("COD exports no gallium to USA, JPN when the run starts: there is nothing to restrict",
         "运行开始时刚果（金）不向美国、日本出口镓：没有可限制的"),
        ("its quota, 24,000 t a year, lies above what COD exports when the run starts, 12,345 t a year",
         "其配额每年 24,000 吨，高于运行开始时刚果（金）的出口量（每年 12,345 吨）"),
        ("COD mines no gallium and no indium in this world", "这个世界中刚果（金）不开采镓、铟"),
        ("no trade of this world uses suez or the ports of EGY", "这个世界没有贸易经过苏伊士运河或埃及的港口"),
        ("recycled cobalt in ev-battery-nickel, held of what is asked for: 2031 5% of 16% (1,234 t missing), 2032 20% of 16%",
         "车用镍系电池（NMC、NCA）中的再生钴，实际份额与要求的份额：2031年5%（要求16%，缺 1,234 吨），2032年20%（要求16%）"),
        ("cobalt: bought 10 t for 0.3 m USD, sold 4 t for 0.2 m USD (loss on sales 0.1 m USD), interest 0.1 m USD; holds 6 t "
         "worth 0.2 m USD at the end (0 t at the start)",
         "钴：买入 10 吨，花费 0.3 百万美元，卖出 4 吨，收入 0.2 百万美元（出售亏损 0.1 百万美元），利息 0.1 百万美元；"
         "结束时持有 6 吨，价值 0.2 百万美元（开始时 0 吨）"),
        ("forced; USA buys 40% of its copper (refined) from abroad and makes 55% of what it needs; price 1.12 times its anchor: a "
         "tariff of 10%", "由情景指定；美国的铜（精炼）有40%购自国外，自产为所需的55%；价格为锚定水平的 1.12 倍：关税10%"),
        ("its own sentence of a plug-in", "its own sentence of a plug-in"),
    ],
)  # fmt: skip
def test_finished_sentences_of_the_model_are_told_in_chinese(english, chinese):
    with reading("zh"):
        assert told(english) == chinese
    assert told(english) == english


def said_by_shocks():
    """Texts without gaps that shocks give as reasons, by the file and function they stand in."""
    for path in sorted((VIZ.parent / "environment" / "shocks").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name in ("powerless", "unreached", "idle"):
                for part in ast.walk(node):
                    if isinstance(part, ast.Return) and part.value is not None:
                        ends = (
                            [part.value.body, part.value.orelse] if isinstance(part.value, ast.IfExp) else [part.value]
                        )
                        texts = [end.value for end in ends if isinstance(end, ast.Constant)]
                        yield from ((text, path.name) for text in texts if isinstance(text, str) and text)


def test_every_reason_without_gaps_has_its_chinese():
    found = sorted(set(said_by_shocks()))
    assert len(found) > 15
    assert [place for place in found if place[0] not in sentences("zh")[TOLD]] == []

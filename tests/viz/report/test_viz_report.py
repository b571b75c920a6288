"""The report: whole, readable offline, safe against odd names, true to the summary."""

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from lodeflow.experiments.run.hit import PRODUCT, hits_in
from lodeflow.experiments.run.moved import has_moved
from lodeflow.viz import charts, style, words, write_charts, write_report
from lodeflow.viz.event import Event
from lodeflow.viz.frames import Run
from lodeflow.viz.report.story import headline, hits_table, recovery, reliance_table, summary_table, why_table


class Page(HTMLParser):
    """Collects the tags, attributes and text of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def report(folder, countries, metals):
    return write_report(folder, countries, metals)


@pytest.fixture(scope="module")
def html(report):
    return report.read_text("utf-8")


def test_charts_are_written_and_not_blank(folder, countries, metals):
    from PIL import Image

    files = write_charts(folder, countries, metals)
    assert [file.name for file in files] == sorted(file.name for file in files)
    assert files[0].name == "00-overview.png"
    assert sum("cobalt" in file.name for file in files) == 7
    assert {file.name for file in (folder / "charts").iterdir()} == {file.name for file in files}
    for file in files:
        with Image.open(file) as image:
            assert image.width == 1280
            grey = np.asarray(image.convert("L"))
        assert grey.std() > 5
        assert np.bincount(grey.ravel()).argmax() == 255


def test_charts_are_the_same_bytes_each_time(folder, countries, metals):
    first = [file.read_bytes() for file in write_charts(folder, countries, metals)]
    assert first == [file.read_bytes() for file in write_charts(folder, countries, metals)]


def test_old_charts_go_and_strangers_stay(make_run, tmp_path, countries, metals):
    folder = make_run(tmp_path / "run", runs=("baseline",))
    (folder / "charts").mkdir()
    for name in ("31-tin-price.png", "notes.txt"):
        (folder / "charts" / name).write_text("x", encoding="utf-8")
    write_charts(folder, countries, metals)
    assert not (folder / "charts" / "31-tin-price.png").exists()
    assert (folder / "charts" / "notes.txt").exists()


def test_report_is_one_page_that_needs_nothing_else(html):
    page = Page(html)
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe", "object")]
    for _, attributes in page.tags:
        for name in ("src", "href", "srcset", "action"):
            assert attributes.get(name, "data:").startswith("data:")
    assert not re.search(r"https?://|url\(|@import", html)
    assert sum(tag == "img" for tag, _ in page.tags) == 8
    assert all(attributes.get("alt") for tag, attributes in page.tags if tag == "img")


def test_report_says_what_a_reader_needs(html, folder):
    text = " ".join("".join(Page(html).text).split())
    for wanted in (
        "DR Congo closes its cobalt exports",
        "cobalt export ban",
        "2.4 times what it would have been",
        "No effect:",
        "gallium export ban",
        "tonnes of metal content",
        "constant US dollars",
        "lodeflow run scenario.toml --seed 7",
        "mesa 3.3.1",
        "abc123",
    ):
        assert wanted in text
    assert (folder / "scenario.toml").read_text("utf-8").strip() in "".join(Page(html).text)


def test_report_escapes_what_comes_from_outside(make_run, tmp_path, countries, metals):
    evil = '<script>alert("x")</script><img src=x onerror=alert(1)>'
    folder = make_run(tmp_path / "run", title=evil)
    (folder / "scenario.toml").write_text(f"# {evil}\n", encoding="utf-8")
    events = json.loads((folder / "events.json").read_text("utf-8"))
    events[0]["label"] = evil
    (folder / "events.json").write_text(json.dumps(events), encoding="utf-8")
    html = write_report(folder, countries, metals).read_text("utf-8")
    assert "<script" not in html
    page = Page(html)
    assert not [attributes for _, attributes in page.tags if "onerror" in attributes or attributes.get("src") == "x"]
    assert evil in "".join(page.text)


def test_baseline_only_run_has_an_overview_and_a_page_and_flows_per_metal(quiet_folder, countries, metals):
    html = write_report(quiet_folder, countries, metals).read_text("utf-8")
    files = sorted(file.name for file in (quiet_folder / "charts").iterdir())
    assert len(files) == 19
    assert files[1:3] == ["01-lithium-profile.png", "02-lithium-flows.png"]
    text = "".join(Page(html).text)
    assert "A world without shocks from Jan 2024 to Dec 2027" in text
    assert "without the shock" not in text
    assert "nan" not in text.lower().replace("congo, democratic", "").split()


def test_a_policy_that_moves_no_price_still_shows_its_metal(make_run, tmp_path, countries, metals):
    folder = make_run(tmp_path / "run")
    policy = {"kind": "epr", "label": "EU: collection", "actor": None, "metals": ["lithium"], "start": "2025-02"}
    (folder / "events.json").write_text(json.dumps([policy]), encoding="utf-8")
    names = [file.name for file in write_charts(folder, countries, metals)]
    assert [name for name in names if "lithium" in name] == ["05-lithium-stocks.png", "06-lithium-flows.png"]
    assert sum("cobalt" in name for name in names) == 4  # a side effect: price, shortage, why, stocks


def test_a_run_whose_shocks_do_nothing_says_so(make_run, tmp_path, countries, metals):
    folder = make_run(tmp_path / "run")
    events = [{**event, "no_effect": True} for event in json.loads((folder / "events.json").read_text("utf-8"))]
    (folder / "events.json").write_text(json.dumps(events), encoding="utf-8")
    text = "".join(Page(write_report(folder, countries, metals).read_text("utf-8")).text)
    assert "None of the shocks of this run changed anything." in text


def test_what_governments_decide_stands_in_the_headline(folder, labels):
    """Prices that governments move are not left without a cause, and their decisions are no shocks that changed nothing."""
    first = {"month": "2025-04", "who": "CHN", "kind": "restrict", "instrument": "export_licence", "metal": "gallium"}
    first |= {"form": "refined", "target": "all", "size": 0.42, "unit": "share of exports", "status": "decided"}
    rows = [first | {"kind": "stockpile", "month": "2025-01"}, first | {"status": "vetoed", "who": "USA"}, first]
    run = Run.read(folder)
    what = "Governments decide, first of all: China restricts: Gallium (refined), 42% of exports (Apr 2025)."
    decided = replace(run, decisions=pd.DataFrame(rows))
    assert headline(decided, labels, ["cobalt"])[0] == f"{headline(run, labels, ['cobalt'])[0]} {what}"
    calm = replace(decided, events=[replace(event, no_effect=True) for event in run.events])
    assert headline(calm, labels, ["cobalt"])[0] == what
    vetoed = replace(run, decisions=pd.DataFrame(rows[1:2]))
    assert headline(vetoed, labels, ["cobalt"]) == headline(run, labels, ["cobalt"])


def test_a_manifest_can_be_given_before_it_is_written(folder, tmp_path, countries, metals):
    copy = tmp_path / "run"
    shutil.copytree(folder, copy)
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    (copy / "manifest.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"manifest\.json"):
        write_report(copy, countries, metals)
    assert write_report(copy, countries, metals, manifest=manifest).is_file()
    assert not (copy / "manifest.json").exists()


def test_a_folder_that_is_no_run_is_named_with_what_is_missing(tmp_path, countries, metals):
    with pytest.raises(FileNotFoundError, match=r"series\.parquet, trade\.parquet"):
        write_charts(tmp_path, countries, metals)


def test_summary_table_repeats_the_summary(folder, labels):
    run = Run.read(folder)
    header, rows = summary_table(run, labels)
    cobalt = dict(zip(header, next(row for row in rows if row[0] == "Cobalt"), strict=True))
    own = run.summary.set_index("metal").loc["cobalt"]
    assert cobalt["Shortage (t)"] == f"{own['shortage_t']:,.0f}"
    assert cobalt["Price ÷ without shock"] == f"1.00 – {own['price_peak_ratio']:.2f}"
    assert cobalt["Hit hardest"] == f"China, {words.percent(own['hit_country_pct'] / 100)}"
    assert cobalt["Peak in"] == "Aug 2025"


def test_why_table_multiplies_to_the_whole(folder, labels):
    run = Run.read(folder)
    header, rows = why_table(run, labels, ["cobalt"])
    assert header == [
        "Metal",
        "In",
        "Stocks",
        "Expected supply",
        "Own demand",
        "Substitution",
        "Cost",
        "News",
        "All together",
    ]
    total = run.summary.set_index("metal").loc["cobalt"].filter(regex=r"^why_(?!date)").astype(float).sum()
    assert rows[0][-1] == f"+{100 * (np.exp(total) - 1):.0f} %"


def test_headline_names_the_metal_the_peak_and_the_rest(folder, labels):
    sentences = headline(Run.read(folder), labels, ["cobalt"])
    assert (
        sentences[0]
        == "DR Congo: cobalt export ban, Feb 2025 to Oct 2025; DR Congo: cobalt export quota, from Nov 2025 on."
    )
    assert "81,500 USD/t in Aug 2025, 2.4 times what it would have been" in sentences[1]
    assert "copper" in sentences[-1]
    assert "cobalt" not in sentences[-1]


def test_who_is_hit_is_ranked_in_the_headline_and_the_table(folder, labels):
    run = Run.read(folder)
    (first, *_), text = hits_in(run.hits, "cobalt", PRODUCT), headline(run, labels, ["cobalt"])[1]
    own = run.summary.set_index("metal").loc["cobalt"]
    lost = f"{words.percent(own['hit_country_pct'] / 100)} ({words.tonnes(own['hit_country_t'])})"
    assert f"China is hit hardest and loses {lost} of its normal use" in text
    assert first.name == "ev-motor"
    header, rows = hits_table(run, labels, ["cobalt"])
    assert len(header) == 8
    assert rows[0] == [
        "Cobalt", "1", "China", words.percent(own["hit_country_pct"] / 100), words.tonnes(own["hit_country_t"]),
        "Ev motor", words.percent(first.share), words.tonnes(first.tonnes),
    ]  # fmt: skip
    assert [row[1] for row in rows] == ["1", "2", "3", "4", "5"]


def test_reliance_is_told_by_stage_and_in_all_for_the_largest_users(folder, labels):
    run = Run.read(folder)
    rows = run.series.query("variable == 'use' and metal == 'cobalt' and region in ['CHN', 'JPN']")
    stages = {("CHN", "ore"): 0.98, ("CHN", "refined"): -0.4, ("CHN", "all"): 0.93, ("JPN", "refined"): 1.0}
    parts = [
        rows[rows["region"] == region].assign(variable="net_import_reliance", form=form, value=value)
        for (region, form), value in stages.items()
    ]
    run = replace(run, series=pd.concat([run.series, *parts], ignore_index=True))
    assert reliance_table(run, labels, ["cobalt"])[1] == [
        ["Cobalt", "China", "98 %", "net exporter", "93 %"],
        ["Cobalt", "Japan", "–", "100 %", "–"],
    ]


@pytest.mark.parametrize(("kind", "said"), [("epr", True), ("export_ban", False)])
def test_a_policy_run_says_what_recycling_gains(folder, labels, kind, said):
    event = Event.read({"kind": kind, "label": "EU: collection", "metals": ["lithium"], "start": "2025-02"})
    sentences = [text for text in headline(replace(Run.read(folder), events=[event]), labels, []) if "recycled" in text]
    wanted = (
        "brings +1.2 kt of recycled metal by the end of the run (+4.0 %) and avoids 1.1 kt from ore (0.3 %); 32 % of what "
        "reaches its end of life is recycled, 31 % without it."
    )
    assert bool(sentences) is said
    assert all(wanted in sentence for sentence in sentences)
    assert ("Lithium" in "".join(sentences)) is said


@pytest.mark.parametrize(("ratio", "moves"), [(1.019, False), (1.025, True), (0.98, True), (0.985, False)])
def test_terminal_report_and_charts_share_one_threshold(folder, labels, ratio, moves):
    run = Run.read(folder)
    high, low = max(ratio, 1.0), min(ratio, 1.0)
    still = {
        "price_peak_ratio": high,
        "price_low_ratio": low,
        "use_lost_pct": 0.0,
        "shortage_pct": 0.0,
        "hit_country": "",
        "recycling_rate_baseline": 0.32,
    }
    summary = run.summary.assign(**still)
    prices = run.series["variable"].isin(["price", "price_outside"]) & (run.series["run"] == "shock")
    base = run.series[(run.series["variable"] == "price") & (run.series["run"] == "baseline")]
    series = run.series[~prices]
    series = pd.concat([series, base.assign(run="shock", value=base["value"] * ratio)], ignore_index=True)
    run = replace(run, series=series, summary=summary)
    assert (run.moved(most=99) == run.metals) is moves
    assert (has_moved(summary.iloc[0].to_dict())) is moves
    told = " ".join(headline(run, labels, run.metals))
    assert ("No price leaves the world without the shock by more than 2.0 %" in told) is not moves
    assert ("No price leaves" in style.title_of(charts.overview(run, labels))) is not moves
    assert ("hardly moves" in style.title_of(charts.price(run, "cobalt", labels))) is not moves


def test_a_price_that_never_comes_back_is_said_to_be_away() -> None:
    assert recovery(float("nan")) == "the price is not back by the end"
    assert recovery(1.0) == "after 1 month the price stays within 5 % again"
    assert recovery(0.0) == ""


def test_long_sentences_in_tables_are_broken_into_lines(html):
    """A cell that is not broken pushes the rest of a table out of sight: why governments decide, and where metal was mined."""
    assert "table.long td:last-child, table.told td:nth-child(2) { white-space: normal" in html
    page = resources.files("lodeflow.viz.report").joinpath("templates/report.html").read_text("utf-8")
    for kind, head in (
        ("text long told", '{{ say("Announced") }}</th><th>{{ say("Decision")'),
        ("text long", "in supply[0]"),
    ):
        (table,) = [part for part in page.split("<table")[1:] if head in part]
        assert table.startswith(f' class="{kind}"')

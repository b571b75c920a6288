"""The report: whole, readable offline, safe against odd names, true to the summary."""

import json
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest

from viz import words, write_charts, write_report
from viz.frames import Run
from viz.story import headline, summary_table, why_table


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


def test_baseline_only_run_has_an_overview_and_a_page_per_metal(quiet_folder, countries, metals):
    html = write_report(quiet_folder, countries, metals).read_text("utf-8")
    files = sorted(file.name for file in (quiet_folder / "charts").iterdir())
    assert len(files) == 10
    assert files[1] == "01-lithium-profile.png"
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

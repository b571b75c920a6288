"""The dashboard in a real browser: play, ban, see the price lines part, compare, download, run the saved file again."""

import pandas as pd
import pytest
from PIL import Image

from lodeflow.experiments.run.results import COLUMNS
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from tests.viz.app.browser import NEEDS, SMALL, Tab, upload

pytestmark = NEEDS


def test_play_ban_and_see_the_price_lines_part(tab):
    tab.hit(".lf-play")
    tab.until(lambda: tab.t >= 4)
    tab.hit(".lf-play")
    tab.page.wait_for_selector(".lf-play:has-text('Play')")
    calm = tab.t
    assert len(tab.line("price", 0)) == calm
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li:has-text('DR Congo: export ban (cobalt)')")
    assert tab.t == calm
    tab.step(5)
    tab.page.wait_for_selector(".lf-edge.is-closed")
    without, outside = tab.line("price", 0), tab.line("price", -1)
    assert len(outside) == calm + 5
    assert without[calm - 1] == pytest.approx(outside[calm - 1], abs=1.0)
    assert outside[-1] < without[-1] - 5
    tab.page.wait_for_selector(".lf-tile-price.is-less")
    inside = tab.line("feed-price", 1)
    assert inside[-1] > tab.line("feed-price", 0)[-1]
    for selector in (".lf-network", '[data-chart="price"]', ".lf-tiles"):
        assert tab.colours(selector) > 20, selector
    tab.hit(".lf-metals button:has-text('Nickel')")
    tab.page.wait_for_selector("h2:has-text('Who delivers nickel to whom')")
    tab.hit(".lf-choices button:has-text('Chain')")
    tab.page.wait_for_selector(".lf-heading")
    assert tab.colours(".lf-network") > 20
    tab.hit(".lf-undo")
    tab.page.wait_for_selector("text=Nothing yet.")
    tab.until(lambda: tab.t == calm)


def test_the_address_brings_the_world_back(tab, server):
    tab.step(2)
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li")
    tab.step(2)
    tab.hit(".lf-metals button:has-text('Nickel')")
    tab.page.wait_for_selector("h2:has-text('Who delivers nickel to whom')")
    tab.until(lambda: "month=4" in tab.page.url and "metal=nickel" in tab.page.url and "own=" in tab.page.url)
    link, shown = tab.page.url, tab.line("price", -1)
    tab.page.reload()
    tab.page.wait_for_selector(".lf-fired li:has-text('DR Congo: export ban (cobalt)')")
    tab.until(lambda: tab.t == 4 and tab.line("price", -1) == shown)
    tab.page.wait_for_selector("h2:has-text('Who delivers nickel to whom')")
    assert tab.page.url == link
    tab.hit(".lf-metals button:has-text('Copper')")
    tab.page.wait_for_selector("h2:has-text('Who delivers copper to whom')")
    tab.page.go_back()
    tab.page.wait_for_selector("h2:has-text('Who delivers nickel to whom')")
    assert tab.t == 4


def test_hover_keys_and_a_country(tab):
    tab.step(3)
    tab.page.locator('svg[data-plot="price"]').hover()
    tab.page.wait_for_selector(".lf-values:has-text('USD per t')")
    tab.page.mouse.click(5, 5)
    before = tab.t
    tab.page.keyboard.press("ArrowRight")
    tab.until(lambda: tab.t == before + 1)
    tab.until(lambda: len(tab.line("price", 0)) == before + 1)
    tab.page.locator('[data-node="COD"]').first.focus()
    tab.page.wait_for_selector(".lf-tip:has-text('DR Congo')")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector(".lf-country:has-text('DR Congo: Cobalt')")
    tab.hit(".lf-country .lf-choices button:has-text('Mine, cost tier')")
    tab.page.wait_for_selector('[data-chart="firm-miners-output"]')
    assert len(tab.line("firm-miners-output", 0)) == tab.t
    assert tab.page.locator(".lf-node.is-chosen").get_attribute("data-node") == "COD"


def test_upload_run_save_and_repeat_to_the_last_digit(tab, tables, tmp_path):
    text = load_scenario("drc-cobalt-export-ban", SMALL, tables).to_toml()
    upload(tab, "mine.toml", text)
    tab.page.wait_for_selector(".lf-metals button >> nth=1")
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 2)
    tab.step(12)
    tab.hit(".lf-fire")
    tab.until(lambda: tab.page.locator(".lf-fired li").count() == 3)
    tab.step(6)
    saved = tab.download(lambda: tab.hit(".lf-save-toml"))
    assert saved.suggested_filename == "drc-cobalt-export-ban-own.toml"
    saved.save_as(tmp_path / "saved.toml")
    tab.hit(".v-tab:has-text('Downloads')")
    tab.download(lambda: tab.hit("button:has-text('All series of this metal')")).save_as(tmp_path / "series.csv")
    shown = pd.read_csv(tmp_path / "series.csv", parse_dates=["date"])
    assert list(shown.columns) == COLUMNS["series"]
    scenario = load_scenario(tmp_path / "saved.toml", tables=tables)
    assert len(scenario.shocks) == 3
    outcome = run_scenario(scenario, tables=tables)
    keys = ["date", "run", "metal", "form", "region", "variable"]
    run = outcome.series[outcome.series["metal"] == "cobalt"]
    both = shown.merge(run, on=keys, suffixes=("", "_run"))
    assert len(both) == len(shown) == len(run)
    assert (both["value"] == both["value_run"]).all()


def test_an_upload_that_is_wrong_is_told_and_read_as_text(tab):
    upload(tab, "bad.toml", 'name = "<img src=x onerror=window.broken=1>"\nstrenght = 3\n[world]\nstart = "soon"\n')
    tab.page.wait_for_selector(".lf-alert:has-text('is not a month')")
    alert = tab.page.inner_text(".lf-alert")
    assert "strenght" in alert
    assert "<img src=x" in alert
    assert tab.page.locator(".lf-alert img").count() == 0
    assert tab.page.evaluate("window.broken") is None
    tab.hit(".lf-understood")
    upload(tab, "big.toml", "#" * 200_001)
    tab.page.wait_for_selector(".lf-alert:has-text('at most 200,000 bytes')")


def test_charts_are_saved_as_pictures(tab, tmp_path):
    tab.step(2)
    svg = tab.download(lambda: tab.hit('[data-chart="price"] .lf-save button >> nth=0'))
    svg.save_as(tmp_path / svg.suggested_filename)
    assert svg.suggested_filename == "lodeflow-baseline-cobalt-price.svg"
    text = (tmp_path / svg.suggested_filename).read_text(encoding="utf-8")
    assert "Price of the refined metal" in text
    assert "USD per t" in text
    png = tab.download(lambda: tab.hit('[data-chart="price"] .lf-save button >> nth=1'))
    png.save_as(tmp_path / "price.png")
    picture = Image.open(tmp_path / "price.png").convert("RGB")
    assert picture.width >= 1200
    assert len(picture.getcolors(10**6)) > 20


def test_compare_shows_progress_and_can_be_cancelled(tab, tables):
    alone = load_scenario("drc-cobalt-export-ban", ['world.metals=["cobalt"]', "world.end=2025-06"], tables)
    upload(tab, "mine.toml", alone.to_toml())
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 1)
    tab.hit(".v-tab:has-text('Compare')")
    tab.hit(".lf-compare")
    tab.hit(".lf-cancel")
    tab.page.wait_for_selector(".lf-job-note:has-text('Cancelled')")
    tab.hit(".lf-compare")
    tab.page.wait_for_selector(".lf-pictures img")
    assert tab.page.locator("table tbody tr td").first.inner_text() == "Cobalt"
    tab.page.wait_for_selector('[data-chart="difference-price-outside"]')
    loaded = "() => [...document.querySelectorAll('.lf-pictures img')].every(i => i.complete && i.naturalWidth > 500)"
    tab.page.evaluate("document.querySelectorAll('.lf-pictures img').forEach(i => i.loading = 'eager')")
    tab.page.wait_for_function(loaded)
    assert tab.colours(".lf-pictures") > 20
    tab.hit(".v-tab:has-text('Downloads')")
    report = tab.download(lambda: tab.hit("button:has-text('Report (one HTML page)')"))
    assert report.path().read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")


def test_on_a_phone_in_chinese_light_and_dark(chromium, server):
    tab = Tab(chromium, server[0], viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True).ready()
    tab.hit("button:has-text('中文')")
    tab.page.wait_for_selector("h2:has-text('冲击与政策台')")
    tab.page.wait_for_function("document.documentElement.lang === 'zh'")
    tab.step(2)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li:has-text('刚果（金）：出口禁令')")
    brightness = {"light": shade(tab)}
    tab.hit(".lf-theme")
    tab.page.wait_for_selector(".theme--dark .lf")
    brightness["dark"] = shade(tab)
    assert brightness["light"] > 600
    assert brightness["dark"] < 150
    for selector in (".lf-network", '[data-chart="price"]'):
        assert tab.colours(selector) > 15, selector
    tab.close()


def shade(tab):
    """Sum of red, green and blue (0 to 255 each) of the ground of the page."""
    ground = tab.page.evaluate("getComputedStyle(document.querySelector('.lf')).backgroundColor")
    return sum(int(part) for part in ground[4:-1].split(","))

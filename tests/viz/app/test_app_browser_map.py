"""The map in a real browser: filled countries, a legend with numbers, and pictures that say what made them."""

import re
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from lodeflow.data.loader import fingerprint
from lodeflow.experiments.scenario.model import load_scenario
from tests.viz.app.browser import NEEDS, SMALL, upload

pytestmark = NEEDS
ENGLISH = re.compile(r"[A-Za-z]{3,}(?:[ -][A-Za-z]+)*")
NAMES = {"Lodeflow", "HHI", "drc-cobalt-export-ban", "Natural Earth"}
"""What has no Chinese name: the program, a scenario's file, an index, a source."""
SVG = "{http://www.w3.org/2000/svg}"
COLOR = "(one) => getComputedStyle(one)[one instanceof SVGElement ? 'fill' : 'backgroundColor']"


def test_the_map_is_filled_as_its_legend_says_and_saved_with_what_made_it(tab, tables):
    upload(tab, "mine.toml", load_scenario("drc-cobalt-export-ban", SMALL, tables).to_toml())
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 2)
    tab.step(3)
    tab.page.wait_for_selector(".lf-scale")
    legend = tab.page.locator(".lf-scale i").evaluate_all(f"(all) => all.map({COLOR})")
    assert len(legend) == len(set(legend)) == 7
    colour = {code: tab.page.locator(f'[data-land="{code}"]').evaluate(COLOR) for code in ("COD", "CHN", "GRL")}
    assert colour["COD"] == legend[0]
    assert colour["CHN"] in legend[3:6]
    assert colour["GRL"] == legend[6]
    assert tab.page.locator(".lf-told").count() >= 3
    saves = tab.page.locator(".lf-network .lf-save button")
    svg = tab.download(lambda: saves.first.click())
    root = ET.fromstring(svg.path().read_text(encoding="utf-8"))
    words = " ".join("".join(part.itertext()) for part in root.iter(f"{SVG}text"))
    assert all(part in words for part in ("Cobalt", "drc-cobalt-export-ban", "seed 1", "data ", "Natural Earth", "kt"))
    assert root.find(f"{SVG}title").text == "Who delivers cobalt to whom"
    shapes = [shape.get("fill") for shape in root.iter(f"{SVG}path") if shape.get("data-land") == "COD"]
    assert shapes
    assert set(shapes) == {legend[0]}
    png = tab.download(lambda: saves.nth(1).click())
    with Image.open(png.path()) as image:
        assert image.text["Source"].startswith("Scenario drc-cobalt-export-ban")
        assert image.text["Title"] == "Who delivers cobalt to whom"
        assert image.width >= 1500


@pytest.mark.parametrize(("button", "language"), [("中文", "zh"), ("English", "en")])
def test_the_page_is_saved_as_a_report_in_its_language(tab, tables, button, language):
    upload(tab, "mine.toml", load_scenario("drc-cobalt-export-ban", SMALL, tables).to_toml())
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 2)
    tab.step(15)
    tab.hit(f"button:has-text('{button}')")
    tab.page.wait_for_function(f"document.documentElement.lang === '{language}'")
    saved = tab.download(lambda: tab.page.locator(".lf-brief button").click())
    text = saved.path().read_text(encoding="utf-8")
    page = tab.context.new_page()
    page.set_content(text)
    assert page.get_attribute("html", "lang") == language
    assert page.locator("svg").count() > 8
    parts = page.locator("h1, h2, p, li, .tiles span, .tiles b, svg text").all_text_contents()
    data = fingerprint(tables)[:12]
    english = sorted({word for part in parts for word in ENGLISH.findall(part.replace(data, ""))} - NAMES)
    assert (english == []) == (language == "zh"), english
    assert any(data in part for part in parts)
    page.close()

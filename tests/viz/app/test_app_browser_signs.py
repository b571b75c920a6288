"""What only a browser shows: axes, saved pictures, errors in sight, fast clicks, and a desk that follows the metal."""

import re
import xml.etree.ElementTree as ET

import pytest

from lodeflow.experiments.scenario.model import load_scenario
from tests.viz.app.browser import NEEDS, SMALL, Tab, upload

pytestmark = NEEDS

COMPONENT = """() => {
  const found = [];
  const walk = (one) => { if (one.$options && one.$options.methods && one.$options.methods.picture) found.push(one);
    one.$children.forEach(walk); };
  walk(document.querySelector('#app, .v-application').__vue__.$root);
  return found[0];
}"""


def board(tab, script, arg=None):
    """What an expression of `board` (the first board of the page) and `arg` gives."""
    return tab.page.evaluate(f"(arg) => {{ const board = ({COMPONENT})(); return {script}; }}", arg)


def chart(top, unit="USD/t", size=1.0, low=0.0):
    line = {"name": "a", "role": "live", "dashed": False, "values": [low, None, top]}
    return {"id": "x", "title": "x", "hint": "", "unit": unit, "size": size, "lines": [line], "bands": []}


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_every_axis_says_what_its_lines_are(tab, low):
    """The numbers on an axis are those at which its lines are drawn, whatever the step, and all are in the picture."""
    tab.step()
    tab.page.wait_for_selector('svg[data-plot="price"]')
    tops = [k * 10.0**power for power in range(-4, 9) for k in (1.0, 1.7, 2.3, 3.9, 4.4, 6.0, 8.8, 9.9)]
    charts = [chart(top, low=low * top) for top in tops]
    scaled = board(tab, "arg.map((one) => board.scale(one))", charts)
    steps = set()
    for top, axis in zip(tops, scaled, strict=True):
        ticks = axis["ticks"]
        step = ticks[1]["at"] - ticks[0]["at"]
        steps.add(f"{step:.1e}"[:3])
        numbers = [float(tick["text"].replace(",", "").replace("−", "-")) for tick in ticks]
        assert numbers == pytest.approx([tick["at"] for tick in ticks], abs=1e-6 * step), top
        assert axis["max"] >= top
        assert [tick["text"] for tick in ticks if re.fullmatch(r"[-−]0(\.0*)?", tick["text"])] == []
        assert len({tick["text"] for tick in ticks}) == len(ticks)
    assert steps >= {"1.0", "2.0", "2.5", "5.0"}


def test_long_numbers_have_room(tab):
    tab.step()
    tab.hit(".lf-metals button:has-text('Germanium')")
    tab.page.wait_for_selector("h2:has-text('Who delivers germanium')")
    tab.page.wait_for_selector('svg[data-plot="price"] text:has-text("1,000,000")')
    assert outside(tab.page, ".lf-card svg") == []


def outside(page, selector):
    """Texts of pictures that are not wholly within their picture."""
    return page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].flatMap((svg) => {
             const box = svg.getBoundingClientRect();
             return [...svg.querySelectorAll('text')].filter((text) => {
               const own = text.getBoundingClientRect();
               return own.left < box.left || own.right > box.right || own.top < box.top - 2 || own.bottom > box.bottom + 2;
             }).map((text) => text.textContent);
           })""",
        selector,
    )


@pytest.mark.parametrize("language", ["English", "中文"])
def test_saved_pictures_are_whole_and_say_what_they_show(chromium, server, tab, tables, tmp_path, language):
    upload(tab, "mine.toml", load_scenario("drc-cobalt-export-ban", SMALL, tables).to_toml())
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 2)
    tab.step(15)
    tab.hit(f"button:has-text('{language}')")
    tab.page.wait_for_function(f"document.documentElement.lang === '{'en' if language == 'English' else 'zh'}'")
    metal, scenario = ("Cobalt", "quotas") if language == "English" else ("钴", "配额")
    cards = tab.page.locator(".lf-card")
    assert cards.count() > 8
    page = tab.context.new_page()
    for number in range(cards.count()):
        saved = tab.download(lambda number=number: cards.nth(number).locator(".lf-save button").first.click())
        text = saved.path().read_text(encoding="utf-8")
        words = " ".join(
            "".join(part.itertext()) for part in ET.fromstring(text).iter("{http://www.w3.org/2000/svg}text")
        )
        assert metal in words
        assert scenario in words
        assert "2024" in words
        page.set_content(f"<body style='margin:40px'>{text}</body>")
        assert outside(page, "svg") == [], saved.suggested_filename
    page.close()


def test_an_error_is_in_sight_where_the_file_was_dropped(tab):
    tab.page.locator(".lf-scenario-panel").scroll_into_view_if_needed()
    tab.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    tab.page.wait_for_function("window.scrollY > 200")
    upload(tab, "bad.toml", 'name = "x"\nstrenght = 3\n')
    tab.page.wait_for_selector(".lf-alert:has-text('strenght')")
    for selector in (".lf-alert", ".lf-understood"):
        box = tab.page.locator(selector).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= tab.page.viewport_size["height"]
    tab.page.locator(".lf-understood").click()
    tab.page.wait_for_selector(".lf-alert", state="detached")


@pytest.mark.parametrize("playing", [False, True])
def test_six_fast_clicks_fire_once(tab, playing):
    if playing:
        tab.hit(".lf-play")
        tab.until(lambda: tab.t >= 2)
    tab.page.locator(".lf-fire").scroll_into_view_if_needed()
    tab.page.evaluate(
        "for (let i = 0; i < 6; i++) setTimeout(() => document.querySelector('.lf-fire').click(), 150 * i)"
    )
    tab.page.wait_for_selector(".lf-fired li")
    before = tab.t
    if playing:
        tab.until(lambda: tab.t >= before + 12)
        tab.hit(".lf-play")
    else:
        tab.page.wait_for_timeout(1200)
        tab.step(2)
    assert tab.page.locator(".lf-fired li").count() == 1
    assert tab.page.locator(".lf-alert").count() == 0


def test_the_desk_fires_at_the_metal_on_screen(tab):
    tab.hit(".lf-metals button:has-text('Nickel')")
    tab.page.wait_for_selector(".lf-desk .v-chip:has-text('Nickel')")
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li:has-text('Indonesia: export ban (nickel)')")
    assert tab.page.locator(".lf-fired li").count() == 1
    tab.page.wait_for_selector(".lf-metals button.lf-on:has-text('Nickel')")
    tab.page.wait_for_selector(".lf-story:has-text('Indonesia: export ban (nickel), planned from')")


def test_a_scenario_that_is_loaded_shows_its_metal(tab, tables):
    upload(tab, "mine.toml", load_scenario("indonesia-nickel-ore-ban", ["world.end=2015-06"], tables).to_toml())
    tab.page.wait_for_selector(".lf-metals button.lf-on:has-text('Nickel')")
    tab.page.wait_for_selector(".lf-desk .v-chip:has-text('Nickel')")
    tab.hit(".lf-metals button:has-text('Copper')")
    tab.page.wait_for_selector(".lf-metals button.lf-on:has-text('Copper')")
    tab.step()
    assert tab.page.locator(".lf-metals button.lf-on:has-text('Copper')").count() == 1


def test_a_phone_shows_long_axes_too(chromium, server):
    tab = Tab(chromium, server[0], viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True).ready()
    tab.step()
    tab.hit(".lf-metals button:has-text('Germanium')")
    tab.page.wait_for_selector("h2:has-text('Who delivers germanium')")
    assert outside(tab.page, ".lf-card svg") == []
    tab.close()

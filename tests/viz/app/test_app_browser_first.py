"""The way in, in a real browser: the first page, one click that fires, worlds that are kept, a phone, keys alone, and axe-core."""

from importlib import resources

import pytest

from tests.viz.app.browser import NEEDS, Tab

pytestmark = NEEDS

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SMALLEST_TEXT = """() => [...document.querySelectorAll('.lf *')].filter((one) => {
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return own && one.getClientRects().length && getComputedStyle(one).visibility !== 'hidden';
}).map((one) => {
  const matrix = one.closest('svg') && one.getScreenCTM && one.getScreenCTM();
  return [parseFloat(getComputedStyle(one).fontSize) * (matrix ? matrix.a : 1), one.textContent.trim().slice(0, 40)];
}).filter(([size]) => size < 10.95)"""


def test_a_stranger_sees_a_story_fires_with_one_click_and_finds_it_again(chromium, server):
    tab = Tab(chromium, server[0], path="/")
    page = tab.page
    page.wait_for_selector("h1:has-text('What happens to the price?')")
    page.wait_for_selector("#map .edge.is-closed", state="attached")  # the story goes by itself
    page.wait_for_selector("#said:has-text('times the price without the shocks')")
    page.locator("#at").evaluate("one => { one.value = one.max; one.dispatchEvent(new Event('input')); }")
    ends = page.locator("#chart #times").evaluate("one => one.getBBox().x + one.getBBox().width")
    assert ends <= 460.0  # the last words of the line are not cut off by the edge of the picture
    assert page.locator("#cards button svg path").count() == 6
    page.click("#cards button >> nth=1")
    page.wait_for_selector("h1:has-text('gallium')")
    page.click("#languages button:has-text('中文')")
    page.click("#play")
    page.wait_for_function(
        "location.hash.includes('story=') && location.hash.includes('at=') && location.hash.includes('lang=zh')"
    )
    question, month = page.inner_text("#question"), page.inner_text("#month")
    page.reload()
    page.wait_for_selector(
        f"#month:has-text('{month}')"
    )  # a link to the first page brings back story, moment and language
    assert page.inner_text("#question") == question
    page.click("#languages button:has-text('English')")
    page.click("summary >> nth=2")
    page.wait_for_selector("#data-said:visible")
    assert page.locator("#kept:visible").count() == 0
    page.click("#offers a:has-text('China: export ban (gallium)')")
    page.wait_for_selector(".lf-fired li:has-text('China: export ban (gallium)')")
    tab.until(lambda: tab.t >= 15)  # it plays on
    tab.hit(".lf-play")
    page.wait_for_selector(".lf-tile-price.is-less")
    tab.until(lambda: "what=" not in page.url and "own=" in page.url)
    page.wait_for_function("(localStorage.getItem('lodeflow-worlds') || '').includes('export ban')")
    tab.hit(".lf-reset")
    page.wait_for_selector(".lf-ask:has-text('China: export ban (gallium)')")
    page.click(".lf-stay")
    page.wait_for_selector(".lf-ask", state="detached")
    assert tab.t >= 15
    tab.hit(".lf-reset")
    page.click(".lf-replace")
    tab.until(lambda: tab.t == 0 and page.locator(".lf-fired li").count() == 0)
    tab.hit(".lf-home")
    page.click("#kept-worlds a:has-text('China: export ban (gallium)')")
    page.wait_for_selector(".lf-fired li:has-text('China: export ban (gallium)')")
    tab.until(lambda: tab.t >= 15)
    page.wait_for_selector("h2:has-text('Who delivers gallium to whom')")
    tab.close()


def test_keys_alone_play_fire_undo_and_compare(chromium, server):
    tab = Tab(chromium, server[0], path="/?month=1").ready()
    tab.until(lambda: tab.t == 1)
    keys = tab.page.keyboard
    reach(tab, ".lf-play")
    keys.press("Enter")
    tab.until(lambda: tab.t >= 3)
    keys.press("Enter")
    tab.page.wait_for_selector(".lf-play:has-text('Play')")
    fired_at, calm = tab.t, tab.line("price", 0)
    reach(tab, ".lf-fire")
    keys.press("Enter")
    tab.page.wait_for_selector(".lf-fired li:has-text('DR Congo: export ban (cobalt)')")
    reach(tab, ".lf-step", back=True)
    keys.press("Enter")
    tab.until(lambda: tab.t == fired_at + 1)
    reach(tab, ".lf-keep")
    keys.press("Enter")
    tab.page.wait_for_selector(".lf-kept-A:has-text('DR Congo: export ban (cobalt)')")
    tab.page.wait_for_selector(".lf-undo:not([disabled])")
    reach(tab, ".lf-undo")
    keys.press("Space")
    tab.until(lambda: tab.page.locator(".lf-fired li").count() == 0)
    tab.until(lambda: tab.t == fired_at)
    tab.page.wait_for_selector(".lf-differ td:has-text('×')")  # the ban beside the world without it
    reach(tab, ".lf-kept-drop", back=True)
    keys.press("Enter")
    tab.until(lambda: tab.line("price", 0) == calm)
    assert (tab.t, tab.page.locator(".lf-fired li").count()) == (fired_at, 0)
    tab.close()


def reach(tab, selector, back=False):
    """Walk to an element with the tab key alone."""
    for _ in range(120):
        tab.page.keyboard.press("Shift+Tab" if back else "Tab")
        if tab.page.evaluate("(what) => document.activeElement.matches(what)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the tab key")


def test_on_a_phone_play_and_fire_are_in_reach_and_the_effect_comes_into_sight(chromium, server):
    tab = Tab(chromium, server[0], path="/?month=2", **PHONE).ready()
    page = tab.page
    tab.until(lambda: tab.t == 2)
    assert "user-scalable=no" not in page.get_attribute("meta[name=viewport]", "content")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture = page.locator(".lf-network-scroll svg").bounding_box()
    assert picture["width"] <= 390
    assert page.locator(".lf-flows li:visible").count() == 8
    page.click(".lf-reach-go")
    page.wait_for_function("document.querySelector('.lf-desk').getBoundingClientRect().top < 300")
    tab.hit(".lf-fire")
    page.wait_for_selector(".lf-fired li")
    page.wait_for_function("Math.abs(document.querySelector('.lf-story').getBoundingClientRect().top) < 200")
    page.click(".lf-reach-play")
    tab.until(lambda: tab.t >= 4)
    page.click(".lf-reach-play")
    page.wait_for_selector(".lf-flows li.is-closed:visible")
    page.wait_for_selector(".lf-losers-product td")
    whole = "(all) => all.every((one) => one.scrollWidth <= one.clientWidth)"
    assert page.locator(".lf-hits .lf-scroll").evaluate_all(whole), "who is hit, without scrolling sideways"
    tab.close()


def test_no_text_is_too_small_and_a_name_answers_a_click(chromium, server):
    tab = Tab(chromium, server[0], path="/?month=14").ready()
    tab.until(lambda: tab.t == 14)
    tab.page.wait_for_selector('[data-chart="hhi"]')
    tab.page.wait_for_timeout(500)
    assert tab.page.evaluate(SMALLEST_TEXT) == []
    tab.page.click('[data-name="IDN"]')
    tab.page.wait_for_selector(".lf-country:has-text('Indonesia: Cobalt')")
    tab.hit("button:has-text('Chain')")
    tab.page.wait_for_selector(".is-chain")
    assert tab.page.evaluate(SMALLEST_TEXT) == []
    tab.close()


def test_a_wrong_wish_is_answered_where_the_click_was(chromium, server):
    tab = Tab(chromium, server[0], path="/?month=3&lang=zh").ready()
    tab.until(lambda: tab.t == 3)
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li")
    tab.page.wait_for_timeout(1200)  # clicks that follow one another within a second are one
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-desk-column .lf-wrong:has-text('这项措施已经实施过')")
    box = tab.page.locator(".lf-wrong").bounding_box()
    assert 0 <= box["y"] <= tab.page.viewport_size["height"] - box["height"], "in sight"
    assert tab.page.locator(".lf-fired li").count() == 1
    tab.close()


# ---- axe-core -----------------------------------------------------------------------------------------------------------
def findings(page, where):
    """What axe-core calls critical or serious."""
    page.evaluate(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        (where, one["id"], node["target"])
        for one in found
        if one["impact"] in ("critical", "serious")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(
    "how", [{"color_scheme": "light"}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"]
)
def test_axe_finds_nothing_serious_on_any_tab(chromium, server, how):
    pytest.importorskip("axe_playwright_python")
    tab = Tab(chromium, server[0], path="/", bypass_csp=True, **how)
    page, found = tab.page, []
    page.wait_for_selector("#cards button")
    found += findings(page, "first page")
    page.goto(f"{server[0]}/?month=3&what=export_ban")
    tab.ready()
    tab.until(lambda: tab.t >= 5)
    tab.hit(".lf-play")
    tab.page.wait_for_selector(".lf-play:has-text('Play')")
    page.wait_for_timeout(700)
    found += findings(page, "world")
    page.locator('[data-node="COD"]').first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".lf-country")
    tab.hit("button:has-text('Chain')")
    page.wait_for_timeout(700)
    found += findings(page, "country and chain")
    tab.hit(".lf-losers-product button")
    page.wait_for_selector(".lf-only")
    page.wait_for_selector(".lf-fill input[role=combobox]")  # the map comes back after the chain, with its choices
    page.wait_for_timeout(700)
    found += findings(page, "product")
    for name in ("Compare", "Many runs", "Downloads"):
        tab.hit(f".v-tab:has-text('{name}')")
        page.wait_for_timeout(700)
        found += findings(page, name)
    assert found == []
    tab.close()

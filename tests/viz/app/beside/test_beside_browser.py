"""In a real browser, in one visit: keep a world, fire another measure, compare, see who is hit, try one out, reload."""

from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.colors import DASHES, KEPT
from tests.viz.app.browser import NEEDS, SMALL, Tab, upload

pytestmark = NEEDS


def test_worlds_side_by_side(tab, chromium, server, tables):
    upload(tab, "mine.toml", load_scenario("baseline", SMALL, tables).to_toml())
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 2)
    tab.step(3)
    tab.page.wait_for_selector(".lf-preview:has-text('Trying it out')", state="attached")
    tab.page.wait_for_timeout(1500)
    assert tab.page.locator(".lf-preview table").count() == 0  # out of sight nothing is tried
    tab.page.locator(".lf-preview").scroll_into_view_if_needed()
    tab.page.wait_for_selector(".lf-preview table tr")  # the desk tries its measure out
    assert tab.page.locator(".lf-fired li").count() == 0
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li:has-text('DR Congo: export ban (cobalt)')")
    tab.step(4)
    tab.hit(".lf-keep")
    tab.page.wait_for_selector(".lf-kept-A:has-text('DR Congo: export ban (cobalt)')")
    assert tab.page.locator(".lf-keep").is_disabled()  # the very same world is kept once
    tab.hit(".lf-undo")
    tab.until(lambda: tab.t == 3)
    tab.step(4)
    tab.page.wait_for_selector('svg[data-plot="price"] text:has-text("A")')
    for chart in ("price", "use", "shortage", "refined-production"):
        path = tab.page.locator(f'svg[data-plot="{chart}"] path[stroke="{KEPT["A"]}"]')
        assert path.count() == 1, chart
        assert path.get_attribute("stroke-dasharray") == DASHES["A"]
    cells = tab.page.locator(".lf-differ tbody tr").first.locator("td").all_inner_texts()
    assert float(cells[1].split()[0]) > 1.05  # the ban
    assert cells[2].startswith("1.00 ×")  # this world, without it
    tab.hit(".lf-keep")
    tab.page.wait_for_selector(".lf-kept-B")
    tab.hit(".lf-kept-A .lf-kept-go")
    tab.page.wait_for_selector(".lf-losers-country button")
    name = tab.page.locator(".lf-losers-country button").first.inner_text()
    tab.hit(".lf-losers-country button")
    tab.page.wait_for_selector(f".lf-country h2:has-text('{name}')")
    tab.page.wait_for_selector(".lf-node.is-chosen")
    before = tab.t
    tab.hit(".lf-play")
    tab.until(lambda: tab.t > before)
    tab.page.wait_for_selector(".lf-preview", state="detached")
    tab.hit(".lf-play")
    tab.page.wait_for_selector(".lf-preview")  # the desk tries it out again as soon as the world stands
    address = tab.page.url
    assert "kept=" in address
    other = Tab(chromium, server[0]).ready()
    other.page.goto(address)
    other.page.wait_for_selector(".lf-kept-A:has-text('DR Congo: export ban (cobalt)')")
    other.page.wait_for_selector(".lf-kept-B")
    other.hit(".lf-kept-B .lf-kept-drop")
    other.page.wait_for_selector(".lf-kept-B", state="detached")
    assert other.page.locator(".lf-kept-A").count() == 1
    other.close()


def test_a_click_on_a_product_or_a_country_shows_it_alone_and_a_second_one_undoes_it(chromium, server, tab, tables):
    upload(tab, "mine.toml", load_scenario("baseline", SMALL, tables).to_toml())
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 2)
    tab.step(3)
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li")
    tab.step(4)
    page, all_uses = tab.page, tab.line("use", -1)
    page.wait_for_selector(".lf-losers-product button")
    product = page.locator(".lf-losers-product button").first
    name = product.inner_text()
    product.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-chart^="use-"]')
    tab.until(lambda: "product=" in page.url)
    assert page.locator('[data-chart="use"]').count() == 0
    assert name.lower() in page.locator('[data-chart^="use-"] h3').inner_text().lower()
    assert name.lower() in page.locator(".lf-only").inner_text().lower()
    assert page.locator('[data-chart="product-countries"]').count() == 1
    assert product.get_attribute("aria-pressed") == "true"
    tab.hit(".lf-losers-country button")
    page.wait_for_selector(".lf-node.is-chosen")
    tab.until(lambda: "country=" in page.url)
    tab.hit("button:has-text('Sea passages')")
    page.wait_for_selector(".lf-passage", state="attached")
    tab.until(lambda: "map=users.passages" in page.url)  # the map turned to who uses the metal
    other = Tab(chromium, server[0]).ready()
    other.page.goto(page.url)
    other.page.wait_for_selector('[data-chart^="use-"]')
    other.page.wait_for_selector(".lf-node.is-chosen")
    other.page.wait_for_selector(".lf-passage", state="attached")
    other.page.wait_for_selector(".lf-choices button.lf-on:has-text('Users')")
    other.close()
    code = page.locator(".lf-node.is-chosen").first.get_attribute("data-node")
    page.locator(f'[data-node="{code}"]').first.focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".lf-country", state="detached")
    product.click()
    page.wait_for_selector('[data-chart="use"]')
    tab.until(lambda: "product=" not in page.url and "country=" not in page.url)
    assert tab.line("use", -1) == all_uses
    assert page.locator(".lf-only").count() == 0

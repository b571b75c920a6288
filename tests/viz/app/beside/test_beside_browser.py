"""In a real browser, in one visit: keep a world, fire another measure, compare, see who is hit, try one out, reload."""

from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.colors import DASHES, KEPT
from tests.viz.app.browser import NEEDS, SMALL, Tab, upload

pytestmark = NEEDS


def test_worlds_side_by_side(tab, chromium, server, tables):
    upload(tab, "mine.toml", load_scenario("baseline", SMALL, tables).to_toml())
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 2)
    tab.step(3)
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
    tab.hit(".lf-losers-product button")
    tab.page.wait_for_selector('[data-chart^="use-"]')
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

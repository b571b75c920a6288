"""The dashboard in Firefox: it opens, plays, fires, and shows what it does."""

import pytest

pytest.importorskip("websockets", reason="needs websockets, which comes with the extra app")
firefox = pytest.importorskip("tests.viz.app.firefox")
pytestmark = pytest.mark.skipif(firefox.PROGRAM is None, reason="needs Debian's firefox-esr")
PULSE = "document.querySelector('.lf-pulse')"
MONTH = f"Number({PULSE}?.dataset.t ?? -1)"
LINES = """[...document.querySelectorAll('svg[data-plot="price"] path[fill="none"]')]"""
POINTS = f"Math.max(...{LINES}.map(line => line.getAttribute('d').split('L').length))"


@pytest.fixture
def address(server):
    return server[0]


@pytest.fixture
def browser(tmp_path):
    one = firefox.Firefox(tmp_path)
    yield one
    one.close()


def test_the_first_page_plays_its_story(browser, address):
    browser.open(address)
    browser.until("document.querySelectorAll('svg').length > 2")
    drawn = "document.querySelector('input[type=range]').value"
    first = browser.run(drawn)
    browser.until(f"{drawn} !== {first!r}")
    assert browser.wrong == []


def test_months_are_played_and_a_ban_is_fired(browser, address):
    browser.open(f"{address}/?month=0&metal=cobalt")
    browser.until("document.querySelector('.lf-play') !== null && document.querySelector('.lf-step') !== null", 240)
    browser.click(".lf-play")
    browser.until(f"{MONTH} >= 3", 180)
    browser.click(".lf-play")
    browser.until("document.querySelector('.lf-play').textContent.includes('Play')")
    calm = browser.run(MONTH)
    browser.click(".lf-fire")
    browser.until("document.querySelector('.lf-fired li')?.textContent.includes('DR Congo: export ban (cobalt)')", 180)
    browser.click(".lf-step")
    browser.until(f"{MONTH} > {calm}", 180)
    browser.until("document.querySelector('.lf-edge.is-closed') !== null")
    assert browser.run(POINTS) >= calm + 1
    assert browser.wrong == []

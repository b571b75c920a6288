"""A dashboard in a process of its own, a browser, and a visitor's tab; all start with the first test that asks for them."""

import pytest

from tests.viz.app.browser import CHROMIUM, FLAGS, Tab
from tests.viz.app.serving import CALM, serving


@pytest.fixture(scope="session")
def server():
    """One dashboard for the tests of all files: (address, process id)."""
    with serving(program=CALM) as found:
        yield found


@pytest.fixture(scope="module")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, server):
    one = Tab(chromium, server[0]).ready()
    yield one
    one.close()

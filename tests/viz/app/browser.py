"""What tests in a real browser share: the browser, a visitor's tab, and what is asked of both."""

import io
import time
from pathlib import Path

import pytest
from PIL import Image

CHROMIUM = Path("/usr/bin/chromium")
NEEDS = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
"""Mark of all tests that open a browser."""
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
WORLD = "/?month=0"
"""The live world; the bare address is the first page."""
PATIENCE = 90_000
SETTLED = 30
"""Tenths of a second that a page gets until an element is where it stays."""
ON_TOP = (
    "e => { const b = e.getBoundingClientRect(); const top = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);"
    " return e === top || e.contains(top) }"
)
SMALL = ['world.metals=["cobalt", "nickel"]', "world.end=2025-06"]


class Tab:
    """One visitor's tab. Errors of the page and calls to other machines are noted."""

    def __init__(self, browser, address, path=WORLD, **options):
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 720}, **options})
        self.page = self.context.new_page()
        self.wrong = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("request", lambda request: self._asked(request.url, address))
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(address + path)

    def _asked(self, url, address):
        if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:")):
            self.wrong.append(url)

    def ready(self):
        self.page.wait_for_selector(".lf-play")
        return self

    @property
    def t(self):
        return int(self.page.get_attribute(".lf-pulse", "data-t"))

    def until(self, condition):
        end = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < end:
            if condition():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("never happened")

    def step(self, months=1):
        for _ in range(months):
            before = self.t
            self.hit(".lf-step")
            self.until(lambda before=before: self.t > before)

    def hit(self, selector):
        """Click what is really on top at the middle of an element, as soon as what is above it has found its height."""
        element = self.page.locator(selector).first
        element.scroll_into_view_if_needed()
        shown = "e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0 }"
        self.page.wait_for_function(shown, arg=element.element_handle())
        for _ in range(SETTLED):
            if element.evaluate(ON_TOP):
                break
            self.page.wait_for_timeout(100)
            element.scroll_into_view_if_needed()
        assert element.evaluate(ON_TOP), f"{selector} is covered"
        element.click()

    def line(self, chart, number):
        """Heights of the points of a drawn line, in the units of the picture (down is larger)."""
        path = self.page.locator(f'svg[data-plot="{chart}"] path[fill="none"]').nth(number).get_attribute("d")
        return [float(point.split()[1]) for point in path[1:].split("L")]

    def colours(self, selector="body"):
        """Number of different colours on a screenshot of an element: one or two mean that it is blank."""
        self.page.mouse.move(2, 2)
        picture = Image.open(io.BytesIO(self.page.locator(selector).first.screenshot())).convert("RGB")
        return len(picture.getcolors(picture.width * picture.height))

    def download(self, act):
        with self.page.expect_download() as download:
            act()
        return download.value

    def close(self):
        wrong = self.wrong
        self.context.close()
        assert wrong == []


def upload(tab, name, content):
    tab.page.locator(".lf-upload input").set_input_files(
        {"name": name, "mimeType": "application/toml", "buffer": content.encode()}
    )

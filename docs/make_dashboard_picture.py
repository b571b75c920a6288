"""Takes the pictures of the dashboard in the README: `python -m docs.make_dashboard_picture [NAME ...]` (about a minute).

Needs the packages of the extra `dev` and Debian's Chromium. The pictures are of the running dashboard: its first page; DR Congo's
cobalt exports, banned after nine months as the form on the desk has it, eight months later, and who is hit; and three worlds that
were kept, beside one without measures.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from lodeflow.viz.app.world.link import Link, pack

IMAGES = Path(__file__).parent / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
SIZE = (1280, 800)
BEFORE, AFTER = 9, 8
"""Months played before and after the ban."""
KEPT = {"A": "drc-cobalt-export-ban", "B": "drc-cobalt-quota-for-good", "C": "drc-cobalt-price-floor"}
"""Worlds that are compared, by letter."""
COMPARED = 36
"""Months of each of them."""
PATIENCE = 300_000
"""Longest wait, ms."""


def main(names: list[str]) -> None:
    """Start the dashboard and take the pictures that are named, all if none is."""
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lodeflow", "app", "--port", str(port), "--no-open"]
    server = subprocess.Popen(command)
    try:
        wait_for(f"http://localhost:{port}/readyz")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for name in names or PICTURES:
                page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="light")
                page.set_default_timeout(PATIENCE)
                _take(page, f"http://localhost:{port}", name)
                page.close()
            browser.close()
    finally:
        server.terminate()
        server.wait()


def _take(page: Page, address: str, name: str) -> None:
    """Bring a page to what a picture shows, and take it."""
    PICTURES[name](page, address)
    page.mouse.move(2, 2)
    page.wait_for_timeout(800)
    picture = IMAGES / f"{name}.png"
    page.screenshot(path=picture)
    Image.open(picture).convert("RGB").save(picture, optimize=True)
    print(picture.relative_to(IMAGES.parent.parent))


def wait_for(address: str) -> None:
    """Wait until the dashboard answers."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the dashboard did not start")


def _first(page: Page, address: str) -> None:
    """The first page, a year into its story."""
    page.goto(address)
    page.wait_for_selector("svg")
    page.wait_for_timeout(6000)


def _shock(page: Page, address: str) -> None:
    """A ban that was fired, eight months later."""
    page.goto(f"{address}/?month=0&metal=cobalt")
    page.wait_for_selector(".lf-step")
    _steps(page, BEFORE)
    page.click(".lf-fire")
    page.wait_for_selector(".lf-fired li")
    _steps(page, AFTER)
    page.evaluate("window.scrollTo(0, 0)")


def _hit(page: Page, address: str) -> None:
    """The same, further down: who is hit."""
    _shock(page, address)
    page.wait_for_selector(".lf-hits")
    page.evaluate("document.querySelector('.lf-hits').scrollIntoView({block: 'end'})")


def _compare(page: Page, address: str) -> None:
    """Worlds that were kept, drawn in one chart and compared in a table."""
    kept = pack(json.dumps([[letter, COMPARED, name, ""] for letter, name in KEPT.items()]))
    page.goto(f"{address}/?{Link(month=COMPARED, metal='cobalt', kept=kept).write()}")
    page.wait_for_function(f"document.querySelectorAll('.lf-kept-one').length == {len(KEPT)}")
    page.wait_for_selector(".lf-differ td")
    page.evaluate("document.querySelector('.lf-differ').scrollIntoView({block: 'end'})")


def _steps(page: Page, months: int) -> None:
    for _ in range(months):
        t = int(page.get_attribute(".lf-pulse", "data-t") or 0)
        page.click(".lf-step")
        page.wait_for_function(f"Number(document.querySelector('.lf-pulse').dataset.t) > {t}")


PICTURES: dict[str, Callable[[Page, str], None]] = {
    "dashboard-first": _first,
    "dashboard": _shock,
    "dashboard-hit": _hit,
    "dashboard-compare": _compare,
}
"""Pictures by the name of their file, and what brings the page to what each shows."""


if __name__ == "__main__":
    main(sys.argv[1:])

"""Takes the picture of the dashboard in the README: `python -m docs.make_dashboard_picture` (about half a minute).

Needs the packages of the extra `dev` and Debian's Chromium. The picture is of the running dashboard: nine months are played,
DR Congo's cobalt exports are banned as the form on the desk has it, and eight more months are played.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

PICTURE = Path(__file__).parent / "images" / "dashboard.png"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
SIZE = (1280, 860)
BEFORE, AFTER = 9, 8
"""Months played before and after the ban."""


def main() -> None:
    """Start the dashboard, play, fire, and take the picture."""
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lodeflow", "app", "--port", str(port), "--no-open"]
    server = subprocess.Popen(command)
    try:
        wait_for(f"http://localhost:{port}/readyz")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
            page.goto(f"http://localhost:{port}/?month=0")
            _play(page)
            page.screenshot(path=PICTURE)
            browser.close()
    finally:
        server.terminate()
        server.wait()
    Image.open(PICTURE).convert("RGB").save(PICTURE, optimize=True)
    print(PICTURE.relative_to(Path(__file__).parent.parent))


def wait_for(address: str) -> None:
    """Wait until the dashboard answers."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the dashboard did not start")


def _play(page: Page) -> None:
    page.wait_for_selector(".lf-step")
    _steps(page, BEFORE)
    page.click(".lf-fire")
    page.wait_for_selector(".lf-fired li")
    _steps(page, AFTER)
    page.evaluate("window.scrollTo(0, 0)")
    page.mouse.move(2, 2)
    page.wait_for_timeout(500)


def _steps(page: Page, months: int) -> None:
    for _ in range(months):
        t = int(page.get_attribute(".lf-pulse", "data-t") or 0)
        page.click(".lf-step")
        page.wait_for_function(f"Number(document.querySelector('.lf-pulse').dataset.t) > {t}")


if __name__ == "__main__":
    main()

"""Measures the dashboard: `python -m docs.measure_dashboard` (about two minutes; needs what the picture needs).

Prints how long the way in takes on a first run and on a later one, frames a second while playing, how long firing and rewinding
take, and threads and memory after visitors have left. Times stand in seconds and as multiples of the fixed loop of the
benchmarks, since machines differ. `python -m docs.measure_dashboard start` measures the way in alone.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.turn import reference
from docs.make_dashboard_picture import CHROMIUM, FLAGS, wait_for
from lodeflow import data
from lodeflow.viz.app.world.session import Session

BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed"}
VISITORS = 24
PLAYED = 3.0
"""Time over which frames are counted, s."""


def main() -> None:
    """Measure the way in, then the session alone, then the server with a browser."""
    _way_in()
    if sys.argv[1:] == ["start"]:
        return
    _session()
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "lodeflow", "app", "--port", str(port), "--no-open"])
    address = f"http://localhost:{port}"
    try:
        wait_for(f"{address}/readyz")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for speed in (6, 24):
                _frames(browser, address, speed)
            _visitors(browser, address, server.pid)
            browser.close()
    finally:
        server.terminate()
        server.wait()


def _way_in() -> None:
    """Time from the command to the first page playing, and to a live world in which a measure was fired with one click, s.

    First with empty folders for what is kept between runs (tables, compiled loops), then with what the first run left there.
    """
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as kept:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        fresh = os.environ | {"NUMBA_CACHE_DIR": f"{kept}/numba", "LODEFLOW_CACHE_DIR": f"{kept}/tables"}
        for name in ("first run", "later run"):
            page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
            page.set_default_timeout(300_000)
            with socket.create_server(("localhost", 0)) as free:
                port = free.getsockname()[1]
            began = time.perf_counter()
            command = [sys.executable, "-m", "lodeflow", "app", "--port", str(port), "--no-open"]
            server = subprocess.Popen(command, env=fresh)
            try:
                wait_for(f"http://localhost:{port}/")
                answered = f"{time.perf_counter() - began:.1f} s, {_processor(server.pid):.1f} s of processor"
                print(f"{name}: first answer after {answered}", flush=True)
                page.goto(f"http://localhost:{port}/")
                page.wait_for_selector("#map .edge", state="attached")
                waited, used = time.perf_counter() - began, _processor(server.pid)
                print(f"{name}: first page after {waited:.1f} s, {used:.1f} s of processor", flush=True)
                page.click("#offers a >> nth=0")
                page.wait_for_selector(".lf-fired li")
                print(f"{name}: live world after {_in_loops(time.perf_counter() - began)}", flush=True)
            finally:
                server.terminate()
                server.wait()
                page.context.close()
        browser.close()


@cache
def _loop() -> float:
    """Seconds of the fixed loop of the benchmarks on this machine."""
    return min(reference() for _ in range(5))


def _in_loops(seconds: float) -> str:
    """A time in seconds, and over that of the fixed loop."""
    return f"{seconds:.2f} s, {seconds / _loop():.1f} loops"


def _processor(pid: int) -> float:
    """Processor time of a process so far, s (Linux)."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def _session() -> None:
    """How long firing and rewinding take in the default world."""
    session = Session(data.load())
    session.step(9)
    acts = {
        "fire in month 9, country not yet named by a shock": lambda: session.fire(BAN | {"strength": 0.9}),
        "fire another in month 9": lambda: session.fire(BAN | {"strength": 0.8}),
        "51 months": lambda: session.step(51),
        "fire in month 60": lambda: session.fire(BAN | {"strength": 0.5}),
        "rewind to month 40": lambda: session.rewind(40),
        "one month and its frame": lambda: session.step(1),
    }
    for name, act in acts.items():
        began = time.perf_counter()
        act()
        session.frame()
        print(f"{name}: {_in_loops(time.perf_counter() - began)}")


def _frames(browser: Browser, address: str, speed: int) -> None:
    """Frames and months a second after a ban."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{address}/?month=0")
    page.wait_for_selector(".lf-fire")
    page.click(".lf-fire")
    page.wait_for_selector(".lf-fired li")
    page.click(".lf-speed .v-select__slot")
    page.click(f".menuable__content__active >> text='{speed} months/s'")
    page.click(".lf-play")
    page.wait_for_timeout(500)
    (frame, month), began = _seen(page), time.perf_counter()
    page.wait_for_timeout(1000 * PLAYED)
    (last_frame, last_month), seconds = _seen(page), time.perf_counter() - began
    rates = (last_frame - frame) / seconds, (last_month - month) / seconds
    print(
        f"at {speed} months/s: {rates[0]:.1f} frames/s, {rates[1]:.1f} months/s; a frame in {_in_loops(1.0 / rates[0])}"
    )
    page.close()


def _seen(page: Page) -> tuple[int, int]:
    """Number of the frame on the screen, and months simulated."""
    pulse = page.locator(".lf-pulse")
    return int(pulse.get_attribute("data-frame") or 0), int(pulse.get_attribute("data-t") or 0)


def _visitors(browser: Browser, address: str, pid: int) -> None:
    """Threads and memory of the server after visitors came one after the other, played and left."""
    for number in range(1, VISITORS + 1):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/?month=0")
        page.wait_for_selector(".lf-play")
        page.click(".lf-play")
        page.wait_for_timeout(300)
        context.close()
        if number in (4, VISITORS):
            time.sleep(5)
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            status = dict(line.split(":", 1) for line in lines)
            megabytes = int(status["VmRSS"].split()[0]) // 1024
            print(f"after {number} visitors: {status['Threads'].strip()} threads, {megabytes} MB")


if __name__ == "__main__":
    main()

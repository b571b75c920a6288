"""The dashboard in a real browser: play, ban, see the price lines part, compare, download, run the saved file again."""

import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from PIL import Image

from lodeflow.experiments.run.results import COLUMNS
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.server.door import SPARE_SOCKETS
from lodeflow.viz.app.server.limits import Limits

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
WORLD = "/?month=0"
"""The live world; the bare address is the first page."""
PLACES = 3
TABS = Limits().tabs
PATIENCE = 90_000
BROKEN = "10s"
"""Time after which this server sends visitors away whose connection broke: a browser that is closed may not say goodbye."""
SMALL = ['world.metals=["cobalt", "nickel"]', "world.end=2025-06"]


@pytest.fixture(scope="module")
def server():
    """A dashboard in its own process: (address, process id)."""
    port = _free_port()
    command = [sys.executable, "-m", "lodeflow", "app", "--port", str(port), "--no-open", "--sessions", str(PLACES)]
    soon = os.environ | {"SOLARA_KERNEL_CULL_TIMEOUT": BROKEN}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=soon)
    address = f"http://localhost:{port}"
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):
                break
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.1)
    yield address, process.pid
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert "Traceback" not in said, said


def _free_port():
    with socket.create_server(("localhost", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def chromium():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


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
        """Click what is really on top at the middle of an element."""
        element = self.page.locator(selector).first
        element.scroll_into_view_if_needed()
        shown = "e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0 }"
        self.page.wait_for_function(shown, arg=element.element_handle())
        assert element.evaluate(
            "e => { const b = e.getBoundingClientRect();"
            " const top = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);"
            " return e === top || e.contains(top) }"
        ), f"{selector} is covered"
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


@pytest.fixture
def tab(chromium, server):
    one = Tab(chromium, server[0]).ready()
    yield one
    one.close()


def upload(tab, name, content):
    tab.page.locator(".lf-upload input").set_input_files(
        {"name": name, "mimeType": "application/toml", "buffer": content.encode()}
    )


def test_play_ban_and_see_the_price_lines_part(tab):
    tab.hit(".lf-play")
    tab.until(lambda: tab.t >= 4)
    tab.hit(".lf-play")
    tab.page.wait_for_selector(".lf-play:has-text('Play')")
    calm = tab.t
    assert len(tab.line("price", 0)) == calm
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li:has-text('DR Congo: export ban (cobalt)')")
    assert tab.t == calm
    tab.step(5)
    tab.page.wait_for_selector(".lf-edge.is-closed")
    without, outside = tab.line("price", 0), tab.line("price", -1)
    assert len(outside) == calm + 5
    assert without[calm - 1] == pytest.approx(outside[calm - 1], abs=1.0)
    assert outside[-1] < without[-1] - 5
    tab.page.wait_for_selector(".lf-tile-price.is-less")
    inside = tab.line("feed-price", 1)
    assert inside[-1] > tab.line("feed-price", 0)[-1]
    for selector in (".lf-network", '[data-chart="price"]', ".lf-tiles"):
        assert tab.colours(selector) > 20, selector
    tab.hit(".lf-metals button:has-text('Nickel')")
    tab.page.wait_for_selector("h2:has-text('Who delivers nickel to whom')")
    tab.hit(".lf-choices button:has-text('Chain')")
    tab.page.wait_for_selector(".lf-heading")
    assert tab.colours(".lf-network") > 20
    tab.hit(".lf-undo")
    tab.page.wait_for_selector("text=Nothing yet.")
    tab.until(lambda: tab.t == calm)


def test_the_address_brings_the_world_back(tab, server):
    tab.step(2)
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li")
    tab.step(2)
    tab.hit(".lf-metals button:has-text('Nickel')")
    tab.page.wait_for_selector("h2:has-text('Who delivers nickel to whom')")
    tab.until(lambda: "month=4" in tab.page.url and "metal=nickel" in tab.page.url and "own=" in tab.page.url)
    link, shown = tab.page.url, tab.line("price", -1)
    tab.page.reload()
    tab.page.wait_for_selector(".lf-fired li:has-text('DR Congo: export ban (cobalt)')")
    tab.until(lambda: tab.t == 4 and tab.line("price", -1) == shown)
    tab.page.wait_for_selector("h2:has-text('Who delivers nickel to whom')")
    assert tab.page.url == link
    tab.hit(".lf-metals button:has-text('Copper')")
    tab.page.wait_for_selector("h2:has-text('Who delivers copper to whom')")
    tab.page.go_back()
    tab.page.wait_for_selector("h2:has-text('Who delivers nickel to whom')")
    assert tab.t == 4


def test_hover_keys_and_a_country(tab):
    tab.step(3)
    tab.page.locator('svg[data-plot="price"]').hover()
    tab.page.wait_for_selector(".lf-values:has-text('USD per t')")
    tab.page.mouse.click(5, 5)
    before = tab.t
    tab.page.keyboard.press("ArrowRight")
    tab.until(lambda: tab.t == before + 1)
    tab.page.locator('[data-node="COD"]').first.focus()
    tab.page.wait_for_selector(".lf-tip:has-text('DR Congo')")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector(".lf-country:has-text('DR Congo: Cobalt')")
    tab.hit(".lf-country .lf-choices button:has-text('Mine, cost tier')")
    tab.page.wait_for_selector('[data-chart="firm-miners-output"]')


def test_upload_run_save_and_repeat_to_the_last_digit(tab, tables, tmp_path):
    text = load_scenario("drc-cobalt-export-ban", SMALL, tables).to_toml()
    upload(tab, "mine.toml", text)
    tab.page.wait_for_selector(".lf-metals button >> nth=1")
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 2)
    tab.step(12)
    tab.hit(".lf-fire")
    tab.until(lambda: tab.page.locator(".lf-fired li").count() == 3)
    tab.step(6)
    saved = tab.download(lambda: tab.hit(".lf-save-toml"))
    assert saved.suggested_filename == "drc-cobalt-export-ban-own.toml"
    saved.save_as(tmp_path / "saved.toml")
    tab.hit(".v-tab:has-text('Downloads')")
    tab.download(lambda: tab.hit("button:has-text('All series of this metal')")).save_as(tmp_path / "series.csv")
    shown = pd.read_csv(tmp_path / "series.csv", parse_dates=["date"])
    assert list(shown.columns) == COLUMNS["series"]
    scenario = load_scenario(tmp_path / "saved.toml", tables=tables)
    assert len(scenario.shocks) == 3
    outcome = run_scenario(scenario, tables=tables)
    keys = ["date", "run", "metal", "form", "region", "variable"]
    run = outcome.series[outcome.series["metal"] == "cobalt"]
    both = shown.merge(run, on=keys, suffixes=("", "_run"))
    assert len(both) == len(shown) == len(run)
    assert (both["value"] == both["value_run"]).all()


def test_an_upload_that_is_wrong_is_told_and_read_as_text(tab):
    upload(tab, "bad.toml", 'name = "<img src=x onerror=window.broken=1>"\nstrenght = 3\n[world]\nstart = "soon"\n')
    tab.page.wait_for_selector(".lf-alert:has-text('is not a month')")
    alert = tab.page.inner_text(".lf-alert")
    assert "strenght" in alert
    assert "<img src=x" in alert
    assert tab.page.locator(".lf-alert img").count() == 0
    assert tab.page.evaluate("window.broken") is None
    tab.hit(".lf-understood")
    upload(tab, "big.toml", "#" * 200_001)
    tab.page.wait_for_selector(".lf-alert:has-text('at most 200,000 bytes')")


def test_charts_are_saved_as_pictures(tab, tmp_path):
    tab.step(2)
    svg = tab.download(lambda: tab.hit('[data-chart="price"] .lf-save button >> nth=0'))
    svg.save_as(tmp_path / svg.suggested_filename)
    assert svg.suggested_filename == "lodeflow-baseline-cobalt-price.svg"
    text = (tmp_path / svg.suggested_filename).read_text(encoding="utf-8")
    assert "Price of the refined metal" in text
    assert "USD per t" in text
    png = tab.download(lambda: tab.hit('[data-chart="price"] .lf-save button >> nth=1'))
    png.save_as(tmp_path / "price.png")
    picture = Image.open(tmp_path / "price.png").convert("RGB")
    assert picture.width >= 1200
    assert len(picture.getcolors(10**6)) > 20


def test_compare_shows_progress_and_can_be_cancelled(tab, tables):
    alone = load_scenario("drc-cobalt-export-ban", ['world.metals=["cobalt"]', "world.end=2025-06"], tables)
    upload(tab, "mine.toml", alone.to_toml())
    tab.until(lambda: tab.page.locator(".lf-metals button").count() == 1)
    tab.hit(".v-tab:has-text('Compare')")
    tab.hit(".lf-compare")
    tab.hit(".lf-cancel")
    tab.page.wait_for_selector(".lf-job-note:has-text('Cancelled')")
    tab.hit(".lf-compare")
    tab.page.wait_for_selector(".lf-pictures img")
    assert tab.page.locator("table tbody tr td").first.inner_text() == "Cobalt"
    tab.page.wait_for_selector('[data-chart="difference-price-outside"]')
    loaded = "() => [...document.querySelectorAll('.lf-pictures img')].every(i => i.complete && i.naturalWidth > 500)"
    tab.page.evaluate("document.querySelectorAll('.lf-pictures img').forEach(i => i.loading = 'eager')")
    tab.page.wait_for_function(loaded)
    assert tab.colours(".lf-pictures") > 20
    tab.hit(".v-tab:has-text('Downloads')")
    report = tab.download(lambda: tab.hit("button:has-text('Report (one HTML page)')"))
    assert report.path().read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")


def test_on_a_phone_in_chinese_light_and_dark(chromium, server):
    tab = Tab(chromium, server[0], viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True).ready()
    tab.hit("button:has-text('中文')")
    tab.page.wait_for_selector("h2:has-text('冲击与政策台')")
    tab.page.wait_for_function("document.documentElement.lang === 'zh'")
    tab.step(2)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.hit(".lf-fire")
    tab.page.wait_for_selector(".lf-fired li:has-text('刚果（金）：出口禁令')")
    brightness = {"light": shade(tab)}
    tab.hit(".lf-theme")
    tab.page.wait_for_selector(".theme--dark .lf")
    brightness["dark"] = shade(tab)
    assert brightness["light"] > 600
    assert brightness["dark"] < 150
    for selector in (".lf-network", '[data-chart="price"]'):
        assert tab.colours(selector) > 15, selector
    tab.close()


def shade(tab):
    """Sum of red, green and blue (0 to 255 each) of the ground of the page."""
    ground = tab.page.evaluate("getComputedStyle(document.querySelector('.lf')).backgroundColor")
    return sum(int(part) for part in ground[4:-1].split(","))


def test_two_visitors_never_see_each_other(chromium, server):
    one, two = (Tab(chromium, server[0]).ready() for _ in range(2))
    one.hit(".lf-fire")
    one.page.wait_for_selector(".lf-fired li")
    one.step(2)
    two.step(2)
    assert two.page.locator(".lf-fired li").count() == 0
    assert len(two.line("price", 0)) == 2
    assert two.page.locator('svg[data-plot="price"] path[fill="none"]').count() == 2, (
        "the model's price and the observed one"
    )
    one.close()
    two.close()


def test_closed_tabs_free_their_places_and_threads(chromium, server):
    address, pid = server
    come_and_go(chromium, address)  # the server keeps a thread for each connection and file that was open at once
    alone = settled(pid)
    come_and_go(chromium, address)
    assert settled(pid, alone) < alone + PLACES  # less than a thread per visitor: the server's own pool may have grown
    until(lambda: kernels(address) == 0)


def come_and_go(chromium, address):
    """Visitors take every place, one more finds none, one plays, all leave."""
    contexts = [chromium.new_context() for _ in range(PLACES + 1)]
    pages = [context.new_page() for context in contexts]
    for page in pages[:-1]:
        page.goto(address + WORLD)
    for page in pages[:-1]:
        page.wait_for_selector(".lf-play", timeout=2 * PATIENCE)
    pages[-1].goto(address + WORLD)
    pages[-1].wait_for_selector(f".lf-alert:has-text('All {PLACES} places')", timeout=PATIENCE)
    pages[0].click(".lf-play")
    for page, context in zip(pages, contexts, strict=True):
        page.close()
        context.close()


def test_who_knocks_with_many_connections_locks_nobody_out(chromium, server):
    address, pid = server
    answer, cookie = ask(address + WORLD)
    before, first = settled(pid), memory(pid)
    assert answer.status == 200
    for _ in range(3):
        sockets = [knock(address, origin="http://evil.example.org", cookie=cookie) for _ in range(20)]
        sockets += [knock(address, origin="null", cookie=cookie), knock(address, origin=None, cookie=cookie)]
        sockets += [knock(address, origin=address, cookie="") for _ in range(20)]
        sockets += [knock(address, origin=address, cookie=cookie, host="evil.example.org:80") for _ in range(20)]
        assert sockets == [None] * len(sockets)
        own = [knock(address, origin=address, cookie=cookie) for _ in range(20)]
        let_in = [one for one in own if one is not None]
        assert 1 <= len(let_in) <= TABS + SPARE_SOCKETS
        for one in let_in:
            one.close()
    until(lambda: kernels(address) == 0)
    Tab(chromium, address).ready().close()
    until(lambda: kernels(address) == 0)
    assert settled(pid, before) <= before + PLACES  # the server's own pool may have grown
    until(lambda: memory(pid) < first + 60e6)


def knock(address, origin, cookie, host=None):
    """Open a connection as a page would; None where it is refused."""
    name = address.partition("://")[2]
    headers = {"Host": host or name, "Origin": origin, "Cookie": cookie and f"solara-session-id={cookie}"}
    headers |= {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    headers["Sec-WebSocket-Key"] = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET /jupyter/api/kernels/{uuid4()}/channels?session_id={uuid4()} HTTP/1.1"]
    lines += [f"{key}: {value}" for key, value in headers.items() if value]
    wire = socket.create_connection(("localhost", int(name.rpartition(":")[2])), timeout=30)
    wire.sendall("\r\n".join([*lines, "", ""]).encode())
    status = wire.recv(4096).split()[1]
    if status == b"101":
        return wire
    wire.close()
    assert status == b"403"
    return None


def ask(address, **headers):
    """The answer to a request for the page, and the cookie that came with it."""
    try:
        answer = urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        cookies = ";".join(answer.headers.get_all("set-cookie") or [])
    return answer, cookies.partition("solara-session-id=")[2].partition(";")[0]


def test_a_page_of_somebody_else_and_a_name_of_somebody_else_are_refused(server):
    address, _ = server
    port = address.rpartition(":")[2]
    assert ask(address)[0].status == 200
    assert ask(address, Host=f"127.0.0.1:{port}", Origin=f"http://127.0.0.1:{port}")[0].status == 200
    for wrong in ({"Host": f"evil.example.org:{port}"}, {"Origin": "http://evil.example.org"}, {"Origin": "null"}):
        assert ask(address, **wrong)[0].status == 403


def test_every_answer_says_what_a_browser_must_heed(server):
    address, _ = server
    answers = [ask(address)[0], ask(address, Origin="http://evil.example.org")[0], ask(f"{address}/readyz")[0]]
    answers.append(ask(f"{address}/static/main-vuetify.js")[0])
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        for part in ("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "connect-src 'self'"):
            assert part in policy
        assert "*" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def until(condition):
    end = time.monotonic() + PATIENCE / 1000
    while not condition():
        assert time.monotonic() < end, "never happened"
        time.sleep(0.2)


def memory(pid):
    """Memory that a process holds, bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def kernels(address):
    """Visitors that the server still holds in memory."""
    with urllib.request.urlopen(f"{address}/resourcez", timeout=5) as answer:
        return json.load(answer)["kernels"]["total"]


def settled(pid, wanted=0):
    """Threads of a process, when their number no longer changes or is down to `wanted`."""
    seen = []
    for _ in range(120):
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        seen.append(int(status["Threads"]))
        if (wanted and seen[-1] <= wanted) or (not wanted and seen[-8:] == [seen[-1]] * 8):
            break
        time.sleep(0.25)
    return seen[-1]


def test_no_job_outlives_its_visitor(server):
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "lodeflow app --port" in listed
    assert not [line for line in listed.splitlines() if "-m lodeflow.viz.app.batch.work" in line]

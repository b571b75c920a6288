"""Visitors in a real browser: each plays alone, closed tabs give places back, and nobody is locked out or let in wrongly."""

import base64
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from uuid import uuid4

import pytest

from lodeflow.viz.app.server.door import SPARE_SOCKETS
from lodeflow.viz.app.server.limits import Limits
from tests.viz.app.browser import NEEDS, PATIENCE, WORLD, Tab
from tests.viz.app.serving import serving

pytestmark = NEEDS
TABS, PLACES = Limits().tabs, 3


@pytest.fixture(scope="module")
def server():
    """A dashboard with few places, whose threads and visitors nobody else changes."""
    with serving("--sessions", str(PLACES)) as found:
        yield found


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
    until(lambda: kernels(address) == 0)  # a place is free when its visitor is known to be gone


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
    pid = str(server[1])
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    own = [line for line in listed.splitlines() if pid in line.split()[:2]]
    assert any("lodeflow app --port" in line for line in own)
    assert not [line for line in own if "-m lodeflow.viz.app.batch.work" in line]

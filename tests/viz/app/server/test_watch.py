"""What the server tells those who watch it, and whose pages may show it in a frame. No server runs here."""

import _thread
import asyncio
import re
import threading
import time

import pytest
from anyio import CapacityLimiter, to_thread
from anyio._backends._asyncio import WorkerThread

from lodeflow.data.problems import DataError
from lodeflow.viz.app.server import limits, serve
from lodeflow.viz.app.server.door import Addresses, Door
from lodeflow.viz.app.server.late import Late
from lodeflow.viz.app.server.watch import HEALTH, METRICS, Watch, memory_bytes, threads

HOST = [(b"host", b"localhost:8765")]
LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9.e+]+')


async def inside(scope, receive, send):
    """The server behind it: a page, or a connection that is held until it is let go."""
    if scope["type"] == "websocket":
        await receive()
        return
    await send({"type": "http.response.start", "status": 404 if scope["path"] == "/no" else 200, "headers": []})
    await send({"type": "http.response.body", "body": b"page"})


async def ask(app, path, headers=HOST):
    """Status, headers and text of an answer."""
    said = []

    async def send(message):
        said.append(message)

    await app({"type": "http", "path": path, "headers": headers}, None, send)
    head = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], head, said[1]["body"].decode()


def figures(text):
    """Values by name, of Prometheus' text format."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(LINE.fullmatch(line) for line in lines)
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_the_server_says_that_it_is_well():
    assert asyncio.run(ask(Watch(inside, lambda: 0), HEALTH))[::2] == (200, "ok\n")


def test_a_server_that_could_not_be_loaded_is_not_well():
    def broken():
        raise ImportError("no such package")

    late = Late(broken)
    late.begin()
    late._ready.exception(timeout=10)
    assert asyncio.run(ask(Watch(inside, lambda: 0, late.failed), HEALTH))[0] == 503
    ready = Late(lambda: (inside, lambda: None))
    ready.begin()
    ready._ready.result(timeout=10)
    assert asyncio.run(ask(Watch(ready, lambda: 0, ready.failed), HEALTH))[0] == 200


def test_whoever_asks_for_the_numbers_ends_threads_that_a_crowd_left(monkeypatch):
    """Connections take threads of the server's pool, which ends idle ones only when another is asked for."""
    crowd = 12

    async def come_and_go():
        watch, together = Watch(inside, lambda: 0), threading.Barrier(crowd)
        before = threading.active_count()
        await asyncio.gather(*(to_thread.run_sync(together.wait, limiter=CapacityLimiter(1)) for _ in range(crowd)))
        left = threading.active_count() - before
        monkeypatch.setattr(WorkerThread, "MAX_IDLE_TIME", 0)
        await ask(watch, METRICS)
        for _ in range(200):
            if threading.active_count() <= before + 1:
                break
            await asyncio.sleep(0.02)
        return left, threading.active_count() - before

    assert asyncio.run(come_and_go()) == (crowd, 1)


def test_threads_that_ended_are_not_counted():
    """Whoever asks for the current thread at the end of a foreign one leaves a ghost in Python's list (Solara does)."""
    before, listed = threads(), threading.active_count()
    for _ in range(5):
        door = threading.Event()
        _thread.start_new_thread(lambda door=door: (threading.current_thread(), door.set()), ())
        door.wait(5)
    for _ in range(200):
        if threads() <= before:
            break
        time.sleep(0.02)
    assert threading.active_count() > listed
    assert threads() <= before


def test_the_numbers_of_the_server():
    watch = Watch(inside, lambda: 3)
    for path in ("/", "/", "/no"):
        asyncio.run(ask(watch, path))
    status, head, text = asyncio.run(ask(watch, METRICS))
    found = figures(text)
    assert status == 200
    assert head["content-type"].startswith("text/plain; version=0.0.4")
    assert found["lodeflow_visitors"] == 3
    assert found["lodeflow_visitors_limit"] == limits.current().sessions
    assert found['lodeflow_http_responses_total{status="200"}'] == 2
    assert found['lodeflow_http_responses_total{status="404"}'] == 1
    assert found["lodeflow_threads"] >= 1
    assert found["lodeflow_resident_memory_bytes"] == pytest.approx(memory_bytes(), rel=0.2)
    assert found["lodeflow_resident_memory_bytes"] > 1e7
    named = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert {name.partition("{")[0] for name in found} == named


def test_connections_are_counted_while_they_are_open():
    async def come_and_go():
        watch, go = Watch(inside, lambda: 0), asyncio.Event()

        async def receive():
            await go.wait()
            return {}

        call = asyncio.create_task(watch({"type": "websocket", "path": "/", "headers": HOST}, receive, None))
        await asyncio.sleep(0)
        during = watch.sockets
        go.set()
        await call
        return during, watch.sockets

    assert asyncio.run(come_and_go()) == (1, 0)


@pytest.mark.parametrize("path", [HEALTH, METRICS])
def test_only_the_names_of_the_server_are_answered(path):
    gate = Door(Watch(inside, lambda: 0), Addresses.of("localhost", 8765), tabs=1)
    assert asyncio.run(ask(gate, path))[0] == 200
    assert asyncio.run(ask(gate, path, [(b"host", b"evil.org")]))[0] == 403


# ---- frames -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("frames", "ancestors"),
    [((), "'none'"), (("https://News.example.org/", "http://lan:8080"), "https://news.example.org http://lan:8080")],
)
def test_no_page_shows_the_server_in_a_frame_but_those_that_may(frames, ancestors):
    gate = Door(inside, Addresses.of("localhost", 8765), 1, frames)
    _, head, _ = asyncio.run(ask(gate, "/"))
    policy = dict(part.strip().split(" ", 1) for part in head["content-security-policy"].split(";"))
    assert policy["frame-ancestors"] == ancestors
    assert head.get("x-frame-options") == (None if frames else "DENY")


@pytest.mark.parametrize(
    "frame", ["news.example.org", "https://news.example.org/a", "*", "https://*.org; script-src *"]
)
def test_a_frame_that_is_no_address_is_one_line(frame):
    with pytest.raises(DataError) as caught:
        serve.check("localhost", 0, frames=[frame])
    (problem,) = caught.value.problems
    assert "--allow-embed" in str(problem)

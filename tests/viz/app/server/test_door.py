"""Who may come in to the dashboard: names, pages, connections. No server runs here; test_visitors_browser has one."""

import asyncio
import types

import pytest
from solara.server import kernel_context

from lodeflow.viz.app.server import door
from lodeflow.viz.app.server.door import SPARE_SOCKETS, Addresses, Door

COOKIE = "4dc30e08-5ac5-4a0f-8f5a-000000000001"
LOCAL = Addresses.of("localhost", 8765)


@pytest.mark.parametrize(
    ("addresses", "known", "unknown"),
    [
        (
            LOCAL,
            ("localhost:8765", "LOCALHOST:8765", "127.0.0.1:8765", "[::1]:8765"),
            (
                "",
                "localhost",
                "localhost:80",
                "evil.org:8765",
                "evil.org",
                "192.168.0.7:8765",
                "localhost.evil.org:8765",
            ),
        ),
        (
            Addresses.of("0.0.0.0", 8765),
            ("localhost:8765", "192.168.0.7:8765", "[fe80::1]:8765"),
            ("evil.org:8765", "192.168.0.7", "192.168.0.7:80", "192.168.0.7.evil.org:8765"),
        ),
        (Addresses.of("lode.lan", 80), ("lode.lan", "lode.lan:80"), ("localhost", "evil.org")),
        (Addresses.of("::1", 8765), ("[::1]:8765", "localhost:8765"), ("::1",)),
        (
            Addresses.of("localhost", 8765, ["https://Lode.example.org/", "http://lode.lan:8080"]),
            ("localhost:8765", "lode.example.org", "lode.lan:8080"),
            ("example.org", "lode.lan", "lode.lan:8765"),
        ),
    ],
)
def test_names_of_the_server(addresses, known, unknown):
    assert [name for name in known if not addresses.knows(name)] == []
    assert [name for name in unknown if addresses.knows(name)] == []


def test_pages_that_may_come_in():
    more = Addresses.of("localhost", 8765, ["https://lode.example.org"])
    for origin, host in (
        ("http://localhost:8765", "localhost:8765"),
        ("http://127.0.0.1:8765", "127.0.0.1:8765"),
        ("https://lode.example.org", "lode.example.org"),
        ("https://lode.example.org:443", "localhost:8765"),
    ):
        assert more.welcomes(origin, host), origin
    for origin in (
        "",
        "null",
        "http://localhost",
        "http://localhost:87650",
        "http://evil.org",
        "file://localhost:8765",
    ):
        assert not more.welcomes(origin, "localhost:8765"), origin
    assert Addresses.of("lode.lan", 80).welcomes("http://lode.lan", "lode.lan")


class Inside:
    """The server behind the door: counts who is in, and holds connections until they are let go."""

    def __init__(self):
        self.requests, self.heard, self.go = 0, [], asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.requests += 1
        if scope["type"] == "websocket":
            self.heard += [await receive(), await receive()]
            await self.go.wait()
        else:
            head = [(b"content-type", b"text/html"), (b"X-Frame-Options", b"ALLOWALL")]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": b"page"})


def asked(kind="http", host="localhost:8765", origin=None, cookie=COOKIE, kernel="k1", more=()):
    """A request or a connection."""
    headers = {"host": host, "origin": origin, "cookie": cookie and f"solara-session-id={cookie}"}
    lines = [(name.encode(), value.encode()) for name, value in headers.items() if value is not None]
    path = f"/jupyter/api/kernels/{kernel}/channels" if kind == "websocket" else "/"
    return {"type": kind, "path": path, "headers": [*lines, *more]}


async def through(gate, scope, said=("websocket.connect", "websocket.receive")):
    """Send it through the door; what was answered."""
    left, answers = list(said), []

    async def receive():
        if left:
            return {"type": left.pop(0)}
        return await asyncio.Event().wait()

    async def send(message):
        answers.append(message)

    await gate(scope, receive, send)
    return answers


def test_requests_under_another_name_or_from_another_page_do_not_reach_the_server():
    inside = Inside()
    inside.go.set()
    gate = Door(inside, LOCAL, tabs=1)
    doubled = [(b"origin", b"http://localhost:8765"), (b"origin", b"http://evil.org")]
    twice = [(b"host", b"evil.org")]
    for scope in (
        asked(host="evil.org:8765"),
        asked(host=None),
        asked(more=twice),
        asked(origin="http://evil.org"),
        asked(origin="null"),
    ):
        start, body = asyncio.run(through(gate, scope))
        assert start["status"] == 403
        assert b"--allow-origin" in body["body"]
    for scope in (
        asked("websocket"),
        asked("websocket", origin="http://evil.org"),
        asked("websocket", origin="http://localhost:8765", host="evil.org:8765"),
        asked("websocket", origin="http://localhost:8765", cookie=None),
        asked("websocket", origin="http://localhost:8765", cookie="x" * 65),
        asked("websocket", more=doubled),
    ):
        assert [answer["type"] for answer in asyncio.run(through(gate, scope))] == ["websocket.close"]
    assert inside.requests == 0


def test_answers_carry_what_a_browser_must_heed():
    for scope in (asked(), asked(origin="http://localhost:8765"), asked(origin="http://evil.org")):
        start, _ = asyncio.run(through(Door(Inside(), LOCAL, tabs=1), scope))
        headers = [(name.decode().lower(), value.decode()) for name, value in start["headers"]]
        assert len(dict(headers)) == len(headers)
        assert dict(headers)["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in dict(headers)["content-security-policy"]
    assert "connect-src 'self' ws://localhost:8765 wss://localhost:8765" in str(
        asyncio.run(through(Door(Inside(), LOCAL, tabs=1), asked()))[0]["headers"]
    )


def page_of(number, **changes):
    return asked("websocket", origin="http://localhost:8765", kernel=f"k{number}", **changes)


def test_a_visitor_has_so_many_connections_and_others_still_come_in():
    async def crowd():
        inside = Inside()
        gate = Door(inside, LOCAL, tabs=2)
        calls = [asyncio.create_task(through(gate, page_of(number))) for number in range(20)]
        await asyncio.sleep(0)
        other = asyncio.create_task(through(gate, page_of(99, cookie="another")))
        await asyncio.sleep(0.01)
        held = inside.requests
        inside.go.set()
        answers = await asyncio.gather(*calls)
        await other
        assert await through(gate, page_of(100)) == []
        return held, sum(bool(answer) for answer in answers), gate

    held, refused, gate = asyncio.run(crowd())
    assert refused == 20 - (2 + SPARE_SOCKETS)
    assert held == 2 + SPARE_SOCKETS + 1
    assert not gate._open


def test_pages_that_wait_for_their_visitor_count_as_well(monkeypatch):
    kept = {
        f"k{number}": types.SimpleNamespace(session_id=COOKIE, id=f"k{number}", app_object=object(), page_status={})
        for number in range(1 + SPARE_SOCKETS)
    }
    monkeypatch.setattr(kernel_context, "contexts", kept)

    async def knock(number):
        inside = Inside()
        inside.go.set()
        await through(Door(inside, LOCAL, tabs=1), page_of(number))
        return inside.requests

    assert asyncio.run(knock(50)) == 0
    assert asyncio.run(knock(0)) == 1


def test_a_connection_that_says_nothing_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(door, "FIRST_WORD", 0.01)

    async def silence():
        inside = Inside()
        inside.go.set()
        await through(Door(inside, LOCAL, tabs=1), page_of(1), said=["websocket.connect"])
        return [message["type"] for message in inside.heard]

    assert asyncio.run(silence()) == ["websocket.connect", "websocket.disconnect"]


def test_what_never_showed_a_page_is_let_go_at_once(monkeypatch):
    closed = []
    kept = {
        name: types.SimpleNamespace(
            session_id="x",
            id=name,
            app_object=app,
            page_status={"p": state},
            close=lambda why, name=name: closed.append(name),
        )
        for name, app, state in (
            ("k1", None, kernel_context.PageStatus.DISCONNECTED),
            ("k2", object(), kernel_context.PageStatus.DISCONNECTED),
            ("k3", None, kernel_context.PageStatus.CONNECTED),
        )
    }
    monkeypatch.setattr(kernel_context, "contexts", kept)

    async def come_and_go():
        inside = Inside()
        inside.go.set()
        for number in (1, 2, 3, 4):
            await through(Door(inside, LOCAL, tabs=3), page_of(number))

    asyncio.run(come_and_go())
    assert closed == ["k1"]

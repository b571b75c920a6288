"""Stands before the server: who may come in, by which name, with how many connections, and what a browser may do with a page.

A browser sends with every connection the page that asked for it (Origin) and the name under which it looked the server up
(Host). A page of somebody else would be let in without a look at the first, and a name of somebody else that leads to this
machine without a look at the second.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from lodeflow.data.problems import Problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

EVERYWHERE = ("0.0.0.0", "::", "")
HERE = ("localhost", "127.0.0.1", "[::1]")
COOKIES = ("solara-session-id", "solara-session-id-lax")
FIRST_WORD = 20.0
"""Time within which a connection must say something, s; a page does so at once."""
SPARE_SOCKETS = 2
"""Connections of a visitor beyond the tabs: one that is reloaded opens the new one before the old one is gone."""
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?")
_COOKIE = re.compile(r"[A-Za-z0-9-]{1,64}")
_KERNEL = re.compile(r"/api/kernels/([^/]+)/channels$")
_PORTS = {"http": ":80", "https": ":443"}

POLICY = (
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Solara's page and the templates of Vue: docs/dashboard.md
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
)
FRAME, NOBODY = "x-frame-options", "'none'"
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True)
class Addresses:
    """By which names the server may be called, and from which pages.

    Attributes:
        hosts: names with their port, as browsers write them in Host.
        origins: pages of other addresses that may come in, such as ``https://lode.example.org``.
        numbers: port at which any IP address counts as a name of this machine; None: only those in `hosts`.
    """

    hosts: frozenset[str]
    origins: frozenset[str] = frozenset()
    numbers: int | None = None

    @classmethod
    def of(cls, host: str, port: int, origins: Iterable[str] = ()) -> Addresses:
        """Those of a server that listens on `host` and `port`, and the `origins` that were allowed besides."""
        given = f"[{host}]" if ":" in host else host
        names = {*HERE, socket.gethostname()} if host in EVERYWHERE else {given}
        names |= set(HERE) if given in HERE else set()
        hosts = {f"{name}:{port}".lower() for name in names}
        hosts |= {name.lower() for name in names if f":{port}" in _PORTS.values()}
        more = frozenset(_short(origin) for origin in origins)
        hosts |= {origin.partition("://")[2] for origin in more}
        return cls(frozenset(hosts), more, port if host in EVERYWHERE else None)

    def knows(self, host: str) -> bool:
        """Whether `host`, as written in a request, is a name of this server."""
        return host.lower() in self.hosts or (self.numbers is not None and _is_number(host, self.numbers))

    def welcomes(self, origin: str, host: str) -> bool:
        """Whether a page of `origin` may ask the server for something under the name `host`."""
        scheme, _, name = _short(origin).partition("://")
        own = scheme in _PORTS and name == host.lower().removesuffix(_PORTS[scheme])
        return own or _short(origin) in self.origins


def wrong_origins(origins: Iterable[str], option: str = "--allow-origin") -> list[Problem]:
    """What is wrong with the values of ``--allow-origin`` or another `option` that takes addresses."""
    right = "Write it as a browser shows it, without a path: https://lode.example.org"
    return [
        Problem("lodeflow app", option, "", f"{origin!r} is not an address", right)
        for origin in origins
        if not _ORIGIN.fullmatch(_short(origin))
    ]


def _short(origin: str) -> str:
    """An origin as browsers write it: small letters, no slash at the end, no port where it is the usual one."""
    text = origin.strip().lower().removesuffix("/")
    return text.removesuffix(_PORTS.get(text.partition(":")[0], "/"))


def _is_number(host: str, port: int) -> bool:
    """Whether a name is an IP address with the port. Nobody else can make such a name lead here."""
    name, _, given = host.rpartition(":")
    if given != str(port):
        return False
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


class Door:
    """The server behind its checks.

    Args:
        app: the server.
        addresses: where it may be called, and from where.
        tabs: pages of one visitor at the same time.
        frames: addresses whose pages may show the server in a frame; none: no page may.
    """

    def __init__(self, app: Application, addresses: Addresses, tabs: int, frames: Iterable[str] = ()) -> None:
        self.app, self.addresses, self.most = app, addresses, tabs + SPARE_SOCKETS
        self.frames = tuple(_short(origin) for origin in frames)
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Let a request or connection in, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send, refusal)
            return
        careful = _with_headers(send, "" if refusal else _one(scope, b"host"), self.frames)
        if refusal:
            await _say(careful, refusal)
        else:
            await self.app(scope, receive, careful)

    def _refusal(self, scope: MutableMapping[str, Any]) -> str:
        """Why a request is not let in; "" where it is."""
        host, origin = _one(scope, b"host"), _one(scope, b"origin")
        if not self.addresses.knows(host):
            return "This server does not go by that name; start it with --allow-origin to add one."
        if not origin and scope["type"] == "http":
            return ""
        if not self.addresses.welcomes(origin, host):
            return "Pages of that address may not use this server; start it with --allow-origin to add it."
        return ""

    # ---- connections of pages -----------------------------------------------------------------------------------------
    async def _connect(self, scope: MutableMapping[str, Any], receive: Receive, send: Send, refusal: str) -> None:
        visitor = _cookie(scope)
        if refusal or not visitor or not self._enter(visitor, scope):
            await send({"type": "websocket.close", "code": 1008, "reason": refusal[:100]})
            return
        try:
            await self.app(scope, _in_time(receive), send)
        finally:
            self._leave(visitor)
            await _drop_empty(_kernel(scope))

    def _enter(self, visitor: str, scope: MutableMapping[str, Any]) -> bool:
        """Count a connection; False when the visitor has too many, open or still kept for a return."""
        with self._lock:
            if self._open[visitor] >= self.most or _kept(visitor, _kernel(scope)) >= self.most:
                return False
            self._open[visitor] += 1
            return True

    def _leave(self, visitor: str) -> None:
        with self._lock:
            self._open[visitor] -= 1
            if not self._open[visitor]:
                del self._open[visitor]


# ---- requests ---------------------------------------------------------------------------------------------------------
def _one(scope: MutableMapping[str, Any], name: bytes) -> str:
    """The value of a header; "" where it is missing or stands there twice."""
    found = [value for key, value in scope["headers"] if key == name]
    return found[0].decode("latin-1") if len(found) == 1 else ""


def _cookie(scope: MutableMapping[str, Any]) -> str:
    """What tells a visitor from others: the cookie that came with the page; "" without one."""
    from starlette.requests import cookie_parser

    cookies = cookie_parser(_one(scope, b"cookie"))
    value = next((cookies[name] for name in COOKIES if cookies.get(name)), "")
    return value if _COOKIE.fullmatch(value) else ""


def _with_headers(send: Send, host: str, frames: tuple[str, ...]) -> Send:
    """Add what a browser must heed to every answer. A connection of the page may go to `host` and nowhere else.

    Only pages of `frames` may show it in a frame; ``X-Frame-Options`` knows no such list and is left out where there is one.
    """
    connect = f"connect-src 'self' ws://{host} wss://{host}" if host else "connect-src 'self'"
    ancestors = f"frame-ancestors {' '.join(frames) or NOBODY}"
    own = {"content-security-policy": "; ".join((*POLICY, connect, ancestors)), **HEADERS}
    own |= {} if frames else {FRAME: "DENY"}
    lines = [(name.encode(), value.encode("latin-1")) for name, value in own.items()]

    async def careful(message: Message) -> None:
        if message["type"] == "http.response.start":
            ours = {*own, FRAME}
            kept = [line for line in message.get("headers", ()) if line[0].lower().decode("latin-1") not in ours]
            message = {**message, "headers": [*kept, *lines]}
        await send(message)

    return careful


async def _say(send: Send, why: str) -> None:
    """Refuse a request in one line of text."""
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": why.encode()})


def _in_time(receive: Receive) -> Receive:
    """Hang up when nothing is said for too long after the door was opened."""
    heard = 0

    async def impatient() -> Message:
        nonlocal heard
        heard += 1
        if heard != 2:  # the first message is the connection itself
            return await receive()
        try:
            return await asyncio.wait_for(receive(), FIRST_WORD)
        except TimeoutError:
            return {"type": "websocket.disconnect", "code": 1008}

    return impatient


# ---- what Solara keeps of a page ----------------------------------------------------------------------------------------
def _kernel(scope: MutableMapping[str, Any]) -> str:
    """Number of the page, as Solara calls it; "" for other connections."""
    match = _KERNEL.search(scope["path"])
    return match[1] if match else ""


def _kept(visitor: str, but: str) -> int:
    """Pages of a visitor that Solara holds in memory, without the page `but`."""
    from solara.server import kernel_context

    kept = list(kernel_context.contexts.values())
    return sum(context.session_id == visitor and context.id != but for context in kept)


async def _drop_empty(kernel: str) -> None:
    """Let go at once what a connection left behind that never showed a page; a page waits for its visitor to return."""
    from anyio import to_thread
    from solara.server import kernel_context

    context = kernel_context.contexts.get(kernel)
    if context is None or context.app_object is not None:
        return
    if kernel_context.PageStatus.CONNECTED not in tuple(context.page_status.values()):
        await to_thread.run_sync(context.close, "never used")  # in the server's own pool of threads

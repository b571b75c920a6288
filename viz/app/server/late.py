"""The server behind the first page: it is loaded while the first page is read, and whoever comes earlier waits for it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from lodeflow.viz.app.server.door import Application, Receive, Send

log = logging.getLogger(__name__)


class Late:
    """A server that is loaded in a thread of its own, as soon as the program around it stands or somebody asks for it.

    Args:
        load: imports and starts the server, and says how it is ended.
    """

    def __init__(self, load: Callable[[], tuple[Application, Callable[[], None]]]) -> None:
        self._load = load
        self._ready: Future[tuple[Application, Callable[[], None]]] = Future()
        self._loader = threading.Thread(target=self._run, name="lodeflow-load", daemon=True)
        self._begun = False

    def begin(self) -> None:
        """Load it, if that has not begun yet."""
        if not self._begun:
            self._begun = True
            self._loader.start()

    def failed(self) -> bool:
        """Whether the server could not be loaded."""
        return self._ready.done() and self._ready.exception() is not None

    def _run(self) -> None:
        try:
            self._ready.set_result(self._load())
        except BaseException as error:
            log.exception("the dashboard could not be loaded")
            self._ready.set_exception(error)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Pass on to the server as soon as it is there; start and end of the program are not waited for."""
        self.begin()
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            app, _ = await asyncio.shield(asyncio.wrap_future(self._ready))
        except asyncio.CancelledError:  # the program ends before the server was there
            return
        await app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        try:
            _, end = await asyncio.wrap_future(self._ready)
            end()
        except Exception:
            log.exception("the dashboard did not end well")
        await send({"type": "lifespan.shutdown.complete"})


def solara() -> tuple[Application, Callable[[], None]]:
    """Solara's server, started, and how it is ended."""
    from solara.server import starlette

    starlette.on_startup()
    return starlette.app, starlette.on_shutdown

"""What those who watch the server ask: whether it is well (`/healthz`), how busy it is (`/metrics`, text format of Prometheus)."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

from lodeflow.viz.app.server import limits

HEALTH, METRICS = "/healthz", "/metrics"
PLAIN = "text/plain; charset=utf-8"
FORMAT = "text/plain; version=0.0.4; charset=utf-8"
"""Content type of Prometheus' text format."""
Application = Callable[..., Any]


class Watch:
    """The server, with answers for those who watch it. No visitor, no scenario and no address of anybody is told.

    Args:
        app: the server.
        visitors: how many are here.
        failed: whether the server could not be loaded.
    """

    def __init__(
        self, app: Application, visitors: Callable[[], int], failed: Callable[[], bool] = lambda: False
    ) -> None:
        self.app, self.visitors, self.failed = app, visitors, failed
        self.began = time.monotonic()
        self.answers: Counter[int] = Counter()
        self.sockets = 0
        self._lock = threading.Lock()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer a question about the server, or count what goes on to it."""
        if scope["type"] == "websocket":
            self._count(1)
            try:
                await self.app(scope, receive, send)
            finally:
                self._count(-1)
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == HEALTH:
            ill = self.failed()
            await _say(send, "the dashboard could not be loaded\n" if ill else "ok\n", PLAIN, 503 if ill else 200)
        elif scope["path"] == METRICS:
            await _say(send, await self._read(), FORMAT)
        else:
            await self.app(scope, receive, self._noted(send))

    async def _read(self) -> str:
        """The numbers, read in a thread of the server's pool: only when one is asked for does the pool end those long idle."""
        from anyio import CapacityLimiter, to_thread

        return await to_thread.run_sync(lambda: "".join(self.lines()), limiter=CapacityLimiter(1))

    def lines(self) -> Iterator[str]:
        """The numbers, each with what it is."""
        bound = limits.current()
        gauges = {
            "visitors": ("visitors with a page open", self.visitors()),
            "visitors_limit": ("visitors that the server lets in at the same time", bound.sessions),
            "connections": ("open connections of pages", self.sockets),
            "threads": ("threads of the server", threads()),
            "resident_memory_bytes": ("memory of the server without its jobs", memory_bytes()),
            "uptime_seconds": ("time since the start", round(time.monotonic() - self.began, 1)),
        }
        for name, (what, value) in gauges.items():
            yield f"# HELP lodeflow_{name} {what}\n# TYPE lodeflow_{name} gauge\nlodeflow_{name} {value}\n"
        yield "# HELP lodeflow_cpu_seconds_total processor time of the server\n# TYPE lodeflow_cpu_seconds_total counter\n"
        yield f"lodeflow_cpu_seconds_total {time.process_time():.2f}\n"
        yield "# HELP lodeflow_http_responses_total answers to requests\n# TYPE lodeflow_http_responses_total counter\n"
        for status, count in sorted(self.answers.items()):
            yield f'lodeflow_http_responses_total{{status="{status}"}} {count}\n'

    def _count(self, change: int) -> None:
        with self._lock:
            self.sockets += change

    def _noted(self, send: Any) -> Any:
        async def noted(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                with self._lock:
                    self.answers[int(message["status"])] += 1
            await send(message)

        return noted


def threads() -> int:
    """Threads of this process, as the system counts them where it does: Python keeps foreign ones that ended in its own list."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


def memory_bytes() -> int:
    """Memory of this process that is in the machine, bytes; 0 where the system does not tell (it does on Linux)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


async def _say(send: Any, text: str, kind: str, status: int = 200) -> None:
    """Answer with a text that nobody keeps."""
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})

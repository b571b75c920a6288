"""Measures the server with many visitors: `python -m docs.measure_visitors [--look 50] [--play 10] [--seconds 60] [--open 20]`.

Each visitor is a connection that does what a browser does, without drawing: it opens the page, takes every message, says that a
frame is on the screen, and presses buttons. Those who look step a month now and then; those who play, play. Printed
are times until the page stands, from a click to the new month, months a second of those who play, and memory and threads of the
server before, with all, after they left, and after others came and went. With `--open` so many come one after the other, nobody
plays, and the processor time of a page that is opened is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import connect

PAUSE = (8.0, 14.0)
"""Time between two clicks of somebody who looks, s."""
PATIENCE = 240.0
"""Time after which a page that does not stand is given up, s."""
GONE = 12.0
"""Time that the server gets to let go of visitors who left, s."""
WARM = 3
"""Pages that are opened before it counts."""
TURNOVER = 20
"""Visitors that come and go one after the other at the end."""
LARGEST = 64_000_000
"""Largest message from the server, bytes."""


class Visitor:
    """One page without a browser.

    Args:
        address: of the server, with its scheme.
    """

    def __init__(self, address: str) -> None:
        self.address, self.page, self.kernel = address, str(uuid4()), str(uuid4())
        self.models: dict[str, dict[str, Any]] = {}
        self.pulse = ""
        self.changed = asyncio.Event()

    @property
    def t(self) -> int:
        """Months simulated, as the page shows them; -1 before it stands."""
        return int(self.models[self.pulse]["t"]) if self.pulse else -1

    async def __aenter__(self) -> Visitor:
        cookie = await asyncio.to_thread(self._cookie)
        path = f"/jupyter/api/kernels/{self.kernel}/channels?session_id={self.page}"
        headers = {"Cookie": cookie, "Origin": self.address}
        self.socket = await connect(
            self.address.replace("http", "ws", 1) + path, additional_headers=headers, max_size=LARGEST
        )
        self.reader = asyncio.create_task(self._read())
        control = str(uuid4())
        await self._send("comm_open", comm_id=control, target_name="solara.control", data={})
        arguments = {"path": "", "appName": None, "themes": {"light": {}, "dark": {}}, "dark": False}
        await self._send("comm_msg", comm_id=control, data={"method": "run", "args": arguments})
        return self

    async def __aexit__(self, *_: object) -> None:
        self.reader.cancel()
        await asyncio.to_thread(self._goodbye)
        await self.socket.close()

    def _cookie(self) -> str:
        with urllib.request.urlopen(f"{self.address}/?month=0", timeout=PATIENCE) as answer:  # the bare one is a story
            given = answer.headers.get_all("set-cookie")
        return "; ".join(line.partition(";")[0] for line in given)

    def _goodbye(self) -> None:
        """What a browser says when a tab is closed."""
        close = f"{self.address}/_solara/api/close/{self.kernel}?session_id={self.page}"
        with urllib.request.urlopen(urllib.request.Request(close, method="POST"), timeout=PATIENCE):
            pass

    async def _send(self, kind: str, **content: Any) -> None:
        header = {"msg_id": str(uuid4()), "msg_type": kind, "session": self.page, "username": "", "version": "5.3"}
        message = {"header": header | {"date": ""}, "parent_header": {}, "metadata": {}, "content": content}
        await self.socket.send(json.dumps(message | {"channel": "shell", "buffers": []}))

    async def _read(self) -> None:
        """Take what the server sends; say at once that a frame is on the screen."""
        async for text in self.socket:
            if not isinstance(text, str):
                continue
            message = json.loads(text)
            content = message["content"]
            state = content.get("data", {}).get("state") if isinstance(content.get("data"), dict) else None
            if message["header"]["msg_type"] not in ("comm_open", "comm_msg") or state is None:
                continue
            model = self.models.setdefault(content["comm_id"], {})
            model.update(state)
            if {"number", "t", "language"} <= set(model):
                self.pulse = content["comm_id"]
                if "number" in state:
                    await self._event(self.pulse, "drawn", state["number"])
            self.changed.set()

    async def _event(self, model: str, name: str, data: Any) -> None:
        await self._send("comm_msg", comm_id=model, data={"method": "custom", "content": {"event": name, "data": data}})

    async def click(self, button: str) -> None:
        """Press the button that has a class."""
        found = [one for one, model in self.models.items() if button in str(model.get("class_") or "").split()]
        await self._event(found[-1], "click", {})

    async def until(self, t: int) -> float:
        """Time until the page shows month `t` or a later one, s."""
        began = time.perf_counter()
        while self.t < t:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), PATIENCE)
        return time.perf_counter() - began


async def look(address: str, seconds: float, stands: list[float], steps: list[float], start: float) -> None:
    """Open the page, and step a month now and then."""
    await asyncio.sleep(start)
    began = time.perf_counter()
    async with Visitor(address) as visitor:
        await visitor.until(0)
        stands.append(time.perf_counter() - began)
        while time.perf_counter() - began < seconds:
            await asyncio.sleep(random.uniform(*PAUSE))
            wanted = visitor.t + 1
            await visitor.click("lf-step")
            steps.append(await visitor.until(wanted))


async def play(address: str, seconds: float, rates: list[float], start: float) -> None:
    """Open the page and play."""
    await asyncio.sleep(start)
    async with Visitor(address) as visitor:
        await visitor.until(0)
        began, first = time.perf_counter(), visitor.t
        await visitor.click("lf-play")
        await asyncio.sleep(seconds)
        rates.append((visitor.t - first) / (time.perf_counter() - began))


async def crowd(address: str, lookers: int, players: int, seconds: float) -> None:
    """All at once; prints what they saw."""
    stands: list[float] = []
    steps: list[float] = []
    rates: list[float] = []
    starts = [random.uniform(0.0, seconds / 3.0) for _ in range(lookers + players)]
    tasks = [look(address, seconds, stands, steps, starts.pop()) for _ in range(lookers)]
    tasks += [play(address, seconds, rates, starts.pop()) for _ in range(players)]
    began, before = time.perf_counter(), state(address)[3]
    watching = asyncio.create_task(_watch(address))
    failed = [one for one in await asyncio.gather(*tasks, return_exceptions=True) if one is not None]
    watching.cancel()
    passed, used = time.perf_counter() - began, state(address)[3] - before
    share = f"in {passed:.0f} s the server had {used:.0f} s of processor"
    print(f"{lookers} look, {players} play, {len(failed)} failed {[repr(one) for one in failed[:3]]}; {share}")
    for name, values in (("page stands", stands), ("click to new month", steps)):
        if values:
            low, high = statistics.median(values), _quantile(values)
            print(
                f"  {name}: median {low:.2f} s, 95 % within {high:.2f} s, longest {max(values):.2f} s ({len(values)})"
            )
    if rates:
        print(f"  months a second of those who play (6 asked for): median {statistics.median(rates):.2f}")


async def _watch(address: str) -> None:
    """Print the largest memory that is seen."""
    largest = 0.0
    try:
        while True:
            largest = max(largest, (await asyncio.to_thread(state, address))[0])
            await asyncio.sleep(2.0)
    finally:
        print(f"  largest memory {largest:.0f} MB")


def _quantile(values: list[float], share: float = 0.95) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def state(address: str) -> tuple[float, int, int, float]:
    """Memory (MB), threads and visitors of the server, and the processor time that it has used (s)."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=PATIENCE) as answer:
        lines = [line.split(" ") for line in answer.read().decode().splitlines() if not line.startswith("#")]
    found = {name.removeprefix("lodeflow_"): float(value) for name, value in lines}
    memory, used = found["resident_memory_bytes"] / 2**20, found["cpu_seconds_total"]
    return memory, int(found["threads"]), int(found["visitors"]), used


async def turnover(address: str, count: int = TURNOVER) -> None:
    """Visitors who come and go, one after the other."""
    for _ in range(count):
        async with Visitor(address) as visitor:
            await visitor.until(0)
            await visitor.click("lf-step")
            await visitor.until(1)


async def openings(address: str, count: int) -> None:
    """Print the processor time and the time that it takes to open a page, once the server has opened a few."""
    seconds = []
    for number in range(WARM + count):
        if number == WARM:
            before = state(address)[3]
        began = time.perf_counter()
        async with Visitor(address) as visitor:
            await visitor.until(0)
            seconds.append(time.perf_counter() - began)
    used = (state(address)[3] - before) / count
    print(
        f"{used:.2f} s of processor a page opened; it stands after {statistics.median(seconds[WARM:]):.2f} s (median of {count})"
    )


def ready(address: str) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def tell(address: str, when: str) -> None:
    """Print memory and threads."""
    memory, threads, visitors, used = state(address)
    print(f"{when}: {memory:.0f} MB, {threads} threads, {visitors} visitors, {used:.0f} s of processor", flush=True)


def phases(address: str, lookers: int, players: int, seconds: float) -> Iterator[str]:
    """Run everything; gives what has just happened."""
    asyncio.run(turnover(address))
    yield f"after {TURNOVER} visitors one by one"
    asyncio.run(turnover(address))
    yield f"after {TURNOVER} more"
    asyncio.run(crowd(address, lookers, players, seconds))
    yield "after the crowd"
    asyncio.run(turnover(address, 1))
    yield "after one more (threads that wait for work are let go with it)"


def main() -> None:
    """Start a server, send visitors, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--look", type=int, default=50)
    parser.add_argument("--play", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--open", type=int, default=0)
    asked = parser.parse_args()
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    places = str(asked.look + asked.play + 1)
    command = [sys.executable, "-m", "lodeflow", "app", "--port", str(port), "--no-open", "--sessions", places]
    server, address = subprocess.Popen(command), f"http://localhost:{port}"
    load = "" if sys.platform == "win32" else f", load before {os.getloadavg()[0]:.1f}"
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}{load}")
    try:
        ready(address)
        if asked.open:
            asyncio.run(openings(address, asked.open))
            return
        time.sleep(GONE)
        tell(address, "empty")
        for when in phases(address, asked.look, asked.play, asked.seconds):
            time.sleep(GONE)
            tell(address, when)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()

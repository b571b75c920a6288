"""One whole run in a process of its own, so that its peak memory is its own: prints one line of JSON."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
from time import perf_counter

from lodeflow import data
from lodeflow.environment import WorldSettings, build

START, END = "2015-01", "2050-12"


def measure_here() -> dict[str, float]:
    """Build and run the full world from 2015 to 2050, with recording, and return what it took."""
    build(data.load(), WorldSettings(start=START, end="2015-02", metals=["cobalt"])).run()  # compiled code is loaded
    begin = perf_counter()
    world = build(data.load(), WorldSettings(start=START, end=END))
    built = perf_counter()
    months = []
    for _ in range(world.settings.months):
        before = perf_counter()
        world.step()
        months.append(perf_counter() - before)
    return {
        "build_s": built - begin,
        "run_s": perf_counter() - built,
        "month_ms": 1e3 * statistics.median(months),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
        "months": float(world.settings.months),
        "metals": float(len(world.layout.metals)),
        "countries": float(len(world.countries)),
        "agents": float(len(world.agents)),
        "edges": float(sum(len(market) for market in world.markets.values())),
    }


def measure() -> dict[str, float]:
    """The same in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.long_run"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    print(json.dumps(measure_here()))

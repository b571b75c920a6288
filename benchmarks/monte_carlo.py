"""The speed of batches, measured side by side: ``python -m benchmarks monte-carlo``.

One pair of worlds is a run of a ten-year world of one metal, with its shocks and without them, drawn anew. Wall times include
starting the workers unless said. Memory is the peak of the parent, without its workers, in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import mesa

from lodeflow import data
from lodeflow.experiments.batch.make import monte_carlo
from lodeflow.experiments.batch.make.design import Design, factors_of
from lodeflow.experiments.batch.make.pair import Bench
from lodeflow.experiments.scenario.drawn import drawn
from lodeflow.experiments.scenario.model import Scenario, load_scenario

SCENARIO, METAL = "drc-cobalt-export-ban", "cobalt"
TEN_YEARS = [f'world.metals=["{METAL}"]', "world.start=2024-01", "world.end=2033-12"]
SHORT = [f'world.metals=["{METAL}"]', "world.start=2024-12", "world.end=2025-03"]
TARGET_SECONDS, TARGET_SPEEDUP, TARGET_OVERHEAD, TARGET_MEMORY = 180.0, 1.7, 0.10, 0.10


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks monte-carlo", description="Print the speed of batches.")
    parser.add_argument("--runs", type=int, default=1000, help="runs of the large batch (default 1000)")
    parser.add_argument("--few", type=int, default=100, help="runs of each comparison (default 100)")
    parser.add_argument(
        "--memory", type=int, nargs="*", default=[100, 1000, 10000], help="runs whose memory is compared; none: skip"
    )
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.peak:
        print(peak_of_parent(options.peak))
        return
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
    print(f"A run: {SCENARIO}, {METAL} alone, ten years, with and without the shocks")
    large(options.runs)
    compare(options.few)
    if options.memory:
        memory(options.memory)


def batch_seconds(overrides: list[str], runs: int, workers: int | None = None, cluster: str | None = None) -> float:
    """Wall seconds of a batch, s."""
    tables = data.load()
    scenario = load_scenario(SCENARIO, overrides, tables)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        batch = monte_carlo(scenario, tables, Path(folder) / "batch", runs, workers, cluster)
        seconds = time.perf_counter() - began
    assert batch.manifest["done"] == runs
    return seconds


def large(runs: int) -> None:
    """Print how long the large batch takes."""
    seconds = batch_seconds(TEN_YEARS, runs, 2)
    scaled = seconds * 1000 / runs
    print(
        f"\n{runs:,} runs, 2 workers: {seconds:.0f} s, {seconds / runs:.3f} s a run; 1,000 runs: {scaled:.0f} s", end=""
    )
    print(_verdict(scaled <= TARGET_SECONDS, f"at most {TARGET_SECONDS:.0f} s"))


def compare(runs: int) -> None:
    """Print one worker against two, a cluster against the pool, and mesa.batch_run, on the same runs."""
    one = batch_seconds(TEN_YEARS, runs, 1)
    two = batch_seconds(TEN_YEARS, runs, 2)
    print(f"\n{runs:,} runs: 1 worker {one:.1f} s, 2 workers {two:.1f} s, {one / two:.2f} times", end="")
    print(_verdict(one / two >= TARGET_SPEEDUP, f"at least {TARGET_SPEEDUP}"))
    print(cluster_overhead(runs, two))
    mesa = mesa_seconds(runs)
    print(
        f"mesa.batch_run, 2 processes, the same runs, prices of the world alone kept: {mesa:.1f} s, {mesa / two:.2f} times ours"
    )


def cluster_overhead(runs: int, pool: float) -> str:
    """The same runs on a Dask LocalCluster of two workers that is there already, in words."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        return "Dask: the package distributed is not installed"
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        batch_seconds(TEN_YEARS, 8, cluster=cluster.scheduler_address)  # warms its workers, as the pool's server is
        seconds = batch_seconds(TEN_YEARS, runs, cluster=cluster.scheduler_address)
    more = seconds / pool - 1.0
    text = f"Dask LocalCluster, 2 workers: {seconds:.1f} s, overhead {100 * more:+.0f} %"
    return text + _verdict(more <= TARGET_OVERHEAD, f"at most {100 * TARGET_OVERHEAD:.0f} %")


def mesa_seconds(runs: int) -> float:
    """Seconds that mesa.batch_run takes for the same draws in two processes; it keeps one row a month in memory, s."""
    began = time.perf_counter()
    mesa.batch_run(
        DrawnPair,
        parameters={"run": list(range(runs))},
        number_processes=2,
        iterations=1,
        max_steps=200,
        data_collection_period=1,
        display_progress=False,
    )
    return time.perf_counter() - began


def drawn_scenario(run: int) -> tuple[Scenario, Any]:
    """The drawn scenario of a run, and the tables; both are kept by a worker process."""
    if not _KEPT:
        tables = data.load()
        scenario = load_scenario(SCENARIO, TEN_YEARS, tables)
        _KEPT.append((scenario, tables, Design(tuple(factors_of(scenario, tables)), 1, "sobol", scenario.world.seed)))
    scenario, tables, design = _KEPT[0]
    return drawn(scenario, design.values(run, run + 1)[0], design.run_seed(run)), tables


_KEPT: list[tuple[Any, Any, Any]] = []


class DrawnPair(mesa.Model):
    """One drawn run for mesa.batch_run: its step is a month of both worlds."""

    def __init__(self, run: int, rng: Any = None, seed: Any = None) -> None:
        super().__init__(rng=run)
        scenario, tables = drawn_scenario(run)
        self.worlds = [world for world in Bench(tables, []).worlds(scenario) if world is not None]
        self.months = scenario.world.months
        self.datacollector = mesa.DataCollector({"price": lambda model: float(model.worlds[0].desks.price.mean())})

    def step(self) -> None:
        """Simulate a month of both worlds."""
        for world in self.worlds:
            world.step()
        self.datacollector.collect(self)
        self.running = self.worlds[0].t < self.months


def memory(sizes: list[int]) -> None:
    """Print the peak memory of the parent for batches of several sizes."""
    peaks = [_peak(runs) for runs in sizes]
    words = ", ".join(f"{peak:.0f} MB at {runs:,}" for runs, peak in zip(sizes, peaks, strict=True))
    growth = peaks[-1] / peaks[0] - 1.0
    print(f"\nPeak memory of the parent, runs of four months: {words}; {100 * growth:+.1f} %", end="")
    print(_verdict(growth <= TARGET_MEMORY, f"within {100 * TARGET_MEMORY:.0f} %"))


def _peak(runs: int) -> float:
    command = [sys.executable, "-m", "benchmarks", "monte-carlo", "--peak", str(runs)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def peak_of_parent(runs: int) -> float:
    """Peak memory of this process after a batch of short runs, MB."""
    batch_seconds(SHORT, runs, 2)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def _verdict(reached: bool, target: str) -> str:
    return f" (target: {target}; {'reached' if reached else 'NOT reached'})"

"""Print the speed table: our figures, the targets, and the same rules as one Mesa object per agent.

``python -m benchmarks [--beside FOLDER] [--turns N] [--json FILE] [--repeats N] [--months N]``;
``python -m benchmarks monte-carlo`` measures batches, ``python -m benchmarks peers`` other packages beside this one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from pathlib import Path

TARGETS = {"month_ms": 3.0, "run_s": 2.0, "peak_mb": 400.0, "ratio": 50.0}


def main() -> None:
    """Measure, print, and write the figures to a file if one is named."""
    if sys.argv[1:2] == ["monte-carlo"]:
        from benchmarks import monte_carlo

        monte_carlo.main(sys.argv[2:])
        return
    from benchmarks import peers

    if sys.argv[1:] == ["peers"]:
        print(peers.report())
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Print the speed table.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument("--repeats", type=int, default=3, help="whole runs, each in a fresh process (default 3)")
    parser.add_argument(
        "--months", type=int, default=8, help="months in each of three turns against the objects (default 8)"
    )
    parser.add_argument(
        "--beside",
        type=Path,
        metavar="FOLDER",
        help="checkout of version 0.2.0; left out: made from the tag v0.2.0 of git",
    )
    parser.add_argument("--turns", type=int, default=5, help="turns of both versions (default 5)")
    parser.add_argument("--only-beside", action="store_true", help="leave out the other tables")
    arguments = parser.parse_args()

    from benchmarks import beside

    with beside.checkout(arguments.beside) as other:
        if other is not None:
            print(beside.report(beside.measure(other, arguments.turns)), flush=True)
        else:
            print(
                f"Not beside version 0.2.0: git knows no tag {beside.TAG}; name a checkout of it with --beside FOLDER"
            )
    if arguments.only_beside:
        return

    from benchmarks import duel, long_run
    from lodeflow import data

    tables = data.load()
    difference = duel.assert_same_trades(tables)
    runs = [long_run.measure() for _ in range(arguments.repeats)]
    fight = duel.measure(tables, arguments.months)
    print(report(runs, fight, difference))
    print(f"\n{peers.report()}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"runs": runs, "duel": fight, "difference": difference}, indent=2) + "\n")


def report(runs: list[dict[str, float]], fight: dict[str, float], difference: float) -> str:
    """The table as text.

    Args:
        runs: figures of :func:`benchmarks.long_run.measure`.
        fight: figures of :func:`benchmarks.duel.measure`.
        difference: largest difference of trades and prices between the two worlds.
    """
    world = runs[0]
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; one process",
        f"{world['metals']:.0f} metals, {world['countries']:.0f} countries, {world['agents']:,.0f} agents, "
        f"{world['edges']:,.0f} edges; medians of {len(runs)} runs of {world['months']:.0f} months (lowest to highest)",
        "",
        f"{'':58}{'measured':>10}  {'spread':>15}  {'target':>8}",
        _row("one month with ledger and recording", runs, "month_ms", "ms"),
        _row("tables, build and rehearsal of the expected path", runs, "build_s", "s"),
        _row("2015-2050 with ledger and recording", runs, "run_s", "s"),
        _row("peak memory", runs, "peak_mb", "MB"),
        "",
        f"The same rules as one Mesa object per agent ({fight['objects']:,.0f} objects, {fight['months']:.0f} months of the",
        "same world without noise, in turns with ours; it keeps no ledger and records nothing)",
        f"{'one month, Mesa objects':58}{fight['object_month_ms']:>7.1f} ms",
        f"{'one month, ours, the rules alone':58}{fight['our_rules_ms']:>7.2f} ms",
        f"{'one month, ours, with ledger and recording':58}{fight['our_month_ms']:>7.2f} ms",
        _ratio("times slower than our rules alone", fight["ratio_rules"]),
        _ratio("times slower than our whole month", fight["ratio_month"]),
        f"Trades and prices of both agree in the stationary world to {difference:.1g} (at most 1e-06 is allowed).",
    ]
    return "\n".join(lines)


def _row(what: str, runs: list[dict[str, float]], name: str, unit: str) -> str:
    values = sorted(run[name] for run in runs)
    middle, digits = statistics.median(values), 0 if unit == "MB" else 2
    line = f"{what:58}{middle:>7.{digits}f} {unit:2}  {values[0]:>7.{digits}f}{values[-1]:>8.{digits}f}"
    if name not in TARGETS:
        return line
    return f"{line}  {TARGETS[name]:>5.0f} {unit:2}  {'reached' if middle <= TARGETS[name] else 'NOT reached'}"


def _ratio(what: str, ratio: float) -> str:
    word = "reached" if ratio >= TARGETS["ratio"] else "NOT reached"
    return f"{what:58}{ratio:>7.1f}   {'':17}  {TARGETS['ratio']:>5.0f}     {word}"


if __name__ == "__main__":
    main()

"""What `lodeflow compare` shows: what matters, in words and ranked, and the indicators side by side."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lodeflow.data.plain import plain
from lodeflow.print import payers
from lodeflow.print.table import headed
from lodeflow.print.terminal import PlainConsole, console, say

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.compare import Comparison
    from lodeflow.viz.frames import Labels

SHOWN = ("price_peak", "price_mean", "months_to_recover", "shortage_t", "use_lost_t", "loss_area", "hhi", "reliance_eu")
"""Indicators in the table of the terminal; kpis.csv holds all."""
METALS = 3
"""Metals in that table."""


@contextmanager
def draw_progress() -> Iterator[Callable[[int, int], None]]:
    """Show the draws done on stderr; yields what to call with draws done and asked for."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    if not sys.stderr.isatty():
        yield lambda done, total: say(f"{done} of {total} draws", err=True) if done % 10 == 0 or done == total else None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=PlainConsole(stderr=True)) as bar:
        task = bar.add_task("draws", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_comparison(found: Comparison, labels: Labels) -> None:
    """Print what matters, what had no effect and why, and the main indicators of every world."""
    from lodeflow.experiments.kpis import KPIS
    from lodeflow.viz import words
    from lodeflow.viz.report.compare import shown_metals
    from lodeflow.viz.report.compare_words import cell, headline, notes

    out = console()
    out.print("\nWhat matters", style="bold")
    for line in headline(found, labels):
        say(f"  {line}")
    for line in notes(found, labels):
        out.print(f"Note: {line}", style="yellow")
    names = [side.name for side in found.worlds]
    for metal in shown_metals(found)[:METALS]:
        own = found.kpis[found.kpis["metal"] == metal].set_index(["kpi", "side"])["value"]
        table = headed(f"\n{labels.metal(metal)}", "Scenario", *(words.capital(KPIS[kpi].title) for kpi in SHOWN))
        for name in names:
            table.add_row(name, *(cell(float(own[kpi, name]), kpi) for kpi in SHOWN))
        out.print(table)
        for side in found.worlds:
            cost = payers.cost(side.events, metal, float(own.get(("primary_avoided_t", side.name), 0.0)))
            if cost:
                out.print(f"{plain(side.name)}, {labels.metal(metal).lower()}: {cost}")
    for side in found.worlds:
        for line in payers.bearers(side.events):
            out.print(f"{plain(side.name)}: {plain(line)}")

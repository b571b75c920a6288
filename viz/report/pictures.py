"""The charts of a run folder: which, in which order, and the files they are drawn to."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.viz import charts, style
from lodeflow.viz.charts.decisions import taken_by
from lodeflow.viz.charts.registry import wanted
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.report.story import MOST

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHART_FILE = re.compile(r"\d\d-[\w-]+\.png")
Plan = list[tuple[str, Callable[[], "Figure"]]]
"""Name of every chart of the report, in their order, and what draws it."""


def plan_of(run: Run, labels: Labels) -> Plan:
    """The charts of a report."""
    labels = labels.marked(run.manifest.get("illustrative", []))
    plan: Plan = [("overview", partial(charts.overview, run, labels))]
    if len(taken_by(run)):
        plan.append(("decisions", partial(charts.decisions, run, labels)))
    if not run.has_shock:
        for metal in run.metals:
            plan.append((f"{metal}-profile", partial(charts.profile, run, metal, labels)))
            plan.append((f"{metal}-flows", partial(charts.flow_picture, run, metal, labels)))
        return plan
    moved = run.moved()
    quiet = [metal for metal in run.metals if run.named(metal) and metal not in moved]
    shown = [*moved, *quiet][:MOST]
    for metal in shown:
        for chart in wanted(run, metal, metal in moved):
            plan.append((f"{metal}-{chart.name}", partial(chart.draw, run, metal, labels)))
    others = [metal for metal in run.metals if metal not in shown and len(run.account(metal))]
    plan += [(f"{metal}-money", partial(charts.money, run, metal, labels)) for metal in others[: MOST - len(shown)]]
    return plan


def prepare(target: Path) -> Path:
    """Make the folder of the charts, and take those of an earlier call out of it."""
    target.mkdir(exist_ok=True)
    for old in target.iterdir():
        if CHART_FILE.fullmatch(old.name):
            old.unlink()
    return target


def draw_all(run: Run, labels: Labels, target: Path) -> list[Path]:
    """Draw the charts of a run into a folder, in place of those of an earlier call; returns their files in order."""
    plan = plan_of(run, labels)
    prepare(target)
    for number in range(len(plan)):
        draw(plan, number, target).clear()  # its parts hold each other, and would stay until somebody looks for them
    return [path_of(plan, number, target) for number in range(len(plan))]


def draw_in_two(run: Run, labels: Labels, target: Path) -> list[Path]:
    """The same in two processes: this one and one that is forked from it, where the system can do that.

    Raises ChildProcessError if the other one does not end well.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin":  # where a fork of a process with these libraries may hang
        return draw_all(run, labels, target)
    plan = plan_of(run, labels)
    prepare(target)
    waiting = _queue(len(plan))
    other = os.fork()
    if other == 0:
        code = 1
        try:
            _draw_next(plan, waiting, target)
            code = 0
        finally:
            os._exit(code)
    _draw_next(plan, waiting, target)
    if os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]):
        raise ChildProcessError("a process that draws charts did not end well")
    return [path_of(plan, number, target) for number in range(len(plan))]


def _queue(count: int) -> Iterator[int]:
    """Numbers from 0 to below `count` (at most 256), each of which only one of the processes gets that read them."""
    read, write = os.pipe()
    os.write(write, bytes(range(count)))
    os.close(write)
    return (number[0] for number in iter(lambda: os.read(read, 1), b""))


def _draw_next(plan: Plan, waiting: Iterator[int], target: Path) -> None:
    for number in waiting:
        draw(plan, number, target)


def path_of(plan: Plan, number: int, target: Path) -> Path:
    """File of a chart: its place and its name."""
    return target / f"{number:02d}-{re.sub(r'[^a-z0-9-]+', '-', plan[number][0].lower())}.png"


def draw(plan: Plan, number: int, target: Path) -> Figure:
    """Draw one chart to its file."""
    figure = plan[number][1]()
    path_of(plan, number, target).write_bytes(style.png(figure))
    return figure

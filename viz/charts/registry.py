"""Which charts the report of a run draws for a metal: each is one file of this folder that says so with :func:`in_report`."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lodeflow.viz.frames import Labels, Run

Draw = Callable[["Run", str, "Labels"], "Figure"]
When = Callable[["Run", str], bool]


@dataclass(frozen=True)
class ReportChart:
    """A chart of the report.

    name: of its file; draw: takes the run, a metal and the labels; place: where it stands, the lowest first; side: whether it
    is drawn for a metal that moves though no shock names it; quiet: whether it is drawn for one that a shock or policy names
    and that stays; possible: whether there is anything to draw it from.
    """

    name: str
    draw: Draw
    place: float
    side: When
    quiet: bool
    possible: When


CHARTS: dict[str, ReportChart] = {}
"""Charts of the report by name."""


def _always(run: Run, metal: str) -> bool:
    return True


def in_report(
    place: float, side: bool | When = False, quiet: bool = False, name: str = "", possible: When = _always
) -> Callable[[Any], Any]:
    """Put a chart into the report, under the name of its function if none is given; arguments as in ReportChart."""

    def add(draw: Any) -> Any:
        own = name or draw.__name__
        when: When = side if callable(side) else lambda run, metal: bool(side)
        CHARTS[own] = ReportChart(own, draw, place, when, quiet, possible)
        return draw

    return add


@cache
def _find() -> None:
    """Import every file of the folder."""
    package = import_module("lodeflow.viz.charts")
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")


def in_order() -> list[ReportChart]:
    """Return all charts of the report, in their order."""
    _find()
    return sorted(CHARTS.values(), key=lambda chart: chart.place)


def wanted(run: Run, metal: str, moved: bool) -> list[ReportChart]:
    """Return the charts worth drawing: all for a metal that a shock names and moves, less where it does only one of the two."""
    charts = [chart for chart in in_order() if chart.possible(run, metal)]
    if not moved:
        return [chart for chart in charts if chart.quiet]
    return charts if run.touched(metal) else [chart for chart in charts if chart.side(run, metal)]

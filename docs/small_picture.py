"""Small pictures of the generated pages: a few lines with and without a shock, months in force shaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lodeflow.environment.calendar import format_month
from lodeflow.viz.colors import BASELINE, FAINT, SHOCK
from lodeflow.viz.style import SETTINGS, png

SIZE, DPI = (7.2, 2.3), 90
TICKS = {1: 5, 2: 5}
FEW = 3


@dataclass(frozen=True)
class Line:
    """A quantity by month, with the shock and without it."""

    shaken: np.ndarray
    calm: np.ndarray


def draw(path: Path, title: str, first: int, force: slice | None, panels: Sequence[tuple[str, str, Line]]) -> None:
    """Draw panels side by side and keep them as a PNG.

    Args:
        path: of the picture.
        title: above all panels.
        first: month number of the first value.
        force: months (rows) to shade; None: none.
        panels: title, unit and line of each.
    """
    with mpl.rc_context(SETTINGS | {"font.size": 8, "axes.titlesize": 8.5}):
        figure = Figure(figsize=SIZE, dpi=DPI, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for axis, (name, unit, line) in zip(axes, panels, strict=True):
            months = np.arange(len(line.calm))
            if force is not None:
                axis.axvspan(force.start, force.stop - 1, color=FAINT, alpha=0.6, lw=0)
            axis.plot(months, line.calm, color=BASELINE, ls="--", lw=1.6, label="without")
            axis.plot(months[: len(line.shaken)], line.shaken, color=SHOCK, lw=1.8, label="with")
            axis.set_title(f"{name}, {unit}")
            ticks = np.unique(np.linspace(0, len(months) - 1, TICKS.get(len(panels), FEW)).astype(int))
            axis.set_xticks(ticks, [format_month(first + int(tick)) for tick in ticks])
            low, high = axis.get_ylim()
            room = 0.02 * max(abs(low), abs(high))
            axis.set_ylim(low - room, high + room)
        axes[0].legend(fontsize=7.5, loc="best")
        figure.suptitle(title, x=0.01, ha="left", fontsize=9.5, fontweight="bold")
        path.write_bytes(png(figure))

"""What a chart of the dashboard is made of: lines, bands, title and unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Attributes:
        name: what it is, in the reader's language.
        role: ``base`` (world without the shocks, dashed grey), ``live``, ``inside``, ``observed``, or a colour (#rrggbb).
        values: one per month simulated, in the chart's unit before scaling; nan where nothing was observed.
        dashed: whether it belongs to the world without the shocks.
        letter: of a kept world (:data:`lodeflow.viz.colors.KEPT`); "" for the world on screen.
        dots: whether it is points, not a line.
        of: name of the line that observed values stand beside; "" for the world's, or where there is one line only.
    """

    name: str
    role: str
    values: np.ndarray
    dashed: bool = False
    letter: str = ""
    dots: bool = False
    of: str = ""


@dataclass(frozen=True)
class Band:
    """An area between two lines, for the spread of many runs.

    Attributes:
        name: what lies in it.
        low, high: one value per month, in the chart's unit before scaling.
        strength: opacity, 0 to 1.
    """

    name: str
    low: np.ndarray
    high: np.ndarray
    strength: float


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        id: name for files and tests.
        title: what is shown.
        unit: ``t`` or ``t/month`` (scaled to kt or Mt), ``1`` (shown in per cent), ``index`` (none), or another as it is.
        lines: what is drawn.
        hint: what the numbers mean, in a sentence.
        bands: areas behind the lines, the widest first.
        note: what a reader must know of the lines, shown under the chart.
        usd: USD/t in one unit of an index of prices; 0 for other charts.
        shows: name of the country or stage that was singled out of a chart of several; "" for the world or for all of them.
    """

    id: str
    title: str
    unit: str
    lines: list[Line]
    hint: str = ""
    bands: tuple[Band, ...] = ()
    note: str = ""
    usd: float = 0.0
    shows: str = ""

"""What the fit knows of each parameter: the error of every start along the parameter's range."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from lodeflow.viz import style
from lodeflow.viz.report.page import save

if TYPE_CHECKING:
    from lodeflow.experiments.judge.calibrate.report import Calibration

COLUMNS = 4


def write_charts(result: Calibration, folder: Path) -> None:
    """Draw the charts into ``folder``/charts."""
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    save(error_along_parameters(result), charts / "error-along-parameters.png")


@style.styled
def error_along_parameters(result: Calibration) -> Figure:
    """One small panel per parameter: each dot is one start, the lower edge of the cloud is the best that its value allows."""
    values, surface = result.values, result.surface
    rows = int(np.ceil(len(values) / COLUMNS))
    figure = style.new_figure(1.9 * rows + 0.9)
    axes = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).ravel()
    for axis, row in zip(axes, values.itertuples(), strict=False):
        axis.plot(surface[row.parameter], surface["error"], "o", color=style.BASELINE, markersize=3, alpha=0.5)
        axis.axvline(row.fitted, color=style.SHOCK, linewidth=2.0)
        axis.axvspan(row.plausible_low, row.plausible_high, color=style.INSIDE, alpha=0.12, linewidth=0)
        axis.set_xlim(row.low, row.high)
        axis.set_title(f"{row.parameter}, {row.unit}" if row.unit != "1" else str(row.parameter))
    for axis in axes[len(values) :]:
        axis.set_visible(False)
    for axis in axes[::COLUMNS]:
        axis.set_ylabel("mean error, ln points")
    figure.suptitle(
        "How well the past is met, by the value of each fitted parameter\n"
        "dots: starts in the ranges; red: fitted; blue: values of the starts that do about as well",
        x=0.01,
        ha="left",
        fontsize=10,
    )
    return figure

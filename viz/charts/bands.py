"""Bands around lines: where most of many runs with drawn inputs lie."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from lodeflow.viz import style
from lodeflow.viz.language import say

CAPTION = "Pale bands hold 90 % of the runs in each month (5 to 95 %), with inputs drawn from their ranges."


def draw_band(ax: Axes, band: pd.DataFrame, color: str, named: bool = True) -> float:
    """Draw a band behind its line and return its highest value; nothing and 0 where it is empty.

    band: index date, columns low, high, runs (their number); color: that of its line; named: whether the legend names it.
    """
    if band.empty:
        return 0.0
    label = say("90 % of {runs} runs", runs=int(band["runs"].iloc[0])) if named else None
    ax.fill_between(
        style.middle(band), band["low"].to_numpy(), band["high"].to_numpy(), color=color, alpha=0.18, lw=0, label=label
    )
    return float(band["high"].max())


def captioned(caption: str, band: pd.DataFrame) -> str:
    """Return a caption, with what bands mean where there is one."""
    return caption if band.empty else say("{caption} {more}", caption=caption, more=say(CAPTION))

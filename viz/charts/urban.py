"""The urban mine of the richest regions beside their reserves in the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from lodeflow.viz import style, words
from lodeflow.viz.colors import GRADES
from lodeflow.viz.frames import Labels

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.urban.report import Urban

REGIONS = 10
"""Regions that are drawn."""
WORDS = {"today": "today", "higher_price": "at a higher price", "in_principle": "in principle"}
RESERVE = "#7a4f9e"


@style.styled
def urban_chart(found: Urban, labels: Labels | None = None) -> Figure:
    """Two bars a region: metal above the ground by grade, each with the better ones inside, and reserves in the ground."""
    labels = labels or Labels()
    table = found.regions[found.regions["region"] != "ROW"].head(REGIONS).iloc[::-1]
    size, unit = words.mass_unit(float(np.nanmax(table[["in_principle", "reserves"]].to_numpy(float))))
    figure = style.new_figure(5.0)
    ax = figure.subplots()
    at = np.arange(len(table))
    for name, text in reversed(WORDS.items()):
        ax.barh(at + 0.2, table[name] / size, 0.36, color=GRADES[name], label=f"above the ground: {text}")
    ax.barh(at - 0.2, table["reserves"] / size, 0.36, color=RESERVE, label="reserves in the ground")
    ax.set_yticks(at, [labels.region(name) for name in table["region"]])
    ax.set(xlabel=f"{unit} of metal")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.legend(loc="lower right")
    whole = found.regions
    share = whole["today"].sum() / max(whole["reserves"].sum(), 1e-9)
    known = whole["reserves"].sum() > 0.0
    tail = f", {words.percent(share)} of what mines have in reserve" if known else "; no reserves are published"
    title = f"{labels.metal(found.metal)}: {words.tonnes(whole['today'].sum())} above the ground can come back as things are{tail}"
    caption = "Metal in use, in drawers, landfills, tailings and slag at the end of 2024 by what can be recovered, and reserves."
    return style.finish(figure, title, caption, found.made_from)

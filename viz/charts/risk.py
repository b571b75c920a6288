"""Risk of a metal by stage: bars whose parts are the causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from lodeflow.viz import style
from lodeflow.viz.frames import Labels

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.risk.report import Found

STAGES = {"up": "mining", "mid": "refining", "down": "making"}
CAUSES = {
    "concentration": ("few countries", "#0072b2"),
    "politics": ("unstable countries", "#d55e00"),
    "host": ("comes with another metal", "#cc79a7"),
    "technology": ("one country knows how", "#e69f00"),
    "capacity": ("close to capacity", "#f0e442"),
    "reserves": ("short reserves", "#7a7a7a"),
    "route": ("one strait or canal", "#332288"),
    "stocks": ("short stocks", "#56b4e9"),
    "recycling": ("little recycled", "#009e73"),
}
"""Causes in words with their colours."""
DARK = {"#332288": "white", "#0072b2": "white"}
"""Colour of numbers on dark parts."""
LEAST = 0.04
"""Part of the index from which a number stands in a bar."""


@style.styled
def risk_chart(found: Found, metal: str, country: str, labels: Labels | None = None) -> Figure:
    """Index of every stage in the last month, 0 to 1, as a bar of its causes."""
    labels = labels or Labels()
    table = found.tables["risk"]
    last = table[table["date"] == table["date"].iloc[-1]]
    figure = style.new_figure(3.9)
    ax = figure.subplots()
    left = dict.fromkeys(STAGES, 0.0)
    for cause, (words, color) in CAUSES.items():
        rows = last[(last["cause"] == cause) & (last["contribution"] > 0.0)]
        for number, row in enumerate(rows.to_dict("records")):
            at = list(STAGES)[::-1].index(str(row["stage"]))
            ax.barh(
                at, row["contribution"], 0.6, left=left[row["stage"]], color=color, label=words if number == 0 else None
            )
            if row["contribution"] >= LEAST:
                ax.text(
                    left[row["stage"]] + row["contribution"] / 2,
                    at,
                    f"{row['contribution']:.2f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                )
            left[row["stage"]] += row["contribution"]
    ax.set_yticks(range(len(STAGES)), list(STAGES.values())[::-1])
    ax.set(xlim=(0.0, 1.0), xlabel="risk (0 none, 1 full)")
    ax.grid(axis="y", visible=False)
    ax.legend(ncols=4, loc="upper left", bbox_to_anchor=(-0.06, -0.2), fontsize=8)
    worst = max(left, key=lambda stage: left[stage])
    where = "" if country == "WLD" else f" for {labels.region(country)}"
    title = f"{labels.metal(metal)}{where}: the risk lies in {STAGES[worst]} ({left[worst]:.2f} of 1)"
    caption = "Supply risk by stage without any shock: parts are what each cause adds to the index."
    return style.finish(figure, title, caption, found.made_from)

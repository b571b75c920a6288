"""Risk of a metal by stage: bars whose parts are the causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from lodeflow.viz import style
from lodeflow.viz.colors import RISK
from lodeflow.viz.frames import Labels

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.risk.report import Found

STAGES = {"up": "mining", "mid": "refining", "down": "making"}
CAUSES = {
    "concentration": "few countries",
    "politics": "unstable countries",
    "host": "comes with another metal",
    "technology": "one country knows how",
    "capacity": "close to capacity",
    "reserves": "short reserves",
    "route": "one strait or canal",
    "stocks": "short stocks",
    "recycling": "little recycled",
}
"""Causes in words."""
DARK = ("concentration", "route")
"""Causes with a dark colour, on which numbers are white."""
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
    for cause, words in CAUSES.items():
        color = RISK[cause]
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

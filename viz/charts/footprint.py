"""Energy and carbon: who emits and who consumes a metal, and stages and levers of steel and aluminium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.viz import style, words
from lodeflow.viz.colors import BASELINE, COMPONENTS, INSIDE, SERIES, SHOCK
from lodeflow.viz.frames import Labels

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.analysis.footprint.account_report import AccountReport
    from lodeflow.experiments.analysis.footprint.report import Footprint

SHOWN = 10
"""Countries that are drawn."""
EMITTED, CONSUMED = SHOCK, INSIDE
STAGES = {
    "mining": SERIES["feed"],
    "ironmaking": BASELINE,
    "alumina": BASELINE,
    "steelmaking": SHOCK,
    "electrolysis": SHOCK,
    "processing": COMPONENTS["substitution"],
    "scrap preparation": COMPONENTS["news"],
    "remelting": SERIES["secondary_supply"],
}
"""Colours of the stages of steel and aluminium."""


@style.styled
def footprint_chart(found: Footprint, labels: Labels | None = None) -> Figure:
    """Emissions of the largest countries, kt or Mt CO2e in the years shown: where they arise, and for whose products."""
    labels = labels or Labels()
    sums = found.tables["countries"].groupby("region")[["production_co2_kt", "consumption_co2_kt"]].sum()
    sums = sums.loc[sums.max(axis=1).sort_values().tail(SHOWN).index]
    figure = style.new_figure(4.8)
    ax = figure.subplots()
    rows = np.arange(len(sums))
    for column, shift, color, text in (
        ("production_co2_kt", 0.2, EMITTED, "emitted in the country"),
        ("consumption_co2_kt", -0.2, CONSUMED, "carried by metal that comes into use there"),
    ):
        ax.barh(rows + shift, 1e3 * sums[column], 0.38, color=color, label=text)
    ax.set_yticks(rows, [labels.region(str(name)) for name in sums.index])
    largest = float(1e3 * sums.to_numpy().max()) if len(sums) else 1.0
    style.mass_axis(ax, largest, "CO2e", axis="x")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.legend(loc="lower right")
    caption = "Mining, refining and recycling; making products is not counted. What lies in stock carries its part to a later year."
    return style.finish(figure, _title(found, labels), caption, found.made_from)


def _title(found: Footprint, labels: Labels) -> str:
    """The finding: what is emitted, and the country that emits most beyond what it consumes, or most below it."""
    table = found.tables["countries"].groupby("region")[["production_co2_kt", "consumption_co2_kt"]].sum()
    total = float(table["production_co2_kt"].sum())
    metals = words.listed([labels.metal(metal) for metal in found.metals[:3]])
    metals = metals if len(found.metals) <= 3 else f"{len(found.metals)} metals"
    start = f"{metals}, {found.span}: {words.tonnes(1e3 * total)} CO2e emitted"
    if table.empty:
        return start
    over = table["production_co2_kt"] - table["consumption_co2_kt"]
    most = str(over.idxmax() if over.max() > 0.0 else over.idxmin())
    told = "for the products of others" if over[most] > 0.0 else "less than its products carry"
    return f"{start}; {labels.region(most)} emits {words.tonnes(1e3 * abs(float(over[most])))} {told}"


@style.styled
def material_chart(found: AccountReport, labels: Labels | None = None) -> Figure:
    """Left: emissions of a tonne by stage and route, t CO2e/t. Right: emissions of a year with each lever and all, Mt CO2e."""
    labels = labels or Labels()
    figure = style.new_figure(4.8)
    left, right = figure.subplots(1, 2, width_ratios=(0.8, 1.2))
    _stages(left, found.tables["stages"])
    rows = found.tables["levers"]
    places = np.arange(len(rows))[::-1]
    spread = np.array([rows["co2_kt"] - rows["low"], rows["high"] - rows["co2_kt"]]).clip(0.0) * 1e3
    right.barh(places, 1e3 * rows["co2_kt"], 0.6, color=INSIDE, xerr=spread, ecolor=style.INK, capsize=2)
    right.set_yticks(places, [words.LEVERS.get(name, name) for name in rows["lever"]])
    style.mass_axis(right, float(1e3 * rows["high"].max()), "CO2e a year", axis="x")
    right.grid(axis="y", visible=False)
    right.grid(axis="x", visible=True)
    best = rows.iloc[-1]
    alone = rows[(rows["side"] != best["side"])].iloc[1:]["change"].min()
    title = (
        f"{words.capital(found.name)}, {labels.region(found.place)}: all levers together take "
        f"{words.percent(-float(best['change']))} off emissions, none alone more than {words.percent(-float(alone))}"
    )
    caption = "Left: a tonne by route. Right: output of today, levers as far as the table says; lines: their ranges (assumptions)."
    return style.finish(figure, title, caption, found.made_from)


def _stages(ax: Axes, rows: pd.DataFrame) -> None:
    """Stacked bars of a tonne from ore and from scrap, processing included."""
    routes = {"primary": "from ore", "secondary": "from scrap"}
    last = rows[rows["route"] == "processing"]
    drawn = set[str]()
    for place, route in enumerate(routes):
        level = 0.0
        for row in [*rows[rows["route"] == route].to_dict("records"), *last.to_dict("records")]:
            stage = str(row["stage"])
            label = None if stage in drawn else stage
            ax.bar(place, float(row["co2_t_per_t"]), 0.6, bottom=level, color=STAGES[stage], label=label)
            drawn.add(stage)
            level += float(row["co2_t_per_t"])
    ax.set_xticks(range(len(routes)), list(routes.values()))
    ax.set_ylabel("t CO2e per tonne")
    ax.legend(fontsize=8, loc="upper right")

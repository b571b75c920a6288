"""Net gain of a technology: what it saves in use beside what is spent on making it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from lodeflow.experiments.analysis.footprint.gains import METALS, NET, REST, SAVED, YEARS, unit_of
from lodeflow.viz import style, words
from lodeflow.viz.colors import BASELINE, INSIDE, SHOCK
from lodeflow.viz.frames import Labels

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.footprint.account_report import AccountReport

BARS = {SAVED: INSIDE, METALS: SHOCK, REST: SHOCK, NET: BASELINE}
"""Bars from the top, and their colours."""
THIN = {"elinewidth": 1.0}
NAMES = {"pv": "solar power", "wind": "wind power", "ev": "electric car"}


@style.styled
def gain_chart(found: AccountReport, labels: Labels | None = None) -> Figure:
    """Bars of greenhouse gases of one MW or one car over its life, t CO2e, with the ends of their ranges."""
    labels = labels or Labels()
    rows = found.tables["gain"].set_index("item")
    shown = rows.loc[list(BARS), ["value", "low", "high"]].astype(float)
    figure = style.new_figure(4.2)
    ax = figure.subplots()
    places = np.arange(len(shown))[::-1]
    spread = np.array([shown["value"] - shown["low"], shown["high"] - shown["value"]]).clip(0.0)
    ax.barh(
        places, shown["value"], 0.6, color=list(BARS.values()), xerr=spread, ecolor=style.INK, capsize=3, error_kw=THIN
    )
    ax.set_yticks(places, [words.capital(name) for name in BARS])
    ax.axvline(0.0, color=style.INK, linewidth=0.8)
    style.mass_axis(ax, float(shown["high"].abs().max()), "CO2e over the whole life", axis="x")
    ax.set_xlim(min(float(shown["low"].min()) * 1.05, 0.0))
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    caption = f"Power with the carbon of {found.made_from['inputs']['year']} over the whole life. Lines: ranges of all assumptions."
    return style.finish(figure, _title(found, labels), caption, found.made_from)


def _title(found: AccountReport, labels: Labels) -> str:
    """The finding: what is saved, what it costs, and after how long it is paid back."""
    value = found.tables["gain"].set_index("item")["value"].astype(float)
    saved, spent, years = float(value[SAVED]), float(value[METALS] + value[REST]), float(value[YEARS])
    made = "to make" if unit_of(found.name) == "MW" else "more to make than one with an engine"
    unit = "A MW of " if unit_of(found.name) == "MW" else "An "
    start = f"{unit}{NAMES[found.name]} in {labels.region(found.place)}: {words.tonnes(spent)} CO2e {made}"
    if float(value[NET]) <= 0.0:
        return f"{start}, {words.tonnes(saved)} saved in use: not paid back in its life"
    return f"{start}, {words.tonnes(saved)} saved in use: paid back after {years:.1f} years"

"""Greenhouse gases of a run by month and stage, where the run recorded them."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from lodeflow.viz import style, words
from lodeflow.viz.charts.common import no_data
from lodeflow.viz.charts.registry import in_report
from lodeflow.viz.colors import INSIDE, SERIES
from lodeflow.viz.frames import WORLD, Labels, Run
from lodeflow.viz.language import say

STAGES = {
    "mining": SERIES["feed"],
    "refining": INSIDE,
    "recycling": SERIES["secondary_supply"],
}
"""Stages and their colours, in the order of the chain."""


def by_stage(run: Run, metal: str, name: str | None = None) -> pd.DataFrame:
    """Greenhouse gases of the world by month and stage, t CO2e a month; no rows where the run did not record them."""
    lines = {}
    for stage in STAGES:
        table = run.table(metal, f"co2_{stage}", name)
        lines[stage] = 1e3 * table[WORLD] if WORLD in table else pd.Series(dtype=float)
    return pd.DataFrame(lines).fillna(0.0)


def recorded(run: Run, metal: str) -> bool:
    """Whether there is anything to draw."""
    return bool(by_stage(run, metal).to_numpy().any())


@in_report(65, side=True, quiet=True, possible=recorded)
@style.styled
def emissions(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Greenhouse gases of the world by month: mining, refining and recycling one above the other, t CO2e a month."""
    labels = labels or Labels()
    figure = style.new_figure(4.4)
    ax = figure.subplots()
    if not recorded(run, metal):
        no_data(ax, say("no energy and gases in this run (world.footprint = true)"))
        return style.finish(figure, say("{name}: greenhouse gases", name=labels.metal(metal)), "", run.manifest)
    main = by_stage(run, metal)
    ax.stackplot(
        style.middle(main), *(main[stage] for stage in STAGES), colors=[*STAGES.values()], labels=[*map(say, STAGES)]
    )
    total, largest = main.sum(axis=1), float(main.sum(axis=1).max())
    title = say("{name}: {tonnes} CO2e over the run", name=labels.metal(metal), tonnes=words.tonnes(float(total.sum())))
    if run.has_shock:
        base = by_stage(run, metal, "baseline").sum(axis=1)
        ax.plot(
            style.middle(base),
            base,
            color=style.INK,
            ls="--",
            lw=1.8,
            label=say("all stages without {cause}", cause=run.cause),
        )
        largest = max(largest, float(base.max()))
        change = words.percent(float(total.sum() / base.sum() - 1.0), sign=True)
        title = say("{title}, {change} with {cause}", title=title, change=change, cause=run.cause)
    style.mass_axis(ax, largest, "CO2e", "month")
    style.date_axis(ax, total.index[0], total.index[-1])
    style.key(ax)
    caption = say("Output times the factor of its stage, country and year; making products is not counted.")
    return style.finish(figure, title, caption, run.manifest)

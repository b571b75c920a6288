"""Where supply came from before and after: who lost, who stepped in."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lodeflow.viz import style, words
from lodeflow.viz.charts.common import form_words, no_data, traded_form, years_compared
from lodeflow.viz.charts.registry import in_report
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import say

SHOWN = 9
SMALL = 0.005  # of the largest: smaller suppliers are summed


def supply_change(run: Run, metal: str, form: str | None = None, shown: int = SHOWN) -> pd.DataFrame:
    """Deliveries to all importers but the acting country, t per year: index exporter, columns before and after.

    Includes what countries deliver to themselves. The `shown` exporters with the largest flows or changes, the rest
    summed as ROW. Empty without a shock or trade.
    """
    years = years_compared(run, metal, form or traded_form(run, metal))
    if years is None:
        return pd.DataFrame(columns=["before", "after"], dtype=float)
    actor, sums = run.actor(metal), {}
    for name, rows, factor in zip(("before", "after"), (years.before, years.after), years.factors, strict=True):
        abroad = rows[rows["importer"] != actor]
        sums[name] = abroad.groupby("exporter", observed=True)["tonnes"].sum() * factor
    table = pd.DataFrame(sums).fillna(0.0)
    table.index = table.index.astype(str)
    weight = table.max(axis=1) + 2 * (table["after"] - table["before"]).abs()
    large = weight[weight >= SMALL * weight.max()].sort_values(ascending=False)
    kept = [code for code in large.index if code != "ROW"][:shown]
    rest = table.drop(index=kept).sum()
    out = table.loc[kept]
    if rest.sum() > 0:
        out = pd.concat([out, rest.to_frame("ROW").T])
    change = (out["after"] - out["before"]).drop("ROW", errors="ignore").sort_values()
    order = [*change[change < 0].index, *change[change >= 0].index[::-1]]
    return out.loc[[*order, *(["ROW"] if "ROW" in out.index else [])]]


@in_report(30)
@style.styled
def suppliers(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Deliveries by exporter to importers outside the acting country, 12 months before and 12 months of the shock."""
    labels = labels or Labels()
    form = traded_form(run, metal)
    table = supply_change(run, metal, form)
    years = years_compared(run, metal, form)
    figure = style.new_figure(1.9 + 0.33 * max(len(table), 4))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1.5, 1])
    caption = say("Each row is a supplying country; what it delivers to itself counts too.")
    if table.empty or years is None:
        right.remove()
        no_data(left, say("no trade to compare in this run"))
    else:
        _dumbbells(left, table, labels, years.before_text, years.after_text)
        _differences(right, table)
        caption += say(
            " Grey: {before}; colour: {after}; in t of metal per year.",
            before=years.before_text,
            after=years.after_text,
        )
    return style.finish(figure, _title(run, metal, form, table, labels), caption, run.manifest)


def _dumbbells(ax: Axes, table: pd.DataFrame, labels: Labels, before: str, after: str) -> None:
    rows = range(len(table))
    ax.hlines(rows, table["before"], table["after"], color=style.FAINT, lw=4, zorder=1)
    ax.plot(table["before"], rows, "o", color=style.BASELINE, ms=7, label=before)
    gains = (table["after"] >= table["before"]).tolist()
    ax.scatter(table["after"], rows, s=56, color=[_sign_color(gain) for gain in gains], zorder=3)
    ax.plot([], [], "o", color=style.SHOCK, ms=7, label=say("{months}: less", months=after))
    ax.plot([], [], "o", color=style.INSIDE, ms=7, label=say("more"))
    names = [say("all others") if code == "ROW" else labels.region(code) for code in table.index]
    ax.set_yticks(list(rows), [style.plain(name) for name in names])
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.set_xlim(left=0, right=1.06 * max(float(table.to_numpy().max()), 1e-9))
    ax.grid(axis="x")
    style.mass_axis(ax, float(table.to_numpy().max()), say("deliveries"), "year", axis="x")
    ax.legend(
        loc="lower left", bbox_to_anchor=(-0.3, 1.0), ncols=3, borderaxespad=0.2, handletextpad=0.2, columnspacing=1
    )


def _differences(ax: Axes, table: pd.DataFrame) -> None:
    change = table["after"] - table["before"]
    ax.barh(range(len(table)), change, height=0.55, color=[_sign_color(value >= 0) for value in change])
    ax.axvline(0, color=style.INK, lw=0.8)
    reach = max(float(change.abs().max()), 1e-9)
    room = (float(change.min()) - 0.55 * reach, float(change.max()) + 0.55 * reach)
    ax.set_xlim(min(room[0], -0.6 * reach), max(room[1], 0.6 * reach))
    for row, value in enumerate(change):
        side = "left" if value >= 0 else "right"
        ax.text(
            value + (0.03 if value >= 0 else -0.03) * reach,
            row,
            words.tonnes(value, sign=True),
            ha=side,
            va="center",
            fontsize=8.5,
        )
    ax.grid(visible=False)
    ax.tick_params(axis="y", length=0, labelleft=False)
    ax.spines["left"].set_visible(False)
    style.mass_axis(ax, reach, say("change"), "year", axis="x")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=3))


def _sign_color(gain: bool) -> str:
    return style.INSIDE if gain else style.SHOCK


def _title(run: Run, metal: str, form: str, table: pd.DataFrame, labels: Labels) -> str:
    """Who lost most and which others made up for it."""
    what, actor = words.capital(form_words(metal, form, labels)), run.actor(metal)
    there = say("{name} outside {place}", name=what, place=labels.region(actor)) if actor else what
    if table.empty:
        place = labels.region(actor)
        return (
            say("{what}: who supplies whom outside {place}", what=what, place=place)
            if actor
            else say("{what}: who supplies whom", what=what)
        )
    change = (table["after"] - table["before"]).drop("ROW", errors="ignore")
    gains = change[change > 0.01 * table["before"].sum()].sort_values(ascending=False)
    if change.empty or change.min() >= -0.01 * table["before"].sum():
        return say("{what}: nobody delivers much less than before", what=there)
    loser = change.idxmin()
    lost = say(
        "{what}: {who} delivers {tonnes} a year less",
        what=there,
        who=labels.region(str(loser)),
        tonnes=words.tonnes(-change.min()),
    )
    if gains.empty:
        return say("{lost}; nobody steps in", lost=lost)
    part = min(float(change[change > 0].sum() / -change.min()), 1.0)
    return say(
        "{lost}; others make up for {share} of it, most of all {who} ({more})",
        lost=lost,
        share=words.percent(part),
        who=labels.region(str(gains.index[0])),
        more=words.tonnes(gains.iloc[0], sign=True),
    )

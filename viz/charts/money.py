"""Who pays and who gains: what a shock moves between kinds of firm, and between countries."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.environment.records import payments as paid
from lodeflow.experiments.run.indicators import money_by_country
from lodeflow.viz import style
from lodeflow.viz.charts.common import no_data
from lodeflow.viz.charts.registry import in_report
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import named, say

KINDS = {
    paid.MINE: "mines",
    paid.REFINER: "refiners",
    paid.RECYCLER: "recyclers",
    paid.COLLECTOR: "scrap collectors",
    paid.USER: "manufacturers",
    paid.CONSUMER: "consumers",
    paid.GOVERNMENT: "governments",
    paid.CARRIER: "carriers",
    paid.SUPPLIER: "suppliers of firms",
}
"""Kinds in the order of the chain."""
SHOWN = 5
"""Countries shown that gain, and that pay."""
UNITS = ((1e9, "billion USD"), (1e6, "million USD"), (1e3, "thousand USD"), (1.0, "USD"))


def has_account(run: Run, metal: str) -> bool:
    """Whether the run has the account of money, with and without the shock."""
    return run.money is not None and run.has_shock and bool((run.money["metal"] == metal).any())


def by_kind(run: Run, metal: str) -> pd.Series:
    """What each kind receives less what it pays, from the first news on, with the shock less without it, USD; those that move."""
    from lodeflow.environment.records.money import balances

    account = _since(run, metal)
    net = balances(account, ("run", "kind")).pivot(index="kind", columns="run", values="net").fillna(0.0)
    change = (net["shock"] - net["baseline"]).reindex(list(KINDS)).fillna(0.0)
    return change[change.abs() > 1e-9 * max(float(change.abs().max()), 1.0)]


def by_country(run: Run, metal: str, shown: int = SHOWN) -> pd.Series:
    """The same of the countries that gain and pay most for ore and metal and their freight, the largest gain first, USD."""
    news = _first_news(run, metal)
    change = pd.Series(money_by_country(run.account(metal), news.strftime("%Y-%m")), dtype=float)
    change = change[change != 0.0].drop(paid.NOWHERE, errors="ignore").sort_values(ascending=False)
    return pd.concat([change[change > 0].head(shown), change[change < 0].tail(shown)])


def _first_news(run: Run, metal: str) -> pd.Timestamp:
    known = [event.announced or event.start for event in run.acts(metal)]
    return min([date for date in known if date is not None], default=run.account(metal)["date"].min())


def _since(run: Run, metal: str) -> pd.DataFrame:
    account = run.account(metal)
    return account[account["date"] >= _first_news(run, metal)]


@in_report(35, side=has_account, quiet=True, possible=has_account)
@style.styled
def money(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Who pays and who gains with the shock: kinds of firm on the left, countries on the right."""
    labels = labels or Labels()
    figure = style.new_figure(4.4)
    left, right = figure.subplots(1, 2, width_ratios=[1, 1])
    if not has_account(run, metal):
        right.remove()
        no_data(left, say("no account of money in this run (lodeflow run --money)"))
        title = say("{name}: who pays, who gains", name=labels.metal(metal))
        return style.finish(figure, title, "", run.manifest)
    kinds, countries = by_kind(run, metal), by_country(run, metal)
    largest = max([float(part.abs().max()) for part in (kinds, countries) if len(part)], default=0.0)
    size, unit = next((pair for pair in UNITS if largest >= pair[0]), UNITS[-1])
    _bars(left, kinds / size, [say(KINDS[str(kind)]) for kind in kinds.index], unit)
    left.set_title(say("along the chain"), fontsize=9, loc="left")
    _bars(right, countries / size, [labels.region(str(code)) for code in countries.index], unit)
    right.set_title(say("countries: trade in ore and metal"), fontsize=9, loc="left")
    title = _title(labels.metal(metal), kinds)
    news = _first_news(run, metal)
    caption = say(
        "Received less paid from {news:%B %Y} to the end of the run, with {cause} less without. Blue "
        "gains, orange loses. Left: all entries of the account; consumers pay for the metal in products. Right: ore and metal with "
        "their freight.",
        news=news,
        year=news.year,
        number=news.month,
        cause=run.cause,
    )
    return style.finish(figure, title, caption, run.manifest)


def _title(metal: str, kinds: pd.Series) -> str:
    if kinds.empty:
        return say("{name}: the shock moves no money", name=metal)
    pays, gains = str(kinds.idxmin()), str(kinds.idxmax())
    return say("{name}: {payer} lose, {payee} gain", name=metal, payer=say(KINDS[pays]), payee=say(KINDS[gains]))


def _bars(ax: Axes, values: pd.Series, names: list[str], unit: str) -> None:
    """Bars left (pays) and right (gains) of zero, each with its number."""
    rows = list(range(len(values)))
    colors = [style.INSIDE if value > 0 else style.SHOCK for value in values]
    ax.barh(rows, values, color=colors, height=0.68)
    ax.axvline(0.0, color=style.INK, lw=0.8)
    reach = max(float(values.abs().max()) if len(values) else 0.0, 1e-12)
    ax.set_xlim(-1.35 * reach, 1.35 * reach)
    for row, value in zip(rows, values, strict=True):
        side = "left" if value > 0 else "right"
        ax.text(value + (0.03 if value > 0 else -0.03) * reach, row, f"{value:+.2g}", ha=side, va="center", fontsize=8)
    ax.set_yticks(rows, [style.plain(name) for name in names])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel(named("unit", unit, unit))
    ax.grid(axis="x")

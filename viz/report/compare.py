"""Charts and report of a comparison of scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.kpis import KPIS
from lodeflow.viz import words
from lodeflow.viz.charts import compare as charts
from lodeflow.viz.frames import WORLD
from lodeflow.viz.language import language, named, say
from lodeflow.viz.report.batch_page import Page, PageTable, write_pictures
from lodeflow.viz.report.compare_words import apart, cell, headline, notes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lodeflow.experiments.analysis.compare import Comparison
    from lodeflow.viz.frames import Labels

MOST = 4
"""Metals with charts; the tables hold all."""
DRAWN = ("price", "use", "shortage")
"""Series of a metal with a chart."""
PAIRS = 6
"""Pairs of scenarios in the tables of the page; differences.csv holds all."""
READING = [
    "All worlds have the same start, the same random draws and the same expectations; they differ by their shocks alone. "
    "Scenarios whose settings and parameters are equal share one world without shocks.",
    "Indicators of a scenario compare it with its own world without shocks, from its own first news on, as `lodeflow run` "
    "does. docs/kpis.md defines them.",
    "Difference: the first scenario less the second. Interaction: the effect of all shocks in one world less the sum of the "
    "effects of each scenario alone, counted from the earliest news.",
    "What matters is ranked in the smallest differences that are worth a sentence: 2 % of a price, 0.5 % of demand, half a "
    "percentage point of recycling, 5 points of concentration or import reliance.",
    "Quantities are tonnes of metal content; prices are constant US dollars per tonne of metal content.",
]


def write_comparison(folder: Path, found: Comparison, labels: Labels) -> Path:
    """Draw the charts of a comparison into `folder`/charts, write `folder`/report.html and return its path."""
    return write_pictures(folder, page_of(found, labels), figures(found, labels), _facts(found), "The comparison")


def page_of(found: Comparison, labels: Labels) -> Page:
    """The words and tables of the page."""
    start, end = words.month(found.manifest["start"]), words.month(found.manifest["end"])
    titles = [named("scenario_title", side.scenario.name, side.scenario.title or side.name) for side in found.sides]
    return Page(
        title=say(" beside ").join(found.names)
        if len(found.names) == 2
        else say("{count} scenarios side by side", count=len(found.names)),
        subtitle=say(
            "{titles}. {start} to {end}, seed {seed}.",
            titles=say("; ").join(dict.fromkeys(titles)),
            start=start,
            end=end,
            seed=found.manifest["seed"],
        ),
        headline=headline(found, labels),
        notes=notes(found, labels),
        tables=[
            *_indicators(found, labels),
            *_differences(found, labels),
            *_joint(found, labels),
            *_spread(found, labels),
        ],
        reading=READING,
    )


def shown_metals(found: Comparison) -> list[str]:
    """Metals with charts: those in which the scenarios differ most, four at most."""
    order = [*dict.fromkeys(found.ranking["metal"].astype(str))]
    return [*order, *(metal for metal in found.metals if metal not in order)][:MOST]


def figures(found: Comparison, labels: Labels) -> Iterator[tuple[str, Figure]]:
    """Name and figure of every chart, one after the other."""
    yield "what-matters", charts.matters(found, labels)
    table = found.series[found.series["region"] == WORLD]
    held = {(str(m), str(v)) for m, v in zip(table["metal"], table["variable"], strict=True)}
    for metal in shown_metals(found):
        for variable in DRAWN:
            if (metal, variable) in held:
                yield f"{metal}-{variable}", charts.paths(found, metal, variable, labels)


def _indicators(found: Comparison, labels: Labels) -> Iterator[PageTable]:
    """One table a metal: indicators by world."""
    names = [side.name for side in found.worlds]
    for metal in shown_metals(found):
        own = found.kpis[found.kpis["metal"] == metal]
        rows = []
        for kpi, group in own.groupby("kpi", sort=False):
            cells = {row["side"]: _cell(row, labels) for row in group.to_dict("records")}
            one = KPIS[str(kpi)]
            rows.append([words.capital(say(one.title)), one.label(language()), *(cells[name] for name in names)])
        title = say("{name}: indicators", name=labels.metal(metal))
        yield PageTable(title, ["Indicator", "Meaning", *(charts.side_name(found, name) for name in names)], rows)


def _cell(row: dict[Any, Any], labels: Labels) -> str:
    return labels.region(str(row["text"])) if row["text"] else cell(float(row["value"]), str(row["kpi"]))


def _differences(found: Comparison, labels: Labels) -> Iterator[PageTable]:
    """One table a metal: by how much the scenarios differ, first less second."""
    for metal in shown_metals(found):
        own = found.differences[found.differences["metal"] == metal]
        pairs = [*dict.fromkeys(zip(own["left"], own["right"], strict=True))][:PAIRS]
        rows = []
        for kpi, group in own.groupby("kpi", sort=False):
            values = {(r["left"], r["right"]): float(r["difference"]) for r in group.to_dict("records")}
            rows.append([words.capital(say(KPIS[str(kpi)].title)), *(apart(values[pair], str(kpi)) for pair in pairs)])
        head = ["Indicator", *(say("{left} less {right}", left=left, right=right) for left, right in pairs)]
        title = say("{name}: differences", name=labels.metal(metal))
        yield PageTable(title, head, rows, "differences.csv holds all pairs.")


def _joint(found: Comparison, labels: Labels) -> Iterator[PageTable]:
    """Effects of all shocks together beside the sum of their effects alone."""
    kept = found.interaction[found.interaction["metal"].isin(shown_metals(found))]
    rows = [
        [
            labels.metal(str(row["metal"])),
            words.capital(say(KPIS[str(row["kpi"])].title)),
            *(apart(float(row[name]), str(row["kpi"])) for name in ("sum", "together", "interaction")),
        ]
        for row in kept.to_dict("records")
    ]
    if rows:
        head = ["Metal", "Indicator", "Sum of the effects alone", "Effect together", "Interaction"]
        yield PageTable("Alone and together", head, rows, "Effects are differences from the world without shocks.")


def _spread(found: Comparison, labels: Labels) -> Iterator[PageTable]:
    """Differences over the draws, of the indicators that are ranked."""
    if found.spread is None:
        return
    from lodeflow.experiments.analysis.compare.rank import SIZES

    rows = []
    for row in found.spread[found.spread["kpi"].isin([*SIZES])].head(60).to_dict("records"):
        kpi = str(row["kpi"])
        numbers = [apart(float(row[name]), kpi) for name in ("mean", "q05", "q50", "q95")]
        chance = f"{words.percent(float(row['higher']))} / {words.percent(float(row['lower']))}"
        pair = say("{left} less {right}", left=row["left"], right=row["right"])
        rows.append([labels.metal(str(row["metal"])), words.capital(say(KPIS[kpi].title)), pair, *numbers, chance])
    head = ["Metal", "Indicator", "Pair", "Mean", "5 %", "50 %", "95 %", "Higher / lower in"]
    note = say(
        "{runs:,} draws of the inputs, each the same in all worlds; spread.csv holds all indicators.",
        runs=found.manifest["runs"],
    )
    yield PageTable("Draw by draw", head, rows, note)


def _facts(found: Comparison) -> dict[str, Any]:
    """What it was made from, for the end of the page."""
    about = found.manifest
    return {
        "Scenarios": ", ".join(found.names),
        "Period": say("{start} to {end}", start=about["start"], end=about["end"]),
        "Seed": about["seed"],
        "Versions": ", ".join(f"{name} {version}" for name, version in about["versions"].items()),
        "Data": about["data_hash"],
        "Made": about["created"],
        "Seconds": about["wall_seconds"],
    }

"""Charts and report of the summary of a batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data import catalogue
from lodeflow.experiments.kpis import INDEX, KPIS, TIMES
from lodeflow.viz import words
from lodeflow.viz.charts import fans
from lodeflow.viz.language import language, say, told
from lodeflow.viz.report.batch_page import Page, PageTable, batch_labels, write_page
from lodeflow.viz.report.story import kpi_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lodeflow.experiments.batch.read.summary import Summary
    from lodeflow.viz.frames import Labels

MOST = 4
"""Metals with charts; the tables hold all."""
SIDE_FANS = ("price", "shortage")
"""Fans of a metal that no shock names."""
ROWS = 60
"""Rows of the table of countries in the report; places.csv holds all."""
READING = [
    "Every run draws the uncertain inputs from their ranges and compares two worlds with the same random numbers, with the "
    "shocks and without. The spread shows what the ranges leave open; it is no forecast.",
    "5 %, 50 %, 95 %: in that share of the runs the value is lower. Shares of runs carry 95 % confidence intervals (Wilson) in "
    "exceedance.csv.",
    "Quantities are tonnes of metal content; prices are constant US dollars per tonne of metal content.",
    "Time to recover: months from the first news until the price stays within 5 % of that without the shocks. Runs in which "
    "it does not are counted, not dropped.",
]


def write_summary(folder: Path, summary: Summary, labels: Labels | None = None) -> Path:
    """Draw the charts of a summary into `folder`/charts, write `folder`/report.html and return its path.

    folder: exists; labels: names of metals and places, those of the batch's tables if left out.
    """
    labels = labels or batch_labels(summary.batch)
    return write_page(folder, page_of(summary, labels), figures(summary, labels), summary.batch)


def shown_metals(summary: Summary) -> list[str]:
    """Metals with charts: those that a shock names first, four at most."""
    named = _named(summary)
    return sorted(summary.metals, key=lambda metal: metal not in named)[:MOST]


def _named(summary: Summary) -> set[str]:
    """Metals that a shock names."""
    return {metal for event in summary.batch.manifest["events"] for metal in event["metals"]}


def figures(summary: Summary, labels: Labels) -> Iterator[tuple[str, Figure]]:
    """Name and figure of every chart, one after the other."""
    kept = set(summary.series["variable"])
    names = set(summary.batch.kpis["name"])
    named = _named(summary)
    for metal in shown_metals(summary):
        for variable in fans.with_fan() if metal in named or not named else SIDE_FANS:
            known = variable in kept or (variable == "price" and "price_outside" in kept)
            if known and not fans.all_zero(summary, metal, variable):
                yield f"{metal}-{variable}", fans.fan(summary, metal, variable, labels)
        yield f"{metal}-exceedance", fans.exceedance(summary, metal, labels)
        if f"{fans.RECOVERY}.{metal}" in names:
            yield f"{metal}-recovery", fans.recovery(summary, metal, labels)


def headline(summary: Summary, labels: Labels) -> list[str]:
    """The main findings, one sentence per metal, and how many runs are in it."""
    return [*(_sentence(summary, metal, labels) for metal in shown_metals(summary)), told(summary.about_runs())]


def _sentence(summary: Summary, metal: str, labels: Labels) -> str:
    rows = summary.indicators
    peak = rows[(rows["indicator"] == "price_peak") & (rows["metal"] == metal)].to_dict("records")[0]
    chances = summary.exceedance
    chances = chances[(chances["indicator"] == "price_peak") & (chances["metal"] == metal) & (chances["above"] == 2.0)]
    chance = float(chances["probability"].iloc[0])
    text = say(
        "{name}: in half of the runs the highest price is above {middle} {against} "
        "(90 % of the runs: {low:.2g} to {high}); it more than doubles in {chance}.",
        name=labels.metal(metal),
        middle=words.times(peak["q50"]),
        against=say("its price without the shocks") if fans.compares(summary) else say("its first price"),
        low=peak["q05"],
        high=words.times(peak["q95"]),
        chance=words.percent(chance),
    )
    back = summary.recovery[summary.recovery["metal"] == metal]
    if back.empty:
        return text
    never = float(back["never"].iloc[0])
    never_back = "{text} In {share} of the runs the price is not back to normal before the run ends."
    return say(never_back, text=text, share=words.percent(never))


def page_of(summary: Summary, labels: Labels) -> Page:
    """The words and tables of the page."""
    about = summary.batch.manifest
    notes = []
    if summary.runs < summary.asked:
        unfinished = "The batch is not finished: {runs:,} of {asked:,} runs are in these numbers."
        notes.append(say(unfinished, runs=summary.runs, asked=summary.asked))
    return Page(
        title=say("{name}: {runs:,} runs", name=fans.title_of(about), runs=summary.runs - summary.failed),
        subtitle=say(
            "{count} uncertain inputs, drawn from their ranges; {start} to {end}.",
            count=len(about["factors"]),
            start=about["start"],
            end=about["end"],
        ),
        headline=headline(summary, labels),
        notes=notes,
        tables=[_indicators(summary, labels), _chances(summary, labels), _places(summary, labels)],
        reading=READING,
    )


def _indicators(summary: Summary, labels: Labels) -> PageTable:
    head = ["Metal", "Indicator", "Mean", "5 %", "50 %", "95 %", "Highest", "Unit", "Runs"]
    rows = []
    for row in summary.indicators[summary.indicators["runs"] > 0].to_dict("records"):
        numbers = [_cell(row, name) for name in ("mean", "q05", "q50", "q95", "highest")]
        unit = "" if row["unit"] == "1" else words.unit(str(row["unit"]))
        rows.append(
            [
                labels.metal(row["metal"]),
                words.capital(kpi_words(str(row["indicator"]), str(row["what"])).split(";")[0]),
                *numbers,
                unit,
                f"{row['runs']:,}",
            ]
        )
    note = "Shares and ratios carry no unit. Runs: those in which the indicator is defined."
    return PageTable("Indicators", head, rows, note)


def _chances(summary: Summary, labels: Labels) -> PageTable:
    what = summary.batch.kpis.drop_duplicates("kpi").set_index("kpi")["what"]
    rows = []
    for row in summary.exceedance.to_dict("records"):
        shown = KPIS[row["indicator"]].shown_in
        bound = words.percent(row["above"]) if shown == "1" else f"{row['above']:g}"
        unit = "" if shown in ("1", INDEX) else say("times") if shown == TIMES else words.unit(shown)
        interval = say("{start} to {end}", start=words.percent(row["ci_low"]), end=words.percent(row["ci_high"]))
        name = words.capital(kpi_words(str(row["indicator"]), str(what[row["indicator"]])))
        rows.append(
            [labels.metal(row["metal"]), name, f"{bound} {unit}".strip(), words.percent(row["probability"]), interval]
        )
    return PageTable("Chances", ["Metal", "Indicator", "Above", "Share of runs", "95 % confidence"], rows)


def _places(summary: Summary, labels: Labels) -> PageTable:
    """Countries and metals: what the shocks change on average over the time from the first news on."""
    kept = {name: one for name, one in catalogue.in_batches().items() if catalogue.FAN in one.drawn}
    by_place = [name for name, one in kept.items() if one.batches == catalogue.PLACES]
    rows = summary.places[summary.places["variable"].isin(by_place)]
    rows = rows[rows["metal"].isin(shown_metals(summary))]
    head = ["Metal", "Series", "Place", "Without", "Change: mean", "5 %", "50 %", "95 %", "Worst run", "Unit"]
    shown = [
        [
            labels.metal(str(row["metal"])),
            kept[str(row["variable"])].label(language()),
            labels.region(str(row["region"])),
            *(_cell(row, name) for name in ("mean_without", "change_mean", "change_q05", "change_q50", "change_q95")),
            say("{value} (run {run})", value=_cell(row, "worst"), run=row["worst_run"]),
            words.unit(kept[str(row["variable"])].unit, kept[str(row["variable"])].per),
        ]
        for row in rows.head(ROWS).to_dict("records")
    ]
    note = "Means over the months from the first news of a shock to the end of the run. places.csv holds all series and places."
    return PageTable("Metals and countries", head, shown, note)


def _cell(row: dict[Any, Any], name: str) -> str:
    value = float(row[name])
    text = words.significant(value)
    return text.replace("-", "−")

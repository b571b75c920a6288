"""Pictures and page of a validation: simulated against published figures, and who produces as simulated and as observed."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from math import isfinite, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lodeflow.viz import style, words
from lodeflow.viz.frames import Labels
from lodeflow.viz.report.page import page_template, picture, save

if TYPE_CHECKING:
    from lodeflow.experiments.judge.validate.validation import Validation
    from lodeflow.experiments.judge.validate.verdicts import Verdict

TEMPLATE = "validate.html"
WITHIN, OUTSIDE = "within", "outside"
FIGURES, LATER, GUESSED = "published figures", "years after the base year", "years after the base year, data assumed"
COLORS = {WITHIN: style.INSIDE, OUTSIDE: style.SHOCK}
RATIO_TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
NAME_WRAP = 46
NAMED = 5
"""Countries with a colour of their own in a chart; the others are added up."""
STAGES = {"mine": "mining", "refine": "refining"}
MISPLACED = "-misplaced"
"""How the ids of these rows end."""
TOLERANCE = 0.1
"""Share of world output that may stand in other countries than in the data."""
LEAST = 0.02
"""Share of world output below which a country gets no colour of its own."""
KINDS = {
    "emergent": "What the model makes itself",
    "input": "What follows from numbers put in, no skill of the model",
    "calibrated": "What parameters were fitted to",
}


def write_page(result: Validation, labels: Labels, folder: Path) -> Path:
    """Draw the charts into `folder`/charts, write `folder`/page.html, which needs nothing else, and return its path.

    result: what came out; labels: names of metals and countries; folder: exists.
    """
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    pictures = []
    for name, figure in figures(result, labels):
        path = charts / f"{name}.png"
        save(figure, path)
        pictures.append(picture(path))
    target, temporary = folder / "page.html", folder / ".page.html.tmp"
    temporary.write_text(_render(result, labels, pictures), encoding="utf-8")
    os.replace(temporary, target)
    return target


def figures(result: Validation, labels: Labels) -> Iterator[tuple[str, Figure]]:
    """Name and figure of every chart: published figures by kind, output in the wrong country, shares of each metal."""
    for kind in KINDS:
        rows = comparable(result.verdicts, kind)
        if rows:
            yield f"figures-{kind}", published(rows, kind, labels, result.manifest)
    if len(result.countries):
        yield "misplaced", misplaced(result, labels)
        for metal in dict.fromkeys(result.countries["metal"]):
            rows = result.countries[result.countries["metal"] == metal]
            yield f"shares-{metal}", country_shares(rows, str(metal), labels, result.manifest)


# ---- words -----------------------------------------------------------------------------------------------------------
def value_text(value: float, unit: str, factor: bool = False) -> str:
    """A value with its unit: '195 kt', '62 kt a year', '34 %', '6.5 times', '8 % a year', '2050', '35 years'."""
    if not isfinite(value):
        return "–"
    if unit in ("t", "t/year"):
        size, name = words.mass_unit(value)
        return f"{words.significant(value / size)} {name}{' a year' if unit == 't/year' else ''}"
    if unit == "year":
        return f"{value:.0f}"
    if unit == "years":
        return f"{words.significant(value, 2)} years"
    if factor:
        return f"{value:.1f} times"
    return f"{words.percent(value)}{' a year' if unit == '1/year' else ''}"


def row_text(verdict: Verdict, value: float) -> str:
    """A value of a row with its unit; shares and ratios that may exceed 1.5 read as 'times'."""
    return value_text(value, verdict.unit, verdict.unit == "1" and verdict.high > 1.5)


def range_text(verdict: Verdict) -> str:
    """What counts as within: '166 to 224 kt', 'at least 15 %'."""
    low, high = (row_text(verdict, bound) if isfinite(bound) else "" for bound in (verdict.low, verdict.high))
    if low and high:
        (first, mark, unit), (_, _, same) = low.partition(" "), high.partition(" ")
        return low if low == high else f"{first if unit == same else first + mark + unit} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else "–"


def what_text(verdict: Verdict, labels: Labels) -> str:
    """What a row compares, with the name of the metal: 'Lithium: in-use stock, China, 2021'."""
    return f"{labels.metal(verdict.metal)}: {verdict.what}"


# ---- charts ----------------------------------------------------------------------------------------------------------
def comparable(verdicts: list[Verdict], kind: str) -> list[Verdict]:
    """Rows of published figures of one kind that can be drawn as simulated over published: no years, no zero, a positive ratio."""
    return [
        verdict
        for verdict in verdicts
        if verdict.section == FIGURES
        and verdict.kind == kind
        and verdict.verdict in COLORS
        and verdict.unit != "year"
        and middle(verdict) != 0.0
        and verdict.simulated / middle(verdict) > 0.0
    ]


def middle(verdict: Verdict) -> float:
    """The published value; where only a range is published, its geometric middle."""
    if isfinite(verdict.published):
        return verdict.published
    return sqrt(verdict.low * verdict.high)


@style.styled
def published(rows: list[Verdict], kind: str, labels: Labels, manifest: dict[str, Any]) -> Figure:
    """Simulated over published value of every row on a logarithmic axis, with the tolerance as a bar.

    rows: verdicts with both values; kind: of the rows, for the title.
    """
    names = [textwrap.fill(style.plain(what_text(row, labels)), NAME_WRAP) for row in rows]
    figure = style.new_figure(1.9 + 0.14 * len(rows) + 0.155 * sum(1 + name.count("\n") for name in names))
    ax = figure.subplots()
    reach = [1.0]
    for place, verdict in enumerate(rows):
        ratio = verdict.simulated / middle(verdict)
        bounds = sorted(b / middle(verdict) for b in (verdict.low, verdict.high) if isfinite(b))
        right = bounds[-1] if isfinite(verdict.high) else max(RATIO_TICKS)
        ax.barh(place, right - bounds[0], left=bounds[0], height=0.6, color=style.FAINT, zorder=1)
        ax.plot(ratio, place, "o", color=COLORS[verdict.verdict], ms=7, zorder=3)
        reach += [ratio, bounds[0], *([right] if isfinite(verdict.high) else [])]
    low, high = min(reach) / 1.25, max(reach) * 1.25
    ax.axvline(1.0, color=style.INK, lw=0.9, zorder=2)
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in RATIO_TICKS if low <= tick <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.set_yticks(range(len(rows)), names, fontsize=8)
    numbers = ax.secondary_yaxis("right")
    texts = [f"{row_text(row, row.simulated)} ({_target(row)})" for row in rows]
    numbers.set_yticks(range(len(rows)), [style.plain(text) for text in texts], fontsize=8)
    for side in (ax, numbers):
        side.tick_params(axis="y", length=0)
    numbers.spines["right"].set_visible(False)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("simulated ÷ published (1 = equal), logarithmic")
    ax.text(1.01, 1.0, "simulated (published)", transform=ax.transAxes, fontsize=8.5, va="bottom", fontweight="bold")
    _verdict_key(ax)
    inside = sum(row.verdict == WITHIN for row in rows)
    title = f"{KINDS[kind]}: {inside} of the {len(rows)} published figures shown are met within their tolerance"
    caption = (
        "Each dot is a simulated value over the published one; the grey bar is the tolerance. Where only a range is "
        "published, 1 is its middle."
    )
    return style.finish(figure, title, caption, manifest)


def _target(verdict: Verdict) -> str:
    return row_text(verdict, verdict.published) if isfinite(verdict.published) else range_text(verdict)


def _verdict_key(ax: Axes) -> None:
    ax.plot([], [], "o", color=COLORS[WITHIN], label="within")
    ax.plot([], [], "o", color=COLORS[OUTSIDE], label="outside")
    ax.barh([float("nan")], [0.0], color=style.FAINT, label="tolerance")
    style.key(ax)


@style.styled
def misplaced(result: Validation, labels: Labels) -> Figure:
    """Share of world output in other countries than in the data, by metal and stage, for each year looked at.

    result: with such rows and a table of countries.
    """
    rows = [verdict for verdict in result.verdicts if verdict.id.endswith(MISPLACED) and isfinite(verdict.simulated)]
    gap = {(row.group, int(row.id.removesuffix(MISPLACED)[-4:])): row.simulated for row in rows}
    names = {row.group: f"{labels.metal(row.metal)}, {STAGES[row.group.rpartition('-')[2]]}" for row in rows}
    years = sorted({year for _, year in gap})
    places = sorted(names, key=lambda place: -gap.get((place, years[-1]), 0.0))
    figure = style.new_figure(1.8 + 0.32 * len(places))
    ax = figure.subplots()
    shades = ["#c6dbef", "#7fb3d5", "#3182bd", "#08306b"][-len(years) :]
    for number, place in enumerate(places):
        values = [gap.get((place, year), float("nan")) for year in years]
        ax.plot([min(values), max(values)], [number, number], color=style.FAINT, lw=3, zorder=1)
        for value, shade in zip(values, shades, strict=True):
            ax.plot(value, number, "o", color=shade, ms=7, mec="#08306b", mew=0.5, zorder=3)
    for year, shade in zip(years, shades, strict=True):
        ax.plot([], [], "o", color=shade, mec="#08306b", mew=0.5, label=f"{year}")
    ax.axvline(TOLERANCE, color=style.SHOCK, ls="--", lw=1.2, label="tolerance")
    ax.set_yticks(range(len(places)), [style.plain(names[place]) for place in places])
    ax.set_ylim(len(places) - 0.4, -0.6)
    ax.set_xlim(-0.01, max(0.2, 1.08 * max(gap.values())))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}"))
    ax.set_xlabel("share of world output in other countries than in the data (%)")
    ax.grid(axis="x")
    style.key(ax, 5)
    last = [gap[place, years[-1]] for place in places if (place, years[-1]) in gap]
    title = (
        f"In {years[-1]}, up to {words.percent(max(last))} of a metal's world output stands in "
        f"other countries than in the data; {sum(value <= TOLERANCE for value in last)} of {len(places)} are within 10 %"
    )
    first = int(result.countries["year"].min())
    caption = (
        f"The run starts from the shares of {first} and is given no later data on who produces: mines and refineries that "
        "companies and states decided on after it are missing."
    )
    return style.finish(figure, title, caption, result.manifest)


@style.styled
def country_shares(rows: pd.DataFrame, metal: str, labels: Labels, manifest: dict[str, Any]) -> Figure:
    """Country shares of mining and refining by year, simulated and observed side by side.

    rows: columns `stage, year, region, simulated, observed` of one metal (shares of world output, 0 to 1).
    """
    stages = list(dict.fromkeys(rows["stage"]))
    figure = style.new_figure(1.2 + 3.3 * len(stages))
    panels = figure.subplots(len(stages), 1, squeeze=False)[:, 0]
    named = {stage: largest(rows[rows["stage"] == stage]) for stage in stages}
    colors = style.place_colors([code for stage in stages for code in named[stage]])
    for ax, stage in zip(panels, stages, strict=True):
        _share_panel(ax, rows[rows["stage"] == stage], named[stage], colors, labels)
        ax.set_ylabel(f"share of world {STAGES[stage]} (%)")
    title = f"{labels.metal(metal)}: {_shares_finding(rows, labels)}"
    first = int(rows["year"].min())
    caption = (
        f"Left bar of each pair: the run that starts from the data of {first}; right bar, hatched: the data. Countries that "
        "matter little are part of the others."
    )
    return style.finish(figure, title, caption, manifest)


def largest(rows: pd.DataFrame) -> list[str]:
    """The countries with the largest share in any year, simulated or observed, at most `NAMED`, the largest first."""
    best = rows.groupby("region")[["simulated", "observed"]].max().max(axis=1).drop("ROW", errors="ignore")
    best = best[best >= LEAST].sort_values(ascending=False)
    return [str(code) for code in best.index[:NAMED]]


def _share_panel(ax: Axes, rows: pd.DataFrame, named: list[str], colors: dict[str, str], labels: Labels) -> None:
    years = sorted({int(year) for year in rows["year"]})
    sides = (("simulated", -0.21, ""), ("observed", 0.21, "///"))
    for side, shift, hatch in sides:
        wide = rows.pivot_table(index="year", columns="region", values=side, aggfunc="sum").fillna(0.0).reindex(years)
        bottom = pd.Series(0.0, index=years)
        others = wide[[code for code in wide.columns if code not in named]].sum(axis=1)
        parts = [(code, wide[code] if code in wide else bottom * 0.0, colors[code]) for code in named]
        for code, values, color in [*parts, ("", others, style.OTHERS)]:
            label = (labels.region(code) if code else "others") if side == "simulated" else None
            places = [number + shift for number in range(len(years))]
            ax.bar(
                places,
                values,
                width=0.38,
                bottom=bottom,
                color=color,
                label=label,
                hatch=hatch,
                ec="white",
                lw=0.6,
                hatch_linewidth=0.6,
            )
            for place, value, base in zip(places, values, bottom, strict=True):
                if value >= 0.07:
                    box = {"boxstyle": "round,pad=0.12", "fc": color, "ec": "none"}
                    ink = "white" if code and _dark(color) else style.INK
                    text = f"{100 * value:.0f}"
                    ax.text(place, base + value / 2, text, ha="center", va="center", fontsize=8, color=ink, bbox=box)
            bottom = bottom + values
    ax.set_ylim(0, 1.0)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}"))
    ticks = [number + shift for number in range(len(years)) for _, shift, _ in sides]
    ax.set_xticks(ticks, [side for _ in years for side, _, _ in sides], fontsize=8)
    ax.tick_params(axis="x", length=0)
    for number, year in enumerate(years):
        ax.text(
            number,
            -0.07,
            f"{year}",
            ha="center",
            va="top",
            fontsize=9.5,
            fontweight="bold",
            transform=ax.get_xaxis_transform(),
        )
    ax.grid(visible=False)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), reverse=True)


def _dark(color: str) -> bool:
    """Whether white text reads better on a colour (relative luminance below a half)."""
    red, green, blue = (int(color[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.55


def _shares_finding(rows: pd.DataFrame, labels: Labels) -> str:
    """'China refines 78 % in 2024 in the data, 46 % in the run': the largest producer of the stage that is farthest off."""
    year = int(rows["year"].max())
    last = rows[(rows["year"] == year) & (rows["region"] != "ROW")].sort_values("observed")
    top = last.groupby("stage").tail(1)
    first = top.iloc[int((top["observed"] - top["simulated"]).abs().to_numpy().argmax())]
    name, verb = labels.region(str(first["region"])), {"mine": "mines", "refine": "refines"}[str(first["stage"])]
    there, here = words.percent(first["observed"]), words.percent(first["simulated"])
    return f"{name} {verb} {there} in {year} in the data, {here} in the run"


# ---- page ------------------------------------------------------------------------------------------------------------
def score_lines(result: Validation) -> list[str]:
    """One sentence per section on how many rows are met."""
    lines = []
    for section, counts in result.scores.items():
        share = f" ({words.percent(counts['score'])})" if counts["score"] is not None else ""
        if section in (LATER, GUESSED):
            share += (
                f", {counts['no_change_within']} if the shares of the base year had simply stayed, "
                f"{counts['momentum_within']} if their last three years' change had gone on and faded"
            )
        lines.append(
            f"{words.capital(section)}: {counts['emergent_within']} of {counts['emergent']} numbers that the model makes "
            f"itself are within their tolerance{share}; of numbers that echo an input {counts['input_within']} of "
            f"{counts['input']}, which is no success of the model; {counts['not_judged']} could not be judged"
            f"{_disagreeing(counts['disagree'])}.{_misplaced_text(counts['misplaced'])}"
            + (" These rows are no part of any score: the data are estimates." if section == GUESSED else "")
        )
    return lines


def _disagreeing(rows: int) -> str:
    return f"; in {rows} the sources contradict each other" if rows else ""


def _misplaced_text(gaps: dict[str, float]) -> str:
    """The mean share misplaced beside the counts; empty where there is none."""
    if not gaps:
        return ""
    model, still, on = (words.percent(gaps[name]) for name in ("simulated", "no_change", "momentum"))
    return f" In other countries than in the data: {model} of world output; persistence {still}, momentum {on}."


def table_rows(result: Validation, labels: Labels, section: str) -> list[list[str]]:
    """Cells of the rows of one section: what, simulated, published, within, verdict, kind, note."""
    return [
        [
            verdict.id,
            what_text(verdict, labels),
            row_text(verdict, verdict.simulated),
            row_text(verdict, verdict.published),
            range_text(verdict),
            verdict.verdict,
            verdict.kind,
            "; ".join(part for part in (verdict.note, f"{verdict.kind}: {verdict.kind_reason}") if part),
            verdict.source,
        ]
        for verdict in result.verdicts
        if verdict.section == section
    ]


def _render(result: Validation, labels: Labels, pictures: list[dict[str, Any]]) -> str:
    sections = {words.capital(section): table_rows(result, labels, section) for section in result.scores}
    return page_template(TEMPLATE).render(
        scores=score_lines(result), sections=sections, pictures=pictures, manifest=result.manifest
    )

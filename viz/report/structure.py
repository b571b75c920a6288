"""Pictures and page of a judgement of structure: a chart per case of history, one of the trend mode, one of the marks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lodeflow.viz import style, words
from lodeflow.viz.frames import Labels
from lodeflow.viz.report import structure_words as told
from lodeflow.viz.report.page import TEMPLATES, picture, save

if TYPE_CHECKING:
    from lodeflow.experiments.judge.structure.board import StructureBoard

TEMPLATE = "structure.html"
WORDS = {"mine": "mined", "refine": "refined"}
RULES = {"persistence": ("share of the base year", "--"), "momentum": ("momentum", ":")}
ALL = "all metals"


def write_page(board: StructureBoard, labels: Labels, folder: Path) -> Path:
    """Draw the charts into `folder`/charts, write `folder`/page.html, which needs nothing else, and return its path."""
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    pictures = []
    for name, figure in figures(board, labels):
        save(figure, charts / f"{name}.png")
        pictures.append(picture(charts / f"{name}.png"))
    target, temporary = folder / "page.html", folder / ".page.html.tmp"
    temporary.write_text(_render(board, labels, pictures), encoding="utf-8")
    os.replace(temporary, target)
    return target


def figures(board: StructureBoard, labels: Labels) -> Iterator[tuple[str, Figure]]:
    """Name and figure of every chart: the marks, the trend mode, then each case by its name."""
    yield "marks", marks(board)
    if len(board.trend_scores):
        yield "trend", trend(board, labels)
    for name in dict.fromkeys(board.cases["case"]):
        yield str(name), case(board.cases[board.cases["case"] == name], labels, board.manifest)


@style.styled
def marks(board: StructureBoard) -> Figure:
    """Error of the model over that of the best simple rule, by field."""
    rows = told.records(board.marks)
    figure = style.new_figure(1.7 + 0.42 * len(rows))
    ax = figure.subplots()
    for place, row in enumerate(rows):
        color = style.INSIDE if row["ratio"] < 1.0 else style.SHOCK
        ax.barh(place, row["ratio"] - 1.0, left=1.0, height=0.6, color=color)
        side = "left" if row["ratio"] >= 1.0 else "right"
        gap = 0.015 if side == "left" else -0.015
        ax.text(row["ratio"] + gap, place, f"{row['ratio']:.2f}", va="center", ha=side, fontsize=9)
    ax.axvline(1.0, color=style.INK, lw=1.0)
    ax.axhline(len(rows) - 1.5, color="#888888", lw=0.8)
    names = [f"{row['field']} (against {row['rule']})" if row["rule"] else str(row["field"]) for row in rows]
    ax.set_yticks(range(len(rows)), [style.plain(words.capital(name)) for name in names])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    largest = max(row["ratio"] for row in rows)
    ax.set_xlim(0.0, max(1.3, 1.12 * largest))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("error of the model ÷ that of the best simple rule")
    caption = "Blue: the model errs less than the simple rule; orange: more. The last bar is the mean of the others."
    return style.finish(figure, told.headline(board), caption, board.manifest)


@style.styled
def trend(board: StructureBoard, labels: Labels) -> Figure:
    """Yearly price error of each metal in trend mode beside no change, one panel per run."""
    runs = list(dict.fromkeys(board.trend_scores["run"]))
    count = int(board.trend_scores.groupby("run").size().max())
    figure = style.new_figure(1.6 + 0.36 * count * len(runs))
    panels = figure.subplots(len(runs), 1, squeeze=False)[:, 0]
    for ax, run in zip(panels, runs, strict=True):
        rows = told.records(board.trend_scores[board.trend_scores["run"] == run])
        for shift, (column, label, color) in zip(
            (-0.2, 0.2),
            (("price_error", "model", style.SHOCK), ("price_no_change", "price stays as it was", style.BASELINE)),
            strict=True,
        ):
            values = [row[column] for row in rows]
            ax.barh([n + shift for n in range(len(rows))], values, height=0.36, color=color, label=label)
        names = [row["metal"] if row["metal"] == ALL else labels.metal(row["metal"]) for row in rows]
        ax.set_yticks(range(len(rows)), [style.plain(words.capital(name)) for name in names])
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_ylabel(f"from {_base(board, run)} to 2024")
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")
    panels[-1].set_xlabel("yearly price error: mean |ln(simulated ÷ published)|; 0.7 is a factor of two")
    style.key(panels[0])
    whole = board.trend_scores[board.trend_scores["metal"] == ALL].iloc[0]
    title = (
        f"When demand departs from the trend, yearly prices are off by {whole['price_error']:.2f}, “no change” by "
        f"{whole['price_no_change']:.2f}; {words.percent(whole['unmet'])} of use stays unmet"
    )
    caption = "Supply is what agents decide; shorter is better."
    return style.finish(figure, title, caption, board.manifest)


def _base(board: StructureBoard, run: str) -> int:
    return int(board.runs.loc[board.runs["run"] == run, "base"].iloc[0])


@style.styled
def case(rows: pd.DataFrame, labels: Labels, manifest: dict[str, Any]) -> Figure:
    """Output of the countries of one case by year: data, model and both simple forecasts, one panel per country.

    rows: of one case, see cases.COLUMNS.
    """
    places = list(dict.fromkeys(rows["iso3"]))
    figure = style.new_figure(1.5 + 2.5 * ((len(places) + 1) // 2))
    panels = figure.subplots((len(places) + 1) // 2, 2, squeeze=False).ravel()
    for ax, place in zip(panels, places, strict=False):
        _panel(ax, rows[rows["iso3"] == place], labels)
    for ax in panels[len(places) :]:
        ax.set_visible(False)
    style.key(panels[0])
    panels[0].get_legend().set_in_layout(False)  # it reaches over the panel beside it, which has a line of room as well
    for ax in panels[:2]:
        ax.set_title(" ", fontsize=16)
    first = rows.iloc[0]
    caption = (
        f"Run from {first['base']} to {rows['year'].max()}. Simple forecasts: the country's share of world output as it was, or "
        "moving on as in the three years before, times the published output of the world."
        + (" Hollow dots: data that are estimates." if rows["assumed"].any() else "")
    )
    return style.finish(figure, finding(rows, labels), caption, manifest)


def _panel(ax: Axes, rows: pd.DataFrame, labels: Labels) -> None:
    years = rows["year"].to_numpy()
    largest = float(rows[["observed", "model", *RULES]].to_numpy().max())
    for name, (label, dashes) in RULES.items():
        ax.plot(years, rows[name], color=style.BASELINE, ls=dashes, lw=1.5, label=label)
    ax.plot(years, rows["model"], color=style.SHOCK, lw=2.2, label="model")
    sure = rows[~rows["assumed"].astype(bool)]
    ax.plot(years, rows["observed"], "o", color=style.INK, ms=5, mfc="white", zorder=4, label="data")
    ax.plot(sure["year"], sure["observed"], "o", color=style.INK, ms=5, zorder=5)
    style.from_zero(ax, largest)
    first = rows.iloc[0]
    style.mass_axis(ax, largest, WORDS[str(first["stage"])], "year")
    note = ", no measure" if first["role"] == "no measure" else ""
    _name(ax, f"{labels.region(str(first['iso3']))}{note}")
    if largest == 0.0:
        ax.set_yticks([0.0])
        ax.text(0.5, 0.4, "none in the data, none in the run", transform=ax.transAxes, ha="center", color="#555555")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def _name(ax: Axes, text: str) -> None:
    """Name a panel inside it, clear of the legend above."""
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 2}
    ax.text(0.02, 0.97, style.plain(text), transform=ax.transAxes, va="top", fontweight="bold", fontsize=10, bbox=box)


def finding(rows: pd.DataFrame, labels: Labels) -> str:
    """The case in one sentence: what the actor that is farthest off made in the last year, in the data and in the run."""
    last_year = rows[(rows["year"] == rows["year"].max()) & (rows["role"] == "actor")]
    last = last_year.iloc[int((last_year["observed"] - last_year["model"]).abs().to_numpy().argmax())]
    name, verb = labels.region(str(last["iso3"])), WORDS[str(last["stage"])]
    seen, made = (words.tonnes(float(value)) if value else "nothing" for value in (last["observed"], last["model"]))
    return f"{labels.metal(str(last['metal']))}: {name} {verb} {seen} in {last['year']}, {made} in the run"


def _render(board: StructureBoard, labels: Labels, pictures: list[dict[str, Any]]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    house = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return house.get_template(TEMPLATE).render(
        headline=told.headline(board), tables=told.tables(board, labels), pictures=pictures, manifest=board.manifest
    )

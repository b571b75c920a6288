"""Charts and report of a sensitivity analysis: tornado, indices with confidence intervals, heat map of all indicators."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from lodeflow.experiments.analysis.sensitivity.methods import MEANINGS, METHODS
from lodeflow.experiments.analysis.sensitivity.words import sentences
from lodeflow.experiments.batch.read.inputs import indicator_name
from lodeflow.viz import style, words
from lodeflow.viz.frames import Labels
from lodeflow.viz.report.batch_page import Page, PageTable, batch_labels, write_page

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.analysis.sensitivity import Sensitivity

SHOWN = 12
"""Inputs in a chart at most."""
LABEL_WRAP = 40
NAMES = {
    "S1": "this input alone (first-order index)",
    "ST": "with its interactions (total-order index)",
    "mu_star": "mean absolute effect over its range",
}
SHARES = ("S1", "ST")
READING = [
    "First-order index (S1): share of the variance that would go if this input were known. Total-order index (ST): share in "
    "which it has a part, alone or together with others. Bars carry 95 % confidence intervals (bootstrap).",
    "Elementary effects (mu_star): mean absolute change of the indicator when the input moves through its whole range.",
    "The ranges of the inputs come from the data and the scenario; a wider range gives a larger share.",
    "Random noise is one of the inputs: its share is what no better parameter would remove.",
]


def write_sensitivity(folder: Path, found: Sensitivity, labels: Labels | None = None) -> Path:
    """Draw the charts into `folder`/charts, write `folder`/report.html and return its path; arguments as write_summary."""
    labels = labels or batch_labels(found.batch)
    return write_page(folder, page_of(found, labels), figures(found, labels), found.batch)


def figures(found: Sensitivity, labels: Labels) -> Iterator[tuple[str, Figure]]:
    """Name and figure of every chart, one after the other."""
    if len(found.kpis) > 1:
        yield "heat-map", heat_map(found, labels)
    for kpi in found.kpis:
        yield f"{kpi}-indices".replace(".", "-"), indices(found, kpi, labels)
        yield f"{kpi}-tornado".replace(".", "-"), tornado(found, kpi, labels)


def about(found: Sensitivity) -> dict[str, Any]:
    """What the source line of a chart needs."""
    manifest = found.batch.manifest
    name = f"{manifest['title'] or manifest['scenario']} ({manifest['done'] or len(found.batch.runs()):,} runs, {found.method})"
    return {"scenario": name, "seed": manifest["seed"], "versions": manifest["versions"]}


def name_of(kpi: str, labels: Labels) -> str:
    """'highest price, Cobalt'."""
    return indicator_name(kpi, labels.metal(kpi.partition(".")[2]))


@style.styled
def indices(found: Sensitivity, kpi: str, labels: Labels) -> Figure:
    """Indices of one indicator with confidence intervals, strongest input first."""
    method, table = METHODS[found.method], found.table(kpi).head(SHOWN)
    shown = [name for name in ("ST", "S1", method.main) if name in table]
    shown = list(dict.fromkeys(shown if method.shares and method.main in SHARES else [method.main]))
    figure = style.new_figure(1.9 + 0.36 * len(table))
    ax = figure.subplots()
    scale = 100.0 if shown[0] in SHARES else 1.0
    height = 0.8 / len(shown)
    for number, name in enumerate(shown):
        places = np.arange(len(table)) + (number - (len(shown) - 1) / 2) * height
        conf = scale * table[f"{name}_conf"].to_numpy(float)
        color = style.SHOCK if name == "S1" or len(shown) == 1 else style.COMPONENTS["news"]
        values = scale * table[name].to_numpy(float)
        ax.barh(places, values, height=0.9 * height, color=color, label=NAMES[name], xerr=conf, error_kw=ERROR)
    _input_axis(ax, table)
    unit = _unit(found, kpi)
    ax.set_xlabel("share of the variance (%)" if scale > 1 else f"{NAMES[shown[0]]}{f' ({unit})' if unit else ''}")
    ax.set_xlim(left=min(0.0, 1.1 * float((scale * table[shown[-1]]).min())))
    style.key(ax, 2)
    first = table.iloc[0]
    title = f"{words.capital(name_of(kpi, labels))}: most depends on {first['label']}"
    return style.finish(figure, title, f"{_caption(shown)} Thin lines: 95 % confidence intervals.", about(found))


ERROR = {"ecolor": "#555555", "lw": 1.0}


def _caption(shown: list[str]) -> str:
    return " ".join(f"{words.capital(NAMES[name])}: {MEANINGS[name].split(' (')[0]}." for name in shown)


def _input_axis(ax: Axes, table: pd.DataFrame) -> None:
    """Inputs from top to bottom, with wrapped names."""
    names = [style.plain("\n".join(textwrap.wrap(str(label), LABEL_WRAP))) for label in table["label"]]
    ax.set_yticks(range(len(table)), names, fontsize=8)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")


def _unit(found: Sensitivity, kpi: str) -> str:
    unit = next(str(item["unit"]) for item in found.batch.manifest["kpis"] if item["name"] == kpi)
    return "" if unit == "1" else unit


@style.styled
def tornado(found: Sensitivity, kpi: str, labels: Labels) -> Figure:
    """Mean of an indicator with each input at the low and at the high end of its range, strongest first."""
    order = found.table(kpi).head(SHOWN).index
    rows = found.swings[found.swings["indicator"] == kpi].set_index("input").loc[order]
    figure = style.new_figure(1.9 + 0.34 * len(rows))
    ax = figure.subplots()
    unit = _unit(found, kpi)
    percent = unit == "" and not kpi.startswith("price_")
    scale = 100.0 if percent else 1.0
    middle = scale * float(rows["middle"].iloc[0])
    for column, color, label in (
        ("bottom", style.INSIDE, "input at the low end of its range"),
        ("top", style.SHOCK, "input at the high end of its range"),
    ):
        values = scale * rows[column].to_numpy(float)
        ax.barh(range(len(rows)), values - middle, left=middle, height=0.7, color=color, alpha=0.85, label=label)
    ax.axvline(middle, color=style.INK, lw=1.0)
    _input_axis(ax, rows)
    what = next(str(item["what"]) for item in found.batch.manifest["kpis"] if item["name"] == kpi)
    counted = "%" if percent else "times" if kpi.startswith("price_") and not unit else unit
    ax.set_xlabel("\n".join(textwrap.wrap(f"mean over the runs of: {what} ({counted})", 72)), fontsize=9)
    style.key(ax, 2)
    first = rows.iloc[0]
    low, high = sorted((scale * float(first["bottom"]), scale * float(first["top"])))
    title = (
        f"{words.capital(name_of(kpi, labels))}: {_short(low)} to {_short(high)} {counted} on "
        f"average, depending on {first['label']}"
    )
    caption = (
        "Black line: mean of all runs. Each bar: the mean of the runs in which the input lies at one end of its range."
    )
    return style.finish(figure, title, caption, about(found))


def _short(value: float) -> str:
    """A number with two digits; what is far below 1 is 0."""
    return words.significant(value, 2) if abs(value) >= 0.05 else "0"


@style.styled
def heat_map(found: Sensitivity, labels: Labels) -> Figure:
    """Inputs by indicators: how much each indicator depends on each input."""
    main = METHODS[found.method].main
    tables = {kpi: found.table(kpi)[main].clip(lower=0.0) for kpi in found.kpis}
    shares = main in SHARES
    scaled = {kpi: values if shares else values / max(values.max(), 1e-12) for kpi, values in tables.items()}
    strongest = sum(values / max(values.max(), 1e-12) for values in scaled.values())
    order = strongest.sort_values(ascending=False).index[: SHOWN + 3]
    grid = (100.0 if shares else 1.0) * np.array([scaled[kpi].loc[order].to_numpy(float) for kpi in found.kpis]).T
    figure = style.new_figure(2.4 + 0.33 * len(order))
    ax = figure.subplots()
    colors = LinearSegmentedColormap.from_list("paper", ["#fdeee4", "#f5b98f", style.SHOCK])
    picture = ax.imshow(grid, cmap=colors, vmin=0.0, vmax=max(float(grid.max()), 1e-12), aspect="auto")
    for (row, column), value in np.ndenumerate(grid):
        text = f"{value:.0f}" if shares else f"{value:.2f}"
        dark = value > 0.6 * float(grid.max())
        ax.text(column, row, text, ha="center", va="center", fontsize=8, color="white" if dark else style.INK)
    known = found.table(found.kpis[0])["label"]
    names = [style.plain("\n".join(textwrap.wrap(str(known[key]), LABEL_WRAP))) for key in order]
    ax.set_yticks(range(len(order)), [style.plain(name) for name in names], fontsize=8)
    heads = ["\n".join(textwrap.wrap(name_of(kpi, labels), 16)) for kpi in found.kpis]
    ax.set_xticks(range(len(heads)), heads, fontsize=8)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    bar = figure.colorbar(picture, ax=ax, fraction=0.04, pad=0.02)
    bar.outline.set_visible(False)
    scale = "share of the variance (%)" if shares else "1 = strongest input of the indicator"
    bar.set_label(scale, fontsize=8)
    title = f"{words.capital(str(known[order[0]]))} matters most over all indicators"
    return style.finish(
        figure, title, f"{words.capital(NAMES[main])}; inputs that matter least are left out.", about(found)
    )


def page_of(found: Sensitivity, labels: Labels) -> Page:
    """The words and tables of the page."""
    manifest = found.batch.manifest
    ok = len(found.batch.kpi())
    return Page(
        title=f"{manifest['title'] or manifest['scenario']}: which inputs matter",
        subtitle=f"{ok:,} runs, {len(manifest['factors'])} inputs, method {found.method}: {METHODS[found.method].what}.",
        headline=[_told(text, kpi, labels) for kpi in found.kpis for text in sentences(found, kpi)[:1]],
        notes=found.notes,
        tables=[_table(found, kpi, labels) for kpi in found.kpis],
        reading=READING,
    )


def _told(text: str, kpi: str, labels: Labels) -> str:
    return text.replace(f"{kpi}:", f"{words.capital(name_of(kpi, labels))}:", 1)


def _table(found: Sensitivity, kpi: str, labels: Labels) -> PageTable:
    table = found.table(kpi).head(SHOWN)
    names = [name for name in ("S1", "ST", "mu_star", "mu", "sigma") if name in table]
    rows = []
    for row in table.reset_index().to_dict("records"):
        cells = []
        for name in names:
            conf = f" ± {row[f'{name}_conf']:.2g}" if f"{name}_conf" in row else ""
            cells.append(f"{row[name]:.3g}{conf}".replace("-", "−"))
        rows.append([str(row["label"]), str(row["input"]), *cells])
    note = " ".join(f"{name}: {MEANINGS[name]}." for name in names)
    return PageTable(words.capital(name_of(kpi, labels)), ["Input", "Key", *names], rows, note)

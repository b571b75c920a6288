"""Charts and report of a discovered scenario: the box among the runs, the ranges it restricts, and how it was peeled."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lodeflow.experiments.batch.read.inputs import value_in_words
from lodeflow.viz import style, words
from lodeflow.viz.frames import Labels
from lodeflow.viz.report.batch_page import Page, PageTable, batch_labels, write_page

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.discover import Discovery

READING = [
    "Coverage: share of all the runs in question that lie inside the box. Density: share of the runs inside the box in which "
    "it holds. A good rule is high in both.",
    "The search (PRIM) peels away the slice of inputs that hurts density least, again and again; the box with the best "
    "coverage and density together is kept, and limits that chance could have set are dropped.",
    "A rule says under which inputs it happens in this model; it does not say how likely these inputs are.",
]


def write_discovery(folder: Path, found: Discovery, labels: Labels | None = None) -> Path:
    """Draw the charts into `folder`/charts, write `folder`/report.html and return its path; arguments as write_summary."""
    labels = labels or batch_labels(found.batch)
    return write_page(folder, page_of(found), figures(found), found.batch)


def figures(found: Discovery) -> Iterator[tuple[str, Figure]]:
    """Name and figure of every chart; none where there was too little to search in."""
    if found.found:
        yield "box", box(found)
        yield "ranges", ranges(found)
    if len(found.peeling):
        yield "peeling", peeling(found)


def about(found: Discovery) -> dict[str, Any]:
    """What the source line of a chart needs."""
    manifest = found.batch.manifest
    name = f"{manifest['title'] or manifest['scenario']} ({found.runs:,} runs)"
    return {"scenario": name, "seed": manifest["seed"], "versions": manifest["versions"]}


def factor(found: Discovery, key: str) -> dict[str, Any]:
    """One drawn input, as it stands in the manifest."""
    return next(dict(item) for item in found.batch.manifest["factors"] if item["key"] == key)


@style.styled
def box(found: Discovery) -> Figure:
    """The runs over the two inputs that the box restricts most, and the box."""
    keys = list(found.box["input"][:2])
    figure = style.new_figure(5.0)
    ax = figure.subplots()
    places = [_places(found, key, number) for number, key in enumerate([*keys, None][:2])]
    for wanted, color, label, size in (
        (False, style.OTHERS, f"other runs ({found.runs - found.hits:,})", 14),
        (True, style.SHOCK, f"{found.where} ({found.hits:,})", 18),
    ):
        rows = found.hit == wanted
        ax.scatter(places[0][rows], places[1][rows], s=size, color=color, alpha=0.75, lw=0, label=style.plain(label))
    (left, right), (low, high) = (
        _edges(found, key, place) for key, place in zip([*keys, None][:2], places, strict=True)
    )
    ax.add_patch(
        Rectangle((left, low), right - left, high - low, fill=False, ec=style.INK, lw=2.0, label="box of the rule")
    )
    for axis, key in (("x", keys[0]), ("y", keys[1] if len(keys) > 1 else None)):
        _name_axis(ax, axis, found, key)
    ax.grid(visible=False)
    style.key(ax, 2)
    inside, overall = words.percent(found.density), words.percent(found.hits / found.runs)
    caption = f"Inside the box that is so in {inside} of the runs, in all runs in {overall}."
    if len(found.box) > 2:
        caption += " The rule has more limits than the two shown."
    return style.finish(figure, _title(found), caption, about(found))


def _title(found: Discovery) -> str:
    share = words.percent(found.density)
    rule = " and ".join(found.box["condition"][:2])
    return f"{words.capital(found.where)}: {share} of the runs with {textwrap.shorten(rule, 150, placeholder=' …')}"


def _places(found: Discovery, key: str | None, number: int) -> np.ndarray:
    """Where runs lie along an axis; choices side by side with a little scatter; without a second input, scatter alone."""
    rng = np.random.default_rng(number)
    if key is None:
        return rng.random(found.runs)
    values = found.inputs[key]
    if values.dtype == object:
        order = {choice: place for place, choice in enumerate(_choices(values))}
        return values.map(order).to_numpy(float) + rng.uniform(-0.3, 0.3, found.runs)
    return values.to_numpy(float)


def _row(found: Discovery, key: str) -> dict[Any, Any]:
    """What the box says of one input."""
    return found.box[found.box["input"] == key].to_dict("records")[0]


def _choices(values: pd.Series[Any]) -> list[str]:
    return sorted({str(value) for value in values})


def _edges(found: Discovery, key: str | None, places: np.ndarray) -> tuple[float, float]:
    """Ends of the box along an axis, a little outside of the runs that lie on them."""
    room = 0.015 * float(np.ptp(places))
    if key is None:
        return float(places.min()) - room, float(places.max()) + room
    row = _row(found, key)
    if row["choices"]:
        kept = [
            place for place, name in enumerate(_choices(found.inputs[key])) if name in str(row["choices"]).split(", ")
        ]
        return min(kept) - 0.42, max(kept) + 0.42
    return float(row["low"]) - room, float(row["high"]) + room


def _name_axis(ax: Axes, axis: str, found: Discovery, key: str | None) -> None:
    """Label an axis with the input and its unit."""
    one = ax.xaxis if axis == "x" else ax.yaxis
    if key is None:
        one.set_ticks([])
        one.set_label_text("runs, spread at random")
        return
    about_input = factor(found, key)
    row = _row(found, key)
    unit = f" ({row['unit']})" if row["unit"] else ""
    one.set_label_text(style.plain("\n".join(textwrap.wrap(f"{row['label']}{unit}", 60 if axis == "x" else 44))))
    if row["choices"]:
        names = _choices(found.inputs[key])
        one.set_ticks(range(len(names)), names)
    elif isinstance(about_input["low"], str):
        one.set_major_formatter(lambda value, _: value_in_words(about_input, value))


@style.styled
def ranges(found: Discovery) -> Figure:
    """Every restricted input from the lowest to the highest value drawn, with the part that belongs to the box."""
    rows = found.box
    figure = style.new_figure(1.8 + 0.55 * len(rows))
    ax = figure.subplots()
    ax.set_xlim(-0.02, 1.02)
    for number, row in enumerate(rows.to_dict("records")):
        ax.barh(number, 1.0, height=0.36, color=style.FAINT)
        left, right, names = _span(found, row)
        ax.barh(number, right - left, left=left, height=0.36, color=style.SHOCK)
        for place, text, align in names:
            ax.text(place, number + 0.2, style.plain(text), ha=align, va="top", fontsize=8, color=style.INK)
    ax.set_yticks(
        range(len(rows)),
        [style.plain("\n".join(textwrap.wrap(str(label), 40))) for label in rows["label"]],
        fontsize=8.5,
    )
    ax.set_ylim(len(rows) - 0.3, -0.5)
    ax.set_xticks([])
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.set_xlabel("grey: range that was drawn; orange: values in the box of the rule")
    covered = words.percent(found.coverage)
    title = f"The rule limits {len(rows)} of {len(found.inputs.columns)} inputs; it covers {covered} of the runs in question"
    return style.finish(figure, title, "The input that chance explains least stands first.", about(found))


def _span(found: Discovery, row: dict[Any, Any]) -> tuple[float, float, list[tuple[float, str, str]]]:
    """Ends of the box on a range from 0 to 1, and what is written below it: place, text, alignment."""
    if row["choices"]:
        names = _choices(found.inputs[row["input"]])
        kept = [place for place, name in enumerate(names) if name in str(row["choices"]).split(", ")]
        step = 1.0 / len(names)
        texts = [((place + 0.5) * step, name, "center") for place, name in enumerate(names)]
        return min(kept) * step, (max(kept) + 1) * step, texts
    about_input = factor(found, row["input"])
    least, most = float(row["least"]), float(row["most"])
    left, right = ((float(row[end]) - least) / (most - least) for end in ("low", "high"))
    texts = [(0.0, value_in_words(about_input, least), "left"), (1.0, value_in_words(about_input, most), "right")]
    for place, end in ((left, "low"), (right, "high")):
        if 0.12 < place < 0.88:
            texts.append((place, value_in_words(about_input, float(row[end])), "center"))
    return left, right, texts


@style.styled
def peeling(found: Discovery) -> Figure:
    """Coverage and density of every box of the search."""
    figure = style.new_figure()
    ax = figure.subplots()
    rows = found.peeling
    ax.plot(100 * rows["coverage"], 100 * rows["density"], "-", color=style.FAINT, lw=1.5)
    dots = ax.scatter(100 * rows["coverage"], 100 * rows["density"], c=rows["inputs"], cmap="viridis", s=34, zorder=3)
    if found.found:
        spot = (100 * found.coverage, 100 * found.density)
        ax.scatter(*spot, s=150, facecolor="none", edgecolor=style.SHOCK, lw=2.0, zorder=4)
        ax.annotate("the rule", spot, xytext=(9, 9), textcoords="offset points", fontsize=9, color=style.SHOCK)
    base = 100 * found.hits / found.runs
    ax.axhline(base, color=style.BASELINE, ls="--", lw=1.2)
    ax.text(0, base, " all runs", va="bottom", fontsize=8, color=style.BASELINE)
    ax.set_xlim(0, 106)
    ax.set_ylim(0, 109)
    ax.set_xlabel("coverage: runs in question inside the box (%)")
    ax.set_ylabel("density: runs in question among those inside (%)")
    bar = figure.colorbar(dots, ax=ax, fraction=0.04, pad=0.02)
    bar.set_label("inputs limited", fontsize=8)
    title = f"The smaller the box, the surer it is, and the more it misses: {found.where}"
    caption = (
        "Each dot is a box of the search, from all runs (right) to the smallest. The rule is the box with the best coverage "
        "and density together, without the limits that chance could have set."
    )
    return style.finish(figure, title, caption, about(found))


def page_of(found: Discovery) -> Page:
    """The words and tables of the page."""
    manifest = found.batch.manifest
    rows = []
    for row in found.box.to_dict("records"):
        drawn = (
            ""
            if row["choices"]
            else f"{words.significant(row['least'])} to {words.significant(row['most'])} {row['unit']}"
        )
        rows.append([words.capital(str(row["condition"])), str(row["input"]), drawn.strip(), f"{row['chance']:.1g}"])
    head = ["Condition", "Key", "Drawn", "Chance of such a limit without influence"]
    tables = [PageTable("The rule", head, rows, "All conditions hold together.")] if rows else []
    return Page(
        title=f"{manifest['title'] or manifest['scenario']}: when {found.where}",
        subtitle=f"{found.runs:,} runs, {len(found.inputs.columns)} inputs, searched with PRIM.",
        headline=found.sentences(),
        tables=tables,
        reading=READING,
    )

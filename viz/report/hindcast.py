"""Pictures and page of a scoreboard: one chart per episode, one of all errors, and in words where the model misses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lodeflow.viz import style, words
from lodeflow.viz.frames import Labels
from lodeflow.viz.report import hindcast_words as told
from lodeflow.viz.report.page import page_template, picture, save

if TYPE_CHECKING:
    from lodeflow.experiments.judge.hindcast.scoreboard import Scoreboard

TEMPLATE = "hindcast.html"
TICKS = (
    (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.25),
    (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6),
    (0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0),
    tuple(2.0**k for k in range(-10, 14)),
    tuple(10.0**k for k in range(-6, 8)),
)
"""Numbers on the axis, from fine to coarse: the first set that spans the values, with neither few nor many, is taken."""
MAX_TICKS = 7
BEFORE, AFTER, YEAR = 6, 3, 12
"""Months shown before the event and after the last observed one, and the fewest months shown after the event."""
LINE = ["metal", "variable", "form", "region"]
STATIC = style.COMPONENTS["substitution"]


def write_page(board: Scoreboard, folder: Path, labels: Labels | None = None) -> Path:
    """Draw the charts into `folder`/charts, write `folder`/page.html, which needs nothing else, and return its path.

    board: with its lines; folder: exists; labels: names of countries, those shipped if left out.
    """
    labels = labels or Labels.shipped()
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    known = set(board.episodes["episode"])
    pictures = []
    for name, figure in figures(board, labels):
        path = charts / f"{file_name(name)}.png"
        save(figure, path)
        pictures.append(picture(path) | {"misses": told.misses(board, name, labels) if name in known else []})
    target, temporary = folder / "page.html", folder / ".page.html.tmp"
    temporary.write_text(_render(board, pictures, labels), encoding="utf-8")
    os.replace(temporary, target)
    return target


def figures(board: Scoreboard, labels: Labels) -> Iterator[tuple[str, Figure]]:
    """Name and figure of every chart: "summary", then each episode by its name."""
    yield "summary", summary(board)
    for name in board.episodes["episode"]:
        yield str(name), episode(board, str(name), labels)


def file_name(name: str) -> str:
    """An episode's name as the name of a file."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)


# ---- charts --------------------------------------------------------------------------------------------------------
@style.styled
def episode(board: Scoreboard, name: str, labels: Labels) -> Figure:
    """Simulated price, observed points and both simple rules of one episode, one panel per place, by month.

    board: with its lines; name: of an episode in it; labels: names of countries. Ratios to the months before the
    event, on a logarithmic axis.
    """
    about = told.about_of(board, name)
    lines, points = (frame[frame["episode"] == name] for frame in (board.lines, board.points))
    keys = list(dict.fromkeys(map(tuple, points[LINE].to_numpy())))
    figure = style.new_figure(1.9 + 2.7 * len(keys))
    panels = figure.subplots(len(keys), 1, squeeze=False, sharex=True)[:, 0]
    last = max(int(points["month"].max()) + AFTER, YEAR)
    for ax, key in zip(panels, keys, strict=True):
        own = lines[(lines[LINE] == list(key)).all(axis=1) & lines["month"].between(-BEFORE, last)]
        seen = points[(points[LINE] == list(key)).all(axis=1)]
        _panel(ax, own, seen, str(about["month0"]), f"{key[1]}, {told.place(str(key[3]), labels)}")
    style.key(panels[0])
    caption = (
        "Ratio to the mean of the three months before the event (1 = as before), logarithmic: equal heights are equal factors. "
        + ("No change: nothing happens to the price. " if len(points) else "")
        + ("Static rule: (1 − share of supply lost)^(−1 / price elasticity of use)." if _has_static(points) else "")
    )
    return style.finish(figure, f"{told.title_of(about)}: {told.verdict(about)}", caption, about_manifest(board, name))


def _panel(ax: Axes, lines: pd.DataFrame, points: pd.DataFrame, month0: str, what: str) -> None:
    """One series: the simulated line, observed dots, both simple rules, the month of the event."""
    dates = pd.DatetimeIndex(pd.to_datetime(lines["date"]))
    middle = dates + pd.Timedelta(days=14)
    ax.axhline(1, color=style.BASELINE, ls="--", lw=1.4, label="no change")
    if _has_static(points):
        ax.step(dates, lines["static"], where="post", color=STATIC, ls=":", lw=1.8, label="static rule")
    ax.plot(middle, lines["simulated"], color=style.SHOCK, label="simulated")
    seen = pd.DatetimeIndex(pd.to_datetime(points["date"])) + pd.Timedelta(days=14)
    ax.plot(seen, points["observed"], "o", color=style.INK, ms=6.5, mfc="white", mew=1.8, label="observed", zorder=5)
    ax.axvline(style.number(pd.Timestamp(month0)), color=style.INK, lw=0.9)
    values = [*lines["simulated"], *points["observed"], *(lines["static"] if _has_static(points) else []), 0.9, 1.12]
    ratio_axis(ax, min(values), max(values))
    ax.annotate(
        f" start, {words.month(month0)}",
        (style.number(pd.Timestamp(month0)), 0.02),
        xycoords=("data", "axes fraction"),
        fontsize=8,
        color="#555555",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1},
    )
    ax.set_ylabel(f"{what}\n(1 = before the event)")
    style.date_axis(ax, dates[0], dates[-1])


def _has_static(points: pd.DataFrame) -> bool:
    return bool(points["static"].notna().any())


def ratio_axis(ax: Axes, low: float, high: float) -> None:
    """A logarithmic y axis from a little below `low` to a little above `high`, with plain numbers on it."""
    bottom, top = low / (high / low) ** 0.08, high * (high / low) ** 0.08
    ax.set_yscale("log")
    ax.set_ylim(bottom, top)
    reaching = [ticks for ticks in TICKS if ticks[0] <= 1.3 * bottom and top <= 1.3 * ticks[-1]]
    fitting = [[tick for tick in ticks if bottom <= tick <= top] for ticks in reaching]
    inside = next((ticks for ticks in fitting if 3 <= len(ticks) <= MAX_TICKS), fitting[-1])
    ax.yaxis.set_major_locator(FixedLocator(inside))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


@style.styled
def summary(board: Scoreboard) -> Figure:
    """Mean error of every episode beside both simple rules, and of all together."""
    shared = ["title", "mean_error", "no_change_error", "static_error"]
    whole = board.totals[board.totals["group"] == "all"].assign(title="All, each episode counted once")
    rows = pd.concat([board.episodes[["episode", *shared]].assign(title=_short_titles(board)), whole[shared]])
    figure = style.new_figure(1.9 + 0.62 * len(rows))
    ax = figure.subplots()
    bars = {"simulated": ("mean_error", style.SHOCK), "no change": ("no_change_error", style.BASELINE)}
    if rows["static_error"].notna().any():
        bars["static rule"] = ("static_error", STATIC)
    height = 0.8 / len(bars)
    for number, (label, (column, color)) in enumerate(bars.items()):
        places = [place + (number - (len(bars) - 1) / 2) * height for place in range(len(rows))]
        ax.barh(places, rows[column].fillna(0.0), height=0.9 * height, color=color, label=label)
        for place, value in zip(places, rows[column], strict=True):
            if isfinite(value):
                ax.text(value, place, f" {value:.2f}", va="center", fontsize=7.5, color="#444444")
    ax.set_yticks(range(len(rows)), [style.plain(str(title)) for title in rows["title"]])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.axhline(len(rows) - 1.5, color="#888888", lw=0.8)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(
        "mean error of the price (|ln(simulated / observed)|; 0.2 is about 20 %, 0.7 a factor of two)", fontsize=9
    )
    style.key(ax)
    better = sum(told.nearer(row, "mean_error", "no_change_error") for row in told.records(board.episodes))
    model, rule = (told.off(float(whole[name].iloc[0])) for name in ("mean_error", "no_change_error"))
    title = (
        f"The model is off by {model} on average, “no change” by {rule}; "
        f"it comes nearer in {better} of {len(board.episodes)} episodes"
    )
    caption = "Mean error over the observed months of each episode; shorter is better."
    if bool(board.episodes["conditional"].any()):
        caption += " In brackets: realised quantities of the time after the event began that are given; never prices."
    return style.finish(figure, title, caption, about_manifest(board, ""))


def _short_titles(board: Scoreboard) -> list[str]:
    """Names short enough for an axis: the episode's name in words, with what is given of the time after its start."""
    names = board.episodes["episode"].str.replace("-", " ").map(words.capital)
    about = zip(names, board.episodes["given"], board.episodes["conditional"], strict=True)
    return [f"{name}\n({given})" if told_more else name for name, given, told_more in about]


def about_manifest(board: Scoreboard, name: str) -> dict[str, Any]:
    """What the source line of a chart needs."""
    made = board.manifest
    scenario, seed = made.get("scenario") or name or "hindcast", made.get("seed", "none (no noise)")
    return {"scenario": scenario, "seed": seed, "versions": made.get("versions", {})}


# ---- page ----------------------------------------------------------------------------------------------------------
def _render(board: Scoreboard, pictures: list[dict[str, Any]], labels: Labels) -> str:
    return page_template(TEMPLATE).render(
        episodes=told.episode_rows(board),
        totals=told.total_rows(board),
        points=told.point_rows(board, labels),
        volumes=told.volume_rows(board),
        pictures=pictures,
        heads=[words.capital(head) for head in told.SCORES],
        facts=told.facts(board.manifest),
    )

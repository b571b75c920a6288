"""Charts of a batch: fans of series, the chance that an indicator is exceeded, and the time that prices need to recover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.data import catalogue
from lodeflow.data.catalogue import Variable
from lodeflow.experiments.batch.read.summary import NAMES, RECOVERY, Summary
from lodeflow.viz import style, words, wrapping
from lodeflow.viz.charts.common import no_data
from lodeflow.viz.frames import Labels
from lodeflow.viz.language import language, named, say

RATIO_TICKS = (0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50)
NAMED_BOUNDS = {"price_peak": (1.5, 2.0, 5.0), "shortage": (0.01, 0.05, 0.1)}
"""Bounds whose chance is written into the chart."""
AXES = {
    "price_peak": "highest price of the run, as a multiple of the price without the shocks",
    "shortage": "metal wanted and not had, as a share of demand after the first news (%)",
}
QUIET_AXES = {
    "price_peak": "highest price of the run, as a multiple of the price in the first month",
    "shortage": "metal wanted and not had, as a share of demand (%)",
}
"""The same in a batch without shocks."""
LEAST_RANGE = {"price_peak": 1.2, "shortage": 0.002}
"""Value up to which the axis goes at least, so that small differences look small."""
BINS = 12
"""Bars of the distribution of times at most."""
BAND_CAPTION = (
    "Pale band: 90 % of the runs in each month (5 to 95 %); darker band: half of them (25 to 75 %); line: the median."
)


def about(summary: Summary) -> dict[str, Any]:
    """What the source line of a chart needs: scenario, number of runs, seed, version."""
    manifest = summary.batch.manifest
    ok = summary.runs - summary.failed
    name = say("{name} ({runs:,} runs)", name=title_of(manifest), runs=ok)
    return {"scenario": name, "seed": manifest["seed"], "versions": manifest["versions"]}


def title_of(manifest: dict[str, Any]) -> str:
    """Title of the scenario of a batch, its name where it has none."""
    return named("scenario_title", manifest["scenario"], manifest["title"] or manifest["scenario"])


def compares(summary: Summary) -> bool:
    """Whether the batch has shocks, and so two worlds per run."""
    return bool(summary.batch.manifest["events"])


def with_fan() -> list[str]:
    """Series of the world with a fan, in the order of the catalogue; the price outside a country stands in for the world's."""
    return [one.name for one in catalogue.drawn(catalogue.FAN) if one.batches != catalogue.PARTED]


@style.styled
def fan(summary: Summary, metal: str, variable: str, labels: Labels) -> Figure:
    """Median and bands of a series of the world by month, with the median without the shocks.

    variable: one of `with_fan`; the price is that outside the country that restricts trade, where there is one.
    """
    name, lines, base = _lines(summary, metal, variable)
    figure = style.new_figure()
    ax = figure.subplots()
    about_it = catalogue.in_batches()[variable]
    title = say("{name}: {rest}", name=labels.metal(metal), rest=about_it.label(language()))
    if lines.empty:
        no_data(ax, say("no run holds this series"))
        return style.finish(figure, title, "", about(summary))
    shock = compares(summary)
    color = style.SHOCK if shock else style.INSIDE
    for low, high, alpha, label in (("q05", "q95", 0.18, "90 % of the runs"), ("q25", "q75", 0.3, "half of the runs")):
        ax.fill_between(style.middle(lines), lines[low], lines[high], color=color, alpha=alpha, lw=0, label=say(label))
    ax.plot(style.middle(lines), lines["q50"], color=color, label=say("median"))
    if shock and len(base):
        ax.plot(
            style.middle(base),
            base["q50"],
            color=style.BASELINE,
            ls="--",
            lw=1.8,
            label=say("median without the shocks"),
        )
    _axis(ax, about_it, lines, base)
    style.date_axis(ax, lines.index[0], lines.index[-1])
    style.key(ax)
    where = say(" Price outside the country that restricts trade.") if name == "price_outside" else ""
    note = ""
    if variable == "price":
        world = (
            say("Dashed: the median of the same worlds without the shocks.")
            if shock
            else say("These worlds have no shock.")
        )
        note = say("{world} They start from the price of the base year; this is no forecast.", world=world)
    title = _fan_title(title, about_it, lines, base, shock)
    return style.finish(figure, title, say(BAND_CAPTION) + where, about(summary), note)


def all_zero(summary: Summary, metal: str, variable: str) -> bool:
    """Whether the bands of a series are zero in every month, so that there is nothing to draw."""
    lines = _lines(summary, metal, variable)[1]
    return len(lines) > 0 and not lines[list(NAMES)].any(axis=None)


def _lines(summary: Summary, metal: str, variable: str) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    """Name of the series, its quantiles with the shocks (or of the only world), and without."""
    names = ("price_outside", "price") if variable == "price" and compares(summary) else (variable,)
    case = "shock" if compares(summary) else "baseline"
    for name in names:
        lines = summary.line(case, name, metal)
        if len(lines):
            return name, lines, summary.line("baseline", name, metal)
    return variable, lines, lines


def _axis(ax: Axes, variable: Variable, lines: pd.DataFrame, base: pd.DataFrame) -> None:
    """Label the y axis with the unit of the series."""
    top = max(float(lines["q95"].max()), float(base["q50"].max()) if len(base) else 0.0)
    style.from_zero(ax, top)
    if variable.unit == "USD/t":
        style.usd_axis(ax)
    elif variable.unit == "t":
        style.mass_axis(ax, top, variable.label(language()), variable.per)
    elif variable.variable == "hhi":
        ax.set_ylabel(say("HHI (1 = one country alone)"))
    elif variable.unit == "1":
        style.percent_axis(ax, top, variable.label(language()))
    else:
        ax.set_ylabel(
            say("{what} ({unit})", what=variable.label(language()), unit=words.unit(variable.unit, variable.per))
        )


def _fan_title(title: str, variable: Variable, lines: pd.DataFrame, base: pd.DataFrame, shock: bool) -> str:
    """The finding: where the median is furthest from that without the shocks, and how wide the runs spread there."""
    if not shock or base.empty:
        last = lines.iloc[-1]
        low, high = (_value(variable, float(last[name])) for name in ("q05", "q95"))
        return say(
            "{title}: between {low} and {high} in {month} in 90 % of the runs",
            title=title,
            low=low,
            high=high,
            month=words.month(lines.index[-1]),
        )
    gap = (lines["q50"] - base["q50"]).abs()
    if gap.max() <= 0.005 * max(float(base["q50"].abs().max()), 1e-12):
        gap = lines["q95"] - lines["q05"]
    place = int(gap.to_numpy(float).argmax())
    when, row = lines.index[place], lines.iloc[place]
    low, middle, high = (_value(variable, float(row[name])) for name in ("q05", "q50", "q95"))
    return say(
        "{title} in {month}: median {middle}, 90 % of the runs between {low} and {high}",
        title=title,
        month=words.month(when),
        middle=middle,
        low=low,
        high=high,
    )


def _value(variable: Variable, value: float) -> str:
    if variable.unit == "USD/t":
        return words.usd(value)
    if variable.unit == "t":
        tonnes = words.tonnes(value)
        return say("{tonnes} a {time}", tonnes=tonnes, time=say(variable.per)) if variable.per else tonnes
    if variable.variable == "hhi":
        return f"{value:.2f}"
    return words.percent(value) if variable.unit == "1" else f"{value:.1f} {words.unit(variable.unit, variable.per)}"


@style.styled
def exceedance(summary: Summary, metal: str, labels: Labels) -> Figure:
    """Share of the runs in which the highest price, and the shortage, are above a bound."""
    kpi = summary.batch.kpi()
    names = [name for name in AXES if f"{name}.{metal}" in kpi]
    figure = style.new_figure(4.6)
    panels = np.atleast_1d(figure.subplots(1, len(names), sharey=True))
    for ax, name in zip(panels, names, strict=True):
        _survival(ax, kpi[f"{name}.{metal}"].dropna().to_numpy(float), name)
        ax.set_xlabel("\n".join(wrapping.lines(say(AXES[name] if compares(summary) else QUIET_AXES[name]), 44)))
    panels[0].set_ylabel(say("runs above this value (%)"))
    rows = summary.exceedance
    rows = rows[(rows["indicator"] == "price_peak") & (rows["metal"] == metal) & (rows["above"] == 2.0)]
    title = say("{name}: the chance of large price rises and of shortages", name=labels.metal(metal))
    if len(rows):
        row = rows.iloc[0]
        title = say(
            "{name}: the price more than doubles in {share} of the runs (95 % confidence: {low} to {high})",
            name=labels.metal(metal),
            share=words.percent(row["probability"]),
            low=words.percent(row["ci_low"]),
            high=words.percent(row["ci_high"]),
        )
    caption = say(
        "Read: at 2 on the horizontal axis stands the share of the runs in which the price more than doubles."
    )
    return style.finish(figure, title, caption, about(summary))


def _survival(ax: Axes, values: np.ndarray, name: str) -> None:
    """One exceedance curve, with the chance of some bounds written beside it."""
    from scipy.stats import ecdf

    if not np.any(values):
        no_data(ax, say("no shortage in any run"))
        return
    ratio = name == "price_peak"
    scale = 1.0 if ratio else 100.0
    curve = ecdf(values).sf
    x = np.concatenate([[min(values.min(), 1.0 if ratio else 0.0)], curve.quantiles])
    y = np.concatenate([[1.0], curve.probabilities])
    ax.step(scale * x, 100 * y, where="post", color=style.SHOCK)
    ax.set_xlim(scale * 0.95 * x.min(), scale * max(1.04 * x.max(), LEAST_RANGE[name]))
    ax.set_ylim(0, 106)
    for bound, share in _told(values, [bound for bound in NAMED_BOUNDS[name] if x.min() <= bound <= x.max()]):
        ax.plot([scale * bound], [100 * share], "o", color=style.SHOCK, ms=5)
        text = "above {bound:g} times: {share}" if ratio else "above {bound:g} %: {share}"
        text = say(text, bound=scale * bound, share=words.percent(share))
        late = bound > 0.6 * x.max()
        side: Any = {"xytext": (-7, 5), "ha": "right"} if late else {"xytext": (7, 5), "ha": "left"}
        ax.annotate(text, (scale * bound, 100 * share), textcoords="offset points", fontsize=8.5, **side)
    if ratio and values.max() / max(values.min(), 1e-9) > 3:
        ax.set_xscale("log")
        ticks = [tick for tick in RATIO_TICKS if x.min() * 0.99 <= tick <= x.max()]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.set_xticks([], minor=True)


def _told(values: np.ndarray, bounds: Sequence[float]) -> list[tuple[float, float]]:
    """Bounds and the share of the values above them; of bounds with the same share the highest says it all."""
    shares = {float((values > bound).mean()): bound for bound in sorted(bounds)}
    return [(bound, share) for share, bound in shares.items()]


@style.styled
def recovery(summary: Summary, metal: str, labels: Labels) -> Figure:
    """How many months prices need to be back to normal; runs that do not get there have a bar of their own."""
    values = summary.batch.kpi()[f"{RECOVERY}.{metal}"]
    back = values.dropna().to_numpy(float)
    never = float(values.isna().mean())
    figure = style.new_figure()
    ax = figure.subplots()
    longest = int(back.max()) if len(back) else 12
    width = next((step for step in (1, 3, 6, 12, 24, 36, 60) if longest / step <= BINS), 120)
    edges = np.arange(0, longest + width + 1, width)
    counts, _ = np.histogram(back, edges)
    shares = 100 * counts / len(values)
    names = [f"{left:.0f}–{left + width - 1:.0f}" if width > 1 else f"{left:.0f}" for left in edges[:-1]]
    ax.bar(range(len(shares)), shares, color=style.INSIDE, width=0.85)
    ax.bar([len(shares) + 0.5], [100 * never], color=style.SHOCK, width=0.85)
    ax.text(len(shares) + 0.5, 100 * never, words.percent(never), ha="center", va="bottom", fontsize=9)
    ax.set_xticks([*range(len(shares)), len(shares) + 0.5], [*names, say("not in\nthis run")])
    ax.tick_params(axis="x", labelsize=8)
    ax.set_xlabel(say("months from the first news until the price stays within 5 % of that without the shocks"))
    ax.set_ylabel(say("share of the runs (%)"))
    ax.set_ylim(0, 1.15 * max(shares.max(), 100 * never, 1.0))
    title = _recovery_title(labels.metal(metal), values)
    caption = say(
        "{runs:,} runs; the last bar holds those whose price is still away when the run ends.", runs=len(values)
    )
    return style.finish(figure, title, caption, about(summary))


def _recovery_title(name: str, values: pd.Series[float]) -> str:
    never = float(values.isna().mean())
    share = words.percent(never)
    if never >= 0.5:
        away = "{name}: in {share} of the runs the price is not back to normal before the run ends"
        return say(away, name=name, share=share)
    half = float(values.fillna(np.inf).quantile(0.5, interpolation="higher"))
    text = say("{name}: half of the runs are back to normal after {half:.0f} months", name=name, half=half)
    return text if never == 0 else text + say("; in {share} it does not get there before the run ends", share=share)

"""What a batch says about a metal: fans by month, spread of indicators, chances, and which inputs matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lodeflow.data import catalogue
from lodeflow.environment.calendar import parse_month
from lodeflow.experiments.batch.store import Batch
from lodeflow.experiments.kpis import KPIS
from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import ENGLISH, Texts
from lodeflow.viz.app.world.board import mark_of
from lodeflow.viz.app.world.chart import Band, Chart, Line

WORLD = "WLD"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
RATIOS = (1.1, 1.25, 1.5, 2.0, 3.0, 5.0)
"""Price rises whose chance is shown."""
PEAK = "price_peak"
MOST = 10
"""Inputs shown at most."""
FEWEST = 16
"""Runs from which inputs are compared."""
STANDARD_ERRORS = 4.0
"""Standard errors above which a correlation is not taken for chance, with about a hundred inputs to choose from."""


@dataclass(frozen=True)
class Share:
    """One bar: its name, value (-1 to 1) and the value in words."""

    name: str
    value: float
    text: str


def fans(batch: Batch, metal: str, texts: Texts) -> list[Chart]:
    """Median and bands of 50 % and 90 % of the runs, by month, and the median without the shocks."""
    charts = []
    for one in catalogue.drawn(catalogue.FAN):
        variable = one.name
        bands = {case: _quantiles(batch, case, variable, metal) for case in ("shock", "baseline")}
        main = bands["shock"] if bands["shock"] is not None else bands["baseline"]
        if main is None:
            continue
        base = bands["baseline"] if bands["shock"] is not None else None
        lines = [] if base is None else [Line(texts("batch.base"), "base", base[2], dashed=True)]
        name = "batch.median" if bands["shock"] is not None else "batch.median_alone"
        lines.append(Line(texts(name), "live", main[2]))
        areas = (
            Band(texts("batch.band90"), main[0], main[4], 0.16),
            Band(texts("batch.band50"), main[1], main[3], 0.24),
        )
        unit = "index" if one.variable == "hhi" else one.unit
        name, title = f"fan-{variable}".replace("_", "-"), texts.variable(one)
        charts.append(Chart(name, title, unit, lines, texts("batch.hint"), areas))
    return charts


def _quantiles(batch: Batch, case: str, variable: str, metal: str) -> np.ndarray | None:
    """Quantiles of a series over the runs, shape (quantiles, months); None where the batch does not hold it."""
    columns = batch.columns
    own = columns[
        (columns["case"] == case)
        & (columns["variable"] == variable)
        & (columns["metal"] == metal)
        & (columns["region"] == WORLD)
    ]
    if own.empty:
        return None
    name = str(own["name"].iloc[0])
    wide = batch.paths([name]).pivot(index="run", columns="date", values=name)
    if wide.empty or wide.isna().all(axis=None):
        return None
    result: np.ndarray = np.nanquantile(wide.to_numpy(float), QUANTILES, axis=0)
    return result


def axis_of(batch: Batch, metal: str, texts: Texts) -> dict[str, Any]:
    """The months of the batch and its shocks on the metal, for the charts."""
    about = batch.manifest
    first = parse_month(about["start"])
    months = parse_month(about["end"]) - first + 1
    own = [event for event in events(batch) if not event["metals"] or metal in event["metals"]]
    marks = [mark_of(event, first, months, texts) for event in own]
    return {"first": first, "months": months, "t": months, "marks": marks}


def events(batch: Batch) -> list[dict[str, Any]]:
    """The shocks of a batch, with every key that the page reads."""
    return [
        {"label": "", "actor": None, "metals": [], "end": None, "announced": event.get("start")} | event
        for event in batch.manifest["events"]
    ]


def table(batch: Batch, metal: str, texts: Texts) -> tuple[list[str], list[list[str]]]:
    """Mean and quantiles of every indicator of a metal: heads and rows."""
    heads = [texts(f"batch.{name}") for name in ("indicator", "mean", "low", "middle", "high")]
    kpi, rows = batch.kpi(), []
    for about in batch.kpis[batch.kpis["metal"] == metal].to_dict("records"):
        values = kpi[about["name"]].dropna()
        if not values.empty:
            numbers = [values.mean(), *values.quantile([0.05, 0.5, 0.95])]
            known = KPIS.get(str(about["kpi"]))
            name = str(about["what"]) if texts.language == ENGLISH or not known else known.label(texts.language)
            unit = known.shown_in if known else str(about["unit"])
            cells = (figures.amount(float(value), unit, texts) for value in numbers)
            rows.append([name[:1].upper() + name[1:], *cells])
    return heads, rows


def exceedance(batch: Batch, metal: str, texts: Texts) -> list[Share]:
    """Share of the runs in which the highest price is above some multiples of that without the shocks."""
    kpi, name = batch.kpi(), f"{PEAK}.{metal}"
    if name not in kpi:
        return []
    values = kpi[name].dropna()
    shares = [(ratio, float((values > ratio).mean())) for ratio in RATIOS] if len(values) else []
    above = "batch.above" if batch.manifest["events"] else "batch.above_calm"
    return [Share(texts(above, ratio=figures.bound(ratio)), share, figures.percent(share)) for ratio, share in shares]


def influence(batch: Batch, metal: str, texts: Texts) -> list[Share]:
    """Which drawn inputs explain the highest price, the strongest first, as shares of the variation of its ranks.

    Forward selection on ranks: each step takes the input that explains most of what is left, and none whose part could as
    well be chance (its correlation with what is left is below :data:`STANDARD_ERRORS`). So an input that only resembles
    another one in the sample is not credited with the same variation twice.
    """
    name = f"{PEAK}.{metal}"
    kpi = batch.kpi()
    if name not in kpi:
        return []
    peak = kpi[name].dropna()
    numbers = batch.inputs().reindex(peak.index).apply(pd.to_numeric, errors="coerce").dropna(axis=1)
    numbers = numbers.loc[:, numbers.max() > numbers.min()]
    chosen = explained(numbers.rank(), peak.rank())
    labels = {key: input_name(key, texts) for key, _, _ in chosen}
    return [Share(labels[key], share if up else -share, figures.percent(share)) for key, share, up in chosen]


def explained(inputs: pd.DataFrame, result: pd.Series[float], most: int = MOST) -> list[tuple[str, float, bool]]:
    """Inputs by the share of the variance of `result` that each adds (0 to 1), and whether it raises the result."""
    count = len(result)
    if count < FEWEST or result.nunique() < 2:
        return []
    left = (result - result.mean()).to_numpy(float)
    whole = float(left @ left)
    columns = {str(key): (inputs[key] - inputs[key].mean()).to_numpy(float) for key in inputs.columns}
    chosen: list[tuple[str, float, bool]] = []
    while columns and len(chosen) < min(most, count // 4):
        size = float(np.sqrt(left @ left))
        links = {key: float(column @ left) / (float(np.linalg.norm(column)) * size) for key, column in columns.items()}
        best = max(links, key=lambda key: abs(links[key]))
        if abs(links[best]) < STANDARD_ERRORS / np.sqrt(count - len(chosen)):
            break
        unit = columns.pop(best)
        unit = unit / np.linalg.norm(unit)
        chosen.append((best, float(unit @ left) ** 2 / whole, links[best] > 0))
        left = left - unit * float(unit @ left)
        columns = {key: column - unit * float(unit @ column) for key, column in columns.items()}
        columns = {key: column for key, column in columns.items() if np.linalg.norm(column) > 1e-6 * count}
    return chosen


def input_name(key: str, texts: Texts) -> str:
    """A drawn input in words: the parameter and its scope, or the field of a shock."""
    parts = key.split(".")
    if parts[0] == "parameters":
        scope = f" ({texts.metal(parts[2])})" if len(parts) > 2 else ""
        return parts[1].replace("_", " ") + scope
    return texts("batch.field", number=int(parts[1]) + 1, field=texts.field(parts[-1])) if parts[0] == "shocks" else key

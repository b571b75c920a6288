"""From a batch to indices: complete blocks of runs, SALib's estimates, and what they say in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.analysis.sensitivity.methods import FEWEST, METHODS
from lodeflow.experiments.batch.make.blocks import DESIGNS, block_runs, check_salib
from lodeflow.experiments.batch.make.design import Design, Factor
from lodeflow.experiments.batch.read.failures import failures
from lodeflow.experiments.batch.read.inputs import label_of
from lodeflow.experiments.kpis import KPIS
from lodeflow.experiments.scenario.uncertainty import Vary
from lodeflow.experiments.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.batch.store import Batch

MAIN_KPIS = ("price_peak", "months_above_2x", "shortage", "use_lost", "months_to_recover")
"""Indicators that are analysed where none are named."""
RECOVERY = "months_to_recover"
COLUMNS = ("indicator", "input", "label", "index", "value", "half_width", "low", "high", "unit")
ENDS = ("bottom", "middle", "top")
FEWEST_PLAIN = 100
"""Runs without which shares of the variance cannot be told from the noise of the estimate: rbd-fast fits ten harmonics."""
UNLIKELY = 1e-9
"""Probability below which two inputs are said to vary together."""
SEED = 1
"""Seed of the bootstrap."""


@dataclass(frozen=True)
class Sensitivity(Shown):
    """What a sensitivity analysis found.

    batch: its runs; method: name; indices: tidy table (COLUMNS: half_width is half the 95 % confidence interval of value; low,
    high: range of the input in its unit); swings: per indicator and input the mean of the indicator where the input lies at the
    low end of its range (bottom), everywhere (middle) and at the high end (top); notes: what was left out, in words.
    """

    batch: Batch
    method: str
    indices: pd.DataFrame
    swings: pd.DataFrame
    notes: list[str]

    @property
    def kpis(self) -> list[str]:
        """The indicators that were analysed."""
        return list(dict.fromkeys(self.indices["indicator"]))

    def table(self, kpi: str) -> pd.DataFrame:
        """Indices of one indicator, one row per input, one column per index and <index>_conf, strongest first."""
        rows = self.indices[self.indices["indicator"] == kpi]
        wide = rows.pivot(index="input", columns="index", values="value")
        conf = rows.pivot(index="input", columns="index", values="half_width").add_suffix("_conf")
        labels = rows.drop_duplicates("input").set_index("input")["label"]
        main = METHODS[self.method].main
        return wide.join(conf.dropna(axis=1, how="all")).assign(label=labels).sort_values(main, ascending=False)

    def write(self, folder: Path, finish: Any = None, overwrite: bool = False) -> Path:
        """Write indices.csv, swings.csv and a manifest into `folder`: all or nothing; finish(path) may add charts.

        overwrite: whether the analysis by another method or of other indicators may be replaced.
        """
        from lodeflow.experiments.batch.read.output import write_output

        tables = {"indices": self.indices, "swings": self.swings}
        question = {"method": self.method, "indicators": self.kpis}
        return write_output(self.batch, folder, tables, question, finish, overwrite)


def known_kpis(manifest: dict[str, Any], asked: Sequence[str] | None) -> list[str]:
    """Return full names of indicators: those asked for ("shortage" stands for every metal), else the main ones.

    Left out, the metals that the shocks name are taken. Raises DataError, with the nearest name, for unknown ones.
    """
    names = [item["name"] for item in manifest["kpis"]]
    if asked is None:
        named = {metal for event in manifest["events"] for metal in event["metals"]} & set(manifest["metals"])
        metals = [metal for metal in manifest["metals"] if metal in (named or manifest["metals"])]
        return [f"{kpi}.{metal}" for metal in metals for kpi in MAIN_KPIS if f"{kpi}.{metal}" in names]
    problems = [
        Problem("--kpi", None, "", f"there is no indicator {name!r}", did_you_mean(name, [*names, *KPIS]))
        for name in asked
        if name not in names and not any(full.startswith(f"{name}.") for full in names)
    ]
    if problems:
        raise DataError(problems)
    return [full for name in asked for full in names if full == name or full.startswith(f"{name}.")]


def analyse(batch: Batch, method: str | None = None, kpis: Sequence[str] | None = None) -> Sensitivity:
    """Return the indices of a batch, also of one that is not finished.

    method: name in METHODS; left out: the one that the batch was made for, "rbd-fast" for a Monte Carlo batch; kpis: names.
    Raises DataError if the batch does not suit the method, or holds too few runs.
    """
    import pandas as pd

    check_salib()
    chosen = _method(batch, method)
    names = known_kpis(batch.manifest, kpis)
    runs, points = _points(batch)
    kpi = batch.kpi().reindex(runs)
    notes, rows, swings = _about_runs(batch, len(runs)) + _about_points(batch, points), [], []
    for name in names:
        values, note = _filled(batch, kpi[name])
        keep = _complete(batch, values)
        notes += [note] if note else []
        why_not = _useless(values[keep], batch)
        if why_not:
            notes.append(f"{name} is left out: {why_not}.")
            continue
        if keep.sum() < len(values):
            notes.append(f"{name}: {len(values) - keep.sum():,} runs are left out, as runs of their block are missing.")
        indices = METHODS[chosen].analyse(points[keep], values[keep], SEED)
        rows.append(_rows(batch, name, indices))
        swings.append(_swings(batch, name, points[keep], values[keep], indices.get("mu")))
    if not rows:
        wrong = "nothing can be analysed: " + " ".join(notes)
        raise DataError([Problem(str(batch.folder), None, "", wrong.rstrip("."), "Make more runs")])
    return Sensitivity(batch, chosen, pd.concat(rows, ignore_index=True), pd.concat(swings, ignore_index=True), notes)


def _method(batch: Batch, asked: str | None) -> str:
    """The method to use. Raises DataError if the runs of the batch were not laid out for it."""
    sampling = batch.manifest["sampling"]
    fitting = [name for name, method in METHODS.items() if sampling in method.reads]
    if asked is None:
        return fitting[0]
    if asked not in METHODS:
        raise DataError([Problem("--method", None, "", f"there is no method {asked!r}", did_you_mean(asked, METHODS))])
    if asked not in fitting:
        wrong = f"its runs are laid out as {sampling!r}, which the method {asked!r} cannot read"
        raise DataError([Problem(str(batch.folder), None, "", wrong, f"Use --method {' or '.join(fitting)}")])
    return asked


def _points(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of all runs asked for, and their points in the unit cube, which must be those that the runs were made with."""
    about = batch.manifest
    factors = tuple(
        Factor(Vary(**{name: item[name] for name in Vary.model_fields}), item["unit"], item["nominal"], item["what"])
        for item in about["factors"]
    )
    if not factors:
        raise DataError([Problem(str(batch.folder), None, "", "no input was drawn", "Make a batch with drawn inputs")])
    design = Design(factors, about["runs"], about["sampling"], about["seed"])
    points = design.shares(0, about["runs"])
    made = batch.runs()
    if len(made):
        first = int(made.index[0])
        expected = design.values(first, first + 1)[0]
        if any(_differ(made.loc[first, key], value) for key, value in expected.items()):
            wrong = "its runs were drawn with another version of the sampling package"
            raise DataError([Problem(str(batch.folder), None, "", wrong, "Install the version that made it")])
    return np.arange(about["runs"]), points


def _differ(made: Any, expected: Any) -> bool:
    if isinstance(expected, str):
        return bool(made != expected)
    return not np.isclose(float(made), float(expected), rtol=1e-9, atol=1e-12)


def _filled(batch: Batch, values: pd.Series[float]) -> tuple[np.ndarray, str]:
    """Values of all runs asked for; a price that does not recover counts with the months from the first news to the end."""
    from lodeflow.environment.calendar import parse_month

    name, about = str(values.name), batch.manifest
    numbers = values.to_numpy(float).copy()
    done = values.index.isin(batch.kpi().index)
    never = done & np.isnan(numbers)
    if not (name.startswith(f"{RECOVERY}.") and never.any() and about["first_month"]):
        return numbers, ""
    months = parse_month(about["end"]) - parse_month(about["first_month"]) + 1
    numbers[never] = months
    share = never.sum() / done.sum()
    return numbers, f"{name}: {share:.0%} of the runs do not recover in time; they count with {months} months."


def _complete(batch: Batch, values: np.ndarray) -> np.ndarray:
    """Which runs can be used: those with a value, and of a design only whole blocks."""
    good = np.isfinite(values)
    sampling = batch.manifest["sampling"]
    if sampling not in DESIGNS:
        return good
    size = block_runs(sampling, len(batch.manifest["factors"]))
    whole: np.ndarray = np.repeat(good.reshape(-1, size).all(axis=1), size)
    return whole


def _useless(values: np.ndarray, batch: Batch) -> str:
    """Why values cannot be analysed, or an empty text."""
    inputs, sampling = len(batch.manifest["factors"]), batch.manifest["sampling"]
    least = FEWEST * block_runs(sampling, inputs) if sampling in DESIGNS else FEWEST_PLAIN
    if len(values) < least:
        return f"{len(values):,} runs can be used, {least:,} are needed"
    spread = float(np.ptp(values))
    return "it is the same in every run" if spread <= 1e-9 * max(1.0, float(np.abs(values).max())) else ""


def _about_runs(batch: Batch, asked: int) -> list[str]:
    """What is missing from a batch, in words."""
    made = batch.runs()
    failed = failures(batch)
    notes = [f"{len(made):,} of {asked:,} runs were made so far."] if len(made) < asked else []
    return notes + ([failed] if failed else [])


def _about_points(batch: Batch, points: np.ndarray) -> list[str]:
    """Say how many pairs of inputs were not drawn independently: Sobol' points do that in many dimensions."""
    sampling = batch.manifest["sampling"]
    if sampling == "morris":
        return []
    base = points[:: block_runs(sampling, points.shape[1])] if sampling in DESIGNS else points
    pairs, tied = points.shape[1] * (points.shape[1] - 1) // 2, dependent_pairs(base)
    if not tied:
        return []
    remedy = "more runs or fewer inputs (--inputs)" if sampling in DESIGNS else "--sampling lhs"
    return [
        f"{tied:,} of {pairs:,} pairs of inputs do not vary independently in these runs, so that shares of one input "
        f"contain some of the other and may add up to more than 100 %; remedy: {remedy}."
    ]


def dependent_pairs(points: np.ndarray) -> int:
    """Count pairs of inputs whose joint distribution is not even (chi-squared test on 8 by 8 cells, p below 1e-9).

    points: in the unit cube, shape (runs, inputs). Runs too few for the test (below 5 per cell) count with fewer cells.
    """
    from scipy.stats import chi2

    cells = min(8, int(np.sqrt(len(points) / 5)))
    if cells < 2:
        return 0
    inputs = points.shape[1]
    places = np.minimum((points * cells).astype(int), cells - 1)
    marks = (places[:, :, None] == np.arange(cells)).astype(float).reshape(len(points), inputs * cells)
    even = len(points) / cells**2
    counts = (marks.T @ marks).reshape(inputs, cells, inputs, cells)
    statistic = ((counts - even) ** 2 / even).sum(axis=(1, 3))
    bound = chi2.isf(UNLIKELY, (cells - 1) ** 2)
    return int((statistic[np.triu_indices(inputs, 1)] > bound).sum())


def _rows(batch: Batch, kpi: str, found: dict[str, np.ndarray]) -> pd.DataFrame:
    """Tidy rows of the indices of one indicator."""
    import pandas as pd

    factors = batch.manifest["factors"]
    nothing = np.full(len(factors), np.nan)
    parts = [
        pd.DataFrame(
            {
                "indicator": kpi,
                "input": [str(factor["key"]) for factor in factors],
                "label": [label_of(batch.manifest, str(factor["key"])) for factor in factors],
                "index": index,
                "value": values,
                "half_width": found.get(f"{index}_conf", nothing),
                "low": [factor["low"] for factor in factors],
                "high": [factor["high"] for factor in factors],
                "unit": [factor["unit"] for factor in factors],
            }
        )
        for index, values in found.items()
        if not index.endswith("_conf")
    ]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)].astype({"low": str, "high": str})


def _swings(batch: Batch, kpi: str, points: np.ndarray, values: np.ndarray, effects: np.ndarray | None) -> pd.DataFrame:
    """Mean of an indicator at the low end of each input's range, everywhere, and at the high end.

    effects: mean elementary effects, half of which lies on either side of the mean; without them the ends are the lowest and the
    highest fifth of the range.
    """
    import pandas as pd

    middle = float(values.mean())
    rows = []
    for number, factor in enumerate(batch.manifest["factors"]):
        key, column = str(factor["key"]), points[:, number]
        if effects is not None:
            bottom, top = middle - 0.5 * float(effects[number]), middle + 0.5 * float(effects[number])
        else:
            bottom, top = (float(values[at].mean()) for at in (column <= 0.2, column >= 0.8))
        rows.append((kpi, key, label_of(batch.manifest, key), bottom, middle, top))
    return pd.DataFrame(rows, columns=["indicator", "input", "label", *ENDS])

"""The box of inputs in which it goes wrong, found by PRIM (patient rule induction).

The search is that of the EMA workbench (BSD licence, maintained; the package ``prim`` is under the GPL and breaks on pandas 3).
Of its peeling trajectory the box is taken whose coverage and density are best together (harmonic mean), limits that chance
could have set are dropped, and the search is repeated on each half of the runs and tested on the other half.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.analysis.discover.where import IN_WORDS, Condition
from lodeflow.experiments.batch.read.failures import failures, none_succeeded
from lodeflow.experiments.batch.read.inputs import NOISE, is_whole, label_of, numbers_of, unit_of, value_in_words
from lodeflow.experiments.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.batch.store import Batch

LEAST = 1e-9
"""Threshold of the workbench above which a run counts as a hit (1) and a box is never thrown away."""
FEWEST = 8
"""Runs that must meet the condition, and runs that must not."""
CHANCE = 0.05
"""Probability below which a finding is not put down to chance."""
SEED = 1
"""Seed of the split into halves."""
LIMITS = ("input", "label", "condition", "low", "high", "least", "most", "choices", "chance", "unit")
PEELING = ("step", "coverage", "density", "share_of_runs", "inputs", "chosen")


@dataclass(frozen=True)
class Discovery(Shown):
    """What was found.

    batch: the runs; conditions: what counts as wrong; runs, hits: runs that were looked at, and those that meet the conditions;
    inputs: drawn inputs of these runs as numbers (months as months since 1970); hit: which runs meet the conditions;
    box: one row per limit (LIMITS; low, high: of the box, least, most: of the runs, chance: probability of such a limit without
    any influence), empty where no rule was found; coverage: share of the hits inside the box; density: share of hits among the
    runs inside; inside: number of these; tested: density in runs that the search had not seen; chance: probability of that by
    luck; peeling: the trajectory (PEELING); notes: in words.
    """

    batch: Batch
    conditions: list[Condition]
    runs: int
    hits: int
    inputs: pd.DataFrame = field(repr=False)
    hit: np.ndarray = field(repr=False)
    box: pd.DataFrame
    coverage: float
    density: float
    inside: int
    tested: float
    chance: float
    peeling: pd.DataFrame = field(repr=False)
    notes: list[str]

    @property
    def found(self) -> bool:
        """Whether there is a rule."""
        return len(self.box) > 0

    @property
    def where(self) -> str:
        """The conditions in words."""
        return " and ".join(condition.words for condition in self.conditions)

    def sentences(self) -> list[str]:
        """Return the finding in words."""
        share = f"{self.hits:,} of {self.runs:,} runs ({self.hits / max(self.runs, 1):.0%})"
        first = f"{self.where[:1].upper()}{self.where[1:]}: {share}."
        if not self.found:
            return [first, "No rule was found: the drawn inputs do not tell these runs from the others.", *self.notes]
        rules = " and ".join(self.box["condition"])
        return [
            first,
            f"That is so in {self.density:.0%} of the runs with {rules} (density), "
            f"and these are {self.coverage:.0%} of all the runs in which it is so (coverage).",
            f"Tested: rules found on one half of the runs have a density of {self.tested:.0%} in the other half.",
            *self.notes,
        ]

    def write(self, folder: Path, finish: Any = None, overwrite: bool = False) -> Path:
        """Write box.csv, peeling.csv and a manifest into `folder`: all or nothing; finish(path) may add charts.

        overwrite: whether the answer to another condition may be replaced.
        """
        from lodeflow.experiments.batch.read.output import write_output

        tables = {"box": self.box, "peeling": self.peeling}
        return write_output(self.batch, folder, tables, {"where": self.where}, finish, overwrite)


def find(batch: Batch, conditions: Sequence[Condition]) -> Discovery:
    """Search the box of inputs in which the conditions hold; see `lodeflow.experiments.analysis.discover.discover`."""
    import pandas as pd

    kpi = batch.kpi()
    if kpi.empty:
        raise none_succeeded(batch)
    held = np.array([condition.holds(kpi[condition.kpi]) for condition in conditions]).reshape(len(conditions), -1)
    known = np.isfinite(held).all(axis=0)
    hit = (held == 1.0).all(axis=0)[known]
    factors = {str(factor["key"]): factor for factor in batch.manifest["factors"] if factor["key"] != NOISE}
    drawn = batch.inputs()
    inputs = pd.DataFrame({key: numbers_of(factor, drawn[key]) for key, factor in factors.items()}, index=kpi.index)
    inputs = inputs[[key for key in inputs if (inputs[key] != inputs[key].iloc[0]).any()]]
    _check(batch, inputs)
    inputs = inputs.loc[known].reset_index(drop=True)
    notes = [] if known.all() else [f"{(~known).sum():,} runs are left out: an indicator is not defined in them."]
    asked, done = int(batch.manifest["runs"]), len(batch.runs())
    if done < asked:
        notes.append(f"{done:,} of {asked:,} runs were made so far.")
    notes += [failures(batch)] if len(kpi) < done else []
    return _search(batch, list(conditions), inputs, hit, factors, notes)


def _check(batch: Batch, inputs: pd.DataFrame) -> None:
    """Raise DataError if there is nothing to search in, or nothing to search with."""
    from importlib.util import find_spec

    if find_spec("ema_workbench") is None:
        right = "pip install 'lodeflow[analysis]'"
        raise DataError([Problem("discover", None, "", "the package ema-workbench is missing", right)])
    if not len(inputs.columns):
        wrong = "no input was drawn that differs between runs"
        raise DataError([Problem(str(batch.folder), None, "", wrong, "Make a batch with drawn inputs")])


def _search(
    batch: Batch,
    conditions: list[Condition],
    inputs: pd.DataFrame,
    hit: np.ndarray,
    factors: dict[str, dict[str, Any]],
    notes: list[str],
) -> Discovery:
    import pandas as pd

    empty, nothing = pd.DataFrame(columns=list(LIMITS)), pd.DataFrame(columns=list(PEELING))
    common = (batch, conditions, len(hit), int(hit.sum()), inputs, hit)
    if min(hit.sum(), (~hit).sum()) < FEWEST:
        few = f"At least {FEWEST} runs must meet the condition and {FEWEST} must not."
        return Discovery(*common, empty, np.nan, np.nan, 0, np.nan, np.nan, nothing, [*notes, few])
    trail = _peel(inputs, hit)
    number = _best(trail)
    limits = _limits(trail, number, inputs)
    tested, chance = _test(inputs, hit)
    box = _describe(limits, inputs, factors, batch.manifest) if chance < CHANCE else empty
    within = _within(limits, inputs)
    peeling = trail.table.assign(chosen=np.arange(len(trail.table)) == number)[list(PEELING)]
    coverage, density = hit[within].sum() / hit.sum(), hit[within].mean() if within.any() else np.nan
    if chance >= CHANCE:
        notes = [*notes, "A rule found on one half of the runs does not hold in the other half better than chance."]
    return Discovery(
        *common, box, float(coverage), float(density), int(within.sum()), tested, chance, peeling, list(notes)
    )


@dataclass(frozen=True)
class Trail:
    """The boxes of a search, one after the other.

    table: step, coverage, density, share_of_runs, inputs (restricted); boxes: limits as the workbench gives them; chances: per
    box and input the probabilities of its limits without any influence.
    """

    table: pd.DataFrame
    boxes: list[pd.DataFrame]
    chances: list[dict[str, list[float]]]


def _peel(inputs: pd.DataFrame, hit: np.ndarray) -> Trail:
    """Run PRIM once, quietly: one signature for versions 2 and 3 of the workbench."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis.prim import Prim

        extra = {"threshold": LEAST} if "threshold" in inspect.signature(Prim).parameters else {}
        found = Prim(inputs, hit.astype(int), peel_alpha=0.05, mass_min=_least_mass(len(hit)), **extra).find_box()
        trajectory = found.peeling_trajectory
        table = trajectory.rename(columns={"id": "step", "mass": "share_of_runs", "res_dim": "inputs"})
        chances = vars(found).get("qp") or vars(found)["p_values"]  # their names in version 2 and in version 3
        return Trail(table.reset_index(drop=True), list(found.box_lims), list(chances))


def _least_mass(runs: int) -> float:
    """Smallest share of the runs in a box: 5 %, and never fewer than 8 runs."""
    return max(0.05, FEWEST / runs)


def _best(trail: Trail) -> int:
    """Number of the box whose coverage and density are best together, the simplest of equals."""
    table = trail.table
    score = 2 * table["coverage"] * table["density"] / (table["coverage"] + table["density"]).clip(lower=1e-12)
    order = table.assign(score=-score.round(6)).sort_values(["score", "inputs"], kind="stable")
    return int(order.index[0])


Limits = dict[str, tuple[Any, Any, float]]
"""By input: lowest and highest value (or None and the set of choices) and the chance of such a limit."""


def _limits(trail: Trail, number: int, inputs: pd.DataFrame) -> Limits:
    """Limits of a box that chance would not set."""
    box, chances = trail.boxes[number], trail.chances[number]
    limits: Limits = {}
    for key, values in chances.items():
        told = [value for value in values if value >= 0.0]
        chance = min(told, default=0.0)
        if chance >= CHANCE:
            continue
        if inputs[key].dtype == object:
            limits[key] = (None, frozenset(box[key].iloc[0]), chance)
            continue
        low, high = float(box[key].iloc[0]), float(box[key].iloc[1])
        sure = [0.0 <= value < CHANCE for value in values]
        limits[key] = (low if sure[0] else -np.inf, high if sure[-1] else np.inf, chance)
    return limits


def _within(limits: Limits, inputs: pd.DataFrame) -> np.ndarray:
    """Which runs lie in the box."""
    inside = np.ones(len(inputs), bool)
    for key, (low, high, _) in limits.items():
        values = inputs[key]
        inside &= (values.isin(high) if low is None else (values >= low) & (values <= high)).to_numpy(bool)
    return inside


def _test(inputs: pd.DataFrame, hit: np.ndarray) -> tuple[float, float]:
    """Search on each half of the runs and test on the other; returns the density there and the chance of it by luck."""
    from scipy.stats import binomtest

    order = np.random.default_rng(SEED).permutation(len(hit))
    halves = order[::2], order[1::2]
    inside = hits = 0
    expected = 0.0
    for seen, unseen in (halves, halves[::-1]):
        if min(hit[seen].sum(), (~hit[seen]).sum()) == 0:
            continue
        trail = _peel(inputs.iloc[seen].reset_index(drop=True), hit[seen])
        within = _within(_limits(trail, _best(trail), inputs), inputs.iloc[unseen])
        inside += int(within.sum())
        hits += int(hit[unseen][within].sum())
        expected += float(hit[unseen].mean()) * within.sum()
    if not inside:
        return np.nan, 1.0
    return hits / inside, float(binomtest(hits, inside, expected / inside, alternative="greater").pvalue)


def _describe(
    limits: Limits, inputs: pd.DataFrame, factors: dict[str, dict[str, Any]], manifest: dict[str, Any]
) -> pd.DataFrame:
    """One row per input that the box restricts, the surest first; limits at the end of the runs are no limits."""
    import pandas as pd

    rows = []
    for key, (low, high, chance) in sorted(limits.items(), key=lambda item: item[1][2]):
        factor, label = factors[key], label_of(manifest, key)
        common = {"input": key, "label": label, "chance": chance, "unit": unit_of(factor)}
        if low is None:
            choices = ", ".join(sorted(map(str, high)))
            rows.append({**common, "condition": f"{label} {choices.replace(', ', ' or ')}", "choices": choices})
            continue
        if is_whole(factor):
            low, high = float(np.ceil(low)), float(np.floor(high))
        least, most = float(inputs[key].min()), float(inputs[key].max())
        text = _range_in_words(factor, label, low, high, least, most)
        if text:
            ends = {"low": max(low, least), "high": min(high, most), "least": least, "most": most}
            rows.append({**common, **ends, "condition": text, "choices": ""})
    return pd.DataFrame(rows, columns=list(LIMITS))


def _range_in_words(factor: dict[str, Any], label: str, low: float, high: float, least: float, most: float) -> str:
    """A limit in words: 'strength of the ban at least 0.8'; an empty text where it holds for every run."""
    if low > least and high < most:
        return f"{label} between {value_in_words(factor, low)} and {value_in_words(factor, high)}"
    if low > least:
        return f"{label} {IN_WORDS['>=']} {value_in_words(factor, low)}"
    return f"{label} {IN_WORDS['<=']} {value_in_words(factor, high)}" if high < most else ""

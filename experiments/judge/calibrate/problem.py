"""The fit as a problem: which parameters, their ranges, and the errors of the episodes as a function of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.problems import DataError, Problem, did_you_mean

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.judge.hindcast.episodes import Episode

FAILED = 3.0
"""Error, in ln points, of a point whose run broke down: as wrong as a price 20 times too high."""
PRIOR_WEIGHT = 0.25
"""A parameter at the end of its range counts as much as an episode that is missed by this, ln points: the size of the errors
that the best fits are left with, as if the range were two standard deviations of what was known before."""
LOSS_SCALE = 0.2
"""Errors beyond this count less than squared (soft l1), ln points."""


@dataclass(frozen=True)
class Knob:
    """One fitted parameter: its key ("eta.cobalt"), shipped value and range."""

    key: str
    value: float
    low: float
    high: float
    unit: str

    @property
    def middle(self) -> float:
        """Middle of the range."""
        return 0.5 * (self.low + self.high)


def knobs(tables: Tables) -> list[Knob]:
    """Fitted parameters, in the order of the table ``calibrated``. Raises DataError when one is not in ``parameters``."""
    rows = tables.parameters.fillna({"scope": ""})
    table = tables.calibrated.fillna({"scope": ""})
    found, problems = [], []
    for number, pair in enumerate(zip(table["parameter"], table["scope"], strict=True)):
        name, scope = (str(part) for part in pair)
        row = rows[(rows["parameter"] == name) & (rows["scope"] == scope)]
        key = f"{name}.{scope}" if scope else name
        if len(row) != 1:
            right = did_you_mean(name, sorted(set(rows["parameter"])))
            problems.append(Problem("calibrated.csv", number + 2, "parameter", f"no parameter {key!r}", right))
            continue
        one = row.iloc[0]
        found.append(Knob(key, float(one["value"]), float(one["low"]), float(one["high"]), str(one["unit"])))
    if problems:
        raise DataError(problems)
    return found


@dataclass
class Judge:
    """Errors of the episodes for given parameters; worker processes and a memory keep it quick.

    Attributes:
        tables: the loaded tables.
        knobs: fitted parameters.
        names: episodes.
        sizes: number of observed points of each episode.
    """

    tables: Tables
    knobs: list[Knob]
    names: list[str]
    sizes: dict[str, int]
    _pool: ProcessPoolExecutor
    _memory: dict[tuple[str, tuple[float, ...]], np.ndarray] = field(default_factory=dict)
    runs: int = 0

    def errors(self, points: Sequence[np.ndarray]) -> list[dict[str, np.ndarray]]:
        """ln(simulated / observed) of every episode for several parameter vectors, one mapping each."""
        jobs = {(name, self._seen_by(name, x)): (name, x) for x in points for name in self.names}
        new = [job for job in jobs if job not in self._memory]
        calls = [(name, self.overrides(x)) for name, x in (jobs[job] for job in new)]
        for job, result in zip(new, self._pool.map(_episode_errors, calls, chunksize=2), strict=True):
            self._memory[job] = result
        self.runs += len(new)
        return [{name: self._memory[name, self._seen_by(name, x)] for name in self.names} for x in points]

    def overrides(self, x: np.ndarray) -> dict[str, float]:
        """Parameter values by key."""
        return {knob.key: float(value) for knob, value in zip(self.knobs, x, strict=True)}

    def _seen_by(self, name: str, x: np.ndarray) -> tuple[float, ...]:
        """The values that an episode can see: class parameters of other classes do not reach it."""
        classes = _classes(self.tables, name)
        seen = [
            float(v)
            for knob, v in zip(self.knobs, x, strict=True)
            if "." not in knob.key or knob.key.split(".")[1] in classes
        ]
        return tuple(seen)


def _classes(tables: Tables, name: str) -> set[str]:
    """Price classes of the metals in an episode."""
    metals = _episode(name).scenario.world.metals
    table = tables.metals.set_index("metal")["price_class"]
    return set(table.reindex(metals).tolist())


@contextmanager
def judging(tables: Tables, names: Sequence[str], workers: int | None = None) -> Iterator[Judge]:
    """A judge with its worker processes, closed at the end.

    Args:
        tables: the loaded tables.
        names: episodes.
        workers: processes; left out: one per core.
    """
    import multiprocessing

    from lodeflow.experiments.judge.hindcast.episodes import targets

    sizes = {name: len(targets(_episode(name), tables)) for name in names}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers or os.cpu_count() or 1, context, initializer=_start_worker, initargs=(tables,)
    ) as pool:
        yield Judge(tables, knobs(tables), list(names), sizes, pool)


_EPISODES: dict[str, Episode] = {}
_TABLES: list[Tables] = []


def _start_worker(tables: Tables) -> None:
    _TABLES[:] = [tables]


def _episode(name: str) -> Episode:
    from lodeflow.experiments.judge.hindcast.episodes import load_episode

    if name not in _EPISODES:
        _EPISODES[name] = load_episode(name)
    return _EPISODES[name]


def _episode_errors(call: tuple[str, dict[str, float]]) -> np.ndarray:
    """Errors of one episode, ln points, one per observed value."""
    from lodeflow.experiments.judge.hindcast.episodes import play, price_ratio, targets

    name, values = call
    episode, tables = _episode(name), _TABLES[0]
    rows = targets(episode, tables)
    try:
        world = play(episode, tables, values)
    except (ArithmeticError, DataError):
        return np.full(len(rows), FAILED)
    facts = episode.facts
    lines = {region: price_ratio(world, facts.metals, region, facts.month0) for region in rows["region"].unique()}
    simulated = np.array(
        [lines[region].get(month, np.nan) for region, month in zip(rows["region"], rows["month"], strict=True)]
    )
    return np.nan_to_num(np.log(simulated / rows["observed_ratio"].to_numpy(float)), nan=FAILED)


def mean_error(errors: dict[str, np.ndarray], names: Sequence[str]) -> float:
    """Mean over episodes of their mean |ln error|, ln points."""
    return float(np.mean([np.abs(errors[name]).mean() for name in names]))


def residuals(errors: dict[str, np.ndarray], names: Sequence[str], x: np.ndarray, knobs: Sequence[Knob]) -> np.ndarray:
    """Residuals of the least-squares fit: errors with equal weight for every episode, and a pull to the middle of the ranges.

    The ranges are what is known of a parameter without the episodes; what these say little about stays in the middle.

    Args:
        errors: ln points by episode.
        names: episodes that count.
        x: parameter values.
        knobs: their ranges.
    """
    parts = [errors[name] / np.sqrt(len(errors[name])) for name in names]
    middle = np.array([knob.middle for knob in knobs])
    half = np.array([0.5 * (knob.high - knob.low) for knob in knobs])
    return np.concatenate([*parts, PRIOR_WEIGHT * (x - middle) / half])


def cost(errors: dict[str, np.ndarray], names: Sequence[str], x: np.ndarray, knobs: Sequence[Knob]) -> float:
    """What the fit makes small: half the sum of the soft l1 losses of the residuals, as scipy's least_squares counts it."""
    squares = (residuals(errors, names, x, knobs) / LOSS_SCALE) ** 2
    return float(0.5 * LOSS_SCALE**2 * np.sum(2.0 * (np.sqrt(1.0 + squares) - 1.0)))

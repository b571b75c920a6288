"""The fit as a problem: which parameters, their ranges, and the errors of the episodes as a function of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.chosen import chosen_metals
from lodeflow.data.problems import DataError, Problem, did_you_mean

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.judge.hindcast.episodes import Episode

FAILED = 3.0
"""Error, in ln points, of a point whose run broke down: as wrong as a price 20 times too high."""
PRIOR_WEIGHT = 0.25
"""A parameter at the end of its range counts as much as an episode that is missed by this, ln points: the size of the errors
that the best fits are left with, as if the range were two standard deviations of what was known before."""
ELASTICITY_SPREAD = 0.2
"""ln points by which the short-run elasticity of use may miss a published one, and then counts as much as a parameter at the
end of its range: such estimates are good to about a fifth."""
SHORT_RUN = "short_run_share"
LOSS_SCALE = 0.2
"""Errors beyond this count less than squared (soft l1), ln points."""


@dataclass(frozen=True)
class Knob:
    """One fitted parameter: its key ("eta.cobalt"), shipped value and range.

    Attributes:
        elasticity: published short-run price elasticity of use (positive) that eta is anchored on; nan: none was found, and the
            parameter is pulled to the middle of its range.
    """

    key: str
    value: float
    low: float
    high: float
    unit: str
    elasticity: float = float("nan")

    @property
    def middle(self) -> float:
        """Middle of the range."""
        return 0.5 * (self.low + self.high)


def knobs(tables: Tables) -> list[Knob]:
    """Fitted parameters, in the order of the table ``calibrated``. Raises DataError when one is not in ``parameters``."""
    rows = tables.parameters.fillna({"scope": ""})
    table = tables.calibrated.fillna({"scope": ""})
    found, problems = [], []
    columns = ("parameter", "scope", "elasticity")
    for number, entry in enumerate(zip(*(table[column] for column in columns), strict=True)):
        (name, scope), elasticity = (str(part) for part in entry[:2]), float(entry[2])
        row = rows[(rows["parameter"] == name) & (rows["scope"] == scope)]
        key = f"{name}.{scope}" if scope else name
        if len(row) != 1:
            right = did_you_mean(name, sorted(set(rows["parameter"])))
            problems.append(Problem("calibrated.csv", number + 2, "parameter", f"no parameter {key!r}", right))
            continue
        one = row.iloc[0]
        value, low, high = (float(one[column]) for column in ("value", "low", "high"))
        found.append(Knob(key, value, low, high, str(one["unit"]), elasticity))
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
        weights: weight of each observed point in a fit, by episode; 0: not looked at. Empty: all count alike.
    """

    tables: Tables
    knobs: list[Knob]
    names: list[str]
    sizes: dict[str, int]
    _pool: ProcessPoolExecutor
    _memory: dict[tuple[str, tuple[float, ...]], np.ndarray] = field(default_factory=dict)
    runs: int = 0
    weights: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def fitted(self) -> list[str]:
        """Episodes of which a fit sees at least one point."""
        return [name for name in self.names if name not in self.weights or self.weights[name].any()]

    def errors(self, points: Sequence[np.ndarray], names: Sequence[str] = ()) -> list[dict[str, np.ndarray]]:
        """ln(simulated / observed) of some episodes (all if none is named) for several parameter vectors, one mapping each."""
        names = names or self.names
        jobs = {(name, self._seen_by(name, x)): (name, x) for x in points for name in names}
        new = [job for job in jobs if job not in self._memory]
        calls = [(name, self.overrides(x)) for name, x in (jobs[job] for job in new)]
        for job, result in zip(new, self._pool.map(_episode_errors, calls, chunksize=2), strict=True):
            self._memory[job] = result
        self.runs += len(new)
        return [{name: self._memory[name, self._seen_by(name, x)] for name in names} for x in points]

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
    metals = chosen_metals(tables, _episode(name).scenario.world.metals)
    table = tables.metals.set_index("metal")["price_class"]
    return set(table.reindex(metals).tolist())


@contextmanager
def judging(
    tables: Tables,
    names: Sequence[str],
    workers: int | None = None,
    until: int | None = None,
    without: Sequence[str] = (),
) -> Iterator[Judge]:
    """A judge with its worker processes, closed at the end.

    Args:
        tables: the loaded tables.
        names: episodes.
        workers: processes; left out: one per core.
        until: last year whose observed points a fit sees; left out: all.
        without: metals whose episodes a fit does not see.
    """
    import multiprocessing

    from lodeflow.experiments.judge.hindcast.episodes import targets

    sizes = {name: len(targets(_episode(name), tables)) for name in names}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers or os.cpu_count() or 1, context, initializer=_start_worker, initargs=(tables,)
    ) as pool:
        weights = {name: _weights(name, tables, until, without) for name in names}
        yield Judge(tables, knobs(tables), list(names), sizes, pool, weights=weights)


def _weights(name: str, tables: Tables, until: int | None, without: Sequence[str]) -> np.ndarray:
    """Weight of each observed point of an episode in a fit, shape (points,)."""
    from lodeflow.environment.calendar import parse_month
    from lodeflow.experiments.judge.hindcast.episodes import targets

    facts = _episode(name).facts
    months = parse_month(facts.month0) + targets(_episode(name), tables)["month"].to_numpy(int)
    seen = np.ones(len(months), bool) if until is None else months // 12 <= until
    return np.where(seen, 0.0 if set(facts.metals) & set(without) else facts.fit_weight, 0.0)


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
    from lodeflow.experiments.judge.hindcast.episodes import play, simulated, targets

    name, values = call
    episode, tables = _episode(name), _TABLES[0]
    rows = targets(episode, tables)
    try:
        world = play(episode, tables, values)
    except (ArithmeticError, DataError):
        return np.full(len(rows), FAILED)
    lines = simulated(world, episode, rows["region"])
    found = [lines[region].get(month, np.nan) for region, month in zip(rows["region"], rows["month"], strict=True)]
    return np.nan_to_num(np.log(np.array(found) / rows["observed_ratio"].to_numpy(float)), nan=FAILED)


Weights = Mapping[str, np.ndarray]
"""Weight of each observed point by episode; an episode without an entry counts in full."""


def mean_error(errors: dict[str, np.ndarray], names: Sequence[str], weights: Weights | None = None) -> float:
    """Mean over episodes of their mean |ln error|, ln points; points of weight 0 are left out."""
    seen = [np.abs(errors[name])[_weight(errors, name, weights) > 0] for name in names]
    return float(np.mean([own.mean() for own in seen]))


def residuals(
    errors: dict[str, np.ndarray],
    names: Sequence[str],
    x: np.ndarray,
    knobs: Sequence[Knob],
    weights: Weights | None = None,
) -> np.ndarray:
    """Residuals of the least-squares fit: errors with equal weight for every episode, and a pull to what was known before.

    A parameter is pulled to the middle of its range, eta to a published elasticity where there is one; what the episodes say
    little about stays there.

    Args:
        errors: ln points by episode.
        names: episodes that count.
        x: parameter values.
        knobs: their ranges.
        weights: of the observed points; left out: all count alike.
    """
    parts = []
    for name in names:
        weight = _weight(errors, name, weights)
        parts.append(errors[name] * np.sqrt(weight / max(np.count_nonzero(weight), 1)))
    return np.concatenate([*parts, PRIOR_WEIGHT * _pulls(x, knobs)])


def _weight(errors: dict[str, np.ndarray], name: str, weights: Weights | None) -> np.ndarray:
    return np.ones(len(errors[name])) if weights is None or name not in weights else weights[name]


def _pulls(x: np.ndarray, knobs: Sequence[Knob]) -> np.ndarray:
    """How far each parameter lies from what was known before, 1 at the end of its range, shape (knobs,)."""
    middle = np.array([knob.middle for knob in knobs])
    half = np.array([0.5 * (knob.high - knob.low) for knob in knobs])
    pulls = (x - middle) / half
    for number, knob in enumerate(knobs):
        if np.isfinite(knob.elasticity):
            share = next(float(v) for v, other in zip(x, knobs, strict=True) if other.key == SHORT_RUN)
            pulls[number] = np.log(x[number] * share / knob.elasticity) / ELASTICITY_SPREAD
    return pulls


def cost(
    errors: dict[str, np.ndarray],
    names: Sequence[str],
    x: np.ndarray,
    knobs: Sequence[Knob],
    weights: Weights | None = None,
) -> float:
    """What the fit makes small: half the sum of the soft l1 losses of the residuals, as scipy's least_squares counts it."""
    squares = (residuals(errors, names, x, knobs, weights) / LOSS_SCALE) ** 2
    return float(0.5 * LOSS_SCALE**2 * np.sum(2.0 * (np.sqrt(1.0 + squares) - 1.0)))

"""A comparison repeated with drawn inputs: every draw is the same in all worlds, so that differences are paired by draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.shocks.plugged import PluginError
from lodeflow.experiments import plugins
from lodeflow.experiments.analysis.compare.align import aligned
from lodeflow.experiments.analysis.compare.worlds import Side, run_sides
from lodeflow.experiments.batch.make.design import Design, Factor, factors_of
from lodeflow.experiments.batch.make.engine import Engine, Pool, one_line
from lodeflow.experiments.kpis import asked_of
from lodeflow.experiments.scenario.drawn import drawn
from lodeflow.experiments.scenario.scenario import Scenario
from lodeflow.experiments.scenario.uncertainty import Value

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}
DRAW_COLUMNS = ("run", "side", "metal", "kpi", "value")
SPREAD_COLUMNS = ("metal", "kpi", "left", "right", "mean", *QUANTILES, "higher", "lower", "runs", "unit")
"""Columns of the spread of left less right; higher, lower: share of the draws in which left is higher or lower."""
Watch = Callable[[int, int], None]
"""Called with the draws done and asked for."""
Folders = tuple[str | None, tuple[str, ...]]
"""Folder of own tables, and plug-in files."""
OWN = ":"
"""Between the name of a scenario and the key of an input that it alone varies."""


def factors(scenarios: Sequence[Scenario], tables: Tables) -> dict[str, Factor]:
    """Return what is drawn, by key: parameters once for all scenarios, what a scenario varies of its own with its name."""
    found: dict[str, Factor] = {}
    for one in scenarios:
        for factor in factors_of(one, tables):
            shared = factor.key.startswith(("parameters.", "world."))
            found.setdefault(factor.key if shared else f"{one.name}{OWN}{factor.key}", factor)
    return found


def values_for(scenario: Scenario, keys: Sequence[str], values: Sequence[Value], own: set[str]) -> dict[str, Value]:
    """Return the drawn values that a scenario takes; own: the keys that it draws itself."""
    chosen = {}
    for key, value in zip(keys, values, strict=True):
        name = key.removeprefix(f"{scenario.name}{OWN}")
        if name in own and (name != key or key.startswith(("parameters.", "world."))):
            chosen[name] = value
    return chosen


def run_draws(
    texts: tuple[str, ...], names: tuple[str, ...], folders: Folders, runs: int, first: int, last: int
) -> list[tuple[int, str, list[tuple[str, str, str, float]]]]:
    """Run the draws `first` to `last` - 1 of `runs`: number, error, and (side, metal, indicator, value) of each.

    texts: the scenarios as TOML, which read back as they are; names: theirs in the comparison; folders: own tables and plug-ins.
    """
    scenarios, tables = _job(texts, names, folders)
    drawn_by = factors(scenarios, tables)
    keys, design = list(drawn_by), Design(tuple(drawn_by.values()), runs, "lhs", scenarios[0].world.seed)
    own = [{factor.key for factor in factors_of(one, tables)} for one in scenarios]
    results = []
    for run in range(first, last):
        row = design.shares(run, run + 1)[0] if keys else []
        values = [drawn_by[key].vary.value(float(share)) for key, share in zip(keys, row, strict=True)]
        seed = design.run_seed(run)
        try:
            chosen = [
                drawn(one, values_for(one, keys, values, mine), seed) for one, mine in zip(scenarios, own, strict=True)
            ]
            results.append((run, "", _indicators(run_sides(chosen, tables))))
        except PluginError:
            raise
        except Exception as error:
            results.append((run, one_line(error), []))
    return results


def _indicators(sides: Sequence[Side]) -> list[tuple[str, str, str, float]]:
    metals = sorted({key[1] for key in sides[0].shock if key[0] == "price"})
    asked = [one for one in asked_of(shocked=True, money=True) if one.unit != "country"]
    return [
        (side.name, metal, one.name, float(one.value(x)))
        for side in sides
        for metal in metals
        for x in [side.effect(metal)]
        for one in asked
    ]


@lru_cache(maxsize=1)
def _job(texts: tuple[str, ...], names: tuple[str, ...], folders: Folders) -> tuple[list[Scenario], Tables]:
    """The scenarios in a worker, which keeps them and the tables from one task to the next."""
    import tomllib

    from lodeflow import data
    from lodeflow.experiments.scenario.model import check_scenario

    data_folder, files = folders
    plugins.use(files, alone=True)
    tables = data.shared(data_folder)
    read = [check_scenario(tomllib.loads(text), "scenario", tables=tables) for text in texts]
    return [one.model_copy(update={"name": name}) for one, name in zip(read, names, strict=True)], tables


def draw_pairs(
    scenarios: Sequence[Scenario],
    tables: Tables,
    runs: int,
    engine: Engine | None = None,
    data_folder: Path | None = None,
    watch: Watch | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Return the indicators of every draw and scenario (DRAW_COLUMNS), and the errors of draws that failed.

    scenarios: aligned; engine: who makes the runs, a pool on all cores if left out; watch: told how far it is. Raises
    DataError where no draw succeeds or a worker dies.
    """
    import pandas as pd

    scenarios, _ = aligned(scenarios)
    texts = tuple(one.model_copy(update={"name": f"side-{i}"}).to_toml() for i, one in enumerate(scenarios))
    names = tuple(one.name for one in scenarios)
    files = tuple(str(plugin.file) for plugin in plugins.loaded() if not plugin.package)
    folders: Folders = (None if data_folder is None else str(data_folder), files)
    pool = engine or Pool()
    rows: list[tuple[Any, ...]] = []
    errors: list[str] = []
    try:
        for number, result in enumerate(_all(pool, (texts, names, folders, runs), runs), 1):
            run, error, values = result
            errors += [f"draw {run}: {error}"] if error else []
            rows += [(run, *value) for value in values]
            if watch is not None:
                watch(number, runs)
    except pool.died:
        raise DataError([Problem("compare", None, "--runs", "a worker died", "Use fewer --workers")]) from None
    finally:
        pool.stop()
    if not rows:
        raise DataError([Problem("compare", None, "--runs", f"no draw succeeded; {errors[0]}", "Narrow the ranges")])
    table = pd.DataFrame(rows, columns=list(DRAW_COLUMNS))
    return table.sort_values("run", kind="stable", ignore_index=True), sorted(errors)


def _all(engine: Engine, job: tuple[Any, ...], runs: int) -> Iterator[tuple[int, str, list[Any]]]:
    """All draws, as they are finished: two tasks for each worker are under way."""
    waiting = iter(range(runs))
    flying: set[Future[Any]] = set()
    submit: Any = engine.executor().submit
    while True:
        while len(flying) < 2 * engine.workers and (run := next(waiting, None)) is not None:
            flying.add(submit(run_draws, *job, run, run + 1))
        if not flying:
            return
        ready, flying = wait(flying, return_when=FIRST_COMPLETED)
        for future in ready:
            yield from future.result()


def spread_table(draws: pd.DataFrame, names: Sequence[str], units: dict[str, str]) -> pd.DataFrame:
    """Return how the differences of each two scenarios spread over the draws, draw by draw; columns: SPREAD_COLUMNS."""
    from itertools import combinations

    import pandas as pd

    rows = []
    for (metal, kpi), own in draws.groupby(["metal", "kpi"], sort=False):
        wide = own.pivot(index="run", columns="side", values="value")
        for left, right in combinations(names, 2):
            apart = (wide[left] - wide[right]).dropna().to_numpy()
            if len(apart):
                spread = [float(np.quantile(apart, share)) for share in QUANTILES.values()]
                shares = float((apart > 0).mean()), float((apart < 0).mean())
                rows.append(
                    (metal, kpi, left, right, float(apart.mean()), *spread, *shares, len(apart), units[str(kpi)])
                )
    return pd.DataFrame(rows, columns=list(SPREAD_COLUMNS))

"""Runs a scenario: the world with its shocks, and beside it the same world without them."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError
from lodeflow.data.quality import illustrative
from lodeflow.experiments.plugins import fingerprints
from lodeflow.experiments.run.beside import beside
from lodeflow.experiments.run.governing import decisions_of, let_decide
from lodeflow.experiments.run.hit import hits_of
from lodeflow.experiments.run.indicators import effects_of, kpi_table
from lodeflow.experiments.run.results import (
    COLUMNS,
    FRAMES,
    LEDGER,
    MEASURES,
    MONEY,
    MOVEMENTS,
    PROGRAM,
    YEARLY,
    Outcome,
    tidy,
)
from lodeflow.experiments.run.summary import summarise
from lodeflow.experiments.run.written import program_version, sha256, version_of
from lodeflow.experiments.scenario.model import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.records.agent_log import AgentLog
    from lodeflow.environment.records.columns import Columns
    from lodeflow.environment.records.movements import Movements
    from lodeflow.environment.world import World

PACKAGES = ("mesa", "numpy", "pandas", "pydantic", "numba")
"""Packages whose versions stand in the manifest."""
NO_FILE = "scenario"
"""What the world calls the file of a scenario in its reports."""
PATIENCE = 3.0
"""Seconds, and times that the first world took, for which the second one is waited for; then it is run here."""
Progress = Callable[[int, int], None]
"""Called after every month with the months done and the months of all runs together."""
Made = Callable[[Mapping[str, "pd.DataFrame"]], None]
"""Takes large tables as soon as they are made, by name."""
Warn = Callable[[str], None]
"""Called before the first month with each thing that a shock names but cannot touch."""


@dataclass
class _Gathered:
    """What the worlds of a run leave behind, before it is put side by side."""

    columns: dict[str, list[Columns]] = field(default_factory=lambda: {name: [] for name in FRAMES})
    states: list[pd.DataFrame] = field(default_factory=list)
    uses: list[pd.DataFrame] = field(default_factory=list)
    paid: list[pd.DataFrame] = field(default_factory=list)
    moved: list[pd.DataFrame] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    decisions: pd.DataFrame | None = None

    def take(self, name: str, world: World, book: Movements, log: AgentLog | None, money: bool) -> None:
        """Take what a world has recorded under its name, ``shock`` or ``baseline``."""
        if log is not None:
            self.states.append(log.frame().assign(run=name))
        self.moved.append(book.frame().assign(run=name))
        self.uses.append(world.recorder.uses().assign(run=name))
        if money:
            self.paid.append(world.recorder.money().assign(run=name))
        for table, parts in (world.recorder.columns() | {LEDGER: [world.ledger.columns()]}).items():
            self.columns[table] += [part.labelled("run", name) for part in parts]
        self.events += world.events() if name == "shock" else []
        if world.governments is not None:
            self.decisions = decisions_of(world)

    def add(self, other: Mapping[str, Any]) -> None:
        """Add what another world left behind, by name of the field."""
        for table, parts in other["columns"].items():
            self.columns[table] += parts
        for name in ("states", "uses", "paid", "moved", "events"):
            getattr(self, name).extend(other[name])
        self.decisions = self.decisions if other["decisions"] is None else other["decisions"]


@dataclass
class _Run:
    """The worlds of a run on their way through the months that they do not share.

    Attributes:
        worlds, books: worlds and logs of what moves, by name; those that have ended are gone.
        months: that each of them has before it.
        done, total: months that are done, and of all worlds.
        agents, money: whether the states of agents and the account of money are kept.
    """

    worlds: dict[str, World]
    books: dict[str, Movements]
    months: int
    done: int
    total: int
    agents: bool
    money: bool

    def live(self, name: str, progress: Progress | None) -> _Gathered:
        """Step a world to its end, and return what it leaves behind."""
        world, gathered = self.worlds.pop(name), _Gathered()
        log = _agent_log(world) if self.agents else None
        step_through(world, self.months, self.done, self.total, progress, (self.books[name], *([log] if log else ())))
        self.done += self.months
        gathered.take(name, world, self.books.pop(name), log, self.money)
        world.__dict__.clear()  # its parts know it: Python would keep them for a while, beside the next world
        return gathered

    def live_all(self, progress: Progress | None, in_two: bool) -> _Gathered:
        """The same for all worlds, one after the other, or the second beside the first in a process of its own."""
        first, *others = self.worlds
        wanted = in_two and len(others) == 1 and not self.agents
        with beside(lambda: vars(self.live(others[0], None)), wanted) as fetch:
            began = time.perf_counter()
            gathered = self.live(first, progress if fetch is None else _both(progress, self.done))
            found = None if fetch is None else fetch(PATIENCE + PATIENCE * (time.perf_counter() - began))
        if found is not None:
            gathered.add(found)
            return gathered
        for name in others:
            gathered.add(vars(self.live(name, progress)))
        return gathered


def _both(progress: Progress | None, shared: int) -> Progress | None:
    """Count each month after the shared ones for two worlds."""
    return None if progress is None else lambda done, total: progress(2 * done - shared, total)


def run_scenario(
    scenario: Scenario,
    progress: Progress | None = None,
    tables: Tables | None = None,
    agents: bool = False,
    warn: Warn | None = None,
    money: bool = False,
    again: bool = True,
    in_two: bool = False,
    made: Made | None = None,
) -> Outcome:
    """Run a scenario and return what happened.

    With shocks, two worlds are run with common random numbers, so they differ only by the shocks: "shock" and
    "baseline", which share the months before the first news; without shocks, "baseline" alone. tables: the shipped ones
    if left out; agents: keep the state of every agent in every month; warn: told before the first month what a shock
    names but cannot touch; money: make the account of who pays whom; again: whether other runs with these tables may follow, for
    which the start of the world is kept; in_two: run the second world in a process that is forked from this one, where that is
    possible; made: told of each large table as soon as it is made, by name. Raises DataError if the tables or the scenario cannot
    be used.
    """
    import pandas as pd

    from lodeflow import data
    from lodeflow.environment.records.columns import tidy_table
    from lodeflow.environment.start.kept import forget

    began = time.perf_counter()
    tables = data.shared() if tables is None else tables
    world = build_world(scenario, tables, lasting=not again)
    if not again:
        forget(tables)
    world.recorder.purse.whole = money
    if warn is not None:
        for line in world.unreached():
            warn(line)
    shared = 0 if agents else scenario.months_alike
    book, own = world.movements(), scenario.world.months - shared
    total = shared + (2 if scenario.compared else 1) * own
    step_through(world, shared, 0, total, progress, (book,))
    worlds = {"shock": world, "baseline": world.fork()} if scenario.compared else {"baseline": world}
    base_year = world.settings.data_year
    books = {name: book if one is world else book.fork(one) for name, one in worlds.items()}
    del world, book
    gathered = _Run(worlds, books, own, shared, total, agents, money).live_all(progress, in_two)
    rows, whole = _dates(scenario), dict[str, "pd.DataFrame"]()
    for table in FRAMES:
        whole[table] = tidy_table(gathered.columns.pop(table), rows[table], COLUMNS[table], [*MEASURES])
        if made is not None:
            made({table: whole[table]})
    hits = hits_of(whole["series"], pd.concat(gathered.uses, ignore_index=True), scenario.first_month)
    account = pd.concat(gathered.paid, ignore_index=True)[COLUMNS[MONEY]] if money else None
    effects = effects_of(whole["series"], whole["trade"], scenario.first_month, account)
    return Outcome(
        scenario=scenario,
        summary=summarise(effects, whole["why"], hits),
        kpis=kpi_table(effects),
        hits=hits,
        events=gathered.events,
        agents=tidy(pd.concat(gathered.states, ignore_index=True), "agents") if agents else None,
        money=account,
        decisions=gathered.decisions,
        movements=_side_by_side(gathered.moved)[COLUMNS[MOVEMENTS]],
        manifest=_manifest(scenario, run_inputs(scenario, tables, agents, money), time.perf_counter() - began)
        | {"base_year": base_year, "illustrative": illustrative(tables)},
        **whole,
    )


def _side_by_side(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables of one world each as one table, with text as categories."""
    import pandas as pd

    texts = [name for name in frames[0] if frames[0][name].dtype == "category"]
    whole = pd.concat(frames, ignore_index=True)
    for name in texts:  # concat keeps categories that are alike, and makes text of others
        if whole[name].dtype != "category":
            names = sorted(set().union(*(frame[name].cat.categories for frame in frames)))
            parts = [frame[name].cat.set_categories(names) for frame in frames]
            whole[name] = pd.concat(parts, ignore_index=True)
    return whole.assign(run=whole["run"].astype("category"))


def _dates(scenario: Scenario) -> dict[str, pd.DatetimeIndex]:
    """First days of the months of each table, of the years of those by year."""
    import pandas as pd

    dates = pd.date_range(f"{scenario.world.start}-01", periods=scenario.world.months, freq="MS", unit="ns")
    years = pd.date_range(f"{dates[0].year}-01-01", f"{dates[-1].year}-01-01", freq="YS", unit="ns")
    return dict.fromkeys(FRAMES, dates) | dict.fromkeys(YEARLY, years)


def build_world(scenario: Scenario, tables: Tables, lasting: bool = False) -> World:
    """Return the world of a scenario with its shocks, before its first month; its `fork()` is the one without them.

    lasting: whether its start is looked for on disk, and kept there.
    """
    from lodeflow.environment.start.kept import start
    from lodeflow.environment.world import World

    try:
        blueprint, expectation = start(tables, scenario.world, scenario.shocks, scenario.parameters, lasting)
        return let_decide(World(blueprint, scenario.shocks, expectation), scenario, tables)
    except DataError as error:  # the world knows no files
        named = (
            replace(problem, file=scenario.file) if problem.file == NO_FILE else problem for problem in error.problems
        )
        raise DataError(named) from None


def warnings_of(scenario: Scenario, tables: Tables) -> list[str]:
    """Return what the shocks of a scenario name but cannot touch, one line each; draws up the world, runs nothing."""
    return build_world(scenario, tables).unreached() if scenario.shocks else []


def _agent_log(world: World) -> AgentLog:
    from lodeflow.environment.records.agent_log import AgentLog

    return AgentLog(world)


def step_through(
    world: World,
    months: int,
    done: int,
    total: int,
    progress: Progress | None,
    logs: Sequence[AgentLog | Movements] = (),
) -> None:
    """Step a world through its months, and let the logs record each; `done` of `total` months were stepped in earlier worlds."""
    for month in range(months):
        world.step()
        for log in logs:
            log.record()
        if progress is not None:
            progress(done + month + 1, total)


def run_inputs(scenario: Scenario, tables: Tables, agents: bool = False, money: bool = False) -> dict[str, Any]:
    """Return what a run is made from: a run of the same may replace an older one, a run of anything else may not."""
    from lodeflow import data

    inputs = {"scenario": sha256(scenario.to_toml()), "data": data.fingerprint(tables), "agents": agents}
    inputs |= {"money": True} if money else {}
    return inputs | ({"plugins": fingerprints()} if fingerprints() else {})


def _manifest(scenario: Scenario, inputs: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return what is needed to make the run again, and how long it took."""
    return {
        "scenario": scenario.name,
        "seed": scenario.world.seed,
        "start": scenario.world.start,
        "end": scenario.world.end,
        "given": scenario.world.given,
        "inputs": inputs,
        "versions": {
            PROGRAM: program_version(),
            "python": platform.python_version(),
            **{name: version_of(name) for name in PACKAGES},
        },
        "data_hash": inputs["data"],
        "wall_seconds": round(seconds, 3),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }

"""One visitor's world: stepped beside the same world without shocks, shocked, rewound, saved. No page, no threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.environment.shocks.plugged import PluginError
from lodeflow.environment.world import World
from lodeflow.experiments.scenario.apart import check_apart
from lodeflow.experiments.scenario.model import LIBRARY, Scenario, check_scenario, read_toml, shipped
from lodeflow.experiments.scenario.names import names_in
from lodeflow.viz import words
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.world import worlds
from lodeflow.viz.app.world.track import Track, View
from lodeflow.viz.observed import Observed

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.shocks.kinds import Shock

DESK = "shock desk"
"""Where a problem is said to lie when a form was filled in wrongly."""


@dataclass(frozen=True)
class Fired:
    """A shock of the run and the month in which the visitor fired it.

    Attributes:
        number: place among the scenario's shocks.
        at: months simulated when it was fired; 0 for those that came with the scenario.
        event: kind, label, actor, metals, announced, start, end, no_effect (:meth:`lodeflow.environment.world.World.events`).
        state: "known" (announced, not yet in force), "active", "over" or "ahead".
    """

    number: int
    at: int
    event: dict[str, Any]
    state: str


@dataclass(frozen=True)
class Frame:
    """What the page draws: the run with shocks and the one without, up to the same month. It never changes.

    Attributes:
        number: counts the frames of a session.
        t: months simulated.
        scenario: what is run, with every shock fired so far.
        live, base: the world with the shocks and the one without.
        fired: the shocks, in the order of the scenario.
        can_undo: whether a shock was fired that can be taken back.
        loads: counts the scenarios that were loaded.
        observed: prices observed, to stand beside the simulated ones.
    """

    number: int
    t: int
    scenario: Scenario
    live: View
    base: View
    fired: tuple[Fired, ...]
    can_undo: bool
    loads: int = 0
    observed: Observed = field(default_factory=Observed)

    @property
    def months(self) -> int:
        """Length of the run, months."""
        return self.scenario.world.months

    @property
    def first_month(self) -> int:
        """Month number of the first month of the run."""
        return parse_month(self.scenario.world.start)

    @property
    def over(self) -> bool:
        """Whether the run has reached its end."""
        return self.t >= self.months


class Session:
    """The world of one visitor.

    Args:
        tables: the loaded tables.
        scenario: what to start with; left out: the shipped baseline.

    Raises:
        lodeflow.data.DataError: when the scenario is longer than the server allows, or the tables lack what it asks for.
    """

    def __init__(self, tables: Tables, scenario: Scenario | None = None) -> None:
        self.tables = tables
        self.observed = Observed.of(tables)
        self.number = self.loads = 0
        self._undo: list[tuple[Scenario, tuple[int, ...], int]] = []
        self.load(
            scenario if scenario is not None else check_scenario(read_toml(LIBRARY / "baseline.toml"), "baseline")
        )

    # ---- time ---------------------------------------------------------------------------------------------------------
    @property
    def t(self) -> int:
        """Months simulated."""
        return self.live.t

    @property
    def now(self) -> str:
        """The month that comes next ("YYYY-MM"): what is fired now acts from it on."""
        return format_month(parse_month(self.scenario.world.start) + self.t)

    def step(self, months: int = 1) -> None:
        """Simulate some months more, at most to the end of the run.

        Raises:
            ArithmeticError: when numbers leave the range in which the model holds.
        """
        self._go_to(min(self.t + months, self.scenario.world.months))

    def rewind(self, t: int) -> None:
        """Go back to the state after `t` months; what was fired later than that is taken back.

        Raises:
            ValueError: when `t` does not lie between 0 and the present.
        """
        if not 0 <= t <= self.t:
            raise ValueError(f"month {t} does not lie between 0 and {self.t}")
        kept = [number for number, at in enumerate(self._fired_at) if at <= t]
        self._undo = [entry for entry in self._undo if entry[2] <= t]
        shocks = [self.scenario.shocks[number] for number in kept]
        self._restart(self._with(shocks), tuple(self._fired_at[number] for number in kept), t)

    def reset(self) -> None:
        """Back to the first month, with the scenario as it was loaded."""
        self._undo = []
        self._restart(self.loaded, (0,) * len(self.loaded.shocks), 0)

    # ---- shocks -------------------------------------------------------------------------------------------------------
    def fire(self, raw: dict[str, Any]) -> None:
        """Add a shock or policy from now on; the past does not change.

        Args:
            raw: its fields, as under ``[[shocks]]`` in a scenario file; without ``start``: from now on.

        Raises:
            lodeflow.data.DataError: with everything that is wrong with it, also when it was fired before; nothing has changed then.
        """
        raw = {"start": self.now, **raw}
        problems = self._problems_of(raw)
        values = self.scenario.model_dump(mode="json", exclude_none=True)
        values["shocks"] = [*values["shocks"], raw]
        try:
            wanted = check_scenario(values, DESK, tables=self.tables)
        except DataError as error:
            problems += error.problems
        if not problems and wanted.shocks[-1] in self.scenario.shocks:
            right = "Change it, or give the same one a later start"
            problems.append(Problem(DESK, None, "", "this very measure was fired already", right))
        if problems:
            raise DataError(problems)
        shocks = wanted.shocks
        before = (self.scenario, self._fired_at, self.t)
        self._restart(self._with(shocks), (*self._fired_at, self.t), self.t)
        self._undo.append(before)

    def undo(self) -> None:
        """Take the last shock back and return to the month in which it was fired; nothing if there is none."""
        if self._undo:
            scenario, fired_at, t = self._undo.pop()
            self._restart(scenario, fired_at, t)

    @property
    def can_undo(self) -> bool:
        """Whether a shock was fired that can be taken back."""
        return bool(self._undo)

    def _problems_of(self, raw: dict[str, Any]) -> list[Problem]:
        """What is wrong with a new shock because of where the run stands."""
        bound, world = limits.current(), self.scenario.world
        problems = []
        if len(self.scenario.shocks) >= bound.shocks:
            right = f"A scenario holds at most {words.count(bound.shocks, 'shock or policy', 'shocks and policies')}"
            problems.append(Problem(DESK, None, "", "there are too many shocks", right))
        if self.t >= world.months:
            right = "Rewind to an earlier month and fire it there"
            return [*problems, Problem(DESK, None, "start", "the run is at its end", right)]
        for column in ("announce", "start"):
            if raw.get(column) is None:
                continue
            try:
                month = parse_month(raw[column])
            except ValueError:
                continue  # the scenario's own checks say so
            if month < parse_month(self.now):
                right = f"Choose {self.now} or later, or rewind first"
                problems.append(Problem(DESK, None, column, f"{raw[column]} lies in the past", right))
            elif month > parse_month(world.end):
                problems.append(
                    Problem(DESK, None, column, f"{raw[column]} lies after the run", f"Choose {world.end} or earlier")
                )
        return problems

    # ---- scenarios ----------------------------------------------------------------------------------------------------
    def load(self, scenario: Scenario) -> None:
        """Start anew with a scenario.

        Raises:
            lodeflow.data.DataError: when it is larger than the server allows; nothing has changed then.
        """
        problems = too_large(scenario)
        if problems:
            raise DataError(problems)
        self._restart(scenario, (0,) * len(scenario.shocks), 0)
        self.loaded: Scenario = scenario
        self.loads += 1
        self._undo = []

    def load_shipped(self, name: str) -> None:
        """Start anew with a scenario of the library; nothing for a name that it does not hold."""
        if name in shipped():
            self.load(check_scenario(read_toml(LIBRARY / f"{name}.toml"), name, tables=self.tables))

    def load_text(self, content: bytes, name: str) -> None:
        """Start anew with the contents of a scenario file.

        Raises:
            lodeflow.data.DataError: with everything that is wrong with it; nothing has changed then.
        """
        self.load(read_upload(content, name, self.tables))

    def to_toml(self) -> str:
        """The scenario with everything that was done, as a file that ``lodeflow run`` repeats exactly."""
        return self.scenario.to_toml()

    # ---- frames -------------------------------------------------------------------------------------------------------
    def frame(self) -> Frame:
        """What there is to see now."""
        self.number += 1
        t = self.t
        views = self.live.view(t), self.base.view(t)
        return Frame(self.number, t, self.scenario, *views, self._fired(), self.can_undo, self.loads, self.observed)

    def _fired(self) -> tuple[Fired, ...]:
        month = parse_month(self.scenario.world.start) + self.t - 1
        rows = zip(self.scenario.shocks, self._fired_at, self.live.world.events(), strict=True)
        return tuple(Fired(n, at, event, _state(shock, month)) for n, (shock, at, event) in enumerate(rows))

    # ---- inside -------------------------------------------------------------------------------------------------------
    def _with(self, shocks: list[Any]) -> Scenario:
        """The loaded scenario with other shocks; its name says that it was changed."""
        if list(shocks) == list(self.loaded.shocks):
            return self.loaded
        new = [shock for shock in shocks if shock not in self.loaded.shocks]
        title = "; ".join([self.loaded.title] * bool(self.loaded.shocks) + [self._words(shock) for shock in new])
        changed = {
            "shocks": list(shocks),
            "name": f"{self.loaded.name.removesuffix(OWN)}{OWN}",
            "title": title,
            "description": f"Made in the dashboard from the scenario {self.loaded.name}.",
        }
        return self.loaded.model_copy(update=changed)

    def _words(self, shock: Shock) -> str:
        """A shock in a few words, for the title of a scenario."""
        who = shock.acting_place
        names = dict(zip(self.tables["countries"]["iso3"], self.tables["countries"]["name"], strict=True))
        what = shock.label or shock.kind.replace("_", " ")
        metals = ", ".join(shock.touched_metals)
        text = f"{names.get(who, who)}: {what}" if who else what
        return f"{text} ({metals})" if metals else text

    def _restart(self, scenario: Scenario, fired_at: tuple[int, ...], t: int) -> None:
        """Stand where a scenario stands after `t` months; the world without shocks is kept where it starts the same way.

        The run is then exactly the one that the saved scenario gives, whatever was clicked on the way. Where its past is that
        of the present run, it goes on from there; else it is run anew.
        """
        blueprint, expectation = worlds.start_of(scenario, self.tables)
        shocks = tuple(scenario.shocks)
        now = getattr(self, "live", None)
        if now is not None and now.t == t and now.world.blueprint is blueprint and now.world.may_fork(shocks):
            live = now.fork(shocks)
        else:
            live = Track(World(blueprint, shocks, expectation))
        live.step_to(t)
        base = getattr(self, "base", None)
        if base is None or base.world.blueprint is not blueprint:
            base = Track(World(blueprint, (), expectation, watched=shocks))
        base.step_to(t)
        base.watch(shocks)
        self.live, self.base, self.scenario, self._fired_at = live, base, scenario, fired_at

    def _go_to(self, t: int) -> None:
        try:
            self.live.step_to(t)
        except PluginError:  # the month is not half done: stand where it began
            self._restart(self.scenario, self._fired_at, self.live.t)
            raise
        self.base.step_to(t)


OWN = "-own"
"""Ending of the name of a scenario that was changed in the dashboard."""


def _state(shock: Any, month: int) -> str:
    """Where a shock stands after `month` was simulated."""
    if month < shock.announced_at:
        return "ahead"
    if month < parse_month(shock.start):
        return "known"
    return "active" if shock.intensity(month) > 0 else "over"


def too_large(scenario: Scenario) -> list[Problem]:
    """What of a scenario is larger than the server allows."""
    bound, problems = limits.current(), []
    if scenario.world.months > bound.months:
        wrong = f"the run has {words.count(scenario.world.months, 'month', 'months')}"
        problems.append(
            Problem(scenario.name, "world", "end", wrong, f"The dashboard runs at most {bound.months}; end it earlier")
        )
    if len(scenario.shocks) > bound.shocks:
        wrong = f"the scenario has {words.count(len(scenario.shocks), 'shock', 'shocks')}"
        problems.append(Problem(scenario.name, "shocks", "", wrong, f"The dashboard runs at most {bound.shocks}"))
    varied = len(scenario.monte_carlo.vary) if scenario.monte_carlo else 0
    if varied > bound.varied:
        wrong = f"there are {varied} inputs that differ from run to run"
        right = f"The dashboard takes at most {bound.varied}"
        problems.append(Problem(scenario.name, "monte_carlo.vary", "", wrong, right))
    return problems


def read_upload(content: bytes, name: str, tables: Tables) -> Scenario:
    """A scenario from the contents of an uploaded file, read and checked in a process of its own.

    Nothing is read from or written to a path.

    Args:
        content: the bytes of the file.
        name: what the visitor's file is called, for reports only.
        tables: what names are checked against.

    Raises:
        lodeflow.data.DataError: with everything that is wrong with it.
    """
    scenario = check_apart(content, name, names_in(tables), limits.current().upload_bytes)
    problems = too_large(scenario)
    if problems:
        raise DataError(problems)
    return scenario

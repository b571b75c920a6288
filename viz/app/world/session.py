"""One visitor's world: stepped beside the same world without shocks, shocked, rewound, saved. No page, no threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.environment.governments.decision import Decision
from lodeflow.environment.governments.settings import GovernmentSettings
from lodeflow.environment.shocks.plugged import PluginError
from lodeflow.environment.world import World
from lodeflow.experiments.run.governing import let_decide
from lodeflow.experiments.scenario.model import LIBRARY, Scenario, check_scenario, load_scenario, shipped
from lodeflow.viz.app.world import worlds
from lodeflow.viz.app.world.arrive import DESK, no_room, read_upload, too_large, wrong_months
from lodeflow.viz.app.world.frame import Fired, Frame, council, state_of
from lodeflow.viz.app.world.track import Track
from lodeflow.viz.described import MADE
from lodeflow.viz.observed import Observed

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.expectation import Expectation
    from lodeflow.environment.shocks.kinds import Shock
    from lodeflow.environment.start.draw_up import Blueprint


@dataclass(frozen=True)
class Branch:
    """A world with one measure more, and the same without it, both forked from a run.

    Attributes:
        scenario: with the measure as the last of its shocks.
        start: months simulated before it. first: number of the month in which the run starts.
        tracks: with the measure, and without it.
    """

    scenario: Scenario
    start: int
    first: int
    tracks: tuple[Track, Track]


Kept = tuple[Scenario, tuple[int, ...], int]
"""What it takes to stand where one stood: the scenario, when its shocks were fired, and the months simulated."""


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
        self.observed = tables.remember(Observed.of)
        self.number = self.loads = 0
        self._undo: list[Kept] = []
        self._redo: list[Kept] = []
        self.load(scenario if scenario is not None else load_scenario(LIBRARY / "baseline.toml", tables=tables))

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
        self._undo, self._redo = [entry for entry in self._undo if entry[2] <= t], []
        shocks = [self.scenario.shocks[number] for number in kept]
        self._restart(self._with(shocks), tuple(self._fired_at[number] for number in kept), t)

    def reset(self) -> None:
        """Back to the first month, with the scenario as it was loaded."""
        self._undo, self._redo = [], []
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
        shocks = self._checked([*self._raw_shocks(), raw], self._untimely(raw))
        self._act(shocks, (*self._fired_at, self.t))

    def branch(self, raw: dict[str, Any]) -> Branch:
        """Fork the run: one world with a measure more from now on, and one without it; the run itself is not touched.

        Args:
            raw: fields of the measure, as :meth:`fire` takes them.

        Raises:
            lodeflow.data.DataError: with everything that is wrong with it.
            ValueError: for a measure with which the past would have been another.
        """
        raw = {"start": self.now, **raw}
        shocks = self._checked([*self._raw_shocks(), raw], self._untimely(raw))
        scenario = self.scenario.model_copy(update={"shocks": shocks})
        start = worlds.start_of(scenario, self.tables)
        tracks = self._ahead(scenario, start), self._ahead(self.scenario, start)
        tracks[1].watch(tuple(shocks))
        return Branch(scenario, self.t, parse_month(scenario.world.start), tracks)

    def _ahead(self, scenario: Scenario, start: tuple[Blueprint, Expectation]) -> Track:
        """A track of its own that stands where the run stands; run anew where the world is drawn up anew."""
        blueprint, expectation = start
        world, shocks = self.live.world, tuple(scenario.shocks)
        if world.blueprint is blueprint and world.may_fork(shocks):
            return self.live.fork(shocks, decide=world.governments is not None)
        track = Track(let_decide(World(blueprint, shocks, expectation), scenario, self.tables))
        track.step_to(self.t)
        return track

    def replace(self, number: int, raw: dict[str, Any]) -> None:
        """Put another measure in the place of one of the run, which is run again with it from the start.

        Args:
            number: its place among the scenario's shocks.
            raw: the fields of the new one, as under ``[[shocks]]`` in a scenario file.

        Raises:
            IndexError: when the run has no such shock.
            lodeflow.data.DataError: with everything that is wrong with the new one; nothing has changed then.
        """
        raws = self._raw_shocks()
        raws[number] = raw
        self._act(
            self._checked(raws, wrong_months(self.scenario, raw, self.scenario.world.start), number), self._fired_at
        )

    def remove(self, number: int) -> None:
        """Take one measure out of the run, which is run again without it from the start; all others stay.

        Raises:
            IndexError: when the run has no such shock.
        """
        shocks, fired_at = list(self.scenario.shocks), list(self._fired_at)
        del shocks[number], fired_at[number]
        self._act(shocks, tuple(fired_at))

    def govern(self, **changes: Any) -> None:
        """Let governments decide, or not, or otherwise; the run is run again with them from the start.

        Args:
            changes: fields of ``[governments]`` of a scenario file that change, such as ``mode`` or ``who``.

        Raises:
            lodeflow.data.DataError: with everything that is wrong with them; nothing has changed then.
        """
        values = self.scenario.model_dump(mode="json", exclude_none=True)
        values["governments"] |= changes
        wanted = check_scenario(values, DESK, tables=self.tables)
        self._act(list(self.scenario.shocks), self._fired_at, wanted.governments)

    def assume(self, world: dict[str, Any], parameters: dict[str, float | None]) -> None:
        """Run the world again from its start with other assumptions.

        Args:
            world: keys of ``[world]`` of a scenario file that change, such as ``demand`` or ``noise``.
            parameters: values other than the shipped ones, by key such as ``eta.cobalt``; None: the shipped one.

        Raises:
            lodeflow.data.DataError: with everything that is wrong with them; nothing has changed then.
        """
        values = self.scenario.model_dump(mode="json", exclude_none=True)
        values["world"] |= world
        moved = values["parameters"] | parameters
        values["parameters"] = {key: value for key, value in moved.items() if value is not None}
        wanted = check_scenario(values, DESK, tables=self.tables)
        before = (self.scenario, self._fired_at, self.t)
        self._restart(self._with(wanted.shocks, wanted.governments, wanted), self._fired_at, self.t)
        self._undo.append(before)
        self._redo = []

    def forbid(self, decision: Decision) -> None:
        """Forbid a government a kind of decision about a metal from the month of a decision on; its own record is run again."""
        veto = {"who": decision.who, "kind": decision.kind, "start": format_month(decision.month)}
        metal = {"metal": decision.metal} if decision.metal in self.live.world.layout.metals else {}
        vetoes = [one.model_dump(mode="json", exclude_none=True) for one in self.scenario.governments.vetoes]
        self.govern(vetoes=[*vetoes, veto | metal])

    def order(self, **what: Any) -> None:
        """Have a government decide something in the month that comes next: fields of ``Forced`` but the month."""
        forced = [one.model_dump(mode="json", exclude_none=True) for one in self.scenario.governments.forced]
        self.govern(forced=[*forced, {"month": self.now} | what])

    def undo(self) -> None:
        """Take back what was done last and return to the month in which it was done; nothing if there is none."""
        self._go_back(self._undo, self._redo)

    def redo(self) -> None:
        """Do again what was taken back last; nothing if there is none."""
        self._go_back(self._redo, self._undo)

    @property
    def can_undo(self) -> bool:
        """Whether something was done that can be taken back."""
        return bool(self._undo)

    def _act(self, shocks: list[Any], fired_at: tuple[int, ...], governments: GovernmentSettings | None = None) -> None:
        """Go on with other shocks or governments; what there was can be had back."""
        before = (self.scenario, self._fired_at, self.t)
        self._restart(self._with(shocks, governments), fired_at, self.t)
        self._undo.append(before)
        self._redo = []

    def _go_back(self, kept: list[Kept], back: list[Kept]) -> None:
        if kept:
            before = (self.scenario, self._fired_at, self.t)
            self._restart(*kept.pop())
            back.append(before)

    def _raw_shocks(self) -> list[dict[str, Any]]:
        """The shocks of the run as a scenario file has them."""
        return list(self.scenario.model_dump(mode="json", exclude_none=True)["shocks"])

    def _untimely(self, raw: dict[str, Any]) -> list[Problem]:
        """Why a measure cannot be fired now."""
        return no_room(self.scenario, self.t) or wrong_months(self.scenario, raw, self.now, rewound=True)

    def _checked(self, raws: list[dict[str, Any]], problems: list[Problem], new: int = -1) -> list[Any]:
        """The shocks of a run that is to have those of `raws`; `new` is the place of the one that was not there before.

        Raises:
            lodeflow.data.DataError: with everything that is wrong, `problems` among it.
        """
        values = self.scenario.model_dump(mode="json", exclude_none=True) | {"shocks": raws}
        try:
            wanted = check_scenario(values, DESK, tables=self.tables)
        except DataError as error:
            raise DataError([*problems, *error.problems]) from error
        others = [shock for number, shock in enumerate(self.scenario.shocks) if number != new]
        if not problems and wanted.shocks[new] in others:
            right = "Change it, or give the same one a later start"
            problems = [Problem(DESK, None, "", "this very measure was fired already", right)]
        if problems:
            raise DataError(problems)
        return list(wanted.shocks)

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
        self._undo, self._redo = [], []

    def load_shipped(self, name: str) -> None:
        """Start anew with a scenario of the library; nothing for a name that it does not hold."""
        if name in shipped():
            self.load(load_scenario(LIBRARY / f"{name}.toml", tables=self.tables))

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
        fired, again, governments = self._fired(), bool(self._redo), council(self.live.world)
        return Frame(
            self.number, t, self.scenario, *views, fired, self.can_undo, again, self.loads, self.observed, governments
        )

    def _fired(self) -> tuple[Fired, ...]:
        month = parse_month(self.scenario.world.start) + self.t - 1
        rows = zip(self.scenario.shocks, self._fired_at, self.live.world.events(), strict=True)
        return tuple(Fired(n, at, event, state_of(shock, month)) for n, (shock, at, event) in enumerate(rows))

    # ---- inside -------------------------------------------------------------------------------------------------------
    def _with(
        self, shocks: list[Any], governments: GovernmentSettings | None = None, assumed: Scenario | None = None
    ) -> Scenario:
        """The loaded scenario with other shocks, governments and assumptions; its name says that it was changed.

        assumed: whose world and parameters it has; those of the run if left out.
        """
        governments = governments or self.scenario.governments
        assumed = assumed or self.scenario
        changed = {
            "shocks": list(shocks),
            "governments": governments,
            "world": assumed.world,
            "parameters": assumed.parameters,
        }
        if all(value == getattr(self.loaded, name) for name, value in changed.items()):
            return self.loaded
        new = [shock for shock in shocks if shock not in self.loaded.shocks]
        title = "; ".join([self.loaded.title] * bool(self.loaded.shocks) + [self._words(shock) for shock in new])
        named = {
            "name": f"{self.loaded.name.removesuffix(OWN)}{OWN}",
            "title": title if len(title) <= TITLE else f"{title[: TITLE - 2].rstrip()} …",
            "description": MADE.format(name=self.loaded.name),
        }
        return self.loaded.model_copy(update=changed | named)

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
        alone = not scenario.governments.on and (now is None or now.world.governments is None)
        here = now is not None and now.t == t and now.world.blueprint is blueprint
        if now is not None and here and alone and now.world.may_fork(shocks):
            live = now.fork(shocks)
        else:
            live = Track(let_decide(World(blueprint, shocks, expectation), scenario, self.tables))
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


TITLE = 300
"""Most characters of a scenario's title; that of a world with many measures is cut."""
OWN = "-own"
"""Ending of the name of a scenario that was changed in the dashboard."""

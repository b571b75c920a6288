"""Watches a month: which columns every phase reads, and which of them it changes.

Reading is seen by replacing ``__getattribute__`` of the classes that hold the state, writing by comparing every column before and
after a phase, so that what is written in place is seen as well. Sums that a month keeps (``Month.largest``,
``Month.contracts``) are thrown away before every phase, so that each phase that uses them is seen to read the columns behind them.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lodeflow.agents.population import Population
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.market.product_trade import ProductTrade
from lodeflow.environment.minds import Minds
from lodeflow.environment.month.phase import Phase, declared
from lodeflow.environment.month.state import Month
from lodeflow.environment.shocks.written import Written
from lodeflow.environment.state import State
from lodeflow.environment.world import World

WATCHED = (Population, Market, InUse, Minds, Month, Written, State)
POPULATIONS = tuple(
    "countries miners refiners manufacturers inputs recyclers desks ore_desks secondary pools groups hosts".split()  # noqa: SIM905
)
KEPT = ("largest", "contracts", "arriving", "ahead")


@dataclass
class Seen:
    """What a phase was seen to read (before it wrote it itself), to change, and to set."""

    reads: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)


class Flows(dict[str, np.ndarray]):
    """Flows of a month that tell when one is read that the phase has not set itself."""

    seen: set[str] | None = None

    def __init__(self, flows: Mapping[str, np.ndarray]) -> None:
        super().__init__(flows)
        self.own: set[str] = set()

    def __getitem__(self, name: str) -> np.ndarray:
        if self.seen is not None and name not in self.own:
            self.seen.add("month.flows")
        return super().__getitem__(name)

    def __setitem__(self, name: str, tonnes: np.ndarray) -> None:
        self.own.add(name)
        super().__setitem__(name, tonnes)


class Tracer:
    """Runs worlds phase by phase and notes what each phase does, by the name of its function."""

    def __init__(self) -> None:
        self.seen: dict[Phase, Seen] = defaultdict(Seen)
        self.fixed_changed: set[str] = set()
        self._places: dict[int, str] = {}
        self._now: Seen | None = None
        self._own: set[str] = set()

    def run(self, world: World, months: int, phases: Sequence[Phase] | None = None) -> World:
        """Run a world for some months, with its own phases or others, watching every phase."""
        acts = [act for _, act in world.MONTH] if phases is None else phases
        fixed = {name: plain(getattr(world, name)) for name in ("blueprint", "expectation", "draws")}
        for _ in range(months):
            month = world.now = Month(world.month, world.t, world.now.effects)
            for act in acts:
                self._watch(world, month, act)
            world._close()
            world.t += 1
        self.fixed_changed |= {name for name, was in fixed.items() if not same(was, plain(getattr(world, name)))}
        return world

    def _watch(self, world: World, month: Month, act: Phase) -> None:
        for name in KEPT:
            getattr(month, name).clear()
        before, held = columns(world, month), month.effects
        seen, flows = self.seen[act], Flows(month.flows)
        month.flows = flows
        self._places = {id(thing): place for place, thing in things(world, month).items()}
        self._now, self._own = seen, set()
        flows.seen = seen.reads
        with self._patched():
            act(world, month)
        flows.seen = None
        self._now, self._places = None, {}
        after = columns(world, month)
        del held  # kept until here, so that no new object takes its place in memory
        seen.changes |= {name for name in after if name not in before or not same(before[name], after[name])}

    def _note(self, thing: object, name: str, setting: bool) -> None:
        place = self._places.get(id(thing))
        if place is None or self._now is None or name.startswith("_"):
            return
        full = f"{place}.{name}" if place else name
        if setting:
            self._now.sets.add(full)
            self._own.add(full)
        elif full not in self._own and full != "month.flows":
            self._now.reads.add(full)

    @contextmanager
    def _patched(self) -> Iterator[None]:
        """Watch every reading and setting of an attribute of the state."""
        own: list[tuple[type, str, Any]] = []
        for kind in WATCHED:
            for hook in ("__getattribute__", "__setattr__"):
                own.append((kind, hook, vars(kind).get(hook)))
                setattr(kind, hook, self._hook(kind, hook))
        try:
            yield
        finally:
            for kind, hook, was in own:
                if was is None:
                    delattr(kind, hook)
                else:
                    setattr(kind, hook, was)

    def _hook(self, kind: type, hook: str) -> Any:
        plain = getattr(kind, hook)
        if hook == "__setattr__":

            def set_(thing: object, name: str, value: Any) -> None:
                plain(thing, name, value)
                self._note(thing, name, True)

            return set_

        def get(thing: object, name: str) -> Any:
            self._note(thing, name, False)
            return plain(thing, name)

        return get


def things(world: World, month: Month) -> dict[str, object]:
    """Everything that holds columns, by the place it has in their names."""
    parts: dict[str, object] = {name: vars(world)[name] for name in (*POPULATIONS, "in_use", "minds")}
    parts |= {f"markets.{name}": market for name, market in world.markets.items()}
    return parts | {"month": month, "effects": month.effects, "": world}


def columns(world: World, month: Month) -> dict[str, Any]:
    """A copy of every column of a world and its month."""
    copied: dict[str, Any] = {}
    for place, thing in things(world, month).items():
        for name, value in vars(thing).items():
            if place == "" and not isinstance(value, np.ndarray | ProductTrade):
                continue
            if (place == "month" and name in ("effects", "number", "t", *KEPT)) or name.startswith("_"):
                continue
            if isinstance(value, np.ndarray | dict | set | list | bool | ProductTrade) or name in (
                "outlook",
                "calm_outlook",
            ):
                copied[f"{place}.{name}" if place else name] = copy.deepcopy(plain(value))
    return copied


def plain(value: Any) -> Any:
    """Objects as dicts of what they hold, but for what is worked out once when it is first asked for."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if hasattr(value, "__dict__") and not isinstance(value, type):
        once = {key for key in vars(value) if isinstance(getattr(type(value), key, None), cached_property)}
        return {key: plain(part) for key, part in vars(value).items() if key not in once}
    return value.copy() if isinstance(value, np.ndarray) else value


def same(one: Any, two: Any) -> bool:
    """Whether two values are the same to the last bit."""
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        return one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes()
    if isinstance(one, dict) and isinstance(two, dict):
        return list(one) == list(two) and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two)


# ---- what was seen against what is declared ------------------------------------------------------------------------------
def observed(seen: dict[Phase, Seen], order: Sequence[Phase]) -> dict[Phase, dict[str, set[str]]]:
    """What the phases, in their order, read and wrote, in the terms of a declaration."""
    changing = set().union(*(seen[act].changes for act in order))
    found, written = {}, set[str]()
    for act in order:
        reads = seen[act].reads & changing
        found[act] = {"reads": reads & written, "last": reads - written, "writes": seen[act].changes}
        written |= seen[act].changes
    return found


def problems(seen: dict[Phase, Seen], order: Sequence[Phase]) -> list[str]:
    """One line for everything that a phase does and does not declare, or declares and never does."""
    lines = []
    for act, found in observed(seen, order).items():
        said = declared(act)
        for word, names in found.items():
            declares = set(getattr(said, word))
            lines += [f"{act.__name__}: {word} {name}, which is not declared" for name in sorted(names - declares)]
            lines += [f"{act.__name__}: declares {word} {name}, never seen" for name in sorted(declares - names)]
        secretly = seen[act].sets - set(said.writes) - {"month.flows", "month.effects"}
        lines += [f"{act.__name__}: sets {name}, which is not declared" for name in sorted(secretly)]
    return lines

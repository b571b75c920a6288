"""What an indicator is, and the set to which each is added."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from lodeflow.data.problems import Problem
from lodeflow.environment.shocks.plugged import MEND, PluginError, blaming
from lodeflow.experiments.effect import Effect

TIMES, INDEX, POINTS = "times", "index", "points"
"""How a number of unit "1" reads that is no share: as a multiple, as it is, or as the difference of two shares."""

Value = float | str
"""A number, or a name such as that of a country."""


@dataclass(frozen=True)
class Kpi:
    """One indicator.

    name; compute: its value from an Effect; unit: "country" for names; what: its meaning in one line; short: a name; zh: its
    meaning in Chinese; worse: "more", "less" or neither; reads: TIMES, INDEX or POINTS, how a number of unit "1" reads that is no
    share; compares: whether it needs a world without shocks; level: whether it is a state that the world without shocks has
    as well; batches: whether batches keep it; money: whether it needs the account of money; bounds: values whose chance of
    being exceeded batches tabulate; footprint: whether it needs the series of energy and greenhouse gases.
    """

    name: str
    compute: Callable[[Effect], Value]
    unit: str
    what: str
    short: str = ""
    zh: str = ""
    worse: str = ""
    reads: str = ""
    compares: bool = False
    level: bool = False
    batches: bool = True
    money: bool = False
    footprint: bool = False
    bounds: tuple[float, ...] = ()

    @property
    def file(self) -> str:
        """File in which its function stands."""
        return str(inspect.unwrap(self.compute).__code__.co_filename)

    def value(self, effect: Effect) -> Value:
        """Its value for a metal: a name where the unit is "country", else a number.

        Raises PluginError with the file where a plug-in's function fails or gives neither.
        """
        with blaming():
            found = self.compute(effect)
        right = str if self.unit == "country" else int | float | np.number
        if isinstance(found, right) and not isinstance(found, bool):
            return found if isinstance(found, str) else float(found)
        wrong = (
            f"the indicator {self.name!r} gives {type(found).__name__}, not a {'name' if right is str else 'number'}"
        )
        raise PluginError([Problem(self.file, None, "", wrong, MEND)])

    @property
    def shown_in(self) -> str:
        """What its numbers are shown in: the unit, "1" for shares, or how they read."""
        return self.reads or self.unit

    @property
    def title(self) -> str:
        """A few words that name it."""
        return self.short or self.name.replace("_", " ")

    def label(self, language: str = "en") -> str:
        """Its meaning in a language; in English where the language has none."""
        return self.zh if language == "zh" and self.zh else self.what


KPIS: dict[str, Kpi] = {}
"""All indicators by name, in the order in which they are shown."""


Compute = TypeVar("Compute", bound=Callable[[Effect], Value])


def kpi(unit: str, **about: Any) -> Callable[[Compute], Compute]:
    """Add a function to the set, under its name; its docstring is its meaning.

    unit: of its value; about: other fields of Kpi. Raises ValueError if the name is taken or there is no docstring.
    """

    def add(compute: Compute) -> Compute:
        name, text = compute.__name__, " ".join((compute.__doc__ or "").split())
        if name in KPIS:
            raise ValueError(f"there is an indicator {name!r} already; give this one another name")
        if not text:
            raise ValueError(f"the indicator {name!r} does not say what it means; give it a docstring")
        KPIS[name] = Kpi(name, compute, unit, text.rstrip("."), **about)
        return compute

    return add

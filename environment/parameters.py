"""Parameters of the model, from ``data/tables/parameters.csv``, with a scenario's own values on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from lodeflow.data.limits import Rules
from lodeflow.data.problems import DataError, Problem

Values = dict[str, dict[str, float]]
"""Values of parameters by name, then by scope: a metal, a price class, or "" for all."""


class Parameters(dict[str, float]):
    """Values by name; :meth:`by_metal` resolves metal, then price class, then global.

    Args:
        table: the parameters table.
        metals: metals of the world, in order.
        classes: price class of each metal.
        overrides: ``{"eta.cobalt": 0.4, "carry": 0.01}``: a name, or name, dot, class or metal.
        rules: what may be overridden; left out: what the table and these metals and classes allow.

    Raises:
        DataError: for an override that no parameter has, or a value outside every meaning (not a finite number).
    """

    def __init__(
        self,
        table: pd.DataFrame,
        metals: list[str],
        classes: list[str],
        overrides: Mapping[str, float] | None = None,
        rules: Rules | None = None,
    ) -> None:
        self._values: dict[tuple[str, str], float] = {}
        scopes = table["scope"].fillna("").astype(str)
        for name, scope, value in zip(table["parameter"], scopes, table["value"], strict=True):
            self._values[str(name), scope] = float(value)
        self._metals, self._classes = metals, classes
        self._by_metal: dict[str, np.ndarray] = {}
        if overrides:
            self._override(overrides, rules or Rules.of(table, [*metals, *classes]))
        super().__init__({name: value for (name, scope), value in self._values.items() if scope == ""})

    def _override(self, overrides: Mapping[str, float], rules: Rules) -> None:
        """Put own values in: first those for all metals, then those for one, whatever their order."""
        faults = {key: rules.fault(key, value) for key, value in overrides.items()}
        problems = [Problem("scenario", f"parameters.{key}", "", *fault) for key, fault in faults.items() if fault]
        if problems:
            raise DataError(problems)
        for key, value in sorted(overrides.items(), key=lambda item: "." in item[0]):
            name, _, scope = key.partition(".")
            if not scope:
                for other in [held for held in self._values if held[0] == name]:
                    del self._values[other]
            self._values[name, scope] = float(value)

    def by_metal(self, name: str) -> np.ndarray:
        """Value of a parameter for each metal of the world, shape (metals,)."""
        if name not in self._by_metal:
            self._by_metal[name] = self._resolved(name)
        return self._by_metal[name].copy()

    def _resolved(self, name: str) -> np.ndarray:
        """The value that holds for each metal: its own, else that of its price class, else that of all, shape (metals,)."""
        values = []
        for metal, price_class in zip(self._metals, self._classes, strict=True):
            for scope in (metal, price_class, ""):
                if (name, scope) in self._values:
                    values.append(self._values[name, scope])
                    break
            else:
                raise KeyError(f"parameter {name} has no value for {metal}")
        return np.array(values)

    def of(self, names: Iterable[str]) -> Values:
        """All values of some parameters."""
        found: Values = {name: {} for name in sorted(names)}
        for (name, scope), value in self._values.items():
            if name in found:
                found[name][scope] = value
        return found

    def everything(self) -> Values:
        """All values of all parameters."""
        return self.of({name for name, _ in self._values})

    @property
    def unnoted(self) -> Parameters:
        """The same; what is asked of it is not noted (:class:`Noted`)."""
        return self


class Noted(Parameters):
    """Parameters that note which of them are asked for.

    Attributes:
        asked: their names.
    """

    def __init__(self, parameters: Parameters) -> None:
        dict.__init__(self, parameters)
        vars(self).update(vars(parameters))
        self.asked: set[str] = set()
        self._plain = parameters

    def __getitem__(self, name: str) -> float:
        self.asked.add(name)
        return super().__getitem__(name)

    def by_metal(self, name: str) -> np.ndarray:
        """Value of a parameter for each metal of the world, shape (metals,)."""
        self.asked.add(name)
        return super().by_metal(name)

    @property
    def unnoted(self) -> Parameters:
        """The parameters themselves."""
        return self._plain

"""Parameters of the model, from ``data/tables/parameters.csv``, with a scenario's own values on top."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lodeflow.data.problems import DataError, Problem


class Parameters(dict[str, float]):
    """Values by name; :meth:`by_metal` resolves metal, then price class, then global.

    Args:
        table: the parameters table.
        metals: metals of the world, in order.
        classes: price class of each metal.
        overrides: ``{"eta.cobalt": 0.4, "carry": 0.01}``: a name, or name, dot, class or metal.

    Raises:
        DataError: for an override that no parameter has, or a value outside every meaning (not a finite number).
    """

    def __init__(
        self, table: pd.DataFrame, metals: list[str], classes: list[str], overrides: Mapping[str, float] | None = None
    ) -> None:
        self._values: dict[tuple[str, str], float] = {}
        self._lows = table.groupby("parameter")["low"].min().to_dict()
        self._highs = table.groupby("parameter")["high"].max().to_dict()
        scopes = table["scope"].fillna("").astype(str)
        for name, scope, value in zip(table["parameter"], scopes, table["value"], strict=True):
            self._values[str(name), scope] = float(value)
        self._metals, self._classes = metals, classes
        self._override(overrides or {}, set(table["scope"].dropna()) | set(metals) | set(classes))
        super().__init__({name: value for (name, scope), value in self._values.items() if scope == ""})

    def _override(self, overrides: Mapping[str, float], scopes: set[str]) -> None:
        names = {name for name, _ in self._values}
        problems = []
        for key, value in overrides.items():
            name, _, scope = key.partition(".")
            if name not in names or (scope and scope not in scopes):
                known = sorted(names) if name not in names else sorted(scopes)
                problems.append(
                    Problem("scenario", f"parameters.{key}", "", "no such parameter", f"one of: {', '.join(known)}")
                )
            elif not np.isfinite(value):
                problems.append(
                    Problem("scenario", f"parameters.{key}", "", f"{value} is no number", "a finite number")
                )
            elif not self._makes_sense(name, value):
                right = f"the range to explore is {self._lows[name]:g} to {self._highs[name]:g}"
                problems.append(Problem("scenario", f"parameters.{key}", "", f"{value:g} has no meaning here", right))
            elif scope:
                self._values[name, scope] = float(value)
            else:
                for other in [held for held in self._values if held[0] == name]:
                    del self._values[other]
                self._values[name, ""] = float(value)
        if problems:
            raise DataError(problems)

    def _makes_sense(self, name: str, value: float) -> bool:
        """Whether a value lies on the side of zero on which the range lies, and within a hundred times its ends."""
        low, high = self._lows[name], self._highs[name]
        if low < 0:
            return bool(value <= max(high, 0.0) and value >= 100.0 * low)
        least = low / 100.0 if low > 0 else 0.0
        return bool(least <= value <= 100.0 * high)

    def by_metal(self, name: str) -> np.ndarray:
        """Value of a parameter for each metal of the world, shape (metals,)."""
        values = []
        for metal, price_class in zip(self._metals, self._classes, strict=True):
            for scope in (metal, price_class, ""):
                if (name, scope) in self._values:
                    values.append(self._values[name, scope])
                    break
            else:
                raise KeyError(f"parameter {name} has no value for {metal}")
        return np.array(values)

"""What is drawn, and the draws: parameters from their ranges in the data, and whatever the scenario varies.

A run's draw depends on the seed, the sampling and the number of the run alone. Sobol' points can be extended: more runs
keep the earlier ones. A Latin hypercube is made for a given number of runs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lodeflow.data.limits import WHOLE_UNITS
from lodeflow.experiments.scenario.uncertainty import Value, Vary

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.scenario.model import Scenario

Sampling = Literal["sobol", "lhs", "saltelli", "morris"]
SEED = "world.seed"
"""Key of the noise; where a design draws it like any other input, it is the seed of the run."""


@dataclass(frozen=True)
class Factor:
    """One drawn input.

    vary: key and distribution; unit: of its numbers ("1" for shares, "" for months and choices); nominal: the value without
    drawing, None where the scenario leaves it out; what: one line.
    """

    vary: Vary
    unit: str
    nominal: Value | None
    what: str

    @property
    def key(self) -> str:
        """Name of the input, and of its column."""
        return self.vary.key

    def describe(self) -> dict[str, Any]:
        """Return the factor as it stands in a manifest."""
        return {**self.vary.model_dump(), "unit": self.unit, "nominal": self.nominal, "what": self.what}


def factors_of(scenario: Scenario, tables: Tables) -> list[Factor]:
    """Return what is drawn for a scenario: parameters that matter for its metals, then what the scenario varies."""
    section = scenario.monte_carlo
    named = {item.key for item in section.vary} if section else set()
    structural = structure_choices(tables, scenario) if section and section.structure else []
    varied = [item for item in structural if item.key not in named] + (section.vary if section else [])
    own = {item.key for item in varied}
    chosen = section.parameters if section else None
    rows = relevant_parameters(tables, scenario)
    if chosen is not None:
        rows = rows[rows["parameter"].isin(chosen)]
    factors = [factor for factor in map(_parameter_factor, rows.to_dict("records")) if factor.key not in own]
    factors += [one for one in temper_factors(scenario, tables) if one.key not in own]
    return factors + [_varied_factor(item, scenario, tables) for item in varied]


def temper_factors(scenario: Scenario, tables: Tables) -> list[Factor]:
    """Tempers of governments with a range that the scenario does not set itself; none where nobody decides."""
    if not scenario.governments.on:
        return []
    chosen = scenario.monte_carlo.tempers if scenario.monte_carlo else None
    table = tables["tempers"]
    keep = (table["low"] < table["high"]) & ~table["temper"].isin(scenario.governments.temper)
    keep &= table["temper"].isin(table["temper"] if chosen is None else chosen)
    return [
        Factor(
            Vary(key=f"governments.temper.{row['temper']}", low=row["low"], high=row["high"]),
            str(row["unit"]),
            float(row["value"]),
            str(row["reason"]),
        )
        for row in table[keep].to_dict("records")
    ]


def structure_choices(tables: Tables, scenario: Scenario) -> list[Vary]:
    """Return an input per parameter of the table structure_variants: its value in the scenario, or that of a variant."""
    table = tables["structure_variants"].fillna({"scope": ""})
    choices: dict[str, list[float | str]] = {}
    for name, scope, value in zip(table["parameter"], table["scope"], table["value"], strict=True):
        key = f"parameters.{name}.{scope}" if scope else f"parameters.{name}"
        nominal = _nominal(scenario, tables, key)
        held = choices.setdefault(key, [] if nominal is None else [nominal])
        held += [float(value)] if float(value) not in held else []
    return [Vary(key=key, distribution="choice", choices=held) for key, held in choices.items() if len(held) > 1]


def relevant_parameters(tables: Tables, scenario: Scenario) -> pd.DataFrame:
    """Rows of the parameters table with a range that reach a metal of the scenario and that it does not set itself."""
    from lodeflow.environment.start.base_year import choose_metals

    table = tables["parameters"].assign(scope=lambda rows: rows["scope"].fillna("").astype(str))
    metals = choose_metals(tables, scenario.world)
    classes = tables["metals"].set_index("metal")["price_class"]
    scopes: dict[str, set[str]] = {str(name): set(rows["scope"]) for name, rows in table.groupby("parameter")}
    fixed: dict[str, set[str]] = {}
    for key in scenario.parameters:
        name, _, scope = key.partition(".")
        fixed.setdefault(name, set()).add(scope)
    reached = {(name, scope) for name in scopes for scope in _reached(scopes[name], fixed.get(name), metals, classes)}
    keep = [key in reached for key in zip(table["parameter"], table["scope"], strict=True)]
    return table[np.array(keep) & (table["low"] < table["high"])]


def _reached(scopes: set[str], fixed: set[str] | None, metals: list[str], classes: pd.Series[str]) -> set[str]:
    """Scopes of a parameter from which at least one metal takes its value, without those that the scenario sets."""
    own = fixed or set()
    if "" in own:
        return set()
    taken = {
        next((scope for scope in (metal, str(classes[metal]), "") if scope in scopes | own), "") for metal in metals
    }
    return (taken & scopes) - own


def _parameter_factor(row: dict[Any, Any]) -> Factor:
    key = f"parameters.{row['parameter']}" + (f".{row['scope']}" if row["scope"] else "")
    kind: Literal["uniform", "integer"] = "integer" if row["unit"] in WHOLE_UNITS else "uniform"
    vary = Vary(key=key, distribution=kind, low=row["low"], high=row["high"])
    return Factor(vary, str(row["unit"]), float(row["value"]), str(row["reason"]))


def _varied_factor(item: Vary, scenario: Scenario, tables: Tables) -> Factor:
    """An input that the scenario varies; a parameter keeps the unit and the meaning that the tables give it."""
    name, _, scope = item.key.removeprefix("parameters.").partition(".")
    table = tables["parameters"]
    rows = table[(table["parameter"] == name) & (table["scope"].fillna("") == scope)]
    known = item.key.startswith("parameters.") and len(rows) > 0
    unit, what = (str(rows["unit"].iloc[0]), str(rows["reason"].iloc[0])) if known else ("", "varied by the scenario")
    return Factor(item, unit, _nominal(scenario, tables, item.key), what)


def _nominal(scenario: Scenario, tables: Tables, key: str) -> Value | None:
    """Value of a key in the scenario as it is; a parameter that it leaves out has the value of the tables."""
    name = key.removeprefix("parameters.")
    if name != key:
        table = tables["parameters"]
        parameter, _, scope = name.partition(".")
        row = table[(table["parameter"] == parameter) & (table["scope"].fillna("") == scope)]
        return scenario.parameters.get(name, float(row["value"].iloc[0]) if len(row) else None)
    found: Any = scenario.model_dump(mode="json")
    for part in key.split("."):
        if isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, float | int | str) else 0.0 if key.endswith(".delay") else None


@dataclass(frozen=True)
class Design:
    """The draws of a batch.

    factors: what is drawn; runs: number of runs; sampling: "sobol" or "lhs", or a design for a sensitivity analysis
    (lodeflow.experiments.batch.make.blocks); seed: of the draws and of the runs' seeds.
    """

    factors: tuple[Factor, ...]
    runs: int
    sampling: Sampling
    seed: int

    def values(self, first: int, last: int) -> list[dict[str, Value]]:
        """Return the drawn values, by key, of the runs `first` to `last` - 1."""
        if not self.factors:
            return [{} for _ in range(first, last)]
        return [
            {factor.key: factor.vary.value(float(share)) for factor, share in zip(self.factors, row, strict=True)}
            for row in self.shares(first, last)
        ]

    def shares(self, first: int, last: int) -> np.ndarray:
        """Return the points in the unit cube of the runs `first` to `last` - 1, shape (runs, factors)."""
        from scipy.stats import qmc

        if self.sampling == "lhs":
            return self._hypercube[first:last]
        if self.sampling != "sobol":
            return self._blocks[first:last]
        sobol = qmc.Sobol(len(self.factors), scramble=True, rng=np.random.default_rng(self._key("sobol")))
        if first:
            sobol.fast_forward(first)
        count = last - first
        block = sobol.random(1 << (count - 1).bit_length()) if first == 0 else sobol.random(count)
        points: np.ndarray = block[:count]
        return points

    @cached_property
    def _hypercube(self) -> np.ndarray:
        from scipy.stats import qmc

        draw = qmc.LatinHypercube(len(self.factors), rng=np.random.default_rng(self._key("lhs")))
        points: np.ndarray = draw.random(self.runs)
        return points

    @cached_property
    def _blocks(self) -> np.ndarray:
        from lodeflow.experiments.batch.make.blocks import points_of

        return points_of(self.sampling, len(self.factors), self.runs, self._key(self.sampling))

    def run_seed(self, run: int) -> int:
        """Return the seed of the noise of a run, below 2^31."""
        if any(factor.key == SEED for factor in self.factors):
            return int(self.values(run, run + 1)[0][SEED])
        return self._key(f"run {run}") % 2**31

    def _key(self, purpose: str) -> int:
        digest = hashlib.blake2b(f"{self.seed}/monte-carlo/{purpose}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little")

"""Bundles: measures of other kinds that belong together, from data (`data/bundles.toml`), as one policy with one switch."""

from __future__ import annotations

import tomllib
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

import lodeflow.data
from lodeflow.data.problems import did_you_mean
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.policy import MetalPolicy
from lodeflow.environment.shocks.shock import REGISTRY, Shock

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

FILE = Path(lodeflow.data.__file__).parent / "bundles.toml"
HANDED_ON = tuple(name for name in MetalPolicy.model_fields if name not in ("kind", "label"))
"""Fields that measures take from the bundle where they have them and say nothing else: those of every policy for metals."""


@cache
def bundles(file: Path = FILE) -> dict[str, dict[str, Any]]:
    """The bundles of a file: ``words``, ``zh``, ``source`` and ``measures`` by name."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


class Bundle(MetalPolicy):
    """A status profile or rule set: several measures at once (short, advantaged, cooperation, governance; data/bundles.toml)."""

    card: ClassVar[Card | None] = Card(
        source="status profiles, cooperation and governance in the literature (data/bundles.toml)",
        strength="scale",
        unit="share of the sizes of the bundle",
        steps=(0.3, 0.6, 1.0),
        example={"bundle": "short", "actor": "USA", "metals": ["cobalt"], "partners": ["COD"]},
        metals=("cobalt",),
        writes=("bills", "levers", "owned"),
        quantity="reserve held",
        signs={"world price": 1},
        months=18,
    )
    before_others: ClassVar[bool] = True
    kind: Literal["bundle"] = "bundle"
    bundle: str = Field(description="name: short, advantaged, cooperation or governance")
    partners: list[str] = Field(
        default_factory=list, description="countries in which stakes are held, where the bundle has any"
    )
    scale: float = Field(
        1.0, ge=0, le=1, description="sizes of the measures over those of the bundle", json_schema_extra={"unit": "1"}
    )

    @field_validator("bundle")
    @classmethod
    def _there(cls, name: str) -> str:
        if name not in bundles():
            raise ValueError(f"there is no bundle {name!r}; {did_you_mean(name, bundles())}")
        return name

    @property
    def parts(self) -> tuple[Shock, ...]:
        """Its measures."""
        return self.measures

    @cached_property
    def measures(self) -> tuple[Shock, ...]:
        """The measures with what the bundle hands on to them; those without partners where they need some are left out."""
        rows = [self._filled(row) for row in bundles()[self.bundle]["measures"]]
        return tuple(REGISTRY[row["kind"]].model_validate(row) for row in rows if row.get("partners", True))

    def _filled(self, row: dict[str, Any]) -> dict[str, Any]:
        """A measure of the file with the bundle's fields in its gaps."""
        known = REGISTRY[row["kind"]].model_fields
        given = {name: getattr(self, name) for name in HANDED_ON if name in known}
        given |= {name: self._told(value) for name, value in row.items() if name != "scaled"}
        return given | {name: self.scale * given[name] for name in row["scaled"]}

    def _told(self, value: Any) -> Any:
        """A value of the file with the bundle's own for names that begin with $."""
        if isinstance(value, str) and value.startswith("$"):
            return getattr(self, value[1:])
        if isinstance(value, list):
            return [self._told(one) for one in value]
        return {name: self._told(one) for name, one in value.items()} if isinstance(value, dict) else value

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Let every measure act."""
        for measure in self.measures:
            measure.act(world, effects, month)

    def powerless(self, world: State) -> str:
        """Where no measure can do anything."""
        reasons = [measure.powerless(world) for measure in self.measures]
        return "; ".join(dict.fromkeys(filter(None, reasons)))

    def found(self, purse: Any, first_month: int, world: State) -> list[str]:
        """What each measure has to say after the run."""
        return [line for measure in self.measures for line in measure.found(purse, first_month, world)]

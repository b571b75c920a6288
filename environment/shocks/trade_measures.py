"""Measures of a country on its exports: bans, quotas, licences."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.market.contracts import largest_flow
from lodeflow.environment.shocks.shock import (
    Form,
    Period,
    Shock,
    in_order,
)

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class _TradeMeasure(Shock):
    """A measure of one country on its exports of some metals in one form."""

    parts_market: ClassVar[bool] = True
    of_largest: ClassVar[bool] = False
    """True when the allowed fraction is one of the largest flow of an edge, False when it is one of the normal flow."""

    actor: str = Field(description="country (ISO 3166 alpha-3) or group whose exports are restricted")
    metals: list[str] = Field(min_length=1, description="metals whose exports are restricted")
    form: Form = Field(
        "refined", description="form that is restricted; 'feed' means ore or intermediate, as the metal has it"
    )
    partners: list[str] = Field(default_factory=list, description="countries or groups concerned; empty: all")

    def edges(self, world: State, metal: str) -> tuple[str, np.ndarray]:
        """Market ("feed" or "refined") and boolean mask of the restricted edges of one metal."""
        market = "refined" if self.form == "refined" else "feed"
        table = world.markets[market]
        metal_index = world.layout.metal_index.get(metal, -1)
        exporters = self.actors(world)
        mask = (table.metal == metal_index) & np.isin(table.seller_country, exporters)
        mask &= ~np.isin(table.buyer_country, exporters)
        if self.partners:
            partners = np.concatenate([world.layout.country_indices(name) for name in self.partners])
            mask &= np.isin(table.buyer_country, partners)
        return market, mask

    def allowed(self, effects: Effects, month: int, market: str, mask: np.ndarray) -> tuple[float, float]:
        """Allowed fraction of the normal flow: what is let through in ``month``, and what is expected before learning."""
        raise TypeError(f"trade measure {self.kind!r} does not say what it lets through")

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Cap the restricted edges now, and in the forward allocation as far as the measure is believed."""
        for metal in self.metals:
            market, mask = self.edges(world, metal)
            if not mask.any():
                continue
            now, prior = self.allowed(effects, month, market, mask)
            effects.restrict(
                market,
                mask,
                in_force=self.intensity(month),
                allowed_now=now,
                allowed_prior=prior,
                belief=self.belief(month, world),
                memory_key=(metal, market),
                of_largest=self.of_largest,
            )


class ExportBan(_TradeMeasure):
    """Exports of a metal form are forbidden, fully or in part, to all or to named partners."""

    kind: Literal["export_ban"] = "export_ban"
    strength: float = Field(
        1.0, ge=0, le=1, description="share of normal exports that is forbidden", json_schema_extra={"unit": "1"}
    )

    def allowed(self, effects: Effects, month: int, market: str, mask: np.ndarray) -> tuple[float, float]:
        """Share of normal exports that the ban leaves."""
        return 1.0 - self.strength, 1.0 - self.strength


class ExportQuota(_TradeMeasure):
    """Exports of a metal form are limited to a tonnage."""

    of_largest: ClassVar[bool] = True
    kind: Literal["export_quota"] = "export_quota"
    tonnes_per_year: float = Field(ge=0, description="exports allowed", json_schema_extra={"unit": "t metal/year"})
    schedule: list[Period] = Field(
        default_factory=list, description="other allowed tonnages (t metal per year) for some months"
    )
    _in_order = field_validator("schedule")(in_order)

    def tonnes_per_month(self, month: int) -> float:
        """Allowed exports in ``month``, t metal per month."""
        for period in self.schedule:
            if parse_month(period.start) <= month <= parse_month(period.end):
                return period.value / 12.0
        return self.tonnes_per_year / 12.0

    def allowed(self, effects: Effects, month: int, market: str, mask: np.ndarray) -> tuple[float, float]:
        """The quota over the largest exports that the open edges could carry; agents take it at its word."""
        largest = float(largest_flow(effects.world, market)[mask].sum())
        share = min(self.tonnes_per_month(month) / largest, 1.0) if largest > 0 else 1.0
        return share, share


class ExportLicence(_TradeMeasure):
    """Exports need a licence: none while the first are examined, then a share of normal exports is approved."""

    kind: Literal["export_licence"] = "export_licence"
    delay_months: int = Field(
        2, ge=0, le=24, description="months without any approval after the start", json_schema_extra={"unit": "months"}
    )
    approved_share: float | None = Field(
        None,
        ge=0,
        le=1,
        description="share of normal exports expected to be approved; left out: the parameter licence_approval",
        json_schema_extra={"unit": "1"},
    )
    realised: list[Period] = Field(
        default_factory=list, description="share of normal exports really let through in some months, where it is known"
    )
    _in_order = field_validator("realised")(in_order)

    def allowed(self, effects: Effects, month: int, market: str, mask: np.ndarray) -> tuple[float, float]:
        """What was really approved where it is known, else nothing while waiting and the approved share after it."""
        expected = effects.world.parameters["licence_approval"] if self.approved_share is None else self.approved_share
        for period in self.realised:
            if parse_month(period.start) <= month <= parse_month(period.end):
                return min(period.value, 1.0), expected
        if month < parse_month(self.start) + self.delay_months:
            return 0.0, expected
        refused = (1.0 - expected) * float(effects.world.noise("licence")[effects.shock])
        return max(1.0 - refused, 0.0), expected

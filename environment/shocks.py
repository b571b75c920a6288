"""Shocks and policies: one contract, one registry.

A shock is a small pydantic class. Its fields say whom and what it touches, when it is announced, starts and ends, how strong
it is and how it recovers; ``act`` writes what it does this month, and what is expected of it, into the month's
:class:`~environment.effects.Effects`. A new kind is one class with a new ``kind``: scenario files, the command line, the
dashboard and the docs read the registry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from environment.calendar import parse_month
from environment.effects import TRADE_MARKETS
from environment.shock import REGISTRY, Extension, Form, Period, Shock, Step

if TYPE_CHECKING:
    from environment.effects import Effects
    from environment.world import World

__all__ = ["REGISTRY", "Extension", "Period", "Shock", "Step"]

Edges = dict[str, np.ndarray]
"""Boolean masks of edges, shape (E,), by market ("feed" or "refined")."""
REACHED = 0.01
"""Share of an actor's exports of a metal below which a measure is said to touch none of them: an assumption. Traces that a
recycler sells abroad beside the ore of a mining country are no reason to believe that its exports are restricted."""


class _TradeMeasure(Shock):
    """A measure of one country on its exports of some metals, in every traded form or in one."""

    parts_market: ClassVar[bool] = True
    of_largest: ClassVar[bool] = False
    """True when the allowed fraction is one of the largest flow of an edge, False when it is one of the normal flow."""

    actor: str = Field(description="country (ISO 3166 alpha-3) or group whose exports are restricted")
    metals: list[str] = Field(min_length=1, description="metals whose exports are restricted")
    form: Form = Field(
        "all",
        description="form that is restricted; 'feed' means ore or intermediate, as the metal has it; left out: every form",
    )
    partners: list[str] = Field(default_factory=list, description="countries or groups concerned; empty: all")

    def edges(self, world: World, metal: str) -> Edges:
        """The restricted edges of one metal by market; markets without any are left out."""
        markets = TRADE_MARKETS if self.form == "all" else ("refined",) if self.form == "refined" else ("feed",)
        masks = {market: self._edges_of(world, market, metal) for market in markets}
        return {market: mask for market, mask in masks.items() if mask.any()}

    def _edges_of(self, world: World, market: str, metal: str) -> np.ndarray:
        """Edges of a market on which the actor sends the metal abroad to those concerned, boolean, shape (E,)."""
        table = world.markets[market]
        metal_index = world.layout.metal_index.get(metal, -1)
        exporters = self.actors(world)
        mask: np.ndarray = (table.metal == metal_index) & np.isin(table.seller_country, exporters)
        mask &= ~np.isin(table.buyer_country, exporters)
        if self.partners:
            partners = np.concatenate([world.layout.country_indices(name) for name in self.partners])
            mask &= np.isin(table.buyer_country, partners)
        return mask

    def allowed(self, world: World, month: int, edges: Edges) -> tuple[float, float]:
        """Allowed fraction of the normal flow: what is let through in ``month``, and what is expected before learning.

        Args:
            world: the world, read only.
            month: month number.
            edges: the restricted edges of one metal, by market.
        """
        raise TypeError(f"trade measure {self.kind!r} does not say what it lets through")

    def act(self, world: World, effects: Effects, month: int) -> None:
        """Cap the restricted edges now, and in the forward allocation as far as the measure is believed."""
        for metal in self.metals:
            edges = self.edges(world, metal)
            if not edges:
                continue
            now, prior = self.allowed(world, month, edges)
            for market, mask in edges.items():
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

    def unreached(self, world: World) -> list[str]:
        """Metals that the actor exports in the base month, but in no form that the measure restricts: one line each."""
        lines = []
        for metal in self.metals:
            exports = {market: self._exports(world, market, metal) for market in TRADE_MARKETS}
            touched, total = sum(exports[market] for market in self.edges(world, metal)), sum(exports.values())
            largest = max(exports, key=exports.__getitem__)
            if exports[largest] > 0.0 and touched < REACHED * total:
                form = "refined" if largest == "refined" else world.layout.feed_forms[world.layout.metal_index[metal]]
                lines.append(
                    f"form = {self.form!r} touches {touched / total:.1%} of the {metal} that {self.actor} exports: it "
                    f"leaves as {form}, {12.0 * exports[largest]:,.0f} t a year; write form = {form!r}, or leave form out"
                )
        return lines

    def _exports(self, world: World, market: str, metal: str) -> float:
        """What the actor exports to those concerned in the base month, t."""
        return float(world.markets[market].base[self._edges_of(world, market, metal)].sum())


class ExportBan(_TradeMeasure):
    """Exports of a metal are forbidden, fully or in part, to all or to named partners."""

    kind: Literal["export_ban"] = "export_ban"
    strength: float = Field(
        1.0, ge=0, le=1, description="share of normal exports that is forbidden", json_schema_extra={"unit": "1"}
    )

    def allowed(self, world: World, month: int, edges: Edges) -> tuple[float, float]:
        """Share of normal exports that the ban leaves."""
        return 1.0 - self.strength, 1.0 - self.strength


class ExportQuota(_TradeMeasure):
    """Exports of a metal are limited to a tonnage, all restricted forms together."""

    of_largest: ClassVar[bool] = True
    kind: Literal["export_quota"] = "export_quota"
    tonnes_per_year: float = Field(ge=0, description="exports allowed", json_schema_extra={"unit": "t metal/year"})
    schedule: list[Period] = Field(
        default_factory=list, description="other allowed tonnages (t metal per year) for some months"
    )

    def tonnes_per_month(self, month: int) -> float:
        """Allowed exports in ``month``, t metal per month."""
        for period in self.schedule:
            if parse_month(period.start) <= month <= parse_month(period.end):
                return period.value / 12.0
        return self.tonnes_per_year / 12.0

    def allowed(self, world: World, month: int, edges: Edges) -> tuple[float, float]:
        """The quota over the largest exports, all forms together, that the edges could carry; agents take it at its word."""
        largest = sum(float(world.largest_flow(market)[mask].sum()) for market, mask in edges.items())
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

    def allowed(self, world: World, month: int, edges: Edges) -> tuple[float, float]:
        """What was really approved where it is known, else nothing while waiting and the approved share after it."""
        expected = world.parameters["licence_approval"] if self.approved_share is None else self.approved_share
        for period in self.realised:
            if parse_month(period.start) <= month <= parse_month(period.end):
                return min(period.value, 1.0), expected
        if month < parse_month(self.start) + self.delay_months:
            return 0.0, expected
        refused = (1.0 - expected) * float(world.noise("licence")[world.shocks.index(self)])
        return max(1.0 - refused, 0.0), expected


class Conflict(Shock):
    """Fighting costs output and closes or lengthens the routes out of a country; both recover slowly."""

    parts_market: ClassVar[bool] = True
    kind: Literal["conflict"] = "conflict"
    actor: str = Field(description="country or group where the fighting is")
    metals: list[str] = Field(min_length=1, description="metals concerned")
    output_loss: float = Field(
        0.0, ge=0, le=1, description="share of mine output lost", json_schema_extra={"unit": "1"}
    )
    routes_lost: float = Field(
        0.0, ge=0, le=1, description="share of export routes closed", json_schema_extra={"unit": "1"}
    )
    route_delay_months: int = Field(
        0, ge=0, le=6, description="longer way of what still leaves the country", json_schema_extra={"unit": "months"}
    )

    def act(self, world: World, effects: Effects, month: int) -> None:
        """Lose mine output, close a share of the export routes and lengthen the rest."""
        belief, force = self.belief(month, world), self.intensity(month)
        countries = self.actors(world)
        for metal in self.metals:
            index = world.layout.metal_index.get(metal, -1)
            miners = world.miners.rows(metal=index, countries=countries)
            effects.lose_output(miners, self.output_loss * force, self.output_loss, belief)
            for market in ("feed", "refined"):
                table = world.markets[market]
                mask = (
                    (table.metal == index)
                    & np.isin(table.seller_country, countries)
                    & ~np.isin(table.buyer_country, countries)
                )
                if not mask.any():
                    continue
                allowed = 1.0 - self.routes_lost
                effects.restrict(market, mask, force, allowed, allowed, belief, memory_key=(metal, market))
                if force == 1.0:
                    effects.delay(market, mask, self.route_delay_months)


class MineOutage(Shock):
    """A mine, or a share of a country's output, is lost: accident, strike, court ruling, closure."""

    kind: Literal["mine_outage"] = "mine_outage"
    actor: str = Field(description="country or group where output is lost")
    metals: list[str] = Field(
        min_length=1, description="metals, or hosts such as zinc and alumina, whose output is lost"
    )
    strength: float = Field(
        ge=0, le=1, description="share of the country's output lost", json_schema_extra={"unit": "1"}
    )

    def act(self, world: World, effects: Effects, month: int) -> None:
        """Lose a share of mine output, or of a host outside the world's metals."""
        belief, force = self.belief(month, world), self.intensity(month)
        for metal in self.metals:
            if metal in world.layout.metal_index:
                rows = world.miners.rows(metal=world.layout.metal_index[metal], countries=self.actors(world))
                effects.lose_output(rows, self.strength * force, self.strength, belief)
            else:
                rows = world.layout.host_rows(metal, self.actors(world))
                effects.lose_host(rows, self.strength * force, self.strength, belief)


class DemandSurge(Shock):
    """Demand for some products rises (or falls) against the expected path."""

    kind: Literal["demand_surge"] = "demand_surge"
    products: list[str] = Field(default_factory=list, description="products; empty: all")
    metals: list[str] = Field(default_factory=list, description="metals concerned in these products; empty: all")
    strength: float = Field(
        ge=-0.95, le=20, description="change of demand against the expected path", json_schema_extra={"unit": "1"}
    )
    ramp_months: int = Field(
        0, ge=0, le=120, description="time over which the change builds up", json_schema_extra={"unit": "months"}
    )

    def level(self, month: int) -> float:
        """Relative change of demand in ``month``."""
        since = month - parse_month(self.start)
        built = 1.0 if self.ramp_months == 0 else min(max((since + 1) / self.ramp_months, 0.0), 1.0)
        return self.strength * built * self.intensity(month)

    def act(self, world: World, effects: Effects, month: int) -> None:
        """Change demand now and, as far as believed, ahead."""
        lines = world.layout.line_rows(self.products, self.metals)
        credibility = self.belief(month, world).credibility
        ahead = [np.mean([self.level(month + k) for k in range(int(h))]) for h in effects.horizons]
        now = self.level(month)
        effects.change_demand(lines, now, np.array([now + credibility * (level - now) for level in ahead]))


class StockPurchase(Shock):
    """Investors or a government buy refined metal and keep it off the market."""

    kind: Literal["stock_purchase"] = "stock_purchase"
    actor: str | None = Field(
        None,
        description="country or group in whose market the metal is bought; left out: everywhere, in proportion to use",
    )
    metals: list[str] = Field(min_length=1, description="metals that are bought")
    tonnes: float = Field(
        ge=0,
        description="bought from start to end, or in each year without an end",
        json_schema_extra={"unit": "t metal"},
    )
    schedule: list[Period] = Field(
        default_factory=list, description="other purchases (t metal per year) for some months; outside of them none"
    )

    def tonnes_per_month(self, month: int) -> float:
        """Wanted purchases in ``month``, t metal per month."""
        for period in self.schedule:
            if parse_month(period.start) <= month <= parse_month(period.end):
                return period.value / 12.0
        if self.schedule:
            return 0.0
        end = self.final_end
        months = 12 if end is None else end - parse_month(self.start) + 1
        return self.tonnes / months * self.intensity(month)

    def act(self, world: World, effects: Effects, month: int) -> None:
        """Order metal at the actor's desks in proportion to their use; others expect the buying to go on as long as believed."""
        first = parse_month(self.start)
        now = self.tonnes_per_month(month) if self.intensity(month) > 0 else 0.0
        rate = now if month >= first else self.tonnes_per_month(first)
        ahead = rate * self.belief(month, world).restricted_months(effects.horizons)
        for metal in self.metals:
            index = world.layout.metal_index.get(metal, -1)
            desks = world.desks.metal == index
            if self.actor is not None:
                desks &= np.isin(world.desks.country, self.actors(world))
            effects.buy(desks, now, ahead)


class ExtendedProducerResponsibility(Shock):
    """Producers answer for the end of life of their products (EPR): collection, recovery, recycled content."""

    policy: ClassVar[bool] = True
    kind: Literal["epr"] = "epr"
    actor: str = Field(description="country or group where the rule holds")
    products: list[str] = Field(min_length=1, description="products under the rule")
    collection: list[Step] = Field(default_factory=list, description="collection rate of end-of-life products to reach")
    recovery: dict[str, list[Step]] = Field(default_factory=dict, description="recovery yield to reach, by metal")
    recycled_content: dict[str, list[Step]] = Field(
        default_factory=dict, description="least share of recycled metal in new products, by metal"
    )
    permanent: bool = Field(
        True, description="true for a law nobody expects to end; false for a measure seen as passing"
    )

    def metals_named(self) -> list[str]:
        """Metals for which the rule asks something; none where it asks for collection alone."""
        return sorted({*self.recovery, *self.recycled_content})

    def act(self, world: World, effects: Effects, month: int) -> None:
        """Ask for collection, recovery and recycled content, each on its way to the next step."""
        if self.intensity(month) == 0.0:
            return
        since = parse_month(self.start)
        countries = self.actors(world)
        if self.collection:
            effects.require_collection(
                world.layout.in_use_rows(countries, self.products), ramp(self.collection, since, month)
            )
        for metal, steps in self.recovery.items():
            effects.require_recovery(
                world.layout.recycler_rows(countries, self.products), metal, ramp(steps, since, month)
            )
        for metal, steps in self.recycled_content.items():
            effects.require_content(
                world.layout.line_rows(self.products, [metal], countries), ramp(steps, since, month)
            )


def ramp(steps: list[Step], since: int, month: int) -> tuple[float, float]:
    """Where a policy stands between its steps.

    Args:
        steps: values with dates, in order.
        since: month number at which the first ramp begins.
        month: month number asked for.

    Returns:
        (target, progress): the value of the step being approached, and how far the way from what was there before
        ``since`` (0) to the target has been gone (1). Between two steps the target itself moves linearly.
    """
    first = parse_month(steps[0].date)
    if month < first:
        return steps[0].value, (month - since + 1) / max(first - since + 1, 1)
    dates = np.array([parse_month(step.date) for step in steps], float)
    return float(np.interp(month, dates, [step.value for step in steps])), 1.0

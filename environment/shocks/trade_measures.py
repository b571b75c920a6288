"""Measures of a country on its trade: what they share, and bans, quotas and licences of exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from lodeflow.agents import country, guards, seller
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.fields import LARGEST_TONNES
from lodeflow.environment.market.contracts import largest_flow
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.kept import kept
from lodeflow.environment.shocks.shock import Form, Period, Shock, in_order
from lodeflow.environment.shocks.written import TRADE_MARKETS

if TYPE_CHECKING:
    from lodeflow.environment.market.edges import Market
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


CAPS = ("cap_now", "cap_ahead", "exposed", "held")
"""Effects of every limit on trade."""
Edges = dict[str, np.ndarray]
"""Boolean masks of edges, shape (E,), by market ("feed" or "refined")."""


REACHED = 0.01
"""Share of an actor's exports of a metal below which a measure is said to touch none of them: an assumption. Traces that a
recycler sells abroad beside the ore of a mining country are no reason to believe that its exports are restricted."""


class _TradeMeasure(Shock):
    """A measure of one country on its trade in some metals, in every traded form or in one."""

    parts_market: ClassVar[bool] = True
    against_trade: ClassVar[bool] = True
    restricts: ClassVar[str] = "exports"
    """What it restricts of the actor's trade: "exports", "imports" or "trade" in both directions."""
    of_largest: ClassVar[bool] = False
    """True when the allowed fraction is one of the largest flow of an edge, False when it is one of the normal flow."""

    actor: str = Field(description="country (ISO 3166 alpha-3) or group whose exports are restricted")
    metals: list[str] = Field(min_length=1, description="metals whose exports are restricted")
    form: Form = Field(
        "all",
        description="form that is restricted; 'feed' means ore or intermediate, as the metal has it; left out: every form",
    )
    partners: list[str] = Field(default_factory=list, description="countries or groups concerned; empty: all")

    def edges(self, world: State, metal: str) -> Edges:
        """The restricted edges of one metal by market; markets without any are left out."""
        markets = TRADE_MARKETS if self.form == "all" else ("refined",) if self.form == "refined" else ("feed",)
        return kept(world, ("forms", *self._where(), self.form, metal), lambda: self._find_forms(world, markets, metal))

    def _find_forms(self, world: State, markets: tuple[str, ...], metal: str) -> Edges:
        masks = {market: self._edges_of(world, market, metal) for market in markets}
        return {market: mask for market, mask in masks.items() if mask.any()}

    def _edges_of(self, world: State, market: str, metal: str) -> np.ndarray:
        """Edges of a market on which the actor trades the metal with those concerned, boolean, shape (E,)."""
        key = ("edges", *self._where(), self.form, market, metal)
        return kept(world, key, lambda: self._find_edges(world, market, metal))

    def _where(self) -> tuple[str, ...]:
        """What its edges depend on beside form and metal."""
        return (self.restricts, self.actor, *self.partners)

    def _find_edges(self, world: State, market: str, metal: str) -> np.ndarray:
        table = world.markets[market]
        metal_index = world.layout.metal_index.get(metal, -1)
        mask: np.ndarray = (table.metal == metal_index) & self._crossing(world, table)
        if self.form in ("ore", "intermediate"):
            mask &= table.intermediate == (self.form == "intermediate")
        return mask

    def _crossing(self, world: State, table: Market) -> np.ndarray:
        """Edges that cross the actor's border in the direction that is restricted, to or from those concerned, boolean, (E,)."""
        actor, concerned = world.layout.marked(self.actors(world)), np.ones(len(world.countries), bool)
        if self.partners:
            named = np.concatenate([world.layout.country_indices(name) for name in self.partners])
            concerned = world.layout.marked(named)
        concerned = concerned & ~actor
        out = actor[table.seller_country] & concerned[table.buyer_country]
        if self.restricts == "exports":
            return out
        into = actor[table.buyer_country] & concerned[table.seller_country]
        return into if self.restricts == "imports" else out | into

    def allowed(self, effects: Effects, month: int, edges: Edges) -> tuple[float, float]:
        """Allowed fraction of the normal flow: what is let through in ``month``, and what is expected before learning.

        Args:
            effects: of the month, read only.
            month: month number.
            edges: the restricted edges of one metal, by market.
        """
        raise TypeError(f"trade measure {self.kind!r} does not say what it lets through")

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Cap the restricted edges now, and in the forward allocation as far as the measure is believed."""
        force, belief = self.intensity(month), self.belief(month, world)
        months = max(month - parse_month(self.start), 0)
        for metal in self.metals:
            edges = self.edges(world, metal)
            if not edges:
                continue
            now, prior = self.allowed(effects, month, edges)
            for market, mask in edges.items():
                elsewhere = self._elsewhere(world, market, metal, mask)
                around = elsewhere * (1.0 - world.markets[market].straight[mask]) if self.partners else None
                owned = effects.owned(market, mask) if self.restricts == "exports" else None
                if owned is not None:
                    around = owned if around is None else seller.past_measure(around, owned)
                effects.restrict(
                    market,
                    mask,
                    in_force=force,
                    allowed_now=now,
                    allowed_prior=prior,
                    belief=belief,
                    memory_key=(metal, market),
                    of_largest=self.of_largest,
                    elsewhere=elsewhere,
                    around=around,
                    months=months,
                )
            if self.form == "ore" and self.restricts == "exports":
                self._keep_to_plants(world, effects, month, metal, now, prior)

    def _keep_to_plants(self, world: State, effects: Effects, month: int, metal: str, now: float, prior: float) -> None:
        """Ore that may not leave cannot leave as matte or hydroxide at once: what the plants make goes on, and no more. ODD 7.2."""
        mask = self.model_copy(update={"form": "intermediate"})._edges_of(world, "feed", metal)
        if mask.any():
            effects.restrict(
                "feed",
                mask,
                in_force=self.intensity(month),
                allowed_now=now,
                allowed_prior=prior,
                belief=self.belief(month, world),
                memory_key=(metal, "feed", "intermediate"),
                beside=True,
            )

    def _elsewhere(self, world: State, market: str, metal: str, mask: np.ndarray) -> float:
        """Share of the actor's trade of the base month, in that direction, that is with those whom the measure leaves free."""
        key = ("elsewhere", *self._where(), market, metal, self.form)
        return kept(world, key, lambda: self._find_elsewhere(world, market, mask))

    def _find_elsewhere(self, world: State, market: str, mask: np.ndarray) -> float:
        table = world.markets[market]
        abroad = self.model_copy(update={"partners": []})._crossing(world, table)
        abroad &= table.metal == table.metal[mask][0]
        return 1.0 - float(table.base[mask].sum() / max(table.base[abroad].sum(), guards.LEAST))

    def unreached(self, world: State) -> list[str]:
        """Metals that the actor does not export in the base month, or in no form that the measure restricts: one line each."""
        lines = []
        for metal in self.metals:
            every = self.model_copy(update={"form": "all"})
            exports = {market: every._exports(world, market, metal) for market in TRADE_MARKETS}
            touched = sum(self._exports(world, market, metal) for market in self.edges(world, metal))
            total = sum(exports.values())
            if total == 0.0:
                whom = f" {self._ways()[1]} {', '.join(self.partners)}" if self.partners else ""
                lines.append(
                    f"{self.actor} {self._ways()[0]} no {metal}{whom} when the run starts: there is nothing to restrict"
                )
            largest = max(exports, key=exports.__getitem__)
            if exports[largest] > 0.0 and touched < REACHED * total:
                form = self._leaves_as(world, largest, metal)
                does, _, goes = self._ways()
                lines.append(
                    f"form = {self.form!r} touches {touched / total:.1%} of the {metal} that {self.actor} {does}: it "
                    f"{goes} as {form}, {12.0 * exports[largest]:,.0f} t a year; write form = {form!r}, or leave form out"
                )
        return lines

    def _ways(self) -> tuple[str, str, str]:
        """What the actor does, with whom, and how the metal goes, in words."""
        words = {"exports": ("exports", "to", "leaves"), "imports": ("imports", "from", "comes")}
        return words.get(self.restricts, ("trades", "with", "moves"))

    def powerless(self, world: State) -> str:
        """A measure that lets through all that is traded."""
        done = {"exports": "exported", "imports": "imported"}.get(self.restricts, "traded")
        return f"it lets through all that is {done}"

    def _leaves_as(self, world: State, market: str, metal: str) -> str:
        """Form of most of what the actor trades on a market: refined, ore or intermediate."""
        if market == "refined":
            return market
        table, mask = world.markets[market], self.model_copy(update={"form": "feed"})._edges_of(world, market, metal)
        other = table.base[mask & table.intermediate].sum()
        return "intermediate" if 2.0 * other > table.base[mask].sum() else "ore"

    def _exports(self, world: State, market: str, metal: str) -> float:
        """What the actor trades with those concerned in the base month, t."""
        return float(world.markets[market].base[self._edges_of(world, market, metal)].sum())


class ExportBan(_TradeMeasure):
    """Exports of a metal are forbidden, fully or in part, to all or to named partners."""

    card: ClassVar[Card | None] = Card(
        source="events E06, E28, E30: nickel ore 2014, gallium and germanium 2024, cobalt 2025",
        strength="strength",
        unit="share of normal exports",
        steps=(0.2, 0.6, 1.0),
        example={"actor": "COD", "metals": ["cobalt"], "form": "feed"},
        metals=("cobalt",),
        writes=CAPS,
        quantity="exports blocked",
        signs={"price abroad": 1, "what mines ask": -1, "exports": -1},
    )
    kind: Literal["export_ban"] = "export_ban"
    strength: float = Field(
        1.0, ge=0, le=1, description="share of normal exports that is forbidden", json_schema_extra={"unit": "1"}
    )

    def allowed(self, effects: Effects, month: int, edges: Edges) -> tuple[float, float]:
        """Share of normal exports that the ban leaves."""
        return 1.0 - self.strength, 1.0 - self.strength


class ExportQuota(_TradeMeasure):
    """Exports of a metal are limited to a tonnage, all restricted forms together."""

    card: ClassVar[Card | None] = Card(
        source="events E01, E31: rare earths 2010, cobalt 2025",
        strength="tonnes_per_year",
        unit="t metal/year",
        steps=(160_000.0, 100_000.0, 40_000.0),
        example={"actor": "COD", "metals": ["cobalt"], "form": "feed"},
        metals=("cobalt",),
        writes=CAPS,
        quantity="exports blocked",
        signs={"price abroad": 1, "what mines ask": -1, "exports": -1},
    )
    of_largest: ClassVar[bool] = True
    kind: Literal["export_quota"] = "export_quota"
    tonnes_per_year: float = Field(
        ge=0, le=LARGEST_TONNES, description="exports allowed", json_schema_extra={"unit": "t metal/year"}
    )
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

    def allowed(self, effects: Effects, month: int, edges: Edges) -> tuple[float, float]:
        """The quota over the largest exports, all forms together, that the edges could carry; agents take it at its word."""
        largest = sum(float(largest_flow(effects.world, market)[mask].sum()) for market, mask in edges.items())
        share = min(self.tonnes_per_month(month) / largest, 1.0) if largest > 0 else 1.0
        return share, share

    def powerless(self, world: State) -> str:
        """A quota above what the actor exports."""
        quotas = [period.value for period in self.schedule] + [self.tonnes_per_year]
        exports = [
            12.0 * sum(self._exports(world, market, metal) for market in self.edges(world, metal))
            for metal in self.metals
        ]
        if min(quotas) < max(exports):
            return ""
        return (
            f"its quota, {min(quotas):,.0f} t a year, lies above what {self.actor} {self._ways()[0]} when the run starts, "
            f"{max(exports):,.0f} t a year"
        )


class ExportLicence(_TradeMeasure):
    """Exports need a licence: none while the first are examined, then a share that partners learn is approved."""

    card: ClassVar[Card | None] = Card(
        source="events E23, E24, E25, E33, E34; policy P075: 45 working days",
        strength="delay_months",
        unit="months",
        steps=(0.0, 3.0, 8.0),
        example={"actor": "CHN", "metals": ["gallium"], "approved_share": 0.6},
        metals=("gallium",),
        writes=CAPS,
        quantity="exports blocked",
        signs={"price abroad": 1, "price at home": -1, "exports": -1},
    )
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

    @field_validator("realised")
    @classmethod
    def _shares(cls, realised: list[Period]) -> list[Period]:
        for period in realised:
            if period.value > 1.0:
                raise ValueError(f"{period.value:g} is no share; write 0.5 for half of normal exports")
        return realised

    def allowed(self, effects: Effects, month: int, edges: Edges) -> tuple[float, float]:
        """What was really approved where it is known, else nothing while waiting and the approved share after it."""
        expected = effects.world.parameters["licence_approval"] if self.approved_share is None else self.approved_share
        for period in self.realised:
            if parse_month(period.start) <= month <= parse_month(period.end):
                return min(period.value, 1.0), expected
        if month < parse_month(self.start) + self.delay_months:
            return 0.0, expected
        return country.approved_share(expected, float(effects.world.noise("licence")[effects.shock])), expected

"""Measures on what comes in, and between blocs: import bans and limits, waste-import bans, sanctions, retaliation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.kept import kept
from lodeflow.environment.shocks.shock import Shock
from lodeflow.environment.shocks.trade_measures import CAPS, Edges, ExportBan, ExportQuota

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class ImportBan(ExportBan):
    """Imports of a metal are forbidden, fully or in part, from all or from named partners."""

    parts_market: ClassVar[bool] = False
    restricts: ClassVar[str] = "imports"
    card: ClassVar[Card | None] = Card(
        source="event E12: China suspends deliveries of rare-earth ore from Myanmar",
        strength="strength",
        unit="share of normal imports",
        steps=(0.2, 0.6, 1.0),
        example={"actor": "CHN", "metals": ["cobalt"], "form": "feed"},
        metals=("cobalt",),
        writes=CAPS,
        quantity="imports blocked",
        signs={"imports": -1, "price at home": 1},
    )
    kind: Literal["import_ban"] = "import_ban"  # type: ignore[assignment]
    strength: float = Field(
        1.0, ge=0, le=1, description="share of normal imports that is forbidden", json_schema_extra={"unit": "1"}
    )


class ImportQuota(ExportQuota):
    """Imports of a metal are limited to a tonnage, all restricted forms together."""

    parts_market: ClassVar[bool] = False
    restricts: ClassVar[str] = "imports"
    card: ClassVar[Card | None] = Card(
        source="policy P046 and P047: import quotas of China for copper scrap, here for ore and metal",
        strength="tonnes_per_year",
        unit="t metal/year",
        steps=(150_000.0, 100_000.0, 40_000.0),
        example={"actor": "CHN", "metals": ["cobalt"], "form": "feed"},
        metals=("cobalt",),
        writes=CAPS,
        quantity="imports blocked",
        signs={"imports": -1, "price at home": 1},
    )
    kind: Literal["import_quota"] = "import_quota"  # type: ignore[assignment]


class Sanction(ExportBan):
    """Two blocs stop trading a metal with each other, in both directions."""

    parts_market: ClassVar[bool] = False
    restricts: ClassVar[str] = "trade"
    card: ClassVar[Card | None] = Card(
        source="events E20, E28, E38: trade between blocs stops or is feared to; both sides at once is an assumption",
        strength="strength",
        unit="share of normal trade",
        steps=(0.2, 0.6, 1.0),
        example={"actor": "CHN", "partners": ["OECD"], "metals": ["gallium"], "form": "refined"},
        metals=("gallium",),
        writes=CAPS,
        quantity="exports blocked",
        signs={"price among partners": 1, "exports": -1},
    )
    kind: Literal["sanction"] = "sanction"  # type: ignore[assignment]
    partners: list[str] = Field(min_length=1, description="the other bloc: countries or groups")
    strength: float = Field(
        1.0, ge=0, le=1, description="share of normal trade that stops", json_schema_extra={"unit": "1"}
    )


class Retaliation(ExportBan):
    """A country answers measures of its partners by a fixed rule: a share of its exports to them stops while theirs last."""

    card: ClassVar[Card | None] = Card(
        source="event E28: China's ban of 2024 followed export controls of the USA by a day; the rule itself is an assumption",
        strength="strength",
        unit="share of normal exports",
        steps=(0.2, 0.6, 1.0),
        example={"actor": "CHN", "partners": ["USA"], "metals": ["gallium"], "form": "refined"},
        metals=("gallium",),
        writes=CAPS,
        quantity="exports blocked",
        signs={"exports": -1},
        beside=({"kind": "import_ban", "actor": "USA", "metals": ["gallium"], "partners": ["CHN"], "strength": 0.1},),
    )
    kind: Literal["retaliation"] = "retaliation"  # type: ignore[assignment]
    partners: list[str] = Field(min_length=1, description="countries or groups whose measures are answered")
    delay_months: int = Field(
        1, ge=0, le=60, description="months from a measure to the answer", json_schema_extra={"unit": "months"}
    )

    def provoked(self, world: State, month: int) -> bool:
        """Whether a measure of the partners that touches the actor was in force ``delay_months`` ago."""
        answered = kept(
            world, ("provoked", self.actor, *self.partners, len(world.shocks)), lambda: self._answered(world)
        )
        return any(shock.intensity(month - self.delay_months) > 0.0 for shock in answered)

    def _answered(self, world: State) -> list[Shock]:
        """Measures of the partners that touch the actor; other answers are not answered."""
        own = self.actors(world)
        theirs = np.concatenate([world.layout.country_indices(name) for name in self.partners])
        return [
            shock
            for shock in world.shocks
            if isinstance(shock, Shock)
            and shock.against_trade
            and not isinstance(shock, Retaliation)
            and np.isin(shock.actors(world), theirs).any()
            and _concerns(world, shock, own)
        ]

    def allowed(self, effects: Effects, month: int, edges: Edges) -> tuple[float, float]:
        """Nothing is held back until there is something to answer."""
        left = 1.0 - self.strength if self.provoked(effects.world, month) else 1.0
        return left, left

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Answer, and let it be news in the month in which the answer begins or ends."""
        super().act(world, effects, month)
        first = parse_month(self.start)
        before = month > first and self.provoked(world, month - 1)
        if self.intensity(month) > 0.0 and self.provoked(world, month) != before:
            effects.written.news = True

    def powerless(self, world: State) -> str:
        """An answer to nothing."""
        return f"no measure of {', '.join(self.partners)} touches {self.actor} in this scenario"


def _concerns(world: State, shock: Shock, countries: np.ndarray) -> bool:
    """Whether a measure names some countries among its partners, or names none."""
    named = shock.places[1:] if shock.acting_place else shock.places
    return not named or any(np.isin(world.layout.country_indices(name), countries).any() for name in named)


class WasteImportBan(Shock):
    """Imports of scrap are forbidden, fully or in part: exporters must treat it at home, sell it elsewhere or bury it."""

    against_trade: ClassVar[bool] = True
    card: ClassVar[Card | None] = Card(
        source="event E11; policies P046, P047: China's ban on waste imports from 2017",
        strength="strength",
        unit="share of the base month's imports of scrap",
        steps=(0.3, 0.6, 1.0),
        example={"actor": "CHN"},
        metals=("copper",),
        writes=("scrap_open",),
        quantity="scrap imports blocked",
        signs={"recycled at home": -1, "recycled abroad": 1},
        months=24,
    )
    kind: Literal["waste_import_ban"] = "waste_import_ban"
    actor: str = Field(description="country or group that takes no scrap any more")
    partners: list[str] = Field(default_factory=list, description="countries or groups concerned; empty: all")
    strength: float = Field(
        1.0,
        ge=0,
        le=1,
        description="share of the scrap imports of the base month that is forbidden",
        json_schema_extra={"unit": "1"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Close the way of scrap into the country, of all product groups and metals."""
        force = self.intensity(month)
        if force > 0.0:
            effects.limit_scrap(self.edges(world), 1.0 - force * self.strength)

    def edges(self, world: State) -> np.ndarray:
        """Scrap edges from abroad into the country, boolean, shape (E,)."""
        return kept(world, ("scrap", self.actor, *self.partners), lambda: self._find_edges(world))

    def _find_edges(self, world: State) -> np.ndarray:
        market, actor = world.markets["scrap"], world.layout.marked(self.actors(world))
        mask: np.ndarray = actor[market.buyer_country] & ~actor[market.seller_country]
        if self.partners:
            named = np.concatenate([world.layout.country_indices(name) for name in self.partners])
            mask &= world.layout.marked(named)[market.seller_country]
        return mask

    def powerless(self, world: State) -> str:
        """A ban of nothing, or where no scrap comes from abroad."""
        return f"no scrap comes to {self.actor} from abroad" if self.strength else "its strength is 0"


class WasteExportBan(WasteImportBan):
    """Exports of scrap are forbidden, fully or in part: it is treated at home, and customers abroad go without."""

    card: ClassVar[Card | None] = Card(
        source="policy P059: of high-quality copper scrap a quarter must be sold in the United States from 2027",
        strength="strength",
        unit="share of the base month's exports of scrap",
        steps=(0.3, 0.6, 1.0),
        example={"actor": "USA"},
        metals=("copper",),
        writes=("scrap_open",),
        quantity="scrap exports blocked",
        signs={"recycled at home": 1, "recycled abroad": -1},
        months=24,
    )
    kind: Literal["waste_export_ban"] = "waste_export_ban"  # type: ignore[assignment]
    actor: str = Field(description="country or group that lets no scrap out any more")
    strength: float = Field(
        1.0,
        ge=0,
        le=1,
        description="share of the scrap exports of the base month that is forbidden",
        json_schema_extra={"unit": "1"},
    )

    def edges(self, world: State) -> np.ndarray:
        """Scrap edges out of the country, boolean, shape (E,)."""
        return kept(world, ("scrap out", self.actor, *self.partners), lambda: self._find_edges(world))

    def _find_edges(self, world: State) -> np.ndarray:
        market, actor = world.markets["scrap"], world.layout.marked(self.actors(world))
        mask: np.ndarray = actor[market.seller_country] & ~actor[market.buyer_country]
        if self.partners:
            named = np.concatenate([world.layout.country_indices(name) for name in self.partners])
            mask &= world.layout.marked(named)[market.buyer_country]
        return mask

    def powerless(self, world: State) -> str:
        """A ban of nothing, or where no scrap goes abroad."""
        return f"no scrap of {self.actor} goes abroad" if self.strength else "its strength is 0"

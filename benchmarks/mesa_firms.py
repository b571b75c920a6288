"""How the opponent's miners and refiners earn, shut and build: the same rules, firm by firm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, log, log1p
from typing import Any

from benchmarks.mesa_roles import Metal, clip


@dataclass(slots=True)
class Firm:
    """Capacity in shares of what was planned, and what is remembered of the margin."""

    expansion: float = 1.0
    margin: float = 0.0
    stages: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    losing: float = 0.0
    shut: float = 0.0
    drawn: float = 1.0

    def remember(self, log_margin: float) -> None:
        """Mean of the last year."""
        self.margin += (log_margin - self.margin) / 12.0

    def close(self, profit: float, p: dict[str, float]) -> None:
        """Shut after months of loss, come back when a restart pays."""
        self.losing = self.losing + 1.0 if profit < 0.0 else 0.0
        shut = (p["close_max"] / 12.0 if self.losing >= p["loss_months"] else 0.0) * self.expansion
        back = (1.0 / p["restart_months"] if profit > log1p(p["restart_cost"]) else 0.0) * self.shut
        self.shut = (self.shut + shut - back) * (1.0 - 1.0 / p["shut_months"])
        self.expansion += back - shut

    def build(self, begun: float, changed: float, lead: float) -> None:
        """Start, build and finish capacity; win or lose some without building."""
        moving = [stage * (len(self.stages) / lead) for stage in self.stages]
        entering = [begun, *moving[:-1]]
        self.stages = [stage - out + new for stage, out, new in zip(self.stages, moving, entering, strict=True)]
        self.expansion = max(self.expansion * (1.0 + changed) + moving[-1], 0.0)


def margin(ask: float, paid: float, charge: float) -> float:
    """What a refinery earns over its charge of the base year, ln points."""
    return log(clip((ask - (1.0 - charge) * paid) / charge, 0.05, 50.0))


def paid(routes: Iterable[Any], bid: float) -> float:
    """Mean price of the feed that was bought, the own bid where none was."""
    bought = value = 0.0
    for route in routes:
        bought += route.flow
        value += route.flow * bid**0.5 * route.seller.ask**0.5
    return value / bought if bought > 1e-12 else bid


@dataclass(slots=True)
class Stage:
    """What all firms of a stage of one metal are and do, for a month."""

    planned: float = 0.0
    capacity: float = 0.0
    coming: float = 0.0
    drawn: float = 0.0
    beyond: float = 0.0
    drew: float = 0.0
    growth: float = 0.0
    lead: float = 1.0


def prospects(mines: Sequence[Any], part: float) -> list[float]:
    """How mines beyond the plan are spread, over what stands: a part goes to ore in the ground."""
    capacity: dict[int, float] = {}
    ground: dict[int, float] = {}
    for mine in mines:
        key = id(mine.metal)
        capacity[key] = capacity.get(key, 0.0) + mine.planned * mine.firm.expansion
        ground[key] = ground.get(key, 0.0) + mine.reserve
    return [
        1.0
        - part
        + part
        * (mine.reserve / ground[id(mine.metal)])
        / max(mine.planned * mine.firm.expansion / capacity[id(mine.metal)], 1e-12)
        for mine in mines
    ]


def place(
    firms: Sequence[Any],
    stages: dict[int, Stage],
    chances: Sequence[float],
    p: dict[str, float],
    feds: Sequence[float] | None = None,
) -> None:
    """New capacity: how much forecast and margins ask for, and where it is put."""
    draws = []
    feds = feds or [1.0] * len(firms)
    for each, chance, fed in zip(firms, chances, feds, strict=True):
        stage, own = stages[id(each.metal)], each.planned * each.firm.expansion
        draws.append((1.0 + chance) * exp(p["place_logit"] * clip(each.firm.margin, -3.0, 3.0)))
        stage.planned += each.planned
        stage.capacity += own
        stage.coming += each.planned * sum(each.firm.stages)
        stage.drawn += own * draws[-1]
        stage.beyond += own * draws[-1] * fed
    relatives = []
    for each, draw, fed in zip(firms, draws, feds, strict=True):
        stage = stages[id(each.metal)]
        relatives.append(draw * fed / (stage.beyond / stage.capacity))
        each.firm.drawn += (draw / (stage.drawn / stage.capacity) - each.firm.drawn) / stage.lead
        stage.drew += each.planned * each.firm.expansion * each.firm.drawn
    for each, chance, relative, fed in zip(firms, chances, relatives, feds, strict=True):
        stage, metal, firm = stages[id(each.metal)], each.metal, each.firm
        stands, coming = stage.capacity / stage.planned, stage.coming / stage.planned
        sold = exp(metal.gap + p["forecast_trust"] * stage.lead * (metal.gap - metal.usual_gap) / p["forecast_memory"])
        left = firm.margin - log1p(coming / stands) / metal.eta
        most = p["invest_max"]
        lacking = clip((sold - stands - coming) / p["plan_months"], 0.0, most / 12.0 * stands) / stands
        begun = clip(p["invest_response"] * left, 0.0, most) / 12.0 * (1.0 + chance) * fed + lacking * relative
        spared = clip((stands + coming - sold) / p["plan_months"], 0.0, stage.growth) * (firm.margin < 0.0)
        elsewhere = stage.growth * (firm.drawn / (stage.drew / stage.capacity) - 1.0)
        firm.build(begun * firm.expansion, elsewhere - spared, stage.lead)


def blank_stages(metals: Sequence[Metal], path: Any, t: int, leads: Sequence[float]) -> dict[int, Stage]:
    """Stages of every metal by the metal's identity, with the growth of the plan next month."""
    after = min(t + 1, len(path) - 1)
    growth = [max(float(path[after, m] / path[t, m]) - 1.0, 0.0) for m in range(len(metals))]
    return {id(metal): Stage(growth=growth[m], lead=float(leads[m])) for m, metal in enumerate(metals)}

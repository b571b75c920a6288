"""What can be done about an exposure: measures that change the position, and policies that change the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.exposure.position import Need, Position

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.scenario.scenario import Scenario

YEARS_AHEAD = 2
"""Years that a policy has to reach its rate, an assumption."""


@dataclass(frozen=True)
class Measure:
    """A row of the table of measures."""

    name: str
    title: str
    acts_on: str
    value: float


def candidates(tables: Tables) -> list[Measure]:
    """Return the measures of the table, in its order."""
    table = tables.measures
    columns = (table[name] for name in ("measure", "title", "acts_on", "value"))
    return [
        Measure(str(name), str(title), str(on), float(value)) for name, title, on, value in zip(*columns, strict=True)
    ]


Risk = Mapping[str, float]
"""Share of each supplier's metal that was mined or refined by who restricts it."""


def _more_stock(need: Need, measure: Measure, risk: Risk) -> Need:
    return need.model_copy(update={"stock": max(need.stock, measure.value * need.use)})


def _spread(need: Need, measure: Measure, risk: Risk) -> Need:
    """No supplier above the largest share; what is above goes to the others in proportion, as far as they stay below it."""
    most, shares = measure.value, dict(need.suppliers)
    for _ in need.suppliers:
        above = {name: share for name, share in shares.items() if share > most}
        rest = {name: share for name, share in shares.items() if 0.0 < share < most}
        if not above or not rest:
            break
        moved, total = sum(above.values()) - most * len(above), sum(rest.values())
        shares |= dict.fromkeys(above, most)
        shares |= {name: share * (1.0 + moved / total) for name, share in rest.items()}
    return need.model_copy(update={"suppliers": shares})


def _away(need: Need, measure: Measure, risk: Risk) -> Need:
    """Buy what is at risk with each supplier, but for the share that is kept, from the others in proportion to what is not."""
    lost = {name: share * risk.get(name, 0.0) * (1.0 - measure.value) for name, share in need.suppliers.items()}
    safe = {name: share * (1.0 - risk.get(name, 0.0)) for name, share in need.suppliers.items()}
    total, moved = sum(safe.values()), sum(lost.values())
    if total <= 0.0:
        return need
    shares = {name: share - lost[name] + moved * safe[name] / total for name, share in need.suppliers.items()}
    return need.model_copy(update={"suppliers": shares})


OF_POSITION: dict[str, Callable[[Need, Measure, Risk], Need]] = {
    "stock": _more_stock,
    "suppliers": _spread,
    "actor": _away,
}
"""Measures that somebody takes by himself; the world stays as it is."""


def changed(position: Position, measure: Measure, risk: Mapping[str, Risk]) -> Position:
    """Return the position with a measure; risk: of every supplier, by metal."""
    change = OF_POSITION[measure.acts_on]
    needs = {metal: change(need, measure, risk.get(metal, {})) for metal, need in position.metals.items()}
    return position.model_copy(update={"metals": needs})


def policy(scenario: Scenario, measure: Measure, position: Position, tables: Tables) -> Scenario | None:
    """Return the scenario with a policy in the country of the position; None where it has no products."""
    from lodeflow.experiments.scenario.model import check_scenario

    if not position.products:
        return None
    start = scenario.world.start
    reached = f"{int(start[:4]) + YEARS_AHEAD}-{start[5:]}"
    steps = [{"date": reached, "value": measure.value}]
    rule: dict[str, Any] = {"kind": "epr", "label": measure.title, "actor": position.country, "start": start}
    rule |= {"products": position.products}
    content = {"recycled_content": dict.fromkeys(position.metals, steps)}
    rule |= {"collection": steps} if measure.acts_on == "collection" else content
    raw = scenario.model_dump(mode="json", exclude_none=True)
    raw["shocks"] = [*raw.get("shocks", []), rule]
    raw["name"] = f"{scenario.name}-{measure.name}"
    return check_scenario(raw, measure.name, tables=tables)

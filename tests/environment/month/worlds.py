"""Small worlds in which everything happens that a phase can be about."""

from __future__ import annotations

from typing import Any

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from lodeflow.environment.shocks.policies import POLICIES
from lodeflow.experiments.promises import example
from tests.environment.helpers import world_of

METALS = ("cobalt", "nickel", "germanium", "lithium")
EVERYTHING: tuple[dict[str, object], ...] = (
    {
        "kind": "export_ban",
        "actor": "COD",
        "metals": ["cobalt"],
        "form": "feed",
        "announce": "2024-03",
        "start": "2024-05",
    },
    {
        "kind": "export_quota",
        "actor": "IDN",
        "metals": ["cobalt"],
        "form": "feed",
        "start": "2024-06",
        "tonnes_per_year": 8e3,
    },
    {"kind": "export_licence", "actor": "CHN", "metals": ["germanium"], "start": "2024-04", "end": "2025-03"},
    {
        "kind": "conflict",
        "actor": "COD",
        "metals": ["cobalt"],
        "start": "2024-03",
        "end": "2024-08",
        "output_loss": 0.3,
        "routes_lost": 0.4,
        "route_delay_months": 2,
    },
    {
        "kind": "import_tariff",
        "actor": "USA",
        "metals": ["cobalt"],
        "form": "refined",
        "rate": 0.3,
        "announce": "2024-03",
        "start": "2024-05",
    },
    {"kind": "carbon_price", "actor": "CHN", "price": 100.0, "start": "2024-04"},
    {"kind": "energy_price", "actor": "EU27", "rise": 10.0, "start": "2024-05", "end": "2024-10"},
    {"kind": "border_charge", "actor": "EU27", "metals": ["nickel"], "price": 100.0, "start": "2024-04"},
    {
        "kind": "route_closure",
        "passage": "suez",
        "start": "2024-04",
        "end": "2024-12",
        "queue_days": 5,
        "strength": 0.8,
    },
    {"kind": "route_closure", "actor": "JPN", "start": "2024-06", "end": "2024-09"},
    {"kind": "outage", "actor": "CHN", "metals": ["zinc"], "start": "2024-03", "end": "2024-09", "strength": 0.5},
    {
        "kind": "outage",
        "actor": "AUS",
        "metals": ["cobalt"],
        "start": "2024-04",
        "end": "2024-09",
        "strength": 0.5,
    },
    {"kind": "demand_surge", "metals": ["cobalt"], "start": "2024-05", "strength": 0.5, "ramp_months": 6},
    {
        "kind": "stock_purchase",
        "actor": "USA",
        "metals": ["cobalt"],
        "tonnes": 2e3,
        "start": "2024-06",
        "end": "2025-06",
    },
    {
        "kind": "outage",
        "actor": "CHN",
        "stages": ["refinery", "recycler", "factory"],
        "start": "2024-07",
        "end": "2024-10",
        "strength": 0.2,
        "building_stopped": 0.5,
    },
    {
        "kind": "export_tax",
        "actor": "IDN",
        "metals": ["nickel", "cobalt"],
        "announce": "2024-04",
        "start": "2024-06",
        "rate": 0.2,
    },
    {"kind": "price_floor", "actor": "PHL", "metals": ["nickel"], "start": "2024-05", "floor": 1.2},
    {
        "kind": "import_ban",
        "actor": "USA",
        "partners": ["CHN"],
        "metals": ["cobalt"],
        "start": "2024-04",
        "strength": 0.5,
    },
    {"kind": "import_quota", "actor": "JPN", "metals": ["nickel"], "start": "2024-06", "tonnes_per_year": 6e4},
    {"kind": "waste_import_ban", "actor": "CHN", "start": "2024-05", "strength": 0.8},
    {"kind": "waste_export_ban", "actor": "USA", "start": "2024-06", "strength": 0.5},
    {
        "kind": "sanction",
        "actor": "RUS",
        "partners": ["EU27"],
        "metals": ["nickel"],
        "start": "2024-06",
        "strength": 0.5,
    },
    {
        "kind": "retaliation",
        "actor": "CHN",
        "partners": ["USA"],
        "metals": ["germanium", "cobalt"],
        "start": "2024-04",
        "strength": 0.5,
    },
    {"kind": "mining_quota", "actor": "IDN", "metals": ["nickel"], "start": "2024-05", "tonnes_per_year": 1e6},
    {
        "kind": "technology_switch",
        "products": ["ev-battery-nickel"],
        "changes": [{"metal": "cobalt", "ratio": 0.2}, {"metal": "nickel", "ratio": 1.2}],
        "start": "2024-05",
        "ramp_months": 12,
    },
    {
        "kind": "new_project",
        "actor": "AUS",
        "metals": ["nickel"],
        "announce": "2024-04",
        "start": "2024-06",
        "tonnes_per_year": 5e4,
        "ramp_months": 4,
        "reserve_tonnes": 1e6,
    },
    {
        "kind": "reserve_revision",
        "actor": "PHL",
        "metals": ["nickel"],
        "start": "2024-05",
        "reserve_loss": 0.3,
        "grade_loss": 0.1,
    },
    {
        "kind": "collection_target",
        "actor": "CHN",
        "products": ["portable-battery"],
        "start": "2024-03",
        "collection": [{"date": "2024-06", "value": 0.1}],
        "lowers": True,
    },
    {
        "kind": "epr",
        "actor": "EU27",
        "products": ["portable-battery", "ev-battery-nickel"],
        "start": "2024-04",
        "collection": [{"date": "2025-12", "value": 0.9}],
        "recovery": {"cobalt": [{"date": "2025-12", "value": 0.97}]},
        "recycled_content": {"cobalt": [{"date": "2024-12", "value": 0.5}]},
        "fee": 500.0,
    },
)
"""One shock of every kind, outages of a host, of mines and of other stages, and EPR."""


def policy(kind: str) -> Shock:
    """The example of a policy, about cobalt."""
    card = REGISTRY[kind].card
    assert card is not None
    named = {"metals": ["cobalt"], "metal": "cobalt", "largest_share": 0.1}
    known = {name: value for name, value in named.items() if name in REGISTRY[kind].model_fields}
    return example(kind, card.steps[-1], announce=None, start="2024-02", end=None, **known)


def every_shock() -> list[Shock]:
    """The shocks of :data:`EVERYTHING`, and the examples of all other policies."""
    shocks = [REGISTRY[str(fields["kind"])].model_validate(fields) for fields in EVERYTHING]
    return shocks + [policy(str(kind.model_fields["kind"].default)) for kind in POLICIES]


def shaken_world(tables: Tables) -> World:
    """Metals with noise, an export tax, firms that soon shut, and a shock or policy of every kind, before the first month."""
    impatient = {"loss_months": 3.0}
    turned_on: dict[str, Any] = {"cell_choice": "logit", "nexus": True}
    world = world_of(tables, METALS, every_shock(), impatient, mode="historical", noise=1.0, end="2026-12", **turned_on)
    market = world.markets["refined"]
    market.tax[market.seller_country != market.buyer_country] = 0.1
    return world


def calm_world(world: World) -> World:
    """The same world without shocks."""
    return world.twin()

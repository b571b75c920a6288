"""What had no effect says why, where it can be known."""

from __future__ import annotations

from typing import Any

import pytest

from lodeflow import environment
from lodeflow.data import Tables
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.environment.world import World

START = {"start": "2024-03"}
QUOTA = {"kind": "export_quota", "actor": "COD", "metals": ["cobalt"], "tonnes_per_year": 1e8}


@pytest.fixture(scope="module")
def calm(tables: Tables) -> World:
    return environment.build(tables, WorldSettings(metals=["cobalt"], start="2024-01", end="2024-06"))


CASES: list[tuple[dict[str, Any], str]] = [
    (
        {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "start": "2024-09"},
        "it starts in 2024-09, after the run",
    ),
    (
        {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "start": "2023-01", "end": "2023-06"},
        "it ended in 2023-06",
    ),
    ({"kind": "export_ban", "actor": "COD", "metals": ["nickel"]}, "the world holds none of its metals (nickel)"),
    ({"kind": "export_ban", "actor": "ISL", "metals": ["cobalt"]}, "ISL exports no cobalt"),
    (
        {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "strength": 0.0},
        "it lets through all that is exported",
    ),
    (
        {"kind": "conflict", "actor": "COD", "metals": ["cobalt"]},
        "its output_loss, routes_lost and route_delay_months are 0",
    ),
    (
        {"kind": "mine_outage", "actor": "DEU", "metals": ["cobalt"], "strength": 0.5},
        "DEU mines no cobalt in this world",
    ),
    ({"kind": "mine_outage", "actor": "COD", "metals": ["cobalt"], "strength": 0.0}, "its strength is 0"),
    ({"kind": "demand_surge", "strength": 0.0}, "its strength is 0"),
    ({"kind": "stock_purchase", "metals": ["cobalt"], "tonnes": 0.0}, "it buys nothing"),
    (QUOTA, "its quota, 100,000,000 t a year, lies above what COD exports when the run starts"),
    (
        {
            "kind": "epr",
            "actor": "EU27",
            "products": ["ev-battery-nickel"],
            "collection": [{"date": "2024-04", "value": 0.0}],
        },
        "what it asks for is done already",
    ),
]


@pytest.mark.parametrize(("fields", "reason"), CASES, ids=[reason[:30] for _, reason in CASES])
def test_what_had_no_effect_says_why(calm: World, fields: dict[str, Any], reason: str) -> None:
    shock = REGISTRY[fields["kind"]].model_validate(START | fields)
    (event,) = calm.twin([shock]).run().events()
    assert event["no_effect"]
    assert event["reason"].startswith(reason)


def test_what_had_an_effect_gives_no_reason(calm: World) -> None:
    quota = REGISTRY["export_quota"].model_validate(START | QUOTA | {"tonnes_per_year": 12_000.0})
    (event,) = calm.twin([quota]).run().events()
    assert not event["no_effect"]
    assert event["reason"] == ""

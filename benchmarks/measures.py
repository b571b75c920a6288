"""What active measures cost: a month with twenty of them over a month with none, `python -m benchmarks.measures [METAL ...]`.

Both worlds take turns in one process, and processor time counts, so that other work on the machine matters little.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from lodeflow import data
from lodeflow.environment import World, build
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import REGISTRY, Shock

START = {"start": "2024-02"}
TWENTY: tuple[dict[str, Any], ...] = (
    {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed"},
    {"kind": "export_ban", "actor": "IDN", "metals": ["nickel"], "form": "feed", "strength": 0.5},
    {"kind": "export_quota", "actor": "CHL", "metals": ["copper"], "tonnes_per_year": 2e6},
    {"kind": "export_licence", "actor": "CHN", "metals": ["nickel"]},
    {"kind": "export_tax", "actor": "AUS", "metals": ["lithium", "nickel"], "rate": 0.1},
    {"kind": "royalty", "actor": "PER", "metals": ["copper"]},
    {"kind": "price_floor", "actor": "PHL", "metals": ["nickel"], "floor": 1.2},
    {"kind": "import_ban", "actor": "USA", "partners": ["CHN"], "metals": ["cobalt", "lithium"]},
    {"kind": "import_quota", "actor": "JPN", "metals": ["nickel"], "tonnes_per_year": 6e4},
    {"kind": "waste_import_ban", "actor": "CHN"},
    {"kind": "waste_export_ban", "actor": "USA"},
    {"kind": "sanction", "actor": "RUS", "partners": ["EU27"], "metals": ["nickel", "copper"]},
    {"kind": "retaliation", "actor": "CHN", "partners": ["USA"], "metals": ["cobalt"]},
    {"kind": "conflict", "actor": "COD", "metals": ["copper"], "output_loss": 0.2, "routes_lost": 0.2},
    {"kind": "strike", "actor": "CHL", "metals": ["copper"]},
    {"kind": "power_rationing", "actor": "CHN", "metals": ["lithium"]},
    {"kind": "mining_quota", "actor": "IDN", "metals": ["nickel"], "tonnes_per_year": 1e6},
    {"kind": "demand_surge", "metals": ["cobalt"], "strength": 0.2},
    {"kind": "lfp_switch"},
    {"kind": "stock_purchase", "metals": ["copper"], "tonnes": 1e5},
    {"kind": "new_project", "actor": "AUS", "metals": ["lithium"], "tonnes_per_year": 1e4},
)
METALS = ("cobalt", "nickel", "copper", "lithium")
WARM, MONTHS = 3, 24


def measures() -> list[Shock]:
    """Twenty measures that are in force from the second month on."""
    return [REGISTRY[fields["kind"]].model_validate({**fields, **START}) for fields in TWENTY]


def cost(metals: Sequence[str] = METALS) -> tuple[float, float]:
    """Processor time of a month with none and with twenty measures, s."""
    settings = WorldSettings(metals=list(metals), start="2024-01", end="2026-12")
    many = build(data.load(), settings, measures())
    worlds = World(many.blueprint, [], many.expectation), many
    spent = [0.0, 0.0]
    for month in range(WARM + MONTHS):
        for number, world in enumerate(worlds):
            began = time.process_time()
            world.step()
            spent[number] += (time.process_time() - began) * (month >= WARM)
    return spent[0] / MONTHS, spent[1] / MONTHS


def main(metals: Sequence[str] = ()) -> None:
    """Print what a month costs."""
    none, twenty = cost(metals or METALS)
    print(f"none {1e3 * none:.1f} ms, twenty {1e3 * twenty:.1f} ms, {twenty / none:.2f} times")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Shocks of every kind that have no strength or nothing to touch: they must change nothing."""

from __future__ import annotations

from typing import Any

COBALT: dict[str, Any] = {"actor": "COD", "metals": ["cobalt"], "start": "2024-06"}
NOTHING: dict[str, dict[str, Any]] = {
    "ban of strength zero": COBALT | {"kind": "export_ban", "form": "feed", "strength": 0.0},
    "quota above exports": COBALT | {"kind": "export_quota", "form": "feed", "tonnes_per_year": 1e9},
    "licences for all": COBALT | {"kind": "export_licence", "form": "feed", "delay_months": 0, "approved_share": 1.0},
    "conflict without loss": COBALT | {"kind": "conflict"},
    "outage of strength zero": COBALT | {"kind": "mine_outage", "strength": 0.0},
    "tax of nothing": COBALT | {"kind": "export_tax", "form": "feed", "rate": 0.0},
    "floor of nothing": COBALT | {"kind": "price_floor", "floor": 0.0},
    "import ban of strength zero": COBALT | {"kind": "import_ban", "actor": "CHN", "strength": 0.0},
    "import quota above imports": COBALT | {"kind": "import_quota", "actor": "CHN", "tonnes_per_year": 1e9},
    "waste ban of strength zero": {"kind": "waste_import_ban", "actor": "CHN", "start": "2024-06", "strength": 0.0},
    "scrap ban of strength zero": {"kind": "waste_export_ban", "actor": "USA", "start": "2024-06", "strength": 0.0},
    "sanction of strength zero": COBALT | {"kind": "sanction", "partners": ["CHN"], "strength": 0.0},
    "answer to nothing": COBALT | {"kind": "retaliation", "actor": "CHN", "partners": ["USA"]},
    "mining quota above output": COBALT | {"kind": "mining_quota", "tonnes_per_year": 1e9},
    "embargo of nothing": COBALT | {"kind": "outage", "stages": ["refinery", "recycler", "factory"], "strength": 0.0},
    "nobody switches": {
        "kind": "technology_switch",
        "start": "2024-06",
        "products": ["ev-battery-nickel"],
        "changes": [{"metal": "cobalt", "ratio": 0.5}],
        "share": 0.0,
    },
    "project of nothing": COBALT | {"kind": "new_project", "tonnes_per_year": 0.0},
    "revision of nothing": COBALT | {"kind": "reserve_revision"},
    "surge of strength zero": {"kind": "demand_surge", "start": "2024-06", "strength": 0.0},
    "rule without targets": {"kind": "epr", "actor": "EU27", "products": ["portable-battery"], "start": "2024-06"},
    "rule with targets of zero": {
        "kind": "epr",
        "actor": "EU27",
        "products": ["portable-battery"],
        "start": "2024-06",
        "collection": [{"date": "2024-12", "value": 0.0}],
        "recovery": {"cobalt": [{"date": "2024-12", "value": 0.0}]},
        "recycled_content": {"cobalt": [{"date": "2024-12", "value": 0.0}]},
    },
    "ban by who has no ore": COBALT | {"kind": "export_ban", "form": "feed", "actor": "ISL"},
    "outage where nobody mines": COBALT | {"kind": "mine_outage", "actor": "ISL", "strength": 1.0},
    "ban on another metal": COBALT | {"kind": "export_ban", "form": "refined", "metals": ["gallium"], "actor": "CHN"},
}

"""Plug-ins for tests: one that works, and lines that make it fail."""

from __future__ import annotations

from pathlib import Path

DETOUR = '''"""Ships that go round."""

from typing import Literal

import numpy as np
from pydantic import Field

from lodeflow.environment.shocks.kinds import Shock


class Detour(Shock):
    """Ships from a country must go round: what they carry arrives later."""

    kind: Literal["detour"] = "detour"
    actor: str = Field(description="country or group whose exports take longer")
    months: int = Field(1, ge=1, le=6, description="longer way", json_schema_extra={"unit": "months"})

    def act(self, world, effects, month):
        """Lengthen the way of everything that leaves the country this month."""
        if self.intensity(month) == 1.0:
            for name in ("feed", "refined"):
                market = world.markets[name]
                leaves = np.isin(market.seller_country, self.actors(world))
                effects.delay(name, leaves & (market.buyer_country != market.seller_country), self.months)
'''
SCENARIO = """name = "cape"

[world]
metals = ["cobalt"]
start = "2024-01"
end = "2025-06"

[[shocks]]
kind = "detour"
actor = "COD"
start = "2024-06"
end = "2024-12"
months = 3
"""
KPI = '''"""How long buyers pay more."""

from lodeflow.experiments.kpis import kpi


@kpi("months", worse="more")
def months_dearer(x):
    """months in which the price is more than a tenth above that without the shocks."""
    return (x.ratio > 1.1).sum()
'''
ACTS = {
    "error": ("month / 0", r"line \d+: ZeroDivisionError"),
    "no such market": ("world.markets['x']", r"line \d+: KeyError: 'x'"),
    "wrong call": ("effects.delay('feed', [1.5], 2)", r"line \d+: IndexError"),
    "nan": ("effects.written.output_kept[:] = np.nan", "writes output_kept: numbers that are not finite"),
    "negative": ("effects.written.demand_now[:] = -1.0", "writes demand_now: negative numbers"),
    "above one": ("effects.written.cap_now['feed'][:] = 1.5", "writes cap_now: shares above 1"),
    "shape": ("effects.written.output_kept = np.ones(3)", r"writes output_kept: shape \(3,\) where"),
    "unknown": ("effects.written.rain = 1.0", "writes rain: there is no such effect"),
}
"""Lines of an act that must not pass, and what is said of them."""


def detour(folder: Path, name: str = "detour", text: str = DETOUR) -> Path:
    """Write a plug-in and return its file."""
    path = folder / f"{name}.py"
    path.write_text(text)
    return path

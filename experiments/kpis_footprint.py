"""Indicators of energy and carbon, for runs that record them (``world.footprint``)."""

from __future__ import annotations

from functools import partial

from lodeflow.experiments.effect import NEVER, Effect
from lodeflow.experiments.kpi import kpi

FOOTPRINT = ("feed_{}_mining", "{}_refining", "{}_recycling")
"""Series of energy and greenhouse gases by stage."""


of_stages = partial(kpi, worse="more", batches=False, footprint=True)
"""An indicator of runs that record energy and greenhouse gases: less is better."""


def _footprint(x: Effect, kind: str) -> float:
    """Energy (TJ) or greenhouse gases (kt CO2e) of all stages of the world from the first news on."""
    return sum(x.total(x.shock, name.format(kind)) for name in FOOTPRINT)


@of_stages("TJ", short="energy", zh="采矿、精炼和再生的能耗")
def energy_tj(x: Effect) -> float:
    """energy of mining, refining and recycling, from the first news on."""
    return _footprint(x, "energy")


@of_stages("kt CO2e", short="greenhouse gases", zh="采矿、精炼和再生的温室气体排放")
def co2_kt(x: Effect) -> float:
    """greenhouse gases of mining, refining and recycling, from the first news on."""
    return _footprint(x, "co2")


@of_stages("t CO2e/t", short="greenhouse gases a tonne", zh="每吨金属的温室气体排放")
def co2_per_t(x: Effect) -> float:
    """greenhouse gases of mining, refining and recycling over refined and recycled metal, from the first news on."""
    made = x.total(x.shock, "production") + x.total(x.shock, "secondary_supply")
    return 1e3 * _footprint(x, "co2") / made if made > 0.0 else NEVER

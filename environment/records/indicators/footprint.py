"""Energy and greenhouse gases of mining, refining and recycling by month and country, where a run asks for them.

Output of the month times the factor of its stage, country and year; mining gets dearer as the world's ore is used up, as in the
account of footprints (``left^-(energy on grade x grade on reserve)``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.footprint import MINING, RECYCLING, REFINING, STAGES
from lodeflow.environment.accounts import FLOWS
from lodeflow.environment.records.indicators.rows import UNION, WORLD, Rows, by_cell, by_metal, sum_by

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks

SOURCES = {
    MINING: ("mined", "ore desk", "feed"),
    REFINING: ("refining", "refiner", "refined"),
    RECYCLING: ("recycling", "secondary", "refined"),
}
"""By stage: the channel with its output, by what that is recorded, and the form of the series."""
UNITS = {"energy": "TJ", "co2": "kt CO2e"}


def footprint_rows(recorder: Blocks) -> list[Rows]:
    """Series `energy_STAGE` (TJ a month) and `co2_STAGE` (kt CO2e a month) of countries, world and Union; none if not asked."""
    world = recorder.world
    if not world.settings.footprint:
        return []
    factors, months = world.blueprint.factors, recorder.first + np.arange(recorder.written)
    years, of_month = np.unique((world.first_month + months) // 12, return_inverse=True)
    carbon = np.stack([factors.of_year(int(year)) for year in years])
    harder = _harder(recorder)
    rows: list[Rows] = []
    for s, stage in enumerate(STAGES):
        channel, place, form = SOURCES[stage]
        metal, country = recorder.places[place]
        output = recorder.block(channel) / 1e3
        if stage == MINING:
            output = output * harder[:, metal]
        rates = {"energy": factors.energy[metal, s], "co2": carbon[:, metal, s, country][of_month]}
        for kind, rate in rates.items():
            rows += _regions(recorder, f"{kind}_{stage}", form, output * np.nan_to_num(rate), place, UNITS[kind])
    return rows


def _harder(recorder: Blocks) -> np.ndarray:
    """Energy of mining a tonne over that at the start, shape (months, metals)."""
    world, last = recorder.world, recorder.first + recorder.written
    names = list(FLOWS)
    dug, found = (
        world.ledger.flows[:last, [names.index(name) for name in of]].sum(axis=1).cumsum(axis=0)
        for of in (("mined", "tailings"), ("found",))
    )
    left = 1.0 + (found - dug) / np.maximum(world.rates.reserve, 1e-300)
    before = np.vstack([np.ones(left.shape[1]), left[:-1]])[recorder.first :]
    harder: np.ndarray = np.clip(before, 1e-6, 1.0) ** -world.blueprint.factors.grade
    return harder


def _regions(recorder: Blocks, name: str, form: str, values: np.ndarray, place: str, unit: str) -> list[Rows]:
    """A series of the countries where there is any, of the world and of the Union."""
    layout = recorder.world.layout
    metals, countries = len(layout.metals), len(layout.countries)
    metal, country = recorder.places[place]
    cells = sum_by(values, country * metals + metal, metals * countries)
    rows = [by_cell(recorder, name, form, cells, unit)]
    members = layout.country_indices(UNION)
    for region, inside in ((WORLD, np.ones(len(country), bool)), (UNION, np.isin(country, members))):
        if region == WORLD or len(members):
            rows.append(by_metal(recorder, name, form, sum_by(values * inside, metal, metals), region, unit))
    return rows

"""The firms of one country: what each does now, and what it did before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.board import Chart, Line
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.track import FIRMS

MOST = 40
"""Firms listed at most."""
OF_METAL = ("miners", "ore_desks", "refiners", "secondary")
"""Populations whose rows belong to one metal; factories belong to products, recyclers to groups of products."""
OF_CHANNEL = ("firm.formal", "firm.local", "firm.informal")
"""Texts of the channels of recyclers, in their order (:data:`lodeflow.agents.scrap_pool.CHANNELS`)."""


@dataclass(frozen=True)
class Firm:
    """One firm of the model.

    Attributes:
        population, row: where it stands in the world.
        id: name in the tables.
        name, state: in the reader's language.
    """

    population: str
    row: int
    id: str
    name: str
    state: str

    @property
    def key(self) -> str:
        """Name that no other firm has."""
        return f"{self.population}/{self.id}"


def firms_of(frame: Frame, metal: str, region: str, texts: Texts) -> list[Firm]:
    """The firms of a country that mine, refine, use or recycle a metal, those of a kind by size."""
    world, t = frame.live.world, frame.t
    country = world.layout.country_index.get(region)
    if country is None or t == 0:
        return []
    found = []
    for population in FIRMS:
        columns = getattr(world, population)
        rows = np.flatnonzero((columns.country == country) & _with_metal(frame, population, metal))
        now = frame.live.firms[population, FIRMS[population][0]][t - 1]
        for row in sorted(rows.tolist(), key=lambda row: -now[row]):
            text = figures.amount(float(now[row]), unit_of(frame, population, FIRMS[population][0]), texts)
            found.append(Firm(population, row, columns.ids[row], _name(frame, population, row, texts), text))
    return found[:MOST]


def _with_metal(frame: Frame, population: str, metal: str) -> np.ndarray:
    """Whether each firm of a population deals with a metal."""
    world = frame.live.world
    index = world.layout.metal_index[metal]
    columns = getattr(world, population)
    if population in OF_METAL:
        same: np.ndarray = columns.metal == index
        return same
    users = np.zeros(len(world.manufacturers), bool)
    users[world.inputs.manufacturer[world.inputs.metal == index]] = True
    if population == "manufacturers":
        return users
    groups = world.layout.product_group[world.manufacturers.product[users]]
    return np.isin(columns.group, groups)


def _name(frame: Frame, population: str, row: int, texts: Texts) -> str:
    world = frame.live.world
    columns, sort = getattr(world, population), texts(f"firm.{population}")
    if population == "miners":
        return f"{sort}, {texts('firm.tier', tier=int(columns.tier[row]))}"
    if population == "manufacturers":
        return f"{sort}, {texts.name('product', world.layout.products[columns.product[row]])}"
    if population == "recyclers":
        form = texts(OF_CHANNEL[columns.channel[row]])
        return f"{sort}, {texts.group(world.layout.groups[columns.group[row]])}, {form}"
    return sort


def unit_of(frame: Frame, population: str, attribute: str) -> str:
    """Unit of an attribute of firms, as its vocabulary says."""
    return str(getattr(frame.live.world, population).attributes[attribute].unit)


def history(frame: Frame, firm: Firm, texts: Texts) -> list[Chart]:
    """What a firm did since the start, with and without the shocks, one chart per attribute."""
    charts = []
    for attribute in FIRMS[firm.population]:
        unit = unit_of(frame, firm.population, attribute)
        lines = [
            Line(texts(name), role, view.firms[firm.population, attribute][: frame.t, firm.row], dashed=dashed)
            for view, name, role, dashed in (
                (frame.base, "line.base", "base", True),
                (frame.live, "line.live" if frame.fired else "line.alone", "live", False),
            )
            if frame.fired or not dashed
        ]
        title = f"{firm.name}: {texts(f'firm_column.{attribute}')}"
        charts.append(Chart(f"firm-{firm.population}-{attribute}".replace("_", "-"), title, unit, lines))
    return charts

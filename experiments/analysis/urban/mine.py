"""What lies above the ground of a metal at the end of the data, graded by what can be recovered.

A run from 2000 to 2024 (country shares of 2010, world use as it came) gives stocks and adds up waste. Grades in the spirit of the
UN Framework Classification (UNFC), with the share s of a place that can be reached (table `waste_grades`) and, for products, the
collection c and the separation y of each row:

    today          s x c x y              as collected and separated in the last month
    higher price   s x c_max x y_max      collection at most what is achievable, the best process there is
    in principle   s                      all that is not lost in use

Waste of mines and smelters has no collection: s alone. ODD 7.18.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.world import World

SPAN: dict[str, Any] = {"start": "2000-01", "end": "2024-12", "base_year": 2010}
"""The run: as long as the data reach back; what was thrown away before is not counted."""
PLACES = ("in use", "drawers", "end of life", "landfill", "tailings", "slag")
GRADES = ("today", "higher_price", "in_principle")
COLUMNS = ("metal", "place", "product", "region", "tonnes", *GRADES)


@dataclass
class _Waste:
    """What has been added up: landfill by row of products in use, tailings by mine, slag by refinery; end of life of a year, t."""

    landfill: np.ndarray
    tailings: np.ndarray
    slag: np.ndarray
    end_of_life: np.ndarray


def urban_mine(tables: Tables, metal: str) -> pd.DataFrame:
    """Return what lies above the ground at the end of 2024: columns COLUMNS, t; product "" for waste of mines and smelters.

    end of life: what a year discards, after exports and what stays in drawers; landfill, tailings, slag: since 2000.

    Args:
        tables: the loaded tables.
        metal: its name.

    Raises:
        DataError: when the tables lack what the run asks for.
    """
    import pandas as pd

    from lodeflow import environment
    from lodeflow.environment import WorldSettings

    world = environment.build(tables, WorldSettings(metals=[metal], noise=0.0, **SPAN))
    world.recorder.purse.whole = False
    waste = _run(world)
    in_use = world.in_use
    grades = {str(row["place"]): row for row in tables.waste_grades.to_dict("records")}
    now = _rate(in_use.recoverable, in_use.collectable)
    best = in_use.achievable * _best_yield(world, tables, metal)
    parts = [
        _rows(world, place, in_use.country, amount, grades[place], now, np.maximum(best, now), in_use.product)
        for place, amount in (
            ("in use", in_use.stock),
            ("drawers", in_use.hibernating),
            ("end of life", waste.end_of_life),
            ("landfill", waste.landfill),
        )
    ]
    parts += [
        _rows(world, place, where.country, amount, grades[place])
        for place, where, amount in (("tailings", world.miners, waste.tailings), ("slag", world.refiners, waste.slag))
    ]
    table = pd.concat(parts, ignore_index=True).assign(metal=metal)
    sums = table.groupby(["metal", "place", "product", "region"], sort=False)[["tonnes", *GRADES]].sum().reset_index()
    return sums[sums["tonnes"] > 0.0].reset_index(drop=True)[list(COLUMNS)]


def _run(world: World) -> _Waste:
    """Step a world to its end and add up what is thrown away."""
    in_use, miners, refiners = world.in_use, world.miners, world.refiners
    waste = _Waste(*(np.zeros(len(rows)) for rows in (in_use, miners, refiners, in_use)))
    while world.t < world.settings.months:
        world.step()
        waste.landfill += in_use.collectable - in_use.collected
        waste.tailings += miners.output * (1.0 / miners.recovery - 1.0)
        waste.slag += refiners.output * (1.0 / refiners.yield_ - 1.0)
        if world.t > world.settings.months - 12:
            waste.end_of_life += in_use.collectable
    return waste


def _rate(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    rate: np.ndarray = above / np.where(below > 0.0, below, 1.0)
    return rate


def _best_yield(world: World, tables: Tables, metal: str) -> np.ndarray:
    """Best separation that a process or today's formal plants give for each row of products in use, 1."""
    group = dict(zip(tables.products["product"], tables.products["group"], strict=True))
    own = tables.processes[tables.processes["metal"] == metal].groupby("group")["yield"].max().fillna(0.0)
    usual = tables.recycling[tables.recycling["metal"] == metal].set_index("product")["separation_formal"].fillna(0.0)
    by_product = [
        max(float(own.get(group.get(name, ""), 0.0)), float(usual.get(name, 0.0))) for name in world.layout.products
    ]
    return np.array(by_product)[world.in_use.product]


def _rows(
    world: World,
    place: str,
    country: np.ndarray,
    amount: np.ndarray,
    grade: dict[Hashable, Any],
    now: np.ndarray | float = 1.0,
    best: np.ndarray | float = 1.0,
    product: np.ndarray | None = None,
) -> pd.DataFrame:
    import pandas as pd

    names, regions = np.array(world.layout.products, object), np.array(world.layout.countries, object)
    return pd.DataFrame(
        {
            "place": place,
            "product": "" if product is None else names[product],
            "region": regions[country],
            "tonnes": amount,
            "today": amount * grade["today"] * now,
            "higher_price": amount * grade["higher_price"] * best,
            "in_principle": amount * grade["in_principle"],
        }
    )


def beside_reserves(table: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return urban mine and primary reserve by region, the richest first: metal, region, the three grades, reserves (t).

    End of life is left out: it is a part of what is in use. reserves: the latest published; 0 where none are.
    """
    from lodeflow.experiments.analysis.paths.cover import reserves_of

    metal = str(table["metal"].iloc[0])
    sums = table[table["place"] != "end of life"].groupby("region")[list(GRADES)].sum()
    found = sums.join(reserves_of(tables, metal).rename("reserves"), how="outer").fillna(0.0)
    found = found.rename_axis("region").reset_index().assign(metal=metal)
    order = found[["in_principle", "reserves"]].sum(axis=1).sort_values(ascending=False, kind="stable").index
    return found.loc[order, ["metal", "region", *GRADES, "reserves"]].reset_index(drop=True)

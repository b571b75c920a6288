"""Small chains whose flows are known, as the movements that a run writes."""

from __future__ import annotations

import pandas as pd

from lodeflow.environment.records.stages import CLOSING, MOVEMENTS, OPENING, STAGES
from lodeflow.environment.world import World
from lodeflow.experiments.analysis.flows.account import Account, account_of

Row = tuple[str, str, str, str, float]
"""Movement, exporter, importer, product, tonnes."""


def account(*rows: Row, year: int = 2024, metal: str = "cobalt") -> Account:
    """An account of one year; stocks take up what does not pass on."""
    return several({year: list(rows)}, metal)


def several(years: dict[int, list[Row]], metal: str = "cobalt") -> Account:
    """An account of some years; a stock grows by what comes in and does not go out."""
    held: dict[tuple[str, str, str], float] = {}
    told = []
    for number, (year, rows) in enumerate(years.items()):
        for movement, exporter, importer, product, tonnes in rows:
            move, way = MOVEMENTS[movement], (movement, exporter, importer, product, tonnes)
            told.append((pd.Timestamp(year, 1, 1), *way))
            for stage, region, sign in ((move.origin, exporter, -1.0), (move.target, importer, 1.0)):
                if stage in STAGES:
                    held[stage, region, ""] = held.get((stage, region, ""), 0.0 if number else LARGE) + sign * tonnes
        stocks = [
            (pd.Timestamp(year, 1, 1), CLOSING + stage, region, region, product, tonnes)
            for (stage, region, product), tonnes in held.items()
        ]
        told += stocks
        if not number:
            told += [(date, OPENING + name.removeprefix(CLOSING), a, b, p, LARGE) for date, name, a, b, p, _ in stocks]
    names = ["date", "movement", "exporter", "importer", "product", "tonnes"]
    return account_of(pd.DataFrame(told, columns=names).assign(metal=metal, run="baseline"))


LARGE = 1e6
"""What every stage holds at first, t."""

MINED_IN_A_AND_B: list[Row] = [
    ("feed", "AAA", "CCC", "", 60.0),
    ("feed", "BBB", "CCC", "", 20.0),
    ("feed", "CCC", "CCC", "", 20.0),
    ("feed arrived", "CCC", "CCC", "", 100.0),
    ("refined", "CCC", "CCC", "", 90.0),
    ("slag", "CCC", "CCC", "", 10.0),
    ("primary metal", "CCC", "DDD", "", 45.0),
    ("primary metal", "CCC", "CCC", "", 45.0),
    ("recycled metal", "DDD", "DDD", "", 15.0),
    ("to makers", "DDD", "DDD", "", 60.0),
    ("to makers", "CCC", "CCC", "", 45.0),
    ("new scrap", "DDD", "DDD", "battery-x", 6.0),
    ("products", "DDD", "EEE", "battery-x", 54.0),
    ("products", "CCC", "EEE", "battery-x", 27.0),
    ("products", "CCC", "CCC", "battery-x", 18.0),
    ("discarded", "DDD", "DDD", "battery-x", 40.0),
    ("landfilled", "DDD", "DDD", "battery-x", 16.0),
    ("old scrap", "DDD", "DDD", "battery-x", 24.0),
    ("scrap", "DDD", "DDD", "battery", 15.0),
    ("scrap", "EEE", "DDD", "battery", 5.0),
    ("recovered", "DDD", "DDD", "battery", 16.0),
    ("rejects", "DDD", "DDD", "battery", 4.0),
]
"""A and B mine, C mines and refines, D makes and recycles, E uses."""


def watched(world: World, months: int) -> Account:
    """Step a world through some whole years and return their account."""
    book = world.movements()
    for _ in range(months):
        world.step()
        book.record()
    return account_of(book.frame().assign(run="baseline"))

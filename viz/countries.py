"""Shapes of countries on maps, from `data/outlines.csv` (Natural Earth, 1:110 million; made by `python -m docs.make_outlines`).

Borders are those of the source and say nothing about the status of any territory. Small countries have no shape: they are circles.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

FILE = "outlines.csv"
TENTHS = 10.0
"""Points to a degree."""
NO_CODE = ""
"""Land that has no code of its own in ISO 3166."""
Ring = list[tuple[float, float]]


@cache
def shapes() -> dict[str, list[Ring]]:
    """Outlines by ISO 3166 alpha-3: (longitude, latitude) in degrees. An outline inside another one is a hole."""
    found: dict[str, list[Ring]] = {}
    with (resources.files("lodeflow.data") / FILE).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            numbers = [int(number) / TENTHS for number in row["outline"].split()]
            found.setdefault(row["iso3"], []).append(list(zip(numbers[::2], numbers[1::2], strict=True)))
    return found


def outlines() -> list[Ring]:
    """All outlines, without the country that they belong to."""
    return [ring for rings in shapes().values() for ring in rings]

"""Makes `data/outlines.csv`, the shapes of countries on maps: `python -m docs.make_outlines countries-110m.json`.

The file comes from the npm package `world-atlas` 2 (ISC licence), which packs Natural Earth's countries at 1:110 million (public
domain) as TopoJSON: borders are arcs that neighbours share. Points are kept to a tenth of a degree, so shared borders stay shared.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pycountry

TARGET = Path(__file__).resolve().parents[1] / "data" / "outlines.csv"
TENTHS = 10
"""Points to a degree."""
WITHOUT_NUMBER = {"Kosovo": "XKX"}
"""Countries of the tables that Natural Earth names without a number of ISO 3166."""
AROUND = 360 * TENTHS
LEFT_OUT = "ATA"
"""Antarctica: no metal of the model is mined there."""
Point = tuple[int, int]


def arcs_of(topology: dict[str, Any]) -> list[list[Point]]:
    """Arcs of a TopoJSON file in tenths of a degree, (longitude, latitude)."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((round(TENTHS * (x * sx + tx)), round(TENTHS * (y * sy + ty))))
        arcs.append(points)
    return arcs


def _beside(point: Point, last: Point) -> Point:
    """A point on the same side of the date line as the last one, so that no outline runs around the world: beyond 180 degrees."""
    turns = round((last[0] - point[0]) / AROUND)
    return point[0] + turns * AROUND, point[1]


def ring_of(numbers: list[int], arcs: list[list[Point]]) -> list[Point]:
    """One outline from its arcs (~n: arc n backwards), without points that fall on the one before."""
    points: list[Point] = []
    for number in numbers:
        for point in arcs[number] if number >= 0 else reversed(arcs[~number]):
            near = _beside(point, points[-1]) if points else point
            if not points or points[-1] != near:
                points.append(near)
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def rings(topology: dict[str, Any]) -> Iterator[tuple[str, list[Point]]]:
    """ISO 3166 alpha-3 and outline, in tenths of a degree; the code is "" for land that has none."""
    arcs = arcs_of(topology)
    for shape in topology["objects"]["countries"]["geometries"]:
        found = pycountry.countries.get(numeric=str(shape.get("id", "")).zfill(3))
        code = found.alpha_3 if found else WITHOUT_NUMBER.get(shape["properties"]["name"], "")
        parts = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        for outline in (ring for part in parts for ring in part):
            points = ring_of(outline, arcs)
            if len(points) > 2 and code != LEFT_OUT:
                yield code, points


def main() -> None:
    """Write the file."""
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    lines = sorted((code, " ".join(f"{x} {y}" for x, y in points)) for code, points in rings(topology))
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("iso3", "outline"))
        writer.writerows(lines)


if __name__ == "__main__":
    main()

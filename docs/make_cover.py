"""Writes viz/app/cover/stories.json, the worlds that the dashboard's first page plays: `python -m docs.make_cover` (half a minute).

Each story is a shipped scenario as the dashboard runs it, all metals of its world together: lines of one chart, the trade on the
map, and one sentence a month. The measures behind the "what if" buttons are those that the desk proposes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from lodeflow import data
from lodeflow.data import Tables
from lodeflow.environment.calendar import parse_month
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz import words
from lodeflow.viz.app.cover.offers import FIRST_MONTHS, OFFERED, named, offer
from lodeflow.viz.app.texts import LANGUAGES, Texts
from lodeflow.viz.app.world import board, network, story
from lodeflow.viz.app.world.chart import Chart, Line
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.map_view import places_of
from lodeflow.viz.app.world.session import Session

FILE = Path(__file__).parent.parent / "viz" / "app" / "cover" / "stories.json"
ARROWS = 12
"""Flows on the small map, the largest first."""
ROLES = ("live", "base", "observed")
DIGITS = 4
"""Significant digits of the values of a line."""


@dataclass(frozen=True)
class Told:
    """What a story shows.

    Attributes:
        name: a shipped scenario.
        metal: whose lines and trade are drawn.
        stage: stage of the chain on the map.
        line: ``price``, or a world series of refined metal, t/month.
        first, last: months that are played.
        step: months from one moment of the story to the next.
    """

    name: str
    metal: str
    stage: str
    line: str
    first: str
    last: str
    step: int = 1


STORIES = (
    Told("drc-cobalt-export-ban", "cobalt", "mines", "price", "2024-10", "2027-09"),
    Told("china-gallium-germanium-licensing", "gallium", "refineries", "price", "2023-03", "2025-02"),
    Told("china-battery-recycling", "lithium", "recyclers", "secondary_supply", "2024-01", "2033-12", step=3),
)


def main() -> None:
    """Run the stories and write the file."""
    FILE.write_text(written(stories(data.shared())), encoding="utf-8")
    print(FILE.relative_to(FILE.parents[3]))


def written(found: dict[str, Any]) -> str:
    """The file: one line a story, so that a change of one leaves the others alone."""
    rows = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in found["stories"])
    offers = json.dumps(found["offers"], ensure_ascii=False, separators=(",", ":"))
    return f'{{"land":{json.dumps(found["land"])},\n"before":{found["before"]},\n"stories":[\n{rows}\n],\n"offers":{offers}}}\n'


def stories(tables: Tables, chosen: tuple[Told, ...] = STORIES) -> dict[str, Any]:
    """All that the first page plays: outlines of the continents, the stories, and the measures that it offers."""
    shown = [told(one, tables) for one in chosen]
    land = "".join(shape["d"] for shape in network.land())
    return {"land": land, "before": FIRST_MONTHS, "stories": shown, "offers": offers(tables)}


def told(one: Told, tables: Tables) -> dict[str, Any]:
    """A story: what is drawn and said in each of its moments."""
    texts = {code: Texts(code, tables) for code in LANGUAGES}
    session = Session(tables, load_scenario(one.name, tables=tables))
    first = parse_month(one.first) - parse_month(session.scenario.world.start)
    last = parse_month(one.last) - parse_month(session.scenario.world.start)
    moments, places = [], places_of(tables)
    for at in range(first, last + 1, one.step):
        session.step(at + 1 - session.t)
        frame = session.frame()
        moments.append(_moment(frame, one, texts, places))
    charts = {code: _chart(frame, one, texts[code]) for code in LANGUAGES}
    lines = {line.role: line for line in charts["en"].lines if line.role in ROLES}
    codes = sorted({node[0] for moment in moments for node in moment["nodes"]})
    return {
        "name": one.name,
        "metal": one.metal,
        "stage": one.stage,
        "first": parse_month(one.first),
        "step": one.step,
        "months": [at + 1 for at in range(first, last + 1, one.step)],
        "unit": charts["en"].unit,
        "title": {code: chart.title for code, chart in charts.items()},
        "lines": {role: _rounded(line.values[first : last + 1 : one.step]) for role, line in lines.items()},
        "names": {code: {node: texts[code].region(node) for node in codes} for code in LANGUAGES},
        "moments": moments,
    }


def _moment(frame: Frame, one: Told, texts: dict[str, Texts], places: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """One month: the largest flows, the circles at their ends, and the sentence."""
    picture = network.map_picture(frame, one.metal, one.stage, texts["en"], places)
    edges = picture["edges"][:ARROWS]
    ends = {code for edge in edges for code in edge["id"].split("-")}
    nodes = [node for node in picture["nodes"] if node["id"] in ends or "lx" in node]
    return {
        "said": {code: story.sentence(frame, one.metal, own) for code, own in texts.items()},
        "edges": [[edge["d"], edge["head"], edge["w"], edge["state"]] for edge in edges],
        "nodes": [[node[key] for key in ("id", "x", "y", "r", "state")] for node in nodes],
        "labels": {node["id"]: [node["lx"], node["ly"]] for node in nodes if "lx" in node},
    }


def _chart(frame: Frame, one: Told, texts: Texts) -> Chart:
    """The chart of a story, as the page draws it."""
    if one.line == "price":
        return board.price(frame, one.metal, texts)
    live, base = (view.line(one.line, one.metal, "refined") for view in (frame.live, frame.base))
    lines = [Line(role, role, values) for role, values in (("base", base), ("live", live)) if values is not None]
    return Chart(one.line, texts("cover.recycled", metal=texts.metal_within(one.metal)), "t", lines, "")


def _rounded(values: Any) -> list[float | None]:
    return [float(f"{value:.{DIGITS}g}") if isfinite(value) else None for value in values]


def offers(tables: Tables) -> list[dict[str, Any]]:
    """The measures of the first page in words, as the desk proposes them after :data:`FIRST_MONTHS` months."""
    session = Session(tables)
    session.step(FIRST_MONTHS)
    texts = {code: Texts(code, tables) for code in LANGUAGES}
    found = []
    for kind, metal in OFFERED:
        session.fire(offer(kind, metal, session))
        event = session.frame().fired[-1].event
        said = {code: words.capital(named(event, metal, own)) for code, own in texts.items()}
        found.append({"kind": kind, "metal": metal, "said": said})
        session.undo()
    return found


if __name__ == "__main__":
    main()

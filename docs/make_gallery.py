"""Writes docs/gallery.md, the shipped scenarios with a picture each: `python -m docs.make_gallery [NAME ...]` (some minutes).

With names only their pictures are drawn anew.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from docs.small_picture import Line, draw
from lodeflow import data
from lodeflow.data.chosen import chosen_metals
from lodeflow.environment import World, build
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.records.indicators import price_index
from lodeflow.experiments.scenario.model import Scenario, load_scenario, shipped

PAGE = Path(__file__).with_name("gallery.md")
PICTURES = Path(__file__).with_name("images") / "gallery"
HEAD = """# Gallery

Every shipped scenario: what happens, where that is known from, and what the model makes of it. The pictures show the world price of
refined metal of its first metals, with its shocks and without them (first month = 100; grey: from the first shock's start to the
last one's end). Where quotes say how the base year began and ended, prices follow them in that year, with and without shocks: an
input, and no result (table `prices`: copper rose by a fifth in 2017, nickel fell by two fifths in 2023). `lodeflow run NAME` runs a
scenario, [scenarios.md](scenarios.md) combines them. Written by `python -m docs.make_gallery`.
"""
MOST = 3
"""Metals that a picture shows."""


def page() -> str:
    """The page: a list of all scenarios, then each with its description and picture."""
    scenarios = [load_scenario(name) for name in shipped()]
    listed = [f"- [{scenario.title}](#{scenario.name})" for scenario in scenarios]
    parts = [HEAD, *listed, ""]
    for scenario in scenarios:
        kinds = ", ".join(f"`{kind}`" for kind in dict.fromkeys(shock.kind for shock in scenario.shocks))
        parts += [f"## {scenario.name}\n", f"**{scenario.title}.**\n", scenario.description.strip() + "\n"]
        parts += [f"Kinds: {kinds}.\n"] if kinds else []
        parts.append(f"![Price with and without the shocks of {scenario.name}](images/gallery/{scenario.name}.png)\n")
    return "\n".join(parts)


def metals(scenario: Scenario) -> list[str]:
    """Metals of a scenario's picture: those of its world that its shocks name, or the first of its world."""
    carried = chosen_metals(data.shared(), scenario.world.metals)
    named = [metal for shock in scenario.shocks for metal in shock.touched_metals if metal in carried]
    return (list(dict.fromkeys(named)) or carried)[:MOST]


def picture(name: str) -> None:
    """Draw the world prices of a scenario with and without its shocks."""
    scenario = load_scenario(name)
    shown = metals(scenario)
    keep = scenario.world.metals or [*shown, *(["copper"] if "cobalt" in shown else [])]
    world = scenario.world.model_copy(update={"metals": list(dict.fromkeys(keep))})
    here = {*world.metals, "zinc", "alumina"}
    shocks = [shock for shock in scenario.shocks if not shock.touched_metals or here & {*shock.touched_metals}]
    shaken = build(data.shared(), world, shocks, scenario.parameters).run()
    calm = World(shaken.blueprint, [], shaken.expectation).run()
    panels = []
    for metal in shown:
        index = shaken.layout.metal_index[metal]
        lines = [100.0 * price_index(one.recorder, "refined")[:, index] for one in (shaken, calm)]
        first = lines[1][0]
        panels.append((metal, "first month = 100", Line(*(100.0 * line / first for line in lines))))
    draw(PICTURES / f"{name}.png", scenario.title, shaken.first_month, _force(shaken, shocks), panels)


def _force(world: World, shocks: Sequence[object]) -> slice | None:
    """Rows from the start of the first shock to the end of the last."""
    if not shocks:
        return None
    last = world.settings.months
    starts = [parse_month(shock.start) - world.first_month for shock in shocks]  # type: ignore[attr-defined]
    ends = [shock.final_end for shock in shocks]  # type: ignore[attr-defined]
    stop = last if None in ends else min(max(ends) + 1 - world.first_month, last)
    return slice(max(min(starts), 0), stop)


def main(names: Sequence[str] = ()) -> None:
    """Write the page and draw the pictures of all scenarios, or of some."""
    PAGE.write_text(page(), encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in names or shipped():
        picture(name)
        print(f"docs/images/gallery/{name}.png", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

"""What deciding costs: a month with governments on over the same month with what they decided given as shocks, and over none of it.

``python -m benchmarks.governments [METAL ...]``. The worlds take turns in one process, month by month, and processor time counts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from lodeflow import data
from lodeflow.environment import World, build
from lodeflow.environment.governments.governments import Governments
from lodeflow.environment.governments.settings import GovernmentSettings
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import ExportBan, ExportLicence

METALS = (
    "cobalt",
    "copper",
    "dysprosium-terbium",
    "gallium",
    "germanium",
    "graphite",
    "lithium",
    "neodymium-praseodymium",
    "nickel",
)
WARM, MONTHS = 12, 60
BEGINS = (
    ExportLicence(actor="CHN", metals=["gallium", "germanium", "dysprosium-terbium"], form="refined", start="2025-04"),
    ExportBan(actor="COD", metals=["cobalt"], form="feed", start="2025-03"),
)
"""What governments begin with, so that there is something to answer."""


def deciding(start: World) -> World:
    """A twin of a world before its first month in which every government decides."""
    world = start.twin(BEGINS)
    return world.let_decide(Governments(data.load(), GovernmentSettings(mode="on"), world))


def cost(metals: Sequence[str] = METALS) -> tuple[float, float, float]:
    """Processor time of a month with governments, with what they decided as shocks, and with the first measures alone, s."""
    start = build(data.load(), WorldSettings(metals=list(metals), start="2025-01", end="2030-12"), [])
    first = deciding(start)
    for _ in range(WARM + MONTHS):
        first.step()
    worlds = deciding(start), start.twin(first.shocks), start.twin(BEGINS)
    spent = [0.0, 0.0, 0.0]
    for month in range(WARM + MONTHS):
        for turn in range(len(worlds)):
            number = (month + turn) % len(worlds)  # who is first finds the processor's caches full of another world
            began = time.process_time()
            worlds[number].step()
            spent[number] += (time.process_time() - began) * (month >= WARM)
    return spent[0] / MONTHS, spent[1] / MONTHS, spent[2] / MONTHS


def main(metals: Sequence[str] = ()) -> None:
    """Print what a month costs."""
    on, given, off = cost(metals or METALS)
    print(
        f"governments {1e3 * on:.1f} ms, their measures as shocks {1e3 * given:.1f} ms, the first two alone {1e3 * off:.1f} ms: "
        f"{on / given:.2f} times the same measures, {on / off:.2f} times the first two alone"
    )


if __name__ == "__main__":
    main(sys.argv[1:])

"""What recycling that answers costs: a month over the same month without it, ``python -m benchmarks.recycling [METAL ...]``.

Without it plants recover what they did in the base year: nobody adds a process, builds or closes a plant or learns, recycled metal
has no quality, and all that is collected goes one way. Both worlds take turns in one process, by months; processor time counts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest import mock

import numpy as np

from benchmarks.governments import METALS
from lodeflow import data
from lodeflow.agents.scrap_pool import FORMAL
from lodeflow.environment import World, build
from lodeflow.environment.month import end_of_life, investment, separation
from lodeflow.environment.month.state import Month
from lodeflow.environment.settings import WorldSettings

WARM, MONTHS = 12, 48


def _nothing(*_: object) -> None:
    """A rule that does nothing."""


def _as_before(world: World, month: Month, treated: np.ndarray) -> np.ndarray:
    """Metal that comes out of treated scrap as in the base year, t, shape (Y, metals)."""
    metals = len(world.rates.price)
    return treated[:, FORMAL * metals : (FORMAL + 1) * metals].copy()


def _one_way(world: World, month: Month, yields: np.ndarray) -> np.ndarray:
    """Share of collected metal that comes back as in the base year, shape (V,)."""
    formal: np.ndarray = yields[0]
    return formal


LEFT_OUT = (
    (separation, "_put_through", _nothing),
    (separation, "_note_grades", _nothing),
    (separation, "_learn", _nothing),
    (separation, "_recovered", _as_before),
    (investment, "_build", _nothing),
    (end_of_life, "_separation_with_rules", _one_way),
)
"""Parts of the month that recycling which answers has brought, and what stands in their place."""


@contextmanager
def plainly() -> Iterator[None]:
    """Leave these parts out of the months that follow."""
    with ExitStack() as held:
        for room, name, instead in LEFT_OUT:
            held.enter_context(mock.patch.object(room, name, instead))
        yield


def cost(metals: Sequence[str] = METALS) -> tuple[float, float]:
    """Processor time of a month with recycling that answers and of one without, s."""
    full = build(data.load(), WorldSettings(metals=list(metals), start="2024-01", end="2030-12"), [])
    plain, spent = full.twin(), [0.0, 0.0]
    for month in range(WARM + MONTHS):
        began = time.process_time()
        full.step()
        spent[0] += (time.process_time() - began) * (month >= WARM)
        with plainly():
            began = time.process_time()
            plain.step()
            spent[1] += (time.process_time() - began) * (month >= WARM)
    return spent[0] / MONTHS, spent[1] / MONTHS


def main(metals: Sequence[str] = ()) -> None:
    """Print what a month costs."""
    answering, plain = cost(metals or METALS)
    print(
        f"recycling that answers {1e3 * answering:.2f} ms, without {1e3 * plain:.2f} ms, {answering / plain:.3f} times"
    )


if __name__ == "__main__":
    main(sys.argv[1:])

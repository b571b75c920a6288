"""Frozen runs: nothing changes unless it is meant. Refreshed only by ``python -m tests.frozen.refresh``."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment.shocks.kinds import REGISTRY
from tests.frozen.worlds import NAMES, RESULTS, arithmetic, channels, differences, read, results, scenario, start


@pytest.mark.parametrize("name", NAMES)
def test_nothing_changed(tables: Tables, name: str) -> None:
    alike = arithmetic() == (RESULTS / "arithmetic.txt").read_text(encoding="ascii").strip()
    changed = differences(read(name), results(start(name, tables).run()), exact=alike)
    lines = "\n".join(changed)
    assert not changed, f"{len(changed)} channels changed; if it is meant: python -m tests.frozen.refresh\n{lines}"


def test_a_last_bit_is_seen_and_named(tables: Tables) -> None:
    world = start("metals", tables).run()
    before = results(world)
    values, labels = channels(world)["reserve"]
    row = labels.index("nickel JPN")
    values[7, row] = np.nextafter(values[7, row], np.inf)
    (line,) = differences(before, results(world), exact=True)
    assert line.startswith("reserve: first in 2024-08; ")
    values[7, row] *= 1.001
    (line,) = differences(before, results(world), exact=False)
    assert line.startswith("reserve: first in 2024-08; most nickel JPN in 2024: "), line


def test_a_shift_between_agents_is_seen_on_any_machine(tables: Tables) -> None:
    world = start("metals", tables).run()
    before = results(world)
    values, labels = channels(world)["maker_stock"]
    values[:, labels.index("cobalt JPN")] -= 1e-3
    values[:, labels.index("cobalt CHN")] += 1e-3
    (line,) = differences(before, results(world), exact=False)
    assert line.startswith("maker_stock: sums agree, agents do not; most cobalt "), line


def test_the_frozen_worlds_use_every_kind_of_shock() -> None:
    used = {shock.kind for name in NAMES for shock in scenario(name).shocks}
    shipped = {
        kind: cls for kind, cls in REGISTRY.items() if cls.__module__.split(".")[0] in ("environment", "lodeflow")
    }
    assert used >= {kind for kind, cls in shipped.items() if not cls.alias_of}

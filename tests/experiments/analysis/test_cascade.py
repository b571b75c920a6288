"""N-1 that cascades: stocks last, then refiners, makers and users stop, and a missing metal idles the others of its product."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.experiments.analysis.network.cascade import Chain, cascades, without
from tests.environment.helpers import world_of
from tests.experiments.analysis.chains import watched


def chain(stock: float = 0.0) -> Chain:
    """Two metals; A mines the first for B, who refines it and makes it with the second, which C refines, into goods for D."""
    m, c, p = 2, 4, 1
    found = {
        name: np.zeros(shape)
        for name, shape in {
            "feed": (m, c, c),
            "metal": (m, c, c),
            "treated": (m, c),
            "refined": (m, c),
            "recycled": (m, c),
            "need": (m, c, p),
            "goods": (m, c, c, p),
            "at_refiners": (m, c),
            "for_sale": (m, c),
            "at_makers": (m, c, p),
        }.items()
    }
    found["feed"][0, 0, 1] = found["treated"][0, 1] = found["refined"][0, 1] = found["metal"][0, 1, 1] = 10.0
    found["feed"][1, 2, 2] = found["treated"][1, 2] = found["refined"][1, 2] = found["metal"][1, 2, 1] = 5.0
    found["need"][0, 1, 0], found["need"][1, 1, 0] = 10.0, 5.0
    found["goods"][0, 1, 3, 0], found["goods"][1, 1, 3, 0] = 10.0, 5.0
    found["at_refiners"][0, 1] = stock
    return Chain(["one", "two"], ["AAA", "BBB", "CCC", "DDD"], **found)


def test_with_everybody_there_nothing_is_short() -> None:
    own, feasible = without(replace(chain(), feed=chain().feed), gone=3)
    assert feasible.min() == 1.0
    assert own.min() == 1.0


def test_a_stock_puts_the_stop_off_and_a_missing_metal_idles_the_other() -> None:
    own, feasible = without(chain(stock=25.0), gone=0)
    assert feasible[:4, 1, 0].tolist() == pytest.approx([1.0, 1.0, 0.5, 0.0])
    assert own[:, 1, 1].min() == 1.0  # the second metal is there
    _, at_once = without(chain(), gone=0)
    assert at_once[:, 1, 0].tolist() == [0.0] * len(at_once)


def test_the_cascade_of_a_run_reaches_metals_that_are_there(tables: Tables) -> None:
    account = watched(world_of(tables, ["cobalt", "nickel", "copper"]), 12)
    calm = Chain.of(account)
    _, feasible = without(replace(calm, feed=calm.feed), gone=calm.regions.index("AUT"))
    others = np.arange(len(calm.regions)) != calm.regions.index("AUT")
    assert (calm.need.sum(axis=0) * (1.0 - feasible[-1]))[others].sum() < 0.02 * calm.need.sum()
    table = cascades(account, countries=["COD", "IDN"]).set_index(["country", "metal"])
    congo = table.loc["COD", "cobalt"]
    assert congo["lost_share"] > 0.2
    assert 1 <= congo["first_month"] <= 12
    assert table.loc[("COD", "nickel"), "idled"] > 0.5 * table.loc[("COD", "nickel"), "lost"]  # batteries lack cobalt
    assert (table["idled"] <= table["lost"] * (1.0 + 1e-9)).all()

"""What happens when a measure ends: prices come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import ExportBan
from tests.environment.helpers import ban, world_of

BEFORE = 12
"""Months before a ban begins."""
CASES = [
    ("neodymium-praseodymium", "CHN", "refined"),
    ("graphite", "CHN", "refined"),
    ("gallium", "CHN", "refined"),
    ("germanium", "CHN", "refined"),
    ("cobalt", "COD", "feed"),
    ("nickel", "IDN", "feed"),
    ("lithium", "AUS", "feed"),
    ("copper", "CHL", "refined"),
]


def prices(world: World) -> np.ndarray:
    """Posted prices of the desks that use one per cent of the world's metal or more, by month."""
    use = world.recorder.block("normal_use").mean(axis=0)
    block: np.ndarray = world.recorder.block("price")[:, use > 0.01 * use.sum()]
    return block


@settings(max_examples=12)
@given(st.sampled_from(CASES), st.integers(2, 30), st.floats(0.2, 1.0))
def test_no_price_is_higher_in_the_year_after_a_ban_than_while_it_held(
    case: tuple[str, str, str], months: int, strength: float
) -> None:
    """In a world of one metal. Until the first goods arrive after the end, a ban still holds."""
    from lodeflow import data

    metal, actor, form = case
    measure = ban(form, actor, metal, "2025-01", months, strength=strength)
    world = world_of(data.shared(), [metal], [measure], end=f"{2026 + (months + 11) // 12}-12").run()
    market = world.markets[form]
    way = int(market.lead[market.seller_country == world.layout.country_index[actor]].max())
    end = BEFORE + months + way
    during, after = (prices(world)[a:b].max(axis=0) for a, b in ((BEFORE, end), (end, end + 12)))
    assert (np.maximum(after, 1.0) <= 1.02 * np.maximum(during, 1.0)).all()


def test_what_waits_for_another_metal_does_not_jump_when_it_comes(tables: Tables) -> None:
    """Two years without Nd-Pr and Dy-Tb from China: magnets that lacked Dy-Tb want Nd-Pr again when both come back."""
    metals = ["neodymium-praseodymium", "dysprosium-terbium"]
    measure = ExportBan(actor="CHN", metals=metals, form="refined", start="2025-01", end="2026-12")
    world = world_of(tables, metals, [measure], mode="historical", start="2024-01", end="2028-12").run()
    row = list(world.desks.ids).index("DEU-neodymium-praseodymium")
    price = world.recorder.block("price")[:, row].reshape(-1, 12)
    assert price[3].max() < 1.1 * max(price[1].max(), price[2].max())
    assert price[3].mean() < 1.6
    assert price[4].mean() == pytest.approx(1.0, abs=0.3)


@settings(max_examples=8)
@given(
    st.sampled_from(
        [c for c in CASES if c[2] == "refined"]
        + [("cobalt", "CHN", "refined"), ("lithium", "CHL", "refined"), ("lithium", "CHN", "refined")]
    ),
    st.integers(7, 24),
    st.floats(0.2, 1.0),
)
def test_two_buyers_whom_no_ban_binds_do_not_pay_three_times_as_much_as_each_other_for_long(
    case: tuple[str, str, str], months: int, strength: float
) -> None:
    """Buyers of one per cent of the world's use and more outside the country of the ban: trade turns to who pays more."""
    from lodeflow import data

    metal, actor, form = case
    world = world_of(
        data.shared(), [metal], [ban(form, actor, metal, "2025-01", months, strength=strength)], end="2027-12"
    )
    world.run()
    use = world.recorder.block("normal_use").mean(axis=0)
    free = (use > 0.01 * use.sum()) & (world.desks.country != world.layout.country_index[actor])
    price = world.recorder.block("price")[:, free]
    apart = price.max(axis=1) > 3.0 * price.min(axis=1)
    longest = max(len(run) for run in "".join("x" if month else " " for month in apart).split(" "))
    assert longest <= 6

"""Common random numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.data import Tables
from lodeflow.environment import build
from lodeflow.environment.randomness import monthly_noise, stream
from tests.environment.helpers import different, settings_of, world_of

FIRST = 2024 * 12
NAMES = ["COD-cobalt-1", "COD-cobalt-2", "ZMB-cobalt-1"]


def noise(
    names: list[str] = NAMES, seed: int = 1, first: int = FIRST, months: int = 12, size: float = 0.02
) -> np.ndarray:
    return monthly_noise(seed, "miner", names, size, first, months)


@given(st.permutations([*NAMES, "CHN-cobalt-1"]))
def test_more_agents_in_another_order_move_no_draw(names: list[str]) -> None:
    wide = noise(list(names))
    columns = [names.index(name) for name in NAMES]
    assert np.array_equal(wide[:, columns], noise())


def test_the_same_calendar_month_has_the_same_draw_whenever_a_run_starts_and_ends() -> None:
    long = noise(months=48)
    assert np.array_equal(long[7:19], noise(first=FIRST + 7, months=12))
    assert np.array_equal(long[:12], noise())


def test_seed_purpose_and_name_each_give_another_stream() -> None:
    base = stream(1, "miner", "a").random()
    assert (
        len(
            {
                base,
                stream(2, "miner", "a").random(),
                stream(1, "refiner", "a").random(),
                stream(1, "miner", "b").random(),
            }
        )
        == 4
    )


def test_noise_is_positive_with_mean_one_and_the_deviation_asked_for() -> None:
    draws = noise([str(number) for number in range(400)], months=120, size=0.1)
    assert (draws > 0.0).all()
    assert draws.mean() == pytest.approx(1.0, abs=0.002)
    assert np.log(draws).std() == pytest.approx(0.1, rel=0.02)


def test_without_deviation_noise_is_exactly_one() -> None:
    assert (noise(size=0.0) == 1.0).all()


def test_the_same_seed_gives_identical_arrays(tables: Tables) -> None:
    settings = settings_of(["cobalt"], mode="historical", noise=1.0, seed=7)
    first, second = (build(tables, settings).run() for _ in range(2))
    assert different(first, second) == []
    assert first.recorder.series().equals(second.recorder.series())


def test_different_seeds_differ(tables: Tables) -> None:
    first, second = (world_of(tables, ["cobalt"], noise=1.0, seed=seed).run() for seed in (1, 2))
    assert {"price", "mined", "refining", "use"} <= set(different(first, second))


def test_without_noise_the_seed_does_not_matter(tables: Tables) -> None:
    first, second = (world_of(tables, ["cobalt"], noise=0.0, seed=seed).run() for seed in (1, 2))
    assert different(first, second) == []


def test_more_noise_moves_prices_more(tables: Tables) -> None:
    def spread(size: float) -> float:
        return float(world_of(tables, ["cobalt"], noise=size).run().recorder.block("price").std())

    assert 0.0 == spread(0.0) < spread(0.5) < spread(2.0)


def test_a_twin_sees_the_same_noise(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], noise=1.0)
    twin = world.twin()
    assert different(world.run(), twin.run()) == []


def test_worlds_that_begin_alike_share_their_noise_and_cannot_change_it():
    one, other = (monthly_noise(3, "miner", names, 0.1, 2024 * 12, 6) for names in (["a", "b"], ("a", "b")))
    assert one is other
    with pytest.raises(ValueError, match="read-only"):
        one[0, 0] = 2.0
    for changed in ((4, "miner", ["a", "b"], 0.1), (3, "refiner", ["a", "b"], 0.1), (3, "miner", ["a", "c"], 0.1)):
        assert not np.array_equal(monthly_noise(*changed, 2024 * 12, 6), one)
    assert not np.array_equal(monthly_noise(3, "miner", ["a", "b"], 0.2, 2024 * 12, 6), one)

"""The past before the first month."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.environment.market.in_use import lifetime_probabilities
from lodeflow.environment.start.history import Fate, Past, hibernating, recorded_past, steady_past
from tests.environment.helpers import world_of

LIFETIMES = [lifetime_probabilities("normal", 8.0, 2.0), lifetime_probabilities("weibull", 4.0, 1.0)]
SHARE = np.array([0.7, 0.3])
PRIMARY = np.array([100.0])
STOCKING = np.array([5.0])
HIBERNATION = 120.0


def fate(collection: float = 0.5) -> Fate:
    return Fate(
        metal=np.zeros(2, np.int64),
        new_scrap=np.array([0.1, 0.04]),
        dissipated=np.array([0.0, 0.2]),
        hibernating=np.array([0.1, 0.3]),
        collection=np.full(2, collection),
        separation=np.array([0.9, 0.6]),
        new_separation=np.array([0.95, 0.8]),
    )


def steady(growth: float = 0.0, collection: float = 0.5) -> Past:
    return steady_past(PRIMARY, SHARE, fate(collection), LIFETIMES, growth, STOCKING, HIBERNATION)


def secondary(past: Past, of: Fate) -> float:
    """Recycled metal in the first month, from the cohorts and what hibernates."""
    out = np.array([past.inflow[: len(f), p] @ f for p, f in enumerate(LIFETIMES)])
    at_hand = out * (1.0 - of.hibernating) + past.hibernating / HIBERNATION
    return float((at_hand * of.recovered_later() + past.use[0] * SHARE * of.recovered_at_once()).sum())


def test_use_is_primary_and_recycled_metal() -> None:
    past = steady()
    assert past.use[0] == pytest.approx(100.0 + secondary(past, fate()), rel=1e-9)


def test_without_recycling_use_is_primary_metal() -> None:
    nothing = Fate(**{**vars(fate(0.0)), "new_separation": np.zeros(2)})
    past = steady_past(PRIMARY, SHARE, nothing, LIFETIMES, 0.0, STOCKING, HIBERNATION)
    assert past.use[0] == pytest.approx(100.0)


def test_what_comes_into_use_is_use_less_scrap_and_loss() -> None:
    past = steady()
    assert past.inflow[0] == pytest.approx(past.use[0] * SHARE * [0.9, 0.96 * 0.8])


def test_hibernating_metal_neither_grows_nor_shrinks_in_a_steady_past() -> None:
    past = steady()
    enter = fate().hibernating * past.inflow[0]
    assert enter == pytest.approx(past.hibernating / HIBERNATION)


def test_more_collection_means_more_use_of_the_same_primary_metal() -> None:
    assert steady(collection=0.2).use[0] < steady(collection=0.5).use[0] < steady(collection=0.9).use[0]


def test_a_growing_past_grows_at_its_rate() -> None:
    past = steady(growth=0.04)
    assert past.inflow[0] / past.inflow[12] == pytest.approx(np.full(2, 1.04))


def test_growth_leaves_less_scrap_and_builds_stocks() -> None:
    assert steady(growth=0.04).use[0] < steady().use[0]


def test_growing_use_is_primary_and_recycled_metal_less_what_stocks_take() -> None:
    past = steady(growth=0.04)
    stocking = STOCKING[0] * past.use[0] * (1.04 ** (1 / 12) - 1.0)
    assert past.use[0] == pytest.approx(100.0 + secondary(past, fate()) - stocking, rel=0.01)


def test_a_recorded_past_without_change_is_the_steady_past() -> None:
    years = dict.fromkeys(range(1950, 2025), PRIMARY * 12.0)
    past = recorded_past(
        years,
        {2024: SHARE},
        fate(),
        LIFETIMES,
        2024 * 12,
        (PRIMARY, SHARE),
        backcast=np.zeros(1),
        stocking=STOCKING,
        growth=np.zeros(1),
        hibernation_months=HIBERNATION,
    )
    assert past.use == pytest.approx(steady().use, rel=0.02)
    assert past.inflow[0] == pytest.approx(steady().inflow[0], rel=0.02)


def recorded(growth: float, first_month: int = 2024 * 12) -> Past:
    """The past of production that grew at a constant rate to the end of 2024, without stock building."""
    years = {year: PRIMARY * 12.0 * (1.0 + growth) ** (year - 2024) for year in range(1980, 2025)}
    arguments = (fate(), LIFETIMES, first_month, (PRIMARY, SHARE), np.array([growth]))
    return recorded_past(years, {2024: SHARE}, *arguments, np.zeros(1), np.zeros(1), HIBERNATION)


@pytest.mark.parametrize("growth", [0.0, 0.04, 0.15])
def test_what_hibernates_at_the_start_is_what_a_steady_past_leaves(growth: float) -> None:
    steadily = steady_past(PRIMARY, SHARE, fate(), LIFETIMES, growth, np.zeros(1), HIBERNATION)
    past = recorded(growth)
    months = past.hibernating / past.inflow[0]
    assert months == pytest.approx(steadily.hibernating / steadily.inflow[0], rel=0.015)


def test_what_hibernates_grows_through_the_first_year() -> None:
    held = [recorded(0.15, 2024 * 12 + month).hibernating for month in (0, 3, 6, 9, 12)]
    for pair in range(2):
        path = [values[pair] for values in held]
        assert path == sorted(path)
        assert path[-1] / path[0] == pytest.approx(1.15, rel=0.01)


def test_the_newest_months_are_those_of_the_last_year() -> None:
    """Without recycling what came into use in 2023 is what the production of 2023 gave."""
    of = Fate(**{**vars(fate(0.0)), "new_separation": np.zeros(2)})
    years = {year: PRIMARY * 12.0 * 1.15 ** (year - 2024) for year in range(1980, 2025)}
    arguments = (of, LIFETIMES, 2024 * 12, (PRIMARY, SHARE), np.array([0.15]))
    past = recorded_past(years, {2024: SHARE}, *arguments, np.zeros(1), np.zeros(1), HIBERNATION)
    assert past.inflow[:12].sum(axis=0) == pytest.approx(years[2023] * SHARE * of.into_use(), rel=1e-9)


@pytest.mark.parametrize("first_month", [2024 * 12, 2024 * 12 + 5, 2024 * 12 + 11])
def test_the_past_grows_up_to_its_last_month(first_month: int) -> None:
    newest = recorded(0.15, first_month).inflow[:12, 0]
    assert (newest[:-1] > newest[1:]).all(), newest
    assert newest[0] / newest[6] == pytest.approx(1.15**0.5, rel=0.02)


def test_hibernating_stock_is_that_of_the_run_s_own_arithmetic() -> None:
    of = fate()
    inflow = np.random.default_rng(5).uniform(1.0, 9.0, (400, 2))
    held = np.zeros(2)
    for month in range(len(inflow)):
        so_far = inflow[len(inflow) - month :]
        leaving = np.array([so_far[: len(f), p][: len(so_far)] @ f[: len(so_far)] for p, f in enumerate(LIFETIMES)])
        held = held + of.hibernating * leaving - held / HIBERNATION
    assert hibernating(inflow, of, LIFETIMES, HIBERNATION) == pytest.approx(held, rel=1e-12)


def test_a_past_that_shrinks_faster_than_drawers_are_cleared_is_refused() -> None:
    with pytest.raises(DataError, match="drawers and yards"):
        steady(growth=-0.1)


@pytest.mark.parametrize("growth", [-0.1, -0.095, -0.09, -0.05, 0.3])
@pytest.mark.parametrize("metal", ["lithium", "graphite", "gallium"])
def test_any_growth_is_refused_or_runs_with_every_tonne(tables: Tables, growth: float, metal: str) -> None:
    try:
        world = world_of(tables, [metal], mode="growth", growth=growth, end="2024-12")
        said = ""
    except DataError as error:
        said = str(error)
    assert "growth" in said or world.run().ledger.stocks.min() >= 0.0


def test_a_past_of_growing_production_leaves_less_scrap() -> None:
    def first_use(rate: float) -> float:
        years = {year: PRIMARY * 12.0 * (1.0 + rate) ** (year - 2024) for year in range(1980, 2025)}
        arguments = (fate(), LIFETIMES, 2024 * 12, (PRIMARY, SHARE))
        return float(
            recorded_past(years, {2024: SHARE}, *arguments, np.array([rate]), STOCKING, np.zeros(1), 120.0).use[0]
        )

    assert first_use(0.06) < first_use(0.02) < first_use(0.0)


def test_a_past_that_shrinks_faster_than_scrap_comes_back_is_refused(tables: Tables) -> None:
    with pytest.raises(DataError, match="nearer to 0"):
        world_of(tables, ["copper"], mode="growth", growth=-0.08)

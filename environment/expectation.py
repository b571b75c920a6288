"""The expected path: what the world does when nothing unexpected happens and prices stay at their anchor.

Availability is measured against this path, so growth, goods under way and ageing stocks are not read as scarcity. It is
made by a rehearsal: the same month, with prices held, in which output is planned to meet use. Without shocks and noise the
real run repeats the rehearsal number for number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HORIZONS = np.array([3.0, 6.0, 12.0, 24.0])
"""Horizons of the forward look, months."""


@dataclass
class Expectation:
    """Expected path, one row per month (T rows).

    Attributes:
        mines, refiners: planned output relative to base, shape (T, metals).
        recyclers: planned throughput, USD/month at base prices, shape (T, Y).
        feed: ln of feed availability, shape (T, H, R).
        refined: ln of refined availability, shape (T, H, B).
        own, got, need: parts of refined availability, t, shape (T, H, B); single precision, they only explain prices.
        inflow: allocated over normal inflow, shape (T, H, B).
        placed: share of their supply that sellers place over the asking horizon, by market, shape (T, S).
        growth, growth_end: mean demand within, and demand at the end of, each horizon relative to the month, (T, H, metals).
    """

    mines: np.ndarray
    refiners: np.ndarray
    recyclers: np.ndarray
    feed: np.ndarray
    refined: np.ndarray
    own: np.ndarray
    got: np.ndarray
    need: np.ndarray
    inflow: np.ndarray
    placed: dict[str, np.ndarray]
    growth: np.ndarray
    growth_end: np.ndarray


def empty_expectation(months: int, sizes: dict[str, int], growth: tuple[np.ndarray, np.ndarray]) -> Expectation:
    """An expectation still to be rehearsed. ``sizes``: metals, refiners, recyclers, desks, and the sellers of feed and refined."""
    ahead = len(HORIZONS)

    def by_desk(precision: type = np.float64) -> np.ndarray:
        return np.zeros((months, ahead, sizes["desks"]), precision)

    return Expectation(
        mines=np.ones((months, sizes["metals"])),
        refiners=np.ones((months, sizes["metals"])),
        recyclers=np.zeros((months, sizes["recyclers"])),
        feed=np.zeros((months, ahead, sizes["refiners"])),
        refined=by_desk(),
        own=by_desk(np.float32),
        got=by_desk(np.float32),
        need=by_desk(np.float32),
        inflow=by_desk(),
        placed={name: np.ones((months, sizes[name])) for name in ("feed", "refined")},
        growth=growth[0],
        growth_end=growth[1],
    )


def demand_growth(
    demand: np.ndarray, base: np.ndarray, metal: np.ndarray, metals: int, months: int
) -> tuple[np.ndarray, np.ndarray]:
    """Expected growth of world demand over each horizon.

    Args:
        demand: demand of each input relative to the first month, shape (T + beyond, L).
        base: use in the first month, t/month, shape (L,).
        metal: metal of each input, shape (L,).
        metals, months: numbers of metals and months.

    Returns:
        (mean, end): mean demand within and demand at the end of each horizon over demand now, shape (T, H, metals).
    """
    world = np.stack([np.bincount(metal, row * base, metals) for row in demand])
    mean = np.empty((months, len(HORIZONS), metals))
    end = np.empty_like(mean)
    for h, horizon in enumerate(HORIZONS.astype(int)):
        for t in range(months):
            mean[t, h] = world[t : t + horizon].mean(axis=0) / world[t]
            end[t, h] = world[min(t + horizon, len(world) - 1)] / world[t]
    return mean, end

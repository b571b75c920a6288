"""What shocks do in a month and what is expected of them, as plain arrays: written by shocks, read by the phases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

TRADE_MARKETS = ("feed", "refined")


@dataclass
class Written:
    """Effects of all shocks in one month. Without shocks every array is exactly neutral.

    Attributes:
        cap_now: allowed share of an edge's largest flow this month, by market, shape (E,); 1 neutral.
        cap_ahead: the same as expected over each horizon, shape (H, E).
        delay_months: longer way of what is sent this month, months, by market, shape (E,).
        freight: what is paid for the way on top of usual freight, USD/t metal, by market, shape (E,).
        duty: import duty on top of the usual one, share of the price, by market, shape (E,).
        reach_ahead: share of what buyers pay that is expected to reach sellers after both, by market, shape (H, E); 1 neutral.
        held: edges under a restriction that is known, boolean, by market, shape (E,).
        exposed: share of an edge's flow under a restriction that is believed, shape (E,).
        output_kept, output_kept_ahead: share of mine output kept now, shape (I,), and as expected, shape (H, I).
        host_kept: the same for hosts outside the metals' own mines, shape (X,).
        demand_now, demand_ahead: demand relative to the expected path now, shape (L,), and over horizons, shape (H, L).
        purchases, purchases_ahead: metal bought to be kept off the market, t, shape (B,), and within each horizon, (H, B).
        collection, recovery, content: what policies ask for: (rows, target, progress) each.
        fees: what producers pay for collection: (rows in use, USD/t metal) each.
        learned: what agents now expect restrictions to let through, by restriction; the rest they remember.
        had_effect: numbers of the shocks that changed anything.
        restricts, buys, charges: whether anything restricts trade or output, is bought, or makes ways or borders dearer.
        news: True if something new became known that matters.
    """

    cap_now: dict[str, np.ndarray]
    cap_ahead: dict[str, np.ndarray]
    exposed: dict[str, np.ndarray]
    held: dict[str, np.ndarray]
    delay_months: dict[str, np.ndarray]
    freight: dict[str, np.ndarray]
    duty: dict[str, np.ndarray]
    reach_ahead: dict[str, np.ndarray]
    output_kept: np.ndarray
    output_kept_ahead: np.ndarray
    host_kept: np.ndarray
    host_kept_ahead: np.ndarray
    demand_now: np.ndarray
    demand_ahead: np.ndarray
    purchases: np.ndarray
    purchases_ahead: np.ndarray
    collection: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    recovery: list[tuple[np.ndarray, str, float, float]] = field(default_factory=list)
    content: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    fees: list[tuple[np.ndarray, float]] = field(default_factory=list)
    learned: dict[tuple[Any, ...], np.ndarray] = field(default_factory=dict)
    had_effect: set[int] = field(default_factory=set)
    restricts: bool = False
    buys: bool = False
    charges: bool = False
    news: bool = False

    @classmethod
    def neutral(cls, horizons: int, edges: dict[str, int], sizes: dict[str, int]) -> Written:
        """Nothing happens.

        Args:
            horizons: number of horizons.
            edges: number of edges of each market.
            sizes: numbers of ``miners``, ``hosts``, ``inputs`` and ``desks``.
        """

        def ones(name: str) -> tuple[np.ndarray, np.ndarray]:
            return np.ones(sizes[name]), np.ones((horizons, sizes[name]))

        output, host, demand = ones("miners"), ones("hosts"), ones("inputs")
        return cls(
            {name: np.ones(count) for name, count in edges.items()},
            {name: np.ones((horizons, count)) for name, count in edges.items()},
            {name: np.zeros(count) for name, count in edges.items()},
            {name: np.zeros(count, bool) for name, count in edges.items()},
            {name: np.zeros(count) for name, count in edges.items()},
            {name: np.zeros(count) for name, count in edges.items()},
            {name: np.zeros(count) for name, count in edges.items()},
            {name: np.ones((horizons, count)) for name, count in edges.items()},
            *output,
            *host,
            *demand,
            np.zeros(sizes["desks"]),
            np.zeros((horizons, sizes["desks"])),
        )

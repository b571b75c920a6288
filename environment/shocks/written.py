"""What shocks do in a month and what is expected of them, as plain arrays: written by shocks, read by the phases."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lodeflow.environment.shocks.bills import Bill

TRADE_MARKETS = ("feed", "refined")
UNLIMITED = 1e300
"""t/month that stand for no limit at all."""
MAY_GROW = (dict, list, set)
"""Kinds of fields into which shocks put something besides arrays."""
BUILDING = {"miner": "miners", "refiner": "refiners", "recycler": "recyclers"}
"""Kinds of firms that build capacity, and where they stand."""


@dataclass
class Written:
    """Effects of all shocks in one month. Without shocks every array is exactly neutral.

    Attributes:
        cap_now: allowed share of an edge's largest flow this month, by market, shape (E,); 1 neutral.
        cap_ahead: the same as expected over each horizon, shape (H, E).
        delay_months: longer way of what is sent this month, months, by market, shape (E,).
        freight: what is paid for the way on top of usual freight, USD/t metal, by market, shape (E,).
        duty: import duty on top of the usual one, share of the price, by market, shape (E,).
        owned: edges of the market for feed, boolean, shape (E,), with the share of their flow that passes, as buyers own it.
        reach_ahead: share of what buyers pay that is expected to reach sellers after both, by market, shape (H, E); 1 neutral.
        held: edges under a restriction that is known, boolean, by market, shape (E,).
        exposed: share of an edge's flow under a restriction that is believed, shape (E,).
        output_kept, output_kept_ahead: share of mine output kept now, shape (I,), and as expected, shape (H, I).
        host_kept: the same for hosts outside the metals' own mines, shape (X,).
        demand_now, demand_ahead: demand relative to the expected path now, shape (L,), and over horizons, shape (H, L).
        purchases, purchases_ahead: metal bought to be kept off the market, t, shape (B,), and within each horizon, (H, B).
        tax_now: taxes on sales that shocks bring, a share of the price, by market, shape (E,).
        tax_ahead: the same as expected over each horizon, by market, shape (H, E).
        floor: least ask that measures allow, relative to the anchor, by market, shape (S,); 0 neutral.
        scrap_open: share of the base month's flow of a scrap edge that may move, shape (E of scrap,); 1: as much as anybody likes.
        mine_limit: most that a mine may bring out, t/month, shape (I,); UNLIMITED where nothing is limited.
        stage_kept: share kept this month of what ``refiners`` (R,) and ``recyclers`` (Y,) treat, and of what ``secondary`` sells.
        refining_kept_ahead, recycled_kept_ahead: the same as expected over each horizon: refiners, shape
            (H, R), and sellers of recycled metal, shape (H, S of recycled metal).
        build_kept: share of new capacity that may be begun, by ``miner`` (I,), ``refiner`` (R,), ``recycler`` (Y,).
        added: capacity that comes on stream or leaves this month, t/month, by ``miner`` (I,) and ``refiner`` (R,).
        added_ahead: mine output that projects are expected to add, mean over each horizon, t/month, shape (H, I).
        found: ore that is found or written off beyond exploration, t, shape (I,).
        collection, recovery, content: what policies ask for: (rows, target, progress) each.
        lowered: collection rates that rules bring down: (rows, target, progress) each.
        replaced: products in use, shape (V,), and makers' inputs that are bought less for what stays in use longer, (L,).
        bills: what somebody pays this month because of a policy.
        levers: columns of the levers that policies pull, by name (:mod:`lodeflow.environment.shocks.levers`).
        process_cost: what added processes cost more, USD per t of each metal in the scrap, shape (n, processes, metals) each.
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
    tax_now: dict[str, np.ndarray]
    tax_ahead: dict[str, np.ndarray]
    floor: dict[str, np.ndarray]
    scrap_open: np.ndarray
    mine_limit: np.ndarray
    stage_kept: dict[str, np.ndarray]
    refining_kept_ahead: np.ndarray
    recycled_kept_ahead: np.ndarray
    build_kept: dict[str, np.ndarray]
    added: dict[str, np.ndarray]
    added_ahead: np.ndarray
    found: np.ndarray
    collection: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    recovery: list[tuple[np.ndarray, str, float, float]] = field(default_factory=list)
    content: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    lowered: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    levers: dict[str, np.ndarray] = field(default_factory=dict)
    replaced: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    process_cost: list[np.ndarray] = field(default_factory=list)
    fees: list[tuple[np.ndarray, float]] = field(default_factory=list)
    owned: list[tuple[np.ndarray, float]] = field(default_factory=list)
    learned: dict[tuple[Any, ...], np.ndarray] = field(default_factory=dict)
    had_effect: set[int] = field(default_factory=set)
    restricts: bool = False
    buys: bool = False
    taxes: bool = False
    charges: bool = False
    news: bool = False

    def anew(self, shared: bool) -> Written:
        """The same for another month.

        Args:
            shared: whether arrays that nobody writes are those of this one: whoever writes asks for :meth:`own`; else copies.
        """
        if not shared:
            return Written(**{name: _again(value) for name, value in vars(self).items()})
        return self._like({name: part.copy() if type(part) in MAY_GROW else part for name, part in vars(self).items()})

    def _like(self, fields: dict[str, Any]) -> Written:
        """Another with these fields."""
        other = object.__new__(type(self))
        vars(other).update(fields)
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> Written:
        """A copy that shares what nobody has written, so that :meth:`touched` says the same of it."""
        memo.update({id(array): array for array in self._arrays() if not array.flags.writeable})
        return self._like({name: copy.deepcopy(value, memo) for name, value in vars(self).items()})

    def _arrays(self) -> Iterator[np.ndarray]:
        """All arrays of effects."""
        for value in vars(self).values():
            for array in value.values() if isinstance(value, dict) else (value,):
                if isinstance(array, np.ndarray):
                    yield array

    def sealed(self) -> Written:
        """The same, whose arrays cannot be written."""
        for array in self._arrays():
            array.flags.writeable = False
        return self

    def own(self, name: str, key: str = "") -> np.ndarray:
        """The array of an effect, of a market or kind of firm (``key``) where it has several, to be written.

        What nobody has written is shared by all months, and cannot be written without this.
        """
        place, key = (getattr(self, name), key) if key else (vars(self), name)
        array: np.ndarray = place[key]
        if not array.flags.writeable:
            array = place[key] = array.copy()
        return array

    def touched(self, name: str, key: str = "") -> bool:
        """Whether somebody asked for an array to write it (:meth:`own`); if not, it is neutral."""
        place, key = (getattr(self, name), key) if key else (vars(self), name)
        may_be_other: bool = place[key].flags.writeable
        return may_be_other

    def longer(self, market: str) -> np.ndarray | int:
        """Longer way of what is sent over the edges of a market this month, months, shape (E,), or 0 for all."""
        return self.delay_months[market] if self.touched("delay_months", market) else 0

    @classmethod
    def neutral(cls, horizons: int, edges: dict[str, int], sizes: dict[str, int]) -> Written:
        """Nothing happens.

        Args:
            horizons: number of horizons.
            edges: number of edges of each market.
            sizes: numbers of agents of each kind, and of the edges of the market for scrap under ``scrap``.
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
            tax_now={name: np.zeros(count) for name, count in edges.items()},
            tax_ahead={name: np.zeros((horizons, count)) for name, count in edges.items()},
            floor={
                "feed": np.zeros(sizes["ore_desks"]),
                "refined": np.zeros(sizes["refiners"] + sizes["secondary"]),
            },
            scrap_open=np.ones(sizes["scrap"]),
            mine_limit=np.full(sizes["miners"], UNLIMITED),
            stage_kept={name: np.ones(sizes[name]) for name in ("refiners", "recyclers", "secondary")},
            refining_kept_ahead=np.ones((horizons, sizes["refiners"])),
            recycled_kept_ahead=np.ones((horizons, sizes["secondary"])),
            build_kept={kind: np.ones(sizes[name]) for kind, name in BUILDING.items()},
            added={kind: np.zeros(sizes[BUILDING[kind]]) for kind in ("miner", "refiner")},
            added_ahead=np.zeros((horizons, sizes["miners"])),
            found=np.zeros(sizes["miners"]),
        )


def _again(value: Any) -> Any:
    """What a field of :class:`Written` holds, copied for another month."""
    if isinstance(value, dict):
        return {name: _again(part) for name, part in value.items()}
    return value if isinstance(value, bool) else value.copy()

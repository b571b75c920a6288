"""Rules of ``agents`` inside compiled loops: a loop goes through the edges or plants, the rule says what happens to one of them.

Compiled code is kept by the date of its own file. So its name here ends in a print of the rules that it was made with: when one of
them changes, it is compiled anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
from numba import njit

from lodeflow.agents import arrays, contract, guards, memory, recycler, scrap_pool
from lodeflow.agents.scrap_pool import FORMAL, OLD
from lodeflow.environment.market.clearing import compiled

PRINT = 4
"""Length of the print of rules in a name, bytes."""


def rule(function: Any) -> Any:
    """A rule, and those that it calls, for use in compiled loops."""
    known = function.__globals__
    called = {
        name: rule(known[name]) for name in function.__code__.co_names if isinstance(known.get(name), FunctionType)
    }
    return njit(FunctionType(function.__code__, known | called, function.__name__, function.__defaults__))


def compiled_with(*rooms: ModuleType) -> Callable[[Callable[..., Any]], Any]:
    """:func:`compiled` for a loop that uses rules of these rooms."""
    sources = b"".join(Path(str(room.__file__)).read_bytes() for room in (*rooms, arrays, guards))
    print_of_rules = hashlib.blake2b(sources, digest_size=PRINT).hexdigest()

    def decorate(function: Callable[..., Any]) -> Any:
        function.__qualname__ = f"{function.__name__}_{print_of_rules}"
        return compiled()(function)

    return decorate


_room, _largest_flow, _renewed, _both, _remember = (
    rule(one) for one in (contract.room, contract.largest_flow, contract.renewed, contract.both, memory.remember)
)
_learned_yield, _out_of = rule(recycler.learned_yield), rule(recycler.out_of)
_handed_over = rule(scrap_pool.handed_over)


@compiled_with(contract)
def largest_flows(
    ready: tuple[np.ndarray, np.ndarray],
    spread: np.ndarray,
    domestic: np.ndarray,
    sides: tuple[np.ndarray, np.ndarray],
    contracts: tuple[np.ndarray, np.ndarray],
    opening: tuple[float, float],
    surge: tuple[float, float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Largest flow of each edge in a single month, and that which can be kept up, t/month, shape (E,) each. ODD 7.5.

    Args:
        ready: contract weights, and what ships, staff and customs stand ready for, t/month, shape (E,) each.
        spread: what the buyer pays over what the seller asks, ln points, shape (E,).
        domestic: boolean, shape (E,).
        sides: rows of sellers and buyers, shape (E,) each.
        contracts: contract weights per seller, shape (S,), and per buyer, shape (B,), t/month.
        opening: parameters ``opening`` and ``spread_opening``.
        surge: trade over what is ready at home, abroad in a single month, and abroad over months.
    """
    seller, buyer = sides
    month, kept_up = np.empty(len(seller)), np.empty(len(seller))
    for e in range(len(seller)):
        new = _room(contracts[0][seller[e]], contracts[1][buyer[e]], opening[0], spread[e], opening[1])
        most = np.maximum(ready[0][e], ready[1][e])
        month[e] = _largest_flow(most, new, surge[0] if domestic[e] else surge[1])
        kept_up[e] = _largest_flow(most, new, surge[0] if domestic[e] else surge[2])
    return month, kept_up


@compiled_with(contract)
def drifted(
    agreed: tuple[np.ndarray, np.ndarray],
    flows: tuple[np.ndarray, np.ndarray],
    sides: tuple[np.ndarray, np.ndarray],
    growth: np.ndarray,
    built: tuple[np.ndarray, np.ndarray],
    held: np.ndarray,
    floor: float,
    speed: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Contracts after a month: normal flow, contract weight, t/month, and their growth, shape (E,) each. ODD 7.14.

    Args:
        agreed: normal flow and contract weight as they stand, t/month, shape (E,) each.
        flows: flow of the base month and of this month, t/month, shape (E,) each.
        sides: rows of sellers and buyers, shape (E,) each.
        growth: expected use of next month over this month's, shape (B,).
        built: capacity after the month over that before of sellers, shape (S,), and of buyers, shape (B,); empty: as before.
        held: edges under a measure that is known, boolean, shape (E,); empty: none.
        floor: trace kept, as a share of the base flow.
        speed: share moved in one month.
    """
    (seller, buyer), (sold, bought), count = sides, built, len(flows[0])
    normal, weight, coming = np.empty(count), np.empty(count), np.empty(count)
    for e in range(count):
        delivered = floor * flows[0][e] + flows[1][e]
        coming[e] = growth[buyer[e]]
        if len(sold) and len(bought):
            coming[e] *= _both(sold[seller[e]], bought[buyer[e]])
        elif len(sold):
            coming[e] *= sold[seller[e]]
        elif len(bought):
            coming[e] *= bought[buyer[e]]
        free = 0.0 if len(held) and held[e] else 1.0
        normal[e] = _renewed(agreed[0][e], delivered, coming[e], speed, free)
        weight[e] = _renewed(agreed[1][e], delivered, coming[e], speed, 1.0)
    return normal, weight, coming


@compiled_with(memory)
def recycled_share(
    flow: np.ndarray, sides: tuple[np.ndarray, np.ndarray], first: int, before: np.ndarray, months: float
) -> np.ndarray:
    """Share of recycled metal in what desks buy, remembered, shape (B,); who buys nothing sees what it saw before.

    Args:
        flow: of refined metal, t, shape (E,).
        sides: rows of sellers and buyers, shape (E,) each.
        first: row of the first seller of recycled metal.
        before: the share that is remembered, shape (B,).
        months: parameter ``recycled_memory``.
    """
    (seller, buyer), seen = sides, before.copy()
    recycled, whole = np.zeros(len(before)), np.zeros(len(before))
    for e in range(len(flow)):
        whole[buyer[e]] += flow[e]
        if seller[e] >= first:
            recycled[buyer[e]] += flow[e]
    for b in range(len(before)):
        if whole[b] > 0.0:
            seen[b] = recycled[b] / whole[b]
    return _remember(before, seen, months)


@compiled_with(recycler, scrap_pool)
def recovered(treated: np.ndarray, best: np.ndarray, left: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """Metal that comes out of treated scrap by the plant's channel, t, shape (Y, metals). ODD 7.12.

    Formal plants come near the best as they learn; small firms and workshops recover their part of the content.

    Args:
        treated: content, what is recoverable by channel and old metal, t, shape (Y, 5 x metals).
        best: share of the content that the best plants recover, 0 where none is known, shape (Y, metals).
        left: what is left to learn in each recycler's product group, a share, shape (Y,).
        channel: row of :data:`lodeflow.agents.scrap_pool.CHANNELS`, shape (Y,).
    """
    plants, metals = best.shape
    found = np.empty((plants, metals))
    for y in range(plants):
        for m in range(metals):
            found[y, m] = treated[y, (FORMAL + channel[y]) * metals + m]
            if channel[y] == 0:
                found[y, m] = _learned_yield(found[y, m], best[y, m] * treated[y, m], left[y])
    return found


@compiled_with(recycler, scrap_pool)
def by_origin(treated: np.ndarray, foreign: np.ndarray, recovered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """:func:`lodeflow.agents.recycler.out_of` old scrap, and scrap from abroad, t, shape (Y, metals) each.

    Args:
        treated: scrap treated in its five parts, t, shape (Y, 5 x metals).
        foreign: metal in it that was collected abroad, t, shape (Y, metals).
        recovered: metal that came out, t, shape (Y, metals).
    """
    plants, metals = recovered.shape
    old, abroad = np.empty((plants, metals)), np.empty((plants, metals))
    for y in range(plants):
        for m in range(metals):
            old[y, m] = _out_of(recovered[y, m], treated[y, OLD * metals + m], treated[y, m])
            abroad[y, m] = _out_of(recovered[y, m], foreign[y, m], treated[y, m])
    return old, abroad


@compiled_with(recycler)
def learned(yields: np.ndarray, best: np.ndarray, left: np.ndarray, group: np.ndarray) -> np.ndarray:
    """:func:`lodeflow.agents.recycler.learned_yield` of rows in use, a share, shape (V,).

    Args:
        yields, best: of formal plants at the start, and of the best, a share, shape (V,) each.
        left: what is left to learn by product group, a share, shape (groups,).
        group: product group of each row, shape (V,).
    """
    found = np.empty(len(group))
    for v in range(len(group)):
        found[v] = _learned_yield(yields[v], best[v], left[group[v]])
    return found


@compiled_with(scrap_pool)
def handed_over(
    weight: np.ndarray,
    sides: tuple[np.ndarray, np.ndarray],
    formal: np.ndarray,
    before: np.ndarray,
    now: np.ndarray,
) -> np.ndarray:
    """Contracts for scrap after formal plants took over from workshops, USD/month, shape (E,). ODD 7.12.

    Args:
        weight: as they stand, USD/month, shape (E,).
        sides: rows of pools and recyclers, shape (E,) each.
        formal: 1 for a formal plant, 0 for a workshop, shape (Y,).
        before, now: share of workshops in each pool, shape (Q,).
    """
    after = weight.copy()
    for e in range(len(weight)):
        pool = sides[0][e]
        if now[pool] != before[pool]:
            after[e] *= _handed_over(before[pool], now[pool], formal[sides[1][e]])
    return after

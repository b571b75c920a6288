"""The loops of the month that are compiled: forward allocation, clearing and ageing; plain sums: ``market/loops.py``.

They are written as loops because they read like the rule. ``tests/environment/oracle.py`` holds the same clearing one
agent at a time. Numerical bounds of these loops stand here and not in ``agents/guards.py``: compiled code is kept by the date of
its own file, and would go on with the old ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba import njit
from numba.core import event
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.runtime import rtsys

FLOOR = 1e-3
"""Least availability whose logarithm is taken."""
FARTHEST = 4.0
"""ln(A / A expected), up or down, beyond which scarcity pulls no harder."""
FULL = 0.9999
"""Share of its cap at which an edge counts as full."""
LEFT = 1e-12
"""Share of an offer or of supply that counts as nothing: less than rounding leaves behind."""
FILLED = 1e-9
"""Share of an order that counts as filled."""
NOT_CACHED = ""
"""Why compiled code is not kept on disk, in one line; empty where it is."""
NO_PLACE = (
    "Compiled code could not be kept: neither the folder of the program nor the home folder can be written to, so every "
    "start takes some seconds longer. Set NUMBA_CACHE_DIR to a folder that you may write to."
)


COMPILING = "Compiling loops of the model that were not used before on this machine; it takes some seconds."


@contextmanager
def telling(say: Callable[[str], None]) -> Iterator[None]:
    """Say once that loops are being compiled, where the compiled ones are not on the disk already."""
    said: list[str] = []

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:
            if not said and not NOT_CACHED:
                said.append(COMPILING)
                say(COMPILING)

        def on_end(self, event: Any) -> None:
            """Nothing is said."""

    with event.install_listener("numba:compile", Listener()):
        yield


class _Lean(CompileResultCacheImpl):
    """Loads what runs, and what other loops would build into themselves not before one of them is compiled."""

    def rebuild(self, context: Any, payload: Any) -> Any:
        """Compiled code from what was kept of it; as numba does it where its innards are others than those known here."""
        try:
            (name, kind, (code, inner)), about, *rest = payload
            context.codegen()._engine._defined_symbols.add(about.llvm_cpython_wrapper_name)
            lean = (name, kind, (code, llvm.parse_assembly("").as_bitcode())), about, *rest
        except (AttributeError, TypeError, ValueError):
            return super().rebuild(context, payload)
        found = super().rebuild(context, lean)
        found.library._get_module_for_linking = cache(partial(llvm.parse_bitcode, inner))
        return found


class _Kept(FunctionCache):
    """Compiled code on disk. It needs memory and no more: numba learns how to compile when there is something to compile."""

    _impl_class = _Lean

    def load_overload(self, signature: Any, context: Any) -> Any:
        """The code for these types, or None. numba's own loads first what only a compiler needs, which takes as long as a year."""
        try:
            rtsys.initialize(context)
            with self._guard_against_spurious_io_errors():
                return self._load_overload(signature, context)
        except AttributeError:  # innards of numba other than those known here
            return super().load_overload(signature, context)


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function and keeps the result on disk, or for this process where no place is left."""

    def decorate(function: Callable[..., Any]) -> Any:
        global NOT_CACHED
        try:
            loop = njit(**options)(function)
            loop._cache = _Kept(function)
            return loop
        except RuntimeError as error:
            if "cannot cache" not in str(error):
                raise
            NOT_CACHED = NO_PLACE
            return njit(**options)(function)

    return decorate


@compiled()
def _place(
    offered: np.ndarray,
    first: np.ndarray,
    drawn: np.ndarray,
    to: np.ndarray,
    pull: np.ndarray,
    most: np.ndarray,
    draw: np.ndarray,
    sent: np.ndarray,
    limit: int,
    rounds: int,
) -> int:
    """Place what sellers offer over their edges within the caps, leftovers again in later rounds; fills ``sent``.

    Args:
        offered: t, shape (S,).
        first: where the edges of each seller begin, shape (S + 1,); edges stand in the order of their sellers.
        drawn: in proportion to what an offer is split, before the pull of the buyer, t, shape (E,).
        to: buyer of each edge, shape (E,).
        pull: of each buyer, shape (B,).
        most: largest flow of each edge, t, shape (E,).
        draw: room for the product of both, shape (E,); 0 afterwards where an edge is full.
        sent: what is placed, t, shape (E,).
        limit: rounds to go through.
        rounds: most that there may be.

    Returns:
        Rounds after which no seller had anything left, at most ``rounds``.
    """
    needed = 1
    for s in range(len(offered)):
        begin, end = np.uint64(first[s]), np.uint64(first[s + 1])
        left, total, nothing = offered[s], 0.0, offered[s] * LEFT
        for k in range(begin, end):
            sent[k] = 0.0
            draw[k] = drawn[k] * pull[to[k]]
            total += draw[k]
        for turn in range(limit):
            each = left / total if total > 0.0 else 0.0
            if each == 0.0:
                needed = rounds if left > nothing else needed
                break
            total = 0.0
            for k in range(begin, end):
                before, cap, pulled = sent[k], most[k], draw[k]
                room, add = cap - before, pulled * each
                room = room if room > 0.0 else 0.0
                add = add if add < room else room
                left -= add
                before += add
                sent[k] = before
                pulled = pulled if before < cap * FULL else 0.0
                draw[k] = pulled
                total += pulled
            left = max(left, 0.0)
            if left > nothing:
                needed = max(needed, min(turn + 2, rounds))
    return needed


@compiled()
def forward(
    supply: np.ndarray,
    own: np.ndarray,
    need: np.ndarray,
    weight: np.ndarray,
    largest: np.ndarray,
    kept: np.ndarray,
    months: np.ndarray,
    order: np.ndarray,
    first: np.ndarray,
    buyer: np.ndarray,
    pull_exponent: np.ndarray,
    damping: np.ndarray,
    log_expected: np.ndarray,
    log_memory: np.ndarray,
    sweeps: int,
    rounds: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Availability for each buyer over each horizon.

    Each seller's stock and expected output is allocated over its edges, in proportion to weight and to how scarce the
    metal is for the buyer (``A^-(theta/eta)``), clipped to the caps, leftovers offered again until no seller has any. Given the
    number of rounds no seller depends on another, so each is served through all of them at once (:func:`_place`).

    Args:
        supply: t over the horizon, shape (H, S).
        own: buyer's stock and arrivals, t, shape (H, B).
        need: use over the horizon plus normal stock, t, shape (H, B).
        weight: contract weight of each edge times what draws trade to it, t/month, shape (H, E), or (1, E): the same over all.
        largest: largest flow of each edge, t/month, shape (E,).
        kept: share of it that measures leave, shape (H, E), or (1, E).
        months: length of each horizon, months, shape (H,).
        order: edges in the order of their sellers, shape (E,).
        first: where the edges of each seller begin in that order, shape (S + 1,).
        buyer: rows, shape (E,).
        pull_exponent: theta/eta, shape (B,).
        damping: 1/(1 + theta/eta), shape (B,).
        log_expected: ln A on the expected path, shape (H, B).
        log_memory: ln(A / A expected) of last month, changed in place, shape (H, B).
        sweeps, rounds: repetitions.

    Returns:
        (log_a, got, flow): ln A before division by the expected, shape (H, B); t allocated to buyers, shape (H, B); t on
        edges, shape (H, E).
    """
    horizons, edges, buyers = len(months), len(largest), own.shape[1]
    log_a, got, flow = np.empty((horizons, buyers)), np.empty((horizons, buyers)), np.empty((horizons, edges))
    pull, to = np.empty(buyers), buyer[order].astype(np.uint32)
    drawn, draw, most, sent = np.empty(edges), np.empty(edges), np.empty(edges), np.empty(edges)
    whole, left, attracted = largest[order], kept[0][order], weight[0][order]
    for h in range(horizons):
        left = kept[h][order] if h > 0 and len(kept) > 1 else left
        attracted = weight[h][order] if h > 0 and len(weight) > 1 else attracted
        for k in range(edges):
            most[k] = months[h] * whole[k] * left[k]
            drawn[k] = attracted[k] if most[k] > 0.0 else 0.0
        for sweep in range(sweeps):
            for b in range(buyers):
                pull[b] = np.exp(-pull_exponent[b] * min(max(log_memory[h, b], -FARTHEST), FARTHEST))
            limit, needed = rounds + 1, rounds
            while needed < limit:
                limit = needed
                needed = _place(supply[h], first, drawn, to, pull, most, draw, sent, limit, rounds)
            got[h, :] = 0.0
            for k in range(edges):
                got[h, to[k]] += sent[k]
            for b in range(buyers):
                log_a[h, b] = np.log(max((own[h, b] + got[h, b]) / need[h, b], FLOOR))
                if sweep < sweeps - 1:
                    log_memory[h, b] += damping[b] * (log_a[h, b] - log_expected[h, b] - log_memory[h, b])
        for k in range(edges):
            flow[h, order[k]] = sent[k]
    return log_a, got, flow


@compiled()
def clear(
    offer: np.ndarray,
    order: np.ndarray,
    pull: np.ndarray,
    cap: np.ndarray,
    seller: np.ndarray,
    buyer: np.ndarray,
    rounds: int,
) -> np.ndarray:
    """Trades of one month.

    In each round sellers split what they still offer over their open edges in proportion to ``pull``, within the caps;
    buyers who are offered more than they still want take the same share of every offer.

    Args:
        offer: t, shape (S,).
        order: t, shape (B,).
        pull: weight of each edge, shape (E,).
        cap: largest flow of the month, t, shape (E,).
        seller, buyer: rows, shape (E,).
        rounds: repetitions.

    Returns:
        Flow on each edge, t, shape (E,); sums never exceed offers and orders.
    """
    edges = pull.shape[0]
    flow, add, still = np.zeros(edges), np.empty(edges), np.arange(edges).astype(np.uint32)
    left, need, many = offer.copy(), order.copy(), edges
    total, coming, taken = np.empty(offer.shape[0]), np.empty(order.shape[0]), np.empty(order.shape[0])
    for _ in range(rounds):
        total[:] = 0.0
        coming[:] = 0.0
        before, many = many, 0
        for k in range(before):  # an edge that is closed stays closed
            e = still[k]
            if flow[e] < cap[e] * FULL and need[buyer[e]] > order[buyer[e]] * FILLED and pull[e] > 0.0:
                total[seller[e]] += pull[e]
                still[many] = e
                many += 1
        b, held = 0, 0.0
        for k in range(
            many
        ):  # edges stand in the order of their buyers: what comes to one is summed before it is put away
            e = still[k]
            if buyer[e] != b:
                coming[b] = held
                b = buyer[e]
                held = coming[b]
            add[k] = min(pull[e] / total[seller[e]] * left[seller[e]], cap[e] - flow[e])
            held += add[k]
        coming[b] = held
        for b in range(need.shape[0]):
            taken[b] = need[b] / coming[b] if coming[b] > need[b] else 1.0
        for k in range(many):
            e = still[k]
            add[k] *= taken[buyer[e]]
            flow[e] += add[k]
            left[seller[e]] -= add[k]
            need[buyer[e]] -= add[k]
        for s in range(left.shape[0]):
            left[s] = max(left[s], 0.0)
        for b in range(need.shape[0]):
            need[b] = max(need[b], 0.0)
        if not (left > offer * LEFT).any():
            break
    return flow


@compiled(fastmath={"reassoc", "contract"})
def outflow(
    history: np.ndarray,
    offset: np.ndarray,
    length: np.ndarray,
    position: np.ndarray,
    lifetime: np.ndarray,
    lifetime_offset: np.ndarray,
    kind: np.ndarray,
) -> np.ndarray:
    """Products that leave use this month, from the inflows of the past: ``sum_k inflow(t - k) f(k)``.

    Args:
        history: ring buffers of monthly inflows, one after the other, t, shape (sum of lengths,).
        offset, length: where the ring of each row begins and how long it is, shape (V,).
        position: place in each ring of the newest inflow, shape (V,).
        lifetime: probabilities of leaving at each age in months, the oldest age first, one kind after the other.
        lifetime_offset: where each kind's probabilities begin, shape (K,).
        kind: kind of each row, shape (V,).

    Returns:
        t, shape (V,).
    """
    rows = offset.shape[0]
    out = np.zeros(rows)
    for v in range(rows):
        n, p = length[v], position[v]
        ring = history[offset[v] : offset[v] + n]
        leave = lifetime[lifetime_offset[kind[v]] : lifetime_offset[kind[v]] + n]
        older = leave[n - 1 - p :]
        total = 0.0
        for j in range(p + 1):
            total += ring[j] * older[j]
        rest = ring[p + 1 :]
        for j in range(n - 1 - p):
            total += rest[j] * leave[j]
        out[v] = total
    return out


@compiled()
def left_use(yearly: np.ndarray, now: int, leave: np.ndarray, length: np.ndarray) -> np.ndarray:
    """What leaves use in a year of the past: ``sum_k into use(now - 1 - k) x leave(k)``, t/year, shape (pairs,).

    Args:
        yearly: into use by year, t/year, shape (years, pairs).
        now: row of the year; earlier rows count.
        leave: probabilities of leaving by age in years, the youngest first, one pair after the other.
        length: how many there are of each pair, shape (pairs,).
    """
    out, first = np.zeros(length.shape[0]), 0
    for p in range(length.shape[0]):
        for k in range(min(now, length[p])):
            out[p] += yearly[now - 1 - k, p] * leave[first + k]
        first += length[p]
    return out


@compiled()
def spread(
    goods: np.ndarray, source: np.ndarray, share: np.ndarray, edge: np.ndarray, row: np.ndarray, count: int
) -> np.ndarray:
    """Goods of many sources that edges carry to rows: ``sum of goods x share by row``, t, shape (count,).

    Args:
        goods: t, shape (L,).
        source, edge, row: of each thing carried, shape (N,): row in ``goods``, in ``share``, and where it goes.
        share: of each edge, shape (E,).
        count: number of rows.
    """
    total = np.zeros(count)
    for n in range(len(row)):
        total[row[n]] += goods[source[n]] * share[edge[n]]
    return total

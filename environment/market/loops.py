"""Compiled sums over edges and scrap, and what is under way on edges.

Edges stand in the order of their buyers. So rows that follow each other are often the same, and their sum is kept at hand until
another row comes: to the digit what ``numpy.bincount`` gives, which puts every step of a sum away and fetches it again.
"""

from __future__ import annotations

import numpy as np

from lodeflow.environment.market.clearing import compiled


@compiled()
def by_row(rows: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Sum of ``values``, shape (E,), by row number, shape (count,), at least one row."""
    total, row, held = np.zeros(count), 0, 0.0
    for e in range(len(rows)):
        if rows[e] != row:
            total[row] = held
            row = rows[e]
            held = total[row]
        held += values[e]
    total[row] = held
    return total


@compiled()
def months_by_row(rows: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Sum of the columns of ``values``, shape (months, E), by row number, shape (months, count), at least one row."""
    total = np.empty((len(values), count))
    for t in range(len(values)):
        total[t] = by_row(rows, values[t], count)
    return total


@compiled()
def products_by_row(rows: np.ndarray, values: np.ndarray, factor: np.ndarray, count: int) -> np.ndarray:
    """Sum of ``values x factor``, shape (E,) each, by row number, shape (count,), at least one row."""
    total, row, held = np.zeros(count), 0, 0.0
    for e in range(len(rows)):
        if rows[e] != row:
            total[row] = held
            row = rows[e]
            held = total[row]
        held += values[e] * factor[e]
    total[row] = held
    return total


@compiled()
def passed_on(
    buyer: np.ndarray, seller: np.ndarray, weight: np.ndarray, of_seller: np.ndarray, count: int
) -> np.ndarray:
    """What edges bring to buyers of a figure of their sellers: ``sum of weight x figure``, shape (count,), at least one buyer.

    Args:
        buyer, seller: rows, shape (E,).
        weight: of each edge, shape (E,).
        of_seller: the figure, shape (S,).
        count: number of buyers.
    """
    total, row, held = np.zeros(count), 0, 0.0
    for e in range(len(buyer)):
        if buyer[e] != row:
            total[row] = held
            row = buyer[e]
            held = total[row]
        held += weight[e] * of_seller[seller[e]]
    total[row] = held
    return total


@compiled()
def sums_by_row(rows: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Sum of the rows of ``values``, shape (E, K), by row number, shape (count, K)."""
    total = np.zeros((count, values.shape[1]))
    for e in range(rows.shape[0]):
        for k in range(values.shape[1]):
            total[rows[e], k] += values[e, k]
    return total


@compiled()
def carried(
    parts: np.ndarray,
    flow: np.ndarray,
    seller: np.ndarray,
    buyer: np.ndarray,
    abroad: np.ndarray,
    sellers: int,
    buyers: int,
    metals: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scrap that edges carry: ``flow x parts of the seller``, t.

    Content by edge, shape (E, metals), all by seller, (S, K), and by buyer, (B, K), and content from abroad by buyer, (B, metals).

    Args:
        parts: of what each seller has, in a unit of flow, content first, t, shape (S, K).
        flow: over each edge, shape (E,).
        seller, buyer: rows, shape (E,).
        abroad: whether an edge crosses a border, shape (E,).
        sellers, buyers, metals: their numbers.
    """
    count = parts.shape[1]
    moved, foreign = np.empty((len(flow), metals)), np.zeros((buyers, metals))
    sold, bought = np.zeros((sellers, count)), np.zeros((buyers, count))
    for e in range(len(flow)):
        s, b = np.uint64(seller[e]), np.uint64(buyer[e])
        for k in range(count):
            tonnes = flow[e] * parts[s, k]
            sold[s, k] += tonnes
            bought[b, k] += tonnes
        for k in range(metals):
            moved[e, k] = flow[e] * parts[s, k]
            foreign[b, k] += moved[e, k] if abroad[e] else 0.0
    return moved, sold, bought, foreign


@compiled()
def sent_off(pipeline: np.ndarray, sent: np.ndarray) -> np.ndarray:
    """Move what is under way on by a month in place and add what is sent; returns what arrives now, t, shape (B,).

    Args:
        pipeline: by months until arrival, t, shape (K, B).
        sent: what is sent this month, likewise, t, shape (K x B,).
    """
    months, buyers = pipeline.shape
    arrived = pipeline[0] + sent[:buyers]
    for k in range(1, months):
        for b in range(buyers):
            pipeline[k - 1, b] = pipeline[k, b] + sent[k * buyers + b]
    pipeline[months - 1, :] = 0.0
    return arrived


@compiled()
def arriving(pipeline: np.ndarray, last: np.ndarray) -> np.ndarray:
    """What is under way and arrives up to some months, t, shape (H, B).

    Args:
        pipeline: by months until arrival, t, shape (K, B).
        last: rows of it up to which sums go, rising, shape (H,).
    """
    total, so_far, row = np.empty((len(last), pipeline.shape[1])), np.zeros(pipeline.shape[1]), 0
    for h in range(len(last)):
        while row <= last[h]:
            so_far += pipeline[row]
            row += 1
        total[h] = so_far
    return total


@compiled()
def mixed(stock: np.ndarray, share: np.ndarray, added: np.ndarray, least: float) -> np.ndarray:
    """Share of each quality in heaps to which something is added, shape (Z, qualities); as before where a heap is next to nothing.

    Args:
        stock: heaps, t, shape (Z,).
        share: of each quality in them, shape (Z, qualities).
        added: by quality, t, shape (Z x qualities,) or longer.
        least: smallest heap, t.
    """
    count = share.shape[1]
    mix = share.copy()
    for z in range(len(stock)):
        whole = 0.0
        for k in range(count):
            whole += stock[z] * share[z, k] + added[z * count + k]
        for k in range(count if whole > least else 0):
            mix[z, k] = (stock[z] * share[z, k] + added[z * count + k]) / whole
    return mix

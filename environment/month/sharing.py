"""Metal at desks and in factories, compiled: who gets what arrives, and what the scarcest metal lets factories make."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.environment.market.loops import by_row
from lodeflow.environment.market.rules import compiled_with


@compiled_with(guards)
def arrived(
    tonnes: np.ndarray, order: np.ndarray, parts: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What arrives at desks by who ordered it, t, shape (B,) each: for reserves, for investors, for makers.

    Args:
        tonnes: that arrive, t, shape (B,).
        order: of all of them, t, shape (B,).
        parts: orders for reserves and of investors, t, shape (B,) each; makers get what these leave.
    """
    count = len(tonnes)
    reserve, kept, makers = np.empty(count), np.empty(count), np.empty(count)
    for b in range(count):
        whole = max(order[b], guards.LEAST)
        reserve[b], kept[b] = tonnes[b] * parts[0][b] / whole, tonnes[b] * parts[1][b] / whole
        makers[b] = tonnes[b] - reserve[b] - kept[b]
    return reserve, kept, makers


@compiled_with(guards)
def made(
    stock: np.ndarray, desired: np.ndarray, maker: np.ndarray, desk: np.ndarray, makers: int, desks: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What factories make of the metal that is there: each metal of a product is used as far as the scarcest allows. ODD 7.11.

    Args:
        stock: metal of each input, t, shape (L,).
        desired: use wanted, t/month, shape (L,).
        maker, desk: of each input, shape (L,).
        makers, desks: their numbers.

    Returns:
        Share of the wanted use for which the metal is there, and use, t, shape (L,); share of the wanted output that can be made,
        shape (M,); wanted use that is not there, and wanted use, t, shape (B,).
    """
    count = len(stock)
    available, use, missing, feasible = np.empty(count), np.empty(count), np.empty(count), np.full(makers, np.inf)
    for n in range(count):
        available[n] = min(stock[n] / max(desired[n], guards.LEAST), 1.0)
        feasible[maker[n]] = min(feasible[maker[n]], available[n])
    for n in range(count):
        use[n] = min(desired[n] * feasible[maker[n]], stock[n])
        missing[n] = desired[n] * (1.0 - available[n])
    return available, use, feasible, by_row(desk, missing, desks), by_row(desk, desired, desks)

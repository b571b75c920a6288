"""Where new factories are put, compiled: what draws them, and how the use of metal moves with them."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import firm, guards, manufacturer, memory
from lodeflow.environment.market.loops import by_row
from lodeflow.environment.market.rules import compiled_with, rule

_remember, _put_up, _replaced, _signed = (
    rule(one) for one in (memory.remember, manufacturer.put_up, manufacturer.replaced, firm.signed)
)


@compiled_with(guards)
def of_makers(
    rows: tuple[np.ndarray, np.ndarray], worth: tuple[np.ndarray, np.ndarray], columns: np.ndarray
) -> np.ndarray:
    """Means over the metals of each manufacturer of columns of desks, shape (columns, M).

    Args:
        rows: manufacturer and desk of each input, shape (L,) each.
        worth: weight of each input, shape (L,), and the sum by manufacturer, shape (M,).
        columns: of desks, shape (columns, B).
    """
    (maker, desk), (each, whole) = rows, worth
    mean = np.zeros((len(columns), len(whole)))
    for c in range(len(columns)):
        for n in range(len(maker)):
            mean[c, maker[n]] += each[n] * columns[c, desk[n]]
        mean[c] /= whole
    return mean


@compiled_with(guards)
def _over_mean(product: np.ndarray, plants: np.ndarray, values: np.ndarray, products: int) -> np.ndarray:
    """Values over their mean by product, weighted by plants, units/month, shape (M,) each."""
    total, mean = by_row(product, plants, products), by_row(product, plants * values, products)
    for p in range(products):
        mean[p] = max(mean[p] / max(total[p], guards.NOTHING), guards.NOTHING)
    return values / mean[product]


@compiled_with(guards)
def moved(inputs: tuple[np.ndarray, np.ndarray, np.ndarray], expansion: np.ndarray, cells: int) -> np.ndarray:
    """Part of each input in the world's use for its product over that of the base year; the world uses as much, shape (L,).

    Args:
        inputs: ``manufacturer`` of inputs, their cell of product and metal, and ``base``, shape (L,) each.
        expansion: of manufacturers, shape (M,).
        cells: number of cells.
    """
    maker, cell, use = inputs
    own = expansion[maker]
    whole, standing = by_row(cell, use, cells), by_row(cell, use * own, cells)
    for c in range(cells):
        whole[c] /= max(standing[c], guards.NOTHING)
    return own * whole[cell]


@compiled_with(firm, manufacturer, memory)
def replaced(
    makers: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    inputs: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    draw: np.ndarray,
    path: tuple[np.ndarray, np.ndarray],
    counts: tuple[int, int, int],
    time: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A month of new factories. ODD 7.14.

    Args:
        makers: ``product``, ``base``, ``expansion``, ``drawn`` and ``counted_input`` of manufacturers, shape (M,) each.
        inputs: ``manufacturer`` and ``desk`` of inputs, their cell of product and metal, ``base`` and ``moved``, shape (L,) each.
        draw: how strongly each place draws new plants, shape (M,).
        path: expected use of this month and of the next, relative to the first, shape (L,) each.
        counts: numbers of products, cells and desks.
        time: parameters ``lead_factory``, months, and ``factory_life``, years.

    Returns:
        drawn and expansion of manufacturers, shape (M,), moved of inputs, shape (L,), and :func:`firm.signed` of what desks need,
        shape (B,).
    """
    (product, base, expansion, drawn, counted), (maker, desk, cell, use, before) = makers, inputs
    (now, then), (products, cells, desks) = path, counts
    plants = base * expansion
    after = _remember(drawn, _over_mean(product, plants, draw, products), time[0])
    grown = np.empty(len(product))
    for m in range(len(product)):  # what the product grows by and what wears out
        grown[m] = max(then[counted[m]] / max(now[counted[m]], guards.NOTHING) - 1.0, 0.0)
    stands = _replaced(expansion, _over_mean(product, plants, after, products), _put_up(grown, time[1]))
    parts, used = moved((maker, cell, use), stands, cells), use * now
    return after, stands, parts, _signed(by_row(desk, used * before, desks), by_row(desk, used * parts, desks))

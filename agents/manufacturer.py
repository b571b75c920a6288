"""Manufacturers: one row per country and product, with one input row per metal of the product's bill of materials."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.population import Attribute, Population, declare

ATTRIBUTES = declare(
    "manufacturer",
    Attribute("country", "index", 0, "country of the factory", fixed=True),
    Attribute("product", "index", 0, "product made", fixed=True),
    Attribute("base", "units/month", 0.0, "output in the base month", fixed=True),
    Attribute("desired", "units/month", 0.0, "output wanted this month"),
    Attribute("output", "units/month", 0.0, "output of this month"),
    Attribute("feasibility", "1", 1.0, "share of the wanted output for which every metal is there"),
)

INPUT_ATTRIBUTES = declare(
    "input",
    Attribute("manufacturer", "index", 0, "row of the manufacturer", fixed=True),
    Attribute("country", "index", 0, "country of the factory", fixed=True),
    Attribute("product", "index", 0, "product made", fixed=True),
    Attribute("metal", "index", 0, "metal used", fixed=True),
    Attribute("desk", "index", 0, "desk of the country at which it buys", fixed=True),
    Attribute("base", "t/month", 0.0, "use in the base month", fixed=True),
    Attribute("stock", "t", 0.0, "metal in the factory"),
    Attribute("substitution", "1", 1.0, "metal per unit relative to the plan, after substitution and thrift"),
    Attribute("ceiling", "1", 0.0, "largest share of the metal that can be replaced in this use", fixed=True),
    Attribute("structural", "t/month", 0.0, "use wanted this month before the short-run response to price"),
    Attribute("desired", "t/month", 0.0, "use wanted this month"),
    Attribute("use", "t/month", 0.0, "metal used this month"),
    Attribute("available", "1", 1.0, "share of the desired use for which this metal is there"),
    Attribute("content_minimum", "1", 0.0, "least share of recycled metal that the law asks for"),
)


def substitute(inputs: Population, price: np.ndarray, gap: np.ndarray, months: float) -> np.ndarray:
    """Metal per unit after one month of substitution, shape (L,).

    Moves towards ``P^-(e_lr - e_sr)`` with the time constant ``months``, never below what the ceiling of the use leaves.

    Args:
        inputs: the inputs.
        price: price relative to the anchor, shape (L,).
        gap: long-run less short-run elasticity, shape (L,).
        months: time constant, months.
    """
    floor = 1.0 - inputs.ceiling
    target = np.maximum(np.exp(-gap * np.log(np.minimum(price, 20.0))), floor)
    moved: np.ndarray = inputs.substitution + (target - inputs.substitution) / months
    return moved


def others_available(available: np.ndarray, first: np.ndarray) -> np.ndarray:
    """For each input, the scarcest of the OTHER metals of the same manufacturer.

    Args:
        available: share of the desired use that is there, shape (L,), inputs of a manufacturer side by side.
        first: first input row of each manufacturer, shape (M + 1,), the last entry is L.

    Returns:
        Smallest share among the other inputs, shape (L,); 1 for a product of one metal.
    """
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    lowest = np.minimum.reduceat(available, first[:-1])
    is_lowest = available == lowest[owner]
    how_many = np.add.reduceat(is_lowest, first[:-1])
    second = np.minimum.reduceat(np.where(is_lowest, 1.0, available), first[:-1])
    alone = is_lowest & (how_many[owner] == 1)
    return np.where(alone, second[owner], lowest[owner])


LEAST_WANTED = 1e-12
"""What inputs behind a desk want together that counts as nothing, t."""


def share_out(inputs: Population, tonnes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Metal at desks shared out to the inputs behind them, all of it, t, shape (L,).

    Args:
        inputs: the inputs.
        tonnes: at each desk, t, shape (B,).
        weight: what each input wants of it, shape (L,); where nobody wants any it goes by use in the base month.
    """
    wanted = np.bincount(inputs.desk, weight, len(tonnes))
    weight = np.where((wanted > LEAST_WANTED)[inputs.desk], weight, inputs.base)
    total = np.bincount(inputs.desk, weight, len(tonnes))
    shared: np.ndarray = (tonnes / total)[inputs.desk] * weight
    return shared

"""Cells: which chemistry makers of vehicle batteries build, by what a kWh costs, one design cycle later.

A logit around the mix that is expected anyway (pivot-point logit): at the prices that everybody expects nothing moves.
"""

from __future__ import annotations

import numpy as np

KG_PER_TONNE = 1000.0


def worth(inside: np.ndarray, price: np.ndarray) -> np.ndarray:
    """What the metal in a kWh is worth: ``i p / 1000``, USD/kWh, shape (K, metals). ODD 7.2.

    Args:
        inside: i, kg per kWh, a share of mass over energy, shape (K, metals).
        price: p, at the anchor, USD/t, shape (metals,).
    """
    value: np.ndarray = inside * price / KG_PER_TONNE
    return value


def dearer(value: np.ndarray, price: np.ndarray) -> np.ndarray:
    """What a kWh of each chemistry costs more than at its anchor prices: ``w (P - 1)``, USD/kWh, shape (n, K). ODD 7.2.

    Args:
        value: w, :func:`worth` of the metal in a kWh, USD/kWh, shape (K, metals).
        price: that designers count on, relative to the anchor, shape (n, metals).
    """
    cost: np.ndarray = (price - 1.0) @ value.T
    return cost


def shares(reference: np.ndarray, cost: np.ndarray, response: float) -> np.ndarray:
    """Share of each chemistry in the energy of new batteries: ``r_k exp(-response c_k) / sum``, shape (n, K). ODD 7.2.

    Args:
        reference: r, share on the expected path; 0 stays 0; shape (n, K).
        cost: c, :func:`dearer` or a whole cost, USD/kWh, shape (n, K).
        response: parameter ``cell_cost_response``, kWh/USD: ln points of the odds of two chemistries per USD/kWh between them.
    """
    offered = np.where(reference > 0.0, cost, np.inf)  # what nobody builds costs without bound
    least = offered.min(axis=1, keepdims=True)
    pull = reference * np.exp(-response * (offered - np.where(np.isfinite(least), least, 0.0)))
    total = pull.sum(axis=1, keepdims=True)
    chosen: np.ndarray = np.divide(pull, total, out=np.zeros_like(pull), where=total > 0.0)
    return chosen


def over_plan(chosen: np.ndarray, reference: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """What a product holds over what it would hold on the expected path, shape (n, columns); 1 where nothing is expected. ODD 7.2.

    ``sum_k s_k i_k / sum_k r_k i_k``: with i = 1 energy, with kg per kWh metal.

    Args:
        chosen: s, share of the chemistries of one product, shape (n, k).
        reference: r, share of the same on the expected path, shape (n, k).
        inside: i, what a kWh of each holds, kg or 1 over kWh, shape (k, columns).
    """
    planned = reference @ inside
    ratio: np.ndarray = np.divide(chosen @ inside, planned, out=np.ones_like(planned), where=planned > 0.0)
    return ratio

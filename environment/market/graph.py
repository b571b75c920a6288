"""Initial trade flows: a prior from distance, home bias and known shares, fitted to the margins (RAS)."""

from __future__ import annotations

import numpy as np

EARTH_RADIUS_KM = 6371.0


def distances(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Great-circle distances between country centroids, km, shape (C, C)."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    half = (
        np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
        + np.cos(lat)[:, None] * np.cos(lat)[None, :] * np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
    )
    result: np.ndarray = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return result


def gravity_prior(distance: np.ndarray, domestic: np.ndarray, home_bias: float, elasticity: float) -> np.ndarray:
    """Prior affinity of seller and buyer: ``(1 + d/1000 km)^elasticity``, times the home bias at home.

    Args:
        distance: km, shape (S, B).
        domestic: same country, shape (S, B).
        home_bias: weight of a domestic partner.
        elasticity: negative.
    """
    return (1.0 + distance / 1000.0) ** elasticity * np.where(domestic, home_bias, 1.0)


def blend_known(prior: np.ndarray, known: np.ndarray, domestic: np.ndarray) -> np.ndarray:
    """Put known trade shares into a prior flow matrix, buyer by buyer.

    Where shares of a buyer's imports are known, that part of its foreign prior is replaced by them; the unknown rest keeps
    the gravity pattern among the other sellers.

    Args:
        prior: prior flows, shape (S, B).
        known: share of the buyer's imports by seller, NaN where unknown, shape (S, B).
        domestic: shape (S, B).

    Returns:
        Prior flows with the same column sums, shape (S, B).
    """
    result = prior.copy()
    given = ~np.isnan(known) & ~domestic
    for b in np.flatnonzero(given.any(axis=0)):
        imports = result[~domestic[:, b], b].sum()
        shares = np.where(given[:, b], known[:, b], 0.0)
        if shares.sum() <= 0:
            continue
        rest = ~given[:, b] & ~domestic[:, b]
        rest_sum = result[rest, b].sum()
        shares /= shares.sum() if rest_sum <= 0 else max(shares.sum(), 1.0)
        left = max(1.0 - shares.sum(), 0.0)
        result[given[:, b], b] = imports * shares[given[:, b]]
        if rest_sum > 0:
            result[rest, b] *= imports * left / rest_sum
    return result


def ras(rows: np.ndarray, columns: np.ndarray, prior: np.ndarray, trace: float, sweeps: int = 2000) -> np.ndarray:
    """Flows with given margins that stay closest to a prior (iterative proportional fitting).

    Every pair gets a trace of its share under proportional trade; without it the fit does not converge. Pairs that matter
    to neither side are dropped afterwards (``start_trade``).

    Args:
        rows: output of each seller, t/month, shape (S,).
        columns: use of each buyer, t/month, shape (B,); scaled to the sum of ``rows``.
        prior: prior flows or affinities, shape (S, B).
        trace: least prior relative to proportional trade.
        sweeps: most repetitions.

    Returns:
        Flows, t/month, shape (S, B); row sums are exact to rounding, column sums to 1e-10 of the total.
    """
    total = rows.sum()
    if total <= 0 or columns.sum() <= 0:
        return np.zeros_like(prior)
    wanted = columns * (total / columns.sum())
    flow = prior / prior.sum() * total + trace * rows[:, None] * wanted[None, :] / total
    for _ in range(sweeps):
        flow *= (wanted / np.maximum(flow.sum(axis=0), 1e-300))[None, :]
        flow *= (rows / np.maximum(flow.sum(axis=1), 1e-300))[:, None]
        if np.abs(flow.sum(axis=0) - wanted).max() <= 1e-10 * total:
            break
    return flow

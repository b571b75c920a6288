"""Initial trade flows: a prior from distance, home bias and known shares, fitted to the margins (RAS)."""

from __future__ import annotations

import numpy as np

from lodeflow.environment.market import margins

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


def ras(
    rows: np.ndarray,
    columns: np.ndarray,
    prior: np.ndarray,
    trace: float,
    sweeps: int = 2000,
    ease: np.ndarray | None = None,
    could: np.ndarray | None = None,
) -> np.ndarray:
    """Flows with given margins that stay closest to a prior (iterative proportional fitting).

    Every pair that could trade gets a trace of its share under proportional trade; without it the fit does not converge. Cells
    with little ease give little: where margins disagree with the prior, the others take up most of it. What these cannot take
    up all cells share in the end, so that the margins are met.

    Args:
        rows: output of each seller, t/month, shape (S,).
        columns: use of each buyer, t/month, shape (B,); scaled to the sum of ``rows``.
        prior: prior flows or affinities, shape (S, B).
        trace: least prior relative to proportional trade.
        sweeps: most repetitions.
        ease: exponent of the scaling of each cell, above 0 and at most 1, shape (S, B); None: 1 everywhere.
        could: whether the two could trade, shape (S, B); None: everywhere.

    Returns:
        Flows, t/month, shape (S, B); row sums are exact to rounding, column sums to 1e-10 of the total.
    """
    total = rows.sum()
    if total <= 0 or columns.sum() <= 0:
        return np.zeros_like(prior)
    wanted = columns * (total / columns.sum())
    flow = prior / prior.sum() * total + trace * rows[:, None] * wanted[None, :] / total
    if could is not None:
        flow = flow * could
    if ease is not None:
        flow = _eased(rows, wanted, flow, ease)
    _fit(flow, rows, wanted, 1e-10 * total, sweeps)
    return flow


def _fit(flow: np.ndarray, rows: np.ndarray, columns: np.ndarray, tolerance: float, sweeps: int) -> None:
    """Scale flows to their margins in place: columns, then rows, until the columns are met."""
    compiled = min(flow.shape) > 1 and max(flow.shape) <= margins.BLOCK
    if compiled and flow.flags.c_contiguous:
        margins.fit(flow, rows, columns, False, tolerance, sweeps)
    elif compiled and flow.flags.f_contiguous:
        margins.fit(flow.T, columns, rows, True, tolerance, sweeps)
    else:
        _fit_plainly(flow, rows, columns, tolerance, sweeps)


def _fit_plainly(flow: np.ndarray, rows: np.ndarray, columns: np.ndarray, tolerance: float, sweeps: int) -> None:
    """The same in numpy, for flows of any shape."""
    for _ in range(sweeps):
        flow *= (columns / np.maximum(flow.sum(axis=0), margins.LEAST))[None, :]
        flow *= (rows / np.maximum(flow.sum(axis=1), margins.LEAST))[:, None]
        if np.abs(flow.sum(axis=0) - columns).max() <= tolerance:
            break


EASED_SWEEPS = 100
"""Sweeps in which cells give by their ease, before all give alike."""
MOST_SCALING = 3.0
"""Largest factor, up or down, by which one such sweep scales a cell."""


def _eased(rows: np.ndarray, columns: np.ndarray, flow: np.ndarray, ease: np.ndarray) -> np.ndarray:
    """Flows scaled towards their margins, each cell by a power of its row's and column's factor (:func:`ras`)."""
    flow, most = flow.copy(), np.log(MOST_SCALING)
    work = np.empty_like(flow)
    sides = [(0, np.maximum(columns, margins.LEAST)[None, :]), (1, np.maximum(rows, margins.LEAST)[:, None])]
    for _ in range(EASED_SWEEPS):
        for axis, margin in sides:
            sums = np.maximum(np.add.reduce(flow, axis=axis, keepdims=True), margins.LEAST)
            np.multiply(flow, ease, out=work)
            give = np.maximum(np.add.reduce(work, axis=axis, keepdims=True) / sums, 1e-3)
            np.multiply(np.log(margin / sums) / give, ease, out=work)
            np.minimum(np.maximum(work, -most, out=work), most, out=work)
            flow *= np.exp(work, out=work)
    return flow

"""What a measure leaves of the edges that it touches, in loops that are compiled: twenty measures are written every month."""

from __future__ import annotations

import numpy as np

from lodeflow.environment.market.clearing import compiled


@compiled(error_model="numpy")
def allowed_flow(fraction: float, normal: float, largest: float, room: float) -> float:
    """Largest flow of a restricted edge, t/month.

    ``a`` times the normal flow; the room above normal that an open edge has vanishes as the restriction passes ``room``,
    so that a restriction of strength zero is no restriction at all.

    Args:
        fraction: allowed fraction a of the normal flow.
        normal: normal flow, t/month.
        largest: largest flow of the open edge, t/month.
        room: restriction at which the room above normal has vanished.
    """
    if fraction >= 1.0:
        return largest
    return fraction * normal + (largest - normal) * max(0.0, 1.0 - (1.0 - fraction) / room)


@compiled(error_model="numpy")
def carried(
    fraction: float,
    normal: float,
    month: float,
    largest: float,
    cap: float,
    of_largest: bool,
    beside: bool,
    room: float,
    least: float,
) -> float:
    """Share of the largest flow of an edge that a measure lets through, on top of what other measures leave of it.

    Args:
        fraction: allowed, of the normal flow or of the largest.
        normal: normal flow, t/month.
        month: largest flow of a single month, t/month.
        largest: largest flow that ``cap`` is a share of, t/month.
        cap: share that other measures leave.
        of_largest, beside: see :meth:`lodeflow.environment.shocks.effects.Effects.restrict`.
        room: see :func:`allowed_flow`.
        least: flow that counts as nothing, t/month.
    """
    left = max(largest * cap, least)
    usual = min(normal, left) if cap < 1.0 else normal
    flow = fraction * month * cap if of_largest else allowed_flow(fraction, usual, left, room)
    if beside:
        flow = max(flow, usual)
    return min(flow / left, 1.0)


@compiled(error_model="numpy")
def narrow(
    rows: np.ndarray,
    now: np.ndarray,
    expected: np.ndarray,
    in_force: float,
    share: np.ndarray,
    normal: np.ndarray,
    month: np.ndarray,
    ahead: np.ndarray,
    cap_now: np.ndarray,
    cap_ahead: np.ndarray,
    of_largest: bool,
    beside: bool,
    room: float,
    least: float,
) -> None:
    """Narrow the caps of some edges, this month where the measure is in force, and ahead as far as it is believed.

    Args:
        rows: the edges, shape (n,).
        now, expected: fraction that is allowed this month and expected to be, shape (n,).
        in_force: share of full strength this month, 0 before the start.
        share: part of each horizon in which the measure is expected to be in force, shape (H,).
        normal, month, ahead: normal flow, largest of a month and largest that can be kept up, t/month, shape (E,).
        cap_now, cap_ahead: share of the largest flow that is left, shape (E,) and (H, E), changed in place.
        of_largest, beside, room, least: see :func:`carried`.
    """
    for i in range(len(rows)):
        e = rows[i]
        if in_force > 0.0:
            cap_now[e] *= carried(now[i], normal[e], month[e], month[e], cap_now[e], of_largest, beside, room, least)
        for h in range(len(share)):
            cap = cap_ahead[h, e]
            left = carried(expected[i], normal[e], month[e], ahead[e], cap, of_largest, beside, room, least)
            cap_ahead[h, e] = cap * (1.0 + share[h] * (left - 1.0))

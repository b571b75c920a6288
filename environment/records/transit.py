"""Goods under way: what was sent in which month, and when it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.environment.market.edges import Market

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks


def arrivals(recorder: Blocks, form: str) -> np.ndarray:
    """What arrives over each edge in each month of the records or of a window of them, t, shape (months, E).

    A trade arrives after the lead time that its edge had in the month of the trade, a part of it a month later where that is no
    whole number of months. What was under way before the first
    month is the base flow of every edge, a month's worth for every month of its way.

    Args:
        recorder: the records.
        form: ``feed`` or ``refined``.
    """
    since = max(recorder.first - Market.MAX_LEAD, 0)
    flow, lead = recorder.since(f"{form}_flow", since), recorder.since(f"{form}_lead", since)
    before = recorder.world.blueprint.markets[form]
    months, skip = len(flow), recorder.first - since
    arrived = np.zeros((months - skip, flow.shape[1]))
    late = recorder.purse.window("late", form, since, months)
    for wait in np.flatnonzero(np.bincount(lead.ravel())):
        for delay, share in ((wait, None),) if late is None else ((wait, 1.0 - late), (wait + 1, late)):
            first = max(int(delay), skip)
            sent = slice(first - int(delay), max(months - int(delay), first - int(delay)))
            goods = np.where(lead[sent] == wait, flow[sent], 0.0)
            arrived[first - skip :] += goods if share is None else goods * share[sent]
    for month in range(recorder.first, min(since + months, int(before.lead.max(initial=0)))):
        arrived[month - recorder.first] += np.where(before.lead > month, before.base, 0.0)
    return arrived

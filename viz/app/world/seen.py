"""The scale of the live price charts, and observed prices on it for the months that a visitor has played."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.charts.seen import Seen, seen_index, seen_levels


def _events(frame: Frame, metal: str) -> list[dict[str, Any]]:
    """Shocks of a frame that touch a metal."""
    return [fired.event for fired in frame.fired if not fired.event["metals"] or metal in fired.event["metals"]]


def month_before(frame: Frame, metal: str) -> int | None:
    """The month before the first news of a shock on a metal, counted from the start of the run (its first at least).

    None without a shock, and until that month is played.
    """
    news = [parse_month(event[key]) for event in _events(frame, metal) for key in ("announced", "start")]
    if not news:
        return None
    month = max(min(news) - 1 - frame.first_month, 0)
    return month if month < frame.t else None


def observed(frame: Frame, metal: str, one: int | None) -> tuple[np.ndarray, Seen]:
    """Observed prices by month played, nan where there is none, and what they are.

    one: month that counts as 1, see :func:`month_before`; None: USD/t.
    """
    dates = pd.date_range(format_month(frame.first_month), periods=frame.t, freq="MS")
    if not len(dates):
        return np.full(0, np.nan), Seen()
    if one is None:
        seen = seen_levels(metal, frame.observed, dates[0], dates[-1])
    else:
        events = _events(frame, metal)
        news = {pd.Timestamp(str(event[key])) for event in events for key in ("announced", "start")}
        actors = {str(event["actor"] or "") for event in events}
        seen = seen_index(metal, frame.observed, dates[one], dates[0], dates[-1], actors, news)
    line = seen.points["ratio"].combine_first(seen.line) if len(seen.points) else seen.line
    return line.reindex(dates).to_numpy(float), seen

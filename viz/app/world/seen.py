"""Observed prices and output for the months that a visitor has played, and the scale of the live price charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.chart import Chart, Line
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.charts.seen import Seen, seen_index, seen_levels
from lodeflow.viz.observed import MIDDLE, MINE, REFINE, WORLD


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


def output(frame: Frame, metal: str, stage: str, place: str = WORLD) -> np.ndarray:
    """Observed output in the middle of each year played, t/month (mean of the year), nan in all other months.

    stage: "mine" or "refine".
    """
    values = np.full(frame.t, np.nan)
    for year, tonnes in frame.observed.produced(metal, stage, place).items():
        month = 12 * year + MIDDLE - 1 - frame.first_month
        if 0 <= month < frame.t:
            values[month] = tonnes
    return values


def with_output(chart: Chart, frame: Frame, metal: str, form: str, places: Sequence[str], texts: Texts) -> Chart:
    """A chart of output with what was observed of the countries that it shows, and a word on what that is.

    form: of the metal that is put out; places: ISO alpha-3 of the countries.
    """
    stage, names, lines = REFINE if form == "refined" else MINE, {line.name for line in chart.lines}, []
    for place in places:
        name, values = texts.region(place), output(frame, metal, stage, place)
        if np.isfinite(values).any():
            beside = name if name in names else ""
            lines.append(Line(texts("line.observed_of", place=name), "observed", values, dots=True, of=beside))
    last = frame.observed.output_left_out(
        metal, stage, frame.first_month // 12, (frame.first_month + frame.t - 1) // 12
    )
    said = [texts("note.output", year=frame.scenario.world.data_year)] if lines else []
    said += [texts("note.output_kept_back", year=last)] if last is not None and chart.lines else []
    return replace(chart, lines=[*chart.lines, *lines], note=" ".join([chart.note, *said]).strip())

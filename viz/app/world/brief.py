"""A report in the reader's language: what stands on the page, in one file."""

from __future__ import annotations

from typing import Any

import solara

from lodeflow.environment.calendar import parse_month
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Brief
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.stamp import stamp_of
from lodeflow.viz.app.world.story import title_of


@solara.component
def Report(frame: Frame, metal: str, texts: Texts) -> None:
    """The button that saves the page as a report."""
    if frame.t == 0:
        return
    Brief(
        label=texts("brief.save"),
        language=texts.language,
        title=texts("brief.title", metal=texts.metal(metal), scenario=title_of(frame, texts)),
        fired=fired_lines(frame, texts),
        texts=words(frame, texts),
        file=f"lodeflow-{frame.scenario.name}-{metal}-{texts.language}.html",
    )


def words(frame: Frame, texts: Texts) -> dict[str, str]:
    """Headings and sentences of the report."""
    now = texts.month(frame.first_month + frame.t - 1)
    told = {name: texts(f"brief.{name}") for name in ("fired", "none", "charts", "made", "numbers")}
    return told | {"state": texts("brief.state", month=now), "stamp": stamp_of(frame, texts)}


def fired_lines(frame: Frame, texts: Texts) -> list[str]:
    """What was fired, with its months."""
    return [texts("event", who=texts.event(one.event), what=_months(one.event, texts)) for one in frame.fired]


def _months(event: dict[str, Any], texts: Texts) -> str:
    """From when to when it is in force."""
    start, end = (texts.month(parse_month(event[key])) if event[key] else "" for key in ("start", "end"))
    return texts("fired.dates", start=start, end=end) if end else texts("fired.dates_open", start=start)

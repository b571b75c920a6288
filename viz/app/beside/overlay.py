"""Kept worlds in the charts of the world on screen: one line a world, its colour and dashes the same in every chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lodeflow.viz.app.beside.kept import Kept, name_of
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.chart import Chart, Line
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.colors import KEPT

Make = Callable[[Frame], list[Chart]]
"""Makes the charts of a frame."""
Drawn = Mapping[str, Mapping[str, Chart]]
"""Charts of the kept worlds, by letter and name of the chart."""
ASIDE = ("base", "observed")
"""Lines that stand for no world of their own."""


def drawn(make: Make, kept: Sequence[Kept]) -> Drawn:
    """The charts of all kept worlds. They never change: make them once."""
    return {one.letter: {chart.id: chart for chart in make(one.frame)} for one in kept}


def laid_over(
    charts: Sequence[Chart], frame: Frame, kept: Sequence[Kept], others: Drawn, texts: Texts, wanted: str = ""
) -> list[Chart]:
    """Charts of the world on screen with the kept worlds in them.

    A chart of several lines (countries, stages) shows one of them for every world: that named `wanted`, else the one in which
    the worlds come furthest apart; its title says which.

    Args:
        charts: of the world on screen.
        frame: that world.
        kept: worlds that are laid over.
        others: their charts (:func:`drawn`).
        texts: the reader's language.
        wanted: name of a line, "" for any; it is singled out also where no world is kept.
    """
    return [_laid(chart, frame, kept, others, texts, wanted) for chart in charts] if kept or wanted else list(charts)


def _laid(chart: Chart, frame: Frame, kept: Sequence[Kept], others: Drawn, texts: Texts, wanted: str) -> Chart:
    found = [(one, others[one.letter][chart.id]) for one in kept if chart.id in others[one.letter]]
    own = {_key(line): line for line in _worlds(chart)}
    lines = {
        one.letter: {
            key: _moved(line, chart, frame, other, one) for line in _worlds(other) if (key := _key(line)) in own
        }
        for one, other in found
    }
    if not own or not (kept or wanted in own):
        return chart
    key = _chosen(own, lines, wanted)
    return _with_lines(chart, kept, lines, key, len(own) > 1 and key != "", texts)


def _with_lines(
    chart: Chart,
    kept: Sequence[Kept],
    lines: Mapping[str, Mapping[str, Line]],
    key: str,
    one_of_many: bool,
    texts: Texts,
) -> Chart:
    """The chart with one line a world: without the shocks, observed, the kept ones, and on top the one on screen."""
    own = next(line for line in _worlds(chart) if _key(line) == key)
    same = [line for line in chart.lines if line.dashed and line.role != "base" and line.name == own.name]
    base = [line for line in chart.lines if line.role == "base"] or [
        replace(line, name=texts("line.base"), role="base") for line in same
    ]
    seen = [line for line in chart.lines if line.role == "observed" and line.of in ("", key)]
    others = [
        replace(lines[one.letter][key], name=f"{one.letter}: {name_of(one.frame, texts)}", role=KEPT[one.letter])
        for one in kept
        if key in lines.get(one.letter, {})
    ]
    others = [replace(line, letter=line.name[0], dashed=False) for line in others]
    mine = replace(own, name=texts("kept.now") if kept else texts("line.live"), role="live")
    title = texts("kept.one_of", title=chart.title, name=own.name) if one_of_many else chart.title
    missing = [one.letter for one in kept if key not in lines.get(one.letter, {})]
    note = f"{chart.note} {texts('kept.missing', letters=', '.join(missing))}".strip() if missing else chart.note
    return replace(chart, title=title, lines=[*base[:1], *seen, *others, mine], note=note, shows=key)


def _worlds(chart: Chart) -> list[Line]:
    """Lines of the world with its shocks: not those without them, not what was observed, not inside a country that restricts."""
    return [line for line in chart.lines if not line.dashed and line.role not in (*ASIDE, "inside")]


def _key(line: Line) -> str:
    """What makes lines of two worlds the same: "" for the world's own, else the name of the country or stage."""
    return "" if line.role == "live" else line.name


def _moved(line: Line, chart: Chart, frame: Frame, other: Chart, one: Kept) -> Line:
    """A line of a kept world in the months and the unit of the chart on screen; nan before its first month."""
    values = line.values * ((other.usd or 1.0) / (chart.usd or 1.0))
    later = one.frame.first_month - frame.first_month
    values = values[max(-later, 0) :] if later <= 0 else np.concatenate([np.full(later, np.nan), values])
    return replace(line, values=values[: frame.months])


def _chosen(own: Mapping[str, Line], lines: Mapping[str, Mapping[str, Line]], wanted: str) -> str:
    """Which line every world shows: the wanted one, else the one in which they come furthest apart."""
    if wanted in own:
        return wanted
    return max(own, key=lambda key: max((_apart(own[key], by[key]) for by in lines.values() if key in by), default=0.0))


def _apart(one: Line, other: Line) -> float:
    """Largest distance of two lines in the months that both have, in the unit of the chart."""
    months = min(len(one.values), len(other.values))
    gap = np.abs(one.values[:months] - other.values[:months])
    return float(np.nanmax(gap)) if np.isfinite(gap).any() else 0.0

"""Parts that several charts share: the strip of events, lines of two runs, the months before and during a shock."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from lodeflow.environment.records.columns import SCRAP
from lodeflow.viz import style, wrapping
from lodeflow.viz.event import Event
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import foreign, say
from lodeflow.viz.words import month

STRIP_ROWS = 4


def span(run: Run, metal: str, lines: list[pd.Series], *, whole: bool = False) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last month to show: those of `lines`, cut to the months around the events (`whole`: to their end)."""
    dates = [stamp for line in lines if len(line) for stamp in (line.index[0], line.index[-1])]
    if not dates:
        return pd.Timestamp("2000-01-01"), pd.Timestamp("2000-12-01")
    first, last = min(dates), max(dates)
    window = run.focus(metal)
    if window is None or window[0] > last or window[1] < first:
        return first, last
    return max(first, window[0]), last if whole else min(last, window[1])


def no_data(ax: Axes, text: str = "") -> None:
    """Say in the middle of empty axes that there is nothing to show."""
    ax.set_axis_off()
    ax.text(
        0.5, 0.5, text or say("no data in this run"), transform=ax.transAxes, ha="center", va="center", color="#666666"
    )


def event_strip(ax: Axes, events: list[Event], start: pd.Timestamp, end: pd.Timestamp, labels: Labels) -> None:
    """One bar per event: hollow from its announcement, full while in force, with its name beside or in it."""
    shown = [e for e in events if e.start is not None and e.start <= end and (e.end is None or e.end >= start)]
    rows = shown[:STRIP_ROWS]
    ax.set_ylim(max(len(rows), 1) - 0.3, -0.6)
    ax.set_axis_off()
    end = end + style.MONTH
    ax.set_xlim(style.number(start), style.number(end))
    for row, event in enumerate(rows):
        assert event.start is not None
        first, last = max(event.start, start), min(event.end + style.MONTH if event.end else end, end)
        left, right = style.number(first), style.number(max(last, first + style.MONTH))
        ax.barh(row, right - left, left=left, height=0.34, color=style.SHOCK, alpha=0.75)
        if event.announced is not None and start <= event.announced < event.start:
            known = style.number(event.announced)
            ax.barh(row, left - known, left=known, height=0.34, facecolor="white", edgecolor=style.SHOCK)
            left = known
        text = style.plain(wrapping.shorten(_strip_text(event, labels), 82))
        late = left > sum(ax.get_xlim()) / 2
        x, align = (right, "right") if late else (left, "left")
        ax.text(x, row - 0.24, text, ha=align, va="bottom", fontsize=7.5, color=style.INK)


def _strip_text(event: Event, labels: Labels) -> str:
    """'DR Congo: cobalt export ban, announced Jan 2025, Feb 2025 to Sep 2025'."""
    parts = (
        [say("announced {month}", month=month(event.announced))] if event.announced not in (None, event.start) else []
    )
    start, end = month(event.start), month(event.end)
    parts.append(say("{start} to {end}", start=start, end=end) if end else say("{start} on", start=start))
    return say("{what} ({metals})", what=labels.event(event), metals=say(", ").join(parts))


def shade(ax: Axes, events: list[Event], start: pd.Timestamp, end: pd.Timestamp) -> None:
    """Shade the months in which a measure is in force, up to the end of month `end`; a thin line where each starts."""
    end = end + style.MONTH
    spans = [(e.start, min(e.end + style.MONTH, end) if e.end else end) for e in events if e.start is not None]
    reached = start
    for first, last in sorted((max(first, start), last) for first, last in spans if first <= end and last >= start):
        ax.axvline(style.number(first), color=style.SHOCK, lw=0.8, alpha=0.5, zorder=1)
        left = max(first, reached)
        if last > left:  # months of two measures are shaded once
            ax.axvspan(style.number(left), style.number(last), color=style.SHOCK, alpha=0.08, lw=0, zorder=0)
            reached = last


def without(run: Run) -> str:
    """What the world without the shock or policy is called in a legend."""
    return say("without {cause}", cause=run.cause)


def with_it(run: Run) -> str:
    """What the run that the charts tell about is called in a legend."""
    return say("with {cause}", cause=run.cause) if run.has_shock else say("this run")


def two_runs(
    ax: Axes, run: Run, metal: str, variable: str, *, form: str | None = None, color: str = style.SHOCK
) -> tuple[pd.Series, pd.Series]:
    """Draw one world series of both runs (baseline grey dashed); give both lines back, the main run first."""
    base, main = (run.line(metal, variable, name, form=form) for name in ("baseline", run.main))
    if run.has_shock and len(base):
        ax.plot(style.middle(base), base, color=style.BASELINE, ls="--", lw=1.8, label=without(run))
    if len(main):
        ax.plot(style.middle(main), main, color=color, label=with_it(run))
    return main, base


@dataclass(frozen=True)
class Years:
    """The months compared: up to 12 before a shock and up to 12 from its start on."""

    before: pd.DataFrame  # rows of the trade frame
    after: pd.DataFrame
    before_text: str
    after_text: str

    @property
    def factors(self) -> tuple[float, float]:
        """What turns the sums of the two windows into t per year."""
        months = (self.before["date"].nunique(), self.after["date"].nunique())
        return 12 / max(months[0], 1), 12 / max(months[1], 1)


def years_compared(run: Run, metal: str, form: str) -> Years | None:
    """Trade of `metal` in `form`, 12 months before and 12 months of the shock.

    If the run starts with the shock, or the shock is on another metal, the world without it in the same months is
    the 'before'.
    None without a shock or without trade.
    """
    acts = run.acts(metal)
    rows = run.trade[(run.trade["metal"] == metal) & (run.trade["form"] == form)]
    if not acts or not run.has_shock or rows.empty:
        return None
    start = next(e.start for e in acts if e.start is not None)
    dates = rows["date"]
    shocked, year = rows["run"] == "shock", pd.DateOffset(months=12)
    during = (dates >= start) & (dates < start + year)
    after = rows[shocked & during]
    before = rows[shocked & (dates >= start - year) & (dates < start)]
    if after.empty:
        return None
    text = _months(after["date"])
    if before["date"].nunique() >= 3 and run.touched(metal):
        return Years(before, after, _months(before["date"]), text)
    before_text = say("{months} without {cause}", months=text, cause=run.cause)
    return Years(rows[(rows["run"] == "baseline") & during], after, before_text, text)


def _months(dates: pd.Series) -> str:
    return f"{month(dates.min())} – {month(dates.max())}"


def traded_form(run: Run, metal: str) -> str:
    """The form of `metal` in which the acting country's exports change most; 'refined' without one."""
    rows = run.trade[(run.trade["metal"] == metal) & (run.trade["exporter"] != run.trade["importer"])]
    forms = [str(form) for form in rows["form"].unique() if form not in SCRAP]
    if not forms or not run.acts(metal):
        return "refined"
    actor = run.actor(metal)
    own = rows[rows["exporter"] == actor] if (rows["exporter"] == actor).any() else rows
    lost = {}
    for form in forms:
        years = years_compared(run, metal, form)
        picked = own[own["form"] == form]
        if years is not None:
            sums = [part.loc[part.index.isin(picked.index), "tonnes"].sum() for part in (years.before, years.after)]
            lost[form] = abs(sums[0] * years.factors[0] - sums[1] * years.factors[1])
    return max(lost, key=lost.__getitem__) if lost else forms[0]


def form_words(metal: str, form: str, labels: Labels) -> str:
    """'refined cobalt', 'cobalt ore'."""
    name = labels.metals.get(metal, metal) if foreign() else metal
    known = {
        "ore": say("{metal} ore", metal=name),
        "intermediate": say("{metal} intermediates", metal=name),
        "mixed": name,
    }
    return known.get(form) or say("{form} {metal}", form=say(form), metal=name)

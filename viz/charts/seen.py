"""Observed prices on a chart of simulated ones, and the notes under it: what is dashed, what was seen, how far off."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lodeflow.viz import style, words
from lodeflow.viz.frames import Run
from lodeflow.viz.language import say
from lodeflow.viz.observed import MONTHLY, YEARLY, Observed, reference

KINDS = {MONTHLY: "monthly mean", YEARLY: "yearly mean"}
BASE_MONTHS = 3
"""Months before an event whose mean is 1 in the points of `Observed.after`."""


@dataclass(frozen=True)
class Seen:
    """What was observed in the months of a chart, as the chart's index.

    Attributes:
        line: price over that of the months before the shock (or USD/t), by month.
        kind: what the line is, a key of `KINDS`.
        one: the month or year whose price is 1; "" where the line is in USD/t.
        points: index date, columns ratio, month0, fitted; ratio 1 is the mean of the three months before month0.
        left_out: first month that is kept back though a price is known, or None.
    """

    line: pd.Series = field(default_factory=lambda: pd.Series(dtype=float, index=pd.DatetimeIndex([])))
    kind: str = YEARLY
    one: str = ""
    points: pd.DataFrame = field(default_factory=lambda: Observed().points)
    left_out: pd.Timestamp | None = None

    @property
    def top(self) -> float:
        """The highest value; 0 without any."""
        return max([0.0, *self.line, *self.points["ratio"]])

    def notes(self, simulated: pd.Series) -> list[str]:
        """Sentences on what was observed; simulated: the model's price by month."""
        out = []
        if len(self.line):
            kind = say(KINDS[self.kind])
            out.append(
                say("Observed (black line): {kind} as published, 1 = {month}.", kind=kind, month=self.one)
                if self.one
                else say("Observed (black line): {kind} as published.", kind=kind)
            )
        if len(self.points):
            out.append(self._misses(simulated))
        if self.left_out is not None:
            since = words.month(self.left_out)
            out.append(
                say("Observed prices from {since} on are not drawn: they are kept for tests of the model.", since=since)
            )
        return out

    def _misses(self, simulated: pd.Series) -> str:
        """What the dots are, and how far the model is from them."""
        month0, fitted = self.points["month0"].iloc[0], bool(self.points["fitted"].any())
        text = say(
            "Observed (dots): price over its mean in the three months before {month}, {fitted}.",
            month=words.month(month0),
            fitted=say("used to fit the model") if fitted else say("not used in any fit"),
        )
        both = model_beside(self.points, simulated)
        if both.empty:
            return text
        last = both.iloc[-1]
        off, still = (exp(float(np.abs(np.log(both[name] / both["ratio"])).mean())) for name in ("simulated", "still"))
        return say(
            "{text} In {month} it was {seen}, simulated {simulated}. On average of {months} months the simulated price is off "
            "by a factor of {off:.2f}; saying “no change” would be off by {still:.2f}.",
            text=text,
            month=words.month(both.index[-1]),
            seen=words.times(last["ratio"]),
            simulated=words.times(last["simulated"]),
            months=len(both),
            off=off,
            still=still,
        )


def model_beside(points: pd.DataFrame, simulated: pd.Series) -> pd.DataFrame:
    """Observed and simulated ratios by month, both 1 in the three months before the event; months outside the run go.

    Columns ratio (observed), simulated, still (1: nothing happens).
    """
    month0 = points["month0"].iloc[0]
    before = simulated[month0 - pd.DateOffset(months=BASE_MONTHS) : month0 - style.MONTH]
    both = pd.DataFrame({"ratio": points["ratio"], "simulated": simulated / before.mean(), "still": 1.0}).dropna()
    return both[(both["simulated"] > 0) & both.index.isin(points.index)]


def seen_prices(
    run: Run, metal: str, observed: Observed, one: pd.Timestamp, start: pd.Timestamp, end: pd.Timestamp
) -> Seen:
    """What was observed from `start` to `end` for a run, where 1 is the price of month `one`."""
    events = [event for event in run.acts(metal) if event.touches(metal)] if run.has_shock else []
    news = {stamp for event in events for stamp in (event.announced, event.start) if stamp is not None}
    return seen_index(metal, observed, one, start, end, {event.actor for event in events}, news)


def seen_index(
    metal: str,
    observed: Observed,
    one: pd.Timestamp,
    start: pd.Timestamp,
    end: pd.Timestamp,
    actors: set[str],
    news: set[pd.Timestamp],
) -> Seen:
    """What was observed from `start` to `end`, where 1 is the price of month `one`; actors, news: see `Observed.after`.

    Monthly prices where there are some; else what was seen after the very event that the run plays, and yearly means (of
    which only those of the years before the event then, because one curve is enough).
    """
    line, kind = observed.prices(metal)
    points = observed.after(metal, actors, news)[start:end] if kind == YEARLY else observed.points.iloc[:0]
    base, month = reference(line, kind, one, reacts=len(points) > 0)
    if len(points):
        line = line[: pd.Timestamp((one + style.MONTH).year - 1, 12, 1)]
    line = line[start:end] / base
    return Seen(line.dropna(), kind, month, points, observed.left_out(metal, start, end))


def seen_levels(metal: str, observed: Observed, start: pd.Timestamp, end: pd.Timestamp) -> Seen:
    """What was observed from `start` to `end` in USD/t."""
    line, kind = observed.prices(metal)
    return Seen(line[start:end], kind, left_out=observed.left_out(metal, start, end))


def draw_seen(ax: Axes, seen: Seen) -> float:
    """Draw what was observed and return its highest value."""
    name = say("observed")
    name = name if len(seen.points) == 0 else say("{what}, {kind}", what=name, kind=say(KINDS[seen.kind]))
    if len(seen.line):
        shape = "steps-mid" if seen.kind == YEARLY else "default"
        ax.plot(style.middle(seen.line), seen.line, color=style.INK, lw=1.3, drawstyle=shape, label=name)
    if len(seen.points):
        dots = seen.points["ratio"]
        ax.plot(
            style.middle(dots),
            dots,
            "o:",
            color=style.INK,
            ms=6,
            mfc="white",
            mew=1.6,
            lw=1,
            zorder=6,
            label=say("observed"),
        )
    return seen.top


def baseline_note(run: Run, metal: str) -> list[str]:
    """One line on what the dashed line is (without a shock: on why the price is so flat)."""
    base = run.line(metal, "price", "baseline")
    if base.empty:
        return []
    start = words.usd(float(base.iloc[0]))
    if run.has_shock:
        line = say(
            "Dashed: the same world without {cause}. It starts from the price of the base year ({price}) and is no forecast.",
            cause=run.cause,
            price=start,
        )
    else:
        line = say(
            "Without a shock the simulated price starts from the price of the base year ({price}) and stays near it: no "
            "forecast.",
            price=start,
        )
    return [line]

"""What a comparison says in words: what matters, what shocks do together, and what had no effect."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.effect import ROUNDING
from lodeflow.experiments.kpis import INDEX, KPIS, POINTS, TIMES
from lodeflow.experiments.run.moved import PRICE_MOVED, USE_MOVED
from lodeflow.viz import words
from lodeflow.viz.event import Event
from lodeflow.viz.language import foreign, say, told

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.compare import Comparison
    from lodeflow.viz.frames import Labels

MOST = 8
"""Sentences on what matters; ranking.csv holds all."""
RECOVERY = "months_to_recover"
JOINT = ("price_peak", "use_lost")
"""Indicators whose interaction is told, the first that has one."""


def headline(found: Comparison, labels: Labels) -> list[str]:
    """What matters most, the largest difference first, then what the shocks do together."""
    rows = found.ranking.to_dict("records")
    lines = [_difference(row, found, labels) for row in rows[:MOST]]
    if not rows:
        same = "{names} do the same to {metals}: nothing differs by much."
        lines = [say(same, names=words.listed(found.names), metals=_metals(found, labels))]
    return [*lines, *_together(found, labels)]


def _metals(found: Comparison, labels: Labels) -> str:
    return words.listed([labels.metal(metal).lower() for metal in found.metals])


def _difference(row: dict[Any, Any], found: Comparison, labels: Labels) -> str:
    """'Cobalt, highest price: 5.4 times in A, 2.0 times in B (without shocks 1).'"""
    one = KPIS[str(row["kpi"])]
    high, low = (words.amount(float(row[f"{end}_value"]), one.shown_in) for end in ("high", "low"))
    high = say("{times} that without shocks", times=high) if one.reads == TIMES else high
    several = "{name}, {kpi}: {high} in {first}; lowest: {low} in {last}."
    two = "{name}, {kpi}: {high} in {first}, but {low} in {last}."
    return say(
        several if len(found.sides) > 2 else two,
        name=labels.metal(str(row["metal"])),
        kpi=say(one.title),
        high=high,
        first=row["high"],
        low=low,
        last=row["low"],
    )


def _together(found: Comparison, labels: Labels) -> list[str]:
    """What the shocks do together beyond the sum of what they do alone, or why nothing was run together."""
    if found.together is None:
        return [say("No world with all shocks was run: {why}.", why=told(found.apart))] if found.apart else []
    lines = []
    table = {(row["metal"], row["kpi"]): row for row in found.interaction.to_dict("records")}
    for metal in found.metals:
        for kpi, least in zip(JOINT, (PRICE_MOVED, USE_MOVED), strict=True):
            row = table[metal, kpi]
            if abs(float(row["interaction"])) > least:
                lines.append(_interaction(labels.metal(metal), kpi, row))
                break
    return lines or [say("Together the shocks do what they do alone, one added to the other.")]


def _interaction(metal: str, kpi: str, row: Any) -> str:
    both, alone, more = (float(row[name]) for name in ("together", "sum", "interaction"))
    more_than = "{name}, {kpi}: {both} by all shocks together, {size} more than the sum of what each scenario does alone ({alone})."
    less_than = "{name}, {kpi}: {both} by all shocks together, {size} less than the sum of what each scenario does alone ({alone})."
    return say(
        more_than if more > 0 else less_than,
        name=metal,
        kpi=say(KPIS[kpi].title),
        both=apart(both, kpi),
        size=apart(abs(more), kpi).removeprefix("+"),
        alone=apart(alone, kpi),
    )


def notes(found: Comparison, labels: Labels) -> list[str]:
    """What was changed so that the scenarios can be compared, and which shocks had no effect and why."""
    idle = []
    for event in found.events:
        if event["no_effect"]:
            label = labels.event(Event.read(event)) if foreign() else event["label"]
            why = {"side": event["side"], "label": label, "reason": told(event["reason"])}
            with_reason, bare = "No effect in {side}: {label}: {reason}.", "No effect in {side}: {label}."
            idle.append(say(with_reason if event["reason"] else bare, **why))
    silent = [say("{side} changes nothing in this world.", side=side.name) for side in found.sides if _silent(side)]
    return [*map(told, found.notes), *idle, *silent]


def _silent(side: Any) -> bool:
    """Whether a scenario with shocks that act leaves every series as it is, to rounding."""
    acting = any(not event["no_effect"] for event in side.events)
    return acting and all(
        abs(values - side.baseline[key]).max() <= ROUNDING * max(abs(side.baseline[key]).max(), 1.0)
        for key, values in side.shock.items()
        if key in side.baseline
    )


def cell(value: float, kpi: str) -> str:
    """An indicator as text."""
    if kpi == RECOVERY and math.isnan(value):
        return say("not within the run")
    return words.amount(value, KPIS[kpi].shown_in)


def apart(value: float, kpi: str) -> str:
    """A difference of an indicator as text, with its sign."""
    if not math.isfinite(value):
        return "–"
    shown = KPIS[kpi].shown_in
    if shown in ("1", POINTS):
        return words.points(value)
    text = say("{number} times", number=words.amount(value, INDEX)) if shown == TIMES else words.amount(value, shown)
    return f"+{text}" if value > 0 else text

"""Who pays for policies, and what a tonne of metal from ore that they spare costs, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lodeflow.viz.words import dollars

Events = Sequence[Mapping[str, Any]]


def cost(events: Events, metal: str, spared_t: float) -> str:
    """What policies cost for a metal, and for each tonne from ore that is spared; empty where they cost nothing.

    Args:
        events: of a run; ``paid_for`` holds USD by metal.
        metal: name of the metal.
        spared_t: metal that is not refined from ore, t.
    """
    spent = sum(float(event.get("paid_for", {}).get(metal, 0.0)) for event in events)
    if spent <= 0.0:
        return ""
    each = f", {dollars(spent / spared_t)} a tonne from ore that is spared" if spared_t > 0.0 else ""
    return f"policies cost {dollars(spent)}{each}"


def bearers(events: Events) -> Iterator[str]:
    """One line for each policy that somebody pays for: by whom, the largest first."""
    for event in events:
        shares = sorted(event.get("paid_by", {}).items(), key=lambda item: -float(item[1]))
        if shares:
            yield f"{event['label']}, who pays: {', '.join(f'{bearer} {dollars(usd)}' for bearer, usd in shares)}"

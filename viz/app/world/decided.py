"""Decisions of governments: in words, and as marks on the charts of a metal."""

from __future__ import annotations

from typing import Any

from lodeflow.environment.governments.decision import Decision
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.decided import amount
from lodeflow.viz.language import reading, told

RELEASE = "release"
"""What opens a reserve; it is done as laid down, and left out of lists and charts."""
VETOED = "vetoed"
AGAINST = ("restrict", "retaliate", "tariff")
"""Kinds of decisions that make trade dearer or less; the others add to supply, give way or move purchases."""


def taken(frame: Frame) -> list[Decision]:
    """What governments have decided so far and nobody forbade, in order; without reserves that were opened."""
    decided = frame.council.decided if frame.council is not None else ()
    return [one for one in decided if one.instrument != RELEASE and one.status != VETOED]


def marks(frame: Frame, metal: str, texts: Texts) -> list[dict[str, Any]]:
    """Decisions about a metal as charts mark them: month since the start of the run, whether one is against trade, and in words."""
    found: dict[tuple[int, bool], list[str]] = {}
    for one in taken(frame):
        if metal in one.metal.split(", "):
            key = (one.month - frame.first_month, one.kind in AGAINST)
            found.setdefault(key, []).append(said(one, texts))
    return [{"at": at, "against": against, "names": names} for (at, against), names in found.items()]


def why(decision: Decision, texts: Texts, measures: dict[str, str]) -> str:
    """Why it was decided, in the reader's language; measures: names of what was fired by their labels."""
    with reading(texts.language):
        return told(decision.reason, measures)


def said(decision: Decision, texts: Texts) -> str:
    """Who does what: "China restricts gallium (refined), 38 % of normal trade"."""
    verb = RELEASE if decision.instrument == RELEASE else decision.kind
    metals = ", ".join(texts.metal_within(name) for name in decision.metal.split(", "))
    text = texts(
        "govern.said",
        who=texts.region(decision.who),
        verb=verb_word(verb, texts),
        metal=metals,
        form=texts("govern.and").join(form_word(one, texts) for one in decision.form.split(", ")),
    )
    against = decision.target not in ("", "all", decision.who) and decision.kind != "support"
    other = texts("govern.against", who=texts.region(decision.target)) if against else ""
    with reading(texts.language):
        size = amount({"size": decision.size, "unit": decision.unit})
    return text + other + (texts("govern.size", size=size) if size else "")


def form_word(form: str, texts: Texts) -> str:
    """The form of metal of a decision, in words."""
    key = f"govern.form.{form}"
    return texts(key) if texts.has(key) else form


def verb_word(kind: str, texts: Texts) -> str:
    """What a kind of decision does, as a verb."""
    key = f"govern.verb.{kind}"
    return texts(key) if texts.has(key) else kind

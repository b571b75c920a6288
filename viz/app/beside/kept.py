"""Worlds that a visitor keeps: what was seen of them, light enough to hold four, and as a part of the address."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from lodeflow.data.problems import DataError, Problem
from lodeflow.viz.app.world import link, story
from lodeflow.viz.app.world.link import Link
from lodeflow.viz.app.world.session import OWN, Session
from lodeflow.viz.colors import KEPT

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.world import World
    from lodeflow.experiments.scenario.model import Scenario
    from lodeflow.viz.app.texts import Texts
    from lodeflow.viz.app.world.frame import Frame
    from lodeflow.viz.app.world.track import View

LETTERS = tuple(KEPT)
"""Names of the places for kept worlds."""


@dataclass(frozen=True, eq=False)
class Kept:
    """A world that stands as it was when it was kept.

    Attributes:
        letter: one of :data:`LETTERS`.
        frame: what was seen of it; its worlds hold names alone (:func:`light`).
    """

    letter: str
    frame: Frame


def light(view: View) -> View:
    """The series and uses of a view in arrays of their own, without the columns of its world: about a twentieth of the memory."""
    world, until = view.world, view.t
    names = SimpleNamespace(layout=world.layout, watched=world.watched, settings=world.settings)
    names.recorder = SimpleNamespace(world=names, places=world.recorder.places)
    own = world.inputs
    names.inputs = SimpleNamespace(metal=own.metal, product=own.product, country=own.country)
    return replace(
        view,
        world=cast("World", names),
        series={key: values[:until].copy() for key, values in view.series.items()},
        flows={},
        open={},
        uses=view.uses[:until].copy(),
        firms={},
        inputs=view.inputs[:until].copy(),
        scrap=view.scrap[:0],
    )


def keep(kept: tuple[Kept, ...], frame: Frame) -> tuple[Kept, ...]:
    """The kept worlds with the one of a frame in the first free place; as they were where none is free."""
    free = [letter for letter in LETTERS if letter not in {one.letter for one in kept}]
    if not free:
        return kept
    return tuple(sorted((*kept, Kept(free[0], lightened(frame))), key=lambda one: one.letter))


def lightened(frame: Frame) -> Frame:
    """A frame with both of its views made :func:`light`."""
    return replace(frame, live=light(frame.live), base=light(frame.base))


def drop(kept: tuple[Kept, ...], letter: str) -> tuple[Kept, ...]:
    """The kept worlds without one; the others keep their letters and colours."""
    return tuple(one for one in kept if one.letter != letter)


def is_kept(kept: tuple[Kept, ...], frame: Frame) -> bool:
    """Whether the very world of a frame is kept, at the very month."""
    return any(one.frame.scenario == frame.scenario and one.frame.t == frame.t for one in kept)


def name_of(frame: Frame, texts: Texts) -> str:
    """A world in words: its measures, and whether governments answer; its scenario where it has no measures."""
    calm = not frame.fired and frame.scenario.name.removesuffix(OWN) == link.CALM
    words = texts("kept.calm") if calm else story.title_of(frame, texts)
    return texts("kept.answered", name=words) if frame.council is not None else words


def month_of(frame: Frame, texts: Texts) -> str:
    """The month up to which a world was simulated."""
    return texts.month(frame.first_month + max(frame.t - 1, 0))


# ---- as part of the address -------------------------------------------------------------------------------------------
def written(kept: tuple[Kept, ...], room: int) -> str:
    """The kept worlds in the letters of an address; "" where there are none, or they take more than `room` characters."""
    rows = []
    for one in kept:
        held = link.packed(one.frame.scenario)
        shipped = not held["own"] and link.fits(one.frame.scenario)
        rows.append([one.letter, one.frame.t, held["scenario"], "" if shipped else one.frame.scenario.to_toml()])
    text = link.pack(json.dumps(rows)) if rows else ""
    return text if len(text) <= room else ""


def left_out(kept: tuple[Kept, ...], address: str, scenario: Scenario) -> str:
    """What does not fit into an address: "whole" (the world on screen), "long" (the kept ones), or nothing ("").

    address: what :func:`written` gave for the kept ones. scenario: of the world on screen.
    """
    if not link.fits(scenario):
        return "whole"
    return "long" if kept and not 0 < len(address) <= link.LONGEST - len(link.packed(scenario)["own"]) else ""


def read(text: str) -> list[tuple[str, Link]]:
    """Letters and worlds that :func:`written` packed.

    Raises:
        lodeflow.data.DataError: when it was not packed so.
    """
    if not text:
        return []
    try:
        rows = json.loads(link.unpack(text))
        found = [(str(letter), _link(int(month), str(name), str(own))) for letter, month, name, own in rows]
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise DataError([_broken()]) from error
    letters = [letter for letter, _ in found]
    if not set(letters) <= set(LETTERS) or len(set(letters)) < len(letters):
        raise DataError([_broken()])
    return found


def _link(month: int, name: str, own: str) -> Link:
    return Link(scenario=name, own=link.pack(own) if own else "", month=max(month, 0))


def _broken() -> Problem:
    return Problem("link", None, "", "the kept worlds of the link cannot be read", "Ask for the link again")


def run_again(tables: Tables, letter: str, where: Link) -> Kept:
    """A kept world of an address, simulated anew.

    Raises:
        lodeflow.data.DataError: with what is wrong with its scenario.
    """
    session = Session(tables)
    link.restore(where)(session)
    return Kept(letter, lightened(session.frame()))

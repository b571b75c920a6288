"""What if: measures that one click fires, as the desk proposes them for a metal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem
from lodeflow.viz import words
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.desk import guess
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.link import Link, restore

if TYPE_CHECKING:
    from lodeflow.environment.world import World
    from lodeflow.viz.app.world.player import Player
    from lodeflow.viz.app.world.session import Session

FIRST_MONTHS = 12
"""Months that a world has behind it when a measure of the first page is fired, so that there is something to compare with."""
OFFERED = (
    ("export_ban", "gallium"),
    ("mine_outage", "copper"),
    ("demand_surge", "lithium"),
    ("export_quota", "nickel"),
)
"""Kind and metal of the measures on the first page."""
KINDS = ("export_ban", "export_quota", "mine_outage", "demand_surge")
"""Kinds that the world itself offers for the metal on screen."""


def offer(kind: str, metal: str, session: Session) -> dict[str, Any]:
    """A measure as the desk proposes it for a metal from the next month on, as under ``[[shocks]]`` in a scenario file."""
    world = session.live.world
    values = desk.first_values(kind, world.layout.metals, session.now, guess.guess(kind, metal, world))
    return desk.raw_shock(kind, values, desk.first_timing(kind), session.now)


def named(event: dict[str, Any], metal: str, texts: Texts) -> str:
    """A measure in words, with the metal it is about where its own words name none: "demand surge (lithium)"."""
    said = texts.event(event)
    return said if event["metals"] else texts("whatif.about", what=said, metal=texts.metal_within(metal))


def fire(player: Player, kind: str, metal: str) -> None:
    """Fire what the desk proposes and let months go by, from the first on where nothing was simulated yet."""

    def wish(session: Session) -> None:
        if session.t == 0:
            session.step(FIRST_MONTHS)
        session.fire(offer(kind, metal, session))

    player.change(wish)
    player.play()


def arrive(player: Player, link: Link) -> None:
    """Stand where a link says, do what it wants done, and play on where it wants something."""
    player.change(_arrived(link), pause=True)
    if link.what:
        player.play()


def _arrived(link: Link) -> Callable[[Session], None]:
    def wish(session: Session) -> None:
        restore(link)(session)
        if link.what in desk.kinds():
            metals = session.live.world.layout.metals
            if link.metal not in metals:
                right = f"Use one of: {', '.join(metals)}"
                raise DataError([Problem("link", None, "metals", f"there is no metal '{link.metal}'", right)])
            session.fire(offer(link.what, link.metal, session))

    return wish


def offered(metal: str, world: World) -> list[str]:
    """Kinds that the world offers for a metal: those that the desk knows to be about it."""
    return [kind for kind in KINDS if guess.touches(proposed(kind, metal, world), metal, world)]


def proposed(kind: str, metal: str, world: World) -> dict[str, Any]:
    """What the form of a kind shows at first for a metal, as far as it tells who and what."""
    return desk.first(kind) | guess.guess(kind, metal, world)


def label(kind: str, metal: str, world: World, texts: Texts) -> str:
    """What is offered, in words."""
    values = proposed(kind, metal, world)
    event = {"kind": kind, "actor": values.get("actor"), "label": "", "metals": values.get("metals") or []}
    return words.capital(named(event, metal, texts))

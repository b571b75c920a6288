"""The kept worlds of one page: a hook that holds them, and the context in which every chart finds them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import solara

from lodeflow.data.problems import DataError
from lodeflow.viz.app.beside import kept as worlds
from lodeflow.viz.app.beside.kept import Kept
from lodeflow.viz.app.beside.mailbox import Mailbox
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.link import LONGEST

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.viz.app.world.player import Player

log = logging.getLogger(__name__)


def _nothing(*_: object) -> None:
    return


@dataclass(frozen=True)
class Shelf:
    """What a visitor keeps beside the world on screen.

    Attributes:
        kept: the worlds, by letter.
        address: the same in the letters of an address, "" where they do not fit.
        waiting: whether the worlds of an address are still being simulated.
        broken: whether a world of the last address could not be had.
        keep: keeps the world of a frame. drop: lets one go. restore: takes over those of an address.
    """

    kept: tuple[Kept, ...] = ()
    address: str = ""
    waiting: bool = False
    broken: bool = False
    keep: Callable[[Frame], None] = _nothing
    drop: Callable[[str], None] = _nothing
    restore: Callable[[str], None] = _nothing


shelf_context = solara.create_context(Shelf())
"""Where charts and tables find what is kept."""


def use_shelf(player: Player, tables: Tables) -> Shelf:
    """The kept worlds of a page (a hook); those of an address are simulated in a thread, one after the other."""
    kept, set_kept = solara.use_state(cast(tuple[Kept, ...], ()))
    wanted, set_wanted = solara.use_state("")
    broken, set_broken = solara.use_state(False)
    round_ = solara.use_ref(0)
    written = solara.use_memo(lambda: worlds.written(kept, LONGEST), [kept])
    address = wanted or written

    def restore(text: str) -> None:
        if text == address:
            return
        round_.current += 1
        set_broken(False)
        set_wanted(text)
        mine = round_.current
        if not text:
            set_kept(())
            return

        def take(news: tuple[tuple[Kept, ...], bool]) -> None:
            if round_.current == mine:
                set_kept(news[0])
                set_broken(not news[1])
                set_wanted("")

        box = Mailbox(player, take)

        def bring() -> None:
            box(brought(tables, text, lambda: round_.current == mine))

        threading.Thread(target=bring, name="lodeflow-kept", daemon=True).start()

    def forget() -> Callable[[], None]:
        def close() -> None:
            round_.current += 1

        return close

    solara.use_effect(forget, [])

    def shelf() -> Shelf:
        return Shelf(
            kept,
            address,
            bool(wanted),
            broken,
            lambda frame: set_kept(lambda now: worlds.keep(now, frame)),
            lambda letter: set_kept(lambda now: worlds.drop(now, letter)),
            restore,
        )

    return solara.use_memo(shelf, [kept, address, bool(wanted), broken])  # the same one, so that no chart is drawn anew


def brought(tables: Tables, text: str, go_on: Callable[[], bool]) -> tuple[tuple[Kept, ...], bool]:
    """The worlds of an address, simulated anew, and whether all of them could be had.

    go_on: asked before each world; once it says no, nothing more is simulated.
    """
    found: list[Kept] = []
    try:
        asked = worlds.read(text)
    except DataError:
        return (), False
    for letter, where in asked:
        if not go_on():
            break
        try:
            found.append(worlds.run_again(tables, letter, where))
        except (DataError, ArithmeticError):
            log.warning("a kept world of an address could not be had", exc_info=True)
    return tuple(sorted(found, key=lambda one: one.letter)), len(found) == len(asked)

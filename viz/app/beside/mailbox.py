"""News of work in the background, brought to the page by the thread that brings its frames: no two threads draw a page at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from lodeflow.viz.app.world.player import Player

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Takes news in any thread and gives them to the page in that of its player, one after the other.

    Args:
        player: of the page.
        put: takes news; it is not called any more once the box is closed.
    """

    def __init__(self, player: Player, put: Callable[[T], None]) -> None:
        self._player, self._put, self._open = player, put, True

    def __call__(self, news: T) -> None:
        """Bring news."""
        self._player.ask(lambda _: self._give(news))

    def close(self) -> None:
        """Drop all news that were not given yet."""
        self._open = False

    def _give(self, news: T) -> None:
        if self._open:
            self._put(news)

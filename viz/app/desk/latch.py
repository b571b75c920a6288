"""A button that is clicked six times in a row was meant once."""

from __future__ import annotations

import time
from collections.abc import Callable

CLICK = 1.0
"""Clicks that follow one another faster than this are one, s."""


class Latch:
    """Lets one click through: neither those while its wish is done, nor those that follow it fast.

    Args:
        clock: seconds of any origin.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._last, self._taken = clock, float("-inf"), False

    def take(self) -> bool:
        """Whether this click counts."""
        now = self._clock()
        counts = not self._taken and now - self._last >= CLICK
        self._last, self._taken = now, self._taken or counts
        return counts

    def renew(self) -> None:
        """Something else was clicked since: the next click is meant, however soon it comes."""
        self._last = float("-inf")

    def give_back(self) -> None:
        """What the click wanted is done."""
        self._last, self._taken = self._clock(), False

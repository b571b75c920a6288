"""How results show themselves in a notebook: as a page with their main numbers, and by `plot`, with the charts of the report.

Who draws stands in a later room, and is told here by :func:`show_with`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

_drawing: list[Callable[[], Any]] = []


def show_with(drawing: Callable[[], Any]) -> None:
    """Say who draws: called when something is first shown, and returns what has `html(thing)` and `plots(thing)`."""
    _drawing[:] = [drawing]


class Shown:
    """A result that a notebook shows."""

    @cached_property
    def plot(self) -> Any:
        """Its charts by name, such as ``plot.price("cobalt")``; ``dir(plot)`` lists them. Each returns a matplotlib Figure."""
        return _drawing[0]().plots(self)

    def _repr_html_(self) -> str:
        """What a notebook shows: main findings, table and first chart."""
        html: str = _drawing[0]().html(self)
        return html

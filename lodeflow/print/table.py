"""Tables for the terminal, in the one look that all commands share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    import pandas as pd


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as dictionaries."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def first_line(cls: type) -> str:
    """Return the first line of the docstring of a class."""
    return (cls.__doc__ or "").strip().splitlines()[0] if cls.__doc__ else ""


def two_columns(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    """Return a table of names and what they mean."""
    table = Table(title=title, title_justify="left", title_style="bold", show_header=False, box=None, padding=(0, 2))
    table.add_column(no_wrap=True, style="cyan")
    table.add_column()
    for row in rows:
        table.add_row(*row)
    return table


def headed(title: str, *headings: str) -> Table:
    """Return a table without rows."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading)
    return table

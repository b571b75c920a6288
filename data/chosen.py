"""Which metals a world holds: those that are named, or those that need no asking for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError, Problem, did_you_mean

if TYPE_CHECKING:
    from lodeflow.data.store import Tables

ALL = "all"
"""Word for every metal of the tables."""
FURTHER = "further"
"""Group of metals that only take part where they are asked for."""


def all_metals(tables: Tables) -> list[str]:
    """Every metal of the tables, in their order."""
    return [str(name) for name in tables["metals"]["metal"]]


def core_metals(tables: Tables) -> list[str]:
    """Metals of a world that names none: all but those of the group `further`, in the order of the table.

    A table without the column `group`, as folders of earlier versions have, holds none that must be asked for.
    """
    table = tables["metals"]
    if "group" not in table:
        return all_metals(tables)
    return [str(name) for name in table.loc[table["group"].fillna("") != FURTHER, "metal"]]


def chosen_metals(tables: Tables, names: Sequence[str]) -> list[str]:
    """The metals that are meant, in the order of the table.

    Args:
        tables: the loaded tables.
        names: metals, or ``all``; none: the core metals.

    Raises:
        DataError: naming every name that is no metal of the tables.
    """
    known = all_metals(tables)
    unknown = [name for name in names if name not in (*known, ALL)]
    if unknown:
        raise DataError(
            Problem("scenario", "world.metals", "", f"{name!r} is no metal of the data", did_you_mean(name, known))
            for name in unknown
        )
    if not names:
        return core_metals(tables)
    return known if ALL in names else [name for name in known if name in names]

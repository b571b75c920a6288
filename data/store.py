"""The loaded tables: a mapping from table name to DataFrame that also knows each column's unit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from lodeflow.data.problems import did_you_mean
from lodeflow.data.schema import Column, TableSchema

if TYPE_CHECKING:
    import pandas as pd

Made = TypeVar("Made")
Frame = Any
"""A table, or what makes it at its first use."""


class Tables(Mapping[str, "pd.DataFrame"]):
    """All tables by name: `tables.production` and `tables["production"]` are the same DataFrame."""

    def __init__(
        self, frames: Mapping[str, Frame], schemas: dict[str, TableSchema], notes: tuple[str, ...] = ()
    ) -> None:
        self._frames = dict(frames)
        self._schemas = dict(schemas)
        self._notes = notes
        self._made: dict[tuple[Hashable, ...], Any] = {}
        self._kept: Mapping[str, Callable[[], Any]] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        try:
            frame = self._frames[name]
        except KeyError:
            raise KeyError(f"no table {name!r}. {did_you_mean(name, self._frames)}") from None
        if callable(frame):
            frame = self._frames[name] = frame()
        return frame

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def __repr__(self) -> str:
        return f"Tables({', '.join(f'{name}: {len(frame)} rows' for name, frame in self.items())})"

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines that say which rows were taken from the shipped tables because an own table leaves them out."""
        return self._notes

    def schema(self, name: str) -> TableSchema:
        """The sidecar of table `name`."""
        self[name]
        return self._schemas[name]

    def column(self, table: str, name: str) -> Column:
        """Type, unit and meaning of one column. Raises KeyError, naming the nearest column, if there is none."""
        columns = self.schema(table).columns
        if name not in columns:
            raise KeyError(f"table {table!r} has no column {name!r}. {did_you_mean(name, columns)}")
        return columns[name]

    def remember(self, make: Callable[..., Made], *arguments: Hashable) -> Made:
        """`make(self, *arguments)`, computed once for these tables; whoever gets it must leave it as it is."""
        key = (make, *arguments)
        if key not in self._made:
            kept = self._kept.get(_told(key))
            self._made[key] = make(self, *arguments) if kept is None else kept()
        made: Made = self._made[key]
        return made

    @contextmanager
    def knowing(self, kept: Mapping[str, Callable[[], Any]]) -> Iterator[dict[str, Any]]:
        """Let what is remembered meanwhile be read where it was kept; yields what then had to be made, by name, at the end."""
        before, new = set(self._made), dict[str, Any]()
        self._kept = kept
        try:
            yield new
        finally:
            self._kept = {}
        now = dict(self._made)  # others may add to it meanwhile
        made = {_told(key): value for key, value in now.items() if key not in before}
        new.update((name, value) for name, value in made.items() if name not in kept)

    def remembering(self, make: Callable[..., Made], made: Made) -> Tables:
        """These tables, which know already what `make` gives for them."""
        self._made[(make,)] = made
        return self

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_made": {}, "_frames": dict(self)}

    def replace(self, **frames: pd.DataFrame) -> Tables:
        """A new set of tables in which the named ones are exchanged (not checked again)."""
        for name in frames:
            self[name]
        others = {
            name: partial(self.__getitem__, name) if callable(kept) else kept for name, kept in self._frames.items()
        }
        return Tables(others | frames, self._schemas, self._notes)


def _told(key: tuple[Any, ...]) -> str:
    """Name of what is remembered under a key."""
    make, *arguments = key
    return f"{make.__module__}.{make.__qualname__} {arguments!r}"


def contents_hash(tables: Tables) -> str:
    """sha256 (hex) of the names and contents of tables."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        digest.update(f"{name}\n".encode())
        digest.update(tables[name].to_csv(index=False, lineterminator="\n").encode())
    return digest.hexdigest()

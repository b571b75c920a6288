"""All agents of one kind as named columns, with Mesa agents as light handles on the rows.

Behaviour is written once for a whole column. The vocabulary of a kind (name, unit, default and meaning of every
attribute) is data: ``lodeflow describe`` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np


@dataclass(frozen=True)
class Attribute:
    """One attribute of a kind of agent.

    Attributes:
        name: column name.
        unit: unit of the values ("1" for a pure number, "index" for a row number).
        default: value before the world is built.
        meaning: one line for the reader.
        fixed: True when no phase of the month changes it.
    """

    name: str
    unit: str
    default: float
    meaning: str
    fixed: bool = False

    @property
    def dtype(self) -> type:
        """int for row numbers, float for everything else."""
        return np.int64 if self.unit == "index" else np.float64


_VOCABULARIES: dict[str, tuple[Attribute, ...]] = {}


def vocabulary(kind: str | None = None) -> dict[str, tuple[Attribute, ...]]:
    """Attributes by kind of agent: of one kind, or of all."""
    return dict(_VOCABULARIES) if kind is None else {kind: _VOCABULARIES[kind]}


def declare(kind: str, *attributes: Attribute) -> tuple[Attribute, ...]:
    """Register the attributes of a kind of agent and return them."""
    _VOCABULARIES[kind] = attributes
    return attributes


class Population:
    """All agents of one kind.

    Columns are numpy arrays with one entry per agent, read and written as attributes: ``miners.stock``.

    Args:
        kind: name of the kind, as declared.
        ids: one readable name per agent, such as ``"COD-cobalt-1"``; unique.
        columns: values of some attributes, shape (n,) each; the others start at their default.

    Raises:
        ValueError: for an attribute that is not declared, a wrong length or a repeated id.
    """

    def __init__(self, kind: str, ids: Sequence[str], **columns: np.ndarray) -> None:
        self.kind = kind
        self.ids = tuple(ids)
        self.row_of = {name: row for row, name in enumerate(self.ids)}
        if len(self.row_of) != len(self.ids):
            raise ValueError(f"{kind}: an id stands twice")
        self.attributes = {attribute.name: attribute for attribute in _VOCABULARIES[kind]}
        unknown = set(columns) - set(self.attributes)
        if unknown:
            raise ValueError(f"{kind} has no attribute {sorted(unknown)}; it has {sorted(self.attributes)}")
        for name, attribute in self.attributes.items():
            values = columns.get(name)
            column = np.full(len(self.ids), attribute.default) if values is None else np.array(values)
            if column.shape != (len(self.ids),):
                raise ValueError(f"{kind}.{name}: {column.shape} values for {len(self.ids)} agents")
            setattr(self, name, column.astype(attribute.dtype))

    if TYPE_CHECKING:  # columns are attributes

        def __getattr__(self, name: str) -> Any: ...

        def __setattr__(self, name: str, value: Any) -> None: ...

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, name: str) -> Row:
        """The agent with this id."""
        return Row(self, self.row_of[name])

    def __iter__(self) -> Iterator[Row]:
        return (Row(self, row) for row in range(len(self)))

    def __repr__(self) -> str:
        return f"<{len(self)} agents of kind {self.kind}>"

    def rows(self, metal: int | None = None, countries: np.ndarray | None = None) -> np.ndarray:
        """Boolean mask, shape (n,), of the agents of a metal (index) and of some countries (indices)."""
        mask = np.ones(len(self), bool)
        if metal is not None:
            mask &= self.metal == metal
        if countries is not None:
            mask &= np.isin(self.country, countries)
        return mask

    def column(self, name: str) -> np.ndarray:
        """The column of one attribute, shape (n,); writing into it writes the agents."""
        column: np.ndarray = getattr(self, name)
        return column


class Row:
    """One agent: reads and writes its entry of each column."""

    __slots__ = ("population", "row")
    population: Population
    row: int

    def __init__(self, population: Population, row: int) -> None:
        object.__setattr__(self, "population", population)
        object.__setattr__(self, "row", row)

    @property
    def id(self) -> str:
        """Readable name."""
        return str(self.population.ids[self.row])

    def __getattr__(self, name: str) -> float:
        if name not in self.population.attributes:
            raise AttributeError(f"{self.population.kind} has no attribute {name!r}")
        return self.population.column(name)[self.row].item()

    def __setattr__(self, name: str, value: float) -> None:
        if name not in self.population.attributes:
            raise AttributeError(f"{self.population.kind} has no attribute {name!r}")
        self.population.column(name)[self.row] = value

    def __repr__(self) -> str:
        return f"<{self.population.kind} {self.id}>"

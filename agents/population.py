"""All agents of one kind as named columns, with Mesa agents as light handles on the rows.

Behaviour is written once for a whole column. The vocabulary of a kind (name, unit, default and meaning of every
attribute) is data: ``lodeflow describe`` prints it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
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
        shape: names of the dimensions, ``"agent"`` for one entry per agent; a matrix column names more, such as
            ``("horizon", "agent")`` or ``("agent", "metal")``. Their sizes are given to :class:`Population`.
        of: what the row numbers of an index are rows of, such as ``"countries"``; "" for a plain number.
    """

    name: str
    unit: str
    default: float
    meaning: str
    fixed: bool = False
    shape: tuple[str, ...] = ("agent",)
    of: str = ""

    @property
    def dtype(self) -> type:
        """int for row numbers, float for everything else."""
        return np.int64 if self.unit == "index" else np.float64


AGENT = "agent"
"""The dimension that stands for the agents of a population."""
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

    Columns are numpy arrays, read and written as attributes: ``miners.stock``. A column has one entry per agent, or the shape
    that its declaration names. Setting a name that is not declared, or values of another shape, is refused.

    Args:
        kind: name of the kind, as declared.
        ids: one readable name per agent, such as ``"COD-cobalt-1"``; unique.
        sizes: size of every dimension that matrix columns of this kind have besides the agents, ``{"metal": 9}``.
        columns: values of some attributes; the others start at their default.

    Raises:
        AttributeError: for an attribute that is not declared.
        ValueError: for values of a wrong shape, or a repeated id.
    """

    kind: str
    ids: tuple[str, ...]
    row_of: dict[str, int]
    attributes: dict[str, Attribute]
    shapes: dict[str, tuple[int, ...]]
    names: dict[str, tuple[str, ...]]

    def __init__(
        self, kind: str, ids: Sequence[str], sizes: Mapping[str, int] | None = None, **columns: np.ndarray
    ) -> None:
        vars(self).update(
            kind=kind,
            ids=tuple(ids),
            row_of={name: row for row, name in enumerate(ids)},
            attributes={attribute.name: attribute for attribute in _VOCABULARIES[kind]},
            names={},
        )
        if len(self.row_of) != len(self.ids):
            raise ValueError(f"{kind}: an id stands twice")
        lengths = {**(sizes or {}), AGENT: len(self.ids)}
        vars(self)["shapes"] = {
            name: tuple(lengths[dimension] for dimension in attribute.shape)
            for name, attribute in self.attributes.items()
            if all(dimension in lengths for dimension in attribute.shape)
        }
        for name in columns:
            self._declared(name)
        for name, shape in self.shapes.items():
            attribute = self.attributes[name]
            given = columns.get(name)
            values = np.full(shape, attribute.default) if given is None else np.array(given)
            setattr(self, name, values.astype(attribute.dtype))

    def _declared(self, name: str) -> tuple[int, ...]:
        """Shape of a column that may be set here."""
        if name not in self.attributes:
            known = ", ".join(sorted(self.attributes))
            raise AttributeError(f"{self.kind} has no attribute {name!r}; it has {known}")
        return self.shapes[name]

    def __setattr__(self, name: str, value: Any) -> None:
        state = self.__dict__
        if type(value) is not np.ndarray or value.shape != state["shapes"].get(name):
            self._refuse(name, value)
        state[name] = value

    def _refuse(self, name: str, value: Any) -> None:
        """Say what is wrong with a column; a kind of array that is derived from numpy's is as good as one."""
        shape = self._declared(name)
        if getattr(value, "shape", None) != shape:
            raise ValueError(f"{self.kind}.{name}: shape {np.shape(value)} where {shape} is due")

    if TYPE_CHECKING:  # columns are attributes

        def __getattr__(self, name: str) -> Any: ...

    def twin(self) -> Population:
        """The same agents with columns of their own."""
        copied = copy.copy(self)
        columns = {name: vars(self)[name].copy() for name in self.shapes}
        vars(copied).update(columns)
        return copied

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
        """The column of one attribute, shape (n,) or as declared; writing into it writes the agents."""
        self._declared(name)
        column: np.ndarray = getattr(self, name)
        return column

    def name_rows(self, names: Mapping[str, Sequence[str]]) -> None:
        """Tell what the row numbers of index attributes stand for, by what they are rows of: ``{"metals": ["cobalt"]}``."""
        vars(self)["names"] = {kind: tuple(texts) for kind, texts in names.items()}

    def entry(self, name: str, row: int) -> Any:
        """What one agent holds of an attribute: a number, a name where the column holds row numbers, or a copy of its array.

        Names are given once :meth:`name_rows` was called; None stands for no row.
        """
        column = self.column(name)
        attribute = self.attributes[name]
        value, names = column[_own(attribute, row)], self.names.get(attribute.of)
        if names is not None:
            named = [names[i] if 0 <= i < len(names) else None for i in np.ravel(value)]
            return named[0] if np.ndim(value) == 0 else tuple(named)
        if value.ndim == 0:
            return value.item()
        copied = value.copy()
        copied.flags.writeable = False
        return copied

    def set_entry(self, name: str, row: int, value: Any) -> None:
        """Write what one agent holds of an attribute."""
        self.column(name)[_own(self.attributes[name], row)] = value


def _own(attribute: Attribute, row: int) -> tuple[Any, ...]:
    """Index of one agent's entries in a column: the row along the agents, everything along the other dimensions."""
    return tuple(row if dimension == AGENT else slice(None) for dimension in attribute.shape)


class Row:
    """One agent: reads and writes its entry of each column."""

    __slots__ = ("_population", "_row")
    _population: Population
    _row: int

    def __init__(self, population: Population, row: int) -> None:
        object.__setattr__(self, "_population", population)
        object.__setattr__(self, "_row", row)

    @property
    def id(self) -> str:
        """Readable name."""
        return str(self._population.ids[self._row])

    def __getattr__(self, name: str) -> Any:
        return self._population.entry(name, self._row)

    def __setattr__(self, name: str, value: Any) -> None:
        self._population.set_entry(name, self._row, value)

    def __repr__(self) -> str:
        return f"<{self._population.kind} {self.id}>"

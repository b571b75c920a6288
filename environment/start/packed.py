"""Parts of a world as bytes and back, the same to the bit: columns of numbers as Arrow, names and what belongs to what as JSON.

What comes back are plain values, arrays and objects of the classes that are named here, so bytes from elsewhere can do nothing but
be read.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from lodeflow.agents.population import Attribute, Population
from lodeflow.data.cache import streamed
from lodeflow.data.footprint import Factors
from lodeflow.environment.blueprint import Producers, Realised
from lodeflow.environment.expectation import Expectation
from lodeflow.environment.layout import Layout
from lodeflow.environment.market.cells import Cells
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.market.nexus import Nexus
from lodeflow.environment.market.processes import Processes
from lodeflow.environment.market.product_trade import ProductTrade
from lodeflow.environment.quotes import Alert
from lodeflow.environment.rates import Rates
from lodeflow.environment.start.buying import Buyers
from lodeflow.environment.start.processes import ByGroup

CLASSES = {
    kind.__name__: kind
    for kind in (
        *(Attribute, Population, Factors, Producers, Realised, Expectation, Layout, Cells, Market, InUse),
        *(Nexus, Processes, ProductTrade, Alert, Rates, Buyers, ByGroup),
    )
}
"""Objects that can be packed, by name of their class."""
PLAIN = (bool, int, float, str, type(None))
"""Values that stand as they are; everything else has a number, so that what stands in two places comes back as one."""
GATHERED = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
"""Collections by name."""


def packed(value: Any) -> bytes:
    """Write a value and all that belongs to it as bytes. Raises TypeError for what cannot be packed."""
    import pyarrow as pa

    packer = _Packer()
    top = packer.told(value)
    table = pa.table({"array": pa.array(packer.arrays, pa.large_binary())})
    table = table.replace_schema_metadata({"top": json.dumps(top), "parts": json.dumps(packer.parts)})
    return streamed(table)


def unpacked(content: bytes | memoryview) -> Any:
    """Read what :func:`packed` wrote. Raises an error of any kind for anything else."""
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(content)).read_all()
    about = table.schema.metadata
    arrays = [cell.as_buffer() for cell in table.column("array")]
    return _Unpacker(json.loads(about[b"parts"]), arrays).made(json.loads(about[b"top"]))


class _Packer:
    """Parts that were told, each once.

    Attributes:
        parts: what each part is, and what it holds.
        arrays: contents of the arrays among them.
    """

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self.arrays: list[bytes] = []
        self._numbers: dict[
            int, tuple[int, Any]
        ] = {}  # the part is held, so that no other can take its place in memory

    def told(self, value: Any) -> Any:
        """A plain value as it is, anything else as a list of its number alone."""
        if type(value) in PLAIN:
            return value
        if id(value) not in self._numbers:
            number = len(self.parts)
            self._numbers[id(value)] = number, value
            self.parts.append(None)
            self.parts[number] = self._part(value)
        return [self._numbers[id(value)][0]]

    def _part(self, value: Any) -> list[Any]:
        kind = type(value)
        if kind is np.ndarray and value.dtype != object:
            return self._array(value)
        if isinstance(value, np.generic):
            return ["number", value.dtype.str, *self._array(np.asarray(value))[2:]]
        if kind is dict:
            return ["dict", [[self.told(key), self.told(entry)] for key, entry in value.items()]]
        if GATHERED.get(kind.__name__) is kind:
            return [kind.__name__, [self.told(entry) for entry in value]]
        if CLASSES.get(kind.__name__) is kind:
            return [kind.__name__, [[name, self.told(entry)] for name, entry in vars(value).items()]]
        raise TypeError(f"{kind.__module__}.{kind.__qualname__} cannot be packed")

    def _array(self, values: np.ndarray) -> list[Any]:
        """An array with the order of its dimensions in memory, on which the last bits of sums depend."""
        order = sorted(range(values.ndim), key=lambda axis: -values.strides[axis])
        ordered = values.transpose(order)
        self.arrays.append(ordered.tobytes())
        return ["array", values.dtype.str, len(self.arrays) - 1, list(ordered.shape), order]


class _Unpacker:
    """Parts that are made again, each once."""

    def __init__(self, parts: list[Any], arrays: list[Any]) -> None:
        self._parts, self._arrays = parts, arrays
        self._made: dict[int, Any] = {}

    def made(self, told: Any) -> Any:
        """What a value was told as."""
        if type(told) is not list:
            return told
        (number,) = told
        if number not in self._made:
            self._made[number] = self._part(*self._parts[number])
        return self._made[number]

    def _part(self, kind: str, *about: Any) -> Any:
        if kind == "array":
            return self._array(*about)
        if kind == "number":
            return self._array(*about)[()]
        if kind == "dict":
            return {self.made(key): self.made(entry) for key, entry in about[0]}
        if kind in GATHERED:
            return GATHERED[kind](self.made(entry) for entry in about[0])
        thing = object.__new__(CLASSES[kind])
        vars(thing).update({name: self.made(entry) for name, entry in about[0]})
        return thing

    def _array(self, dtype: str, place: int, shape: list[int], order: list[int]) -> np.ndarray:
        ordered = np.frombuffer(self._arrays[place], dtype).reshape(shape)
        values: np.ndarray = ordered.transpose(np.argsort(order)).copy(order="K")
        return values

"""Parts of a world as bytes and back: the same to the bit, and nothing but values, arrays and the classes that are named."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lodeflow.agents.population import Attribute, Population
from lodeflow.environment.rates import Rates
from lodeflow.environment.start.packed import packed, unpacked

NUMBERS = st.sampled_from([np.dtype(kind) for kind in ("f8", "f4", "i8", "u4", "?")])
ARRAYS = arrays.arrays(NUMBERS, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
PLAIN = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=5)
VALUES = st.recursive(
    PLAIN | ARRAYS,
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def back(value: Any) -> Any:
    return unpacked(packed(value))


@given(VALUES)
def test_whatever_is_packed_comes_back(value: Any) -> None:
    found = back(value)
    assert type(found) is type(value)
    np.testing.assert_equal(found, value)


@given(ARRAYS, st.data())
def test_arrays_keep_their_bits_their_kind_and_their_order_in_memory(values: np.ndarray, data: st.DataObject) -> None:
    turned = values.transpose(data.draw(st.permutations(range(values.ndim))))
    found = back(turned)
    assert (found.dtype, found.shape) == (turned.dtype, turned.shape)
    assert found.tobytes() == turned.tobytes()
    if turned.size and min(turned.shape, default=2) > 1:
        assert found.strides == turned.strides, "the last bits of sums depend on it"
    found[...] = 0  # nobody else's


def test_a_part_of_a_larger_array_comes_back_as_what_it_shows() -> None:
    whole = np.arange(24.0).reshape(4, 6)
    np.testing.assert_array_equal(back(whole[1:, ::2]), whole[1:, ::2])
    np.testing.assert_array_equal(back(whole[::-1]), whole[::-1])
    np.testing.assert_array_equal(back(np.broadcast_to(whole[0], (3, 6))), np.broadcast_to(whole[0], (3, 6)))


def test_what_stands_in_two_places_comes_back_as_one() -> None:
    numbers = np.arange(3.0)
    one, (two, three) = back((numbers, [numbers, numbers.copy()]))
    assert one is two
    assert one is not three


def test_numbers_of_numpy_stay_such() -> None:
    number = back([np.float64(0.1), np.int64(3)])
    assert [type(one) for one in number] == [np.float64, np.int64]
    assert number == [0.1, 3]


def test_agents_and_rates_come_back_with_all_that_they_hold() -> None:
    firms = Population("refiner", ["a", "b"], {"horizon": 4, "metal": 2}, stock=np.array([1.0, 2.0]))
    found = back(firms)
    assert type(found) is Population
    assert found["b"].stock == 2.0
    assert list(found.attributes.values()) == list(firms.attributes.values())
    assert isinstance(next(iter(found.attributes.values())), Attribute)
    with pytest.raises(AttributeError):
        found.mood = np.zeros(2)
    rates = Rates.__new__(Rates)
    vars(rates).update(price=np.ones(2))
    assert vars(back(rates))["price"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("value", [object(), lambda: 0, np.array([object()]), b"bytes", 1j, {"in": [print]}])
def test_what_is_not_named_is_not_packed(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be packed"):
        packed(value)


def test_bytes_from_elsewhere_make_no_other_objects() -> None:
    table = pa.table({"array": pa.array([], pa.large_binary())})
    parts = [["Popen", [["args", "date"]]]]
    about = {"top": json.dumps([0]), "parts": json.dumps(parts)}
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema.with_metadata(about)) as writer:
        writer.write_table(table.replace_schema_metadata(about))
    with pytest.raises(KeyError, match="Popen"):
        unpacked(sink.getvalue().to_pybytes())

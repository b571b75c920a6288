"""Populations, rows and the vocabulary."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import Population, vocabulary
from lodeflow.data import Tables
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.draw_up import draw_up

KINDS = sorted(vocabulary())
SIZES = {"horizon": 4, "stage": 3, "metal": 5, "part x metal": 15, "process": 2, "grade": 4, "partner": 3, "form": 2}


def three_miners() -> Population:
    return Population(
        "miner",
        ["COD-cobalt-1", "COD-cobalt-2", "ZMB-copper-1"],
        country=np.array([0, 0, 1]),
        metal=np.array([0, 0, 1]),
        base=np.array([3.0, 2.0, 1.0]),
    )


def test_the_kinds_with_a_vocabulary_are_those_of_a_world(tables: Tables) -> None:
    blueprint = draw_up(tables, WorldSettings(metals=["cobalt"]))
    assert sorted(["government", *(part.kind for part in blueprint.agents.values())]) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_attribute_has_a_unit_and_a_meaning(kind: str) -> None:
    attributes = vocabulary(kind)[kind]
    names = [attribute.name for attribute in attributes]
    assert attributes
    assert len(set(names)) == len(names)
    for attribute in attributes:
        assert attribute.unit.strip(), f"{kind}.{attribute.name} has no unit"
        assert len(attribute.meaning) > 8, f"{kind}.{attribute.name} has no meaning"


@pytest.mark.parametrize("kind", KINDS)
def test_a_population_starts_with_every_attribute_at_its_default(kind: str) -> None:
    population = Population(kind, ["a", "b"], SIZES)
    for attribute in vocabulary(kind)[kind]:
        column = population.column(attribute.name)
        assert column.shape == tuple({**SIZES, "agent": 2}[name] for name in attribute.shape)
        assert column.dtype == attribute.dtype
        assert (column == attribute.default).all()


def test_vocabulary_of_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        vocabulary("pirate")


def test_unknown_attribute_is_named_with_the_known_ones() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'stok'.*stock"):
        Population("miner", ["a"], stok=np.zeros(1))


def test_wrong_length_names_the_attribute() -> None:
    with pytest.raises(ValueError, match=r"miner\.stock"):
        Population("miner", ["a", "b"], stock=np.zeros(3))


def test_an_id_may_not_stand_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        Population("miner", ["a", "a"])


def test_columns_are_copied() -> None:
    stock = np.ones(1)
    population = Population("miner", ["a"], stock=stock)
    stock[0] = 7.0
    assert population.stock[0] == 1.0


def test_reading_an_unknown_column_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'weight'"):
        three_miners().weight  # noqa: B018


def test_row_reads_and_writes_its_entry_of_the_column() -> None:
    miners = three_miners()
    row = miners["COD-cobalt-2"]
    assert row.base == 2.0
    row.stock = 5.0
    assert miners.stock.tolist() == [0.0, 5.0, 0.0]
    miners.stock[1] = 6.0
    assert row.stock == 6.0
    assert row.id == "COD-cobalt-2"


def test_row_refuses_unknown_attributes() -> None:
    row = three_miners()["COD-cobalt-1"]
    with pytest.raises(AttributeError, match="no attribute 'weight'"):
        row.weight  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'weight'"):
        row.weight = 1.0


def test_unknown_agent_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        three_miners()["CHL-copper-1"]


def test_iteration_and_length_agree() -> None:
    miners = three_miners()
    assert [row.id for row in miners] == list(miners.ids)
    assert len(miners) == 3
    assert "3 agents of kind miner" in repr(miners)


def test_rows_selects_by_metal_and_country() -> None:
    miners = three_miners()
    assert miners.rows().tolist() == [True, True, True]
    assert miners.rows(metal=0).tolist() == [True, True, False]
    assert miners.rows(countries=np.array([1])).tolist() == [False, False, True]
    assert miners.rows(metal=0, countries=np.array([1])).tolist() == [False, False, False]


def test_setting_an_unknown_name_or_a_wrong_shape_is_refused() -> None:
    miners = three_miners()
    with pytest.raises(AttributeError, match=r"no attribute 'stok'.*stock"):
        miners.stok = np.zeros(3)
    with pytest.raises(ValueError, match=r"miner\.stock: shape \(2,\) where \(3,\) is due"):
        miners.stock = np.zeros(2)
    with pytest.raises(ValueError, match=r"miner\.stock: shape \(\) where"):
        miners.stock = 1
    assert miners.stock.tolist() == [0.0, 0.0, 0.0]


def test_a_matrix_column_has_the_declared_shape_and_rows_of_its_own() -> None:
    miners = Population("miner", ["a", "b"], {"horizon": 4, "stage": 3})
    assert miners.building.shape == (3, 2)
    miners["b"].building = np.array([1.0, 2.0, 3.0])
    assert miners.building[:, 1].tolist() == [1.0, 2.0, 3.0]
    assert miners["a"].building.tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(ValueError, match=r"miner\.building"):
        miners.building = np.zeros((2, 3))


def test_a_twin_has_columns_of_its_own() -> None:
    miners = three_miners()
    twin = miners.twin()
    twin.stock[0] = 4.0
    twin.base = np.zeros(3)
    assert miners.stock[0] == 0.0
    assert miners.base.tolist() == [3.0, 2.0, 1.0]

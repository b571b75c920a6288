"""Parameters: scopes, overrides, wrong names."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.draw_up import table_parameters
from tests.environment.helpers import world_of

TABLE = pd.DataFrame(
    [
        ("eta", "global", None, 0.5),
        ("eta", "class", "exchange", 0.9),
        ("eta", "metal", "nickel", 1.1),
        ("carry", "global", None, 0.012),
        ("backcast", "class", "exchange", 0.03),
    ],
    columns=["parameter", "scope_kind", "scope", "value"],
).assign(low=lambda table: table["value"] / 2, high=lambda table: table["value"] * 2, unit="1")
METALS, CLASSES = ["cobalt", "copper", "nickel"], ["cobalt", "exchange", "exchange"]


def parameters(overrides: dict[str, float] | None = None) -> Parameters:
    return Parameters(TABLE, METALS, CLASSES, overrides)


def problem(overrides: dict[str, float]) -> str:
    with pytest.raises(DataError) as caught:
        parameters(overrides)
    return str(caught.value)


def test_a_metal_goes_before_its_class_and_the_class_before_the_world() -> None:
    assert parameters().by_metal("eta").tolist() == [0.5, 0.9, 1.1]


def test_global_values_are_a_mapping() -> None:
    assert dict(parameters()) == {"eta": 0.5, "carry": 0.012}
    assert len(parameters()) == 2


def test_a_metal_without_value_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="backcast has no value for cobalt"):
        parameters().by_metal("backcast")


def test_an_override_with_a_scope_changes_that_scope_only() -> None:
    assert parameters({"eta.nickel": 2.0}).by_metal("eta").tolist() == [0.5, 0.9, 2.0]
    assert parameters({"eta.exchange": 2.0}).by_metal("eta").tolist() == [0.5, 2.0, 1.1]
    assert parameters({"eta.cobalt": 2.0}).by_metal("eta").tolist() == [2.0, 0.9, 1.1]


def test_an_override_without_scope_changes_every_metal() -> None:
    assert parameters({"eta": 2.0}).by_metal("eta").tolist() == [2.0, 2.0, 2.0]
    assert parameters({"carry": 0.01})["carry"] == 0.01


def test_an_unknown_name_is_an_error_that_names_the_known_ones() -> None:
    words = problem({"etta": 1.0})
    assert "parameters.etta" in words
    assert "eta" in words.replace("etta", "")


def test_an_unknown_scope_is_an_error_that_names_the_known_ones() -> None:
    words = problem({"eta.kobalt": 1.0})
    assert "parameters.eta.kobalt" in words
    assert "cobalt" in words.replace("kobalt", "")


def test_all_problems_are_told_at_once() -> None:
    words = problem({"etta": 1.0, "eta.kobalt": 1.0, "carry": float("nan")})
    assert words.startswith("3 problems")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_must_be_a_finite_number(value: float) -> None:
    assert "finite number" in problem({"carry": value})


def test_the_order_of_overrides_does_not_matter() -> None:
    for own in ({"eta": 2.0, "eta.cobalt": 3.0}, {"eta.cobalt": 3.0, "eta": 2.0}):
        assert parameters(own).by_metal("eta").tolist() == [3.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("key", "words"), [("eta.", "scope after the dot is missing"), ("carry.cobalt", "one value for all metals")]
)
def test_a_scope_that_would_be_passed_over_is_an_error(key: str, words: str) -> None:
    assert words in problem({key: 0.5})


@pytest.mark.parametrize("value", [True, "0.5", 10**400])
def test_what_is_no_number_is_an_error(value: Any) -> None:
    assert "is not a number" in problem({"carry": value})


def test_years_are_whole(tables: Tables) -> None:
    with pytest.raises(DataError, match="not a whole number"):
        table_parameters(tables, WorldSettings(metals=["cobalt"]), {"smoothing_years": 4.5})


def test_a_metal_outside_of_the_world_may_have_its_value(tables: Tables) -> None:
    assert table_parameters(tables, WorldSettings(metals=["cobalt"]), {"eta.nickel": 0.9}).by_metal("eta").size == 1


def test_a_world_refuses_unknown_parameters(tables: Tables) -> None:
    with pytest.raises(DataError, match="carri"):
        world_of(tables, ["gallium"], parameters={"carri": 0.1})


def test_an_override_reaches_the_world(tables: Tables) -> None:
    world = world_of(tables, ["gallium"], parameters={"eta.gallium": 0.77})
    assert world.rates.eta.tolist() == [0.77]


def test_every_metal_has_every_parameter_that_is_asked_by_metal(tables: Tables) -> None:
    world = world_of(tables, [], end="2024-01")
    for name in ("eta", "supply_elasticity", "treatment_charge", "backcast_growth"):
        assert (world.parameters.by_metal(name) > 0.0).all(), name


@pytest.mark.parametrize(("key", "value"), [("eta", 0.0), ("eta.cobalt", -1.0), ("order_months", 0.0), ("theta", 1e6)])
def test_values_without_meaning_are_refused(tables: Tables, key: str, value: float) -> None:
    with pytest.raises(DataError, match="range to explore"):
        table_parameters(tables, WorldSettings(metals=["cobalt"]), {key: value})

"""What every input model refuses, and what it takes as it is meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import Field, ValidationError

from lodeflow.environment.fields import Input
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import ExportBan, ExportLicence


class Sample(Input):
    share: float = 1.0
    count: int = 1
    flag: bool = False
    names: list[str] = Field(default_factory=list)
    steps: dict[str, list[float]] = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"share": True}, "valid number"),
        ({"share": "0.5"}, "valid number"),
        ({"share": float("nan")}, "finite"),
        ({"share": float("inf")}, "finite"),
        ({"share": 10**400}, "valid number"),
        ({"count": True}, "valid integer"),
        ({"count": "3"}, "valid integer"),
        ({"count": 3.5}, "valid integer"),
        ({"flag": 1}, "valid boolean"),
        ({"flag": "yes"}, "valid boolean"),
        ({"names": ["a", "b", "a"]}, "'a' stands there twice"),
        ({"names": "a"}, "valid list"),
        ({"steps": {"a": []}}, "'a' has no steps"),
        ({"other": 1}, "Extra inputs"),
    ],
)
def test_what_is_not_meant_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Sample(**wrong)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"count": 3.0}, 3),
        ({"count": np.int64(3)}, 3),
        ({"share": np.float64(0.5)}, 0.5),
        ({"share": 1}, 1.0),
        ({"names": ("a", "b")}, ["a", "b"]),
    ],
)
def test_what_is_meant_is_taken(given: dict[str, Any], value: Any) -> None:
    [name] = given
    found = getattr(Sample(**given), name)
    assert found == value
    assert type(found) is type(value)


def test_every_input_of_a_world_is_strict() -> None:
    for model, wrong in (
        (WorldSettings, {"noise": "1"}),
        (ExportBan, {"strength": True}),
        (WorldSettings, {"seed": 2**63}),
    ):
        right: dict[str, Any] = (
            {} if model is WorldSettings else {"actor": "COD", "metals": ["cobalt"], "start": "2025-01"}
        )
        model(**right)
        with pytest.raises(ValidationError):
            model(**right, **wrong)


def test_a_share_of_exports_is_no_percentage() -> None:
    with pytest.raises(ValidationError, match="no share"):
        ExportLicence.model_validate(
            {"actor": "CHN", "metals": ["gallium"], "start": "2025-01"}
            | {"realised": [{"start": "2025-01", "end": "2025-02", "value": 50.0}]}
        )

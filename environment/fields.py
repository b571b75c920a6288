"""What every input model refuses: wrong types, numbers that are none, names that stand twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

LARGEST_TONNES = 1e10
"""Most tonnes of metal that an input may name, a year or in all; assumption: five times the world's steel output."""
LARGEST_SEED = 2**63 - 1
"""Largest whole number that TOML and the result tables hold."""


class Input(BaseModel):
    """Base of everything a scenario file may hold: numbers are numbers and not text or true, and no name stands twice."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True)

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any, info: ValidationInfo) -> Any:
        """Turn numpy numbers, tuples and whole numbers with a decimal point (3.0) into what the field expects."""
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, tuple):
            return list(value)
        whole = cls.model_fields[info.field_name or ""].annotation in (int, int | None)
        return int(value) if whole and isinstance(value, float) and value.is_integer() else value

    @field_validator("*", mode="after")
    @classmethod
    def _named_once(cls, value: Any) -> Any:
        """Refuse a name that stands twice in a list, and a name in a table with nothing behind it."""
        names = value if isinstance(value, list) else []
        twice = [name for name, count in Counter(n for n in names if isinstance(n, str)).items() if count > 1]
        if twice:
            raise ValueError(f"{', '.join(map(repr, twice))} stands there twice; name it once")
        for name, items in value.items() if isinstance(value, Mapping) else ():
            if items == []:
                raise ValueError(f"{name!r} has no steps; give it one at least, or leave it out")
        return value

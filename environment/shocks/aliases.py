"""Familiar names of shocks, from data: a name is a kind with other values left out, and runs as that kind would."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Literal

import pydantic
from pydantic.fields import FieldInfo

import lodeflow.data
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.shock import REGISTRY, Shock

FILE = Path(lodeflow.data.__file__).parent / "shock_aliases.toml"
"""The shipped names."""


def name_all(file: Path = FILE) -> tuple[type[Shock], ...]:
    """Put the names of a file into the registry and return their classes, in the order of the file.

    Args:
        file: one table for each name: ``of`` (a registered kind), ``words``, ``source``, ``set`` (values of fields that are
            left out), and ``card`` (what its card says differently).

    Raises:
        KeyError: for a kind that is not registered; pydantic.ValidationError: for values that the kind refuses.
    """
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(named(name, **row) for name, row in rows.items())


def named(
    name: str, of: str, words: str, source: str, set: Mapping[str, Any], card: Mapping[str, Any] | None = None
) -> type[Shock]:
    """One name as a class of its own, which the registry knows.

    Args:
        name: as scenario files write it.
        of: kind that it is.
        words: what happens, one sentence.
        source: where the idea comes from.
        set: values of fields that are left out.
        card: what its card says differently, by the names of :class:`Card`.
    """
    base = REGISTRY[of]
    given: dict[str, Any] = {"kind": (Literal[name], name)}
    for field in set:
        value = pydantic.TypeAdapter(base.model_fields[field].rebuild_annotation()).validate_python(set[field])
        info = FieldInfo.merge_field_infos(base.model_fields[field], default=value)
        info.default_factory = None
        given[field] = (base.model_fields[field].annotation, info)
    make: Any = pydantic.create_model  # seen as a plain function: the type of what it makes is known only when it runs
    made: type[Shock] = make(
        "".join(part.title() for part in name.split("_")), __base__=base, __module__=__name__, __doc__=words, **given
    )
    made.alias_of = of
    made.card = _card(base.card, set, source, card or {})
    return made


def _card(card: Card | None, set: Mapping[str, Any], source: str, other: Mapping[str, Any]) -> Card | None:
    """The card of the kind with what the name says differently; its example needs no value that the name sets."""
    if card is None:
        return None
    example = {key: value for key, value in card.example.items() if key not in set}
    known = {field.name for field in fields(Card)}
    changed = {key: tuple(value) if isinstance(value, list) else value for key, value in other.items() if key in known}
    return replace(card, **({"example": example, "source": source} | changed))

"""Changes to a scenario from the command line: `--set world.seed=3`, `--set shocks.0.strength=0.5`."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterable
from typing import Any

from lodeflow.data.guard import MOST_KEY, MOST_PARTS, excess
from lodeflow.data.problems import Problem

SOURCE = "--set"
_MONTH = re.compile(r"^\d{4}-\d{2}$")


def apply_overrides(raw: dict[str, Any], assignments: Iterable[str], problems: list[Problem]) -> dict[str, Any]:
    """Return a copy of a scenario (as read from TOML) in which each `key=value` is set.

    Keys are dotted, list items are counted from 0 (`shocks.0.strength` or `shocks[0].strength`); values are written as
    in TOML, text and months need no quotes. What cannot be set is added to `problems`; whether the key means something
    is left to the checks of the whole scenario.
    """
    out = copy.deepcopy(raw)
    for assignment in [assignments] if isinstance(assignments, str) else assignments:
        key, equals, text = assignment.partition("=")
        wrong = _too_long(key)
        if wrong:
            problems.append(Problem(SOURCE, assignment, "", wrong, "Write keys such as world.start"))
            continue
        path = [part for part in re.split(r"[.\[\]]+", key.strip()) if part]
        if not equals or not path:
            right = 'Write it as key=value, for example "world.seed=3"'
            problems.append(Problem(SOURCE, assignment, "", "is not an assignment", right))
            continue
        try:
            value = parse_value(text.strip())
        except ValueError as error:
            right = 'Write lists as ["a", "b"] and tables as {a = 1}'
            problems.append(Problem(SOURCE, assignment, "", f"the value cannot be read ({error})", right))
            continue
        wrong = assign(out, path, value)
        if wrong:
            problems.append(Problem(SOURCE, assignment, "", wrong, "Look at the scenario with `lodeflow describe`"))
    return out


def _too_long(key: str) -> str | None:
    """What is wrong with the length of a key, or None."""
    return f"the key has {len(key):,} characters, at most {MOST_KEY} are read" if len(key) > MOST_KEY else None


def parse_value(text: str) -> Any:
    """Return a value written as in TOML; anything that is no TOML value is text ("2025-02", "NZE").

    Raises ValueError for a list, table or quoted text that is not closed, and for what is too long or too deep.
    """
    if _MONTH.match(text):
        return text
    too_much = excess(f"value = {text}")
    if too_much is not None:
        raise ValueError(too_much.wrong)
    try:
        found = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError) as error:
        if not text or text[0] in "[{\"'":
            raise ValueError(str(error)) from error
        return text
    if len(found) > 1:
        raise ValueError("it has more than one line")
    return found["value"]


def assign(target: Any, path: list[str], value: Any) -> str | None:
    """Set `value` at `path` inside nested tables and lists; return what is wrong with the path, or None."""
    if len(path) > MOST_PARTS:
        return f"the key has {len(path)} parts, at most {MOST_PARTS} are read"
    *way, last = path
    for depth, part in enumerate(way):
        if isinstance(target, list):
            if not _is_index(part, target):
                return _no_item(path[:depth], part, target)
            target = target[int(part)]
        elif isinstance(target, dict):
            target = target.setdefault(part, {})
        else:
            return f"{'.'.join(path[:depth])} is a single value, it has no {part!r}"
    if isinstance(target, list):
        if not _is_index(last, target):
            return _no_item(way, last, target)
        target[int(last)] = value
    elif isinstance(target, dict):
        target[last] = value
    else:
        return f"{'.'.join(way)} is a single value, it has no {last!r}"
    return None


def _is_index(part: str, items: list[Any]) -> bool:
    return part.isdecimal() and int(part) < len(items)


def _no_item(path: list[str], part: str, items: list[Any]) -> str:
    name = ".".join(path)
    return f"{name} has no item {part!r}; " + (f"items are 0 to {len(items) - 1}" if items else "it is empty")

"""Scenario files that are made of others: `include` puts them together, `set` changes what they say.

include = ["drc-cobalt-export-ban", "reserve.toml"]  # shipped names, or files beside this one
set = ["shocks.0.strength=0.5"]                      # as --set of the command line

Shocks add up, in the order of the files; the ranges of a batch follow their shocks. Where two of the files say different things of
the same key, the including file must say which holds: its own keys have the last word, and `set` the very last.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lodeflow.data.limits import shown
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.scenario.overrides import apply_overrides
from lodeflow.experiments.scenario.read import LIBRARY, read_toml, shipped

INCLUDE, CHANGES = "include", "set"
MOST_FILES = 50
"""Files that one scenario is made of at most: an assumption, ten times what a study of measures needs."""
_SHOCK = re.compile(r"^shocks([\[.])(\d{1,6})(?=\D|$)")
_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_JOINED = {"title": "; ", "description": "\n\n"}
"""Texts of several files, and what stands between them."""
_LISTS = ("regions",)
"""Lists of [monte_carlo] that add up."""


@dataclass
class Part:
    """A scenario file with all that it includes.

    raw: as one file would say it; origins: file and number of each shock there; givers: which file gave a value, by section
    and key.
    """

    raw: dict[str, Any] = field(default_factory=dict)
    origins: list[tuple[str, int]] = field(default_factory=list)
    givers: dict[tuple[str, str], str] = field(default_factory=dict)

    def placed(self, problems: Iterable[Problem], file: str) -> list[Problem]:
        """The same problems, those of a shock that another file brought with the place there."""
        return [self._placed(problem, file) for problem in problems]

    def _placed(self, problem: Problem, file: str) -> Problem:
        inside = problem.file == file and isinstance(problem.row, str)
        found = _SHOCK.match(str(problem.row)) if inside else None
        number = int(found[2]) if found else len(self.origins)
        if found is None or number >= len(self.origins) or self.origins[number][0] == file:
            return problem
        origin, there = self.origins[number]
        row = f"shocks[{there}]{str(problem.row)[found.end() + 1 :]} of {origin}"
        return Problem(problem.file, row, problem.column, problem.wrong, problem.right)


def compose(raw: Mapping[str, Any], file: str, folder: Path | None) -> Part:
    """Put a scenario file together with what it includes.

    raw: as read from TOML; file: its name in reports; folder: where it lies, None where no files may be read beside it (only
    shipped scenarios may then be included). Raises DataError with every conflict, circle and file that is missing.
    """
    problems: list[Problem] = []
    place = () if folder is None else ((folder / file).resolve(),)
    part = _Composer(problems).part(dict(raw), file, folder, place, (file,))
    if problems:
        raise DataError(problems)
    return part


@dataclass
class _Composer:
    """Reads files into parts; problems: the list to add to; files: how many were read."""

    problems: list[Problem]
    files: int = 0

    def part(
        self, raw: dict[str, Any], file: str, folder: Path | None, places: tuple[Path, ...], chain: tuple[str, ...]
    ) -> Part:
        """One file; places, chain: the files that lead to it, itself the last, as they lie and as they are called."""
        names, changes = self._texts(raw, INCLUDE, file), self._texts(raw, CHANGES, file)
        if (names or len(chain) > 1) and not self._sound(raw, file):
            return Part()
        own = {key: value for key, value in raw.items() if key not in (INCLUDE, CHANGES)}
        if not names:
            part = Part(own, [(file, number) for number in range(_count(own.get("shocks")))], _givers(own, file))
        else:
            parts = [(name, self._included(name, file, folder, places, chain)) for name in names]
            taken = _givers(own, file).keys() | {_key_of(change) for change in changes}
            part = self._merged(own, file, [(name, found) for name, found in parts if found is not None], taken)
        if changes:
            before = len(self.problems)
            part.raw = apply_overrides(part.raw, changes, self.problems)
            self.problems[before:] = [
                Problem(file, f"{CHANGES}, {one.row}", one.column, one.wrong, one.right)
                for one in self.problems[before:]
            ]
        return part

    def _texts(self, raw: Mapping[str, Any], key: str, file: str) -> list[str]:
        """A text or a list of texts."""
        value = raw.get(key, [])
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            self._add(file, key, "", "is no text and no list of texts", f'Write {key} = ["...", "..."]')
            return []
        for name in dict.fromkeys(found):
            if key == INCLUDE and found.count(name) > 1:
                self._add(file, key, "", f"{shown(name)} stands there twice", "Name it once")
        return list(dict.fromkeys(found)) if key == INCLUDE else found

    def _included(
        self, name: str, file: str, folder: Path | None, places: tuple[Path, ...], chain: tuple[str, ...]
    ) -> Part | None:
        """What a file brings; None, and a problem, if it cannot be read or leads back to itself."""
        path, called = _path_of(name, file, folder)
        if path is None:
            beside = "shipped scenario" if folder is None else "shipped scenario, and no file beside this one"
            known = [*shipped(), *(sorted(one.name for one in folder.glob("*.toml")) if folder else ())]
            self._add(file, INCLUDE, "", f"{shown(name)} is no {beside}", did_you_mean(name, known))
            return None
        place, way = path.resolve(), (*chain, called)
        if place in places:
            self._add(file, INCLUDE, "", f"runs in a circle: {' includes '.join(way)}", "Leave one of them out")
            return None
        self.files += 1
        if self.files > MOST_FILES:
            if self.files == MOST_FILES + 1:
                self._add(file, INCLUDE, "", f"there are more than {MOST_FILES} files", "Put some of them into one")
            return None
        try:
            raw = read_toml(path)
        except DataError as error:
            self.problems += error.problems
            return None
        return self.part(raw, called, path.parent, (*places, place), way)

    def _sound(self, raw: Mapping[str, Any], file: str) -> bool:
        """Whether every section is what it should be, so that it can be put together with others."""
        before = len(self.problems)
        for section in ("world", "parameters", "governments", "monte_carlo"):
            if not isinstance(raw.get(section, {}), Mapping):
                self._add(file, section, "", "is not a table", f"Write [{section}] and its settings below it")
        tables = {"shocks": raw.get("shocks", [])}
        if isinstance(raw.get("monte_carlo"), Mapping):
            tables["monte_carlo.vary"] = raw["monte_carlo"].get("vary", [])
        for key, value in tables.items():
            if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
                self._add(file, key, "", "is not a list of tables", f"Write [[{key}]] above each of them")
        return len(self.problems) == before

    # ---- putting together -------------------------------------------------------------------------------------------
    def _merged(
        self, own: dict[str, Any], file: str, parts: list[tuple[str, Part]], taken: Set[tuple[str, str]]
    ) -> Part:
        """The parts one after the other, then the file's own keys; taken: what the file says itself."""
        whole = Part()
        kept: dict[tuple[str, int], Any] = {}
        for name, part in parts:
            numbers = self._shocks(whole, part, kept, file)
            for (section, key), giver in part.givers.items():
                value = _value(part.raw, section, key)
                self._take(whole, (section, key), value, giver, file, taken)
            self._ranges(whole, part, numbers, name, file)
        texts = {key: [part.raw[key] for _, part in parts if part.raw.get(key)] for key in _JOINED}
        head = {key: _JOINED[key].join(dict.fromkeys(map(str, found))) for key, found in texts.items() if found}
        stem = _NAME.sub("-", Path(file).name.removesuffix(".toml")).strip("-.")
        whole.raw = {"name": stem} | head | whole.raw
        _put_own(whole, own, file)
        return whole

    def _shocks(self, whole: Part, part: Part, kept: dict[tuple[str, int], Any], file: str) -> list[int]:
        """Add the shocks of a part; those that came in before, from the same place, count once. Returns their new numbers."""
        shocks, numbers = whole.raw.setdefault("shocks", []), []
        for origin, shock in zip(part.origins, part.raw.get("shocks", []), strict=False):
            if origin in kept and kept[origin] != shock:
                wrong = f"shocks[{origin[1]}] of {origin[0]} comes in twice, in different words"
                self._add(file, INCLUDE, "", wrong, f"Include {origin[0]} once, or change both copies alike")
            if origin not in kept:
                kept[origin] = shock
                shocks.append(copy.deepcopy(shock))
                whole.origins.append(origin)
            numbers.append(whole.origins.index(origin))
        return numbers

    def _take(
        self,
        whole: Part,
        key: tuple[str, str],
        value: Any,
        giver: str,
        file: str,
        taken: Set[tuple[str, str]],
    ) -> None:
        """Take over a value, unless another file gave another one and the including file does not say which holds."""
        section, name = key
        before = whole.givers.get(key)
        if before is not None and section == "monte_carlo" and name in _LISTS:
            value = list(dict.fromkeys([*_value(whole.raw, section, name), *value]))
        elif before is not None and key not in taken and _value(whole.raw, section, name) != value:
            both = f"{before} has {shown(_value(whole.raw, section, name))}, {giver} has {shown(value)}"
            full = f"{section}.{name}" if section else name
            self._add(file, INCLUDE, full, both, f"Say in {file} which holds: {full} = ...")
        target = whole.raw.setdefault(section, {}) if section else whole.raw
        target[name] = copy.deepcopy(value)
        whole.givers[key] = giver

    def _ranges(self, whole: Part, part: Part, numbers: list[int], name: str, file: str) -> None:
        """Add what differs from run to run; ranges of a shock follow it to its new number."""
        given = part.raw.get("monte_carlo", {})
        for item in given.get("vary", []) if isinstance(given, Mapping) else []:
            moved = dict(item) | {"key": _renumbered(str(item.get("key", "")), numbers)}
            ranges = whole.raw.setdefault("monte_carlo", {}).setdefault("vary", [])
            same = [one for one in ranges if one.get("key") == moved["key"]]
            if same and same[0] != moved:
                wrong = f"{name} gives another range than a file before it"
                self._add(file, INCLUDE, f"monte_carlo.vary, {moved['key']}", wrong, "Keep the range in one of them")
            elif not same:
                ranges.append(moved)

    def _add(self, file: str, row: str, column: str, wrong: str, right: str) -> None:
        self.problems.append(Problem(file, row, column, wrong, right))


def _path_of(name: str, file: str, folder: Path | None) -> tuple[Path | None, str]:
    """Where an included file lies, None if there is none, and what reports call it: its way from the first file."""
    if name in shipped():
        return LIBRARY / f"{name}.toml", name
    if folder is None or not (folder / name).is_file():
        return None, name
    return folder / name, os.path.normpath(Path(file).parent / name).replace(os.sep, "/")


def _key_of(change: str) -> tuple[str, str]:
    """Section and key that a change sets: "world.end=2030-12" sets ("world", "end")."""
    section, _, key = change.partition("=")[0].strip().partition(".")
    return (section, key) if key else ("", section)


def _count(shocks: Any) -> int:
    return len(shocks) if isinstance(shocks, list) else 0


def _tables(raw: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The sections that are tables, parameters by their full names, ranges left out."""
    found: dict[str, Mapping[str, Any]] = {}
    for section in ("world", "parameters", "governments", "monte_carlo"):
        table = raw.get(section)
        if isinstance(table, Mapping):
            flat = _flat(table) if section == "parameters" else dict(table)
            flat.pop("vary", None)
            found[section] = flat
    return found


def _flat(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters by their full names: eta.cobalt and "eta.cobalt" are the same."""
    flat: dict[str, Any] = {}
    for name, value in parameters.items():
        own = {f"{name}.{scope}": one for scope, one in value.items()} if isinstance(value, Mapping) else {name: value}
        flat |= own
    return flat


def _givers(raw: Mapping[str, Any], file: str) -> dict[tuple[str, str], str]:
    """Every key that a file gives: those of tables, and others than shocks, name and texts at the top."""
    keys = [(section, key) for section, table in _tables(raw).items() for key in table]
    other = [("", key) for key in raw if key not in {"name", "shocks", *_JOINED, *_tables(raw)}]
    return dict.fromkeys([*keys, *other], file)


def _value(raw: Mapping[str, Any], section: str, key: str) -> Any:
    return _tables(raw)[section][key] if section else raw[key]


def _put_own(whole: Part, own: Mapping[str, Any], file: str) -> None:
    """Put the file's own keys over those that it includes, its shocks and ranges after theirs."""
    tables = _tables(own)
    for key, value in own.items():
        if key == "shocks" and isinstance(value, list) and isinstance(whole.raw.get("shocks", []), list):
            whole.raw["shocks"] = [*whole.raw.get("shocks", []), *value]
            whole.origins += [(file, number) for number in range(len(value))]
        elif key in tables:
            whole.raw[key] = dict(whole.raw.get(key, {})) | dict(tables[key])
            if "vary" in value:
                changed = {str(item.get("key")) for item in value["vary"] if isinstance(item, Mapping)}
                before = [item for item in whole.raw[key].get("vary", []) if item.get("key") not in changed]
                whole.raw[key]["vary"] = [*before, *value["vary"]]
        else:
            whole.raw[key] = value
    whole.givers |= _givers(own, file)


def _renumbered(key: str, numbers: list[int]) -> str:
    """A key of a shock with the number that the shock has in the whole."""
    found = _SHOCK.match(key)
    if found is None or int(found[2]) >= len(numbers):
        return key
    return f"shocks.{numbers[int(found[2])]}{key[found.end() :]}"

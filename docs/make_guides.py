"""Writes what is generated in the guides for newcomers: `python -m docs.make_guides`.

map.md: the folders, from their docstrings; questions.md: answers from the functions that questions.toml names, and from where
they are called; glossary.md: terms of glossary.toml with unit and meaning from the program. A test checks that all are current.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from docs.blocks import rewritten
from docs.make_tables import markdown
from lodeflow import data
from lodeflow.agents import vocabulary
from lodeflow.data import catalogue
from lodeflow.environment.month.order import MONTH

HERE = Path(__file__).parent
ROOT = HERE.parent
ROOMS = ("data", "agents", "environment", "experiments", "viz", "lodeflow")
BESIDE = {
    "docs": "Documentation, and the scripts that make its tables and pictures from the program itself.",
    "tests": "One folder a room, and `house` (order of the house), `frozen` (runs kept to the digit), `planted` (faults that tests "
    "must catch).",
    "benchmarks": "The speed table of the README: `python -m benchmarks`.",
}
"""Folders that are no part of what is installed."""


# ---- map ------------------------------------------------------------------------------------------------------------
def folders() -> str:
    """Return the rooms with their folders, in the order in which they may import one another."""
    rows = []
    for room in ROOMS:
        for path in [
            ROOT / room,
            *sorted(p.parent for p in (ROOT / room).rglob("__init__.py") if p.parent != ROOT / room),
        ]:
            name = path.relative_to(ROOT).as_posix()
            rows.append((f"[`{name}/`](../{name})", _first_line((path / "__init__.py").read_text(encoding="utf-8"))))
    rows += [(f"[`{name}/`](../{name})", words) for name, words in BESIDE.items()]
    return markdown(("folder", "what is in it"), rows)


def deciders() -> str:
    """Return the files of `agents/` with what each is about."""
    files = [path for path in sorted((ROOT / "agents").glob("*.py")) if path.name != "__init__.py"]
    rows = [(f"[`{p.name}`](../agents/{p.name})", _first_line(p.read_text(encoding="utf-8"))) for p in files]
    return markdown(("file in `agents/`", "what is in it"), rows)


def phases() -> str:
    """Return the phases of a month with their files."""
    rows = []
    for number, (words, act) in enumerate(MONTH, 1):
        path = _path(act)
        rows.append((str(number), words, f"[`{path.name}`](../{path.relative_to(ROOT)})"))
    return markdown(("", "phase", "file in `environment/month/`"), rows)


def _first_line(text: str) -> str:
    """The first line of the docstring of a module."""
    return (ast.get_docstring(ast.parse(text)) or "").split("\n", 1)[0]


# ---- questions ------------------------------------------------------------------------------------------------------
def answers() -> str:
    """Return every question with its functions: what each does, and which phase of the month calls it with which parameters."""
    asked = tomllib.loads((HERE / "questions.toml").read_text(encoding="utf-8"))["questions"]
    parts = []
    for question in asked:
        parts.append(f"## {question['asks']}")
        parts += [_answer(name) for name in question["functions"]]
    return "\n\n".join(parts)


def _answer(name: str) -> str:
    """What one function decides, from its docstring, and where it is called."""
    module, _, function = name.rpartition(".")
    act = getattr(importlib.import_module(f"lodeflow.{module}"), function)
    path = _path(act).relative_to(ROOT)
    said = inspect.cleandoc(inspect.unwrap(act).__doc__ or "")
    words = re.sub(r":\w+:`~?\.?([\w.]+)`", r"`\1`", said.split("\nArgs:")[0].replace("``", "`"))
    home = path.as_posix()
    lines = [f"**`{module.rpartition('.')[2]}.{function}`** in [{home}](../{home}). {' '.join(words.split())}"]
    called = [f"- {where}" for where in _calls(module, function)]
    return "\n".join([*lines, "", *called]) if called else lines[0]


def _path(act: Callable[..., Any]) -> Path:
    """File in which a function stands."""
    return Path(inspect.getsourcefile(inspect.unwrap(act)) or "").resolve()


@cache
def _texts() -> dict[Path, ast.Module]:
    """The files of `environment/`, read."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "environment").rglob("*.py"))}


def _calls(module: str, function: str) -> Iterator[str]:
    """Where the world calls a function, with the phase it belongs to and the parameters it is given."""
    home, short = f"lodeflow.{module}", module.rpartition(".")[2]
    for path, tree in _texts().items():
        known = _names_of(tree, home, short, function)
        for caller in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            calls = [
                node for node in ast.walk(caller) if isinstance(node, ast.Call) and ast.unparse(node.func) in known
            ]
            if calls:
                place = path.relative_to(ROOT).as_posix()
                phases = _phases(path) or _phases_that_call(caller.name, path)
                yield f"Called by `{caller.name}` in [{place}](../{place}){phases}{_given(calls)}."


def _names_of(tree: ast.Module, home: str, short: str, function: str) -> set[str]:
    """How a module may call a function: `refiner.feed_bid`, or `feed_bid` where it imports that name."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if f"{node.module}.{alias.name}" == home:
                    names.add(f"{alias.asname or short}.{function}")
                elif node.module == home and alias.name == function:
                    names.add(alias.asname or function)
    return names | _compiled(tree, names)


def _compiled(tree: ast.Module, names: set[str]) -> set[str]:
    """What a module calls the compiled ones among some functions: `_build` where it says `_build = rule(firm.build)`."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and "rule(" in ast.unparse(node.value):
            targets = [part.id for part in ast.walk(node.targets[0]) if isinstance(part, ast.Name)]
            rules = [ast.unparse(part) for part in ast.walk(node.value) if isinstance(part, ast.Attribute)]
            found |= {target for target, called in zip(targets, rules, strict=True) if called in names}
    return found


def _phases(path: Path) -> str:
    """The phases whose file this is, in words: ", phase 8 of the month (feed and scrap bids)"."""
    own = [(number, words) for number, (words, act) in enumerate(MONTH, 1) if _path(act) == path]
    return "".join(f", phase {number} of the month ({words})" for number, words in own)


def _phases_that_call(function: str, path: Path) -> str:
    """The phases that use a function of the market, in words: ", in phases 10 and 13 of the month"."""
    home = f"lodeflow.{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}"
    users = []
    for number, (_, act) in enumerate(MONTH, 1):
        known = _names_of(_texts()[_path(act)], home, path.stem, function)
        calls = (node for node in ast.walk(_texts()[_path(act)]) if isinstance(node, ast.Call))
        if any(ast.unparse(call.func) in known for call in calls):
            users.append(str(number))
    return f", for phase{'s' * (len(users) > 1)} {' and '.join(users)} of the month" if users else ""


def _given(calls: list[ast.Call]) -> str:
    """Parameters that calls are given, with their values: "; parameters `news_speed` = 0.779"."""
    names = dict.fromkeys(
        ast.literal_eval(node.slice)
        for call in calls
        for node in ast.walk(call)
        if isinstance(node, ast.Subscript)
        and ast.unparse(node.value).endswith("parameters")
        and isinstance(node.slice, ast.Constant)
    )
    return f"; parameters {', '.join(f'`{name}` ({_value(name)})' for name in names)}" if names else ""


def _value(name: str) -> str:
    """Value and unit of a parameter; a range where it differs by metal."""
    rows = data.shared().parameters
    rows = rows[rows["parameter"] == name]
    low, high, unit = rows["value"].min(), rows["value"].max(), rows["unit"].iloc[0]
    number = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return number if unit == "1" else f"{number} {unit}"


# ---- glossary -------------------------------------------------------------------------------------------------------
def glossary() -> str:
    """Return the terms of the field in the order of the alphabet, with what the program calls them."""
    terms = tomllib.loads((HERE / "glossary.toml").read_text(encoding="utf-8"))["terms"]
    rows = []
    for entry in sorted(terms, key=lambda entry: entry["term"].lower()):
        unit, meaning = resolved(entry["name"])
        symbol = f"${entry['symbol']}$" if entry["symbol"] else ""
        rows.append((entry["term"], symbol, _shown(entry["name"]), unit, meaning))
    return markdown(("term", "symbol", "in the program", "unit", "what it is here"), rows)


def resolved(name: str) -> tuple[str, str]:
    """Return unit and meaning of an attribute, a parameter or a recorded variable. Raises KeyError if there is none."""
    what, _, rest = name.partition(" ")
    if what == "parameter":
        rows = data.shared().parameters
        rows = rows[rows["parameter"] == rest]
        if rows.empty:
            raise KeyError(name)
        return str(rows["unit"].iloc[0]), str(rows["reason"].iloc[0])
    if what == "series":
        return _series(*rest.split())
    kind, _, attribute = name.rpartition(".")
    found = {known.name: known for known in vocabulary(kind)[kind]}[attribute]
    return found.unit, found.meaning


def _series(variable: str, form: str) -> tuple[str, str]:
    """Unit and meaning of a recorded variable, from the catalogue."""
    found = {(one.variable, one.form): one for one in catalogue.read()}[variable, form]
    return found.measured_in.replace(" per ", "/"), found.meaning


def _shown(name: str) -> str:
    """A name as it is written in a table: `price` (refined) of the series, `stock` of a miner, parameter `eta`."""
    what, _, rest = name.partition(" ")
    if what == "parameter":
        return f"parameter `{rest}`"
    if what == "series":
        variable, form = rest.split()
        return f"series `{variable}`, {form}"
    kind, _, attribute = name.rpartition(".")
    return f"{kind} `{attribute}`"


PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "map.md": {"folders": folders, "deciders": deciders, "phases": phases},
    "questions.md": {"answers": answers},
    "glossary.md": {"glossary": glossary},
}
"""Generated blocks of every guide."""


def main() -> None:
    """Rewrite the guides."""
    for name, blocks in PAGES.items():
        page = HERE / name
        page.write_text(rewritten(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")
        print(f"docs/{name} rewritten")


if __name__ == "__main__":
    main()

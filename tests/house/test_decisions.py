"""Decisions stand with the agents: outside of `agents/` nothing computes with a parameter or a bound of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.modules import ROOT

OUTSIDE = ("environment/month", "environment/market", "environment/shocks")
PLAIN = (0, 1, 2, 12)
"""Numbers that bound nothing: none, all, twice, months of a year."""
NO_RULE = {
    "agents/guards.py": "where bounds have names",
    "environment/market/graph.py": "how trade is laid out at the start",
}
NUMBERS = {
    ("environment/market/in_use.py", 0.3): "bracket of a root",
    ("environment/market/in_use.py", 60.0): "bracket of a root",
    ("environment/market/in_use.py", 4): "columns of a start",
    ("environment/shocks/shock.py", 10): "a month after all others",
    ("environment/shocks/shock.py", 9): "a month after all others",
}
"""Numbers that are no bound of a rule, and what they are."""


def functions(folders: tuple[str, ...], root: Path = ROOT) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function below some folders, with the path of its file."""
    for path in (path for folder in folders for path in sorted((root / folder).rglob("*.py"))):
        name = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if name not in NO_RULE:
            yield from ((name, node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def computed(function: ast.FunctionDef) -> list[str]:
    """Sums, products, powers and comparisons of a function in which a parameter stands, itself or by a name given to it."""
    named = {target for node in ast.walk(function) if isinstance(node, ast.Assign) for target in _names(node)}
    found = []
    for node in ast.walk(function):
        if isinstance(node, (ast.BinOp, ast.Compare, ast.UnaryOp, ast.AugAssign)):
            parts = list(ast.iter_child_nodes(node))
            if any(_is_parameter(part) or (isinstance(part, ast.Name) and part.id in named) for part in parts):
                found.append(ast.unparse(node))
    return found


def _names(node: ast.Assign) -> Iterator[str]:
    """Names that an assignment gives to parameters."""
    for target in node.targets:
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=True))
        for one, value in pairs:
            values = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
            if isinstance(one, ast.Name) and any(map(_is_parameter, values)):
                yield one.id


def _is_parameter(node: ast.AST) -> bool:
    """``parameters["x"]`` or ``world.parameters["x"]``."""
    held = node.value if isinstance(node, ast.Subscript) else None
    return isinstance(held, ast.Name | ast.Attribute) and getattr(held, "id", getattr(held, "attr", "")) == "parameters"


def bounds(function: ast.FunctionDef) -> Iterator[float]:
    """Numbers written into a function, without its docstring and defaults."""
    for node in (node for statement in function.body for node in ast.walk(statement)):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value not in PLAIN:
            yield node.value


def test_nothing_outside_of_agents_computes_with_a_parameter() -> None:
    found = {f"{file} {function.name}: {line}" for file, function in functions(OUTSIDE) for line in computed(function)}
    assert found == set()


def test_no_rule_has_a_number_without_a_name() -> None:
    found = {(file, number) for file, function in functions(("agents", *OUTSIDE)) for number in bounds(function)}
    assert found == set(NUMBERS)


@pytest.mark.parametrize(
    "line",
    [
        "x = y * parameters['a']",
        "x = y ** -world.parameters['a']",
        "a, b = parameters['a'], 1\n    x = y + a",
        "a = 0.0 if y else parameters['a']\n    x = y > a",
        "x = max(y / parameters['a'], 0)",
    ],
)
def test_a_parameter_in_a_formula_is_seen(line: str) -> None:
    function = ast.parse(f"def f(world, parameters, y):\n    {line}\n").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert computed(function)
    assert not computed(ast.parse("def f(parameters):\n    a = parameters['a']\n    return rule(a, x + 1)\n").body[0])  # type: ignore[arg-type]


def test_a_number_in_a_rule_is_seen() -> None:
    function = ast.parse('def f(x):\n    """Up to 7."""\n    return min(max(x, 0.1), 6.0) * 12 + 1\n').body[0]
    assert isinstance(function, ast.FunctionDef)
    assert sorted(bounds(function)) == [0.1, 6.0]

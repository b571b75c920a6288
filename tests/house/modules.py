"""The modules of the program, read as text: what each imports, and how long its functions are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import networkx as nx

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("data", "agents", "environment", "experiments", "viz", "lodeflow")
"""Rooms in the one direction of imports: each may import those before it."""


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Files of the program by the name under which they are imported."""
    found = {}
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            parts = parts if room == "lodeflow" else ("lodeflow", *parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(text: str, names: Mapping[str, Path]) -> Iterator[str]:
    """Modules of the program that a module imports anywhere: at its top, inside functions, or for type checkers only."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            wanted = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in wanted:
            place = name if name in names else name.rpartition(".")[0]
            if place in names:
                yield place


def graph(root: Path = ROOT) -> nx.DiGraph:
    """Who imports whom."""
    names = modules(root)
    links = nx.DiGraph()
    links.add_nodes_from(names)
    for name, path in names.items():
        links.add_edges_from((name, other) for other in imports(path.read_text(encoding="utf-8"), names))
    return links


def circles(links: nx.DiGraph) -> list[str]:
    """One line for every group of modules that import one another."""
    groups = [group for group in nx.strongly_connected_components(links) if len(group) > 1]
    alone = [{name} for name in nx.nodes_with_selfloops(links)]
    return sorted(" <-> ".join(sorted(group)) for group in [*groups, *alone])


def room(name: str) -> str:
    """Room of a module."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "lodeflow"


def backwards(links: nx.DiGraph) -> list[str]:
    """One line for every import against the direction of the rooms."""
    return sorted(f"{a} imports {b}" for a, b in links.edges if ROOMS.index(room(b)) > ROOMS.index(room(a)))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and lines of every function and method of a file, without its docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            words = node.body[0] if ast.get_docstring(node) is not None else None
            told = 0 if words is None else (words.end_lineno or 0) - words.lineno + 1
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - told

"""Starts that are kept on disk between two commands: drawing one up and rehearsing it takes a quarter of a short run.

A kept start is named by a hash of all that it was made from: tables, code, packages, settings, parameters, and the countries that
are not pooled. It is Arrow and JSON (:mod:`lodeflow.environment.start.packed`); one that is damaged is made again. What was found
in the tables on the way is kept beside it for other worlds: it depends on tables, code and packages alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lodeflow.agents
import lodeflow.data
import lodeflow.environment
from lodeflow.data import Tables, fingerprint, kept
from lodeflow.data.cache import streamed
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.expectation import Expectation
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.draw_up import ways_of
from lodeflow.environment.start.packed import packed, unpacked

MOST = 8
"""Starts that are kept; the oldest go first. One of nine metals and seven years takes 10 MB."""
PACKAGES = ("numpy", "pandas", "scipy", "numba")
"""Packages on whose versions the last bits of a start may depend."""
MOST_FINDINGS, LARGEST = 4, 2000
"""Sets of tables of which findings are kept, and most findings of one: what ten worlds of other metals or years ask, some 10 MB."""
OWN = {"settings", "parameters", "ways"}
"""Parts of a blueprint that are not kept: they are at hand, or read tables when they are asked."""


def name_of(tables: Tables, settings: WorldSettings, places: frozenset[str], parameters: Parameters) -> str | None:
    """Name of the file of what is made from these; None where code cannot be read."""
    own = settings.model_dump_json(), json.dumps(sorted(places)), json.dumps(parameters.everything())
    return _named("start", tables, *own)


def recall(
    name: str | None, tables: Tables, settings: WorldSettings, parameters: Parameters
) -> tuple[Blueprint, Expectation, set[str]] | None:
    """The start of that name, its expected path, and which parameters it asked for; None where there is none, or it is damaged."""
    content = None if name is None else kept.recall(name)
    if content is None:
        return None
    try:
        parts, expectation, asked = unpacked(content)
        ways = ways_of(tables, parts["layout"], parameters)
        return Blueprint(settings=settings, parameters=parameters, ways=ways, **parts), expectation, asked
    except Exception:  # whatever is wrong with a kept file: it can be drawn up again
        return None


def keep(name: str | None, blueprint: Blueprint, expectation: Expectation, asked: set[str]) -> None:
    """Keep a start under a name, if there is a place for it."""
    if name is None:
        return
    parts = {part.name: getattr(blueprint, part.name) for part in fields(blueprint) if part.name not in OWN}
    kept.keep(name, packed((parts, expectation, asked)), MOST)


@contextmanager
def findings(tables: Tables) -> Iterator[None]:
    """Let what is found in the tables meanwhile be read where an earlier start kept it, and keep what had to be found."""
    name = _named("findings", tables)
    known = _known(name)
    with tables.knowing({what: partial(unpacked, content) for what, content in known.items()}) as new:
        yield
    found = _all_packed(new)
    if name is not None and found:
        import pyarrow as pa

        found |= known if len(found) + len(known) <= LARGEST else {}
        columns = {"name": [*found], "value": pa.array(map(bytes, found.values()), pa.large_binary())}
        kept.keep(name, streamed(pa.table(columns)), MOST_FINDINGS)


def _known(name: str | None) -> dict[str, Any]:
    """Findings that are kept under a name, each as its bytes; none where they are damaged."""
    import pyarrow as pa

    content = None if name is None else kept.recall(name)
    if content is None:
        return {}
    try:
        table = pa.ipc.open_stream(pa.py_buffer(content)).read_all()
        contents = (cell.as_buffer() for cell in table.column("value"))
        return dict(zip(table.column("name").to_pylist(), contents, strict=True))
    except Exception:  # whatever is wrong with a kept file: the tables are there
        return {}


def _all_packed(values: dict[str, Any]) -> dict[str, bytes]:
    """Those values that can be packed, as bytes; tables of pandas among them are found anew each time."""
    whole = {}
    for name, value in values.items():
        with suppress(TypeError):
            whole[name] = packed(value)
    return whole


def _named(kind: str, tables: Tables, *more: str) -> str | None:
    """Name of the file of what is made from tables, code, packages and more; None where code cannot be read."""
    try:
        parts = [_made_by(), fingerprint(tables), *more]
    except OSError:
        return None
    return f"{kind}-{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()}.arrow"


@lru_cache
def _made_by() -> str:
    """What code and which packages make a start. Raises OSError where code cannot be read."""
    import llvmlite.binding as llvm

    rooms: tuple[Any, ...] = (lodeflow.agents, lodeflow.data, lodeflow.environment)
    folders = [Path(room.__file__).parent for room in rooms]
    files = sorted((folder.name, path) for folder in folders for path in folder.rglob("*.py"))
    code = kept.key_of((f"{folder} {path.name}", path) for folder, path in files)
    return " ".join([code, llvm.get_host_cpu_name(), *map(version, PACKAGES)])

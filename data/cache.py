"""Tables that were read and checked once are kept on disk, so that the next start reads them and checks nothing again.

A kept file is named by a hash of everything that it was made from: the files of the tables, and the code of this room. It is
Arrow and JSON, with its own hash in front; what is damaged, or made from something else, is read again from the tables. A file
appears whole or not at all, so two processes at once and one that is killed do no harm; where nothing can be written, nothing
is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.own import Places
from lodeflow.data.schema import Column, Sum, TableSchema, file_problem
from lodeflow.data.store import Tables, contents_hash

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "LODEFLOW_CACHE_DIR"
"""Environment variable that names the folder to keep tables in; left out: the user's own folder for such files."""
KEPT = 16
"""Most files that are kept; the oldest go first."""
STALE = 3600.0
"""Age after which a file that was never finished is removed, seconds."""
HASHED = 32
"""Length of the hash in front of a file, bytes."""


def folder() -> Path:
    """Where tables are kept."""
    if os.environ.get(FOLDER):
        return Path(os.environ[FOLDER])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "lodeflow" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lodeflow"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lodeflow"


def key_of(places: Places) -> str | None:
    """Name of what these files and this code give; None where one of them cannot be read."""
    digest = hashlib.sha256(f"{sys.version}\n".encode())
    code = sorted(Path(__file__).parent.glob("*.py"))
    parts = [(path.name, path) for path in code]
    parts += [(f"{name}{path.suffix}", path) for name, both in places.items() for path in both]
    try:
        for name, path in parts:
            if file_problem(path) is not None:
                return None
            content = path.read_bytes()
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
    except OSError:
        return None
    return digest.hexdigest() if code else None


def recall(key: str | None) -> Tables | None:
    """The tables kept under a name; None where there are none, or they are damaged."""
    if key is None:
        return None
    try:
        path = _path(key)
        content = memoryview(path.read_bytes())
        if hashlib.sha256(content[HASHED:]).digest() != content[:HASHED]:
            return None
        return _unpacked(content[HASHED:])
    except Exception:  # whatever is wrong with a kept file: the tables themselves are there
        return None


def keep(key: str | None, tables: Tables) -> None:
    """Keep tables under a name, if they come back as they are and there is a place for them."""
    if key is None:
        return
    try:
        content = _packed(tables)
        if not _same(_unpacked(content), tables):
            return
        path = _path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}.tmp")
        try:
            temporary.write_bytes(hashlib.sha256(content).digest() + content)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _tidy(path.parent)
    except Exception:  # nothing depends on it
        return


def _path(key: str) -> Path:
    return folder() / f"tables-{key}.arrow"


def _tidy(place: Path) -> None:
    """Remove the oldest files beyond those that are kept, and those that a killed process left behind."""
    ages: list[tuple[float, Path]] = []
    for path in place.glob("tables-*"):
        with contextlib.suppress(OSError):  # another process was first
            ages.append((path.stat().st_mtime, path))
    ages.sort(reverse=True)
    whole = [path for _, path in ages if path.suffix == ".arrow"]
    left = [path for age, path in ages if path.suffix == ".tmp" and time.time() - age > STALE]
    for path in [*whole[KEPT:], *left]:
        with contextlib.suppress(OSError):
            path.unlink()


# ---- how they are written -------------------------------------------------------------------------------------------
def _packed(tables: Tables) -> bytes:
    """Tables as bytes: one row per table, its sidecar as JSON, its rows as Arrow."""
    import pyarrow as pa

    names = list(tables)
    columns = {
        "name": names,
        "schema": [json.dumps(asdict(tables.schema(name))) for name in names],
        "rows": [_stream(pa.Table.from_pandas(tables[name])) for name in names],
    }
    about = {"notes": json.dumps(tables.notes), "fingerprint": tables.remember(contents_hash), "packages": _packages()}
    return _stream(pa.table(columns).replace_schema_metadata(about))


def _stream(table: Any) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _unpacked(content: bytes | memoryview) -> Tables:
    """Tables from bytes; their texts and numbers lie in these bytes and are not copied."""
    import pyarrow as pa

    whole = pa.ipc.open_stream(pa.py_buffer(content)).read_all()
    about = whole.schema.metadata
    if about[b"packages"].decode() != _packages():
        raise ValueError("other packages would read other types")
    frames: dict[str, pd.DataFrame] = {}
    schemas: dict[str, TableSchema] = {}
    for name, schema, rows in zip(*(whole.column(part) for part in ("name", "schema", "rows")), strict=True):
        frames[name.as_py()] = pa.ipc.open_stream(rows.as_buffer()).read_all().to_pandas()
        schemas[name.as_py()] = _schema(json.loads(schema.as_py()))
    tables = Tables(frames, schemas, tuple(json.loads(about[b"notes"])))
    return tables.remembering(contents_hash, about[b"fingerprint"].decode())


def _packages() -> str:
    """Versions of the packages that decide how a table looks in memory."""
    import pandas as pd
    import pyarrow as pa

    return f"pandas {pd.__version__}, pyarrow {pa.__version__}"


def _schema(told: dict[str, Any]) -> TableSchema:
    """A sidecar from its JSON, in which tuples are lists."""
    columns = {
        name: Column(**column | {"allowed": tuple(column["allowed"])}) for name, column in told["columns"].items()
    }
    sums = tuple(Sum(**rule | {"by": tuple(rule["by"])}) for rule in told["sums"])
    return TableSchema(**told | {"key": tuple(told["key"]), "columns": columns, "sums": sums})


def _same(one: Tables, other: Tables) -> bool:
    """Whether two sets of tables are alike in every cell, type and sidecar."""
    if list(one) != list(other) or one.notes != other.notes:
        return False
    return all(
        one[name].equals(other[name])
        and (one[name].dtypes == other[name].dtypes).all()
        and one.schema(name) == other.schema(name)
        for name in one
    )

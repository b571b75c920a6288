"""Tables that were read and checked once are kept on disk, so that the next start reads them and checks nothing again.

A kept file (`kept.py`) is named by a hash of everything that it was made from: the files of the tables, and the code of this
room. It is Arrow and JSON; what is damaged, or made from something else, is read again from the tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data import kept
from lodeflow.data.own import Places
from lodeflow.data.schema import Column, Sum, TableSchema, file_problem
from lodeflow.data.store import Tables, contents_hash

if TYPE_CHECKING:
    import pandas as pd

KEPT = 16
"""Most sets of tables that are kept; the oldest go first."""


def key_of(places: Places) -> str | None:
    """Name of what these files and this code give; None where one of them cannot be read."""
    code = sorted(path for ending in ("py", "csv") for path in Path(__file__).parent.glob(f"*.{ending}"))
    parts = [(path.name, path) for path in code]
    parts += [(f"{name}{path.suffix}", path) for name, both in places.items() for path in both]
    try:
        if not code or any(file_problem(path) is not None for _, path in parts):
            return None
        return kept.key_of(parts)
    except OSError:
        return None


def recall(key: str | None) -> Tables | None:
    """The tables kept under a name; None where there are none, or they are damaged."""
    content = None if key is None else kept.recall(_name(key))
    try:
        return None if content is None else _unpacked(content)
    except Exception:  # whatever is wrong with a kept file: the tables themselves are there
        return None


def keep(key: str | None, tables: Tables) -> None:
    """Keep tables under a name, if they come back as they are and there is a place for them."""
    if key is None:
        return
    try:
        content = _packed(tables)
        if _same(_unpacked(content), tables):
            kept.keep(_name(key), content, KEPT)
    except Exception:  # nothing depends on it
        return


def _name(key: str) -> str:
    return f"tables-{key}.arrow"


# ---- how they are written -------------------------------------------------------------------------------------------
def _packed(tables: Tables) -> bytes:
    """Tables as bytes: one row per table, its sidecar as JSON, its rows as Arrow."""
    import pyarrow as pa

    names = list(tables)
    columns = {
        "name": names,
        "schema": [json.dumps(asdict(tables.schema(name))) for name in names],
        "rows": [streamed(pa.Table.from_pandas(tables[name])) for name in names],
    }
    about = {"notes": json.dumps(tables.notes), "fingerprint": tables.remember(contents_hash), "packages": _packages()}
    return streamed(pa.table(columns).replace_schema_metadata(about))


def streamed(table: Any) -> bytes:
    """An Arrow table as bytes."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _unpacked(content: bytes | memoryview) -> Tables:
    """Tables from bytes, each made at its first use: most commands ask for a few of them."""
    import pyarrow as pa

    whole = pa.ipc.open_stream(pa.py_buffer(content)).read_all()
    about = whole.schema.metadata
    if about[b"packages"].decode() != _packages():
        raise ValueError("other packages would read other types")
    frames: dict[str, Callable[[], pd.DataFrame]] = {}
    schemas: dict[str, TableSchema] = {}
    for name, schema, rows in zip(*(whole.column(part) for part in ("name", "schema", "rows")), strict=True):
        frames[name.as_py()] = partial(_rows, rows.as_buffer())
        schemas[name.as_py()] = _schema(json.loads(schema.as_py()))
    tables = Tables(frames, schemas, tuple(json.loads(about[b"notes"])))
    return tables.remembering(contents_hash, about[b"fingerprint"].decode())


def _rows(content: Any) -> pd.DataFrame:
    """A table from its bytes, in which its texts and numbers stay where they need not be copied.

    What is copied lies in the memory of the system, and one thread does it: the pool of Arrow would keep 16 MB to itself.
    """
    import pyarrow as pa

    frame: pd.DataFrame = (
        pa.ipc.open_stream(content).read_all().to_pandas(memory_pool=pa.system_memory_pool(), use_threads=False)
    )
    return frame


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

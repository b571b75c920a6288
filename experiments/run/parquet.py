"""Tables of results as Parquet files: equal tables give equal bytes, several are written at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

DATE = "date"
"""Column by which readers may leave out parts of a file: tables are sorted by it."""
ENDS = ("exporter", "importer")
AT_ONCE = 2
"""Most tables that are written at a time: the longest of a run is half of all."""
ROWS_AT_ONCE = 2**17
"""Rows that are encoded at a time: of a whole table of trade the encoded columns would take 60 MB beside it."""


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a table so that equal tables give equal bytes: fixed compression, no time, no row numbers; categories as text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    numbers = {field.name for field in table.schema if pa.types.is_floating(field.type)}
    options: dict[str, Any] = {
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": [name for name in table.column_names if name not in numbers],  # numbers hardly ever repeat
        "use_byte_stream_split": [name for name in table.column_names if name in numbers],  # their first bytes do
        "write_statistics": [
            name for name in table.column_names if name == DATE
        ],  # those of others take a third of the time
        "version": "2.6",
    }
    pq.write_table(table, path, ROWS_AT_ONCE, store_schema=False, **options)
    del table
    pa.default_memory_pool().release_unused()  # else Arrow holds on to as much as all tables take


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of a run folder: text as categories in the order of the alphabet, one set for both ends of a trade."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    frame = pq.read_table(path, read_dictionary=texts).to_pandas()
    names = {name: set(frame[name].cat.categories) for name in texts}
    if set(ENDS) <= set(names):
        names |= dict.fromkeys(ENDS, names[ENDS[0]] | names[ENDS[1]])
    return frame.assign(**{name: frame[name].cat.set_categories(sorted(names[name])) for name in texts})


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Writer:
    """Writes tables beside what else is done, the longest first where several wait, until they are wanted.

    Args:
        place: an empty folder, on the disk on which they will stay.
        pool: threads that write.
    """

    def __init__(self, place: Path, pool: ThreadPoolExecutor) -> None:
        self.place, self.pool = place, pool
        self.begun: dict[str, Future[None]] = {}

    def take(self, tables: Mapping[str, pd.DataFrame]) -> None:
        """Begin to write tables, but those that were begun before."""
        for name in sorted(tables, key=lambda name: -len(tables[name])):
            if name not in self.begun:
                self.begun[name] = self.pool.submit(write_parquet, tables[name], self.place / f"{name}.parquet")

    def put(self, folder: Path) -> None:
        """Wait for all and put them into a folder as NAME.parquet. Raises OSError if one cannot be written."""
        for name, written in self.begun.items():
            written.result()
            os.replace(self.place / f"{name}.parquet", folder / f"{name}.parquet")


@contextmanager
def writing_near(folder: Path) -> Iterator[Writer]:
    """Yield what writes tables that will stay in a folder, which need not be there yet; nothing is left beside it."""
    near = folder.absolute().parent
    while not near.exists() and near != near.parent:
        near = near.parent
    with (
        TemporaryDirectory(prefix=f".{folder.name}.tmp-", dir=near) as place,
        ThreadPoolExecutor(min(AT_ONCE, processors())) as pool,
    ):
        yield Writer(Path(place), pool)

"""Tables of a run handed to another process while they are not written yet: Arrow files that are read in place, without copies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

HANDED = ".handed"
"""Folder of these files inside a run folder that is being written."""
FRAMES = ("series", "trade", "why", "ledger")


def hand_over(frames: Mapping[str, pd.DataFrame], place: Path) -> None:
    """Write the large tables that charts are drawn from. Raises OSError if that is not possible."""
    import pyarrow as pa

    place.mkdir()
    for name in FRAMES:
        table = pa.Table.from_pandas(frames[name], preserve_index=False)
        with pa.OSFile(str(place / f"{name}.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as written:
            written.write_table(table)


def handed_over(place: Path) -> dict[str, pd.DataFrame] | None:
    """Read them, as they were in the other process; None where none were handed over."""
    import pyarrow as pa

    if not place.is_dir():
        return None
    files = {name: pa.memory_map(str(place / f"{name}.arrow")) for name in FRAMES}
    return {name: pa.ipc.open_file(file).read_all().to_pandas() for name, file in files.items()}

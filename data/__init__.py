"""What is known: the tables with unit and source, their loader and checks.

`load()` reads and checks every table, `Tables` holds them, `DataError` lists everything that is wrong with an input
at once, `fingerprint()` names the exact contents. The data-quality report is `lodeflow.data.report.report(tables)`.
"""

from pathlib import Path

from lodeflow.data.loader import fingerprint, labels, load, shared, table_names
from lodeflow.data.problems import DataError, Problem
from lodeflow.data.store import Tables

FOLDER = Path(__file__).parent
"""Where the tables, scenarios and episodes lie."""

__all__ = ["FOLDER", "DataError", "Problem", "Tables", "fingerprint", "labels", "load", "shared", "table_names"]

"""What is known: the tables with unit and source, their loader and checks.

`load()` reads and checks every table, `Tables` holds them, `DataError` lists everything that is wrong with an input
at once, `fingerprint()` names the exact contents. The data-quality report is `data.report.report(tables)`.
"""

from data.loader import load, table_names
from data.problems import DataError, Problem
from data.store import Tables, fingerprint

__all__ = ["DataError", "Problem", "Tables", "fingerprint", "load", "table_names"]

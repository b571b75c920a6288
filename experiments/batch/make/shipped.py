"""The shipped tables, read once in each process."""

from __future__ import annotations

from lodeflow import data

TABLES = data.load()
"""The shipped tables as they were when the process began."""

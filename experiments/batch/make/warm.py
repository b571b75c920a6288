"""Imported once by the server that workers are forked from: all that is slow, so that a new worker begins at once.

Besides the packages these are the shipped tables and, by a short run, the compiled parts of the month.
"""

from __future__ import annotations

import gc

import mesa  # noqa: F401
import numba  # noqa: F401
import pandas  # noqa: F401
import pyarrow.parquet  # noqa: F401
import scipy.stats  # noqa: F401

import lodeflow.experiments.batch.make.work  # noqa: F401
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.build import build
from lodeflow.experiments.batch.make.identity import code_hash
from lodeflow.experiments.batch.make.shipped import TABLES

MONTHS = WorldSettings(metals=list(TABLES.metals["metal"][:1]), start="2024-01", end="2024-03")

code_hash()  # of the code that was imported just now
build(TABLES, MONTHS).run()
gc.collect()
gc.freeze()  # what is here stays: neither searched for garbage nor copied by the workers

"""Imported once by the server that workers are forked from: everything that is slow to import."""

import mesa  # noqa: F401
import numba  # noqa: F401
import pandas  # noqa: F401
import pyarrow.parquet  # noqa: F401
import scipy.stats  # noqa: F401

import environment.construct  # noqa: F401
import experiments.monte_carlo.work  # noqa: F401

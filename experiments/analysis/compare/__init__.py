"""Worlds side by side: scenarios compared with the same random draws, alone, together, and draw by draw."""

from __future__ import annotations

from lodeflow.experiments.analysis.compare.align import aligned
from lodeflow.experiments.analysis.compare.comparison import ENTRIES, Comparison, compare, draw, inputs_of

__all__ = ["ENTRIES", "Comparison", "aligned", "compare", "draw", "inputs_of"]

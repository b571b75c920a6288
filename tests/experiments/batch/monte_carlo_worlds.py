"""Small batches for the tests: one metal, one year, an export ban of uncertain strength, duration and start."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lodeflow.experiments.batch.store import Batch

BAN = """
name = "ban"
[world]
start = "2024-01"
end = "2024-12"
metals = ["cobalt"]
[[shocks]]
kind = "export_ban"
actor = "COD"
metals = ["cobalt"]
form = "intermediate"
strength = 1.0
start = "2024-04"
end = "2024-08"
[[monte_carlo.vary]]
key = "shocks.0.strength"
low = 0.5
high = 1.0
[[monte_carlo.vary]]
key = "shocks.0.duration"
low = 3
high = 6
[[monte_carlo.vary]]
key = "shocks.0.delay"
low = 0
high = 2
[[monte_carlo.vary]]
key = "world.demand"
distribution = "choice"
choices = ["STEPS", "NZE"]
"""


def write_ban(folder: Path) -> Path:
    path = folder / "ban.toml"
    path.write_text(BAN, encoding="utf-8")
    return path


def assert_same(first: Batch, second: Batch) -> None:
    """Both batches hold the same runs, indicators and series, row by row and bit by bit; only clocks may differ."""
    clocks = ["seconds", "finished"]
    pd.testing.assert_frame_equal(
        first.runs().drop(columns=clocks), second.runs().drop(columns=clocks), check_exact=True
    )
    pd.testing.assert_frame_equal(first.kpi(), second.kpi(), check_exact=True)
    pd.testing.assert_frame_equal(first.paths(), second.paths(), check_exact=True)

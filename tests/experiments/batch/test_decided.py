"""Governments in batches: their tempers are drawn, and a summary says how often whom did what."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.experiments.batch.make.design import temper_factors
from lodeflow.experiments.batch.read.decided import decided, told
from lodeflow.experiments.scenario.model import check_scenario


def test_a_summary_says_in_how_many_runs_whom_did_what(tmp_path: Path) -> None:
    rows = [
        (0, "CHN", "restrict", "gallium", "export_ban", "decided"),
        (0, "CHN", "restrict", "gallium", "export_ban", "decided"),
        (1, "CHN", "restrict", "gallium", "export_ban", "forced"),
        (1, "JPN", "stockpile", "gallium", "release", "decided"),
        (2, "USA", "support", "gallium", "friend_shoring", "vetoed"),
    ]
    names = ["run", "who", "kind", "metal", "instrument", "status"]
    parts = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    pd.DataFrame(rows[:2], columns=names).to_parquet(parts[0])
    pd.DataFrame(rows[2:], columns=names).to_parquet(parts[1])
    batch = cast(Any, SimpleNamespace(files=lambda _: [*parts, tmp_path / "lost.parquet"]))
    found = decided(batch, 4)
    assert found is not None
    assert found.values.tolist() == [
        ["CHN", "restrict", "gallium", 0.5, 0.75],
        ["JPN", "release", "gallium", 0.25, 0.25],
    ]
    assert told(found, 5) == ["CHN restrict gallium: in 50% of runs, 0.8 times a run"]
    assert decided(cast(Any, SimpleNamespace(files=lambda _: [])), 4) is None


@pytest.mark.parametrize(
    ("more", "drawn"),
    [
        ({"governments": {"mode": "off"}}, None),
        ({"governments": {"mode": "on"}, "monte_carlo": {"tempers": []}}, 0),
        ({"governments": {"mode": "on"}, "monte_carlo": {"tempers": ["bluff"]}}, 1),
        ({"governments": {"mode": "on", "temper": {"bluff": 0.0}}}, -1),
    ],
)
def test_tempers_are_drawn_where_governments_decide_and_the_scenario_leaves_them_open(
    tables: Tables, more: dict[str, Any], drawn: int | None
) -> None:
    world = {"start": "2025-01", "end": "2026-12", "metals": ["gallium"]}
    scenario = check_scenario({"name": "draws", "title": "Draws", "world": world} | more, "draws", tables=tables)
    table = tables["tempers"]
    ranged = int((table["low"] < table["high"]).sum())
    found = temper_factors(scenario, tables)
    assert len(found) == (0 if drawn is None else drawn if drawn >= 0 else ranged + drawn)
    assert all(factor.key.startswith("governments.temper.") for factor in found)

"""Tables that are written while the rest of a run is still worked out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lodeflow.experiments.run.parquet import read_table, write_parquet, writing_near
from lodeflow.experiments.run.results import FRAMES
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario

TABLE = pd.DataFrame({"metal": pd.Categorical(["cobalt", "nickel"]), "tonnes": [1.0, 2.0]})


def test_a_table_that_was_begun_early_is_the_same_file_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    with writing_near(tmp_path / "not there yet" / "run") as writer:
        writer.take({"series": TABLE})
        writer.take({"series": TABLE.iloc[:1], "trade": TABLE.iloc[:1]})
        writer.put(target)
    write_parquet(TABLE, tmp_path / "alone.parquet")
    assert (target / "series.parquet").read_bytes() == (tmp_path / "alone.parquet").read_bytes()
    assert read_table(target / "trade.parquet")["metal"].tolist() == ["cobalt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone.parquet", "target"]


def test_a_table_that_could_not_be_written_is_told_when_it_is_wanted(tmp_path: Path) -> None:
    with writing_near(tmp_path / "run") as writer:
        shutil.rmtree(writer.place)
        writer.take({"series": TABLE})
        with pytest.raises(OSError, match="series"):
            writer.put(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_hands_on_each_large_table_as_soon_as_it_is_made(tables: Any) -> None:
    made: dict[str, pd.DataFrame] = {}
    scenario = load_scenario("baseline", ['world.metals=["gallium"]', "world.end=2024-02"], tables)
    outcome = run_scenario(scenario, tables=tables, made=made.update)
    assert list(made) == list(FRAMES)
    assert all(table is getattr(outcome, name) for name, table in made.items())

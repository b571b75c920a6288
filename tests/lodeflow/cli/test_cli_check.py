"""`lodeflow check` finds everything for which `lodeflow run` refuses a scenario or a folder of tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from lodeflow.cli.main import app
from lodeflow.data import DataError, Tables
from lodeflow.data.loader import SHIPPED
from lodeflow.experiments.run.what_if import build_world, run_scenario
from lodeflow.experiments.scenario.model import load_scenario

SMALL = ['world.metals=["cobalt", "gallium"]', "world.end=2024-03"]
CORPUS = [
    "world.base_year=2009",
    "world.base_year=2024",
    "world.mode=growth",
    "world.growth=-0.1",
    "world.expected=trend",
    "world.supply=realised",
    "world.demand=NZE",
    "world.noise=5",
    "world.start=2000-01",
    "world.seed=9223372036854775807",
    "parameters.eta=0",
    "parameters.eta.nickel=0.9",
    "parameters.carry.cobalt=0.01",
    "parameters.eta=1e308",
    "parameters.eta=nan",
    "parameters.smoothing_years=4.5",
    "parameters.lead_mine=1e9",
]


@pytest.mark.parametrize("change", CORPUS)
def test_what_check_accepts_runs(change: str, tables: Tables) -> None:
    try:
        scenario = load_scenario("baseline", [*SMALL, change], tables)
        build_world(scenario, tables)
    except DataError:
        return
    assert len(run_scenario(scenario, tables=tables).series)


def outputs(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stderr


@pytest.mark.parametrize("change", ["eta = 0", '"eta." = 0.4', "carry.cobalt = 0.01", "eta = 1e308", "eta = nan"])
def test_check_and_run_refuse_with_the_same_words(tmp_path: Path, change: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'name = "mine"\n[world]\nmetals = ["cobalt"]\nend = "2024-02"\n[parameters]\n{change}\n')
    code, words = outputs("check", str(path))
    assert code == 2
    assert (code, words) == outputs("run", str(path), "--no-charts", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_check_finds_what_own_tables_lack(tmp_path: Path) -> None:
    cover = pd.read_csv(SHIPPED / "cover.csv")
    cover[cover["place"] != "mine"].to_csv(tmp_path / "cover.csv", index=False)
    (tmp_path / "pack.toml").write_text('whole = ["cover"]\n', encoding="utf-8")
    for arguments in (["check", str(tmp_path)], ["check", "baseline", "--data", str(tmp_path)]):
        code, words = outputs(*arguments)
        assert code == 2
        assert "cover.csv: there is no row for cobalt mine" in words


def test_check_says_what_falls_back_to_the_shipped_rows(tmp_path: Path) -> None:
    rows = (SHIPPED / "parameters.csv").read_text(encoding="utf-8").split("\n")
    (tmp_path / "parameters.csv").write_text("\n".join(rows[:2]) + "\n", encoding="utf-8")
    code, words = outputs("check", str(tmp_path))
    assert code == 0
    assert "parameters.csv: own rows: 1;" in words

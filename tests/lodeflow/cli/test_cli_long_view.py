"""`lodeflow paths`, `urban-mine`, `risk`, `lists` and `warning`: what they write, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.lodeflow.cli.test_main import invoke, refused


def test_paths_are_printed_drawn_and_written(tmp_path: Path) -> None:
    out = tmp_path / "paths"
    result = invoke("paths", "cobalt", "--to", "2026", "--recycling", "0,100%", "--chemistry", "NCA", "--out", str(out))
    assert result.exit_code == 0, result.output
    for words in ("as the model has it", "100 %", "Own reserves of cobalt"):
        assert words in result.stdout
    assert {path.name for path in out.iterdir()} == {
        "manifest.json", "paths.csv", "summary.csv", "cover.csv", "forecasts.csv", "paths-cobalt.png",
    }  # fmt: skip
    assert list(pd.read_csv(out / "summary.csv")["recycling"]) == ["as the model has it", "0 %", "100 %"]


def test_risk_lists_and_warning_are_printed_and_written(tmp_path: Path) -> None:
    result = invoke("risk", "gallium", "--country", "JPN", "--end", "2024-01", "--out", str(tmp_path / "risk"))
    assert result.exit_code == 0, result.output
    assert "one country knows how" in result.stdout
    assert {"risk.csv", "index.csv", "risk.png"} <= {path.name for path in (tmp_path / "risk").iterdir()}
    result = invoke("lists", "EU", "--year", "2023", "--out", str(tmp_path / "lists"))
    assert result.exit_code == 0, result.output
    assert "nickel enters" in result.stdout
    assert (tmp_path / "lists" / "scores.csv").is_file()
    result = invoke("warning")
    assert result.exit_code == 0, result.output
    assert "cost in months of false alarm" in result.stdout


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("paths", "lithum", "--chemistry", "LMO"), "lithium"),
        (("risk", "gallium", "--start", "2024-13"), "column --start: '2024-13' is not a month"),
        (("risk", "gallium", "--start", "2024-05", "--end", "2024-04"), "2024-04 lies before 2024-05"),
        (("paths", "lithium", "--recycling", "much"), "holds no rates"),
        (("urban-mine", "tin"), "no metal 'tin'"),
        (("risk",), "neither a metal nor a country"),
        (("lists", "FRA"), "no list of 'FRA'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(command: tuple[str, ...], words: str) -> None:
    assert words in " ".join(refused(*command).split())

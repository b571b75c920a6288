"""`lodeflow validate --trade`: what it prints and writes, what it refuses, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from lodeflow.cli.main import app
from lodeflow.experiments.judge.trade.board import TradeBoard
from lodeflow.experiments.judge.trade.marks import FRAMES
from lodeflow.print import trade


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["validate", "--trade", *arguments])


def board(wrong: float) -> TradeBoard:
    scores = {"row": "copper cathode", "counted": True, "traded_t": 9e6, "input": wrong, "forecast": 0.2, "none": 0.6}
    pairs = {"row": "copper cathode", "exporter": "COD", "importer": "CHN"}
    published = {"metal": "copper", "form": "refined", "importer": "USA", "year_from": 2021, "year_to": 2024}
    return TradeBoard(
        scores=pd.DataFrame([scores | {"totals": 0.5, "old": 0.24, "declared": 0.1}] * 8),
        pairs=pd.DataFrame([pairs | {"customs_t": 1.4e6, "input_t": 1.7e6, "forecast_t": 1.2e6}]),
        suppliers=pd.DataFrame(
            [{"row": "copper cathode", "importer": "CHN", "imports_t": 3e6, "customs": "COD", "forecast": "CHL"}]
        ),
        published=pd.DataFrame([published | {"published": "CHL", "simulated": "CHL"}]),
        residuals=pd.DataFrame(
            [{"row": "copper cathode", "country": "IRN", "side": "exports", "customs_t": 2e4, "input_t": 3e5}]
        ),
    )


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> dict[str, TradeBoard]:
    """Nothing is drawn up: a board that a test puts in comes out."""
    found = {"board": board(0.08)}
    monkeypatch.setattr(trade, "run_board", lambda *_: found["board"])
    return found


def test_trade_is_printed(judged: dict[str, TradeBoard]) -> None:
    result = invoke()
    assert result.exit_code == 0, result.output
    assert "copper cathode" in result.output
    assert "right in 1 of 1 published" in " ".join(result.output.split())


def test_a_missed_mark_of_trade_ends_with_one(judged: dict[str, TradeBoard]) -> None:
    assert invoke("--check").exit_code == 0
    judged["board"] = board(0.3)
    result = invoke("--check")
    assert result.exit_code == 1
    assert "copper cathode: 0.300 on the wrong pair" in " ".join(result.stderr.split())
    assert invoke().exit_code == 0, "only --check fails"


def test_tables_of_trade_are_written(judged: dict[str, TradeBoard], tmp_path: Path) -> None:
    result = invoke("--out", str(tmp_path / "trade"))
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "trade").iterdir()} == {"manifest.json"} | {
        f"{name}.csv" for name in FRAMES
    }


@pytest.mark.parametrize("extra", [["cobalt-mine"], ["--structure"], ["--quick"], ["--refresh"]])
def test_what_does_not_go_with_trade_is_refused(extra: list[str], judged: dict[str, TradeBoard]) -> None:
    result = invoke(*extra)
    assert result.exit_code == 2
    assert "does not go with --trade" in " ".join(result.stderr.split())

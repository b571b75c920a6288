"""The commands that read a batch: from a scenario file to pages, and mistakes as one clear line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from lodeflow.cli.main import app
from lodeflow.data import Tables
from tests.experiments.batch.formula_batches import ban_with, between, make_batch
from tests.experiments.batch.monte_carlo_worlds import write_ban


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cli")
    out = place / "batch"
    made = CliRunner().invoke(
        app,
        [
            "monte-carlo",
            str(write_ban(place)),
            "--runs",
            "32",
            "--workers",
            "2",
            "--sampling",
            "lhs",
            "--out",
            str(out),
        ],
    )
    assert made.exit_code == 0, made.output
    return out


def call(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_summarize_writes_tables_charts_and_a_page(folder: Path) -> None:
    code, text = call("summarize", folder, "--variable", "price,shortage")
    assert code == 0
    assert "32 runs; none failed." in text
    made = folder / "summary"
    assert (made / "report.html").is_file()
    assert set(pd.read_csv(made / "series.csv")["variable"]) == {"price", "shortage"}
    charts = {path.stem[3:] for path in (made / "charts").glob("*.png")}
    assert charts - {"cobalt-shortage"} == {"cobalt-price", "cobalt-exceedance", "cobalt-recovery"}


def test_a_run_of_the_batch_again_gives_the_same_world(folder: Path, tmp_path: Path) -> None:
    from lodeflow.experiments.batch.store import open_batch
    from lodeflow.experiments.run.read import read_run

    batch = open_batch(folder)
    run = int(batch.kpi().index[-1])
    text = tmp_path / "again.toml"
    code, said = call("run", f"{folder}#{run}", "--out", tmp_path / "again", "--scenario-out", text, "--no-charts")
    assert code == 0, said
    outcome = read_run(tmp_path / "again")
    for column in ("shock.price.cobalt.WLD", "baseline.price.cobalt.WLD", "shock.shortage.cobalt.WLD"):
        wanted = dict(zip(("run", "variable", "metal", "region"), column.split("."), strict=True))
        wanted["form"] = "refined"
        rows = outcome.series[(outcome.series[list(wanted)].astype(str) == pd.Series(wanted)).all(axis=1)]
        before = batch.paths([column], [run])[column]
        assert rows["value"].astype("float32").to_numpy().tolist() == before.to_numpy().tolist()
    code, said = call("run", text, "--out", tmp_path / "file", "--no-charts")
    assert code == 0, said
    assert read_run(tmp_path / "file").series["value"].equals(outcome.series["value"])
    code, said = call("run", f"{folder}#999", "--out", tmp_path / "none")
    assert code == 2
    assert "runs 0 to 31" in said


def test_discover_reads_the_batch(folder: Path, tmp_path: Path) -> None:
    code, text = call("discover", folder, "--where", "price_peak > 1.5", "--out", tmp_path / "d", "--no-charts")
    assert code == 0
    assert "of 32 runs" in text
    assert (tmp_path / "d" / "box.csv").is_file()


def test_sensitivity_reads_a_batch_of_enough_runs(folder: Path, tables: Tables, tmp_path: Path) -> None:
    code, text = call("sensitivity", folder, "--kpi", "price_peak")
    assert code == 2
    assert "32 runs can be used, 100 are needed" in text
    scenario = ban_with(tmp_path, tables, [between("shocks.0.strength"), between("parameters.x1")])
    make_batch(tmp_path, tables, scenario, 120, lambda one: {"price_peak.cobalt": one.shocks[0].strength})
    code, text = call("sensitivity", tmp_path / "batch", "--kpi", "price_peak")
    assert code == 0
    assert "would fall most if we knew strength of COD export ban (" in text
    indices = pd.read_csv(tmp_path / "batch" / "sensitivity" / "indices.csv")
    assert set(indices["input"]) == {"shocks.0.strength", "parameters.x1"}
    assert (tmp_path / "batch" / "sensitivity" / "report.html").is_file()


def test_mistakes_are_lines_with_exit_code_2(folder: Path, tmp_path: Path) -> None:
    for words, expected in (
        (["summarize", tmp_path], "is not a batch of Lodeflow"),
        (["summarize", folder, "--metal", "cobolt,nickle"], "2 problems found"),
        (["discover", folder, "--where", "shortge > 10%"], "Did you mean 'shortage"),
        (["sensitivity", folder, "--method", "sobol"], "Use --method rbd-fast"),
        (["sensitivity", "no-such-scenario"], "no-such-scenario"),
    ):
        code, text = call(*words)
        assert code == 2, text
        assert expected in text
        assert "Traceback" not in text

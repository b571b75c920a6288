"""`lodeflow compare` from the names of scenarios to the page, and mistakes as one clear line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import lodeflow as lf
from lodeflow.cli.main import app

SHORT = ("--metals", "cobalt", "--start", "2025-01", "--end", "2026-03")


def call(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["compare", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("compare") / "out"
    code, text = call("drc-cobalt-export-ban", "drc-conflict", *SHORT, "--runs", "2", "--workers", "2", "--out", folder)
    assert code == 0, text
    return folder, text


def test_what_matters_is_said_first_and_ranked(made: tuple[Path, str]) -> None:
    folder, text = made
    first = next(line for line in text.splitlines() if "times that without shocks" in line)
    assert "in drc-cobalt-export-ban, but" in first
    sizes = pd.read_csv(folder / "ranking.csv")["size"]
    assert len(sizes) > 1
    assert sizes.is_monotonic_decreasing


def test_the_page_names_both_and_shows_what_they_do_together(made: tuple[Path, str]) -> None:
    page = (made[0] / "report.html").read_text(encoding="utf-8")
    assert "drc-cobalt-export-ban beside drc-conflict" in page
    assert "Interaction" in page
    assert "drc-cobalt-export-ban less drc-conflict" in page
    assert "Draw by draw" in page
    assert {path.stem for path in (made[0] / "charts").glob("*.png")} >= {"00-what-matters", "01-cobalt-price"}


def test_draws_are_paired_in_the_folder(made: tuple[Path, str]) -> None:
    draws = pd.read_csv(made[0] / "draws.csv")
    assert set(draws["run"]) == {0, 1}
    assert set(draws["side"]) == {"drc-cobalt-export-ban", "drc-conflict"}
    spread = pd.read_csv(made[0] / "spread.csv").set_index("kpi").loc["use_lost_t"]
    assert spread["runs"] == 2
    assert json.loads((made[0] / "manifest.json").read_text())["runs"] == 2


def test_a_scenario_beside_itself_says_that_nothing_differs(tmp_path: Path) -> None:
    code, text = call("drc-conflict", "drc-conflict", *SHORT, "--no-charts", "--out", tmp_path / "same")
    assert code == 0
    assert "do the same to cobalt: nothing differs by much" in text
    assert "No world with all shocks was run" in text
    assert (pd.read_csv(tmp_path / "same" / "differences.csv")["difference"] == 0.0).all()


def test_one_scenario_or_unknown_ones_are_refused_in_one_line_each(tmp_path: Path) -> None:
    code, text = call("drc-conflict", *SHORT, "--out", tmp_path / "x")
    assert code == 2
    assert "there is one scenario. Name two or more" in text
    code, text = call("drc-conflit", "no-such", *SHORT, "--out", tmp_path / "x")
    assert code == 2
    assert "drc-conflit: there is no such scenario. Did you mean 'drc-conflict'" in text
    assert "no-such: there is no such scenario" in text
    assert not (tmp_path / "x").exists()


def test_results_of_another_question_stay(made: tuple[Path, str]) -> None:
    code, text = call("drc-cobalt-export-ban", "baseline", *SHORT, "--no-charts", "--out", made[0])
    assert code == 2
    assert "results that were made with something else" in text


def test_the_same_from_python() -> None:
    changes = ['world.metals=["cobalt"]', 'world.start="2025-01"', 'world.end="2025-12"']
    found = lf.compare("drc-cobalt-export-ban", "baseline", overrides=changes)
    assert found.names == ["drc-cobalt-export-ban", "baseline"]
    assert found.apart == "fewer than two of the scenarios have shocks"
    line = found.series_of("drc-cobalt-export-ban", "price")
    assert line.iloc[-1] > found.series_of("baseline", "price").iloc[-1]
    assert repr(found).startswith("Comparison(drc-cobalt-export-ban, baseline: cobalt; ")
    html = found._repr_html_()
    assert "drc-cobalt-export-ban beside baseline" in html
    assert "data:image/png" in html
    assert "price of the refined metal" in found.plot.price("cobalt").get_suptitle()

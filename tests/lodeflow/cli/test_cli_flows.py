"""`lodeflow flows` and `lodeflow exposure`: what they write, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.experiments.analysis.flows import source
from lodeflow.experiments.analysis.flows.report import TABLES
from tests.lodeflow.cli.test_main import SHORT, invoke, refused


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run folder."""
    folder = tmp_path_factory.mktemp("flows") / "run"
    assert invoke("run", "drc-cobalt-export-ban", *SHORT, "--out", str(folder)).exit_code == 0
    return folder


def test_the_account_of_a_country_is_printed_and_written(run: Path) -> None:
    result = invoke("flows", "cobalt", "--country", "CHN", "--year", "2024", "--run", str(run), "--diagram")
    assert result.exit_code == 0, result.output
    for words in ("Supply routes of refined metal", "Dependence", "Where it was mined", "Recycling", "Largest gap"):
        assert words in result.stdout
    folder = run.with_name("run-flows-cobalt-CHN-2024")
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json",
        "flows.parquet",
        "diagram.png",
        *(f"{name}.csv" for name in TABLES),
    }
    flows = pd.read_parquet(folder / "flows.parquet")
    assert list(flows.columns[4:]) == ["to_stage", "from_region", "to_region", "product", "tonnes"]
    assert (pd.read_csv(folder / "closure.csv")["gap"] < 1e-9).all()
    assert pd.read_csv(folder / "routes.csv")["share"].sum() == pytest.approx(1.0)
    quiet = invoke("flows", "cobalt", "--country", "EU27", "--year", "2024-2025", "--run", str(run), "--quiet")
    assert quiet.stdout.strip() == str(run.with_name("run-flows-cobalt-EU27-2024-2025"))


def test_what_the_account_cannot_be_made_of_is_said(run: Path, tmp_path: Path) -> None:
    assert "not a run of Lodeflow" in refused("flows", "cobalt", "--run", str(tmp_path))
    assert "'cobald' is not in this run" in refused("flows", "cobald", "--run", str(run))
    assert "'1999' is not" in refused("flows", "cobalt", "--run", str(run), "--year", "1999").replace(
        "1999 is", "'1999' is"
    )
    assert "no year or span of years" in refused("flows", "cobalt", "--run", str(run), "--year", "soon")
    assert "there is no country or group 'CHI'" in refused("flows", "cobalt", "--run", str(run), "--country", "CHI")
    assert "1990 to 1990 lie in no run" in refused("flows", "cobalt", "--year", "1990")
    movements = run / "movements.parquet"
    kept = movements.read_bytes()
    movements.write_bytes(kept[:100])
    assert "is damaged" in refused("flows", "cobalt", "--run", str(run))
    movements.unlink()
    assert "older versions did not write it" in refused("flows", "cobalt", "--run", str(run))
    movements.write_bytes(kept)


def test_a_metal_that_is_not_known_is_refused_before_anything_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "find_source", lambda *_, **__: pytest.fail("a world was run"))
    assert "there is no metal 'cobald'. Did you mean 'cobalt'?" in refused("flows", "cobald", "--year", "2021")


def test_nobody_is_exposed_to_a_scenario_without_shocks() -> None:
    asked = ["--country", "KOR", "--product", "ev-battery-nickel"]
    assert "baseline: nothing happens in it" in refused("exposure", "baseline", *asked)


def test_the_run_that_holds_a_year_is_found(tables: Tables) -> None:
    assert source.scenario_for([2025], tables).name == "baseline"
    assert source.scenario_for([], tables).name == "baseline"
    past = source.scenario_for([2010, 2020], tables)
    assert (past.name, past.world.base_year, past.world.end) == ("past", 2010, "2024-12")


def test_who_asks_must_be_said(tmp_path: Path) -> None:
    assert "it is not said who asks" in refused("exposure", "drc-cobalt-export-ban")
    assert "does not go with" in refused("exposure", "drc-cobalt-export-ban", "--company", "x.toml", "--country", "KOR")
    assert "there is no country 'KOX'" in refused(
        "exposure", "drc-cobalt-export-ban", "--country", "KOX", "--product", "EV"
    )


def test_the_exposure_of_a_country_is_printed_and_written(tmp_path: Path) -> None:
    short = ["--set", 'world.metals=["cobalt"]', "--set", "world.end=2025-12"]
    asked = ["--country", "KOR", "--product", "ev-battery-nickel", "--out", str(tmp_path / "found")]
    result = invoke("exposure", "drc-cobalt-export-ban", *short, *asked)
    assert result.exit_code == 0, result.output
    assert "What helps, the best first" in result.stdout
    ranked = pd.read_csv(tmp_path / "found" / "measures.csv")
    assert ranked["rank"].tolist() == list(range(1, len(ranked) + 1))

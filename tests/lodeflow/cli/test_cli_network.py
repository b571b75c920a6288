"""`lodeflow graph` and `lodeflow network`: what they write, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

import lodeflow
from tests.lodeflow.cli.test_main import SHORT, invoke, refused


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run folder."""
    folder = tmp_path_factory.mktemp("network") / "run"
    assert invoke("run", "drc-cobalt-export-ban", *SHORT, "--out", str(folder)).exit_code == 0
    return folder


@pytest.mark.parametrize("kind", ["graphml", "gexf"])
def test_the_graph_of_a_run_is_written_and_read_back(run: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "new" / f"chain.{kind}"
    result = invoke("graph", str(run), "--out", str(path), "--year", "2025")
    assert result.exit_code == 0, result.output
    back = getattr(nx, f"read_{kind}")(path)
    found = lodeflow.graph(run, years=[2025])
    assert f"Graph with {len(found)} places and {found.number_of_edges():,} flows: " in result.stdout
    assert set(back) == set(found)
    assert sum(flow for *_, flow in back.edges(data="flow")) == pytest.approx(found.size("flow"))
    assert list(path.parent.iterdir()) == [path]


def test_a_graph_replaces_no_file(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "chain.gexf"
    path.write_text("mine", encoding="utf-8")
    assert "the file is there already" in refused("graph", str(run), "--out", str(path))
    assert path.read_text(encoding="utf-8") == "mine"
    assert invoke("graph", str(run), "--out", str(path), "--overwrite").exit_code == 0


def test_what_cannot_be_used_is_said_in_lines(run: Path, tmp_path: Path) -> None:
    assert "ends in .graphml or .gexf" in refused("graph", str(run), "--out", str(tmp_path / "chain.txt"))
    assert "not a run of Lodeflow" in refused("graph", str(tmp_path), "--out", str(tmp_path / "chain.gexf"))
    said = refused("network", str(run), "--metal", "cobald", "--year", "1999", "--case", "calm")
    assert "3 problems found" in said


def test_the_network_of_a_run_stands_in_tables(run: Path, tmp_path: Path) -> None:
    result = invoke("network", str(run))
    assert result.exit_code == 0, result.output
    folder = run.with_name("run-network")
    assert "Who trades with whom in 2025" in result.stdout
    assert "If one country delivered nothing in 2025" in result.stdout
    tables = {name: pd.read_csv(folder / f"{name}.csv") for name in ("networks", "places", "losses")}
    assert {len(table) > 0 for table in tables.values()} == {True}
    assert tables["losses"].set_index(["year", "country"]).lost_share[2024, "COD"] > 0.3
    assert invoke("network", str(run), "--quiet").stdout.strip() == str(folder)
    assert "made with something else (years)" in refused("network", str(run), "--year", "2025")
    assert invoke("network", str(run), "--year", "2025", "--overwrite").exit_code == 0

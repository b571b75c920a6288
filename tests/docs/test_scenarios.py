"""The files of docs/scenarios.md do what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.experiments.scenario.model import load_scenario

PAGE = Path(__file__).parent.parent.parent / "docs" / "scenarios.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page."""
    here = tmp_path_factory.mktemp("scenarios")
    for name, text in re.findall(r"^```toml (\S+)\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        (here / name).write_text(text, encoding="utf-8")
    return here


def test_every_file_of_the_page_is_a_scenario(folder: Path, tables: Tables) -> None:
    found = {path.name: load_scenario(path, tables=tables) for path in folder.iterdir()}
    assert set(found) == {"half-a-ban.toml", "reserve.toml", "together.toml", "closed-canal.toml"}
    assert found["half-a-ban.toml"].shocks[0].model_dump()["strength"] == 0.5
    whole = found["together.toml"]
    assert [shock.kind for shock in whole.shocks] == ["export_ban", "export_quota", "stock_purchase", "epr", "epr"]
    assert whole.monte_carlo is not None
    assert [item.key for item in whole.monte_carlo.vary] == ["shocks.2.tonnes"]


def test_files_are_as_short_as_the_page_says(folder: Path) -> None:
    assert [len((folder / f"{name}.toml").read_text("utf-8").splitlines()) for name in ("half-a-ban", "together")] == [
        2,
        2,
    ]


def test_without_its_second_line_the_files_do_not_fit(folder: Path, tables: Tables) -> None:
    text = (folder / "together.toml").read_text("utf-8").splitlines()[0]
    alone = folder / "alone.toml"
    alone.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"world\.end: .*'2029-12', .*'2040-12'"):
        load_scenario(alone, tables=tables)
    alone.unlink()

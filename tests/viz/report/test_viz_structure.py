"""Charts and tables of a judgement of structure say what the numbers say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeflow.data import Tables
from lodeflow.experiments.judge.structure import baseline
from lodeflow.experiments.judge.structure.board import StructureBoard
from lodeflow.viz import style
from lodeflow.viz.frames import Labels
from lodeflow.viz.report import structure, structure_words


@pytest.fixture(scope="module")
def board() -> StructureBoard:
    return baseline.read()


@pytest.fixture(scope="module")
def labels(tables: Tables) -> Labels:
    return Labels.of(tables.countries, tables.metals)


def test_every_table_has_a_cell_per_heading(board: StructureBoard, labels: Labels) -> None:
    found = {cells.title: cells for cells in structure_words.tables(board, labels)}
    assert len(found) >= 6
    for title, cells in found.items():
        assert all(len(row) == len(cells.head) for row in cells.rows), title
    trend = found["Trend mode"]
    whole = next(row for row in trend.rows if row[:2] == ["trend-2010", "all metals"])
    own = board.trend_scores[
        (board.trend_scores["run"] == "trend-2010") & (board.trend_scores["metal"] == "all metals")
    ]
    assert whole[2] == f"{own['price_error'].iloc[0]:.2f}"
    philippines = next(row for row in found["Cases of history"].rows if "Philippines" in row[1])
    assert "no measure" in philippines[1]
    chinese = next(row for row in found["Cases of history"].rows if row[1] == "China")
    assert "measure" not in chinese[1]


def test_a_case_shows_data_model_and_both_forecasts_of_every_country(board: StructureBoard, labels: Labels) -> None:
    rows = board.cases[board.cases["case"] == "indonesia-nickel"]
    figure = structure.case(rows, labels, board.manifest)
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert len(shown) == 4
    names = {line.get_label() for line in shown[0].get_lines()}
    assert {"model", "data", "share of the base year", "momentum"} <= names
    assert "Philippines, no measure" in [text.get_text() for ax in shown for text in ax.texts]
    assert "Indonesia refined 1.5 Mt in 2024" in style.title_of(figure)


def test_estimates_are_drawn_hollow(board: StructureBoard, labels: Labels) -> None:
    rows = board.cases[board.cases["case"] == "rare-earth-refining"]
    figure = structure.case(rows, labels, board.manifest)
    hollow, full = (line for line in figure.axes[0].get_lines() if line.get_linestyle() == "None")
    assert len(hollow.get_xdata()) == 15
    assert len(full.get_xdata()) == 1
    assert "Hollow dots" in style.caption_of(figure)


def test_the_page_holds_all_charts_and_needs_nothing_else(
    board: StructureBoard, labels: Labels, tmp_path: Path
) -> None:
    page = structure.write_page(board, labels, tmp_path).read_text(encoding="utf-8")
    charts = sorted(path.name for path in (tmp_path / "charts").iterdir())
    assert charts == sorted(["marks.png", "trend.png", *(f"{name}.png" for name in set(board.cases["case"]))])
    assert page.count('<img src="data:image/png') == len(charts)
    assert "http:" not in page
    assert "https:" not in page
    assert structure_words.headline(board).split(";")[0] in page

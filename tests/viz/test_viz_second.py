"""The second process: what it draws is the same, and what it does not draw is drawn here."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from lodeflow.viz import write_report
from lodeflow.viz.frames import Run
from lodeflow.viz.report import page, second
from lodeflow.viz.report.second import Second, second_process


@pytest.fixture
def drawn_here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Places in the report of the charts that this process draws."""
    draw, numbers = page._draw, list[int]()
    monkeypatch.setattr(
        page, "_draw", lambda plan, number, target: numbers.append(number) or draw(plan, number, target)
    )
    return numbers


def test_half_of_the_charts_are_drawn_elsewhere_and_are_the_same(
    folder: Path, tmp_path: Path, tables: Any, drawn_here: list[int]
) -> None:
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    for copy in (alone, shared):
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("charts", "report.html"))
    write_report(alone)
    count = len(drawn_here)
    drawn_here.clear()
    helper = Second()
    try:
        write_report(shared, second=helper)
    finally:
        helper.end()
    assert drawn_here == [*range(0, count, 2)]
    charts = {path.name: path.read_bytes() for path in (alone / "charts").iterdir()}
    assert {path.name: path.read_bytes() for path in (shared / "charts").iterdir()} == charts
    assert (shared / "report.html").read_bytes() == (alone / "report.html").read_bytes()


def test_a_process_that_dies_costs_nothing_but_its_half(
    folder: Path, tmp_path: Path, drawn_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    shutil.copytree(folder, tmp_path / "run", ignore=shutil.ignore_patterns("charts", "report.html"))
    with second_process(True) as helper:
        helper = helper or Second()
        write_report(tmp_path / "run", second=helper)
        helper.end()
    assert sorted(drawn_here) == [*range(len(drawn_here))]
    assert len(list((tmp_path / "run" / "charts").iterdir())) == len(drawn_here)


@pytest.mark.parametrize(("wanted", "processors"), [(False, 8), (True, 1)])
def test_none_is_started_where_it_is_no_help(wanted: bool, processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "processors", lambda: processors)
    monkeypatch.setattr(second, "Second", lambda *_: pytest.fail("a process was started"))
    with second_process(wanted) as helper:
        assert helper is None


def test_a_table_is_pivoted_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, asked = Run.read(folder), list[tuple[str, ...]]()
    pivot = run._pivot
    monkeypatch.setattr(run, "_pivot", lambda key, form: asked.append((*key, form or "")) or pivot(key, form))
    for _ in range(2):
        run.line("cobalt", "price")
        run.table("cobalt", "use", "baseline")
    assert len(asked) == len(set(asked)) == 2

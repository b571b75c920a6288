"""The second process: what it draws is the same, and what it does not draw is drawn here."""

from __future__ import annotations

import os
import select
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lodeflow.experiments.run.results import read_manifest
from lodeflow.viz import write_report
from lodeflow.viz.frames import Run
from lodeflow.viz.report import pictures, second
from lodeflow.viz.report.handed import HANDED
from lodeflow.viz.report.second import Second, second_process


@pytest.fixture
def drawn_here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Places in the report of the charts that this process draws."""
    draw, numbers = pictures.draw, list[int]()
    monkeypatch.setattr(
        pictures, "draw", lambda plan, number, target: numbers.append(number) or draw(plan, number, target)
    )
    return numbers


def copy_of(folder: Path, target: Path) -> Path:
    """A run folder without charts and report."""
    return Path(shutil.copytree(folder, target, ignore=shutil.ignore_patterns("charts", "report.html")))


@pytest.mark.parametrize("handed", [False, True])
def test_charts_are_drawn_elsewhere_and_are_the_same(
    folder: Path, tmp_path: Path, drawn_here: list[int], handed: bool
) -> None:
    alone, shared = (copy_of(folder, tmp_path / name) for name in ("alone", "shared"))
    write_report(alone)
    assert drawn_here
    drawn_here.clear()
    frames = vars(Run.read(shared)) if handed else None
    if frames is not None:
        for name in ("series", "trade", "why", "ledger"):
            (shared / f"{name}.parquet").rename(tmp_path / f"{name}.parquet")
    helper = Second()
    try:
        helper.draw(shared, read_manifest(alone), frames)
        if frames is not None:
            for name in ("series", "trade", "why", "ledger"):
                (tmp_path / f"{name}.parquet").rename(shared / f"{name}.parquet")
        write_report(shared, second=helper)
    finally:
        helper.end()
    assert drawn_here == []
    charts = {path.name: path.read_bytes() for path in (alone / "charts").iterdir()}
    assert {path.name: path.read_bytes() for path in (shared / "charts").iterdir()} == charts
    assert (shared / "report.html").read_bytes() == (alone / "report.html").read_bytes()
    assert not (shared / HANDED).exists()


def test_a_process_that_dies_costs_nothing_but_time(
    folder: Path, tmp_path: Path, drawn_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    copy_of(folder, tmp_path / "run")
    with second_process(True) as helper:
        helper = helper or Second()
        write_report(tmp_path / "run", second=helper)
        helper.end()
    assert sorted(drawn_here) == [*range(len(drawn_here))]
    assert len(list((tmp_path / "run" / "charts").iterdir())) == len(drawn_here)


def test_tables_that_cannot_be_handed_over_leave_nobody_waiting(
    folder: Path, tmp_path: Path, drawn_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(frames: Any, place: Path) -> None:
        place.mkdir()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(second, "hand_over", full)
    target = copy_of(folder, tmp_path / "run")
    helper = Second()
    try:
        write_report(target, second=helper, frames=vars(Run.read(target)))
    finally:
        helper.end()
    assert drawn_here
    assert not (target / HANDED).exists()


def test_each_chart_is_drawn_by_one_of_two_processes(
    folder: Path, tmp_path: Path, labels: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, who = pictures.draw, tmp_path / "who"

    def noted(plan: Any, number: int, target: Path) -> None:
        with who.open("a") as file:
            file.write(f"{os.getpid()} {number}\n")
        time.sleep(0.2)  # long enough for the other one to take the next
        draw(plan, number, target)

    monkeypatch.setattr(pictures, "draw", noted)
    run = Run.read(copy_of(folder, tmp_path / "run"))
    files = pictures.draw_in_two(run, labels, tmp_path / "run" / "charts")
    lines = [line.split() for line in who.read_text().splitlines()]
    assert sorted(int(number) for _, number in lines) == [*range(len(files))]
    assert len({process for process, _ in lines}) == 2
    assert all(file.is_file() for file in files)


def test_a_chart_that_the_other_process_cannot_draw_is_an_error(
    folder: Path, tmp_path: Path, labels: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = os.getpid()

    def broken(plan: Any, number: int, target: Path) -> None:
        time.sleep(0.2)
        assert os.getpid() == here

    monkeypatch.setattr(pictures, "draw", broken)
    with pytest.raises(ChildProcessError, match="did not end well"):
        pictures.draw_in_two(Run.read(copy_of(folder, tmp_path / "run")), labels, tmp_path / "run" / "charts")


def test_nobody_is_left_when_the_command_ends_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "forking.py").write_text(
        "import os, time\nif os.fork() == 0:\n    print('there', flush=True)\ntime.sleep(30)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(second, "PROGRAM", "forking")
    with second_process(True) as helper:
        helper = helper or Second()
        assert helper.process.stdout is not None
        assert helper.process.stdout.readline() == "there\n"
        heard = os.dup(helper.process.stdout.fileno())
    helper.end()
    ready, _, _ = select.select([heard], [], [], 10.0)
    assert ready  # it is closed when the last one who could write has ended
    assert os.read(heard, 1) == b""
    os.close(heard)


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

"""What `lodeflow validate --governments` prints: the marks of governments that decide."""

from __future__ import annotations

from rich.table import Table

from lodeflow.print.terminal import console, say

RUNS, QUICK_RUNS = 40, 24
"""Runs of an ensemble, and of one that is to be quick: six leave the rank of countries between 0.1 and 0.8."""


def judge(quick: bool, refresh: bool) -> bool:
    """Judge governments and print their marks; whether all are reached.

    quick: few runs; refresh: whether the marks become the shipped ones.
    """
    from lodeflow import data
    from lodeflow.experiments.judge.governments.judge import judge as marks_of
    from lodeflow.experiments.judge.governments.judge import store

    runs = QUICK_RUNS if quick else RUNS
    marks = marks_of(data.shared(), runs, lambda line: say(line, err=True))
    table = Table(title="Governments that decide", title_justify="left")
    for name in ("mark", "asked", "found", "reached"):
        table.add_column(name)
    for mark in marks:
        table.add_row(mark.what, mark.asked, mark.found, "yes" if mark.reached else "no")
    console().print(table)
    if refresh:
        store(marks, runs)
    return all(mark.reached for mark in marks)

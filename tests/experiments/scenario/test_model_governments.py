"""Decisions that are forbidden or taken in any case: refused where their months make no sense."""

from __future__ import annotations

import pytest

from lodeflow import data
from lodeflow.data.problems import DataError
from lodeflow.experiments.scenario.model import check_scenario, load_scenario

TABLES = data.shared()
RUN = {"name": "mine", "world": {"start": "2024-01", "end": "2026-12"}}
BUY = {"who": "JPN", "kind": "stockpile", "metal": "gallium", "size": 90.0}


def wrong(**governments: object) -> list[str]:
    """What is wrong with a scenario in which governments decide."""
    raw = RUN | {"governments": {"mode": "on"} | governments}
    try:
        check_scenario(raw, "mine.toml", tables=TABLES)
    except DataError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("months", "refused"),
    [
        (["2024-01", "2026-12"], []),
        (["2025-02", "2027-01"], []),  # a shorter run misses what comes later
        (["2025-02", "0225-02"], [1]),
        (["2023-12", "2025-02"], [0]),
        (["2027-01", "2036-02"], [0, 1]),
    ],
)
def test_what_is_forced_lies_in_the_run(months: list[str], refused: list[int]) -> None:
    found = wrong(forced=[BUY | {"month": month} for month in months])
    assert [line.split(" lies")[0] for line in found] == [
        f"mine.toml, governments.forced[{number}], column month: {months[number]}" for number in refused
    ]
    assert all("2024-01 to 2026-12. Choose a month of the run." in line for line in found)


def test_a_veto_ends_after_it_begins() -> None:
    assert wrong(vetoes=[{"who": "CHN", "start": "2026-01", "end": "2026-01"}]) == []
    (line,) = wrong(vetoes=[{"who": "CHN", "start": "2026-05", "end": "2026-01"}])
    assert line == (
        "mine.toml, governments.vetoes[0]: end 2026-01 lies before start 2026-05. Put the end after the start."
    )


def test_a_shipped_scenario_that_is_cut_short_still_runs() -> None:
    assert load_scenario("escalation-2023", ["world.end=2024-06"], TABLES).governments.on

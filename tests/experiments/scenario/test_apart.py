"""A scenario from anybody is checked in a process of its own, bounded in time and memory."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from lodeflow.data.problems import DataError
from lodeflow.experiments.scenario import apart
from lodeflow.experiments.scenario.apart import check_apart
from lodeflow.experiments.scenario.model import LIBRARY, load_scenario
from lodeflow.experiments.scenario.names import names_in

MOST = 200_000


@pytest.fixture(scope="module")
def names(tables: Any) -> Any:
    return names_in(tables)


def test_the_answer_is_that_of_a_file(names: Any, tables: Any) -> None:
    content = (LIBRARY / "drc-cobalt-export-ban.toml").read_bytes()
    found = check_apart(content, "mine.toml", names, MOST)
    assert found == load_scenario("drc-cobalt-export-ban", tables=tables)
    assert [type(shock) for shock in found.shocks] == [
        type(shock) for shock in load_scenario("drc-cobalt-export-ban", tables=tables).shocks
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ((".".join("a" * 20_000) + "=1").encode(), "10 parts"),
        (b"x = " + b"[" * 50_000, "12 deep"),
        (b"x = " + b"9" * 5_000, "5,000 characters"),
        (b"\xff\xfe", "UTF-8"),
        (b"", "empty"),
        (b"#" * (MOST + 1), "200,001 bytes"),
    ],
)
def test_what_cannot_be_read_is_one_problem(names: Any, content: bytes, why: str) -> None:
    with pytest.raises(DataError, match=why) as caught:
        check_apart(content, "mine.toml", names, MOST)
    assert [problem.file for problem in caught.value.problems] == ["mine.toml"]


def test_of_very_many_problems_the_first_are_told(names: Any) -> None:
    with pytest.raises(DataError, match="there are 352 more problems") as caught:
        check_apart(b"".join(b"k%d = 1\n" % number for number in range(400)), "mine.toml", names, MOST)
    assert len(caught.value.problems) == apart.SHOWN + 1


def test_the_server_parses_nothing_itself(names: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("parse_scenario", "check_names"):
        monkeypatch.setattr(apart, name, lambda *_: pytest.fail("parsed in the process of the server"))
    assert check_apart(b'name = "mine"', "mine.toml", names, MOST).name == "mine"


@pytest.mark.parametrize(("bound", "value"), [("MEMORY_BYTES", 50_000_000), ("CPU_SECONDS", 0), ("WALL_SECONDS", 0.01)])
def test_a_check_beyond_its_bounds_is_ended(
    names: Any, monkeypatch: pytest.MonkeyPatch, bound: str, value: float
) -> None:
    monkeypatch.setattr(apart, bound, value)
    with pytest.raises(DataError, match="took too"):
        check_apart(b'name = "mine"', "mine.toml", names, MOST)


def test_a_check_that_dies_leaves_no_turn_taken(names: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("check", 1.0)

    monkeypatch.setattr(subprocess, "run", die)
    for _ in range(apart.AT_ONCE + 1):
        with pytest.raises(DataError, match="took too long"):
            check_apart(b'name = "mine"', "mine.toml", names, MOST)

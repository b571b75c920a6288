"""`--set key=value`."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from lodeflow.data.problems import Problem
from lodeflow.experiments.scenario.overrides import apply_overrides, parse_value

RAW = {"name": "x", "world": {"seed": 1}, "shocks": [{"strength": 1.0}, {"strength": 1.0}]}


def applied(*assignments: str) -> tuple[dict[str, Any], list[Problem]]:
    problems: list[Problem] = []
    return apply_overrides(RAW, assignments, problems), problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("true", True),
        ('"2024-02"', "2024-02"),
        ("2024-02", "2024-02"),
        ("2024-02-03", datetime.date(2024, 2, 3)),
        ("NZE", "NZE"),
        ('["cobalt", "nickel"]', ["cobalt", "nickel"]),
        ('{ known = "2025-06", end = "2025-09" }', {"known": "2025-06", "end": "2025-09"}),
        ("", None),
        ('["cobalt"', None),
        ('"open', None),
    ],
)
def test_values_are_written_as_in_toml(text: str, value: Any) -> None:
    if value is None and text != "":
        with pytest.raises(ValueError, match=r".+"):
            parse_value(text)
    elif value is None:
        with pytest.raises(ValueError, match="value"):
            parse_value(text)
    else:
        assert parse_value(text) == value


def test_keys_reach_into_tables_and_lists() -> None:
    changed, problems = applied(
        "world.seed=7", "shocks.1.strength=0.5", "shocks[0].strength=0", "parameters.eta.cobalt=0.4"
    )
    assert not problems
    assert changed["world"]["seed"] == 7
    assert [shock["strength"] for shock in changed["shocks"]] == [0, 0.5]
    assert changed["parameters"] == {"eta": {"cobalt": 0.4}}
    assert RAW["world"] == {"seed": 1}


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("world.seed", "not an assignment"),
        ("=3", "not an assignment"),
        ("shocks.2.strength=1", "items are 0 to 1"),
        ("shocks.first.strength=1", "no item 'first'"),
        ("shocks.5=1", "no item"),
        ("name.x=1", "single value"),
        ("name.x.y=1", "single value"),
        ("world.metals=[1", "cannot be read"),
    ],
)
def test_what_cannot_be_set_is_reported(assignment: str, words: str) -> None:
    changed, problems = applied(assignment)
    assert len(problems) == 1
    assert words in problems[0].wrong
    assert changed == RAW


@pytest.mark.parametrize(
    ("assignment", "why"),
    [
        (".".join("a" * 20_000) + "=1", "39,999 characters, at most 200"),
        (".".join("a" * 50) + "=1", "50 parts, at most 10"),
        ("world.seed=" + "9" * 5_000, "5,000 characters"),
        ("world.metals=" + "[" * 20_000, "12 deep"),
        ("shocks." + "9" * 150 + ".strength=1", "no item"),
        (f'title="{"a" * 30_000}"', "30,002 characters"),
    ],
)
def test_what_is_too_long_or_too_deep_is_refused_in_one_line(assignment: str, why: str) -> None:
    problems: list[Problem] = []
    apply_overrides({"name": "x", "world": {}, "shocks": [{}]}, [assignment], problems)
    assert len(problems) == 1
    assert why in problems[0].wrong
    assert len(str(problems[0])) < 1_000


def test_one_assignment_may_stand_alone_and_a_value_has_one_line() -> None:
    problems: list[Problem] = []
    assert apply_overrides(RAW, "world.seed=7", problems)["world"] == {"seed": 7}
    apply_overrides(RAW, ["world.seed=7\nnoise = 3"], problems)
    assert [problem.wrong for problem in problems] == ["the value cannot be read (it has more than one line)"]

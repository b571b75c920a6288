"""Scenario files that include others: what adds up, what is refused with its place, and a changed copy in two lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.experiments.scenario import include
from lodeflow.experiments.scenario.apart import answer_to, pickle
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.experiments.scenario.names import names_in
from lodeflow.experiments.scenario.scenario import Scenario

BAN, EPR = "drc-cobalt-export-ban", "eu-battery-epr"
RESERVE = """
title = "Korea buys cobalt"
name = "reserve"

[[shocks]]
kind = "stock_purchase"
actor = "KOR"
metals = ["cobalt"]
tonnes = 2000.0
start = "2024-06"
end = "2024-12"

[parameters]
eta.cobalt = 0.5

[monte_carlo]
regions = ["KOR"]

[[monte_carlo.vary]]
key = "shocks.0.tonnes"
low = 1000.0
high = 3000.0
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "reserve.toml").write_text(RESERVE, encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def wrong(path: Path, tables: Tables) -> list[str]:
    with pytest.raises(DataError) as caught:
        load_scenario(path, tables=tables)
    return [str(problem) for problem in caught.value.problems]


def test_a_changed_copy_is_two_lines(here: Path, tables: Tables) -> None:
    text = f'include = "{BAN}"\nset = ["shocks.0.strength=0.5"]\n'
    copy, original = load_scenario(write(here, text), tables=tables), load_scenario(BAN, tables=tables)
    assert (copy.name, copy.title, copy.world) == ("mine", original.title, original.world)
    changed = original.shocks[0].model_copy(update={"strength": 0.5})
    assert copy.shocks == [changed, original.shocks[1]]


def test_a_ban_a_reserve_and_a_recycling_rule_are_two_lines(here: Path, tables: Tables) -> None:
    text = f'include = ["{BAN}", "reserve.toml", "{EPR}"]\nworld.end = "2030-12"\n'
    whole = load_scenario(write(here, text), tables=tables)
    parts = [load_scenario(name, tables=tables) for name in (BAN, here / "reserve.toml", EPR)]
    assert whole.shocks == [shock for part in parts for shock in part.shocks]
    assert whole.title == "; ".join(part.title for part in parts)
    assert (whole.world.start, whole.world.end) == ("2024-01", "2030-12")
    assert whole.parameters == {"eta.cobalt": 0.5}


def test_ranges_follow_their_shocks(here: Path, tables: Tables) -> None:
    own = '\n[[monte_carlo.vary]]\nkey = "shocks.0.strength"\nlow = 0.5\nhigh = 1.0\n'
    text = f'include = ["{BAN}", "reserve.toml"]\n[monte_carlo]\nregions = ["COD"]\n{own}'
    section = load_scenario(write(here, text), tables=tables).monte_carlo
    assert section is not None
    assert [item.key for item in section.vary] == ["shocks.2.tonnes", "shocks.0.strength"]
    assert section.regions == ["COD"], "what the file says itself holds"


def test_what_runs_from_parts_runs_again_from_its_own_text(here: Path, tables: Tables) -> None:
    whole = load_scenario(write(here, f'include = ["{BAN}", "reserve.toml"]\n'), tables=tables)
    assert load_scenario(write(here, whole.to_toml(), "again.toml"), tables=tables) == whole


def test_the_own_keys_have_the_last_word_and_set_the_very_last(here: Path, tables: Tables) -> None:
    text = 'include = ["reserve.toml"]\nset = ["parameters.eta=0.3"]\n[parameters]\n"eta.cobalt" = 0.4\n'
    scenario = load_scenario(write(here, text), ["world.seed=7"], tables)
    assert (scenario.parameters, scenario.world.seed) == ({"eta.cobalt": 0.4, "eta": 0.3}, 7)


def test_a_conflict_names_both_files_until_one_value_is_chosen(here: Path, tables: Tables) -> None:
    text = f'include = ["{BAN}", "{EPR}"]\n'
    (problem,) = wrong(write(here, text), tables)
    assert problem.startswith("mine.toml, include, column world.end: ")
    assert f"{BAN} has '2029-12', {EPR} has '2040-12'" in problem
    for choice in ('world.end = "2035-12"\n', 'set = ["world.end=2035-12"]\n'):
        assert load_scenario(write(here, text + choice), tables=tables).world.end == "2035-12"


def test_a_circle_is_refused_with_its_way(here: Path, tables: Tables) -> None:
    write(here, 'include = "parts/b.toml"\n')
    write(here, 'include = "../mine.toml"\n', "parts/b.toml")
    assert wrong(here / "mine.toml", tables) == [
        "parts/b.toml, include: runs in a circle: mine.toml includes parts/b.toml includes mine.toml. "
        "Leave one of them out."
    ]
    assert (
        "runs in a circle: own.toml includes own.toml"
        in wrong(write(here, 'include = "own.toml"', "own.toml"), tables)[0]
    )


def test_a_file_that_comes_in_by_two_ways_counts_once(here: Path, tables: Tables) -> None:
    write(here, 'include = "reserve.toml"\n', "a.toml")
    twice = write(here, 'include = ["a.toml", "reserve.toml"]\n')
    scenario = load_scenario(twice, tables=tables)
    assert len(scenario.shocks) == 1
    assert scenario.monte_carlo is not None
    assert len(scenario.monte_carlo.vary) == 1
    write(here, 'include = "reserve.toml"\nset = ["shocks.0.tonnes=5.0"]\n', "a.toml")
    (problem,) = wrong(twice, tables)
    assert "shocks[0] of reserve.toml comes in twice, in different words" in problem


def test_a_mistake_in_an_included_file_is_placed_there(here: Path, tables: Tables) -> None:
    write(here, RESERVE.replace("2000.0", "-1.0"), "low.toml")
    first = wrong(write(here, f'include = ["{BAN}", "low.toml"]\n'), tables)[0]
    assert first.startswith("mine.toml, shocks[0] of low.toml, column tonnes: ")
    with pytest.raises(DataError) as caught:
        load_scenario(write(here, f'include = "{BAN}"\n'), ["shocks.7.strength=1"], tables)
    assert str(caught.value.problems[0]).startswith("--set, shocks.7.strength=1: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('include = 3\nname = "a"', "mine.toml, include: is no text and no list of texts"),
        ('include = ["reserve.tml"]', "'reserve.tml' is no shipped scenario, and no file beside this one"),
        (f'include = ["{BAN}", "{BAN}"]', "stands there twice"),
        ('include = "reserve.toml"\nset = ["shocks.9.tonnes=1"]', "mine.toml, set, shocks.9.tonnes=1: "),
        ('include = "reserve.toml"\nworld = 3', "mine.toml, world: is not a table"),
        ('include = "reserve.toml"\nshocks = ["x"]', "mine.toml, shocks: is not a list of tables"),
        ('include = "broken.toml"', "broken.toml: is not valid TOML"),
        ('include = "reserve.toml"\nworl = {}', "worl"),
    ],
)
def test_what_cannot_be_put_together_is_said(here: Path, tables: Tables, text: str, told: str) -> None:
    write(here, "name = [", "broken.toml")
    assert any(told in line for line in wrong(write(here, text), tables))


def test_the_number_of_files_is_bounded(here: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(include, "MOST_FILES", 2)
    for name in "abc":
        write(here, "", f"{name}.toml").write_text(f'name = "{name}"\n', encoding="utf-8")
    assert "there are more than 2 files" in wrong(write(here, 'include = ["a.toml", "b.toml", "c.toml"]\n'), tables)[0]


def test_what_is_uploaded_includes_shipped_scenarios_and_no_files(here: Path, tables: Tables) -> None:
    names = names_in(tables)

    def answer(text: str) -> Scenario | list[object]:
        return answer_to(pickle.dumps((text.encode(), "mine.toml", names, 10_000)))  # type: ignore[return-value]

    found = answer(f'include = "{BAN}"\nset = ["world.end=2027-12"]\n')
    assert isinstance(found, Scenario)
    assert (found.name, found.world.end) == ("mine", "2027-12")
    refused = answer(f'include = "{here / "reserve.toml"}"\n')
    assert isinstance(refused, list)
    assert "is no shipped scenario" in str(refused[0])

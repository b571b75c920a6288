"""Scenario files: everything wrong is found at once, and what is right survives a round trip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lodeflow.data.problems import DataError
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.scenario.model import (
    Scenario,
    check_scenario,
    find_scenario,
    load_scenario,
    read_toml,
    shipped,
)
from tests.experiments.fake import fake_tables

TABLES: Any = fake_tables()

GOOD = """
name = "test"
[world]
start = "2024-01"
end = "2025-12"
seed = 3
[parameters]
eta.cobalt = 0.4
[[shocks]]
kind = "export_ban"
actor = "COD"
metals = ["cobalt"]
form = "intermediate"
start = "2024-06"
end = "2024-12"
extensions = [{ known = "2024-11", end = "2025-02" }]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "test.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(folder: Path, text: str, *overrides: str) -> list[tuple[str | int | None, str, str, str]]:
    with pytest.raises(DataError) as caught:
        load_scenario(written(folder, text), overrides, TABLES)
    return [(problem.row, problem.column, problem.wrong, problem.right) for problem in caught.value.problems]


def test_a_good_file_is_read_as_written(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, GOOD), tables=TABLES)
    assert scenario.world.seed == 3
    assert scenario.parameters == {"eta.cobalt": 0.4}
    assert type(scenario.shocks[0]) is REGISTRY["export_ban"]
    assert scenario.first_month == "2024-06"


def test_the_written_copy_reads_back_as_the_same_scenario(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, GOOD), ["shocks.0.strength=0.25", "world.noise=0"], TABLES)
    again = load_scenario(written(tmp_path, scenario.to_toml()), tables=TABLES)
    assert again == scenario
    assert again.to_toml() == scenario.to_toml()


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    text = GOOD.replace("seed", "sed").replace("eta.cobalt", "etta.cobalt").replace('"COD"', '"CODD"')
    text = text.replace('start = "2024-06"', 'start = "2024-06"\nstrength = 1.5\nrecovery_month = 3')
    found = problems_of(tmp_path, text)
    places = {(row, column) for row, column, _, _ in found}
    assert places == {
        ("world", "sed"),
        ("parameters", "etta.cobalt"),
        ("shocks[0]", "actor"),
        ("shocks[0]", "strength"),
        ("shocks[0]", "recovery_month"),
    }


@pytest.mark.parametrize(
    ("old", "new", "column", "hint"),
    [
        ("seed = 3", "sead = 3", "sead", "'seed'"),
        ('kind = "export_ban"', 'kind = "exprt_ban"', "kind", "'export_ban'"),
        ('metals = ["cobalt"]', 'metals = ["colbalt"]', "metals", "'cobalt'"),
        ('actor = "COD"', 'actor = "DR Congo"', "actor", "'COD'"),
        ('actor = "COD"', 'actor = "EU28"', "actor", "'EU27'"),
        ("known =", "knwn =", "knwn", "'known'"),
        ('name = "test"', 'name = "test"\ntitel = "x"', "titel", "'title'"),
        ("[[shocks]]", "[[shock]]", "shock", "'shocks'"),
    ],
)
def test_a_misspelt_name_suggests_the_nearest(tmp_path: Path, old: str, new: str, column: str, hint: str) -> None:
    found = problems_of(tmp_path, GOOD.replace(old, new))
    assert any(place == column and hint in right for _, place, _, right in found), found


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('end = "2025-12"', 'end = "2023-12"', "before start"),
        ('end = "2024-12"', 'end = "2024-02"', "before start"),
        ('start = "2024-06"', 'start = "2024-06"\nstrength = 1.5', "less than or equal to 1"),
        ('start = "2024-06"', 'start = "2026-06"\nannounce = "2026-01"', "before start"),
        ('start = "2024-06"\nend = "2024-12"', 'start = "2027-06"', "after the run ends"),
        ('start = "2024-06"', 'start = "June 2024"', "not a month"),
        ('start = "2024-01"', "start = 2024", "valid string"),
        ('start = "2024-01"', "start = 2024-01-15", "2024-01-15 stands there without quotes"),
        ('start = "2024-06"', 'start = "0224-06"', "'0224-06' lies outside of 1900 to 2300"),
        ('end = "2024-12"', 'end = "9024-12"', "'9024-12' lies outside of 1900 to 2300"),
        ("seed = 3", 'seed = "three"', "valid integer"),
        ("seed = 3", 'metals = ["nickel"]', "none of its metals"),
        ('form = "intermediate"', 'form = "ore"', "not traded as ore"),
        ('["cobalt"]\nform = "intermediate"', '["gallium"]\nform = "feed"', "comes straight from its host"),
        ("eta.cobalt = 0.4", "eta.cobalt = true", "not a number"),
        ("eta.cobalt = 0.4", "eta.cobolt = 0.4", "no scope"),
        ("eta.cobalt = 0.4", 'eta.cobalt = "0.4"', "not a number"),
        ("eta.cobalt = 0.4", "eta.cobalt = nan", "not a finite number"),
        ("eta.cobalt = 0.4", "eta.cobalt = 1e308", "no meaning"),
        ("eta.cobalt = 0.4", "eta.cobalt = -1", "no meaning"),
        ("eta.cobalt = 0.4", '"eta." = 0.4', "scope after the dot is missing"),
        ("eta.cobalt = 0.4", "gamma.cobalt = 0.4", "one value for all metals"),
        ("eta.cobalt = 0.4", '"eta.cobalt" = 0.4\neta.cobalt = 0.5', "twice"),
        ("eta.cobalt = 0.4", "eta = {}", "not a number"),
        ("seed = 3", "seed = true", "valid integer"),
        ("seed = 3", 'noise = "0.5"', "valid number"),
        ("seed = 3", "noise = true", "valid number"),
        ("seed = 3", 'metals = ["cobalt", "cobalt"]', "'cobalt' stands there twice"),
        ("seed = 3", 'metals = [["cobalt"]]', "valid string"),
        ('["cobalt"]', '["cobalt", "cobalt"]', "'cobalt' stands there twice"),
        ('actor = "COD"', 'actor = "COD"\npartners = ["CHN", "CHN"]', "'CHN' stands there twice"),
        ('actor = "COD"', 'actor = [["COD"]]', "valid string"),
        ('kind = "export_ban"', 'kind = ["x"]', "there is no kind ['x']"),
        ("[{ known", '["x", { known', "not a table"),
        ('kind = "export_ban"', 'kind = "export_quota"\ntonnes_per_year = 1e308', "less than or equal to"),
        ('name = "test"', f'name = "{"x" * 200}"', "at most 100 characters"),
        ('name = "test"', "", "missing"),
        ('name = "test"', 'name = "../x"', "pattern"),
    ],
)
def test_what_is_wrong_is_said_in_words(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if "2027" in new or "2026" in new:
        text = text.replace('extensions = [{ known = "2024-11", end = "2025-02" }]', "")
    found = problems_of(tmp_path, text)
    assert any(words in wrong for _, _, wrong, _ in found), found
    assert all(right for _, _, _, right in found), found


@pytest.mark.parametrize("form", ["", 'form = "all"\n'])
@pytest.mark.parametrize("metal", ["cobalt", "gallium"])
def test_every_form_can_be_restricted_of_every_metal(tmp_path: Path, form: str, metal: str) -> None:
    text = GOOD.replace('form = "intermediate"\n', form).replace('["cobalt"]', f'["{metal}"]')
    (shock,) = load_scenario(written(tmp_path, text), tables=TABLES).shocks
    assert getattr(shock, "form", None) == "all"


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ('key = "name"\ndistribution = "choice"\nchoices = ["a", "b"]', "nothing that runs differ in"),
        ('key = "shocks.0.strength"\nlow = true\nhigh = 1', "valid number"),
        ('key = "shocks.0.strength"\nlow = 0\nhigh = 1e308', "less than or equal to"),
        ('key = "shocks.0.strength"\nlow = 0\nhigh = inf', "finite"),
        ('key = "shocks.0.strength"\nlow = 0\nhigh = 2', "with shocks.0.strength = 2: 2.0"),
        ('key = "shocks.0.strength"\nlow = 0\nhigh = 1\nchoices = [1, 2]', "choices need"),
        ('key = "shocks.0.delay"\ndistribution = "choice"\nchoices = ["a", "b"]', "whole numbers"),
        ('key = "shocks.0.delay"\ndistribution = "choice"\nchoices = [1, 1]', "twice"),
        (f'key = "shocks.{"9" * 90}.delay"\nlow = 0\nhigh = 1', "no item"),
    ],
)
def test_what_cannot_vary_is_said_in_words(tmp_path: Path, vary: str, words: str) -> None:
    found = problems_of(tmp_path, f"{GOOD}[[monte_carlo.vary]]\n{vary}\n")
    assert any(words in wrong for _, _, wrong, _ in found), found


def test_the_same_key_varies_once(tmp_path: Path) -> None:
    both = "".join(
        f'[[monte_carlo.vary]]\nkey = "shocks.{zero}.strength"\nlow = 0.1\nhigh = 1.0\n' for zero in ("0", "00")
    )
    [(row, column, wrong, _)] = problems_of(tmp_path, GOOD + both)
    assert (row, column) == ("monte_carlo", "vary")
    assert wrong.count("shocks.0.strength") == 1


def test_a_list_without_steps_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    text = GOOD.split("[[shocks]]", maxsplit=1)[0] + (
        '[[shocks]]\nkind = "epr"\nactor = "EU27"\nproducts = ["ev-battery-nickel"]\nstart = "2024-06"\n'
        "recovery = { cobalt = [] }\n"
    )
    [(row, column, wrong, _)] = problems_of(tmp_path, text)
    assert (row, column, wrong) == ("shocks[0]", "recovery", "'cobalt' has no steps")


def test_a_message_names_a_place_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_scenario(written(tmp_path, GOOD.replace('["cobalt"]', '["cobalt", "cobalt"]')), tables=TABLES)
    assert str(caught.value.problems[0]) == (
        "test.toml, shocks[0], column metals: 'cobalt' stands there twice. Name it once."
    )


def test_an_unknown_section_names_every_section_once(tmp_path: Path) -> None:
    [(_, column, _, right)] = problems_of(tmp_path, GOOD + '\n[[policies]]\nkind = "epr"\n')
    assert column == "policies"
    assert right == "Use one of: name, title, description, world, parameters, shocks, governments, monte_carlo"


def test_a_scenario_made_in_python_is_checked_like_a_file() -> None:
    ban = REGISTRY["export_ban"].model_validate({"actor": "XXX", "metals": ["cobalt"], "start": "2024-06"})
    with pytest.raises(DataError, match="'XXX'"):
        load_scenario(Scenario(name="mine", shocks=[ban]), tables=TABLES)
    changed = load_scenario(Scenario(name="mine"), ["world.seed=7"], TABLES)
    assert changed.world.seed == 7
    with pytest.raises(DataError, match="float is no scenario"):
        load_scenario(3.0, tables=TABLES)  # type: ignore[arg-type]


def test_a_shock_that_is_over_before_the_run_is_a_problem(tmp_path: Path) -> None:
    text = GOOD.replace('start = "2024-01"', 'start = "2025-06"')
    assert any("before the run starts" in wrong for _, _, wrong, _ in problems_of(tmp_path, text))


def test_one_shock_in_the_run_is_enough(tmp_path: Path) -> None:
    later = '[[shocks]]\nkind = "mine_outage"\nactor = "COD"\nmetals = ["zinc"]\nstrength = 0.5\nstart = "2027-01"\n'
    assert len(load_scenario(written(tmp_path, GOOD + later), tables=TABLES).shocks) == 2
    found = problems_of(tmp_path, GOOD + later, "world.end=2024-02")
    assert [(row, column) for row, column, _, _ in found] == [("shocks[0]", "start"), ("shocks[1]", "start")]


def test_a_shock_without_a_kind_lists_the_kinds(tmp_path: Path) -> None:
    found = problems_of(tmp_path, GOOD.replace('kind = "export_ban"\n', ""))
    assert found[0][:3] == ("shocks[0]", "kind", "is missing")
    assert "export_quota" in found[0][3]


@pytest.mark.parametrize("section", ["world = 3", "parameters = 3", "shocks = 3", 'shocks = ["a"]'])
def test_a_section_of_the_wrong_shape_is_a_problem(section: str) -> None:
    import tomllib

    with pytest.raises(DataError):
        check_scenario({"name": "x"} | tomllib.loads(section), "x.toml", tables=TABLES)


def test_an_empty_file_is_a_problem(tmp_path: Path) -> None:
    assert "empty" in problems_of(tmp_path, "  \n")[0][2]


def test_a_folder_is_not_a_scenario(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder"):
        load_scenario(tmp_path, tables=TABLES)


def test_a_missing_file_and_a_file_below_a_file_are_problems(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load_scenario(tmp_path / "none.toml", tables=TABLES)
    with pytest.raises(DataError, match="cannot be read"):
        read_toml(written(tmp_path, GOOD) / "below.toml")


def test_text_that_is_no_toml_or_no_text_is_a_problem(tmp_path: Path) -> None:
    assert "line 1" in problems_of(tmp_path, "start = 2024-01")[0][2]
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        load_scenario(path, tables=TABLES)


def test_an_unknown_name_suggests_a_shipped_scenario() -> None:
    with pytest.raises(DataError, match="drc-cobalt-export-ban"):
        find_scenario("drc-cobalt-ban")


def test_a_new_kind_of_shock_needs_only_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lodeflow.environment.shocks.kinds.REGISTRY", REGISTRY)
    before = set(REGISTRY)
    from typing import Literal

    from lodeflow.environment.shocks.kinds import Shock

    class Meteor(Shock):
        kind: Literal["meteor"] = "meteor"
        size: float

    try:
        raw = {"name": "x", "shocks": [{"kind": "meteor", "start": "2025-01", "size": 2.0}]}
        scenario = check_scenario(raw, "x.toml", tables=TABLES)
        assert isinstance(scenario.shocks[0], Meteor)
        assert 'kind = "meteor"' in scenario.to_toml()
    finally:
        for kind in set(REGISTRY) - before:
            del REGISTRY[kind]


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_are_right_and_survive_a_round_trip(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    assert isinstance(scenario, Scenario)
    assert scenario.name == name
    assert scenario.title
    assert load_scenario(written(tmp_path, scenario.to_toml())) == scenario

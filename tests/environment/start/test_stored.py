"""Starts that are kept on disk: the same to the digit as new ones, and made again where anything differs or is damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.data import kept as files
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.expectation import Expectation
from lodeflow.environment.shocks.kinds import ExportBan
from lodeflow.environment.start import draft, kept, stored
from lodeflow.environment.start.draw_up import table_parameters
from lodeflow.environment.start.stored import name_of

SETTINGS = WorldSettings(metals=["cobalt", "nickel"], start="2024-01", end="2024-12")
BAN = ExportBan(actor="COD", metals=["cobalt"], form="feed", start="2024-05")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for kept files, and names as in a command."""
    monkeypatch.setattr(stored, "name_of", name_of)
    monkeypatch.setenv(files.FOLDER, str(tmp_path / "kept"))
    return tmp_path / "kept"


def begin(tables: Tables, parameters: dict[str, float] | None = None, **changes: Any) -> tuple[Blueprint, Expectation]:
    """The start of a command of its own: nothing is kept in memory."""
    return kept.start(tables.replace(), SETTINGS.model_copy(update=changes), [BAN], parameters, lasting=True)


def starts(place: Path) -> list[Path]:
    return sorted(place.glob("start-*.arrow"))


def test_the_next_command_begins_with_it_and_runs_alike(
    tables: Tables, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(tables)
    assert len(starts(place)) == 1
    monkeypatch.setattr(kept, "draw_up", None)
    blueprint, expectation = begin(tables)
    fresh = build(tables, SETTINGS, [BAN]).run()
    world = World(blueprint, [BAN], expectation).run()
    assert blueprint.settings == SETTINGS
    for name, block in fresh.recorder.blocks.items():
        np.testing.assert_array_equal(world.recorder.blocks[name], block)


def test_seed_and_noise_need_no_start_of_their_own(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(tables)
    monkeypatch.setattr(kept, "draw_up", None)
    blueprint, _ = begin(tables, seed=9, noise=0.3)
    assert (blueprint.settings.seed, blueprint.settings.noise) == (9, 0.3)


@pytest.mark.parametrize(
    ("parameters", "changes"),
    [({"home_bias": 3.0}, {}), ({"eta.cobalt": 0.5}, {}), ({}, {"end": "2024-11"}), ({}, {"mode": "stationary"})],
)
def test_another_world_has_another_start(
    tables: Tables, place: Path, parameters: dict[str, float], changes: dict[str, Any]
) -> None:
    begin(tables)
    begin(tables, parameters, **changes)
    assert len(starts(place)) == 2


def test_its_name_tells_tables_code_and_places(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    values = table_parameters(tables, SETTINGS)
    name = name_of(tables, SETTINGS, frozenset(["COD"]), values)
    assert name == name_of(tables.replace(), SETTINGS, frozenset(["COD"]), values)
    assert name != name_of(tables, SETTINGS, frozenset(["COD", "PNG"]), values)
    fewer = tables.replace(production=tables.production.iloc[1:])
    assert name != name_of(fewer, SETTINGS, frozenset(["COD"]), values)
    monkeypatch.setattr(stored, "_made_by", lambda: "other code")
    assert name != name_of(tables, SETTINGS, frozenset(["COD"]), values)


def test_code_that_makes_a_start_is_in_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(files, "key_of", lambda parts: seen.extend(name for name, _ in parts) or "key")
    stored._made_by.__wrapped__()
    assert {"agents population.py", "environment rehearsal.py", "environment clearing.py", "data loader.py"} <= set(
        seen
    )


def test_what_is_damaged_is_made_again(tables: Tables, place: Path) -> None:
    before, _ = begin(tables)
    (path,) = starts(place)
    whole = path.read_bytes()
    for damaged in (whole[:-1], b"", b"x" * len(whole)):
        path.write_bytes(damaged)
        after, _ = begin(tables)
        np.testing.assert_array_equal(after.demand, before.demand)
        assert path.read_bytes() == whole


def test_where_nothing_can_be_written_nothing_is_kept(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(files.FOLDER, str(tmp_path / "file" / "kept"))
    first, _ = begin(tables)
    second, _ = begin(tables)
    assert second.agents is not first.agents
    assert (tmp_path / "file").read_bytes() == b""


def test_code_that_cannot_be_read_keeps_nothing(tables: Tables, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden() -> str:
        raise OSError("a program in one file")

    monkeypatch.setattr(stored, "_made_by", hidden)
    begin(tables)
    assert not starts(place)


def test_the_oldest_go_first(tables: Tables, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST", 2)
    for bias in (3.0, 3.1, 3.2):
        begin(tables, {"home_bias": bias})
    assert len(starts(place)) == 2


def test_only_a_start_that_shall_last_is_kept(tables: Tables, place: Path) -> None:
    kept.start(tables.replace(), SETTINGS, [BAN])
    assert not place.exists()


def test_it_knows_what_it_depends_on(tables: Tables) -> None:
    begin(tables)
    own = tables.replace()
    first, _ = kept.start(own, SETTINGS, [BAN], lasting=True)
    dearer, _ = kept.start(own, SETTINGS, [BAN], {"price_speed": 0.3})
    other, _ = kept.start(own, SETTINGS, [BAN], {"home_bias": 3.3})
    assert dearer.agents is first.agents
    assert other.agents is not first.agents


def found(place: Path) -> list[Path]:
    return sorted(place.glob("findings-*.arrow"))


def test_what_is_found_in_tables_serves_other_worlds(
    tables: Tables, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(tables)
    (path,) = found(place)
    whole = path.read_bytes()
    fresh = build(tables.replace(), SETTINGS, [BAN], {"home_bias": 3.1}).run()
    monkeypatch.setattr(draft, "lifetime_probabilities", None)
    blueprint, expectation = begin(tables, {"home_bias": 3.1})
    world = World(blueprint, [BAN], expectation).run()
    for name, block in fresh.recorder.blocks.items():
        np.testing.assert_array_equal(world.recorder.blocks[name], block)
    assert path.read_bytes() == whole, "nothing new was found"


def test_findings_are_those_of_the_tables_and_of_this_code(
    tables: Tables, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(tables)
    begin(tables.replace(cover=tables.cover.assign(months=2.0 * tables.cover["months"])))
    assert len(found(place)) == 2
    monkeypatch.setattr(stored, "_made_by", lambda: "other code")
    begin(tables)
    assert len(found(place)) == 3


def test_findings_of_several_worlds_stand_together_up_to_the_largest_number(
    tables: Tables, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> set[str]:
        return set(stored._known(found(place)[0].name))

    begin(tables)
    first = names()
    begin(tables, metals=["copper"])
    both = names()
    assert first < both
    monkeypatch.setattr(stored, "LARGEST", len(both))
    begin(tables, metals=["lithium"])
    assert not names() & both, "those of before went first"


def test_findings_that_are_damaged_are_found_again(tables: Tables, place: Path) -> None:
    begin(tables)
    (path,) = found(place)
    whole = path.read_bytes()
    for number, damaged in enumerate((whole[:-1], b"", b"x" * len(whole))):
        path.write_bytes(damaged)
        begin(tables, {"home_bias": 3.1 + number})
        assert path.read_bytes() == whole
    files.keep(path.name, b"no table", 1)
    begin(tables, {"home_bias": 2.9})
    assert path.read_bytes() == whole

"""docs/coverage.md is current; its commands exist; its figures are rows of the validation."""

from __future__ import annotations

from docs.make_coverage import PAGE, capabilities, page, rows_of, state, verdicts
from lodeflow.cli.main import app


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m docs.make_coverage`"


def test_every_command_exists() -> None:
    names = {
        command.name or command.callback.__name__.replace("_", "-")
        for group in app.registered_groups
        if group.typer_instance is not None
        for command in group.typer_instance.registered_commands
        if command.callback is not None
    }
    used = {one["command"].split()[1] for one in capabilities() if one["command"]}
    assert used <= names


def test_every_group_of_rows_is_judged_and_none_of_the_long_view_is_left_out() -> None:
    shipped = verdicts()
    for one in capabilities():
        for name in one["rows"]:
            assert rows_of(one | {"rows": [name]}, shipped), name
    named = {row["id"] for one in capabilities() for row in rows_of(one, shipped)}
    assert {row["id"] for row in shipped if row["id"].startswith("P5-")} <= named


def test_what_has_no_command_is_called_missing() -> None:
    assert state({"command": "", "rows": []}, []) == "missing"
    assert state({"command": "lodeflow list", "rows": []}, []) == "there; no figure is published"
    assert state({"command": ""}, [{"verdict": "within"}, {"verdict": "outside"}]) == "1 within, 1 outside"

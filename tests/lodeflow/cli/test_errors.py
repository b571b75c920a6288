"""What a command says besides its result."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from lodeflow.cli.main import app
from lodeflow.environment.market import clearing


def test_a_command_says_once_that_compiled_code_could_not_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "NOT_CACHED", "Compiled code could not be kept.")
    assert CliRunner().invoke(app, ["list"]).stderr == "Compiled code could not be kept.\n"
    monkeypatch.setattr(clearing, "NOT_CACHED", "")
    assert CliRunner().invoke(app, ["list"]).stderr == ""

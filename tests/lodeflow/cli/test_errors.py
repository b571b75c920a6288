"""What a command says besides its result."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lodeflow.cli.errors import reporting
from lodeflow.cli.main import app
from lodeflow.environment.market import clearing
from lodeflow.print.screen import Terminated


def test_a_command_says_once_that_compiled_code_could_not_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "NOT_CACHED", "Compiled code could not be kept.")
    assert CliRunner().invoke(app, ["list"]).stderr == "Compiled code could not be kept.\n"
    monkeypatch.setattr(clearing, "NOT_CACHED", "")
    assert CliRunner().invoke(app, ["list"]).stderr == ""


@pytest.mark.parametrize(("request_", "code"), [(Terminated, 143), (KeyboardInterrupt, 130)])
def test_a_request_to_end_that_meets_compiled_code_is_no_error(
    request_: type[KeyboardInterrupt], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Compiled code that is stopped while it is loaded wraps the request into errors of its own, as here."""
    with pytest.raises(SystemExit) as ended, reporting():
        stopped_in_compiled_code(request_())
    assert ended.value.code == code
    assert capsys.readouterr().err == "\nInterrupted.\n"


def test_an_error_of_compiled_code_is_not_hidden() -> None:
    with pytest.raises(SystemError, match="outer"), reporting():
        stopped_in_compiled_code(ValueError("a fault"))


def stopped_in_compiled_code(reason: BaseException) -> None:
    """Raise what a function in C raises over an error that it found set, twice."""
    inner = SystemError("inner")
    inner.__cause__ = reason
    raise SystemError("outer") from inner


@pytest.mark.parametrize(("shocks", "words"), [(0, "0 shocks"), (1, "1 shock,"), (2, "2 shocks")])
def test_check_counts_in_words(tmp_path: Path, shocks: int, words: str) -> None:
    path = tmp_path / "mine.toml"
    ban = '[[shocks]]\nkind = "export_ban"\nactor = "COD"\nmetals = ["cobalt"]\nstart = "2024-0{}"\n'
    text = "".join(ban.format(number) for number in range(1, shocks + 1))
    path.write_text('name = "mine"\n[world]\nmetals = ["cobalt"]\nend = "2024-06"\n' + text, encoding="utf-8")
    assert words in CliRunner().invoke(app, ["check", str(path)]).stdout

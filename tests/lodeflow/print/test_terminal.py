"""What users, files and paths say is shown as it stands: no markup, no escape codes, in terminal, report and charts."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner, Result

from lodeflow.cli.main import app
from lodeflow.print.terminal import PlainConsole, say
from lodeflow.viz import style

ROOT = Path(__file__).resolve().parents[3]
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NASTY = "[/b] x [red]$\\\\frac{ <script>alert(1)</script> \\u001b[31mred\\u001b]0;pwn\\u0007 :smile: \\u202e end"
SHOWN = "[/b] x [red]$\\frac{ <script>alert(1)</script> red :smile:  end"
SCENARIO = f"""
name = "nasty"
title = "{NASTY}"
description = "{NASTY}"
[world]
end = "2024-06"
metals = ["gallium"]
[[shocks]]
kind = "export_ban"
label = "{NASTY}"
actor = "CHN"
metals = ["gallium"]
start = "2024-03"
[[shocks]]
kind = "demand_surge"
label = "{NASTY}"
metals = ["gallium"]
start = "2024-04"
strength = 0.0
"""


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_scenario_is_shown_literally_in_terminal_and_report(tmp_path: Path) -> None:
    path = tmp_path / "nasty.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    result = invoke("run", str(path), "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert f"\n{SHOWN}  (2024-01 to 2024-06" in result.stdout
    assert f"Note: {SHOWN} had no effect" in result.stdout
    assert CONTROL.search(result.output.replace("\r", "")) is None
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert CONTROL.search(html) is None
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_a_console_knows_no_markup_anywhere() -> None:
    written = io.StringIO()
    out = PlainConsole(file=written, force_terminal=True, color_system="standard", width=200)
    nasty = "[/b] [bold]x[/bold] :smile: \x1b[5m\x1b]0;t\x07"
    table = Table(title=nasty, caption=nasty)
    table.add_column(nasty)
    table.add_row(nasty)
    table.add_row(Text("own", style="red"))
    out.print(nasty, style="bold")
    out.print(nasty, 3, end="")
    out.print(table)
    text = written.getvalue()
    assert text.count("[/b] [bold]x[/bold] :smile: ") == 6
    assert "\x1b[31mown" in text, "its own colours stay"
    assert "\x1b[5m" not in text
    assert "\x1b]" not in text


def test_lines_and_titles_of_charts_are_literal(capsys: pytest.CaptureFixture[str]) -> None:
    nasty = "[/b] $x \x1b[5m\x1b]0;t\x07\u202eend"
    say(nasty)
    say(nasty, err=True)
    assert capsys.readouterr() == ("[/b] $x end\n", "[/b] $x end\n")
    assert style.plain(nasty) == r"[/b] \$x end"


def test_every_command_prints_through_the_one_helper() -> None:
    raw = re.compile(r"rich\.console import|(?<![\w.])print\(|typer\.echo|click\.echo")
    files = [path for path in (ROOT / "lodeflow").rglob("*.py") if path.name != "terminal.py"]
    assert len(files) > 20
    assert [path.name for path in files if raw.search(path.read_text(encoding="utf-8"))] == []


def refused(*arguments: str) -> str:
    """Run a command that must end with exit code 2 and a plain report; return the report."""
    result = invoke(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert CONTROL.search(result.stderr) is None
    assert max(len(line) for line in result.stderr.splitlines()) < 3_000
    return result.stderr


def test_names_and_paths_in_a_report_are_plain(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31m[bold]odd\x07.toml"
    path.write_text('"\\u001b[2Jkey" = 1\nname = "x"\n[[shocks]]\nkind = "\\u001b[2J"\n', encoding="utf-8")
    report = refused("check", str(path))
    assert "[bold]odd.toml" in report
    assert "column key: is not a known key" in report
    refused("check", "\x1b[31mnone")
    refused("check", str(tmp_path / "\x1b[31mgone.toml"))
    refused("describe", "\x1b[31mnone")
    refused("run", "baseline", "--set", "\x1b[31mworld.seed=\x1b]0;x\x07")
    refused("run", "baseline", "--data", str(tmp_path / "\x1b[31mgone"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ((".".join("a" * 20_000) + "=1").encode(), "more than 10 parts"),
        (b"x = " + b"[" * 100_000, "more than 12 deep"),
        (b"x = " + b"{a=" * 30_000, "more than 12 deep"),
        (b"x = " + b"9" * 5_000, "5,000 characters"),
        (b'name = "' + b"x" * 500_000 + b'"', "500,002 characters"),
        (b"x = [" + b"1," * 100_000 + b"]", "more than 10,000 keys"),
        (b"#" * 2_000_000, "2,000,000 bytes"),
        (b'name = "\xff"', "not UTF-8"),
        ('name = "x"'.encode("utf-16"), "not UTF-8"),
        (b'name = "x"\x00', "not valid TOML"),
        (b"\xef\xbb\xbf", "empty"),
    ],
)
def test_a_file_that_would_choke_the_parser_is_one_clear_line(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    report = refused("check", str(path))
    assert why in report
    assert len(report.splitlines()) == 2


def test_a_mark_of_the_byte_order_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('\ufeffname = "x"\n', encoding="utf-8")
    assert "nothing wrong" in invoke("check", str(path)).stdout


@pytest.mark.parametrize("arguments", [["check", "PIPE"], ["run", "PIPE"], ["check", "TABLES"]])
def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path, arguments: list[str]) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    for pipe in (tmp_path / "x.toml", tables / "prices.csv", tables / "prices.toml"):
        os.mkfifo(pipe)
    places = {"PIPE": str(tmp_path / "x.toml"), "TABLES": str(tables)}
    words = [places.get(word, word) for word in arguments]
    done: Any = subprocess.run(
        [sys.executable, "-m", "lodeflow", *words], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert "is a pipe, not a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_device_in_place_of_a_file_is_refused_unread() -> None:
    assert "is a device, not a file" in refused("check", "/dev/zero")

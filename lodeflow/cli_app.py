"""The command that opens the dashboard. Heavy packages are imported inside the commands."""

from __future__ import annotations

import typer

commands = typer.Typer()



"""Commands for many runs: monte-carlo, summarize, sensitivity, discover. Heavy packages are imported inside the commands."""

from __future__ import annotations

import typer

commands = typer.Typer()

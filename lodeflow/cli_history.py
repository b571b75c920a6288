"""Commands that let history judge: hindcast, calibrate, validate, register. Heavy packages are imported inside the commands."""

from __future__ import annotations

import typer

commands = typer.Typer()

"""The command line, one file a group of commands. Heavy packages are imported inside the commands."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the entry point `lodeflow`."""
    from lodeflow.cli.main import main as run

    run()

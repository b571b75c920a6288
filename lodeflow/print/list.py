"""What `lodeflow list` prints: the vocabulary of the model, from where it is declared."""

from __future__ import annotations

from lodeflow import data
from lodeflow.experiments.plugins import kinds
from lodeflow.experiments.scenario.read import titles
from lodeflow.print.table import first_line, two_columns
from lodeflow.print.terminal import console


def print_overview() -> None:
    """Print the scenarios, metals, shock and policy kinds."""
    out = console()
    out.print(two_columns("Scenarios", titles().items()))
    out.print(two_columns("Metals", data.labels("metals", "metal", "label").items()))
    known = sorted(kinds().items())
    for title, policy in (("Shock kinds", False), ("Policy kinds", True)):
        rows = ((kind, first_line(cls)) for kind, cls in known if cls.policy is policy)
        out.print(two_columns(title, rows))
    out.print("`lodeflow describe NAME` explains any of these; `lodeflow run SCENARIO` runs one.")

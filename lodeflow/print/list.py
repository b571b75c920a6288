"""What `lodeflow list` prints: the vocabulary of the model, from where it is declared."""

from __future__ import annotations

from lodeflow import data
from lodeflow.experiments import listing
from lodeflow.experiments.scenario.read import titles
from lodeflow.print.table import two_columns
from lodeflow.print.terminal import console


def print_overview() -> None:
    """Print the scenarios, metals, shock and policy kinds."""
    out = console()
    out.print(two_columns("Scenarios", titles().items()))
    out.print(two_columns("Metals", data.labels("metals", "metal", "label").items()))
    known = listing.lines()
    for title, policy in (("Shock kinds", False), ("Policy kinds", True)):
        out.print(two_columns(title, ((line.kind, line.text) for line in known if line.policy is policy)))
    out.print("`lodeflow describe NAME` explains any of these; `lodeflow run SCENARIO` runs one.")

"""What governments decided in a run, as `lodeflow run` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.data.plain import plain
from lodeflow.print.table import rows_of
from lodeflow.viz.decided import did, restricting_first

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.print.terminal import PlainConsole
    from lodeflow.viz import Labels

SHOWN = 12
"""Decisions that are printed with their reasons; the others stand in the run folder."""


def print_decisions(out: PlainConsole, decisions: pd.DataFrame | None, labels: Labels) -> None:
    """Print how many decisions of each kind were taken and, with their reasons, the first that restrict, answer or lift.

    decisions: table of a run folder; None where governments do not decide.
    """
    if decisions is None:
        return
    if decisions.empty:
        out.print("Governments: nobody decided anything.\n")
        return
    taken = decisions[decisions["status"].astype(str) != "vetoed"]
    counts = taken["kind"].astype(str).value_counts()
    vetoed = len(decisions) - len(taken)
    said = ", ".join(f"{kind} {number}" for kind, number in counts.items()) + (f"; vetoed {vetoed}" if vetoed else "")
    out.print(f"Governments decided {len(taken)} times: {said}.", style="bold")
    shown = restricting_first(taken).head(SHOWN).sort_values("month", kind="stable")
    for row in rows_of(shown):
        out.print(f"{row['month']}  {plain(did(row, labels))}: {plain(str(row['reason']))}")
    if len(taken) > len(shown):
        out.print(f"... and {len(taken) - len(shown)} more in decisions.parquet.")
    out.print("")

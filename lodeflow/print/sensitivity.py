"""What `lodeflow sensitivity` prints: the strongest inputs of every indicator, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeflow.print.monte_carlo import WIDTH
from lodeflow.print.terminal import console, say

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.sensitivity import Sensitivity

STRONGEST = 8
"""Inputs printed for an indicator."""


def print_sensitivity(found: Sensitivity) -> None:
    """Print the strongest inputs of every indicator, and what that means."""
    from rich.table import Table

    from lodeflow.experiments.analysis.sensitivity.words import sentences

    out = console(WIDTH)
    for kpi in found.kpis:
        rows = found.table(kpi)
        names = [str(name) for name in rows if not str(name).endswith("_conf") and name not in ("label", "mu")]
        table = Table(title=kpi, title_justify="left", box=None)
        table.add_column("input")
        for name in names:
            table.add_column(name, justify="right")
        for row in rows.head(STRONGEST).to_dict("records"):
            table.add_row(str(row["label"]), *(_with_conf(row, name) for name in names))
        out.print(table)
        say("\n".join(sentences(found, kpi)) + "\n")
    say("\n".join(found.notes))


def _with_conf(row: dict[Any, Any], name: str) -> str:
    conf = f" ± {row[f'{name}_conf']:.2g}" if f"{name}_conf" in row else ""
    return f"{row[name]:.3g}{conf}"

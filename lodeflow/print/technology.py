"""The choice of battery cells, judged, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.experiments.judge.cells.cells import FITTED_TO, MARK
from lodeflow.print.table import headed, rows_of
from lodeflow.print.terminal import console

if TYPE_CHECKING:
    from lodeflow.experiments.judge.cells.cells import Judged

COLUMNS = {"model": "cost and design cycle", "no_change": "no change", "trend": "trend goes on"}


def print_cells(found: Judged) -> None:
    """Print shares year by year, errors after the fit, the verdict, and how well the fit knows the response to cost."""
    out = console()
    title = "Lithium iron phosphate in vehicle batteries, share of energy"
    table = headed(title, "region", "year", "vehicles", "published", *COLUMNS.values(), "")
    for row in rows_of(found.rows):
        shares = (f"{row[name]:.0%}" for name in ("observed", *COLUMNS))
        table.add_row(row["region"], str(row["year"]), row["vehicles"], *shares, row["role"])
    out.print(table)
    for name, words in COLUMNS.items():
        error = np.abs(found.errors(name))
        out.print(
            f"{words}: after {FITTED_TO} off by {error.mean() * 100:.0f} points on average, {error.max() * 100:.0f} at most"
        )
    worst = float(np.abs(found.errors("model")).max())
    out.print(f"mark: within {MARK * 100:.0f} points in every year: {'hit' if worst <= MARK else 'missed'}")
    for response, (before, after) in found.loss.items():
        told = f"{before * 100:.1f} points off up to {FITTED_TO} (root mean square), {after * 100:.0f} at most after it"
        out.print(f"cell_cost_response {response:g} kWh/USD: {told}")
    out.print(
        "few shares to fit: the response and the cycle are assumptions, made with all years in sight; constants alone are fitted"
    )
    out.print("fitted: " + "; ".join(f"{name} {value:.2f}" for name, value in found.constants.items()))
    for name in found.at_the_end:
        out.print(f"at the end of its range, so the shares do not tell it: {name}")

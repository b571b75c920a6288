"""How much of what a metal's tables say was measured: the share of its tonnage that is observed, and whether that is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data.store import Tables

ENOUGH = 0.5
"""Share of tonnage that must be observed; below it every chart of the metal says that it is illustrative."""
MEASURED = ("mine", "refine")


def newest(tables: Tables, metal: str) -> pd.DataFrame:
    """Rows of a metal's mined and refined output in the last year with refined output."""
    table = tables["production"]
    rows = table[(table["metal"] == metal) & table["stage"].isin(MEASURED)]
    return rows[rows["year"] == rows.loc[rows["stage"] == "refine", "year"].max()]


def observed_share(tables: Tables, metal: str) -> float:
    """Share of the tonnage of the newest year, mined and refined together, that was published as it stands, 1."""
    rows = newest(tables, metal)
    total = float(rows["reconciled_t"].sum())
    seen = float(rows.loc[rows["status"] == "observed", "reconciled_t"].sum())
    return seen / total if total > 0.0 else 0.0


def illustrative(tables: Tables) -> list[str]:
    """Metals of which less than half of the tonnage is observed, in the order of the metals table."""
    known = tables.remember(_shares)
    return [metal for metal, share in known.items() if share < ENOUGH]


def _shares(tables: Tables) -> dict[str, float]:
    return {str(metal): observed_share(tables, str(metal)) for metal in tables["metals"]["metal"]}

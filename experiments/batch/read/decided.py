"""How often whom did what: the decisions of governments over the runs of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.experiments.batch.layout import DECISIONS

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.batch.store import Batch

KEYS = ["who", "kind", "metal"]


def decided(batch: Batch, runs: int) -> pd.DataFrame | None:
    """One row per government, kind of decision and metal: share of the runs with any, mean number per run; None where nobody does.

    Vetoed decisions are not counted. Columns: who, kind, metal, share_of_runs (0 to 1), per_run. runs: runs that succeeded.
    """
    import pandas as pd

    files = [path for path in batch.files(DECISIONS) if path.is_file()]
    if not files:
        return None
    rows = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
    rows = rows[rows["status"] != "vetoed"]
    rows = rows.assign(kind=rows["kind"].where(rows["instrument"] != "release", "release"))
    each = rows.groupby([*KEYS, "run"]).size().rename("number").reset_index()
    found = each.groupby(KEYS)["number"].agg(share_of_runs="size", per_run="sum").reset_index()
    found[["share_of_runs", "per_run"]] = found[["share_of_runs", "per_run"]] / max(runs, 1)
    return found.sort_values(
        ["share_of_runs", "per_run", *KEYS], ascending=[False, False, True, True, True], ignore_index=True
    )


def told(decisions: pd.DataFrame, most: int) -> list[str]:
    """The most frequent decisions that concern others, one line each."""
    shown = decisions[decisions["kind"].isin(("restrict", "retaliate", "tariff", "lift", "side", "support"))].head(most)
    return [
        f"{row.who} {row.kind} {row.metal}: in {row.share_of_runs:.0%} of runs, {row.per_run:.1f} times a run"
        for row in shown.itertuples()
    ]

"""What an analysis says, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.sensitivity.methods import METHODS

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.analysis.sensitivity.indices import Sensitivity

NAMED = 3
"""Inputs that a sentence names at most."""
WORTH = 0.01
"""Share of the variance from which an input is named."""


def sentences(found: Sensitivity, kpi: str) -> list[str]:
    """Return which inputs would most reduce the uncertainty of an indicator if they were known better."""
    table, method = found.table(kpi), METHODS[found.method]
    return _shares(table, kpi) if method.shares else _effects(found, table, kpi)


def _shares(table: pd.DataFrame, kpi: str) -> list[str]:
    """Sentences from first-order indices: shares of the variance."""
    table = table.sort_values("S1", ascending=False)
    sure = table[(table["S1"] - table["S1_conf"] > 0.0) & (table["S1"] > WORTH)]
    if sure.empty:
        return [f"{kpi}: no single input stands out from the noise of the estimate; more runs would tell them apart."]
    parts = [_share(row) for row in sure.head(NAMED).to_dict("records")]
    text = f"{kpi}: its variance would fall most if we knew {_listed(parts)}."
    alone = float(table["S1"].clip(lower=0.0).sum())
    if alone >= 1.0:
        return [text]
    return [text, f"All inputs one by one explain {_percent(alone)}; the rest comes from inputs acting together."]


def _share(row: dict[Any, Any]) -> str:
    """'scarcity response (25 %, between 17 % and 34 %)'."""
    low, high = max(row["S1"] - row["S1_conf"], 0.0), min(row["S1"] + row["S1_conf"], 1.0)
    return f"{row['label']} ({_percent(min(row['S1'], 1.0))}, between {_percent(low)} and {_percent(high)})"


def _effects(found: Sensitivity, table: pd.DataFrame, kpi: str) -> list[str]:
    """Sentences from elementary effects, which rank inputs but share out no variance."""
    unit = next(str(item["unit"]) for item in found.batch.manifest["kpis"] if item["name"] == kpi)
    words = "" if unit == "1" else f" {unit}"
    sure = table[table["mu_star"] - table["mu_star_conf"] > 0.0]
    if sure.empty:
        return [f"{kpi}: no input stands out from the noise of the estimate; more trajectories would tell them apart."]
    parts = [
        f"{row['label']} ({row['mu_star']:.3g}{words} ± {row['mu_star_conf']:.2g})"
        for row in sure.head(NAMED).to_dict("records")
    ]
    return [
        f"{kpi}: moved through its whole range, the inputs that change it most are {_listed(parts)}; "
        "knowing them better would reduce its uncertainty most.",
        "Shares of the variance need --method sobol or rbd-fast.",
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

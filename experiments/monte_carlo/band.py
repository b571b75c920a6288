"""The band around a single run: the spread of a small batch, month by month."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from data import Tables
    from experiments.monte_carlo.batch import Watch
    from experiments.monte_carlo.store import Batch
    from experiments.scenario import Scenario

BAND = "band.parquet"
"""File of the band in a run folder."""
COLUMNS = ("date", "run", "metal", "variable", "region", "low", "middle", "high", "runs")
LOW, HIGH = 0.05, 0.95
QUOTIENTS = {
    "price_ratio": ("shock.price", "baseline.price"),
    "shortage_share": ("shock.shortage", "shock.demand"),
}
"""Quotients of two series of the world in the same run, variables that only bands have."""


def run_band(
    scenario: Scenario,
    tables: Tables,
    runs: int,
    workers: int | None = None,
    data_folder: Path | None = None,
    watch: Watch | None = None,
) -> tuple[pd.DataFrame, str]:
    """Run a small batch that leaves no folder, and return its band: date, run, metal, variable, region, low, middle, high, runs;
    and which runs failed, in words.

    runs: 20 at least tell something about a 5-95 % band. low, middle, high are the 5, 50 and 95 % quantiles over the runs, in
    the units of the series. Raises DataError as a batch does, and if no run succeeds.
    """
    from experiments.batch.failures import failures
    from experiments.monte_carlo import monte_carlo

    with tempfile.TemporaryDirectory(prefix="lodeflow-band-") as folder:
        batch = monte_carlo(
            scenario, tables, Path(folder) / "batch", runs, workers, data_folder=data_folder, watch=watch
        )
        return band_of(batch), failures(batch)


def band_of(batch: Batch) -> pd.DataFrame:
    """Return the band of a batch: see run_band."""
    import pandas as pd

    from experiments.batch.failures import none_succeeded

    if batch.kpi().empty:
        raise none_succeeded(batch)
    columns = batch.columns.to_dict("records")
    parts = [_quantiles(batch, column) for column in columns] + _quotients(batch)
    return pd.concat([part for part in parts if not part.empty], ignore_index=True)[list(COLUMNS)]


def _quantiles(batch: Batch, column: dict[Any, Any]) -> pd.DataFrame:
    values = batch.paths([column["name"]]).dropna().set_index(["run", "date"])[column["name"]]
    return _spread(values, column["case"], column["variable"], column["metal"], column["region"])


def _spread(values: pd.Series[float], run: str, variable: str, metal: str, region: str) -> pd.DataFrame:
    """Quantiles over the runs by date; values: index run and date."""
    import pandas as pd

    if values.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    table = values.groupby("date").quantile(np.array([LOW, 0.5, HIGH])).unstack()
    table.columns = pd.Index(["low", "middle", "high"])
    count = values.index.get_level_values("run").nunique()
    return table.reset_index().assign(runs=count, run=run, variable=variable, metal=metal, region=region)


def _quotients(batch: Batch) -> list[pd.DataFrame]:
    """Bands of the quotients, by metal."""
    names = set(batch.columns["name"])
    parts = []
    for metal in batch.manifest["metals"]:
        for variable, (above, below) in QUOTIENTS.items():
            pair = [f"{above}.{metal}.WLD", f"{below}.{metal}.WLD"]
            if set(pair) <= names:
                paths = batch.paths(pair).set_index(["run", "date"])
                parts.append(_spread((paths[pair[0]] / paths[pair[1]]).dropna(), "shock", variable, metal, "WLD"))
    return parts

"""Many runs: bands, chances, drivers.

A notebook in percent cells: open it in VS Code, Spyder or Jupyter (with jupytext), or run it with
`python docs/example_batch.py`. It makes 200 runs of an export ban of uncertain strength and length and reads them in four ways.
The packages come with `pip install 'lodeflow[analysis]'`.
"""

# %%
from __future__ import annotations

import sys
from pathlib import Path

import lodeflow as lf
from lodeflow.experiments.batch.store import Batch

SCENARIO = """
name = "cobalt-ban"
title = "DR Congo stops its cobalt exports for a while"
[world]
start = "2024-01"
end = "2027-12"
metals = ["cobalt"]
[[shocks]]
kind = "export_ban"
label = "DR Congo: cobalt export ban"
actor = "COD"
metals = ["cobalt"]
form = "intermediate"
strength = 1.0
start = "2025-02"
end = "2025-10"

[monte_carlo]
parameters = ["eta", "gamma", "order_months", "precaution"]  # left out: every parameter with a range
[[monte_carlo.vary]]
key = "shocks.0.strength"
low = 0.5
high = 1.0
[[monte_carlo.vary]]
key = "shocks.0.duration" # months
low = 3
high = 18
"""


# %% [markdown]
# ## Run
#
# Worker processes import this file, so everything that runs stands in a function, called at the end.
# A Latin hypercube (`lhs`) spreads the runs evenly over the range of every input.


# %%
def run(folder: Path, runs: int) -> Batch:
    """Write the scenario and make the batch."""
    folder.mkdir(parents=True, exist_ok=True)
    scenario = folder / "cobalt-ban.toml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    return lf.monte_carlo(scenario, runs=runs, out=folder / "batch", sampling="lhs")


# %% [markdown]
# ## Indicators and paths as pandas and xarray


# %%
def look(batch: Batch) -> None:
    """Print the spread of two indicators and of the price by year."""
    print(batch)
    print(batch.kpi()[["price_peak.cobalt", "use_lost.cobalt"]].describe().round(2))
    price = "shock.price_outside.cobalt.WLD"
    paths = batch.to_xarray([price])[price]  # dimensions run and date
    print(paths.quantile([0.05, 0.5, 0.95], dim="run").resample(date="YS").mean().round(-2).to_pandas())


# %% [markdown]
# ## Summary: chances and times to recover


# %%
def summarise(batch: Batch) -> None:
    """Print the chance of price rises, and how many runs are not back to normal at the end."""
    summary = lf.summarize(batch)
    chances = summary.exceedance
    print(chances[chances["indicator"] == "price_peak"][["above", "probability", "ci_low", "ci_high"]].round(3))
    print(f"not back to normal before the run ends: {summary.recovery['never'].iloc[0]:.0%}")


# %% [markdown]
# ## Which inputs matter, and when does it go wrong?


# %%
def explain(batch: Batch) -> None:
    """Print the strongest inputs, and the conditions of a tripled price."""
    found = lf.sensitivity(batch, kpis=["price_peak"])
    print(found.table("price_peak.cobalt")[["S1", "S1_conf"]].head(4).round(2))
    print(*lf.discover(batch, "price_peak > 3").sentences(), sep="\n")


# %%
def main(folder: str = "runs/example", runs: str = "200") -> None:
    """Do all of it."""
    batch = run(Path(folder), int(runs))
    look(batch)
    summarise(batch)
    explain(batch)


if __name__ == "__main__":
    main(*sys.argv[1:])

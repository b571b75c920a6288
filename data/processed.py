"""Where natural graphite is processed, which nobody publishes: `python -m lodeflow.data.processed` rewrites production.assumed_t.

Flake is processed where it is mined, but for what customs show going to the countries that make spherical graphite of it
(BUYERS). These process what they mine and buy; the largest, which has no figure of its own, makes the rest of the world total.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from lodeflow.data.reconcile import DIGITS, published, refining_yield, rewrite
from lodeflow.data.store import Tables

METAL = "graphite"
REST, BUYERS = "CHN", ("CHN", "JPN")
LEAST = 0.02
"""Least part of its flake that a mining country processes itself: an assumption, where customs show more leaving than is mined."""
REASON = (
    "mine output less what customs show going to China and Japan, where spherical graphite is made, times yield; "
    "Japan what it buys from others than China, China the rest of the world total"
)


def processed(tables: Tables) -> pd.Series:
    """Processed tonnage of every row with customs records, t/year, index the rows of the production table."""
    production, flows = tables["production"], tables["trade_flows"]
    flows = flows[(flows["metal"] == METAL) & flows["importer"].isin(BUYERS) & ~flows["exporter"].isin(BUYERS)]
    sent = flows.groupby(["year", "exporter"])["content_t"].sum()
    bought = flows.groupby(["year", "importer"])["content_t"].sum()
    own = production["metal"] == METAL
    mines = production[own & (production["stage"] == "mine")]
    mined = published(mines).groupby([mines["year"], mines["iso3"]]).sum()
    rate = refining_yield(tables, METAL)
    found: dict[int, float] = {}
    for year in sorted(set(flows["year"])):
        rows = production[own & (production["stage"] == "refine") & (production["year"] == year)]
        made = {}
        for row, iso3 in rows["iso3"].items():
            flake = float(mined.get((year, iso3), 0.0))
            if iso3 in BUYERS:
                made[int(str(row))] = rate * (flake + float(bought.get((year, iso3), 0.0)))
            elif flake > 0.0:
                made[int(str(row))] = rate * max(flake - float(sent.get((year, iso3), 0.0)), LEAST * flake)
            else:
                made[int(str(row))] = float(published(rows).loc[row])
        (rest,) = (int(str(row)) for row in rows.index[rows["iso3"] == REST])
        made[rest] = rate * float(mined.loc[year].sum()) - sum(made.values()) + made[rest]
        found |= made
    return pd.Series(found).map(lambda tonnes: float(f"{tonnes:.{DIGITS}g}"))


def main() -> None:
    """Rewrite the rows of the package, and reconcile."""
    from lodeflow.data import FOLDER, load

    tables = load()
    production, made = tables["production"].copy(), processed(tables)
    production.loc[made.index, "assumed_t"] = made
    production.loc[made.index, "reason"] = REASON
    path = FOLDER / "tables" / "production.csv"
    production.to_csv(path, index=False, lineterminator="\n")
    sys.stdout.write(f"{rewrite(Path(path.parent))} rewritten\n")


if __name__ == "__main__":
    main()

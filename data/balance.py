"""Mine and refined output of one year that agree: what production.reconciled_t must be.

The published totals of a metal never agree: what refiners need as feed (primary refined output over the refining
yield) differs from what mines deliver. The less certain side (metals.reconcile_side) is scaled by one factor per year,
so that country shares stay as published. A surplus of the mines is scaled away here; the simulation lays the base year's
surplus down as feed stock, and the report names it. Refined copper is first freed of metal from scrap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError, Problem
from lodeflow.data.store import Tables

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6  # significant digits kept in the file


def published(production: pd.DataFrame) -> pd.Series:
    """Tonnes per row before reconciliation: as published, else the estimate."""
    return production["observed_t"].fillna(production["assumed_t"])


def primary(tables: Tables) -> pd.Series:
    """Tonnes per row of the production table, refined metal without the part that comes from scrap.

    Only the world's share of metal from scrap is known (secondary_refined). It is taken from what countries refine beyond
    their own mine output, in proportion: who mines more than he refines has ore enough.
    """
    production, tonnes = tables["production"], published(tables["production"])
    scrap = tables["secondary_refined"].set_index(["metal", "year"])["share"]
    keys = ["metal", "year", "iso3"]
    mined = tonnes[production["stage"] == "mine"].groupby([production[key] for key in keys]).sum()
    refining = production["stage"] == "refine"
    own = mined.reindex(list(production[keys].itertuples(index=False, name=None))).fillna(0.0).to_numpy()
    beyond = (tonnes - own).clip(lower=0.0).where(refining, 0.0)
    share = scrap.reindex(list(production[["metal", "year"]].itertuples(index=False, name=None))).fillna(0.0).to_numpy()
    groups = [production["metal"], production["year"], production["stage"]]
    world = tonnes.groupby(groups).transform("sum") * share
    everywhere = beyond.groupby(groups).transform("sum")
    return tonnes - beyond * (world / everywhere.where(everywhere > 0.0, float("inf"))).clip(upper=1.0)


def balance(tables: Tables) -> pd.DataFrame:
    """One row per metal with a feed market and year: mine_t, refine_t (primary), feed_t needed, side, factor."""
    import pandas as pd

    production = tables["production"].assign(tonnes=primary(tables))
    totals = production.pivot_table(index=["metal", "year"], columns="stage", values="tonnes", aggfunc="sum")
    metals = tables["metals"].set_index("metal")
    traded = metals.index[metals["feed_form"] != ""]
    rows = []
    for metal in traded.intersection(totals.index.unique("metal"), sort=False):
        refining = refining_yield(tables, str(metal))
        side = metals.loc[metal, "reconcile_side"]
        both = totals.loc[metal, ["mine", "refine"]].dropna()
        for year, mine, refine in zip(both.index, both["mine"], both["refine"], strict=True):
            feed = refine / refining
            rows.append((metal, year, mine, refine, feed, side, feed / mine if side == "mine" else mine / feed))
    return pd.DataFrame(rows, columns=["metal", "year", "mine_t", "refine_t", "feed_t", "side", "factor"])


def reconcile(tables: Tables) -> pd.Series:
    """What production.reconciled_t must be: t per row, rounded to six significant digits."""
    production = tables["production"]
    factors = {(row["metal"], row["year"], row["side"]): row["factor"] for row in balance(tables).to_dict("records")}
    keys = zip(production["metal"], production["year"], production["stage"], strict=True)
    scaled = primary(tables) * _series([factors.get(key, 1.0) for key in keys], production)
    return scaled.map(lambda tonnes: float(f"{tonnes:.{DIGITS}g}")).rename("reconciled_t")


def refining_yield(tables: Tables, metal: str) -> float:
    """t refined per t feed."""
    yields = tables["yields"]
    found = yields.loc[(yields["metal"] == metal) & (yields["step"] == "refining"), "value"]
    if found.empty:
        wrong, right = f"no refining yield for {metal}", "Add a row with step refining"
        raise DataError([Problem("yields.csv", None, "step", wrong, right)])
    return float(found.iloc[0])


def _series(values: list[float], like: pd.DataFrame) -> pd.Series:
    """A column with the index of `like`."""
    import pandas as pd

    return pd.Series(values, index=like.index, dtype=float)

"""Old and new scrap apart, the recycling rates of the field, and what is in use by product.

Rates follow UNEP (2011), Recycling Rates of Metals, in metal content:

    EoL-RR = recycled from old scrap / metal that reaches end of life
    RIR    = recycled from old and new scrap / (refined from ore + recycled)         recycled content of supply
    OSR    = recycled from old scrap / (recycled from old and new scrap)             old scrap ratio
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lodeflow.environment.records.stages import DRAWERS, SCRAP, USE
from lodeflow.experiments.analysis.flows.account import Account, at_border

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

PLACES = ["metal", "region", "product"]


def groups_of(tables: Tables) -> dict[str, str]:
    """Return the group of every product: scrap is a mix of the products of a group."""
    return dict(zip(tables.products["product"], tables.products["group"], strict=True))


def old_shares(account: Account, groups: dict[str, str]) -> pd.Series:
    """Return the share of old scrap in what each pool holds and takes in, by metal, year, region and product group.

    A pool mixes: ``old = (stock x old before + old scrap in) / (stock + scrap in)``; in the first year its stock is like the scrap
    that comes.
    """
    import pandas as pd

    came = account.of("old scrap", "new scrap")
    came = came.assign(product=came["product"].map(groups))
    keys = ["metal", "year", "to_region", "product", "movement"]
    sums = came.groupby(keys, observed=True)["tonnes"].sum().unstack("movement").fillna(0.0)
    sums = sums.reindex(columns=["old scrap", "new scrap"], fill_value=0.0)
    stocks = account.stocks[account.stocks["stage"] == SCRAP]
    held = stocks.groupby(["metal", "year", "region", "product"])["opening"].sum()
    before: pd.Series | None = None
    parts = {}
    for year in account.years:
        if year not in sums.index.get_level_values("year"):
            continue
        now = sums.xs(year, level="year")
        old, total = now["old scrap"], now["old scrap"] + now["new scrap"]
        if before is not None and year in held.index.get_level_values("year"):
            stock = held.xs(year, level="year").reindex(now.index).fillna(0.0)
            fresh = (old / total.where(total > 0.0)).fillna(0.0)
            old = old + stock * before.reindex(now.index).fillna(fresh)
            total = total + stock
        before = parts[year] = (old / total.where(total > 0.0)).fillna(0.0)
    table: pd.Series = pd.concat(parts, names=["year"]) if parts else pd.Series(dtype=float)
    return table.rename_axis(["year", "metal", "region", "product"])


def recycled(account: Account, groups: dict[str, str]) -> pd.DataFrame:
    """Return what was recovered by where its scrap arose: metal, year, from_region, to_region, product, old, new (t in the year).

    product: the group; to_region: where it was recycled.
    """
    scrap, gained = account.of("scrap"), account.of("recovered")
    keys = ["metal", "year", "to_region", "product"]
    sums = scrap.groupby([*keys, "from_region"], observed=True)["tonnes"].sum().rename("bought").reset_index()
    sums["share"] = sums["bought"] / sums.groupby(keys)["bought"].transform("sum")
    output = gained.groupby(keys, observed=True)["tonnes"].sum().rename("gained").reset_index()
    both = sums.merge(output, on=keys)
    old = old_shares(account, groups).rename("old_share").reset_index().rename(columns={"region": "from_region"})
    both = both.merge(old, on=["metal", "year", "from_region", "product"], how="left").fillna({"old_share": 0.0})
    tonnes = both["share"] * both["gained"]
    both["old"], both["new"] = tonnes * both["old_share"], tonnes * (1.0 - both["old_share"])
    return both[["metal", "year", "from_region", "to_region", "product", "old", "new"]]


AMOUNTS = (
    "end_of_life",
    "collected",
    "new_scrap",
    "old_recycled",
    "recycled_old",
    "recycled_new",
    "refined",
    "scrap_imports",
    "scrap_exports",
    "bought",
    "bought_recycled",
)
RATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "eol_rr": (("old_recycled",), ("end_of_life",)),
    "rir": (("recycled_old", "recycled_new"), ("refined", "recycled_old", "recycled_new")),
    "eol_rir": (("recycled_old",), ("refined", "recycled_old", "recycled_new")),
    "osr": (("recycled_old",), ("recycled_old", "recycled_new")),
    "recycled_content": (("bought_recycled",), ("bought",)),
}
"""Every rate by what is summed above and below the line."""


def amounts(account: Account, members: Sequence[str], groups: dict[str, str]) -> pd.DataFrame:
    """Return the tonnes behind the rates of a region: metal, year and AMOUNTS, t in the year.

    end_of_life: reaches end of life there; collected: old scrap; new_scrap: from its factories; old_recycled: recovered from its
    old scrap, at home or abroad; recycled_old, recycled_new: recovered in the region; refined: from ore; bought: refined metal of
    its makers and reserves, bought_recycled: the recycled part of it.
    """
    import pandas as pd

    keys, inside = ["metal", "year"], list(members)

    def total(rows: pd.DataFrame, column: str = "tonnes") -> pd.Series:
        sums: pd.Series = rows.groupby(keys)[column].sum()
        return sums

    def here(*names: str) -> pd.Series:
        rows = account.of(*names)
        return total(rows[rows["from_region"].isin(inside)])

    back = recycled(account, groups)
    mine, made = (back[back[end].isin(inside)] for end in ("from_region", "to_region"))
    border = at_border(account.of("scrap"), members)
    bought = account.of("primary metal", "recycled metal")
    bought = bought[bought["to_region"].isin(inside)]
    columns = (
        here("landfilled", "old scrap"),
        here("old scrap"),
        here("new scrap"),
        total(mine, "old"),
        total(made, "old"),
        total(made, "new"),
        here("refined"),
        total(border["imports"]),
        total(border["exports"]),
        total(bought),
        total(bought[bought["movement"] == "recycled metal"]),
    )
    return pd.DataFrame(dict(zip(AMOUNTS, columns, strict=True))).fillna(0.0).reset_index()


def rates(table: pd.DataFrame) -> pd.DataFrame:
    """Return the same with the rates as further columns, 1; 0 where nothing stands below the line."""
    found = {}
    for name, (above, below) in RATES.items():
        whole = table[list(below)].sum(axis=1)
        found[name] = (table[list(above)].sum(axis=1) / whole.where(whole > 0.0)).fillna(0.0)
    return table.assign(**found)


def in_use(account: Account, members: Sequence[str]) -> pd.DataFrame:
    """Return what lies in products: metal, year, product, in_use, drawers (t at the end of the year), growth of use in it, 1."""
    import pandas as pd

    rows = account.stocks[account.stocks["region"].isin(list(members)) & account.stocks["stage"].isin([USE, DRAWERS])]
    keys = ["metal", "year", "product", "stage"]
    sums = rows.groupby(keys)[["opening", "closing"]].sum().unstack("stage").fillna(0.0)
    for stage in (USE, DRAWERS):
        for side in ("opening", "closing"):
            if (side, stage) not in sums:
                sums[side, stage] = 0.0
    opening, closing = sums["opening", USE], sums["closing", USE]
    growth = (closing / opening.where(opening > 0.0) - 1.0).fillna(0.0)
    return pd.DataFrame({"in_use": closing, "drawers": sums["closing", DRAWERS], "growth": growth}).reset_index()

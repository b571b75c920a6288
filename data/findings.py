"""What is odd in a user's tables though each cell may stand: sums that contradict each other, and jumps that smell of units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.balance import balance, published
from lodeflow.data.store import Tables

if TYPE_CHECKING:
    import pandas as pd

JUMP = 15.0
"""Times its neighbour years from which a tonnage smells of another unit; assumption: no country's output does that in a year."""
MATTERS = 0.002
"""Share of the world's output from which a jump is named."""
SLIPS = {1000.0: "kt for t, or kg", 1e6: "Mt for t, or g", 2.20462: "pounds for kg", 5.3234: "carbonate for lithium"}
"""Factors between units that are often mixed up."""
NEAR = 0.02
"""Relative distance from such a factor at which it is named."""
ABOVE = 1.1
"""Refined output over what the mines' feed gives, and exports over output, from which they contradict each other (assumption)."""
MOST = 20
"""Findings of one kind that are listed; the others are counted."""


def jumps(production: pd.DataFrame, own: np.ndarray) -> list[str]:
    """Lines on rows that lie far above or below the years beside them.

    Args:
        production: the table, typed.
        own: which rows a folder gave, shape (rows,); the others are not judged.
    """
    if not own.any():
        return []
    frame = production.assign(tonnes=published(production).fillna(production["reconciled_t"]), own=own)
    frame = frame[frame["tonnes"] > 0]
    series = ["metal", "stage", "iso3"]
    ordered = frame.sort_values([*series, "year"])
    world = ordered.groupby(["metal", "stage", "year"])["tonnes"].transform("sum")
    usual = world.groupby([ordered["metal"], ordered["stage"]]).transform("median")
    grouped = ordered.groupby(series)["tonnes"]
    beside = (grouped.shift(1) * grouped.shift(-1)).pow(0.5).fillna(grouped.shift(1)).fillna(grouped.shift(-1))
    ratio = ordered["tonnes"] / beside
    size = np.maximum(ordered["tonnes"], beside)
    far = (ratio > JUMP) | (ratio < 1.0 / JUMP)
    for factor in SLIPS:
        far |= (ratio / factor - 1.0).abs() < NEAR / 4
        far |= (ratio * factor - 1.0).abs() < NEAR / 4
    odd = ordered[far & ordered["own"] & (size > MATTERS * usual)]
    lines = []
    for times, (_, row) in zip(ratio[odd.index], odd.iterrows(), strict=True):
        where = f"{row['metal']}, {row['stage']}, {row['iso3']}, {row['year']}"
        lines.append(
            f"production.csv: {where}: {row['tonnes']:,.6g} t is {_times(times)} the years beside it{_slip(times)}."
        )
    lines += _whole(frame)
    return _cut(lines)


def _whole(frame: pd.DataFrame) -> list[str]:
    """Lines on new series whose size does not go with that of the other stage of the same metal and year."""
    totals = frame.pivot_table(index=["metal", "year"], columns="stage", values="tonnes", aggfunc="sum")
    own = frame.groupby(["metal", "year"])["own"].any()
    if "mine" not in totals or "refine" not in totals:
        return []
    ratio = (totals["refine"] / totals["mine"]).dropna()
    ratio = ratio[own.reindex(ratio.index).fillna(False)]
    odd = ratio[(ratio > JUMP) | (ratio < 1.0 / JUMP)]
    return [
        f"production.csv: {metal}, {year}: refined output is {_times(value)} mine output: "
        f"are both in t of metal content{_slip(value)}?"
        for (metal, year), value in zip(odd.index.tolist(), odd.tolist(), strict=True)
    ]


def _times(ratio: float) -> str:
    return f"{ratio:,.4g} times" if ratio >= 1 else f"1/{1 / ratio:,.4g} of"


def _slip(ratio: float) -> str:
    """The slip of units that would give a ratio; "" where none would."""
    size = ratio if ratio >= 1 else 1.0 / ratio
    words = next((said for factor, said in SLIPS.items() if abs(size / factor - 1.0) < 0.5), "")
    return f" ({words}?)" if words else ""


def price_jumps(prices: pd.DataFrame, usual: pd.DataFrame) -> list[str]:
    """Lines on own prices that lie far from those of the years beside them, or from the shipped price of the year.

    Args:
        prices: the table base_prices.
        usual: the shipped one.
    """
    lines = []
    known = usual.set_index(["metal", "year"])["price_usd_per_t"]
    middle = usual.groupby("metal")["price_usd_per_t"].median()
    for metal, year, price in prices[["metal", "year", "price_usd_per_t"]].itertuples(index=False):
        before = known.get((metal, year), middle.get(metal, np.nan))
        ratio = price / before if before else np.nan
        if np.isfinite(ratio) and ratio > 0 and not 1.0 / JUMP < ratio < JUMP:
            lines.append(
                f"base_prices.csv: {metal}, {year}: {price:,.6g} USD/t is {_times(ratio)} the shipped price{_slip(ratio)}."
            )
    return _cut(lines)


def contradictions(tables: Tables, shipped: Tables) -> list[str]:
    """Lines on totals that contradict each other, for metals whose rows are not the shipped ones.

    Refined output above what the mines' feed gives; exports of ore and intermediates that customs saw above mine output.
    """
    lines = []
    changed = _changed(tables, shipped)
    found = balance(tables)
    touched = _touched(tables, shipped)
    for row in found[found["metal"].isin(changed)].to_dict("records"):
        if (row["metal"], row["year"]) in touched and row["feed_t"] > ABOVE * row["mine_t"]:
            lines.append(
                f"production.csv: {row['metal']}, {row['year']}: refined output needs {row['feed_t']:,.0f} t of feed, "
                f"{row['feed_t'] / row['mine_t']:.2f} times mine output of {row['mine_t']:,.0f} t; "
                f"the {row['side']} side is scaled."
            )
    production, flows = tables["production"], tables["trade_flows"]
    if len(flows):
        mined = production[production["stage"] == "mine"]
        output = published(mined).groupby([mined["metal"], mined["year"], mined["iso3"]]).sum()
        feed = flows[flows["form"].isin(["ore", "intermediate"]) & flows["metal"].isin(changed)]
        feed = feed[feed["year"] == feed.groupby("metal")["year"].transform("max")]
        sums = feed.groupby(["metal", "year", "exporter"])["content_t"].sum()
        for (metal, year, iso3), sent in zip(sums.index.tolist(), sums.tolist(), strict=True):
            own = output.get((metal, year, iso3))
            if own is not None and sent > ABOVE * own:
                lines.append(
                    f"trade_flows.csv: {metal}, {year}, {iso3}: customs saw {sent:,.0f} t leave as feed, "
                    f"{sent / own if own else float('inf'):.2f} times the mine output of {own:,.0f} t."
                )
    return _cut(lines)


def findings(tables: Tables, shipped: Tables) -> list[str]:
    """Everything odd in tables that a folder changed, one line each; jumps of tonnages are notes of the tables already."""
    lines = contradictions(tables, shipped)
    return lines + [
        line for line in price_jumps(tables["base_prices"], shipped["base_prices"]) if line not in tables.notes
    ]


def _touched(tables: Tables, shipped: Tables) -> set[tuple[str, int]]:
    """Metals and years in which what was published is not what the shipped tables say."""
    keys = ["metal", "stage", "iso3", "year"]
    both = [published(t["production"]).set_axis(t["production"].set_index(keys).index) for t in (tables, shipped)]
    apart = both[0].sub(both[1], fill_value=0.0).abs() > 0.0
    return {(str(key[0]), int(key[3])) for key in apart.index[apart]}


def _changed(tables: Tables, shipped: Tables) -> set[str]:
    """Metals whose production, trade or yields are not the shipped ones."""
    found: set[str] = set()
    for name in ("production", "trade_flows", "yields"):
        for metal, rows in tables[name].groupby("metal"):
            before = shipped[name][shipped[name]["metal"] == metal].reset_index(drop=True)
            if not rows.reset_index(drop=True).equals(before):
                found.add(str(metal))
    return found


def _cut(lines: list[str]) -> list[str]:
    """The first lines, and how many more there are."""
    return (
        lines if len(lines) <= MOST else [*lines[:MOST], f"{lines[0].partition(':')[0]}: and {len(lines) - MOST} more."]
    )

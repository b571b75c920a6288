"""What a user's tables leave out, filled with documented defaults that are named; and tonnages that are computed.

Defaults: cover, yields and cost tiers of a metal are the medians of the metals that have rows; a price is that of the nearest year,
else the median of all metals; use shares are those of the nearest year; demand after the data is constant; a metal of which only
mine output is known is refined where it is mined; a product of which no maker is known is made as incomes are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.balance import reconcile, refining_yield
from lodeflow.data.findings import jumps, price_jumps
from lodeflow.data.pack import Pack
from lodeflow.data.problems import DataError, Problem
from lodeflow.data.schema import TableSchema
from lodeflow.data.span import IEA
from lodeflow.data.store import Tables

if TYPE_CHECKING:
    import pandas as pd

REASON = "default of the program: no row was given"
STATUS = {"status": "assumed", "reason": REASON, "source": "none (assumption)"}
MEDIANS = {"cover": ("place", ("months", "low", "high")), "yields": ("step", ("value", "low", "high"))}
"""Column of the parts of a table by metal, and columns that take the median of the metals with rows."""
COSTS = ("capacity_share", "cost_ratio", "low", "high")
AHEAD = 2050
"""Last year of the demand scenarios."""


def completed(
    frames: dict[str, pd.DataFrame], schemas: dict[str, TableSchema], pack: Pack, problems: list[Problem]
) -> dict[str, pd.DataFrame]:
    """The typed tables with defaults for what is missing; every filling is a note of the pack. Raises DataError.

    Args:
        frames: typed tables; not changed.
        schemas: their sidecars.
        pack: what the folder gave; notes are added.
        problems: problems so far (none).
    """
    frames = dict(frames)
    metals = [str(name) for name in frames["metals"]["metal"]]
    _fill_parts(frames, metals, pack.notes)
    _fill_refining(frames, metals, pack)
    _fill_prices(frames, metals, pack.notes)
    _fill_use(frames, metals, pack.notes)
    _fill_demand(frames, schemas["demand_index"], metals, pack.notes)
    _fill_makers(frames, pack.notes)
    try:
        frames["production"] = _reconciled(Tables(frames, schemas), pack)
    except DataError as error:
        problems += error.problems
        raise DataError(problems) from None
    own = frames["production"].index.isin(pack.own.get("production", []))
    pack.notes += jumps(frames["production"], own)
    if "base_prices" in pack.own and pack.usual_prices is not None:
        prices = frames["base_prices"]
        pack.notes += price_jumps(prices[prices.index.isin(pack.own["base_prices"])], pack.usual_prices)
    return frames


def _append(frames: dict[str, pd.DataFrame], name: str, rows: list[Any]) -> None:
    """Put rows at the end of a table, with the types of its columns."""
    import pandas as pd

    if rows:
        table = frames[name]
        more = pd.DataFrame(rows).reindex(columns=table.columns)
        more.index = pd.RangeIndex(-len(rows), 0)
        frames[name] = pd.concat([table, more.astype(table.dtypes.to_dict())])


def _fill_parts(frames: dict[str, pd.DataFrame], metals: list[str], notes: list[str]) -> None:
    """Cover, yields and cost tiers."""
    for name, (part, columns) in MEDIANS.items():
        table, rows = frames[name], []
        medians = table.groupby(part, sort=False)[list(columns)].median()
        held = set(zip(table["metal"], table[part], strict=True))
        for metal in metals:
            missing = [value for value in medians.index if (metal, value) not in held]
            rows += [{"metal": metal, part: value, **medians.loc[value], **STATUS} for value in missing]
            if missing:
                said = ", ".join(f"{value} {medians.loc[value].iloc[0]:g}" for value in missing)
                notes.append(f"{name}.csv: {metal}: default, the median of all metals: {said}.")
        _append(frames, name, rows)
    table, rows = frames["cost_curve"], []
    tiers = table[table["tier"] <= 3].groupby("tier")[list(COSTS)].median()
    tiers["capacity_share"] /= tiers["capacity_share"].sum()
    for metal in metals:
        if metal not in set(table["metal"]):
            rows += [{"metal": metal, "tier": tier, **values, **STATUS} for tier, values in tiers.iterrows()]
            notes.append(f"cost_curve.csv: {metal}: default, the median tiers of all metals.")
    _append(frames, "cost_curve", rows)


def _fill_refining(frames: dict[str, pd.DataFrame], metals: list[str], pack: Pack) -> None:
    """Refined output of a metal of which only mine output is known: where it is mined, times the yield."""
    table, rows = frames["production"], []
    for metal in metals:
        own = table[table["metal"] == metal]
        mines = own[own["stage"] == "mine"]
        if mines.empty or (own["stage"] == "refine").any():
            continue
        rate = refining_yield(Tables({"yields": frames["yields"]}, {}), metal)
        for row in mines.to_dict("records"):
            tonnes = row["observed_t"] if np.isfinite(row["observed_t"]) else row["assumed_t"]
            made = {"stage": "refine", "observed_t": np.nan, "assumed_t": tonnes * rate, "reconciled_t": tonnes * rate}
            rows.append(row | STATUS | made)
        pack.notes.append(
            f"production.csv: {metal}: no refined output; default: refined where it is mined, times {rate:g}."
        )
    _append(frames, "production", rows)


def _years_of(frames: dict[str, pd.DataFrame], metal: str) -> list[int]:
    """Years in which a metal has refined output."""
    table = frames["production"]
    return sorted({int(year) for year in table.loc[(table["metal"] == metal) & (table["stage"] == "refine"), "year"]})


def _fill_prices(frames: dict[str, pd.DataFrame], metals: list[str], notes: list[str]) -> None:
    """A price for every year with output that has none."""
    table, rows = frames["base_prices"], []
    usual = table.groupby("year")["price_usd_per_t"].median()
    first = int(table["year"].min())
    for metal in metals:
        known = table[table["metal"] == metal].set_index("year")["price_usd_per_t"]
        years = _years_of(frames, metal)
        last = max(years, default=first)
        begin = int(known.index.min()) if len(known) else first
        missing = [year for year in years if begin <= year <= last and year not in known.index]
        for year in missing:
            near = known if len(known) else usual
            price = float(near.iloc[int(np.abs(near.index.to_numpy() - year).argmin())])
            rows.append({"metal": metal, "year": year, "price_usd_per_t": price, **STATUS})
        if missing:
            span = _span(missing)
            what = "that of the nearest year" if len(known) else "the median of all metals: values in USD mean nothing"
            notes.append(f"base_prices.csv: {metal}: no price of {span}; default: {what}.")
    _append(frames, "base_prices", rows)


def _fill_use(frames: dict[str, pd.DataFrame], metals: list[str], notes: list[str]) -> None:
    """Use shares of years, up to the last with output, that have none: those of the nearest year."""
    table, rows = frames["use_shares"], []
    first = int(table["year"].min())
    for metal in metals:
        own = table[table["metal"] == metal]
        held = sorted(set(own["year"].astype(int)))
        last = max(_years_of(frames, metal), default=first - 1)
        missing = [year for year in range(first, last + 1) if year not in held] if held else []
        for year in missing:
            near = min(held, key=lambda other: abs(other - year))
            rows += [row | {"year": year} | STATUS for row in own[own["year"] == near].to_dict("records")]
        if missing:
            notes.append(f"use_shares.csv: {metal}: no shares of {_span(missing)}; default: those of the nearest year.")
    _append(frames, "use_shares", rows)


def _fill_demand(frames: dict[str, pd.DataFrame], schema: TableSchema, metals: list[str], notes: list[str]) -> None:
    """Demand after the data where a scenario says nothing: that of the first scenario, else constant."""
    table, shares, rows = frames["demand_index"], frames["use_shares"], []
    names = list(dict.fromkeys(table["scenario"]))
    _append(frames, "demand_index", _from_first(table, names, notes))
    table = frames["demand_index"]
    held = set(zip(table["scenario"], table["metal"], strict=True))
    for metal in metals:
        missing = [name for name in names if (name, metal) not in held]
        product = shares.loc[shares["metal"] == metal, "product"]
        if not missing or product.empty:
            continue
        what = {"metal": metal, "product": str(product.iloc[0]), "index": 1.0, **STATUS}
        first = int(table["year"].min())
        rows += [{"scenario": name, "year": year, **what} for name in missing for year in range(first, AHEAD + 1)]
        notes.append(f"demand_index.csv: {metal}: default: use stays constant after the data ({', '.join(missing)}).")
    _append(frames, "demand_index", rows)


def _from_first(table: pd.DataFrame, names: list[str], notes: list[str]) -> list[Any]:
    """Rows of the first scenario for what an own scenario does not say."""
    rows: list[Any] = []
    first = table[table["scenario"] == names[0]] if names else table
    held = set(zip(table["scenario"], table["metal"], table["product"], strict=True))
    for name in (name for name in names if name not in IEA):
        keys = zip(first["metal"], first["product"], strict=True)
        lacking = first[[(name, metal, product) not in held for metal, product in keys]]
        rows += [row | {"scenario": name} | STATUS for row in lacking.to_dict("records")]
        if len(lacking):
            count = len(lacking.groupby(["metal", "product"]))
            notes.append(f"demand_index.csv: scenario {name}: {count} uses that it leaves out: those of {names[0]}.")
    return rows


def _fill_makers(frames: dict[str, pd.DataFrame], notes: list[str]) -> None:
    """Makers of products that have none: as incomes are."""
    table, incomes, rows = frames["manufacturing_shares"], frames["country_years"], []
    held = set(table["product"])
    for product in frames["products"]["product"]:
        if product in held:
            continue
        for year, group in incomes.groupby("year"):
            total = group["gdp_usd"].sum()
            if total > 0:
                part = {"product": product, "year": year, **STATUS}
                earned = group[group["gdp_usd"] > 0]
                rows += [
                    {"iso3": i, "share": g / total, **part}
                    for i, g in zip(earned["iso3"], earned["gdp_usd"], strict=True)
                ]
        notes.append(f"manufacturing_shares.csv: {product}: no makers; default: made as incomes are.")
    _append(frames, "manufacturing_shares", rows)


def _reconciled(tables: Tables, pack: Pack) -> pd.DataFrame:
    """Production with reconciled_t computed anew for every metal and year in which the folder changed what was published."""
    production = tables["production"]
    lines = pack.computed
    touched = production.index.isin(lines) | (production.index < 0)
    if not touched.any():
        return production
    groups = set(zip(production.loc[touched, "metal"], production.loc[touched, "year"], strict=True))
    anew = np.array([key in groups for key in zip(production["metal"], production["year"], strict=True)])
    anew &= ~production.index.isin(pack.given)
    made = reconcile(tables)
    said = sorted({f"{metal} {_span([y for m, y in groups if m == metal])}" for metal, _ in groups})
    pack.notes.append(f"production.csv: reconciled_t computed from what was published: {'; '.join(said)}.")
    return production.assign(reconciled_t=production["reconciled_t"].where(~anew, made))


def _span(years: list[int]) -> str:
    """Years in words: 2020, or 2000 to 2019."""
    ordered = sorted({int(year) for year in years})
    return str(ordered[0]) if len(ordered) == 1 else f"{ordered[0]} to {ordered[-1]}"

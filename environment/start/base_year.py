"""The base year in numbers: who mines, refines, makes and uses what, pooled to the countries that matter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lodeflow.data import Tables
from lodeflow.data.chosen import chosen_metals
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.data.span import last_year
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.buying import buyers
from lodeflow.environment.start.demand import TRACE_OF_USE

POOL = "ROW"
"""Where the countries that matter little for a metal are pooled."""


@dataclass
class BaseYear:
    """Figures of the base year.

    Attributes:
        year: the base year.
        metals, countries, products: names; countries end with ROW.
        mined, refined: t/year, shape (metals, countries).
        pairs: one row per product and metal: ``product, metal`` (indices), ``product_name, metal_name, share`` (of the
            metal's world use).
        making: share of each country in making a product, shape (products, countries).
        buying: share of each country in what comes into use of a product, shape (products, countries).
        price: USD/t, shape (metals,).
    """

    year: int
    metals: list[str]
    countries: list[str]
    products: list[str]
    mined: np.ndarray
    refined: np.ndarray
    pairs: pd.DataFrame
    making: np.ndarray
    buying: np.ndarray
    price: np.ndarray

    def fingerprint(self) -> str:
        """sha256 (hex) of all figures: everything of a world's start that depends on which countries are kept apart."""
        digest = hashlib.sha256(repr((self.year, self.metals, self.countries, self.products)).encode())
        for values in (self.mined, self.refined, self.making, self.buying, self.price):
            digest.update(np.ascontiguousarray(values).tobytes())
        digest.update(self.pairs.to_csv(index=False).encode())
        return digest.hexdigest()


def choose_metals(tables: Tables, settings: WorldSettings) -> list[str]:
    """Metals of the world, in the order of the metals table; without names those of the group core.

    Raises:
        DataError: for a metal that the data do not carry.
    """
    return chosen_metals(tables, settings.metals)


NEEDED = ("cover", "cost_curve", "use_shares", "yields", "demand_index")
"""Tables in which every metal of a world must have rows."""
PARTS = {"cover": "place", "yields": "step"}
"""Column of a table of which every metal needs every value."""


def require_rows(tables: Tables, metals: Sequence[str], year: int, scenario: str) -> None:
    """Make sure that every metal stands in every table that a world needs, with all its parts and without gaps in time.

    Raises:
        DataError: with every table and metal that is missing.
    """
    problems = [*_missing_parts(tables, metals, year, scenario), *_missing_makers(tables, metals, year)]
    production, shares, index = tables.production, tables.use_shares, tables.demand_index
    refined = production[(production["stage"] == "refine") & production["metal"].isin(metals)]
    last = last_year(tables, metals)
    problems += _gaps("production", refined["year"], last)
    problems += _gaps("use_shares", shares.loc[shares["metal"].isin(metals), "year"], last)
    ahead = index[index["metal"].isin(metals) & (index["scenario"] == scenario)]
    for (metal, product), rows in ahead.groupby(["metal", "product"]):
        problems += _gaps("demand_index", rows["year"], int(ahead["year"].max()), f" of {product} in {metal}")
    if problems:
        raise DataError(problems)


def require_demand(tables: Tables, scenario: str) -> None:
    """Make sure that there is a demand scenario of this name. Raises DataError."""
    known = list(dict.fromkeys(tables.demand_index["scenario"].astype(str)))
    if scenario not in known:
        right = did_you_mean(scenario, known)
        raise DataError([Problem("scenario", "world.demand", "", f"there is no demand scenario {scenario!r}", right)])


def _missing_parts(tables: Tables, metals: Sequence[str], year: int, scenario: str) -> Iterator[Problem]:
    """What the tables by metal lack: every value of PARTS, some use in the base year."""
    for name in NEEDED:
        table, part = tables[name], PARTS.get(name)
        parts = tables.column(name, part).allowed if part else ("",)
        held = set(zip(table["metal"], table[part] if part else [""] * len(table), strict=True))
        if name == "use_shares":
            held = {(metal, "") for metal in table.loc[(table["year"] == year) & (table["share"] > 0), "metal"]}
        if name == "demand_index":
            held = {(metal, "") for metal in table.loc[table["scenario"] == scenario, "metal"]}
        for metal in metals:
            yield from (_no_row(name, f"{metal} {value}".strip()) for value in parts if (metal, value) not in held)


def _missing_makers(tables: Tables, metals: Sequence[str], year: int) -> Iterator[Problem]:
    """Products that nobody makes, and a base year without incomes."""
    users = tables.use_shares[(tables.use_shares["year"] == year) & tables.use_shares["metal"].isin(metals)]
    makers = making_shares(tables, list(dict.fromkeys(users["product"])), year).sum(axis=1)
    yield from (_no_row("manufacturing_shares", product) for product in makers.index[~(makers > 0)])
    incomes = tables.country_years
    if not incomes.loc[incomes["year"] == min(year, incomes["year"].max()), "gdp_usd"].sum() > 0:
        yield _no_row("country_years", str(year))


def _gaps(table: str, years: pd.Series, last: int, whose: str = "") -> Iterator[Problem]:
    """Years that are missing between the first with data and the last that is needed."""
    held = set(years.astype(int))
    missing = [str(year) for year in range(min(held, default=last), last + 1) if year not in held]
    if missing:
        yield _no_row(table, f"{', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''}{whose}")


def _no_row(table: str, what: str) -> Problem:
    """A row that a world needs and no table has."""
    right = "add it, or choose other world.metals or another world.base_year"
    return Problem(f"{table}.csv", None, "", f"there is no row for {what}", right)


def tonnage(tables: Tables, metals: Sequence[str], stage: str, year: int) -> pd.DataFrame:
    """Reconciled production of a stage in a year, t/year: index metal, one column per country."""
    table = tables.production
    rows = table[(table["stage"] == stage) & (table["year"] == year) & table["metal"].isin(metals)]
    wide = rows.pivot_table(index="metal", columns="iso3", values="reconciled_t", aggfunc="sum")
    missing = [metal for metal in metals if metal not in wide.index or not wide.loc[metal].sum() > 0]
    if missing:
        raise DataError(
            Problem(
                "production.csv", None, "reconciled_t", f"no {stage} output of {metal} in {year}", "a year with data"
            )
            for metal in missing
        )
    return wide.reindex(list(metals)).fillna(0.0)


def base_prices(tables: Tables, metals: Sequence[str], year: int) -> np.ndarray:
    """Price of each metal in a year, USD/t, shape (metals,).

    Raises:
        DataError: for every metal without a price above zero.
    """
    rows = tables.base_prices
    prices = rows[rows["year"] == year].set_index("metal")["price_usd_per_t"].reindex(list(metals)).astype(float)
    missing = [metal for metal in metals if not prices[metal] > 0.0]
    if missing:
        raise DataError(
            Problem(
                "base_prices.csv",
                None,
                "price_usd_per_t",
                f"no price of {metal} in {year}",
                f"add a row for {metal} and {year}, or choose another world.base_year",
            )
            for metal in missing
        )
    return prices.to_numpy(float)


def pooled(shares: pd.DataFrame, least: float, keep: set[str]) -> pd.DataFrame:
    """Move what is below ``least`` of a row's sum into ROW; countries in ``keep`` stay. Row sums do not change."""
    places, values = list(shares.columns), shares.to_numpy(float)
    kept = np.array([place in keep or place == POOL for place in places])
    small = (values / values.sum(axis=1)[:, None] < least) & ~kept
    result, moved = np.where(small, 0.0, values), np.where(small, values, 0.0).sum(axis=1)
    if POOL in places:
        result[:, places.index(POOL)] += moved
    else:
        result, places = np.column_stack([result, moved]), [*places, POOL]
    used = np.flatnonzero((result > 0).any(axis=0))
    return pd.DataFrame(result[:, used], shares.index, [places[place] for place in used])


def making_shares(tables: Tables, products: Sequence[str], year: int) -> pd.DataFrame:
    """Share of each country in making each product: index product, one column per country."""
    table = tables.manufacturing_shares
    nearest = int(table["year"].iloc[(table["year"] - year).abs().argmin()])
    rows = table[(table["year"] == nearest) & table["product"].isin(products)]
    return (
        rows.pivot_table(index="product", columns="iso3", values="share", aggfunc="sum")
        .reindex(list(products))
        .fillna(0.0)
    )


def products_and_pairs(tables: Tables, metals: Sequence[str], year: int) -> tuple[list[str], pd.DataFrame]:
    """Products that use the metals in the year or later, and the pairs of :class:`BaseYear`."""
    shares = tables.use_shares
    later = shares[(shares["year"] >= year) & shares["metal"].isin(metals)]
    coming = later.groupby(["metal", "product"])["share"].transform("max") > 0
    used = later[coming & (later["year"] == year)]
    used = used.assign(share=used["share"].clip(lower=TRACE_OF_USE))
    products = [name for name in tables.products["product"] if name in set(used["product"])]
    pairs = used.assign(
        product_name=used["product"],
        metal_name=used["metal"],
        product=used["product"].map({name: i for i, name in enumerate(products)}),
        metal=used["metal"].map({name: i for i, name in enumerate(metals)}),
    ).sort_values(["product", "metal"], ignore_index=True)[["product", "metal", "product_name", "metal_name", "share"]]
    pairs["share"] /= pairs.groupby("metal")["share"].transform("sum")
    return products, pairs


def base_year(tables: Tables, settings: WorldSettings, parameters: Parameters, keep: Iterable[str] = ()) -> BaseYear:
    """Collect the figures of the base year.

    Args:
        tables: the loaded tables.
        settings: metals and base year.
        parameters: ``pool_below``, ``product_home_share``.
        keep: countries that must not be pooled (those that a shock names).
    """
    tables.remember(require_demand, settings.demand)
    year, metals, least = settings.data_year, choose_metals(tables, settings), parameters["pool_below"]
    tables.remember(require_rows, tuple(metals), year, settings.demand)
    kept = set(keep)
    products, pairs = tables.remember(products_and_pairs, tuple(metals), year)
    refined = pooled(tables.remember(tonnage, tuple(metals), "refine", year), least, kept)
    host_only = set(tables.metals.loc[tables.metals["feed_form"].isna() | (tables.metals["feed_form"] == ""), "metal"])
    mined_metals = [metal for metal in metals if metal not in host_only]
    mined = (
        pooled(tables.remember(tonnage, tuple(mined_metals), "mine", year), least, kept)
        if mined_metals
        else pd.DataFrame()
    )
    mined = mined.reindex(metals)
    for metal in set(metals) & host_only:
        mined.loc[metal, refined.columns] = refined.loc[metal]
    making = pooled(tables.remember(making_shares, tuple(products), year), least, kept)
    home = parameters["product_home_share"]
    known = tables.remember(buyers, tuple(products))
    bought = known.shares(year, home, making.reindex(columns=known.places).fillna(0.0).to_numpy(float))
    buying = pooled(pd.DataFrame(bought, products, known.places), 2 * least, kept)
    names = sorted(set(mined.columns) | set(refined.columns) | set(making.columns) | set(buying.columns) - {POOL})
    countries = [name for name in names if name != POOL] + [POOL]

    def dense(frame: pd.DataFrame) -> np.ndarray:
        return frame.reindex(columns=countries).fillna(0.0).to_numpy(float)

    making_dense, buying_dense = dense(making), dense(buying)
    pool = np.array(countries) == POOL
    buying_dense = np.where(pool, np.maximum(buying_dense, TRACE_OF_USE), buying_dense)
    return BaseYear(
        year=year,
        metals=metals,
        countries=countries,
        products=products,
        mined=dense(mined),
        refined=dense(refined),
        pairs=pairs,
        making=making_dense / making_dense.sum(axis=1, keepdims=True),
        buying=buying_dense / buying_dense.sum(axis=1, keepdims=True),
        price=base_prices(tables, metals, year),
    )

"""Where products come into use: observed shares by year, or the home of the maker and the income of the buyer."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lodeflow.data import Tables


@dataclass(frozen=True)
class Buyers:
    """What is known of the buyers of products, by year. Before the first year the first holds, after the last the last.

    Attributes:
        places: countries of the data, in the order of the last axis; the pool among them.
        first_year: calendar year of the first row.
        income: share in world income (current USD), shape (years, places).
        making: share in making each product, from the nearest year with data, shape (years, products, places).
        observed: share in the units that come into use, NaN where not observed, shape (years, products, places); between two
            years with data the earlier holds.
        home: share sold where it is made (table ``home_shares``), NaN where not known, shape (products,).
    """

    places: list[str]
    first_year: int
    income: np.ndarray
    making: np.ndarray
    observed: np.ndarray
    home: np.ndarray

    def shares(self, year: int, home: float, making: np.ndarray | None = None) -> np.ndarray:
        """Share of each country in what comes into use of each product, shape (products, places); rows sum to 1.

        Where it is not observed: ``home x making + (1 - home) x income``. ODD 5.

        Args:
            year: calendar year.
            home: parameter ``product_home_share``, for products of which none is known.
            making: shares of the makers; left out: those of the year, shape (products, places).
        """
        row = min(max(year - self.first_year, 0), len(self.income) - 1)
        made = self.making[row] if making is None else making
        kept = np.where(np.isnan(self.home), home, self.home)[:, None]
        guess = kept * made + (1.0 - kept) * self.income[row]
        shares = np.where(np.isnan(self.observed[row]), guess, self.observed[row])
        result: np.ndarray = shares / shares.sum(axis=1, keepdims=True)
        return result


def buyers(tables: Tables, products: tuple[str, ...]) -> Buyers:
    """Put together what the tables know of some products' buyers: incomes, makers, and what was observed."""
    places, names = list(tables.countries["iso3"]), list(products)
    gdp = tables.country_years.pivot_table(index="year", columns="iso3", values="gdp_usd", aggfunc="sum")
    years = gdp.index.astype(int)
    income = gdp.reindex(columns=places).fillna(0.0).to_numpy(float)
    made = _by_year(tables.manufacturing_shares, names, places)
    seen = _by_year(tables.buying_shares, names, places)
    observed = np.full((len(years), len(names), len(places)), np.nan)
    for p, name in enumerate(names):
        known = sorted(year for year, product in seen if product == name)
        for y, year in enumerate(years if known else ()):
            observed[y, p] = seen[known[max(bisect_right(known, year) - 1, 0)], name]
    making_years = np.array(sorted({year for year, _ in made}))
    nothing = np.zeros(len(places))
    nearest = [int(making_years[np.abs(making_years - year).argmin()]) for year in years]
    making = np.array([[made.get((near, name), nothing) for name in names] for near in nearest])
    home = tables.home_shares.set_index("product")["share"].reindex(names).to_numpy(float)
    return Buyers(places, int(years[0]), income / income.sum(axis=1, keepdims=True), making, observed, home)


def _by_year(table: pd.DataFrame, products: list[str], places: list[str]) -> dict[tuple[int, str], np.ndarray]:
    """Shares by year and product, each of shape (places,)."""
    rows = table[table["product"].isin(products)]
    wide = rows.pivot_table(index=["year", "product"], columns="iso3", values="share", aggfunc="sum")
    values = wide.reindex(columns=places).fillna(0.0).to_numpy(float)
    return {(int(year), str(product)): row for (year, product), row in zip(wide.index, values, strict=True)}

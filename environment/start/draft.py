"""What the parts of a world have in common while it is drawn up: figures, rates and names, by metal and product."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lodeflow.agents import country
from lodeflow.agents.population import Population
from lodeflow.agents.scrap_pool import CHANNELS
from lodeflow.data import Tables
from lodeflow.environment.layout import Layout
from lodeflow.environment.market.graph import distances
from lodeflow.environment.market.in_use import lifetime_probabilities
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.base_year import BaseYear
from lodeflow.environment.start.customs import customs, used_shares
from lodeflow.environment.start.demand import base_year_mean, monthly_index

LEAST_YEARS = 4
"""Years with a price from which on their mean says what is usual."""


def surplus_months(tables: Tables, base: BaseYear, parameters: Parameters) -> np.ndarray:
    """Feed stock left by the base year's mine surplus, months of refining, shape (metals,).

    Mine output that was published but not refined in the base year did not vanish: it lies at ports, traders and refiners.
    """
    held = np.zeros(len(base.metals))
    for year in range(base.year - int(parameters["surplus_years"]) + 1, base.year + 1):
        months = tables.remember(_unrefined_months, tuple(base.metals), year)
        held = np.clip(held + parameters["surplus_as_stock"] * months, 0.0, parameters["surplus_months_max"])
    return held


def _unrefined_months(tables: Tables, metals: Sequence[str], year: int) -> np.ndarray:
    """Published mine output of a year that was not refined, or stock that was refined, months of refining, shape (metals,)."""
    rows = tables.production
    rows = rows[(rows["stage"] == "mine") & (rows["year"] == year) & rows["metal"].isin(metals)]
    published = rows["observed_t"].fillna(rows["assumed_t"])
    surplus = (published - rows["reconciled_t"]).groupby(rows["metal"]).sum().reindex(list(metals)).fillna(0.0)
    used = rows.groupby("metal")["reconciled_t"].sum().reindex(list(metals))
    months: np.ndarray = 12.0 * (surplus / used).fillna(0.0).to_numpy(float)
    return months


def _normal_cover(tables: Tables, metals: Sequence[str]) -> dict[str, np.ndarray]:
    """Normal stocks by place, months, shape (metals,) each."""
    rows = tables.cover
    return {
        place: rows[rows["place"] == place].set_index("metal")["months"].reindex(list(metals)).to_numpy(float)
        for place in ("mine", "feed", "refined", "manufacturer")
    }


def _step_yield(tables: Tables, metals: Sequence[str], step: str) -> np.ndarray:
    """Yield of a step, shape (metals,)."""
    rows = tables.yields[tables.yields["step"] == step].set_index("metal")["value"]
    return rows.reindex(list(metals)).to_numpy(float)


def _market_balance(tables: Tables) -> pd.DataFrame:
    """Published market balance, t: index year, one column per metal."""
    return tables.market_balance.pivot_table(index="year", columns="metal", values="surplus_t")


def _lifetimes(tables: Tables, products: Sequence[str]) -> list[np.ndarray]:
    """Probabilities of leaving use by month of age, one array per product."""
    rows = tables.products.set_index("product").reindex(list(products))
    columns = (rows[f"lifetime_{what}"] for what in ("distribution", "mean_years", "sd_years"))
    return [lifetime_probabilities(str(law), float(mean), float(sd)) for law, mean, sd in zip(*columns, strict=True)]


def _recycling_rows(tables: Tables, names: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Rows of the recycling table for pairs of product and metal."""
    return tables.recycling.set_index(["product", "metal"]).reindex(pd.MultiIndex.from_tuples(list(names)))


class Draft:
    """Figures of the base year and the rates that go with them.

    Attributes:
        tables, settings, parameters, base: what it was made from.
        layout: names and indices.
        cover: normal stocks by place, months, shape (metals,) each.
        surplus: refined metal that the base year made and did not use, t, shape (metals,).
        pair_metal, pair_product: of each pair of product and metal, shape (pairs,).
        refining: refined metal per metal in feed, shape (metals,).
        lifetimes: probabilities of leaving use by month of age, one array per product.
        host_only: metals without a feed market, shape (metals,).
        collection: collection rate of each pair, shape (pairs,).
        separation: recoverable share of each pair by channel (``formal``, ``local``, ``informal``), shape (pairs,).
        collection_factor, informal: by country, shape (countries,); informal in the year of its figures.
        customs: trade that customs saw, one per metal.
        using: share of each country in the use of refined metal for each pair, shape (pairs, countries).
    """

    def __init__(self, tables: Tables, settings: WorldSettings, parameters: Parameters, base: BaseYear) -> None:
        self.tables, self.settings, self.parameters, self.base = tables, settings, parameters, base
        metal_rows = tables.metals.set_index("metal").reindex(base.metals)
        product_rows = tables.products.set_index("product").reindex(base.products)
        self.product_rows = product_rows
        groups = list(dict.fromkeys(product_rows["group"]))
        members = {
            str(name): np.array([base.countries.index(c) for c in rows["iso3"] if c in base.countries], np.int64)
            for name, rows in tables.groups.groupby("group")
        }
        self.layout = Layout(
            metals=base.metals,
            countries=base.countries,
            products=base.products,
            groups=groups,
            classes=metal_rows["price_class"].tolist(),
            feed_forms=[form if isinstance(form, str) and form else "intermediate" for form in metal_rows["feed_form"]],
            product_group=np.array([groups.index(group) for group in product_rows["group"]]),
            members=members,
        )
        self.host_only = np.array([not (isinstance(form, str) and form) for form in metal_rows["feed_form"]])
        self.cover = dict(tables.remember(_normal_cover, tuple(base.metals)))
        self.cover["feed"] = self.cover["feed"] + surplus_months(tables, base, parameters)
        self.surplus = self._surplus()
        self.pair_metal = base.pairs["metal"].to_numpy(np.int64)
        self.pair_product = base.pairs["product"].to_numpy(np.int64)
        self.refining = self.step_yield("refining")
        self.lifetimes = tables.remember(_lifetimes, tuple(base.products))
        self._recycling_table()
        self.customs = [
            customs(tables, base, m, float(self.refining[m]), form) for m, form in enumerate(self.layout.feed_forms)
        ]
        self.using = base.making[self.pair_product]

    def step_yield(self, step: str) -> np.ndarray:
        """Yield of a step, shape (metals,): ``mining_recovery`` or ``refining``."""
        return self.tables.remember(_step_yield, tuple(self.base.metals), step)

    def _surplus(self) -> np.ndarray:
        """Published market surplus of the base year, t, shape (metals,); none outside mode 'historical'."""
        table = self.tables.market_balance
        rows = table[table["year"] == self.base.year].set_index("metal")["surplus_t"]
        known: np.ndarray = rows.reindex(self.base.metals).fillna(0.0).clip(lower=0.0).to_numpy(float)
        return known if self.settings.mode == "historical" else np.zeros_like(known)

    def above_ground(self) -> np.ndarray:
        """Refined metal that years before the base year made and did not use, less what later ones drew, t, shape (metals,)."""
        held = np.zeros(len(self.base.metals))
        if self.settings.mode != "historical":
            return held
        table = self.tables.remember(_market_balance)
        years = range(self.base.year - int(self.parameters["surplus_years"]) + 1, self.base.year)
        for _, row in table.reindex(index=years, columns=self.base.metals).fillna(0.0).iterrows():
            held = np.maximum(held + row.to_numpy(float), 0.0)
        return held

    def usual_price(self) -> np.ndarray:
        """ln of the mean price of the years up to the base year over that of the base year, ln points, shape (metals,).

        Geometric mean of ``usual_years``; 0 where fewer than :data:`LEAST_YEARS` have a price, and outside mode 'historical'.
        """
        table, year = self.tables.base_prices, self.base.year
        if self.settings.mode != "historical":
            return np.zeros(len(self.base.metals))
        rows = table[(table["year"] <= year) & (table["year"] > year - int(self.parameters["usual_years"]))]
        past = pd.Series(np.log(rows["price_usd_per_t"].to_numpy(float)), rows["metal"]).groupby(level=0)
        mean = past.mean().where(past.count() >= LEAST_YEARS).reindex(self.base.metals).to_numpy(float)
        usual: np.ndarray = np.nan_to_num(mean - np.log(self.base.price))
        return usual

    def of_pair(self, column: str) -> np.ndarray:
        """A column of the products table for each pair, shape (pairs,)."""
        values: np.ndarray = self.product_rows[column].to_numpy(float)[self.pair_product]
        return values

    def _recycling_table(self) -> None:
        """Collection and separation by pair, collection factors and informal shares by country."""
        names = tuple(zip(self.base.pairs["product_name"], self.base.pairs["metal_name"], strict=True))
        rows = self.tables.remember(_recycling_rows, names)
        self.collection = rows["collection_rate"].fillna(0.0).to_numpy(float)
        countries = self.tables.collection_country.set_index("iso3").reindex(self.base.countries)
        everywhere = self.tables.collection_country
        self.collection_factor = countries["factor"].fillna(everywhere["factor"].mean()).to_numpy(float)
        self.informal = countries["informal_share"].fillna(everywhere["informal_share"].mean()).to_numpy(float)
        self.separation = {kind: rows[f"separation_{kind}"].fillna(0.0).to_numpy(float) for kind in CHANNELS}

    @cached_property
    def collection_trend(self) -> np.ndarray:
        """Rise of collection of each pair along its logistic line, 1/year, shape (pairs,); none outside mode 'historical'."""
        if self.settings.mode != "historical":
            return np.zeros(len(self.pair_product))
        known = self.tables.collection_trends.set_index("product")["trend"].reindex(self.base.products).fillna(0.0)
        trend: np.ndarray = known.to_numpy(float)[self.pair_product]
        return trend

    @cached_property
    def achievable(self) -> np.ndarray:
        """Largest share that can be collected of each product, shape (products,)."""
        rows, parameters = self.product_rows, self.parameters
        kinds, life = rows["kinds"].fillna(1.0).to_numpy(float), rows["lifetime_mean_years"].to_numpy(float)
        over_usual, by = (
            life / parameters["collection_life"],
            (parameters["collection_kinds"], parameters["collection_cycle"]),
        )
        return country.achievable(parameters["collection_max"], kinds, over_usual, *by)

    @cached_property
    def formal_trend(self) -> np.ndarray:
        """Rise of ln(formal plants / workshops) in what is collected of a product group, 1/year, shape (groups,).

        None outside mode 'historical'.
        """
        if self.settings.mode != "historical":
            return np.zeros(len(self.layout.groups))
        return self.tables.remember(_formal_trends, tuple(self.base.products), tuple(self.layout.groups))

    def group_informal(self) -> np.ndarray:
        """Share of what is collected that goes to workshops when the world begins, shape (countries, groups).

        The figure of the country, moved to the first year of the run along the line of the product group.
        """
        years = int(self.settings.start[:4]) - self.parameters["informal_year"]
        share = np.repeat(self.informal[:, None], len(self.layout.groups), axis=1)
        moved = np.flatnonzero(self.formal_trend)
        share[:, moved] = 1.0 - country.built_up(1.0 - share[:, moved], self.formal_trend[moved] * years, 1.0)
        return share

    @cached_property
    def group_local(self) -> np.ndarray:
        """Part of what goes to workshops that small local firms take, shape (groups,)."""
        known = self.tables.take_back.set_index("group")["local"]
        part: np.ndarray = known.reindex(self.layout.groups).fillna(0.0).to_numpy(float)
        return part

    def workshops(self) -> np.ndarray:
        """Recoverable share of each pair at small local firms and informal workshops together, shape (pairs,)."""
        local, informal = self.separation["local"], self.separation["informal"]
        mean: np.ndarray = (
            informal + (local - informal) * self.group_local[self.layout.product_group[self.pair_product]]
        )
        return mean

    @cached_property
    def country_collection(self) -> np.ndarray:
        """Collection rate by pair and country when the world begins, shape (pairs, countries).

        What is published of a country, else the world's rate times its factor, both moved to the first year of the run.
        """
        ceiling, trends = self.parameters["collection_max"], self.tables.collection_trends.set_index("product")["year"]
        rate = np.minimum(self.collection[:, None] * self.collection_factor[None, :], ceiling)
        start = int(self.settings.start[:4])
        since = trends.reindex(self.base.products).fillna(start).to_numpy(float)[self.pair_product]
        year = np.repeat(since[:, None], rate.shape[1], axis=1)
        index = self.layout.country_index
        for row in self.tables.remember(_known_collection):
            if row["iso3"] in index and row["product"] in self.base.products:
                pairs = np.flatnonzero(self.pair_product == self.base.products.index(row["product"]))
                rate[pairs, index[row["iso3"]]] = row["rate"]
                year[pairs, index[row["iso3"]]] = row["year"]
        most = self.achievable[self.pair_product][:, None]
        return country.built_up(rate, self.collection_trend[:, None] * (start - year), most)

    def fit_use(self, secondary: Population) -> None:
        """Put the use of refined metal where output and net trade leave it, with what recyclers sell."""
        output = np.zeros((len(self.base.metals), len(self.base.countries)))
        np.add.at(output, (secondary.metal, secondary.country), secondary.rate)
        primary = self.base.refined * (self.first_refined() / self.base.refined.sum(axis=1))[:, None]
        band, trace = self.parameters["use_band"], self.parameters["maker_trace"]
        self.using = used_shares(self.base, self.customs, primary, output, band, trace)

    def stocking(self) -> np.ndarray:
        """Normal stocks of refined metal with what is under way, months of use, shape (metals,).

        Stocks of ore and feed lie before refining: mines fill them, not refined metal.
        """
        total: np.ndarray = self.cover["refined"] + self.cover["manufacturer"]
        return total + self.parameters["under_way"]

    def left_idle(self, index: np.ndarray) -> np.ndarray:
        """Part of the base year's published surplus that normal stocks did not take up as they grew, t, shape (metals,)."""
        grown = self.stocking() * self.first_growth(index) * self.base.refined.sum(axis=1)
        return np.where(self.surplus > 0.0, np.maximum(self.surplus - grown, 0.0), self.surplus)

    def first_growth(self, index: np.ndarray) -> np.ndarray:
        """Expected growth of the use of each metal in the first month, 1/month, shape (metals,)."""
        share = self.first_shares()
        growth: np.ndarray = np.bincount(self.pair_metal, share * index[12]) - 1.0
        return growth / 12.0

    def first_shares(self) -> np.ndarray:
        """Product shares in the first month: those of the base year, moved to the month."""
        share = self.base.pairs["share"].to_numpy(float)
        moved = share / self.mean_index
        total = np.bincount(self.pair_metal, moved)
        return moved / total[self.pair_metal]

    @cached_property
    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Latitude and longitude of the countries, degrees, shape (countries,) each; 0 where they are not known."""
        rows = self.tables.countries.set_index("iso3").reindex(self.base.countries)
        return rows["lat"].fillna(0.0).to_numpy(float), rows["lon"].fillna(0.0).to_numpy(float)

    @cached_property
    def km(self) -> np.ndarray:
        """Distances between countries, km, shape (countries, countries)."""
        return distances(*self.places)

    @cached_property
    def inland(self) -> np.ndarray:
        """Months from mine or plant to port, shape (countries,); 0 where the table ``inland_ways`` names none."""
        rows = self.tables.inland_ways.set_index("iso3")["months"].reindex(self.base.countries)
        months: np.ndarray = rows.fillna(0.0).to_numpy(float)
        return months

    @cached_property
    def mean_index(self) -> np.ndarray:
        """Mean over the base year of use relative to the first month, shape (pairs,)."""
        return base_year_mean(self.tables, self.base.pairs, self.settings, self.parameters)

    def surprise(self, index: np.ndarray) -> np.ndarray:
        """What comes of demand over what is expected, both with the base year's total, shape (T, pairs)."""
        what = (self.tables, self.base.pairs, self.settings, self.parameters)
        comes = monthly_index(*what, actual=True) / base_year_mean(*what, actual=True)
        return comes * self.mean_index / index

    def first_refined(self) -> np.ndarray:
        """Primary refined metal in the first month, t/month, shape (metals,): steady outside mode 'historical'."""
        first: np.ndarray = self.base.refined.sum(axis=1) / 12.0
        return self.first_primary() if self.settings.mode == "historical" else first

    def first_primary(self) -> np.ndarray:
        """Primary refined metal in the first month, t/month, so that the base year sums to its data."""
        share = self.base.pairs["share"].to_numpy(float)
        moved = np.bincount(self.pair_metal, share / self.mean_index)
        first: np.ndarray = self.base.refined.sum(axis=1) / 12.0 * moved
        return first


def _known_collection(tables: Tables) -> list[dict[Any, Any]]:
    """Rows of the table `collection_known`."""
    return [dict(row) for row in tables.collection_known.to_dict("records")]


def _formal_trends(tables: Tables, products: tuple[str, ...], groups: tuple[str, ...]) -> np.ndarray:
    """Rise of ln(formal plants / workshops) by product group, the mean over its products, 1/year, shape (groups,)."""
    known = tables.collection_trends.set_index("product")["formal_trend"].reindex(list(products)).dropna()
    trend = known.groupby(tables.products.set_index("product")["group"].reindex(known.index)).mean()
    rises: np.ndarray = trend.reindex(list(groups)).fillna(0.0).to_numpy(float)
    return rises

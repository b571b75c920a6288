"""From figures to agents: populations, markets and stocks of the first month, before anything has happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from agents.population import Population
from environment.base_year import POOL, BaseYear, base_year
from environment.calendar import parse_month
from environment.demand import base_year_mean, monthly_index, primary_refined, use_share_table
from environment.history import Fate, Past, recorded_past, steady_past
from environment.in_use import InUse, lifetime_probabilities, start_in_use
from environment.layout import Layout
from environment.market import Market
from environment.network import blend_known, distances, gravity_prior, ras
from environment.parameters import Parameters
from environment.settings import WorldSettings

DAYS_PER_MONTH = 365.25 / 12.0
TRACE_OF_OUTPUT = 1e-7
"""Least share of the world's recycled metal given to a seller, so that recyclers who recover none yet can begin to sell."""


@dataclass
class Blueprint:
    """Everything a world begins with. Worlds copy it, so one blueprint serves many runs.

    Attributes:
        settings, parameters, layout: what it was made with.
        price: base price of each metal, USD/t, shape (metals,).
        countries, miners, refiners, manufacturers, inputs, recyclers, desks: populations.
        markets: ``feed``, ``refined``, ``scrap``.
        in_use: stocks in use.
        ore_desk_country, ore_desk_metal: of each ore desk, shape (D,).
        secondary_country, secondary_metal, secondary_base: of each seller of recycled metal, shape (Z,); t/month.
        pool_country, pool_group: of each scrap pool, shape (Q,).
        pool_start: metal in each scrap pool, and what formal and informal recyclers can recover of it, t, shape (Q, 3 x metals).
        separation_of_input, separation_of_in_use: recoverable share of the scrap of each input, shape (2, L), and of each row
            in use, shape (2, V): by formal plants, by informal workshops.
        demand: expected use of each input relative to the first month, shape (T, L).
        consumption: share of each row in use in what the world makes of its product, shape (V,).
        new_scrap, dissipated: of each product, shape (products,).
        cover: normal stocks, months, by place, shape (metals,) each.
        surplus: refined metal that the base year made and did not use, t, shape (metals,).
    """

    settings: WorldSettings
    parameters: Parameters
    layout: Layout
    price: np.ndarray
    countries: Population
    miners: Population
    refiners: Population
    manufacturers: Population
    inputs: Population
    recyclers: Population
    desks: Population
    markets: dict[str, Market]
    in_use: InUse
    ore_desk_country: np.ndarray
    ore_desk_metal: np.ndarray
    secondary_country: np.ndarray
    secondary_metal: np.ndarray
    secondary_base: np.ndarray
    pool_country: np.ndarray
    pool_group: np.ndarray
    pool_start: np.ndarray
    separation_of_input: np.ndarray
    separation_of_in_use: np.ndarray
    demand: np.ndarray
    consumption: np.ndarray
    new_scrap: np.ndarray
    dissipated: np.ndarray
    cover: dict[str, np.ndarray]
    surplus: np.ndarray


def draw_up(
    tables: pd.DataFrame, settings: WorldSettings, parameters: Parameters | None = None, keep: Iterable[str] = ()
) -> Blueprint:
    """Draw up a world from the tables.

    Args:
        tables: the loaded tables (:func:`data.load`).
        settings: start, mode, metals, ...
        parameters: values of the parameters; left out: those of the tables.
        keep: countries that must not be pooled into ROW.

    Raises:
        DataError: when the tables lack something the settings ask for.
    """
    parameters = parameters or table_parameters(tables, settings)
    return _Draughtsman(tables, settings, parameters, base_year(tables, settings, parameters, keep)).blueprint()


def table_parameters(
    tables: pd.DataFrame, settings: WorldSettings, overrides: dict[str, float] | None = None
) -> Parameters:
    """Parameters of the tables with a scenario's own values on top."""
    from environment.base_year import choose_metals

    metals = choose_metals(tables, settings)
    classes = tables.metals.set_index("metal")["price_class"].reindex(metals).tolist()
    return Parameters(tables.parameters, metals, classes, overrides)


def surplus_months(tables: pd.DataFrame, base: BaseYear, parameters: Parameters) -> np.ndarray:
    """Feed stock left by the base year's mine surplus, months of refining, shape (metals,).

    Mine output that was published but not refined in the base year did not vanish: it lies at ports, traders and refiners.
    """
    rows = tables.production
    rows = rows[(rows["stage"] == "mine") & (rows["year"] == base.year) & rows["metal"].isin(base.metals)]
    published = rows["observed_t"].fillna(rows["assumed_t"])
    surplus = (published - rows["reconciled_t"]).groupby(rows["metal"]).sum().reindex(base.metals).fillna(0.0)
    used = rows.groupby("metal")["reconciled_t"].sum().reindex(base.metals)
    months = 12.0 * (surplus.clip(lower=0.0) / used).fillna(0.0).to_numpy(float)
    return np.minimum(parameters["surplus_as_stock"] * months, parameters["surplus_months_max"])


class _Draughtsman:
    """Holds what the steps of drawing up share; each method makes one part."""

    def __init__(self, tables: pd.DataFrame, settings: WorldSettings, parameters: Parameters, base: BaseYear) -> None:
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
        self.cover = {
            place: tables.cover[tables.cover["place"] == place].set_index("metal")["months"].reindex(base.metals).to_numpy(float)
            for place in ("mine", "feed", "refined", "manufacturer")
        }
        self.cover["feed"] = self.cover["feed"] + surplus_months(tables, base, parameters)
        self.surplus = self._surplus()
        self.pair_metal = base.pairs["metal"].to_numpy(np.int64)
        self.pair_product = base.pairs["product"].to_numpy(np.int64)
        self.refining = self._yield("refining")
        self.lifetimes = [
            lifetime_probabilities(row.lifetime_distribution, row.lifetime_mean_years, row.lifetime_sd_years)
            for row in product_rows.itertuples()
        ]

    def _surplus(self) -> np.ndarray:
        """Published market surplus of the base year, t, shape (metals,); none outside mode 'historical'."""
        table = self.tables.market_balance
        rows = table[table["year"] == self.base.year].set_index("metal")["surplus_t"]
        known: np.ndarray = rows.reindex(self.base.metals).fillna(0.0).to_numpy(float)
        return known if self.settings.mode == "historical" else np.zeros_like(known)

    def _yield(self, step: str) -> np.ndarray:
        rows = self.tables.yields[self.tables.yields["step"] == step].set_index("metal")["value"]
        return rows.reindex(self.base.metals).to_numpy(float)

    def blueprint(self) -> Blueprint:
        """All parts put together."""
        base, settings = self.base, self.settings
        index = monthly_index(self.tables, base.pairs, settings, self.parameters)
        self._recycling_table()
        past = self._past(index)
        base_share = self._first_shares()
        use = past.use[self.pair_metal] * base_share
        manufacturers, inputs, pair_of_input = self._manufacturers(use)
        in_use, consumption = self._in_use(past, use)
        pools, recyclers, scrap, secondary = self._recycling(in_use, use)
        refined_supply = self._refiners(secondary)
        desks, inputs_desk = self._desks(inputs, manufacturers)
        inputs.desk[:] = inputs_desk
        miners, ore_desks = self._miners(refined_supply["refiners"])
        markets = {
            "feed": self._feed_market(ore_desks, miners, refined_supply["refiners"]),
            "refined": self._refined_market(refined_supply["refiners"], secondary, desks, inputs),
            "scrap": scrap,
        }
        for market in (markets["feed"], markets["refined"]):
            market.fill_pipeline()
        self.layout.inputs, self.layout.recyclers, self.layout.in_use = inputs, recyclers, in_use
        return Blueprint(
            settings=settings,
            parameters=self.parameters,
            layout=self.layout,
            price=base.price,
            countries=self._countries(),
            miners=miners,
            refiners=refined_supply["refiners"],
            manufacturers=manufacturers,
            inputs=inputs,
            recyclers=recyclers,
            desks=desks,
            markets=markets,
            in_use=in_use,
            ore_desk_country=ore_desks[0],
            ore_desk_metal=ore_desks[1],
            secondary_country=secondary[0],
            secondary_metal=secondary[1],
            secondary_base=secondary[2],
            pool_country=pools[0],
            pool_group=pools[1],
            pool_start=pools[2],
            separation_of_input=np.stack([self.separation[kind][pair_of_input] for kind in ("formal", "informal")]),
            separation_of_in_use=np.stack([self.separation[kind][self.pair_of_in_use] for kind in ("formal", "informal")]),
            demand=index[:, pair_of_input],
            consumption=consumption,
            new_scrap=self.product_rows["new_scrap_rate"].to_numpy(float),
            dissipated=self.product_rows["dissipative_share"].to_numpy(float),
            cover=self.cover,
            surplus=self.surplus,
        )

    # ---- recycling rates ----------------------------------------------------------------------------------------------
    def _recycling_table(self) -> None:
        """Collection and separation by pair, collection factors and informal shares by country."""
        table = self.tables.recycling.set_index(["product", "metal"])
        keys = pd.MultiIndex.from_arrays([self.base.pairs["product_name"], self.base.pairs["metal_name"]])
        rows = table.reindex(keys)
        self.collection = rows["collection_rate"].fillna(0.0).to_numpy(float)
        countries = self.tables.collection_country.set_index("iso3").reindex(self.base.countries)
        self.collection_factor = countries["factor"].fillna(countries["factor"].mean()).fillna(1.0).to_numpy(float)
        self.informal = countries["informal_share"].fillna(countries["informal_share"].mean()).fillna(0.0).to_numpy(float)
        self.separation = {
            kind: rows[f"separation_{kind}"].fillna(0.0).to_numpy(float) for kind in ("formal", "informal")
        }

    def _country_collection(self) -> np.ndarray:
        """Collection rate by pair and country, shape (pairs, countries)."""
        ceiling = self.parameters["collection_max"]
        return np.minimum(self.collection[:, None] * self.collection_factor[None, :], ceiling)

    def _fate(self) -> Fate:
        """World means of what becomes of each pair, weighted by where products are used and made."""
        metal = self.pair_metal
        buying, making = self.base.buying[self.pair_product], self.base.making[self.pair_product]
        formal, informal = self.separation["formal"], self.separation["informal"]
        by_country = formal[:, None] + (informal - formal)[:, None] * self.informal[None, :]
        hibernating, exported = (self._of_pair(name) for name in ("hibernating_share", "export_used_share"))
        pool = self.base.countries.index(POOL)
        at_hand = buying * (1.0 - exported)[:, None]
        at_hand[:, pool] += exported
        collection = self._country_collection()
        collected = (at_hand * collection).sum(axis=1)
        recovered = (at_hand * collection * by_country).sum(axis=1)
        return Fate(
            metal=metal,
            new_scrap=self._of_pair("new_scrap_rate"),
            dissipated=self._of_pair("dissipative_share"),
            hibernating=hibernating,
            collection=collected,
            separation=np.divide(recovered, collected, out=np.zeros_like(collected), where=collected > 0),
            new_separation=(making * by_country).sum(axis=1),
        )

    def _of_pair(self, column: str) -> np.ndarray:
        values: np.ndarray = self.product_rows[column].to_numpy(float)[self.pair_product]
        return values

    # ---- the past -----------------------------------------------------------------------------------------------------
    def _stocking(self) -> np.ndarray:
        """Normal stocks of the whole chain, months of use, with one month under way at each of two steps."""
        return sum(self.cover.values()) + 1.5  # type: ignore[no-any-return]

    def _past(self, index: np.ndarray) -> Past:
        fate = self._fate()
        settings, hibernation = self.settings, self.parameters["hibernation_months"]
        by_pair = [self.lifetimes[product] for product in self.pair_product]
        annual = self.base.refined.sum(axis=1)
        if settings.mode != "historical":
            growth = settings.growth if settings.mode == "growth" else 0.0
            share = self.base.pairs["share"].to_numpy(float)
            return steady_past(annual / 12.0, share, fate, by_pair, growth, self._stocking(), hibernation)
        totals = primary_refined(self.tables.production, self.base.metals).interpolate().bfill()
        totals = totals.loc[: settings.data_year]
        totals = totals * (annual / totals.loc[settings.data_year].to_numpy(float))[None, :]
        shares = use_share_table(self.tables.use_shares, self.base.pairs)
        first = self._first_primary()
        return recorded_past(
            {int(year): row.to_numpy(float) for year, row in totals.iterrows()},
            {int(year): row.to_numpy(float) for year, row in shares.loc[: settings.data_year].iterrows()},
            fate,
            by_pair,
            parse_month(settings.start),
            (first - self.surplus / 12.0, self._first_shares()),
            self.parameters.by_metal("backcast_growth"),
            self._stocking(),
            self._first_growth(index),
            hibernation,
        )

    def _first_growth(self, index: np.ndarray) -> np.ndarray:
        """Expected growth of the use of each metal in the first month, 1/month, shape (metals,)."""
        share = self._first_shares()
        growth: np.ndarray = np.bincount(self.pair_metal, share * index[12]) - 1.0
        return growth / 12.0

    def _first_shares(self) -> np.ndarray:
        """Product shares in the first month: those of the base year, moved to the month."""
        share = self.base.pairs["share"].to_numpy(float)
        moved = share / self._mean_index()
        total = np.bincount(self.pair_metal, moved)
        return moved / total[self.pair_metal]

    def _mean_index(self) -> np.ndarray:
        return base_year_mean(self.tables, self.base.pairs, self.settings, self.parameters)

    def _first_primary(self) -> np.ndarray:
        """Primary refined metal in the first month, t/month, so that the base year sums to its data."""
        share = self.base.pairs["share"].to_numpy(float)
        moved = np.bincount(self.pair_metal, share / self._mean_index())
        first: np.ndarray = self.base.refined.sum(axis=1) / 12.0 * moved
        return first

    # ---- populations --------------------------------------------------------------------------------------------------
    def _countries(self) -> Population:
        base, tables = self.base, self.tables
        places = tables.countries.set_index("iso3").reindex(base.countries)
        years = tables.country_years[tables.country_years["year"] == self.settings.data_year]
        figures = years.set_index("iso3").reindex(base.countries)
        return Population(
            "country",
            base.countries,
            latitude=places["lat"].fillna(0.0).to_numpy(float),
            longitude=places["lon"].fillna(0.0).to_numpy(float),
            population=figures["population"].fillna(0.0).to_numpy(float),
            gdp=figures["gdp_usd"].fillna(0.0).to_numpy(float),
            informal_share=self.informal,
        )

    def _manufacturers(self, use: np.ndarray) -> tuple[Population, Population, np.ndarray]:
        """Factories and their inputs; returns the pair of each input as well."""
        base = self.base
        product, country = np.nonzero(base.making)
        names = [f"{base.countries[c]}-{base.products[p]}" for p, c in zip(product, country, strict=True)]
        total = np.bincount(self.pair_product, use, len(base.products))
        share = base.making[product, country]
        manufacturers = Population("manufacturer", names, country=country, product=product, base=share * total[product])
        owner, pair = np.nonzero(product[:, None] == self.pair_product[None, :])
        metal = self.pair_metal[pair]
        ceilings = self.tables.substitution.set_index(["product", "metal"])["ceiling"]
        keys = pd.MultiIndex.from_arrays([base.pairs["product_name"], base.pairs["metal_name"]])
        ceiling = ceilings.reindex(keys).fillna(0.0).to_numpy(float)
        inputs = Population(
            "input",
            [f"{names[m]}-{base.metals[k]}" for m, k in zip(owner, metal, strict=True)],
            manufacturer=owner,
            country=country[owner],
            product=product[owner],
            metal=metal,
            base=use[pair] * share[owner],
            stock=use[pair] * share[owner] * self.cover["manufacturer"][metal],
            ceiling=ceiling[pair],
        )
        return manufacturers, inputs, pair

    def _desks(self, inputs: Population, manufacturers: Population) -> tuple[Population, np.ndarray]:
        """One desk per country and metal used; returns the desk of each input as well."""
        base = self.base
        key = inputs.country * len(base.metals) + inputs.metal
        keys, desk = np.unique(key, return_inverse=True)
        country, metal = keys // len(base.metals), keys % len(base.metals)
        reserves = self.tables.strategic_reserves.set_index(["iso3", "metal"])["days"]
        wanted = pd.MultiIndex.from_arrays([[base.countries[c] for c in country], [base.metals[m] for m in metal]])
        months = reserves.reindex(wanted).fillna(0.0).to_numpy(float) / DAYS_PER_MONTH
        use = np.bincount(desk, inputs.base)
        desks = Population(
            "desk",
            [f"{base.countries[c]}-{base.metals[m]}" for c, m in zip(country, metal, strict=True)],
            country=country,
            metal=metal,
            reserve=months * use,
            reserve_target=months,
        )
        return desks, desk

    def _refiners(self, secondary: tuple[np.ndarray, ...]) -> dict[str, Population]:
        base = self.base
        annual = base.refined.sum(axis=1)
        first = self._first_primary() if self.settings.mode == "historical" else annual / 12.0
        flow = base.refined * (first / annual)[:, None]
        metal, country = np.nonzero(flow)
        output = flow[metal, country]
        refiners = Population(
            "refiner",
            [f"{base.countries[c]}-{base.metals[m]}" for m, c in zip(metal, country, strict=True)],
            country=country,
            metal=metal,
            base=output,
            yield_=self.refining[metal],
            feed_stock=self.cover["feed"][metal] * output / self.refining[metal],
            stock=self.cover["refined"][metal] * output,
        )
        return {"refiners": refiners}

    def _miners(self, refiners: Population) -> tuple[Population, tuple[np.ndarray, np.ndarray]]:
        """Mines by cost tier, scaled so that they feed the refiners, and the ore desks they sell through."""
        base = self.base
        needed = np.bincount(refiners.metal, refiners.base / refiners.yield_, len(base.metals))
        flow = base.mined * (needed / base.mined.sum(axis=1))[:, None]
        curve = self.tables.cost_curve
        rows = [
            (m, c, int(tier.tier), flow[m, c] * tier.capacity_share, float(tier.cost_ratio))
            for m, c in zip(*np.nonzero(flow), strict=True)
            for tier in curve[curve["metal"] == base.metals[m]].itertuples()
        ]
        metal, country, tier, output, cost = (np.array(column) for column in zip(*rows, strict=True))
        hosts = [self._host(base.metals[m], base.countries[c]) for m, c in zip(metal, country, strict=True)]
        host_rows = self._host_rows(hosts, country)
        key = country * len(base.metals) + metal
        keys, desk = np.unique(key, return_inverse=True)
        utilisation = self.parameters["mine_utilisation"]
        miners = Population(
            "miner",
            [f"{base.countries[c]}-{base.metals[m]}-{t}" for m, c, t in zip(metal, country, tier, strict=True)],
            country=country,
            metal=metal,
            tier=tier,
            desk=desk,
            base=output,
            cost=cost,
            stock=self.cover["mine"][metal] * output,
            reserve=self._reserves(metal, country, output),
            recovery=self._yield("mining_recovery")[metal],
            host=host_rows,
            host_share=np.array([share for _, share, _ in hosts]),
            recovery_limit=np.array([max(limit, 1.0 / utilisation) for _, _, limit in hosts]),
        )
        return miners, (keys // len(base.metals), keys % len(base.metals))

    def _host(self, metal: str, country: str) -> tuple[str, float, float]:
        """(host, share of output with the host, recovery limit) of a metal in a country; ("", 0, 1) without host."""
        rows = self.tables.hosts[self.tables.hosts["metal"] == metal]
        for place in (country, "*"):
            found = rows[rows["iso3"] == place]
            if len(found) and float(found["share"].iloc[0]) > 0:
                row = found.iloc[0]
                return str(row["host"]), float(row["share"]), float(row["recovery_limit"])
            if len(found):
                break
        return "", 0.0, 1.0

    def _host_rows(self, hosts: list[tuple[str, float, float]], country: np.ndarray) -> np.ndarray:
        names = sorted({(name, int(c)) for (name, _, _), c in zip(hosts, country, strict=True) if name})
        self.layout.host_names = names
        place = {name: i for i, name in enumerate(names)}
        return np.array([place.get((name, int(c)), -1) for (name, _, _), c in zip(hosts, country, strict=True)])

    def _reserves(self, metal: np.ndarray, country: np.ndarray, output: np.ndarray) -> np.ndarray:
        """Metal in the ground by mine, t: published reserves shared by output; elsewhere the world's years of output."""
        base = self.base
        table = self.tables.reserves
        table = table.assign(tonnes=table["observed_t"].fillna(table["assumed_t"]))
        wide = table.pivot_table(index="metal", columns="iso3", values="tonnes", aggfunc="last")
        known = wide.reindex(index=base.metals, columns=base.countries).to_numpy(float)
        country_output = np.zeros_like(known)
        np.add.at(country_output, (metal, country), output)
        with np.errstate(invalid="ignore", divide="ignore"):
            years = known / country_output
        mean = np.array([np.nanmedian(row[np.isfinite(row)]) if np.isfinite(row).any() else 1e5 for row in years])
        life = np.where(np.isfinite(years[metal, country]), years[metal, country], mean[metal])
        mined_already = self.settings.months
        return output * np.maximum(life, 2.0 * mined_already)

    # ---- in use and scrap -----------------------------------------------------------------------------------------------
    def _in_use(self, past: Past, use: np.ndarray) -> tuple[InUse, np.ndarray]:
        base = self.base
        pair, country = np.nonzero(base.buying[self.pair_product] * (self._of_pair("dissipative_share") < 1.0)[:, None])
        share = base.buying[self.pair_product[pair], country]
        self.pair_of_in_use = pair
        rows = pd.DataFrame(
            {"country": country, "product": self.pair_product[pair], "metal": self.pair_metal[pair], "pair": pair, "share": share}
        )
        pool = base.countries.index(POOL)
        pool_row = {int(p): v for v, (p, c) in enumerate(zip(pair, country, strict=True)) if c == pool}
        in_use = start_in_use(
            rows,
            past.inflow,
            np.arange(len(past.inflow)),
            self.lifetimes,
            hibernating=past.hibernating[pair] * share,
            hibernating_share=self._of_pair("hibernating_share")[pair],
            export_share=np.where(country == pool, 0.0, self._of_pair("export_used_share")[pair]),
            collection=self._country_collection()[pair, country],
            export_row=np.array([pool_row[int(p)] for p in pair]),
        )
        return in_use, share

    def _recycling(
        self, in_use: InUse, use: np.ndarray
    ) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], Population, Market, tuple[np.ndarray, ...]]:
        """Scrap pools with their stock, recyclers, the scrap market, and the sellers of recycled metal."""
        arising = self._first_arising(in_use, use)
        metals = len(self.base.metals)
        country, group = np.nonzero(arising[..., :metals].sum(axis=2) > 0)
        content = arising[country, group]
        value = content[:, :metals] @ self.base.price
        edges, recycler_rows = self._scrap_edges(country, group, value)
        recyclers = self._recyclers(recycler_rows, edges)
        treated = np.zeros((len(recyclers), content.shape[1]))
        part = content / np.maximum(value, 1e-300)[:, None]
        np.add.at(treated, edges["buyer"].to_numpy(), edges["base"].to_numpy()[:, None] * part[edges["seller"].to_numpy()])
        formal = recyclers.formal[:, None] == 1
        recovered = np.where(formal, treated[:, metals : 2 * metals], treated[:, 2 * metals :])
        output, held = np.zeros((len(self.base.countries), metals)), np.zeros((len(self.base.countries), metals))
        np.add.at(output, recyclers.country, recovered)
        np.add.at(held, recyclers.country, treated[:, :metals])
        output = np.maximum(output, TRACE_OF_OUTPUT * output.sum(axis=0, keepdims=True)) * (held > 0)
        place, metal = np.nonzero(output)
        names = [f"{self.base.countries[c]}-{self.layout.groups[g]}" for c, g in zip(country, group, strict=True)]
        market = Market("scrap", names, recyclers.ids, edges)
        stock = content * self.parameters["scrap_cover"]
        return (country, group, stock), recyclers, market, (place, metal, output[place, metal])

    def _first_arising(self, in_use: InUse, use: np.ndarray) -> np.ndarray:
        """Scrap that arises in the first month, t, shape (countries, groups, 3 x metals).

        The columns are the metals' content, then what formal plants can recover of it, then what informal workshops can.
        """
        hibernating = in_use.hibernating.copy()
        collectable, _ = in_use.end_of_life(in_use.leaving(), self.parameters["hibernation_months"])
        in_use.hibernating[:] = hibernating
        metals, group = len(self.base.metals), self.layout.product_group
        arising = np.zeros((len(self.base.countries), len(self.layout.groups), 3 * metals))
        collected, made = collectable * in_use.collection, use * self._of_pair("new_scrap_rate")
        for block, of_pair in enumerate((np.ones(len(use)), self.separation["formal"], self.separation["informal"])):
            column = in_use.metal + block * metals
            np.add.at(arising, (in_use.country, group[in_use.product], column), collected * of_pair[self.pair_of_in_use])
            for pair, amount in enumerate(made * of_pair):
                product = self.pair_product[pair]
                arising[:, group[product], self.pair_metal[pair] + block * metals] += amount * self.base.making[product]
        return np.maximum(arising, self._trace_of_scrap(arising))

    def _trace_of_scrap(self, arising: np.ndarray) -> np.ndarray:
        """A trace of every metal in every pool that may ever receive it, so that pools and recyclers exist from the start."""
        metals = len(self.base.metals)
        world = np.maximum(arising[..., :metals].sum(axis=(0, 1)), 1e-3)
        trace = np.zeros_like(arising)
        place = (self.base.buying > 0) | (self.base.making > 0)
        for product, metal in zip(self.pair_product, self.pair_metal, strict=True):
            trace[place[product], self.layout.product_group[product], metal] = TRACE_OF_OUTPUT * world[metal]
        return trace

    def _scrap_edges(
        self, country: np.ndarray, group: np.ndarray, value: np.ndarray
    ) -> tuple[pd.DataFrame, list[tuple[int, int, int]]]:
        """Edges from pools to recyclers: informal workshops buy at home only, formal plants also abroad.

        Where the formal plants stand is not observed: the prior weight of a country is the scrap that arises there, times
        the home bias, times distance.
        """
        places = self.tables.countries.set_index("iso3").reindex(self.base.countries)
        km = distances(places["lat"].fillna(0.0).to_numpy(float), places["lon"].fillna(0.0).to_numpy(float))
        recycler_rows: dict[tuple[int, int, int], int] = {}
        rows = []
        for q in range(len(country)):
            same = np.flatnonzero(group == group[q])
            weight = value[same] / value[same].sum() * (1.0 + km[country[q], country[same]] / 1000.0) ** self.parameters["distance_elasticity"]
            weight[country[same] == country[q]] = weight.max() * self.parameters["scrap_home_bias"]
            weight /= weight.sum()
            weight[weight < 0.005] = 0.0
            informal = self.informal[country[q]]
            targets = [(int(country[k]), int(group[q]), 1, (1 - informal) * w) for k, w in zip(same, weight / weight.sum(), strict=True)]
            targets.append((int(country[q]), int(group[q]), 0, informal))
            for c, g, formal, share in targets:
                if share > 0:
                    row = recycler_rows.setdefault((c, g, formal), len(recycler_rows))
                    rows.append((q, row, g, country[q], c, value[q] * share, km[country[q], c], 0))
        names = ["seller", "buyer", "metal", "seller_country", "buyer_country", "base", "distance", "lead"]
        return pd.DataFrame(rows, columns=names), list(recycler_rows)

    def _recyclers(self, rows: list[tuple[int, int, int]], edges: pd.DataFrame) -> Population:
        country, group, formal = (np.array(column) for column in zip(*rows, strict=True))
        bought = np.bincount(edges["buyer"], edges["base"], len(rows))
        names = [
            f"{self.base.countries[c]}-{self.layout.groups[g]}-{'formal' if f else 'informal'}"
            for c, g, f in zip(country, group, formal, strict=True)
        ]
        return Population("recycler", names, country=country, group=group, formal=formal, base=bought)

    # ---- markets --------------------------------------------------------------------------------------------------------
    def _edges(
        self, seller: tuple[np.ndarray, np.ndarray, np.ndarray], buyer: tuple[np.ndarray, np.ndarray, np.ndarray], forms: list[str]
    ) -> pd.DataFrame:
        """Edges of one market, metal by metal, by RAS. ``seller`` and ``buyer``: (country, metal, t/month)."""
        places = self.tables.countries.set_index("iso3").reindex(self.base.countries)
        km = distances(places["lat"].fillna(0.0).to_numpy(float), places["lon"].fillna(0.0).to_numpy(float))
        parts = []
        for m, metal in enumerate(self.base.metals):
            s, b = np.flatnonzero(seller[1] == m), np.flatnonzero(buyer[1] == m)
            domestic = seller[0][s][:, None] == buyer[0][b][None, :]
            distance = km[np.ix_(seller[0][s], buyer[0][b])]
            prior = gravity_prior(distance, domestic, self.parameters["home_bias"], self.parameters["distance_elasticity"])
            prior = prior * seller[2][s][:, None] * buyer[2][b][None, :]
            prior = blend_known(prior, self._known_shares(metal, forms[m], seller[0][s], buyer[0][b]), domestic)
            if forms[m] != "refined" and self.host_only[m]:
                prior = np.where(domestic, prior, 0.0)
            flow = ras(seller[2][s], buyer[2][b], prior, self.parameters["network_trace"])
            flow = self._main_partners(flow, domestic)
            si, bi = np.nonzero(domestic if forms[m] != "refined" and self.host_only[m] else flow > 0)
            lead = np.where(domestic, 0, np.maximum(1, np.rint(distance / self.parameters["shipping_km_per_month"])))
            parts.append(
                pd.DataFrame(
                    {
                        "seller": s[si],
                        "buyer": b[bi],
                        "metal": m,
                        "seller_country": seller[0][s[si]],
                        "buyer_country": buyer[0][b[bi]],
                        "base": flow[si, bi],
                        "distance": distance[si, bi],
                        "lead": lead[si, bi].astype(int),
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)

    def _main_partners(self, flow: np.ndarray, domestic: np.ndarray) -> np.ndarray:
        """Drop pairs that matter to neither side, and fit the margins again on the rest."""
        least = self.parameters["partner_below"]
        to_buyer = flow / np.maximum(flow.sum(axis=0, keepdims=True), 1e-300)
        of_seller = flow / np.maximum(flow.sum(axis=1, keepdims=True), 1e-300)
        kept = (to_buyer >= least) | (of_seller >= 10.0 * least) | domestic
        return ras(flow.sum(axis=1), flow.sum(axis=0), np.where(kept, flow, 0.0), 0.0)

    def _known_shares(self, metal: str, form: str, sellers: np.ndarray, buyers: np.ndarray) -> np.ndarray:
        """Known share of each seller country in the imports of each buyer country, NaN where unknown, shape (S, B)."""
        table = self.tables.trade_shares
        forms = (form, "mixed") if form != "mixed" else ("mixed",)
        year = self.settings.data_year
        rows = table[(table["metal"] == metal) & table["form"].isin(forms) & (table["share_of"] == "importer")]
        known = np.full((len(sellers), len(buyers)), np.nan)
        names = np.array(self.base.countries)
        for importer, block in rows.groupby("importer"):
            members = self.layout.country_indices(str(importer))
            columns = np.flatnonzero(np.isin(buyers, members))
            if not len(columns):
                continue
            age = np.maximum(block["year_from"] - year, year - block["year_to"]).clip(lower=0)
            block = block[age == age.min()]
            best = form if (block["form"] == form).any() else "mixed"
            shares = block[block["form"] == best].groupby("exporter")["share"].sum()
            for s, seller in enumerate(names[sellers]):
                if seller in shares.index:
                    known[s, columns] = shares[seller] / max((names[sellers] == seller).sum(), 1)
        return known

    def _feed_market(self, ore_desks: tuple[np.ndarray, np.ndarray], miners: Population, refiners: Population) -> Market:
        country, metal = ore_desks
        supply = np.bincount(miners.desk, miners.base, len(country))
        edges = self._edges(
            (country, metal, supply),
            (refiners.country, refiners.metal, refiners.base / refiners.yield_),
            self.layout.feed_forms,
        )
        names = [f"{self.base.countries[c]}-{self.base.metals[m]}" for c, m in zip(country, metal, strict=True)]
        return Market("feed", [f"{name}-mines" for name in names], [f"{name}-refining" for name in refiners.ids], edges)

    def _refined_market(
        self, refiners: Population, secondary: tuple[np.ndarray, ...], desks: Population, inputs: Population
    ) -> Market:
        place, metal, output = secondary
        use = np.bincount(inputs.desk, inputs.base, len(desks))
        edges = self._edges(
            (np.r_[refiners.country, place], np.r_[refiners.metal, metal], np.r_[refiners.base, output]),
            (desks.country, desks.metal, use),
            ["refined"] * len(self.base.metals),
        )
        sellers = [f"{name}-refining" for name in refiners.ids]
        sellers += [f"{self.base.countries[c]}-{self.base.metals[m]}-recycling" for c, m in zip(place, metal, strict=True)]
        return Market("refined", sellers, [f"{name}-makers" for name in desks.ids], edges)

"""Drawing up a world: countries, firms and what is in use, at the start of the first month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.agents import country as country_rules
from lodeflow.agents.firm import STAGES
from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.environment.calendar import DAYS_PER_MONTH, parse_month
from lodeflow.environment.expectation import HORIZONS
from lodeflow.environment.market.in_use import InUse, start_in_use
from lodeflow.environment.start.base_year import POOL
from lodeflow.environment.start.draft import Draft
from lodeflow.environment.start.history import Past
from lodeflow.environment.start.product_trade import past_buying, units

HOST_DECIDES = 1e5
"""Months of output that count as no limit: for metals without published reserves, which their hosts limit."""
SIZES = {"horizon": len(HORIZONS), "stage": STAGES}
"""Sizes of the matrix columns of firms and desks."""


def build_countries(draft: Draft) -> Population:
    """Countries with place, people and income."""
    base, tables = draft.base, draft.tables
    latitude, longitude = draft.places
    years = tables.country_years[tables.country_years["year"] == draft.settings.data_year]
    figures = years.set_index("iso3").reindex(base.countries)
    return Population(
        "country",
        base.countries,
        latitude=latitude,
        longitude=longitude,
        population=figures["population"].fillna(0.0).to_numpy(float),
        gdp=figures["gdp_usd"].fillna(0.0).to_numpy(float),
        informal_share=draft.informal,
    )


def build_manufacturers(draft: Draft, use: np.ndarray) -> tuple[Population, Population, np.ndarray]:
    """Factories and their inputs; returns the pair of each input as well."""
    base = draft.base
    product, country = np.nonzero(base.making)
    names = [f"{base.countries[c]}-{base.products[p]}" for p, c in zip(product, country, strict=True)]
    total, counting, draft.layout.units = units(draft, use)
    share = base.making[product, country]
    owner, pair = np.nonzero(product[:, None] == draft.pair_product[None, :])
    manufacturers = Population(
        "manufacturer",
        names,
        country=country,
        product=product,
        first_input=np.searchsorted(owner, np.arange(len(names))),
        counted_input=np.flatnonzero(pair == counting[product[owner]]),
        base=share * total[product],
    )
    metal, used = draft.pair_metal[pair], use[pair] * draft.using[pair, country[owner]]
    ceilings = draft.tables.substitution.set_index(["product", "metal"])["ceiling"]
    keys = pd.MultiIndex.from_arrays([base.pairs["product_name"], base.pairs["metal_name"]])
    ceiling = ceilings.reindex(keys).fillna(0.0).to_numpy(float)
    inputs = Population(
        "input",
        [f"{names[m]}-{base.metals[k]}" for m, k in zip(owner, metal, strict=True)],
        manufacturer=owner,
        country=country[owner],
        product=product[owner],
        metal=metal,
        base=used,
        stock=used * draft.cover["manufacturer"][metal],
        ceiling=ceiling[pair],
    )
    return manufacturers, inputs, pair


def build_desks(draft: Draft, inputs: Population) -> tuple[Population, np.ndarray]:
    """One desk per country and metal used; returns the desk of each input as well.

    A strategic reserve starts with what is held; after an endless past it is full.
    """
    base = draft.base
    key = inputs.country * len(base.metals) + inputs.metal
    keys, desk = np.unique(key, return_inverse=True)
    country, metal = keys // len(base.metals), keys % len(base.metals)
    wanted = pd.MultiIndex.from_arrays([[base.countries[c] for c in country], [base.metals[m] for m in metal]])
    reserves = draft.tables.strategic_reserves.set_index(["iso3", "metal"]).reindex(wanted)[["days", "held_days"]]
    target, held = (reserves.fillna(0.0) / DAYS_PER_MONTH).to_numpy(float).T
    if draft.settings.mode != "historical":
        held = target
    use = np.bincount(desk, inputs.base)
    desks = Population(
        "desk",
        [f"{base.countries[c]}-{base.metals[m]}" for c, m in zip(country, metal, strict=True)],
        country=country,
        metal=metal,
        reserve=held * use,
        reserve_target=target,
        sizes=SIZES,
    )
    return desks, desk


def build_refiners(draft: Draft) -> Population:
    """Refiners with normal stocks; refined output of the first month from the base year."""
    base = draft.base
    annual = base.refined.sum(axis=1)
    flow = base.refined * (draft.first_refined() / annual)[:, None]
    metal, country = np.nonzero(flow)
    output = flow[metal, country]
    share = output / np.bincount(metal, output, len(base.metals))[metal]
    return Population(
        "refiner",
        [f"{base.countries[c]}-{base.metals[m]}" for m, c in zip(metal, country, strict=True)],
        country=country,
        sizes=SIZES,
        metal=metal,
        base=output,
        charge=draft.parameters.by_metal("treatment_charge")[metal],
        idle_share=share,
        yield_=draft.refining[metal],
        feed_stock=draft.cover["feed"][metal] * output / draft.refining[metal],
        stock=draft.cover["refined"][metal] * output + share * draft.above_ground()[metal],
    )


def build_miners(draft: Draft, refiners: Population) -> tuple[Population, Population, Population]:
    """Mines by cost tier, scaled so that they feed the refiners, the ore desks they sell through, and their hosts."""
    base = draft.base
    needed = np.bincount(refiners.metal, refiners.base / refiners.yield_, len(base.metals))
    flow = base.mined * (needed / base.mined.sum(axis=1))[:, None]
    rows = [
        (m, c, tier, flow[m, c] * share * hosted[0], _unit_cost(draft, base.metals[m], base.countries[c], cost), hosted)
        for m, c in zip(*np.nonzero(flow), strict=True)
        for tier, share, cost in draft.tables.remember(_tiers, base.metals[m])
        for hosted in draft.tables.remember(_hosts_of, base.metals[m], base.countries[c])
    ]
    *columns, carriers = zip(*rows, strict=True)
    metal, country, tier, output, cost = (np.array(column) for column in columns)
    hosts = [carrier[1:] for carrier in carriers]
    host_rows = _host_rows(draft, hosts, country)
    key = country * len(base.metals) + metal
    keys, desk = np.unique(key, return_inverse=True)
    spare, call = _spare(draft, metal, country)
    limit = np.array([max(most, 1.0 / draft.parameters["mine_utilisation"]) for _, _, most in hosts])
    place = {name: i for i, name in enumerate(draft.layout.host_names)}
    miners = Population(
        "miner",
        [
            f"{base.countries[c]}-{base.metals[m]}-{t}" + (f"-{host}" if part < 1.0 else "")
            for m, c, t, (part, host, *_) in zip(metal, country, tier, carriers, strict=True)
        ],
        sizes=SIZES,
        country=country,
        metal=metal,
        tier=tier,
        desk=desk,
        base=output,
        cost=cost,
        stock=draft.cover["mine"][metal] * output,
        reserve=_reserves(draft, metal, country, output),
        recovery=draft.step_yield("mining_recovery")[metal],
        host=host_rows,
        host_share=np.array([share for _, share, _ in hosts]),
        recovery_limit=limit,
        ceiling=np.where(host_rows >= 0, np.minimum(limit, spare), spare),
        call_months=call,
        as_host=np.array([place.get((base.metals[m], int(c)), -1) for m, c in zip(metal, country, strict=True)]),
    )
    return miners, _ore_desks(draft, keys // len(base.metals), keys % len(base.metals)), _hosts(draft)


def _spare(draft: Draft, metal: np.ndarray, country: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Capacity over normal output of each mine, and the months in which it is called, shape (I,) each."""
    known, base = draft.tables.remember(_spare_by_place), draft.base
    usual = draft.parameters["mine_utilisation"], draft.parameters["utilisation_months"]
    places = ((base.metals[m], base.countries[c]) for m, c in zip(metal, country, strict=True))
    found = np.array([known.get((m, c)) or known.get((m, "*")) or usual for m, c in places])
    return 1.0 / found[:, 0], found[:, 1]


def _spare_by_place(tables: Tables) -> dict[tuple[str, str], tuple[float, float]]:
    """(utilisation, months) by metal and place, ``*`` for everywhere else."""
    table = tables.spare_capacity
    values = zip(table["utilisation"].astype(float).tolist(), table["months"].astype(float).tolist(), strict=True)
    return dict(zip(zip(table["metal"], table["iso3"], strict=True), values, strict=True))


def _ore_desks(draft: Draft, country: np.ndarray, metal: np.ndarray) -> Population:
    base = draft.base
    names = [f"{base.countries[c]}-{base.metals[m]}" for c, m in zip(country, metal, strict=True)]
    world = base.mined.sum(axis=1)[metal]
    entrant = country_rules.new_to_it(base.mined[metal, country], world, draft.parameters["entrant_trace"]).astype(
        np.int64
    )
    return Population("ore desk", names, country=country, metal=metal, entrant=entrant)


def _hosts(draft: Draft) -> Population:
    names, country = draft.layout.host_names, np.array([c for _, c in draft.layout.host_names], np.int64)
    return Population("host", [f"{draft.base.countries[c]}-{name}" for name, c in names], country=country)


def _tiers(tables: Tables, metal: str) -> list[tuple[int, float, float]]:
    """(tier, share of a country's output, cost relative to the price) of a metal's cost curve."""
    rows = tables.cost_curve[tables.cost_curve["metal"] == metal]
    columns = (rows["tier"].astype(int), rows["capacity_share"].astype(float), rows["cost_ratio"].astype(float))
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _unit_cost(draft: Draft, metal: str, country: str, tier: float) -> float:
    """Cost of a country's mine over the anchor: that of its tier by its kind of deposit; the dearest breaks even at most."""
    return min(tier * draft.tables.remember(_cost_factors).get((metal, country), 1.0), 1.0)


def _cost_factors(tables: Tables) -> dict[tuple[str, str], float]:
    """Unit cost over that of the same tier of the world, by metal and country."""
    rows = tables.unit_costs
    return dict(zip(zip(rows["metal"], rows["iso3"], strict=True), rows["factor"].astype(float).tolist(), strict=True))


Carrier = tuple[float, str, float, float]
"""Part of a metal's output in a country; its host, share of the part that comes with the host, recovery limit."""


def _hosts_of(tables: Tables, metal: str, country: str) -> list[Carrier]:
    """Parts of a metal's output in a country by host, parts as the shares of the hosts; one part with host "" without any.

    ``part = s / sum(s)``, each with the share ``sum(s)``: two hosts with 0.95 and 0.05 carry all of their part. ODD 7.4.
    """
    known = tables.remember(_hosts_by_place)
    rows = [row for row in known.get((metal, country)) or known.get((metal, "*")) or () if row[1] > 0.0]
    total = sum(share for _, share, _ in rows)
    return [(share / total, host, min(total, 1.0), limit) for host, share, limit in rows] or [(1.0, "", 0.0, 1.0)]


def _hosts_by_place(tables: Tables) -> dict[tuple[str, str], list[tuple[str, float, float]]]:
    """(host, share, recovery limit) of every host, by metal and place, ``*`` for everywhere else."""
    known: dict[tuple[str, str], list[tuple[str, float, float]]] = {}
    for row in tables.hosts.to_dict("records"):
        found = known.setdefault((row["metal"], row["iso3"]), [])
        found.append((str(row["host"]), float(row["share"]), float(row["recovery_limit"])))
    return known


def _host_rows(draft: Draft, hosts: list[tuple[str, float, float]], country: np.ndarray) -> np.ndarray:
    names = sorted({(name, int(c)) for (name, _, _), c in zip(hosts, country, strict=True) if name})
    draft.layout.host_names = names
    place = {name: i for i, name in enumerate(names)}
    return np.array([place.get((name, int(c)), -1) for (name, _, _), c in zip(hosts, country, strict=True)])


def _published_reserves(tables: Tables) -> pd.DataFrame:
    """Metal in the ground, t: index metal, one column per country."""
    table = tables.reserves.assign(tonnes=tables.reserves["observed_t"].fillna(tables.reserves["assumed_t"]))
    return table.pivot_table(index="metal", columns="iso3", values="tonnes", aggfunc="last")


def _reserves(draft: Draft, metal: np.ndarray, country: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Metal in the ground by mine, t: published reserves shared by output; elsewhere the metal's median life."""
    base = draft.base
    wide = draft.tables.remember(_published_reserves)
    known = wide.reindex(index=base.metals, columns=base.countries).to_numpy(float)
    country_output = np.zeros_like(known)
    np.add.at(country_output, (metal, country), output)
    with np.errstate(invalid="ignore", divide="ignore"):
        months = known / country_output
    usual = np.array([np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else HOST_DECIDES for row in months])
    life = np.where(np.isfinite(months[metal, country]), months[metal, country], usual[metal])
    return output * life


def build_in_use(draft: Draft, past: Past) -> tuple[InUse, np.ndarray]:
    """Stocks in use of every country; also the pair of each row, shape (V,)."""
    base = draft.base
    pair, country = np.nonzero(base.buying[draft.pair_product] * (draft.of_pair("dissipative_share") < 1.0)[:, None])
    first, buying = past_buying(draft)
    ago = parse_month(draft.settings.start) - 1 - np.arange(len(past.inflow))
    rows = pd.DataFrame(
        {
            "country": country,
            "product": draft.pair_product[pair],
            "metal": draft.pair_metal[pair],
            "pair": pair,
        }
    )
    pool = base.countries.index(POOL)
    pool_row = {int(p): v for v, (p, c) in enumerate(zip(pair, country, strict=True)) if c == pool}
    in_use = start_in_use(
        rows,
        past.inflow,
        buying[:, draft.pair_product[pair], country],
        np.clip(ago // 12 - first, 0, len(buying) - 1),
        draft.lifetimes,
        past.hibernating,
        hibernating_share=draft.of_pair("hibernating_share")[pair],
        export_share=np.where(country == pool, 0.0, draft.of_pair("export_used_share")[pair]),
        collection=draft.country_collection[pair, country],
        collection_trend=draft.collection_trend[pair] / 12.0,
        achievable=draft.achievable[draft.pair_product[pair]],
        export_row=np.array([pool_row[int(p)] for p in pair]),
    )
    return in_use, pair

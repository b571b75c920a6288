"""From figures to agents: populations, markets and stocks of the first month, before anything has happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import numpy as np

from lodeflow.agents.population import Population
from lodeflow.agents.scrap_pool import CHANNELS
from lodeflow.data import Tables
from lodeflow.data.footprint import factors
from lodeflow.data.limits import rules_of
from lodeflow.data.span import last_year
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.layout import Layout
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.market.ways import Ways
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.rates import Rates, rates_of
from lodeflow.environment.settings import LAST_BASE_YEAR, WorldSettings
from lodeflow.environment.start.alerted import build_alert
from lodeflow.environment.start.atlas import atlas
from lodeflow.environment.start.base_year import base_year, choose_metals
from lodeflow.environment.start.cells import build_cells
from lodeflow.environment.start.demand import counting_content, monthly_index
from lodeflow.environment.start.draft import Draft
from lodeflow.environment.start.entrants import with_entrants
from lodeflow.environment.start.firms import (
    build_countries,
    build_desks,
    build_in_use,
    build_manufacturers,
    build_miners,
    build_refiners,
)
from lodeflow.environment.start.first_month import stand
from lodeflow.environment.start.hosts import host_paths
from lodeflow.environment.start.nexus import build_nexus
from lodeflow.environment.start.past import build_past
from lodeflow.environment.start.processes import build_processes
from lodeflow.environment.start.producers import producers
from lodeflow.environment.start.product_trade import build_product_trade
from lodeflow.environment.start.realised import realised_supply
from lodeflow.environment.start.recycling import build_recycling
from lodeflow.environment.start.regional import regional_factor
from lodeflow.environment.start.trade import build_feed_market, build_refined_market
from lodeflow.environment.start.year_end import year_ends


def draw_up(
    tables: Tables, settings: WorldSettings, parameters: Parameters | None = None, keep: Iterable[str] = ()
) -> Blueprint:
    """Draw up a world from the tables.

    Args:
        tables: the loaded tables (:func:`lodeflow.data.load`).
        settings: start, mode, metals, ...
        parameters: values of the parameters; left out: those of the tables.
        keep: countries that must not be pooled into ROW.

    Raises:
        DataError: when the tables lack something the settings ask for.
    """
    parameters = parameters or table_parameters(tables, settings)
    settings = settings.on_data(tables.remember(last_year, tuple(choose_metals(tables, settings))) or LAST_BASE_YEAR)
    base = with_entrants(base_year(tables, settings, parameters, keep), tables, settings, parameters)
    return assemble(Draft(tables, settings, parameters, base))


def table_parameters(
    tables: Tables, settings: WorldSettings, overrides: Mapping[str, float] | None = None
) -> Parameters:
    """Parameters of the tables with a scenario's own values on top."""
    metals = choose_metals(tables, settings)
    classes = tables.metals.set_index("metal")["price_class"].reindex(metals).tolist()
    return Parameters(tables.parameters, metals, classes, overrides, tables.remember(rules_of))


def assemble(draft: Draft) -> Blueprint:
    """Build all parts of a world, each from those before it, and put them where the first month begins."""
    index = monthly_index(draft.tables, draft.base.pairs, draft.settings, draft.parameters)
    surprise = draft.surprise(index) if draft.settings.departs else None
    draft.surplus = draft.left_idle(index)
    if any(seen.refined is not None for seen in draft.customs):
        _fit_use(draft, index)
    past = build_past(draft, index)
    use = past.use[draft.pair_metal] * draft.first_shares()
    manufacturers, inputs, pair_of_input = build_manufacturers(draft, use)
    in_use, pair_of_in_use = build_in_use(draft, past)
    pools, recyclers, scrap, secondary = build_recycling(draft, in_use, pair_of_in_use, use)
    factor = regional_factor(draft, inputs, pair_of_input)
    demand = index[:, pair_of_input] if factor is None else index[:, pair_of_input] * factor
    refiners = build_refiners(draft)
    desks, inputs.desk = build_desks(draft, inputs)
    miners, ore_desks, hosts = build_miners(draft, refiners)
    feed = build_feed_market(draft, ore_desks, miners, refiners)
    refined = build_refined_market(draft, refiners, secondary, desks, inputs)
    for market in (feed, refined):
        market.fill_pipeline()
    blueprint = Blueprint(
        settings=draft.settings,
        parameters=draft.parameters,
        layout=draft.layout,
        rates=_rates(draft, miners),
        agents={"countries": build_countries(draft), "groups": Population("product group", draft.layout.groups)}
        | {"miners": miners, "ore_desks": ore_desks, "hosts": hosts, "refiners": refiners}
        | {"manufacturers": manufacturers, "inputs": inputs, "desks": desks}
        | {"recyclers": recyclers, "secondary": secondary, "pools": pools},
        markets={"feed": feed, "refined": refined, "scrap": scrap},
        in_use=in_use,
        factors=draft.tables.remember(factors, tuple(draft.layout.metals), tuple(draft.layout.countries)),
        separation_of_input=_separation(draft, pair_of_input),
        separation_of_in_use=_separation(draft, pair_of_in_use),
        demand=demand,
        surprise=surprise if surprise is None else surprise[:, pair_of_input],
        realised=realised_supply(draft),
        producers=producers(draft, miners, refiners),
        hosts=host_paths(draft),
        trade=build_product_trade(draft, inputs, in_use),
        ways=ways_of(draft.tables, draft.layout, draft.parameters),
        new_scrap=draft.product_rows["new_scrap_rate"].to_numpy(float),
        processes=build_processes(draft, recyclers, in_use),
        dissipated=draft.product_rows["dissipative_share"].to_numpy(float),
        take_back=_take_back(draft),
        surplus=draft.surplus,
        above_ground=draft.above_ground(),
        cells=build_cells(draft, manufacturers, inputs, desks),
        nexus=build_nexus(draft, manufacturers),
        content=_content(draft, manufacturers, inputs, len(demand)),
        alert=build_alert(draft),
    )
    _show_rows(draft, inputs, recyclers, in_use)
    _name_rows(blueprint)
    stand(blueprint)
    return blueprint


def _content(draft: Draft, manufacturers: Population, inputs: Population, months: int) -> np.ndarray | None:
    """What the metal that counts each factory's units weighs in one over the table `composition`, shape (T, M); None: as there."""
    counts = inputs.metal[manufacturers.counted_input]
    names = [(draft.base.products[p], draft.base.metals[m]) for p, m in zip(manufacturers.product, counts, strict=True)]
    return counting_content(draft.tables, names, draft.settings, months)


def _take_back(draft: Draft) -> np.ndarray:
    """Part of formal collection that comes through makers, by product group, shape (groups,)."""
    known = draft.tables.take_back.set_index("group")["share"]
    shares: np.ndarray = known.reindex(draft.layout.groups).fillna(0.0).to_numpy()
    return shares


def _fit_use(draft: Draft, index: np.ndarray) -> None:
    """Fit the use of refined metal to output and net trade, with what recyclers sell where makers' shares alone hold.

    The past and all stocks are drawn up after it, so that they go with the use that was fitted.
    """
    past = build_past(draft, index)
    use = past.use[draft.pair_metal] * draft.first_shares()
    in_use, pair_of_in_use = build_in_use(draft, past)
    draft.fit_use(build_recycling(draft, in_use, pair_of_in_use, use)[3])


def _rates(draft: Draft, miners: Population) -> Rates:
    reserve = np.bincount(miners.metal, miners.reserve, len(draft.base.metals))
    usual, year_end = draft.usual_price(), year_ends(draft)
    return rates_of(draft.parameters.unnoted, draft.base.price, draft.cover, reserve, usual, year_end)


def ways_of(tables: Tables, layout: Layout, parameters: Parameters) -> Ways:
    """The ways between the countries of the world; the tables are read when a shock or the account of money asks for them."""
    read = partial(tables.remember, atlas)
    return Ways(read, layout.countries, layout.metals, parameters["land_km"], parameters["port_room"])


def _separation(draft: Draft, pair: np.ndarray) -> np.ndarray:
    """Recoverable share by channel of rows that belong to pairs of product and metal, shape (channels, n)."""
    return np.stack([draft.separation[kind][pair] for kind in CHANNELS])


def _show_rows(draft: Draft, inputs: Population, recyclers: Population, in_use: InUse) -> None:
    """Let shocks find rows by name."""
    layout = draft.layout
    layout.inputs, layout.recyclers, layout.in_use = inputs, recyclers, in_use


def _name_rows(blueprint: Blueprint) -> None:
    """Let row numbers be read as names."""
    layout = blueprint.layout
    names = {name: population.ids for name, population in blueprint.agents.items()}
    for population in blueprint.agents.values():
        population.name_rows({**names, "metals": layout.metals, "products": layout.products, "channels": CHANNELS})

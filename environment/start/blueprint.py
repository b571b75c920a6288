"""From figures to agents: populations, markets and stocks of the first month, before anything has happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.data.limits import rules_of
from lodeflow.environment.layout import Layout
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.base_year import base_year, choose_metals
from lodeflow.environment.start.demand import monthly_index
from lodeflow.environment.start.draft import Draft
from lodeflow.environment.start.firms import (
    build_countries,
    build_desks,
    build_in_use,
    build_manufacturers,
    build_miners,
    build_refiners,
)
from lodeflow.environment.start.past import build_past
from lodeflow.environment.start.realised import Realised, realised_supply
from lodeflow.environment.start.recycling import build_recycling
from lodeflow.environment.start.trade import build_feed_market, build_refined_market


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
        surprise: what comes over what was expected, shape (T, L); None where what is expected comes.
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
    surprise: np.ndarray | None
    realised: Realised | None
    consumption: np.ndarray
    new_scrap: np.ndarray
    dissipated: np.ndarray
    cover: dict[str, np.ndarray]
    surplus: np.ndarray


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
    return assemble(Draft(tables, settings, parameters, base_year(tables, settings, parameters, keep)))


def table_parameters(
    tables: Tables, settings: WorldSettings, overrides: Mapping[str, float] | None = None
) -> Parameters:
    """Parameters of the tables with a scenario's own values on top."""
    metals = choose_metals(tables, settings)
    classes = tables.metals.set_index("metal")["price_class"].reindex(metals).tolist()
    return Parameters(tables.parameters, metals, classes, overrides, tables.remember(rules_of))


def assemble(draft: Draft) -> Blueprint:
    """Build all parts of a world, each from those before it."""
    base, separation = draft.base, draft.separation
    index = monthly_index(draft.tables, base.pairs, draft.settings, draft.parameters)
    surprise = draft.surprise(index) if draft.settings.departs else None
    draft.surplus = draft.left_idle(index)
    past = build_past(draft, index)
    use = past.use[draft.pair_metal] * draft.first_shares()
    manufacturers, inputs, pair_of_input = build_manufacturers(draft, use)
    in_use, consumption, pair_of_in_use = build_in_use(draft, past)
    pools, recyclers, scrap, secondary = build_recycling(draft, in_use, pair_of_in_use, use)
    refiners = build_refiners(draft)
    desks, inputs.desk = build_desks(draft, inputs)
    miners, ore_desks = build_miners(draft, refiners)
    feed = build_feed_market(draft, ore_desks, miners, refiners)
    refined = build_refined_market(draft, refiners, secondary, desks, inputs)
    for market in (feed, refined):
        market.fill_pipeline()
    layout = draft.layout
    layout.inputs, layout.recyclers, layout.in_use = inputs, recyclers, in_use
    kinds = ("formal", "informal")
    return Blueprint(
        settings=draft.settings,
        parameters=draft.parameters,
        layout=layout,
        price=base.price,
        countries=build_countries(draft),
        miners=miners,
        refiners=refiners,
        manufacturers=manufacturers,
        inputs=inputs,
        recyclers=recyclers,
        desks=desks,
        markets={"feed": feed, "refined": refined, "scrap": scrap},
        in_use=in_use,
        ore_desk_country=ore_desks[0],
        ore_desk_metal=ore_desks[1],
        secondary_country=secondary[0],
        secondary_metal=secondary[1],
        secondary_base=secondary[2],
        pool_country=pools[0],
        pool_group=pools[1],
        pool_start=pools[2],
        separation_of_input=np.stack([separation[kind][pair_of_input] for kind in kinds]),
        separation_of_in_use=np.stack([separation[kind][pair_of_in_use] for kind in kinds]),
        demand=index[:, pair_of_input],
        surprise=surprise if surprise is None else surprise[:, pair_of_input],
        realised=realised_supply(draft),
        consumption=consumption,
        new_scrap=draft.product_rows["new_scrap_rate"].to_numpy(float),
        dissipated=draft.product_rows["dissipative_share"].to_numpy(float),
        cover=draft.cover,
        surplus=draft.surplus,
    )

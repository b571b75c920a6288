"""Standing at the start: what a world holds besides its agents, before its first month."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.environment.month import govern, prices
from lodeflow.environment.randomness import monthly_noise
from lodeflow.environment.start.expectation import HORIZONS, Expectation, demand_growth, empty_expectation

if TYPE_CHECKING:
    from lodeflow.environment.world import World

NOISE = {
    "miner": "noise_mine",
    "refiner": "noise_refiner",
    "demand": "noise_demand",
    "exploration": "noise_exploration",
    "licence": "noise_licence",
}
POPULATIONS = ("countries", "miners", "refiners", "manufacturers", "inputs", "recyclers", "desks", "markets", "in_use")


def stand(world: World) -> None:
    """Copy the blueprint's populations and markets and set everything else to its first value."""
    for name in POPULATIONS:
        setattr(world, name, _copied(getattr(world.blueprint, name)))
    world.secondary_country = world.blueprint.secondary_country
    world.secondary_metal = world.blueprint.secondary_metal
    _rates(world)
    _indices(world)
    _start(world)
    world.desks.recycled_inflow = _recycled_share(world)
    recyclers, groups = world.recyclers, len(world.layout.groups)
    world.first_volume = np.maximum(np.bincount(recyclers.group, recyclers.base * recyclers.formal, groups), 1e-9)
    world.volume, world.skill = world.first_volume.copy(), np.ones(groups)


def _copied(part: Any) -> Any:
    """A part of a blueprint (or several by name) with arrays of its own; names and indices are shared."""
    if isinstance(part, dict):
        return {name: _copied(item) for name, item in part.items()}
    twin = copy.copy(part)
    for name, value in vars(part).items():
        if isinstance(value, np.ndarray):
            vars(twin)[name] = value.copy()
    return twin


def _rates(world: World) -> None:
    parameters = world.parameters
    world.eta = parameters.by_metal("eta")
    world.short_run = parameters["short_run_share"] * world.eta
    world.long_run = np.minimum(world.eta, parameters["long_run_elasticity_max"])
    world.supply_elasticity = parameters.by_metal("supply_elasticity")
    world.treatment_charge = parameters.by_metal("treatment_charge")
    miners = world.miners
    world.mine_ceiling = np.where(miners.host >= 0, miners.recovery_limit, 1.0 / parameters["mine_utilisation"])


def _indices(world: World) -> None:
    layout, metals = world.layout, len(world.layout.metals)
    world.hosts = layout.host_names
    place = {name: i for i, name in enumerate(world.hosts)}
    names = [(layout.metals[m], int(c)) for m, c in zip(world.miners.metal, world.miners.country, strict=True)]
    world.host_of_miner = np.array([place.get(name, -1) for name in names], np.int64)
    owners = np.searchsorted(world.inputs.manufacturer, np.arange(len(world.manufacturers) + 1))
    world.first_input = owners
    pools = {
        (int(c), int(g)): q
        for q, (c, g) in enumerate(zip(world.blueprint.pool_country, world.blueprint.pool_group, strict=True))
    }
    group = layout.product_group
    world.pool_of_input = np.array(
        [pools[int(c), int(group[p])] for c, p in zip(world.inputs.country, world.inputs.product, strict=True)]
    )
    world.pool_of_in_use = np.array(
        [pools[int(c), int(group[p])] for c, p in zip(world.in_use.country, world.in_use.product, strict=True)]
    )
    sellers = {
        (int(c), int(m)): z for z, (c, m) in enumerate(zip(world.secondary_country, world.secondary_metal, strict=True))
    }
    world.secondary_of = np.array(
        [[sellers.get((int(c), m), len(sellers)) for m in range(metals)] for c in world.recyclers.country]
    )


def _start(world: World) -> None:
    """State that is not held by agents, as after an endless past without news."""
    blueprint, metals = world.blueprint, len(world.layout.metals)
    world.pool = blueprint.pool_start.copy()
    world.pool_rate = blueprint.pool_start[:, :metals] @ world.price / world.parameters["scrap_cover"]
    world.new_scrap_pool = world.to_pools(
        world.pool_of_input,
        world.inputs.metal,
        world.inputs.base * blueprint.new_scrap[world.inputs.product],
        blueprint.separation_of_input,
    )
    world.yard = np.zeros((len(world.recyclers), 3 * metals))
    world.secondary_rate = blueprint.secondary_base.copy()
    world.secondary_stock = world.cover["refined"][world.secondary_metal] * world.secondary_rate
    world.value_weight = _value_weights(world)
    sizes = {"feed": len(world.markets["feed"].sellers), "refined": len(world.markets["refined"].sellers)}
    world.feed_ask, world.refined_ask = np.ones(sizes["feed"]), np.ones(sizes["refined"])
    world.worth = {name: np.zeros(count) for name, count in sizes.items()}
    world.unsold = {name: np.zeros(count) for name, count in sizes.items()}
    world.scrap_ask = np.ones(len(world.pool))
    world.scrap_memory = np.zeros(len(world.pool))
    world.anchor = np.zeros(metals)
    world.idle_share = (
        world.refiners.base / world.by_metal(world.refiners.base, world.refiners.metal)[world.refiners.metal]
    )
    world.first_reserve = world.by_metal(world.miners.reserve, world.miners.metal)
    ahead = len(HORIZONS)
    buyers = {"feed": len(world.refiners), "refined": len(world.desks)}
    world.memory = {name: np.zeros((ahead, count)) for name, count in buyers.items()}
    world.calm_memory = {name: np.zeros((ahead, count)) for name, count in buyers.items()}
    world.last_news = np.zeros(len(world.desks))
    world.why = np.zeros((len(world.desks), len(prices.COMPONENTS)))
    world.building = {
        "mine": np.zeros((govern.STAGES, len(world.miners))),
        "refinery": np.zeros((govern.STAGES, len(world.refiners))),
        "recycler": np.zeros((govern.STAGES, len(world.recyclers))),
    }
    world.ones_ahead = np.ones((ahead, len(world.desks)))
    world.ones_miners_ahead = np.ones((ahead, len(world.miners)))
    world.learned = {}
    world.news_keys = {}
    world.had_effect = set()
    world.flows = {}
    world.largest = {}
    world.contracts = {}


def _value_weights(world: World) -> np.ndarray:
    """Share of each metal in the value of what each recycler recovers in the first month, shape (Y, metals)."""
    metals, scrap = len(world.price), world.markets["scrap"]
    value = world.pool[:, :metals] @ world.price
    content = (world.pool / np.maximum(value, 1e-300)[:, None])[scrap.seller] * scrap.base[:, None]
    bought = np.stack(
        [np.bincount(scrap.buyer, content[:, k], len(world.recyclers)) for k in range(3 * metals)], axis=1
    )
    formal = world.recyclers.formal[:, None] == 1
    worth = np.where(formal, bought[:, metals : 2 * metals], bought[:, 2 * metals :]) * world.price
    return worth / np.maximum(worth.sum(axis=1, keepdims=True), 1e-300)


def blank_expectation(world: World) -> Expectation:
    """Expectation to be filled by the rehearsal."""
    months, metals = world.settings.months, len(world.layout.metals)
    growth = demand_growth(world.blueprint.demand, world.inputs.base, world.inputs.metal, metals, months)
    sizes = {
        "metals": metals,
        "refiners": len(world.refiners),
        "recyclers": len(world.recyclers),
        "desks": len(world.desks),
    }
    sizes |= {name: len(world.markets[name].sellers) for name in ("feed", "refined")}
    return empty_expectation(months, sizes, growth)


def draw_noise(world: World) -> None:
    """Draw the noise of all months; none in the rehearsal."""
    names = {
        "miner": world.miners.ids,
        "refiner": world.refiners.ids,
        "demand": world.manufacturers.ids,
        "exploration": world.miners.ids,
        "licence": [shock.model_dump_json() for shock in world.shocks],
    }
    size = 0.0 if world.rehearsing else world.settings.noise
    world.draws = {
        kind: monthly_noise(
            world.settings.seed,
            kind,
            names[kind],
            size * world.parameters[parameter],
            world.first_month,
            world.settings.months,
        )
        for kind, parameter in NOISE.items()
    }


def _recycled_share(world: World) -> np.ndarray:
    """Share of recycled metal in what each desk buys in the first month, shape (B,)."""
    market = world.markets["refined"]
    recycled = market.by_buyer(np.where(market.seller >= len(world.refiners), market.base, 0.0))
    return recycled / np.maximum(market.by_buyer(market.base), 1e-300)

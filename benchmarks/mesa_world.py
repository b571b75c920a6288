"""The opponent's world: Mesa objects built from the same start as the world of columns, and the same month."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import log
from typing import Any, NamedTuple

import mesa
import numpy as np

from benchmarks.mesa_firms import Firm, blank_stages, place, prospects
from benchmarks.mesa_objects import Desk, Host, Miner, OreDesk, RecycledSeller, Refiner
from benchmarks.mesa_roles import HORIZONS, BuyerRole, Craft, Input, Metal, Route, SellerRole
from benchmarks.mesa_use import Factory, InUse, Recycler, ScrapPool
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.matching import ROUNDS
from lodeflow.environment.month.outlook import ROUNDS as FORWARD_ROUNDS
from lodeflow.environment.month.outlook import SWEEPS
from lodeflow.environment.world import World
from tests.environment import oracle


class Trading(NamedTuple):
    """Who sells, who buys and the routes between them on one market."""

    sellers: list[SellerRole]
    buyers: list[BuyerRole]
    routes: list[Route]


class ObjectWorld(mesa.Model):
    """One Mesa object per agent, with the start and the expected path of a world that has not begun.

    Args:
        world: a world before its first month, without shocks and noise.
    """

    def __init__(self, world: World) -> None:
        assert world.t == 0, "the world has not begun"
        assert not world.shocks, "the objects know no shocks"
        assert world.settings.noise == 0.0, "the objects know no noise"
        super().__init__(rng=world.settings.seed)
        self.t, self.expectation, self.surplus = 0, world.expectation, world.blueprint.surplus
        self.parameters = dict(world.parameters)
        self.leads = {name: world.parameters.by_metal(f"lead_{name}").tolist() for name in ("mine", "refinery")}
        self.demand = world.blueprint.demand
        self.metals = _metals(world)
        self.metal_prices = world.rates.price.tolist()
        self.trade, self.first_month = world.blueprint.trade, world.first_month
        self.trading = {name: _routes(market) for name, market in world.markets.items()}
        for build in (_mines, _metal_sellers, _desks, _pools, _factories, _in_use, _recyclers):
            build(self, world)

    sales: list[list[tuple[InUse, list[float]]]]
    sales_year: int
    miners: list[Miner]
    ore_desks: list[OreDesk]
    hosts: list[Host]
    refiners: list[Refiner]
    recycled: list[RecycledSeller]
    desks: list[Desk]
    pools: list[ScrapPool]
    crafts: list[Craft]
    recyclers: list[Recycler]

    def step(self) -> None:
        """One month, phase by phase, in the order of :attr:`lodeflow.environment.world.World.MONTH`."""
        self._begin()
        self._plan()
        self._look_ahead()
        self._price()
        self._trade_feed()
        self._recycle()
        self._trade_refined()
        self._make()
        self._invest()
        self.t += 1

    def trades(self, name: str) -> list[float]:
        """This month's flow on every edge of a market, in the order of its table."""
        return [route.flow for route in self.trading[name].routes]

    def _all(self, kind: type, method: str) -> None:
        self.agents_by_type[kind].do(method)

    def _begin(self) -> None:
        expected, t = self.expectation, self.t
        self.demand_now, self.demand_next = self.demand[t].tolist(), self.demand[t + 1].tolist()
        for m, metal in enumerate(self.metals):
            metal.mines, metal.refiners = float(expected.mines[t, m]), float(expected.refiners[t, m])
            metal.growth, metal.growth_end = expected.growth[t, :, m].tolist(), expected.growth_end[t, :, m].tolist()
            metal.now = metal.coming = metal.used = 0.0
        for recycler, planned in zip(self.recyclers, expected.recyclers[t].tolist(), strict=True):
            recycler.planned = planned
        self._all(Desk, "begin")
        self._all(Factory, "want")

    def _plan(self) -> None:
        self._all(OreDesk, "begin")
        self._all(Miner, "plan")
        for host in self.hosts:
            host.set_ratio()
        self._all(Miner, "produce")
        self._all(Refiner, "plan")
        self._all(RecycledSeller, "plan")

    def _look_ahead(self) -> None:
        self._all(Refiner, "expect_feed")
        sellers, buyers, _ = self.trading["feed"]
        oracle.forward(sellers, buyers, len(HORIZONS), SWEEPS, FORWARD_ROUNDS)
        self._all(Refiner, "expect_output")
        self._all(Desk, "expect")
        sellers, buyers, _ = self.trading["refined"]
        oracle.forward(sellers, buyers, len(HORIZONS), SWEEPS, FORWARD_ROUNDS)
        self._all(Desk, "notice")

    def _clear(self, name: str) -> None:
        sellers, buyers, _ = self.trading[name]
        oracle.clear(sellers, buyers, ROUNDS)

    def _price(self) -> None:
        self._all(Desk, "bid")
        self._all(Refiner, "set_ask")
        self._all(RecycledSeller, "set_ask")
        self._all(Refiner, "bid")
        self._all(Recycler, "bid")
        self._all(OreDesk, "set_ask")
        self._all(ScrapPool, "begin")
        self._all(ScrapPool, "set_ask")

    def _trade_feed(self) -> None:
        self._all(Miner, "bring")
        self._all(Refiner, "order")
        self._clear("feed")
        self._all(OreDesk, "settle")
        self._all(Miner, "settle")
        self._all(Refiner, "refine")

    def _recycle(self) -> None:
        self._all(ScrapPool, "remember")
        self._all(InUse, "retire")
        self._all(InUse, "collect")
        self._all(ScrapPool, "bring")
        self._all(Recycler, "order")
        self._clear("scrap")
        self._all(Recycler, "receive")
        self._all(ScrapPool, "settle")
        self._all(Recycler, "separate")
        for craft in self.crafts:
            craft.learn(self.parameters["recycler_learning"], self.parameters["experience_months"])

    def _trade_refined(self) -> None:
        self._all(Refiner, "bring")
        self._all(RecycledSeller, "bring")
        self._all(Factory, "order")
        self._all(Desk, "order")
        self._clear("refined")
        self._all(Refiner, "settle")
        self._all(RecycledSeller, "settle")
        self._all(Desk, "receive")

    def _make(self) -> None:
        self.sales_year = self.trade.year(self.first_month + self.t)
        self._all(Factory, "produce")
        self._all(InUse, "age")
        self._all(Desk, "govern")
        self._all(Factory, "receive_reserve")

    def _build(self) -> None:
        """Miners and refiners earn, shut, and place new capacity."""
        p, expected, t = self.parameters, self.expectation, self.t
        for metal in self.metals:
            metal.gap = log(max(metal.used, 1e-12) / max(metal.now, 1e-12))
        self._all(Miner, "earn")
        self._all(Refiner, "earn")
        stages = blank_stages(self.metals, expected.mines, t, self.leads["mine"])
        place(self.miners, stages, [0.0] * len(self.miners), p, prospects(self.miners, p["prospect_share"]))
        chances = [refiner.chance() for refiner in self.refiners]
        place(self.refiners, blank_stages(self.metals, expected.refiners, t, self.leads["refinery"]), chances, p)
        self._all(Refiner, "sign")
        self._all(OreDesk, "sign")
        for metal in self.metals:
            metal.usual_gap += (metal.gap - metal.usual_gap) / p["forecast_memory"]

    def _invest(self) -> None:
        self._build()
        self._all(Miner, "invest")
        self._all(Refiner, "invest")
        self._all(Recycler, "invest")
        self._all(Desk, "invest")
        for route in self.trading["refined"].routes:
            route.watch()
        self._hand_over()

    def _hand_over(self) -> None:
        self._all(ScrapPool, "hand_over")
        for recycler in self.recyclers:
            for route, pool in zip(recycler.buys.routes, recycler.pools, strict=True):
                route.weight *= pool.taken_over(bool(recycler.formal))


# ---- the start ---------------------------------------------------------------------------------------------------------
def _copy(agent: Any, population: Any, row: int, names: Sequence[str]) -> None:
    """Set attributes of an object from the columns of a population."""
    for name in names:
        setattr(agent, name, getattr(population, name)[row].item())


def _metals(world: World) -> list[Metal]:
    return [
        Metal(
            eta=float(world.rates.eta[m]),
            short_run=float(world.rates.short_run[m]),
            long_run=float(world.rates.long_run[m]),
            supply_elasticity=float(world.rates.supply_elasticity[m]),
            treatment_charge=float(world.rates.treatment_charge[m]),
            cover={place: float(months[m]) for place, months in world.rates.cover.items()},
            price=float(world.rates.price[m]),
        )
        for m in range(len(world.layout.metals))
    ]


def _routes(market: Market) -> Trading:
    """Sellers, buyers and the routes between them, in the order of the market's table."""
    sellers = [SellerRole() for _ in market.sellers]
    buyers = [BuyerRole(memory=[0.0] * len(HORIZONS), pipeline=column) for column in market.pipeline.T.tolist()]
    routes = []
    columns = (market.seller, market.buyer, market.weight, market.base, market.lead, market.domestic)
    for s, b, weight, base, lead, domestic in zip(*(column.tolist() for column in columns), strict=True):
        route = Route(
            sellers[s], buyers[b], weight=weight, base=base, built=base, lead=lead, domestic=domestic, cap=float("inf")
        )
        oracle.connect(route)
        sellers[s].routes.append(route)
        buyers[b].routes.append(route)
        routes.append(route)
    return Trading(sellers, buyers, routes)


def _mines(model: ObjectWorld, world: World) -> None:
    """Ore desks, hosts and mines."""
    model.ore_desks, model.miners = [], []
    model.hosts = [Host() for _ in world.hosts]
    for d, m in enumerate(world.ore_desks.metal):
        desk = OreDesk(model, model.metals[m])
        desk.mines, desk.entrant = [], bool(world.ore_desks.entrant[d])
        desk.sells, desk.expected = model.trading["feed"].sellers[d], world.expectation.placed["feed"][:, d]
        model.ore_desks.append(desk)
    miners = world.miners
    names = ("base", "utilisation", "cost", "stock", "reserve", "recovery", "host_share", "recovery_limit")
    for row in range(len(miners)):
        mine = Miner(model, model.metals[miners.metal[row]])
        _copy(mine, miners, row, names)
        mine.ceiling, mine.firm, mine.desk = float(world.miners.ceiling[row]), Firm(), model.ore_desks[miners.desk[row]]
        mine.call_months = float(world.miners.call_months[row])
        mine.host = model.hosts[miners.host[row]] if miners.host[row] >= 0 else None
        if world.miners.as_host[row] >= 0:
            model.hosts[world.miners.as_host[row]].mines.append(mine)
        mine.desk.mines.append(mine)
        model.miners.append(mine)


def _metal_sellers(model: ObjectWorld, world: World) -> None:
    """Refiners and sellers of recycled metal."""
    model.refiners, model.recycled = [], []
    homes = dict(zip(zip(world.ore_desks.country, world.ore_desks.metal, strict=True), model.ore_desks, strict=True))
    refiners, placed, roles = world.refiners, world.expectation.placed["refined"], model.trading["refined"].sellers
    for row in range(len(refiners)):
        refiner = Refiner(model, model.metals[refiners.metal[row]])
        _copy(refiner, refiners, row, ("base", "yield_", "feed_stock", "stock"))
        refiner.sells, refiner.buys, refiner.firm = roles[row], model.trading["feed"].buyers[row], Firm()
        refiner.buys.exponent = world.parameters["theta"] / refiner.metal.eta
        refiner.expected, place_of = placed[:, row], (refiners.country[row], refiners.metal[row])
        refiner.home = homes.get(place_of)
        refiner.expected_feed = world.expectation.feed[:, :, row]
        model.refiners.append(refiner)
    for row, metal in enumerate(world.secondary.metal):
        seller = RecycledSeller(model, model.metals[metal])
        seller.sells, seller.expected = roles[len(refiners) + row], placed[:, len(refiners) + row]
        seller.stock, seller.rate = float(world.secondary.stock[row]), float(world.secondary.rate[row])
        model.recycled.append(seller)


def _desks(model: ObjectWorld, world: World) -> None:
    """Desks where countries buy metal."""
    model.desks = []
    for row, metal in enumerate(world.desks.metal):
        desk = Desk(model, model.metals[metal])
        _copy(desk, world.desks, row, ("reserve", "reserve_target"))
        desk.buys = model.trading["refined"].buyers[row]
        desk.buys.exponent = world.parameters["theta"] / desk.metal.eta
        desk.expected, desk.expected_inflow = world.expectation.refined[:, :, row], world.expectation.inflow[:, :, row]
        model.desks.append(desk)


def _pools(model: ObjectWorld, world: World) -> None:
    """Scrap pools."""
    model.pools = []
    for row, role in enumerate(model.trading["scrap"].sellers):
        pool = ScrapPool(model)
        pool.sells = role
        _copy(pool, world.pools, row, ("rate", "informal", "formal_trend"))
        pool.content, pool.new = world.pools.scrap[row].tolist(), world.pools.new_scrap[row].tolist()
        model.pools.append(pool)


def _factories(model: ObjectWorld, world: World) -> None:
    """Manufacturers with their inputs."""
    inputs, blueprint = world.inputs, world.blueprint
    first = [*world.manufacturers.first_input.tolist(), len(inputs)]
    for row in range(len(world.manufacturers)):
        rows = range(first[row], first[row + 1])
        product = int(world.manufacturers.product[row])
        bill = []
        for line in rows:
            each = Input(
                row=line, new_scrap=float(blueprint.new_scrap[product]), dissipated=float(blueprint.dissipated[product])
            )
            _copy(each, inputs, line, ("metal", "base", "stock", "ceiling", "substitution", "available"))
            each.separation = tuple(blueprint.separation_of_input[:, line].tolist())
            bill.append(each)
        Factory(
            model,
            product,
            bill,
            [model.desks[inputs.desk[line]] for line in rows],
            model.pools[inputs.pool[rows[0]]],
        )


def _in_use(model: ObjectWorld, world: World) -> None:
    """Stocks in use by country, product and metal."""
    table, names = (
        world.in_use,
        (
            "metal",
            "product",
            "stock",
            "hibernating",
            "hibernating_share",
            "export_share",
            "collection",
            "collection_trend",
            "achievable",
        ),
    )
    lifetimes = [
        table.lifetime[first : first + length][::-1].tolist()
        for first, length in zip(table.lifetime_offset[table.product], table.length, strict=True)
    ]
    rows = [InUse(model) for _ in range(len(table))]
    for row, stock in enumerate(rows):
        _copy(stock, table, row, names)
        first, length = int(table.offset[row]), int(table.length[row])
        ring = np.roll(table.history[first : first + length], -1 - int(table.position[row]))
        stock.cohorts, stock.lifetime = deque(ring[::-1].tolist(), maxlen=length), lifetimes[row]
        stock.pool, stock.abroad = model.pools[world.in_use.pool[row]], rows[table.export_row[row]]
        stock.separation = tuple(world.blueprint.separation_of_in_use[:, row].tolist())
    _sales(model, rows)


def _sales(model: ObjectWorld, stocks: list[InUse]) -> None:
    """Where the goods of every input go: stocks in use, and their shares by year."""
    trade = model.trade
    model.sales = [[] for _ in range(int(trade.input.max()) + 1)]
    for edge, line, row in zip(trade.edge, trade.input, trade.row, strict=True):
        if row < len(stocks):
            model.sales[line].append((stocks[row], trade.share[:, edge].tolist()))


def _recyclers(model: ObjectWorld, world: World) -> None:
    """Recyclers and their craft."""
    model.recyclers = []
    columns = (world.groups.first_volume, world.groups.volume, world.groups.unlearned)
    model.crafts = [Craft(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    pool_of = {id(pool.sells): pool for pool in model.pools}
    for row, role in enumerate(model.trading["scrap"].buyers):
        plant = Recycler(model)
        plant.buys, plant.firm, plant.formal = role, Firm(), bool(world.recyclers.formal[row] == 1)
        plant.channel, plant.cost = int(world.recyclers.channel[row]), float(world.recyclers.cost[row])
        plant.held, plant.yard = float(world.recyclers.held[row]), world.recyclers.yard[row].tolist()
        plant.sellers = [model.recycled[z] if z < len(model.recycled) else None for z in world.recyclers.seller[row]]
        plant.best = world.blueprint.processes.best[row].tolist()
        plant.craft = model.crafts[world.recyclers.group[row]]
        plant.worth = world.recyclers.value_weight[row].tolist()
        plant.pools = [pool_of[id(route.seller)] for route in role.routes]
        model.recyclers.append(plant)

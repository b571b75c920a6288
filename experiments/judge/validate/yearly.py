"""What a world did, year by year: flows summed over the months, stocks at the end of December."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.environment.world import World


@dataclass(frozen=True)
class Quantity:
    """One quantity that is written down.

    Attributes:
        read: takes the world after a month, gives one value per row of the place, t (flows: t/month).
        place: whose rows they are, see `_places`; trade has the countries at the other end as its products.
        stock: a stock at the end of the month, not a flow.
        meaning: what it is, in plain words.
    """

    read: Callable[[World], np.ndarray]
    place: str
    stock: bool
    meaning: str


QUANTITIES: dict[str, Quantity] = {
    "mine output": Quantity(lambda w: w.miners.output, "miner", False, "metal content of what mines deliver"),
    "ore content": Quantity(
        lambda w: w.miners.output / w.miners.recovery, "miner", False, "metal in the ore mined, before losses"
    ),
    "reserves": Quantity(lambda w: w.miners.reserve, "miner", True, "metal in the ground that can be mined"),
    "refined output": Quantity(lambda w: w.refiners.output, "refiner", False, "refined metal from ore, without scrap"),
    "secondary supply": Quantity(
        lambda w: w.secondary.output, "secondary", False, "metal recovered from old and from new scrap"
    ),
    "old scrap recycled": Quantity(
        lambda w: w.secondary.old_output, "secondary", False, "metal recovered from products at the end of their life"
    ),
    "use": Quantity(lambda w: w.inputs.use, "input", False, "metal that manufacturers use, new scrap included"),
    "market": Quantity(
        lambda w: w.inputs.use * _price(w)[w.inputs.metal], "input", False, "metal that makers use at its price, USD"
    ),
    "final demand": Quantity(lambda w: _bought(w), "bought", False, "metal in products that come into use"),
    "in-use stock": Quantity(lambda w: w.in_use.stock, "in use", True, "metal in products in use"),
    "end of life": Quantity(
        lambda w: w.in_use.collectable, "in use", False, "metal in discarded products, after exports and hibernation"
    ),
    "collected": Quantity(lambda w: w.in_use.collected, "in use", False, "metal in products collected at end of life"),
    "refiner feed": Quantity(
        lambda w: w.refiners.output / w.refiners.yield_, "refiner", False, "metal in the feed that refiners treat"
    ),
    "slag": Quantity(
        lambda w: w.refiners.output * (1.0 / w.refiners.yield_ - 1.0), "refiner", False, "metal that refiners lose"
    ),
    "feed imports": Quantity(
        lambda w: _abroad(w, "feed"), "feed in", False, "metal in ore and intermediates bought abroad"
    ),
    "feed exports": Quantity(
        lambda w: _abroad(w, "feed"), "feed out", False, "metal in ore and intermediates sold abroad"
    ),
    "metal imports": Quantity(lambda w: _abroad(w, "refined"), "metal in", False, "refined metal bought abroad"),
    "metal exports": Quantity(lambda w: _abroad(w, "refined"), "metal out", False, "refined metal sold abroad"),
    "product imports": Quantity(lambda w: _goods(w), "products in", False, "metal in products made abroad"),
    "recovered": Quantity(
        lambda w: w.in_use.recoverable, "in use", False, "metal in collected products that separation gives back"
    ),
}
COMPOSED: dict[str, tuple[tuple[str, float], ...]] = {
    "total supply": (("refined output", 1.0), ("secondary supply", 1.0)),
    "supply without new scrap": (("refined output", 1.0), ("old scrap recycled", 1.0)),
    "primary demand": (("use", 1.0), ("secondary supply", -1.0)),
    "imports": (("feed imports", 1.0), ("metal imports", 1.0)),
    "net imports": (("feed imports", 1.0), ("metal imports", 1.0), ("feed exports", -1.0), ("metal exports", -1.0)),
    "apparent use": (("use", 1.0), ("slag", 1.0)),
    "metal and product imports": (("metal imports", 1.0), ("product imports", 1.0)),
}
"""Quantities that are sums of others; `primary demand` is use less recycled metal: what mines must deliver; `imports` are those
of ore, intermediates and refined metal, `apparent use` what makers use and refiners lose."""
SETS: dict[str, tuple[str, ...]] = {
    "clean-energy metals": (
        "lithium",
        "cobalt",
        "nickel",
        "copper",
        "manganese",
        "neodymium-praseodymium",
        "dysprosium-terbium",
    ),
}
"""Metals that rows add up, by the name that stands for them."""
TRADE = ("feed in", "feed out", "metal in", "metal out", "products in")
"""Places that are only written down where a run asks for trade."""
COLUMNS = ("year", "quantity", "metal", "region", "product", "tonnes")


@dataclass(frozen=True)
class YearlyRun:
    """The years of one run.

    Attributes:
        table: columns `year, quantity, metal, region, product, tonnes` (flows t/year, stocks t); product "" where a
            quantity has none; no row for what is zero.
        years: complete calendar years of the run.
        metals, regions, products: names in the world; regions are ISO 3166 alpha-3 and ROW.
        groups: members of each country group that the run tells apart.
    """

    table: pd.DataFrame
    years: tuple[int, ...]
    metals: tuple[str, ...]
    regions: tuple[str, ...]
    products: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def series(self, quantity: str, metal: str, region: str = "WLD", products: tuple[str, ...] = ()) -> pd.Series:
        """A quantity by year, t/year or t: the world, a region or a group, all products or some; 0 where there is none."""
        import pandas as pd

        total = pd.Series(0.0, index=pd.Index(self.years, name="year"))
        for name, sign in COMPOSED.get(quantity, ((quantity, 1.0),)):
            rows = self.table[(self.table["quantity"] == name) & self.table["metal"].isin(SETS.get(metal, (metal,)))]
            if region != "WLD":
                rows = rows[rows["region"].isin(self.groups.get(region, (region,)))]
            if products:
                rows = rows[rows["product"].isin(products)]
            total = total.add(sign * rows.groupby("year")["tonnes"].sum(), fill_value=0.0)
        return total

    def by_region(self, quantity: str, metal: str, year: int) -> pd.Series:
        """A quantity of one year by region, t/year or t, the largest first."""
        table = self.table
        rows = table[(table["quantity"] == quantity) & (table["metal"] == metal) & (table["year"] == year)]
        return rows.groupby("region")["tonnes"].sum().sort_values(ascending=False)


def _abroad(world: World, market: str) -> np.ndarray:
    """Trade between countries, t/month, by edge."""
    own = world.markets[market]
    return own.flow * ~own.domestic


def _goods(world: World) -> np.ndarray:
    """Metal in products that go abroad, t/month, by edge and metal of the trade in products."""
    trade = world.trade
    crosses: np.ndarray = _bought(world) * (trade.maker != trade.user)[trade.edge]
    return crosses


def _bought(world: World) -> np.ndarray:
    """Metal in products that come into use, t/month, by edge and metal of the trade in products."""
    trade, inputs = world.trade, world.inputs
    scrap, lost = (getattr(world.blueprint, name)[inputs.product] for name in ("new_scrap", "dissipated"))
    goods = inputs.use * (1.0 - scrap) * (1.0 - lost)
    sent: np.ndarray = goods[trade.input] * trade.metal_share[trade.year(world.month - 1)]
    return sent


def _price(world: World) -> np.ndarray:
    """World price of each metal, mean of the desks by what they use, USD/t, shape (metals,)."""
    desks, metals = world.desks, len(world.layout.metals)
    paid, used = (np.bincount(desks.metal, column, metals) for column in (desks.price * desks.use, desks.use))
    mean = np.divide(paid, used, out=np.ones(metals), where=used > 0.0)
    price: np.ndarray = world.rates.price * mean * np.exp(world.anchor)
    return price


def run_by_year(world: World, trade: bool = False, names: Collection[str] = ()) -> YearlyRun:
    """Step a world to its end and return its years. Years of which a month is missing are left out.

    trade: whether what countries buy from and sell to each other is written down as well; names: quantities that are, if not all.
    """
    places, layout = _places(world), world.layout
    wanted = {name: quantity for name, quantity in QUANTITIES.items() if trade or quantity.place not in TRADE}
    watched = {name: quantity for name, quantity in wanted.items() if not names or name in names}
    kept: dict[tuple[int, str], np.ndarray] = {}
    months: dict[int, int] = {}
    while world.t < world.settings.months:
        year = world.month // 12
        world.step()
        months[year] = months.get(year, 0) + 1
        for name, quantity in watched.items():
            values = np.asarray(quantity.read(world), float)
            if quantity.stock or (year, name) not in kept:
                kept[year, name] = values.copy()
            else:
                kept[year, name] += values
    years = tuple(year for year, count in sorted(months.items()) if count == 12)
    return YearlyRun(
        table=_frame(world, {key: values for key, values in kept.items() if key[0] in years}, places),
        years=years,
        metals=tuple(layout.metals),
        regions=tuple(layout.countries),
        products=tuple(layout.products),
        groups={name: tuple(layout.countries[c] for c in rows) for name, rows in layout.members.items() if len(rows)},
    )


def _places(world: World) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray | None]]:
    """(metal, country, product) of the rows of each place, as indices; no product where there is none."""
    miners, refiners, inputs, in_use = world.miners, world.refiners, world.inputs, world.in_use
    return {
        "miner": (miners.metal, miners.country, None),
        "refiner": (refiners.metal, refiners.country, None),
        "secondary": (world.secondary.metal, world.secondary.country, None),
        "input": (inputs.metal, inputs.country, inputs.product),
        "in use": (in_use.metal, in_use.country, in_use.product),
        "bought": _bought_places(world),
        **_trade_places(world),
    }


def _bought_places(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(metal, who uses it, product) of the rows of the trade in products."""
    trade = world.trade
    return world.inputs.metal[trade.input], trade.user[trade.edge], trade.product[trade.edge]


def _trade_places(world: World) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray | None]]:
    """The same for trade, by who buys or sells; the product is the country at the other end."""
    first, found = len(world.layout.products) + 1, {}
    for name, market in (("feed", world.markets["feed"]), ("metal", world.markets["refined"])):
        seller, buyer = market.seller_country, market.buyer_country
        found[f"{name} in"] = (market.metal, buyer, seller + first)
        found[f"{name} out"] = (market.metal, seller, buyer + first)
    trade = world.trade
    metal = world.inputs.metal[trade.input]
    return found | {"products in": (metal, trade.user[trade.edge], trade.maker[trade.edge] + first)}


def _frame(
    world: World,
    kept: dict[tuple[int, str], np.ndarray],
    places: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray | None]],
) -> pd.DataFrame:
    import pandas as pd

    layout = world.layout
    metals, regions = np.array(layout.metals, object), np.array(layout.countries, object)
    products = np.array([*layout.products, "", *layout.countries], object)
    parts = []
    for (year, name), values in kept.items():
        metal, country, product = places[QUANTITIES[name].place]
        some = np.flatnonzero(values)
        row_product = np.full(len(values), len(layout.products)) if product is None else product
        columns = (year, name, metals[metal[some]], regions[country[some]], products[row_product[some]], values[some])
        parts.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    for column in ("quantity", "metal", "region", "product"):
        table[column] = table[column].astype("category")
    return table.groupby(list(COLUMNS[:-1]), observed=True)["tonnes"].sum().reset_index()

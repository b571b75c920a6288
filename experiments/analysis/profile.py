"""What a bundle of policies is worth to a country: use, trade and what it costs the state, beside the same world without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lodeflow.environment.shocks.shock import Shock
    from lodeflow.environment.world import World


@dataclass(frozen=True)
class Worth:
    """Sums over a run, less those without the bundle, USD where nothing else is said.

    Attributes:
        use: metal that the country's makers use, at base prices.
        trade: what the country gets for ore and metal that it sells abroad, less what it pays for what it buys there.
        goods: what it gets for metal in products that it sells abroad, less what it pays for metal in those that it buys, at the
            price that their makers pay.
        ground: metal in the ground of the country at the end, t; it is not part of the total.
        spent: what the policies cost the state and others who bear them, with what users buy from the state taken off.
    """

    use: float
    trade: float
    goods: float
    spent: float
    ground: float

    @property
    def total(self) -> float:
        """Use and trade, that in products among it, less what was spent, USD."""
        return self.use + self.trade + self.goods - self.spent


def worth(world: World, country: str, shocks: Sequence[Shock], policy: Shock) -> Worth:
    """What a policy is worth to a country beside the same shocks without it.

    Args:
        world: before its first month; two twins of it are run.
        country: iso3.
        shocks: that both worlds have.
        policy: the bundle.
    """
    with_it, without = (_ran(world, own) for own in ([*shocks, policy], shocks))
    spent = sum(with_it.recorder.paid(len(shocks))[1].values())
    return Worth(
        _used(with_it, country) - _used(without, country),
        _traded(with_it, country) - _traded(without, country),
        in_goods(with_it, country) - in_goods(without, country),
        float(spent),
        _left(with_it, country) - _left(without, country),
    )


def _ran(world: World, shocks: Sequence[Shock]) -> World:
    twin = world.twin(shocks)
    twin.reasons, twin.recorder.purse.whole = False, False
    return twin.run()


def _used(world: World, country: str) -> float:
    """Metal used over the run, USD at base prices."""
    here = world.desks.country == world.layout.country_index[country]
    price = world.rates.price[world.desks.metal]
    return float((world.recorder.block("use") * price)[:, here].sum())


def _left(world: World, country: str) -> float:
    """Metal in the ground at the end, t."""
    here = world.miners.country == world.layout.country_index[country]
    return float(world.miners.reserve[here].sum())


def _traded(world: World, country: str) -> float:
    """Exports less imports of ore and metal over the run, USD."""
    from lodeflow.environment.records.columns import ore_and_metal

    rows = ore_and_metal(world.recorder.trade())
    usd = (rows["tonnes"] * rows["price"]).to_numpy(float)
    out, into = ((rows[side] == country).to_numpy() for side in ("exporter", "importer"))
    return float(np.nansum(usd[out & ~into]) - np.nansum(usd[into & ~out]))


def in_goods(world: World, country: str) -> float:
    """Metal in products sold abroad less that in products bought abroad over the run, USD at the price that their makers pay."""
    recorder, trade, inputs = world.recorder, world.trade, world.inputs
    paid = recorder.block("goods") * recorder.block("price")[:, inputs.desk] * world.rates.price[inputs.metal]
    month = (world.first_month + np.arange(recorder.written)) // 12
    years, first = np.unique(month, return_index=True)
    rows = [trade.year(12 * int(year)) for year in years]
    usd = np.add.reduceat(paid, first, axis=0)[:, trade.input] * trade.metal_share[rows]
    home = world.layout.country_index[country]
    sells, buys = (trade.maker == home)[trade.edge], (trade.user == home)[trade.edge]
    return float(usd[:, sells & ~buys].sum() - usd[:, buys & ~sells].sum())

"""Through which channels a country gets a metal, and how much each could bring at most.

What its makers are sent in a month is split by where it comes from; metal of home refiners by where their feed comes from. Owned
ore is that of the table `stakes` (share of a host's mine output, of the year of the figures, applied to its output in the run), as
far as the country buys from that host at all; what no maker at home needs is counted in the limit alone. ODD 7.18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents import guards

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.world import World

CHANNELS = ("own mines", "stakes abroad", "contracts", "spot", "scrap", "reserve")
COLUMNS = ("metal", "channel", "tonnes", "share", "most", "words")
WORDS = {
    "own mines": "metal of home refiners from home ore; most: what home mines can bring out",
    "stakes abroad": "metal from ore that its companies own abroad; most: all that they own",
    "contracts": "other metal and ore from abroad, as far as contracts reach; most: the contracts",
    "spot": "the rest from abroad, and what stocks of refiners gave; most: not known",
    "scrap": "recycled metal, from home and abroad; most: what sellers of recycled metal at home can bring",
    "reserve": "released by the state; most: what it holds, a month's release",
}


def owned_share(tables: Tables, country: str, metal: str) -> pd.Series:
    """Share of the mine output of each host that companies of a country own, by host (iso3); at most 1."""
    rows = tables["stakes"]
    rows = rows[(rows["investor"] == country) & (rows["metal"] == metal)]
    mined = tables.production[(tables.production["stage"] == "mine") & (tables.production["metal"] == metal)]
    of_host = mined.groupby(["iso3", "year"])["reconciled_t"].sum()
    keys = list(zip(rows["iso3"], rows["output_year"], strict=True))
    whole = of_host.reindex(keys).to_numpy(float)
    share = rows["share"].to_numpy(float) * rows["output_t"].to_numpy(float) / np.maximum(whole, guards.NOTHING)
    found: pd.Series = rows.assign(owned=np.nan_to_num(share)).groupby("iso3")["owned"].sum().clip(upper=1.0)
    return found


def owned_output(world: World, tables: Tables, country: str, metal: str) -> dict[str, float]:
    """Mine output of last month that companies of a country own, t, by host; hosts that the world pools are left out."""
    at, place = world.layout.metals.index(metal), world.layout.country_index
    miners, found = world.miners, dict[str, float]()
    for host, share in owned_share(tables, country, metal).items():
        if str(host) in place:
            rows = (miners.metal == at) & (miners.country == place[str(host)])
            found[str(host)] = float(share) * float(miners.output[rows].sum())
    return found


def channels(world: World, tables: Tables, country: str, metal: str) -> list[dict[str, Any]]:
    """The split after a month of a world, one row a channel: columns COLUMNS; tonnes and most in t/month, share of all."""
    at, place = world.layout.metals.index(metal), world.layout.country_index[country]
    feed, refined, firms = world.markets["feed"], world.markets["refined"], len(world.refiners)
    bought = (refined.metal == at) & (refined.buyer_country == place)
    recycled = bought & (refined.seller >= firms)
    scrap = float(refined.flow[recycled].sum())
    home = float(refined.flow[bought & ~recycled & (refined.seller_country == place)].sum())
    abroad = bought & ~recycled & (refined.seller_country != place)
    into = (feed.metal == at) & (feed.buyer_country == place)
    fed = max(float(feed.flow[into].sum()), guards.LEAST)
    own = float(feed.flow[into & (feed.seller_country == place)].sum()) / fed
    owned = owned_output(world, tables, country, metal)
    come = _owned_feed(world, into, owned) / fed
    ore = into & (feed.seller_country != place)
    ordered = float(np.minimum(feed.flow, feed.weight)[ore].sum()) / fed
    under = float(np.minimum(refined.flow, refined.weight)[abroad].sum())
    by_contract = under + home * max(ordered - come, 0.0)
    desk = (world.desks.metal == at) & (world.desks.country == place)
    released = float(world.now.opened[desk].sum())
    rest = home * (1.0 - own - come) + float(refined.flow[abroad].sum()) - by_contract
    mines = (world.miners.metal == at) & (world.miners.country == place)
    sellers = (world.secondary.metal == at) & (world.secondary.country == place)
    most = (
        float(world.miners.capacity[mines].sum()),
        sum(owned.values()),
        float(refined.weight[abroad].sum()) + float(feed.weight[ore].sum()),
        float("nan"),
        float(world.secondary.output[sellers].sum()),
        float(world.desks.reserve[desk].sum()) / world.parameters["reserve_release_months"],
    )
    tonnes = (home * own, home * come, by_contract, max(rest, 0.0), scrap, released)
    total = max(sum(tonnes), guards.LEAST)
    return [
        {"metal": metal, "channel": name, "tonnes": t, "share": t / total, "most": limit, "words": WORDS[name]}
        for name, t, limit in zip(CHANNELS, tonnes, most, strict=True)
    ]


def _owned_feed(world: World, into: np.ndarray, owned: dict[str, float]) -> float:
    """Ore that comes from mines that are owned, t: of each host no more than is bought there, and no more than is owned."""
    feed, place = world.markets["feed"], world.layout.country_index
    return sum(
        min(tonnes, float(feed.flow[into & (feed.seller_country == place[host])].sum()))
        for host, tonnes in owned.items()
    )

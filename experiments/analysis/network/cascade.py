"""What stops, and when, if one country delivers nothing (N-1): stocks run down, and products stop by their scarcest metal.

Month by month, with the flows of a year as they are and nobody free to buy elsewhere: refiners treat what their stock and their
other suppliers give, sellers sell from stock and output, and makers make each product as far as its scarcest metal goes

    feasible = min over metals of (stock + arrived) / need          use = need x feasible

so that a missing metal idles the others of the same product, and products that are not made are missing where they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.environment.records.stages import FEED_WAY, MAKING, METAL_WAY, RECYCLED, REFINED, REFINING

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.analysis.flows.account import Account

YEAR, MONTHS = 12, 24
"""Months of the year whose flows are taken, and months that are followed, an assumption: longer than most stocks last."""
STOPS, FELT = 0.5, 0.1
"""Share of its output below which a maker counts as stopped, share of its goods that a user must lack to be hit: assumptions."""


@dataclass(frozen=True)
class Chain:
    """The flows of a mean month and the stocks at the start of the year, t; M metals, C countries, P products.

    feed, metal: from country to country, shape (M, C, C); treated: by refiners, (M, C); refined, recycled: output, (M, C); need: by
    makers, (M, C, P); goods: from maker to user, (M, C, C, P); at_refiners, for_sale, at_makers: stocks, (M, C), (M, C), (M, C, P).
    """

    metals: Sequence[str]
    regions: Sequence[str]
    feed: np.ndarray
    metal: np.ndarray
    treated: np.ndarray
    refined: np.ndarray
    recycled: np.ndarray
    need: np.ndarray
    goods: np.ndarray
    at_refiners: np.ndarray
    for_sale: np.ndarray
    at_makers: np.ndarray

    @classmethod
    def of(cls, account: Account, months: int = YEAR) -> Chain:
        """The chain of an account of one year, of which `months` were run."""
        metals, regions = account.metals, account.regions
        flows, stocks = account.flows, account.stocks
        products = sorted(account.of("products")["product"].unique())
        place: dict[str, Any] = {name: number for number, name in enumerate(regions)}
        made = {name: number for number, name in enumerate(products)}
        number = {name: n for n, name in enumerate(metals)}
        m, c, p = len(metals), len(regions), len(products)

        def total(names: Sequence[str], shape: tuple[int, ...], *axes: str) -> np.ndarray:
            rows = flows[flows["movement"].isin(names)]
            found = np.zeros(shape)
            index = [
                rows["metal"].map(number),
                *(rows[axis].map(made if axis == "product" else place) for axis in axes),
            ]
            np.add.at(found, tuple(one.to_numpy(np.int64) for one in index), rows["tonnes"].to_numpy() / months)
            return found

        def held(names: Sequence[str], shape: tuple[int, ...], *axes: str) -> np.ndarray:
            rows = stocks[stocks["stage"].isin(names)]
            rows = rows[rows["product"].isin(made)] if "product" in axes else rows
            found = np.zeros(shape)
            index = [
                rows["metal"].map(number),
                *(rows[axis].map(made if axis == "product" else place) for axis in axes),
            ]
            np.add.at(found, tuple(one.to_numpy(np.int64) for one in index), rows["opening"].to_numpy())
            return found

        use = ("new scrap", "dissipated", "products")
        known = flows["product"].isin(made)
        flows = flows[known | ~flows["movement"].isin(use)]
        return cls(
            metals,
            regions,
            total(["feed"], (m, c, c), "from_region", "to_region"),
            total(["primary metal", "recycled metal"], (m, c, c), "from_region", "to_region"),
            total(["refined", "slag"], (m, c), "from_region"),
            total(["refined"], (m, c), "from_region"),
            total(["recovered"], (m, c), "from_region"),
            total(use, (m, c, p), "from_region", "product"),
            total(["products"], (m, c, c, p), "from_region", "to_region", "product"),
            held([REFINING, FEED_WAY], (m, c), "region"),
            held([REFINED, RECYCLED, METAL_WAY], (m, c), "region"),
            held([MAKING], (m, c, p), "region", "product"),
        )


def without(chain: Chain, gone: int, months: int = MONTHS) -> tuple[np.ndarray, np.ndarray]:
    """Follow the chain with one country gone.

    Returns:
        Cover of the need of every metal, shape (months, M, C, P), at most 1, and of the scarcest metal, shape (months, C, P).
    """
    feed, metal = chain.feed.copy(), chain.metal.copy()
    feed[:, gone], metal[:, gone] = 0.0, 0.0
    at_refiners, for_sale, at_makers = chain.at_refiners.copy(), chain.for_sale.copy(), chain.at_makers.copy()
    wanted = metal.sum(axis=2)
    # what a year's stocks gave beside the flows goes on: without anybody gone nothing is short
    extra_feed = np.maximum(chain.treated - chain.feed.sum(axis=1), 0.0)
    extra_metal = np.maximum(chain.metal.sum(axis=2) - chain.refined - chain.recycled, 0.0)
    share = chain.need / np.maximum(chain.need.sum(axis=2, keepdims=True), 1e-300)
    extra_need = np.maximum(chain.need - chain.metal.sum(axis=1)[:, :, None] * share, 0.0)
    own, feasible = np.ones((months, *chain.need.shape)), np.ones((months, *chain.need.shape[1:]))
    for month in range(months):
        there = at_refiners + feed.sum(axis=1) + extra_feed
        treated = np.minimum(chain.treated, there)
        at_refiners = there - treated
        rate = np.divide(treated, chain.treated, out=np.zeros_like(treated), where=chain.treated > 0.0)
        offered = for_sale + chain.refined * rate + chain.recycled + extra_metal
        sold = np.minimum(wanted, offered)
        for_sale = offered - sold
        part = np.divide(sold, wanted, out=np.zeros_like(sold), where=wanted > 0.0)
        arrived = (metal * part[:, :, None]).sum(axis=1)
        there = at_makers + arrived[:, :, None] * share + extra_need
        cover = np.divide(there, chain.need, out=np.ones_like(there), where=chain.need > 0.0)
        own[month] = np.minimum(cover, 1.0)
        feasible[month] = own[month].min(axis=0)
        at_makers = there - chain.need * feasible[month]
    return own, feasible


def cascades(account: Account, months: int = YEAR, countries: Sequence[str] = ()) -> pd.DataFrame:
    """Return what others lose in MONTHS if a country delivers nothing: one row per country and metal that it costs use.

    account: of one year, all metals; months: of the year that were run; countries: those that are taken out, all if none are named.

    country, metal; use, lost: of makers elsewhere, and what they lose of it, t; lost_share, 1; idled: the part of the loss for
    which the metal is there, but another metal of the product is not, t; first_month: in which the first maker elsewhere is short,
    from 1; makers_stopped: makers elsewhere (country and product) below STOPS in the last month; users_hit: other countries that
    lack more than FELT of the goods with the metal then.
    """
    import pandas as pd

    chain, rows = Chain.of(account, months), []
    for gone, country in enumerate(chain.regions):
        if (countries and country not in countries) or not (chain.feed[:, gone].any() or chain.metal[:, gone].any()):
            continue
        own, feasible = without(chain, gone)
        others = np.arange(len(chain.regions)) != gone
        rows += [_row(chain, own, feasible, others, m, country) for m in range(len(chain.metals))]
    table = pd.DataFrame(rows)
    return table[table["lost"] > 1e-9 * table["use"]].reset_index(drop=True) if len(table) else table


def _row(
    chain: Chain, own: np.ndarray, feasible: np.ndarray, others: np.ndarray, metal: int, country: str
) -> dict[str, Any]:
    need = chain.need[metal][others]
    missing = need[None] * (1.0 - feasible[:, others])
    idled = need[None] * (own[:, metal] - feasible)[:, others]
    short = missing > 1e-6 * need[None]
    months = np.flatnonzero(short.any(axis=(1, 2)))
    holds = need > 0.0
    goods = chain.goods[metal]
    came = (goods * feasible[-1][:, None, :]).sum(axis=(0, 2))[others]
    full = goods.sum(axis=(0, 2))[others]
    total = float(need.sum()) * len(own)
    return {
        "country": country,
        "metal": chain.metals[metal],
        "use": total,
        "lost": float(missing.sum()),
        "lost_share": float(missing.sum()) / total if total > 0.0 else 0.0,
        "idled": float(idled.sum()),
        "first_month": int(months[0]) + 1 if len(months) else 0,
        "makers_stopped": int((holds & (feasible[-1][others] < STOPS)).sum()),
        "users_hit": int(((full > 0.0) & (came < (1.0 - FELT) * full)).sum()),
    }

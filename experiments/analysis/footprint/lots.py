"""Footprint of a delivered tonne by its path: mined where, refined where; or recycled where.

    f(mine x, refiner y) = m(x) / k(y) + r(y)

with ``m`` and ``r`` the emissions of a tonne mined in x and refined in y, and ``k`` what a refiner gets out of its feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.footprint import MINING, RECYCLING, REFINING
from lodeflow.experiments.analysis.flows.account import Account
from lodeflow.experiments.analysis.flows.origin import FROM_SCRAP, MINED, MetalFlows, origins
from lodeflow.experiments.analysis.footprint.account import Footprints

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("metal", "year", "mined_in", "made_in", "tonnes", "share", "co2_t_per_t")
"""mined_in is "recycled" for recycled metal; made_in: refined or recycled there; share: of what the region buys."""


def lots(account: Account, found: Footprints, members: Sequence[str], year: int) -> pd.DataFrame:
    """Return the paths of the refined metal that a region buys in a year, the largest first: COLUMNS.

    Args:
        account: of all years of the run, so that what refiners hold has its origins.
        found: the footprints of that account.
        members: countries of the region.
        year: a year of the account.
    """
    import pandas as pd

    came = origins(account, [year])
    came = came[came["stage"] == REFINING]
    rates = found.production[found.production["year"] == year].copy()
    rates["rate"] = 1e3 * rates["co2_kt"] / rates["tonnes"]
    known = rates.set_index(["metal", "stage", "region"])["rate"].to_dict()
    parts = [
        _of_metal(account, metal, members, year, came[came["metal"] == metal], known)
        for metal in account.metals
        if metal not in found.unknown
    ]
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    order = ["metal", "tonnes"]
    return whole.sort_values(order, ascending=[True, False], kind="stable", ignore_index=True)[list(COLUMNS)]


def _of_metal(
    account: Account, metal: str, members: Sequence[str], year: int, came: pd.DataFrame, known: dict[object, float]
) -> pd.DataFrame:
    """The paths of one metal."""
    import pandas as pd

    flows = MetalFlows(account, metal).year(year)
    inside = np.isin(account.regions, list(members))
    old, new = (flows.moved(name)[:, inside].sum(axis=1) for name in ("primary metal", "recycled metal"))
    refined = flows.moved("refined").sum(axis=1)
    treated = refined + flows.moved("slag").sum(axis=1)
    rows = []
    for country, tonnes, made, fed in zip(account.regions, old, refined, treated, strict=True):
        own = came[(came["region"] == country) & (came["kind"] == MINED)]
        for mine, share in zip(own["origin"], own["share"], strict=True):
            ore = known.get((metal, MINING, mine), 0.0) * fed / made if made > 0.0 else 0.0
            rows.append((mine, country, tonnes * share, ore + known.get((metal, REFINING, country), 0.0)))
    rows += [
        (FROM_SCRAP, country, tonnes, known.get((metal, RECYCLING, country), 0.0))
        for country, tonnes in zip(account.regions, new, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["mined_in", "made_in", "tonnes", "co2_t_per_t"])
    table = table[table["tonnes"] > 0.0]
    return table.assign(metal=metal, year=year, share=table["tonnes"] / table["tonnes"].sum())

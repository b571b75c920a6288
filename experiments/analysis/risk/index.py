"""Supply risk by stage and month of a world without shocks, as a sum of causes.

Every cause has a measure in its own unit (share, years, months, ...). Scaled to 0 (no risk) ... 1 (full risk) and times its weight
(table `risk_weights`) it is the part that the cause has in the index of its stage, so the parts sum to the index:

    index of a stage = sum over causes of weight x clip((measure - at_zero) / (at_one - at_zero), 0, 1)

For a country its own output bears no risk: its share counts as 0 in concentration and politics. ODD 7.18.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.experiments.analysis.risk.lists import MIDDLING, instability

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.market.ways import Atlas
    from lodeflow.environment.world import World

STAGES = ("up", "mid", "down")
COLUMNS = ("date", "metal", "stage", "cause", "measure", "scaled", "contribution", "words")
EVERYWHERE = "WLD"
OPEN_SEA = "good_hope"
"""A passage that nobody can close."""


def shares_of(amount: np.ndarray, country: np.ndarray, world: World) -> pd.Series:
    """Return shares by country (index iso3) of amounts by row; all 0 where nothing is there."""
    import pandas as pd

    sums = np.bincount(country, amount, len(world.layout.countries))
    total = float(sums.sum())
    return pd.Series(sums / total if total > 0.0 else sums, world.layout.countries)


def _ratio(above: np.ndarray, below: np.ndarray) -> float:
    total = float(np.sum(below))
    return float(np.sum(above)) / total if total > 0.0 else 0.0


def measures(
    world: World, metal: str, unstable: pd.Series, ways: Atlas, country: str = EVERYWHERE
) -> dict[tuple[str, str], float]:
    """Return the measures of a metal after a month: (stage, cause) -> value in the unit of the cause; nan where none is known.

    Args:
        world: after a month.
        metal: a metal of it.
        unstable: instability by iso3, 0 to 1.
        ways: which pairs of countries trade through which passage.
        country: iso3 of a buyer, or WLD.
    """
    at = world.layout.metals.index(metal)
    miners, refiners, desks, inputs = world.miners, world.refiners, world.desks, world.inputs
    mine, refine, desk, use = (where.metal == at for where in (miners, refiners, desks, inputs))
    sold = world.markets["refined"]
    edge = (sold.metal == at) & _buys(sold.buyer_country, country, world)
    here, desk_here, recycled = use, desk, world.secondary.metal == at
    if country != EVERYWHERE:
        place = world.layout.countries.index(country)
        here, desk_here, recycled = (
            rows & (where.country == place)
            for rows, where in ((use, inputs), (desk, desks), (recycled, world.secondary))
        )
    from_where = {
        "up": shares_of(miners.output[mine], miners.country[mine], world),
        "mid": shares_of(refiners.output[refine], refiners.country[refine], world),
        "down": shares_of(sold.flow[edge], sold.seller_country[edge], world),
    }
    found: dict[tuple[str, str], float] = {}
    for stage, shares in from_where.items():
        abroad = shares.drop(country, errors="ignore")
        found[stage, "concentration"] = float((abroad**2).sum())
        found[stage, "politics"] = float((abroad * unstable.reindex(abroad.index).fillna(1.0 - MIDDLING / 100.0)).sum())
    used = inputs.use[here]
    reserve = float(world.rates.reserve[at])
    mined = 12.0 * float(miners.output[mine].sum())
    found["up", "reserves"] = reserve / mined if reserve > 0.0 and mined > 0.0 else float("nan")
    found["up", "capacity"] = _ratio(miners.output[mine], miners.capacity[mine])
    found["up", "host"] = _ratio(miners.output[mine] * miners.host_share[mine], miners.output[mine])
    found["mid", "capacity"] = _ratio(refiners.output[refine], refiners.capacity[refine])
    found["mid", "technology"] = float(from_where["mid"].drop(country, errors="ignore").max())
    found["down", "route"] = through_one_passage(world, edge, ways)
    found["down", "stocks"] = _ratio(desks.stock[desk_here], used)
    found["down", "recycling"] = _ratio(world.secondary.output[recycled], used)
    return found


def through_one_passage(world: World, edge: np.ndarray, ways: Atlas) -> float:
    """Return the largest share of what is sent on some edges of the refined market that takes one passage of the sea, 0 to 1."""
    sold = world.markets["refined"]
    place = np.array([ways.index.get(name, len(ways.index)) for name in world.layout.countries])
    ends = place[sold.seller_country[edge]], place[sold.buyer_country[edge]]
    flow = sold.flow[edge]
    through = (passes[ends] for name, passes in ways.passes.items() if name != OPEN_SEA)
    return max(_ratio(flow * takes, flow) for takes in through)


def _buys(buyers: np.ndarray, country: str, world: World) -> np.ndarray:
    """Which edges end in a country; all for the world."""
    if country == EVERYWHERE:
        return np.ones(len(buyers), bool)
    return np.asarray(buyers == world.layout.countries.index(country))


def decomposed(found: dict[tuple[str, str], float], weights: pd.DataFrame) -> pd.DataFrame:
    """Return measures as parts of the index of their stage: stage, cause, measure, scaled (0 to 1), contribution, words.

    found: of :func:`measures`; a measure that is not known counts as no risk. weights: the table `risk_weights`.
    """
    table = weights[["stage", "cause", "words", "weight", "at_zero", "at_one"]].copy()
    table["measure"] = [found[stage, cause] for stage, cause in zip(table["stage"], table["cause"], strict=True)]
    scaled = (table["measure"] - table["at_zero"]) / (table["at_one"] - table["at_zero"])
    table["scaled"] = scaled.clip(0.0, 1.0).fillna(0.0)
    table["contribution"] = table["weight"] * table["scaled"]
    return table[["stage", "cause", "measure", "scaled", "contribution", "words"]]


def risk_by_month(
    tables: Tables,
    metal: str,
    country: str = EVERYWHERE,
    start: str = "2024-01",
    end: str = "2024-12",
    each: Callable[[World], None] | None = None,
) -> pd.DataFrame:
    """Run a metal without shocks and return its risk: columns COLUMNS, one row a month, stage and cause.

    Args:
        tables: the loaded tables.
        metal: its name.
        country: iso3 of a buyer that the run tells apart, or WLD.
        start, end: first and last month, YYYY-MM.
        each: called with the world after the last month.

    Raises:
        DataError: for a metal that there is not, and a country that the run pools with the rest of the world.
    """
    import pandas as pd

    from lodeflow import environment
    from lodeflow.data.problems import DataError, Problem, did_you_mean
    from lodeflow.environment import WorldSettings
    from lodeflow.environment.start.atlas import atlas

    world = environment.build(tables, WorldSettings(metals=[metal], start=start, end=end, noise=0.0))
    if country not in (EVERYWHERE, *world.layout.countries):
        known = [EVERYWHERE, *world.layout.countries]
        wrong = f"{country!r} is no country that buys {metal} by itself in this run"
        raise DataError([Problem("risk", None, "country", wrong, did_you_mean(country, known))])
    world.recorder.purse.whole = False
    unstable, ways, parts = instability(tables, int(start[:4])), tables.remember(atlas), []
    for month in pd.period_range(start, end, freq="M"):
        world.step()
        found = decomposed(measures(world, metal, unstable, ways, country), tables.risk_weights)
        parts.append(found.assign(date=str(month), metal=metal))
    if each is not None:
        each(world)
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def indices(table: pd.DataFrame) -> pd.DataFrame:
    """Return the index of every month, metal and stage, 0 to 1, and its causes in words, the largest first."""
    import pandas as pd

    rows = []
    for (date, metal, stage), part in table.groupby(["date", "metal", "stage"], sort=False):
        causes = part.sort_values("contribution", ascending=False, kind="stable")
        first = causes[causes["contribution"] > 0.0].head(3)
        said = "; ".join(
            f"{words} ({share:.2f})" for words, share in zip(first["words"], first["contribution"], strict=True)
        )
        rows.append((date, metal, stage, float(part["contribution"].sum()), said))
    return pd.DataFrame(rows, columns=["date", "metal", "stage", "index", "causes"])

"""Criticality of a metal for a country in two styles of the field, and a review of all metals for one country.

EU style (European Commission 2017, methodology for establishing the EU list; substitution taken from the table `substitution`):

    SR = [HHI_g(world) IR / 2 + HHI_g(own supply) (1 - IR / 2)] (1 - RIR) SI

HHI_g: sum of squared shares times instability, of world refined output and of what the country's makers buy; IR: net import
reliance, 0 to 1; RIR: recycled over use; SI: 1 less the use-weighted ceiling of substitution.

GeoPolRisk style (Gemechu et al. 2016; Santillan-Saldivar et al. 2022):

    GeoPolRisk = HHI(world) x sum over i of g_i f_i / (p + F)

f_i: bought from i, F their sum, p: own output. ODD 7.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents import guards
from lodeflow.experiments.analysis.risk.channels import channels, owned_output
from lodeflow.experiments.analysis.risk.index import shares_of
from lodeflow.experiments.analysis.risk.lists import MIDDLING, instability, weighted_hhi

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.world import World

REVIEW = (
    "metal", "use_t", "from_abroad", "first", "first_share", "lost_at_once", "stock_days", "substitutable", "recycled",
    "supply_risk", "geopolrisk", "importance", "best", "options", "net_import_reliance", "owned_t", "reliance_less_owned",
)  # fmt: skip
DAYS = 365.0 / 12.0


@dataclass(frozen=True)
class Position:
    """What a country's makers buy of a metal in a month.

    Attributes:
        use, own: use and own refined output, t/month.
        bought: share by seller country of what makers are sent (index iso3).
        world: share of world refined output by country.
        stock: t that makers hold.
        recycled: recycled output of the country, t/month.
        substitutable: share of use that can be replaced, 0 to 1.
        price: USD/t.
    """

    use: float
    own: float
    bought: pd.Series
    world: pd.Series
    stock: float
    recycled: float
    substitutable: float
    price: float


def position(world: World, metal: str, country: str, tables: Tables) -> Position:
    """Return the position of a country after a month of a world; all zero where it uses none."""
    at, place = world.layout.metals.index(metal), world.layout.countries.index(country)
    sold, refiners, inputs = world.markets["refined"], world.refiners, world.inputs
    edge = (sold.metal == at) & (sold.buyer_country == place)
    refined = refiners.metal == at
    used = (inputs.metal == at) & (inputs.country == place)
    use = inputs.use[used]
    rows = tables.substitution[tables.substitution["metal"] == metal].set_index("product")["ceiling"]
    ceiling = rows.reindex([world.layout.products[product] for product in inputs.product[used]]).fillna(0.0).to_numpy()
    desk = (world.desks.metal == at) & (world.desks.country == place)
    scrap = (world.secondary.metal == at) & (world.secondary.country == place)
    total = float(use.sum())
    return Position(
        use=total,
        own=float(refiners.output[refined & (refiners.country == place)].sum()),
        bought=shares_of(sold.flow[edge], sold.seller_country[edge], world),
        world=shares_of(refiners.output[refined], refiners.country[refined], world),
        stock=float(world.desks.stock[desk].sum()),
        recycled=float(world.secondary.output[scrap].sum()),
        substitutable=float((use * ceiling).sum() / total) if total > 0.0 else 0.0,
        price=float(world.rates.price[at]),
    )


def eu_supply_risk(held: Position, country: str, unstable: pd.Series) -> float:
    """Return the supply risk in the style of the EU method, 0 to 1 (the EU's own numbers are about ten times as large)."""
    reliance = float(np.clip(1.0 - held.own / held.use, 0.0, 1.0)) if held.use > 0.0 else 0.0
    abroad = held.bought.drop(country, errors="ignore")
    recycled = min(held.recycled / held.use, 1.0) if held.use > 0.0 else 0.0
    mixed = weighted_hhi(held.world, unstable) * reliance / 2.0 + weighted_hhi(abroad, unstable) * (
        1.0 - reliance / 2.0
    )
    return mixed * (1.0 - recycled) * (1.0 - held.substitutable)


def geopolrisk(held: Position, country: str, unstable: pd.Series) -> float:
    """Return GeoPolRisk, 0 to 1: concentration of the world times instability of suppliers, own output free of risk."""
    abroad = held.bought.drop(country, errors="ignore")
    weighted = float((abroad * unstable.reindex(abroad.index).fillna(1.0 - MIDDLING / 100.0)).sum())
    return float((held.world**2).sum()) * weighted


def options(held: Position, country: str, tables: Tables) -> pd.DataFrame:
    """Return what a country may do about its largest supplier, ranked: option, words, avoided (t of use while it stands still).

    The loss is the share of the largest foreign supplier for the days of `halt`; each option avoids at most that.
    """
    import pandas as pd

    table = tables.review_options.set_index("option")
    size = table["size"]
    months = size["halt"] / DAYS
    first = float(held.bought.drop(country, errors="ignore").max()) if len(held.bought) else 0.0
    lost = first * held.use * months
    avoided = {
        "reserve": size["reserve"] / DAYS * held.use,
        "diversify": max(first - size["diversify"], 0.0) * held.use * months,
        "recycle": max(size["recycle"] * held.use - held.recycled, 0.0) * months,
        "substitute": size["substitute"] * held.substitutable * held.use * months,
    }
    rows = [(name, table["words"][name], min(tonnes, lost)) for name, tonnes in avoided.items()]
    found = pd.DataFrame(rows, columns=["option", "words", "avoided"])
    return found.sort_values("avoided", ascending=False, kind="stable", ignore_index=True)


def review(tables: Tables, country: str, metals: list[str], split: list[dict[str, Any]] | None = None) -> pd.DataFrame:
    """Return all metals for one country after a year without shocks, the riskiest first: columns REVIEW.

    use_t: t/year; from_abroad: share of what makers are sent; first, first_share: the largest foreign supplier (single point of
    failure); lost_at_once: use that falls away without it, t/month; stock_days: what makers hold in days of use; importance: value
    of use over GDP, USD per 1,000 USD; best, options: the option that avoids most, and all of them with t avoided;
    net_import_reliance: 1 less own mine output over use, 0 to 1; owned_t: output of mines abroad that its companies own, t/year;
    reliance_less_owned: the same with that counted as own supply.

    Raises:
        DataError: for a country that no run of these metals tells apart.
    """
    import pandas as pd

    from lodeflow.data.problems import DataError, Problem, did_you_mean
    from lodeflow.experiments.analysis.risk.index import risk_by_month

    rows: list[dict[str, Any]] = []
    known: set[str] = set()
    unstable = instability(tables, 2024)
    for metal in metals:

        def add(world: World, metal: str = metal) -> None:
            known.update(world.layout.countries)
            if country in world.layout.countries:
                held = position(world, metal, country, tables)
                rows.append(
                    _row(metal, country, held, unstable, tables) | _controlled(world, tables, country, metal, held)
                )
                if split is not None and held.use > 0.0:
                    split.extend(channels(world, tables, country, metal))

        risk_by_month(tables, metal, each=add)
    if not rows:
        wrong = f"{country!r} is no country that these runs tell apart"
        raise DataError([Problem("risk", None, "country", wrong, did_you_mean(country, sorted(known)))])
    table = pd.DataFrame(rows, columns=list(REVIEW))
    return table.sort_values("supply_risk", ascending=False, kind="stable", ignore_index=True)


def _controlled(world: World, tables: Tables, country: str, metal: str, held: Position) -> dict[str, float]:
    """Own mine output and what companies own abroad, beside use."""
    at, place = world.layout.metals.index(metal), world.layout.country_index[country]
    mined = float(world.miners.output[(world.miners.metal == at) & (world.miners.country == place)].sum())
    owned, use = sum(owned_output(world, tables, country, metal).values()), max(held.use, guards.NOTHING)
    reliance, controlled = (float(np.clip(1.0 - own / use, 0.0, 1.0)) for own in (mined, mined + owned))
    return {"net_import_reliance": reliance, "owned_t": 12.0 * owned, "reliance_less_owned": controlled}


def _row(metal: str, country: str, held: Position, unstable: pd.Series, tables: Tables) -> dict[str, Any]:
    abroad = held.bought.drop(country, errors="ignore")
    first_share = float(abroad.max()) if len(abroad) else 0.0
    ranked = options(held, country, tables)
    gdp = tables.country_years[tables.country_years["iso3"] == country]["gdp_usd"].dropna()
    value = 12.0 * held.use * held.price
    return {
        "metal": metal,
        "use_t": 12.0 * held.use,
        "from_abroad": float(abroad.sum()),
        "first": str(abroad.idxmax()) if first_share > 0.0 else "",
        "first_share": first_share,
        "lost_at_once": first_share * held.use,
        "stock_days": held.stock / held.use * DAYS if held.use > 0.0 else float("nan"),
        "substitutable": held.substitutable,
        "recycled": held.recycled / held.use if held.use > 0.0 else float("nan"),
        "supply_risk": eu_supply_risk(held, country, unstable),
        "geopolrisk": geopolrisk(held, country, unstable),
        "importance": 1000.0 * value / float(gdp.iloc[-1]) if len(gdp) else float("nan"),
        "best": str(ranked["words"].iloc[0]) if ranked["avoided"].iloc[0] > 0.0 else "nothing needed",
        "options": "; ".join(f"{row.option} {row.avoided:.0f} t" for row in ranked.itertuples()),
    }

"""Who is hit hardest: countries and products by the share of their own normal use of a metal that they lose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SMALL = 0.005
"""Share of the world's normal use below which a user is not ranked: an assumption. The use of small countries and products is
derived, not observed (shares of production and trade), and a few tonnes more or less in it are many per cent."""
FELT = 0.0005
"""Least share lost that is ranked: what is printed as more than 0.0 %."""
COUNTRY, PRODUCT = "country", "product"
NO_COUNTRY = frozenset({"WLD", "EU27", "ROW"})
"""Regions that are sums of others, and what is left of the world: none of them can be hit hardest."""
COLUMNS = ("metal", "who", "rank", "name", "share", "tonnes")


@dataclass(frozen=True)
class Hit:
    """A user that loses.

    name: country (ISO 3166 alpha-3) or product; share: of its own normal use that is lost; tonnes: the same in t.
    """

    name: str
    share: float
    tonnes: float


def ranked(use: Mapping[str, float], normal: Mapping[str, float]) -> list[Hit]:
    """Return who loses most, the hardest hit first, users below SMALL left out.

    use, normal: t of a metal used in the same months with the shocks and without them, by country or product.
    """
    least = SMALL * sum(normal.values())
    big = {name: amount for name, amount in normal.items() if amount > least}
    hits = [Hit(name, 1.0 - use.get(name, 0.0) / amount, amount - use.get(name, 0.0)) for name, amount in big.items()]
    return sorted((hit for hit in hits if hit.share > FELT), key=lambda hit: (-hit.share, hit.name))


def hits_of(series: pd.DataFrame, uses: pd.DataFrame, first_month: str | None) -> pd.DataFrame:
    """Return the ranking of countries and of products for every metal, from `first_month` to the end; empty without shocks.

    series: tidy table of both runs; uses: date, run, metal, product, tonnes. Columns: see COLUMNS.
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    if first_month is not None:
        use = series[(series["variable"] == "use") & ~series["region"].isin(NO_COUNTRY)]
        by_country = use.rename(columns={"region": "name", "value": "tonnes"})
        for who, table in ((COUNTRY, by_country), (PRODUCT, uses.rename(columns={"product": "name"}))):
            later = table[table["date"] >= pd.Timestamp(first_month)]
            sums = later.groupby(["metal", "run", "name"], observed=True)["tonnes"].sum()
            for metal in sums.index.get_level_values("metal").unique():
                own = sums[metal]
                found = ranked(own["shock"].to_dict(), own["baseline"].to_dict())
                rows += [(metal, who, i, hit.name, hit.share, hit.tonnes) for i, hit in enumerate(found, 1)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def hits_in(table: pd.DataFrame, metal: str, who: str) -> list[Hit]:
    """Return one ranking of the table that hits_of made; who: COUNTRY or PRODUCT."""
    own = table[(table["metal"] == metal) & (table["who"] == who)].sort_values("rank")
    return [Hit(*row) for row in own[["name", "share", "tonnes"]].itertuples(index=False)]

"""Flows between countries: of a world in its base year, and of customs in the countries of that world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lodeflow.data import Tables
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.market.graph import ras
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.base_year import base_year
from lodeflow.environment.start.customs import customs, makers_of, pooled_where
from lodeflow.environment.start.draft import Draft
from lodeflow.environment.start.draw_up import assemble, table_parameters


class Row(NamedTuple):
    """One row of the judgement: a form of a metal. form "all": feed and refined metal together, as customs list them."""

    name: str
    metal: str
    form: str
    counted: bool


ROWS = (
    Row("cobalt intermediates", "cobalt", "intermediate", True),
    Row("cobalt refined", "cobalt", "refined", True),
    Row("lithium carbonate and hydroxide", "lithium", "refined", True),
    Row("nickel ore", "nickel", "ore", True),
    Row("copper concentrate", "copper", "ore", True),
    Row("copper cathode", "copper", "refined", True),
    Row("graphite", "graphite", "all", True),
    Row("rare earths (shares)", "neodymium-praseodymium", "all", True),
    Row("nickel matte and hydroxide", "nickel", "intermediate", False),
    Row("nickel refined, pig iron with it", "nickel", "refined", False),
)
"""What is judged; what is not counted is known for part of the world only."""


@dataclass
class Network:
    """A world in its base year, drawn up with the customs that its tables hold."""

    draft: Draft
    blueprint: Blueprint

    @classmethod
    def of(cls, tables: Tables, year: int) -> Network:
        """The world of a base year."""
        settings = WorldSettings(start=f"{year}-01", end=f"{year}-12", base_year=year)
        parameters = table_parameters(tables, settings)
        draft = Draft(tables, settings, parameters, base_year(tables, settings, parameters))
        return cls(draft, assemble(draft))

    @property
    def countries(self) -> list[str]:
        """Countries of the world, in order."""
        return self.draft.base.countries

    def flows(self, row: Row) -> np.ndarray:
        """Flows between countries in the first month, t/year, shape (countries, countries): exporter, importer."""
        count, m = len(self.countries), self.draft.layout.metal_index[row.metal]
        result = np.zeros((count, count))
        for name in ("feed", "refined"):
            market = self.blueprint.markets[name]
            kept = (market.metal == m) & ~market.domestic
            if row.form != "all":
                kept &= (row.form == "refined") == (name == "refined")
                if name == "feed":
                    kept &= market.intermediate == (row.form == "intermediate")
            np.add.at(result, (market.seller_country[kept], market.buyer_country[kept]), 12.0 * market.base[kept])
        return result

    def seen(self, row: Row, tables: Tables) -> np.ndarray:
        """What the customs of some tables hold, in the countries that this world keeps apart, t/year, as :meth:`flows`."""
        draft, m = self.draft, self.draft.layout.metal_index[row.metal]
        found = customs(tables, draft.base, m, float(draft.refining[m]), draft.layout.feed_forms[m])
        none = np.zeros((len(self.countries), len(self.countries)))
        feed = none if found.feed is None else found.feed
        refined = none
        if found.refined is not None:
            refined = pooled_where(found.refined, draft.base.refined[m] > 0, makers_of(draft.base, m) > 0)
        if row.form in ("refined", "all"):
            return refined if row.form == "refined" else feed + refined
        return np.where(found.intermediate == (row.form == "intermediate"), feed, 0.0)


def until(tables: Tables, year: int) -> Tables:
    """Tables that know customs to a year."""
    flows = tables.trade_flows
    return tables.replace(trade_flows=flows[flows["year"] <= year])


def on_wrong_pair(flow: np.ndarray, truth: np.ndarray) -> float:
    """Share of traded tonnes on the wrong pair: half the sum of differences between the shares of pairs, 0 to 1."""
    if not flow.sum() > 0.0 or not truth.sum() > 0.0:
        return float("nan")
    return float(0.5 * np.abs(flow / flow.sum() - truth / truth.sum()).sum())


def from_totals(truth: np.ndarray) -> np.ndarray:
    """Flows of a simple rule that knows what each country exports and imports, but no partners: proportional trade."""
    sent, got = truth.sum(axis=1), truth.sum(axis=0)
    prior = np.outer(sent, got)
    np.fill_diagonal(prior, 0.0)
    return ras(sent, got, prior, 0.0)

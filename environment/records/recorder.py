"""Records of a run, and the tidy tables made from them afterwards."""

from __future__ import annotations

import pandas as pd

from lodeflow.environment.ledger import month_starts
from lodeflow.environment.records import frames, indicators
from lodeflow.environment.records.blocks import Blocks
from lodeflow.environment.records.channels import CHANNELS, Channel
from lodeflow.environment.records.columns import Columns, tidy_table
from lodeflow.environment.records.end_of_life import end_of_life_columns
from lodeflow.environment.records.fates import FATES
from lodeflow.environment.records.money import money_table
from lodeflow.environment.records.product_trade import product_trade_columns, year_starts
from lodeflow.environment.shocks.bills import costs

__all__ = ["CHANNELS", "Channel", "Recorder"]


class Recorder(Blocks):
    """Blocks of recorded arrays and the tables made from them."""

    def series(self) -> pd.DataFrame:
        """Tidy table: ``date, metal, form, region, variable, value, unit``; tonnes per month, USD/t, shares.

        Regions are countries, ``EU27`` and ``WLD``. Sorted by variable, metal, form, region, date.
        """
        table = indicators.stack(self._parts(), month_starts(self.world.first_month, self.written))
        order = ["variable", "metal", "form", "region", "date"]
        return table.sort_values(order, ignore_index=True)

    def _parts(self) -> list[indicators.Rows]:
        countries = indicators.country_rows(self)
        return countries + indicators.group_rows(self, countries) + indicators.indicator_rows(self)

    def columns(self) -> dict[str, list[Columns]]:
        """Series, trade, causes and products side by side, by table: what the tables of a run are made from.

        By month, but ``product_trade`` and ``end_of_life`` by calendar year.
        """
        return {
            "series": [indicators.columns_of(self._parts())],
            "trade": frames.columns_with_scrap(self),
            "why": [frames.why_columns(self)],
            "products": [frames.product_columns(self)],
            "product_trade": [product_trade_columns(self)],
            "end_of_life": [end_of_life_columns(self)],
        }

    def trade(self) -> pd.DataFrame:
        """Trade by month: ``date, metal, form, exporter, importer, tonnes, price`` (USD/t); home trade included."""
        return frames.trade_table(self, month_starts(self.world.first_month, self.written))

    def money(self) -> pd.DataFrame:
        """Who pays whom by month, USD; see :mod:`lodeflow.environment.records.money`.

        Raises:
            ValueError: when scrap and running costs were not written down (``purse.whole``).
        """
        if self.written and not self.purse.whole:
            raise ValueError("the account of money was not kept in this run; set purse.whole before its first month")
        return money_table(self)

    def paid(self, shock: int) -> tuple[dict[str, float], dict[str, float]]:
        """What a policy (by its number) makes others pay in all, by bearer and by metal, USD."""
        bills = (own for month in self.purse.bills.values() for own in month if own[0].shock == shock)
        return costs(bills, self.world.layout.metals)

    def products(self) -> pd.DataFrame:
        """What factories wanted to make and made: ``date, product, region, wanted, made, short, unit``, units per month."""
        return frames.product_rows(self, month_starts(self.world.first_month, self.written))

    def product_trade(self) -> pd.DataFrame:
        """Trade in products by year: ``date, product, exporter, importer, metal, tonnes, units, unit``; home sales included.

        Units are those of the whole product and repeat for each of its metals.
        """
        order = ["date", "product", "exporter", "importer", "metal", "tonnes", "units", "unit"]
        return tidy_table([product_trade_columns(self)], year_starts(self), order, ["tonnes", "units", "unit"])

    def end_of_life(self) -> pd.DataFrame:
        """What became of products that left use by year: ``date, product, region, metal``, then where the metal went, t a year."""
        order = ["date", "product", "region", "metal", *FATES]
        return tidy_table([end_of_life_columns(self)], year_starts(self), order, FATES)

    def uses(self) -> pd.DataFrame:
        """Which products use a metal: ``date, metal, product, tonnes`` per month, the world's; what is never used is left out."""
        return frames.use_rows(self, month_starts(self.world.first_month, self.written))

    def why_frame(self) -> pd.DataFrame:
        """Why bids stand where they stand: ``date, metal, region, component, value, unit`` (ln points), world and countries."""
        return frames.why_rows(self, month_starts(self.world.first_month, self.written))

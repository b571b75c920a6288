"""The table of product trade: use = made + imported - exported, in units and in every metal, by product, country and year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.ledger import month_starts
from lodeflow.environment.shocks.kinds import REGISTRY

SETTINGS = WorldSettings(start="2022-04", end="2024-06", metals=["lithium", "cobalt", "nickel"], noise=0)
BAN = REGISTRY["export_ban"].model_validate(
    {"actor": "COD", "metals": ["cobalt"], "announce": "2022-06", "start": "2022-07", "end": "2024-06", "strength": 1.0}
)
KEY = ["date", "product"]


@pytest.fixture(scope="module")
def world(tables: Tables) -> World:
    """A world in which some factories stand still for want of cobalt."""
    return build(tables, SETTINGS, [BAN]).run()


@pytest.fixture(scope="module")
def table(world: World) -> pd.DataFrame:
    return world.recorder.product_trade()


def by(table: pd.DataFrame, end: str, value: str, *keys: str) -> pd.Series:
    """Sum of a column by year, product, country at one end, and more."""
    sums = table.groupby([*KEY, end, *keys], observed=True)[value].sum()
    return sums.rename_axis([*KEY, "country", *keys])


def balance(table: pd.DataFrame, value: str, *keys: str) -> pd.DataFrame:
    """Made, imported, exported and used by year, product, country and more."""
    home = table["exporter"].astype(str) == table["importer"].astype(str)
    parts = {
        "made": by(table, "exporter", value, *keys),
        "imported": by(table[~home], "importer", value, *keys),
        "exported": by(table[~home], "exporter", value, *keys),
        "used": by(table, "importer", value, *keys),
    }
    return pd.DataFrame(parts).fillna(0.0)


def test_use_is_what_is_made_and_imported_less_exports_in_units(world: World, table: pd.DataFrame) -> None:
    flows = balance(table.drop_duplicates([*KEY, "exporter", "importer"]), "units")
    made = world.recorder.products()
    made["date"] = made["date"].dt.to_period("Y").dt.to_timestamp()
    factories = made.groupby(["date", "product", "region"], observed=True)["made"].sum()
    factories = factories.rename_axis([*KEY, "country"]).reindex(flows.index).fillna(0.0)
    due = factories + flows["imported"] - flows["exported"]
    assert flows["used"].to_numpy() == pytest.approx(due.to_numpy(), rel=1e-9, abs=1e-3)
    assert flows["imported"].groupby(KEY, observed=True).sum().gt(0.0).all(), "every product is traded"


def test_use_is_what_is_made_and_imported_less_exports_in_metal(world: World, table: pd.DataFrame) -> None:
    flows = balance(table, "tonnes", "metal").groupby(["date", "metal"], observed=True).sum()
    recorder, metals = world.recorder, world.layout.metals
    dates = month_starts(world.first_month, recorder.written).to_period("Y").to_timestamp()
    goods = pd.DataFrame(recorder.block("goods"), dates, np.array(metals)[world.inputs.metal])
    goods = goods.T.groupby(level=0).sum().T.groupby(level=0).sum()
    due = [goods.loc[date, metal] for date, metal in flows.index]
    assert flows["used"].to_numpy() == pytest.approx(np.array(due), rel=1e-9)
    assert flows["imported"].to_numpy() == pytest.approx(flows["exported"].to_numpy(), rel=1e-12)


def test_stocks_in_use_grow_by_what_is_bought_there(tables: Tables) -> None:
    """Country by country: goods bought, less what they lose in use, less what leaves use, is the change of the stock."""
    world = build(tables, SETTINGS)
    in_use, products = world.in_use, world.layout.products
    before, left = in_use.stock.copy(), np.zeros(len(in_use))
    for _ in range(9):
        world.step()
        left += in_use.leaving
    table = world.recorder.product_trade()
    bought = table.groupby(["product", "importer", "metal"], observed=True)["tonnes"].sum()
    names = zip(in_use.product, in_use.country, in_use.metal, strict=True)
    keys = [(products[p], world.layout.countries[c], world.layout.metals[m]) for p, c, m in names]
    inflow = bought.reindex(pd.MultiIndex.from_tuples(keys)).fillna(0.0).to_numpy()
    kept = inflow * (1.0 - world.blueprint.dissipated[in_use.product])
    assert in_use.stock - before == pytest.approx(kept - left, abs=1e-4)


def test_a_country_that_makes_and_does_not_buy_has_no_stock_and_no_scrap(tables: Tables) -> None:
    """Chinese LFP cells that drive in Europe are scrapped in Europe."""
    rows = tables.buying_shares
    abroad = pd.DataFrame({"product": "ev-battery-lfp", "iso3": ["DEU", "ROW"], "year": 2010, "share": [0.75, 0.25]})
    others = rows[rows["product"] != "ev-battery-lfp"]
    changed = tables.replace(buying_shares=pd.concat([others, abroad]))
    world = build(changed, SETTINGS.model_copy(update={"metals": ["lithium"]})).run()
    stock, layout = world.in_use, world.layout
    lfp = stock.product == layout.product_index["ev-battery-lfp"]
    assert {layout.countries[c] for c in stock.country[lfp]} == {"DEU", "ROW"}
    makers = world.manufacturers
    made = makers.product == layout.product_index["ev-battery-lfp"]
    china = made & (makers.country == layout.country_index["CHN"])
    assert makers.output[china].sum() > 0.9 * makers.output[made].sum()


def test_a_year_holds_the_months_that_were_recorded(world: World, table: pd.DataFrame) -> None:
    assert [date.year for date in table["date"].unique()] == [2022, 2023, 2024]
    made = world.recorder.products()
    first = made[made["date"].dt.year == 2022]
    assert first["date"].nunique() == 9
    flows = table[(table["date"].dt.year == 2022) & (table["product"] == "grid-storage")]
    units = flows.drop_duplicates(["exporter", "importer"])["units"].sum()
    assert units == pytest.approx(first.loc[first["product"] == "grid-storage", "made"].sum())


def test_factories_without_cobalt_leave_their_customers_without_batteries(world: World, tables: Tables) -> None:
    calm = build(tables, SETTINGS).run().recorder.product_trade()
    hit = world.recorder.product_trade()

    def batteries(table: pd.DataFrame) -> pd.Series:
        rows = table[table["product"] == "ev-battery-nickel"].drop_duplicates(["date", "exporter", "importer"])
        return rows.groupby("importer", observed=True)["units"].sum()

    fewer = 1.0 - batteries(hit) / batteries(calm)
    assert (fewer > -1e-9).all()
    assert fewer.max() > 0.0

"""The tables on products, uses, making, recycling, stocks, costs, events and policies hold what the sources say."""

import pandas as pd
import pytest

from lodeflow import data
from lodeflow.data.loader import SHIPPED

METALS = tuple(pd.read_csv(SHIPPED / "metals.csv")["metal"])


@pytest.fixture(scope="module")
def tables():
    return data.load()


@pytest.fixture(scope="module")
def uses_2024(tables):
    rows = tables.use_shares[tables.use_shares["year"] == 2024]
    return rows.set_index(["metal", "product"])["share"]


def use_by_country(tables, metal: str, year: int) -> pd.Series:
    """Share of each country in the world use of a metal: products made there times use of the product."""
    uses = tables.use_shares
    uses = uses[(uses["metal"] == metal) & (uses["year"] == year)].set_index("product")["share"]
    making = tables.manufacturing_shares
    making = making[(making["year"] == year) & making["product"].isin(uses.index)]
    return (making["share"] * making["product"].map(uses)).groupby(making["iso3"]).sum()


def recycling_rate(tables, metal: str, year: int) -> float:
    """End-of-life recycling rate aimed at, weighted by uses of `year` less what is lost in use."""
    uses = tables.use_shares
    uses = uses[(uses["metal"] == metal) & (uses["year"] == year)].set_index("product")["share"]
    flow = uses * (1 - tables.products.set_index("product")["dissipative_share"].reindex(uses.index))
    rates = tables.recycling[tables.recycling["metal"] == metal].set_index("product")["target_eol_rr"]
    return float((flow * rates.reindex(flow.index)).sum() / flow.sum())


def test_every_metal_has_uses_that_sum_to_one_in_every_year(tables):
    totals = tables.use_shares.groupby(["metal", "year"])["share"].sum().unstack()
    assert set(totals.index) == set(METALS)
    assert list(totals.columns) == list(range(2000, 2025))
    assert ((totals - 1).abs() < 1e-5).all(axis=None)


def test_shares_of_2024_follow_the_published_sectors(uses_2024):
    assert uses_2024["cobalt", "ev-battery-nickel"] == pytest.approx((66507 + 4061) / 220726, abs=1e-3)
    lithium = uses_2024["lithium"]
    assert lithium["ev-battery-nickel"] + lithium["ev-battery-lfp"] == pytest.approx(109026 / 205000, abs=1e-3)
    assert uses_2024["copper", "solar-pv"] == pytest.approx(1657200 / 26717225, abs=1e-3)


def test_cobalt_uses_of_2021_and_lithium_batteries_of_2015_and_2021(tables):
    shares = tables.use_shares.set_index(["metal", "year", "product"])["share"]
    assert shares["cobalt", 2021, "ev-battery-nickel"] == pytest.approx(0.34, abs=0.02)
    assert shares["cobalt", 2021, "portable-battery"] > 0.23
    for year, low, high in ((2015, 0.38, 0.47), (2021, 0.68, 0.74)):
        batteries = 1 - shares["lithium", year, "glass-ceramics-grease"]
        assert low < batteries < high


def test_nickel_and_cobalt_go_only_into_nickel_based_vehicle_batteries(tables):
    pairs = set(zip(tables.use_shares["metal"], tables.use_shares["product"], strict=True))
    assert not {("nickel", "ev-battery-lfp"), ("cobalt", "ev-battery-lfp")} & pairs


@pytest.mark.parametrize("name", ["demand_index", "recycling", "substitution"])
def test_tables_cover_every_use(tables, name):
    uses = set(zip(tables.use_shares["metal"], tables.use_shares["product"], strict=True))
    assert set(zip(tables[name]["metal"], tables[name]["product"], strict=True)) == uses


def test_every_product_is_used_and_made(tables):
    products = set(tables.products["product"])
    assert products == set(tables.use_shares["product"]) == set(tables.manufacturing_shares["product"])


def test_products_are_physical(tables):
    products = tables.products
    assert (products["lifetime_mean_years"] > 0).all()
    assert (products["lifetime_sd_years"] > 0).all()
    assert (products["lifetime_sd_years"] < products["lifetime_mean_years"]).all()
    assert (products["hibernating_share"] + products["export_used_share"] < 1).all()


def test_demand_index_starts_at_one_and_covers_every_year(tables):
    index = tables.demand_index
    assert (index.loc[index["year"] == 2024, "index"] - 1).abs().max() < 1e-9
    assert (index.groupby(["scenario", "metal", "product"])["year"].nunique() == 27).all()
    assert (index["index"] > 0).all()


@pytest.mark.parametrize(
    ("metal", "before", "after"),
    [("cobalt", 220726, 314282), ("copper", 26717225, 31348225), ("lithium", 205000, 455487), ("nickel", 4864, 6036)],
)
def test_world_demand_of_2030_adds_up_to_the_published_total(tables, uses_2024, metal, before, after):
    """Nickel: 3,371 and 4,389 kt of primary metal, and recycled metal of steel and alloys growing as they do."""
    index = tables.demand_index
    rows = index[(index["scenario"] == "STEPS") & (index["year"] == 2030) & (index["metal"] == metal)]
    total = (rows.set_index("product")["index"] * uses_2024[metal]).sum()
    assert total == pytest.approx(after / before, rel=0.02)


def test_making_shares_sum_to_one_and_stay_few(tables):
    making = tables.manufacturing_shares
    groups = making.groupby(["product", "year"])["share"]
    assert ((groups.sum() - 1).abs() < 1e-4).all()
    assert groups.size().max() <= 37
    assert set(making["year"]) == set(range(2009, 2025))


def test_copper_and_nickel_are_used_where_trade_says(tables):
    copper = use_by_country(tables, "copper", 2024)
    assert 0.45 < copper["CHN"] < 0.62
    assert copper["USA"] == pytest.approx(1.86 / 26.7, abs=0.02)
    assert use_by_country(tables, "copper", 2009)["CHN"] < copper["CHN"]
    assert use_by_country(tables, "nickel", 2024).idxmax() == "CHN"


@pytest.mark.parametrize(
    ("metal", "low", "high"),
    [
        ("copper", 0.40, 0.53),
        ("nickel", 0.55, 0.63),
        ("gallium", 0, 0.01),
        ("neodymium-praseodymium", 0, 0.01),
        ("dysprosium-terbium", 0, 0.01),
        ("graphite", 0.01, 0.04),
        ("germanium", 0, 0.05),
        ("lithium", 0, 0.01),
    ],
)
def test_end_of_life_recycling_lies_in_the_published_range(tables, metal, low, high):
    year = 2010 if metal in ("lithium", "graphite") else 2015
    assert low <= recycling_rate(tables, metal, year) <= high


def test_target_rate_is_collection_times_separation(tables):
    rows = tables.recycling
    ceiling = rows["collection_rate"] * rows[["separation_formal", "separation_informal"]].max(axis=1)
    assert (rows["target_eol_rr"] <= ceiling + 1e-4).all()
    assert (rows["collection_low"] <= rows["collection_rate"]).all()
    assert (rows["collection_rate"] <= rows["collection_high"]).all()


def test_small_recyclers_lose_the_lithium(tables):
    rows = tables.recycling[tables.recycling["metal"] == "lithium"]
    assert (rows[["separation_local", "separation_informal"]] == 0).all(axis=None)


def test_a_channel_recovers_less_the_further_it_is_from_a_plant(tables):
    rows = tables.recycling
    assert (rows["separation_informal"] <= rows["separation_local"]).all()
    assert (rows["separation_local"] <= rows["separation_formal"]).all()
    known = rows[rows["separation_informal"] > 0]
    assert (known["separation_informal"] < known["separation_local"]).all()


def test_informal_shares_of_china_and_india(tables):
    informal = tables.collection_country.set_index("iso3")["informal_share"]
    assert informal["CHN"] == 0.5
    assert informal["IND"] == 0.78
    assert informal["DEU"] < 0.2


def test_reserves_of_japan_and_korea(tables):
    days = tables.strategic_reserves.set_index(["iso3", "metal"])["days"]
    assert days["JPN", "cobalt"] == 60
    assert days["KOR", "lithium"] == 100
    assert days["KOR", "copper"] == 60


@pytest.mark.parametrize(
    ("table", "value"),
    [("cover", "months"), ("cost_curve", "cost_ratio"), ("yields", "value"), ("substitution", "ceiling")],
)
def test_central_values_lie_in_their_ranges(tables, table, value):
    rows = tables[table]
    assert (rows["low"] <= rows[value]).all()
    assert (rows[value] <= rows["high"]).all()


def test_every_metal_has_stocks_costs_and_yields(tables):
    assert len(tables.cover) == 4 * len(METALS)
    assert (tables.cost_curve.groupby("metal").size() == 3).all()
    assert len(tables.yields) == 3 * len(METALS)
    for _, tiers in tables.cost_curve.sort_values("tier").groupby("metal"):
        assert tiers["cost_ratio"].is_monotonic_increasing


def test_events_hold_no_price_reactions(tables):
    assert "observed_response" not in tables.events
    assert not tables.events["description"].str.contains("withheld").any()
    assert len(tables.events) == 40
    assert set(tables.events.loc[tables.events["prices_kept_back"], "id"]) == {
        "E05", "E07", "E14", "E18", "E20", "E33", "E36", "E37", "E39"
    }  # fmt: skip
    assert tables.event_quantities["event"].isin(tables.events["id"]).all()


def test_targets_start_at_the_event(tables):
    targets = tables.hindcast_targets
    assert set(targets["metal"]) <= set(METALS)
    assert targets["event"].nunique() == 13
    assert (targets["observed_ratio"] > 0).all()
    assert set(targets["event"]) - set(tables.events["id"]) == {"balance-nickel-2023", "balance-cobalt-2023"}


def test_long_targets_are_those_of_the_price_table(tables):
    prices = tables.prices[tables.prices["freq"] == "monthly_avg"].set_index(["metal", "date"])["price_usd_per_t"]

    def ratio(metal, month0, after):
        first = pd.Period(month0, "M")
        before = [prices[metal, str(first - back)] for back in (1, 2, 3)]
        return prices[metal, str(first + after)] / (sum(before) / 3)

    rows = tables.hindcast_targets
    rows = rows[(rows["event"] == "balance-nickel-2023") | ((rows["event"] == "E06") & (rows["month"] > 12))]
    assert len(rows) == 9
    for row in rows.itertuples():
        market = sum(ratio(m, row.month0, row.month) for m in ("aluminium", "copper", "zinc")) / 3
        assert row.observed_ratio == pytest.approx(ratio("nickel", row.month0, row.month) / market, abs=0.006)


def test_what_no_fit_has_seen_is_kept_apart_from_the_targets(tables):
    unseen, events = tables.unseen_targets, tables.events.set_index("id")
    assert not set(unseen["event"]) & set(tables.hindcast_targets["event"])
    assert not events.loc[unseen["event"], "prices_kept_back"].any()
    assert dict(zip(unseen["month"], unseen["observed_ratio"], strict=True)) == {
        0: 0.9, 1: 1.3, 3: 1.39, 6: 1.38, 8: 1.78, 12: 2.15
    }  # fmt: skip
    assert (unseen["month0"] == "2025-02").all()
    assert (unseen["unit"] == "1").all()

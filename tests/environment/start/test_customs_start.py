"""The base-year network beside customs: forms, re-use of margins, use by country, no pair lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lodeflow.environment import WorldSettings
from lodeflow.environment.start.customs import pooled_where, split
from lodeflow.environment.start.trade import kept_at_home
from lodeflow.experiments.judge.trade.network import ROWS, Network, until

TONNES = st.floats(0.0, 1e4)


@pytest.fixture(scope="module")
def network(tables) -> Network:
    return Network.of(tables, 2024)


@given(arrays(float, (4, 4), elements=TONNES), arrays(float, 4, elements=TONNES), arrays(float, 4, elements=TONNES))
def test_a_basket_splits_into_feed_and_metal_without_loss(
    mixed: np.ndarray, mined: np.ndarray, needed: np.ndarray
) -> None:
    feed, refined = split(mixed, mined, needed)
    assert (feed >= 0.0).all()
    assert feed + refined == pytest.approx(mixed)
    assert (feed.sum(axis=1) <= np.maximum(mined - needed, 0.0) * (1 + 1e-9) + 1e-9).all(), (
        "no more feed than is to spare"
    )
    assert not feed[:, needed <= mined].any(), "feed goes to those who need it"


@given(
    arrays(float, (4, 4), elements=TONNES),
    arrays(bool, 4),
    arrays(bool, 4),
)
def test_trade_of_those_who_cannot_sell_or_buy_goes_to_the_pool(
    flow: np.ndarray, sells: np.ndarray, buys: np.ndarray
) -> None:
    result = pooled_where(flow, sells, buys)
    assert not result[:-1][~sells[:-1]].any()
    assert not result[:, :-1][:, ~buys[:-1]].any()
    assert not np.diag(result).any()
    assert result.sum() <= flow.sum() * (1 + 1e-12)
    both = np.ix_(np.flatnonzero(sells[:-1]), np.flatnonzero(buys[:-1]))
    kept = flow[both] * (np.flatnonzero(sells[:-1])[:, None] != np.flatnonzero(buys[:-1])[None, :])
    assert result[both] == pytest.approx(kept), "the others keep theirs"


def test_what_is_not_exported_stays_as_far_as_it_is_used() -> None:
    trade = np.array([[0.0, 6.0], [0.0, 0.0]])
    assert kept_at_home(np.array([10.0, 1.0]), np.array([8.0, 6.5]), trade, 0.01) == pytest.approx([4.0, 0.5])
    assert kept_at_home(np.array([5.0, 1.0]), np.array([8.0, 6.5]), trade, 0.01)[0] == pytest.approx(0.05), (
        "a trace stays"
    )


@pytest.mark.parametrize("row", [row for row in ROWS if row.counted], ids=lambda row: row.name)
def test_the_network_is_that_of_customs(network: Network, tables, row) -> None:
    from lodeflow.experiments.judge.trade.network import on_wrong_pair

    assert on_wrong_pair(network.flows(row), network.seen(row, tables)) < 0.15


def test_known_flows(network: Network) -> None:
    """The flows that the network had wrong: copper of Mongolia and DR Congo, lithium of China and Korea."""
    flows = {row.name: network.flows(row) for row in ROWS}
    at = network.countries.index
    copper, lithium = flows["copper concentrate"], flows["lithium carbonate and hydroxide"]
    assert copper[at("MNG")].argmax() == at("CHN")
    assert copper[at("COD")].sum() < 600e3
    assert copper[:, at("COD")].sum() < 100e3
    assert 30e3 < lithium[:, at("CHN")].sum() < 55e3
    assert 14e3 < lithium[at("CHN")].sum() < 28e3
    assert 0.2 < lithium[at("CHL"), at("KOR")] / lithium[:, at("KOR")].sum() < 0.4


def test_no_ore_leaves_a_country_that_bans_it(tables) -> None:
    for year, leaves in ((2013, True), (2014, False), (2019, True), (2024, False)):
        world = Network.of(until(tables, year), year)
        ore = world.flows(next(row for row in ROWS if row.name == "nickel ore"))[world.countries.index("IDN")].sum()
        assert (ore > 1000.0) == leaves, year


def test_brine_stays_with_its_own_refiners(network: Network) -> None:
    feed, metal = network.blueprint.markets["feed"], network.draft.layout.metal_index["lithium"]
    chile = network.countries.index("CHL")
    own = (feed.metal == metal) & (feed.seller_country == chile)
    assert feed.base[own & feed.domestic].sum() > 0.8 * feed.base[own].sum()
    assert feed.intermediate[own].all()
    assert (
        feed.base[(feed.metal == metal) & (feed.buyer_country == chile) & ~feed.domestic].sum()
        < 0.02 * feed.base[own].sum()
    )


def test_no_pair_that_could_trade_is_lost(network: Network) -> None:
    """Every country that sells a refined metal has a way to every country that buys it."""
    market = network.blueprint.markets["refined"]
    for metal in range(len(network.draft.base.metals)):
        own = market.metal == metal
        pairs = set(zip(market.seller_country[own].tolist(), market.buyer_country[own].tolist(), strict=True))
        refiners = set(np.flatnonzero(network.draft.base.refined[metal] > 0).tolist())
        buyers = set(market.buyer_country[own].tolist())
        assert {(s, b) for s in refiners for b in buyers} <= pairs


def test_use_by_country_is_output_plus_net_trade(network: Network) -> None:
    inputs, market, base = network.blueprint.agents["inputs"], network.blueprint.markets["refined"], network.draft.base
    for name in ("lithium", "cobalt", "copper"):
        m = network.draft.layout.metal_index[name]
        used = np.bincount(inputs.country[inputs.metal == m], inputs.base[inputs.metal == m], len(base.countries))
        made = np.bincount(
            market.seller_country[market.metal == m], market.base[market.metal == m], len(base.countries)
        )
        foreign = (market.metal == m) & ~market.domestic
        got = np.bincount(market.buyer_country[foreign], market.base[foreign], len(base.countries))
        sent = np.bincount(market.seller_country[foreign], market.base[foreign], len(base.countries))
        assert (made + got - sent) / made.sum() == pytest.approx(used / used.sum(), abs=1e-6)
    m = network.draft.layout.metal_index["cobalt"]
    own = network.draft.pair_metal == m
    china = network.countries.index("CHN")
    share = base.pairs["share"].to_numpy(float)[own] @ network.draft.using[own]
    makers = base.making[network.draft.pair_product[own]].T @ base.pairs["share"].to_numpy(float)[own]
    assert share[china] > makers[china] + 0.1, "China turns far more cobalt into precursors than into batteries"


def test_use_of_every_pair_is_spread_over_all_countries(network: Network) -> None:
    assert network.draft.using.sum(axis=1) == pytest.approx(1.0)
    assert (network.draft.using >= 0.0).all()


def test_before_the_first_record_shares_and_distance_hold(tables) -> None:
    world = Network.of(until(tables, 0), 2024)
    assert all(found.feed is None and found.refined is None for found in world.draft.customs)
    assert world.draft.using == pytest.approx(world.draft.base.making[world.draft.pair_product])


def test_a_ban_on_ore_leaves_hydroxide_alone(tables) -> None:
    """Indonesia: in 2024 a ban on ore touches no flow to China, one on intermediates touches them all."""
    from lodeflow.environment.shocks.trade_measures import ExportBan
    from lodeflow.environment.start.build import build

    world = build(tables, WorldSettings(metals=["nickel"], start="2024-01", end="2024-12"))
    found = {}
    for form in ("ore", "intermediate", "feed"):
        ban = ExportBan(actor="IDN", metals=["nickel"], form=form, start="2024-03")
        mask = ban.edges(world, "nickel").get("feed", np.zeros(len(world.markets["feed"]), bool))
        found[form] = world.markets["feed"].base[mask].sum()
    assert found["ore"] == 0.0
    assert found["intermediate"] == pytest.approx(found["feed"])
    assert found["feed"] > 0.0
    (line,) = ExportBan(actor="IDN", metals=["nickel"], form="ore", start="2024-03").unreached(world)
    assert "it leaves as refined" in line or "it leaves as intermediate" in line


def test_ore_that_may_not_leave_does_not_leave_as_matte(tables) -> None:
    """Indonesia forbids its ore in 2014: matte goes on to Japan, and no more of it; without a customs record its ore is ore."""
    from lodeflow.environment.shocks.trade_measures import ExportBan
    from lodeflow.environment.start.build import build

    settings = WorldSettings(metals=["nickel"], start="2013-01", end="2016-12", base_year=2013, noise=0.0)
    world = build(tables, settings, [ExportBan(actor="IDN", metals=["nickel"], form="ore", start="2014-01")])
    feed = world.markets["feed"]
    abroad = (feed.seller_country == world.layout.country_index["IDN"]) & (feed.seller_country != feed.buyer_country)
    matte = abroad & feed.intermediate
    assert 0.1 < feed.base[matte].sum() / feed.base[abroad].sum() < 0.3
    for _ in range(12):
        world.step()
    before = feed.flow[matte].sum()
    for _ in range(24):
        world.step()
        assert 0.8 * before < feed.flow[matte].sum() < 1.5 * before


def test_metal_in_products_reaches_the_buyers_of_the_products(network: Network) -> None:
    """What is worked in where customs put it comes into use where products are bought, metal by metal."""
    blueprint, base = network.blueprint, network.draft.base
    inputs, in_use = blueprint.agents["inputs"], blueprint.in_use
    metal = network.draft.layout.metal_index["cobalt"]
    goods = inputs.base * (1.0 - blueprint.new_scrap[inputs.product])
    inflow = blueprint.trade.into_use(goods, 12 * 2024, len(in_use))
    for product in set(inputs.product[inputs.metal == metal].tolist()):
        rows = (in_use.metal == metal) & (in_use.product == product)
        if not rows.any():
            continue
        share = inflow[rows] / inflow[rows].sum()
        assert share == pytest.approx(base.buying[product, in_use.country[rows]], abs=1e-6)

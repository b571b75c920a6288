"""What is found by partner, or for all rounds of a seller at once, is to the digit what it is by edge and round."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from lodeflow.agents import seller
from lodeflow.environment.market import clearing
from lodeflow.environment.market.contracts import half_way
from lodeflow.environment.month.asks import _net_bids
from lodeflow.environment.randomness import Streams, stream

SELLERS, BUYERS, EDGES = 60, 30, 400
RNG = np.random.default_rng(5)
PAIRS = np.sort(RNG.choice(SELLERS * BUYERS, EDGES, replace=False))
MARKET: Any = SimpleNamespace(buyer=PAIRS // SELLERS, seller=PAIRS % SELLERS, tax=np.zeros(EDGES))


def test_prices_by_partner_are_those_by_edge() -> None:
    bid, ask = RNG.uniform(0.3, 4.0, (5, BUYERS)), RNG.uniform(0.3, 4.0, (5, SELLERS))
    by_edge = seller.transaction_price(bid[:, MARKET.buyer], ask[:, MARKET.seller], np.ones((5, EDGES)))
    np.testing.assert_array_equal(half_way(bid, ask, MARKET), by_edge)


def test_sales_under_a_tax_or_measure_bring_less_on_their_edges_alone() -> None:
    price, open_now, tax = RNG.uniform(0.3, 4.0, BUYERS), np.ones(EDGES), np.zeros(EDGES)
    open_now[7:20], tax[15:40] = 0.4, 0.2
    effects = SimpleNamespace(cap_now={"feed": open_now}, charges=False, taxes=False, touched=lambda *name: True)
    markets = {"feed": SimpleNamespace(buyer=MARKET.buyer, tax=tax)}
    world: Any = SimpleNamespace(markets=markets, now=SimpleNamespace(effects=effects))
    by_edge = seller.net_bid(price[MARKET.buyer], open_now, tax)
    np.testing.assert_array_equal(_net_bids(world, world.now, "feed", price), by_edge)


def test_no_round_is_gone_through_when_nobody_has_anything_left() -> None:
    weight, supply = RNG.uniform(0.1, 2.0, (1, EDGES)), RNG.uniform(1.0, 9.0, (4, SELLERS))
    own, need = RNG.uniform(1.0, 5.0, (4, BUYERS)), RNG.uniform(5.0, 30.0, (4, BUYERS))
    order = np.argsort(MARKET.seller, kind="stable")
    first = np.append(0, np.cumsum(np.bincount(MARKET.seller, minlength=SELLERS)))
    supply *= np.diff(first) > 0  # who has no buyer would have all left
    elsewhere = np.full(EDGES, 1e9), np.ones((1, EDGES)), np.ones(4), order, first, MARKET.buyer
    flows = [
        clearing.forward(
            supply, own, need, weight, *elsewhere, np.full(BUYERS, 2.0), np.full(BUYERS, 0.3), np.zeros((4, BUYERS)),
            np.zeros((4, BUYERS)), 2, rounds,
        )[2]
        for rounds in (1, 4)
    ]  # fmt: skip
    np.testing.assert_array_equal(*flows)


def test_a_stream_is_the_same_whatever_was_drawn_before() -> None:
    streams = Streams()
    streams.at(1, "miner", "a").standard_normal(7)
    for name in ("a", "b"):
        np.testing.assert_array_equal(streams.at(3, "miner", name).random(9), stream(3, "miner", name).random(9))

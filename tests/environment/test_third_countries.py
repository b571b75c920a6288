"""What passes through third countries: measures against some buyers do not stop it."""

from __future__ import annotations

import numpy as np

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import ExportBan
from tests.environment.helpers import at, world_of

START = "2024-12"


def gallium(tables: Tables, partners: list[str]) -> tuple[World, np.ndarray]:
    """A year of gallium under a ban of China, and its edges to the United States."""
    shock = ExportBan(actor="CHN", metals=["gallium"], form="refined", partners=partners, start=START, end="2025-11")
    world = world_of(tables, ["gallium"], [shock], end="2025-06")
    market, code = world.markets["refined"], world.layout.country_index
    edges = (market.seller_country == code["CHN"]) & (market.buyer_country == code["USA"])
    return world.run(), edges


def test_what_went_through_third_countries_is_not_stopped_by_a_ban_on_the_last_buyer(tables: Tables) -> None:
    """Customs of the United States list a fifth of their gallium under China, which made nearly all of it."""
    flows = {}
    for name, partners in (("the last buyer", ["USA"]), ("everybody", [])):
        world, edges = gallium(tables, partners)
        market = world.markets["refined"]
        straight = float((market.straight * market.base)[edges].sum() / market.base[edges].sum())
        assert 0.1 < straight < 0.5
        first = world.recorder.block("refined_flow")[at(world, START)][edges].sum()
        flows[name] = first / market.base[edges].sum()
    assert flows["the last buyer"] > 0.8 * (1.0 - straight)
    assert flows["everybody"] < 0.2


def test_goods_go_straight_where_nothing_is_known(tables: Tables) -> None:
    """Home trade, and pairs without a published share."""
    market = world_of(tables, ["gallium", "lithium"]).markets["refined"]
    assert (market.straight[market.domestic] == 1.0).all()
    assert ((market.straight >= 0.0) & (market.straight <= 1.0)).all()

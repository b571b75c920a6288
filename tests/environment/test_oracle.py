"""The compiled clearing and forward allocation, and making, against the plain reference, on random small networks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeflow import data
from lodeflow.agents.manufacturer import others_available
from lodeflow.environment import WorldSettings, build
from lodeflow.environment.market import clearing as kernels
from lodeflow.environment.month import making
from tests.environment import oracle

TOLERANCE = 1e-9
amounts = st.one_of(st.just(0.0), st.floats(0.01, 100.0))
weights = st.floats(0.01, 10.0)
caps = st.one_of(st.just(0.0), st.just(np.inf), st.floats(0.01, 50.0))


@dataclass
class Clearing:
    """Arguments of ``kernels.clear``."""

    offer: np.ndarray
    order: np.ndarray
    pull: np.ndarray
    cap: np.ndarray
    seller: np.ndarray
    buyer: np.ndarray
    rounds: int

    def flow(self) -> np.ndarray:
        flow: np.ndarray = kernels.clear(
            self.offer, self.order, self.pull, self.cap, self.seller, self.buyer, self.rounds
        )
        return flow

    def by_seller(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.seller, values, len(self.offer))

    def by_buyer(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.buyer, values, len(self.order))


@dataclass
class Forward:
    """Arguments of ``kernels.forward``; the memory is what last month left."""

    supply: np.ndarray
    own: np.ndarray
    need: np.ndarray
    weight: np.ndarray
    cap: np.ndarray
    seller: np.ndarray
    buyer: np.ndarray
    exponent: np.ndarray
    expected: np.ndarray
    memory: np.ndarray
    sweeps: int
    rounds: int

    def result(self) -> tuple[np.ndarray, ...]:
        """(log A, got, flow, memory afterwards)."""
        memory = self.memory.copy()
        largest, months = np.ones(len(self.weight)), np.ones(len(self.supply))
        order = np.argsort(self.seller, kind="stable")
        first = np.append(0, np.cumsum(np.bincount(self.seller, minlength=self.supply.shape[1])))
        log_a, got, flow = kernels.forward(
            self.supply, self.own, self.need, self.weight[None], largest, self.cap, months, order, first, self.buyer, self.exponent,
            1.0 / (1.0 + self.exponent), self.expected, memory, self.sweeps, self.rounds,
        )  # fmt: skip
        return log_a, got, flow, memory


@st.composite
def networks(draw: st.DrawFn) -> tuple[int, int, np.ndarray, np.ndarray]:
    """(sellers, buyers, seller of each edge, buyer of each edge); edges in any order."""
    sellers, buyers = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    pairs = [(s, b) for s in range(sellers) for b in range(buyers)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs)))
    seller, buyer = (np.array([edge[end] for edge in edges], np.int64) for end in (0, 1))
    return sellers, buyers, seller, buyer


def column(draw: st.DrawFn, values: st.SearchStrategy[float], *shape: int) -> np.ndarray:
    size = int(np.prod(shape))
    return np.array(draw(st.lists(values, min_size=size, max_size=size)), float).reshape(shape)


@st.composite
def clearings(draw: st.DrawFn, cap: st.SearchStrategy[float] = caps) -> Clearing:
    sellers, buyers, seller, buyer = draw(networks())
    edges = len(seller)
    return Clearing(
        column(draw, amounts, sellers), column(draw, amounts, buyers), column(draw, st.one_of(st.just(0.0), weights), edges),
        column(draw, cap, edges), seller, buyer, draw(st.integers(1, 6)),
    )  # fmt: skip


@st.composite
def forwards(draw: st.DrawFn, cap: st.SearchStrategy[float] = caps) -> Forward:
    sellers, buyers, seller, buyer = draw(networks())
    h, edges = draw(st.integers(1, 4)), len(seller)
    logs = st.floats(-5.0, 5.0)
    return Forward(
        column(draw, amounts, h, sellers), column(draw, amounts, h, buyers), column(draw, weights, h, buyers),
        column(draw, st.one_of(st.just(0.0), weights), edges), column(draw, cap, h, edges), seller, buyer,
        column(draw, st.floats(0.0, 12.0), buyers), column(draw, logs, h, buyers), column(draw, logs, h, buyers),
        draw(st.integers(1, 3)), draw(st.integers(1, 4)),
    )  # fmt: skip


def traded_one_by_one(case: Clearing) -> list[float]:
    sellers = [oracle.Seller(offer=offer) for offer in case.offer.tolist()]
    buyers = [oracle.Buyer(order=order) for order in case.order.tolist()]
    edges = []
    for s, b, pull, cap in zip(case.seller, case.buyer, case.pull.tolist(), case.cap.tolist(), strict=True):
        edges.append(oracle.connect(oracle.Edge(sellers[s], buyers[b], pull=pull, cap=cap)))
    oracle.clear(sellers, buyers, case.rounds)
    return [edge.flow for edge in edges]


def allocated_one_by_one(case: Forward) -> tuple[np.ndarray, ...]:
    horizons = len(case.supply)
    sellers = [oracle.Seller(supply=supply) for supply in case.supply.T.tolist()]
    buyers = [
        oracle.Buyer(own=own, wanted=need, exponent=exponent, expected=expected, memory=memory)
        for own, need, exponent, expected, memory in zip(
            case.own.T.tolist(), case.need.T.tolist(), case.exponent.tolist(), case.expected.T.tolist(),
            case.memory.T.tolist(), strict=True,
        )
    ]  # fmt: skip
    edges = []
    for s, b, weight, cap in zip(case.seller, case.buyer, case.weight.tolist(), case.cap.T.tolist(), strict=True):
        edges.append(oracle.connect(oracle.Edge(sellers[s], buyers[b], weight=weight, caps=cap)))
    oracle.forward(sellers, buyers, horizons, case.sweeps, case.rounds)
    parts = ([b.log_a for b in buyers], [b.got for b in buyers], [e.flows for e in edges], [b.memory for b in buyers])
    return tuple(np.array(part).reshape(-1, horizons).T for part in parts)


def assert_close(actual: np.ndarray, wanted: np.ndarray | list[float]) -> None:
    np.testing.assert_allclose(actual, wanted, rtol=TOLERANCE, atol=1e-12)


# ---- clearing ---------------------------------------------------------------------------------------------------------
@given(clearings())
def test_compiled_clearing_gives_the_trades_of_the_oracle(case: Clearing) -> None:
    assert_close(case.flow(), traded_one_by_one(case))


@given(clearings())
def test_trades_never_exceed_offer_order_or_cap(case: Clearing) -> None:
    flow, slack = case.flow(), 1.0 + 1e-12
    assert (flow >= 0.0).all()
    assert (flow <= case.cap * slack).all()
    assert (case.by_seller(flow) <= case.offer * slack).all()
    assert (case.by_buyer(flow) <= case.order * slack).all()


@given(clearings(cap=st.just(np.inf)))
def test_everything_is_sold_when_nobody_stands_in_the_way(case: Clearing) -> None:
    case = replace(case, order=np.full(len(case.order), 1e4))
    can_sell = case.by_seller(case.pull) > 0.0
    assert_close(case.by_seller(case.flow()), np.where(can_sell, case.offer, 0.0))


@given(clearings(cap=st.just(np.inf)))
def test_contracts_are_repeated_exactly_when_offers_and_orders_fit_them(case: Clearing) -> None:
    fitting = replace(case, offer=case.by_seller(case.pull), order=case.by_buyer(case.pull))
    assert_close(fitting.flow(), case.pull)


@given(clearings(), st.randoms(use_true_random=False))
def test_order_of_edges_does_not_matter_for_trades(case: Clearing, random: object) -> None:
    shuffled = np.arange(len(case.pull))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    columns = {name: getattr(case, name)[shuffled] for name in ("pull", "cap", "seller", "buyer")}
    assert_close(replace(case, **columns).flow(), case.flow()[shuffled])


@pytest.mark.parametrize("seed", range(20))
def test_rounding_does_not_decide_who_is_offered_metal(seed: int) -> None:
    """A filled order leaves a rounding error, which must not draw offers in the next round."""
    rng = np.random.default_rng(seed)
    pairs = np.array([(s, b) for s in range(3) for b in range(4)])
    case = Clearing(
        rng.uniform(1.0, 100.0, 3), rng.uniform(1.0, 60.0, 4), rng.uniform(0.01, 10.0, 12), np.full(12, np.inf),
        pairs[:, 0], pairs[:, 1], rounds=4,
    )  # fmt: skip
    shuffled = rng.permutation(12)
    columns = {name: getattr(case, name)[shuffled] for name in ("pull", "cap", "seller", "buyer")}
    assert_close(replace(case, **columns).flow(), case.flow()[shuffled])
    assert_close(case.flow(), traded_one_by_one(case))


# ---- forward allocation -----------------------------------------------------------------------------------------------
@given(forwards())
def test_compiled_allocation_gives_the_numbers_of_the_oracle(case: Forward) -> None:
    for actual, wanted in zip(case.result(), allocated_one_by_one(case), strict=True):
        assert_close(actual, wanted)


@given(forwards())
def test_allocation_never_exceeds_supply_or_cap_and_adds_up(case: Forward) -> None:
    _, got, flow, _ = case.result()
    slack = 1.0 + 1e-12
    assert (flow >= 0.0).all()
    assert (flow <= case.cap * slack).all()
    for h, supply in enumerate(case.supply):
        assert (np.bincount(case.seller, flow[h], len(supply)) <= supply * slack).all()
        assert_close(got[h], np.bincount(case.buyer, flow[h], case.own.shape[1]))


@given(forwards(cap=st.just(np.inf)))
def test_all_supply_is_allocated_without_caps(case: Forward) -> None:
    case = replace(case, weight=np.maximum(case.weight, 0.01))
    flow, has_edge = case.result()[2], np.bincount(case.seller, minlength=case.supply.shape[1]) > 0
    for h, supply in enumerate(case.supply):
        assert_close(np.bincount(case.seller, flow[h], len(supply)), np.where(has_edge, supply, 0.0))


@given(forwards(), st.randoms(use_true_random=False))
def test_order_of_edges_does_not_matter_for_availability(case: Forward, random: object) -> None:
    shuffled = np.arange(len(case.weight))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    columns = {name: getattr(case, name)[shuffled] for name in ("weight", "seller", "buyer")}
    log_a, got, flow, memory = case.result()
    other = replace(case, cap=case.cap[:, shuffled], **columns).result()
    for actual, wanted in zip(other, (log_a, got, flow[:, shuffled], memory), strict=True):
        assert_close(actual, wanted)


# ---- products with several metals -------------------------------------------------------------------------------------
bills = st.lists(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=4), min_size=1, max_size=6)


@given(bills)
def test_others_available_is_the_scarcest_other_metal(bills: list[list[tuple[float, float]]]) -> None:
    products = [[oracle.Ingredient(available=min(a, 1.0)) for a, _ in bill] for bill in bills]
    first = np.cumsum([0, *map(len, products)])
    available = np.array([each.available for product in products for each in product])
    wanted = [oracle.others_available(product, i) for product in products for i in range(len(product))]
    owner = np.repeat(np.arange(len(products)), np.diff(first))
    assert others_available(available, owner, first[:-1]).tolist() == wanted


@pytest.fixture(scope="module")
def battery_world():  # type: ignore[no-untyped-def]
    """A world of three metals that meet in batteries, after one month."""
    metals = ["cobalt", "lithium", "nickel"]
    world = build(data.load(), WorldSettings(mode="stationary", start="2024-01", end="2024-02", metals=metals, noise=0))
    world.step()
    return world


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_making_gives_the_use_of_the_oracle(battery_world, seed: int) -> None:  # type: ignore[no-untyped-def]
    world, rng = battery_world, np.random.default_rng(seed)
    inputs = world.inputs
    inputs.desired = inputs.base * rng.choice([0.0, 0.5, 1.0, 2.0], len(inputs))
    inputs.stock = inputs.base * rng.choice([0.0, 0.1, 1.0, 3.0], len(inputs)) * rng.random(len(inputs))
    ingredients = [
        oracle.Ingredient(*pair) for pair in zip(inputs.stock.tolist(), inputs.desired.tolist(), strict=True)
    ]
    ends = [*world.manufacturers.first_input.tolist(), len(inputs)]
    feasible = [oracle.make(ingredients[a:b]) for a, b in pairwise(ends)]
    making.make(world, world.now)
    assert max(np.diff(ends)) > 1, "some product has several metals"
    assert_close(world.manufacturers.feasibility, feasible)
    assert_close(inputs.available, [each.available for each in ingredients])
    assert_close(inputs.use, [each.use for each in ingredients])
    assert_close(inputs.stock, [each.stock for each in ingredients])

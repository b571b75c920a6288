"""Policies instrument by instrument: a rule of nothing, rules that bind, who pays, and what comes later."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.accounts import FLOWS
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.records.money import balances, money_table
from lodeflow.environment.records.weighing import weighed
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from lodeflow.environment.shocks.policies import POLICIES
from lodeflow.environment.shocks.policy import Duties
from lodeflow.experiments.promises import example
from tests.environment.helpers import ban, different, peak, price, world_of

BATTERIES = ["ev-battery-nickel", "portable-battery"]
KINDS = [str(kind.model_fields["kind"].default) for kind in POLICIES]
NOTHING: dict[str, Any] = {"import_diversification": 1.0}
"""Strength at which a policy asks for nothing, where it is not 0."""


def policy(kind: str, **fields: Any) -> Shock:
    """A policy of the European Union for batteries from 2024-03 on, unless changed."""
    model = REGISTRY[kind]
    usual = {"actor": "EU27", "start": "2024-03", "products": BATTERIES, "metals": ["cobalt"]}
    return model.model_validate({name: usual[name] for name in usual if name in model.model_fields} | fields)


def steps(value: float, date: str = "2024-03") -> list[dict[str, Any]]:
    """One step."""
    return [{"date": date, "value": value}]


def run(tables: Tables, *shocks: Shock, **changes: Any) -> World:
    """A cobalt world to the end of 2026, after its last month."""
    world = world_of(tables, ["cobalt"], shocks, **({"end": "2026-12"} | changes))
    world.run()
    return world


def flow(world: World, name: str) -> np.ndarray:
    """A flow of the ledger, t by month."""
    tonnes: np.ndarray = world.ledger.flows[:, list(FLOWS).index(name), 0]
    return tonnes


@pytest.fixture(scope="module")
def calm(tables: Tables) -> World:
    return run(tables)


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_of_nothing_changes_no_bit(kind: str, tables: Tables) -> None:
    card = REGISTRY[kind].card
    assert card is not None
    given = {"cheaper": 0.0} if kind == "standard_recovery" else {"sorting": 0.0} if kind == "product_passport" else {}
    given |= {"support": 0.0} if kind == "friend_shoring" else {}
    world = world_of(tables, ["cobalt"], [example(kind, NOTHING.get(kind, 0.0), **given)], end="2025-12")
    calm = world.twin()
    for one in (world, calm):
        one.run()
    assert different(calm, world) == []


@pytest.mark.parametrize(("value", "sign"), [(0.0, -1), (1.0, 1)])
def test_a_collection_rate_may_be_lowered_to_nothing_and_lifted_to_all(
    value: float, sign: int, tables: Tables, calm: World
) -> None:
    world = run(tables, policy("collection_target", collection=steps(value), lowers=True))
    rows = world.in_use.country == world.layout.country_index["DEU"]
    rows &= world.in_use.product == world.layout.product_index["portable-battery"]
    rate = world.in_use.collected[rows].sum() / world.in_use.collectable[rows].sum()
    assert rate == pytest.approx(value, abs=0.03), "the rest follows the price of scrap"
    assert sign * (flow(world, "collected").sum() - flow(calm, "collected").sum()) > 0.0


def test_a_content_rule_asks_for_nothing_before_its_date(tables: Tables, calm: World) -> None:
    fields = {"metal": "cobalt", "content": steps(0.9, "2025-06"), "penalty_usd_per_t": 2e4}
    for shock in (
        policy("recycled_content_minimum", announce="2024-02", **fields),
        policy("epr", recycled_content={"cobalt": steps(0.9, "2025-06")}),
    ):
        world = world_of(tables, ["cobalt"], [shock], end="2026-12")
        while world.month < parse_month("2025-06"):
            assert not world.desks.green_premium.any()
            world.step()
        world.step()
        assert world.desks.green_premium.any()


def test_a_content_rule_that_is_missed_lifts_the_premium_as_far_as_the_penalty_and_is_paid_for(tables: Tables) -> None:
    premium, paid = [], []
    for penalty in (2e3, 2e4):
        shock = policy("recycled_content_minimum", metal="cobalt", content=steps(0.9), penalty_usd_per_t=penalty)
        world = run(tables, shock)
        desk = world.desks.country == world.layout.country_index["FIN"]
        premium.append(float(world.desks.green_premium[desk].max()))
        assert premium[-1] <= np.log1p(penalty / world.rates.price[0]) + 1e-12
        bill = next(c for c in world.now.effects.bills if isinstance(c, Bill))
        tonnes = sum(t for _, _, t, _ in weighed(world, bill))
        paid.append(sum(usd for *_, usd in weighed(world, bill)))
        assert paid[-1] == pytest.approx(tonnes * penalty)
    assert 0.0 < premium[0] < premium[1]
    assert paid[1] > paid[0] > 0.0


def test_longer_life_first_lowers_demand_and_the_scrap_comes_later(tables: Tables) -> None:
    end = "2033-12"
    quiet = run(tables, end=end)
    world = run(tables, policy("lifetime_extension", share=1.0, years=2.0, end="2027-12"), end=end)
    use, scrap = (flow(world, name) - flow(quiet, name) for name in ("use", "end of life"))
    for change in (use, scrap):
        assert change[6:36].max() < 0.0, "kept in use, not bought again, not thrown away"
        assert change[60:].mean() > 0.0, "it comes later"
    assert use[6:36].sum() < 0.6 * scrap[6:36].sum(), "what is not thrown away is not bought"
    assert world.in_use.prolonged.sum() < 0.2 * (world.in_use.prolonged.sum() - scrap.cumsum().min())


def test_what_stays_in_use_is_counted_there(tables: Tables) -> None:
    world = run(tables, policy("lifetime_extension", share=0.5, years=3.0))
    in_use, lengths = world.in_use, world.in_use.length
    assert in_use.prolonged.sum() > 0.0
    for v in np.flatnonzero(in_use.prolonged)[:5]:
        ring = in_use.history[in_use.offset[v] : in_use.offset[v] + lengths[v]]
        ages = (in_use.position[v] - np.arange(lengths[v])) % lengths[v]
        first = in_use.lifetime_offset[in_use.product[v]]
        survival = np.cumsum(in_use.lifetime[first : first + lengths[v]])[::-1]
        cohorts = ring @ survival[ages]
        assert in_use.stock[v] == pytest.approx(cohorts + in_use.prolonged[v], rel=1e-6)


def test_a_second_life_lowers_the_demand_for_what_it_replaces_and_not_for_its_own(tables: Tables, calm: World) -> None:
    shock = policy(
        "second_life", actor="WLD", products=["ev-battery-nickel"], share=0.8, years=6.0, replaces=["portable-battery"]
    )
    world = run(tables, shock)
    product = world.layout.product_index
    change = {}
    for name in ("ev-battery-nickel", "portable-battery"):
        rows = world.inputs.product == product[name]
        change[name] = world.inputs.planned[rows].sum() / calm.inputs.planned[rows].sum() - 1.0
    assert change["portable-battery"] < -0.01
    assert change["ev-battery-nickel"] > change["portable-battery"] / 10.0


def test_a_deposit_brings_products_back_and_those_who_keep_them_pay(tables: Tables, calm: World) -> None:
    world = run(tables, policy("deposit_refund", deposit=1.0))
    assert flow(world, "collected").sum() > 1.001 * flow(calm, "collected").sum()
    (bill,) = world.now.effects.bills
    rows = bill.rows
    thrown_away = (world.in_use.collectable - world.in_use.collected)[rows].sum()
    paid = sum(amount for *_, amount in weighed(world, bill))
    assert paid == pytest.approx(0.5 * 2.0 * world.rates.price[0] * thrown_away)


def test_a_trade_in_brings_out_what_lies_in_drawers(tables: Tables) -> None:
    rebated, calm = (run(tables, *shocks, end="2024-06") for shocks in ([policy("trade_in", rebate=1.0)], []))
    assert rebated.in_use.from_drawers.sum() > 1.02 * calm.in_use.from_drawers.sum()


def test_friends_deliver_as_before_and_others_are_held_down(tables: Tables) -> None:
    """Of what the Union buys abroad, no more than half of normal comes from others, and nothing holds Canada back."""
    world = run(tables, policy("friend_shoring", friends=["CAN"], shift=0.5), end="2024-06")
    market, union = world.markets["refined"], world.layout.marked(world.layout.country_indices("EU27"))
    abroad = union[market.buyer_country] & ~union[market.seller_country]
    friend = market.seller_country == world.layout.country_index["CAN"]
    held = world.now.effects.cap_now["refined"] < 1.0
    assert held[abroad & ~friend].all()
    assert not held[friend].any()


def test_a_producer_fee_is_what_was_put_on_the_market_times_its_rate(tables: Tables) -> None:
    world = run(tables, policy("producer_fee", usd_per_t=1234.0))
    (bill,) = world.now.effects.bills
    assert isinstance(bill, Bill)
    rows = np.isin(world.in_use.country, world.layout.country_indices("EU27"))
    rows &= np.isin(world.in_use.product, [world.layout.product_index[name] for name in BATTERIES])
    assert sum(usd for *_, usd in weighed(world, bill)) == pytest.approx(1234.0 * world.in_use.newest()[rows].sum())


def test_a_reserve_lowers_the_peak_and_is_bought_back(tables: Tables) -> None:
    shock = ban(start="2026-01", months=12)
    fields = {"actor": "WLD", "target_days": 90.0, "fill_months": 12.0, "buy_below": 1.3, "release_below_cover": 0.9}
    reserve = policy("strategic_reserve", **fields)
    alone, both = (run(tables, *shocks, end="2031-12") for shocks in ((shock,), (shock, reserve)))
    assert peak(both, "cobalt") < 0.97 * peak(alone, "cobalt")
    held = both.recorder.block("reserve").sum(axis=1)
    lowest = int(held[24:48].argmin()) + 24
    assert held[lowest] < 0.95 * held[24], "it was opened"
    assert held[-1] > 1.05 * held[lowest], "and filled again"


def test_a_passport_acts_when_marked_products_leave_use(tables: Tables) -> None:
    shock = policy("product_passport", actor="WLD", sorting=1.0, kept_formal=1.0)
    world = world_of(tables, ["lithium"], [shock], end="2030-12")
    shares = []
    for _ in range(60):
        world.step()
        shares.append(float(world.now.effects.levers.get("sorted", np.zeros(1)).max()))
    assert max(shares[:3]) < 0.05
    assert shares[-1] > 0.5
    assert (np.diff(shares) > -1e-9).all()


def test_shares_of_a_duty_sum_to_one() -> None:
    kinds = [kind for kind in POLICIES if issubclass(kind, Duties)]
    assert len(kinds) >= 8
    with pytest.raises(ValueError, match=r"shares sum to 0\.7"):
        policy("producer_fee", usd_per_t=1.0, bearers={"producer": 0.5, "consumer": 0.2})
    with pytest.raises(ValueError, match="at least 0"):
        policy("producer_fee", usd_per_t=1.0, bearers={"producer": 1.5, "consumer": -0.5})


def test_support_for_recyclers_by_step_reaches_who_does_the_step(tables: Tables, calm: World) -> None:
    for step, lever in (("collection", "collectors"), ("separation", "scrap_support")):
        world = run(tables, policy("recycling_subsidy", step=step, share=0.8))
        assert set(world.now.effects.levers) == {lever}
        assert flow(world, "secondary supply").sum() > flow(calm, "secondary supply").sum()


def test_an_import_limit_moves_purchases_and_costs_the_importer(tables: Tables) -> None:
    metal = "neodymium-praseodymium"
    quiet = world_of(tables, [metal], end="2026-12")
    quiet.run()
    shock = policy("import_diversification", actor="JPN", metals=[metal], largest_share=0.4)
    world = world_of(tables, [metal], [shock], end="2026-12")
    world.run()
    market, japan, china = world.markets["refined"], *(world.layout.country_index[name] for name in ("JPN", "CHN"))
    bought = market.buyer_country == japan
    for one, limit in ((quiet, 1.0), (world, 0.45)):
        flows = one.recorder.block("refined_flow")[-12:].sum(axis=0)
        share = flows[bought & (market.seller_country == china)].sum() / flows[bought].sum()
        assert share <= limit
    assert share > 0.2
    others = np.setdiff1d(np.arange(len(world.countries)), [japan])
    from lodeflow.environment.records.indicators import price_index

    dear = [float(price_index(one.recorder, "refined", others)[-12:, 0].mean()) for one in (quiet, world)]
    assert dear[1] > 1.02 * dear[0]
    assert price(world, metal).shape == price(quiet, metal).shape


def test_bills_of_policies_stand_in_the_account_of_money(tables: Tables) -> None:
    bearers = {"producer": 0.6, "importer": 0.4}
    world = run(
        tables,
        policy("producer_fee", usd_per_t=1000.0, bearers=bearers),
        policy("deposit_refund", deposit=0.5),
        policy("formalisation", share=0.5, usd_per_year=1.2e7),
        end="2024-12",
    )
    account = money_table(world.recorder)
    assert np.allclose(account["usd"], account["tonnes"] * account["rate"])
    fee = account[account["entry"] == "producer fee"].groupby("payer_kind")["usd"].sum()
    assert fee["importer"] / fee.sum() == pytest.approx(0.4)
    spent = account[account["entry"] == "formalisation"].groupby("date")["usd"].sum()
    assert spent.to_numpy() == pytest.approx(1e6)
    assert set(account.loc[account["entry"] == "forfeited deposit", "payer_kind"]) == {"consumer"}
    assert balances(account)["net"].sum() == pytest.approx(0.0, abs=1.0)


def test_a_content_rule_says_by_product_and_year_how_far_it_is_met(tables: Tables) -> None:
    shock = policy("recycled_content_minimum", metal="cobalt", content=steps(0.9, "2025-01"), penalty_usd_per_t=2e4)
    world = run(tables, shock)
    (event,) = world.events()
    assert len(event["found"]) == 2, "one line a product"
    assert all("2025" in line and "2026" in line and "of 90%" in line for line in event["found"])
    asked, held, use = (np.array([row[i] for row in world.recorder.purse.content.values()]) for i in range(3))
    missing = (np.maximum(asked - held, 0.0) * use)[-12:].sum()
    gaps = [re.search(r"2026 [^(,]*\(([\d,]+) t missing", line) for line in event["found"]]
    told = sum(float(gap[1].replace(",", "")) for gap in gaps if gap)
    assert told == pytest.approx(missing, abs=2.0)
    assert missing > 10.0


def test_the_cost_of_a_deposit_is_what_is_forfeited(tables: Tables) -> None:
    world = run(tables, policy("deposit_refund", deposit=0.5), end="2024-12")
    (event,) = world.events()
    account = money_table(world.recorder).groupby("entry")["usd"].sum()
    assert event["paid_by"]["consumer"] == pytest.approx(account["forfeited deposit"], rel=1e-3)
    assert event["paid_for"]["cobalt"] == pytest.approx(event["paid_by"]["consumer"])


def test_a_reserve_costs_the_state_what_it_buys_less_what_it_sells(tables: Tables) -> None:
    fields = {"actor": "WLD", "target_days": 90.0, "fill_months": 12.0, "buy_below": 1.3, "release_below_cover": 0.9}
    world = run(tables, ban(start="2026-01", months=12), policy("strategic_reserve", **fields), end="2027-12")
    account, (_, event) = money_table(world.recorder), world.events()
    bought, sold = (account[account["entry"] == f"reserve {what}"] for what in ("bought", "sold"))
    assert set(bought["payer_kind"]) == {"government"} == set(sold["payee_kind"])
    assert bought["tonnes"].sum() == pytest.approx(flow(world, "to strategic reserves").sum())
    assert 0.0 < sold["tonnes"].sum() == pytest.approx(flow(world, "released")[2:].sum())
    mean = [own["usd"].sum() / own["tonnes"].sum() for own in (bought, sold)]
    assert mean[1] > 1.1 * mean[0], "it sells when metal is dear"
    assert event["paid_by"] == {"government": pytest.approx(bought["usd"].sum() - sold["usd"].sum())}


def test_public_exploration_is_paid_for_before_anything_is_found(tables: Tables) -> None:
    shock = policy("public_exploration", actor="COD", more=1.0, lag_months=240, usd_per_year=1.2e7)
    (event,) = run(tables, shock, end="2024-12").events()
    assert event["paid_by"] == {"government": pytest.approx(1e7)}, "ten months from March on"

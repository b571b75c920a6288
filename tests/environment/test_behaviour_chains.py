"""What must be true of whole runs, part two: recycling, by-products, routes, shared products, contracts (items 7 to 11)."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents.country import built_up
from lodeflow.data import Tables
from lodeflow.environment.shocks.kinds import Conflict, DemandSurge, ExtendedProducerResponsibility, MineOutage, Step
from tests.environment.helpers import at, ban, peak, price, total, world_of


# ---- 7. recycling -------------------------------------------------------------------------------------------------------
def rule(collection: float, products: tuple[str, ...] = ("portable-battery", "ev-battery-nickel", "superalloys")):  # type: ignore[no-untyped-def]
    """A permanent rule that asks the OECD and China for a collection rate from 2024 on."""
    return [
        ExtendedProducerResponsibility(
            actor=actor, products=list(products), start="2024-02", collection=[Step(date="2024-02", value=collection)]
        )
        for actor in ("OECD", "CHN")
    ]


def test_item07_collection_times_separation_is_the_recycling_rate(tables: Tables) -> None:
    """Without learning, separation is that of the tables, mixed by the informal share of each country."""
    still = {"recycler_learning": 0.0}
    world = world_of(tables, ["cobalt", "nickel"], [], still, mode="historical", noise=1.0, end="2025-12").run()
    series = world.recorder.series()
    rates = series[(series.variable == "eol_recycling_rate") & (series.region == "WLD")]
    formal, local, informal = world.blueprint.separation_of_in_use
    pools, pool = world.pools, world.in_use.pool
    informal = informal + (local - informal) * pools.local[pool]
    workshops = 1.0 - built_up(1.0 - pools.informal, -pools.formal_trend, 1.0)
    separation = formal + (informal - formal) * workshops[pool]
    recovered = world.by_metal(world.in_use.collected * separation, world.in_use.metal)
    out = world.by_metal(world.in_use.collectable, world.in_use.metal)
    last = rates[rates.date == rates.date.max()].set_index("metal").value
    for metal, index in world.layout.metal_index.items():
        assert last[metal] == pytest.approx(recovered[index] / out[index]), metal


def test_item07_at_rest_recyclers_recover_what_the_rates_say(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], end="2024-12").run()
    scrap = np.bincount(world.inputs.manufacturer, world.inputs.use)
    new = (world.inputs.use * world.blueprint.new_scrap[world.inputs.product]).sum()
    old = total(world, "old_recoverable", "cobalt")[-1]
    assert scrap.sum() > 0
    assert old < total(world, "recycling", "cobalt")[-1] < old + new


def test_item07_more_collection_more_secondary_less_primary_and_a_lower_price(tables: Tables) -> None:
    outcomes = []
    for target in (0.0, 0.8, 0.95):
        world = world_of(tables, ["cobalt"], rule(target), end="2038-12").run()
        late = slice(-60, None)
        outcomes.append(
            [total(world, channel, "cobalt")[late].mean() for channel in ("collected", "recycling", "refining")]
            + [price(world, "cobalt")[late].mean()]
        )
    collected, secondary, primary, prices = zip(*outcomes, strict=True)
    assert collected[0] < collected[1] < collected[2], collected
    assert secondary[0] < secondary[1] < secondary[2], secondary
    assert primary[0] > primary[1] > primary[2], primary
    assert prices[0] > prices[1] > prices[2], prices


def scrap_after_surge(tables: Tables, lifetime: float, month: str) -> float:
    """End-of-life metal of batteries relative to a world without the surge of demand in 2024."""
    longer = tables.products.assign(
        lifetime_mean_years=tables.products.lifetime_mean_years * lifetime,
        lifetime_sd_years=tables.products.lifetime_sd_years * lifetime,
    )
    surge = DemandSurge(products=["portable-battery"], start="2024-01", strength=0.3, permanent=True)
    world = world_of(tables.replace(products=longer), ["cobalt"], [surge], end="2033-12")
    baseline = world.twin(())
    ratio = total(world.run(), "end_of_life", "cobalt") / total(baseline.run(), "end_of_life", "cobalt")
    return float(ratio[at(world, month)])


def test_item07_longer_lifetimes_delay_scrap(tables: Tables) -> None:
    ratios = [scrap_after_surge(tables, lifetime, "2028-06") for lifetime in (0.7, 1.0, 1.5, 2.5)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] > 1.01 > ratios[-1]


def test_item07_scrap_comes_a_lifetime_later(tables: Tables) -> None:
    assert scrap_after_surge(tables, 1.0, "2025-01") == pytest.approx(1.0, abs=0.01)
    assert scrap_after_surge(tables, 1.0, "2033-06") > 1.01


@pytest.mark.parametrize(
    ("form", "actor", "metal"),
    [("feed", "COD", "cobalt"), ("refined", "CHN", "dysprosium-terbium"), ("feed", "IDN", "nickel")],
)
def test_item07_recycling_cannot_answer_a_shock_in_its_first_year(
    tables: Tables, form: str, actor: str, metal: str
) -> None:
    world = world_of(tables, [metal], [ban(form, actor, metal, months=12)], end="2026-12")
    baseline = world.twin(())
    year = slice(13, 25)
    shocked = total(world.run(), "recycling", metal)[year].sum()
    normal = total(baseline.run(), "recycling", metal)[year].sum()
    use = total(baseline, "use", metal)[year].sum()
    assert abs(shocked - normal) / use < 0.03, (shocked / normal, normal / use)


# ---- 8. by-products -----------------------------------------------------------------------------------------------------
HOSTED = [("zinc", "germanium", "CHN"), ("alumina", "gallium", "CHN"), ("copper", "cobalt", "COD")]


@pytest.mark.parametrize(("host", "metal", "country"), HOSTED)
def test_item08_a_cut_of_the_host_cuts_the_by_product_by_its_share(
    tables: Tables, host: str, metal: str, country: str
) -> None:
    cut = MineOutage(actor=country, metals=[host], start="2024-06", end="2024-12", strength=0.1)
    metals = [metal] if host in ("zinc", "alumina") else [host, metal]
    world = world_of(tables, metals, [cut], end="2024-12")
    baseline = world.twin(())
    share = tables.hosts.set_index(["metal", "iso3"]).share
    expected = share.get((metal, country), share.get((metal, "*")))
    rows = world.miners.rows(metal=world.layout.metal_index[metal], countries=world.layout.country_indices(country))
    for _ in range(at(world, "2024-06") + 1):
        world.step()
        baseline.step()
    ratio = world.miners.output[rows].sum() / baseline.miners.output[rows].sum()
    assert ratio == pytest.approx(1.0 - 0.1 * expected, rel=1e-9)


@pytest.mark.parametrize("factor", [0.3, 3.0, 20.0])
def test_item08_the_price_of_a_by_product_cannot_move_its_host(tables: Tables, factor: float) -> None:
    world = world_of(tables, ["copper", "cobalt", "nickel"], end="2025-12")
    baseline = world.twin(())
    cobalt = world.ore_desks.metal == world.layout.metal_index["cobalt"]
    hosts = world.miners.metal != world.layout.metal_index["cobalt"]
    for _ in range(3):
        world.step()
        baseline.step()
    world.ore_desks.ask[cobalt] *= factor
    world.step()
    baseline.step()
    assert np.array_equal(world.miners.output[hosts], baseline.miners.output[hosts])
    assert not np.array_equal(world.miners.output[~hosts], baseline.miners.output[~hosts])


def test_item08_by_product_recovery_is_limited(tables: Tables) -> None:
    world = world_of(
        tables,
        ["copper", "cobalt"],
        [DemandSurge(products=["catalysts-pigments", "hard-metals"], metals=["cobalt"], start="2024-06", strength=5.0)],
    ).run()
    assert peak(world, "cobalt") > 1.1
    rows = world.miners.rows(metal=world.layout.metal_index["cobalt"]) & (world.miners.host_share > 0.9)
    normal = world.miners.planned * world.miners.expansion
    assert (world.miners.output[rows] <= 1.3 * normal[rows]).all()


# ---- 9. routes ----------------------------------------------------------------------------------------------------------
def test_item09_a_delay_of_routes_destroys_nothing_and_passes(tables: Tables) -> None:
    delay = Conflict(actor="COD", metals=["cobalt"], start="2025-02", end="2025-07", route_delay_months=2)
    world = world_of(tables, ["cobalt"], [delay], end="2029-12")
    baseline = world.twin(())
    world.run()
    baseline.run()
    mined, normal = (total(run, "mined", "cobalt") for run in (world, baseline))
    assert mined.sum() == pytest.approx(normal.sum(), rel=0.01)
    stocks, resting = (run.ledger.stocks[:, :, 0].sum(axis=1) for run in (world, baseline))
    assert np.abs(stocks - resting).max() < 0.02 * resting[0]
    flow, before = (run.recorder.block("feed_flow") for run in (world, baseline))
    assert flow[-1].sum() == pytest.approx(before[-1].sum(), rel=0.01)
    under_way = world.ledger.stocks[:, 1, 0]
    assert under_way[at(world, "2025-06")] > 1.2 * baseline.ledger.stocks[at(world, "2025-06"), 1, 0]
    assert under_way[-1] == pytest.approx(baseline.ledger.stocks[-1, 1, 0], rel=0.02)


def test_item09_closed_routes_divert_and_reopen(tables: Tables) -> None:
    closed = Conflict(actor="COD", metals=["cobalt"], start="2025-02", end="2025-10", routes_lost=0.6)
    world = world_of(tables, ["cobalt"], [closed], end="2030-12")
    baseline = world.twin(())
    world.run()
    baseline.run()
    market = world.markets["feed"]
    of_congo = (market.seller_country == world.layout.country_index["COD"]) & (
        market.seller_country != market.buyer_country
    )
    flow, normal = (run.recorder.block("feed_flow") for run in (world, baseline))
    during = slice(at(world, "2025-03"), at(world, "2025-10"))
    assert (flow[during][:, of_congo].sum(axis=1) < 0.6 * normal[during][:, of_congo].sum(axis=1)).all()
    assert flow[during][:, ~of_congo].sum() > normal[during][:, ~of_congo].sum()
    assert flow[-1, of_congo].sum() == pytest.approx(normal[-1, of_congo].sum(), rel=0.1)


# ---- 10. one battery metal short ----------------------------------------------------------------------------------------
def test_item10_a_lithium_outage_lowers_demand_for_the_other_battery_metals(tables: Tables) -> None:
    metals = ["lithium", "cobalt", "nickel", "graphite"]
    outages = [
        MineOutage(actor=actor, metals=["lithium"], start="2025-01", end="2025-12", strength=0.9)
        for actor in ("AUS", "CHL", "CHN")
    ]
    world = world_of(tables, metals, outages, end="2026-12")
    baseline = world.twin(())
    batteries = np.isin(
        world.inputs.product,
        [world.layout.product_index[name] for name in ("ev-battery-nickel", "portable-battery", "ev-battery-lfp")],
    )
    used, normal = (np.zeros((36, len(metals))) for _ in range(2))
    for month in range(world.settings.months):
        for run, block in ((world, used), (baseline, normal)):
            run.step()
            block[month] = run.by_metal(run.inputs.use * batteries, run.inputs.metal)
    worst = (used[12:24] / normal[12:24]).min(axis=0)
    assert worst[world.layout.metal_index["lithium"]] < 0.9
    for metal in metals:
        assert worst[world.layout.metal_index[metal]] < 0.95, (metal, worst.round(3))
    assert price(world, "cobalt")[12:30].min() < 1.0


# ---- 11. contracts ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("form", "actor", "metal"), [("feed", "COD", "cobalt"), ("refined", "CHN", "graphite")])
def test_item11_after_a_long_ban_suppliers_have_moved_and_do_not_jump_back(
    tables: Tables, form: str, actor: str, metal: str
) -> None:
    world = world_of(tables, [metal], [ban(form, actor, metal, start="2024-06", months=36)], end="2029-12")
    market = world.markets[form]
    away = market.buyer_country != world.layout.country_index[actor]
    banner = (market.seller_country == world.layout.country_index[actor]) & away
    shares, concentration = [], []
    for _ in range(world.settings.months):
        world.step()
        weight = market.weight * away
        shares.append(weight[banner].sum() / weight.sum())
        by_country = np.bincount(market.seller_country, weight)
        concentration.append(((by_country / by_country.sum()) ** 2).sum())
    start, end, half_year_later = 0, at(world, "2027-05"), at(world, "2027-11")
    assert shares[end] < 0.7 * shares[start], (shares[start], shares[end])
    assert abs(concentration[end] - concentration[start]) > 0.02
    assert shares[half_year_later] < 0.6 * shares[start] + 0.4 * shares[end], (
        shares[start],
        shares[end],
        shares[half_year_later],
    )
    hhi = world.recorder.series().query("variable == 'hhi'")
    made = hhi[hhi.form == world.layout.feed_forms[0] if form == "feed" else hhi.form == "refined"].value.to_numpy()
    assert made[start:end].max() - made[start:end].min() > 0.001

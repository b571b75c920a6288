"""Country flow accounts: they close, agree with the ledger, and say of chains that are known what is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.environment import World
from lodeflow.environment.accounts import FLOWS
from lodeflow.environment.records.stages import MOVEMENTS, SCRAP, STAGES
from lodeflow.experiments.analysis.flows import origin, recycling, supply
from lodeflow.experiments.analysis.flows.account import TOLERANCE, Account, account_of, closure, losses, members_of
from lodeflow.experiments.analysis.flows.picture import boxes
from lodeflow.experiments.analysis.flows.years import years_in
from tests.environment.helpers import ban, world_of
from tests.experiments.analysis.chains import MINED_IN_A_AND_B, account, several, watched

CASES = {"metals": ["cobalt", "copper"], "end": "2026-12", "mode": "historical", "noise": 1.0}
GROUPS = {"battery-x": "battery"}


@pytest.fixture(scope="module")
def shocked(tables: Tables) -> tuple[World, Account]:
    """Three years of cobalt and copper in which the DR Congo bans its exports, and their account."""
    world = world_of(tables, shocks=[ban()], **CASES)
    return world, watched(world, 36)


@pytest.fixture
def world(shocked: tuple[World, Account]) -> World:
    return shocked[0]


@pytest.fixture
def run(shocked: tuple[World, Account]) -> Account:
    return shocked[1]


def test_every_stage_of_every_country_closes(run: Account) -> None:
    table = closure(run)
    assert set(table["stage"]) == set(STAGES) - {"investors"}
    assert table["gap"].max() < TOLERANCE
    flows_only = (table["taken"] - table["passed"]).abs() / (table["taken"] + table["passed"])
    assert flows_only[table["stage"] != "ground"].max() < TOLERANCE
    assert closure(run.summed())["gap"].max() < TOLERANCE


def test_the_account_adds_up_to_the_ledger(world: World, run: Account) -> None:
    own = run.flows.groupby(["movement", "metal"])["tonnes"].sum()
    for name, movement in MOVEMENTS.items():
        if movement.ledger:
            flows = world.ledger.flows[:, list(FLOWS).index(movement.ledger)].sum(axis=0)
            for metal, tonnes in zip(world.layout.metals, flows, strict=True):
                assert own.get((name, metal), 0.0) == pytest.approx(tonnes, rel=1e-9), (name, metal)


def test_stocks_go_on_from_year_to_year(run: Account) -> None:
    places = ["metal", "stage", "region", "product"]
    by_year = {year: rows.set_index(places) for year, rows in run.stocks.groupby("year")}
    closed = by_year[2024]["closing"]
    opened = by_year[2025]["opening"].reindex(closed.index).fillna(0.0)
    np.testing.assert_array_equal(opened, closed)


def test_a_lost_row_is_seen(run: Account) -> None:
    rows = run.flows[run.flows["movement"] == "slag"]
    table = closure(Account(run.flows.drop(index=rows["tonnes"].idxmax()), run.stocks))
    assert list(table.loc[table["gap"] > TOLERANCE, "stage"]) == ["refining"]


def test_the_four_routes_sum_to_one(run: Account, tables: Tables) -> None:
    for region in ("CHN", "EU27", "USA", "WLD"):
        table = supply.routes(run, members_of(region, run, tables))
        assert list(table["route"].unique()) == list(supply.ROUTES)
        np.testing.assert_allclose(table.groupby(["metal", "year"])["share"].sum(), 1.0, atol=1e-12)
        bought = run.of("primary metal", "recycled metal")
        bought = bought[bought["to_region"].isin(members_of(region, run, tables))]
        assert table["tonnes"].sum() == pytest.approx(bought["tonnes"].sum())


def test_the_routes_of_a_known_chain() -> None:
    chain = account(*MINED_IN_A_AND_B)
    share = supply.routes(chain, ["CCC"]).set_index("route")["share"]
    assert share.to_dict() == pytest.approx(dict(zip(supply.ROUTES, (0.2, 0.8, 0.0, 0.0), strict=True)))
    share = supply.routes(chain, ["DDD"]).set_index("route")["share"]
    assert share.to_dict() == pytest.approx(dict(zip(supply.ROUTES, (0.0, 0.75, 0.1875, 0.0625), strict=True)))
    share = supply.routes(chain, ["CCC", "DDD", "AAA"]).set_index("route")["share"]
    assert share.to_dict() == pytest.approx(
        dict(zip(supply.ROUTES, (90 / 105 * 0.8, 90 / 105 * 0.2, 15 / 105 * 0.75, 15 / 105 * 0.25), strict=True))
    )


def test_one_stage_of_dependence_is_what_it_is_among_all() -> None:
    rows = account(*MINED_IN_A_AND_B)
    whole = supply.dependence(rows, ["CCC"])
    for stage in supply.STAGES:
        alone = supply.dependence(rows, ["CCC"], [stage])
        pd.testing.assert_frame_equal(alone, whole[whole["stage"] == stage].reset_index(drop=True), check_exact=True)


def test_dependence_of_a_known_chain() -> None:
    table = supply.dependence(account(*MINED_IN_A_AND_B), ["CCC"]).set_index("stage")
    assert table.loc["feed", ["imports", "exports", "used", "net", "share"]].tolist() == [80.0, 0.0, 100.0, 0.8, 0.8]
    assert table.loc["feed", ["first", "first_share"]].tolist() == ["AAA", 0.75]
    assert table.loc["feed", "hhi"] == pytest.approx(0.75**2 + 0.25**2)
    assert table.loc["refined", "net"] == pytest.approx(-1.0)
    assert table.loc[supply.CHAIN, "net"] == pytest.approx((80.0 - 45.0) / 55.0)
    assert table.loc[supply.ALL, "net"] == pytest.approx((80.0 - 45.0 - 27.0) / 18.0)
    made = supply.embodied(account(*MINED_IN_A_AND_B), ["CCC"]).iloc[0]
    assert made[["made", "exports", "into_use", "leaving"]].tolist() == [45.0, 27.0, 18.0, 0.6]


def test_origin_is_carried_through_refining_making_and_trade() -> None:
    table = origin.origins(account(*MINED_IN_A_AND_B)).set_index(["stage", "region", "kind", "origin"])["share"]
    assert table["making", "CCC", "mined", "AAA"] == pytest.approx(0.6)
    assert table["making", "DDD", "mined", "AAA"] == pytest.approx(0.75 * 0.6)
    assert table["making", "DDD", "recycled", "DDD"] == pytest.approx(0.25 * 0.75)
    assert table["making", "DDD", "recycled", "EEE"] == pytest.approx(0.25 * 0.25)
    assert table["use", "EEE", "mined", "BBB"] == pytest.approx((54.0 * 0.75 + 27.0) / 81.0 * 0.2)
    region = origin.of_region(origin.origins(account(*MINED_IN_A_AND_B)), ["EEE"]).iloc[0]
    assert (region["origin"], region["tonnes"]) == ("AAA", pytest.approx((54.0 * 0.75 + 27.0) * 0.6))


def test_a_stock_keeps_its_origin() -> None:
    first, second = (
        list(MINED_IN_A_AND_B),
        [("primary metal", "CCC", "DDD", "", 10.0), ("to makers", "DDD", "DDD", "", 5.0)],
    )
    second += [("feed", "BBB", "CCC", "", 1.0)]
    table = origin.origins(several({2024: first, 2025: second})).set_index(["year", "stage", "region", "origin"])[
        "share"
    ]
    assert table.get((2025, "making", "DDD", "AAA"), 0.0) == 0.0  # nothing is made in that year
    later = origin._solve(
        origin.MetalFlows(several({2024: first, 2025: second}), "cobalt").year(2025),
        origin._solve(origin.MetalFlows(several({2024: first, 2025: second}), "cobalt").year(2024), {}),
    )
    assert later["making"][3, 0] == pytest.approx(0.45, abs=1e-4)  # D still holds what came from A


def test_origin_shares_sum_to_one_and_metal_is_kept(run: Account) -> None:
    table = origin.origins(run)
    sums = table.groupby(["metal", "year", "stage", "region", "product"])["share"].sum()
    np.testing.assert_allclose(sums, 1.0, atol=1e-9)
    used = table[table["stage"] == "use"].groupby(["metal", "year"])["tonnes"].sum()
    put = run.of("products").groupby(["metal", "year"])["tonnes"].sum()
    np.testing.assert_allclose(used, put.reindex(used.index), rtol=1e-9)


def test_a_ban_moves_the_origin_of_what_others_make(tables: Tables, run: Account) -> None:
    calm = watched(world_of(tables, **CASES), 36)
    share = []
    for one in (calm, run):
        table = origin.of_region(origin.origins(one.part(["cobalt"])), ["CHN"])
        rows = table[(table["year"] == 2026) & (table["stage"] == "refining") & (table["kind"] == "mined")]
        share.append(rows.set_index("origin")["share"].get("COD", 0.0))
    assert share[1] < share[0] - 0.02


ROWS = st.lists(
    st.tuples(
        st.sampled_from([name for name, move in MOVEMENTS.items() if move.abroad]),
        st.sampled_from(["AAA", "BBB", "CCC"]),
        st.sampled_from(["AAA", "BBB", "CCC"]),
        st.just("battery-x"),
        st.floats(0.01, 1e5),
    ),
    min_size=1,
    max_size=25,
)


@given(ROWS)
def test_any_account_closes_and_its_shares_sum_to_one(rows: list[tuple[str, str, str, str, float]]) -> None:
    rows = [(name, a, a if name == "used goods" else b, product, tonnes) for name, a, b, product, tonnes in rows]
    chain = account(*rows)
    assert closure(chain)["gap"].max() < TOLERANCE
    routes = supply.routes(chain, ["AAA", "BBB"])
    sums = routes.groupby(["metal", "year"])["share"].sum()
    assert ((sums - 1.0).abs() < 1e-9).all()
    assert (routes["tonnes"] >= -1e-9).all()
    for box in boxes(chain, ["AAA", "BBB"]):
        assert box.taken == pytest.approx(box.passed, abs=1e-4)


def test_without_trade_in_scrap_the_fourth_route_is_empty_and_scrap_stays(tables: Tables) -> None:
    accounts = {}
    for closed in (False, True):
        world = world_of(tables, **CASES)
        if closed:
            market = world.markets["scrap"]
            for column in (market.weight, market.base, market.normal):
                column[~market.domestic] = 0.0
        accounts[closed] = watched(world, 36)
    fourth = {}
    for closed, one in accounts.items():
        table = supply.routes(one, members_of("CHN", one, tables))
        fourth[closed] = table[table["route"] == supply.ABROAD_SECONDARY].set_index(["metal", "year"])["tonnes"]
    assert (fourth[False] > 0.0).all()
    assert (fourth[True] == 0.0).all()
    crossed = accounts[True].of("scrap")
    assert (crossed.loc[crossed["from_region"] != crossed["to_region"], "tonnes"] == 0.0).all()
    # what an exporter could not sell abroad it recycles at home or keeps: the account shows which
    sold = accounts[False].of("scrap")
    sold = sold[(sold["from_region"] != sold["to_region"]) & (sold["metal"] == "copper")]
    exporter = sold.groupby("from_region")["tonnes"].sum().drop("ROW", errors="ignore").idxmax()
    stayed = {}
    for closed, one in accounts.items():
        here = one.flows[(one.flows["from_region"] == exporter) & (one.flows["metal"] == "copper")]
        kept = one.stocks[(one.stocks["region"] == exporter) & (one.stocks["stage"] == SCRAP)]
        stock = kept[(kept["year"] == 2026) & (kept["metal"] == "copper")]["closing"].sum()
        home = here[(here["movement"] == "scrap") & (here["to_region"] == exporter)]["tonnes"].sum()
        stayed[closed] = (home, stock)
    assert sum(stayed[True]) > sum(stayed[False])
    assert closure(accounts[True])["gap"].max() < TOLERANCE


def test_old_and_new_scrap_are_told_apart() -> None:
    table = recycling.rates(recycling.amounts(account(*MINED_IN_A_AND_B), ["DDD"], GROUPS)).iloc[0]
    # D: 24 t old and 6 t new scrap a year; 15 of 20 t treated are its own; of E's scrap nothing is known to be old
    assert table["end_of_life"] == pytest.approx(40.0)
    assert table["recycled_old"] == pytest.approx(16.0 * 0.75 * 0.8)
    assert table["recycled_old"] + table["recycled_new"] == pytest.approx(16.0)
    assert table["eol_rr"] == pytest.approx(16.0 * 0.75 * 0.8 / 40.0)
    assert table["osr"] == pytest.approx(0.75 * 0.8)
    assert table["rir"] == pytest.approx(1.0)
    assert table["recycled_content"] == pytest.approx(0.25)
    assert (table["scrap_imports"], table["scrap_exports"]) == (5.0, 0.0)


def test_recycling_rates_lie_where_rates_lie(run: Account, tables: Tables) -> None:
    table = recycling.rates(recycling.amounts(run, run.regions, recycling.groups_of(tables)))
    assert table[list(recycling.RATES)].melt()["value"].between(0.0, 1.0).all()
    gained = run.of("recovered").groupby(["metal", "year"])["tonnes"].sum()
    both = table.set_index(["metal", "year"])[["recycled_old", "recycled_new"]].sum(axis=1)
    np.testing.assert_allclose(both, gained.reindex(both.index), rtol=1e-9)
    assert (table["old_recycled"] - table["recycled_old"]).abs().max() < 1e-6  # the world recycles its own scrap


def test_what_is_in_use_stands_by_product(world: World, run: Account) -> None:
    table = recycling.in_use(run.part(["copper"], [2026]), run.regions)
    assert table["in_use"].sum() == pytest.approx(world.in_use.stock[world.in_use.metal == 1].sum())
    assert len(table) > 3


def test_waste_is_told_by_stage(run: Account) -> None:
    table = losses(run)
    assert set(table["kind"]) == {"tailings", "slag", "dissipated", "landfill", "rejects"}
    assert set(table.loc[table["kind"] == "slag", "stage"]) == {"refining"}


def test_the_boxes_of_the_diagram_hold_what_the_account_holds(run: Account, tables: Tables) -> None:
    one = run.part(["cobalt"], [2025])
    for region in ("CHN", "EU27", "WLD"):
        members = members_of(region, one, tables)
        for box in boxes(one, members):
            assert box.taken == pytest.approx(box.passed, rel=1e-9)
    world = {box.name: box for box in boxes(one, one.regions)}
    assert world["Mining"].lost == pytest.approx(one.of("tailings")["tonnes"].sum())
    assert all(box.imports == box.exports == 0.0 for box in world.values())


def test_rivals_depend_on_the_same_metals(run: Account) -> None:
    assert list(supply.rivals(run, "CHN", "JPN").columns) == ["metal", "year", "CHN", "JPN"]
    both = supply.rivals(account(*MINED_IN_A_AND_B), "CCC", "DDD")
    assert both[["CCC", "DDD"]].iloc[0].tolist() == pytest.approx([35.0 / 55.0, 45.0 / 60.0])
    assert supply.rivals(account(*MINED_IN_A_AND_B), "CCC", "DDD", limit=0.7).empty


def test_what_cannot_be_read_is_said(run: Account, tables: Tables) -> None:
    assert years_in("2010-2012") == (2010, 2011, 2012)
    for text in ("soon", "2020-2010", "20200"):
        with pytest.raises(DataError, match="no year or span of years"):
            years_in(text)
    with pytest.raises(DataError, match="there is no country or group 'Chin'"):
        members_of("Chin", run, tables)
    moved = pd.DataFrame([(pd.Timestamp(2024, 1, 1), "baseline", "feed", "cobalt", "AAA", "BBB", "", 1.0)])
    moved.columns = ["date", "run", "movement", "metal", "exporter", "importer", "product", "tonnes"]
    with pytest.raises(DataError, match="2 problems"):
        account_of(moved, ["cobald"], "calm")

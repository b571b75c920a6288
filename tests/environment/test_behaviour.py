"""What must be true of whole runs, part one: rest, conservation, restrictions, announcements, stocks (items 1 to 6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import REGISTRY, MineOutage, Shock
from lodeflow.experiments.scenario.check import field_range
from tests.environment.helpers import at, ban, different, everything, inside, peak, price, total, world_of
from tests.environment.nothing import NOTHING

BANS = [  # form, actor, metal: large suppliers
    ("feed", "COD", "cobalt"),
    ("feed", "AUS", "lithium"),
    ("feed", "IDN", "nickel"),
    ("refined", "CHN", "gallium"),
    ("refined", "CHN", "graphite"),
]
THREE = [BANS[0], BANS[1], BANS[3]]
ORE_BANS = [case for case in BANS if case[0] == "feed"]


BELIEVED = [case for case in BANS if case[2] != "nickel"]
"""Bans that an announcement makes felt; Indonesia's ore is covered by the surplus that lies at refiners (item 6)."""
EVERYWHERE = ("mine", "feed", "refined", "manufacturer")
AT_BUYERS = ("feed", "manufacturer")


@pytest.fixture(scope="module")
def banned(tables: Tables) -> Callable[..., World]:
    """Runs with an export ban of nine months from February 2025, unless changed; each is made once."""

    @cache
    def start(
        form: str,
        actor: str,
        metal: str,
        stocks: float = 1.0,
        where: tuple[str, ...] = EVERYWHERE,
        substitutes: float = 1.0,
        elasticity: float = 1.0,
    ) -> World:
        changed = with_substitutes(with_stocks(tables, stocks, where), substitutes)
        eta = {} if elasticity == 1.0 else {f"eta.{metal}": elasticity * base_eta(changed, metal)}
        return world_of(changed, [metal], [ban(form, actor, metal)], eta, start="2024-10", end="2027-06")

    @cache
    def run(form: str, actor: str, metal: str, **changes: Any) -> World:
        of_start = {
            name: changes.pop(name) for name in ("stocks", "where", "substitutes", "elasticity") if name in changes
        }
        world = start(form, actor, metal, **of_start)
        return world.twin([ban(form, actor, metal, **changes)]).run()

    return run


def base_eta(tables: Tables, metal: str) -> float:
    return float(world_of(tables, [metal], end="2024-01").rates.eta[0])


def outside_peak(world: World, case: tuple[str, str, str]) -> float:
    """Highest refined price outside the banning country, relative to base."""
    return float(price(world, case[2], "refined", case[1]).max())


def with_stocks(tables: Tables, factor: float, where: tuple[str, ...] = EVERYWHERE) -> Tables:
    cover = tables.cover
    return tables.replace(
        cover=cover.assign(months=cover.months.where(~cover.place.isin(where), cover.months * factor))
    )


def with_substitutes(tables: Tables, factor: float) -> Tables:
    ceiling = np.minimum(tables.substitution.ceiling * factor, 1.0)
    return tables.replace(substitution=tables.substitution.assign(ceiling=ceiling))


def assert_falls(values: list[float]) -> None:
    """Each value is at most the one before (a tenth of a per cent is rounding), the last clearly below the first."""
    steps = [after <= before * 1.001 for before, after in pairwise(values)]
    assert all(steps), values
    assert values[-1] < values[0] * 0.999, values


# ---- 1. rest ------------------------------------------------------------------------------------------------------------
def test_item01_prices_rest_for_ten_years(quiet_world: World) -> None:
    for channel in ("price", "feed_bid", "feed_ask", "refined_ask"):
        assert quiet_world.recorder.block(channel) == pytest.approx(1.0, abs=1e-3), channel
    for metal in quiet_world.layout.metals:
        for form in ("feed", "refined"):
            assert price(quiet_world, metal, form) == pytest.approx(1.0, abs=1e-3), (metal, form)


def test_item01_every_stock_is_constant_for_ten_years(quiet_world: World) -> None:
    stocks = quiet_world.ledger.stocks
    assert stocks == pytest.approx(np.broadcast_to(stocks[0], stocks.shape), rel=1e-6, abs=1e-6)
    for channel in ("ore_stock", "feed_stock", "refiner_stock", "maker_stock", "recycled_stock"):
        block = quiet_world.recorder.block(channel)
        trace = (
            0.1 if channel in ("maker_stock", "recycled_stock") else 1e-3
        )  # t; a country that may only begin to make products
        assert block == pytest.approx(np.broadcast_to(block[0], block.shape), rel=1e-3, abs=trace), channel


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_item01_growth_is_bounded(tables: Tables, noise: float) -> None:
    world = world_of(tables, [], mode="growth", growth=0.04, noise=noise, end="2035-12").run()
    for metal in world.layout.metals:
        path = price(world, metal)
        assert path.max() / path.min() < 1.25, metal
    stocks = world.ledger.stocks.sum(axis=1)
    assert stocks[-1] / stocks[0] == pytest.approx(np.full(len(stocks[0]), 1.04 ** (143 / 12)), rel=0.05)


# ---- 2. conservation ----------------------------------------------------------------------------------------------------
ACTORS = st.sampled_from(["COD", "CHN", "IDN", "AUS", "CHL", "EU27", "OECD", "ROW", "ISL", "WLD"])
METALS = st.sampled_from(
    [["cobalt"], ["copper", "cobalt"], ["gallium"], ["germanium"], ["lithium", "graphite"], ["nickel"]]
)
SHARES = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.0, 1.0))
PRODUCTS = st.sampled_from([["ev-battery-nickel"], ["portable-battery"], ["electronics"], ["semiconductors"]])


def periods(value: float) -> st.SearchStrategy[list[dict[str, Any]]]:
    """No period, or one of half a year."""
    return st.sampled_from([[], [{"start": "2025-01", "end": "2025-06", "value": value}]])


STEPS = st.builds(lambda share: [{"date": "2026-01", "value": share}], SHARES)
NAMED: dict[str, Callable[[list[str]], st.SearchStrategy[Any]]] = {
    "actor": lambda metals: ACTORS,
    "metals": st.just,
    "products": lambda metals: PRODUCTS,
    "partners": lambda metals: st.sampled_from([["CHN"], ["EU27", "USA"], ["WLD"]]),
    "form": lambda metals: st.sampled_from(["all", "feed", "refined"]),
    "schedule": lambda metals: periods(500.0),  # tonnes
    "import_tariff.schedule": lambda metals: periods(0.5),  # share of the price
    "realised": lambda metals: periods(0.5),
    "stages": lambda metals: st.sampled_from([["mine"], ["refinery", "factory"], ["recycler", "mine"]]),
    "stage": lambda metals: st.sampled_from(["mine", "refinery"]),
    "metal": lambda metals: st.sampled_from([metals[0], "copper"]),
    "content": lambda metals: STEPS,
    "yields": lambda metals: STEPS,
    "target": lambda metals: STEPS,
    "saved": lambda metals: STEPS,
    "bearers": lambda metals: st.sampled_from([{"producer": 1.0}, {"consumer": 0.5, "municipality": 0.5}]),
    "step": lambda metals: st.sampled_from(["collection", "transport", "sorting", "separation"]),
    "shows": lambda metals: st.sampled_from(["lifetime", "recycled content"]),
    "replaces": lambda metals: st.sampled_from([["portable-battery"], ["grid-storage"]]),
    "market": lambda metals: st.sampled_from(["feed", "refined"]),
    "friends": lambda metals: st.sampled_from([["EU27"], ["USA", "JPN"]]),
    "lowers": lambda metals: st.booleans(),
    "passage": lambda metals: st.sampled_from(["suez", "malacca", "panama"]),
    "changes": lambda metals: st.builds(lambda ratio: [{"metal": metals[0], "ratio": ratio}], st.floats(0.0, 3.0)),
    "into": lambda metals: st.sampled_from(["", "grid-storage"]),
    "carrier": lambda metals: st.sampled_from(["lithium", metals[0]]),
    "home": lambda metals: st.booleans(),
    "bundle": lambda metals: st.sampled_from(["short", "advantaged", "cooperation", "governance"]),
    "research_budget.fields": lambda metals: st.just(["refining"]),
    "recycling_research.fields": lambda metals: st.just(["separation"]),
    "threshold": lambda metals: st.sampled_from([None, 0.1]),
    "own_weight": lambda metals: st.sampled_from([None, 0.5]),
    "prompt_prices": lambda metals: st.booleans(),
    "recognises": lambda metals: st.just(["CHL"]),
    "buy_on": lambda metals: st.sampled_from(["calm", "warning"]),
    "release_on": lambda metals: st.just("shortage"),
    "collection": lambda metals: STEPS,
    "recovery": lambda metals: st.builds(lambda steps: {metals[0]: steps}, STEPS),
    "recycled_content": lambda metals: st.builds(lambda steps: {metals[0]: steps}, STEPS),
}
"""What the fields of shocks may hold, by name, or by kind and name; numbers are drawn from the range of their field."""


def numbers(info: FieldInfo) -> st.SearchStrategy[Any]:
    """Numbers in the range of a field: both ends, and what lies between them."""
    low, high = field_range(info)
    assert low is not None, f"a field needs a range or an entry in NAMED: {info.description}"
    assert high is not None, f"a field needs a range or an entry in NAMED: {info.description}"
    if info.annotation is int:
        return st.integers(int(low), int(high))
    if high > 1e6:  # tonnes
        return st.sampled_from([0.0, 1.0, 1e4, min(1e9, float(high))])
    return st.one_of(st.sampled_from([float(low), float(high)]), st.floats(low, high))


@st.composite
def shocks(draw: st.DrawFn, metals: list[str]) -> Shock:
    """A shock of any kind and size."""
    kind = draw(st.sampled_from(sorted(REGISTRY)))
    first = draw(st.integers(0, 30))
    month = f"{2024 + first // 12}-{first % 12 + 1:02d}"
    fields: dict[str, Any] = {"start": month, "recovery_months": draw(st.sampled_from([0.0, 6.0]))}
    if draw(st.booleans()):
        fields["end"] = f"{2024 + (first + 4) // 12}-{(first + 4) % 12 + 1:02d}"
    if draw(st.booleans()):
        fields["announce"] = "2024-01"
    model = REGISTRY[kind]
    own = {name: info for name, info in model.model_fields.items() if name not in Shock.model_fields}
    for name, info in own.items():
        named = NAMED.get(f"{kind}.{name}", NAMED.get(name))
        values = named(metals) if named else numbers(info)
        if info.is_required() or name in NAMED or draw(st.booleans()):
            fields[name] = draw(values)
    if model.takes_hosts:
        fields["metals"] = [*metals, "zinc", "alumina"]
    return model.model_validate(fields)


@st.composite
def scenarios(draw: st.DrawFn) -> tuple[list[str], list[Shock], dict[str, Any]]:
    metals = draw(METALS)
    changes = {
        "mode": draw(st.sampled_from(["historical", "stationary"])),
        "noise": draw(st.sampled_from([0.0, 1.0, 5.0])),
        "end": "2026-12",
    }
    return metals, draw(st.lists(shocks(metals), min_size=1, max_size=3)), changes


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.explicit, Phase.generate])
@given(scenarios())
def test_item02_metal_is_conserved_and_nothing_is_negative(
    tables: Tables, scenario: tuple[list[str], list[Shock], dict[str, Any]]
) -> None:
    metals, drawn, changes = scenario
    world = world_of(tables, metals, drawn, **changes).run()
    assert (np.abs(world.ledger.imbalance).sum(axis=1) <= 1e-9 * world.ledger.balances.sum(axis=1)).all()
    arrays = everything(world)
    for name, values in arrays.items():
        assert np.isfinite(values).all(), f"{name} is not finite"
    for name in set(arrays) - {"why", "imbalance", "flows", "anchor", "hibernated"}:
        assert arrays[name].min() >= 0.0, f"{name} is negative"
    for name in ("price", "feed_bid", "feed_ask", "refined_ask"):
        assert arrays[name].min() > 0.0, f"{name} is zero"


# ---- 3. nothing changes nothing -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", list(NOTHING))
def test_item03_a_shock_without_strength_or_trade_changes_nothing(tables: Tables, name: str) -> None:
    shock = REGISTRY[NOTHING[name]["kind"]].model_validate(NOTHING[name])
    world = world_of(tables, ["cobalt"], [shock], noise=1.0, end="2025-12")
    baseline = world.twin(())
    assert different(world.run(), baseline.run()) == []
    assert world.events()[0]["no_effect"] is True


def test_item03_a_shock_that_acts_says_so(banned_world: World) -> None:
    assert banned_world.events()[0]["no_effect"] is False


def test_item03_a_tiny_ban_moves_prices_a_tiny_bit(banned: Callable[..., World]) -> None:
    assert peak(banned(*BANS[0], strength=1e-4), "cobalt") == pytest.approx(1.0, abs=0.002)


# ---- 4. export bans -----------------------------------------------------------------------------------------------------
def months_of_ban(world: World) -> slice:
    return slice(at(world, "2025-02"), at(world, "2025-10") + 1)


@pytest.mark.parametrize("case", BANS)
def test_item04_outside_price_stands_above_inside_price(
    banned: Callable[..., World], case: tuple[str, str, str]
) -> None:
    form, actor, metal = case
    world = banned(*case)
    ratio = price(world, metal, form, actor) / inside(world, actor, metal, form)
    during = months_of_ban(world)
    assert (ratio[during] > 1.01).all(), ratio[during].round(3)
    assert ratio[: during.start] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("case", BANS)
def test_item04_inside_price_falls(banned: Callable[..., World], case: tuple[str, str, str]) -> None:
    form, actor, metal = case
    world = banned(*case)
    sold = inside(world, actor, metal, form)[months_of_ban(world)]
    assert sold[0] < 0.999
    assert sold.mean() < 1.0
    assert (sold[:-1] < 1.01).all(), "towards the announced end sellers wait, but ask no more than before the ban"
    assert sold[-1] < 1.1, "in the last month they ask a little more: what they hold can be shipped at once"


@pytest.mark.parametrize("case", BANS)
def test_item04_the_gap_closes_after_the_end(tables: Tables, case: tuple[str, str, str]) -> None:
    form, actor, metal = case
    world = world_of(tables, [metal], [ban(*case)], end="2030-12").run()
    ratio = price(world, metal, form, actor) / inside(world, actor, metal, form)
    assert ratio[-1] == pytest.approx(1.0, abs=0.05)
    assert price(world, metal)[-1] == pytest.approx(1.0, abs=0.12), "what the ban has built still sells"


@pytest.mark.parametrize("case", THREE)
def test_item04_longer_bans_peak_higher(banned: Callable[..., World], case: tuple[str, str, str]) -> None:
    assert_falls([outside_peak(banned(*case, months=months), case) for months in (24, 9, 6, 3, 1)])


@pytest.mark.parametrize("case", ORE_BANS)
def test_item04_larger_stocks_peak_lower(banned: Callable[..., World], case: tuple[str, str, str]) -> None:
    """Stocks everywhere; a ban on refined metal locks in those of the country's own sellers, so they do not count there."""
    assert_falls([outside_peak(banned(*case, stocks=factor), case) for factor in (0.5, 1.0, 2.0)])


@pytest.mark.parametrize("case", BANS)
def test_item04_larger_stocks_of_buyers_peak_lower(banned: Callable[..., World], case: tuple[str, str, str]) -> None:
    """A short ban, and only the stocks that it cannot lock in."""
    runs = [banned(*case, months=3, stocks=factor, where=AT_BUYERS) for factor in (0.5, 1.0, 2.0)]
    assert_falls([outside_peak(world, case) for world in runs])


@pytest.mark.parametrize("case", THREE)
def test_item04_a_more_elastic_market_peaks_lower(banned: Callable[..., World], case: tuple[str, str, str]) -> None:
    assert_falls([outside_peak(banned(*case, elasticity=factor), case) for factor in (0.7, 1.0, 2.0)])


@pytest.mark.parametrize("case", THREE)
def test_item04_better_substitutes_peak_lower(banned: Callable[..., World], case: tuple[str, str, str]) -> None:
    assert_falls([outside_peak(banned(*case, months=24, substitutes=factor), case) for factor in (0.0, 0.5, 1.0)])


# ---- 5. ore bans and announcements --------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", ORE_BANS)
def test_item05_an_ore_ban_raises_the_refined_price_in_the_same_month(
    banned: Callable[..., World], case: tuple[str, str, str]
) -> None:
    world = banned(*case)
    path = price(world, case[2], "refined")
    month = at(world, "2025-02")
    assert path[month - 1] == pytest.approx(1.0, abs=1e-4), "entrants with a trace move it by parts of a million"
    assert path[month] > 1.001, path[month]


def before_start(banned: Callable[..., World], case: tuple[str, str, str], **changes: Any) -> float:
    """Highest price outside between the announcement in March and the start in July 2025."""
    world = banned(*case, announce="2025-03", start="2025-07", **changes)
    path = price(world, case[2], "refined", case[1])
    assert path[: at(world, "2025-03")] == pytest.approx(1.0, abs=1e-4)
    return float(path[at(world, "2025-03") : at(world, "2025-07")].max())


@pytest.mark.parametrize("case", BELIEVED)
def test_item05_an_announcement_moves_the_price_before_the_start(
    banned: Callable[..., World], case: tuple[str, str, str]
) -> None:
    assert before_start(banned, case, months=12) > 1.005


@pytest.mark.parametrize("case", BELIEVED)
def test_item05_announcing_a_longer_ban_moves_it_more(banned: Callable[..., World], case: tuple[str, str, str]) -> None:
    assert_falls([before_start(banned, case, months=months) for months in (23, 12, 6, 3)])


@pytest.mark.parametrize("case", [case for case in BELIEVED if case in ORE_BANS])
def test_item05_smaller_stocks_make_an_announcement_move_it_more(
    banned: Callable[..., World], case: tuple[str, str, str]
) -> None:
    assert_falls([before_start(banned, case, months=12, stocks=factor) for factor in (0.5, 1.0, 2.0)])


@pytest.mark.parametrize("case", BELIEVED)
def test_item05_smaller_stocks_of_buyers_make_an_announcement_move_it_more(
    banned: Callable[..., World], case: tuple[str, str, str]
) -> None:
    runs = [before_start(banned, case, months=12, stocks=factor, where=AT_BUYERS) for factor in (0.5, 1.0, 2.0)]
    assert_falls(runs)


# ---- 6. stocks absorb ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("strength", [0.1, 0.3, 1.0])
def test_item06_large_stocks_absorb_a_loss_of_any_size(tables: Tables, strength: float) -> None:
    """The DR Congo mines three quarters of the world's cobalt; a month of it is a fiftieth of these stocks."""
    outage = MineOutage(actor="COD", metals=["cobalt"], start="2025-02", end="2025-02", strength=strength)
    world = world_of(with_stocks(tables, 10.0), ["cobalt"], [outage]).run()
    assert peak(world, "cobalt") < 1.0 + 0.05
    assert total(world, "shortage", "cobalt").max() == 0.0


def test_item06_the_same_loss_moves_the_price_less_the_larger_the_stocks(tables: Tables) -> None:
    outage = MineOutage(actor="COD", metals=["cobalt"], start="2025-02", end="2025-04", strength=0.5)
    peaks = [peak(world_of(with_stocks(tables, k), ["cobalt"], [outage]).run(), "cobalt") for k in (1.0, 3.0, 10.0)]
    assert_falls(peaks)

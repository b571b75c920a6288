"""Shocks and policies: dates, strength, what they say of themselves."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lodeflow.data import Tables
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.effects import Effects
from lodeflow.environment.shocks.kinds import (
    REGISTRY,
    DemandSurge,
    ExportBan,
    ExportLicence,
    ExportQuota,
    ExtendedProducerResponsibility,
    MineOutage,
    Shock,
    Step,
    StockPurchase,
    ramp,
)
from tests.environment.helpers import ban, price, world_of

OUTAGE: dict[str, Any] = {"actor": "COD", "metals": ["cobalt"], "start": "2025-01", "strength": 0.5}


def kinds_of(base: type[Shock]) -> set[type[Shock]]:
    """Classes that stand below another one and have a kind of their own."""
    below = {inner for one in base.__subclasses__() for inner in {one, *kinds_of(one)}}
    own = {one for one in below if one.__module__.startswith("lodeflow.")}
    return {one for one in own if isinstance(one.model_fields["kind"].default, str)}


def test_every_kind_is_registered_under_its_name() -> None:
    assert set(REGISTRY.values()) == kinds_of(Shock)
    for kind, shock in REGISTRY.items():
        assert shock.model_fields["kind"].default == kind
        assert (shock.__doc__ or "").strip()


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_every_field_says_what_it_means(kind: str) -> None:
    for name, field in REGISTRY[kind].model_fields.items():
        if name != "kind":
            assert field.description, f"{kind}.{name}"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"end": "2024-12"}, "end 2024-12 lies before start 2025-01"),
        ({"announce": "2025-02"}, "announce 2025-02 lies after start 2025-01"),
        ({"start": "2025-13"}, "YYYY-MM"),
        ({"strength": 1.5}, "less than or equal to 1"),
        ({"strength": -0.1}, "greater than or equal to 0"),
        ({"strength": "all"}, "number"),
        ({"strenght": 0.5}, "Extra inputs"),
        ({"metals": []}, "at least 1"),
        ({"recovery_months": -1}, "greater than or equal to 0"),
        ({"credibility": 2}, "less than or equal to 1"),
        ({"extensions": [{"known": "2025-03", "end": "2024-06"}]}, "before start"),
    ],
)
def test_wrong_fields_are_refused_with_a_reason(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        MineOutage(**(OUTAGE | wrong))


def test_a_shock_is_in_force_from_start_to_end_and_fades() -> None:
    shock = MineOutage(**OUTAGE, end="2025-03", recovery_months=4)
    strength = [shock.intensity(parse_month("2024-12") + month) for month in range(10)]
    assert strength == [0.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0, 0.0]


def test_an_open_ended_shock_stays() -> None:
    assert MineOutage(**OUTAGE).intensity(parse_month("2090-01")) == 1.0


def test_an_extension_counts_when_it_becomes_known() -> None:
    shock = MineOutage(**OUTAGE, end="2025-03", extensions=[{"known": "2025-03", "end": "2025-08"}])
    assert shock.known_end(parse_month("2025-02")) == parse_month("2025-03")
    assert shock.known_end(parse_month("2025-03")) == parse_month("2025-08")
    assert shock.intensity(parse_month("2025-06")) == 1.0


def test_nothing_is_known_before_the_announcement() -> None:
    shock = MineOutage(**OUTAGE, announce="2024-10")
    assert not shock.known(parse_month("2024-09"))
    assert shock.known(parse_month("2024-10"))
    assert shock.intensity(parse_month("2024-10")) == 0.0


def test_a_quota_is_in_tonnes_and_may_have_a_schedule() -> None:
    quota = ExportQuota(
        actor="COD",
        metals=["cobalt"],
        form="feed",
        start="2025-01",
        tonnes_per_year=96600.0,
        schedule=[{"start": "2025-03", "end": "2025-04", "value": 1200.0}],
    )
    months = [quota.tonnes_per_month(parse_month(f"2025-0{month}")) for month in range(1, 6)]
    assert months == pytest.approx([8050.0, 8050.0, 100.0, 100.0, 8050.0])


def test_a_licence_lets_nothing_through_while_the_first_are_examined(tables: Tables) -> None:
    licence = ExportLicence(actor="CHN", metals=["gallium"], start="2024-03", delay_months=2, approved_share=0.6)
    world = world_of(tables, ["gallium"], [licence], end="2024-06")
    edges = licence.edges(world, "gallium")
    shares = [licence.allowed(Effects(world), parse_month(f"2024-0{month}"), edges) for month in (3, 4, 5)]
    assert shares == [(0.0, 0.6), (0.0, 0.6), (0.6, 0.6)]


def test_a_demand_surge_builds_up() -> None:
    surge = DemandSurge(start="2025-01", strength=0.4, ramp_months=4)
    levels = [surge.level(parse_month("2024-12") + month) for month in range(7)]
    assert levels == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.4, 0.4])


def test_a_policy_ramps_to_its_steps() -> None:
    steps = [Step(date="2025-12", value=0.4), Step(date="2026-12", value=0.6)]
    since = parse_month("2025-01")
    assert ramp(steps, since, parse_month("2025-06")) == (0.4, pytest.approx(0.5))
    assert ramp(steps, since, parse_month("2025-12")) == (0.4, 1.0)
    assert ramp(steps, since, parse_month("2026-06")) == (pytest.approx(0.5), 1.0)
    assert ramp(steps, since, parse_month("2030-01")) == (0.6, 1.0)


def test_a_policy_step_is_a_share() -> None:
    with pytest.raises(ValidationError):
        ExtendedProducerResponsibility(
            actor="EU27", products=["portable-battery"], start="2025-01", collection=[{"date": "2026-01", "value": 1.2}]
        )


def test_a_ban_touches_exports_only_and_named_partners_only(tables: Tables) -> None:
    everyone, china = ban(), ban(partners=["CHN"])
    world = world_of(tables, ["cobalt"], [everyone], end="2024-01")
    table, layout = world.markets["feed"], world.layout
    for shock in (everyone, china):
        edges = shock.edges(world, "cobalt")
        assert list(edges) == ["feed"]
        mask = edges["feed"]
        assert set(table.seller_country[mask]) == {layout.country_index["COD"]}
        assert layout.country_index["COD"] not in table.buyer_country[mask]
    assert set(table.buyer_country[china.edges(world, "cobalt")["feed"]]) == {layout.country_index["CHN"]}


def test_a_group_may_act(tables: Tables) -> None:
    shock = ExportBan(actor="EU27", metals=["cobalt"], form="refined", start="2025-01")
    world = world_of(tables, ["cobalt"], [shock], end="2024-01")
    names = {world.layout.countries[country] for country in shock.actors(world)}
    assert {"FIN", "BEL"} <= names
    assert "CHN" not in names


def test_events_say_what_happened(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], [ban(announce="2024-12")], end="2025-12").run()
    event = world.events()[0]
    assert (event["kind"], event["actor"], event["metals"]) == ("export_ban", "COD", ["cobalt"])
    assert (event["announced"], event["start"], event["end"]) == ("2024-12", "2025-02", "2025-10")
    assert event["no_effect"] is False
    assert "COD" in event["label"]


def test_what_investors_buy_is_kept_off_the_market_and_raises_the_price(tables: Tables) -> None:
    buys = StockPurchase(metals=["cobalt"], start="2025-01", end="2025-12", tonnes=12000.0)
    calm, bought = (world_of(tables, ["cobalt"], shocks, end="2026-12").run() for shocks in ([], [buys]))
    kept = bought.recorder.block("investors").sum(axis=1)
    assert kept[11] == 0.0
    assert 0.9 * 12000.0 < kept[23] <= 12000.0 + 1e-6
    assert kept[-1] == kept[23]
    assert price(bought, "cobalt")[12] > price(calm, "cobalt")[12] * 1.01
    assert price(bought, "cobalt")[-1] < price(bought, "cobalt")[12:24].max()
    series = bought.recorder.series()
    held = series[(series["variable"] == "investor_stock") & (series["region"] == "WLD")]
    assert held["value"].iloc[-1] == pytest.approx(kept[-1])


def test_a_purchase_of_nothing_changes_nothing(tables: Tables) -> None:
    none = StockPurchase(metals=["cobalt"], start="2025-01", tonnes=0.0)
    calm, world = (world_of(tables, ["cobalt"], shocks, end="2026-12").run() for shocks in ([], [none]))
    assert (price(calm, "cobalt") == price(world, "cobalt")).all()
    assert not world.minds.had_effect


def test_purchases_follow_their_schedule() -> None:
    shock = StockPurchase.model_validate(
        {"metals": ["cobalt"], "start": "2025-01", "tonnes": 5.0}
        | {"schedule": [{"start": "2025-02", "end": "2025-03", "value": 1200.0}]}
    )
    assert [shock.tonnes_per_month(parse_month(f"2025-0{m}")) for m in (1, 2, 3, 4)] == [0.0, 100.0, 100.0, 0.0]


def test_a_licence_without_a_share_is_expected_as_the_parameter_says(tables: Tables) -> None:
    licence = ExportLicence(actor="CHN", metals=["gallium"], start="2025-01", delay_months=0)
    strict, lax = (
        world_of(tables, ["gallium"], [licence], {"licence_approval": share}, end="2025-03").run()
        for share in (0.5, 0.9)
    )
    assert price(strict, "gallium")[12:].max() > price(lax, "gallium")[12:].max()


# ---- the form that is restricted ----------------------------------------------------------------------------------------
MEASURES: dict[str, dict[str, Any]] = {
    "export_ban": {},
    "export_quota": {"tonnes_per_year": 1000.0},
    "export_licence": {"approved_share": 0.3},
}


def measure(kind: str, **changes: Any) -> Shock:
    """A measure of China on lithium, which it exports in both forms, unless changed."""
    fields = {"kind": kind, "actor": "CHN", "metals": ["lithium"], "start": "2024-03"} | MEASURES[kind]
    return REGISTRY[kind].model_validate(fields | changes)


@pytest.mark.parametrize("kind", MEASURES)
@pytest.mark.parametrize("form", [{}, {"form": "all"}])
def test_without_a_form_a_trade_measure_holds_for_every_traded_form(
    tables: Tables, kind: str, form: dict[str, str]
) -> None:
    shock = measure(kind, **form)
    world = world_of(tables, ["lithium"], [shock], end="2024-06").run()
    china = world.layout.country_index["CHN"]
    assert set(shock.edges(world, "lithium")) == {"feed", "refined"}
    for market in ("feed", "refined"):
        table, through = world.markets[market], world.now.effects.cap_now[market]
        abroad = (table.seller_country == china) & ~table.domestic
        assert abroad.any()
        assert (through[abroad] < 1.0).all()
        assert (through[~abroad] == 1.0).all()


def test_a_ban_of_cobalt_exports_by_the_dr_congo_stops_them(tables: Tables) -> None:
    shock = ExportBan(actor="COD", metals=["cobalt"], start="2024-03")
    world = world_of(tables, ["cobalt"], [shock], {"leakage": 0.0}, end="2024-06").run()
    series = world.recorder.series()
    sold = series[(series.variable == "exports") & (series.region == "COD")].groupby("date").value.sum().to_numpy()
    assert sold[1] > 10_000.0
    assert sold[2:] == pytest.approx(0.0, abs=1.0)
    assert world.events()[0]["no_effect"] is False


def test_a_quota_without_a_form_is_one_tonnage_for_all_forms(tables: Tables) -> None:
    quota = measure("export_quota", tonnes_per_year=1200.0)
    world = world_of(tables, ["lithium"], [quota], end="2024-12").run()
    series = world.recorder.series()
    sold = series[(series.variable == "exports") & (series.region == "CHN")].groupby("date").value.sum().to_numpy()
    assert sold[0] > 200.0
    assert sold[2:].max() <= 100.0 + 1e-6


@pytest.mark.parametrize("kind", MEASURES)
def test_a_form_that_misses_the_exports_is_named_before_the_run(tables: Tables, kind: str) -> None:
    shock = measure(kind, actor="COD", metals=["cobalt"], form="refined")
    world = world_of(tables, ["cobalt"], [shock])
    (line,) = world.unreached()
    assert line.startswith("shocks[0]: form = 'refined' touches 0.0% of the cobalt that COD exports")
    assert "write form = 'intermediate'" in line
    assert world.events()[0]["unreached"] == [line.removeprefix("shocks[0]: ")]


@pytest.mark.parametrize("kind", MEASURES)
def test_a_measure_against_those_who_buy_nothing_says_so_before_the_run(tables: Tables, kind: str) -> None:
    shock = measure(kind, actor="COD", metals=["cobalt"], partners=["COD"])
    line = "shocks[0]: COD exports no cobalt to COD when the run starts: there is nothing to restrict"
    assert world_of(tables, ["cobalt"], [shock]).unreached() == [line]


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": "COD", "metals": ["cobalt"]},
        {"actor": "COD", "metals": ["cobalt"], "form": "feed"},
        {"form": "refined"},
        {"actor": "ISL", "metals": ["cobalt"], "form": "refined"},
    ],
)
def test_a_measure_that_reaches_exports_or_has_none_to_reach_warns_of_nothing(
    tables: Tables, changes: dict[str, Any]
) -> None:
    shock = measure("export_ban", **changes)
    assert world_of(tables, ["cobalt", "lithium"], [shock]).unreached() == []

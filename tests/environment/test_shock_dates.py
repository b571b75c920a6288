"""Dates of shocks: put in order where the order does not matter, refused where they make no sense."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lodeflow.data import Tables
from lodeflow.environment import build
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.kinds import REGISTRY, ExportBan, ExtendedProducerResponsibility, StockPurchase
from tests.environment.helpers import ban, different, settings_of, world_of

BAN: dict[str, Any] = {"actor": "COD", "metals": ["cobalt"], "form": "feed", "start": "2024-06", "end": "2024-08"}
THREE = [
    {"known": "2024-08", "end": "2024-10"},
    {"known": "2024-10", "end": "2025-06"},
    {"known": "2025-01", "end": "2025-02"},
]
PERIODS = [{"start": "2025-06", "end": "2025-08", "value": 5.0}, {"start": "2025-01", "end": "2025-03", "value": 1.0}]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_extensions_are_written_does_not_matter(order: tuple[int, ...]) -> None:
    written = ExportBan(**BAN, extensions=[THREE[i] for i in order])
    assert written == ExportBan(**BAN, extensions=THREE)
    assert written.final_end == parse_month("2025-02")


def test_extensions_out_of_order_give_the_same_run(tables: Tables) -> None:
    first = world_of(tables, ["cobalt"], [ExportBan(**BAN, extensions=THREE)], end="2025-12")
    second = first.twin([ExportBan(**BAN, extensions=THREE[::-1])])
    assert different(first.run(), second.run()) == []


@pytest.mark.parametrize(
    ("extensions", "words"),
    [
        ([{"known": "2024-09", "end": "2024-12"}], "known in 2024-09 comes after the end 2024-08"),
        ([*THREE, {"known": "2025-03", "end": "2025-12"}], "known in 2025-03 comes after the end 2025-02"),
        ([THREE[0], THREE[0] | {"end": "2025-01"}], "two extensions become known in 2024-08"),
        ([{"known": "2024-08", "end": "2024-06"}], "cannot end in the past"),
        ([{"known": "2024-07", "end": "2024-05"}], "ends before start"),
    ],
)
def test_extensions_that_make_no_sense_are_refused(extensions: list[dict[str, str]], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ExportBan(**BAN, extensions=extensions)


def test_an_open_end_may_become_known_at_any_time_and_a_measure_may_be_lifted_at_once() -> None:
    lifted = ExportBan(**BAN | {"end": None}, extensions=[{"known": "2026-01", "end": "2025-12"}])
    assert lifted.intensity(parse_month("2025-12")) == 1.0
    assert lifted.intensity(parse_month("2026-01")) == 0.0


@pytest.mark.parametrize(
    ("kind", "field", "more"),
    [
        ("export_quota", "schedule", {"actor": "COD", "tonnes_per_year": 3.0}),
        ("export_licence", "realised", {"actor": "COD"}),
        ("stock_purchase", "schedule", {"tonnes": 3.0}),
    ],
)
def test_periods_are_put_in_order_and_refused_backwards_or_overlapping(
    kind: str, field: str, more: dict[str, Any]
) -> None:
    def written(periods: list[dict[str, Any]]) -> Any:
        return REGISTRY[kind].model_validate({"metals": ["cobalt"], "start": "2025-01", field: periods} | more)

    top = 0.1 if field == "realised" else 1.0  # shares, or tonnes

    def scaled(periods: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [period | {"value": top * period["value"]} for period in periods]

    assert written(scaled(PERIODS)) == written(scaled(PERIODS)[::-1])
    with pytest.raises(ValidationError, match="ends in 2025-01, before it starts in 2025-03"):
        written([{"start": "2025-03", "end": "2025-01", "value": 1.0}])
    with pytest.raises(ValidationError, match="overlaps"):
        written(scaled([*PERIODS, {"start": "2025-03", "end": "2025-05", "value": 2.0}]))


@pytest.mark.parametrize("field", ["collection", "recovery", "recycled_content"])
def test_steps_of_a_policy_are_put_in_order_and_stand_at_different_dates(field: str) -> None:
    steps = [{"date": "2030-01", "value": 0.7}, {"date": "2026-01", "value": 0.4}]

    def written(values: list[dict[str, Any]]) -> ExtendedProducerResponsibility:
        target = values if field == "collection" else {"cobalt": values}
        return ExtendedProducerResponsibility.model_validate(
            {"actor": "EU27", "products": ["portable-battery"], "start": "2025-01", field: target}
        )

    assert written(steps) == written(steps[::-1])
    with pytest.raises(ValidationError, match="two values stand at 2026-01"):
        written([*steps, {"date": "2026-01", "value": 0.5}])


def test_a_purchase_reads_the_period_of_the_month() -> None:
    buying = StockPurchase.model_validate(
        {"metals": ["cobalt"], "start": "2025-01", "tonnes": 0.0, "schedule": PERIODS}
    )
    bought = [12.0 * buying.tonnes_per_month(parse_month(f"2025-0{month}")) for month in range(1, 9)]
    assert bought == pytest.approx([1.0, 1.0, 1.0, 0.0, 0.0, 5.0, 5.0, 5.0])


def test_a_form_that_nobody_outside_buys_has_no_price_there(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    """Feed of Dy-Tb is bought in China alone, where nobody else can begin to refine it."""
    monkeypatch.setattr("lodeflow.environment.start.draw_up.with_entrants", lambda base, *_: base)
    actor, metal = "CHN", "dysprosium-terbium"
    world = build(tables, settings_of([metal, "cobalt"], end="2025-06"), [ban("refined", actor, metal), ban()]).run()
    table = world.recorder.series()
    outside = table[table.variable == "price_outside"]
    assert (outside.value > 0.0).all()
    abroad = world.refiners.country[world.refiners.metal == world.layout.metal_index[metal]]
    assert (abroad == world.layout.country_index[actor]).all()
    assert set(outside[outside.metal == metal].form) == {"refined"}
    assert not np.isnan(outside.value).any()

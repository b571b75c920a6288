"""Measures on trade that stay the same: what they let through stays the same, alone and together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import ExportBan, ExportLicence, ExportQuota, Shock
from tests.environment.helpers import at, world_of

CASES = {"cobalt": ("COD", "feed"), "gallium": ("CHN", "refined"), "graphite": ("CHN", "refined")}
YEARS = (1, 5, 10)
"""Years in force that are looked at."""


def common(metal: str, **changes: Any) -> dict[str, Any]:
    actor, form = CASES[metal]
    return {"actor": actor, "metals": [metal], "form": form, "start": "2024-07"} | changes


def still(tables: Tables) -> Tables:
    """Capacity stays where it is: what a measure builds elsewhere takes trade away from it in time."""
    parameters = tables.parameters.copy()
    fixed = parameters["parameter"].isin(["invest_response", "invest_max", "place_logit", "close_max"])
    parameters.loc[fixed, "value"] = 0.0
    return tables.replace(parameters=parameters)


def restricted(world: World, shock: Shock) -> tuple[np.ndarray, np.ndarray]:
    """Flow over the restricted edges relative to the base flow, and the largest flow that is let through, by month."""
    ((market, mask),) = shock.edges(world, shock.metals[0]).items()  # type: ignore[attr-defined]
    base = world.markets[market].base[mask].sum()
    flow = world.recorder.block(f"{market}_flow")[:, mask].sum(axis=1)
    return flow / base, mask


def by_year(world: World, flow: np.ndarray) -> list[float]:
    first = at(world, "2024-07")
    return [float(flow[first + 12 * (year - 1) : first + 12 * year].mean()) for year in YEARS]


def ten_years(tables: Tables, metal: str, shock: Shock) -> list[float]:
    world = world_of(still(tables), [metal], [shock], end="2034-12").run()
    return by_year(world, restricted(world, shock)[0])


def quota(tables: Tables, metal: str, share: float) -> ExportQuota:
    """A quota of a share of base exports, in tonnes."""
    fields = common(metal)
    world = world_of(tables, [metal], end="2024-01")
    ((market, mask),) = ExportQuota(**fields, tonnes_per_year=0.0).edges(world, metal).items()
    return ExportQuota(**fields, tonnes_per_year=share * 12.0 * float(world.markets[market].base[mask].sum()))


@pytest.mark.parametrize("metal", list(CASES))
def test_a_constant_partial_ban_lets_a_constant_share_through(tables: Tables, metal: str) -> None:
    shares = ten_years(tables, metal, ExportBan(**common(metal), strength=0.15))
    assert shares == pytest.approx([0.85] * len(YEARS), abs=0.045), "buyers turn away a little over the years"
    assert max(shares) <= 0.851


@pytest.mark.parametrize("metal", list(CASES))
def test_a_constant_licence_lets_a_constant_share_through(tables: Tables, metal: str) -> None:
    shares = ten_years(tables, metal, ExportLicence(**common(metal), delay_months=0, approved_share=0.7))
    assert shares == pytest.approx([0.7] * len(YEARS), abs=0.02)


@pytest.mark.parametrize("metal", list(CASES))
def test_a_constant_quota_lets_its_tonnes_through(tables: Tables, metal: str) -> None:
    shares = ten_years(tables, metal, quota(tables, metal, 0.7))
    assert shares == pytest.approx([0.7] * len(YEARS), abs=0.02)


def test_a_measure_after_a_ban_takes_its_share_of_what_was_normal_before_the_ban(tables: Tables) -> None:
    ban = ExportBan(**common("gallium", end="2026-06"))
    licence = ExportLicence(**common("gallium", start="2026-07"), delay_months=0, approved_share=0.5)
    world = world_of(tables, ["gallium"], [ban, licence], end="2028-06").run()
    flow = restricted(world, licence)[0][at(world, "2026-07") :]
    assert flow == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("backwards", [False, True])
def test_two_measures_on_one_edge_each_take_their_share(tables: Tables, backwards: bool) -> None:
    two: list[Shock] = [
        ExportBan(**common("gallium"), strength=0.15),
        ExportLicence(**common("gallium"), delay_months=0, approved_share=0.7),
    ]
    world = world_of(tables, ["gallium"], two[::-1] if backwards else two, end="2025-12").run()
    assert restricted(world, two[0])[0][at(world, "2024-07") :] == pytest.approx(0.85 * 0.7, abs=0.01)


def test_normal_flows_rest_under_a_measure_and_follow_deliveries_after_it(tables: Tables) -> None:
    ban = ExportBan(**common("gallium", end="2025-06"), strength=0.5)
    world = world_of(tables, ["gallium"], [ban], end="2026-06")
    ((market, mask),) = ban.edges(world, "gallium").items()
    edges = world.markets[market]
    before = edges.normal[mask].copy()
    while world.month <= 2025 * 12 + 5:
        world.step()
        assert edges.normal[mask] == pytest.approx(before, rel=0.01)
    assert edges.weight[mask].sum() < 0.8 * before.sum()
    world.step()
    moved = before + world.parameters["contract_drift"] * (edges.flow[mask] - before)
    assert edges.normal[mask] == pytest.approx(moved, rel=0.01)

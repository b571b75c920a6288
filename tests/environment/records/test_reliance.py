"""Net import reliance: by stage and in all, with its sign."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.environment.records.indicators import Rows
from lodeflow.environment.records.indicators.reliance import reliance_rows
from tests.environment.helpers import world_of

DEU, FRA, ZMB = range(3)


def recorder_of(refining: list[float], use: list[float]) -> Any:
    """One month of Germany and France (the Union) and Zambia: refined output and use, t; a tenth of the feed is slag."""
    layout = SimpleNamespace(
        metals=["tin"],
        metal_index={"tin": 0},
        countries=["DEU", "FRA", "ZMB"],
        feed_forms=["ore"],
        country_indices=lambda name: np.array([DEU, FRA]),
    )
    place = (np.zeros(3, np.int64), np.array([DEU, FRA, ZMB]))
    blocks = {"refining": np.array([refining]), "use": np.array([use])}
    return SimpleNamespace(
        world=SimpleNamespace(layout=layout, refiners=SimpleNamespace(yield_=np.full(3, 0.9))),
        places={"refiner": place, "desk": place},
        block=blocks.__getitem__,
        written=1,
    )


def trade(variable: str, form: str, tonnes: dict[str, float]) -> Rows:
    """Imports or exports of one form, t."""
    values = np.array([list(tonnes.values())])
    return Rows(variable, [form] * len(tonnes), ["tin"] * len(tonnes), list(tonnes), values, "t")


def found(rows: list[Rows]) -> dict[tuple[str, str], float]:
    """Reliance by form and region."""
    return {
        (form, region): float(part.values[0, i])
        for part in rows
        for i, (form, region) in enumerate(zip(part.form, part.region, strict=True))
    }


def test_a_small_world_computed_by_hand() -> None:
    """Zambia mines 200 t, treats 100 and sells 100 as ore; Germany refines that, sells 50 to France and 10 to Zambia."""
    flows = [
        trade("imports", "ore", {"DEU": 100.0, "EU27": 100.0}),
        trade("exports", "ore", {"ZMB": 100.0}),
        trade("imports", "refined", {"FRA": 50.0, "ZMB": 10.0}),
        trade("exports", "refined", {"DEU": 60.0, "EU27": 10.0}),
    ]
    reliance = found(reliance_rows(recorder_of(refining=[90.0, 0.0, 90.0], use=[20.0, 40.0, 0.0]), flows))
    assert reliance == pytest.approx(
        {
            ("ore", "DEU"): 1.0,
            ("ore", "ZMB"): -1.0,
            ("ore", "EU27"): 1.0,
            ("refined", "DEU"): -60.0 / 20.0,
            ("refined", "FRA"): 50.0 / 40.0,
            ("refined", "EU27"): -10.0 / 60.0,
            ("all", "DEU"): (100.0 - 60.0) / (20.0 + 10.0),
            ("all", "FRA"): 50.0 / 40.0,
            ("all", "ZMB"): (10.0 - 100.0) / 10.0,
            ("all", "EU27"): (100.0 - 10.0) / (60.0 + 10.0),
        }
    )


def test_a_month_without_use_has_no_reliance() -> None:
    assert found(reliance_rows(recorder_of([0.0] * 3, [0.0] * 3), [trade("imports", "refined", {"FRA": 5.0})])) == {}


@pytest.fixture(scope="module")
def china(tables: Tables) -> pd.Series:
    """China's mean reliance of 2020, by metal and form."""
    world = world_of(tables, ["cobalt", "lithium", "gallium"], mode="historical", start="2020-01", end="2020-12").run()
    series = world.recorder.series()
    rows = series[(series.variable == "net_import_reliance") & (series.region == "CHN")]
    return rows.groupby(["metal", "form"], observed=True).value.mean()


def test_china_in_2020_gets_its_feed_from_abroad_and_sells_metal(china: pd.Series) -> None:
    assert china["cobalt", "intermediate"] == pytest.approx(0.97, abs=0.01)
    assert china["lithium", "ore"] == pytest.approx(0.73, abs=0.015)
    assert china["cobalt", "refined"] == pytest.approx(0.05, abs=0.03), "customs of 2020: 7.0 kt in, 5.2 kt out"
    assert china["gallium", "refined"] < -0.1
    assert china["cobalt", "all"] == pytest.approx(0.94, abs=0.02)


def test_what_is_needed_comes_from_home_or_abroad_in_a_constant_world(tables: Tables) -> None:
    """Reliance on feed is what home mines do not cover, in a world whose stocks do not change."""
    world = world_of(tables, ["lithium"], end="2024-06").run()
    series = world.recorder.series()
    rows = series[(series.date == series.date.max()) & (series.metal == "lithium")]
    table = rows.pivot_table(index="region", columns=["variable", "form"], values="value", observed=True)
    mined = table["production", "ore"].fillna(0.0)
    treated = table["production", "refined"] / world.refiners.yield_[0]
    here = table["net_import_reliance", "ore"].dropna().index
    assert len(here) > 5
    assert table["net_import_reliance", "ore"][here].to_numpy() == pytest.approx(
        (1.0 - mined / treated)[here].to_numpy(), rel=1e-6, abs=1e-4
    )

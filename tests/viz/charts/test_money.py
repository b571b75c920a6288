"""The chart of who pays and who gains: signs, places, and no chart without an account."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from lodeflow.viz import charts, style
from lodeflow.viz.charts.money import by_country, by_kind
from lodeflow.viz.charts.registry import wanted
from lodeflow.viz.frames import MONEY, Run

ROWS = [
    ("2025-06-01", "baseline", "sale", "DEU", "user", "COD", "refiner", 100.0),
    ("2025-06-01", "shock", "sale", "DEU", "user", "COD", "refiner", 160.0),
    ("2025-06-01", "shock", "freight by sea", "COD", "refiner", "WLD", "carrier", 10.0),
    ("2025-06-01", "shock", "product", "USA", "consumer", "DEU", "user", 70.0),
    ("2020-01-01", "shock", "sale", "DEU", "user", "COD", "refiner", 9000.0),
]


@pytest.fixture
def paid(run: Run) -> Run:
    columns = ["date", "run", "entry", "payer", "payer_kind", "payee", "payee_kind", "usd"]
    account = pd.DataFrame(ROWS, columns=columns).assign(metal="cobalt")
    account["date"] = pd.to_datetime(account["date"])
    return replace(run, money=account[list(MONEY)])


def test_kinds_gain_what_they_receive_less_what_they_pay(paid: Run) -> None:
    assert by_kind(paid, "cobalt").to_dict() == {"refiner": 50.0, "user": 10.0, "consumer": -70.0, "carrier": 10.0}


def test_countries_count_ore_and_metal_with_freight_and_no_products(paid: Run) -> None:
    assert by_country(paid, "cobalt").to_dict() == {"COD": 50.0, "DEU": -60.0}


def test_the_title_says_who_pays_and_who_gains(paid: Run, labels: object) -> None:
    assert style.title_of(charts.money(paid, "cobalt", labels)) == "Cobalt: consumers lose, refiners gain"


def test_there_is_no_chart_without_an_account(run: Run, paid: Run) -> None:
    assert "money" not in [chart.name for chart in wanted(run, "cobalt", moved=True)]
    assert "money" in [chart.name for chart in wanted(paid, "cobalt", moved=True)]
    assert "money" in [chart.name for chart in wanted(paid, "cobalt", moved=False)]

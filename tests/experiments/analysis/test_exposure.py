"""Exposure of a country or a company: stocks that run down, days, cost, and measures that help or do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.environment.calendar import DAYS_PER_MONTH
from lodeflow.experiments.analysis.exposure.measures import Measure, candidates, changed
from lodeflow.experiments.analysis.exposure.path import Delivered, follow
from lodeflow.experiments.analysis.exposure.position import Need, Position, of_country, products_named, read_company
from lodeflow.experiments.analysis.exposure.report import NOTHING, baseline_account, exposure, risk_of
from lodeflow.experiments.run.results import Outcome
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from tests.experiments.analysis.chains import MINED_IN_A_AND_B, account

NEED = Need(use=10.0, stock=15.0, suppliers={"AAA": 0.6, "BBB": 0.4})


def arrives(ratio: list[float], price: float = 1.0) -> Delivered:
    """A delivers less, B as ever."""
    months = len(ratio)
    return Delivered(
        {"AAA": np.array(ratio), "BBB": np.ones(months)}, np.zeros(months), np.full(months, price), np.ones(months)
    )


def test_a_stock_runs_down_and_then_use_stops() -> None:
    path = follow(NEED, arrives([1.0, 0.0, 0.0, 0.0, 1.0]))
    assert path.stock.tolist() == pytest.approx([15.0, 9.0, 3.0, 0.0, 0.0])
    assert path.lacking.tolist() == pytest.approx([0.0, 0.0, 0.0, 3.0, 0.0])
    assert path.first_days == pytest.approx(3.7 * DAYS_PER_MONTH)
    assert path.days == float("inf")  # 7 of 10 t are there in the worst month
    alone = follow(NEED.model_copy(update={"suppliers": {"AAA": 1.0}}), arrives([0.0, 0.0, 0.0]))
    assert alone.days == pytest.approx(1.5 * DAYS_PER_MONTH)  # the stock lasts a month and a half


def test_who_sells_nothing_in_the_run_delivers_like_all_others() -> None:
    path = follow(NEED.model_copy(update={"suppliers": {"CCC": 1.0}, "stock": 0.0}), arrives([1.0, 1.0]))
    assert path.lacking.tolist() == [10.0, 10.0]


def test_a_dearer_metal_costs_what_is_bought_of_it() -> None:
    assert follow(NEED, arrives([1.0, 0.5], price=3.0)).cost.tolist() == pytest.approx([20.0, 14.0])


def test_measures_change_a_position_as_they_say() -> None:
    position = Position(name="x", country="DEU", metals={"cobalt": NEED})
    risk = {"cobalt": {"AAA": 1.0}}

    def need(acts_on: str, value: float) -> Need:
        return changed(position, Measure("m", "m", acts_on, value), risk).metals["cobalt"]

    assert need("stock", 3.0).stock == 30.0
    assert need("stock", 1.0).stock == 15.0  # more lies there already
    assert need("suppliers", 0.5).suppliers == pytest.approx({"AAA": 0.5, "BBB": 0.5})
    assert need("actor", 0.0).suppliers == pytest.approx({"AAA": 0.0, "BBB": 1.0})
    assert need("actor", 0.5).suppliers == pytest.approx({"AAA": 0.3, "BBB": 0.7})
    short = follow(NEED, arrives([0.0] * 6)).lacking.sum()
    assert follow(need("stock", 3.0), arrives([0.0] * 6)).lacking.sum() < short
    assert follow(need("actor", 0.0), arrives([0.0] * 6)).lacking.sum() == 0.0


def test_risk_is_followed_to_the_mine() -> None:
    risk = risk_of(account(*MINED_IN_A_AND_B), "cobalt", ["AAA"])
    assert risk["CCC"] == pytest.approx(0.6)
    assert risk["AAA"] == 1.0
    assert "DDD" not in risk  # it refines nothing
    position = of_country("DDD", ["battery-x"], account(*MINED_IN_A_AND_B))
    assert position.metals["cobalt"].use == pytest.approx(60.0 / 12.0)
    assert position.metals["cobalt"].suppliers == pytest.approx({"CCC": 0.75, "DDD": 0.25})
    with pytest.raises(DataError, match=r"EEE makes no battery-x in this run\. They are made in CCC, DDD"):
        of_country("EEE", ["battery-x"], account(*MINED_IN_A_AND_B))


def test_products_are_known_by_words(tables: Tables) -> None:
    assert products_named("EV battery", tables) == ["ev-battery-nickel", "ev-battery-lfp"]
    assert products_named("wind turbines", tables) == ["wind-turbine"]
    with pytest.raises(DataError, match="there is no product"):
        products_named("philosopher's stone", tables)


COMPANY = """
name = "Battery maker"
country = "KOR"
[metals.cobalt]
use = {use}
stock = 60.0
suppliers = {{ CHN = 0.8, {second} = {share} }}
"""


def test_the_file_of_a_company_is_checked_as_a_whole(tables: Tables, tmp_path: Path) -> None:
    path = tmp_path / "company.toml"
    path.write_text(COMPANY.format(use=120.0, second="COD", share=0.2), encoding="utf-8")
    assert read_company(path, tables).metals["cobalt"].suppliers == {"CHN": 0.8, "COD": 0.2}
    path.write_text(COMPANY.format(use=120.0, second="COX", share=0.3), encoding="utf-8")
    with pytest.raises(DataError, match="2 problems") as caught:
        read_company(path, tables)
    assert "sum to 1.1" in str(caught.value)
    assert "'COD'" in str(caught.value)
    path.write_text(COMPANY.format(use=-1.0, second="COD", share=0.2), encoding="utf-8")
    with pytest.raises(DataError, match=r"metals\.cobalt, column use: -1\.0: Input should be greater than 0"):
        read_company(path, tables)
    path.write_text(COMPANY.format(use=-1.0, second="COX", share=0.3) + "foo = 1\n", encoding="utf-8")
    with pytest.raises(DataError, match="4 problems") as caught:
        read_company(path, tables)
    assert "metals.cobalt, column foo: is not a known key" in str(caught.value)
    path.write_text('metals = 3\nproducts = "ev"', encoding="utf-8")
    with pytest.raises(DataError, match="4 problems") as caught:
        read_company(path, tables)
    assert "column country: is missing" in str(caught.value)
    with pytest.raises(DataError, match="there is no such file"):
        read_company(tmp_path / "none.toml", tables)


@pytest.fixture(scope="module")
def outcome(tables: Tables) -> Outcome:
    """Cobalt in the year of the ban."""
    short = ['world.metals=["cobalt"]', "world.start=2024-10", "world.end=2027-06"]
    return run_scenario(load_scenario("drc-cobalt-export-ban", short, tables), tables=tables)


def test_a_ban_reaches_who_buys_from_whom_it_supplies(outcome: Outcome, tables: Tables) -> None:
    one, months = baseline_account(outcome)
    assert months == 12
    position = of_country("KOR", ["ev-battery-nickel"], one, months)
    found = exposure(outcome, position, tables, one)
    row = found.metals.set_index("metal").loc["cobalt"]
    assert row["restricted"] == "COD"
    assert 0.3 < row["at_risk_metal"] / (12.0 * row["use"]) < 1.0
    assert row["at_risk_products"] > 0.0
    assert row["cost"] > 0.0  # the metal is dearer
    assert row["lacking"] > 0.0
    ranked = found.measures
    assert list(ranked["rank"]) == list(range(1, len(candidates(tables)) + 2))
    assert ranked["lacking"].is_monotonic_increasing
    calm = ranked.set_index("title")
    assert calm.loc["Hold three months of use", "lacking"] < calm.loc[NOTHING, "lacking"]
    months_told = found.months
    assert len(months_told) == len(outcome.series["date"].unique()) - 4  # from 2025-02 on

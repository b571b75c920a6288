"""A year ends at another price than its mean: the anchor begins there."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import miner
from lodeflow.data import Tables
from lodeflow.environment.start.year_end import quoted_year_ends
from tests.environment.helpers import world_of


def test_the_base_year_keeps_its_mean_and_ends_where_it_ended() -> None:
    """A price that fell begins above its mean and ends below it; what is left of the fall fades on the way to the usual price."""
    fell, none = np.array([-0.2]), np.zeros(1)
    path = np.concatenate([miner.returned(none, fell, month, 12, 60.0) for month in range(73)])
    assert path[:12].mean() == pytest.approx(0.0)
    assert (np.diff(path[:13]) < 0.0).all()
    assert path[12] == pytest.approx(-0.2)
    assert path[72] == pytest.approx(-0.2 * np.exp(-1.0))


def test_a_run_that_starts_later_starts_from_the_end_of_the_year() -> None:
    fell, none = np.array([-0.2]), np.zeros(1)
    assert miner.returned(none, fell, 0, 0, 60.0) == pytest.approx([-0.2])
    assert miner.returned(none, fell, 0, 3, 60.0) == pytest.approx(miner.returned(none, fell, 9, 12, 60.0))
    assert miner.returned(none, fell, 0, 30, 60.0) == pytest.approx([0.2])


def test_ends_of_years_are_those_quoted(tables: Tables) -> None:
    """Copper by its last three months, neodymium by the quote at the end of the year over the mean of the same form."""
    ends = quoted_year_ends(tables, 2015, 3)
    copper = tables.prices[(tables.prices["metal"] == "copper") & (tables.prices["freq"] == "monthly_avg")]
    months = copper[copper["date"].str[:4] == "2015"].sort_values("date")["price_usd_per_t"].to_numpy(float)
    assert ends["copper"] == pytest.approx(np.log(months[-3:].mean() / months.mean()))
    assert ends["neodymium-praseodymium"] == pytest.approx(np.log(39.5 / 48.0), rel=1e-4)
    assert "lithium" not in ends.index
    assert quoted_year_ends(tables, 2015, 1)["copper"] == pytest.approx(np.log(months[-1] / months.mean()))


def test_how_many_months_are_the_end_is_a_parameter(tables: Tables) -> None:
    known = {"mode": "historical", "start": "2015-01", "end": "2015-12"}
    world = world_of(tables, ["copper"], parameters={"year_end_months": 1.0}, **known)
    assert world.rates.year_end == pytest.approx([quoted_year_ends(tables, 2015, 1)["copper"]])


def test_where_nothing_is_quoted_a_year_ends_at_its_mean(tables: Tables) -> None:
    world = world_of(tables, ["lithium", "nickel"], mode="historical", start="2024-01", end="2024-12")
    assert world.rates.year_end == pytest.approx([0.0, quoted_year_ends(tables, 2024, 3)["nickel"]])
    assert quoted_year_ends(tables.replace(prices=tables.prices.iloc[:0]), 2024, 3).empty


def test_a_price_that_fell_through_the_base_year_is_lower_in_the_next(tables: Tables) -> None:
    """Nickel and copper of 2015 were cheap by the measure of ten years, and cheaper still in 2016, as at the end of 2015."""
    world = world_of(tables, ["copper", "nickel"], mode="historical", start="2015-01", end="2016-12").run()
    metal, _ = world.recorder.places["desk"]
    price = world.recorder.block("price")
    for number in (0, 1):
        of_year = price[:, metal == number].mean(axis=1).reshape(2, 12).mean(axis=1)
        assert of_year[1] < of_year[0]
        assert of_year[0] == pytest.approx(1.0, abs=0.05)


def test_the_mean_of_the_base_year_alone_may_count(tables: Tables) -> None:
    known = {"mode": "historical", "start": "2015-01", "end": "2015-12"}
    assert (
        world_of(tables, ["copper", "nickel"], parameters={"usual_years": 1.0}, **known).rates.year_end == 0.0
    ).all()
    assert (world_of(tables, ["copper", "nickel"]).rates.year_end == 0.0).all()

"""Runs made by hand are read as by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from lodeflow.experiments.judge.validate.readers import READERS, NotComputable
from lodeflow.experiments.judge.validate.targets import Selection, Target
from lodeflow.experiments.judge.validate.yearly import COLUMNS, SETS, YearlyRun


def hand_made(rows, years=(2010, 2011, 2012, 2013)):
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return YearlyRun(table, years, ("tin",), ("CHN", "PER", "ROW"), ("solder", "cans"))


TIN = hand_made(
    [
        (2010, "use", "tin", "CHN", "solder", 10.0),
        (2010, "use", "tin", "PER", "cans", 30.0),
        (2011, "use", "tin", "CHN", "solder", 20.0),
        (2011, "use", "tin", "PER", "cans", 40.0),
        (2012, "use", "tin", "CHN", "solder", 40.0),
        (2012, "use", "tin", "PER", "cans", 40.0),
        (2010, "secondary supply", "tin", "CHN", "", 4.0),
        (2012, "secondary supply", "tin", "CHN", "", 30.0),
        (2011, "in-use stock", "tin", "CHN", "solder", 100.0),
        (2012, "in-use stock", "tin", "CHN", "solder", 150.0),
        (2010, "mine output", "tin", "PER", "", 50.0),
        (2011, "mine output", "tin", "PER", "", 50.0),
        (2012, "mine output", "tin", "PER", "", 20.0),
    ]
)


def read(reader, quantity, years, over=None, region="WLD", products=(), high=math.nan):
    number = Selection("a", quantity, region, tuple(products), *years)
    target = Target({"metal": "tin", "high": high}, reader, number, None if over is None else replace(number, **over))
    return READERS[reader]({"a": TIN, "b": TIN}, target)


def test_a_value_is_read_by_place_product_and_year():
    assert read("value", "use", (2011, 2011)) == 60.0
    assert read("value", "use", (2011, 2011), region="CHN") == 20.0
    assert read("value", "use", (2011, 2011), products=["cans"]) == 40.0
    assert read("value", "use", (2013, 2013)) == 0.0


def test_flows_are_added_up_over_years_and_stocks_are_not():
    assert read("value", "use", (2010, 2012)) == 180.0
    assert read("value", "in-use stock", (2010, 2012)) == 150.0


def test_composed_quantities_are_sums():
    assert read("value", "primary demand", (2010, 2010)) == 36.0
    assert read("value", "primary demand", (2010, 2012)) == 146.0
    assert read("value", "total supply", (2012, 2012)) == 30.0


def test_ratios_changes_and_growth():
    assert read("value", "use", (2010, 2010), over={"region": "WLD"}, region="CHN") == 0.25
    assert read("value", "use", (2012, 2012), over={"products": ()}, products=["solder"]) == 0.5
    assert read("change", "use", (2012, 2012), over={"first": 2010, "last": 2010}) == pytest.approx(1.0)
    grown = read("growth", "use", (2012, 2012), over={"first": 2010, "last": 2010})
    assert grown == pytest.approx(math.sqrt(2.0) - 1.0)


def test_peaks_and_exhaustion_are_years():
    assert read("peak_year", "use", (2010, 2013)) == 2012
    assert read("peak_year", "primary demand", (2010, 2013)) == 2011
    assert read("years_of_output", "mine output", (2010, 2013)) == 2.0


def test_a_path_that_comes_to_rest_has_not_turned():
    rests = hand_made([(year, "use", "tin", "CHN", "cans", tonnes) for year, tonnes in
                       ((2010, 50.0), (2011, 99.99), (2012, 100.0), (2013, 99.95))])  # fmt: skip
    number = Selection("a", "use", "WLD", (), 2010, 2013)
    assert READERS["peak_year"]({"a": rests}, Target({"metal": "tin"}, "peak_year", number, None)) == 2013


def test_years_covered_count_part_of_a_year():
    over = {"quantity": "in-use stock", "first": 2011, "last": 2011}
    assert read("years_covered", "use", (2010, 2013), over=over) == pytest.approx(2.0)
    assert read("years_covered", "use", (2011, 2013), over=over) == pytest.approx(1.5)
    with pytest.raises(NotComputable, match="to 2013"):
        read("years_covered", "mine output", (2012, 2013), over=over)
    assert read("years_covered", "mine output", (2012, 2013), over=over, high=1.0) == 2.0, (
        "at least the years of the run"
    )


def test_metals_of_a_set_are_added_up(monkeypatch):
    monkeypatch.setitem(SETS, "both", ("tin", "lead"))
    rows = [
        (2010, "use", metal, "CHN", "cans", tonnes) for metal, tonnes in (("tin", 3.0), ("lead", 4.0), ("zinc", 5.0))
    ]
    run = replace(hand_made(rows), metals=("tin", "lead", "zinc"))
    target = Target({"metal": "both"}, "value", Selection("a", "use", "WLD", (), 2010, 2010), None)
    assert READERS["value"]({"a": run}, target) == 7.0
    with pytest.raises(NotComputable, match="holds no both"):
        READERS["value"]({"a": replace(run, metals=("tin",))}, target)


@pytest.mark.parametrize(
    ("reader", "quantity", "years", "more", "why"),
    [
        ("value", "use", (2010, 2020), {}, "from 2010 to 2013"),
        ("value", "use", (2010, 2010), {"products": ["pewter"]}, "no product pewter"),
        ("value", "use", (2010, 2010), {"region": "BOL"}, "BOL is part of the rest of the world"),
        ("value", "use", (2010, 2010), {"over": {"first": 2013, "last": 2013}}, "no use to divide by"),
        ("growth", "use", (2010, 2010), {"over": {"first": 2012, "last": 2012}}, "earlier year"),
        ("years_of_output", "mine output", (2010, 2011), {}, "output goes on to 2011"),
    ],
)
def test_what_cannot_be_read_says_why(reader, quantity, years, more, why):
    with pytest.raises(NotComputable, match=why):
        read(reader, quantity, years, **more)

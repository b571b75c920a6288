"""Early warning knows nothing of later, costs less than always and never, and its threshold is the one that the past gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.data.chosen import core_metals
from lodeflow.experiments.judge.warning.warning import (
    Rules,
    costs,
    fitted,
    index,
    lead_times,
    metal_months,
    now,
    prices,
)


def test_warning_costs_less_than_always_and_never_at_three_losses(tables: Tables) -> None:
    rules = Rules.of(tables)
    table = costs(metal_months(tables, rules), rules)
    assert len(table) == 3
    assert (table["warned"] < table["always"]).all()
    assert (table["warned"] < table["never"]).all()


def test_the_threshold_is_what_the_months_to_2015_give(tables: Tables) -> None:
    rules = Rules.of(tables)
    weight, threshold = fitted(metal_months(tables, rules), rules)
    assert weight == rules.own_weight
    assert threshold == pytest.approx(rules.threshold, abs=0.001)


def test_the_index_knows_nothing_of_later_months(tables: Tables) -> None:
    rules = replace(Rules.of(tables), own_weight=1.0)
    cut = tables.replace(
        prices=tables.prices[tables.prices["date"].astype(str) < "2015"],
        base_prices=tables.base_prices[tables.base_prices["year"] < 2015],
    )
    whole, known = (metal_months(one, rules).set_index(["metal", "month"]) for one in (tables, cut))
    both = whole.index.intersection(known.index)
    assert len(both) > 300
    left, right = (index(table.loc[both], rules).to_numpy() for table in (whole, known))
    assert left == pytest.approx(right)


def test_yearly_prices_are_known_a_year_late(tables: Tables) -> None:
    came, known = prices(tables)
    assert known["cobalt"]["2017-06"] == came["cobalt"]["2016-06"]
    assert known["copper"]["2017-06"] == came["copper"]["2017-06"]


def test_dearer_months_raise_the_index(tables: Tables) -> None:
    rules = Rules.of(tables)
    rows = tables.prices["date"].astype(str).str.startswith("2015") & (tables.prices["freq"] == "monthly_avg")
    dear = tables.prices.copy()
    dear.loc[rows, "price_usd_per_t"] *= 2.0
    usual, raised = (
        metal_months(one, rules).set_index(["metal", "month"]) for one in (tables, tables.replace(prices=dear))
    )
    at = ("cobalt", usual.index.levels[1][usual.index.levels[1].astype(str) == "2015-12"][0])
    assert index(raised, rules)[at] > index(usual, rules)[at] + 0.3


def test_a_dearer_miss_never_makes_a_cheaper_year(tables: Tables) -> None:
    rules = Rules.of(tables)
    table = costs(metal_months(tables, rules), rules)
    assert (np.diff(table["warned"]) > 0.0).all()
    assert table["always"].nunique() == 1


def test_leads_are_within_the_horizon_and_the_present_is_judged(tables: Tables) -> None:
    rules = Rules.of(tables)
    leads = lead_times(metal_months(tables, rules), rules)["lead"].dropna()
    assert len(leads)
    assert ((leads > 0) & (leads <= rules.ahead_months)).all()
    assert set(now(tables, rules)["metal"]) == set(core_metals(tables))

"""The choice of cells beside published shares."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.experiments.judge.cells.cells import FITTED_TO, HOME, felt_cost, judge, light_share


def test_shares_after_the_fit_beat_both_simple_rules(tables: Tables) -> None:
    found = judge(tables)
    model, same, trend = (np.abs(found.errors(name)) for name in ("model", "no_change", "trend"))
    assert len(model) == 4
    assert model.mean() < 0.6 * same.mean() < 0.6 * trend.mean()
    assert model.max() <= 0.15


def test_no_share_after_the_fit_is_seen_by_it(tables: Tables) -> None:
    changed = tables.cell_shares.copy()
    changed.loc[changed["year"] > FITTED_TO, "lfp"] = 0.0
    assert judge(tables.replace(cell_shares=changed)).constants == judge(tables).constants


def test_dear_cobalt_and_a_smaller_subsidy_bring_iron_phosphate(tables: Tables) -> None:
    def share(**changed: object) -> float:
        own = tables.replace(**changed)
        return float(light_share(own, felt_cost(own, HOME), 0.0, 0.15)[2024])

    prices, support = tables.base_prices.copy(), tables.cell_support.copy()
    prices.loc[prices["metal"] == "cobalt", "price_usd_per_t"] *= 2.0
    support["usd_per_kwh"] *= 0.5
    assert share(base_prices=prices) > share() + 0.01
    assert share(cell_support=support) > share() + 0.01


def test_errors_are_those_of_judged_years(tables: Tables) -> None:
    found = judge(tables)
    rows = found.rows[found.rows["year"] > FITTED_TO]
    assert found.errors("no_change") == pytest.approx((rows["no_change"] - rows["observed"]).to_numpy())


def test_a_region_without_a_share_to_fit_to_is_named(tables: Tables) -> None:
    rows = tables.cell_shares
    late = rows[(rows["region"] != "WLD") | (rows["year"] > FITTED_TO)]
    with pytest.raises(DataError, match=r"WLD, column year: no share of a year up to 2020"):
        judge(tables.replace(cell_shares=late))


def test_a_constant_that_the_shares_do_not_tell_is_named(tables: Tables) -> None:
    found = judge(tables)
    assert found.at_the_end == ["taste for it elsewhere, ln points"]
    inside = dict.fromkeys(found.constants, 0.5)
    assert dataclasses.replace(found, constants=inside).at_the_end == []

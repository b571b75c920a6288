"""Demand beyond the scenarios comes to rest, and batteries change their chemistry."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.data import Tables
from lodeflow.environment.start.demand import saturate, turn_to, yearly_index
from tests.environment.start.test_demand import parts

STEPS = st.floats(-50.0, 50.0)


@given(start=st.floats(1.0, 1000.0), step=STEPS, fade=st.floats(5.0, 25.0))
def test_use_comes_to_rest_and_never_turns_on_the_way(start: float, step: float, fade: float) -> None:
    path = pd.DataFrame({0: [start, max(start + step, 0.0)]}, index=[2049, 2050])
    saturate(path, 2300, fade)
    use = path[0]
    change = np.diff(use.to_numpy())[1:]
    assert (np.abs(np.diff(np.abs(change))) <= abs(step) + 1e-9).all()
    assert (change * np.sign(use[2050] - start) >= -1e-9).all(), "it goes on in one direction"
    assert (use >= 0.0).all()
    rest = max(use[2050] + (use[2050] - start) / (np.exp(1.0 / fade) - 1.0), 0.0)
    assert use[2300] == pytest.approx(rest, rel=1e-3, abs=0.05)


@pytest.mark.parametrize("scenario", ["STEPS", "APS", "NZE"])
def test_saturation_holds_to_2100_for_every_metal(tables: Tables, scenario: str) -> None:
    metals = [str(name) for name in tables.metals["metal"]]
    index = yearly_index(*parts(tables, metals=metals, end="2100-12", demand=scenario))
    first, last = ((index.loc[y] - index.loc[y - 1]).abs() / index.loc[2050] for y in (2050, 2100))
    assert (last <= first * np.exp(-4.9) + 1e-12).all(), "the step of 2100 is that of 2050 times exp(-5)"
    assert last.max() < 0.001


def test_a_longer_fade_leaves_more_growth(tables: Tables) -> None:
    settings = parts(tables, end="2100-12")
    usual = yearly_index(*settings)
    settings[3]["step_fade_years"] = 20.0
    more = yearly_index(*settings)
    assert usual.loc[:2050].equals(more.loc[:2050])
    grows = usual.loc[2050] > usual.loc[2049]
    assert (more.loc[2100] > usual.loc[2100])[grows].all()


def test_nca_needs_less_cobalt_and_more_nickel_and_the_present_mix_stays(tables: Tables) -> None:
    names = [("ev-battery-nickel", metal) for metal in ("cobalt", "nickel", "lithium")] + [("superalloys", "cobalt")]

    def ratio(chemistry: str) -> pd.DataFrame:
        path = pd.DataFrame(1.0, index=[2025, 2030, 2035, 2100], columns=range(4))
        turn_to(path, tables, names, chemistry)
        return path

    assert (ratio("present") == 1.0).all(axis=None)
    for name in ("NCA", "cobalt-free"):
        found = ratio(name)
        assert (found.loc[2025] == 1.0).all()
        assert (found[3] == 1.0).all(), "only batteries change"
        assert found[0][2030] == pytest.approx((1.0 + found[0][2035]) / 2.0), "evenly"
        assert found[0][2035] < 1.0 < found[1][2035], "what replaces cobalt must rise"
        assert found.loc[2100].equals(found.loc[2035])
    assert ratio("cobalt-free")[0][2100] == 0.0


def test_a_chemistry_changes_the_path_after_the_data_only(tables: Tables) -> None:
    present, free = (yearly_index(*parts(tables, chemistry=name)) for name in ("present", "cobalt-free"))
    assert present.loc[:2025].equals(free.loc[:2025])
    assert free.loc[2035].sum() < present.loc[2035].sum()

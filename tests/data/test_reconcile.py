import shutil

import pandas as pd
import pytest

from lodeflow import data
from lodeflow.data.loader import SHIPPED
from lodeflow.data.reconcile import balance, primary, published, reconcile, rewrite


@pytest.fixture(scope="module")
def tables():
    return data.load()


def small(tables, mine, refine, metal="nickel", share=None):
    """The shipped tables with a two-country production table of one metal and year."""
    rows = [(metal, stage, iso, 2020, tonnes) for stage, part in (("mine", mine), ("refine", refine)) for iso, tonnes in part.items()]  # fmt: skip # noqa: E501
    production = pd.DataFrame(rows, columns=["metal", "stage", "iso3", "year", "observed_t"]).assign(assumed_t=None)
    scrap = pd.DataFrame([(metal, 2020, share)] if share else [], columns=["metal", "year", "share"])
    return tables.replace(production=production, secondary_refined=scrap)


def refining(tables, metal):
    yields = tables.yields.query("metal == @metal and step == 'refining'")
    return float(yields["value"].iloc[0])


def test_the_stored_column_is_what_the_rule_gives(tables):
    pd.testing.assert_series_equal(tables.production["reconciled_t"], reconcile(tables), check_names=False)


def test_mine_and_refined_totals_agree_with_the_yield(tables):
    totals = tables.production.pivot_table(
        index=["metal", "year"], columns="stage", values="reconciled_t", aggfunc="sum"
    )
    for metal in tables.metals.loc[tables.metals["feed_form"] != "", "metal"]:
        part = totals.loc[metal].loc[2009:2024]
        assert len(part) == 16
        assert (part["mine"] * refining(tables, metal)).to_numpy() == pytest.approx(
            part["refine"].to_numpy(), rel=1e-4
        ), metal


def test_only_the_less_certain_side_is_scaled_by_one_factor(tables):
    little = small(tables, {"IDN": 300.0, "PHL": 100.0}, {"CHN": 92.0, "JPN": 92.0})
    assert tables.metals.set_index("metal").loc["nickel", "reconcile_side"] == "mine"
    feed = 184.0 / refining(tables, "nickel")
    assert reconcile(little).tolist() == pytest.approx([0.75 * feed, 0.25 * feed, 92.0, 92.0], rel=1e-5)


def test_scrap_is_taken_out_of_refined_copper(tables):
    little = small(tables, {"CHL": 100.0}, {"CHN": 200.0}, metal="copper", share=0.25)
    assert published(little.production).tolist() == [100.0, 200.0]
    assert primary(little).tolist() == [100.0, 150.0]
    assert reconcile(little).tolist() == pytest.approx([100.0, 100.0 * refining(tables, "copper")], rel=1e-5)


def test_shipped_refined_copper_is_primary_only(tables):
    rows = tables.production.query("metal == 'copper' and stage == 'refine' and year == 2020")
    assert rows["reconciled_t"].sum() < 0.87 * published(rows).sum()


def test_metals_without_a_feed_market_keep_their_figures(tables):
    rows = tables.production[tables.production["metal"].isin(["gallium", "germanium", "zinc", "alumina"])]
    assert rows["reconciled_t"].to_numpy() == pytest.approx(published(rows).to_numpy(), rel=1e-5)
    assert not balance(tables)["metal"].isin(["gallium", "germanium"]).any()


def test_a_missing_yield_is_a_problem_of_the_yields_table(tables):
    without = tables.replace(yields=tables.yields[tables.yields["metal"] != "cobalt"])
    with pytest.raises(data.DataError, match=r"yields\.csv.*cobalt"):
        reconcile(without)


def test_rewriting_mends_a_spoilt_column_and_nothing_else(tables, tmp_path):
    path = tmp_path / "production.csv"
    shutil.copy(SHIPPED / "production.csv", path)
    frame = pd.read_csv(path, keep_default_na=False, dtype=str)
    frame.assign(reconciled_t="1.0").to_csv(path, index=False)
    assert rewrite(tmp_path) == path
    assert path.read_bytes() == (SHIPPED / "production.csv").read_bytes()


def test_who_mines_more_than_he_refines_refines_no_scrap(tables):
    little = small(tables, {"CHL": 100.0}, {"CHL": 50.0, "CHN": 150.0}, metal="copper", share=0.25)
    assert primary(little).tolist() == [100.0, 50.0, 100.0]


def test_flake_is_processed_where_customs_leave_it(tables):
    from lodeflow.data.processed import REST, processed

    made = processed(tables)
    rows = tables.production.loc[made.index]
    assert rows["assumed_t"].to_numpy() == pytest.approx(made.to_numpy(), rel=1e-5), "python -m lodeflow.data.processed"
    assert (made > 0.0).all()
    world = made.groupby(rows["year"]).sum()
    mines = tables.production[(tables.production["metal"] == "graphite") & (tables.production["stage"] == "mine")]
    mined = published(mines).groupby(mines["year"]).sum().loc[world.index]
    assert world.to_numpy() == pytest.approx(refining(tables, "graphite") * mined.to_numpy(), rel=1e-4)
    assert set(rows.loc[made.groupby(rows["year"]).idxmax(), "iso3"]) == {REST}

import pytest

from lodeflow import data
from lodeflow.data.report import BASE_YEAR, adjustments, assumptions, main, quality, report


@pytest.fixture(scope="module")
def tables():
    return data.load()


def test_adjustments_above_two_percent_and_only_those(tables):
    found = adjustments(tables)
    assert (found["change"].abs() > 0.02).all()
    nickel = found.query("metal == 'nickel' and year == 2013").iloc[0]
    assert nickel["stage"] == "mine"
    assert nickel["surplus_t"] > 500_000  # ore piled up before the Indonesian ban
    assert nickel["reconciled_t"] / nickel["primary_t"] == pytest.approx(1 + nickel["change"], rel=1e-3)
    copper = found.query("metal == 'copper'").iloc[0]
    assert copper["primary_t"] < copper["published_t"]


def test_quality_shares_add_up_and_know_what_is_assumed(tables):
    shares = quality(tables).set_index(["metal", "stage"])
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert shares.loc[("copper", "mine"), "observed"] > 0.8
    assert shares.loc[("dysprosium-terbium", "mine"), "assumed"] == 1.0
    assert shares.loc[("germanium", "refine"), "observed"] == 0.0  # no figure by country for the base year


def test_assumptions_are_counted_per_table(tables):
    counts = assumptions(tables).set_index("table")
    assert counts.loc["production", "assumed"] == (tables.production["status"] == "assumed").sum()
    assert "groups" not in counts.index


def test_report_shows_all_three_parts_with_the_figures(tables):
    text = report(tables)
    total = int(assumptions(tables)["assumed"].sum())
    assert f"{total:,} rows rest on an assumption" in text
    assert f"Base-year tonnage by status, {BASE_YEAR}" in text
    assert "| nickel | mine | 2013 |" in text
    assert "nan" not in text
    assert "| nickel | mine | 2005 |" not in text


def test_report_is_written_where_it_is_asked_for(tables, tmp_path, capsys):
    target = tmp_path / "docs" / "report.md"
    main(target)
    assert target.read_text(encoding="utf-8") == report(tables)
    assert str(target) in capsys.readouterr().out


def sections(text):
    return {part.split("\n", 1)[0]: part for part in text.split("\n## ")}


@pytest.mark.parametrize("title", [f"Base-year tonnage by status, {BASE_YEAR}", "Adjustments"])
def test_the_shipped_report_shows_the_shipped_production(tables, title):
    shipped = sections((data.loader.SHIPPED.parent.parent / "docs" / "data_report.md").read_text(encoding="utf-8"))
    fresh = sections(report(tables))
    assert shipped[title].strip() == fresh[title].strip(), "run: python -m lodeflow.data.report"

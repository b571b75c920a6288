"""Observed output stands beside the model's, as the tables have it: no assumption, no metal from scrap, nothing kept back."""

import numpy as np
import pytest

from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz import Observed
from lodeflow.viz.app.beside import kept, overlay
from lodeflow.viz.app.texts import LANGUAGES, Texts
from lodeflow.viz.app.world import board, seen
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.observed import MINE, REFINE, WORLD

YEARS = ['world.metals=["cobalt", "nickel"]', "world.start=2018-01", "world.end=2020-12"]


@pytest.fixture(scope="module")
def frame(tables):
    own = Session(tables, load_scenario("baseline", YEARS, tables))
    own.step(36)
    return own.frame()


@pytest.fixture(params=sorted(LANGUAGES))
def texts(request, tables):
    return Texts(request.param, tables)


def dots(chart):
    return {line.of: line.values for line in chart.lines if line.dots}


def test_points_are_the_published_tonnes_in_the_middle_of_their_year(frame, tables, texts):
    table = tables.production.set_index(["metal", "stage", "year", "iso3"])["observed_t"]
    for chart, stage in ((board.mined, MINE), (board.refined, REFINE)):
        made = chart(frame, "cobalt", texts)
        shown = board.largest(frame, "production", "cobalt", "refined" if stage == REFINE else "intermediate")
        found = dots(made)
        assert {texts.region(code) for code in shown[:2]} <= set(found)
        for code in shown[: board.TOP]:
            for year, month in ((2018, 6), (2019, 18), (2020, 30)):
                published = table.get(("cobalt", stage, year, code), float("nan"))
                drawn = found.get(texts.region(code), np.full(36, np.nan))[month]
                assert drawn == pytest.approx(published / 12, nan_ok=True), (stage, code, year)
        assert all(np.isfinite(values).sum() <= 3 for values in found.values())
        assert "2018" in made.note
        lines = [line["name"] for line in board.wire(made)["lines"] if line.get("dots")]
        assert lines == [texts("line.observed_of", place=name) for name in found]


def test_a_country_has_its_own_points(frame, texts):
    charts = {chart.id: chart for chart in board.country_charts(frame, "cobalt", "COD", texts)}
    ((beside, values),) = dots(charts["country-production-intermediate"]).items()
    assert beside == ""
    assert values == pytest.approx(seen.output(frame, "cobalt", MINE, "COD"), nan_ok=True)
    assert not dots(charts["country-exports-intermediate"])
    single = overlay.laid_over([board.mined(frame, "cobalt", texts)], frame, (), {}, texts, texts.region("COD"))
    assert set(dots(single[0])) == {texts.region("COD")}


def test_nothing_is_drawn_of_years_that_are_kept_back(frame, texts, tables):
    """Prices of nickel are kept back from September 2019 on: so is its output of 2019 and after, kept worlds beside it or not."""
    held = kept.keep((), frame)

    def make(one):
        return [board.mined(one, "nickel", texts), board.refined(one, "nickel", texts)]

    for charts in (make(frame), overlay.laid_over(make(frame), frame, held, overlay.drawn(make, held), texts)):
        for chart in charts:
            assert dots(chart)
            assert all(
                np.isfinite(values[:12]).any() and np.isnan(values[12:]).all() for values in dots(chart).values()
            )
            assert texts("note.output_kept_back", year=2019) in chart.note
    assert texts("note.output_kept_back", year=2019) not in board.mined(frame, "cobalt", texts).note
    published = Observed.of(tables)
    for metal, month in published.kept_back.items():
        years = {year for key in published.output if key[0] == metal for year in published.produced(*key)}
        assert all(year < month.year for year in years)


def test_what_is_called_observed_was_published(tables):
    rows = tables.production.set_index(["metal", "stage", "iso3", "year"])
    mixed = set(tables.secondary_refined["metal"])
    found = Observed.of(tables).output
    assert ("copper", MINE, "CHL") in found
    for (metal, stage, place), years in found.items():
        assert not (metal in mixed and stage == REFINE), "published together with metal from scrap"
        for year, tonnes in years.items():
            if place == WORLD:
                told = rows.xs((metal, stage, year), level=("metal", "stage", "year"))
                assert not (told["status"] == "assumed").any()
                total = told["observed_t"].fillna(0.0) + told["assumed_t"].fillna(0.0)
                assert tonnes * 12 == pytest.approx(total.sum())
            else:
                assert tonnes * 12 == pytest.approx(rows.loc[(metal, stage, place, year), "observed_t"])


def test_no_point_stands_in_a_month_that_is_not_played(tables):
    own = Session(tables, load_scenario("baseline", ['world.metals=["cobalt"]', "world.end=2025-06"], tables))
    own.step(6)
    texts = Texts("en", tables)
    assert not dots(board.mined(own.frame(), "cobalt", texts))
    own.step(1)
    assert "DR Congo" in dots(board.mined(own.frame(), "cobalt", texts))

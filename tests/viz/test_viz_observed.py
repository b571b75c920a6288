"""What was observed stands beside the model, as the tables have it, and nothing that is kept back is drawn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lodeflow.viz import Observed, charts
from lodeflow.viz.charts.flows import effect_year, ledger_year, stages
from lodeflow.viz.charts.price import month_before
from lodeflow.viz.charts.seen import model_beside
from lodeflow.viz.event import Event
from lodeflow.viz.frames import Labels
from lodeflow.viz.observed import YEARLY, reference

E30 = {"2025-02": 0.9, "2025-03": 1.3, "2025-05": 1.39, "2025-08": 1.38, "2025-10": 1.78, "2026-02": 2.15}


@pytest.fixture(scope="module")
def observed(tables):
    return Observed.of(tables)


@pytest.fixture
def seen_labels(countries, metals, observed):
    return Labels.of(countries, metals, observed=observed)


def line_of(figure, name):
    for ax in figure.axes:
        for line in ax.get_lines():
            if line.get_label() == name:
                return [f"{when:%Y-%m}" for when in pd.DatetimeIndex(line.get_xdata())], np.asarray(line.get_ydata())
    return [], np.array([])


def acting(run, **event):
    """The run with one event in place of its own."""
    return replace(run, events=[Event.read({"kind": "export_ban", "metals": ["cobalt"], **event})])


def test_the_ban_of_2025_is_shown_beside_what_was_observed(run, seen_labels):
    months, ratios = line_of(charts.price(run, "cobalt", seen_labels), "observed")
    assert dict(zip(months, ratios, strict=True)) == E30


@pytest.mark.parametrize(
    "event", [{"actor": "COD", "start": "2025-03"}, {"actor": "IDN", "start": "2025-02"}, {"start": "2025-02"}]
)
def test_another_event_is_not_shown_beside_it(run, seen_labels, event):
    assert line_of(charts.price(acting(run, **event), "cobalt", seen_labels), "observed")[0] in (
        [],
        [f"2024-{m:02d}" for m in range(2 if event["start"] == "2025-02" else 3, 13)],
    )


def test_yearly_means_are_an_index_like_the_model(run, seen_labels):
    months, ratios = line_of(charts.price(run, "cobalt", seen_labels), "observed, yearly mean")
    assert months == [f"2024-{month:02d}" for month in range(2, 13)]
    assert set(ratios) == {1.0}
    early = acting(
        run, actor="CHN", start="2024-03"
    )  # no event of the past: the mean of the year of February 2024 is 1
    months, ratios = line_of(charts.price(early, "cobalt", seen_labels), "observed")
    assert (months[0], months[-1], set(ratios)) == ("2024-01", "2024-12", {1.0})


def test_monthly_prices_are_an_index_of_the_month_before(run, seen_labels, tables):
    late = acting(run, metals=["copper"], actor="CHL", start="2024-06")
    months, ratios = line_of(charts.price(late, "copper", seen_labels), "observed")
    table = tables.prices.query("metal == 'copper' and freq == 'monthly_avg'").set_index("date")["price_usd_per_t"]
    assert month_before(late, "copper") == pd.Timestamp("2024-05-01")
    assert months == [f"2024-{month:02d}" for month in range(1, 13)]
    np.testing.assert_allclose(ratios, table[months] / table["2024-05"])


def test_nothing_is_drawn_from_a_withheld_event_on(observed, tables):
    kept = tables.events[tables.events["prices_kept_back"]]
    assert observed.kept_back["nickel"] == pd.Timestamp("2019-09-01")
    assert observed.prices("nickel")[0].index[-1] == pd.Timestamp("2019-08-01")
    for event in kept.to_dict("records"):
        known = pd.Timestamp(event["announce_date"] or event["date_start"]).to_period("M").to_timestamp()
        for metal in set(event["metal"].split(";")) & set(tables.metals["metal"]):
            assert (observed.prices(metal)[0].index < known).all()
            assert (observed.after(metal, {event["actor"]}, {known}).index < known).all()
    assert "cobalt" not in observed.kept_back


def test_a_yearly_mean_goes_with_any_of_its_months(observed):
    none = replace(observed, monthly={})
    assert none.prices("nickel")[0].index[-1] == pd.Timestamp("2018-12-01")


def test_the_chart_says_that_prices_are_left_out(run, seen_labels):
    figure = charts.price(acting(run, metals=["nickel"], actor="IDN", start="2025-02"), "nickel", seen_labels)
    assert line_of(figure, "observed") == ([], pytest.approx([]))
    assert "from Sep 2019 on are not drawn" in figure.get_supxlabel()
    assert "not drawn" not in charts.price(run, "cobalt", seen_labels).get_supxlabel()


@pytest.mark.parametrize("name", ["price", "profile", "overview"])
def test_every_price_chart_says_what_the_baseline_is(run, labels, name):
    figure = charts.overview(run, labels) if name == "overview" else getattr(charts, name)(run, "cobalt", labels)
    assert "no forecast" in figure.get_supxlabel()
    assert ("Dashed" in figure.get_supxlabel()) == (name != "profile" or run.has_shock)


def test_the_right_axis_is_in_usd(run, labels):
    ax = charts.price(run, "cobalt", labels).axes[1]
    (right,) = ax.child_axes
    ax.figure.canvas.draw()
    one = run.line("cobalt", "price", "baseline")["2025-01-01"]
    assert right.get_ylim()[1] == pytest.approx(ax.get_ylim()[1] * one)
    assert "USD" in right.get_ylabel()
    assert "1 = Jan 2025" in ax.get_ylabel()


def test_the_note_says_how_far_off_the_model_is(run, seen_labels, observed):
    outside = run.side_price("cobalt", "outside")
    points = observed.after("cobalt", {"COD"}, {pd.Timestamp("2025-02-01")})
    both = model_beside(points, outside)
    before = outside["2024-11-01":"2025-01-01"].mean()
    np.testing.assert_allclose(both["simulated"], [outside[f"{month}-01"] / before for month in E30])
    off = np.exp(np.abs(np.log(both["simulated"] / list(E30.values()))).mean())
    still = np.exp(np.abs(np.log(list(E30.values()))).mean())
    note = " ".join(charts.price(run, "cobalt", seen_labels).get_supxlabel().split())
    assert f"On average of 6 months the simulated price is off by a factor of {off:.2f}" in note
    assert f"“no change” would be off by {still:.2f}" in note
    assert "not used in any fit" in note


def test_a_price_without_a_shock_stands_beside_the_observed_one(quiet_folder, seen_labels, tables):
    from lodeflow.viz.frames import Run

    figure = charts.profile(Run.read(quiet_folder), "cobalt", seen_labels)
    months, prices = line_of(figure, "observed")
    assert months == [f"2024-{month:02d}" for month in range(1, 13)]
    assert set(prices) == set(tables.base_prices.query("metal == 'cobalt' and year == 2024")["price_usd_per_t"])


def test_a_year_that_a_shock_is_in_is_no_reference():
    line = pd.Series([1.0] * 12 + [3.0] * 12, index=pd.date_range("2023-01-01", periods=24, freq="MS"))
    assert reference(line, YEARLY, pd.Timestamp("2024-06-01"), reacts=True) == (1.0, "2023")
    assert reference(line, YEARLY, pd.Timestamp("2024-12-01"), reacts=True) == (3.0, "2024")
    assert reference(line, YEARLY, pd.Timestamp("2024-06-01")) == (3.0, "2024")
    assert np.isnan(reference(line, YEARLY, pd.Timestamp("2026-06-01"))[0])


# ---- the flow picture ------------------------------------------------------------------------------------------------
def less_used(run, year, share):
    """The run, in which a share of the use of cobalt in one year is lost with the shock."""
    ledger = run.ledger.copy()
    hit = (ledger["metal"] == "cobalt") & (ledger["run"] == "shock") & (ledger["flow"] == "use")
    ledger.loc[hit & (ledger["date"].dt.year == year), "tonnes"] *= 1 - share
    return replace(run, ledger=ledger)


def test_the_flow_picture_shows_the_year_of_the_largest_effect(run, labels):
    hit = less_used(less_used(run, 2025, 0.2), 2026, 0.1)
    assert effect_year(hit, "cobalt") == 2025
    assert effect_year(run, "cobalt") == 2027  # nothing differs: the last whole year
    figure = charts.flow_picture(hit, "cobalt", labels)
    assert "2025, the year of the largest effect" in figure.get_suptitle().replace("\n", " ")


def test_the_flow_picture_has_the_baseline_beside_it_on_one_scale(run, labels):
    hit = less_used(run, 2025, 0.2)
    figure = charts.flow_picture(hit, "cobalt", labels)
    with_it, without = (ax for ax in figure.axes if ax.get_title(loc="left").startswith("2025"))
    (now, then) = (stages(ledger_year(hit, "cobalt", 2025, name)[1]) for name in ("shock", "baseline"))
    largest = max(bar.tonnes for bar in [*now, *then])
    for ax, bars in ((with_it, now), (without, then)):
        tall = [patch.get_height() for patch in ax.patches if hasattr(patch, "get_height")]
        np.testing.assert_allclose(tall, [bar.tonnes / largest for bar in bars])
    assert "−20 %" in [text.get_text() for text in with_it.texts]
    assert "−20 %" not in [text.get_text() for text in without.texts]


def test_a_run_without_shocks_has_a_flow_picture_of_one_world(quiet_folder, labels):
    from lodeflow.viz.frames import Run

    figure = charts.flow_picture(Run.read(quiet_folder), "cobalt", labels)
    text = " ".join([figure.get_suptitle(), *(ax.get_title(loc="left") for ax in figure.axes)])
    assert "2027" in text
    assert "shock" not in text


def test_output_without_a_shock_stands_beside_what_was_published(quiet_folder, seen_labels, labels, tables):
    from lodeflow.viz.frames import Run

    figure = charts.profile(Run.read(quiet_folder), "cobalt", seen_labels)
    rows = tables.production.query("metal == 'cobalt' and year == 2024")
    dots = [line for line in figure.axes[1].get_lines() if line.get_marker() == "o"]
    assert len(dots) == 2
    for line, stage in zip(dots, ("mine", "refine"), strict=True):
        own = rows[rows["stage"] == stage]
        published = own["observed_t"].fillna(0.0) + own["assumed_t"].fillna(0.0)
        assert f"{pd.DatetimeIndex(line.get_xdata())[0]:%Y-%m}" == "2024-07"
        assert np.asarray(line.get_ydata()) == pytest.approx([published.sum() / 12])
    assert "as published" in figure.get_supxlabel()
    assert (
        "as published, mean of the year" not in charts.profile(Run.read(quiet_folder), "cobalt", labels).get_supxlabel()
    )

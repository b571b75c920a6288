"""The numbers in the charts are the numbers in the frames, and thin data does not break a chart."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import num2date
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from lodeflow.environment.accounts import FLOWS
from lodeflow.viz import charts, style, words
from lodeflow.viz.charts.flows import ledger_year, losses, stages
from lodeflow.viz.charts.network import trade_graph
from lodeflow.viz.charts.overview import price_ratio
from lodeflow.viz.charts.shortage import shortage_by_region
from lodeflow.viz.charts.stocks import cover
from lodeflow.viz.charts.suppliers import supply_change
from lodeflow.viz.charts.why import causes, spread_ticks
from lodeflow.viz.event import Event
from lodeflow.viz.frames import Labels, Run

PER_METAL = ["price", "shortage", "suppliers", "network", "why", "stocks", "flow_picture", "profile"]


def values(run, metal, variable, name="shock", region="WLD"):
    rows = run.series
    for column, wanted in (("metal", metal), ("variable", variable), ("run", name), ("region", region)):
        rows = rows[rows[column] == wanted]
    form = "refined" if "refined" in set(rows["form"]) else rows["form"].iloc[0]
    return rows[rows["form"] == form].sort_values("date")["value"].to_numpy()


def drawn(figure):
    return {line.get_label(): np.asarray(line.get_ydata()) for ax in figure.axes for line in ax.get_lines()}


def pixels(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())


def emptied(run, *names):
    return replace(run, **{name: getattr(run, name).iloc[:0] for name in names})


def test_price_lines_are_the_series(run, labels):
    lines = drawn(charts.price(run, "cobalt", labels))
    shown = slice(1, None)  # from a year before the ban on
    base = values(run, "cobalt", "price", "baseline")
    one = base[12]  # January 2025, the month before the ban
    np.testing.assert_array_equal(lines["without the shock"], base[shown] / one)
    np.testing.assert_array_equal(lines["outside DR Congo"], values(run, "cobalt", "price_outside")[shown] / one)
    np.testing.assert_array_equal(lines["inside DR Congo"], values(run, "cobalt", "price_inside")[shown] / one)


def test_price_without_a_border_shows_the_world_price(run, labels):
    lines = drawn(charts.price(run, "copper", labels))
    one = values(run, "copper", "price", "baseline")[12]
    np.testing.assert_array_equal(lines["world price with the shock"], values(run, "copper", "price")[1:] / one)


def test_a_border_closed_for_ore_gets_its_own_panel(run, labels):
    inside = run.series[(run.series["variable"] == "price_inside")]
    other = run.series[run.series["variable"] != "price_inside"]
    ore = replace(run, series=pd.concat([other, inside.assign(form="ore", region="COD")]))
    figure = charts.price(ore, "cobalt", labels)
    refined, closed = ({line.get_label(): line.get_ydata() for line in ax.get_lines()} for ax in figure.axes[1:])
    assert "inside DR Congo" not in refined
    one = run.line("cobalt", "price", "baseline", form="ore").iloc[12]
    np.testing.assert_array_equal(closed["inside DR Congo"], inside.sort_values("date")["value"].to_numpy()[1:] / one)
    assert figure.axes[2].get_ylabel() == "ore\n(1 = Jan 2025)"


def test_a_month_is_drawn_in_its_middle(run, labels):
    line = charts.price(run, "cobalt", labels).axes[1].get_lines()[0]
    first = num2date(line.get_xdata(orig=False)[0])
    assert (first.year, first.month, first.day) == (2024, 2, 15)


def test_shortage_by_region_leaves_out_sums_of_regions_and_loses_nothing(run):
    parts = shortage_by_region(run, "cobalt", shown=3)
    assert list(parts.columns) == ["CHN", "JPN", "KOR", "ROW"]
    np.testing.assert_allclose(parts.sum(axis=1), values(run, "cobalt", "shortage"))


def test_shortage_share_is_shortage_over_demand(run, labels):
    lines = drawn(charts.shortage(run, "cobalt", labels))
    wanted = values(run, "cobalt", "shortage") / values(run, "cobalt", "demand")
    np.testing.assert_allclose(lines["with the shock"], wanted)


@pytest.mark.parametrize(("size", "said"), [(1.0, "at worst "), (0.002, "at worst less than 0.1 % ")])
def test_a_shortage_is_never_said_to_be_nothing(run, labels, size, said):
    series = run.series.assign(
        value=run.series["value"].where(run.series["variable"] != "shortage", run.series["value"] * size)
    )
    title = " ".join(charts.shortage(replace(run, series=series), "cobalt", labels).get_suptitle().split())
    assert said in title
    assert " 0.0 %" not in title


def test_suppliers_compare_a_year_before_with_a_year_of_the_shock(run):
    table = supply_change(run, "cobalt", "intermediate")
    rows = run.trade.query("metal == 'cobalt' and form == 'intermediate' and run == 'shock' and exporter == 'IDN'")
    before = rows[(rows["date"] >= "2024-02-01") & (rows["date"] < "2025-02-01")]["tonnes"].sum()
    after = rows[(rows["date"] >= "2025-02-01") & (rows["date"] < "2026-02-01")]["tonnes"].sum()
    assert table.loc["IDN", "before"] == pytest.approx(before)
    assert table.loc["IDN", "after"] == pytest.approx(after)
    assert table.index[0] == "COD"


def test_suppliers_are_complete_however_few_are_named(run):
    few, many = (supply_change(run, "cobalt", "intermediate", shown=n) for n in (2, 50))
    assert len(few) == 3
    pd.testing.assert_series_equal(few.sum(), many.sum())


def test_supplier_dots_are_the_table(run, labels):
    figure = charts.suppliers(run, "cobalt", labels)
    table = supply_change(run, "cobalt", "intermediate")
    np.testing.assert_allclose(figure.axes[0].get_lines()[0].get_xdata(), table["before"])
    np.testing.assert_allclose(figure.axes[0].collections[1].get_offsets()[:, 0], table["after"])
    np.testing.assert_allclose([bar.get_width() for bar in figure.axes[1].patches], table["after"] - table["before"])


def test_a_shock_in_the_first_month_is_compared_with_the_baseline(run):
    late = replace(run, trade=run.trade[run.trade["date"] >= "2025-02-01"])
    table = supply_change(late, "cobalt", "intermediate")
    assert table.loc["COD", "before"] > 100 * table.loc["COD", "after"] > 0


def test_a_metal_that_no_shock_names_is_compared_with_the_baseline(run):
    assert not run.touched("copper")
    table = supply_change(run, "copper", "refined")
    np.testing.assert_allclose(table["before"], table["after"])


def test_causes_are_the_difference_of_the_runs_and_add_up(run, labels):
    parts = causes(run, "cobalt")
    rows = run.why[run.why["metal"] == "cobalt"].groupby(["run", "date"])["value"].sum()
    wanted = (rows["shock"] - rows["baseline"]).to_numpy()
    np.testing.assert_allclose(parts.sum(axis=1), wanted, atol=1e-12)
    figure = charts.why(run, "cobalt", labels)
    np.testing.assert_allclose(drawn(figure)["all together"], wanted[1:], atol=1e-12)  # from a year before the ban on
    assert list(parts.columns) == list(style.COMPONENTS)


def test_bars_of_causes_meet_at_the_total(run, labels):
    ax = charts.why(run, "cobalt", labels).axes[0]
    bars = [
        np.array([path.vertices[1:3, 1] - path.vertices[0, 1] for path in own.get_paths()]) for own in ax.collections
    ]
    heights = sum(group[:, 0] for group in bars)
    np.testing.assert_allclose(heights, causes(run, "cobalt").sum(axis=1)[1:], atol=1e-12)


def test_stock_and_recycling_lines_are_the_series(run, labels):
    figure = charts.stocks(run, "cobalt", labels)
    for ax, variable in zip(
        figure.axes, ("stock_cover", "secondary_supply", "eol_recycling_rate", "recycled_content"), strict=True
    ):
        lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
        np.testing.assert_array_equal(lines["with the shock"], values(run, "cobalt", variable))
        np.testing.assert_array_equal(lines["without the shock"], values(run, "cobalt", variable, "baseline"))


def test_stock_cover_is_made_from_stock_and_use_where_it_is_missing(run, labels):
    bare = replace(run, series=run.series[run.series["variable"] != "stock_cover"])
    wanted = values(run, "cobalt", "stock") / values(run, "cobalt", "use")
    np.testing.assert_allclose(cover(bare, "cobalt"), wanted)
    np.testing.assert_allclose(charts.stocks(bare, "cobalt", labels).axes[0].get_lines()[1].get_ydata(), wanted)


def test_overview_draws_every_metal_as_a_ratio(run, labels):
    figure = charts.overview(run, labels)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [labels.metal(metal) for metal in run.metals]
    at = run.metals.index("cobalt")
    wanted = values(run, "cobalt", "price") / values(run, "cobalt", "price", "baseline")
    np.testing.assert_allclose(figure.axes[at].get_lines()[-1].get_ydata(), wanted)
    np.testing.assert_allclose(price_ratio(run, "lithium"), 1.0)


def test_names_of_the_overview_stand_apart(run, labels):
    long = dict.fromkeys(run.metals, "Neodymium-praseodymium")
    figure = charts.overview(run, replace(labels, metals=long).marked(run.metals))
    figure.canvas.draw()
    names = figure.findobj(lambda part: isinstance(part, Text) and "praseodymium" in part.get_text())
    boxes = [name.get_window_extent() for name in names if name.get_fontsize() < 10]
    assert len(boxes) == len(run.metals)
    assert all(Bbox.intersection(a, b) is None for a, b in itertools.combinations(boxes, 2))
    assert max(box.x1 for box in boxes) <= figure.bbox.x1


def test_trade_graph_keeps_every_tonne(run):
    rows = run.trade.query("metal == 'cobalt' and form == 'intermediate' and run == 'baseline'")
    graph = trade_graph(rows, factor=0.25)
    total = sum(t for _, _, t in graph.edges(data="tonnes")) + sum(own for _, own in graph.nodes(data="own"))
    assert total == pytest.approx(0.25 * rows["tonnes"].sum())
    assert not any(a == b for a, b in graph.edges)


def test_a_closed_flow_is_dashed_in_the_colour_of_losses(run, labels):
    from matplotlib.colors import to_hex

    below = charts.network(run, "cobalt", labels).axes[1]
    dashed = [arrow for arrow in below.patches if arrow.get_linestyle() not in ("-", "solid")]
    assert dashed
    assert {to_hex(arrow.get_edgecolor()) for arrow in dashed} == {style.SHOCK}


def test_flow_picture_repeats_the_ledger(run, labels):
    table = ledger_year(run, "cobalt", 2027)[1]
    rows = run.ledger.query("metal == 'cobalt' and run == 'shock'")
    rows = rows[rows["date"].dt.year == 2027].groupby("flow")["tonnes"].sum()
    bars = {bar.name: bar.tonnes for bar in stages(table)}
    assert bars["Mined"] == pytest.approx(rows["mined"])
    assert bars["Supply"] == pytest.approx(rows["refined primary"] + rows["secondary supply"])
    assert bars["Scrap"] == pytest.approx(rows["collected"] + rows["new scrap"])
    assert bars["Recycled"] == pytest.approx(rows["secondary supply"])
    assert list(losses(table).index) == ["landfilled", "recycling loss", "tailings", "slag", "dissipated"]
    assert losses(table)["landfilled"] == pytest.approx(rows["landfilled"])
    heights = [bar.get_height() for bar in charts.flow_picture(run, "cobalt", labels, 2027).axes[0].patches[:1]]
    assert heights == pytest.approx([rows["mined"] / max(bars.values())])


def test_what_is_lost_is_what_the_ledger_loses_and_ore_that_is_found_is_no_loss():
    table = pd.DataFrame({"tonnes": 1.0, "kind": [flow.kind for flow in FLOWS.values()]}, index=list(FLOWS))
    assert set(losses(table).index) == {"tailings", "slag", "dissipated", "landfilled", "recycling loss"}


def test_levels_of_stocks_and_of_ore_in_the_ground_are_no_flows(run):
    level = run.ledger[run.ledger["kind"] == "stock"].assign(kind="ground", flow="stock: ore in the ground")
    both = replace(run, ledger=pd.concat([run.ledger, level.assign(tonnes=level["tonnes"] * 1e3)]))
    assert ledger_year(both, "cobalt")[0] == ledger_year(run, "cobalt")[0]
    assert set(ledger_year(both, "cobalt")[1].index) == set(ledger_year(run, "cobalt")[1].index)


def test_a_metal_from_a_host_has_no_mine(run):
    table = ledger_year(run, "cobalt")[1]
    table.loc["mined", "tonnes"] = 0.0
    assert stages(table)[0].name == "By-product"


@pytest.mark.parametrize("name", PER_METAL)
def test_every_chart_has_title_caption_source_and_units(run, labels, name):
    figure = getattr(charts, name)(run, "cobalt", labels)
    assert "obalt" in style.title_of(figure)
    assert len(style.caption_of(figure)) > 20
    assert (
        figure.get_supxlabel()
        .splitlines()[-1]
        .startswith("source: Lodeflow run DR Congo closes its cobalt exports, seed 7, version 0.1.0")
    )
    for ax in figure.axes:
        if ax.axison and ax.get_yticklabels() and name not in ("network", "suppliers", "flow_picture"):
            assert ax.get_ylabel()


@pytest.mark.parametrize("name", PER_METAL)
@pytest.mark.parametrize(
    "frames", [("series",), ("trade",), ("why",), ("ledger",), ("series", "trade", "why", "ledger", "summary")]
)
def test_empty_frames_draw_a_note_instead_of_crashing(run, labels, name, frames):
    assert pixels(getattr(charts, name)(emptied(run, *frames), "cobalt", labels)).std() > 1


@pytest.mark.parametrize("frames", [("series",), ("trade", "why", "ledger", "summary")])
def test_overview_of_empty_frames(run, labels, frames):
    assert pixels(charts.overview(emptied(run, *frames), labels)).std() > 0.5


@pytest.mark.parametrize("name", PER_METAL)
@pytest.mark.parametrize("months", [1, 2, 14])
def test_short_runs_can_be_drawn(run, labels, name, months):
    last = pd.Timestamp("2024-01-01") + pd.DateOffset(months=months)
    cut = {
        frame: getattr(run, frame)[getattr(run, frame)["date"] < last] for frame in ("series", "trade", "why", "ledger")
    }
    assert pixels(getattr(charts, name)(replace(run, **cut), "cobalt", labels)).std() > 1


@pytest.mark.parametrize("name", PER_METAL)
def test_a_metal_without_any_flow_can_be_drawn(run, labels, name):
    still = replace(run, series=run.series.assign(value=0.0), trade=run.trade.assign(tonnes=0.0))
    assert pixels(getattr(charts, name)(still, "cobalt", labels)).std() > 1


@pytest.mark.parametrize("name", PER_METAL)
def test_unknown_metals_and_places_fall_back_to_their_codes(run, name):
    assert pixels(getattr(charts, name)(run, "cobalt", Labels())).std() > 1
    assert pixels(getattr(charts, name)(run, "unobtainium", Labels())).std() > 0.5


def test_mathematics_signs_in_names_are_only_text(run, labels):
    odd = replace(run, manifest={**run.manifest, "scenario": "cost in $ and $x^2 \\frac{"})
    figure = charts.price(odd, "cobalt", labels)
    pixels(figure)
    assert r"\$x^2" in figure.get_supxlabel()


def test_places_keep_their_colours_and_never_share_one():
    first, second = style.place_colors(["CHN", "FIN", "ROW", "CUB"]), style.place_colors(["CUB", "CHN"])
    assert first["CHN"] == second["CHN"] == style.PLACE["CHN"]
    many = style.place_colors(["CHN", "USA", "FIN", "CUB", "PHL", "CAN", "ROW"])
    assert len(set(many.values())) == len(many)


@pytest.mark.parametrize("top", [0.0003, 0.004, 0.03, 0.25, 0.7, 1.3, 7.0, 9.5, 260.0, 7400.0, 83e3, 1.7e6])
@pytest.mark.parametrize("kind", ["mass", "percent", "usd", "index"])
def test_numbers_on_an_axis_are_those_of_the_axis(top, kind):
    figure = style.new_figure()
    ax = figure.subplots()
    style.from_zero(ax, top)
    size = 0.01 if kind == "percent" else 1.0
    if kind == "mass":
        style.mass_axis(ax, top, "metal")
        size = words.mass_unit(top)[0]
    elif kind == "percent":
        style.percent_axis(ax, top, "share")
    elif kind == "usd":
        style.usd_axis(ax)
    else:
        style.index_axis(ax, "Jan 2025", 0.0)
    figure.canvas.draw()
    shown = [float(label.get_text().replace(",", "").replace("−", "-")) for label in ax.get_yticklabels()]
    assert shown == pytest.approx(np.array(ax.get_yticks()) / size, abs=1e-6)
    assert "-0" not in [label.get_text() for label in ax.get_yticklabels()]


def test_log_ticks_stay_apart():
    ticks = spread_ticks(-0.5, 2.0)
    assert 1.0 in ticks
    assert np.diff(np.log(ticks)).min() >= 2.5 / 11


def test_events_are_read_with_care():
    event = Event.read(
        {"kind": "export_ban", "actor": "COD", "metal": ["cobalt", "copper"], "start": "2025-02", "end": None}
    )
    assert event.label == "export ban"
    assert event.touches("copper")
    assert not event.touches("lithium")
    assert event.end is None
    assert Event.read({"kind": "demand_surge", "metal": "*"}).touches("lithium")


def test_events_are_named_with_their_actor(labels):
    for label in ("COD export ban", "DR Congo: export ban", "export ban"):
        assert labels.event(Event.read({"label": label, "actor": "COD"})) == "DR Congo: export ban"
    assert labels.event(Event.read({"label": "demand surge"})) == "demand surge"


def test_the_title_comes_from_the_scenario(run):
    assert run.about["title"] == "DR Congo closes its cobalt exports"
    named = replace(run, manifest={**run.manifest, "scenario": "short-name"})
    assert named.about == {"title": "drc-cobalt-export-ban", "description": ""}
    told = replace(named, scenario_text='title = "A title"\ndescription = "Why"')
    assert told.about == {"title": "A title", "description": "Why"}
    assert replace(named, scenario_text="not toml [").about["title"] == "short-name"


def test_the_run_knows_which_metals_moved(run):
    assert run.moved() == ["cobalt"]
    assert run.actor("cobalt") == "COD"


def test_an_outcome_can_be_drawn_without_a_folder(folder, labels):
    class Outcome:
        pass

    stored, outcome = Run.read(folder), Outcome()
    for name in ("series", "trade", "why", "ledger", "summary", "hits", "kpis", "manifest", "money", "decisions"):
        setattr(outcome, name, getattr(stored, name))
    outcome.events = [{"kind": "export_ban", "actor": "COD", "metal": "cobalt", "start": "2025-02"}]
    assert "DR Congo" in style.title_of(charts.price(Run.of(outcome), "cobalt", labels))


@pytest.mark.parametrize(
    ("kinds", "cause"), [(["epr"], "the policy"), (["epr", "export_ban"], "the shock"), (["export_ban"], "the shock")]
)
def test_charts_of_policies_alone_say_without_the_policy(run, labels, kinds, cause):
    events = [replace(run.events[0], kind=kind) for kind in kinds]
    told = replace(run, events=events)
    assert told.cause == cause
    for name in ("price", "shortage", "stocks"):
        legend = drawn(getattr(charts, name)(told, "cobalt", labels))
        assert f"without {cause}" in legend
        assert not {f"without {other}" for other in ("the shock", "the policy") if other != cause} & set(legend)
    other = "the policy" if cause == "the shock" else "the shock"
    for name in PER_METAL:
        figure = getattr(charts, name)(told, "cobalt", labels)
        texts = [figure.get_supxlabel(), style.title_of(figure), style.caption_of(figure)]
        texts += [text.get_text() for ax in figure.axes for text in ax.texts]
        assert not [text for text in texts if f"without {other}" in text or f"with {other}" in text]

"""Assumptions on the page have the ranges of the tables, and stand in the link."""

import ipyvuetify as v
import ipywidgets
import pytest
import solara

from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.beside import assume
from lodeflow.viz.app.beside.assume_view import Turned
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world import board, link
from lodeflow.viz.app.world.session import Session


def test_every_knob_is_a_row_of_the_table(tables):
    scenario = load_scenario("baseline", ["parameters.eta.cobalt=0.8"], tables)
    knobs = {knob.name: knob for knob in assume.knobs("cobalt", scenario, tables)}
    assert list(knobs) == list(assume.MOVED)
    rows = tables["parameters"].set_index(["parameter", "scope"])
    eta = knobs["eta"]
    assert (eta.key, eta.value) == ("eta.cobalt", 0.8)
    assert (eta.shipped, eta.low, eta.high) == tuple(rows.loc[("eta", "cobalt"), ["value", "low", "high"]])
    assert knobs["precaution"].key == "precaution"
    assert all(knob.low <= knob.shipped <= knob.high for knob in knobs.values())
    for language in ("en", "zh"):
        texts = Texts(language, tables)
        assert all(texts.has(f"assume.{name}") for name in knobs)
        assert all(texts.has(f"assume.demands.{name}") for name in assume.demands(tables))


def test_every_key_can_be_run(tables):
    """Each knob at its end gives a scenario that is checked and differs from the shipped one."""
    usual = load_scenario("baseline", (), tables)
    assert not assume.moved(usual, tables)
    for metal in ("cobalt", "lithium", "copper"):
        for knob in assume.knobs(metal, usual, tables):
            other = load_scenario("baseline", [f"parameters.{knob.key}={knob.high}"], tables)
            assert assume.moved(other, tables), knob.key


def test_what_is_moved_is_part_of_the_link(tables):
    own = load_scenario("baseline", ["parameters.eta.cobalt=0.8", "world.demand=NZE", "world.noise=0.5"], tables)
    held = link.packed(own)
    assert held["own"]
    text = link.unpack(held["own"]).decode()
    assert "NZE" in text
    assert '"eta.cobalt" = 0.8' in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_energy_and_gases_have_charts_where_they_are_recorded(tables, language):
    """Switched on on the page, all stages stand in two charts that add up to the indicators; off there is none."""
    texts = Texts(language, tables)
    small = load_scenario("baseline", ['world.metals=["copper", "lithium"]', "world.end=2024-06"], tables)
    session = Session(tables, small)
    session.step(3)
    names = lambda: {chart.id: chart for chart in board.charts_of(session.frame(), "copper", texts, board.OTHERS)}  # noqa: E731
    assert not {"gases", "energy"} & set(names())
    assert not assume.moved(session.scenario, tables)
    for switch in assume.SWITCHES:
        assert texts.has(f"assume.{switch.name}")
        assert texts.has(f"assume.{switch.name}_help")
        assert not switch.is_on(session.scenario)
    session.assume({"footprint": True}, {})
    assert assume.SWITCHES[0].is_on(session.scenario)
    assert assume.moved(session.scenario, tables)
    shown = names()
    live = session.frame().live
    for chart, what in (("gases", "co2"), ("energy", "energy")):
        assert len(shown[chart].lines) == 3
        forms = {"mining": live.feed_form("copper"), "refining": "refined", "recycling": "refined"}
        told = sum(live.line(f"{what}_{stage}", "copper", form) for stage, form in forms.items())
        assert sum(line.values for line in shown[chart].lines) == pytest.approx(told)
        assert told.min() > 0.0
    session.assume({"nexus": True, "cell_choice": "logit"}, {})
    assert all(switch.is_on(session.scenario) for switch in assume.SWITCHES)
    assert 'cell_choice = "logit"' in link.unpack(link.packed(session.scenario)["own"]).decode()


@pytest.mark.parametrize(("part", "asked"), [(0.5, False), (0.0, False), (1.0, True), (-3.0, True)])
def test_a_slider_that_the_browser_rounds_asks_for_nothing(tables, part, asked):
    """Values of the table lie between the steps of a slider; a browser rounds them to one, and nobody has moved anything."""
    knob = assume.knobs("cobalt", load_scenario("baseline", (), tables), tables)[0]
    box, rc = solara.render(Turned(knob, lambda *_: None, Texts("en", tables)), handle_error=False)
    try:
        slider = next(one for one in walk(box) if isinstance(one, v.Slider))
        slider.v_model = knob.value + part * knob.step
        assert any(isinstance(one, v.Btn) for one in walk(box)) is asked
    finally:
        rc.close()


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()) or ():
        if isinstance(child, ipywidgets.Widget):
            yield from walk(child)

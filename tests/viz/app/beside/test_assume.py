"""Assumptions on the page have the ranges of the tables, and stand in the link."""

from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.beside import assume
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world import link


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

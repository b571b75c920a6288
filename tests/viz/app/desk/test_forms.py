"""The desk: it is about the metal on screen, one click fires once, and the same measure is not fired twice."""

import pytest

from lodeflow.data.problems import DataError
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.run.what_if import build_world
from lodeflow.experiments.scenario.model import load_scenario, shipped
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.desk import guess
from lodeflow.viz.app.desk.latch import CLICK, Latch
from lodeflow.viz.app.world import worlds
from lodeflow.viz.app.world.session import Session

METALS = [
    "lithium", "cobalt", "nickel", "copper", "neodymium-praseodymium", "dysprosium-terbium", "gallium", "germanium",
    "graphite",
]  # fmt: skip


@pytest.fixture(scope="module")
def mine(tables):
    """A short world; the others that countries of new measures begin are kept as long as the tests of this file run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worlds, "KEPT", 64)
        yield Session(tables, load_scenario("baseline", ["world.end=2024-06"], tables))
    worlds.forget()


def proposed(mine, kind, metal):
    values = guess.guess(kind, metal, mine.live.world)
    return desk.first_values(kind, mine.live.world.layout.metals, mine.now, values)


@pytest.mark.parametrize("kind", sorted(desk.kinds()))
@pytest.mark.parametrize("metal", METALS)
def test_every_form_is_about_the_metal_on_screen_and_can_be_fired(mine, kind, metal):
    values = proposed(mine, kind, metal)
    of_own_products = REGISTRY[kind].alias_of == "technology_switch"  # such as cobalt-free batteries
    assert guess.touches(values, metal, mine.live.world) or of_own_products
    mine.fire(desk.raw_shock(kind, values, desk.first_timing(kind), mine.now))
    assert mine.scenario.shocks[-1].kind == kind
    mine.undo()


@pytest.mark.parametrize("kind", sorted(desk.kinds()))
def test_a_measure_of_the_run_comes_back_into_its_form(mine, kind):
    mine.fire(desk.raw_shock(kind, proposed(mine, kind, "cobalt"), desk.first_timing(kind), mine.now))
    shock = mine.scenario.shocks[-1]
    again = desk.raw_shock(kind, *desk.entered(shock), mine.scenario.world.start)
    assert REGISTRY[kind].model_validate(again) == shock
    mine.undo()


def test_who_matters_for_a_metal_comes_from_the_world(mine):
    nickel = proposed(mine, "export_ban", "nickel")
    assert (nickel["actor"], nickel["metals"]) == ("IDN", ["nickel"])
    assert proposed(mine, "export_ban", "cobalt")["actor"] == "COD"
    assert proposed(mine, "mine_outage", "lithium")["actor"] == "AUS"
    assert proposed(mine, "export_ban", "gallium")["actor"] == "CHN"
    use = mine.live.world.inputs
    own = use.metal == mine.live.world.layout.metal_index["lithium"]
    bought = proposed(mine, "stock_purchase", "lithium")["tonnes"]
    assert bought == pytest.approx(use.base[own].sum(), rel=0.06)


@pytest.mark.parametrize("name", shipped())
def test_a_scenario_is_about_a_metal_that_its_shocks_touch(tables, name):
    """Its world is drawn up as `lodeflow check` does it, which refuses none of them."""
    scenario = load_scenario(name, (), tables)
    world = build_world(scenario, tables)
    metal = guess.main_metal(scenario.shocks, world)
    if scenario.shocks:
        assert guess.touches(scenario.shocks[0].model_dump(), metal, world)
    else:  # a frame of the world alone is about no metal in particular
        assert metal == ""
    assert guess.main_metal((), world) == ""


def test_loads_are_counted_so_that_the_page_can_follow(tables, mine):
    own = Session(tables, mine.loaded)
    before = own.frame().loads
    own.step()
    own.undo()
    assert own.frame().loads == before
    own.load(own.loaded)
    assert own.frame().loads == before + 1


def test_the_same_measure_is_not_fired_twice(tables, mine):
    own = Session(tables, mine.loaded)
    ban = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed", "end": "2024-05"}
    own.fire(ban)
    with pytest.raises(DataError, match="fired already"):
        own.fire(ban)
    assert len(own.scenario.shocks) == 1
    own.fire(ban | {"strength": 0.5})
    assert len(own.scenario.shocks) == 2


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_one_of_many_fast_clicks_counts():
    clock = Clock()
    latch = Latch(clock)
    assert latch.take()
    clock.now += 5 * CLICK
    assert not latch.take(), "its wish is not done"
    latch.give_back()
    clock.now += 0.5 * CLICK
    assert [latch.take() for _ in range(3)] == [False] * 3
    clock.now += 0.9 * CLICK
    assert not latch.take(), "still the same fit of clicking"
    clock.now += CLICK
    assert latch.take()
    latch.give_back()
    latch.renew()
    assert latch.take(), "another measure was chosen in between"
    latch.renew()
    assert not latch.take(), "but a wish that is not done holds"

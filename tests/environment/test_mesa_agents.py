"""Mesa agents are handles on the columns: what is asked of them acts or raises, and nothing is made before it is asked for."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import mesa
import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, build
from lodeflow.environment.blueprint import POPULATIONS
from lodeflow.environment.mesa_agents import KINDS, Country, Manufacturer, Miner, OreDesk, Recycler, ScrapPool, settable
from lodeflow.environment.state import MARKETS_WITH_MEMORY
from tests.environment.helpers import different, settings_of


@pytest.fixture(scope="module")
def resting(tables: Tables) -> World:
    """Cobalt and lithium at rest, before the first month; tests take twins."""
    return build(tables, settings_of(["cobalt", "lithium"], end="2024-06"))


@pytest.fixture
def world(resting: World) -> World:
    """A world that a test may change."""
    return resting.twin()


class Halver(Miner):
    """A mine that halves its capacity once."""

    def step(self) -> None:
        """Halve it in the first month."""
        self.asked = getattr(self, "asked", 0) + 1
        if self.asked == 1:
            self.expansion = 0.5


def test_every_row_of_those_who_decide_has_an_agent(world: World) -> None:
    assert isinstance(world, mesa.Model)
    counts = {kind: len(agents) for kind, agents in world.agents_by_type.items()}
    assert counts == {kind: len(getattr(world, kind.rows)) for kind in KINDS}
    assert len(world.agents) == sum(counts.values())
    assert world.agent_types == list(KINDS)


def test_a_run_makes_no_agents(world: World) -> None:
    world.run()
    assert world._seats is None
    assert world._collector is None
    assert world._space is None


def test_agents_change_no_number_of_a_run(world: World) -> None:
    other = world.twin()
    assert len(other.agents) == len(other.space.agents)
    assert len(other.datacollector.get_model_vars_dataframe()) == 0
    assert different(world.run(), other.run()) == []


def test_a_world_whose_agents_were_made_is_let_go(resting: World) -> None:
    world = resting.twin()
    assert len(world.agents) > 0
    gone = weakref.ref(world)
    del world
    gc.collect()
    assert gone() is None


def test_every_seller_of_every_market_has_an_ask_that_mesa_and_the_recorder_see(tables: Tables) -> None:
    world = build(tables, settings_of(["cobalt"], end="2024-06"))
    world.step()
    sellers = {"feed": ("OreDesk",), "refined": ("Refiner", "SecondarySeller"), "scrap": ("ScrapPool",)}
    kinds = {kind.__name__: agents for kind, agents in world.agents_by_type.items()}
    for name, who in sellers.items():
        asks = [agent.ask for kind in who for agent in kinds[kind]]
        assert len(asks) == len(world.markets[name].sellers)
        assert min(asks) > 0.0
        if name in MARKETS_WITH_MEMORY:
            anchor = np.exp(world.anchor[0])
            np.testing.assert_array_equal(world.recorder.block(f"{name}_ask")[-1], np.array(asks) * anchor)
    world.agents_by_type[OreDesk].set("ask", 1.25)
    assert (world.ore_desks.ask == 1.25).all()


def test_agent_and_column_are_one(world: World) -> None:
    name = world.miners.ids[0]
    (agent,) = world.agents.select(lambda agent: agent.id == name, agent_type=Miner)
    assert agent.stock == world.miners[name].stock
    agent.reserve = 123.0
    assert world.miners.reserve[0] == 123.0
    with pytest.raises(AttributeError, match="Miner has no attribute 'colour'"):
        agent.colour  # noqa: B018


# ---- names ---------------------------------------------------------------------------------------------------------------
def test_agents_give_names_where_columns_hold_row_numbers(world: World) -> None:
    (mine,) = world.agents.select(lambda mine: mine.id == "COD-cobalt-1", agent_type=Miner)
    assert (mine.country, mine.metal, mine.tier, mine.desk) == ("COD", "cobalt", 1, "COD-cobalt")
    assert mine.host == "COD-copper"
    assert mine.as_host is None
    maker = world.agents_by_type[Manufacturer][0]
    assert maker.id == f"{maker.country}-{maker.product}"
    recycler = world.agents_by_type[Recycler][0]
    assert recycler.id.startswith(f"{recycler.country}-{recycler.group}")
    assert set(recycler.seller) <= {None, *world.secondary.ids}
    assert world.miners["COD-cobalt-1"].country == "COD", "a row gives names as well"


def test_no_attribute_of_a_vocabulary_is_hidden(world: World) -> None:
    """`population` of a country are its people."""
    for kind in KINDS:
        agent, population = world.agents_by_type[kind][0], getattr(world, kind.rows)
        row = population[agent.id]
        for name in population.attributes:
            assert name in dir(agent)
            np.testing.assert_array_equal(getattr(agent, name), population.entry(name, 0))
            np.testing.assert_array_equal(getattr(row, name), population.entry(name, 0))
    assert world.agents_by_type[Country][0].population > 1000.0


def test_agents_of_all_kinds_can_be_asked_for_their_country(world: World) -> None:
    found = world.agents.groupby("country").groups["COD"]
    assert Country in {type(agent) for agent in found}
    assert len(found) == len(world.agents.select(lambda agent: agent.country == "COD"))


def test_a_world_says_what_it_is(world: World) -> None:
    world.step()
    assert repr(world) == "<World of lithium, cobalt: 2024-01 to 2024-06, 1 of 6 months>"


def test_every_row_number_has_names_or_is_a_plain_number(world: World) -> None:
    plain = {("miners", "tier"), ("recyclers", "formal")}
    for name in POPULATIONS:
        population = getattr(world, name)
        for attribute in population.attributes.values():
            numbers = attribute.unit == "index" and (name, attribute.name) not in plain
            assert bool(attribute.of) == numbers, f"{name}.{attribute.name}"
            if numbers and len(population):
                assert population.entry(attribute.name, 0) is None or not isinstance(
                    population.entry(attribute.name, 0), int
                )
                rows, names = population.column(attribute.name), population.names[attribute.of]
                assert rows.min() >= -1
                assert rows.max() <= len(names)


def test_a_matrix_is_read_as_a_copy_that_cannot_be_written(world: World) -> None:
    mine = world.agents_by_type[Miner][0]
    with pytest.raises(ValueError, match="read-only"):
        mine.building[0] = 1.0
    mine.building = [0.1, 0.2, 0.3]
    assert world.miners.building[:, 0].tolist() == [0.1, 0.2, 0.3]


# ---- asking ----------------------------------------------------------------------------------------------------------------
def test_select_shows_a_filter_only_agents_of_the_type(world: World) -> None:
    found = world.agents.select(lambda mine: mine.tier == 1, agent_type=Miner)
    assert len(found) == int((world.miners.tier == 1).sum())
    assert len(world.agents.select(lambda mine: mine.tier == 1, at_most=2, agent_type=Miner)) == 2
    assert len(world.agents.select(agent_type=Country)) == len(world.countries)
    found.discard(found[0])
    assert len(found) == int((world.miners.tier == 1).sum()) - 1, "a selection is one's own"
    found = world.agents.select(lambda mine: mine.tier == 1, agent_type=Miner)
    cheap = world.agents.select(agent_type=Miner).select(lambda mine: mine.tier == 1, agent_type=Miner)
    assert set(cheap) == set(found)
    assert len(world.agents.select(lambda agent: agent.country == "COD").select(lambda m: m.tier, agent_type=Miner)) > 0


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda world, mine: world.agents.shuffle_do("step"), "world.step\\(\\) simulates their month"),
        (lambda world, mine: mine.step(), "a Miner has no step"),
        (lambda world, mine: world.agents.do("advance"), "world.step\\(\\) simulates their month"),
        (lambda world, mine: world.agents.remove(mine), "go by agent.remove"),
        (lambda world, mine: world.agents.add(mine), "come by being made"),
        (lambda world, mine: world.agents.clear(), "yours to change"),
        (lambda world, mine: mine.remove(), "cannot be removed"),
        (lambda world, mine: world.remove_all_agents(), "cannot be removed"),
        (lambda world, mine: world.deregister_agent(mine), "cannot be removed"),
    ],
)
def test_what_cannot_be_done_raises(world: World, act: Any, says: str) -> None:
    mine = next(iter(world.agents_by_type[Miner]))
    with pytest.raises(NotImplementedError, match=says):
        act(world, mine)
    assert mine in world.agents


def test_all_agents_are_kept_even_if_nobody_has_asked_for_them(world: World) -> None:
    with pytest.raises(NotImplementedError, match="cannot be removed"):
        world.remove_all_agents()


# ---- setting ---------------------------------------------------------------------------------------------------------------
REFUSED = {
    "Country": "latitude longitude population gdp",
    "Miner": "normal_stock capacity carried host_kept_ahead output",
    "Refiner": "planned throughput capacity normal_feed normal_stock",
    "Manufacturer": "desired output",
    "Recycler": "base planned throughput way bid",
    "OreDesk": "normal_stock",
    "MetalDesk": "bid exposed substitution demand_ahead stock normal_stock normal_at_sellers desired shortage",
    "SecondarySeller": "output old_output foreign_output normal_stock",
    "ScrapPool": "arising mix old_share ask",
}
"""Attributes that cannot be set through an agent, besides who it is."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_a_month_works_out_anew_cannot_be_set_and_would_be_lost(resting: World, kind: type) -> None:
    """What is refused changes nothing when its column is written, all at once: the rule is not stricter than it must be."""
    twin, other = resting.twin(), resting.twin()
    agent, column = twin.agents_by_type[kind][0], getattr(other, kind.rows)
    numbers = [name for name, attribute in column.attributes.items() if attribute.unit != "index"]
    refused = [name for name in numbers if name not in settable(twin, kind)]
    assert refused == [name for name in numbers if name in REFUSED[kind.__name__].split()]
    for name in refused:
        with pytest.raises(AttributeError, match=f"{kind.__name__}.{name} is .* What can be set: "):
            setattr(agent, name, 0.5)
        column.column(name)[:] = 0.5
    assert different(resting.twin().run(), other.run()) == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, names in (
        (Miner, "base expansion utilisation stock reserve ceiling recovery"),
        (Manufacturer, "base"),
        (OreDesk, "ask"),
        (ScrapPool, "informal"),
    ) for name in names.split()],
)  # fmt: skip
def test_what_can_be_set_acts_and_metal_stays_conserved(resting: World, kind: type, name: str) -> None:
    world, quiet = resting.twin(), resting.twin().run()
    for agent in world.agents_by_type[kind]:
        setattr(agent, name, getattr(agent, name) * 0.5)
    assert different(quiet, world.run()) != []


def test_who_an_agent_is_cannot_be_set(world: World) -> None:
    with pytest.raises(AttributeError, match=r"Miner\.country says who it is"):
        world.agents_by_type[Miner][0].country = "CHN"


# ---- agents and models of a user's own ----------------------------------------------------------------------------------------
def test_an_agent_of_a_kind_of_ones_own_takes_a_seat_and_acts_once_a_month(world: World) -> None:
    before = len(world.agents)
    agent = Halver(world, "COD-cobalt-1")
    assert len(world.agents) == before
    assert agent in world.agents
    world.step()
    assert agent.asked == 1
    assert world.miners["COD-cobalt-1"].output < 0.7 * world.twin().run().miners["COD-cobalt-1"].output
    world.agents_by_type[Halver].shuffle_do("step")
    world.step()
    assert agent.asked == 2, "called by hand, so not called again"
    agent.remove()
    world.step()
    assert agent.asked == 2
    assert agent not in world.agents
    assert len(world.agents) == before


def test_many_agents_of_ones_own_are_made_as_in_mesa(world: World) -> None:
    made = Halver.create_agents(world, 2, ["COD-cobalt-1", "COD-cobalt-2"])
    assert [agent.id for agent in made] == ["COD-cobalt-1", "COD-cobalt-2"]


def test_a_seat_has_one_agent(world: World) -> None:
    with pytest.raises(ValueError, match="<Miner COD-cobalt-1> is in the world already"):
        Miner(world, "COD-cobalt-1")
    Halver(world, "COD-cobalt-1")
    with pytest.raises(ValueError, match="<Halver COD-cobalt-1> is in the world already"):
        Halver(world, "COD-cobalt-1")
    with pytest.raises(ValueError, match=r"there is no miner 'COD-cobald-1'\. Did you mean 'COD-cobalt-1'"):
        Halver(world, "COD-cobald-1")


def test_an_agent_of_mesa_alone_may_be_added_and_removed(world: World) -> None:
    class Watcher(mesa.Agent):
        """Looks on."""

    watcher = Watcher(world)
    assert watcher in world.agents
    watcher.remove()
    assert watcher not in world.agents
    assert len(world.agents) == sum(len(getattr(world, kind.rows)) for kind in KINDS)


# ---- the model -----------------------------------------------------------------------------------------------------------------
def test_a_model_ends_by_itself(world: World) -> None:
    assert world.running
    world.run_model()
    assert (world.running, world.t, world.steps) == (False, world.settings.months, world.settings.months)
    with pytest.raises(RuntimeError, match="the run ended in 2024-06"):
        world.step()


def test_a_fork_stands_where_its_world_stands(world: World) -> None:
    world.step()
    other = world.fork()
    assert (other.steps, other.running) == (1, True)
    assert not world.run().fork().running


def test_a_model_that_was_stopped_stays_stopped(world: World) -> None:
    world.running = False
    world.step()
    assert not world.running


def test_agents_stand_at_their_country(world: World) -> None:
    for agent in world.space.agents:
        row = world.layout.country_index[agent.id if isinstance(agent, Country) else agent.country]
        east, north = agent.pos
        assert abs(east - world.countries.longitude[row]) <= 1.5 + 1e-9
        assert abs(north - world.countries.latitude[row]) <= 1.5 + 1e-9
    (mine,) = world.agents.select(lambda mine: mine.id == "COD-cobalt-1", agent_type=Miner)
    assert mine in world.space.get_neighbors(mine.pos, 0.1)


# ---- series --------------------------------------------------------------------------------------------------------------------
def test_the_collector_reads_what_the_world_recorded(world: World) -> None:
    early = world.datacollector.get_model_vars_dataframe()
    world.step()
    world.datacollector.collect(world)
    assert len(world.datacollector.get_model_vars_dataframe()) == 1
    world.run_model()
    found = world.datacollector.get_model_vars_dataframe()
    assert set(early.columns) == set(found.columns), "nothing to plot is missing before the first month"
    table = world.recorder.series()
    table = table[(table.region == "WLD") & (table.metal == "cobalt")]
    for name, variable, form in (
        ("price.cobalt", "price", "refined"),
        ("feed_price.cobalt", "price", "intermediate"),
        ("in_use_stock.cobalt", "in_use_stock", "product"),
        ("feed_production.cobalt", "production", "intermediate"),
        ("hhi.cobalt", "hhi", "refined"),
    ):
        rows = table[(table.variable == variable) & (table.form == form)]
        np.testing.assert_array_equal(found[name], rows.value)
        assert list(found.index) == list(rows.date)
        assert world.datacollector.units[name] == rows.unit.iloc[0]


def test_a_collector_of_another_world_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="another world"):
        world.datacollector.collect(world.twin())


def test_a_collector_of_ones_own_takes_the_place(world: World) -> None:
    own = mesa.DataCollector(model_reporters={"t": "t"}, agenttype_reporters={Miner: {"stock": "stock"}})
    world.datacollector = own
    world.step()
    world.datacollector.collect(world)
    assert own.get_model_vars_dataframe()["t"].tolist() == [1]
    assert len(own.get_agenttype_vars_dataframe(Miner)) == len(world.miners)

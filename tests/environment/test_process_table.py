"""The catalogue of processes: what is not ready waits, and energy that gets dearer makes what needs it cost more."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.data.footprint import SECONDARY, totals
from lodeflow.environment import World
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.records.stages import GAINED
from lodeflow.environment.shocks.carbon import of_processes
from lodeflow.environment.shocks.kinds import EnergyPrice, Shock
from lodeflow.environment.start.processes import USUAL, ready_from
from lodeflow.experiments.analysis.footprint.account import CARBON, ENERGY, footprints, own_energy
from tests.environment.helpers import ban, world_of
from tests.experiments.analysis.chains import watched

BAN = ban(form="refined", actor="CHN", metal="neodymium-praseodymium", start="2024-03", months=46)
READY = parse_month("2027-01")


def magnets(tables: Tables, *shocks: Shock, **changes: object) -> World:
    """Rare earths under a ban of China, so dear that plants take to new processes."""
    return world_of(tables, ["neodymium-praseodymium"], [BAN, *shocks], **{"end": "2027-12"} | changes)


def ready_then(tables: Tables) -> Tables:
    """The tables with all processes for magnets ready in 2027."""
    rows = tables.processes.copy()
    mine = (rows["group"] == "magnet") & (rows["process"] != USUAL)
    rows.loc[mine, ["readiness", "readiness_year", "years_left"]] = (7, 2023, 4.0)
    return tables.replace(processes=rows)


def begun(world: World) -> np.ndarray:
    """Share of plants that have a process or build one, by month, summed over plants."""
    found = []
    while world.t < world.settings.months:
        world.step()
        found.append(world.recyclers.installed.sum() + world.recyclers.installing.sum())
    return np.array(found)


def test_no_plant_begins_what_is_not_ready_and_all_may_when_it_is(tables: Tables) -> None:
    later = ready_then(tables)
    waits, free = begun(magnets(later, readiness=True)), begun(magnets(later))
    month = READY - parse_month("2024-01")
    assert free[month - 1] > 0.0, "without the rule they are begun before"
    assert (waits[:month] == 0.0).all()
    assert waits[month] > 0.0


def test_readiness_that_is_reached_changes_no_bit(tables: Tables) -> None:
    rows = tables.processes.assign(readiness=9)
    proven = tables.replace(processes=rows)
    worlds = [magnets(proven, end="2025-12", readiness=on).run() for on in (False, True)]
    for name, block in worlds[0].recorder.blocks.items():
        assert np.array_equal(block, worlds[1].recorder.blocks[name]), name


def test_the_table_says_when_a_process_is_ready(tables: Tables) -> None:
    rows = tables.processes[tables.processes["process"] != USUAL]
    assert rows["readiness"].between(1, 9).all()
    assert rows["readiness_source"].notna().all()
    below = rows["readiness"] < 9
    assert (rows.loc[below, "years_left"] > 0).all()
    assert (rows.loc[~below, "years_left"] == 0).all()
    assert (rows["years_left"] >= rows["years_left_low"]).all()
    assert (rows["years_left"] <= rows["years_left_high"]).all()
    known = rows[rows["energy"].notna()]
    assert len(known) >= 6
    assert ((known["energy_low"] < known["energy"]) & (known["energy"] < known["energy_high"])).all()
    pilot = rows[rows["process"] == "magnet-to-magnet"].iloc[0].to_dict()
    assert ready_from(pilot) == 12 * (int(pilot["readiness_year"]) + int(pilot["years_left"]))
    assert ready_from(pilot | {"readiness": 9}) == 0


def test_dear_energy_is_paid_by_the_gigajoules_of_a_process_of_its_own(tables: Tables) -> None:
    world = magnets(tables)
    rise = 20.0
    figures, metals = world.blueprint.processes, len(world.layout.metals)
    general = np.full((metals, len(world.layout.countries)), totals(tables, "neodymium-praseodymium")[SECONDARY][0])
    found = of_processes(world, rise * general)
    group = world.layout.groups.index("magnet")
    (plant, *_) = np.flatnonzero(world.recyclers.group[figures.plants] == group)
    names = figures.names["magnet"]
    rows = tables.processes.set_index(["group", "process", "metal"]).loc["magnet"]
    for name in names:
        row = rows.loc[(name, "neodymium-praseodymium")]
        own = row["energy"] if name == "magnet-to-magnet" else general[0, 0]
        assert found[plant, names.index(name), 0] == pytest.approx(rise * own * row["yield"])


def test_processes_are_worth_less_where_energy_is_dear(tables: Tables) -> None:
    rise = EnergyPrice(actor="JPN", rise=1000.0, start="2024-03")
    calm, dear = (magnets(tables, *more, end="2024-12").run() for more in ((), (rise,)))
    here = dear.recyclers.country == dear.layout.country_index["JPN"]
    magnet = dear.recyclers.group == dear.layout.groups.index("magnet")
    formal = dear.recyclers.formal == 1
    margin = [world.recyclers.process_margin[here & magnet & formal].max() for world in (dear, calm)]
    assert margin[0] < margin[1] - 0.05


def test_footprints_take_the_own_energy_of_processes(tables: Tables) -> None:
    account = watched(magnets(tables), 48)
    assert account.gained is not None, GAINED
    label, metal = "magnet: magnet-to-magnet", "neodymium-praseodymium"
    ratio = own_energy(tables, metal)
    assert ratio == {label: pytest.approx(81.8 / totals(tables, metal)[SECONDARY][0])}
    table = footprints(account, tables).production
    found = table[table["stage"] == "recycling"].set_index(["year", "region"])
    mine = account.gained[account.gained["product"] == label]
    assert mine["tonnes"].sum() > 0.0
    sums = mine.groupby(["year", "region"], observed=True)["tonnes"].sum()
    general = totals(tables, metal)[SECONDARY][0]
    for (year, region), tonnes in sums.items():
        row = found.loc[(year, region)]
        expected = general * (row["tonnes"] + tonnes * (ratio[label] - 1.0)) / 1e3
        assert row[ENERGY] == pytest.approx(expected)
        assert row[CARBON] > 0.0

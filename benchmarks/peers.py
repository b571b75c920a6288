"""Other packages side by side with ours on a world of about the same size: ``python -m benchmarks peers``.

They follow other rules, so the table says what a step of that size costs, not which model is right. Each case is a small one that
its package ships or makes itself; one that is not installed is named and left out (``pip install boario pymrio progressbar2
starsim``). The same rules as ours, one Mesa object an agent, stand in the table of ``python -m benchmarks``.
"""

from __future__ import annotations

import os
import statistics
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from time import perf_counter
from typing import Any

STEPS, WARM = 24, 6
"""Steps that are counted, and steps before them in which compiled code and data come into the caches."""


@dataclass(frozen=True)
class Case:
    """What a package did: a step in words, agents and flows between them, and milliseconds of its median step."""

    what: str
    agents: int
    flows: int
    step_ms: float

    def __str__(self) -> str:
        per_flow = 1e3 * self.step_ms / self.flows
        return f"{self.what:62}{self.agents:>8,}{self.flows:>9,}{self.step_ms:>10.2f}{per_flow:>12.2f}"


def ours() -> Case:
    """A month of the world of cobalt under the export ban, with ledger and records."""
    from lodeflow import data
    from lodeflow.environment import build
    from lodeflow.experiments.scenario.model import load_scenario

    tables = data.load()
    scenario = load_scenario("drc-cobalt-export-ban", ['world.metals=["cobalt"]'], tables)
    world = build(tables, scenario.world, scenario.shocks)
    step_ms = _median(world.step, before=14)
    flows = sum(len(market) for market in world.markets.values())
    return Case("Lodeflow, cobalt under an export ban, a month", len(world.agents), flows, step_ms)


def boario(size: Case) -> Case:
    """A day of BoARIO's inventory model on the test table of pymrio, with a tenth of one region's output lost."""
    import pymrio
    from boario.event import from_scalar_regions_sectors
    from boario.extended_models import ARIOPsiModel
    from boario.simulation import Simulation

    model = ARIOPsiModel(pymrio.load_test().calc_all())
    simulation = Simulation(model, n_temporal_units_to_sim=STEPS + WARM + 1)
    loss = from_scalar_regions_sectors(
        0.1,
        event_type="arbitrary",
        affected_regions=["reg1"],
        affected_sectors=list(model.sectors),
        impact_regional_distrib="equal",
        impact_sectoral_distrib="equal",
        recovery_tau=STEPS,
    )
    simulation.add_event(loss)
    industries = len(model.regions) * len(model.sectors)
    step_ms = _median(simulation.next_step)
    return Case(f"BoARIO {version('boario')}, test table, a day", industries, industries**2, step_ms)


def starsim(size: Case) -> Case:
    """A step of Starsim's infection on a random network with as many people and contacts as ours has agents and flows."""
    package = import_module("starsim")
    network = package.RandomNet(n_contacts=2.0 * size.flows / size.agents)
    simulation = package.Sim(
        n_agents=size.agents, networks=network, diseases=package.SIR(), dur=2 * (STEPS + WARM), verbose=0
    )
    simulation.init()
    step_ms = _median(simulation.run_one_step)
    contacts = len(simulation.networks[0].edges.p1)
    return Case(f"Starsim {version('starsim')}, infection on a random network, a step", size.agents, contacts, step_ms)


PEERS: dict[str, Callable[[Case], Case]] = {"BoARIO": boario, "Starsim": starsim}
"""Packages that are measured where they are installed."""


def _median(step: Callable[[], Any], before: int = WARM) -> float:
    """Median milliseconds of a step, after some that are not counted."""
    times = []
    for _ in range(before + STEPS):
        began = perf_counter()
        step()
        times.append(perf_counter() - began)
    return 1e3 * statistics.median(times[before:])


def rows() -> list[str]:
    """Lines of the table: ours first, then every peer, or that it is not installed."""
    own = ours()
    lines = [str(own)]
    for name, measure in PEERS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                lines.append(str(measure(own)))
        except ImportError as error:
            lines.append(f"{name}: not installed ({error.name})")
    return lines


def report() -> str:
    """The table as text."""
    head = f"{'peers, other rules (load ' + format(os.getloadavg()[0], '.1f') + ')':62}"
    return "\n".join([f"{head}{'agents':>8}{'flows':>9}{'ms a step':>10}{'us a flow':>12}", *rows()])

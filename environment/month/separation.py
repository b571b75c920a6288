"""Separation: recyclers treat scrap, sell the metals, and learn."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import country, guards, process, recycler
from lodeflow.agents.arrays import anything
from lodeflow.agents.memory import remember
from lodeflow.agents.scrap_pool import content
from lodeflow.environment.market import loops, plants, rules
from lodeflow.environment.market.processes import GRADES
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State

NOTHING_GAINED = np.empty((0, 0, 0))
"""What added processes take out where none runs, t, shape (0, 0, 0)."""


@phase(
    reads={
        "effects": "levers process_cost recovery stage_kept",
        "recyclers": "bid foreign held planned yard",
        "secondary": "ask",
    },
    last={
        "groups": "unlearned volume",
        "recyclers": "added expansion installed installing process_margin running",
        "secondary": "grade stock",
    },
    writes={
        "groups": "unlearned volume",
        "month": "flows gained treated",
        "recyclers": "added foreign held installed installing process_margin recovered running throughput yard",
        "secondary": "foreign_output grade old_output output",
    },
)
def separate(world: State, month: Month) -> None:
    """Recyclers separate scrap into metals; what they do not recover is lost. ODD 7.12.

    ``recovered = content x yield``, t, shape (Y, metals).
    """
    recyclers, secondary, parameters = world.recyclers, world.secondary, world.parameters
    planned = recycler.plan_throughput(recyclers, parameters["recycler_response"], parameters["recycler_ceiling"])
    recyclers.throughput = planned * month.effects.stage_kept["recyclers"]
    share = np.divide(recyclers.throughput, recyclers.held, out=np.zeros(len(recyclers)), where=recyclers.held > 0)
    treated = recyclers.yard * share[:, None]
    recyclers.yard = recyclers.yard - treated
    recyclers.held = recyclers.held - recyclers.throughput
    inside, usual = content(treated), _recovered(world, month, treated)
    gained = month.gained = _put_through(world, month, inside, usual)
    recovered = usual if gained is None else plants.with_gained(usual, world.blueprint.processes.plants, gained)
    recyclers.recovered = recovered
    secondary.output = _by_seller(world, recovered)
    abroad = recyclers.foreign * share[:, None]
    recyclers.foreign = recyclers.foreign - abroad
    from_old, from_abroad = rules.by_origin(treated, abroad, recovered)
    secondary.old_output, secondary.foreign_output = _by_seller(world, from_old), _by_seller(world, from_abroad)
    _note_grades(world, usual, gained)
    _learn(world)
    month.treated = inside
    month.flows["recycling loss"] = (inside - recovered).sum(axis=0)
    month.flows["secondary supply"] = recovered.sum(axis=0)
    month.flows["treated scrap"] = inside.sum(axis=0)


def _recovered(world: State, month: Month, treated: np.ndarray) -> np.ndarray:
    """Metal that comes out of treated scrap, t, shape (Y, metals): by the plant's class, at least what a rule asks for."""
    recyclers, inside = world.recyclers, content(treated)
    left = world.groups.unlearned[recyclers.group]
    recovered = rules.recovered(treated, world.blueprint.processes.best, left, recyclers.channel)
    for rows, metal, target, progress in month.effects.recovery:
        column = world.layout.metal_index[metal]
        asked = target * inside[rows, column]
        recovered[rows, column] = country.under_rule(recovered[rows, column], asked, progress)
    return recovered


def _learn(world: State) -> None:
    """Formal recyclers get better with the volume that their product group treats all over the world."""
    recyclers, groups, parameters = world.recyclers, world.groups, world.parameters
    volume = np.bincount(recyclers.group, recyclers.throughput * recyclers.formal, len(groups))
    groups.volume = remember(groups.volume, volume, parameters["experience_months"])
    groups.unlearned = recycler.unlearned(
        groups.unlearned, groups.volume, groups.first_volume, parameters["recycler_learning"]
    )


def _by_seller(world: State, metal: np.ndarray) -> np.ndarray:
    """What recyclers give by seller of recycled metal, t, shape (Z,), from t, shape (Y, metals)."""
    count = len(world.secondary)
    given: np.ndarray = np.bincount(world.recyclers.seller.ravel(), metal.ravel(), count + 1)[:count]
    return given


def _put_through(world: State, month: Month, inside: np.ndarray, usual: np.ndarray) -> np.ndarray | None:
    """Metal that added processes take out beyond the usual one, t, shape (n, processes, metals); None: none runs.

    They are begun, built and closed. ODD 7.12.

    Args:
        world: the world.
        month: the month.
        inside: content of the scrap treated, t, shape (Y, metals).
        usual: what the usual process recovers of it, t, shape (Y, metals).
    """
    recyclers, figures, parameters, price = (
        world.recyclers,
        world.blueprint.processes,
        world.parameters,
        world.rates.price,
    )
    rows = figures.plants
    gain, asked, inside = plants.offered(
        rows, figures.yields, (inside, usual), figures.seller, price, world.secondary.ask
    )
    worth, before = np.einsum("npm,nm->np", gain, asked), np.einsum("npm,m->np", gain, price)
    paid = np.einsum("npm,nm->np", figures.cost, inside)
    saved = month.effects.levers.get("process_saving")
    if saved is not None:
        paid = paid * (1.0 - saved[rows, None])
    for usd in month.effects.process_cost:
        paid = paid + np.einsum("npm,nm->np", usd, inside)
    margin = process.margin(worth, before, paid)
    known = remember(recyclers.process_margin.take(rows, axis=0), margin, parameters["margin_memory"])
    recyclers.process_margin[rows] = known
    if not _install(world):
        return None
    installed = recyclers.installed.take(rows, axis=0)
    loss, valued = np.log(parameters["running_cost"]), usual.take(rows, axis=0) @ price
    running, added, gained = plants.put_through(installed, margin, loss, gain, worth, paid, valued)
    recyclers.running[rows], recyclers.added[rows] = running, added
    taken: np.ndarray = gained
    return taken


def _install(world: State) -> bool:
    """Processes are begun where their margin of the last year pays, stand after the lead time, and are closed when it does not.

    Returns whether any is installed.
    """
    recyclers, parameters, figures = world.recyclers, world.parameters, world.blueprint.processes
    margin, installed, building = recyclers.process_margin, recyclers.installed, recyclers.installing
    if not (anything(margin > 0.0) or anything(building) or anything(installed)):
        return False
    loss, lead = np.log(parameters["running_cost"]), parameters["lead_recycler"]
    terms = parameters["invest_response"], parameters["invest_max"], loss, parameters["close_max"], lead
    ready = figures.ready if world.settings.readiness else figures.ready[:0]
    installed, building = plants.installed_after(margin, installed, building, ready, world.month, terms)
    recyclers.installed, recyclers.installing = installed, building
    return anything(installed)


def _note_grades(world: State, usual: np.ndarray, gained: np.ndarray | None) -> None:
    """Share of each quality in what sellers of recycled metal have for sale: stock and output are one heap. ODD 7.12."""
    secondary, figures, count = world.secondary, world.blueprint.processes, len(GRADES)
    added = NOTHING_GAINED if gained is None else gained
    output = plants.by_grade(usual, figures.grade, added, figures.grade_added, (len(secondary) + 1) * count)
    secondary.grade = loops.mixed(secondary.stock, secondary.grade, output, guards.NOTHING)

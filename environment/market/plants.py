"""Plants of recyclers: processes that they add and run, what comes out, and how their capacity follows the margin."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import firm, investor, process
from lodeflow.environment.market.clearing import compiled
from lodeflow.environment.market.rules import compiled_with, rule

_gain = rule(process.gain)


@compiled_with(process)
def offered(
    plants: np.ndarray,
    yields: np.ndarray,
    scrap: tuple[np.ndarray, np.ndarray],
    seller: np.ndarray,
    price: np.ndarray,
    ask: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What added processes could take out (:func:`lodeflow.agents.process.gain`), prices, and content of the scrap. ODD 7.12.

    Args:
        plants: rows of plants that can add a process, shape (n,).
        yields: of these processes, a share, shape (n, processes, metals).
        scrap: content of what all plants treat, and what the usual process recovers of it, t, shape (Y, metals) each.
        seller: who sells each metal, a row past the last: nobody, shape (n, metals).
        price: base prices, USD/t, shape (metals,).
        ask: of sellers of recycled metal, relative to the anchor, shape (Z,).

    Returns:
        (gain, asked, inside): t, shape (n, processes, metals); USD/t and t, shape (n, metals) each.
    """
    count, processes, metals = yields.shape
    gain, asked, inside = np.empty(yields.shape), np.empty((count, metals)), np.empty((count, metals))
    for n in range(count):
        for m in range(metals):
            asked[n, m] = price[m] * (ask[seller[n, m]] if seller[n, m] < len(ask) else 1.0)
            inside[n, m] = scrap[0][plants[n], m]
            for p in range(processes):
                gain[n, p, m] = _gain(yields[n, p, m], inside[n, m], scrap[1][plants[n], m])
    return gain, asked, inside


@compiled()
def at_work(margin: np.ndarray, installed: np.ndarray, building: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of plants at which a process stands, comes or pays, and what is under construction at them, a share of the plant.

    Args:
        margin, installed, building: as of :func:`installed_after`.
    """
    stages, plants, processes = building.shape
    busy, coming = np.zeros(plants, np.bool_), np.zeros(plants)
    for n in range(plants):
        for s in range(stages):
            for p in range(processes):
                coming[n] += building[s, n, p]
        for p in range(processes):
            busy[n] |= margin[n, p] > 0.0 or installed[n, p] != 0.0 or coming[n] != 0.0
    rows = np.flatnonzero(busy)
    return rows, coming[rows]


def installed_after(
    margin: np.ndarray,
    installed: np.ndarray,
    building: np.ndarray,
    ready: np.ndarray,
    month: int,
    terms: tuple[float, float, float, float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Processes after a month in which plants begin, build and close them: a share of the plant. ODD 7.12.

    Nothing happens where nothing stands, comes or pays: such plants are passed over.

    Args:
        margin: mean of the last year, ln points, shape (Y, processes).
        installed: share of the plant that has the process, shape (Y, processes).
        building: under construction by stage, a share of the plant, shape (stages, Y, processes).
        ready: first month in which each may be begun, number of the month, shape (Y, processes); empty: at any time.
        month: number of this month.
        terms: parameters ``invest_response``, ``invest_max``, ln ``running_cost``, ``close_max`` and ``lead_recycler``.

    Returns:
        (installed, building): shapes as given.
    """
    response, most, loss, close, lead = terms
    rows, coming = at_work(margin, installed, building)
    room = 1.0 - installed[rows].sum(axis=1) - coming
    started = process.begun(margin[rows], room, response, most)
    if len(ready):
        started = process.allowed(started, ready[rows], month)
    closed = process.closed(margin[rows], loss, close)
    stands, pipeline = installed.copy(), building.copy()
    stands[rows], pipeline[:, rows] = process.build(installed[rows], building[:, rows], started, closed, lead)
    return stands, pipeline


def put_through(
    installed: np.ndarray,
    margin: np.ndarray,
    loss: float,
    gain: np.ndarray,
    worth: np.ndarray,
    paid: np.ndarray,
    usual: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What runs, what it earns over the usual one, and the metal that it takes out. ODD 7.12.

    Args:
        installed: share of the plant that has each process, shape (n, processes).
        margin: of this month, ln points, shape (n, processes).
        loss: ln of the running cost over the whole, ln points, below 0.
        gain: metal that each would take out of all scrap, t, shape (n, processes, metals).
        worth, paid: its value and what that would cost, USD, shape (n, processes) each.
        usual: value of what the usual process recovers, at base prices, USD, shape (n,).

    Returns:
        (running, added, gained): shares, shape (n, processes) and (n,), and t, shape (n, processes, metals).
    """
    running = process.running(installed, margin, loss)
    return running, process.earned(running, worth, paid, usual), gain * running[:, :, None]


@compiled()
def with_gained(usual: np.ndarray, plants: np.ndarray, gained: np.ndarray) -> np.ndarray:
    """Metal that comes out in all, t, shape (Y, metals): ``usual`` and what added processes ``gained``, (n, processes, metals).

    ``plants``: rows that these belong to, shape (n,).
    """
    recovered = usual.copy()
    for n in range(len(plants)):
        for m in range(usual.shape[1]):
            more = 0.0
            for p in range(gained.shape[1]):
                more += gained[n, p, m]
            recovered[plants[n], m] += more
    return recovered


@compiled()
def by_grade(
    usual: np.ndarray, grade: np.ndarray, gained: np.ndarray, grade_added: np.ndarray, size: int
) -> np.ndarray:
    """Metal that comes out by seller and quality, t, shape (size,).

    Args:
        usual: what the usual process recovers, t, shape (Y, metals).
        grade: seller and quality of each, shape (Y x metals,).
        gained: what added processes take out, t, shape (n, processes, metals); empty: nothing.
        grade_added: the same of each of these, shape (n x processes x metals,).
        size: number of sellers, times that of qualities.
    """
    output, added = np.zeros(size), np.zeros(size)
    for k, tonnes in enumerate(usual.ravel()):
        output[grade[k]] += tonnes
    for k, tonnes in enumerate(gained.ravel()):
        added[grade_added[k]] += tonnes
    return output + added


@compiled()
def rows_run(plant: np.ndarray, running: np.ndarray) -> np.ndarray:
    """Rows in use whose plant runs a process that it added; arguments as of :func:`with_running`."""
    runs = np.zeros(len(plant), np.bool_)
    for v in range(len(plant)):
        for p in range(running.shape[1] if plant[v] < len(running) else 0):
            runs[v] |= running[plant[v], p] != 0.0
    return np.flatnonzero(runs)


def with_running(formal: np.ndarray, plant: np.ndarray, yields: np.ndarray, running: np.ndarray) -> np.ndarray:
    """Yields of formal plants with what they have added and run, a share, shape (V,): :func:`lodeflow.agents.process.with_added`.

    Args:
        formal: yield of formal plants for the metal of each row in use, a share, shape (V,).
        plant: the formal plant of each row's product group at home, a row past the last: none, shape (V,).
        yields: of the added processes, a share, shape (V, processes).
        running: share of the scrap put through each by plants, shape (Y, processes).
    """
    rows = rows_run(plant, running)
    raised = formal.copy()
    raised[rows] = process.with_added(formal[rows], yields[rows], running[plant[rows]])
    return raised


def expanded(
    building: np.ndarray,
    expansion: np.ndarray,
    margin: tuple[np.ndarray, np.ndarray],
    begun: tuple[np.ndarray, np.ndarray],
    terms: tuple[float, float, float, float, float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """A month of capacity that is begun, built, closed and built anew by the margin, over what was planned. ODD 7.14.

    Args:
        building: under construction by stage, shape (stages, Y).
        expansion: what stands, shape (Y,).
        margin: mean of the last year, and the same with what policies pay on top, ln points, shape (Y,) each.
        begun: what policies begin, as a share of what stands, and the share of all that may be begun, shape (Y,) each.
        terms: parameters ``invest_response``, ``invest_max``, ln ``running_cost``, ``close_max``, ``plan_months`` and
            ``lead_recycler``.

    Returns:
        (building, expansion): shapes as given.
    """
    response, most, loss, close, months, lead = terms
    wanted = (investor.wanted_by_margin(margin[1], response, most) + begun[0]) * begun[1]
    closed = firm.closed(margin[0], loss, response, close)
    anew = investor.rebuilt(expansion, building.sum(axis=0), margin[0], loss, months)
    return firm.build(building, expansion, wanted * expansion + anew, -closed, lead)

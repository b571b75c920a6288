"""Processes that recyclers add to a plant: they take out metal that the usual one loses, where it pays for cost and freight.

What plants do at base prices is in their usual yields. So a process is begun only where its metal is worth more than it costs
*and* more than at base prices; it runs while it pays for its running cost, and is closed when it has lost money.
"""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded


def gain(yields: np.ndarray, inside: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Metal that a process takes out beyond the usual one, were all scrap put through it: ``max(y content - usual, 0)``. ODD 7.12.

    Args:
        yields: y, share of the metal in the scrap that comes out, 0 where it is for others, shape (n, processes, metals).
        inside: content of the scrap treated, t, shape (n, 1, metals).
        usual: what the usual process recovers of it, t, shape (n, 1, metals).

    Returns:
        t, shape (n, processes, metals).
    """
    more: np.ndarray = np.maximum(yields * inside - usual, 0.0)
    return more


def delivered_cost(cost: np.ndarray, km: np.ndarray, freight: float) -> np.ndarray:
    """Cost of a process per t of a metal in the scrap, freight included: ``c + f km``, USD/t, shape (n, processes, metals).

    ODD 7.12.

    Args:
        cost: c, without freight, 0 for metals that the process is not meant for, USD/t, shape (n, processes, metals).
        km: mean way of the scrap to the plant, km, shape (n,).
        freight: f, per t of metal in the scrap (parameter ``scrap_freight``), USD/t per km.
    """
    return np.where(cost > 0.0, cost + freight * km[:, None, None], 0.0)


def margin(worth: np.ndarray, before: np.ndarray, paid: np.ndarray) -> np.ndarray:
    """Margin of a process: ``ln(worth / max(cost, worth at base prices))``, ln points, shape (n, processes). ODD 7.12.

    What pays at base prices is done already, so the hurdle is never below it; 0 where there is nothing to take out.

    Args:
        worth: value of the metal gained, USD, shape (n, processes).
        before: the same at base prices, USD, shape (n, processes).
        paid: what it costs, USD, shape (n, processes).
    """
    hurdle = np.maximum(np.maximum(paid, before), guards.NOTHING)
    return np.where(before > guards.NOTHING, np.log(bounded(worth / hurdle, *guards.PROCESS_WORTH)), 0.0)


def running(installed: np.ndarray, margin: np.ndarray, loss: float) -> np.ndarray:
    """Share of the scrap put through each process: ``installed x clip(1 - m / ln r, 0, 1)``, shape (n, processes). ODD 7.12.

    All that is installed where the process pays for all its cost, none where not even for the running cost: plants are not alike.

    Args:
        installed: share of the plant that has the process, shape (n, processes).
        margin: m, :func:`margin`, ln points, shape (n, processes).
        loss: ln r, of the running cost over the whole (parameter ``running_cost``), ln points, below 0.
    """
    share: np.ndarray = installed * bounded(1.0 - margin / loss, 0.0, 1.0)
    return share


def earned(running: np.ndarray, worth: np.ndarray, paid: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """What added processes earn: ``sum over processes of running max(worth - cost, 0) / usual``, shape (n,).

    Over the base value of what the usual process recovers. ODD 7.12.

    Args:
        running: share of the scrap put through each, shape (n, processes).
        worth: value of the metal gained, were all scrap put through it, USD, shape (n, processes).
        paid: what that would cost, USD, shape (n, processes).
        usual: value of what the usual process recovers, at base prices, USD, shape (n,).
    """
    left = (running * np.maximum(worth - paid, 0.0)).sum(axis=1)
    share: np.ndarray = left / np.maximum(usual, guards.NOTHING) * (usual > guards.NOTHING)
    return share


def with_added(usual: np.ndarray, yields: np.ndarray, running: np.ndarray) -> np.ndarray:
    """Yield of plants with what they have added: ``usual + sum over processes of running max(y - usual, 0)``, a share, shape (n,).

    ODD 7.12.

    Args:
        usual: yield of the usual process, a share, shape (n,).
        yields: y, of each added process, a share, shape (n, processes).
        running: share of the scrap put through each, shape (n, processes).
    """
    with_all: np.ndarray = usual + (running * np.maximum(yields - usual[:, None], 0.0)).sum(axis=1)
    return with_all


def begun(margin: np.ndarray, room: np.ndarray, response: float, most: float) -> np.ndarray:
    """Share of a plant for which a process is begun in a month: ``room x clip(response m, 0, most) / 12``. ODD 7.12.

    Room is shared out over processes by their margins.

    Args:
        margin: m, mean of the last year, ln points, shape (n, processes).
        room: share of the plant that has no added process and gets none, shape (n,).
        response: per year and ln point (parameter ``invest_response``).
        most: largest share begun in a year (parameter ``invest_max``).

    Returns:
        Share, shape (n, processes).
    """
    pull = np.maximum(margin, 0.0)
    share = pull / np.maximum(pull.sum(axis=1), guards.NOTHING)[:, None]
    started: np.ndarray = share * bounded(response * pull, 0.0, most) / 12.0 * np.maximum(room, 0.0)[:, None]
    return started


def allowed(started: np.ndarray, ready: np.ndarray, month: int) -> np.ndarray:
    """What is begun of processes that are ready: ``started x (month >= ready)``, shape (n, processes). ODD 7.12.

    Args:
        started: :func:`begun`, a share, shape (n, processes).
        ready: first month in which each may be begun, number of the month, shape (n, processes).
        month: number of this month.
    """
    return np.where(month >= ready, started, 0.0)


def closed(margin: np.ndarray, loss: float, most: float) -> np.ndarray:
    """Share of what is installed that is given up in a month: ``most / 12`` where the last year did not pay for running it.

    ODD 7.12.

    Args:
        margin: mean of the last year, ln points, shape (n, processes); a loss is ``margin < ln r``.
        loss: ln r, of the running cost over the whole (parameter ``running_cost``), ln points, below 0.
        most: share closed in a year (parameter ``close_max``).

    Returns:
        Share, shape (n, processes).
    """
    return np.where(margin < loss, most / 12.0, 0.0)


def build(
    installed: np.ndarray, building: np.ndarray, started: np.ndarray, closed: np.ndarray, lead: float
) -> tuple[np.ndarray, np.ndarray]:
    """One month of building: ``installed (1 - closed) + finished``; what is begun passes stages of equal mean time. ODD 7.12.

    Args:
        installed: share of the plant that has the process, shape (n, processes).
        building: under construction by stage, a share of the plant, shape (stages, n, processes).
        started: :func:`begun`, a share, shape (n, processes).
        closed: share of what is installed that is given up in the month, shape (n, processes).
        lead: mean time from decision to output (parameter ``lead_recycler``), months.

    Returns:
        (installed, building): shares, shape (n, processes) and (stages, n, processes).
    """
    moving = building * (len(building) / lead)
    pipeline = building - moving
    pipeline[1:] += moving[:-1]
    pipeline[0] += started
    return installed * (1.0 - closed) + moving[-1], pipeline

"""What mines want to dig and what they dig, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lodeflow.agents import miner
from lodeflow.agents.population import Population
from lodeflow.environment.market.rules import compiled_with, rule

_plan_output, _capacity, _carried = (rule(one) for one in (miner.plan_output, miner.capacity, miner.carried))


class Mines(NamedTuple):
    """Columns of miners by the same names, shape (I,) each, for the rules of :mod:`lodeflow.agents.miner`."""

    planned: np.ndarray
    expansion: np.ndarray
    utilisation: np.ndarray
    stock: np.ndarray
    reserve: np.ndarray
    normal_stock: np.ndarray
    ceiling: np.ndarray
    recovery: np.ndarray
    recovery_limit: np.ndarray
    host_share: np.ndarray

    @classmethod
    def of(cls, miners: Population) -> Mines:
        """The columns as they stand."""
        return cls(*[getattr(miners, name) for name in cls._fields])


@compiled_with(miner)
def wanted(mines: Mines, ratio: np.ndarray, trapped: float) -> np.ndarray:
    """:func:`lodeflow.agents.miner.plan_output`, compiled: what mines want to dig, t/month, shape (I,).

    Args:
        mines: the mines; their utilisation has been moved for this month.
        ratio: output of hosts over their plan, shape (I,).
        trapped: parameter ``trapped_months``.
    """
    return _plan_output(mines, ratio, mines.normal_stock, trapped)


@compiled_with(miner)
def dug(
    mines: Mines, own: np.ndarray, kept: np.ndarray, ratio: np.ndarray, by_host: np.ndarray, limit: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Capacity, what a host carries, and output of the month, t/month, shape (I,) each. ODD 7.3, 7.4.

    Args:
        mines: the mines.
        own: :func:`wanted`, t/month, shape (I,).
        kept: share of it that outages and noise leave, shape (I,).
        ratio: output of hosts over their plan, shape (I,).
        by_host: largest output that comes with hosts, t/month; infinite where none decides, shape (I,).
        limit: most that may be dug, t/month, shape (I,).
    """
    able = _capacity(mines, ratio)
    most = _carried(able, mines.host_share, by_host)
    output = np.empty(len(own))
    for n in range(len(own)):
        ground = min(mines.reserve[n] * mines.recovery[n], limit[n])
        output[n] = min(own[n] * kept[n], able[n], most[n], ground)
    return able, most, output

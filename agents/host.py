"""Hosts: one row per country and host industry of a by-product, such as zinc smelters, or copper mines of the world itself."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.population import Attribute, declare

ATTRIBUTES = declare(
    "host",
    Attribute("country", "index", 0, "country of the host", fixed=True, of="countries"),
    Attribute("ratio", "1", 1.0, "output relative to plan; 1 for hosts outside the world's metals"),
)


def limit(base: np.ndarray, share: np.ndarray, recovery: np.ndarray, grown: np.ndarray) -> np.ndarray:
    """Largest output that comes with a host: ``base x share x recovery limit x host``, t/month, shape (I,). ODD 7.4.

    Args:
        base: output of the by-product in the base month, t/month, shape (I,).
        share: share of it that comes with the host, shape (I,).
        recovery: largest by-product output per unit of host output, relative to the base year, shape (I,).
        grown: output of the host over that of the base month; infinite where no host decides, shape (I,).
    """
    hosted = np.where(share > 0.0, base * share * recovery, 1.0)
    return np.where(share > 0.0, hosted * grown, np.inf)


def bound(planned: np.ndarray, most: np.ndarray, metal: np.ndarray, metals: int) -> tuple[np.ndarray, np.ndarray]:
    """Planned output within what hosts carry: what one host cannot carry goes to others that have room. ODD 7.4.

    ``min(q, most) + gap x room / sum of room``; the gap of a metal that exceeds all room is planned by nobody.

    Args:
        planned: t/month, shape (I,).
        most: what the mine's host carries, with what it makes without a host, t/month; infinite where no host decides, shape (I,).
        metal: index of the metal of each mine, shape (I,).
        metals: number of metals.

    Returns:
        (planned, lacking): t/month, shape (I,), and what no host carries, t/month, shape (metals,).
    """
    within = np.minimum(planned, most)
    gap = np.bincount(metal, planned - within, metals)
    if not gap.any():
        return planned, gap
    room = np.where(np.isfinite(most), most - within, 0.0)
    all_room = np.bincount(metal, room, metals)
    taken = np.minimum(gap, all_room)
    part = np.divide(taken, all_room, out=np.zeros(metals), where=all_room > 0.0)
    return within + part[metal] * room, gap - taken


def pull(wanted: np.ndarray, carried: np.ndarray, strength: float, told: float, most: float) -> np.ndarray:
    """How much more of a host is planned where its by-product asks for more than it carries, shape (X,).

    ``max(w / c, 1) ^ (strength (1 - told))``, 1 where w / c exceeds ``most``. Ore that carries both is opened first; the
    host's total does not change, and no price has a part in it. ODD 7.4.

    Args:
        wanted: by-product that is planned to come with the host, t/month, shape (X,).
        carried: the most that comes with it, t/month; infinite where nothing is known, shape (X,).
        strength: parameter ``host_pull``; 0: hosts are planned without their by-products.
        told: how far a source says who mines the host, 0 to 1: plans of record stay.
        most: parameter ``host_pull_most``; above it nobody took the by-product there before, and what the ore carries is not known.
    """
    over = np.divide(wanted, carried, out=np.ones_like(wanted), where=(carried > 0.0) & np.isfinite(carried))
    over = np.where(over > most, 1.0, np.maximum(over, 1.0))
    pulled: np.ndarray = over ** (strength * (1.0 - told))
    return pulled


def output_ratio(made: np.ndarray, planned: np.ndarray) -> np.ndarray:
    """Output of each host over its plan, 1 where nothing of it is mined in the world: ``made / planned``, shape (X,). ODD 7.4.

    Args:
        made, planned: of the mines that are part of the host, t/month, shape (X,).
    """
    return np.divide(made, planned, out=np.ones(len(made)), where=planned > 0)

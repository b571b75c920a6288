"""What a world keeps for its shocks: who is concerned does not change in a run, and is found once instead of every month."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from lodeflow.environment.state import State

Found = TypeVar("Found")
_KEPT: WeakKeyDictionary[Any, dict[Hashable, Any]] = WeakKeyDictionary()


def kept(world: State, key: Hashable, find: Callable[[], Found]) -> Found:
    """Return what was found under a key in this world, or find it.

    Args:
        world: whose countries, firms and edges are looked at; what is kept goes with it.
        key: everything that the answer depends on, beside the world's fixed columns.
        find: finds it; nobody may change what it returns.
    """
    own = _KEPT.get(world)
    if own is None:
        own = _KEPT[world] = {}
    if key not in own:
        own[key] = find()
    found: Found = own[key]
    return found


def means_ahead(level: Callable[[int], float], month: int, horizons: np.ndarray) -> np.ndarray:
    """Mean of a level over each horizon from this month on, in the unit of the level, shape (H,).

    Args:
        level: takes a month number.
        month: number of the first month.
        horizons: months, shape (H,).
    """
    levels = np.array([level(month + k) for k in range(int(horizons.max()))])
    means: np.ndarray = np.cumsum(levels)[horizons.astype(int) - 1] / horizons
    return means

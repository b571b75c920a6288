"""What agents remember of the past."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Minds:
    """What agents remember of the past.

    Attributes:
        availability: ln(A / A expected) as last looked ahead with what is known of shocks, shape (H, buyers), by market.
        calm_availability: the same without what is known of shocks.
        learned: share that a restriction is expected to let through, learnt from what it let through, by restriction.
        news: what was last known of each shock, by its number.
        had_effect: numbers of the shocks that have changed anything so far.
    """

    availability: dict[str, np.ndarray]
    calm_availability: dict[str, np.ndarray]
    learned: dict[tuple[Any, ...], np.ndarray] = field(default_factory=dict)
    news: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    had_effect: set[int] = field(default_factory=set)

    @classmethod
    def blank(cls, horizons: int, buyers: dict[str, int]) -> Minds:
        """Minds that remember a calm past: ``buyers`` gives the number of buyers of each market."""
        sizes = {name: (horizons, count) for name, count in buyers.items()}
        blank = [{name: np.zeros(size) for name, size in sizes.items()} for _ in range(2)]
        return cls(availability=blank[0], calm_availability=blank[1])

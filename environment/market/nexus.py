"""Energy and metal act on each other: who is put up by plan, and who makes power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Nexus:
    """Factories of energy technologies, from the table ``technologies``.

    Attributes:
        planned: factories whose goods are put up by plan, boolean, shape (M,).
        power: those of them that make plants for wind and solar power, boolean, shape (M,).
    """

    planned: np.ndarray
    power: np.ndarray

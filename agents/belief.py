"""What agents expect of a measure: when it begins, how long it lasts, how far it is believed.

Beliefs depend only on the class of instrument, on what was announced and on what was realised, never on the episode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Belief:
    """Expectation of a measure, seen from one month.

    Attributes:
        lead: months until it starts (0 in force).
        duration: expected remaining months in force.
        credibility: belief that it comes, or stays, 0 to 1.
    """

    lead: float
    duration: float
    credibility: float

    def restricted_months(self, horizons: np.ndarray) -> np.ndarray:
        """Expected months in force within each horizon: ``c D (1 - exp(-max(h - L, 0)/D))``.

        Args:
            horizons: months, shape (H,).

        Returns:
            Months, shape (H,), each at most ``horizons``.
        """
        ahead = np.maximum(horizons - self.lead, 0.0)
        return self.credibility * self.duration * -np.expm1(-ahead / self.duration)


def expected_belief(
    month: int,
    start: int,
    known_end: int | None,
    permanent: bool,
    announced_credibility: float | None,
    parameters: Mapping[str, float],
) -> Belief:
    """Belief about a measure from what is known of it: ``duration = open + elapsed x months in force`` where no end is known.

    ODD 7.1.

    An announced end is stretched (governments extend): ``duration_stretch`` times the remainder. An open-ended measure
    is expected to last ``duration_open`` months plus ``duration_elapsed`` times the months it has already lasted. A
    permanent law lasts ``duration_law`` months.

    Args:
        month, start, known_end: month numbers.
        permanent: whether it is a law nobody expects to end.
        announced_credibility: belief before the start, None for the general one.
        parameters: ``duration_*`` (months or 1) and ``credibility_announced`` (1).
    """
    lead = float(max(0, start - month))
    if known_end is not None:
        remaining = max(known_end + 1 - max(month, start), parameters["duration_least"])
        duration = parameters["duration_stretch"] * remaining
    elif permanent:
        duration = parameters["duration_law"]
    else:
        duration = parameters["duration_open"] + parameters["duration_elapsed"] * max(0, month - start)
    before = parameters["credibility_announced"] if announced_credibility is None else announced_credibility
    return Belief(lead, duration, 1.0 if lead == 0 else before)


def learned(remembered: np.ndarray, let_through: np.ndarray, learning: float) -> np.ndarray:
    """Share that a restriction is expected to let through: ``a + learning (realised - a)``, shape (E,). ODD 7.13.

    Args:
        remembered: a, as expected so far, a share of normal flow, shape (E,).
        let_through: what it let through this month, a share of normal flow, shape (E,).
        learning: share of the gap closed in a month (parameter).
    """
    expected: np.ndarray = remembered + learning * (let_through - remembered)
    return expected

"""The running estimate of an indicator: its mean and the confidence interval of the mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass
class Estimate:
    """Mean of independent draws with a t interval, kept up without keeping the draws (Welford).

    count, mean, squares: number, mean, and sum of squared deviations so far. Sobol' points and Latin hypercubes lie more
    evenly than independent draws, so the interval is on the safe side.
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, values: Iterable[float]) -> None:
        """Take in values; those that are not defined (nan) do not count."""
        for value in values:
            if math.isnan(value):
                continue
            self.count += 1
            step = value - self.mean
            self.mean += step / self.count
            self.squares += step * (value - self.mean)

    def join(self, other: Estimate) -> None:
        """Take in another estimate."""
        count = self.count + other.count
        if count:
            step = other.mean - self.mean
            self.squares += other.squares + step**2 * self.count * other.count / count
            self.mean += step * other.count / count
            self.count = count

    @property
    def half_width(self) -> float:
        """Half the width of the 95 % confidence interval of the mean; infinite for fewer than two values."""
        if self.count < 2:
            return math.inf
        from scipy.stats import t

        error = math.sqrt(self.squares / (self.count - 1) / self.count)
        return float(t.ppf(0.5 + CONFIDENCE / 2, self.count - 1)) * error

    def tight(self, share: float) -> bool:
        """Whether the half-width is below a share of the mean."""
        return self.half_width < share * abs(self.mean)

"""Common random numbers: every agent has a stream of its own for every purpose, so nothing moves another draw."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

KEPT = 8
"""Draws that are kept: a run with its shocks and the one without, and visitors of one page, draw the same."""


def stream(seed: int, purpose: str, name: str) -> np.random.Generator:
    """Counter-based generator (Philox) keyed by seed, purpose and the name of the agent."""
    return np.random.Generator(np.random.Philox(key=_key(seed, purpose, name)))


def _key(seed: int, purpose: str, name: str) -> np.ndarray:
    digest = hashlib.blake2b(f"{seed}/{purpose}/{name}".encode(), digest_size=16).digest()
    return np.frombuffer(digest, np.uint64)


class Streams:
    """Many streams one after the other, from one generator: putting it to the start of a stream costs a tenth of making one."""

    def __init__(self) -> None:
        self._generator = stream(0, "", "")
        self._start: Any = self._generator.bit_generator.state

    def at(self, seed: int, purpose: str, name: str) -> np.random.Generator:
        """What :func:`stream` gives, for draws until the next call."""
        self._start["state"]["key"] = _key(seed, purpose, name)
        self._generator.bit_generator.state = self._start
        return self._generator


def monthly_noise(
    seed: int, purpose: str, names: Sequence[str], deviation: float, first_month: int, months: int
) -> np.ndarray:
    """Multiplicative log-normal noise of mean 1, indexed by month and agent.

    A draw belongs to a calendar month: a run that starts later or ends earlier sees the same noise in the same month.

    Args:
        seed, purpose: key.
        names: agents.
        deviation: standard deviation of the logarithm; 0 gives exactly 1.
        first_month: month number of the first row.
        months: number of rows.

    Returns:
        shape (months, agents); read-only, because worlds that begin alike share it.
    """
    return _monthly_noise(seed, purpose, tuple(names), deviation, first_month, months)


@lru_cache(maxsize=KEPT)
def _monthly_noise(
    seed: int, purpose: str, names: tuple[str, ...], deviation: float, first_month: int, months: int
) -> np.ndarray:
    noise = _drawn(seed, purpose, names, deviation, first_month, months)
    noise.flags.writeable = False
    return noise


def _drawn(
    seed: int, purpose: str, names: tuple[str, ...], deviation: float, first_month: int, months: int
) -> np.ndarray:
    if deviation == 0.0 or not names:
        return np.ones((months, len(names)))
    origin = 1990 * 12
    skip = max(first_month - origin, 0)
    streams = Streams()
    own = (streams.at(seed, purpose, name).standard_normal(skip + months) for name in names)
    draws = np.stack([values[skip:] for values in own], axis=1)
    noise: np.ndarray = np.exp(deviation * draws - 0.5 * deviation**2)
    return noise

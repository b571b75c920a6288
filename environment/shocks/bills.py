"""What policies make somebody pay: an entry, who pays, who gets, and the tonnes on which it falls.

Bills are written by policies at the start of a month and weighed at its end, when the tonnes are known: every entry is
tonnes x rate, by country and metal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

USER = "user"
"""Makers of a country, who buy what its state sells."""


@dataclass(frozen=True)
class Bill:
    """A payment by tonnes.

    Attributes:
        entry: name of the entry.
        payers: kinds of payer with their shares, which sum to 1.
        payee: kind that gets it.
        basis: name of the tonnes on which it falls, in :data:`lodeflow.environment.records.weighing.BASES`.
        rows: rows of the basis, boolean, shape (n,).
        rate: USD/t, one for all or by row, shape (rows that are true,).
        usd: instead of a rate: an amount for the month, USD, which is spread over the tonnes.
        due: for what is missed: the share that a rule asks for.
        priced: whether the rate is over the price of the metal there that month (1: all of it) instead of USD/t.
        shock: number of the policy that wrote it.
    """

    entry: str
    payers: Mapping[Any, float]
    payee: str
    basis: str
    rows: np.ndarray
    rate: np.ndarray | float = 0.0
    usd: float = 0.0
    due: float = 0.0
    priced: bool = False
    shock: int = -1


Weighed = tuple[int, int, float, float]
"""Country, metal, tonnes and USD of a bill in a month."""


def costs(
    bills: Iterable[tuple[Bill, list[Weighed]]], metals: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """What those who bear a policy pay in all, by kind of bearer and by metal, USD; what users buy from the state is taken off.

    Args:
        bills: with what they come to.
        metals: names by index.
    """
    by_bearer: dict[str, float] = {}
    by_metal: dict[str, float] = {}
    for bill, rows in bills:
        shares = {bill.payee: -1.0} if USER in bill.payers else bill.payers
        for _, metal, _, usd in rows:
            by_metal[metals[metal]] = by_metal.get(metals[metal], 0.0) + sum(shares.values()) * usd
            for bearer, share in shares.items():
                by_bearer[bearer] = by_bearer.get(bearer, 0.0) + share * usd
    return by_bearer, by_metal

"""Levers: what policies change besides trade, output and demand; each a column over the rows of one kind of agent.

A policy pulls a lever in :meth:`lodeflow.environment.shocks.effects.Effects.pull`; a phase reads it. A lever that nobody pulled is
absent and changes no bit. A new lever is one row here, and one line in the phase that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Lever:
    """A lever.

    Attributes:
        name: its name.
        place: agents or stocks whose rows it has, as the world names them.
        folds: how two pulls come together: ``share``, 1 - (1 - a)(1 - b); ``sum``; ``most``, the larger.
        unit: unit of its values.
        meaning: what it changes.
    """

    name: str
    place: str
    folds: Literal["share", "sum", "most"]
    unit: str
    meaning: str


LEVERS = {
    lever.name: lever
    for lever in (
        Lever("returned", "in_use", "share", "1", "share of what would be kept in drawers that is given back"),
        Lever("emptied", "in_use", "share", "1/month", "share of what lies in drawers that is given back in a month"),
        Lever("kept_home", "in_use", "share", "1", "share of the export of used goods that stays at home"),
        Lever("collectors", "in_use", "sum", "ln points", "what collectors are paid on top of the price of scrap"),
        Lever("prolonged", "in_use", "share", "1", "share of what would leave use that stays in use"),
        Lever("prolonged_months", "in_use", "most", "months", "mean time for which it stays"),
        Lever("sorted", "in_use", "share", "1", "share of the gap to the yield of the best process that is closed"),
        Lever("formalised", "in_use", "share", "1", "share of informal work that recovers what formal plants recover"),
        Lever("scrap_support", "recyclers", "sum", "1", "paid to recyclers, as a share of the base value of scrap"),
        Lever("process_saving", "recyclers", "share", "1", "share of the cost of added processes that research saves"),
        Lever("recycler_build", "recyclers", "sum", "1/month", "plants begun on public money, as a share of plan"),
        Lever("recycler_support", "recyclers", "sum", "ln points", "paid to investors in plants, on top of the margin"),
        Lever("mine_cost", "miners", "sum", "1", "added to the unit cost of mines, over the base price of their feed"),
        Lever(
            "refinery_cost", "refiners", "sum", "1", "added to the unit cost of refining, over the base price of metal"
        ),
        Lever("mine_support", "miners", "sum", "ln points", "paid to investors in mines, on top of the margin"),
        Lever(
            "refinery_support", "refiners", "sum", "ln points", "paid to investors in refineries, on top of the margin"
        ),
        Lever("recycled_wish", "desks", "sum", "ln points", "premium that buyers pay for recycled metal by choice"),
        Lever("content_penalty", "desks", "most", "ln points", "most that recycled metal can cost on top under a rule"),
        Lever("reserve_months", "desks", "most", "months", "strategic reserve wanted, in months of use"),
        Lever("reserve_low_cover", "desks", "most", "1", "cover of firms over normal below which it opens"),
        Lever("reserve_high_price", "desks", "most", "1", "price over the anchor above which it opens"),
        Lever("reserve_calm_price", "desks", "most", "1", "price over the anchor below which it is filled"),
        Lever("reserve_fill_months", "desks", "most", "months", "time over which it is filled"),
    )
}
"""Every lever by name."""


def folded(lever: str, before: np.ndarray, rows: np.ndarray, value: np.ndarray | float) -> np.ndarray:
    """The column of a lever after one more pull, shape (n,).

    Args:
        lever: name of the lever.
        before: the column so far, shape (n,); it is not changed.
        rows: rows that are pulled, boolean, shape (n,).
        value: of the pull, one for all or shape of the rows pulled.
    """
    after, here = before.copy(), before[rows]
    folds = LEVERS[lever].folds
    if folds == "share":
        after[rows] = 1.0 - (1.0 - here) * (1.0 - value)
    elif folds == "sum":
        after[rows] = here + value
    else:
        after[rows] = np.maximum(here, value)
    return after

"""Scenario discovery: the conditions on the drawn inputs under which it goes wrong.

``where`` reads what "wrong" means, ``box`` searches the box of inputs (PRIM), and here is the way in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.experiments.analysis.discover.box import Discovery
from lodeflow.experiments.analysis.discover.where import Condition, parse_where

if TYPE_CHECKING:
    from lodeflow.experiments.batch.store import Batch

__all__ = ["Condition", "Discovery", "discover", "parse_where"]


def discover(batch: Batch, where: str) -> Discovery:
    """Return the box of inputs in which most runs meet a condition, found by PRIM.

    where: such as "shortage.cobalt > 10%" or "price_peak > 2 and months_above_2x >= 6". Raises DataError for a condition that
    cannot be read, a batch without runs or drawn inputs, and a missing package.
    """
    from lodeflow.experiments.analysis.discover.box import find

    return find(batch, parse_where(where, batch))

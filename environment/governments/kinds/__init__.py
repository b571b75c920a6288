"""The kinds of decisions, one file each: a new kind is one class with a name."""

from __future__ import annotations

from lodeflow.environment.governments.decision import KINDS, Decision, Kind
from lodeflow.environment.governments.kinds.lift import Lift
from lodeflow.environment.governments.kinds.restrict import Restrict
from lodeflow.environment.governments.kinds.retaliate import Retaliate
from lodeflow.environment.governments.kinds.side import Side
from lodeflow.environment.governments.kinds.stockpile import Stockpile
from lodeflow.environment.governments.kinds.support import Support
from lodeflow.environment.governments.kinds.tariff import Tariff

__all__ = ["KINDS", "Decision", "Kind", "Lift", "Restrict", "Retaliate", "Side", "Stockpile", "Support", "Tariff"]

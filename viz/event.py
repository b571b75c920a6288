"""What happens in a run, as charts and words want it: an entry of events.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from lodeflow.data.plain import plain


@dataclass(frozen=True)
class Event:
    """A shock or policy of the run. Dates are months; `end` None = open-ended; empty `metals` = every metal."""

    kind: str
    label: str
    actor: str
    metals: tuple[str, ...]
    announced: pd.Timestamp | None
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    no_effect: bool
    reason: str = ""
    found: tuple[str, ...] = ()
    """What is said of a policy after the run: whether a rule was met, what a reserve bought and sold."""

    @classmethod
    def read(cls, row: dict[str, Any]) -> Event:
        """From one entry of events.json; `metals` (or `metal`) may be a list of names, a name, empty or '*'."""
        metal = row.get("metals") or row.get("metal") or ()
        metals = (metal,) if isinstance(metal, str) else tuple(metal)
        known: dict[str, Any] = {key: _stamp(row.get(key)) for key in ("announced", "start", "end")}
        known |= {key: str(row.get(key) or "") for key in ("actor", "reason")}
        kind = str(row.get("kind") or "event")
        return cls(
            kind=kind,
            label=plain(str(row.get("label") or kind.replace("_", " "))),
            metals=() if "*" in metals else tuple(map(str, metals)),
            no_effect=bool(row.get("no_effect")),
            found=tuple(plain(str(line)) for line in row.get("found") or ()),
            **known,
        )

    def touches(self, metal: str) -> bool:
        """True if the event names `metal` or no metal at all."""
        return not self.metals or metal in self.metals


def _stamp(value: Any) -> pd.Timestamp | None:
    stamp = pd.to_datetime(value, errors="coerce") if value else None
    return None if stamp is None or pd.isna(stamp) else stamp.to_period("M").to_timestamp()

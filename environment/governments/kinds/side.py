"""Side with friends: after one of them, or oneself, was hit, purchases move from others to friends."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lodeflow.agents import government
from lodeflow.environment.governments.decision import Decision, Kind
from lodeflow.environment.governments.known import FORMS, Known
from lodeflow.environment.governments.public import Public
from lodeflow.environment.governments.settings import Forced
from lodeflow.environment.shocks.policy_supply import FriendShoring


class Side(Kind):
    """A country moves its purchases of a metal to its friends."""

    name: ClassVar[str] = "side"
    about: ClassVar[str] = "moves purchases from others to friends after a friend, or itself, was hit"

    def decide(self, known: Known, row: int) -> list[Decision]:
        """One draw for each measure of somebody who is no friend, against itself or a friend."""
        close = known.friends[row] | self._self(known, row)
        taken = []
        for measure in known.fresh if known.friends[row].any() else ():
            if not measure.restricts or (measure.actors & close).any() or not (measure.targets & close).any():
                continue
            for metal in np.flatnonzero(measure.metals):
                if self._may(known, row, measure, int(metal)):
                    odds = known.temper["side_base"]
                    draw = known.chance(row, "side", known.metals[metal], measure.key)
                    if draw < government.chance(odds):
                        taken.append(self._taken(known, row, int(metal), measure.label, None))
        return taken[:1]

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """A shift of the size that was asked for."""
        return [self._taken(known, row, known.metals.index(asked.metal), "forced", asked.size)]

    def _may(self, known: Known, row: int, measure: Public, metal: int) -> bool:
        figures = known.figures
        friends = known.friends[row] | self._self(known, row)
        supply = float((figures.share[:, friends, metal] * measure.forms[:, None]).sum(axis=1).max())
        buys = float((figures.depends[:, row][:, measure.actors, metal].sum(axis=1) * measure.forms).max())
        standing = any(one.kind == "friend_shoring" and one.metals[metal] for one in known.own(row))
        return known.friends[row].any() and supply >= known.temper["side_supply"] and buys > 0.0 and not standing

    def _taken(self, known: Known, row: int, metal: int, why: str, size: float | None) -> Decision:
        who, name = known.seats.names[row], known.metals[metal]
        friends, share = known.names(known.friends[row]), known.temper["side_share"] if size is None else min(size, 1.0)
        outside = ~(known.friends[row] | self._self(known, row))
        bought = float(known.figures.depends[:, row][:, outside, metal].sum(axis=1).max())
        measure = FriendShoring(
            actor=who, metals=[name], friends=friends, shift=share, start=known.date, permanent=False
        )
        reason = f"{why}; {who} buys {bought:.0%} of its {name} from others than friends: moves {share:.0%} of that to friends"
        return Decision(
            known.month,
            who,
            self.name,
            "friend_shoring",
            name,
            FORMS[-1],
            ", ".join(friends),
            share,
            "share of purchases",
            reason,
            measure,
        )

    def _self(self, known: Known, row: int) -> np.ndarray:
        return np.arange(len(known.seats.names)) == row

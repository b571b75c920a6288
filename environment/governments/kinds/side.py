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

    def concerned(self, known: Known) -> np.ndarray:
        """Who has friends, and is hit or has one who is hit by somebody else."""
        hit = np.zeros(len(known.friends), bool)
        for _, rows in known.against_friends:
            hit |= rows
        return np.asarray(hit & known.friends.any(axis=1))

    def decide(self, known: Known, row: int) -> list[Decision]:
        """One draw for each measure of somebody who is no friend, against itself or a friend."""
        usual = government.chance(known.temper["side_base"])
        for measure, rows in known.against_friends:
            for metal in np.flatnonzero(measure.metals).tolist() if rows[row] else ():
                draw = known.chance(row, "side", known.metals[metal], measure.key)
                if draw < usual and self._may(known, row, measure, metal):
                    return [self._taken(known, row, metal, measure.label, None)]
        return []

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """A shift of the size that was asked for."""
        return [self._taken(known, row, known.metals.index(asked.metal), "forced", asked.size)]

    def _may(self, known: Known, row: int, measure: Public, metal: int) -> bool:
        if any(one.kind == "friend_shoring" and one.metals[metal] for one in known.own(row)):
            return False
        figures = known.figures
        buys = float((known.bought_of(measure)[:, row, metal] * measure.forms).max())
        if buys <= 0.0:
            return False
        friends = known.friends[row] | self._self(known, row)
        supply = float((figures.share[:, friends, metal] * measure.forms[:, None]).sum(axis=1).max())
        return bool(known.friends[row].any()) and supply >= known.temper["side_supply"]

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

"""What the flow diagram of a region shows: a few boxes, what enters and leaves each, and how much stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lodeflow.environment.records import stages
from lodeflow.environment.records.stages import LOSSES
from lodeflow.experiments.analysis.flows.account import INTO_STOCK, OUT_OF_STOCK, Account

MINING, REFINING, METAL, MAKING = "Mining", "Refining", "Refined metal", "Making"
USE, END, SCRAP, RECYCLING = "Use", "End of life", "Scrap", "Recycling"
BOXES: dict[str, tuple[str, ...]] = {
    MINING: (stages.MINING,),
    REFINING: (stages.FEED_WAY, stages.REFINING),
    METAL: (stages.REFINED, stages.RECYCLED, stages.METAL_WAY, stages.RESERVES, stages.INVESTORS),
    MAKING: (stages.MAKING,),
    USE: (stages.USE, stages.DRAWERS),
    END: (stages.END,),
    SCRAP: (stages.SCRAP,),
    RECYCLING: (stages.RECYCLING,),
}
"""Boxes from left to right, and the stages of the account in each; goods under way are where they go."""
GROUND, STOCK, LOST = "ground", "stock", "lost"
"""Where what a box takes in comes from, and where what it does not pass on goes."""


@dataclass
class Box:
    """One box, t in the years shown.

    Attributes:
        name: of BOXES.
        came, went: by the box at home that it came from or went to.
        imports, exports: what crosses the border.
        lost: releases and solid waste.
        stored: what its stocks grew by; below 0: what came out of them.
    """

    name: str
    came: dict[str, float] = field(default_factory=dict)
    went: dict[str, float] = field(default_factory=dict)
    imports: float = 0.0
    exports: float = 0.0
    lost: float = 0.0
    stored: float = 0.0

    @property
    def taken(self) -> float:
        """What it took in, out of its stocks included."""
        return sum(self.came.values()) + self.imports + max(-self.stored, 0.0)

    @property
    def passed(self) -> float:
        """What it passed on, lost or put into its stocks: as much."""
        return sum(self.went.values()) + self.exports + self.lost + max(self.stored, 0.0)


def boxes(account: Account, members: Sequence[str]) -> list[Box]:
    """Return the boxes of a region; what one takes in is what it passes on. The account is of one metal, its years as one."""
    rows = account.flows.assign(
        of=account.flows["from_stage"].map(_box_of()), to=account.flows["to_stage"].map(_box_of())
    )
    inside = {name: rows[f"{name}_region"].isin(list(members)) for name in ("from", "to")}
    found = {name: Box(name) for name in BOXES}
    kinds = rows.groupby(["of", "to", inside["from"].rename("leaves"), inside["to"].rename("arrives")], dropna=False)
    for source, target, leaves, arrives, tonnes in kinds["tonnes"].sum().reset_index().to_numpy():
        _add(found, (source, target), (bool(leaves), bool(arrives)), float(tonnes))
    return list(found.values())


def _add(found: dict[str, Box], ends: tuple[str, str], here: tuple[bool, bool], tonnes: float) -> None:
    """Enter one sum of flows between two boxes."""
    source, target = ends
    if source in found and here[0]:
        if target == STOCK:
            found[source].stored += tonnes
        elif target == LOST:
            found[source].lost += tonnes
        elif not here[1]:
            found[source].exports += tonnes
        elif target != source:
            found[source].went[target] = found[source].went.get(target, 0.0) + tonnes
    if target in found and here[1]:
        if source == STOCK:
            found[target].stored -= tonnes
        elif not here[0]:
            found[target].imports += tonnes
        elif target != source:
            found[target].came[source] = found[target].came.get(source, 0.0) + tonnes


def _box_of() -> dict[str, str]:
    known = {stage: name for name, inner in BOXES.items() for stage in inner}
    known |= dict.fromkeys((INTO_STOCK, OUT_OF_STOCK), STOCK) | dict.fromkeys(LOSSES, LOST)
    return known | {stages.GROUND: GROUND, stages.NOWHERE: stages.NOWHERE}

"""Stages of the chain of a country, and the movements between them: the plan of the yearly account.

Every stage holds a stock (or passes on at once what it takes), and every movement leads from a stage of one country to a stage of
the same or another one, out of the ground, or to where metal is lost. What comes in less what goes out is the change of the stock.
"""

from __future__ import annotations

from dataclasses import dataclass

GROUND, MINING, FEED_WAY, REFINING, REFINED = "ground", "mining", "feed under way", "refining", "refined metal"
METAL_WAY, MAKING, RESERVES, INVESTORS = "metal under way", "making", "reserves", "investors"
USE, DRAWERS, END, SCRAP = "use", "drawers", "end of life", "scrap"
RECYCLING, RECYCLED = "recycling", "recycled metal"
STAGES = (
    GROUND,
    MINING,
    FEED_WAY,
    REFINING,
    REFINED,
    METAL_WAY,
    MAKING,
    RESERVES,
    INVESTORS,
    USE,
    DRAWERS,
    END,
    SCRAP,
    RECYCLING,
    RECYCLED,
)
"""Stages in the order of the chain. Under way is where the buyer is; scrap is what is collected and waits, recycling the yards."""

TAILINGS, SLAG, DISSIPATED, LANDFILL, REJECTS = "tailings", "slag", "dissipated", "landfill", "rejects"
LOSSES = (TAILINGS, SLAG, DISSIPATED, LANDFILL, REJECTS)
"""Where metal is lost: releases and solid waste of a stage."""
NOWHERE = ""
"""Where what is found in the ground comes from."""


@dataclass(frozen=True)
class Movement:
    """One kind of movement.

    Attributes:
        origin, target: stages, or one of `LOSSES`.
        abroad: whether it may lead from one country to another; those movements are trade.
        ledger: the flow of the world's ledger that it adds up to; empty: none.
    """

    origin: str
    target: str
    abroad: bool = False
    ledger: str = ""


MOVEMENTS: dict[str, Movement] = {
    "found": Movement(NOWHERE, GROUND, ledger="found"),
    "dug": Movement(GROUND, MINING),
    "tailings": Movement(MINING, TAILINGS, ledger="tailings"),
    "feed": Movement(MINING, FEED_WAY, abroad=True, ledger="feed sent"),
    "feed arrived": Movement(FEED_WAY, REFINING, ledger="feed arrived"),
    "slag": Movement(REFINING, SLAG, ledger="slag"),
    "refined": Movement(REFINING, REFINED, ledger="refined primary"),
    "primary metal": Movement(REFINED, METAL_WAY, abroad=True, ledger="primary sent"),
    "recycled metal": Movement(RECYCLED, METAL_WAY, abroad=True, ledger="recycled sent"),
    "to makers": Movement(METAL_WAY, MAKING, ledger="to manufacturers"),
    "to reserves": Movement(METAL_WAY, RESERVES, ledger="to strategic reserves"),
    "to investors": Movement(METAL_WAY, INVESTORS, ledger="to investors"),
    "released": Movement(RESERVES, MAKING, ledger="released"),
    "new scrap": Movement(MAKING, SCRAP, ledger="new scrap"),
    "dissipated": Movement(MAKING, DISSIPATED, ledger="dissipated"),
    "products": Movement(MAKING, USE, abroad=True, ledger="into use"),
    "into drawers": Movement(USE, DRAWERS),
    "discarded": Movement(USE, END),
    "out of drawers": Movement(DRAWERS, END),
    "used goods": Movement(END, END, abroad=True, ledger="exported used"),
    "landfilled": Movement(END, LANDFILL, ledger="landfilled"),
    "old scrap": Movement(END, SCRAP, ledger="collected"),
    "scrap": Movement(SCRAP, RECYCLING, abroad=True, ledger="scrap to recyclers"),
    "rejects": Movement(RECYCLING, REJECTS, ledger="recycling loss"),
    "recovered": Movement(RECYCLING, RECYCLED, ledger="secondary supply"),
}
"""Movements in the order of the chain. Used goods are traded at their end of life: they are discarded where they arrive."""
GAINED = "of it by added processes"
"""Beside the movements: the part of what is recovered that added processes took out, by process; no movement of its own."""
OPENING, CLOSING = "opening: ", "closing: "
"""Before the name of a stage: its stock at the start of the first year, and at the end of each year."""

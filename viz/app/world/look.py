"""How a visitor looks at the map: which view and stage, what fills the countries, and whether sea passages are shown."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from lodeflow.viz.app.world import network
from lodeflow.viz.app.world.fill import FILLS

MAP, CHAIN, STAGES = "map", "chain", "stages"
VIEWS = (MAP, CHAIN, STAGES)
USERS = "users"
SHOWN = "passages"
"""What an address says where sea passages are shown."""


@dataclass(frozen=True)
class Look:
    """A way to look at the map.

    Attributes:
        view: the map, the chain, or all stages side by side.
        stage: one of :data:`lodeflow.viz.app.world.network.STAGES`; "": the first that the metal has.
        filled: one of :data:`lodeflow.viz.app.world.fill.FILLS`.
        routes: whether sea passages are shown.
    """

    view: str = MAP
    stage: str = ""
    filled: str = FILLS[0]
    routes: bool = False

    @classmethod
    def read(cls, text: str) -> Look:
        """What an address says (:meth:`write`); what means nothing is passed over."""
        words, usual = set(text.split(".")), cls()
        return cls(
            next((one for one in VIEWS if one in words), usual.view),
            next((one for one in network.STAGES if one in words), usual.stage),
            next((one for one in FILLS if one in words), usual.filled),
            SHOWN in words,
        )

    def write(self) -> str:
        """The look in an address; what is usual is left out."""
        words = (self.view, self.stage, self.filled, SHOWN if self.routes else False)
        return ".".join(str(word) for word, usual in zip(words, astuple(Look()), strict=True) if word != usual)

"""What a visitor singles out on map and charts: a country, a product that uses the metal, or both; and how the map is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import solara

from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.look import MAP, USERS, Look


@dataclass(frozen=True)
class Pick:
    """A choice; a second click on the same undoes it.

    Attributes:
        country: ISO 3166 alpha-3 or ROW; "" for none.
        product: code of a product that uses the metal on screen; "" for none.
        look: how the map is looked at; it turns to who uses the metal when a product is picked.
        click_country, click_product: what a click on one does; "" lets it go.
        turn: looks at the map in another way.
        show: takes over what an address names: country, product and look.
    """

    country: str
    product: str
    look: Look
    click_country: Callable[[str], None]
    click_product: Callable[[str], None]
    turn: Callable[[Look], None]
    show: Callable[[str, str, str], None]


def use_pick(frame: Frame, metal: str) -> Pick:
    """The choice of a visitor (a hook); what means nothing in the world on screen counts as no choice."""
    country, set_country = solara.use_state("")
    product, set_product = solara.use_state("")
    look, turn = solara.use_state(Look())
    view = frame.live
    place = country if country in view.world.layout.countries else ""
    use = product if frame.t and product in view.users(metal) else ""

    def click_product(name: str) -> None:
        chosen = "" if name == use else name
        set_product(chosen)
        if chosen:
            turn(replace(look, view=MAP, stage=USERS))

    def show(where: str, what: str, how: str) -> None:
        set_country(where)
        set_product(what)
        turn(Look.read(how or USERS if what else how))

    def pick() -> Pick:
        return Pick(
            place, use, look, lambda name: set_country("" if name == place else name), click_product, turn, show
        )

    return solara.use_memo(pick, [place, use, look])  # the same one, so that neither map nor charts are drawn anew

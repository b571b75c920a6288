"""What a visitor singles out on map and charts: a country, a product that uses the metal, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import solara

from lodeflow.viz.app.world.frame import Frame


@dataclass(frozen=True)
class Pick:
    """A choice; a second click on the same undoes it.

    Attributes:
        country: ISO 3166 alpha-3 or ROW; "" for none.
        product: code of a product that uses the metal on screen; "" for none.
        click_country, click_product: what a click on one does; "" lets it go.
        show: takes over what an address names.
    """

    country: str
    product: str
    click_country: Callable[[str], None]
    click_product: Callable[[str], None]
    show: Callable[[str, str], None]


def use_pick(frame: Frame, metal: str) -> Pick:
    """The choice of a visitor (a hook); what means nothing in the world on screen counts as no choice."""
    country, set_country = solara.use_state("")
    product, set_product = solara.use_state("")

    def click(change: Callable[[Callable[[str], str]], None], name: str) -> None:
        change(lambda now: "" if now == name else name)

    def show(place: str, use: str) -> None:
        set_country(place)
        set_product(use)

    view = frame.live
    place = country if country in view.world.layout.countries else ""
    use = product if frame.t and product in view.users(metal) else ""

    def pick() -> Pick:
        return Pick(place, use, partial(click, set_country), partial(click, set_product), show)

    return solara.use_memo(pick, [place, use])  # the same one, so that neither map nor charts are drawn anew

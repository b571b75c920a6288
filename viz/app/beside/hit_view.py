"""The panel of who is hit: a click on a country or a product shows it alone on the map and in the charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import reacton.ipyvuetify as rv
import solara

from lodeflow.viz.app.beside import hit
from lodeflow.viz.app.beside.hit import SHOWN, Loser
from lodeflow.viz.app.texts import Texts, bare
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.pick import Pick

Choose = Callable[[str], None]


@solara.component
def Hits(frame: Frame, metal: str, texts: Texts, pick: Pick) -> None:
    """Countries and products side by side, the hardest hit first; nothing before a shock."""
    if frame.scenario.first_month is None or frame.t == 0:
        return
    found = {"country": hit.countries(frame, metal), "product": hit.products(frame, metal)}
    with solara.Div(classes=["lf-panel", "lf-hits"]):
        Plain(texts("hits.title", metal=texts.metal(metal)), tag="h2")
        if not any(found.values()):
            Plain(texts("hits.nobody"), "lf-help")
            return
        with solara.Div(classes=["lf-hits-two"]):
            Losers("country", found["country"], texts.region, pick.country, pick.click_country, texts)
            Losers("product", found["product"], partial(texts.name, "product"), pick.product, pick.click_product, texts)
        Plain(texts("hits.note"), "lf-note")


@solara.component
def Losers(
    who: str, found: Sequence[Loser], name: Callable[[str], str], chosen: str, choose: Choose, texts: Texts
) -> None:
    """One ranking; its names are buttons."""
    head = rv.Html(
        tag="tr",
        children=[rv.Html(tag="th", attributes={"scope": "col"}, children=[text]) for text in hit.heads(texts, who)],
    )
    with solara.Div(classes=["lf-scroll"]), rv.Html(tag="table", class_=f"lf-losers lf-losers-{who}"):
        rv.Html(tag="thead", children=[head])
        with rv.Html(tag="tbody"):
            for one in found[:SHOWN]:
                Loses(one, name(one.hit.name), one.hit.name == chosen, choose, texts, who)


@solara.component
def Loses(one: Loser, name: str, on: bool, choose: Choose, texts: Texts, who: str) -> None:
    """One row."""
    with rv.Html(tag="tr", class_="lf-on" if on else ""):
        with rv.Html(tag="td"):
            solara.Button(
                name,
                on_click=lambda: choose(one.hit.name),
                text=True,
                small=True,
                attributes={"aria-pressed": str(on).lower()},
            )
        for cell in hit.cells(one, texts, who):
            rv.Html(tag="td", children=[bare(cell)])

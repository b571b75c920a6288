"""The panel that says whom countries depend on, and who is central in the trade of a metal."""

from __future__ import annotations

import reacton.ipyvuetify as rv
import solara

from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import Texts, bare
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world import depend
from lodeflow.viz.app.world.depend import Central, Supply
from lodeflow.viz.app.world.frame import Frame

ROUTES = ("home_primary", "abroad_primary", "home_secondary", "abroad_secondary")
CENTRAL = ("suppliers", "customers", "exports", "imports", "betweenness", "lost")
MOVED = 0.005
"""Least change of a share that is told, 1: half a percentage point."""


@solara.component
def Dependence(frame: Frame, metal: str, texts: Texts) -> None:
    """Routes and origin of the largest users and the countries that others would miss most; worked out only while it is open."""
    is_open, set_open = solara.use_state(False)
    with solara.Div(classes=["lf-panel", "lf-depend"]):
        with solara.Div(classes=["lf-maphead"]):
            Plain(texts("depend.title", metal=texts.metal(metal)), tag="h2")
            label = texts("depend.hide" if is_open else "depend.show")
            solara.Button(
                label, text=True, small=True, on_click=lambda: set_open(not is_open), classes=["lf-depend-open"]
            )
        if not is_open:
            return
        if frame.t == 0:
            Plain(texts("board.empty"), "lf-help")
            return
        live, base = depend.both(frame, metal)
        heads = [texts(f"depend.{name}") for name in ("country", *ROUTES, "mined")]
        _table(heads, [supply_cells(one, base.get(one.region), texts) for one in live])
        Plain(texts("depend.note"), "lf-note")
        heads = [texts(f"depend.{name}") for name in ("country", *CENTRAL)]
        _table(heads, [central_cells(one, texts) for one in depend.central(frame.live, metal)])
        Plain(texts("depend.central_note"), "lf-note")


def supply_cells(one: Supply, before: Supply | None, texts: Texts) -> list[str]:
    """A row of routes and origins; behind each share what it is more or less than without the shocks, in points."""
    routes = [_share(share, before.routes[place] if before else None) for place, share in enumerate(one.routes)]
    known = dict(before.origins) if before else {}
    mined = [f"{texts.region(name)} {_share(share, known.get(name))}" for name, share in one.origins]
    return [texts.region(one.region), *routes, ", ".join(mined)]


def _share(share: float, before: float | None) -> str:
    text = figures.percent(share)
    if before is None or abs(share - before) < MOVED:
        return text
    return f"{text} ({100.0 * (share - before):+.1f})"


def central_cells(one: Central, texts: Texts) -> list[str]:
    """A row of the network: partners, strength, betweenness, and what others would lose."""
    amounts = [figures.tonnes(value, texts) for value in (one.exports, one.imports)]
    return [
        texts.region(one.region),
        str(one.suppliers),
        str(one.customers),
        *amounts,
        f"{one.betweenness:.2f}",
        figures.percent(one.lost),
    ]


def _table(heads: list[str], rows: list[list[str]]) -> None:
    """A plain table."""
    with rv.Html(tag="table", class_="lf-depend-table"):
        rv.Html(tag="tr", children=[rv.Html(tag="th", children=[bare(text)]) for text in heads])
        for row in rows:
            rv.Html(tag="tr", children=[rv.Html(tag="td", children=[bare(text)]) for text in row])

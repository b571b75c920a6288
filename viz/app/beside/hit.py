"""Who is hit: countries and products by the share of their own use that they lose, with what they have left and what they pay."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lodeflow.experiments.run.hit import Hit
from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world import board
from lodeflow.viz.app.world.chart import Chart
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.story import losers, news, price_now
from lodeflow.viz.app.world.track import View

SHOWN = 8
"""Countries and products in the tables."""
NOT_KNOWN = float("nan")
BY_USE = ("price-by-country", "import-reliance")
"""Charts whose countries are those that use most."""


@dataclass(frozen=True)
class Loser:
    """A country or product that loses use of a metal.

    Attributes:
        hit: name, share of its own normal use lost, t lost (:func:`lodeflow.experiments.run.hit.ranked`).
        cover: stocks of its makers in the last month, months of normal use; nan for a product, of which none are recorded.
        price, without: what it pays in the last month, and would without the shocks, USD/t; for a product, the world's price.
        extra: what it has paid more for the metal that it used since the first news than at the price without the shocks, USD.
    """

    hit: Hit
    cover: float
    price: float
    without: float
    extra: float


def countries(frame: Frame, metal: str) -> list[Loser]:
    """Countries that lose, the hardest hit first."""
    return [_country(frame, metal, hit) for hit in losers(frame, metal)[0]]


def products(frame: Frame, metal: str) -> list[Loser]:
    """Products that lose, the hardest hit first."""
    live, base = price_now(frame, metal)
    return [
        Loser(
            hit, NOT_KNOWN, live, base, extra_of(_dearer(frame, metal), product_use(frame.live, metal, hit.name), frame)
        )
        for hit in losers(frame, metal)[1]
    ]


def _country(frame: Frame, metal: str, hit: Hit) -> Loser:
    live, base, use = (
        view.line(variable, metal, "refined", hit.name)
        for view, variable in ((frame.live, "price"), (frame.base, "price"), (frame.live, "use"))
    )
    cover = frame.live.line("stock_cover", metal, "refined", hit.name)
    left = float(cover[-1]) if cover is not None else NOT_KNOWN
    if live is None or base is None or use is None:
        return Loser(hit, left, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN)
    return Loser(hit, left, float(live[-1]), float(base[-1]), extra_of(live - base, use, frame))


def extra_of(dearer: np.ndarray, use: np.ndarray, frame: Frame) -> float:
    """What use cost more since the first news, USD: the sum over the months of the rise of the price (USD/t) times use (t)."""
    first = news(frame) or 0
    return float((dearer * use)[first:].sum())


def _dearer(frame: Frame, metal: str) -> np.ndarray:
    """By how much the metal costs more than without the shocks, by month, USD/t; the mean of what all buyers pay."""
    live, base = (view.line("price", metal, "refined") for view in (frame.live, frame.base))
    return live - base if live is not None and base is not None else np.full(frame.t, NOT_KNOWN)


def product_use(view: View, metal: str, product: str) -> np.ndarray:
    """Metal that a product uses in all countries, t by month."""
    layout = view.world.layout
    metals, products_ = view.world.recorder.places["product"]
    mine = (metals == layout.metal_index[metal]) & (products_ == layout.products.index(product))
    values: np.ndarray = view.uses[: view.t, mine].sum(axis=1)
    return values


def by_product(charts: list[Chart], product: str, texts: Texts) -> list[Chart]:
    """Charts of a frame of one product (:meth:`~lodeflow.viz.app.world.frame.Frame.of_product`), which say so; "": of all uses."""
    return [_named(chart, product, texts) for chart in charts] if product else charts


def _named(chart: Chart, product: str, texts: Texts) -> Chart:
    name = texts.name("product", product)
    if chart.id == "use":
        return replace(chart, id=f"use-{product}", title=texts("hits.chart", product=name))
    if chart.id in BY_USE:
        return replace(chart, note=f"{chart.note} {texts('hits.chosen', product=name)}".strip())
    return chart


def product_chart(frame: Frame, metal: str, product: str, texts: Texts) -> Chart:
    """Metal used by one product in the countries that use most for it; `frame`: of the product."""
    lines = board.by_country(frame, texts, "use", metal, "refined")
    name = texts.name("product", product)
    return Chart("product-countries", texts("hits.countries", product=name), "t", lines, texts("hint.by_country"))


# ---- in words ---------------------------------------------------------------------------------------------------------
def heads(texts: Texts, who: str) -> list[str]:
    """Heads of a table; `who`: ``country`` or ``product``."""
    names = ["share", "tonnes", *(["cover"] if who == "country" else []), "price", "extra"]
    return [texts(f"hits.{name}") for name in (who, *names)]


def cells(one: Loser, texts: Texts, who: str) -> list[str]:
    """A loser in words, without its name."""
    times = texts("hits.times", price=figures.usd(one.price, texts), times=figures.ratio(one.price / one.without))
    cover = [figures.amount(one.cover, "months", texts)] if who == "country" else []
    return [
        figures.percent(one.hit.share),
        figures.tonnes(one.hit.tonnes, texts),
        *cover,
        times,
        figures.money(one.extra, texts),
    ]

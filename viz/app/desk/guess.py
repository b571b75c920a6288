"""What the desk proposes for the metal on screen: who matters for it in the base month of the world, and how much."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.environment.shocks.routes import PASSAGES
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.texts import REST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lodeflow.environment.shocks.kinds import Shock
    from lodeflow.environment.world import World

OF_MINES = ("conflict", "mine_outage")
QUOTA = 0.5
"""Share of a country's exports in the base month that a proposed quota lets through."""
YEAR = 12


def guess(kind: str, metal: str, world: World) -> dict[str, Any]:
    """Values of a form for a metal; empty where those that the form shows at first are about the metal already.

    Args:
        kind: kind of the shock.
        metal: metal on screen.
        world: where it would be fired; only its base month is read.
    """
    first, fields = desk.first(kind), REGISTRY[kind].model_fields
    if first and touches(first, metal, world):
        return {}
    if REGISTRY[kind].policy:
        of_metal: dict[str, Any] = {"metals": [metal], "metal": metal, "products": [_main_product(world, metal)]}
        return {name: value for name, value in of_metal.items() if name in fields}
    if "form" in fields:
        return _trade(metal, world, getattr(REGISTRY[kind], "restricts", ""))
    if kind in OF_MINES:
        place, _ = _largest(world, "feed", metal, abroad=False)
        return {"actor": place, "metals": [metal]} if place else {}
    if kind == "import_tariff":
        return _imports(metal, world)
    if kind == "route_closure":
        return {"metals": [metal], "passage": _main_passage(metal, world)}
    if kind == "stock_purchase":
        return {"metals": [metal], "tonnes": _round(_use(world, metal).sum())}
    products = {"products": [_main_product(world, metal)]}
    if kind in desk.FIRST:
        return products
    return products | {"actor": _largest(world, "feed", metal, abroad=False)[0], "metals": [metal]}


def touches(values: dict[str, Any], metal: str, world: World) -> bool:
    """Whether the values of a form are about a metal: by name, through a product that holds it, or because it names neither."""
    named = values.get("metals") or ([values["metal"]] if values.get("metal") else [])
    if named:
        return metal in named or _comes_with(metal, named, world)
    if "passage" in values or "products" not in values:  # a closed route concerns every metal where it names none
        return True
    layout, use = world.layout, _use(world, metal)
    known = [layout.product_index[name] for name in values.get("products") or () if name in layout.product_index]
    return bool(use[known].any())


def _comes_with(metal: str, hosts: Iterable[str], world: World) -> bool:
    """Whether mines of a metal are by-products of one of these hosts, such as zinc and alumina."""
    miners, layout = world.miners, world.layout
    rows = miners.host[miners.metal == layout.metal_index[metal]]
    return any(layout.host_names[row][0] in hosts for row in rows if 0 <= row < len(layout.host_names))


def main_metal(shocks: Iterable[Shock], world: World) -> str:
    """The metal that a scenario is about first: one that its shocks name, else one in the products; "" for none."""
    metals = world.layout.metals
    for shock in shocks:
        values = shock.model_dump()
        named = [
            *(values.get("metals") or ()),
            *(values.get("recycled_content") or ()),
            *(values.get("recovery") or ()),
        ]
        inside = [metal for metal in metals if touches(values | {"metals": []}, metal, world)]
        found = [metal for metal in (*named, *inside) if metal in metals]
        if found:
            return found[0]
    return ""


def _trade(metal: str, world: World, restricts: str) -> dict[str, Any]:
    """The country that exports most of a metal, or imports it, in the form in which it does, and half of that."""
    into = restricts == "imports"
    found = {form: _largest(world, form, metal, abroad=True, into=into) for form in ("feed", "refined")}
    form = max(found, key=lambda name: found[name][1])
    place, tonnes = found[form]
    if not place:
        return {}
    return {"actor": place, "metals": [metal], "form": form, "tonnes_per_year": _round(QUOTA * YEAR * tonnes)}


def _imports(metal: str, world: World) -> dict[str, Any]:
    """The country that imports most of a metal, in the form in which it does."""
    best = ("", "", 0.0)
    for form in ("feed", "refined"):
        market = world.markets[form]
        own = (market.metal == world.layout.metal_index[metal]) & ~market.domestic
        bought = np.bincount(market.buyer_country[own], market.base[own], len(world.layout.countries))
        if REST in world.layout.country_index:
            bought[world.layout.country_index[REST]] = 0.0
        place = int(bought.argmax())
        if bought[place] > best[2]:
            best = (world.layout.countries[place], form, float(bought[place]))
    return {"actor": best[0], "metals": [metal], "form": best[1]} if best[0] else {}


def _main_passage(metal: str, world: World) -> str:
    """The passage of the sea that most of the trade in a metal uses in the base month."""

    def used(passage: str) -> float:
        total = 0.0
        for form in ("feed", "refined"):
            market = world.markets[form]
            touched = world.blueprint.ways.closure(market, (passage,), ()).touched
            total += float((market.base * touched)[market.metal == world.layout.metal_index[metal]].sum())
        return total

    return max(PASSAGES, key=used)


def _largest(world: World, form: str, metal: str, abroad: bool, into: bool = False) -> tuple[str, float]:
    """The country that sells, or buys, most in the base month, with anybody or only abroad: (code, t/month); "" without one."""
    layout, market = world.layout, world.markets[form]
    own = market.metal == layout.metal_index[metal]
    if form == "refined":
        own &= market.seller < len(world.refiners)
    if abroad:
        own &= ~market.domestic
    side = market.buyer_country if into else market.seller_country
    sold = np.bincount(side[own], market.base[own], len(layout.countries))
    if REST in layout.country_index:
        sold[layout.country_index[REST]] = 0.0
    best = int(sold.argmax())
    return (layout.countries[best], float(sold[best])) if sold[best] > 0 else ("", 0.0)


def _use(world: World, metal: str) -> np.ndarray:
    """Use of a metal by product in the base month, t/month, shape (products,)."""
    inputs, layout = world.inputs, world.layout
    own = inputs.metal == layout.metal_index[metal]
    return np.bincount(inputs.product[own], inputs.base[own], len(layout.products))


def _main_product(world: World, metal: str) -> str:
    return world.layout.products[int(_use(world, metal).argmax())]


def _round(value: float) -> float:
    """A number with two significant digits."""
    return round(float(value), 1 - floor(log10(value))) if value > 0 else 0.0

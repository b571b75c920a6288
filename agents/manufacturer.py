"""Manufacturers: one row per country and product, with one input row per metal of the product's bill of materials."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, Population, declare

ATTRIBUTES = declare(
    "manufacturer",
    Attribute("country", "index", 0, "country of the factory", fixed=True, of="countries"),
    Attribute("product", "index", 0, "product made", fixed=True, of="products"),
    Attribute("first_input", "index", 0, "its first input; its inputs lie side by side", fixed=True, of="inputs"),
    Attribute(
        "counted_input", "index", 0, "input whose metal counts the units of its product", fixed=True, of="inputs"
    ),
    Attribute("base", "units/month", 0.0, "output in the base month", fixed=True),
    Attribute("desired", "units/month", 0.0, "output wanted this month"),
    Attribute("output", "units/month", 0.0, "output of this month"),
    Attribute("feasibility", "1", 1.0, "share of the wanted output for which every metal is there"),
    Attribute("pace", "1", 1.0, "output planned over the path after lacks of metal slowed its deployment, at most 1"),
    Attribute("expansion", "1", 1.0, "its share in the plants of the world over that of the base year"),
    Attribute("margin", "1", 0.0, "12-month mean of what dear, missing and threatened metal costs it, ln points"),
    Attribute("drawn", "1", 1.0, "share of new plants over that of what stands, smoothed over the lead time"),
)

INPUT_ATTRIBUTES = declare(
    "input",
    Attribute("manufacturer", "index", 0, "its manufacturer", fixed=True, of="manufacturers"),
    Attribute("country", "index", 0, "country of the factory", fixed=True, of="countries"),
    Attribute("product", "index", 0, "product made", fixed=True, of="products"),
    Attribute("metal", "index", 0, "metal used", fixed=True, of="metals"),
    Attribute("desk", "index", 0, "desk of the country at which it buys", fixed=True, of="desks"),
    Attribute("pool", "index", 0, "scrap pool that takes its new scrap", fixed=True, of="pools"),
    Attribute("base", "t/month", 0.0, "use in the base month", fixed=True),
    Attribute(
        "moved", "1", 1.0, "its part of the world's use for the product over that of the base year, as plants move"
    ),
    Attribute("stock", "t", 0.0, "metal in the factory"),
    Attribute("substitution", "1", 1.0, "metal per unit relative to the plan, after substitution and thrift"),
    Attribute("design", "1", 1.0, "metal relative to the plan, after another choice of battery cells"),
    Attribute("ceiling", "1", 0.0, "largest share of the metal that can be replaced in this use", fixed=True),
    Attribute("structural", "t/month", 0.0, "use wanted this month before the short-run response to price"),
    Attribute(
        "planned", "t/month", 0.0, "the same, were the other metals of the product there: what stock is kept for"
    ),
    Attribute("desired", "t/month", 0.0, "use wanted this month"),
    Attribute("use", "t/month", 0.0, "metal used this month"),
    Attribute("available", "1", 1.0, "share of the desired use for which this metal is there"),
    Attribute("others", "1", 1.0, "the same of the scarcest other metal of the product, last month"),
    Attribute(
        "recycled", "1", 0.0, "share of recycled metal fit for its product in what it buys, under a content rule"
    ),
    Attribute("content_minimum", "1", 0.0, "least share of recycled metal that the law asks for"),
)


def substitute(inputs: Population, price: np.ndarray, gap: np.ndarray, months: float) -> np.ndarray:
    """Metal per unit after one month of substitution, shape (L,).

    Moves towards ``P^-(e_lr - e_sr)`` with the time constant ``months``, never below what the ceiling of the use leaves.

    Args:
        inputs: the inputs.
        price: price relative to the anchor, shape (L,).
        gap: long-run less short-run elasticity, shape (L,).
        months: time constant, months.

    ODD 7.2.
    """
    floor = 1.0 - inputs.ceiling
    target = np.maximum(np.exp(-gap * np.log(np.minimum(price, guards.SUBSTITUTION_PRICE))), floor)
    moved: np.ndarray = inputs.substitution + (target - inputs.substitution) / months
    return moved


def pace(before: np.ndarray, deployed: np.ndarray, months: float) -> np.ndarray:
    """Output planned over the path: ``p + (min(d, 1) - p) / months``, a share, shape (M,). ODD 7.2.

    A lack of metal slows deployment, and plans come back when it has passed; they never rise above the path.

    Args:
        before: p, a share of the path, at most 1, shape (M,).
        deployed: d, :func:`put_up_share` of last month, shape (M,).
        months: parameter ``pace_months``.
    """
    planned: np.ndarray = before + (np.minimum(deployed, 1.0) - before) / months
    return planned


def put_up_share(feasible: np.ndarray, kept: np.ndarray, given_up: float) -> np.ndarray:
    """Share of a technology that is deployed: ``f (1 - g (1 - k))``, shape (M,). ODD 7.2.

    Args:
        feasible: f, share of the wanted output for which every metal was there, shape (M,).
        kept: k, share of use that the price leaves of its scarcest metal, shape (M,); above 1 counts as 1.
        given_up: g, share of use given up for its price that is deployment put off, not thrift (parameter ``deployment_share``).
    """
    share: np.ndarray = np.minimum(feasible, 1.0) * (1.0 - given_up * (1.0 - np.minimum(kept, 1.0)))
    return share


def others_available(available: np.ndarray, owner: np.ndarray, first: np.ndarray) -> np.ndarray:
    """For each input, the scarcest of the OTHER metals of the same manufacturer: ``min a_j over j != i``.

    Args:
        available: share of the desired use that is there, shape (L,), inputs of a manufacturer side by side.
        owner: row of the manufacturer, shape (L,).
        first: first input row of each manufacturer, shape (M,).

    Returns:
        Smallest share among the other inputs, shape (L,); 1 for a product of one metal.

    ODD 7.2.
    """
    if len(first) == len(available):
        return np.ones(len(available))
    lowest = np.minimum.reduceat(available, first)
    is_lowest = available == lowest[owner]
    how_many = np.add.reduceat(is_lowest, first)
    second = np.minimum.reduceat(np.where(is_lowest, 1.0, available), first)
    alone = is_lowest & (how_many[owner] == 1)
    return np.where(alone, second[owner], lowest[owner])


def desired_use(wanted: np.ndarray, price: np.ndarray, elasticity: np.ndarray) -> np.ndarray:
    """Use wanted at the posted price: ``wanted P^-e_sr``, t/month, shape (L,). ODD 7.2.

    Args:
        wanted: use before the response to price, t/month, shape (L,).
        price: relative to the anchor, shape (L,).
        elasticity: short-run elasticity of use, positive, shape (L,).
    """
    return wanted * np.exp(-elasticity * np.log(bounded(price, *guards.USE_PRICE)))


def use_with_scrap(scrap: np.ndarray, base: int) -> np.ndarray:
    """Use over what it were if recycled metal grew as metal from ore does: ``1 + s - s0``, shape (n, metals). ODD 7.2.

    What is published to the last year of data is metal from ore; goods of many years ago decide what is recycled beside it.

    Args:
        scrap: s, recycled metal over that use, a share, by time, shape (n, metals).
        base: row of the base year, s0.
    """
    able: np.ndarray = 1.0 + scrap - scrap[base]
    return able


def order_months(exposed: np.ndarray, months: float, threat_speed: float) -> np.ndarray:
    """Months over which buyers close a gap of stock: ``months / (1 + threat_speed x)``, shape (B,). ODD 7.10.

    Args:
        exposed: share of normal inflow under a restriction that is believed, shape (B,).
        months, threat_speed: parameters ``order_months`` and ``threat_speed``.
    """
    return months / (1.0 + threat_speed * exposed)


def extra_cover(missing: np.ndarray, exposed: np.ndarray, precaution: float, exposure: float) -> np.ndarray:
    """Months of use that buyers want on top of their normal stock: ``precaution m + exposure x``, shape (B,). ODD 7.10.

    Args:
        missing: share of expected inflow that is missing, shape (B,).
        exposed: share of normal inflow under a restriction that is believed, shape (B,).
        precaution, exposure: parameters, months.
    """
    return precaution * missing + exposure * exposed


def orders(
    inputs: Population, cover: np.ndarray, price: np.ndarray, extra: np.ndarray, months: np.ndarray, bargain: float
) -> np.ndarray:
    """What each input orders, t, shape (L,): use, and part of the gap to the stock it wants.

    ``desired x others + (planned (cover P^-bargain + extra) - stock) / months``: stocks wanted are larger when inflow is
    missing or under threat, and when the metal is cheap. ODD 7.10.

    Args:
        inputs: the inputs.
        cover: normal stock, months of use, shape (L,).
        price: at each desk, relative to the anchor, shape (B,).
        extra: :func:`extra_cover`, months, shape (B,).
        months: :func:`order_months`, months, shape (B,).
        bargain: exponent on a low price (parameter ``bargain``).
    """
    desk = inputs.desk
    cheap = bounded(price, *guards.BARGAIN_PRICE) ** -bargain
    target = inputs.planned * (cover * cheap[desk] + extra[desk])
    wanted = inputs.desired * inputs.others + (target - inputs.stock) / months[desk]
    return np.maximum(wanted, 0.0)


def share_out(inputs: Population, tonnes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Metal at desks shared out to the inputs behind them, all of it, t, shape (L,).

    Args:
        inputs: the inputs.
        tonnes: at each desk, t, shape (B,).
        weight: what each input wants of it, shape (L,); where nobody wants any it goes by use in the base month.

    ``tonnes x weight / sum of weights``. ODD 7.10.
    """
    wanted = np.bincount(inputs.desk, weight, len(tonnes))
    weight = np.where((wanted > guards.NOTHING)[inputs.desk], weight, inputs.base)
    total = np.bincount(inputs.desk, weight, len(tonnes))
    shared: np.ndarray = (tonnes / total)[inputs.desk] * weight
    return shared


def margin(
    price: np.ndarray, feasibility: np.ndarray, exposed: np.ndarray, metal_share: float, risk: float
) -> np.ndarray:
    """What making is worth somewhere, beside the same everywhere: ``ln f - s ln P - r x``, ln points, shape (M,). ODD 7.14.

    The product sells at one price all over the world, so dearer metal comes off what the factory earns.

    Args:
        price: of its metals relative to their anchors, mean by value, ln points, shape (M,).
        feasibility: f, share of the wanted output for which every metal is there, shape (M,).
        exposed: x, share of the normal inflow of its metals under a restriction that is believed, shape (M,).
        metal_share: s, share of metal in what making costs (parameter ``maker_metal_share``).
        risk: r, what a threat to all inflow is worth, ln points (parameter ``maker_risk``).
    """
    earned: np.ndarray = np.log(np.maximum(feasibility, guards.LEAST_FEASIBLE)) - metal_share * price - risk * exposed
    return earned


def put_up(growth: np.ndarray, life: float) -> np.ndarray:
    """Part of the world's plants that is put up in a month: ``min(g + 1 / (12 life), 1)``, shape (M,). ODD 7.14.

    Args:
        growth: g, of what the product is wanted for, next month over this one, at least 0, shape (M,).
        life: of a factory, years (parameter ``factory_life``).
    """
    anew: np.ndarray = np.minimum(growth + 1.0 / (12.0 * life), 1.0)
    return anew


def replaced(expansion: np.ndarray, drawn: np.ndarray, anew: np.ndarray) -> np.ndarray:
    """Share in the world's plants after a month: ``e (1 + n (d - 1))``, shape (M,). ODD 7.14.

    Args:
        expansion: e, share over that of the base year, shape (M,).
        drawn: d, how strongly new plants are drawn over the mean of the product, weighted by plants, shape (M,).
        anew: n, part of the world's plants that is put up in the month, for growth and for what wears out, shape (M,).
    """
    stands: np.ndarray = expansion * (1.0 + anew * (drawn - 1.0))
    return stands


def content_minimum(before: np.ndarray, target: float, progress: float) -> np.ndarray:
    """Least share of recycled metal that makers must use: ``max(before, target x progress)``, shape (n,). ODD 7.14.

    Args:
        before: what other rules ask for, a share, shape (n,).
        target: share that the rule asks for in the end.
        progress: part of the way that has been gone; counts between 0 and 1.
    """
    return np.maximum(before, target * bounded(progress, 0.0, 1.0))


def recycled_content(
    need: np.ndarray, desk: np.ndarray, use: np.ndarray, desk_use: np.ndarray, graded: np.ndarray
) -> np.ndarray:
    """Share of recycled metal that is fit for its product in what each input buys: ``min(r0 + r_q / s_q, 1)``, shape (L,).

    ODD 7.14.

    Recycled metal of a quality that some makers ask for goes to them first; s_q is their share of the desk's use, r_q the share of
    that quality in what the desk buys, r0 that of recycled metal as good as from ore. All others share what is left.

    Args:
        need: quality that the product asks for besides metal as good as from ore, a row of ``graded`` (index), 0: any, shape (L,).
        desk: desk of each input, index, shape (L,).
        use: wanted by each input, t/month, shape (L,).
        desk_use: wanted by all inputs of a desk, t/month, shape (B,).
        graded: share of recycled metal of each quality in what a desk buys; the first is as good as from ore, shape (B, grades).
    """
    count = graded.shape[1]
    wanted = np.bincount(desk * count + need, use, len(desk_use) * count).reshape(-1, count)
    share = wanted / np.maximum(desk_use, guards.NOTHING)[:, None]
    fit = np.minimum(graded, share)
    fit[:, 0] = 0.0
    left = np.maximum(graded[:, 1:].sum(axis=1) - fit.sum(axis=1), 0.0)
    fit[:, 0] = left
    content = graded[:, :1] + np.divide(fit, share, out=np.zeros_like(fit), where=share > guards.NOTHING)
    bounded_content: np.ndarray = np.minimum(content, 1.0)[desk, need]
    return bounded_content

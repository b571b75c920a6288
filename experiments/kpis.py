"""The key performance indicators of a metal, one set for the run table, batches, comparisons, the report and the dashboard.

Each is one function of an :class:`~lodeflow.experiments.effect.Effect`, a metal in the world with the shocks and in the one
without them. A new one is one function under :func:`kpi`; it is then everywhere, and in docs/kpis.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.records.payments import NOWHERE as CARRIERS
from lodeflow.experiments.effect import NEVER, ROUNDING, UNION, Effect, Series, recovery
from lodeflow.experiments.kpi import INDEX as INDEX
from lodeflow.experiments.kpi import KPIS as KPIS
from lodeflow.experiments.kpi import POINTS as POINTS
from lodeflow.experiments.kpi import TIMES as TIMES
from lodeflow.experiments.kpi import Kpi as Kpi
from lodeflow.experiments.kpi import Value as Value
from lodeflow.experiments.kpi import kpi as kpi
from lodeflow.experiments.kpis_footprint import FOOTPRINT as FOOTPRINT
from lodeflow.experiments.run.moved import USE_MOVED

if TYPE_CHECKING:
    from lodeflow.experiments.scenario.scenario import Scenario


@kpi(
    "1",
    short="highest price",
    worse="more",
    reads=TIMES,
    bounds=(1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0),
    zh="最高价格与无冲击时同月价格之比",
)
def price_peak(x: Effect) -> float:
    """highest price over the price without the shocks in the same month."""
    return float(x.ratio.max())


@kpi("USD/t", short="price at its peak", worse="more", zh="比值最高月份的价格")
def price_peak_usd(x: Effect) -> float:
    """price in the month of the highest ratio."""
    return float(x.price[x.ratio.argmax()])


@kpi("months", short="months to the peak", zh="从首次消息到比值最高的月数")
def price_peak_month(x: Effect) -> float:
    """months from the first news to the highest ratio."""
    return float(x.ratio.argmax() - (x.first or 0))


@kpi("1", short="mean price", worse="more", reads=TIMES, zh="首次消息之后的平均价格与无冲击时价格之比")
def price_mean(x: Effect) -> float:
    """mean from the first news on of the price over the price without the shocks."""
    later = x.ratio[x.news :]
    return float(later.mean()) if len(later) else 1.0


@kpi("1", short="lowest price", worse="less", reads=TIMES, zh="最低价格与无冲击时价格之比")
def price_low(x: Effect) -> float:
    """lowest price over the price without the shocks."""
    return float(x.ratio.min())


@kpi(
    "months",
    short="months above twice the price",
    worse="more",
    bounds=(0.0, 6.0, 12.0, 24.0, 36.0),
    zh="价格高于无冲击时两倍的月数",
)
def months_above_2x(x: Effect) -> float:
    """months in which the price is more than twice that without shocks."""
    return float((x.ratio > 2.0).sum())


@kpi(
    "months",
    short="months to recover",
    worse="more",
    compares=True,
    zh="从首次消息到价格保持在无冲击时 5 % 以内的月数；模拟期内未恢复则为空",
)
def months_to_recover(x: Effect) -> float:
    """months from the first news until the price stays within 5 % of that without the shocks; empty if not within the run."""
    return recovery(x.ratio, x.first)


BOUNDS = (0.01, 0.02, 0.05, 0.1, 0.2)


@kpi(
    "1",
    short="shortage, share of demand",
    worse="more",
    bounds=BOUNDS,
    zh="愿按公布价格购买却买不到的金属占需求的份额，超出无冲击时的部分",
)
def shortage(x: Effect) -> float:
    """metal wanted at the posted price and not had, beyond that without shocks, of demand."""
    return x.of_demand(shortage_t(x))


@kpi("t", short="shortage", worse="more", zh="愿按公布价格购买却买不到的金属，超出无冲击时的部分，至少为 0")
def shortage_t(x: Effect) -> float:
    """metal wanted at the posted price and not had, beyond that without the shocks, at least 0."""
    if x.first is None:
        return x.total(x.shock, "shortage")
    return max(x.beyond("shortage", x.total(x.baseline, "demand")), 0.0)


@kpi("months", short="months with a shortage", worse="more", zh="短缺超出无冲击时且高于需求 0.5 % 的月数")
def shortage_months(x: Effect) -> float:
    """months in which more than 0.5 % of demand is wanted and not had, beyond that without the shocks."""
    short = x.path(x.shock, "shortage") - (0.0 if x.first is None else x.path(x.baseline, "shortage"))
    return float((short > USE_MOVED * x.path(x.baseline, "demand")).sum())


@kpi(
    "1",
    short="use lost, share of demand",
    worse="more",
    bounds=BOUNDS,
    compares=True,
    zh="被放弃或无法实现的使用量占需求的份额",
)
def use_lost(x: Effect) -> float:
    """use given up or made impossible, share of demand."""
    return x.of_demand(use_lost_t(x))


@kpi("t", short="use lost", worse="more", compares=True, zh="被放弃或无法实现的使用量")
def use_lost_t(x: Effect) -> float:
    """use given up or made impossible."""
    return -x.beyond("use", x.total(x.baseline, "demand")) + 0.0


@kpi(
    "months",
    short="area under the loss",
    worse="more",
    compares=True,
    zh="损失面积：各月损失使用量份额之和，相当于多少个月的正常使用量",
)
def loss_area(x: Effect) -> float:
    """area under the loss: months of normal use, the sum over the months of the share of use that is lost."""
    normal = x.path(x.baseline, "use")
    lost = np.divide(normal - x.path(x.shock, "use"), normal, out=np.zeros_like(normal), where=normal > 0)
    return float(lost[lost > ROUNDING].sum())


@kpi("t", short="more recycled metal", worse="less", compares=True, zh="增加的再生金属")
def recycled_more_t(x: Effect) -> float:
    """recycled metal sold beyond that without the shocks."""
    return x.beyond("secondary_supply")


@kpi("t", short="metal from ore avoided", worse="less", compares=True, zh="减少的矿石来源金属")
def primary_avoided_t(x: Effect) -> float:
    """metal refined from ore without the shocks and not with them."""
    return -x.beyond("production") + 0.0


@kpi("country", short="who delivers more", compares=True, batches=False, zh="首次消息后一年内对外交付增加最多的国家")
def substitute(x: Effect) -> str:
    """country that delivers most more abroad in the year after the first news than without the shocks."""
    gains = {place: tonnes for place, tonnes in (x.delivered or {}).items() if tonnes > 0}
    return max(gains, key=gains.__getitem__) if gains else ""


@kpi("t", short="delivered more", compares=True, batches=False, zh="该国在该年内增加的对外交付量")
def substitute_t(x: Effect) -> float:
    """what that country delivers abroad in that year beyond what it delivers without the shocks, all forms."""
    return max([*(x.delivered or {}).values(), 0.0]) if x.delivered is not None else NEVER


@kpi("country", short="who gains money", compares=True, batches=False, money=True, zh="净收入增加最多的国家")
def gains_most(x: Effect) -> str:
    """country whose receipts for ore and metal less its payments, freight included, rise most from the first news on."""
    return _largest(x.money, 1.0)


@kpi("USD", short="money gained", compares=True, batches=False, money=True, zh="该国净收入的增加")
def gains_most_usd(x: Effect) -> float:
    """by how much that country's receipts less payments rise, from the first news on."""
    return max([*_of_countries(x.money), 0.0]) if x.money is not None else NEVER


@kpi("country", short="who pays", compares=True, batches=False, money=True, zh="净收入减少最多的国家")
def pays_most(x: Effect) -> str:
    """country whose receipts for ore and metal less its payments, freight included, fall most from the first news on."""
    return _largest(x.money, -1.0)


@kpi("USD", short="money paid", worse="more", compares=True, batches=False, money=True, zh="该国净收入的减少")
def pays_most_usd(x: Effect) -> float:
    """by how much that country's receipts less payments fall, from the first news on."""
    return -min([*_of_countries(x.money), 0.0]) + 0.0 if x.money is not None else NEVER


@kpi("USD", short="more freight", worse="more", compares=True, batches=False, money=True, zh="增加的运费")
def freight_more_usd(x: Effect) -> float:
    """what carriers are paid for ore and metal beyond that without the shocks, from the first news on."""
    return x.money.get(CARRIERS, 0.0) if x.money is not None else NEVER


def _of_countries(changes: Mapping[str, float] | None) -> list[float]:
    """Changes of countries, without carriers."""
    return [usd for place, usd in (changes or {}).items() if place != CARRIERS]


def _largest(changes: Mapping[str, float] | None, sign: float) -> str:
    """Country of the largest change of one sign; empty where there is none."""
    found = {place: sign * usd for place, usd in (changes or {}).items() if sign * usd > 0.0 and place != CARRIERS}
    return max(found, key=found.__getitem__) if found else ""


# ---- lasting: the last 12 months of the run ------------------------------------------------------------------------------
@kpi(
    "1", short="concentration of refining", worse="more", reads=INDEX, level=True, zh="最后 12 个月的精炼集中度（HHI）"
)
def hhi(x: Effect) -> float:
    """concentration of refining (HHI), last 12 months."""
    return x.late(x.shock, "hhi")


@kpi(
    "1",
    short="concentration of refining, change",
    worse="more",
    reads=INDEX,
    compares=True,
    zh="最后 12 个月精炼集中度（HHI）因冲击的变化",
)
def hhi_change(x: Effect) -> float:
    """concentration of refining (HHI), last 12 months, change by the shocks."""
    return x.change("hhi")


@kpi("1", short="concentration of mining", worse="more", reads=INDEX, level=True, zh="最后 12 个月的采矿集中度（HHI）")
def feed_hhi(x: Effect) -> float:
    """concentration of mining (HHI), last 12 months."""
    return x.late(x.shock, "feed_hhi")


@kpi(
    "1",
    short="concentration of mining, change",
    worse="more",
    reads=INDEX,
    compares=True,
    zh="最后 12 个月采矿集中度（HHI）因冲击的变化",
)
def feed_hhi_change(x: Effect) -> float:
    """concentration of mining (HHI), last 12 months, change by the shocks."""
    return x.change("feed_hhi")


@kpi("1", short="recycling rate", worse="less", level=True, zh="最后 12 个月的世界报废回收率")
def recycling_rate(x: Effect) -> float:
    """end-of-life recycling rate of the world, last 12 months."""
    return x.late(x.shock, "eol_recycling_rate")


@kpi("1", short="recycling rate, change", worse="less", reads=POINTS, compares=True, zh="报废回收率因冲击的变化")
def recycling_rate_change(x: Effect) -> float:
    """end-of-life recycling rate, change by the shocks."""
    return x.change("eol_recycling_rate")


@kpi(
    "1",
    short="recycling rate of the Union, change",
    worse="less",
    reads=POINTS,
    compares=True,
    zh="欧盟报废回收率因冲击的变化",
)
def recycling_rate_eu_change(x: Effect) -> float:
    """end-of-life recycling rate of the European Union, change by the shocks."""
    return x.change("eol_recycling_rate", UNION)


@kpi("1", short="recycled content", worse="less", level=True, zh="最后 12 个月世界使用量中的再生含量")
def recycled_content(x: Effect) -> float:
    """recycled content of use of the world, last 12 months."""
    return x.late(x.shock, "recycled_content")


@kpi("1", short="recycled content, change", worse="less", reads=POINTS, compares=True, zh="再生含量因冲击的变化")
def recycled_content_change(x: Effect) -> float:
    """recycled content, change by the shocks."""
    return x.change("recycled_content")


@kpi(
    "1",
    short="import reliance of the Union, feed",
    worse="more",
    level=True,
    batches=False,
    zh="最后 12 个月欧盟精炼原料的净进口依存度",
)
def reliance_feed_eu(x: Effect) -> float:
    """net import reliance of the European Union, feed of refiners, last 12 months."""
    return x.late(x.shock, "feed_net_import_reliance", UNION)


@kpi(
    "1",
    short="import reliance of the Union, refined metal",
    worse="more",
    level=True,
    batches=False,
    zh="最后 12 个月欧盟精炼金属的净进口依存度",
)
def reliance_refined_eu(x: Effect) -> float:
    """net import reliance of the European Union, refined metal of makers, last 12 months."""
    return x.late(x.shock, "net_import_reliance", UNION)


@kpi(
    "1",
    short="import reliance of the Union",
    worse="more",
    level=True,
    batches=False,
    zh="最后 12 个月欧盟所有形态的净进口依存度",
)
def reliance_eu(x: Effect) -> float:
    """net import reliance of the European Union, all forms, last 12 months."""
    return x.late(x.shock, "all_net_import_reliance", UNION)


# ---- of batches ---------------------------------------------------------------------------------------------------------
def asked_of(shocked: bool, batches: bool = False, money: bool = False, footprint: bool = False) -> list[Kpi]:
    """Return the indicators that a run has.

    shocked: whether it has a world without shocks; batches: those that batches keep; money: with those of the account
    of money; footprint: with those of energy and greenhouse gases.
    """
    kept = (one for one in KPIS.values() if (shocked or not one.compares) and (money or not one.money))
    kept = (one for one in kept if footprint or not one.footprint)
    return sorted((one for one in kept if one.batches or not batches), key=lambda one: one.footprint)


def kpis_of(scenario: Scenario, metals: list[str]) -> list[dict[str, Any]]:
    """Return the indicators of a batch as they stand in a manifest: name, kpi, metal, unit, what."""
    return [
        {"name": f"{one.name}.{metal}", "kpi": one.name, "metal": metal, "unit": one.unit, "what": one.what}
        for metal in metals
        for one in asked_of(scenario.compared, batches=True)
    ]


def indicators_of(shock: Series, baseline: Series, scenario: Scenario, metals: list[str]) -> dict[str, float]:
    """Return the indicators of one run of a batch by name; shock, baseline: all series of the two worlds."""
    month = scenario.first_month
    first = None if month is None else parse_month(month) - parse_month(scenario.world.start)
    values: dict[str, float] = {}
    for metal in metals:
        effect = Effect.of(metal, shock, baseline if scenario.compared else None, first)
        own = asked_of(scenario.compared, batches=True)
        values |= {f"{one.name}.{metal}": float(one.value(effect)) for one in own}
    return values

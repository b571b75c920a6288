"""Indicators of one run: the numbers of the summary of a single run, computed from arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from environment.calendar import parse_month
from experiments.monte_carlo.series import UNION, WORLD, Key
from experiments.summary import RECOVERED, YEAR, settled

if TYPE_CHECKING:
    from experiments.scenario import Scenario

Series = Mapping[Key, np.ndarray]
NEVER = float("nan")


@dataclass(frozen=True)
class Lines:
    """What indicators of one metal are made from.

    price, reference: USD/t with the shocks and without, shape (months,): outside the country that restricts the metal's trade
    where there is one; without shocks the reference is the price of the first month. first: months from the start of the run to
    the first news of a shock, None without shocks.
    """

    metal: str
    shock: Series
    baseline: Series
    price: np.ndarray
    reference: np.ndarray
    first: int | None

    @property
    def ratio(self) -> np.ndarray:
        """Price over reference."""
        return self.price / self.reference

    def total(self, case: Series, variable: str) -> float:
        """Sum of a flow of the world from the first news on, t."""
        return float(case[variable, self.metal, WORLD][self.first or 0 :].sum())

    def late(self, case: Series, variable: str, region: str = WORLD) -> float:
        """Mean of the last 12 months."""
        values = case.get((variable, self.metal, region))
        return NEVER if values is None else float(values[-YEAR:].mean())

    def change(self, variable: str, region: str = WORLD) -> float:
        """Mean of the last 12 months less that of the world without the shocks."""
        return self.late(self.shock, variable, region) - self.late(self.baseline, variable, region)


def _recovery(lines: Lines) -> float:
    if lines.first is None:
        return NEVER
    outside = np.flatnonzero(np.abs(lines.ratio - 1.0) > RECOVERED)
    if not len(outside):
        return 0.0
    return NEVER if outside[-1] == len(lines.price) - 1 else float(outside[-1] - lines.first + 1)


def _shortage(lines: Lines) -> float:
    """Shortage beyond that without the shocks, t; 0 where they ease it."""
    extra = lines.total(lines.shock, "shortage")
    if lines.first is None:
        return extra
    beyond = extra - lines.total(lines.baseline, "shortage")
    return max(settled(beyond, lines.total(lines.baseline, "demand")), 0.0)


def _use_lost(lines: Lines) -> float:
    normal = lines.total(lines.baseline, "use")
    return settled(normal - lines.total(lines.shock, "use"), normal)


def _share_of_demand(amount: Callable[[Lines], float]) -> Callable[[Lines], float]:
    def share(lines: Lines) -> float:
        demand = lines.total(lines.baseline, "demand")
        return amount(lines) / demand if demand > 0 else 0.0

    return share


@dataclass(frozen=True)
class Kpi:
    """One indicator.

    compute: its value from the lines of a metal; unit; what: one line; compares: whether it needs a world without shocks.
    """

    compute: Callable[[Lines], float]
    unit: str
    what: str
    compares: bool = False


KPIS: dict[str, Kpi] = {
    "price_peak": Kpi(
        lambda x: float(x.ratio.max()), "1", "highest price over the price without the shocks in the same month"
    ),
    "price_peak_usd": Kpi(
        lambda x: float(x.price[x.ratio.argmax()]), "USD/t", "price in the month of the highest ratio"
    ),
    "price_peak_month": Kpi(
        lambda x: float(x.ratio.argmax() - (x.first or 0)), "months", "months from the first news to the highest ratio"
    ),
    "price_low": Kpi(lambda x: float(x.ratio.min()), "1", "lowest price over the price without the shocks"),
    "months_above_2x": Kpi(
        lambda x: float((x.ratio > 2.0).sum()),
        "months",
        "months in which the price is more than twice that without shocks",
    ),
    "months_to_recover": Kpi(
        _recovery,
        "months",
        "months from the first news until the price stays within 5 % of that without the shocks; nan: not within the run",
        compares=True,
    ),
    "shortage": Kpi(
        _share_of_demand(_shortage),
        "1",
        "metal wanted at the posted price and not had, beyond that without shocks, of demand",
    ),
    "shortage_t": Kpi(
        _shortage, "t", "metal wanted at the posted price and not had, beyond that without the shocks, at least 0"
    ),
    "use_lost": Kpi(
        _share_of_demand(_use_lost), "1", "use given up or made impossible, share of demand", compares=True
    ),
    "use_lost_t": Kpi(_use_lost, "t", "use given up or made impossible", compares=True),
    "hhi_change": Kpi(
        lambda x: x.change("hhi"), "1", "concentration of refining (HHI), last 12 months, change by the shocks", True
    ),
    "feed_hhi_change": Kpi(
        lambda x: x.change("feed_hhi"), "1", "concentration of mining (HHI), last 12 months, change by the shocks", True
    ),
    "recycling_rate": Kpi(
        lambda x: x.late(x.shock, "eol_recycling_rate"), "1", "end-of-life recycling rate of the world, last 12 months"
    ),
    "recycling_rate_change": Kpi(
        lambda x: x.change("eol_recycling_rate"), "1", "end-of-life recycling rate, change by the shocks", True
    ),
    "recycling_rate_eu_change": Kpi(
        lambda x: x.change("eol_recycling_rate", UNION), "1", "the same for the European Union", True
    ),
    "recycled_content": Kpi(
        lambda x: x.late(x.shock, "recycled_content"), "1", "recycled content of use of the world, last 12 months"
    ),
    "recycled_content_change": Kpi(
        lambda x: x.change("recycled_content"), "1", "recycled content, change by the shocks", True
    ),
}


def kpis_of(scenario: Scenario, metals: list[str]) -> list[dict[str, Any]]:
    """Return the indicators of a scenario as they stand in a manifest: name, kpi, metal, unit, what."""
    return [
        {"name": f"{name}.{metal}", "kpi": name, "metal": metal, "unit": kpi.unit, "what": kpi.what}
        for metal in metals
        for name, kpi in KPIS.items()
        if scenario.shocks or not kpi.compares
    ]


def indicators_of(shock: Series, baseline: Series, scenario: Scenario, metals: list[str]) -> dict[str, float]:
    """Return the indicators of one run by name.

    shock, baseline: all series of the two worlds (experiments.monte_carlo.series); the same twice without shocks.
    """
    lines = {metal: lines_of(shock, baseline, scenario, metal) for metal in metals}
    return {item["name"]: KPIS[item["kpi"]].compute(lines[item["metal"]]) for item in kpis_of(scenario, metals)}


def lines_of(shock: Series, baseline: Series, scenario: Scenario, metal: str) -> Lines:
    """Return the price of a metal and what it is compared with."""
    variable = "price_outside" if ("price_outside", metal, WORLD) in shock and scenario.shocks else "price"
    price = shock[variable, metal, WORLD]
    reference = baseline[variable, metal, WORLD] if scenario.shocks else np.full(len(price), price[0])
    month = scenario.first_month
    first = None if month is None else parse_month(month) - parse_month(scenario.world.start)
    return Lines(metal, shock, baseline, price, reference, first)

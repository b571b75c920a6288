"""A small stand-in for tables and world: enough rows for the checks, and a price that a ban lifts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from lodeflow.environment.month.reasons import COMPONENTS
from lodeflow.environment.records.columns import Columns
from lodeflow.environment.records.fates import FATES
from lodeflow.experiments.run.results import MEASURES

METALS = ["cobalt", "nickel", "gallium"]


def fake_tables() -> dict[str, pd.DataFrame]:
    """The columns that scenario checks read."""
    return {
        "metals": pd.DataFrame(
            {"metal": METALS, "label": ["Cobalt", "Nickel", "Gallium"], "feed_form": ["intermediate", "ore", None]}
        ).assign(price_class=["cobalt", "exchange", "minor"]),
        "production": pd.DataFrame({"stage": ["mine", "host"], "metal": ["cobalt", "zinc"]}),
        "countries": pd.DataFrame({"iso3": ["COD", "CHN", "DEU"], "name": ["DR Congo", "China", "Germany"]}),
        "hosts": pd.DataFrame({"host": ["zinc"]}),
        "demand_index": pd.DataFrame({"scenario": ["STEPS"]}),
        "bloc_terms": pd.DataFrame({"bloc": ["EU27"], "name": ["European Union"], "one": [True]}),
        "tempers": pd.DataFrame(
            {"temper": ["restrict_base"], "value": [-6.0], "low": [-7.0], "high": [-5.0], "unit": ["ln odds"]}
        ),
        "trade_flows": pd.DataFrame({"metal": ["nickel"], "form": ["ore"]}),
        "feed_forms": pd.DataFrame({"metal": ["nickel"], "form": ["intermediate"]}),
        "groups": pd.DataFrame({"group": ["EU27"], "iso3": ["DEU"]}),
        "products": pd.DataFrame({"product": ["ev-battery-nickel"], "label": ["Vehicle batteries"]}),
        "parameters": pd.DataFrame({"parameter": ["eta", "gamma"], "scope": ["cobalt", ""]}).assign(
            low=0.1, high=1.0, unit="1"
        ),
    }


class FakeWorld:
    """Cobalt costs `1 + 2 * lift` times as much and is short by `lift` in three months; nickel never moves."""

    def __init__(self, start: str, months: int, shocked: bool) -> None:
        self.dates = pd.date_range(f"{start}-01", periods=months, freq="MS")
        self.lift = [0.5 if shocked and 2 <= month < 5 else 0.0 for month in range(months)]
        self.steps, self.governments = 0, None
        self.start, self.months = start, months
        self.recorder = self
        self.purse, self.settings = SimpleNamespace(whole=True), SimpleNamespace(data_year=2024)
        self.ledger = SimpleNamespace(columns=lambda: side_by_side(self.frame()))

    def fork(self) -> FakeWorld:
        return FakeWorld(self.start, self.months, shocked=False)

    def movements(self) -> FakeMovements:
        return FakeMovements(self)

    def unreached(self) -> list[str]:
        return ["shocks[0]: touches nothing"]

    def step(self) -> None:
        self.steps += 1

    def events(self) -> list[dict[str, Any]]:
        return [{"kind": "export_ban", "label": "ban", "actor": "COD", "metal": "cobalt", "no_effect": False}]

    def _value(self, metal: str, variable: str, region: str, lift: float) -> float:
        lift = lift if metal == "cobalt" else 0.0
        share = {"WLD": 1.0, "DEU": 0.7, "COD": 0.3}[region]
        values = {"price": 30_000 * (1 + 2 * lift), "eol_recycling_rate": 0.3, "recycled_content": 0.1}
        lost = {"WLD": 20.0, "DEU": 12.0, "COD": 8.0}[region] * lift
        if variable == "use":
            return 100.0 * share - lost
        flows = {"demand": 100.0, "shortage": 10 * lift, "secondary_supply": 10 + 4 * lift, "production": 90 - 6 * lift}
        return values.get(variable) or flows[variable] * share

    def series(self) -> pd.DataFrame:
        variables = ("price", "demand", "use", "shortage", "eol_recycling_rate", "recycled_content")
        variables += ("secondary_supply", "production")
        rows = [
            (date, metal, "refined", region, variable, self._value(metal, variable, region, lift), "unit")
            for date, lift in zip(self.dates, self.lift, strict=True)
            for metal in ("cobalt", "nickel")
            for region in ("WLD", "DEU", "COD")
            for variable in variables
        ]
        return pd.DataFrame(rows, columns=["date", "metal", "form", "region", "variable", "value", "unit"])

    def trade(self) -> pd.DataFrame:
        rows = []
        for date, lift in zip(self.dates, self.lift, strict=True):
            rows.append((date, "cobalt", "refined", "COD", "CHN", 60.0 * (1 - lift), 30_000.0))
            rows.append((date, "cobalt", "refined", "CHN", "DEU", 40.0 + 10 * lift, 30_000.0))
            rows.append((date, "cobalt", "refined", "COD", "COD", 5.0 + lift, 30_000.0))
        return pd.DataFrame(rows, columns=["date", "metal", "form", "exporter", "importer", "tonnes", "price"])

    def why_frame(self) -> pd.DataFrame:
        rows = [
            (date, "cobalt", "WLD", component, lift * (number + 1) / 10, "ln")
            for date, lift in zip(self.dates, self.lift, strict=True)
            for number, component in enumerate(COMPONENTS)
        ]
        return pd.DataFrame(rows, columns=["date", "metal", "region", "component", "value", "unit"])

    def frame(self) -> pd.DataFrame:
        rows = [(date, "cobalt", "mined", "source", 100.0) for date in self.dates]
        return pd.DataFrame(rows, columns=["date", "metal", "flow", "kind", "tonnes"])

    def uses(self) -> pd.DataFrame:
        rows = [
            (date, metal, product, share * (100.0 - (loss * lift if metal == "cobalt" else 0.0)))
            for date, lift in zip(self.dates, self.lift, strict=True)
            for metal in ("cobalt", "nickel")
            for product, share, loss in (("batteries", 0.9, 12.0), ("magnets", 0.1, 92.0))
        ]
        return pd.DataFrame(rows, columns=["date", "metal", "product", "tonnes"])

    def products(self) -> pd.DataFrame:
        rows = [
            (date, "ev-battery-nickel", "DEU", 10.0, 10.0 - lift, lift, "units")
            for date, lift in zip(self.dates, self.lift, strict=True)
        ]
        return pd.DataFrame(rows, columns=["date", "product", "region", "wanted", "made", "short", "unit"])

    def product_trade(self) -> pd.DataFrame:
        first = sorted({pd.Timestamp(date.year, 1, 1) for date in self.dates})
        rows = [(date, "ev-battery-nickel", "CHN", "DEU", "cobalt", 1.0, 10.0, "kWh") for date in first]
        names = ["date", "product", "exporter", "importer", "metal", "tonnes", "units", "unit"]
        return pd.DataFrame(rows, columns=names)

    def end_of_life(self) -> pd.DataFrame:
        first = sorted({pd.Timestamp(date.year, 1, 1) for date in self.dates})
        rows = [(date, "ev-battery-nickel", "DEU", "cobalt", *(1.0 for _ in FATES)) for date in first]
        return pd.DataFrame(rows, columns=["date", "product", "region", "metal", *FATES])

    def columns(self) -> dict[str, list[Columns]]:
        tables = {"series": self.series(), "trade": self.trade(), "why": self.why_frame(), "products": self.products()}
        tables |= {"product_trade": self.product_trade(), "end_of_life": self.end_of_life()}
        return {name: [side_by_side(table)] for name, table in tables.items()}


class FakeMovements:
    """One tonne of cobalt a month that goes from the DR Congo to China."""

    def __init__(self, world: FakeWorld, months: int = 0) -> None:
        self.world, self.months = world, months

    def fork(self, world: FakeWorld) -> FakeMovements:
        return FakeMovements(world, self.months)

    def record(self) -> None:
        self.months += 1

    def frame(self) -> pd.DataFrame:
        row = (pd.Timestamp(self.world.dates[0].year, 1, 1), "feed", "cobalt", "COD", "CHN", "", float(self.months))
        table = pd.DataFrame([row], columns=["date", "movement", "metal", "exporter", "importer", "product", "tonnes"])
        return table.astype(dict.fromkeys(("movement", "metal", "exporter", "importer", "product"), "category"))


def side_by_side(table: pd.DataFrame) -> Columns:
    """The series of a tidy table without gaps, one column each."""
    measures = [name for name in table if name in MEASURES - {"unit"}]
    texts = [name for name in table if name not in {"date", *measures}]
    wide = table.pivot(index="date", columns=texts, values=measures)
    labels = wide[measures[0]].columns.to_frame()
    values = {name: wide[name].to_numpy() for name in measures}
    return Columns({name: labels[name].to_numpy(object) for name in texts}, values)

"""The stock of somebody who buys from named suppliers, month by month, while they deliver what they deliver in a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.environment.calendar import DAYS_PER_MONTH
from lodeflow.experiments.analysis.exposure.position import Need

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.run.results import Outcome

STOPS = 0.5
"""Share of a month's use below which what can be made stands still: an assumption."""
LEAST = 1e-9


@dataclass(frozen=True)
class Delivered:
    """What reaches a country in a run with its shocks, beside the same without them, by month from the first news on.

    Attributes:
        ratio: delivered over delivered without the shocks, by supplier, shape (months,) each; at most 1, but for its own.
        rest: the same of all suppliers together, for those that sell it nothing in the run.
        price, calm: price of the metal there, USD/t, shape (months,): with and without the shocks.
    """

    ratio: dict[str, np.ndarray]
    rest: np.ndarray
    price: np.ndarray
    calm: np.ndarray

    def of(self, supplier: str) -> np.ndarray:
        """What a supplier delivers of what it delivered, shape (months,)."""
        return self.ratio.get(supplier, self.rest)


@dataclass(frozen=True)
class Path:
    """What comes of it.

    Attributes:
        stock: t at the end of each month, shape (months,).
        lacking: t that were to be used and were not there, shape (months,).
        bought: t that came, shape (months,).
        cost: USD more than without the shocks for what came, shape (months,).
    """

    stock: np.ndarray
    lacking: np.ndarray
    bought: np.ndarray
    cost: np.ndarray
    use: float

    @property
    def days(self) -> float:
        """Days from the first news until less than STOPS of a month's use is there; inf if that never happens."""
        still = np.flatnonzero(self.lacking >= (1.0 - STOPS) * self.use)
        if not len(still):
            return float("inf")
        month = int(still[0])
        return (month + 1.0 - float(self.lacking[month]) / self.use) * DAYS_PER_MONTH

    @property
    def first_days(self) -> float:
        """Days from the first news until anything is lacking; inf if nothing ever is."""
        short = np.flatnonzero(self.lacking > LEAST * self.use)
        if not len(short):
            return float("inf")
        month = int(short[0])
        return (month + 1.0 - float(self.lacking[month]) / self.use) * DAYS_PER_MONTH


def follow(need: Need, delivered: Delivered) -> Path:
    """Follow the stock of a buyer: what is bought is its use times what its suppliers deliver; what is lacking waits for nobody.

    ``stock' = max(stock + bought - use, 0)``, ``lacking = max(use - stock - bought, 0)``, t. A supplier abroad that delivers more
    than before delivers no more than was ordered: others get it.
    """
    months = len(delivered.price)
    coming = np.zeros(months)
    for name, share in need.suppliers.items():
        coming += share * need.use * delivered.of(name)
    stock, lacking, held = np.zeros(months), np.zeros(months), need.stock
    for month in range(months):
        there = held + coming[month]
        lacking[month] = max(need.use - there, 0.0)
        held = stock[month] = max(there - need.use, 0.0)
    return Path(stock, lacking, coming, coming * (delivered.price - delivered.calm), need.use)


def delivered(outcome: Outcome, metal: str, country: str) -> Delivered:
    """Return what reaches a country in a run from the first news on: refined metal as it is sent, at home as well."""
    trade, first = outcome.trade, outcome.scenario.first_month or outcome.scenario.world.start
    rows = trade[(trade["metal"] == metal) & (trade["form"] == "refined") & (trade["importer"] == country)]
    rows = rows[rows["date"] >= f"{first}-01"]
    price = outcome.series[
        (outcome.series["metal"] == metal)
        & (outcome.series["variable"] == "price")
        & (outcome.series["form"] == "refined")
        & (outcome.series["region"] == country)
        & (outcome.series["date"] >= f"{first}-01")
    ].pivot_table(index="date", columns="run", values="value", observed=True)
    sums = rows.groupby(["run", "date", "exporter"], observed=True)["tonnes"].sum().unstack("exporter").fillna(0.0)
    with_shock, calm = (_of_run(sums, name, price) for name in ("shock", "baseline"))
    most = {name: np.inf if name == country else 1.0 for name in calm}
    ratio = {str(name): _ratio(with_shock[name], calm[name], most[name]) for name in calm if calm[name].sum() > 0.0}
    rest = _ratio(with_shock.sum(axis=1), calm.sum(axis=1), 1.0)
    main = "shock" if "shock" in price else "baseline"
    return Delivered(ratio, rest, price[main].to_numpy(), price["baseline"].to_numpy())


def with_policy(before: Delivered, outcome: Outcome, made: Outcome, metal: str, country: str) -> Delivered:
    """Return what is delivered with a policy: all suppliers in proportion to what reaches the country with it and without it.

    outcome: the run with the shocks; made: the same with the policy. A policy moves orders from one supplier to another, so only
    what comes from all of them together says what it does.
    """
    now, was = (_total(one, metal, country, len(before.price)) for one in (made, outcome))
    scale = np.divide(now, was, out=np.ones_like(now), where=was > 0.0)
    ratio = {name: share * scale for name, share in before.ratio.items()}
    price = delivered(made, metal, country).price[-len(before.price) :]
    return Delivered(ratio, before.rest * scale, price, before.calm)


def _total(outcome: Outcome, metal: str, country: str, months: int) -> np.ndarray:
    """Refined metal sent to a country by month with the shocks, the last months of the run, t, shape (months,)."""
    rows = outcome.trade
    main = "shock" if "shock" in set(rows["run"]) else "baseline"
    rows = rows[
        (rows["run"] == main) & (rows["metal"] == metal) & (rows["form"] == "refined") & (rows["importer"] == country)
    ]
    dates = outcome.series["date"].drop_duplicates().sort_values()
    sums: np.ndarray = rows.groupby("date")["tonnes"].sum().reindex(dates).fillna(0.0).to_numpy()[-months:]
    return sums


def _of_run(sums: pd.DataFrame, run: str, price: pd.DataFrame) -> pd.DataFrame:
    """Trade of one run by month and supplier; the baseline where there is no shock."""
    name = run if run in sums.index.get_level_values("run") else "baseline"
    import pandas as pd

    return pd.DataFrame(sums.xs(name, level="run")).reindex(price.index).fillna(0.0)


def _ratio(now: pd.Series, before: pd.Series, most: float) -> np.ndarray:
    share = np.divide(now.to_numpy(), before.to_numpy(), out=np.ones(len(now)), where=before.to_numpy() > 0.0)
    result: np.ndarray = np.minimum(share, most)
    return result

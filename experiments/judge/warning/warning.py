"""Early warning of dear months from what could be observed at the time, and what it costs beside warning always or never.

With the price p of a month and the mean m of the months before (`mean_months`), the index of a metal is

    index = tide + own_weight x ln(p / m)          tide = mean over metals with monthly prices of ln(p / m)

both as known in that month: of a metal with yearly prices the mean of the last full year. It warns from `threshold` on. An event
is a month within the next `ahead_months` in which p exceeds `event_ratio` times m. A month of false alarm costs 1, a missed month
L. Rules and values: table `warning_rules`; ODD 7.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.chosen import core_metals

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

FIRST, LAST = 2000, 2024
"""Years of prices that are read; none lies behind 2024."""
JUDGED_FROM = 2005
"""First year of the months that are looked at."""
WEIGHTS = (0.0, 0.5, 1.0, 2.0)
"""Weights of the own price among which the fit chooses."""


@dataclass(frozen=True)
class Rules:
    """The rules of the table `warning_rules`, see there for their meaning and unit."""

    mean_months: int
    event_ratio: float
    ahead_months: int
    own_weight: float
    threshold: float
    last_known: int
    losses: tuple[float, ...]

    @classmethod
    def of(cls, tables: Tables) -> Rules:
        """The shipped values."""
        table = tables.warning_rules
        v = dict(zip(table["rule"], table["value"], strict=True))
        losses = (v["loss_low"], v["loss_middle"], v["loss_high"])
        whole = (int(v[name]) for name in ("mean_months", "ahead_months", "last_known"))
        mean, ahead, known = whole
        return cls(mean, v["event_ratio"], ahead, v["own_weight"], v["threshold"], known, losses)


def prices(tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return monthly prices of the core metals, USD/t (index months, columns metals): as they came, and as known in the month."""
    import pandas as pd

    months = pd.period_range(f"{FIRST}-01", f"{LAST}-12", freq="M")
    came, known = {}, {}
    for metal in core_metals(tables):
        quotes = tables.prices[(tables.prices["metal"] == metal) & (tables.prices["freq"] == "monthly_avg")]
        if len(quotes):
            mean = quotes.groupby("date")["price_usd_per_t"].mean()
            mean.index = pd.PeriodIndex(mean.index.astype(str), freq="M")
            came[metal] = known[metal] = mean.reindex(months)
        else:
            rows = tables.base_prices[tables.base_prices["metal"] == metal]
            yearly = rows.set_index("year")["price_usd_per_t"]
            came[metal] = pd.Series(yearly.reindex(months.year).to_numpy(), months)
            known[metal] = pd.Series(yearly.reindex(months.year - 1).to_numpy(), months)
    return pd.DataFrame(came), pd.DataFrame(known)


def over_usual(table: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return prices over the mean of the months before, 1; nan where less than five sixths of these months have prices."""
    least = rules.mean_months * 5 // 6
    usual: pd.DataFrame = table / table.shift(1).rolling(rules.mean_months, min_periods=least).mean()
    return usual


def metal_months(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return all months of all metals that can be judged: metal, month, tide, own (ln points), event (whether one follows).

    The tide is that of the metals whose prices are published monthly.
    """
    import pandas as pd

    came, known = prices(tables)
    dear = (over_usual(came, rules) > rules.event_ratio).where(over_usual(came, rules).notna())
    ahead = pd.concat({k: dear.shift(-k) for k in range(1, rules.ahead_months + 1)}).groupby(level=1).max()
    own = over_usual(known, rules).apply(np.log)
    monthly = [str(metal) for metal in came if came[metal].equals(known[metal])]
    tide = own[monthly].mean(axis=1)
    last = LAST - (rules.ahead_months + 11) // 12
    parts = [
        pd.DataFrame({"metal": metal, "tide": tide, "own": own[metal], "event": ahead[metal]}).loc[
            f"{JUDGED_FROM}-01" : f"{last}-12"
        ]
        for metal in came
    ]
    table = pd.concat(parts).rename_axis("month").reset_index().dropna(ignore_index=True)
    return table.assign(event=table["event"].astype(bool))


def index(table: pd.DataFrame, rules: Rules) -> pd.Series:
    """Return the index of metal-months, ln points."""
    return table["tide"] + rules.own_weight * table["own"]


def fitted(table: pd.DataFrame, rules: Rules) -> tuple[float, float]:
    """Return own weight and threshold with the most hits less false alarms (shares) in the months whose outcome was known.

    Of several thresholds as good the highest; of several weights the least.
    """
    known = table[table["month"].dt.year + rules.ahead_months / 12.0 <= rules.last_known]
    event = known["event"].to_numpy()
    best = (-1.0, 0.0, 0.0)
    for weight in WEIGHTS:
        values = (known["tide"] + weight * known["own"]).to_numpy()
        for threshold in np.unique(values):
            warned = values >= threshold
            gain = warned[event].mean() - warned[~event].mean()
            if (gain, -weight, threshold) > best:
                best = (float(gain), -weight, float(threshold))
    return -best[1], best[2]


def costs(table: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return what warning costs after the years that the threshold may know, in months of false alarm.

    Returns:
        one row a loss ratio: loss, warned, always, never (cost), hits, false_alarms (shares of months with and without event).
    """
    import pandas as pd

    later = table[table["month"].dt.year > rules.last_known]
    event, warned = later["event"], index(later, rules) >= rules.threshold
    missed, false = (event & ~warned).sum(), (~event & warned).sum()
    rows = [
        (loss, loss * missed + false, (~event).sum(), loss * event.sum(), warned[event].mean(), warned[~event].mean())
        for loss in rules.losses
    ]
    return pd.DataFrame(rows, columns=["loss", "warned", "always", "never", "hits", "false_alarms"])


def lead_times(table: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return for every spell of events after `last_known`: metal, first (month from which an event lay ahead), lead (months).

    lead: from the first warning in the spell to its first dear month; nan where none came in time.
    """
    import pandas as pd

    rows = []
    later = table[table["month"].dt.year > rules.last_known].assign(warned=index(table, rules) >= rules.threshold)
    for metal, own in later.groupby("metal", sort=False):
        spell = (own["event"] != own["event"].shift()).cumsum()
        for _, part in own[own["event"]].groupby(spell):
            at = np.flatnonzero(part["warned"])
            lead = rules.ahead_months - at[0] if at.size and at[0] < rules.ahead_months else float("nan")
            rows.append((metal, str(part["month"].iloc[0]), float(lead)))
    return pd.DataFrame(rows, columns=["metal", "first", "lead"])


def now(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return the state at the end of the data: metal, index (ln points), warns."""
    import pandas as pd

    came, known = prices(tables)
    own = over_usual(known, rules).apply(np.log).iloc[-1]
    tide = float(own[[str(metal) for metal in came if came[metal].equals(known[metal])]].mean())
    values = tide + rules.own_weight * own.fillna(0.0)
    return pd.DataFrame(
        {"metal": values.index, "index": values.to_numpy(), "warns": (values >= rules.threshold).to_numpy()}
    )

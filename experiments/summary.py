"""What a minister's adviser asks of a run, per metal: how dear, how short, how long, who loses, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.hit import COUNTRY, PRODUCT, Hit, hits_in
from experiments.moved import RECYCLING_MOVED

if TYPE_CHECKING:
    import pandas as pd

#: Parts of the bid, in the order of the table; they add up exactly to the move of the bid.
COMPONENTS = ("stocks", "expected supply", "own demand", "substitution", "cost", "news")
RECOVERED = 0.05
"""A price is back when it stays within this share of the world without the shock."""
ROUNDING = 1e-9
"""Share of a flow below which the difference of two runs is rounding: both add up the same numbers in the same order, and
differ by no more than that where nothing differs."""
YEAR = 12


def summarise(
    series: pd.DataFrame, why: pd.DataFrame, trade: pd.DataFrame, first_month: str | None, hits: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per metal.

    Prices are the world's, or those outside the country that restricts the metal's trade (price_where).

    series, why, trade: tidy tables of experiments.results.COLUMNS; first_month: "YYYY-MM" in which the first shock is
    announced or starts, None for a run without shocks; hits: who is hit hardest (experiments.hit).
    Prices USD/t, quantities t, shares 0..1 except *_pct (%), why_* in ln points of the bid against the same month of the
    world without the shock (of the base price where there is no shock).
    """
    import pandas as pd

    rows = []
    for metal, own in series.groupby("metal", sort=True):
        name = str(metal)
        own_trade = trade[trade["metal"] == metal]
        rows.append(_summary_row(name, own, why[why["metal"] == metal], own_trade, first_month, hits))
    return pd.DataFrame(rows)


def _summary_row(
    metal: str,
    series: pd.DataFrame,
    why: pd.DataFrame,
    trade: pd.DataFrame,
    first_month: str | None,
    hits: pd.DataFrame,
) -> dict[str, Any]:
    run = _main_run(series)
    outside = bool((series["variable"] == "price_outside").any()) and run == "shock"
    variable = "price_outside" if outside else "price"
    price = _world(series, run, variable, "refined")
    reference = _world(series, "baseline", variable, "refined") if run == "shock" else price * 0 + price.iloc[0]
    ratio = price / reference
    moves = np.log(ratio.to_numpy())
    peak, low, largest = int(moves.argmax()), int(moves.argmin()), int(np.abs(moves).argmax())
    return {
        "metal": metal,
        "price_where": "outside" if outside else "WLD",
        "price_base": float(price.iloc[0] if run == "baseline" else reference.iloc[0]),
        "price_peak": float(price.iloc[peak]),
        "price_peak_ratio": float(ratio.iloc[peak]),
        "price_peak_date": price.index[peak],
        "price_low_ratio": float(ratio.iloc[low]),
        "price_low_date": price.index[low],
        **_losses(metal, series, run, first_month, hits),
        "months_to_recover": months_to_recover(ratio, first_month),
        **_recycling(series, run),
        **_sources(series, run, first_month),
        "why_date": price.index[largest],
        **_why(why, run, price.index[largest]),
        **_replacement(trade, run, first_month),
    }


def _main_run(series: pd.DataFrame) -> str:
    """Return "shock", or "baseline" where nothing else was run."""
    return "shock" if bool((series["run"] == "shock").any()) else "baseline"


def _world(series: pd.DataFrame, run: str, variable: str, form: str | None = None) -> pd.Series[float]:
    """Return one world-wide variable by date; several forms add up where none is named."""
    mask = (series["run"] == run) & (series["variable"] == variable) & (series["region"] == "WLD")
    if form is not None:
        mask &= series["form"] == form
    return series[mask].groupby("date")["value"].sum()


def months_to_recover(ratio: pd.Series[float], first_month: str | None) -> float:
    """Return the months from `first_month` until the price ratio stays within 5 % of 1 to the end of the run.

    ratio: price with the shock / price without it, by date. 0 if it never left that band, nan if it is still outside in
    the last month, or if there is no shock.
    """
    import pandas as pd

    if first_month is None:
        return float("nan")
    outside = (ratio - 1).abs() > RECOVERED
    if not outside.any():
        return 0.0
    last = ratio.index[outside][-1]
    if last == ratio.index[-1]:
        return float("nan")
    start = pd.Timestamp(first_month)
    return float((last.year - start.year) * YEAR + last.month - start.month + 1)


def _losses(metal: str, series: pd.DataFrame, run: str, first_month: str | None, hits: pd.DataFrame) -> dict[str, Any]:
    """Return what was wanted and could not be had, by how much use fell, and who lost most, from `first_month` to the end.

    Shortage is that of the run beyond that of the world without the shock, 0 where the shock eases it; use lost also counts
    who was priced out, and is negative where more is used.
    """
    own = _later(series, first_month)
    reference = "baseline" if run == "shock" else run
    demand = float(_world(own, reference, "demand").sum())
    short = max(_beyond(own, run, "shortage", demand), 0.0)
    lost = -_beyond(own, run, "use", demand) if run == "shock" else 0.0
    out: dict[str, Any] = {}
    for name, amount in (("shortage", short), ("use_lost", lost)):
        out |= {f"{name}_t": amount, f"{name}_pct": 100 * amount / demand if demand > 0 else 0.0}
    for who in (COUNTRY, PRODUCT):
        first = next(iter(hits_in(hits, metal, who)), Hit("", 0.0, 0.0))
        out |= {f"hit_{who}": first.name, f"hit_{who}_pct": 100 * first.share, f"hit_{who}_t": first.tonnes}
    return out


def _later(series: pd.DataFrame, first_month: str | None) -> pd.DataFrame:
    """Return the rows from `first_month` on; all where none is given."""
    import pandas as pd

    return series if first_month is None else series[series["date"] >= pd.Timestamp(first_month)]


def _beyond(series: pd.DataFrame, run: str, variable: str, scale: float, form: str = "refined") -> float:
    """Return a flow of the world in all, less that of the baseline where there are two runs, t.

    scale: t; a difference that is rounding beside it is 0.
    """
    total = float(_world(series, run, variable, form).sum())
    if run == "baseline":
        return total
    return settled(total - float(_world(series, "baseline", variable, form).sum()), scale)


def settled(difference: float, scale: float) -> float:
    """Return a difference of two sums, 0 where it is no more than rounding beside their `scale`."""
    return difference if abs(difference) > ROUNDING * scale else 0.0


def _recycling(series: pd.DataFrame, run: str) -> dict[str, Any]:
    """Return the mean of the last 12 months: end-of-life recycling rate and recycled content of use, both 0..1.

    They are the world's; where a policy moved the European Union's rate at least twice as far, they are the Union's.
    """
    regions = {region: _rates(series, run, region) for region in ("WLD", "EU27")}
    moved = {region: abs(r["recycling_rate"] - r["recycling_rate_baseline"]) for region, r in regions.items()}
    place = "EU27" if moved["EU27"] > max(2.0 * moved["WLD"], RECYCLING_MOVED) else "WLD"
    return {"recycling_region": place, **regions[place]}


def _sources(series: pd.DataFrame, run: str, first_month: str | None) -> dict[str, float]:
    """Return how much more recycled metal is sold, and how much less is refined from ore, than without the shock (t and %)."""
    own, out = _later(series, first_month), dict[str, float]()
    for name, variable, sign in (("recycled_more", "secondary_supply", 1.0), ("primary_avoided", "production", -1.0)):
        normal = float(_world(own, "baseline", variable, "refined").sum())
        change = sign * _beyond(own, run, variable, normal) if run == "shock" else 0.0
        out |= {f"{name}_t": change, f"{name}_pct": 100 * change / normal if normal > 0 else 0.0}
    return out


def _rates(series: pd.DataFrame, run: str, region: str) -> dict[str, float]:
    out = {}
    for column, variable in (("recycling_rate", "eol_recycling_rate"), ("recycled_content", "recycled_content")):
        out[column] = _last_year(series, run, variable, region)
        out[f"{column}_baseline"] = _last_year(series, "baseline", variable, region)
    return out


def _last_year(series: pd.DataFrame, run: str, variable: str, region: str) -> float:
    mask = (series["run"] == run) & (series["variable"] == variable) & (series["region"] == region)
    by_date = series[mask].groupby("date")["value"].mean()
    return float(by_date.iloc[-YEAR:].mean()) if len(by_date) else float("nan")


def _why(why: pd.DataFrame, run: str, month: pd.Timestamp) -> dict[str, float]:
    """Return the split of the bid in one month, as why_<component>; components add up to the whole move.

    It is the world's bid, or that outside the country that restricts the metal's trade.
    """
    regions = set(why["region"].unique())
    rows = why[(why["date"] == month) & (why["region"] == ("outside" if "outside" in regions else "WLD"))]
    split = rows[rows["run"] == run].set_index("component")["value"]
    if run == "shock":
        split = split.sub(rows[rows["run"] == "baseline"].set_index("component")["value"], fill_value=0.0)
    return {f"why_{component.replace(' ', '_')}": float(split.get(component, 0.0)) for component in COMPONENTS}


def _replacement(trade: pd.DataFrame, run: str, first_month: str | None) -> dict[str, Any]:
    """Return in words who delivered less and who delivered more, in the year after `first_month`."""
    if run == "baseline" or first_month is None:
        return {"delivered_less": "", "delivered_more": ""}
    change = suppliers_changed(trade, first_month)
    less, more = largest_changes(change)
    return {"delivered_less": _in_words(less), "delivered_more": _in_words(more)}


def largest_changes(change: pd.Series[float]) -> tuple[pd.Series[float], pd.Series[float]]:
    """Return the two largest losses and the three largest gains of suppliers_changed, the largest first.

    Changes below 1 % of the largest are left out.
    """
    change = change[change.abs() >= 0.01 * change.abs().max()]
    return change[change < 0].nsmallest(2), change[change > 0].nlargest(3)


def _in_words(change: pd.Series[float]) -> str:
    return ", ".join(f"{exporter} {value:+,.{0 if abs(value) >= 100 else 2}f} t" for exporter, value in change.items())


def suppliers_changed(trade: pd.DataFrame, first_month: str, months: int = YEAR) -> pd.Series[float]:
    """Return who replaced whom: by exporter, what it delivered abroad with the shock less what it delivered without, t.

    trade: rows of one metal, both runs, all forms (a tonne that is traded as ore and again as metal counts twice);
    counts the `months` from `first_month` on. Exporters whose deliveries did not change are left out.
    """
    import pandas as pd

    start = pd.Timestamp(first_month)
    window = trade[(trade["date"] >= start) & (trade["date"] < start + pd.DateOffset(months=months))]
    abroad = window[window["exporter"] != window["importer"]]
    by_run = abroad.groupby(["exporter", "run"])["tonnes"].sum().unstack("run").reindex(columns=["baseline", "shock"])
    change = by_run["shock"].fillna(0.0) - by_run["baseline"].fillna(0.0)
    return change[change.abs() > 1e-9 * max(float(change.abs().sum()), 1.0)].sort_values()

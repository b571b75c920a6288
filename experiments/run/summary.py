"""What a minister's adviser asks of a run, per metal: how dear, how short, how long, who loses, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.environment.month.reasons import COMPONENTS
from lodeflow.experiments import kpis
from lodeflow.experiments.effect import UNION, WORLD, Effect
from lodeflow.experiments.run.hit import COUNTRY, PRODUCT, Hit
from lodeflow.experiments.run.indicators import PLACES, RunEffects, largest_changes
from lodeflow.experiments.run.moved import RECYCLING_MOVED

if TYPE_CHECKING:
    import pandas as pd

OUTSIDE = "outside"
"""Region of the causes of bids outside the country that restricts a metal's trade."""


def summarise(run: RunEffects, why: pd.DataFrame, hits: pd.DataFrame) -> pd.DataFrame:
    """Return one row per metal.

    Prices are the world's, or those outside the country that restricts the metal's trade (price_where).

    run: its metals (lodeflow.experiments.run.indicators); why: tidy table of lodeflow.experiments.run.results.COLUMNS; hits:
    who is hit hardest (lodeflow.experiments.run.hit). Prices USD/t, quantities t, shares 0..1 except *_pct (%), why_* in ln
    points of the bid against the same month of the world without the shock (of the base price where there is no shock).
    """
    import pandas as pd

    causes = why[why["region"].isin([WORLD, OUTSIDE])]
    first = hits[hits["rank"] == 1].to_dict("records")
    hardest = {(row["metal"], row["who"]): Hit(row["name"], row["share"], row["tonnes"]) for row in first}
    rows = [_summary_row(x, run.months, causes[causes["metal"] == name], hardest) for name, x in run.metals.items()]
    return pd.DataFrame(rows)


def _summary_row(x: Effect, months: pd.DatetimeIndex, why: pd.DataFrame, hardest: dict[Any, Hit]) -> dict[str, Any]:
    run = "baseline" if x.shock is x.baseline else "shock"
    ratio = x.ratio
    moves = np.log(ratio)
    peak, low, largest = int(moves.argmax()), int(moves.argmin()), int(np.abs(moves).argmax())
    outside = run == "shock" and ("price_outside", x.metal, WORLD) in x.shock
    return {
        "metal": x.metal,
        "price_where": "outside" if outside else WORLD,
        "price_base": float(x.reference[0]),
        "price_peak": kpis.price_peak_usd(x),
        "price_peak_ratio": kpis.price_peak(x),
        "price_peak_date": months[peak],
        "price_low_ratio": kpis.price_low(x),
        "price_low_date": months[low],
        **_losses(x, hardest),
        "months_to_recover": kpis.months_to_recover(x),
        **_recycling(x),
        **_sources(x),
        **_footprint(x),
        "why_date": months[largest],
        **_why(why, run, months[largest]),
        **_replacement(x),
    }


def _losses(x: Effect, hardest: dict[Any, Hit]) -> dict[str, Any]:
    """Return what was wanted and could not be had, by how much use fell, and who lost most, from the first news to the end.

    Shortage is that of the run beyond that of the world without the shock, 0 where the shock eases it; use lost also counts
    who was priced out, and is negative where more is used.
    """
    out: dict[str, Any] = {
        "shortage_t": kpis.shortage_t(x),
        "shortage_pct": 100 * kpis.shortage(x),
        "use_lost_t": kpis.use_lost_t(x),
        "use_lost_pct": 100 * kpis.use_lost(x),
    }
    for who in (COUNTRY, PRODUCT):
        first = hardest.get((x.metal, who), Hit("", 0.0, 0.0))
        out |= {f"hit_{who}": first.name, f"hit_{who}_pct": 100 * first.share, f"hit_{who}_t": first.tonnes}
    return out


def _recycling(x: Effect) -> dict[str, Any]:
    """Return the mean of the last 12 months: end-of-life recycling rate and recycled content of use, both 0..1.

    They are the world's; where a policy moved the European Union's rate at least twice as far, they are the Union's.
    """
    regions = {region: _rates(x, region) for region in PLACES}
    moved = {region: abs(r["recycling_rate"] - r["recycling_rate_baseline"]) for region, r in regions.items()}
    place = UNION if moved[UNION] > max(2.0 * moved[WORLD], RECYCLING_MOVED) else WORLD
    return {"recycling_region": place, **regions[place]}


def _rates(x: Effect, region: str) -> dict[str, float]:
    out = {}
    for column, variable in (("recycling_rate", "eol_recycling_rate"), ("recycled_content", "recycled_content")):
        out[column] = x.late(x.shock, variable, region)
        out[f"{column}_baseline"] = x.late(x.baseline, variable, region)
    return out


def _sources(x: Effect) -> dict[str, float]:
    """Return how much more recycled metal is sold, and how much less is refined from ore, than without the shock (t and %)."""
    out = dict[str, float]()
    for name, variable in (("recycled_more", "secondary_supply"), ("primary_avoided", "production")):
        normal, change = x.total(x.baseline, variable), float(kpis.KPIS[f"{name}_t"].value(x))
        out |= {f"{name}_t": change, f"{name}_pct": 100 * change / normal if normal > 0 else 0.0}
    return out


def _footprint(x: Effect) -> dict[str, float]:
    """Return energy (TJ) and greenhouse gases (kt CO2e) with and without the shock, where a run records them."""
    if not x.has_footprint:
        return {}
    calm = x.calm()
    return {
        f"{name}{end}": float(kpis.KPIS[name].value(world))
        for name in ("energy_tj", "co2_kt")
        for end, world in (("", x), ("_baseline", calm))
    }


def _why(why: pd.DataFrame, run: str, month: pd.Timestamp) -> dict[str, float]:
    """Return the split of the bid in one month, as why_<component>; components add up to the whole move.

    It is the world's bid, or that outside the country that restricts the metal's trade.
    """
    regions = set(why["region"].unique())
    rows = why[(why["date"] == month) & (why["region"] == (OUTSIDE if OUTSIDE in regions else "WLD"))]
    rows = rows.assign(component=rows["component"].astype(str))
    split = rows[rows["run"] == run].set_index("component")["value"]
    if run == "shock":
        split = split.sub(rows[rows["run"] == "baseline"].set_index("component")["value"], fill_value=0.0)
    return {f"why_{component.replace(' ', '_')}": float(split.get(component, 0.0)) for component in COMPONENTS}


def _replacement(x: Effect) -> dict[str, Any]:
    """Return in words who delivered less and who delivered more, in the year after the first news."""
    import pandas as pd

    less, more = largest_changes(pd.Series(x.delivered or {}, dtype=float))
    return {"delivered_less": _in_words(less), "delivered_more": _in_words(more)}


def _in_words(change: pd.Series[float]) -> str:
    return ", ".join(f"{exporter} {value:+,.{0 if abs(value) >= 100 else 2}f} t" for exporter, value in change.items())

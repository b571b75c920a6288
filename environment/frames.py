"""Tables of trade, of causes and of products, made from what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from environment.indicators import (
    OUTSIDE,
    WORLD,
    Rows,
    base_price,
    edge_prices,
    form_of,
    stack,
    sum_by,
    watched,
)
from environment.prices import COMPONENTS

if TYPE_CHECKING:
    from environment.recorder import Recorder


def trade_table(recorder: Recorder, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Trade by month, metal, form, exporter and importer, with its mean price, USD/t; flows below a gram are left out."""
    world, layout = recorder.world, recorder.world.layout
    countries = len(layout.countries)
    names = pd.Index(layout.countries)
    parts = []
    for form in ("feed", "refined"):
        market = world.markets[form]
        key = (market.metal * countries + market.seller_country) * countries + market.buyer_country
        keys, group = np.unique(key, return_inverse=True)
        flow = recorder.block(f"{form}_flow")
        value = sum_by(flow * edge_prices(recorder, form) * base_price(recorder, form, market.metal), group, len(keys))
        tonnes = sum_by(flow, group, len(keys))
        month, row = np.nonzero(tonnes > 1e-6)
        metal = keys[row] // countries**2
        parts.append(
            pd.DataFrame(
                {
                    "date": dates.to_numpy()[month],
                    "metal": pd.Categorical.from_codes(metal.tolist(), pd.Index(layout.metals)),
                    "form": [form_of(recorder, form, m) for m in metal],
                    "exporter": pd.Categorical.from_codes((keys[row] // countries % countries).tolist(), names),
                    "importer": pd.Categorical.from_codes((keys[row] % countries).tolist(), names),
                    "tonnes": tonnes[month, row],
                    "price": value[month, row] / tonnes[month, row],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def why_rows(recorder: Recorder, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Components of ln(bid / base price) by country, and by normal use for the world and outside a restricting country."""
    layout = recorder.world.layout
    metal, country = recorder.places["desk"]
    use, why = recorder.block("normal_use"), recorder.why[: recorder.written]
    count = len(layout.metals)
    total = np.maximum(sum_by(use, metal, count), 1e-300)
    names, regions = [layout.metals[m] for m in metal], [layout.countries[c] for c in country]
    beyond = watched(recorder)
    outside = np.ones(len(metal), bool)
    for m, (_, actors) in beyond.items():
        outside &= ~((metal == m) & np.isin(country, actors))
    shown = np.array(sorted(beyond), np.int64)
    names += [*layout.metals, *(layout.metals[m] for m in shown)]
    regions += [WORLD] * count + [OUTSIDE] * len(shown)
    total_outside = np.maximum(sum_by(use * outside, metal, count), 1e-300)
    parts = []
    for k, component in enumerate(COMPONENTS):
        world = sum_by(use * why[:, :, k], metal, count) / total
        without = sum_by(use * outside * why[:, :, k], metal, count) / total_outside
        values = np.concatenate([why[:, :, k], world, without[:, shown]], axis=1)
        parts.append(Rows(component, [""] * len(names), names, regions, values, "ln points"))
    table = stack(parts, dates).rename(columns={"variable": "component"})
    return table[["date", "metal", "region", "component", "value", "unit"]]


def use_rows(recorder: Recorder, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Metal used by month, metal and product, t per month."""
    layout = recorder.world.layout
    used = recorder.block("product_use")
    shown = np.flatnonzero(used.any(axis=0))
    metal, product = (index[shown] for index in recorder.places["product"])
    return pd.DataFrame(
        {
            "date": np.repeat(dates.to_numpy(), len(shown)),
            "metal": pd.Categorical.from_codes(np.tile(metal, len(dates)).tolist(), pd.Index(layout.metals)),
            "product": pd.Categorical.from_codes(np.tile(product, len(dates)).tolist(), pd.Index(layout.products)),
            "tonnes": used[:, shown].ravel(),
        }
    )


def product_rows(recorder: Recorder, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Products wanted, made and short by month, product and country, units per month."""
    layout = recorder.world.layout
    product, country = recorder.places["manufacturer"]
    wanted, made = recorder.block("products_wanted"), recorder.block("products_made")
    months, rows = wanted.shape
    return pd.DataFrame(
        {
            "date": np.repeat(dates.to_numpy(), rows),
            "product": pd.Categorical.from_codes(np.tile(product, months).tolist(), pd.Index(layout.products)),
            "region": pd.Categorical.from_codes(np.tile(country, months).tolist(), pd.Index(layout.countries)),
            "wanted": wanted.ravel(),
            "made": made.ravel(),
            "short": (wanted - made).ravel(),
            "unit": "units (1 t of metals in the base month)",
        }
    )

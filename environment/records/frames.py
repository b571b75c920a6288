"""Tables of trade, of causes and of products, made from what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.environment.month.reasons import COMPONENTS
from lodeflow.environment.records.columns import Columns
from lodeflow.environment.records.indicators import (
    OUTSIDE,
    WORLD,
    Rows,
    base_price,
    columns_of,
    edge_prices,
    form_of,
    stack,
    sum_by,
    watched,
)
from lodeflow.environment.records.scrap import scrap_columns

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks

LEAST_TRADE = 1e-6
"""Smallest flow between two countries in a month that the trade table shows, t: a gram."""


def trade_columns(recorder: Blocks) -> list[Columns]:
    """Trade in ore, intermediates and metal by metal, form, exporter and importer, with its mean price, USD/t.

    Flows below a gram are not shown.
    """
    world, layout = recorder.world, recorder.world.layout
    countries, metals = (np.array(names, object) for names in (layout.countries, layout.metals))
    parts = []
    for form in ("feed", "refined"):
        market = world.markets[form]
        key = (market.metal * len(countries) + market.seller_country) * len(countries) + market.buyer_country
        keys, group = np.unique(key, return_inverse=True)
        flow = recorder.block(f"{form}_flow")
        value = sum_by(flow * edge_prices(recorder, form) * base_price(recorder, form, market.metal), group, len(keys))
        tonnes = sum_by(flow, group, len(keys))
        shown = tonnes > LEAST_TRADE
        metal = keys // len(countries) ** 2
        labels = {
            "metal": metals[metal],
            "form": np.array([form_of(recorder, form, m) for m in metal], object),
            "exporter": countries[keys // len(countries) % len(countries)],
            "importer": countries[keys % len(countries)],
        }
        price = np.divide(value, tonnes, out=np.zeros_like(value), where=shown)
        parts.append(Columns(labels, {"tonnes": tonnes, "price": price}, shown))
    return parts


def columns_with_scrap(recorder: Blocks) -> list[Columns]:
    """:func:`trade_columns` and trade in scrap, old and new apart, whose exporter is the country that collected it."""
    return trade_columns(recorder) + scrap_columns(recorder, LEAST_TRADE)


def trade_table(recorder: Blocks, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """The same as a table, form by form and month by month."""
    layout = recorder.world.layout
    names = {"metal": layout.metals, "exporter": layout.countries, "importer": layout.countries}
    parts = []
    for part in columns_with_scrap(recorder):
        month, row = np.nonzero(part.values["tonnes"] > LEAST_TRADE)
        table: dict[str, object] = {"date": dates.to_numpy()[month]}
        for name, texts in part.labels.items():
            table[name] = pd.Categorical(texts, names[name])[row] if name in names else texts[row]
        parts.append(pd.DataFrame(table | {name: values[month, row] for name, values in part.values.items()}))
    return pd.concat(parts, ignore_index=True)


def why_parts(recorder: Blocks) -> list[Rows]:
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
    return parts


def why_columns(recorder: Blocks) -> Columns:
    """The same side by side."""
    whole = columns_of(why_parts(recorder))
    names = {"metal": "metal", "region": "region", "variable": "component", "unit": "unit"}
    return Columns({new: whole.labels[name] for name, new in names.items()}, whole.values)


def why_rows(recorder: Blocks, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """The same as a table."""
    table = stack(why_parts(recorder), dates).rename(columns={"variable": "component"})
    return table[["date", "metal", "region", "component", "value", "unit"]]


def use_rows(recorder: Blocks, dates: pd.DatetimeIndex) -> pd.DataFrame:
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


def product_columns(recorder: Blocks) -> Columns:
    """Products wanted, made and short by product and country that makes them, units per month."""
    layout = recorder.world.layout
    product, country = recorder.places["manufacturer"]
    wanted, made = recorder.block("products_wanted"), recorder.block("products_made")
    labels = {
        "product": np.array(layout.products, object)[product],
        "region": np.array(layout.countries, object)[country],
        "unit": np.array(layout.units, object)[product],
    }
    return Columns(labels, {"wanted": wanted, "made": made, "short": wanted - made})


def product_rows(recorder: Blocks, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """The same as a table, month by month."""
    part, months = product_columns(recorder), len(dates)
    table: dict[str, object] = {"date": np.repeat(dates.to_numpy(), len(part))}
    table |= {name: pd.Categorical(np.tile(texts, months)) for name, texts in part.labels.items() if name != "unit"}
    table |= {name: values.ravel() for name, values in part.values.items()}
    return pd.DataFrame(table | {"unit": np.tile(part.labels["unit"], months)})

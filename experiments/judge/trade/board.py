"""The judgement of trade: worlds that know customs to different years beside the customs of one year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data import Tables
from lodeflow.environment.start.base_year import POOL
from lodeflow.experiments.judge.trade.network import ROWS, Network, Row, from_totals, on_wrong_pair, until

if TYPE_CHECKING:
    import pandas as pd

JUDGED, BEFORE = 2024, 2
"""Year whose customs judge, and how many years older those are that the forecast knows."""
SHOWN = 0.01
"""Least share of traded tonnes of pairs and residuals that are listed."""
PUBLISHED = ((2021, 2024, 2024), (2016, 2020, 2018))
"""Periods of published importers' shares, and the base year that is laid beside them."""


@dataclass
class TradeBoard:
    """The judgement.

    Attributes:
        scores: row, counted, traded_t (customs), and the share on the wrong pair of: input (a world that knows customs of the
            year), forecast (customs to two years before), none (no customs), totals (exports and imports of each country known,
            no partners), old (customs two years old), declared (input beside flows as declared, hubs not resolved).
        pairs: row, exporter, importer, customs_t, input_t, forecast_t: pairs above SHOWN of the traded tonnes.
        suppliers: row, importer, imports_t, customs, forecast: largest supplier of every importer above SHOWN.
        published: metal, form, importer, year_from, year_to, published, simulated: largest supplier in importers' shares
            that no world was given.
        residuals: row, country, side, customs_t, input_t: exports and imports that differ by more than SHOWN.
    """

    scores: pd.DataFrame
    pairs: pd.DataFrame
    suppliers: pd.DataFrame
    published: pd.DataFrame
    residuals: pd.DataFrame


def run_board(tables: Tables, year: int = JUDGED) -> TradeBoard:
    """Draw up the worlds and judge them by the customs of a year."""
    import pandas as pd

    now, older = until(tables, year), until(tables, year - BEFORE)
    known, forecast, none = Network.of(now, year), Network.of(older, year), Network.of(until(tables, 0), year)
    stated = now.replace(trade_flows=now.trade_flows.assign(content_t=now.trade_flows["declared_t"]))
    parts: dict[str, list[pd.DataFrame]] = {"scores": [], "pairs": [], "suppliers": [], "residuals": []}
    for row in ROWS:
        truth = known.seen(row, now)
        flow = {"input": known.flows(row), "forecast": forecast.flows(row), "none": none.flows(row)}
        flow |= {"totals": from_totals(truth), "old": known.seen(row, older)}
        wrong = {name: on_wrong_pair(values, truth) for name, values in flow.items()}
        wrong["declared"] = on_wrong_pair(flow["input"], known.seen(row, stated))
        line = {"row": row.name, "counted": row.counted, "traded_t": truth.sum()} | wrong
        parts["scores"].append(pd.DataFrame([line]))
        parts["pairs"].append(_pairs(row, known.countries, truth, flow))
        parts["suppliers"].append(_suppliers(row, known.countries, truth, flow["forecast"]))
        parts["residuals"].append(_residuals(row, known.countries, truth, flow["input"]))
    frames = {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}
    return TradeBoard(**frames, published=_published(tables))


def _pairs(row: Row, countries: list[str], truth: np.ndarray, flow: dict[str, np.ndarray]) -> pd.DataFrame:
    """Pairs above SHOWN of the traded tonnes, by customs or in a world, largest first."""
    import pandas as pd

    sides = {"customs_t": truth, "input_t": flow["input"], "forecast_t": flow["forecast"]}
    most = np.max([values / max(values.sum(), 1e-300) for values in sides.values()], axis=0)
    i, j = np.nonzero(most >= SHOWN)
    order = np.argsort(-most[i, j], kind="stable")
    i, j = i[order], j[order]
    names = np.array(countries)
    found = {name: values[i, j] for name, values in sides.items()}
    return pd.DataFrame({"row": row.name, "exporter": names[i], "importer": names[j], **found})


def _suppliers(row: Row, countries: list[str], truth: np.ndarray, forecast: np.ndarray) -> pd.DataFrame:
    """Largest supplier of every importer of more than SHOWN of the traded tonnes."""
    import pandas as pd

    names, got = np.array(countries), truth.sum(axis=0)
    j = np.flatnonzero(got > SHOWN * got.sum())
    j = j[np.argsort(-got[j], kind="stable")]
    first = [names[side[:, j].argmax(axis=0)] for side in (truth, forecast)]
    return pd.DataFrame(
        {"row": row.name, "importer": names[j], "imports_t": got[j], "customs": first[0], "forecast": first[1]}
    )


def _residuals(row: Row, countries: list[str], truth: np.ndarray, flow: np.ndarray) -> pd.DataFrame:
    """Countries whose exports or imports differ from customs by more than SHOWN of the traded tonnes."""
    import pandas as pd

    names, parts = np.array(countries), []
    for side, axis in (("exports", 1), ("imports", 0)):
        seen, found = truth.sum(axis=axis), flow.sum(axis=axis)
        c = np.flatnonzero(np.abs(found - seen) > SHOWN * truth.sum())
        c = c[np.argsort(-np.abs(found - seen)[c], kind="stable")]
        parts.append({"row": row.name, "country": names[c], "side": side, "customs_t": seen[c], "input_t": found[c]})
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def _published(tables: Tables) -> pd.DataFrame:
    """Largest supplier by importers' published shares of one form, beside that of a world that was not given them.

    Importers that buy none of the form in the world (they refine nothing) are left out, and so is what is not named.
    """
    import pandas as pd

    table, rows = tables.trade_shares, []
    for year_from, year_to, year in PUBLISHED:
        world = Network.of(until(tables, year), year)
        own = (table["share_of"] == "importer") & (table["form"] != "mixed")
        own &= (table["year_from"] == year_from) & (table["year_to"] == year_to)
        own &= table["metal"].isin(world.draft.layout.metals)
        for (metal, form, importer), shares in table[own].groupby(["metal", "form", "importer"]):
            members = world.draft.layout.country_indices(str(importer))
            seen = world.draft.customs[world.draft.layout.metal_index[str(metal)]]
            if not len(members) or getattr(seen, "refined" if form == "refined" else "feed") is None:
                continue
            basket = seen.mixed and form != "refined"
            market = world.flows(Row("", str(metal), "all" if basket else str(form), False))
            bought = pd.Series(market[:, members].sum(axis=1), index=world.countries)
            home = [world.countries[c] for c in members]
            foreign, outside = (
                shares[~shares["exporter"].isin([*home, POOL])],
                bought.drop([*home, POOL], errors="ignore"),
            )
            if len(foreign) and outside.sum() > 0.0:
                best = str(foreign["exporter"].iloc[int(foreign["share"].argmax())])
                rows.append((metal, form, importer, year_from, year_to, best, outside.idxmax()))
    names = ["metal", "form", "importer", "year_from", "year_to", "published", "simulated"]
    return pd.DataFrame(rows, columns=names)

"""Data card of a metal: what is measured, what is assumed, how old it is, and whether that is enough to show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodeflow.data.chosen import core_metals
from lodeflow.data.quality import ENOUGH, MEASURED, newest, observed_share
from lodeflow.data.store import Tables

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("observed", "derived", "assumed")
LARGEST = 4
"""Countries that are named of a stage."""
TABLES = {
    "production": "output by country",
    "base_prices": "price",
    "use_shares": "end uses",
    "demand_index": "use after the data",
    "reserves": "reserves",
    "recycling": "recycling",
    "substitution": "substitution",
    "hosts": "hosts",
    "cost_curve": "costs",
    "cover": "normal stocks",
    "yields": "yields",
    "spare_capacity": "spare capacity",
    "trade_flows": "trade by customs",
    "trade_shares": "shares in trade",
}
"""Tables of a card, with what they hold."""


@dataclass(frozen=True)
class Part:
    """One table of a card: its heading, names of columns, and rows of text."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Card:
    """What the tables know of a metal.

    Attributes:
        metal, label: its name, and the name for people.
        share: share of the tonnage of the newest year that is observed, 1.
        lines: sentences.
        parts: tables.
    """

    metal: str
    label: str
    share: float
    lines: list[str]
    parts: list[Part]


def card(tables: Tables, metal: str) -> Card:
    """The data card of a metal of the tables."""
    row = tables["metals"].set_index("metal").loc[metal]
    share, rows = observed_share(tables, metal), newest(tables, metal)
    year = "no year" if rows.empty else str(rows["year"].iloc[0])
    enough = (
        "" if share >= ENOUGH else " That is less than half: every chart of this metal says that it is illustrative."
    )
    lines = [f"{share:.0%} of its mined and refined tonnage of {year} is observed: published as it stands.{enough}"]
    if metal not in core_metals(tables):
        lines.append(f"It is in a world that asks for it: `--metals {metal}`, or `--metals all`.")
    lines += [f"{row['note']}."] if row["note"] else []
    parts = [_output(tables, metal), _uses(tables, metal), _hosts(tables, metal), _origin(tables, metal)]
    return Card(metal, str(row["label"]), share, lines, [part for part in parts if part.rows])


def _output(tables: Tables, metal: str) -> Part:
    """Output of the newest year by stage: total, largest countries, how it is known."""
    found, rows = newest(tables, metal), []
    for stage in MEASURED:
        own = found[found["stage"] == stage]
        total = float(own["reconciled_t"].sum())
        if total <= 0.0:
            continue
        largest = own.nlargest(LARGEST, "reconciled_t")
        countries = ", ".join(
            f"{i} {t / total:.0%}" for i, t in zip(largest["iso3"], largest["reconciled_t"], strict=True)
        )
        known = own.groupby("status")["reconciled_t"].sum() / total
        shares = [f"{known.get(kind, 0.0):.0%}" for kind in KINDS]
        rows.append((stage, str(own["year"].iloc[0]), f"{total:,.0f}", countries, *shares))
    return Part("Output", ("stage", "year", "t", "largest countries", *KINDS), rows)


def _uses(tables: Tables, metal: str) -> Part:
    """End uses of the newest year with their lifetimes and what comes back of them."""
    shares, back = tables["use_shares"], tables["recycling"]
    own = shares[(shares["metal"] == metal) & (shares["year"] == shares.loc[shares["metal"] == metal, "year"].max())]
    products = tables["products"].set_index("product")
    recycled = back[back["metal"] == metal].set_index("product")
    rows = []
    for name, share, status in zip(own["product"], own["share"], own["status"], strict=True):
        known = recycled.loc[name] if name in recycled.index else None
        came = ("", "") if known is None else (f"{known['collection_rate']:.0%}", f"{known['separation_formal']:.0%}")
        life = f"{products.loc[name, 'lifetime_mean_years']:.0f}"
        scrap = f"{products.loc[name, 'new_scrap_rate']:.0%}"
        rows.append((str(products.loc[name, "label"]), f"{share:.1%}", str(status), life, scrap, *came))
    head = ("use", "share", "known", "lifetime, years", "new scrap", "collected", "recovered of it")
    return Part(f"End uses, {own['year'].max() if len(own) else ''}", head, rows)


def _hosts(tables: Tables, metal: str) -> Part:
    """What the metal comes with."""
    own = tables["hosts"][(tables["hosts"]["metal"] == metal) & (tables["hosts"]["share"] > 0.0)]
    rows = [
        ("elsewhere" if r["iso3"] == "*" else r["iso3"], r["host"], f"{r['share']:.0%}", f"{r['recovery_limit']:g}")
        for r in own.to_dict("records")
    ]
    return Part("Hosts", ("country", "host", "share of output with it", "most recovery, over that of today"), rows)


def _origin(tables: Tables, metal: str) -> Part:
    """Rows of each table by status, their newest year with something observed or derived, and their sources."""
    rows = []
    for name, what in TABLES.items():
        own = tables[name][tables[name]["metal"] == metal]
        if own.empty:
            continue
        counts = own["status"].value_counts()
        known = own[own["status"] != "assumed"]
        years = next((known[column] for column in ("year", "year_to") if column in own and "scenario" not in own), None)
        age = "" if years is None or years.empty else f"{int(years.max())}"
        rows.append((what, *(str(counts.get(kind, 0)) for kind in KINDS), age, _sources(own)))
    return Part("Where it comes from (rows)", ("table", *KINDS, "newest known year", "sources, most rows first"), rows)


def _sources(own: pd.DataFrame) -> str:
    """The sources of most rows."""
    return "; ".join(str(name) for name in own["source"].value_counts().index[:2])

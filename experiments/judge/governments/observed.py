"""Restrictions that happened: how many, by whom, in which years; from the table of events, dates and actors alone, never prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

INSTRUMENTS = ("export_quota", "export_ban", "export_embargo", "export_licensing", "royalty_tax", "production_quota")
"""Instruments of the table of events that hold a country's own metal back."""
TO_ALL = ("feed", "refined")
"""Forms of the table of classes that are restrictions to all."""


def restrictions(tables: Tables) -> pd.DataFrame:
    """One row per restriction of a metal of the model: id, year, actor, metal, instrument."""
    events = tables["events"].assign(year=lambda rows: rows["date_start"].astype(str).str[:4].astype(int))
    known = set(tables["metals"]["metal"])
    own = events["instrument"].astype(str).str.split(";").map(lambda names: bool(set(names) & set(INSTRUMENTS)))
    ours = events["metal"].astype(str).str.split(";").map(lambda names: bool(set(names) & known))
    rows = events[own & ours & (events["actor"].astype(str) != "")]
    return rows[["id", "year", "actor", "metal", "instrument"]].reset_index(drop=True)


def seen(tables: Tables) -> tuple[float, float]:
    """Months in force of restrictions to all that were seen, and how many of them ended, from the table of classes."""
    rows = tables["measure_classes"]
    own = rows[rows["form"].isin(TO_ALL)]
    return float(own["seen_months"].sum()), float(own["ended"].sum())


def counts(tables: Tables, first: int, last: int) -> pd.Series[int]:
    """Restrictions by actor in some years, both included; their sum is the number of all."""
    rows = restrictions(tables)
    return rows[rows["year"].between(first, last)]["actor"].value_counts()

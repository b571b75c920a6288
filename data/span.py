"""How far the data of metals reach."""

from __future__ import annotations

from collections.abc import Sequence

from lodeflow.data.store import Tables

IEA = ("STEPS", "APS", "NZE")
"""Demand scenarios of the International Energy Agency, complete in the shipped tables; own tables may hold others."""


def last_year(tables: Tables, metals: Sequence[str]) -> int:
    """Last calendar year in which every metal has refined output and use shares: the last base year of a world of these.

    0 where one of them has none at all.
    """
    production, shares = tables["production"], tables["use_shares"]
    refined = production[(production["stage"] == "refine") & (production["reconciled_t"] > 0)]
    ends = [
        rows.groupby("metal")["year"].max().reindex(list(metals)).fillna(0).min()
        for rows in (refined, shares[shares["share"] > 0])
    ]
    return int(min(ends))

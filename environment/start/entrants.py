"""Drawing up a world: places where a stage of a metal may begin that the base year does not have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lodeflow.data import Tables
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.start.base_year import POOL, BaseYear
from lodeflow.environment.start.producers import listed


def with_entrants(base: BaseYear, tables: Tables, settings: WorldSettings, parameters: Parameters) -> BaseYear:
    """The base year with a trace of mining, refining or making where it may begin: a row and edges that can grow.

    Refining may begin in every country that mines a metal, has no refinery of it and is no pool; mining in every country with
    published reserves; making of a product in every country with ``maker_entry_share`` of the refining of one of its metals; and
    both earlier stages where a source of the expected path names a country
    (:mod:`lodeflow.environment.start.producers`). A trace is ``entrant_trace`` of the world's. Metals whose feed is not traded are
    refined where their host is, so nobody else can enter. ODD 5.

    Args:
        base: the figures; not changed.
        tables: ``metals``, ``reserves``, ``supply_outlook``, ``production``.
        settings: which sources are asked for.
        parameters: ``entrant_trace``, ``maker_trace``, ``maker_entry_share``.
    """
    forms = tables.metals.set_index("metal")["feed_form"].reindex(base.metals).fillna("")
    traded = (forms != "").to_numpy()[:, None]
    named = np.array([country != POOL for country in base.countries])[None, :]
    planned = {stage: listed(tables, base, stage, settings) for stage in ("mine", "refine")}
    mines = traded & named & (planned["mine"] | _with_reserves(base, tables)) & (base.mined == 0.0)
    plants = traded & named & ((base.mined > 0.0) | planned["refine"]) & (base.refined == 0.0)
    trace = parameters["entrant_trace"]
    mined, refined = (
        np.where(new, trace * made.sum(axis=1, keepdims=True), made)
        for new, made in ((mines, base.mined), (plants, base.refined))
    )
    begins = _with_metal(base, parameters["maker_entry_share"]) & named & (base.making == 0.0)
    making = base.making + parameters["maker_trace"] * begins
    return replace(base, mined=mined, refined=refined, making=making / making.sum(axis=1, keepdims=True))


def _with_metal(base: BaseYear, least: float) -> np.ndarray:
    """Whether a country refines at least a share of the world's metal for a product, any of them, shape (products, countries)."""
    shares = base.refined / base.refined.sum(axis=1, keepdims=True)
    uses = np.zeros((len(base.products), len(base.metals)))
    uses[base.pairs["product"].to_numpy(np.int64), base.pairs["metal"].to_numpy(np.int64)] = 1.0
    enough: np.ndarray = uses @ (shares >= least) > 0.0
    return enough


def _with_reserves(base: BaseYear, tables: Tables) -> np.ndarray:
    """Whether a country has published reserves of a metal, shape (metals, countries)."""
    table = tables.reserves
    held = table[table["observed_t"].fillna(table["assumed_t"]).fillna(0.0) > 0.0]
    pairs = set(zip(held["metal"], held["iso3"], strict=True))
    return np.array([[(metal, country) in pairs for country in base.countries] for metal in base.metals])

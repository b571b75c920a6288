"""What one month leaves for its later phases."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lodeflow.environment.shocks.written import Written


@dataclass
class Outlook:
    """One look ahead.

    Attributes:
        feed: ln(A / A expected) for feed, shape (H, R).
        refined: ln(A / A expected) for refined metal, shape (H, B).
        own, got, need: parts of refined availability, t, shape (H, B).
        feed_flow, refined_flow: allocation over the horizons, t, shape (H, E).
        feed_supply, refined_supply: what sellers will have over the horizons, t, shape (H, sellers).
    """

    feed: np.ndarray
    refined: np.ndarray
    own: np.ndarray
    got: np.ndarray
    need: np.ndarray
    feed_flow: np.ndarray
    refined_flow: np.ndarray
    feed_supply: np.ndarray
    refined_supply: np.ndarray


@dataclass
class Month:
    """One month of a world: made new each month, filled by its phases, read by the recorder at its end.

    Attributes:
        number: number of the month (:mod:`lodeflow.environment.calendar`).
        t: months since the start.
        effects: what shocks do this month and what is expected of them.
        outlook, calm_outlook: the look ahead with what is known of shocks, and without.
        why: reasons of the bids, ln points, shape (B, components).
        flows: t by metal, shape (metals,) each, by the names of :data:`lodeflow.environment.ledger.FLOWS`.
        largest: largest flow of each open edge, t/month, shape (E,), by (market, whether it can be kept up for months).
        contracts: contract weights summed per seller, shape (S,), and per buyer, shape (B,), t/month, by market.
        arriving: what is under way at the start of the month and arrives within each horizon, t, shape (H, B), by market.
        ahead: what the looks ahead have in common, and other things that are found once a month, by name.
        found: metal found in the ground, t, by row of miners, shape (I,).
        to_reserves, to_investors, opened: what desks put into reserves and by, and what reserves released, t, shape (B,).
        gained: metal that added processes took out, t, shape (n, processes, metals); None: none ran.
        treated: metal in the scrap that recyclers treated, t, shape (Y, metals).
    """

    number: int
    t: int
    effects: Written
    outlook: Outlook = field(init=False)
    calm_outlook: Outlook = field(init=False)
    why: np.ndarray | None = None
    flows: dict[str, np.ndarray] = field(default_factory=dict)
    largest: dict[tuple[str, bool], np.ndarray] = field(default_factory=dict)
    contracts: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    arriving: dict[str, np.ndarray] = field(default_factory=dict)
    ahead: dict[str, tuple[np.ndarray, ...]] = field(default_factory=dict)
    found: np.ndarray = field(init=False)
    to_reserves: np.ndarray = field(init=False)
    to_investors: np.ndarray = field(init=False)
    opened: np.ndarray = field(init=False)
    gained: np.ndarray | None = None
    treated: np.ndarray = field(init=False)

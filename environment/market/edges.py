"""Trade: who can sell to whom, as a networkx graph and as the edge table that the month works on.

One market per form: ``feed`` (ore or intermediate, from a country's ore desk to refiners), ``refined`` (from refiners and
recyclers to a country's desk) and ``scrap`` (from a country's pool of a product group to recyclers).
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lodeflow.environment.guarded import Guarded
from lodeflow.environment.market import loops, rules

if TYPE_CHECKING:
    import networkx as nx

EDGE_COLUMNS = ("flow", "weight", "base", "lead", "distance", "tax")
"""Attributes of an edge in the graph: t/month (scrap: USD/month at base prices), months, km, share of the price."""
ACTING = ("weight", "tax")
"""Those that act on the next month when they are set."""
NONE_LATE = np.zeros(1)
"""Share of what is sent that takes a month more, where nothing does."""
NOBODY, NONE_HELD = np.zeros(0), np.zeros(0, bool)
"""Growth of partners where none has built, and edges under a measure where there are none."""


class Market(Guarded):
    """Edges between sellers and buyers of one form, sorted by buyer.

    Args:
        name: ``feed``, ``refined`` or ``scrap``.
        sellers, buyers: readable names, one per seller and buyer.
        edges: one row per edge with columns ``seller, buyer`` (rows), ``metal, seller_country, buyer_country`` (indices),
            ``base`` (flow in the base month, t/month; USD/month at base prices for scrap), ``distance`` (km), ``lead``
            (months), and optionally ``intermediate`` (feed that leaves as matte, hydroxide or salts and not as ore) and
            ``straight`` (share of the flow that goes straight from seller to buyer, 1 if left out).

    Attributes:
        intermediate: feed that leaves as an intermediate and not as ore, shape (E,).
        usual_way: months until what is sent arrives where nothing lengthens the way, shape (E,).
        usual_cell: where that stands in the pipeline, shape (E,).
        by_sellers, first_edge: edges in the order of their sellers, shape (E,), and where those of each begin in it, (S + 1,).
        straight: share of the flow that goes straight and not through a third country that passes it on, shape (E,).
        domestic: trade within a country, shape (E,).
        unhindered: share of an edge's largest flow that measures leave where there are none: ones, shape (1, E).
        weight: contract weight, t/month, shape (E,); drifts to who delivered.
        normal: flow that measures take their share of, t/month, shape (E,): the contract, which rests while one is known.
        built: flow for which ships, staff and customs stand ready, t/month, shape (E,); grows with the buyer's expected use.
        tax: export tax as a share of the price, shape (E,).
        spread: what the buyer of refined metal paid over what the seller asked last month, at least 0, ln points, shape (E,).
        pipeline: what is under way to each buyer by months until arrival, t, shape (K, B).
        flow, arrived: trades of the month, t, shape (E,), and what arrived in it, t, shape (B,).
    """

    MAX_LEAD = 12

    def __init__(self, name: str, sellers: Sequence[str], buyers: Sequence[str], edges: pd.DataFrame) -> None:
        self.name, self.sellers, self.buyers = name, tuple(sellers), tuple(buyers)
        table = edges.sort_values(["buyer", "seller"], kind="stable")
        for column in ("seller", "buyer", "metal", "seller_country", "buyer_country", "lead"):
            setattr(self, column, table[column].to_numpy(np.int64))
        self.usual_way = np.minimum(self.lead, self.MAX_LEAD)
        self.usual_cell = self.usual_way * len(self.buyers) + self.buyer
        self.by_sellers = np.argsort(self.seller, kind="stable").astype(np.uint32)
        self.first_edge = np.append(0, np.cumsum(np.bincount(self.seller, minlength=len(self.sellers))))
        self.base = table["base"].to_numpy(float).copy()
        self.distance = table["distance"].to_numpy(float).copy()
        self.domestic = self.seller_country == self.buyer_country
        given = table["intermediate"] if "intermediate" in table else np.zeros(len(table))
        self.intermediate = np.asarray(given, bool)
        self.straight = table["straight"].to_numpy(float) if "straight" in table else np.ones(len(table))
        self.unhindered = np.ones((1, len(self.base)))
        self.weight = self.base.copy()
        self.normal = self.base.copy()
        self.built = self.base.copy()
        self.tax = np.zeros(len(self.base))
        self.spread = np.zeros(len(self.base))
        self.pipeline = np.zeros((self.MAX_LEAD + 1, len(self.buyers)))
        self.flow = np.zeros(len(self.base))
        self.arrived = np.zeros(len(self.buyers))

    seller: np.ndarray
    buyer: np.ndarray
    metal: np.ndarray
    seller_country: np.ndarray
    buyer_country: np.ndarray
    lead: np.ndarray

    def __len__(self) -> int:
        return len(self.base)

    def __repr__(self) -> str:
        return f"<{self.name} market: {len(self.sellers)} sellers, {len(self.buyers)} buyers, {len(self)} edges>"

    # ---- sums over edges --------------------------------------------------------------------------------------------
    def by_seller(self, values: np.ndarray) -> np.ndarray:
        """Sum of an edge column per seller, shape (S,)."""
        return np.bincount(self.seller, values, len(self.sellers))

    def by_buyer(self, values: np.ndarray) -> np.ndarray:
        """Sum of an edge column per buyer, shape (B,)."""
        sums: np.ndarray = loops.by_row(self.buyer, values, len(self.buyers))
        return sums

    def passed_on(self, weight: np.ndarray, of_seller: np.ndarray) -> np.ndarray:
        """Sum per buyer of an edge column times a figure of the seller, shape (S,); shape (B,)."""
        passed: np.ndarray = loops.passed_on(self.buyer, self.seller, weight, of_seller, len(self.buyers))
        return passed

    def weighed(self, values: np.ndarray, factor: np.ndarray) -> np.ndarray:
        """Sum per buyer of the product of two edge columns, shape (B,)."""
        sums: np.ndarray = loops.products_by_row(self.buyer, values, factor, len(self.buyers))
        return sums

    # ---- contracts -------------------------------------------------------------------------------------------------
    def largest_flows(
        self,
        contracts: tuple[np.ndarray, np.ndarray],
        opening: tuple[float, float],
        surge: tuple[float, float, float],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Largest flow of each edge in a single month, and that which can be kept up: :func:`rules.largest_flows`."""
        ready, sides = (self.weight, self.built), (self.seller, self.buyer)
        flows: tuple[np.ndarray, np.ndarray] = rules.largest_flows(
            ready, self.spread, self.domestic, sides, contracts, opening, surge
        )
        return flows

    # ---- the way --------------------------------------------------------------------------------------------------
    def in_transit(self) -> np.ndarray:
        """What is under way to each buyer, t, shape (B,)."""
        total: np.ndarray = self.pipeline.sum(axis=0)
        return total

    def ship(self, flow: np.ndarray, extra_lead: np.ndarray | int = 0) -> np.ndarray:
        """Send this month's trades on their way and return what arrives now, t, shape (B,).

        Args:
            flow: trades of the month, t, shape (E,).
            extra_lead: longer way of what is sent this month, months, shape (E,), or one for all. Of a way of 1.3 months three
                tenths arrive after two months and the rest after one.
        """
        self.flow = flow
        count = len(self.buyers)
        whole, late = self.split_way(extra_lead)
        cell = self.usual_cell if whole is self.usual_way else whole * count + self.buyer
        size, parts = self.pipeline.size, late is not NONE_LATE and late.any()
        sent = loops.by_row(cell, flow * (1.0 - late) if parts else flow, size)
        if parts:
            sent += loops.by_row(cell + count * (late > 0.0), flow * late, size)
        self.arrived = loops.sent_off(self.pipeline, sent)
        return self.arrived

    def way(self, extra_lead: np.ndarray | int = 0) -> np.ndarray:
        """Months until what is sent this month arrives, shape (E,); ``extra_lead``: see :meth:`ship`."""
        longer = extra_lead.any() if isinstance(extra_lead, np.ndarray) else extra_lead
        return np.minimum(self.lead + extra_lead, self.MAX_LEAD) if longer else self.usual_way

    def split_way(self, extra_lead: np.ndarray | int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Whole months of the way, and the share of what is sent that takes a month more, shape (E,) each (one 0 for all: none)."""
        way = self.way(extra_lead)
        if way is self.usual_way:
            return way, NONE_LATE
        whole = way.astype(np.int64)
        return whole, way - whole

    def fill_pipeline(self) -> None:
        """Put one base flow on every month of every way, as after an endless constant past."""
        for lead in range(1, int(self.lead.max(initial=0)) + 1):
            on_way = self.lead >= lead
            self.pipeline[lead - 1] += np.bincount(self.buyer[on_way], self.base[on_way], len(self.buyers))

    def drift(
        self,
        speed: float,
        floor: float,
        growth: np.ndarray | None,
        held: np.ndarray | None = None,
        built: tuple[np.ndarray | None, np.ndarray | None] = (None, None),
    ) -> None:
        """Move contract weights towards what was delivered, never below a trace of the base flow.

        Args:
            speed: share moved in one month.
            floor: trace kept, as a share of the base flow.
            growth: expected use of next month over this month's, shape (B,): contracts are signed ahead. None: as much.
            held: edges under a measure that is known, shape (E,): what it lets through is no new normal. None: no edge.
            built: capacity after the month over that before of sellers, shape (S,), and of buyers, shape (B,): who builds signs for
                it. None: nobody built.
        """
        self.normal, self.weight, coming = rules.drifted(
            (self.normal, self.weight),
            (self.base, self.flow),
            (self.seller, self.buyer),
            np.ones(len(self.buyers)) if growth is None else growth,
            (NOBODY if built[0] is None else built[0], NOBODY if built[1] is None else built[1]),
            NONE_HELD if held is None else held,
            floor,
            speed,
        )
        if growth is not None:
            self.built *= coming

    # ---- the same as a graph ------------------------------------------------------------------------------------------
    def graph(self) -> nx.MultiDiGraph:
        """The market as a directed multigraph; its edge attributes are the table's own entries.

        Setting ``graph.edges[u, v, key]["tax"] = 0.1`` changes the table and so the next month, and a change of the table is
        seen in the graph; what a month works out anew cannot be set. Who trades with whom is fixed: adding or removing nodes or
        edges raises ``networkx.NetworkXError``. ``graph.copy()`` is a plain graph that leads nowhere.
        """
        import networkx as nx

        rows = count()
        graph: Any = nx.MultiDiGraph(name=self.name)
        graph.add_nodes_from(self.sellers, role="seller")
        graph.add_nodes_from(self.buyers, role="buyer")
        graph.edge_attr_dict_factory = lambda: EdgeRow(self, next(rows))
        for seller, buyer, metal in zip(self.seller, self.buyer, self.metal, strict=True):
            graph.add_edge(self.sellers[seller], self.buyers[buyer], key=int(metal))
        del graph.edge_attr_dict_factory
        frozen: nx.MultiDiGraph = nx.freeze(graph)
        return frozen


class EdgeRow(MutableMapping[str, Any]):
    """Attributes of one edge, read from and written to the market's columns."""

    def __init__(self, market: Market, row: int) -> None:
        self.market, self.row = market, row

    def __getitem__(self, name: str) -> float:
        if name not in EDGE_COLUMNS:
            raise KeyError(name)
        return getattr(self.market, name)[self.row].item()

    def __setitem__(self, name: str, value: float) -> None:
        if name not in EDGE_COLUMNS:
            raise KeyError(f"edges have {', '.join(EDGE_COLUMNS)}, not {name}")
        if name not in ACTING:
            raise TypeError(f"{name} of an edge can be read, not set; {', '.join(ACTING)} can be set")
        getattr(self.market, name)[self.row] = value

    def __delitem__(self, name: str) -> None:
        raise TypeError("an edge keeps all its attributes")

    def __iter__(self) -> Iterator[str]:
        return iter(EDGE_COLUMNS)

    def __len__(self) -> int:
        return len(EDGE_COLUMNS)

    def __repr__(self) -> str:
        return repr(dict(self))

    def copy(self) -> dict[str, float]:
        """The values of now."""
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, float]:
        return self.copy()

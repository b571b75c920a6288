"""Shocks and policies: one contract, one registry.

A shock is a small pydantic class. Its fields say whom and what it touches, when it is announced, starts and ends, how strong
it is and how it recovers; ``act`` writes what it does this month, and what is expected of it, into the month's
:class:`~lodeflow.environment.shocks.effects.Effects`. There is one file for every family of kinds. A new kind is one class
with a new ``kind``: scenario files, the command line, the dashboard and the docs read the registry.
"""

from __future__ import annotations

from lodeflow.environment.shocks.demand import DemandSurge
from lodeflow.environment.shocks.outages import Conflict, MineOutage
from lodeflow.environment.shocks.purchases import StockPurchase
from lodeflow.environment.shocks.recycling_rules import ExtendedProducerResponsibility, ramp
from lodeflow.environment.shocks.routes import RouteClosure
from lodeflow.environment.shocks.shock import REGISTRY, Extension, Period, Shock, Step
from lodeflow.environment.shocks.tariffs import ImportTariff
from lodeflow.environment.shocks.trade_measures import ExportBan, ExportLicence, ExportQuota

__all__ = [
    "KINDS",
    "REGISTRY",
    "Conflict",
    "DemandSurge",
    "ExportBan",
    "ExportLicence",
    "ExportQuota",
    "ExtendedProducerResponsibility",
    "Extension",
    "ImportTariff",
    "MineOutage",
    "Period",
    "RouteClosure",
    "Shock",
    "Step",
    "StockPurchase",
    "ramp",
]

KINDS: tuple[type[Shock], ...] = (
    ExportBan,
    ExportQuota,
    ExportLicence,
    ImportTariff,
    RouteClosure,
    Conflict,
    MineOutage,
    DemandSurge,
    StockPurchase,
    ExtendedProducerResponsibility,
)
"""The shipped kinds, in the order in which they are shown."""

REGISTRY.update([(name, REGISTRY.pop(name)) for name in [str(kind.model_fields["kind"].default) for kind in KINDS]])

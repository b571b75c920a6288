"""Shocks and policies: one contract, one registry.

A shock is a small pydantic class. Its fields say whom and what it touches, when it is announced, starts and ends, how strong
it is and how it recovers; ``act`` writes what it does this month, and what is expected of it, into the month's
:class:`~lodeflow.environment.shocks.effects.Effects`. There is one file for every family of kinds. A new kind is one class
with a new ``kind``: scenario files, the command line, the dashboard and the docs read the registry.
"""

from __future__ import annotations

from lodeflow.environment.shocks.aliases import name_all
from lodeflow.environment.shocks.barriers import (
    ImportBan,
    ImportQuota,
    Retaliation,
    Sanction,
    WasteExportBan,
    WasteImportBan,
)
from lodeflow.environment.shocks.carbon import BorderCharge, CarbonPrice, EnergyPrice
from lodeflow.environment.shocks.demand import DemandSurge, TechnologySwitch
from lodeflow.environment.shocks.outages import Conflict, MineOutage, MiningQuota, Outage
from lodeflow.environment.shocks.policies import POLICIES
from lodeflow.environment.shocks.projects import NewProject, ReserveRevision
from lodeflow.environment.shocks.purchases import StockPurchase
from lodeflow.environment.shocks.recycling_rules import ExtendedProducerResponsibility, ramp
from lodeflow.environment.shocks.routes import RouteClosure
from lodeflow.environment.shocks.shock import REGISTRY, Extension, Period, Shock, Step
from lodeflow.environment.shocks.tariffs import ImportTariff
from lodeflow.environment.shocks.taxes import ExportTax, PriceFloor
from lodeflow.environment.shocks.trade_measures import ExportBan, ExportLicence, ExportQuota

__all__ = [
    "ALIASES",
    "KINDS",
    "REGISTRY",
    "BorderCharge",
    "CarbonPrice",
    "Conflict",
    "DemandSurge",
    "EnergyPrice",
    "ExportBan",
    "ExportLicence",
    "ExportQuota",
    "ExportTax",
    "ExtendedProducerResponsibility",
    "Extension",
    "ImportBan",
    "ImportQuota",
    "ImportTariff",
    "MineOutage",
    "MiningQuota",
    "NewProject",
    "Outage",
    "Period",
    "PriceFloor",
    "ReserveRevision",
    "Retaliation",
    "RouteClosure",
    "Sanction",
    "Shock",
    "Step",
    "StockPurchase",
    "TechnologySwitch",
    "WasteExportBan",
    "WasteImportBan",
    "ramp",
]

KINDS: tuple[type[Shock], ...] = (
    ExportBan,
    ExportQuota,
    ExportLicence,
    ExportTax,
    PriceFloor,
    ImportBan,
    ImportQuota,
    WasteImportBan,
    WasteExportBan,
    Sanction,
    Retaliation,
    ImportTariff,
    BorderCharge,
    CarbonPrice,
    EnergyPrice,
    RouteClosure,
    Conflict,
    Outage,
    MineOutage,
    MiningQuota,
    DemandSurge,
    TechnologySwitch,
    StockPurchase,
    NewProject,
    ReserveRevision,
    ExtendedProducerResponsibility,
    *POLICIES,
)
"""The shipped kinds, in the order in which they are shown."""

ALIASES: tuple[type[Shock], ...] = name_all()
"""Familiar names of kinds (``data/shock_aliases.toml``); each is shown after the kind that it is."""


def _in_order() -> list[str]:
    """Names as they are shown: every kind, and behind it the names that are it."""
    names = []
    for kind in KINDS:
        own = str(kind.model_fields["kind"].default)
        names += [own, *(str(alias.model_fields["kind"].default) for alias in ALIASES if alias.alias_of == own)]
    return names


REGISTRY.update([(name, REGISTRY.pop(name)) for name in _in_order()])

"""The shipped policies, in the order in which they are shown."""

from __future__ import annotations

from lodeflow.environment.shocks.policy import Policy
from lodeflow.environment.shocks.policy_bundle import Bundle
from lodeflow.environment.shocks.policy_collection import (
    CollectionBases,
    CollectionTarget,
    DepositRefund,
    Formalisation,
    ProducerFee,
    TradeIn,
    UsedGoodsExportBan,
)
from lodeflow.environment.shocks.policy_forum import Forum
from lodeflow.environment.shocks.policy_products import Label, LifetimeExtension, Remanufacturing, SecondLife, Thrift
from lodeflow.environment.shocks.policy_recycling import (
    EcoDesign,
    EquipmentInvestment,
    ProductPassport,
    RecoveryMinimum,
    RecycledContentMinimum,
    StandardRecovery,
)
from lodeflow.environment.shocks.policy_research import ResearchBudget
from lodeflow.environment.shocks.policy_reserve import StrategicReserve
from lodeflow.environment.shocks.policy_stakes import StakeAbroad
from lodeflow.environment.shocks.policy_supply import (
    DomesticShare,
    EnvironmentalLimit,
    FriendShoring,
    ImportDiversification,
    PublicExploration,
)
from lodeflow.environment.shocks.policy_support import RecyclingSubsidy, RecyclingTaxRelief

POLICIES: tuple[type[Policy], ...] = (
    CollectionTarget,
    ProducerFee,
    DepositRefund,
    TradeIn,
    CollectionBases,
    UsedGoodsExportBan,
    Formalisation,
    RecoveryMinimum,
    RecycledContentMinimum,
    ProductPassport,
    EcoDesign,
    StandardRecovery,
    ResearchBudget,
    EquipmentInvestment,
    RecyclingSubsidy,
    RecyclingTaxRelief,
    LifetimeExtension,
    Remanufacturing,
    SecondLife,
    Thrift,
    Label,
    StrategicReserve,
    ImportDiversification,
    FriendShoring,
    Forum,
    DomesticShare,
    PublicExploration,
    EnvironmentalLimit,
    StakeAbroad,
    Bundle,
)

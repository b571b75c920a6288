"""Where agents meet: the world and its month, trade, markets, stocks in use, shocks and policies, ledger and recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeflow.environment.later import load_later
from lodeflow.environment.settings import WorldSettings

if TYPE_CHECKING:
    from lodeflow.environment.start.build import build
    from lodeflow.environment.world import World

__all__ = ["World", "WorldSettings", "build"]
load_later()


def __getattr__(name: str) -> Any:
    if name == "World":
        from lodeflow.environment.world import World

        return World
    if name == "build":
        from lodeflow.environment.start.build import build

        return build
    raise AttributeError(f"module 'environment' has no attribute {name!r}")

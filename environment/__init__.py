"""Where agents meet: the world and its month, trade, markets, stocks in use, shocks and policies, ledger and recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environment.settings import WorldSettings

if TYPE_CHECKING:
    from environment.world import World, build

__all__ = ["World", "WorldSettings", "build"]


def __getattr__(name: str) -> Any:
    if name in ("World", "build"):
        import environment.world

        return getattr(environment.world, name)
    raise AttributeError(f"module 'environment' has no attribute {name!r}")

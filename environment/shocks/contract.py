"""What the month asks of a shock or policy."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol


class Acting(Protocol):
    """Something that is known at times, changes at times, and acts; see :class:`lodeflow.environment.shocks.shock.Shock`."""

    source: ClassVar[str]
    """File of the plug-in that declares it; "" for what is shipped."""
    before_others: ClassVar[bool]
    """True for kinds at which other shocks of the month look: they are written first."""

    def known(self, month: int) -> bool:
        """Whether it is announced or in force."""

    def news_key(self, month: int) -> tuple[Any, ...]:
        """Changes exactly in the months in which something new becomes known of it."""

    def act(self, world: Any, effects: Any, month: int) -> None:
        """Write this month's and the expected effects."""

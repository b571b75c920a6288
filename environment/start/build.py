"""From tables to a world that stands at its start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lodeflow.data import Tables
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import Shock
from lodeflow.environment.start.base_year import base_year
from lodeflow.environment.start.draw_up import draw_up, table_parameters
from lodeflow.environment.start.rehearsal import rehearse
from lodeflow.environment.world import World


def build(
    tables: Tables,
    settings: WorldSettings,
    shocks: Sequence[Shock] = (),
    parameters: Mapping[str, float] | None = None,
) -> World:
    """Build a world from the tables: draw it up, rehearse the expected path, and stand at the start.

    Args:
        tables: the loaded tables (:func:`lodeflow.data.load`).
        settings: :class:`lodeflow.environment.settings.WorldSettings`.
        shocks: shocks and policies.
        parameters: values on top of the tables', ``{"eta.cobalt": 0.4}``.

    Returns:
        The world before its first month. ``world.twin(shocks)`` gives a second one without building again.

    Raises:
        lodeflow.data.DataError: when the tables lack what the settings ask for, or a parameter is unknown.
    """
    blueprint = draw_up(tables, settings, table_parameters(tables, settings, parameters), keep=named(shocks))
    blueprint, expectation = rehearse(blueprint)
    return World(blueprint, shocks, expectation)


def named(shocks: Sequence[Shock]) -> set[str]:
    """Countries and groups that shocks name; they are never pooled with others."""
    return {name for shock in shocks for name in shock.places}


def start_key(
    tables: Tables, settings: WorldSettings, shocks: Sequence[Shock] = (), parameters: Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """What two worlds of the same tables must have in common to begin with the same blueprint and expectations."""
    values = table_parameters(tables, settings, parameters)
    base = base_year(tables, settings, values, named(shocks))
    return settings.model_dump_json(), repr(sorted((parameters or {}).items())), base.fingerprint()

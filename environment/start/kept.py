"""Starts that are kept: worlds that begin alike share what they begin with, and the path that they expect.

Neither depends on the seed, on the noise or on the shocks, but for the countries that they name; and of the parameters only on
those that were asked for while the world was drawn up and rehearsed. Which ones these are is noted and not listed, so that a rule
that begins to ask for another one cannot be forgotten here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from lodeflow.data import Tables
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.expectation import Expectation
from lodeflow.environment.parameters import Noted, Parameters, Values
from lodeflow.environment.rates import rates_of
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import Shock
from lodeflow.environment.start import stored
from lodeflow.environment.start.build import named
from lodeflow.environment.start.draw_up import draw_up, table_parameters
from lodeflow.environment.start.rehearsal import rehearse

MOST = 2
"""Starts kept for the same tables; one of nine metals and 27 years takes some 40 MB."""


@dataclass(frozen=True)
class Start:
    """Where worlds begin, and what they have in common.

    Attributes:
        settings: seed and noise left out.
        places: countries and groups that are never pooled.
        values: parameters that were asked for, as they were.
        blueprint, expectation: what was made of them.
    """

    settings: WorldSettings
    places: frozenset[str]
    values: Values
    blueprint: Blueprint
    expectation: Expectation


def start(
    tables: Tables,
    settings: WorldSettings,
    shocks: Sequence[Shock] = (),
    parameters: Mapping[str, float] | None = None,
    lasting: bool = False,
) -> tuple[Blueprint, Expectation]:
    """Where a world begins, and the path that it expects, made anew only where none of the last ones is the same.

    Worlds copy what they change of both; whoever gets them leaves them as they are. lasting: whether it is looked for on disk as
    well, and kept there for the next command. Other arguments and errors are those of
    :func:`lodeflow.environment.start.build.build`.
    """
    values = table_parameters(tables, settings, parameters)
    alike, places = settings.model_copy(update={"seed": 0, "noise": 0.0}), frozenset(named(shocks))
    shelf = tables.remember(_shelf)
    for place, kept in enumerate(shelf):
        if (kept.settings, kept.places) == (alike, places) and values.of(kept.values) == kept.values:
            shelf.insert(0, shelf.pop(place))
            return _with(kept.blueprint, settings, values), kept.expectation
    name = stored.name_of(tables, alike, places, values) if lasting else None
    found = stored.recall(name, tables, alike, values)
    if found is None:
        noted = Noted(values)
        with stored.findings(tables) if lasting else nullcontext():
            blueprint = draw_up(tables, settings, noted, places)
        found = *rehearse(blueprint), noted.asked
        stored.keep(name, *found)
    blueprint, expectation, asked = found
    shelf.insert(0, Start(alike, places, values.of(asked), blueprint, expectation))
    del shelf[MOST:]
    return _with(blueprint, settings, values), expectation


def forget(tables: Tables) -> None:
    """Give back the memory of the starts that are kept for these tables: no other world begins with them."""
    tables.remember(_shelf).clear()


def _with(blueprint: Blueprint, settings: WorldSettings, parameters: Parameters) -> Blueprint:
    """The same start with other settings and parameters that it does not depend on."""
    before = blueprint.rates
    rates = rates_of(parameters, before.price, before.cover, before.reserve, before.usual, before.year_end)
    return replace(blueprint, settings=settings, parameters=parameters, rates=rates)


def _shelf(tables: Tables) -> list[Start]:
    """The starts that are kept, the last used first."""
    return []

"""The scenario of one run of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lodeflow.environment.governments.settings import GovernmentSettings
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.scenario.scenario import Scenario
from lodeflow.experiments.scenario.uncertainty import Value, with_values


def drawn(scenario: Scenario, values: Mapping[str, Value], seed: int) -> Scenario:
    """Return the scenario of one run: drawn values put in, and its own seed of the noise.

    values: by key, as drawn; the parameters that the scenario itself sets keep their values.
    Raises ValueError (or pydantic's ValidationError, which is one) if the values do not fit together.
    """
    parameters = {
        key.removeprefix("parameters."): float(value) for key, value in values.items() if key.startswith("parameters.")
    }
    parameters = parameters | {key: value for key, value in scenario.parameters.items() if key not in parameters}
    others = {key: value for key, value in values.items() if not key.startswith("parameters.")}
    changes: dict[str, Any] = {"parameters": parameters}
    world = scenario.world.model_dump(exclude_none=True) | {"seed": seed}
    if others:
        shocks = [shock.model_dump(mode="json", exclude_none=True) for shock in scenario.shocks]
        governments = scenario.governments.model_dump(mode="json", exclude_none=True)
        raw, wrong = with_values({"world": world, "shocks": shocks, "governments": governments}, others)
        if wrong:
            raise ValueError("; ".join(wrong))
        world = raw["world"]
        changes["governments"] = GovernmentSettings.model_validate(raw["governments"])
        changes["shocks"] = [REGISTRY[shock["kind"]].model_validate(shock) for shock in raw["shocks"]]
    changes["world"] = WorldSettings.model_validate(world)
    return scenario.model_copy(update=changes)

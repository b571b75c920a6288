"""Episodes: pieces of history that the model plays again, from the base year before them and without a look at prices after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lodeflow.data import FOLDER
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.environment.calendar import Month, format_month, parse_month
from lodeflow.experiments.scenario.model import Scenario, check_scenario, read_toml

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.world import World

LIBRARY = FOLDER / "episodes"
BASE_MONTHS, YEAR = 3, 12
"""Months before month 0 whose mean is 1; where only yearly means were observed, the twelve months before it."""
TARGETS = ("hindcast_targets", "unseen_targets")
"""Tables of observed prices; what is in the second is never fitted."""
WORLD = "WLD"


class Facts(BaseModel):
    """What an episode is scored on, and what simple rules need to know of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    events: list[str] = Field(min_length=1, description="events of the table hindcast_targets")
    metals: list[str] = Field(
        min_length=1, description="metals whose price is compared; of several the geometric mean, as the data mix them"
    )
    month0: Month = Field(description="month that counts as month 0")
    kind: Literal["supply", "demand", "surplus", "null"] = Field(
        description="what kind of event it is; null: prices hardly moved"
    )
    loss: float = Field(ge=0, lt=1, description="share of the buyers' supply lost", json_schema_extra={"unit": "1"})
    loss_source: str = Field(min_length=1, description="where the loss comes from")
    yearly: bool = Field(
        False,
        description="whether the observed points are means of calendar years over the year before month 0; "
        "their month is the middle of the year, July",
    )
    against_twin: bool = Field(
        False,
        description="whether the price is compared with that of the same run without the event, because only its effect is known",
    )
    fit_weight: float = Field(
        1.0, ge=0, le=1, description="weight of the episode in a fit; 0: never fitted", json_schema_extra={"unit": "1"}
    )
    given: list[Literal["output", "exports", "purchases", "demand"]] = Field(
        default_factory=list, description="realised quantities of the time after month 0 that are inputs"
    )

    @property
    def conditional(self) -> bool:
        """Whether realised quantities of the time after the start are inputs."""
        return bool(self.given)

    @property
    def base_months(self) -> int:
        """Months before month 0 whose mean is 1."""
        return YEAR if self.yearly else BASE_MONTHS

    @property
    def reach(self) -> int:
        """Months after a point's own that its mean covers."""
        return YEAR // 2 - 1 if self.yearly else 0


class Episode(BaseModel):
    """A scenario of the past, and what it is scored on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: Scenario
    facts: Facts

    @property
    def name(self) -> str:
        """Short name."""
        return self.scenario.name


def shipped() -> list[str]:
    """Names of the episodes in the library, in order of time."""
    return [path.stem for path in sorted(LIBRARY.glob("*.toml"), key=lambda path: _month0(path))]


def _month0(path: Path) -> str:
    return str(read_toml(path).get("episode", {}).get("month0", ""))


def load_episode(name: str | Path, tables: Tables | None = None) -> Episode:
    """Read and check an episode.

    Args:
        name: a shipped name or a TOML file.
        tables: what names are checked against; left out: the shipped tables.

    Raises:
        DataError: with everything that is wrong with it.
    """
    path = Path(name)
    if not (path.suffix == ".toml" and path.exists()):
        path = LIBRARY / f"{name}.toml"
    if not path.exists():
        raise DataError([Problem(str(name), None, "", "there is no such episode", did_you_mean(str(name), shipped()))])
    raw = read_toml(path)
    problems: list[Problem] = []
    facts = None
    try:
        facts = Facts.model_validate(raw.pop("episode", {}))
    except ValidationError as error:
        for issue in error.errors():
            key = ".".join(["episode", *map(str, issue["loc"])])
            problems.append(Problem(path.name, None, key, str(issue["msg"]), "See `lodeflow hindcast --help`"))
    scenario = check_scenario(raw, path.name, problems, tables)
    assert facts is not None
    return Episode(scenario=scenario, facts=facts)


def play(episode: Episode, tables: Tables, parameters: Mapping[str, float] | None = None) -> World:
    """Run an episode to its end, without noise.

    Args:
        episode: what to play.
        tables: the loaded tables.
        parameters: values on top of the shipped ones and of the scenario's.

    Returns:
        The world after its last month.
    """
    from lodeflow import environment

    scenario = episode.scenario
    settings = scenario.world.model_copy(update={"noise": 0.0})
    values = {**scenario.parameters, **(parameters or {})}
    world = environment.build(tables, settings, shocks=scenario.shocks, parameters=values)
    world.recorder.purse.whole = False
    world.run()
    return world


def targets(episode: Episode, tables: Tables) -> pd.DataFrame:
    """Observed points of an episode.

    Returns:
        Columns ``event, region, month`` (months after month 0), ``observed_ratio`` (price over its mean in the months
        before month 0) and ``source``.
    """
    columns = ["event", "region", "month", "observed_ratio", "source"]
    rows = pd.concat([tables[name][columns] for name in TARGETS], ignore_index=True)
    return rows[rows["event"].isin(episode.facts.events)].reset_index(drop=True)


def simulated(world: World, episode: Episode, regions: Iterable[str]) -> dict[str, pd.Series]:
    """Simulated price ratio of an episode by region, as its observed points are defined: index months after month 0.

    world: the episode's world after its run; regions: as in :func:`price_ratio`.
    """
    facts = episode.facts
    twin = world.twin().run() if facts.against_twin else None
    lines = {}
    for region in dict.fromkeys(regions):
        line = price_ratio(world, facts.metals, region, facts.month0, facts.base_months)
        if twin is not None:
            line = line / price_ratio(twin, facts.metals, region, facts.month0, facts.base_months)
        lines[region] = line.rolling(YEAR).mean().shift(-facts.reach) if facts.yearly else line
    return lines


def price_ratio(world: World, metals: list[str], region: str, month0: str, base_months: int = BASE_MONTHS) -> pd.Series:
    """Price of refined metal in a region relative to its mean in the months before month 0.

    The price is the mean of posted bids weighted with use. Of several metals the geometric mean is taken.

    Args:
        world: after its run.
        metals: metals of the mean.
        region: ``WLD``, a country, or ``outside`` and a country.
        month0: ``"YYYY-MM"``.
        base_months: months before it whose mean is 1.

    Returns:
        Ratio, index months after month 0.
    """
    recorder, layout = world.recorder, world.layout
    metal, country = recorder.places["desk"]
    price, use = recorder.block("price"), recorder.block("normal_use")
    at = np.arange(world.first_month, world.first_month + len(price)) - parse_month(month0)
    logs = np.zeros(len(price))
    for name in metals:
        rows = metal == layout.metal_index[name]
        if region.startswith("outside "):
            rows &= country != layout.countries.index(region.removeprefix("outside "))
        elif region != WORLD:
            rows &= country == layout.countries.index(region)
        index = (price[:, rows] * use[:, rows]).sum(axis=1) / use[:, rows].sum(axis=1)
        before = index[(at < 0) & (at >= -base_months)]
        if len(before) < base_months:
            raise ValueError(
                f"the run starts less than {base_months} months before {month0}: {format_month(world.first_month)}"
            )
        logs += np.log(index / before.mean()) / len(metals)
    return pd.Series(np.exp(logs), index=pd.Index(at, name="month"), name="ratio")

"""What a world is made from: the settings a scenario file may set."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from lodeflow.data.chosen import ALL
from lodeflow.data.problems import DataError, Problem
from lodeflow.data.span import IEA
from lodeflow.environment.calendar import Month, parse_month
from lodeflow.environment.fields import LARGEST_SEED, Input

EARLIEST_BASE_YEAR = 2005
"""First base year that may be asked for; some metals have prices from then on."""
FIRST_BASE_YEAR = 2009
"""First year in which every metal has data: the base year of runs that start earlier and name none."""
LAST_BASE_YEAR = 2024
"""Last year of the shipped data; a user's own data may end in another (:meth:`WorldSettings.on_data`)."""
CARRIER = "lithium"
"""Metal that every battery cell holds, by which batteries are counted where makers choose their cells."""
FIRST_YEAR, LAST_YEAR = 2000, 2200
"""Years in which a run may lie."""


class WorldSettings(Input):
    """Settings of one world; every field may stand under ``[world]`` in a scenario file."""

    start: Month = Field("2024-01", description="first simulated month")
    end: Month = Field("2030-12", description="last simulated month")
    base_year: int | None = Field(
        None,
        ge=EARLIEST_BASE_YEAR,
        le=LAST_YEAR,
        description="year whose production, prices and trade the world starts from; "
        "left out: the year of the start, at most the last year with data",
    )
    mode: Literal["historical", "stationary", "growth"] = Field(
        "historical",
        description="historical: stocks in use built from past production, demand follows data and the demand scenario; "
        "stationary: an endless constant past and constant demand; growth: an endless past of constant growth",
    )
    growth: float = Field(
        0.0,
        ge=-0.1,
        le=0.3,
        description="growth of all demand in mode 'growth'",
        json_schema_extra={"unit": "1/year"},
    )
    demand: str = Field(
        "STEPS",
        description="demand scenario after the last year with data, a name in the table demand_index (IEA: STEPS, APS, NZE)",
    )
    chemistry: Literal["present", "NCA", "cobalt-free"] = Field(
        "present",
        description="nickel-based vehicle batteries of the demand path, table chemistries. present: the mix of the last year with "
        "data; NCA, cobalt-free: from then on all turn to it, and everybody knows",
    )
    cell_choice: Literal["fixed", "logit"] = Field(
        "fixed",
        description="chemistry of vehicle batteries beside the demand path. fixed: that of the path; logit: makers turn to "
        "cells that are cheaper per kWh within a design cycle (tables cells, cell_mix); lithium must be among the metals, "
        "and chemistry 'present'",
    )
    nexus: bool = Field(
        False,
        description="whether energy and metal act on each other: what cannot be made of wind, solar, storage and electric cars is "
        "planned less, and wind and solar plants that are missing leave smelters without power",
    )
    expected: Literal["path", "trend"] = Field(
        "path",
        description="what agents expect of demand in mode 'historical'. path: what comes, so prices move only when a shock "
        "does; trend: the growth of the years before the base year goes on, so prices move when demand departs from it",
    )
    supply: Literal["planned", "realised"] = Field(
        "planned",
        description="output of mines and refiners in mode 'historical'. planned: what firms decide; realised: the production "
        "data of the years after the base year, so that the run is conditional on them",
    )
    producers: Literal["base", "outlook", "known"] = Field(
        "outlook",
        description="which country makes which part of planned output in mode 'historical', an input. base: that of the base "
        "year; outlook: from 2025 on that of announced projects (table supply_outlook); known: that of the production data up to "
        "2024 as well",
    )
    readiness: bool = Field(
        False,
        description="whether recyclers wait for processes that are not ready: what is below readiness level 9 in the table "
        "processes is begun from the year on in which it is expected to be",
    )
    footprint: bool = Field(
        False,
        description="whether the series hold energy and greenhouse gases of mining, refining and recycling; they change nothing",
    )
    metals: list[str] = Field(default_factory=list, description="metals to simulate, or all; empty: the core metals")
    seed: int = Field(1, ge=0, le=LARGEST_SEED, description="seed of all random draws")
    noise: float = Field(
        1.0,
        ge=0.0,
        le=5.0,
        description="multiple of the data's noise amplitudes; 0 switches all noise off",
        json_schema_extra={"unit": "1"},
    )

    @model_validator(mode="after")
    def _order(self) -> WorldSettings:
        if parse_month(self.end) < parse_month(self.start):
            raise ValueError(f"end {self.end} lies before start {self.start}; put the end after the start")
        if int(self.start[:4]) < FIRST_YEAR or int(self.end[:4]) > LAST_YEAR:
            raise ValueError(f"the run lies outside of {FIRST_YEAR} to {LAST_YEAR}; choose months in these years")
        if self.cell_choice == "logit" and self.metals and not {CARRIER, ALL} & set(self.metals):
            raise ValueError(f"cell_choice 'logit' counts batteries by their {CARRIER}; add {CARRIER!r} to the metals")
        if self.cell_choice == "logit" and self.chemistry != "present":
            raise ValueError(
                "cell_choice 'logit' turns away from the present mix; leave out chemistry, or set it to 'present'"
            )
        if self.supply == "realised" and self.mode != "historical":
            raise ValueError("supply 'realised' needs mode 'historical'")
        return self

    def on_data(self, last: int) -> WorldSettings:
        """These settings on data whose last year is `last`; the same where that is the last year of the shipped data.

        Raises:
            DataError: for a base year behind it, and for realised supply beyond it.
        """
        problems = []
        if self.base_year is not None and self.base_year > last:
            wrong, right = f"the data end in {last}, before {self.base_year}", f"give a year up to {last}"
            problems.append(Problem("scenario", "world", "base_year", wrong, right))
        if self.supply == "realised" and int(self.end[:4]) > last:
            wrong = f"supply 'realised' needs an end up to {last}, the last year with data"
            problems.append(Problem("scenario", "world", "end", wrong, f"end in {last}-12 or before"))
        if problems:
            raise DataError(problems)
        if self.base_year is not None or last == LAST_BASE_YEAR:
            return self
        return self.model_copy(update={"base_year": min(max(int(self.start[:4]), FIRST_BASE_YEAR), last)})

    @property
    def departs(self) -> bool:
        """Whether demand may come otherwise than expected without any shock."""
        return self.mode == "historical" and self.expected == "trend"

    @property
    def given(self) -> str:
        """What of the time after the base year is put in and not found by the run, in words; empty where nothing is."""
        last, parts = int(self.end[:4]), []
        if self.mode != "historical" or last <= self.data_year:
            return ""
        if self.data_year < LAST_BASE_YEAR:
            parts.append(f"world use to {min(last, LAST_BASE_YEAR)} from data")
        if last > LAST_BASE_YEAR:
            whose = "IEA" if self.demand in IEA else "demand"
            parts.append(
                f"world use from {LAST_BASE_YEAR + 1} on from the {whose} scenario {self.demand}{self._turned}"
            )
        if self.producers == "known" and self.data_year < LAST_BASE_YEAR:
            parts.append(f"each country's part of planned output to {min(last, LAST_BASE_YEAR)} from production data")
        if self.producers != "base" and last > LAST_BASE_YEAR:
            parts.append(
                f"each country's part of planned output from {LAST_BASE_YEAR + 1} on from announced projects (IEA)"
            )
        return "; ".join(parts)

    @property
    def _turned(self) -> str:
        """The chemistry of batteries in words; empty for the present mix."""
        return "" if self.chemistry == "present" else f", nickel-based vehicle batteries {self.chemistry}"

    @property
    def months(self) -> int:
        """Number of simulated months, both ends included."""
        return parse_month(self.end) - parse_month(self.start) + 1

    @property
    def months_of_data(self) -> int:
        """Months of the run that lie in the base year, whose output the data give; 0 outside mode 'historical'."""
        if self.mode != "historical":
            return 0
        return max((self.data_year + 1) * 12 - parse_month(self.start), 0)

    @property
    def data_year(self) -> int:
        """Year whose data the world starts from."""
        if self.base_year is not None:
            return self.base_year
        return min(max(int(self.start[:4]), FIRST_BASE_YEAR), LAST_BASE_YEAR)

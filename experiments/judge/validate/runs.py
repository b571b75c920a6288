"""The runs that the rows of the validation read: what starts when, on which demand, and with which deliberate change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lodeflow.data.chosen import core_metals
from lodeflow.experiments.judge.validate.material_years import material_years
from lodeflow.experiments.judge.validate.yearly import YearlyRun, run_by_year

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.shocks.kinds import Shock


@dataclass(frozen=True)
class RunSpec:
    """One run, without noise.

    Attributes:
        what: the run in plain words.
        world: fields of :class:`~lodeflow.environment.WorldSettings`, base year among them; metals left out: all with data for it.
        host_cut: (host, share of its output lost in all countries from the second year on); None: no shock.
        reserve_years: reserves of every mine in years of its ore output, and nothing is found any more; None: the data.
        recovery: mining recovery of every metal; None: the data.
        trade: whether trade between countries is written down.
        scenario: a shipped scenario, whose shocks the run has; its `world` then only changes the scenario's own.
        accounts: whether it is no world but the account of steel and aluminium.
    """

    what: str
    world: dict[str, Any] = field(hash=False)
    host_cut: tuple[str, float] | None = None
    reserve_years: float | None = None
    recovery: float | None = None
    trade: bool = False
    scenario: str = ""
    accounts: bool = False


def _scenario(demand: str) -> RunSpec:
    return RunSpec(
        f"from 2024 to 2100; demand of the IEA scenario {demand} to 2050, then a yearly change of each product that fades; "
        "who produces: announced projects from 2025 to 2040 (input)",
        {"start": "2024-01", "end": "2100-12", "base_year": 2024, "demand": demand},
    )


def _steady(years: int, **world: Any) -> dict[str, Any]:
    return {"start": "2024-01", "end": f"{2023 + years}-12", "base_year": 2024, "mode": "stationary", **world}


PAST = "past"
_FURTHER = ["indium", "niobium", "platinum", "manganese"]
"""Further metals with published figures; runs of their own leave those of the core metals as they are."""
RUNS: dict[str, RunSpec] = {
    PAST: RunSpec(
        "from 2010 to 2024; base year 2010, world use as it came",
        {"start": "2010-01", "end": "2024-12", "base_year": 2010},
        trade=True,
    ),
    "since-2000": RunSpec(
        "from 2000 to 2024; country shares of 2010, world use as it came",
        {"start": "2000-01", "end": "2024-12", "base_year": 2010},
    ),
    "steps": _scenario("STEPS"),
    "aps": _scenario("APS"),
    "nze": _scenario("NZE"),
    "steps-further": RunSpec(
        "from 2024 to 2100; indium, niobium, platinum and manganese; demand of the IEA scenario STEPS to 2050, then a yearly "
        "change of each product that fades",
        {"start": "2024-01", "end": "2100-12", "base_year": 2024, "demand": "STEPS", "metals": _FURTHER},
    ),
    "net-zero": RunSpec("scenario net-zero-frame: net zero by 2050, from 2020 on", {}, scenario="net-zero-frame"),
    "power-mix": RunSpec(
        "scenario china-power-mix: copper from 2016 to 2050, pledges, and a tenth more of sun and wind in China",
        {},
        scenario="china-power-mix",
    ),
    "eu-potential": RunSpec(
        "scenario eu-recycling-potential-2050: collection of 95 % and yields near the best in the Union by 2040",
        {},
        scenario="eu-recycling-potential-2050",
    ),
    "steady": RunSpec("three years of constant demand", _steady(3), host_cut=("zinc", 0.0)),
    "zinc-cut": RunSpec(
        "three years of constant demand; all zinc mines lose a tenth of output from the second year on",
        _steady(3),
        host_cut=("zinc", 0.1),
    ),
    "materials": RunSpec("the account of steel and aluminium; no world is run", {}, accounts=True),
    "past-further": RunSpec(
        "from 2010 to 2024; indium, niobium, platinum and manganese; base year 2010, world use as it came",
        {"start": "2010-01", "end": "2024-12", "base_year": 2010, "metals": _FURTHER},
        trade=True,
    ),
    "steady-further": RunSpec(
        "three years of constant demand; indium", _steady(3, metals=["indium"]), host_cut=("zinc", 0.0)
    ),
    "zinc-cut-further": RunSpec(
        "three years of constant demand; indium; all zinc mines lose a tenth of output from the second year on",
        _steady(3, metals=["indium"]),
        host_cut=("zinc", 0.1),
    ),
    "depletion": RunSpec(
        "constant demand; reserves of 35 years of output, nothing found, no metal lost between ore and feed",
        _steady(45, metals=["germanium"]),
        reserve_years=35.0,
        recovery=1.0,
    ),
    "depletion-with-loss": RunSpec(
        "constant demand; reserves of 35 years of output, nothing found, 43 % of the metal in the ore recovered",
        _steady(45, metals=["germanium"]),
        reserve_years=35.0,
        recovery=0.43,
    ),
}


def run_years(name: str, tables: Tables) -> YearlyRun:
    """Make one of the runs and return its years.

    Args:
        name: key of `RUNS`.
        tables: the loaded tables.

    Raises:
        DataError: when the tables lack what the run asks for.
    """
    return material_years(tables) if RUNS[name].accounts else run_spec(RUNS[name], tables)


def run_spec(spec: RunSpec, tables: Tables) -> YearlyRun:
    """Make a run from its description and return its years; arguments and errors as `run_years`."""
    from lodeflow import environment
    from lodeflow.environment import WorldSettings

    if spec.scenario:
        return _of_scenario(spec, tables)
    settings = WorldSettings(noise=0.0, **{"metals": with_data(tables, int(spec.world["base_year"])), **spec.world})
    if spec.recovery is not None:
        tables = _with(tables, "yields", "step", "mining_recovery", spec.recovery)
    if spec.reserve_years is not None:
        tables = _with(tables, "parameters", "parameter", "exploration", 0.0)
    shocks = _host_cut(tables, settings.start, *spec.host_cut) if spec.host_cut else ()
    world = environment.build(tables, settings, shocks)
    world.recorder.purse.whole = False
    if spec.reserve_years is not None:
        world.miners.reserve = spec.reserve_years * 12.0 * world.miners.base
        world.rates.reserve[:] = world.by_metal(world.miners.reserve, world.miners.metal)
        world.ledger.open(world)
    return run_by_year(world, spec.trade)


def _of_scenario(spec: RunSpec, tables: Tables) -> YearlyRun:
    """The years of a shipped scenario with its shocks, without noise."""
    from lodeflow import environment
    from lodeflow.experiments.scenario.model import load_scenario

    scenario = load_scenario(spec.scenario, tables=tables)
    settings = scenario.world.model_copy(update={"noise": 0.0, **spec.world})
    world = environment.build(tables, settings, scenario.shocks, scenario.parameters)
    world.recorder.purse.whole = False
    return run_by_year(world, spec.trade)


def with_data(tables: Tables, year: int) -> list[str]:
    """Core metals with published output of refined metal in a year, in the order of the metals table."""
    rows = tables.production[(tables.production["stage"] == "refine") & (tables.production["year"] == year)]
    return [metal for metal in core_metals(tables) if metal in set(rows["metal"])]


def _with(tables: Tables, table: str, column: str, name: str, value: float) -> Tables:
    """The tables with another value in the rows of one table whose column holds a name."""
    changed = tables[table].copy()
    changed.loc[changed[column] == name, "value"] = value
    return tables.replace(**{table: changed})


def _host_cut(tables: Tables, start: str, host: str, strength: float) -> tuple[Shock, ...]:
    """Shocks that take a share of a host's output in every country, from a year after the start on."""
    from lodeflow.environment.shocks.kinds import MineOutage

    production = tables.production
    countries: Iterable[str] = sorted(set(production.loc[production["metal"] == host, "iso3"]))
    first = f"{int(start[:4]) + 1}{start[4:]}"
    return tuple(MineOutage(actor=country, metals=[host], strength=strength, start=first) for country in countries)

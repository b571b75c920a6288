"""Lodeflow: agent-based simulation of critical-metal supply chains.

In a notebook:

    import lodeflow as lf

    outcome = lf.run("drc-cobalt-export-ban", overrides=["world.end=2027-12"])
    outcome.summary
    outcome.write("runs/my-run")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from experiments.results import Outcome
    from experiments.run import Progress
    from experiments.scenario import Scenario

__all__ = ["__version__", "load", "open_run", "run"]


def load(scenario: str | Path, overrides: Iterable[str] = ()) -> Scenario:
    """Return a checked scenario: a shipped name or a TOML file, with "key=value" overrides.

    Raises DataError with everything that is wrong with it.
    """
    from experiments.scenario import load_scenario

    return load_scenario(scenario, overrides)


def run(
    scenario: str | Path | Scenario,
    overrides: Iterable[str] = (),
    progress: Progress | None = None,
    data_folder: str | Path | None = None,
) -> Outcome:
    """Run a scenario (a name, a file or a Scenario) with and without its shocks and return what happened.

    data_folder: own tables, which replace the shipped ones by name. Raises DataError with everything that is wrong with
    the scenario or the tables.
    """
    import data
    from experiments.run import run_scenario
    from experiments.scenario import load_scenario

    tables = data.load(data_folder)
    chosen = load_scenario(scenario, overrides, tables) if isinstance(scenario, str | Path) else scenario
    return run_scenario(chosen, progress, tables)


def open_run(folder: str | Path) -> Outcome:
    """Return the outcome that an earlier run wrote to `folder`. Raises DataError if it is not a run folder."""
    from experiments.results import read_run

    return read_run(folder)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from experiments.run import program_version

        return program_version()
    raise AttributeError(f"module 'lodeflow' has no attribute {name!r}")

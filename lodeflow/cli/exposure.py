"""The command that says what a shock does to somebody's position. Heavy packages are imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import load_tables
from lodeflow.cli.options import (
    Assignments,
    DataFolder,
    Debug,
    Overwrite,
    Plugins,
    Quiet,
    ScenarioName,
    country_of,
    out_folder,
)

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.analysis.exposure.position import Position

commands = typer.Typer()


@commands.command("exposure")
def exposure_command(
    scenario: ScenarioName,
    country: Annotated[str | None, country_of("Country of the makers.")] = None,
    product: Annotated[
        str | None, typer.Option("--product", metavar="NAME", help='What they make, e.g. "EV battery" or wind-turbine.')
    ] = None,
    company: Annotated[
        Path | None,
        typer.Option(
            "--company", metavar="FILE", help="TOML file: what a company uses a month, its stock, its suppliers."
        ),
    ] = None,
    out: Annotated[Path | None, out_folder("Folder of the results; runs/SCENARIO-exposure if left out.")] = None,
    assignments: Assignments = None,
    data_folder: DataFolder = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    plugins: Plugins = None,
    debug: Debug = False,
) -> None:
    """Say what a shock does to a country's makers of a product or a company: tonnes at risk, days, cost, and what helps most."""
    with reporting(debug, quiet) as screen:
        from lodeflow.data.problems import DataError, Problem
        from lodeflow.experiments.analysis.exposure.position import of_country
        from lodeflow.experiments.analysis.exposure.report import ENTRIES, baseline_account, exposure
        from lodeflow.experiments.run.results import check_target
        from lodeflow.experiments.run.what_if import run_scenario
        from lodeflow.experiments.scenario.model import load_scenario
        from lodeflow.print.exposure import print_exposure
        from lodeflow.print.run import month_progress

        tables = load_tables(data_folder)
        told = _asked(country, product, company, tables)
        chosen = load_scenario(scenario, assignments or [], tables)
        if not chosen.compared:
            right = "Name a scenario with a shock (`lodeflow list`), or let governments decide"
            raise DataError([Problem(scenario, None, "", "nothing happens in it that one could be exposed to", right)])
        target = Path("runs") / f"{chosen.name}-exposure" if out is None else out
        check_target(target, ENTRIES)
        with month_progress(chosen.name) as progress:
            outcome = run_scenario(chosen, progress, tables)
            account, months = baseline_account(outcome)
            position = of_country(told[0], told[1], account, months) if isinstance(told, tuple) else told
            found = exposure(outcome, position, tables, account, progress=progress)
        found.write(target, overwrite)
        print_exposure(found)
        screen.result(target)


def _asked(
    country: str | None, product: str | None, company: Path | None, tables: Tables
) -> Position | tuple[str, list[str]]:
    """Return the position of a company, or the country and products; raises DataError where it is not one of both."""
    from lodeflow.data.problems import DataError, Problem, did_you_mean
    from lodeflow.experiments.analysis.exposure.position import products_named, read_company

    if company is not None:
        if country or product:
            right = "The file names the country and what is made"
            raise DataError(
                [Problem("exposure", None, "", "--company does not go with --country and --product", right)]
            )
        return read_company(company, tables)
    if not country or not product:
        right = 'Give --country KOR --product "EV battery", or --company FILE'
        raise DataError([Problem("exposure", None, "", "it is not said who asks", right)])
    names = dict(zip(tables.countries["iso3"], tables.countries["name"], strict=True))
    if country not in names:
        raise DataError(
            [Problem("country", None, "", f"there is no country {country!r}", did_you_mean(country, names, names))]
        )
    return country, products_named(product, tables)

"""The command that says what energy and carbon metal costs, and who emits for whom. Heavy packages are imported inside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import (
    Case,
    Debug,
    Overwrite,
    Plugins,
    Quiet,
    country_of,
    out_folder,
    run_of,
    without_charts,
    year_of,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lodeflow.data import Tables
    from lodeflow.experiments.analysis.flows.source import Source

commands = typer.Typer()

Place = Annotated[str, country_of("Country, a group such as EU27, or WLD for the world; of a technology: whose power.")]
Span = Annotated[
    str | None, year_of("A year, or the sum of some, as 2025-2030; the last one. Of a technology: of the power.")
]
Left = Annotated[
    float | None,
    typer.Option(
        "--left", min=0.01, max=1.0, help="Of a technology: ore in the ground over today's; poorer ore takes more."
    ),
]
SomeRun = Annotated[Path | None, run_of("Folder that `lodeflow run` wrote; a scenario, or the baseline, if left out.")]
Names = Annotated[
    list[str],
    typer.Argument(
        metavar="METAL|SCENARIO ...",
        help="Metals, scenarios to read them from (one result each), steel, aluminium, technologies (pv, wind, ev).",
    ),
]


@commands.command("footprint")
def footprint_command(
    names: Names,
    country: Place = "WLD",
    year: Span = None,
    folder: SomeRun = None,
    out: Annotated[Path | None, out_folder("Folder of the results, for one run or material.")] = None,
    case: Case = None,
    left: Left = None,
    no_chart: Annotated[bool, without_charts("Write the tables only, no chart.")] = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    plugins: Plugins = None,
    debug: Debug = False,
) -> None:
    """Say what energy and carbon metal takes by stage and country, who emits for whom, and what recycling avoids."""
    with reporting(debug, quiet) as screen:
        from lodeflow import data
        from lodeflow.experiments.analysis.flows.years import years_in

        tables, years = data.shared(), years_in(year)
        asked = _told_apart(names, tables)
        given = {
            "--country": country != "WLD",
            "--year": bool(years),
            "--run": folder is not None,
            "--case": case is not None,
            "--left": left is not None,
        }
        _check(asked, [option for option, there in given.items() if there], out)
        for name in asked.materials:
            screen.result(_material(name, tables, out, overwrite, not no_chart))
        for name in asked.technologies:
            screen.result(_technology(name, country, years, left or 1.0, tables, out, overwrite, not no_chart))
        if asked.runs:
            for source in _sources(asked, folder, years, tables):
                screen.result(_run(source, asked.metals, country, years, case, tables, out, overwrite, not no_chart))


class _Asked(NamedTuple):
    """What the names of the command stand for, each once; runs: how many runs are read."""

    metals: list[str]
    materials: list[str]
    technologies: list[str]
    scenarios: list[str]

    @property
    def runs(self) -> int:
        return len(self.scenarios) or int(bool(self.metals))


def _told_apart(names: list[str], tables: Tables) -> _Asked:
    """Tell metals, materials, technologies and scenarios apart. Raises DataError for names that are none of them."""
    from lodeflow.data.problems import DataError, Problem, did_you_mean
    from lodeflow.experiments.analysis.footprint.gains import technologies
    from lodeflow.experiments.analysis.footprint.materials import MATERIALS
    from lodeflow.experiments.scenario.read import find_scenario, shipped

    each, metals, gains = list(dict.fromkeys(names)), list(tables.metals["metal"]), technologies(tables)
    known, problems = [*metals, *MATERIALS, *gains], []
    rest = [name for name in each if name not in known]
    for name in rest:
        try:
            find_scenario(name)
        except DataError:
            right = did_you_mean(name, [*known, *shipped()])
            problems.append(Problem(name, None, "", "is no metal, material, technology or scenario", right))
    if problems:
        raise DataError(problems)
    found, stuff, used = ([name for name in each if name in kind] for kind in (metals, MATERIALS, gains))
    return _Asked(found, stuff, used, rest)


def _check(asked: _Asked, given: list[str], out: Path | None) -> None:
    """Refuse options that would do nothing, and one folder for several results. Raises DataError."""
    from lodeflow.data.problems import DataError, Problem

    reads = {option: bool(asked.runs) for option in ("--run", "--case")} | {"--left": bool(asked.technologies)}
    idle = [option for option in given if not reads.get(option, bool(asked.runs or asked.technologies))]
    wrong = (
        f"does nothing with {' and '.join([*asked.materials, *asked.technologies, *asked.metals, *asked.scenarios])}"
    )
    right = "Leave it out, or name a metal or scenario (for --left a technology)"
    problems = [Problem(option, None, "", wrong, right) for option in idle]
    if "--run" in given and asked.scenarios:
        wrong = f"names a run, and {', '.join(asked.scenarios)} would be another"
        problems.append(Problem("--run", None, "", wrong, "Give one of the two"))
    results = len(asked.materials) + len(asked.technologies) + asked.runs
    if out is not None and results > 1:
        wrong = f"is one folder, and there are {results} results"
        problems.append(Problem("--out", None, "", wrong, "Leave it out, or ask for one run, material or technology"))
    if problems:
        raise DataError(problems)


def _sources(asked: _Asked, folder: Path | None, years: tuple[int, ...], tables: Tables) -> list[Source]:
    """The runs that are asked for: a folder, scenarios, or what holds the years. Raises DataError for those that are none."""
    from lodeflow.experiments.analysis.flows.source import find_source, made, read_source
    from lodeflow.experiments.scenario.model import load_scenario
    from lodeflow.print.run import month_progress

    if folder is not None:
        return [read_source(folder, asked.metals)]
    loaded = [load_scenario(name, [], tables) for name in asked.scenarios]
    with month_progress("footprint") as progress:
        if loaded:
            return [made(scenario, tables, asked.metals, progress=progress) for scenario in loaded]
        return [find_source(years, tables, asked.metals, progress=progress)]


def _run(
    source: Source,
    metals: list[str],
    country: str,
    years: tuple[int, ...],
    case: str | None,
    tables: Tables,
    out: Path | None,
    overwrite: bool,
    chart: bool,
) -> Path:
    """Make, print and write the footprint of a run; beside it the same world without its shocks."""
    from lodeflow.experiments.analysis.footprint.report import ENTRIES, footprint
    from lodeflow.experiments.run.results import check_target
    from lodeflow.print.footprint import print_footprint
    from lodeflow.viz import Labels

    found = footprint(source, tables, metals, country, years, case)
    cases = set(source.movements["run"].unique())
    without = None
    if case is None and len(cases) > 1:
        without = footprint(source, tables, metals, country, years, "baseline")
    name = "-".join([source.folder.resolve().name, "footprint", *metals, country, found.span])[:120]
    target = source.folder.with_name(name) if out is None else out
    check_target(target, ENTRIES)

    def draw() -> Figure:
        from lodeflow.viz.charts.footprint import footprint_chart

        return footprint_chart(found, Labels.of(tables.countries, tables.metals, tables.products))

    found.write(target, overwrite, _picture(draw) if chart else None)
    print_footprint(found, without)
    return target


def _material(name: str, tables: Tables, out: Path | None, overwrite: bool, chart: bool) -> Path:
    """Make, print and write the account of steel or aluminium."""
    from lodeflow.experiments.analysis.footprint.account_report import material_report
    from lodeflow.print.footprint import print_material
    from lodeflow.viz import Labels

    found = material_report(tables, name)
    target = Path("runs") / f"footprint-{name}" if out is None else out

    def draw() -> Figure:
        from lodeflow.viz.charts.footprint import material_chart

        return material_chart(found, Labels.of(tables.countries))

    found.write(target, overwrite, _picture(draw) if chart else None)
    print_material(found)
    return target


def _technology(
    name: str,
    country: str,
    years: tuple[int, ...],
    left: float,
    tables: Tables,
    out: Path | None,
    overwrite: bool,
    chart: bool,
) -> Path:
    """Make, print and write the net gain of a technology."""
    from lodeflow.experiments.analysis.footprint.account_report import gain_report
    from lodeflow.print.footprint import print_gain
    from lodeflow.viz import Labels

    found = gain_report(tables, name, country, years[-1] if years else None, left)
    target = Path("runs") / "-".join(["footprint", name, country]) if out is None else out

    def draw() -> Figure:
        from lodeflow.viz.charts.gain import gain_chart

        return gain_chart(found, Labels.of(tables.countries))

    found.write(target, overwrite, _picture(draw) if chart else None)
    print_gain(found)
    return target


def _picture(draw: Callable[[], Figure]) -> Callable[[Path], None]:
    """Return what draws a chart into a folder."""

    def finish(place: Path) -> None:
        from lodeflow.experiments.analysis.footprint.report import CHART
        from lodeflow.viz import style

        (place / CHART).write_bytes(style.png(draw()))

    return finish

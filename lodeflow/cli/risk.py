"""The commands for who is at risk and why: risk, lists and warning. Heavy packages are imported inside the commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import Debug, End, Overwrite, Quiet, Start, country_of, out_folder, year_of

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.analysis.risk.report import Found

commands = typer.Typer()

Out = Annotated[Path | None, out_folder("Folder for the tables and the chart; nothing is written if left out.")]


@commands.command("risk")
def risk_command(
    metal: Annotated[str | None, typer.Argument(help="Metal, e.g. cobalt; all, for one country, if left out.")] = None,
    country: Annotated[str, country_of("Country that buys, or WLD for the world.")] = "WLD",
    start: Start = "2024-01",
    end: End = "2024-12",
    out: Out = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say who is at risk and why without any shock: a metal by stage and month, or all metals for one country."""
    with reporting(debug, quiet) as screen:
        from pandas import DataFrame

        from lodeflow import data
        from lodeflow.data.problems import DataError, Problem
        from lodeflow.experiments.analysis.risk.channels import COLUMNS
        from lodeflow.experiments.analysis.risk.criticality import review
        from lodeflow.experiments.analysis.risk.index import EVERYWHERE, indices, risk_by_month
        from lodeflow.experiments.analysis.risk.report import ENTRIES, found
        from lodeflow.experiments.run.results import check_target
        from lodeflow.print.risk import print_channels, print_review, print_risk

        tables = data.shared()
        if out is not None:
            check_target(out, ENTRIES)
        if metal is None and country == EVERYWHERE:
            right = "Name a metal, or a country with --country"
            raise DataError([Problem("risk", None, "", "neither a metal nor a country was named", right)])
        _check_months(str(start), str(end))
        asked = {"metal": metal, "country": country, "start": start, "end": end}
        if metal is None:
            names = [str(name) for name in tables.metals["metal"]]
            split: list[dict[str, Any]] = []
            made = {
                "review": review(tables, country, names, split),
                "channels": DataFrame(split, columns=list(COLUMNS)),
            }
            result = found(f"review of {country}", tables, asked, **made)
            print_review(result.tables["review"], country)
            print_channels(result.tables["channels"], result.tables["review"], country)
        else:
            table = risk_by_month(tables, metal, country, str(start), str(end))
            result = found(f"risk of {metal}, {country}", tables, asked, risk=table, index=indices(table))
            print_risk(result.tables["index"], table, country)
        _write(result, out, overwrite, None if metal is None else _chart(result, metal, country))
        if out is not None:
            screen.result(out)


def _check_months(start: str, end: str) -> None:
    """Refuse what is no month, and an end before the start. Raises DataError with all that is wrong."""
    from lodeflow.data.problems import DataError, Problem
    from lodeflow.environment.calendar import parse_month

    problems = []
    for name, month in (("--start", start), ("--end", end)):
        try:
            parse_month(month)
        except ValueError:
            problems.append(Problem("risk", None, name, f"{month!r} is not a month", "Write YYYY-MM, such as 2025-02"))
    if not problems and parse_month(end) < parse_month(start):
        problems.append(Problem("risk", None, "--end", f"{end} lies before {start}", "Put the end after the start"))
    if problems:
        raise DataError(problems)


@commands.command("lists")
def lists_command(
    state: Annotated[str, typer.Argument(help="EU, US, Japan, or a state with a list, e.g. CHN.")] = "EU",
    year: Annotated[int, year_of("Year of the list.")] = 2025,
    out: Out = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Recompute a list of critical raw materials, say who enters and leaves and why, and how well published lists are told."""
    with reporting(debug, quiet) as screen:
        from lodeflow import data
        from lodeflow.experiments.analysis.risk.lists import changes, recomputed, scores
        from lodeflow.experiments.analysis.risk.report import found
        from lodeflow.print.risk import print_lists

        tables = data.shared()
        made = {
            "list": recomputed(tables, state, year),
            "changes": changes(tables, state, year),
            "scores": scores(tables),
        }
        result = found(f"list of {state}, {year}", tables, {"state": state, "year": year}, **made)
        print_lists(result)
        _write(result, out, overwrite)
        if out is not None:
            screen.result(out)


@commands.command("warning")
def warning_command(
    trial: Annotated[
        int,
        typer.Option(
            "--trial",
            min=0,
            max=100_000,
            metavar="DRAWS",
            help="Draw shocks instead, and try out what reserves and the warning are worth.",
        ),
    ] = 0,
    out: Out = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Judge the early warning of dear months: its cost since 2016 beside warning always and never, lead times, and its worth."""
    with reporting(debug, quiet) as screen:
        from lodeflow import data
        from lodeflow.experiments.analysis.risk.report import found
        from lodeflow.experiments.judge.warning.warning import Rules, costs, lead_times, metal_months, now
        from lodeflow.print.risk import print_warning

        tables = data.shared()
        if trial:
            result = _tried(tables, trial, quiet)
            _write(result, out, overwrite)
            if out is not None:
                screen.result(out)
            return
        rules = Rules.of(tables)
        table = metal_months(tables, rules)
        made = {"cost": costs(table, rules), "changes": lead_times(table, rules), "index": now(tables, rules)}
        result = found("early warning", tables, vars(rules) | {"losses": list(rules.losses)}, **made)
        print_warning(result, rules)
        _write(result, out, overwrite)
        if out is not None:
            screen.result(out)


def _tried(tables: Tables, draws: int, quiet: bool) -> Found:
    """Draw shocks, run them with every kind of reserve, print what each is worth, and return the tables."""
    from lodeflow.experiments.analysis.risk.report import found
    from lodeflow.experiments.judge.warning.trial import COUNTRY, METALS, compared
    from lodeflow.experiments.judge.warning.trial import trial as tried
    from lodeflow.print.risk import print_trial
    from lodeflow.print.terminal import say

    table = tried(tables, draws, (lambda line: None) if quiet else (lambda line: say(line, err=True)))
    asked = {"draws": draws, "metals": list(METALS), "country": COUNTRY}
    result = found("trial of reserves and the early warning", tables, asked, draws=table, reserves=compared(table))
    print_trial(result)
    return result


def _write(result: Found, out: Path | None, overwrite: bool, finish: Callable[[Path], None] | None = None) -> None:
    if out is not None:
        result.write(out, overwrite, finish)


def _chart(result: Found, metal: str, country: str) -> Callable[[Path], None]:
    """Return what draws the chart into a folder."""

    def draw(place: Path) -> None:
        from lodeflow import data
        from lodeflow.experiments.analysis.risk.report import CHART
        from lodeflow.viz import Labels, style
        from lodeflow.viz.charts.risk import risk_chart

        tables = data.shared()
        labels = Labels.of(tables.countries, tables.metals, tables.products)
        (place / CHART).write_bytes(style.png(risk_chart(result, metal, country, labels)))

    return draw

"""The options that several commands share, each declared once. Where its meaning differs, a command gives the words."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer


def _worded(name: str, **about: Any) -> Callable[..., typer.models.OptionInfo]:
    """Return what makes an option whose meaning each command puts into its own words."""

    def option(meaning: str, **more: Any) -> typer.models.OptionInfo:
        """Return the option; meaning: what it does to this command; more: bounds of its value there."""
        made: typer.models.OptionInfo = typer.Option(name, help=meaning, **about, **more)
        return made

    return option


change = _worded("--set", metavar="KEY=VALUE")
out_folder = _worded("--out")
out_file = _worded("--out", metavar="FILE")
seed_of = _worded("--seed")
number_of_runs = _worded("--runs", min=1)
runs_folder_of = _worded("--runs", metavar="DIR")
going_on = _worded("--resume")
checking = _worded("--check")
refreshing = _worded("--refresh")
indicators = _worded("--kpi", metavar="NAMES")
replacing = _worded("--overwrite")
without_charts = _worded("--no-charts")
processes = _worded("--workers", min=1)
own_tables = _worded("--data", metavar="DIR")
country_of = _worded("--country", metavar="ISO3")
year_of = _worded("--year", metavar="YEAR")
metal_of = _worded("--metal", metavar="NAME")
run_of = _worded("--run", metavar="DIR")
metals_named = _worded("--metals", metavar="NAMES")


def named(files: list[Path] | None) -> list[Path] | None:
    """Note the files of --plugin; they are loaded when a kind is first looked up, where a fault in one is reported."""
    if files:
        from lodeflow.experiments import plugins

        plugins.name(files)
    return files


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors and the path of the result, nothing else.")]
Overwrite = Annotated[bool, replacing("Replace results in the folder that were made with something else.")]
NoCharts = Annotated[bool, without_charts("Write the tables only, no charts and no report.")]
NoPage = Annotated[bool, without_charts("Write the tables only, no charts and no page.")]


class Language(StrEnum):
    """Languages of reports, as `lodeflow.viz.language` has them."""

    EN = "en"
    ZH = "zh"


ReportLanguage = Annotated[
    Language, typer.Option("--language", help="Language of the report and its charts: English or Chinese.")
]

ScenarioName = Annotated[str, typer.Argument(help="A shipped scenario (see `lodeflow list`) or a TOML file.")]
DataFolder = Annotated[Path | None, own_tables("Folder of own tables: the rows that differ from the shipped ones.")]
Plugins = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin",
        metavar="FILE",
        callback=named,
        help="Python file with own shocks, policies or indicators (docs/extending.md); may be repeated.",
    ),
]
Start = Annotated[str | None, typer.Option("--start", metavar="YYYY-MM", help="First month.")]
End = Annotated[str | None, typer.Option("--end", metavar="YYYY-MM", help="Last month.")]
Metals = Annotated[str | None, metals_named("Metals to simulate, e.g. cobalt,nickel.")]
SomeMetals = Annotated[str | None, metal_of("Metals, e.g. cobalt,nickel; all if left out.")]
Assignments = Annotated[list[str] | None, change("Change one key, e.g. parameters.eta.cobalt=0.5.")]

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that `lodeflow run` wrote.")]
Case = Annotated[str | None, typer.Option("--case", help="shock or baseline; the run with its shocks if there is one.")]
BatchFolder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `lodeflow monte-carlo` wrote.")]
Workers = Annotated[int | None, processes("Processes; all cores if left out.")]
Cluster = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Dask scheduler (tcp://host:8786), or 'local'.")
]

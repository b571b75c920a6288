"""The options that several commands share, each declared once. Where its meaning differs, a command gives the words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def change(meaning: str) -> typer.models.OptionInfo:
    """Return the option --set; meaning: what it does to this command."""
    option: typer.models.OptionInfo = typer.Option("--set", metavar="KEY=VALUE", help=meaning)
    return option


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors and the path of the result, nothing else.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace results in the folder that were made with something else.")
]
NoCharts = Annotated[bool, typer.Option("--no-charts", help="Write the tables only, no charts and no report.")]
NoPage = Annotated[bool, typer.Option("--no-charts", help="Write the tables only, no charts and no page.")]

ScenarioName = Annotated[str, typer.Argument(help="A shipped scenario (see `lodeflow list`) or a TOML file.")]
DataFolder = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder of own tables; they replace shipped ones by name."),
]
Start = Annotated[str | None, typer.Option("--start", metavar="YYYY-MM", help="First month.")]
End = Annotated[str | None, typer.Option("--end", metavar="YYYY-MM", help="Last month.")]
Metals = Annotated[str | None, typer.Option("--metals", help="Metals to simulate, e.g. cobalt,nickel.")]
Assignments = Annotated[list[str] | None, change("Change one key, e.g. parameters.eta.cobalt=0.5.")]

BatchFolder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `lodeflow monte-carlo` wrote.")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes; all cores if left out.")]
Cluster = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Dask scheduler (tcp://host:8786), or 'local'.")
]

"""The command that opens the dashboard. Heavy packages are imported inside the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import Debug, Plugins, runs_folder_of

commands = typer.Typer()


@commands.command("app")
def app_command(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "localhost",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 8765,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open it in a browser.")] = True,
    sessions: Annotated[int, typer.Option("--sessions", min=1, help="Visitors at the same time.")] = 12,
    runs_folder: Annotated[Path, runs_folder_of("Folder whose batches visitors may open.")] = Path("runs"),
    origins: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-origin",
            metavar="ADDRESS",
            help="Address besides its own under which browsers reach it, e.g. https://lode.example.org; may be repeated.",
        ),
    ] = None,
    frames: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-embed",
            metavar="ADDRESS",
            help="Address whose pages may show the dashboard in a frame, e.g. https://news.example.org; may be repeated.",
        ),
    ] = None,
    plugins: Plugins = None,
    debug: Debug = False,
) -> None:
    """Open the dashboard: watch the world, fire a shock, see it spread."""
    with reporting(debug):
        from lodeflow.viz.app.server.limits import Limits
        from lodeflow.viz.app.server.serve import serve

        bounds = Limits(sessions=sessions, runs_folder=runs_folder, frames=tuple(frames or ()))
        serve(host, port, open_browser, bounds, origins or [])

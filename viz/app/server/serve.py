"""Serves the dashboard: production settings, no telemetry, every script and font from this machine."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Sequence
from importlib.util import find_spec

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments import plugin_names
from lodeflow.viz.app.cover.cover import Cover, first_story, page
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.server.door import Addresses, Application, Door, wrong_origins
from lodeflow.viz.app.server.late import Late, solara
from lodeflow.viz.app.server.limits import Limits
from lodeflow.viz.app.server.watch import Watch
from lodeflow.viz.app.world import memory

PAGE = "lodeflow.viz.app.page"
JOBS = "lodeflow.viz.app.batch.jobs"
CLOSED_AFTER = "2m"
"""Time after which a visitor whose connection broke is sent away; a closed tab goes at once."""
MESSAGE_BYTES = 4_000_000
"""Largest message that is taken from a browser, bytes."""
SPARE = 8
"""Connections beyond the visitors' places, so that those who find none are told so."""


def check(host: str, port: int, origins: Sequence[str] = (), frames: Sequence[str] = ()) -> None:
    """Make sure that the dashboard can be served here.

    Raises:
        lodeflow.data.DataError: when its packages are missing, the port is not free, or an origin or frame is no address.
    """
    problems = wrong_origins(origins) + wrong_origins(frames, "--allow-embed")
    if problems:
        raise DataError(problems)
    if find_spec("solara") is None:
        right = 'Install them in the folder of the program with: pip install -e ".[app]"'
        raise DataError([Problem("lodeflow app", None, "", "the packages of the dashboard are missing", right)])
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
        wrong = f"cannot listen on {host}:{port} ({reason})"
        raise DataError([Problem("lodeflow app", None, "", wrong, "Choose another --host or --port")]) from error
    except OverflowError as error:
        right = "Choose a port from 1 to 65535"
        raise DataError([Problem("lodeflow app", None, "--port", f"{port} is not a port", right)]) from error


def settings(sessions: int, tabs: int) -> dict[str, str]:
    """Environment of the server: what Solara reads when it is imported."""
    return {
        "SOLARA_APP": PAGE,
        "SOLARA_MODE": "production",
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
        "SOLARA_THEME_SHOW_BANNER": "False",
        "SOLARA_THEME_TITLE": "Lodeflow",
        "SOLARA_THEME_LOADER": "plain",
        "SOLARA_KERNEL_CULL_TIMEOUT": CLOSED_AFTER,
        "SOLARA_KERNEL_MAX_COUNT": str(sessions * tabs + SPARE),
        "SOLARA_SESSION_SECRET_KEY": secrets.token_hex(32),
        "SOLARA_SESSION_HTTP_ONLY": "True",
    }


def serve(host: str, port: int, open_browser: bool, bounds: Limits, origins: Sequence[str] = ()) -> None:
    """Serve the dashboard until it is interrupted.

    Args:
        host, port: where to listen.
        open_browser: whether to open it in a browser.
        bounds: what visitors may do.
        origins: addresses besides its own under which the server is called, such as ``https://lode.example.org``.

    Raises:
        lodeflow.data.DataError: when it cannot be served here, or a plug-in has a fault.
    """
    _check_plugins()
    check(host, port, origins, bounds.frames)
    limits.put(bounds)
    memory.few_arenas()
    for name, value in settings(bounds.sessions, bounds.tabs).items():
        os.environ.setdefault(name, value)
    import uvicorn

    page()
    late = Late(loaded)
    config = uvicorn.Config(
        Door(Cover(Watch(late, _visitors, late.failed)), Addresses.of(host, port, origins), bounds.tabs, bounds.frames),
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=3,
        ws_max_size=MESSAGE_BYTES,
    )
    server = uvicorn.Server(config)
    url = f"http://{'localhost' if host in ('0.0.0.0', '::') else host}:{port}"
    threading.Thread(target=_announce, args=(server, url, open_browser), daemon=True).start()
    try:
        server.run()
    finally:
        jobs = sys.modules.get(JOBS)
        if jobs:
            jobs.end_all()


def _check_plugins() -> None:
    """Load the plug-ins, so that a fault in one is said now; without any the registry of kinds comes with the server."""
    if plugin_names.any_named():
        from lodeflow.experiments.plugins import kinds

        kinds()


def _announce(server: object, url: str, open_browser: bool) -> None:
    """Say where the dashboard is as soon as it answers."""
    while not getattr(server, "started", False):
        time.sleep(0.05)
    print(f"Lodeflow's dashboard is at {url}; Ctrl-C ends it.", flush=True)
    if open_browser:
        webbrowser.open(url)


def loaded() -> tuple[Application, Callable[[], None]]:
    """Solara's server, ready; the first worlds are drawn up while its first page is shown."""
    found = solara()
    threading.Thread(target=_warm, daemon=True).start()
    return found


def _visitors() -> int:
    """How many visitors are here: none before the page is loaded."""
    page = sys.modules.get(PAGE)
    return page.visitors() if page else 0


def _warm() -> None:
    """Read the tables and draw up the first world, and that of the first story, before the first visitor comes."""
    from lodeflow.experiments.scenario.model import load_scenario
    from lodeflow.viz.app.page import shipped_names, shipped_tables
    from lodeflow.viz.app.world.session import Session
    from lodeflow.viz.app.world.worlds import start_of

    shipped_names()
    Session(shipped_tables()).step()
    start_of(load_scenario(first_story(), tables=shipped_tables()), shipped_tables())

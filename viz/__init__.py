"""What is seen: charts, network and flow pictures, and the report of a run folder.

Nothing is drawn while a world runs. `write_charts(folder)` and `write_report(folder)` read a finished run folder;
the chart functions in `lodeflow.viz.charts` return `matplotlib.figure.Figure` objects for notebooks and dashboards.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Labels", "Observed", "Run", "write_charts", "write_report", "writing"]

_HOME = {
    "Labels": "lodeflow.viz.frames",
    "Run": "lodeflow.viz.frames",
    "Observed": "lodeflow.viz.observed",
    "write_charts": "lodeflow.viz.report.page",
    "write_report": "lodeflow.viz.report.page",
    "writing": "lodeflow.viz.fonts",
}


def __getattr__(name: str) -> Any:
    """Import matplotlib and pandas only when something is drawn."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)

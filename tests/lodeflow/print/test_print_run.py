"""What the command line says about a run."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace
from typing import Any

import pandas as pd

from lodeflow.data import Tables
from lodeflow.print.run import _print_suppliers
from lodeflow.print.terminal import PlainConsole
from lodeflow.viz import Labels


def said(tables: Tables, **less: float) -> str:
    """What is said where countries deliver so much less (t) than without the shock."""
    rows = [
        ("2025-03-01", name, "gallium", "refined", country, "JPN", 50.0 - (tonnes if name == "shock" else 0.0))
        for country, tonnes in less.items()
        for name in ("baseline", "shock")
    ]
    trade = pd.DataFrame(rows, columns=["date", "run", "metal", "form", "exporter", "importer", "tonnes"])
    outcome: Any = SimpleNamespace(
        scenario=SimpleNamespace(first_month="2025-03"), trade=trade.assign(date=pd.to_datetime(trade["date"]))
    )
    out = StringIO()
    _print_suppliers(PlainConsole(file=out, width=200), outcome, "gallium", Labels.of(tables.countries))
    return out.getvalue()


def test_a_change_that_reads_as_nothing_is_not_told(tables: Tables) -> None:
    assert said(tables, CHN=0.02, RUS=-0.01) == ""
    assert said(tables, CHN=2.0, RUS=-0.05) == "gallium, exports of the first 12 months, less: China −2.0 t\n"
    assert "more: Russia +0.5 t" in said(tables, CHN=2.0, RUS=-0.5)

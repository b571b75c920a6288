"""Batches in the dashboard: what is damaged or failed in them is said in words."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
import solara

from data import Tables
from experiments.batch.failures import failures
from experiments.monte_carlo import Batch
from experiments.scenario import Scenario
from tests.experiments.formula_batches import ban_with, between, make_batch
from viz.app import batch_view
from viz.app.texts import Texts


def formula(scenario: Scenario) -> dict[str, float]:
    x = scenario.parameters["x1"]
    if x > 0.8:
        raise ArithmeticError("out of range")
    return {"price_peak.cobalt": 1.0 + x}


def walk(widget: Any) -> Iterator[str]:
    """All texts in a widget."""
    for child in getattr(widget, "children", ()) or ():
        if isinstance(child, str):
            yield child
        elif isinstance(child, ipywidgets.Widget):
            yield from walk(child)


def texts_on_page(folder: Path, tables: Tables) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box, context = solara.render(batch_view.Opened(folder, Texts("en", tables), "cobalt"), handle_error=False)
    try:
        return "\n".join(walk(box))
    finally:
        context.close()


@pytest.fixture
def batch(tables: Tables, tmp_path: Path) -> Batch:
    return make_batch(tmp_path, tables, ban_with(tmp_path, tables, [between("parameters.x1")]), 10, formula)


def test_failed_runs_are_named(batch: Batch, tables: Tables) -> None:
    assert "2 of 10 runs failed and are left out: runs" in failures(batch)
    assert failures(batch) in texts_on_page(batch.folder, tables)


def test_a_damaged_batch_is_named_and_nothing_breaks(batch: Batch, tables: Tables) -> None:
    path = batch.folder / "parts" / "00000" / "paths.parquet"
    path.write_bytes(path.read_bytes()[:100])
    assert "parts/00000: paths.parquet is damaged" in texts_on_page(batch.folder, tables)

"""Rows of a long table by small codes are those that pandas finds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lodeflow.viz.coded import rows_by


@pytest.mark.parametrize("kind", ["category", "str"])
def test_rows_are_those_of_groupby(kind: str) -> None:
    rng, count = np.random.default_rng(1), 500
    columns = {
        "metal": ["tin", "zinc", "cobalt"],
        "run": ["shock", "baseline"],
        "variable": [f"v{n}" for n in range(90)],
    }
    table = pd.DataFrame({name: pd.Series(rng.choice(texts, count)).astype(kind) for name, texts in columns.items()})
    found = rows_by(table, ["metal", "variable", "run"])
    wanted = table.groupby(["metal", "variable", "run"], observed=True).indices
    assert found.keys() == wanted.keys()
    assert all(np.array_equal(rows, wanted[key]) for key, rows in found.items())
    assert rows_by(table.iloc[:0], ["metal"]) == {}

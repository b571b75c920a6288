"""The chart of the net gain of a technology: its title is the finding, its bars are the table."""

from __future__ import annotations

import pytest

from lodeflow.data import Tables
from lodeflow.experiments.analysis.footprint.account_report import gain_report
from lodeflow.viz import Labels
from lodeflow.viz.charts.gain import gain_chart


@pytest.mark.parametrize(
    ("technology", "place", "title"),
    [
        (
            "pv",
            "NOR",
            "A MW of solar power in Norway: 1.6 kt CO2e to make, 1.1 kt saved in use: not paid back in its life",
        ),
        ("ev", "CHN", "An electric car in China: 3.9 t CO2e more to make than one with an engine, 23 t saved in use"),
    ],
)
def test_the_title_says_whether_it_is_paid_back(tables: Tables, technology: str, place: str, title: str) -> None:
    found = gain_report(tables, technology, place)
    figure = gain_chart(found, Labels.of(tables.countries))
    assert title in " ".join(figure.get_suptitle().replace("\u00a0", " ").split())
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == pytest.approx(found.tables["gain"]["value"].tolist()[:4])

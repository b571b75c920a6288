"""Charts and pages of a batch: titles that say the finding, axes with units, pages that need nothing else."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from lodeflow.data import Tables
from lodeflow.experiments.analysis.discover import discover
from lodeflow.experiments.analysis.sensitivity import analyse
from lodeflow.experiments.batch.make.series import Column
from lodeflow.experiments.batch.read.summary import Summary, summarize
from lodeflow.experiments.batch.store import Batch
from lodeflow.experiments.scenario.model import Scenario
from lodeflow.experiments.scenario.uncertainty import Vary
from lodeflow.viz import style
from lodeflow.viz.charts import fans
from lodeflow.viz.frames import Labels
from lodeflow.viz.report import discover as discover_view
from lodeflow.viz.report import sensitivity as sensitivity_view
from lodeflow.viz.report.batch_page import batch_labels
from lodeflow.viz.report.summarize import write_summary
from tests.experiments.batch.formula_batches import ban_with, between, make_batch

MONTHS = 12


def wild(scenario: Scenario) -> dict[str, float]:
    x, y = scenario.parameters["x1"], scenario.parameters["eta.cobalt"]
    green = scenario.world.demand == "NZE"
    peak = 1.0 + 3.0 * x + (1.0 if green else 0.0) - y
    return {
        "price_peak.cobalt": peak,
        "months_above_2x.cobalt": round(5 * x),
        "shortage.cobalt": 0.1 * x,
        "use_lost.cobalt": 0.2 * x * y,
        "months_to_recover.cobalt": math.nan if peak > 3 else round(4 * x),
    }


def lines(scenario: Scenario, column: Column) -> np.ndarray:
    size = {"USD/t": 3e4, "t": 1.2e4, "months": 2.0}.get(column.unit, 0.3)
    up = 1.0 + scenario.parameters["x1"] * np.sin(np.arange(MONTHS) / 4) * (column.case == "shock")
    return size * up


@pytest.fixture(scope="module")
def batch(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    folder = tmp_path_factory.mktemp("wild")
    vary = [
        between("parameters.x1"),
        between("parameters.eta.cobalt", 0.25, 0.8),
        Vary(key="world.demand", distribution="choice", choices=["STEPS", "NZE"]),
    ]
    return make_batch(folder, tables, ban_with(folder, tables, vary), 150, wild, lines=lines)


@pytest.fixture(scope="module")
def summary(batch: Batch) -> Summary:
    return summarize(batch)


@pytest.fixture(scope="module")
def labels(batch: Batch) -> Labels:
    return batch_labels(batch)


def texts(figure: Figure) -> str:
    """Everything that is written on the axes of a figure."""
    parts = [style.title_of(figure)]
    for ax in figure.axes:
        parts += [ax.get_xlabel(), ax.get_ylabel(), *(text.get_text() for text in ax.texts)]
        parts += [label.get_text() for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
        legend = ax.get_legend()
        parts += [text.get_text() for text in legend.get_texts()] if legend else []
    return " ".join(" ".join(parts).split())


def test_a_fan_names_its_bands_and_the_month_it_is_widest(summary: Summary, labels: Labels) -> None:
    figure = fans.fan(summary, "cobalt", "price", labels)
    assert "Dashed: the median of the same worlds without the shocks" in figure.get_supxlabel()
    text = texts(figure)
    assert style.title_of(figure).startswith("Cobalt: price of the refined metal in Jul 2024: median ")
    for words in ("90 % of the runs", "half of the runs", "median without the shocks", "price (USD per t of metal)"):
        assert words in text
    low, high = np.quantile(3e4 * (1 + summary.batch.inputs()["parameters.x1"] * math.sin(6 / 4)), [0.05, 0.95])
    shown = [float(number.replace(",", "")) for number in re.findall(r"([\d,]+) USD", style.title_of(figure))]
    np.testing.assert_allclose(shown[1:], [low, high], rtol=0.01)
    assert "kt per month" in texts(fans.fan(summary, "cobalt", "use", labels))


def test_chances_are_written_into_the_chart(summary: Summary, labels: Labels) -> None:
    figure = fans.exceedance(summary, "cobalt", labels)
    share = (summary.batch.kpi()["price_peak.cobalt"] > 2).mean()
    assert style.title_of(figure).startswith(f"Cobalt: the price more than doubles in {100 * share:.0f} % of the runs")
    assert f"above 2 times: {100 * share:.0f} %" in texts(figure)
    assert "runs above this value (%)" in texts(figure)


def test_runs_that_do_not_recover_have_a_bar_of_their_own(summary: Summary, labels: Labels) -> None:
    figure = fans.recovery(summary, "cobalt", labels)
    never = summary.batch.kpi()["months_to_recover.cobalt"].isna().mean()
    bars = figure.axes[0].patches
    assert bars[-1].get_height() == pytest.approx(100 * never)  # type: ignore[attr-defined]
    assert sum(bar.get_height() for bar in bars) == pytest.approx(100.0)  # type: ignore[attr-defined]
    assert "not in this run" in texts(figure)


def test_the_page_of_a_summary_needs_nothing_else(summary: Summary, labels: Labels, tmp_path: Path) -> None:
    page = write_summary(tmp_path, summary, labels).read_text(encoding="utf-8")
    assert page.count('<img src="data:image/png;base64,') == len(list((tmp_path / "charts").glob("*.png"))) > 6
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "150 runs; none failed." in page
    assert "is not back to normal before the run ends" in page
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).lower().replace("finance", "")


def test_sensitivity_charts_name_the_strongest_input(batch: Batch, labels: Labels, tmp_path: Path) -> None:
    found = analyse(batch, kpis=["price_peak", "shortage", "use_lost"])
    names = {name for name, _ in sensitivity_view.figures(found, labels)}
    assert {"heat-map", "price_peak-cobalt-indices", "price_peak-cobalt-tornado"} <= names
    figure = sensitivity_view.indices(found, "price_peak.cobalt", labels)
    assert "most depends on x1" in style.title_of(figure)
    assert "share of the variance (%)" in texts(figure)
    tornado = sensitivity_view.tornado(found, "price_peak.cobalt", labels)
    rows = found.swings[found.swings["indicator"] == "price_peak.cobalt"].set_index("input")
    first = rows.loc["parameters.x1"]
    assert f"{first['bottom']:.1f} to {first['top']:.1f} times" in style.title_of(tornado)
    folder = found.write(
        tmp_path / "s", lambda place: sensitivity_view.write_sensitivity(place, found, labels) and None
    )
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Highest price, Cobalt: its variance would fall most if we knew x1 (" in page
    assert "scarcity response (eta.cobalt)" in page


def test_a_discovered_box_is_drawn_with_its_limits(batch: Batch, labels: Labels, tmp_path: Path) -> None:
    found = discover(batch, "price_peak > 3")
    assert {"parameters.x1", "world.demand"} <= set(found.box["input"])
    drawn = dict(discover_view.figures(found))
    assert list(drawn) == ["box", "ranges", "peeling"]
    assert style.title_of(drawn["box"]).startswith("Highest price, cobalt above 3 times: ")
    written = texts(drawn["ranges"])
    low = found.box.set_index("input").loc["parameters.x1", "low"]
    assert f"{low:.3g}" in written
    assert "NZE" in written
    assert "coverage: runs in question inside the box (%)" in texts(drawn["peeling"])
    page = discover_view.write_discovery(tmp_path, found, labels).read_text(encoding="utf-8")
    assert "world.demand NZE" in page


def test_no_rule_is_said_and_only_the_search_is_drawn(batch: Batch, labels: Labels, tmp_path: Path) -> None:
    found = discover(batch, "shortage > 90%")
    assert list(discover_view.figures(found)) == []
    assert "No rule was found" in discover_view.write_discovery(tmp_path, found, labels).read_text(encoding="utf-8")

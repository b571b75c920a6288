"""Results in a notebook: they show themselves and draw the charts of the report."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import lodeflow as lf
from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.experiments.batch.store import Batch
from lodeflow.experiments.run.results import Outcome
from lodeflow.experiments.scenario.model import Scenario
from lodeflow.viz import charts, style
from lodeflow.viz.charts.registry import in_order
from lodeflow.viz.frames import Run
from lodeflow.viz.notebook import _labels
from tests.experiments.batch.formula_batches import ban_with, between, make_batch


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return lf.run("drc-cobalt-export-ban", ['world.metals=["cobalt", "copper"]', "world.end=2026-06"])


def dear(scenario: Scenario) -> dict[str, float]:
    """Indicators that grow with one of two drawn inputs."""
    x = scenario.parameters["x1"]
    return {"price_peak.cobalt": 1.0 + 3.0 * x, "shortage.cobalt": 0.1 * x, "months_to_recover.cobalt": round(9 * x)}


@pytest.fixture(scope="module")
def batch(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    folder, vary = tmp_path_factory.mktemp("dear"), [between("parameters.x1"), between("parameters.x2")]
    return make_batch(folder, tables, ban_with(folder, tables, vary), 150, dear, lines=lambda scenario, column: 1.0)


def pixels(figure: Figure) -> np.ndarray:
    with style.mpl.rc_context(style.SETTINGS):
        figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]


def test_a_run_draws_every_chart_of_the_report(outcome: Outcome) -> None:
    assert set(outcome.plot) == {"overview", "profile", *(chart.name for chart in in_order())} == set(dir(outcome.plot))
    for name in outcome.plot:
        assert isinstance(getattr(outcome.plot, name)(), Figure)


def test_a_chart_is_that_of_the_report(outcome: Outcome) -> None:
    run = Run.of(outcome)
    assert np.array_equal(pixels(outcome.plot.price("cobalt")), pixels(charts.price(run, "cobalt", _labels(outcome))))
    assert not np.array_equal(pixels(outcome.plot.price("cobalt")), pixels(outcome.plot.price("copper")))


def test_the_first_metal_is_the_one_that_moved_most(outcome: Outcome) -> None:
    assert style.title_of(outcome.plot.price()) == style.title_of(outcome.plot.price("cobalt"))
    assert "cobalt, copper" in repr(outcome.plot)


def test_a_name_that_is_not_there_is_told_with_the_nearest(outcome: Outcome) -> None:
    with pytest.raises(DataError, match=r"there is no 'cobolt' in this result\. Did you mean 'cobalt'"):
        outcome.plot.price("cobolt")
    with pytest.raises(AttributeError, match=r"there is no chart 'prise'\. Did you mean 'price'"):
        _ = outcome.plot.prise


def test_a_run_shows_its_findings_a_table_and_a_chart(outcome: Outcome) -> None:
    html = outcome._repr_html_()
    assert "DR Congo" in html
    assert "rises to" in html
    assert html.count("<table>") == 1
    assert len(re.findall(r"<tr>", html)) == 1 + len(outcome.summary)
    assert html.count('src="data:image/png;base64,iVBOR') == 1
    assert "plot: overview(), price([name])" in html


def test_what_a_scenario_is_called_is_text_in_a_page() -> None:
    chosen = ['world.metals=["cobalt"]', "world.end=2024-03", 'title="<script>x</script>"']
    html = lf.run("baseline", chosen)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_figure_shows_itself_without_pyplot(outcome: Outcome) -> None:
    assert outcome.plot.price("cobalt")._repr_png_().startswith(b"\x89PNG")


def test_a_run_that_is_read_back_shows_the_same(outcome: Outcome, tmp_path: Path) -> None:
    again = lf.open_run(outcome.write(tmp_path / "run"))
    assert again._repr_html_() == outcome._repr_html_()


def test_a_batch_and_its_summary_draw_fans(batch: Batch) -> None:
    for result in (batch, lf.summarize(batch)):
        assert {"price", "shortage", "exceedance", "recovery"} <= set(result.plot)
        assert isinstance(result.plot.price("cobalt"), Figure)
        html = result._repr_html_()
        assert "150 runs" in html
        assert html.count("<img") == 1


def test_an_analysis_of_a_batch_shows_itself(batch: Batch) -> None:
    found = lf.sensitivity(batch, kpis=["price_peak.cobalt", "shortage.cobalt"])
    assert set(found.plot) == {"indices", "tornado", "heat_map"}
    assert isinstance(found.plot.tornado("shortage.cobalt"), Figure)
    assert "which inputs matter" in found._repr_html_()
    rule = lf.discover(batch, "price_peak.cobalt > 3")
    assert {"box", "ranges", "peeling"} == set(rule.plot)
    assert isinstance(rule.plot.ranges(), Figure)
    assert "highest price, cobalt above 3 times" in rule._repr_html_()


def test_what_cannot_be_summarised_says_why(tmp_path: Path, batch: Batch) -> None:
    empty = Batch(tmp_path, batch.manifest | {"done": 0, "state": "running"})
    html = empty._repr_html_()
    assert html.startswith(f"<pre>Batch({batch.manifest['scenario']}")
    assert "problem" in html

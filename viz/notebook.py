"""Results in a notebook: the words, tables and charts of the reports, each when it is asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, singledispatch
from html import escape
from typing import TYPE_CHECKING, Any

from lodeflow import data
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.analysis.compare import Comparison
from lodeflow.experiments.analysis.discover.box import Discovery
from lodeflow.experiments.analysis.sensitivity.indices import Sensitivity
from lodeflow.experiments.batch.read.summary import RECOVERY, Summary, summarize
from lodeflow.experiments.batch.store import Batch
from lodeflow.experiments.run.results import Outcome
from lodeflow.viz import charts, style
from lodeflow.viz.charts import compare as sides
from lodeflow.viz.charts import fans
from lodeflow.viz.charts.registry import in_order
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.observed import Observed
from lodeflow.viz.report import compare, discover, sensitivity, story
from lodeflow.viz.report import summarize as spread
from lodeflow.viz.report.batch_page import Page, PageTable, batch_labels
from lodeflow.viz.report.page import page_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEMPLATE = "notebook.html"
ROWS = 12
"""Rows of a table that are shown; the tables of the result hold all."""


@dataclass(frozen=True)
class Chart:
    """One chart by name: what it takes, in the order of its arguments, and what draws it.

    choices: names that may be given for its argument, the first of them if none is; empty: it takes none.
    """

    draw: Callable[..., Figure]
    choices: Sequence[str] = ()

    def __call__(self, name: str | None = None) -> Figure:
        """Draw it. Raises DataError, with the nearest name, for one that the result does not hold."""
        if not self.choices:
            return self.draw()
        chosen = self.choices[0] if name is None else name
        if chosen not in self.choices:
            right = did_you_mean(str(chosen), self.choices)
            raise DataError([Problem("plot", None, "", f"there is no {chosen!r} in this result", right)])
        return self.draw(chosen)


class Plots:
    """The charts of a result, as attributes; `plot()` draws the first. Each returns a matplotlib Figure."""

    def __init__(self, shown: Mapping[str, Chart], page: Callable[[], Page]) -> None:
        self._shown, self._page = dict(shown), page

    def __getattr__(self, name: str) -> Chart:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._shown[name]
        except KeyError:
            raise AttributeError(f"there is no chart {name!r}. {did_you_mean(name, self._shown)}") from None

    def __dir__(self) -> list[str]:
        """Names of the charts."""
        return [*self._shown]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shown)

    def __call__(self) -> Figure:
        """Draw the first chart."""
        return next(iter(self._shown.values()))()

    def __repr__(self) -> str:
        """Say what can be drawn."""
        calls = [f"{name}({'[name]' if chart.choices else ''})" for name, chart in self._shown.items()]
        names = next((list(chart.choices) for chart in self._shown.values() if chart.choices), [])
        return f"plot: {', '.join(calls)}; names: {', '.join(names) or 'none'}"

    @cached_property
    def _html(self) -> str:
        """The words and tables of the page with its first chart; made once, since a result does not change."""
        page = self._page()
        tables = [PageTable(one.title, one.head, one.rows[:ROWS], _more(one)) for one in page.tables[:1]]
        figure = self()
        address = f"data:image/png;base64,{base64.b64encode(style.png(figure)).decode('ascii')}"
        picture = {"address": address, "title": style.title_of(figure), "caption": style.caption_of(figure)}
        return page_template(TEMPLATE).render(**vars(page) | {"tables": tables}, picture=picture, hint=repr(self))


def _more(table: PageTable) -> str:
    """The note of a table, with how many of its rows are left out."""
    more = len(table.rows) - ROWS
    return f"{table.note} {more} more rows are left out.".strip() if more > 0 else table.note


def html(result: Any) -> str:
    """Return what a notebook shows of a result; what is wrong with it where it cannot be shown."""
    try:
        text: str = result.plot._html
    except DataError as error:
        return f"<pre>{escape(repr(result))}\n{escape(str(error))}</pre>"
    return text


@singledispatch
def plots(result: Any) -> Plots:
    """Return the charts of a result."""
    raise TypeError(f"{type(result).__name__} has no charts")


@plots.register
def _of_run(outcome: Outcome) -> Plots:
    run = Run.of(outcome)
    run.scenario_text = outcome.scenario.to_toml()
    labels = _labels(outcome)
    moved = run.moved() if run.has_shock else []
    metals = [*moved, *(metal for metal in run.metals if metal not in moved)]

    def one(draw: Callable[..., Figure]) -> Chart:
        return Chart(lambda metal: draw(run, metal, labels), metals)

    shown = {"overview": Chart(lambda: charts.overview(run, labels))}
    shown |= {chart.name: one(chart.draw) for chart in in_order()}
    shown |= {"profile": one(charts.profile)}
    return Plots(shown, lambda: _run_page(run, labels, moved))


def _labels(outcome: Outcome) -> Labels:
    """Names of the shipped tables; observed prices only beside a run that was made with them."""
    tables = data.shared()
    ours = outcome.manifest.get("data_hash") == data.fingerprint(tables)
    seen = Observed.of(tables) if ours else None
    labels = Labels.of(tables.countries, tables.metals, tables.products, seen)
    return labels.marked(outcome.manifest.get("illustrative", []))


def _run_page(run: Run, labels: Labels, moved: list[str]) -> Page:
    """The words of the report of a run."""
    head, rows = story.summary_table(run, labels)
    about = run.manifest
    return Page(
        title=run.about["title"],
        subtitle=f"{about.get('start', '')} to {about.get('end', '')}, seed {about.get('seed', '')}",
        headline=story.headline(run, labels, moved),
        tables=[PageTable("In numbers", head, rows)],
    )


@plots.register
def _of_batch(batch: Batch) -> Plots:
    return plots(summarize(batch))


@plots.register
def _of_summary(summary: Summary) -> Plots:
    labels = batch_labels(summary.batch)
    metals = spread.shown_metals(summary)
    metals += [metal for metal in summary.metals if metal not in metals]
    held = set(summary.series["variable"])

    def fan(variable: str) -> Chart:
        return Chart(lambda metal: fans.fan(summary, metal, variable, labels), metals)

    shown = {
        name: fan(name) for name in fans.with_fan() if name in held or (name == "price" and "price_outside" in held)
    }
    shown["exceedance"] = Chart(lambda metal: fans.exceedance(summary, metal, labels), metals)
    back = [metal for metal in metals if f"{RECOVERY}.{metal}" in set(summary.batch.kpis["name"])]
    if back:
        shown["recovery"] = Chart(lambda metal: fans.recovery(summary, metal, labels), back)
    return Plots(shown, lambda: spread.page_of(summary, labels))


@plots.register
def _of_sensitivity(found: Sensitivity) -> Plots:
    labels = batch_labels(found.batch)
    shown = {
        "indices": Chart(lambda kpi: sensitivity.indices(found, kpi, labels), found.kpis),
        "tornado": Chart(lambda kpi: sensitivity.tornado(found, kpi, labels), found.kpis),
    }
    if len(found.kpis) > 1:
        shown["heat_map"] = Chart(lambda: sensitivity.heat_map(found, labels))
    return Plots(shown, lambda: sensitivity.page_of(found, labels))


@plots.register
def _of_discovery(found: Discovery) -> Plots:
    draws = {"box": discover.box, "ranges": discover.ranges} if found.found else {}
    draws |= {"peeling": discover.peeling} if len(found.peeling) else {}
    shown = {name: Chart(lambda draw=draw: draw(found)) for name, draw in draws.items()}
    return Plots(shown, lambda: discover.page_of(found))


@plots.register
def _of_comparison(found: Comparison) -> Plots:
    tables = data.shared()
    labels = Labels.of(tables.countries, tables.metals, tables.products)

    def path(variable: str) -> Chart:
        return Chart(lambda metal: sides.paths(found, metal, variable, labels), compare.shown_metals(found))

    shown = {"matters": Chart(lambda: sides.matters(found, labels))}
    shown |= {variable: path(variable) for variable in compare.DRAWN}
    return Plots(shown, lambda: compare.page_of(found, labels))

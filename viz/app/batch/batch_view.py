"""The tab for many runs: a batch folder of this server, or a small batch of the scenario as it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import reacton.ipyvuetify as rv
import solara

from lodeflow.data.problems import DataError
from lodeflow.experiments.batch.read.failures import failures
from lodeflow.experiments.batch.store import Batch, open_batch
from lodeflow.experiments.scenario.model import Scenario
from lodeflow.viz.app.batch import spread
from lodeflow.viz.app.batch.alone import alone
from lodeflow.viz.app.batch.compare_view import Table
from lodeflow.viz.app.batch.job_view import Work, WorkPanel
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world import story
from lodeflow.viz.app.world.stamp import stamp
from lodeflow.viz.app.world.story import about as words_of
from lodeflow.viz.app.world.world_view import Graphs, Saved

FEW = 64
"""Runs of a small batch when nothing else is asked for."""


@solara.component
def BatchView(work: Work, scenario: Scenario, title: str, texts: Texts, metal: str) -> None:
    """Open a batch or make a small one of a scenario, which the page calls `title`."""
    opened, set_opened = solara.use_state(cast(str | None, None))
    names = solara.use_memo(batches, [])
    with solara.Div(classes=["lf-body"]):
        with solara.Div(classes=["lf-panel"]):
            Plain(texts("batch.title"), tag="h2")
            Plain(texts("batch.what", name=title), "lf-help")
            Made(work, scenario, texts, metal, lambda: set_opened(None))
            WorkPanel(work, texts)
            if names:
                rv.Select(
                    label=texts("batch.open"),
                    items=sorted(names),
                    v_model=opened,
                    on_v_model=set_opened,
                    clearable=True,
                    dense=True,
                )
        own = work.folder or work.kept
        folder = names.get(opened) if opened else own / "batch" if own is not None else None
        if folder is not None:
            Opened(folder, texts, metal)


@solara.component
def Made(work: Work, scenario: Scenario, texts: Texts, metal: str, begun: Callable[[], None]) -> None:
    """How many runs a small batch has, of which metals, and the button that makes it; `begun` is called when it begins."""
    runs, set_runs = solara.use_state(FEW)
    single, set_single = solara.use_state(True)
    most = limits.current().batch_runs
    number = _runs(runs, most)

    def start() -> None:
        begun()
        if number is not None:
            work.start(["batch", str(number)], (alone(scenario, metal) if single else scenario).to_toml())

    with solara.Div(classes=["lf-buttons"]):
        rv.TextField(
            label=texts("batch.runs", most=most),
            type="number",
            attributes={"min": 2, "max": most, "step": 1},
            v_model=runs,
            on_v_model=set_runs,
            dense=True,
            error_messages=[] if number is not None else [texts("batch.too_many", most=most)],
            style_="max-width: 220px",
        )
        solara.Button(
            texts("batch.run"),
            color="primary",
            on_click=start,
            disabled=number is None or (work.progress is not None and work.progress.state == "running"),
            classes=["lf-batch"],
        )
    rv.Checkbox(
        label=texts("batch.alone", metal=texts.metal_within(metal)),
        v_model=single,
        on_v_model=set_single,
        dense=True,
        hide_details=True,
    )


def _runs(value: object, most: int) -> int | None:
    """A whole number of runs from a text field, None where it is none or too large."""
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if 2 <= number <= most else None


def batches() -> dict[str, Path]:
    """Batch folders that this server offers, by name; a visitor chooses a name and never writes a path."""
    folder = limits.current().runs_folder
    if folder is None or not folder.is_dir():
        return {}
    found = {}
    for path in sorted(folder.iterdir()):
        if (path / "manifest.json").is_file():
            try:
                found[path.name] = open_batch(path).folder
            except DataError:
                continue
    return found


@solara.component
def Opened(folder: Path, texts: Texts, metal: str) -> None:
    """What a batch says, or what is damaged in it."""
    found = solara.use_memo(lambda: opened(folder), [str(folder)])
    if isinstance(found, str):
        Plain(found, "lf-note")
    else:
        Spread(found, texts, metal)


def opened(folder: Path) -> Batch | str:
    """The batch in a folder, or what is wrong with it."""
    try:
        batch = open_batch(folder)
        batch.check()
    except DataError as error:
        return str(error)
    return batch


@solara.component
def Spread(batch: Batch, texts: Texts, metal: str) -> None:
    """Fan charts, the chance of large price rises, and which inputs matter."""
    metals = [str(name) for name in batch.manifest["metals"]]
    shown = metal if metal in metals else metals[0]
    charts = solara.use_memo(lambda: spread.fans(batch, shown, texts), [str(batch.folder), shown, texts.language])
    about = batch.manifest
    ok = about["done"] - about["failed"]
    with solara.Div(classes=["lf-panel"]):
        title = story.scenario_title(about["scenario"], about["title"], spread.events(batch), texts)
        Plain(texts("batch.about", runs=texts.count("run", ok), name=title, metal=texts.metal(shown)), tag="h2")
        if about["failed"]:
            Plain(texts("batch.failed", why=failures(batch)), "lf-note")
        if ok == 0:
            Plain(texts("batch.none"))
            return
    axis = spread.axis_of(batch, shown, texts)
    runs = f"{title}, {texts.count('run', ok)}"
    made = stamp(about["scenario"], about, texts, about["versions"]["lodeflow"], about["data_hash"])
    file = Saved(f"{about['scenario']}-{shown}-spread", words_of(texts.metal(shown), runs, axis, texts), made)
    Graphs(charts, axis, texts, file)
    with solara.Div(classes=["lf-panel", "lf-scroll"]):
        Plain(texts("batch.table"), tag="h2")
        Table(*spread.table(batch, shown, texts))
    with solara.Div(classes=["lf-panel"]):
        Plain(texts("batch.exceed"), tag="h2")
        Bars(spread.exceedance(batch, shown, texts))
    with solara.Div(classes=["lf-panel"]):
        Plain(texts("batch.matter", metal=texts.metal_within(shown)), tag="h2")
        strong = spread.influence(batch, shown, texts)
        Bars(strong)
        Plain(texts("batch.matter_note" if strong else "batch.nothing"), "lf-note")


@solara.component
def Bars(rows: list[spread.Share]) -> None:
    """Horizontal bars with their names and numbers as text."""
    with rv.Html(tag="table", class_="lf-bars"), rv.Html(tag="tbody"):
        for row in rows:
            bar = rv.Html(
                tag="i", style_=f"width: {100 * abs(row.value):.1f}%", class_="is-less" if row.value < 0 else "is-more"
            )
            cells = [
                rv.Html(tag="td", children=[row.name]),
                rv.Html(tag="td", children=[row.text]),
                rv.Html(tag="td", class_="lf-bar", children=[bar]),
            ]
            rv.Html(tag="tr", children=cells)

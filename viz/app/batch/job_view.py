"""Long work as the page shows it: started, watched, cancelled, and ended with the tab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import reacton.ipyvuetify as rv
import solara

from lodeflow.viz.app.batch.jobs import DONE, KEPT, RUNNING, Job, NoRoomError, Progress
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain


@dataclass(frozen=True)
class Work:
    """A job of this visitor, or none yet.

    Attributes:
        progress: how far it is; None before the first.
        folder: where its results lie; None before it is done.
        kept: where finished runs of a batch lie that was ended before its last one; None without.
        start: starts one with a task and a scenario (TOML) after clearing the last one away; nothing while one runs.
        cancel: ends it.
    """

    progress: Progress | None
    folder: Path | None
    kept: Path | None
    start: Callable[[list[str], str], None]
    cancel: Callable[[], None]


def use_work() -> Work:
    """A job that lives as long as the component that asks for it."""
    progress, set_progress = solara.use_state(cast(Progress | None, None))
    held = solara.use_ref(cast(Job | None, None))

    def start(task: list[str], scenario: str) -> None:
        if held.current is not None and held.current.progress.state == RUNNING:
            return  # a second click on the same button
        end()
        try:
            held.current = Job(task, scenario, set_progress)
            set_progress(held.current.progress)
        except NoRoomError:
            set_progress(Progress(state="failed", note="job.no_room"))

    def end() -> None:
        if held.current is not None:
            held.current.close()
            held.current = None

    def cancel() -> None:
        if held.current is not None:
            held.current.cancel()

    solara.use_effect(lambda: end, [])

    def folder(there: bool) -> Path | None:
        return held.current.folder if there and held.current is not None else None

    done, ended = progress is not None and progress.state == DONE, progress is not None and progress.note == KEPT
    return Work(progress, folder(done), folder(ended), start, cancel)


@solara.component
def WorkPanel(work: Work, texts: Texts) -> None:
    """How far a job is, and the button that ends it."""
    progress = work.progress
    if progress is None:
        return
    with solara.Div(classes=["lf-work"]):
        share = 100 * progress.done / progress.total if progress.total else 0
        if progress.state == RUNNING:
            rv.ProgressLinear(value=share, indeterminate=not progress.total, height=8, rounded=True)
        with solara.Div(classes=["lf-buttons"]):
            count = f" {progress.done:,} / {progress.total:,}" if progress.total and progress.state == RUNNING else ""
            Plain(texts(progress.note, jobs=texts.count("job", limits.current().jobs)) + count, "lf-job-note")
            if progress.state == RUNNING and progress.left is not None:
                Plain(time_left(progress.left, texts), "lf-left", tag="span")
            if progress.state == RUNNING:
                solara.Button(texts("job.cancel"), on_click=work.cancel, small=True, classes=["lf-cancel"])
        for problem in progress.problems:
            minutes = texts.count("minute", round(limits.current().job_seconds / 60))
            Plain(texts(problem, minutes=minutes) if texts.has(problem) else problem, "lf-alert")


def time_left(seconds: float, texts: Texts) -> str:
    """How long it still takes, in words that promise no more than is known."""
    minutes = round(seconds / 60)
    return texts("job.left", time=texts.count("minute", minutes)) if minutes else texts("job.soon")

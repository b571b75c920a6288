"""Load a scenario, shipped or uploaded, and save what was done."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from typing import Any

import reacton.ipyvuetify as rv
import solara

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.scenario.model import LIBRARY, Scenario, read_toml, shipped
from lodeflow.viz.app.keep import use_guard
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain, Upload
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.player import Player
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.described import described


@solara.component
def ScenarioPanel(player: Player, texts: Texts, frame: Frame) -> None:
    """Choose a scenario of the library, drop a file, or save; before a changed world is replaced the visitor is asked."""
    scenario = frame.scenario
    guard, answers = use_guard(frame, texts)
    items = solara.use_memo(
        lambda: [{"text": _title(name, texts), "value": name} for name in shipped()], [texts.language]
    )
    base = scenario.name if scenario.name in shipped() else None

    def load(name: str | None) -> None:
        if name:
            guard(lambda: player.change(lambda session: session.load_shipped(name), pause=True))

    with solara.Div(classes=["lf-panel", "lf-scenario-panel"]):
        Plain(texts("scenario.title"), tag="h2")
        rv.Select(
            label=texts("scenario.load"), items=items, v_model=base, on_v_model=load, dense=True, hide_details=True
        ).key(f"load-{answers}")
        most = limits.current().upload_bytes
        Upload(
            label=texts("scenario.upload"),
            accept=".toml",
            most=most,
            event_given=lambda file: guard(lambda: player.change(_upload(file), pause=True)),
        )
        Plain(texts("scenario.upload_hint", kb=most // 1000), "lf-help")
        SaveButton(texts, scenario)
        Plain(texts("scenario.save_hint"), "lf-help")
        about = described(scenario.name, scenario.description, texts.language) or scenario.description
        if about:
            with solara.Details(texts("scenario.describe")):
                Plain(about, "lf-help")


@solara.component
def SaveButton(texts: Texts, scenario: Scenario) -> None:
    """Saves what was done as a scenario file."""
    with solara.FileDownload(scenario.to_toml, filename=f"{scenario.name}.toml", mime_type="application/toml"):
        solara.Button(
            texts("scenario.save"), icon_name="mdi-content-save", text=True, small=True, classes=["lf-save-toml"]
        )


def _upload(file: dict[str, Any]) -> Callable[[Session], None]:
    """A wish that loads a file: its name (shown only), its size in bytes and its content in base64."""
    most, name, size = limits.current().upload_bytes, str(file.get("name", ""))[:80], int(file.get("size", 0))
    content = str(file.get("content", ""))
    if size > most or len(content) > 2 * most:
        right = f"A scenario file has at most {most:,} bytes"
        return _refuse(Problem(name, None, "", f"the file has {size:,} bytes", right))
    try:
        data = base64.b64decode(content, validate=True)
    except ValueError:
        return _refuse(Problem(name, None, "", "the file did not arrive whole", "Try again"))
    return lambda session: session.load_text(data, name)


def _refuse(problem: Problem) -> Callable[[Session], None]:
    def refuse(_: Session) -> None:
        raise DataError([problem])

    return refuse


def _title(name: str, texts: Texts) -> str:
    key = f"scenario_title.{name}"
    return texts(key) if texts.has(key) else _written(name)


@cache
def _written(name: str) -> str:
    """The title in the file of a shipped scenario, read once."""
    return str(read_toml(LIBRARY / f"{name}.toml").get("title", name))

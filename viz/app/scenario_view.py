"""Load a scenario, shipped or uploaded, and save what was done."""

from __future__ import annotations

from typing import Any

import reacton.ipyvuetify as rv
import solara

from experiments.scenario import LIBRARY, Scenario, read_toml, shipped
from viz.app import limits
from viz.app.player import Player
from viz.app.texts import Texts
from viz.app.widgets import Plain


@solara.component
def ScenarioPanel(player: Player, texts: Texts, scenario: Scenario) -> None:
    """Choose a scenario of the library, drop a file, or save."""
    items = solara.use_memo(
        lambda: [{"text": _title(name, texts), "value": name} for name in shipped()], [texts.language]
    )
    base = scenario.name if scenario.name in shipped() else None

    def load(name: str | None) -> None:
        if name:
            player.change(lambda session: session.load_shipped(name), pause=True)

    with solara.Div(classes=["lf-panel", "lf-scenario-panel"]):
        Plain(texts("scenario.title"), tag="h2")
        rv.Select(
            label=texts("scenario.load"), items=items, v_model=base, on_v_model=load, dense=True, hide_details=True
        )
        solara.FileDrop(
            label=texts("scenario.upload"), on_file=lambda file: player.change(_upload(file), pause=True), lazy=True
        )
        kilobytes = limits.current().upload_bytes // 1000
        Plain(texts("scenario.upload_hint", kb=kilobytes), "lf-help")
        SaveButton(texts, scenario)
        Plain(texts("scenario.save_hint"), "lf-help")
        if scenario.description:
            with solara.Details(texts("scenario.describe")):
                Plain(scenario.description, "lf-help")


@solara.component
def SaveButton(texts: Texts, scenario: Scenario) -> None:
    """Saves what was done as a scenario file."""
    with solara.FileDownload(scenario.to_toml, filename=f"{scenario.name}.toml", mime_type="application/toml"):
        solara.Button(
            texts("scenario.save"), icon_name="mdi-content-save", text=True, small=True, classes=["lf-save-toml"]
        )


def _upload(file: Any) -> Any:
    """A wish that loads a file; only as many bytes as are allowed are ever read."""
    most = limits.current().upload_bytes
    content = b"\0" * (most + 1) if file["size"] > most else file["file_obj"].read(most + 1)
    name = str(file["name"])[:80]
    return lambda session: session.load_text(content, name)


def _title(name: str, texts: Texts) -> str:
    key = f"scenario_title.{name}"
    return texts(key) if texts.has(key) else str(read_toml(LIBRARY / f"{name}.toml").get("title", name))

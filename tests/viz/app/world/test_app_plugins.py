"""A plug-in in the dashboard: a form at once, fired like a shipped kind, and a fault that leaves the run where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lodeflow import data
from lodeflow.environment.shocks.plugged import PluginError
from lodeflow.experiments import plugin_names, plugins
from lodeflow.viz.app.batch.jobs import Job, Progress
from lodeflow.viz.app.desk import forms
from lodeflow.viz.app.desk.guess import guess
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.player import Player, Status
from lodeflow.viz.app.world.session import Session
from tests.experiments.plugin_files import DETOUR, SCENARIO, detour

TABLES = data.shared()


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No plug-in before and after."""
    monkeypatch.setenv(plugin_names.VARIABLE, "")
    plugins.forget()
    yield
    plugins.forget()


def test_a_kind_has_a_form_that_can_be_fired_as_it_stands(tmp_path: Path) -> None:
    plugins.name([detour(tmp_path)])
    assert "detour" in forms.kinds()
    session = Session(TABLES)
    session.step(3)
    proposed = guess("detour", "cobalt", session.live.world)
    assert proposed["actor"] == "COD"
    values = forms.first_values("detour", ["cobalt"], session.now, proposed)
    session.fire(forms.raw_shock("detour", values, forms.first_timing("detour"), session.now))
    session.step(2)
    assert not session.frame().fired[0].event["no_effect"]
    texts = Texts("zh", TABLES)
    assert texts.kind("detour") == "Detour"
    assert texts.kind_help("detour").startswith("Ships from a country")


def test_a_shock_that_fails_stops_the_run_before_its_month(tmp_path: Path) -> None:
    fault = DETOUR.replace("        if self", "        month // (month - self.announced_at - 1)\n        if self")
    plugins.use([detour(tmp_path, "mine", fault)])
    session = Session(TABLES)
    session.step(2)
    session.fire({"kind": "detour", "actor": "COD"})
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        session.step(4)
    assert session.t == session.base.t == 3
    assert session.frame().t == 3
    session.undo()
    session.step(4)
    assert session.t == 6


def test_the_page_says_which_line_failed_and_no_month_goes_by(tmp_path: Path) -> None:
    plugins.use([detour(tmp_path, "mine", DETOUR.replace("        if self", "        month / 0\n        if self"))])
    shown: list[Status] = []
    player = Player(lambda: Session(TABLES), shown.append)
    try:
        player.play()
        player.change(lambda session: session.fire({"kind": "detour", "actor": "COD"}))
        player.step()
        player.ask(lambda _: player.close())
        assert player.join(60.0)
    finally:
        player.close()
    told = [status for status in shown if status.problems]
    assert told[0].problems == ("mine.py, line 20: ZeroDivisionError: division by zero",)
    assert not told[0].playing


def test_a_comparison_runs_it_in_its_own_process(tmp_path: Path) -> None:
    plugins.name([detour(tmp_path)])
    told: list[Progress] = []
    job = Job(["compare"], SCENARIO, told.append)
    try:
        assert job.join(120.0)
        assert told[-1].state == "done", told[-1]
        figures = json.loads((job.folder / "figures.json").read_text())
        assert figures["events"][0]["kind"] == "detour"
        assert not figures["events"][0]["no_effect"]
    finally:
        job.close()

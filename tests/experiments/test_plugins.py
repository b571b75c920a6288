"""Plug-ins: a user's shock is run like a shipped one, and one with a fault gives its file and line and leaves nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import lodeflow as lf
from lodeflow import data
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.environment.shocks.plugged import PluginError
from lodeflow.experiments import plugin_names, plugins
from lodeflow.experiments.batch.make.engine import Pool
from lodeflow.experiments.kpis import KPIS
from lodeflow.experiments.scenario.apart import check_apart
from lodeflow.experiments.scenario.model import check_scenario
from lodeflow.experiments.scenario.names import names_in
from tests.experiments.plugin_files import ACTS, DETOUR, KPI, SCENARIO, detour

TABLES = data.shared()


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No plug-in before and after."""
    monkeypatch.setenv(plugin_names.VARIABLE, "")
    plugins.forget()
    before = dict(REGISTRY), dict(KPIS)
    yield
    plugins.forget()
    assert before == (REGISTRY, KPIS)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "cape.toml"
    path.write_text(SCENARIO)
    return path


# ---- it is used ------------------------------------------------------------------------------------------------------
def test_a_shock_from_a_file_acts(tmp_path: Path, scenario: Path) -> None:
    assert lf.use_plugin(detour(tmp_path)) == ["detour"]
    outcome = lf.run(scenario)
    assert not outcome.events[0]["no_effect"]
    assert outcome.summary["price_peak_ratio"].item() > 1.02
    assert outcome.manifest["inputs"]["plugins"] == plugins.fingerprints()


def test_without_its_plug_in_a_kind_is_unknown_and_a_run_names_the_file(tmp_path: Path, scenario: Path) -> None:
    file = detour(tmp_path)
    lf.use_plugin(file)
    folder = lf.run(scenario).write(tmp_path / "run")
    assert lf.open_run(folder).events[0]["kind"] == "detour"
    plugins.forget()
    with pytest.raises(data.DataError, match="there is no kind 'detour'"):
        lf.load(scenario)
    with pytest.raises(data.DataError, match=r"made with the plug-in detour\.py, which is not loaded"):
        lf.open_run(folder)


def test_a_file_is_loaded_once_and_again_when_it_was_changed(tmp_path: Path) -> None:
    file = detour(tmp_path)
    lf.use_plugin(file)
    first = REGISTRY["detour"]
    lf.use_plugin(file)
    assert REGISTRY["detour"] is first
    file.write_text(file.read_text().replace("le=6", "le=12"))
    lf.use_plugin(file)
    assert REGISTRY["detour"] is not first
    assert len(plugins.loaded()) == 1


def test_files_in_the_environment_are_loaded_when_a_kind_is_asked_for(tmp_path: Path) -> None:
    plugins.name([detour(tmp_path)])
    assert "detour" not in REGISTRY
    assert "detour" in plugins.kinds()


def test_a_package_offers_its_shocks_by_an_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario: Path
) -> None:
    (tmp_path / "capeways.py").write_text(DETOUR)
    info = tmp_path / "capeways-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: capeways\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{plugin_names.GROUP}]\ncape = capeways\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "capeways" not in sys.modules
    try:
        assert lf.load(scenario).shocks[0].kind == "detour"
        assert [plugin.package for plugin in plugins.loaded()] == [True]
    finally:
        sys.modules.pop("capeways", None)


def test_uploads_are_checked_with_it_in_their_own_process(tmp_path: Path) -> None:
    plugins.name([detour(tmp_path)])
    plugins.kinds()
    checked = check_apart(SCENARIO.encode(), "cape.toml", names_in(TABLES), 10_000)
    assert type(checked.shocks[0]) is REGISTRY["detour"]


def test_an_indicator_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    """Also of a scenario without a shock of a plug-in: the file is loaded when a scenario is checked."""
    plugins.name([detour(tmp_path, "dearer", KPI)])
    chosen = ['world.metals=["cobalt"]', "world.end=2025-12"]
    outcome = lf.run("drc-cobalt-export-ban", chosen)
    row = outcome.kpis.set_index("kpi").loc["months_dearer"]
    series = outcome.series.query("variable == 'price_outside' and form == 'refined' and region == 'WLD'")
    wide = series.pivot_table(index="date", columns="run", values="value", observed=True)
    base = outcome.series.query("variable == 'price' and form == 'refined' and region == 'WLD' and run == 'baseline'")
    reference = wide["baseline"] if "baseline" in wide else base.set_index("date")["value"]
    assert row["value"] == (wide["shock"] / reference > 1.1).sum() > 0
    assert row["unit"] == "months"
    batch = lf.monte_carlo("drc-cobalt-export-ban", 3, tmp_path / "batch", chosen, workers=2)
    assert batch.kpi()["months_dearer.cobalt"].between(1, 24).all()


def test_worker_processes_use_the_files_of_their_batch(tmp_path: Path, scenario: Path) -> None:
    """The file is loaded in this process alone, as in a notebook; the workers find the copy in the folder."""
    lf.use_plugin(detour(tmp_path))
    batch = lf.monte_carlo(scenario, runs=4, out=tmp_path / "batch", workers=2)
    assert (batch.folder / "plugins" / "detour.py").read_text() == DETOUR
    assert batch.manifest["done"] == 4
    assert batch.manifest["failed"] == 0
    assert (batch.kpi()["price_peak.cobalt"] > 1.01).all()
    lf.use_plugin(detour(tmp_path, "changed", DETOUR.replace("le=6", "le=5").replace('"detour"', '"detour2"')))
    with pytest.raises(data.DataError, match=r"changed\.py is not the one"):
        lf.monte_carlo(scenario, runs=4, out=batch.folder, workers=2, resume=True)


# ---- faults ----------------------------------------------------------------------------------------------------------
FAULTS = {
    "nothing": ("x = 1\n", "declares no shock, no policy and no indicator"),
    "syntax": ("def f(:\n", r"line 1: is no Python"),
    "import": ("import no_such_module\n", r"line 1: ModuleNotFoundError"),
    "error": ("x = 1\ny = x / 0\n", r"line 2: ZeroDivisionError"),
    "exit": ("raise SystemExit(3)\n", r"line 1: SystemExit"),
    "taken": (DETOUR.replace('"detour"', '"export_ban"'), "there is a kind 'export_ban' already"),
    "no act": (DETOUR.replace("def act", "def acts"), "does not say what it does"),
    "no words": (DETOUR.replace('    """Ships from', '    x: int = 1\n    """Ships from'), "has no docstring"),
    "name": (DETOUR.replace('"detour"', '"de tour"'), "'de tour' is no name for a kind"),
    "field": (DETOUR.replace("ge=1", "ge='a'"), r"line \d+"),
    "indicator taken": (
        KPI.replace("months_dearer", "price_peak"),
        "line 6: ValueError: there is an indicator 'price_peak'",
    ),
    "indicator without words": (KPI.replace('    """months', '    x = x  # """'), "line 6: ValueError: .* docstring"),
    "null": ("\0", "is no Python"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_with_a_fault_is_named_and_nothing_of_it_is_loaded(fault: str, tmp_path: Path) -> None:
    text, says = FAULTS[fault]
    file, before, modules = tmp_path / "mine.py", dict(REGISTRY), set(sys.modules)
    file.write_text(text)
    with pytest.raises(PluginError, match=says) as error:
        lf.use_plugin(file)
    assert str(file) in str(error.value)
    assert before == REGISTRY
    assert not {name for name in set(sys.modules) - modules if name.startswith("lodeflow_plugin")}
    assert plugins.loaded() == []


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    lf.use_plugin(detour(tmp_path))
    with pytest.raises(PluginError, match=r"there is a plug-in detour\.py already"):
        lf.use_plugin(detour(tmp_path / "other", text=DETOUR.replace('"detour"', '"other"')))


def test_a_file_that_is_not_there_and_one_with_a_fault_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("1 / 0\n")
    with pytest.raises(PluginError, match="2 problems found"):
        plugins.use([tmp_path / "none.py", tmp_path / "bad.py"])


@pytest.mark.parametrize("fault", ACTS)
def test_a_shock_that_fails_in_the_run_is_named_with_its_line(fault: str, tmp_path: Path, scenario: Path) -> None:
    line, says = ACTS[fault]
    file = detour(tmp_path, "mine", DETOUR.replace("        if self", f"        {line}\n        if self"))
    lf.use_plugin(file)
    with pytest.raises(PluginError, match=says) as error:
        lf.run(scenario)
    assert str(file) in str(error.value)


@pytest.mark.parametrize(
    ("gives", "says"),
    [
        ("x.ratio / 0 > 'a'", r"line 9: "),
        ("x.rasio", r"line 9: AttributeError"),
        ("None", "the indicator 'months_dearer' gives NoneType, not a number"),
        ("'COD'", "the indicator 'months_dearer' gives str, not a number"),
    ],
)
def test_an_indicator_that_fails_is_named(gives: str, says: str, tmp_path: Path) -> None:
    file = detour(tmp_path, "dearer", KPI.replace("(x.ratio > 1.1).sum()", gives))
    lf.use_plugin(file)
    with pytest.raises(PluginError, match=says) as error, np.errstate(all="ignore"):
        lf.run("drc-cobalt-export-ban", ['world.metals=["cobalt"]', "world.end=2025-03"])
    assert str(file) in str(error.value)


def test_a_batch_ends_with_the_line_of_the_plug_in_and_leaves_no_folder(tmp_path: Path, scenario: Path) -> None:
    file = detour(tmp_path, "mine", DETOUR.replace("        if self", "        month / 0\n        if self"))
    lf.use_plugin(file)
    with pytest.raises(PluginError, match=r"line \d+: ZeroDivisionError") as error:
        lf.monte_carlo(scenario, runs=4, out=tmp_path / "batch", workers=2)
    assert [problem.file for problem in error.value.problems] == [str(file)]
    assert not (tmp_path / "batch").exists()


def test_problems_pass_from_a_worker_to_its_parent() -> None:
    with Pool(1).executor() as pool, pytest.raises(data.DataError) as error:
        pool.submit(check_scenario, {"name": "x", "shocks": 3}, "x.toml").result()
    assert [problem.file for problem in error.value.problems] == ["x.toml"]


def test_faultless_effects_pass(tmp_path: Path, scenario: Path) -> None:
    """The check of what a plug-in writes changes nothing: a copy of a shipped kind gives the numbers of the shipped one."""
    text = (
        "from typing import Literal\nfrom lodeflow.environment.shocks.kinds import ExportBan\n\n\n"
        'class Closed(ExportBan):\n    """A ban under another name."""\n\n    kind: Literal["closed"] = "closed"\n'
    )
    lf.use_plugin(detour(tmp_path, "closed", text))
    raw = {"actor": "COD", "metals": ["cobalt"], "start": "2024-03", "end": "2024-06"}
    world = {"metals": ["cobalt"], "start": "2024-01", "end": "2024-12"}
    both = [
        lf.run(check_scenario({"name": "x", "world": world, "shocks": [raw | {"kind": kind}]}, "x", tables=TABLES))
        for kind in ("export_ban", "closed")
    ]
    assert np.array_equal(*(outcome.series["value"].to_numpy() for outcome in both), equal_nan=True)


def test_the_environment_keeps_every_file_once(tmp_path: Path) -> None:
    plugins.name([tmp_path / "a.py", tmp_path / "b.py"])
    plugins.name([tmp_path / "a.py"])
    assert os.environ[plugin_names.VARIABLE].split(os.pathsep) == [str(tmp_path / "a.py"), str(tmp_path / "b.py")]

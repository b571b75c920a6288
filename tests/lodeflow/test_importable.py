"""One importable name: `lodeflow` works beside anybody's own modules, from a checkout and from what is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.types import ROOMS, ROOT, link

OWN = ("agents", "data", "environment", "experiments", "viz", "month", "world", "tests")
"""Modules of a user that are named as ours are; every Mesa example has an `agents.py`."""
SCRIPT = """\
import agents, data, environment, experiments, viz, month, world, tests
import lodeflow as lf

chosen = lf.load("baseline", ['world.metals=["cobalt"]', "world.start=2024-01", "world.end=2024-02"])
print(agents.MINE, data.MINE, chosen.name, lf.__file__)
from lodeflow.environment import build
from lodeflow.data import load
print(build(load(), chosen.world, chosen.shocks).run().t)
"""


def run(words: list[str], folder: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with one folder, or none, on the path of imports."""
    kept: Mapping[str, str] = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env = {**kept, **({} if path is None else {"PYTHONPATH": str(path)})}
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True)


def beside_own_modules(folder: Path, path: Path) -> list[str]:
    """What a script prints that stands beside modules named as ours are."""
    for name in OWN:
        (folder / f"{name}.py").write_text('MINE = "mine"\n', encoding="utf-8")
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    done = run([sys.executable, "script.py"], folder, path)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the program, without what was made in it."""
    root = tmp_path_factory.mktemp("tree")
    for name in (*ROOMS, "lodeflow"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root / name)
    return root


@pytest.fixture(scope="module")
def installed(copied: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of packages that an installation copies: what a wheel holds."""
    packages = tmp_path_factory.mktemp("packages")
    words = [sys.executable, "setup.py", "--quiet", "build", "--build-lib", str(packages)]
    done = run(words, copied)
    assert done.returncode == 0, done.stderr
    return packages


def test_a_script_beside_its_own_agents_and_data_can_import_a_checkout(tmp_path: Path) -> None:
    mine, data, name, place, months = beside_own_modules(tmp_path, ROOT)
    assert (mine, data, name, months) == ("mine", "mine", "baseline", "2")
    assert Path(place) == ROOT / "lodeflow" / "__init__.py"


def test_what_is_installed_is_lodeflow_and_nothing_else(installed: Path) -> None:
    assert [path.name for path in installed.iterdir()] == ["lodeflow"]


def test_every_module_and_every_file_that_it_reads_is_installed(copied: Path, installed: Path) -> None:
    package = installed / "lodeflow"
    there = {
        path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    rooms = {
        path.relative_to(copied).as_posix() for room in ROOMS for path in (copied / room).rglob("*") if path.is_file()
    }
    own = {path.relative_to(copied / "lodeflow").as_posix() for path in (copied / "lodeflow").rglob("*.py")}
    assert there == rooms | own
    for wanted in (
        "agents/miner.py",
        "data/tables/metals.csv",
        "data/tables/metals.toml",
        "data/scenarios/baseline.toml",
        "data/episodes/cobalt-boom-2016.toml",
        "viz/app/page.css",
        "viz/app/texts/zh.toml",
        "viz/app/vue/network.vue",
    ):
        assert wanted in there
    assert any(name.startswith("viz/report/templates/") for name in there)


def test_what_is_installed_runs_alone(installed: Path, tmp_path: Path) -> None:
    assert beside_own_modules(tmp_path, installed)[2:] == [
        "baseline",
        str(installed / "lodeflow" / "__init__.py"),
        "2",
    ]
    listed = run([sys.executable, "-m", "lodeflow", "list"], tmp_path, installed)
    assert listed.returncode == 0, listed.stderr
    for scenario in (ROOT / "data" / "scenarios").glob("*.toml"):
        assert scenario.stem in listed.stdout


def test_the_type_checker_sees_a_wrong_call_across_two_rooms(copied: Path, tmp_path: Path) -> None:
    package = link(copied)
    texts = {
        "right": "capacity(np.ones(2), np.ones(2))",
        "wrong": 'capacity("a lot", np.ones(2)) + lost',
    }
    for name, call in texts.items():
        (copied / "environment" / f"{name}.py").write_text(
            "import numpy as np\n\nfrom lodeflow.agents.host import output_ratio as capacity\n\n\n"
            f"def planted() -> np.ndarray:\n    return {call}\n",
            encoding="utf-8",
        )
    files = [str(package / "environment" / f"{name}.py") for name in texts]
    options = ["--follow-imports=silent", "--no-error-summary", "--cache-dir", str(tmp_path)]
    done = run([sys.executable, "-m", "mypy", *options, *files], copied)
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert all("wrong.py" in line for line in errors), done.stdout
    assert any("[arg-type]" in line and '"output_ratio"' in line for line in errors), done.stdout + done.stderr
    assert any('"lost"' in line for line in errors)
    assert len(errors) == 2

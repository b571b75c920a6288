"""The documentation is true: generated tables are up to date, links lead somewhere, examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from docs.make_tables import ODD, with_blocks
from docs.make_tables import PAGES as GENERATED
from lodeflow.data import Tables
from lodeflow.experiments.scenario.model import load_scenario, shipped

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", GENERATED, ids=lambda page: page.name)
def test_generated_tables_are_up_to_date(page: Path) -> None:
    assert with_blocks(page) == page.read_text(encoding="utf-8"), "run `python -m docs.make_tables`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_local_links_exist(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    local = [link.partition("#")[0] for link in links if "://" not in link and not link.startswith("#")]
    assert not [link for link in local if not (page.parent / link).exists()]


def test_functions_named_in_the_description_exist(tables: Tables) -> None:
    """`module.function` in docs/odd.md stands for a function of the engine or of the agents, or for a parameter of a scope."""
    import importlib

    names = set(re.findall(r"`([a-z_]+)\.([A-Za-z_.]+)`", ODD.read_text(encoding="utf-8")))
    files = [path for room in ("agents", "environment") for path in (ROOT / room).rglob("*.py")]
    homes = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files]
    elsewhere = {"lodeflow", "hits", *tables.parameters["parameter"]}

    def found(home: str, name: str) -> bool:
        thing: Any = importlib.import_module(f"lodeflow.{home}")
        for part in name.split("."):
            thing = getattr(thing, part, None)
        return thing is not None

    missing = []
    for module, name in names:
        places = [home for home in homes if home.rpartition(".")[2] == module]
        if module not in elsewhere and not any(found(home, name) for home in places):
            missing.append(f"{module}.{name}")
    assert not missing


def test_scenario_of_the_readme_is_right(tables: Tables, tmp_path: Path) -> None:
    (text,) = blocks(ROOT / "README.md", "toml")
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    assert load_scenario(path, tables=tables).shocks


def test_commands_of_the_readme_are_right(tables: Tables) -> None:
    """Every `lodeflow run` of a shipped scenario in the README names one that exists, with overrides that it takes."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"lodeflow run ([a-z][\w-]*)(?![.\w-])((?: --set \S+)*)", readme)
    assert commands
    for name, options in commands:
        assert name in shipped()
        load_scenario(name, [option.strip("'") for option in re.findall(r"--set (\S+)", options)], tables)

"""CITATION.cff names this program and the version that is installed, with the keys that the format asks for."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
ASKED = {"cff-version", "message", "title", "authors"}
"""Keys that Citation File Format 1.2.0 requires."""


def test_the_citation_is_whole_and_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(cited) >= ASKED
    assert cited["cff-version"] == "1.2.0"
    assert str(cited["version"]) == project["version"]
    assert cited["license"] == project["license"]["text"]
    assert cited["keywords"] == project["keywords"]
    assert " ".join(cited["abstract"].split()) == project["description"]
    assert all(author.get("name") or author.get("family-names") for author in cited["authors"])

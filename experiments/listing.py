"""Kinds of shocks and policies, each in a line: kept on disk, since loading the kinds takes most of a short command."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from lodeflow.data import kept

KINDS = Path(__file__).parent.parent / "environment" / "shocks"
"""Where the shipped kinds stand."""
KEPT = 4
"""Most lists that are kept; the oldest go first."""


@dataclass(frozen=True)
class Line:
    """A kind of shock or policy: its name, whether it is a policy, and what it does in a sentence."""

    kind: str
    policy: bool
    text: str


def lines() -> list[Line]:
    """Return all kinds, those of plug-ins too, by name. Raises PluginError when a plug-in has a fault."""
    if _plugged():
        return _loaded()
    name = f"kinds-{_key()}.json"
    found = kept.recall(name)
    if found is not None:
        return [Line(**line) for line in json.loads(bytes(found))]
    made = _loaded()
    kept.keep(name, json.dumps([asdict(line) for line in made]).encode(), KEPT)
    return made


def _loaded() -> list[Line]:
    """The same from the kinds themselves."""
    from lodeflow.experiments.plugins import kinds

    texts = {kind: (cls.__doc__ or "").strip() for kind, cls in kinds().items()}
    return [Line(kind, cls.policy, texts[kind].partition("\n")[0]) for kind, cls in sorted(kinds().items())]


def _plugged() -> bool:
    """Whether there may be kinds of plug-ins: named ones, those of packages, or kinds that this process has loaded already."""
    from importlib.metadata import entry_points

    loaded = "lodeflow.environment.shocks.kinds" in sys.modules
    return loaded or bool(os.environ.get("LODEFLOW_PLUGINS")) or bool(entry_points(group="lodeflow.plugins"))


def _key() -> str:
    """Key of the code of the kinds and of this file."""
    return kept.key_of((path.name, path) for path in [*sorted(KINDS.rglob("*.py")), Path(__file__)])

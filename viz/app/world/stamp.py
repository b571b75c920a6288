"""What a picture says of itself when it is saved, and how a run is cited: scenario, seed, version and fingerprint of the data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lodeflow.environment.settings import WorldSettings
from lodeflow.experiments.run.written import program_version
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.words import SHORT

if TYPE_CHECKING:
    from lodeflow.viz.app.world.frame import Frame

AUTHORS = "The Lodeflow authors"
"""As in `CITATION.cff`; a test holds them equal."""


def stamp(scenario: str, world: Mapping[str, Any], texts: Texts, version: str = "", data: str = "") -> str:
    """A line for pictures: scenario, months of the run, seed, version and data.

    Args:
        scenario: its name.
        world: of a scenario: ``start``, ``end`` and, where it is not 1, ``seed``.
        texts: the reader's language.
        version: of the program that ran it; left out: this one.
        data: fingerprint of the tables; left out: of those of this server.
    """
    return texts(
        "stamp.line",
        scenario=scenario,
        start=world["start"],
        end=world["end"],
        seed=world.get("seed", WorldSettings.model_fields["seed"].default),
        version=version or program_version(),
        data=(data or texts.fingerprint)[:SHORT],
    )


def stamp_of(frame: Frame, texts: Texts) -> str:
    """The line for pictures of the world on screen."""
    return stamp(frame.scenario.name, frame.scenario.world.model_dump(), texts)


def citation(frame: Frame, texts: Texts) -> str:
    """The run as a line of a list of references."""
    return texts(
        "stamp.cite",
        authors=AUTHORS,
        version=program_version(),
        scenario=frame.scenario.name,
        seed=frame.scenario.world.seed,
        data=texts.fingerprint[:SHORT],
    )


def bibtex(frame: Frame, texts: Texts) -> str:
    """The run as an entry for BibTeX."""
    version, world = program_version(), frame.scenario.world
    key = re.sub(r"[^A-Za-z0-9]+", "-", f"lodeflow-{version}-{frame.scenario.name}").strip("-").lower()
    note = f"Scenario {_safe(frame.scenario.name)}, seed {world.seed}, data {texts.fingerprint[:SHORT]}"
    fields = {
        "author": f"{{{AUTHORS}}}",
        "title": "Lodeflow: agent-based simulation of critical-metal supply chains",
        "version": version,
        "note": note,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@software{{{key},", *lines, "}"])


def _safe(text: str) -> str:
    """A text without the signs that mean something to TeX."""
    return re.sub(r"[\\{}$&#^_~%]", " ", text)

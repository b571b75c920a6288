"""Data cards of all metals: `python -m docs.make_cards` writes docs/data/<metal>.md and docs/data/metals.md."""

from __future__ import annotations

from pathlib import Path

from lodeflow import data
from lodeflow.data.cards import Card, Part, card
from lodeflow.data.chosen import all_metals, core_metals
from lodeflow.data.quality import ENOUGH
from lodeflow.data.store import Tables

FOLDER = Path(__file__).parent / "data"
WRITTEN = "Written by `python -m docs.make_cards` from the tables; `lodeflow describe {name}` prints the same."


def page(found: Card) -> str:
    """The card of a metal as Markdown."""
    parts = [f"# {found.label}: data card", WRITTEN.format(name=found.metal), "\n".join(found.lines)]
    return "\n\n".join([*parts, *(f"## {part.title}\n\n{_table(part)}" for part in found.parts)]) + "\n"


def index(tables: Tables) -> str:
    """The list of all cards as Markdown."""
    core, rows = core_metals(tables), []
    for name in all_metals(tables):
        found = card(tables, name)
        link = f"[{found.label}]({name}.md)"
        group = "core" if name in core else "asked for by name"
        rows.append((link, group, f"{found.share:.0%}", "" if found.share >= ENOUGH else "illustrative"))
    text = (
        "A world that names no metals holds the core metals. The others take part where they are asked for: `--metals indium`, "
        '`--set \'world.metals=["cobalt", "indium"]\'`, or `--metals all`. Where less than half of the tonnage is observed, '
        "every chart of the metal says that it is illustrative."
    )
    table = Part("", ("metal", "in a world", "tonnage observed", "charts say"), rows)
    return f"# Data cards\n\n{WRITTEN.format(name='METAL')}\n\n{text}\n\n{_table(table)}\n"


def pages(tables: Tables) -> dict[Path, str]:
    """Every page by its file."""
    cards = {FOLDER / f"{name}.md": page(card(tables, name)) for name in all_metals(tables)}
    return cards | {FOLDER / "metals.md": index(tables)}


def _table(part: Part) -> str:
    lines = [part.head, ("---",) * len(part.head), *part.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    for path, text in pages(data.shared()).items():
        path.write_text(text, encoding="utf-8")
        print(path)

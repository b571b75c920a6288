"""The judgement that is kept in the repository, and whether a new one is worse."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data import FOLDER
from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.judge.hindcast.baseline import plain_rows
from lodeflow.experiments.judge.structure.board import StructureBoard
from lodeflow.experiments.judge.structure.marks import OVERALL

if TYPE_CHECKING:
    import pandas as pd

SHIPPED = FOLDER / "structure.json"
FRAMES = ("marks", "share_scores", "history", "trend_scores", "trend", "cases", "case_scores", "runs", "variants")
"""Tables that are kept; the rows of shares are many, and their scores say enough."""
MARGIN, FIELD_MARGIN = 0.03, 0.06
"""How much a ratio to the simple rule may rise: over all fields, and in one field."""


def to_json(board: StructureBoard) -> str:
    """Return the judgement as JSON, one row of a table per line, numbers rounded."""
    kept = {name: value for name, value in board.manifest.items() if name != "wall_seconds"}
    parts = [f'"manifest": {json.dumps(kept, ensure_ascii=False)}']
    for name in FRAMES:
        rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in plain_rows(getattr(board, name)))
        parts.append(f'"{name}": [\n{rows}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(board: StructureBoard) -> None:
    """Make a judgement the shipped one; the file is replaced as a whole. Raises DataError for a quick one."""
    if board.manifest.get("quick"):
        wrong = "a quick judgement looks at three metals only"
        raise DataError([Problem("lodeflow validate", "--refresh", "", wrong, "Leave out --quick")])
    temporary = SHIPPED.with_name(f".{SHIPPED.name}.tmp-{os.getpid()}")
    temporary.write_text(to_json(board), encoding="utf-8")
    os.replace(temporary, SHIPPED)


def read(path: Path | None = None) -> StructureBoard:
    """Return the shipped judgement, without the rows of shares. Raises DataError if the file is missing or no judgement."""
    import pandas as pd

    path = path or SHIPPED
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        frames = {name: pd.DataFrame(raw[name]).replace({None: float("nan")}) for name in FRAMES}
        return StructureBoard(**frames, shares=pd.DataFrame(), manifest=raw["manifest"])
    except FileNotFoundError:
        wrong = "there is no judgement to compare with"
    except (ValueError, KeyError, TypeError):
        wrong = "is not a file of a judgement"
    raise DataError([Problem(str(path), None, "", wrong, "Make it with `lodeflow validate --structure --refresh`")])


def worse(now: pd.DataFrame, before: pd.DataFrame) -> list[str]:
    """Return one line per field whose ratio to the simple rule rose by more than its margin, or that is no longer judged.

    now, before: tables of marks.
    """
    new, former = ({str(n): float(r) for n, r in zip(t["field"], t["ratio"], strict=True)} for t in (now, before))
    lines = []
    for name, old in former.items():
        margin = MARGIN if name == OVERALL else FIELD_MARGIN
        if name not in new:
            lines.append(f"{name}: is no longer judged")
        elif not new[name] <= old + margin:
            lines.append(f"{name}: ratio to the simple rule is {new[name]:.3f}, was {old:.3f} (margin {margin:g})")
    return lines

"""The scores that are shipped, and whether new ones are worse."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data import FOLDER
from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.judge.hindcast.scoreboard import Scoreboard

if TYPE_CHECKING:
    import pandas as pd

SHIPPED = FOLDER / "scoreboard.json"
FRAMES = ("totals", "episodes", "peaks", "points", "volume_scores")
DIGITS = 4
"""Significant digits that are kept."""
TOTAL_MARGIN, EPISODE_MARGIN, SIGNS_MARGIN = 0.02, 0.05, 0.05
"""How much worse a score may get: mean |ln error| over episodes, that of one episode, share of moves with the right sign."""


def write(board: Scoreboard, path: Path = SHIPPED) -> None:
    """Write the scores as JSON, one row of a table per line, numbers rounded; the file is replaced as a whole."""
    temporary = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    temporary.write_text(to_json(board), encoding="utf-8")
    os.replace(temporary, path)


def to_json(board: Scoreboard) -> str:
    """Return the scores as JSON: manifest and tables; equal scores give equal text but for the time in the manifest."""
    parts = [f'"manifest": {json.dumps(board.manifest, ensure_ascii=False)}']
    for name in FRAMES:
        rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in plain_rows(getattr(board, name)))
        parts.append(f'"{name}": [\n{rows}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read(path: Path = SHIPPED) -> Scoreboard:
    """Return the scores of a file that `write` made; its volumes and lines are empty.

    Raises DataError if there is no such file or it is not one of ours.
    """
    import pandas as pd

    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        frames = {name: pd.DataFrame(raw[name]).replace({None: float("nan")}) for name in FRAMES}
        return Scoreboard(**frames, volumes=pd.DataFrame(), lines=pd.DataFrame(), manifest=raw["manifest"])
    except FileNotFoundError:
        wrong = "there are no scores to compare with"
    except (ValueError, KeyError, TypeError):
        wrong = "is not a file of scores"
    raise DataError([Problem(str(path), None, "", wrong, "Make them with `lodeflow hindcast --refresh`")])


def worse(now: Scoreboard, before: Scoreboard, whole: bool = True) -> list[str]:
    """Return one line per score that got worse by more than its margin; nothing if all is well.

    now, before: the scores to judge and those to judge by; whole: False leaves out the totals, for a part of the
    episodes. An episode that is missing now counts as worse when `whole`.
    """
    lines = []
    old_episodes, new_episodes = (_by(board.episodes, "episode") for board in (before, now))
    for name, old in old_episodes.items():
        new = new_episodes.get(name)
        if new is None:
            lines += [f"{name}: is no longer scored"] if whole else []
            continue
        lines += _line(name, "mean |ln error|", old["mean_error"], new["mean_error"], EPISODE_MARGIN)
    if whole:
        old_totals, new_totals = (_by(board.totals, "group") for board in (before, now))
        for name, old in old_totals.items():
            new = new_totals.get(name)
            if new is None:
                lines.append(f"total {name}: is no longer scored")
                continue
            lines += _line(f"total {name}", "mean |ln error|", old["mean_error"], new["mean_error"], TOTAL_MARGIN)
            for way in ("rises", "falls"):
                wrong = [1.0 - row[f"{way}_right"] / max(row[f"{way}_counted"], 1) for row in (old, new)]
                lines += _line(f"total {name}", f"share of wrong {way}", wrong[0], wrong[1], SIGNS_MARGIN)
    return lines


def same(now: Scoreboard, before: Scoreboard) -> bool:
    """Return whether two scoreboards hold the same scores, as they are rounded in the file."""
    return all(plain_rows(getattr(now, name)) == plain_rows(getattr(before, name)) for name in FRAMES)


def _line(name: str, what: str, old: float, new: float, margin: float) -> list[str]:
    """Say that a score (less is better) rose by more than `margin`; not a number counts as worse."""
    if new <= old + margin:
        return []
    return [f"{name}: {what} is {new:.3f}, was {old:.3f} (margin {margin:g})"]


def _by(frame: pd.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    return {str(row[key]): row for row in plain_rows(frame)}


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain dictionaries, numbers rounded, nan as None."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value

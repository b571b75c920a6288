"""Marks of a judgement of trade, and which are missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.judge.trade.board import TradeBoard

FRAMES = ("scores", "published", "pairs", "suppliers", "residuals")
"""Tables of a judgement, the short ones first."""
MOST_INPUT, MOST_RATIO, LEAST_BETTER, LEAST_RIGHT = 0.15, 1.15, 5, 0.8
"""Marks: share on the wrong pair with the year's customs as input; that of the forecast over that of customs two years old, and
the rows in which it is no worse; share of published importers whose largest supplier is right."""


def failures(board: TradeBoard) -> list[str]:
    """One line for every mark that is missed."""
    own, hits, lines = board.scores[board.scores["counted"]], right(board.published), []
    for row in own.to_dict("records"):
        if not row["input"] <= MOST_INPUT:
            lines.append(
                f"{row['row']}: {row['input']:.3f} on the wrong pair with customs as input, at most {MOST_INPUT}"
            )
        if not row["forecast"] <= MOST_RATIO * row["old"]:
            times = row["forecast"] / row["old"]
            lines.append(f"{row['row']}: {times:.2f} times customs two years old, at most {MOST_RATIO}")
    better = int((own["forecast"] <= own["old"]).sum())
    if better < LEAST_BETTER:
        lines.append(f"no worse than customs two years old in {better} rows, at least {LEAST_BETTER}")
    if not hits.mean() >= LEAST_RIGHT:
        lines.append(f"largest supplier right in {hits.mean():.0%} of published rows, at least {LEAST_RIGHT:.0%}")
    return lines


def right(published: pd.DataFrame) -> pd.Series:
    """Whether the largest supplier is right, by published row."""
    return published["published"] == published["simulated"]

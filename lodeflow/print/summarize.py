"""What `lodeflow summarize` prints: the main findings of a batch, and the spread of its main indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.experiments.batch.read.decided import told
from lodeflow.print.monte_carlo import print_batch
from lodeflow.print.terminal import say

if TYPE_CHECKING:
    from lodeflow.experiments.batch.read.summary import Summary

SHOWN = 15
"""Decisions of governments that are printed."""


def print_summary(summary: Summary) -> None:
    """Print the main findings of a summary, and the spread of the main indicators."""
    from lodeflow.viz.report.batch_page import batch_labels
    from lodeflow.viz.report.summarize import headline

    say("\n".join(headline(summary, batch_labels(summary.batch))) + "\n")
    if summary.decisions is not None:
        say("What governments did most:\n" + "\n".join(told(summary.decisions, SHOWN)) + "\n")
    print_batch(summary.batch)

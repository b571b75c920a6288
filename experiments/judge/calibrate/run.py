"""`lodeflow calibrate`: fit, leave one out, and write down what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lodeflow.experiments.judge.calibrate.fit import Say, best_of, leave_one_out, starts
from lodeflow.experiments.judge.calibrate.problem import judging
from lodeflow.experiments.judge.calibrate.report import Calibration, describe

if TYPE_CHECKING:
    from lodeflow.data import Tables


def calibrate(
    tables: Tables,
    names: Sequence[str] = (),
    count: int = 60,
    tries: int = 2,
    steps: int = 5,
    seed: int = 1,
    workers: int | None = None,
    say: Say = lambda line: None,
) -> Calibration:
    """Fit the parameters of the table ``calibrated`` to episodes.

    Args:
        tables: the loaded tables.
        names: episodes; empty: all that are shipped.
        count: starts of the Latin hypercube.
        tries: starts from which is descended.
        steps: most steps of each descent.
        seed: of the starts.
        workers: processes; left out: one per core.
        say: called with a line about every stage.

    Raises:
        DataError: for an unknown episode or parameter.
    """
    from lodeflow.experiments.judge.hindcast.episodes import shipped

    chosen = list(names) or shipped()
    with judging(tables, chosen, workers) as judge:
        say(f"{count} starts in the ranges of {len(judge.knobs)} parameters, {len(chosen)} episodes each")
        points, errors = starts(judge, count, seed)
        fit = best_of(judge, points, errors, chosen, tries, steps)
        say(f"best fit: mean error {fit.error:.3f}")
        left_out = leave_one_out(judge, points, errors, steps, say) if len(chosen) > 1 else {chosen[0]: fit}
        return describe(judge, points, errors, fit, left_out)

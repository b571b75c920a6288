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
    until: int | None = None,
    without: Sequence[str] = (),
) -> Calibration:
    """Fit the parameters of the table ``calibrated`` to episodes.

    Args:
        tables: the loaded tables.
        names: episodes; empty: all that are shipped. Those of weight 0, and what lies after `until`, are judged and not fitted.
        count: starts of the Latin hypercube.
        tries: starts from which is descended.
        steps: most steps of each descent.
        seed: of the starts.
        workers: processes; left out: one per core.
        say: called with a line about every stage.
        until: last year that the fit sees.
        without: metals whose episodes it does not see.

    Raises:
        DataError: for an unknown episode or parameter, or when nothing is left to fit.
    """
    from lodeflow.data.problems import DataError, Problem
    from lodeflow.experiments.judge.hindcast.episodes import shipped

    chosen = list(names) or shipped()
    with judging(tables, chosen, workers, until, without) as judge:
        seen = judge.fitted
        if not seen:
            right = "Name other episodes, a later year, or fewer metals"
            raise DataError([Problem("lodeflow calibrate", None, "", "the fit sees no observed point", right)])
        say(
            f"{count} starts in the ranges of {len(judge.knobs)} parameters, {len(seen)} of {len(chosen)} episodes fitted"
        )
        points, errors = starts(judge, count, seed)
        fit = best_of(judge, points, errors, seen, tries, steps)
        say(f"best fit: mean error {fit.error:.3f}")
        left_out = leave_one_out(judge, points, errors, steps, say) if len(seen) > 1 else {seen[0]: fit}
        return describe(judge, points, errors, fit, left_out)

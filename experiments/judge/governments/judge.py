"""The marks of governments: numbers and ranks beside history, leverage, and no run-away."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents import guards
from lodeflow.data import FOLDER
from lodeflow.environment.randomness import stream
from lodeflow.experiments.judge.governments.ensemble import SET, Period, ensemble, lasted, restricting
from lodeflow.experiments.judge.governments.observed import counts, seen

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.governments.decision import Decision
    from lodeflow.environment.world import World

EARLY, LATE, AHEAD = Period(2010, 2019, 2009), Period(2020, 2026, 2019), Period(2025, 2054, 2024)
"""Years on which tempers are set and judged in turn, and three decades ahead."""
BAND = (0.05, 0.95)
LEAST_RANK, LEAST_RUNS, LEAST_SHARE = 0.6, 0.95, 0.05
"""Marks: rank correlation of countries, share of runs in which a rule holds, share of world output that is leverage."""
TRIED, STRIDE = 12, 1.0
"""Runs by which the temper is set, at each of two values, and how far these lie apart, ln odds."""
REDRAWN = 1000
"""Times that the runs of an ensemble are drawn anew to say how much of a rank is their draw."""
STORED = FOLDER / "governments.json"
"""Marks as they were last kept."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Mark:
    """One mark: what is asked, what was found, whether it is reached."""

    what: str
    asked: str
    found: str
    reached: bool


def store(marks: Sequence[Mark], runs: int) -> None:
    """Keep marks, with the runs of each ensemble, as the shipped ones."""
    kept = {"runs": runs, "marks": [asdict(mark) for mark in marks]}
    STORED.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def judge(tables: Tables, runs: int, say: Say) -> list[Mark]:
    """Set tempers on one time, judge them on the other, and the reverse; then three decades ahead.

    Args:
        runs: of each ensemble.
        say: told what is being done.
    """
    from lodeflow import environment

    worlds = {period.name: environment.build(tables, period.settings()) for period in (EARLY, LATE)}
    marks, times = [], []
    for setting, judged in ((EARLY, LATE), (LATE, EARLY)):
        base = set_on(worlds[setting.name], tables, setting, say)
        say(f"{judged.name}: {runs} runs with {SET} {base:.2f}, set on {setting.name}")
        restrictions = []
        for taken in ensemble(worlds[judged.name], tables, runs, base):
            times.append(lasted(taken, 12 * (judged.last + 1)))
            restrictions.append(restricting(taken))
        marks += _beside(restrictions, counts(tables, judged.first, judged.last).to_dict(), setting, judged)
    say(f"{AHEAD.name}: {runs} runs")
    ahead = ensemble(environment.build(tables, AHEAD.settings()), tables, runs)
    return [*marks, _time(times, *seen(tables)), *_no_runaway([restricting(one) for one in ahead])]


def set_on(world: World, tables: Tables, period: Period, say: Say) -> float:
    """Value of the temper with which an ensemble restricts as often as was observed, ln odds: two values tried, and the line."""
    rows = tables["tempers"].set_index("temper")
    wanted = int(counts(tables, period.first, period.last).sum())

    def tried(base: float) -> float:
        number = float(np.mean([len(restricting(taken)) for taken in ensemble(world, tables, TRIED, base)]))
        say(f"{period.name}: {SET} {base:.2f} gives {number:.1f} restrictions, observed {wanted}")
        return number

    base = float(rows.loc[SET, "value"])  # type: ignore[arg-type]
    first = tried(base)
    step = STRIDE if first < wanted else -STRIDE
    return base + step * strides(first, tried(base + step), wanted)


def strides(first: float, second: float, wanted: float) -> float:
    """How many strides lead from one number to the wanted one if its logarithm goes on as in the first stride; 0 to 3.

    Args:
        first, second: numbers before and after a stride.
        wanted: the number asked for.
    """
    before, after, goal = (np.log(max(number, guards.NOTHING)) for number in (first, second, wanted))
    return 1.0 if after == before else float(np.clip((goal - before) / (after - before), 0.0, 3.0))


def _time(times: Sequence[tuple[int, int]], seen: float, ended: float) -> Mark:
    """Mark of the time that restrictions to all last: months in force for each that ends, beside history (Poisson interval).

    Args:
        times: how many ended, and months in force, of each run.
        seen, ended: the same of history.
    """
    from scipy.stats import chi2

    low = seen / (chi2.ppf(BAND[1], 2.0 * (ended + 1.0)) / 2.0)
    high = seen / (chi2.ppf(BAND[0], 2.0 * ended) / 2.0) if ended else np.inf
    number, months = np.sum(times, axis=0)
    found = float(months / max(number, 1))
    return Mark(
        f"months in force of restrictions to all for each that ends, {EARLY.name} and {LATE.name}",
        f"{low:.0f} to {high:.0f} ({ended:.0f} ended in {seen:.0f} months)",
        f"{found:.0f}",
        bool(low <= found <= high),
    )


def _beside(
    ensemble: Sequence[Sequence[Decision]], observed: Mapping[Any, int], setting: Period, judged: Period
) -> list[Mark]:
    """Marks of an ensemble beside what was observed in the same years."""
    numbers = np.array([len(taken) for taken in ensemble])
    years = judged.last - judged.first + 1
    low, high = 10.0 / years * np.quantile(numbers, BAND)
    seen = 10.0 / years * sum(observed.values())
    about = f"set on {setting.name}, judged on {judged.name}"
    small = [any(decision.share < LEAST_SHARE for decision in taken) for taken in ensemble]
    rank, said = _ranked([Counter(decision.who for decision in taken) for taken in ensemble], observed)
    return [
        Mark(
            f"restrictions per decade, {about}",
            f"{seen:.0f} inside the band",
            f"{low:.0f} to {high:.0f}",
            bool(low <= seen <= high),
        ),
        Mark(f"rank of countries, {about}", f"at least {LEAST_RANK}", said, bool(rank >= LEAST_RANK)),
        Mark(
            f"runs without a restriction by a country below {LEAST_SHARE:.0%} of world output, {judged.name}",
            f"at least {LEAST_RUNS:.0%}",
            f"{1.0 - np.mean(small):.0%}",
            bool(1.0 - np.mean(small) >= LEAST_RUNS),
        ),
    ]


def _ranked(runs: Sequence[Mapping[str, int]], observed: Mapping[Any, int]) -> tuple[float, str]:
    """Rank of countries by numbers over all runs, and in words with what it could be.

    Said are the ranks of runs drawn anew, of each run as history beside all others (so a history of this world), and of the right
    order, which is not 1: in a history of few restrictions most countries have the same place.

    Args:
        runs: restrictions by country of each run.
        observed: the same of history.
    """
    names = sorted({*observed}.union(*runs))
    numbers = np.array([[run.get(name, 0) for name in names] for run in runs], float)
    seen = np.array([observed.get(name, 0) for name in names], float)
    rank = rank_of(numbers.sum(axis=0), seen)
    again = stream(len(runs), "rank", "runs").integers(0, len(runs), (REDRAWN, len(runs)))
    low, high = np.nanquantile([rank_of(numbers[rows].sum(axis=0), seen) for rows in again], BAND)
    own = [rank_of(numbers.sum(axis=0) - run, run) for run in numbers if run.any()]
    least, most = np.nanquantile(own or [np.nan], BAND)
    best = np.empty(len(names))
    best[np.argsort(seen, kind="stable")] = np.arange(len(names))
    return rank, (
        f"{rank:.2f} ({low:.2f} to {high:.2f} with runs drawn anew; {least:.2f} to {most:.2f} for own runs as history; "
        f"{rank_of(best, seen):.2f} for the right order of {len(names)} countries)"
    )


def rank_of(mean: np.ndarray, observed: np.ndarray) -> float:
    """Spearman's rank correlation of numbers by country, shape (countries,); nan where all are alike."""
    from scipy.stats import spearmanr

    alike = len(mean) < 2 or np.ptp(mean) == 0.0 or np.ptp(observed) == 0.0
    return float("nan") if alike else float(spearmanr(mean, observed).statistic)


def _no_runaway(ensemble: Sequence[Sequence[Decision]]) -> list[Mark]:
    """Whether the third decade has no more restrictions than the second: counted, and beyond what chance makes of two alike.

    Of two decades alike one has more in almost half of the runs, by chance; a binomial test at 5 % tells which have more than that.
    Tit-for-tat dies out where a restriction draws less than one answer.
    """
    from scipy.stats import binomtest

    first = AHEAD.first * 12
    second, third = (
        np.array([sum(decade <= (one.month - first) // 120 < decade + 1 for one in taken) for taken in ensemble])
        for decade in (1, 2)
    )
    plain = float(np.mean(third <= second))
    tests = [
        binomtest(int(c), int(b + c), 0.5, alternative="greater").pvalue if b + c else 1.0
        for b, c in zip(second, third, strict=True)
    ]
    proven = float(np.mean(np.array(tests) >= 1.0 - LEAST_RUNS))
    asked, means = (
        f"at least {LEAST_RUNS:.0%}",
        f"({second.mean():.1f} and {third.mean():.1f} on average; {_by_chance(second, third)})",
    )
    what = "restrictions in the third decade than in the second"
    decided = [one for taken in ensemble for one in taken]
    answers = sum(one.answers >= 0 for one in decided) / max(len(decided), 1)
    return [
        Mark(f"runs with no more {what}", asked, f"{plain:.0%} {means}", plain >= LEAST_RUNS),
        Mark(f"runs with no more {what} than chance explains", asked, f"{proven:.0%}", proven >= LEAST_RUNS),
        Mark(f"answers that a restriction draws, {AHEAD.name}", "below 1", f"{answers:.2f}", answers < 1.0),
    ]


def _by_chance(second: np.ndarray, third: np.ndarray) -> str:
    """What chance alone gives, in words: Poisson numbers of one rate in both decades of a run, and how far it would have to fall.

    Args:
        second, third: restrictions of each run in a decade, shape (runs,).
    """
    steps = np.linspace(1.0, 0.0, 101)
    shares = [no_more((second + third) / 2.0, ratio) for ratio in steps]
    enough = [ratio for ratio, share in zip(steps, shares, strict=True) if share >= LEAST_RUNS]
    return f"chance alone {shares[0]:.0%}, and {LEAST_RUNS:.0%} if the third had {enough[0]:.2f} times the second"


def no_more(rate: np.ndarray, ratio: float) -> float:
    """Share of runs in which chance alone (Poisson) gives a later decade no more restrictions than the one before.

    Args:
        rate: mean number of the decade before in each run, shape (runs,).
        ratio: mean of the later decade over it.
    """
    from scipy.stats import skellam

    before, after = np.maximum(rate, guards.NOTHING), np.maximum(ratio * rate, guards.NOTHING)
    return float(np.mean(skellam.cdf(0, after, before)))

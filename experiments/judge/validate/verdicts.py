"""Verdicts: every row with what was simulated, what was published, and whether the two agree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodeflow.data.chosen import core_metals
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.analysis.footprint.materials import MATERIALS
from lodeflow.experiments.judge.validate import observed
from lodeflow.experiments.judge.validate.material_years import BOTH, ELECTRIC_CAR
from lodeflow.experiments.judge.validate.observed import MEASURES, MISPLACED, WORDS, YEARS, Measure
from lodeflow.experiments.judge.validate.readers import READERS, NotComputable, Runs
from lodeflow.experiments.judge.validate.runs import PAST, RUNS
from lodeflow.experiments.judge.validate.targets import Target, read_targets
from lodeflow.experiments.judge.validate.yearly import SETS

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

WITHIN, OUTSIDE, NOT_COMPUTABLE, NOT_IN_MODEL = "within", "outside", "not computable", "not in the model yet"
DISAGREE = "sources disagree"
RANKS = {WITHIN: 0, DISAGREE: 1, OUTSIDE: 1, NOT_COMPUTABLE: 2, NOT_IN_MODEL: 3}
"""Verdicts and their ranks, the best first; where sources contradict each other a miss is no failure of the model."""
FIGURES, LATER, GUESSED = "published figures", "years after the base year", "years after the base year, data assumed"
"""Sections: figures of the literature, data of years after the base year, and such years in which the data are estimates."""
EMERGENT = "emergent"
DATA = "production table (data/SOURCES.md)"


@dataclass(frozen=True)
class Verdict:
    """One row.

    Attributes:
        id, group: name of the row, and of the rows that belong together (a published target, or a metal and stage).
        section: `FIGURES` or `LATER`.
        metal, what: what is compared.
        simulated, published: both in `unit`; nan where there is none.
        no_change: what the data of the base year would give if nothing changed after it, in `unit`; nan: not asked.
        momentum: what they would give if the last three years' mean change went on, damped, in `unit`; nan: not asked.
        low, high: bounds of what counts as within, in `unit`; nan: no bound.
        unit: t, t/year, 1 (share or ratio), 1/year, year, years.
        verdict: one of `RANKS`.
        kind: input, calibrated or emergent; `kind_reason` says how that was decided.
        note: why there is no number, or where the two numbers differ in meaning.
        source: of the published number.
    """

    id: str
    group: str
    section: str
    metal: str
    what: str
    simulated: float
    published: float
    no_change: float
    momentum: float
    low: float
    high: float
    unit: str
    verdict: str
    kind: str
    kind_reason: str
    note: str
    source: str


@dataclass(frozen=True)
class Plan:
    """What is to be judged: targets of the literature, and metals and stages with data of later years."""

    targets: tuple[Target, ...]
    later: tuple[tuple[str, str], ...]
    metals: frozenset[str]
    whole: bool

    @property
    def runs(self) -> list[str]:
        """Names of the runs that are needed, sorted; rows of metals that the model lacks need none."""
        needed = {run for target in self.targets if target.metal in self.metals for run in target.runs}
        return sorted(needed | ({PAST} if self.later else set()))


def plan(tables: Tables, chosen: Iterable[str] = ()) -> Plan:
    """Return what is to be judged.

    Args:
        tables: the loaded tables.
        chosen: metals, or ids or groups of rows (`L3`, `L3-level`, `cobalt-mine`); none: everything.

    Raises:
        DataError: naming every word that is none of these, and everything that is wrong with the table of targets.
    """
    targets = read_targets(tables, tuple(READERS))
    metals = set(tables.metals["metal"])
    known_to_runs = frozenset([*metals, *MATERIALS, *SETS, BOTH, ELECTRIC_CAR])
    later = [(metal, stage) for metal in core_metals(tables) for stage in observed.stages_of(tables, metal)]
    words = list(chosen)
    if not words:
        return Plan(tuple(targets), tuple(later), known_to_runs, whole=True)
    names_of = [{str(target.about["id"]), str(target.about["target"]), target.metal} for target in targets]
    names_later = [{group_of(metal, stage), metal} for metal, stage in later]
    known = sorted(set().union(*names_of, *names_later))
    unknown = [word for word in words if word not in known]
    if unknown:
        raise DataError(
            Problem("validate", word, "", "is no row, group of rows or metal", did_you_mean(word, known))
            for word in unknown
        )
    wanted = set(words)
    return Plan(
        tuple(target for target, names in zip(targets, names_of, strict=True) if names & wanted),
        tuple(place for place, names in zip(later, names_later, strict=True) if names & wanted),
        known_to_runs,
        whole=False,
    )


def group_of(metal: str, stage: str) -> str:
    """Name of the rows of one metal and stage: 'cobalt-mine'."""
    return f"{metal}-{stage}"


def judge(tables: Tables, plan: Plan, runs: Runs) -> list[Verdict]:
    """Return the verdict of every row of a plan.

    Args:
        tables: the loaded tables.
        plan: what is judged.
        runs: the runs that `plan.runs` names.
    """
    verdicts = [_of_target(target, runs, target.metal in plan.metals) for target in plan.targets]
    for metal, stage in plan.later:
        verdicts += _of_stage(tables, runs, metal, stage)
        if stage == "mine":
            verdicts.append(_of_reserves(tables, runs, metal))
    return verdicts


def _of_target(target: Target, runs: Runs, in_model: bool) -> Verdict:
    about = target.about
    simulated, note = math.nan, str(about["note"])
    verdict = NOT_IN_MODEL
    if in_model:
        try:
            simulated = READERS[target.reader](runs, target)
            verdict = compared(simulated, about["low"], about["high"])
            if verdict == OUTSIDE and about["contradicted_by"]:
                verdict, note = DISAGREE, "; ".join(part for part in (str(about["contradicted_by"]), note) if part)
        except NotComputable as error:
            verdict, note = NOT_COMPUTABLE, "; ".join(part for part in (str(error), note) if part)
    return Verdict(
        id=str(about["id"]),
        group=str(about["target"]),
        section=FIGURES,
        metal=target.metal,
        what=str(about["what"]),
        simulated=simulated,
        published=float(about["published"]),
        no_change=math.nan,
        momentum=math.nan,
        low=float(about["low"]),
        high=float(about["high"]),
        unit=str(about["unit"]),
        verdict=verdict,
        kind=str(about["kind"]),
        kind_reason=str(about["kind_reason"]),
        note=note,
        source=str(about["source"]),
    )


def compared(simulated: float, low: float, high: float) -> str:
    """Within or outside of the bounds; a bound that is nan is none. Not computable where the number is not finite."""
    if not math.isfinite(simulated):
        return NOT_COMPUTABLE
    return OUTSIDE if simulated < low or simulated > high else WITHIN


def _of_stage(tables: Tables, runs: Runs, metal: str, stage: str) -> Iterator[Verdict]:
    for year in YEARS:
        try:
            yield from _of_year(tables, runs, metal, stage, year)
        except NotComputable as error:
            for measure in MEASURES:
                what = f"{measure.what.format(who='the largest producer', stage=WORDS[stage])}, {year}"
                yield _row(metal, stage, measure).verdict(year, what, note=str(error))
            yield Later(metal, stage, "misplaced").verdict(year, _misplaced_words(stage, year), note=str(error))


def _of_year(tables: Tables, runs: Runs, metal: str, stage: str, year: int) -> list[Verdict]:
    """The rows of one metal, stage and year; raises NotComputable where run or data hold nothing."""
    both = observed.pair(tables, runs[PAST], metal, stage, year)
    base = int(RUNS[PAST].world["base_year"])
    before = observed.published(tables, metal, stage, base)
    moving = _by_momentum(tables, metal, stage, base, year)
    names = dict(zip(tables.countries["iso3"], tables.countries["name"], strict=True))
    who = observed.largest_producer(both.observed)
    guessed = observed.is_assumed(tables, metal, stage, year)
    rows = []
    for measure in MEASURES:
        there = measure.of(both.observed, who)
        width = measure.tolerance * (there if measure.relative else 1.0)
        rows.append(
            _row(metal, stage, measure).verdict(
                year,
                f"{measure.what.format(who=names[who], stage=WORDS[stage])}, {year}",
                measure.of(both.simulated, who),
                there,
                (max(there - width, 0.0), there + width),
                no_change=measure.of(before, who),
                momentum=math.nan if moving is None or measure.relative else measure.of(moving, who),
                guessed=guessed,
            )
        )
    still, on = (
        math.nan if output is None else observed.misplaced(observed.Pair(output, both.observed))
        for output in (before, moving)
    )
    row, what = Later(metal, stage, "misplaced"), _misplaced_words(stage, year)
    bounds = (0.0, MISPLACED)
    rows.append(row.verdict(year, what, observed.misplaced(both), 0.0, bounds, "", still, on, guessed))
    return rows


def _by_momentum(tables: Tables, metal: str, stage: str, base: int, year: int) -> pd.Series | None:
    try:
        return observed.by_momentum(tables, metal, stage, base, year)
    except NotComputable:
        return None


def _row(metal: str, stage: str, measure: Measure) -> Later:
    return Later(metal, stage, measure.name, measure.unit, measure.kind, measure.kind_reason)


def _misplaced_words(stage: str, year: int) -> str:
    return f"share of world {WORDS[stage]} in other countries than in the data, {year}"


def _of_reserves(tables: Tables, runs: Runs, metal: str) -> Verdict:
    row = Later(metal, "mine", "reserves", "years", "input", observed.RESERVES_REASON)
    try:
        year, here, there = observed.reserve_life(tables, runs[PAST], metal)
    except NotComputable as error:
        return row.verdict(YEARS[-1], f"reserves over mine output, {YEARS[-1]}", note=str(error))
    width = observed.RESERVES_TOLERANCE * there
    bounds = (there - width, there + width)
    return row.verdict(year, f"reserves over mine output, {year}", here, there, bounds, observed.RESERVES_NOTE)


@dataclass(frozen=True)
class Later:
    """What the rows of one measure on later years have in common; attributes as those of :class:`Verdict`."""

    metal: str
    stage: str
    measure: str
    unit: str = "1"
    kind: str = EMERGENT
    kind_reason: str = observed.NO_DATA_AFTER

    def verdict(
        self,
        year: int,
        what: str,
        simulated: float = math.nan,
        published: float = math.nan,
        bounds: tuple[float, float] = (math.nan, math.nan),
        note: str = "",
        no_change: float = math.nan,
        momentum: float = math.nan,
        guessed: bool = False,
    ) -> Verdict:
        """The row of one year; `guessed`: the data of that year are estimates."""
        group = group_of(self.metal, self.stage)
        return Verdict(
            id=f"{group}-{year}-{self.measure}",
            group=group,
            section=GUESSED if guessed else LATER,
            metal=self.metal,
            what=what,
            simulated=simulated,
            published=published,
            no_change=no_change,
            momentum=momentum,
            low=bounds[0],
            high=bounds[1],
            unit=self.unit,
            verdict=compared(simulated, *bounds),
            kind=self.kind,
            kind_reason=self.kind_reason,
            note=note,
            source=DATA,
        )


def frame(verdicts: list[Verdict]) -> pd.DataFrame:
    """The verdicts as a table, one row each; columns as the attributes of :class:`Verdict`."""
    import pandas as pd

    return pd.DataFrame([vars(verdict) for verdict in verdicts], columns=list(Verdict.__dataclass_fields__))


def scores(verdicts: list[Verdict]) -> dict[str, dict[str, Any]]:
    """By section: how many emergent rows are within their tolerance. Rows that echo an input are counted apart.

    Returns:
        section -> `emergent` and `emergent_within` (rows), `score` (share within; None without rows, and where the data
        themselves are assumed), `no_change_within` and `momentum_within` (emergent rows that the simple forecasts meet),
        `misplaced` (mean share of world output in other countries than in the data: of the run, and of both simple
        forecasts), `input` and `input_within`, `calibrated` and `calibrated_within`, `disagree` (rows whose sources do),
        `not_judged` (rows without a number).
    """
    return {
        section: _counts([verdict for verdict in verdicts if verdict.section == section], section != GUESSED)
        for section in dict.fromkeys(verdict.section for verdict in verdicts)
    }


def _counts(rows: list[Verdict], counts_as_score: bool) -> dict[str, Any]:
    judged = [verdict for verdict in rows if verdict.verdict in (WITHIN, OUTSIDE)]
    disagree = sum(verdict.verdict == DISAGREE for verdict in rows)
    counts: dict[str, Any] = {"not_judged": len(rows) - len(judged) - disagree, "disagree": disagree}
    for kind in ("emergent", "calibrated", "input"):
        counts[kind] = sum(verdict.kind == kind for verdict in judged)
        counts[f"{kind}_within"] = sum(verdict.kind == kind and verdict.verdict == WITHIN for verdict in judged)
    for rule in ("no_change", "momentum"):
        counts[f"{rule}_within"] = sum(
            verdict.kind == EMERGENT and compared(getattr(verdict, rule), verdict.low, verdict.high) == WITHIN
            for verdict in judged
        )
    gaps = [verdict for verdict in judged if verdict.id.endswith("-misplaced")]
    counts["misplaced"] = {
        name: math.fsum(getattr(verdict, name) for verdict in gaps) / len(gaps)
        for name in ("simulated", "no_change", "momentum")
        if gaps
    }
    counts["score"] = counts["emergent_within"] / counts["emergent"] if counts["emergent"] and counts_as_score else None
    return counts


def worse(verdicts: list[Verdict], baseline: Mapping[str, str], whole: bool) -> list[str]:
    """Lines that name the rows whose verdict got worse.

    Args:
        verdicts: what came out.
        baseline: verdict by row id.
        whole: whether everything was judged, so that a row that is missing is one too.
    """
    now = {verdict.id: verdict.verdict for verdict in verdicts}
    lines = [
        f"{name}: was {before!r}, is {now[name]!r}"
        for name, before in baseline.items()
        if name in now and RANKS[now[name]] > RANKS[before]
    ]
    gone = [f"{name}: was {before!r}, is no longer judged" for name, before in baseline.items() if name not in now]
    return lines + (gone if whole else [])

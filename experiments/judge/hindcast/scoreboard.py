"""The scoreboard: every shipped episode is run from what was known, and its prices are laid beside the observed ones.

The observed prices are read here only; the world of an episode never sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.experiments.judge.hindcast import score

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.world import World
    from lodeflow.experiments.judge.hindcast.episodes import Episode

Progress = Callable[[int, int], None]
"""Called after every episode with the episodes done and all of them."""

PRICE, REFINED = "price", "refined"
LINE = ["metal", "variable", "form", "region"]
"""Columns that name one series of an episode."""
NOTHING = "nothing"
"""Word for an episode that is given no quantity of the time after it began."""
BEFORE = 12
"""Months before the event that are kept for the charts."""


@dataclass
class Scoreboard:
    """Simulated beside observed, and the scores; all ratios are values over the mean of the months before the event.

    Attributes:
        points: one row per observed value: episode, metal, variable, form, region, month (after the event), date,
            observed, simulated, static (static multiplier; nan: none), error (ln points), source.
        peaks: largest move of each series: episode, LINE, and month, ratio and back of both, as `month_observed`, ...
        episodes: one row per episode: episode, events, title, kind, conditional, given, month0, and the scores of score.score.
        totals: scores over groups of episodes: group, and the columns of score.total.
        volume_scores: one row per episode, metal and kind of quantity: see volumes.summary.
        volumes: simulated and observed quantities: see volumes.COLUMNS. Empty when read from a file.
        lines: simulated monthly ratios: episode, LINE, month, date, simulated, static. Empty when read from a file.
        manifest: versions, parameters (fingerprint of the parameter table), created; what made the scores.
    """

    points: pd.DataFrame
    peaks: pd.DataFrame
    episodes: pd.DataFrame
    totals: pd.DataFrame
    volume_scores: pd.DataFrame
    volumes: pd.DataFrame
    lines: pd.DataFrame
    manifest: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Played:
    """What is kept of one episode's world; frames as in Scoreboard, without scores."""

    about: dict[str, Any]
    points: pd.DataFrame
    lines: pd.DataFrame
    volumes: pd.DataFrame


def run_scoreboard(
    names: Iterable[str] = (),
    tables: Tables | None = None,
    parameters: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> Scoreboard:
    """Run episodes and return their scores.

    names: episodes, or events that they cover; all if empty. tables: the shipped ones if left out; parameters: values on
    top of the shipped ones ("eta.cobalt": 0.5).
    Raises DataError for a name that no episode has, or an episode that cannot be scored.
    """
    from lodeflow import data

    tables = data.shared() if tables is None else tables
    chosen = choose(names, tables)
    played = []
    for done, name in enumerate(chosen, 1):
        played.append(play_episode(name, tables, parameters or {}))
        if progress is not None:
            progress(done, len(chosen))
    return assemble(played, manifest(tables, parameters))


def choose(names: Iterable[str], tables: Tables) -> list[str]:
    """Return the shipped episodes that bear or cover these names, and the user's own files among them; all shipped for none.

    names: episode names, events of the table hindcast_targets, or episode files (*.toml). Raises DataError, naming the
    nearest, for the others.
    """
    from lodeflow.experiments.judge.hindcast import episodes

    shipped = {name: episodes.load_episode(name, tables).facts.events for name in episodes.shipped()}
    wanted = list(names) or list(shipped)
    files = [name for name in wanted if name.endswith(".toml")]
    events = {event: "" for covered in shipped.values() for event in covered}
    problems = [
        Problem(name, None, "", "there is no such episode or event", did_you_mean(name, [*shipped, *events]))
        for name in wanted
        if name not in files and name not in shipped and name not in events
    ]
    if problems:
        raise DataError(problems)
    return [name for name, covered in shipped.items() if name in wanted or set(covered) & set(wanted)] + files


# ---- playing -------------------------------------------------------------------------------------------------------
def play_episode(name: str, tables: Tables, parameters: Mapping[str, float]) -> Played:
    """Run one episode's world and read from it what can be compared.

    name: as in episodes.shipped(), or a file; parameters: values on top of the shipped ones. Raises DataError if the
    episode cannot be used, does not cover its observed months, or if nothing was observed where it looks.
    """
    import pandas as pd

    from lodeflow.experiments.judge.hindcast import episodes, volumes

    episode = episodes.load_episode(name, tables)
    targets = episodes.targets(episode, tables)
    _check_reach(episode, targets)
    world = episodes.play(episode, tables, parameters)
    _check_places(episode, targets, world)
    facts = episode.facts
    eta = elasticity(facts.metals, tables, {**episode.scenario.parameters, **parameters})
    same = {"episode": episode.name, "metal": " and ".join(facts.metals), "variable": PRICE, "form": REFINED}
    lines = []
    for region, ratio in episodes.simulated(world, episode, targets["region"]).items():
        ratio = ratio[ratio.index >= -BEFORE].dropna()
        static = static_line(episode, eta, ratio.index.to_numpy())
        values = {"month": ratio.index, "simulated": ratio.to_numpy(), "static": static}
        lines.append(pd.DataFrame(values).assign(region=region, **same))
    whole = pd.concat(lines, ignore_index=True)
    whole["date"] = [format_month(parse_month(facts.month0) + int(month)) for month in whole["month"]]
    observed = targets.rename(columns={"observed_ratio": "observed"})[["region", "month", "observed", "source"]]
    points = observed.merge(whole, on=["region", "month"], how="left", validate="one_to_one")
    about = {
        "episode": episode.name,
        "events": " ".join(facts.events),
        "title": episode.scenario.title or episode.name,
        "kind": facts.kind,
        "conditional": facts.conditional,
        "given": ", ".join(facts.given) or NOTHING,
        "month0": facts.month0,
    }
    return Played(about, points, whole, volumes.compare(world, episode, tables))


def _check_reach(episode: Episode, targets: pd.DataFrame) -> None:
    """Make sure that something was observed, and that the run covers it and the three months before the event."""
    if targets.empty:
        wrong = f"none of {', '.join(episode.facts.events)} is in the table hindcast_targets or unseen_targets"
        raise DataError(
            [Problem(episode.name, "episode", "events", wrong, "Add rows to the table, or name its events")]
        )
    month0 = parse_month(episode.facts.month0)
    first, last = parse_month(episode.scenario.world.start), parse_month(episode.scenario.world.end)
    problems = []
    base, reach = episode.facts.base_months, int(targets["month"].max()) + episode.facts.reach
    if first > month0 - base:
        wrong = f"starts in {episode.scenario.world.start}, after the {base} months before the event"
        right = f"Start it in {format_month(month0 - base)} or earlier"
        problems.append(Problem(episode.scenario.name, "world", "start", wrong, right))
    if last < month0 + reach:
        wrong = f"ends in {episode.scenario.world.end}, before the last observed month"
        right = f"End it in {format_month(month0 + reach)} or later"
        problems.append(Problem(episode.scenario.name, "world", "end", wrong, right))
    if problems:
        raise DataError(problems)


def _check_places(episode: Episode, targets: pd.DataFrame, world: World) -> None:
    """Make sure that every place of an observed price is a country of the world."""
    problems = []
    for region in dict.fromkeys(targets["region"]):
        country = str(region).removeprefix("outside ")
        if country != "WLD" and country not in world.layout.countries:
            wrong, right = f"{region!r} is no place in this world", did_you_mean(country, world.layout.countries)
            problems.append(Problem("hindcast_targets.csv", episode.name, "region", wrong, right))
    if problems:
        raise DataError(problems)


def elasticity(metals: list[str], tables: Tables, overrides: Mapping[str, float]) -> float:
    """Return eta, the price elasticity of use (1), as the model takes it; of several metals the mean."""
    from lodeflow.data.limits import rules_of
    from lodeflow.environment.parameters import Parameters

    classes = tables.metals.set_index("metal")["price_class"].astype(str)
    values = Parameters(tables.parameters, metals, [classes[metal] for metal in metals], overrides, rules_of(tables))
    return float(values.by_metal("eta").mean())


def static_line(episode: Episode, eta: float, months: np.ndarray) -> np.ndarray:
    """Return the static multiplier by month: constant from the event to the end of the last measure, else 1.

    months: whole months after the event, shape (n,); the result is a price ratio, shape (n,).
    """
    ends = [shock.final_end for shock in episode.scenario.shocks]
    open_ended = not ends or any(end is None for end in ends)
    last = np.inf if open_ended else max(end for end in ends if end is not None) - parse_month(episode.facts.month0)
    in_force = (months >= 0) & (months <= last)
    return np.where(in_force, score.static_multiplier(episode.facts.loss, eta), 1.0)


# ---- scoring -------------------------------------------------------------------------------------------------------
POINT_COLUMNS = ["episode", *LINE, "month", "date", "observed", "simulated", "static", "error", "source"]


def assemble(played: Iterable[Played], manifest: dict[str, Any]) -> Scoreboard:
    """Score what was played, one row per episode and group. played: at least one."""
    import pandas as pd

    from lodeflow.experiments.judge.hindcast.volumes import summary

    played = list(played)
    quantities = pd.concat([one.volumes for one in played], ignore_index=True)
    points = pd.concat([one.points for one in played], ignore_index=True)
    points["error"] = score.log_errors(points["simulated"].to_numpy(), points["observed"].to_numpy())
    lines = pd.concat([one.lines for one in played], ignore_index=True)
    episodes = pd.DataFrame(
        [one.about | score.score(points[points["episode"] == one.about["episode"]]) for one in played]
    )
    return Scoreboard(
        points=points[POINT_COLUMNS],
        peaks=_peaks(points, lines),
        episodes=episodes,
        totals=_totals(points, episodes),
        volume_scores=summary(quantities),
        volumes=quantities,
        lines=lines[["episode", *LINE, "month", "date", "simulated", "static"]],
        manifest=manifest,
    )


def _peaks(points: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Largest moves, observed and simulated; the simulated series is looked at up to the last observed month."""
    import pandas as pd

    by_line = {key: own.set_index("month")["simulated"] for key, own in lines.groupby(["episode", *LINE])}
    rows = []
    for key, own in points.groupby(["episode", *LINE], sort=False):
        simulated = by_line[key].sort_index().loc[: own["month"].max()]
        turns = {
            "observed": score.turn(own.set_index("month")["observed"].sort_index()),
            "simulated": score.turn(simulated),
        }
        row = dict(zip(["episode", *LINE], key, strict=True))
        for whose, found in turns.items():
            row |= {f"{name}_{whose}": getattr(found, name) for name in score.Turn.__dataclass_fields__}
        rows.append(row)
    return pd.DataFrame(rows)


def _totals(points: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Scores over all episodes, by kind, and over those that are told nothing of what came after their start."""
    import pandas as pd

    groups = {"all": np.ones(len(episodes), bool)}
    groups |= {str(kind): (episodes["kind"] == kind).to_numpy() for kind in episodes["kind"].unique() if kind}
    groups["no later volumes given"] = ~episodes["conditional"].to_numpy(bool)
    rows = []
    for group, inside in groups.items():
        if not inside.any() or (group != "all" and inside.all()):
            continue
        chosen = episodes[inside]
        rows.append({"group": group, **score.total(points[points["episode"].isin(chosen["episode"])], chosen)})
    return pd.DataFrame(rows)


def manifest(tables: Tables, parameters: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Return what made the scores: versions, fingerprint of the parameter values, own values, time."""
    import hashlib
    from datetime import UTC, datetime

    from lodeflow.experiments.run.results import PROGRAM
    from lodeflow.experiments.run.written import program_version

    text = tables.parameters[["parameter", "scope_kind", "scope", "value"]].to_csv(index=False, lineterminator="\n")
    return {
        "versions": {PROGRAM: program_version()},
        "parameters": hashlib.sha256(text.encode()).hexdigest()[:16],
        "changed_parameters": dict(parameters or {}),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }

"""The scoreboard: every observed point is scored once, sums are sums, and the shipped scores are still reached."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.environment.calendar import parse_month
from lodeflow.experiments.judge.hindcast import baseline, episodes, score
from lodeflow.experiments.judge.hindcast.scoreboard import (
    Scoreboard,
    choose,
    elasticity,
    play_episode,
    run_scoreboard,
    static_line,
)
from lodeflow.experiments.judge.hindcast.store import ENTRIES, write_scoreboard
from lodeflow.experiments.judge.hindcast.volumes import span, summary


@pytest.fixture(scope="module")
def board(tables: Tables) -> Scoreboard:
    """All shipped episodes, run once for the tests of this file."""
    return run_scoreboard(tables=tables)


def test_no_score_is_worse_than_the_shipped_one(board: Scoreboard) -> None:
    worse = baseline.worse(board, baseline.read())
    assert not worse, "if this is meant: `lodeflow hindcast --refresh` and `python -m docs.make_validation`"


def test_every_observed_point_is_scored_once(board: Scoreboard, tables: Tables) -> None:
    scored = board.points.merge(board.episodes[["episode", "events"]], on="episode")
    ours = sorted(zip(scored["events"], scored["region"], scored["month"], scored["observed"], strict=True))
    table = pd.concat([tables[name] for name in episodes.TARGETS])
    theirs = sorted(zip(table["event"], table["region"], table["month"], table["observed_ratio"], strict=True))
    assert ours == theirs
    assert list(board.episodes["episode"]) == episodes.shipped()


def test_points_lines_and_scores_agree(board: Scoreboard, tables: Tables) -> None:
    points = board.points
    assert np.log(points["simulated"] / points["observed"]).to_numpy() == pytest.approx(points["error"].to_numpy())
    keys = ["episode", "region", "month", "date", "simulated"]
    assert len(points.merge(board.lines[keys], on=keys)) == len(points)
    yearly = {name for name in episodes.shipped() if episodes.load_episode(name, tables).facts.yearly}
    for (name, _), line in board.lines.groupby(["episode", "region"]):
        if name in yearly:
            continue  # lines of yearly means look ahead; see the test of yearly points
        before = line[line["month"].between(-3, -1)]["simulated"]
        assert before.mean() == pytest.approx(1.0, abs=0.02)  # of several metals the geometric mean is taken
    by_episode = points["error"].abs().groupby(points["episode"], sort=False).mean()
    assert by_episode.to_numpy() == pytest.approx(board.episodes["mean_error"].to_numpy())
    everything = board.totals.set_index("group").loc["all"]
    assert everything["mean_error"] == pytest.approx(by_episode.mean())
    assert everything["points"] == len(points)
    assert board.episodes["signs_counted"].sum() == everything["signs_counted"]


def test_quantities_are_paired_over_whole_periods_inside_the_run(board: Scoreboard, tables: Tables) -> None:
    volumes = board.volumes
    assert not volumes.empty
    assert np.isfinite(volumes["simulated"]).all()
    for name, own in volumes.groupby("episode"):
        settings = episodes.load_episode(str(name), tables).scenario.world
        assert own["start"].map(parse_month).min() >= parse_month(settings.start)
        assert own["end"].map(parse_month).max() <= parse_month(settings.end)
    shares = volumes[volumes["unit"] == "1"]
    assert shares["simulated"].between(0, 1).all()
    world = volumes[(volumes["place"] == "WLD") & volumes["what"].isin(["mine production", "refined production"])]
    one = world.iloc[0]
    stage = {"mine production": "mine", "refined production": "refine"}[one["what"]]
    table = tables.production
    rows = table[
        (table["metal"] == one["metal"]) & (table["stage"] == stage) & (table["year"] == int(one["start"][:4]))
    ]
    assert one["observed"] == pytest.approx(rows["reconciled_t"].sum())


def test_names_are_episodes_or_events(tables: Tables) -> None:
    first = episodes.shipped()[0]
    event = episodes.load_episode(first, tables).facts.events[0]
    assert choose([first], tables) == choose([event], tables) == [first]
    assert choose([], tables) == episodes.shipped()
    with pytest.raises(DataError) as caught:
        choose(["E99x", first[:-1], event], tables)
    assert len(caught.value.problems) == 2
    assert first in str(caught.value)


def test_an_episode_that_ends_too_soon_is_refused(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "copper-mine-closure-2023"
    whole = episodes.load_episode(name, tables)
    world = whole.scenario.world.model_copy(update={"start": whole.facts.month0, "end": "2024-03"})
    cut = whole.model_copy(update={"scenario": whole.scenario.model_copy(update={"world": world})})
    monkeypatch.setattr(episodes, "load_episode", lambda *_: cut)
    with pytest.raises(DataError) as caught:
        play_episode(name, tables, {})
    assert {problem.column for problem in caught.value.problems} == {"start", "end"}


def test_withheld_events_are_never_scored_and_what_is_unseen_is_never_fitted(tables: Tables) -> None:
    shown = set(tables.unseen_targets["event"])
    withheld = set(tables.events.loc[tables.events["prices_kept_back"], "id"]) - shown
    assert {"E05", "E07", "E14", "E18", "E20", "E33", "E36", "E37", "E39"} <= withheld
    for name in episodes.shipped():
        facts = episodes.load_episode(name, tables).facts
        assert not set(facts.events) & withheld, name
        assert not set(facts.events) & shown or facts.fit_weight == 0.0, name
    assert not {event for table in episodes.TARGETS for event in tables[table]["event"]} & withheld


def test_what_an_episode_says_it_is_given_is_what_its_file_gives(tables: Tables) -> None:
    for name in episodes.shipped():
        episode = episodes.load_episode(name, tables)
        world, shocks = episode.scenario.world, episode.scenario.shocks
        found = {"output"} if world.supply == "realised" else set()
        found |= {"demand"} if world.expected == "trend" else set()
        found |= {"exports"} if any(getattr(shock, "realised", ()) for shock in shocks) else set()
        found |= {"purchases"} if any(shock.kind == "stock_purchase" for shock in shocks) else set()
        if name == "myanmar-border-2019":
            found |= {"exports"}  # the share held back is that of the whole year, known afterwards
        assert set(episode.facts.given) == found, name


def test_yearly_points_are_means_of_calendar_years(tables: Tables) -> None:
    episode = episodes.load_episode("myanmar-border-2019", tables)
    world = episodes.play(episode, tables)
    line = episodes.simulated(world, episode, ["WLD"])["WLD"]
    monthly = episodes.price_ratio(world, episode.facts.metals, "WLD", "2019-01", 12)
    assert monthly.loc[-12:-1].mean() == pytest.approx(1.0)
    assert line[6] == pytest.approx(monthly.loc[0:11].mean())
    assert line[18] == pytest.approx(monthly.loc[12:23].mean())


def test_an_episode_of_which_only_the_effect_is_known_is_laid_over_its_twin(tables: Tables) -> None:
    episode = episodes.load_episode("zimbabwe-ore-ban-2022", tables)
    world = episodes.play(episode, tables)
    line = episodes.simulated(world, episode, ["WLD"])["WLD"]
    own, twin = (episodes.price_ratio(one, ["lithium"], "WLD", "2022-12") for one in (world, world.twin().run()))
    assert line.to_numpy() == pytest.approx((own / twin).to_numpy())
    assert line.loc[:-1].to_numpy() == pytest.approx(1.0)


def test_an_own_episode_file_is_scored_on_own_observations(tables: Tables, tmp_path: Path) -> None:
    text = (episodes.LIBRARY / "copper-mine-closure-2023.toml").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("copper-mine-closure-2023", "mine").replace("E26", "E13"), encoding="utf-8")
    with pytest.raises(DataError, match="none of E13 is in the table"):
        run_scoreboard([str(path)], tables)
    table = tables.hindcast_targets
    row = table[table["event"] == "E26"].iloc[:1].assign(event="E13", month=2, observed_ratio=2.0)
    more = tables.replace(hindcast_targets=pd.concat([table, row], ignore_index=True))
    board = run_scoreboard([str(path)], more)
    assert board.points[["episode", "month", "observed"]].to_numpy().tolist() == [["mine", 2, 2.0]]
    odd = tables.replace(hindcast_targets=pd.concat([table, row.assign(region="outside XXX")], ignore_index=True))
    with pytest.raises(DataError, match="'outside XXX' is no place in this world"):
        run_scoreboard([str(path)], odd)


def test_static_multiplier_holds_while_the_measure_does(tables: Tables) -> None:
    name = next(n for n in episodes.shipped() if episodes.load_episode(n, tables).facts.loss > 0)
    episode = episodes.load_episode(name, tables)
    ends = [shock.final_end for shock in episode.scenario.shocks]
    months = np.arange(-2, 200)
    line = static_line(episode, 0.5, months)
    assert (line[:2] == 1.0).all()
    assert line[2] == score.static_multiplier(episode.facts.loss, 0.5)
    if all(end is not None for end in ends):
        last = max(end for end in ends if end is not None) - parse_month(episode.facts.month0)
        assert line[last + 2] > 1.0
        assert line[last + 3] == 1.0


def test_elasticity_is_that_of_the_model(tables: Tables) -> None:
    assert elasticity(["cobalt"], tables, {"eta.cobalt": 0.77}) == 0.77
    assert elasticity(["cobalt", "nickel"], tables, {"eta": 0.3}) == pytest.approx(0.3)


def test_spans_of_published_quantities() -> None:
    assert span("2014") == (2014 * 12, 2014 * 12 + 11)
    assert span("2023-07") == (parse_month("2023-07"),) * 2
    assert span("2019-Q3") == (parse_month("2019-07"), parse_month("2019-09"))
    assert span("2019-H2") == (parse_month("2019-07"), parse_month("2019-12"))
    assert span("2024-01/2024-09") == (parse_month("2024-01"), parse_month("2024-09"))
    with pytest.raises(ValueError, match="is no year"):
        span("spring 2014")


def test_spans_in_the_table_can_all_be_read(tables: Tables) -> None:
    for text in tables.event_quantities["date"].astype(str):
        first, last = span(text)
        assert first <= last


def test_summary_of_quantities_counts_what_was_observed() -> None:
    same = {"episode": "a", "metal": "cobalt", "what": "exports", "given": True}
    rows = [{**same, "ratio": 2.0}, {**same, "ratio": 0.5}, {**same, "ratio": float("nan")}]
    found = summary(pd.DataFrame(rows)).iloc[0]
    assert (found["rows"], found["median_ratio"]) == (2, 1.25)
    assert found["mean_error"] == pytest.approx(np.log(2.0))


# ---- shipped scores ------------------------------------------------------------------------------------------------
def changed(board: Scoreboard, **frames: pd.DataFrame) -> Scoreboard:
    other = copy.copy(board)
    for name, frame in frames.items():
        setattr(other, name, frame)
    return other


def test_worse_scores_are_named_beyond_their_margin() -> None:
    before = baseline.read()
    assert baseline.worse(before, before) == []
    first = str(before.episodes["episode"].iloc[0])
    for step, count in ((0.049, 0), (0.06, 1), (-0.5, 0)):
        episodes_now = before.episodes.copy()
        episodes_now.loc[0, "mean_error"] += step
        lines = baseline.worse(changed(before, episodes=episodes_now), before)
        assert len(lines) == count
        assert all(line.startswith(f"{first}: mean |ln error|") for line in lines)
    totals = before.totals.copy()
    totals.loc[0, "mean_error"] += 0.03
    totals.loc[0, ["rises_right", "falls_right"]] = 0
    lines = baseline.worse(changed(before, totals=totals), before)
    assert len(lines) == 3
    assert baseline.worse(changed(before, totals=totals), before, whole=False) == []


def test_missing_episodes_count_as_worse_unless_only_some_were_asked_for() -> None:
    before = baseline.read()
    part = changed(before, episodes=before.episodes.iloc[1:], totals=before.totals.iloc[1:])
    assert len(baseline.worse(part, before)) == 2
    assert baseline.worse(part, before, whole=False) == []


def test_shipped_scores_survive_writing_and_reading(tmp_path: Path) -> None:
    before = baseline.read()
    path = tmp_path / "scores.json"
    baseline.write(before, path)
    again = baseline.read(path)
    assert baseline.same(again, before)
    assert again.manifest == before.manifest
    assert path.read_text() == baseline.SHIPPED.read_text()
    assert [entry.name for entry in tmp_path.iterdir()] == ["scores.json"]


@pytest.mark.parametrize("text", ["{", "[]", '{"manifest": {}}'])
def test_what_is_no_file_of_scores_is_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scores.json"
    with pytest.raises(DataError, match="no scores to compare"):
        baseline.read(path)
    path.write_text(text)
    with pytest.raises(DataError, match="not a file of scores"):
        baseline.read(path)


# ---- folder --------------------------------------------------------------------------------------------------------
def test_the_folder_is_whole_or_not_there(board: Scoreboard, tmp_path: Path) -> None:
    folder = tmp_path / "scores"

    def fails(path: Path) -> None:
        raise OSError("no space left")

    with pytest.raises(DataError, match="no space left"):
        write_scoreboard(board, folder, fails)
    assert list(tmp_path.iterdir()) == []
    write_scoreboard(board, folder)
    assert {path.name for path in folder.iterdir()} <= ENTRIES
    assert len(pd.read_csv(folder / "points.csv")) == len(board.points)
    assert json.loads((folder / "scores.json").read_text())["manifest"] == board.manifest
    write_scoreboard(board, folder)
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match=r"mine\.txt"):
        write_scoreboard(board, folder)

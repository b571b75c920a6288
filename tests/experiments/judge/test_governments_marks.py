"""The marks of governments, from made-up ensembles and from the table of events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import build
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.governments.decision import Decision
from lodeflow.environment.shocks.kinds import ExportBan
from lodeflow.experiments.judge.governments import judge
from lodeflow.experiments.judge.governments.ensemble import SET, drawn_tempers, lasted
from lodeflow.experiments.judge.governments.observed import counts, restrictions


def decided(who: str, year: int, share: float = 0.5) -> Decision:
    return Decision(
        12 * year, who, "restrict", "export_ban", "cobalt", "feed", "all", 1.0, "share of exports", "why", share=share
    )


def test_restrictions_of_history_are_those_of_the_table_of_events(tables: Tables) -> None:
    assert {"E01", "E06", "E23", "E30"} <= set(restrictions(tables)["id"])
    assert "E35" not in set(restrictions(tables)["id"])  # a tariff holds no metal of one's own back
    early, late = counts(tables, 2010, 2019), counts(tables, 2020, 2026)
    assert early.sum() + late.sum() == len(restrictions(tables))
    assert late.index[0] == "CHN"


def test_marks_see_numbers_ranks_and_small_countries() -> None:
    ensemble = [[decided("CHN", 2021), decided("CHN", 2022), decided("IDN", 2023)] for _ in range(20)]
    good = judge._beside(ensemble, {"CHN": 2, "IDN": 1}, judge.EARLY, judge.LATE)
    assert [mark.reached for mark in good] == [True, True, True]
    small = [[*taken, decided("NOR", 2024, share=0.01)] for taken in ensemble]
    bad = judge._beside(small, {"IDN": 9, "CHN": 1}, judge.EARLY, judge.LATE)
    assert [mark.reached for mark in bad] == [False, False, False]


def test_measures_last_as_long_as_those_of_history(tables: Tables) -> None:
    """Months of the table of events; open ones count with what was seen of them; Indonesia let ores out again in January 2017."""
    events = tables["events"].set_index("id")
    ends = {"E01": "2015-01", "E06": "2017-01", "E30": "2025-10"}
    classes = tables["measure_classes"]
    for row in classes[classes["form"].isin(("feed", "refined"))].itertuples():
        starts = {event: str(events.loc[event, "date_start"])[:7] for event in row.events.split(";")}
        months = [parse_month(ends.get(event, "2026-04")) - parse_month(start) for event, start in starts.items()]
        assert row.seen_months == pytest.approx(sum(months), abs=2)
        assert row.ended == len(ends.keys() & starts)
    assert judge.seen(tables) == (420.0, 3.0)


def test_times_in_force_are_counted_and_judged() -> None:
    ban = ExportBan(actor="CHN", metals=["cobalt"], form="feed", start="2021-01")
    put = replace(decided("CHN", 2021), measure=ban)
    ended = replace(put, kind="lift", month=12 * 2023, measure=None)
    assert lasted([put], 12 * 2027) == (0, 72)
    assert lasted([put, ended], 12 * 2027) == (1, 24)
    assert lasted([put, ended, put], 12 * 2027) == (1, 24 + 72)
    assert lasted([replace(put, target="JPN"), ended], 12 * 2027) == (0, 0)
    marks = [judge._time([(1, months)] * 3, 420.0, 3.0) for months in (140, 25, 900)]
    assert [mark.reached for mark in marks] == [True, False, False]


def test_the_temper_is_set_where_the_line_meets_what_was_observed() -> None:
    assert judge.strides(8.0, 4.0, 2.0) == pytest.approx(2.0)
    assert judge.strides(4.0, 8.0, 4.0 * 2.0**0.5) == pytest.approx(0.5)
    assert judge.strides(4.0, 4.0, 9.0) == 1.0
    assert judge.strides(9.0, 8.0, 0.001) == 3.0


def test_a_rank_says_what_it_could_be() -> None:
    alike = [{"CHN": 3, "COD": 2, "IDN": 1}] * 20
    rank, said = judge._ranked(alike, {"CHN": 2, "COD": 1, "ZWE": 1})
    assert f"{rank:.2f} ({rank:.2f} to {rank:.2f} with runs drawn anew; 1.00 to 1.00 for own runs" in said
    assert 0.9 < float(said.split("; ")[-1].split()[0]) < 1.0, "two have the same number in history"
    assert said.endswith("right order of 4 countries)")


def test_a_run_away_is_seen() -> None:
    calm = [[decided("CHN", 2036 + n) for n in range(5)] + [decided("CHN", 2046 + n) for n in range(4)]] * 10
    wild = [[decided("CHN", 2036)] + [decided("CHN", 2046 + n % 9) for n in range(40)]] * 10
    assert [mark.reached for mark in judge._no_runaway(calm)] == [True, True, True]
    assert [mark.reached for mark in judge._no_runaway(wild)] == [False, False, True]
    answering = [[replace(one, answers=0) for one in taken] for taken in wild]
    assert [mark.reached for mark in judge._no_runaway(answering)] == [False, False, False]


def test_chance_alone_gives_no_mark_of_95_percent() -> None:
    rates = np.array([10.0, 10.0])
    alone = judge.no_more(rates, 1.0)
    assert alone == pytest.approx(0.545, abs=0.01), "of two alike one has more in almost half of the pairs"
    assert judge.no_more(rates, 0.4) > 0.95 > judge.no_more(rates, 0.6) > alone > judge.no_more(rates, 2.0)
    assert judge.no_more(np.array([0.0]), 1.0) == pytest.approx(1.0)
    assert "chance alone 54%" in judge._by_chance(rates, rates)


def test_governments_are_judged_in_the_world_that_was(tables: Tables) -> None:
    """Who opened mines is not theirs: Zimbabwe had 1 % of the world's lithium in 2019 and 9 % in 2024."""
    settings = judge.LATE.settings().model_copy(update={"metals": ["lithium"], "end": "2025-12"})
    world = build(tables, settings)
    mines = np.flatnonzero(world.miners.country == world.layout.country_index["ZWE"])
    share = []
    for _ in range(72):
        world.step()
        share.append(float(world.miners.output[mines].sum() / world.miners.output.sum()))
    assert share[11] < 0.02
    assert share[59] > 0.05


def test_tempers_are_drawn_from_their_ranges_and_the_one_that_is_set_moves(tables: Tables) -> None:
    rows = tables["tempers"].set_index("temper")
    drawn = drawn_tempers(tables, 3)
    assert drawn == drawn_tempers(tables, 3)
    assert all(rows.loc[name, "low"] <= value <= rows.loc[name, "high"] for name, value in drawn.items())
    middle = (rows.loc[SET, "low"] + rows.loc[SET, "high"]) / 2.0
    assert drawn_tempers(tables, 3, middle + 1.0)[SET] == pytest.approx(drawn[SET] + 1.0)

"""Kept worlds: light, in the charts of another world, in a table that says what a run says, and in the address."""

import time

import numpy as np
import pytest

from lodeflow.data.problems import DataError
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.beside import differ, kept, overlay, shelf
from lodeflow.viz.app.texts import LANGUAGES, Texts
from lodeflow.viz.app.world import board, worlds
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.colors import DARK, DASHES, KEPT, ROLES

WORLD = ['world.metals=["cobalt"]', "world.end=2025-06"]
BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed", "end": "2025-03"}
LONGER = BAN | {"end": "2025-06"}


@pytest.fixture(scope="module")
def session(tables):
    yield Session(tables, load_scenario("baseline", WORLD, tables))
    worlds.forget()


@pytest.fixture(scope="module")
def played(session):
    """A calm world, one with a short ban and one with a long one: their frames after 3 and 18 months."""
    session.step(3)
    calm = session.frame()
    frames = []
    for ban in (BAN, LONGER):
        session.fire(ban)
        session.step(100)
        frames.append(session.frame())
        session.undo()
    return calm, *frames


def makers(texts):
    return lambda frame: [
        chart for some in (board.FIRST, board.OTHERS) for chart in board.charts_of(frame, "cobalt", texts, some)
    ]


def test_a_kept_world_is_what_was_seen_and_stays_so(session, played, tables):
    texts = Texts("en", tables)
    assert played[0].t == session.t == 3
    frame = session.frame()
    one = kept.keep((), frame)[0]
    before = [line.values.copy() for chart in makers(texts)(one.frame) for line in chart.lines]
    for mine, other in zip(makers(texts)(frame), makers(texts)(one.frame), strict=True):
        assert mine.id == other.id
        assert [line.name for line in mine.lines] == [line.name for line in other.lines]
        assert all(np.array_equal(a.values, b.values) for a, b in zip(mine.lines, other.lines, strict=True))
    session.step(2)
    after = [line.values for chart in makers(texts)(one.frame) for line in chart.lines]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    session.rewind(3)


def test_a_kept_world_weighs_little(played):
    one = kept.keep((), played[1])[0].frame
    world = played[1].live.world
    heavy = sum(block.nbytes for block in world.recorder.blocks.values())
    view = one.live
    assert not view.flows
    assert not view.firms
    assert sum(values.nbytes for values in view.series.values()) + view.uses.nbytes < heavy
    assert all(values.base is None for values in view.series.values())
    assert not hasattr(view.world, "markets")


def test_four_places_keep_their_letters(played):
    calm, short, long_ = played
    held = ()
    for frame in (calm, short, long_, calm, short):
        held = kept.keep(held, frame)
    assert [one.letter for one in held] == list("ABCD")
    held = kept.keep(kept.drop(held, "B"), long_)
    assert [one.letter for one in held] == list("ABCD")
    assert held[1].frame.scenario == long_.scenario
    assert kept.is_kept(held, long_)
    assert not kept.is_kept(kept.drop(held, "A"), calm) or held[3].frame.scenario == calm.scenario


def test_every_chart_has_one_line_a_world_in_its_colour(played, tables):
    texts = Texts("en", tables)
    calm, short, long_ = played
    held = kept.keep(kept.keep((), short), calm)
    make = makers(texts)
    charts = overlay.laid_over(make(long_), long_, held, overlay.drawn(make, held), texts)
    assert len(charts) == len(make(long_))
    for chart in charts:
        letters = {line.letter: line for line in chart.lines if line.letter}
        assert set(letters) == {"A", "B"}, chart.id
        assert all(line.role == KEPT[letter] for letter, line in letters.items())
        assert [line.role for line in chart.lines].count("live") == 1
        assert [wired["dash"] for wired in board.wire(chart)["lines"] if "letter" in wired] == [
            DASHES["A"],
            DASHES["B"],
        ]
    price = next(chart for chart in charts if chart.id == "price")
    by = {line.letter: line.values for line in price.lines if line.role != "base"}
    usd = {
        "A": short.live.line("price_outside", "cobalt", "refined"),
        "B": calm.live.line("price", "cobalt", "refined"),
    }
    for letter, values in usd.items():
        assert by[letter] * price.usd == pytest.approx(values)
    assert np.array_equal(by["A"][:3], by[""][:3])  # nothing was known yet
    assert by[""][-1] > by["A"][-1]


def test_a_chart_of_countries_shows_the_country_that_is_asked_for(played, tables):
    texts = Texts("en", tables)
    _, short, long_ = played
    held = kept.keep((), short)
    make = makers(texts)
    others = overlay.drawn(make, held)
    first = {chart.id: chart for chart in overlay.laid_over(make(long_), long_, held, others, texts, "China")}
    mined = first["refined-production"]
    assert mined.title.endswith(": China")
    mine = next(line for line in mined.lines if line.role == "live")
    assert np.array_equal(mine.values, long_.live.line("production", "cobalt", "refined", "CHN"))
    assert [line.name for line in mined.lines if line.role == "base"] == ["without the shocks"]


def test_worlds_of_other_years_lie_in_their_own_months(played, tables):
    texts = Texts("en", tables)
    later = Session(tables, load_scenario("baseline", [WORLD[0], "world.start=2024-04", "world.end=2025-06"], tables))
    later.step(6)
    frame = later.frame()
    held = kept.keep((), frame)
    make = makers(texts)
    chart = overlay.laid_over(make(played[2]), played[2], held, overlay.drawn(make, held), texts)[0]
    line = next(line for line in chart.lines if line.letter)
    assert np.isnan(line.values[:3]).all()
    assert line.values[3:] * (chart.usd or 1.0) == pytest.approx(frame.live.line("price", "cobalt", "refined"))
    assert differ.until_all([frame, played[2]]) is None


def test_keeping_and_laying_over_is_quick_beside_playing(session, played, tables):
    """Four worlds are kept and drawn in less time than it takes to simulate one of them again."""
    texts = Texts("en", tables)
    began = time.perf_counter()
    Session(tables, session.scenario).step(18)
    simulated = time.perf_counter() - began
    frame = played[2]
    began = time.perf_counter()
    held = ()
    for _ in range(4):
        held = kept.keep(held, frame)
    overlay.laid_over(makers(texts)(frame), frame, held, overlay.drawn(makers(texts), held), texts)
    assert time.perf_counter() - began < 3 * simulated


# ---- the table --------------------------------------------------------------------------------------------------------
def test_the_table_says_what_a_run_says(played, tables):
    """Peak, shortage, use lost, recycling and who is hit are those of the tables of the run, to the digit."""
    frame = played[1]
    outcome = run_scenario(frame.scenario, tables=tables)
    row = outcome.summary.set_index("metal").loc["cobalt"]
    own = differ.found(kept.keep((), frame)[0].frame, "cobalt", frame.t)
    numbers = {key: number(own.effect) for key, number, _ in differ.NUMBERS}
    named = {"peak": "price_peak_ratio", "dear": "price_peak", "short": "shortage_t", "lost": "use_lost_t"}
    for key, column in named.items():
        assert numbers[key] == row[column], key
    assert 100.0 * numbers["share"] == row["use_lost_pct"]
    assert f"{row['price_peak_date']:%Y-%m}" == f"{2024 + own.peak_at // 12}-{own.peak_at % 12 + 1:02d}"
    for who, hits in (("country", own.countries), ("product", own.products)):
        table = outcome.hits[(outcome.hits["metal"] == "cobalt") & (outcome.hits["who"] == who)]
        assert list(table["name"]) == [hit.name for hit in hits]
        assert list(table["share"]) == pytest.approx([hit.share for hit in hits], rel=1e-12)
        assert list(table["tonnes"]) == pytest.approx([hit.tonnes for hit in hits], rel=1e-12)


def test_the_table_compares_the_same_months(played, tables):
    texts = Texts("en", tables)
    calm, short, long_ = played
    rows = differ.table([short, long_], "cobalt", texts)
    longer = [row.name for row in rows if row.cells[1][1].startswith("+")]
    assert texts("kept.row.peak") in longer
    assert texts("kept.row.lost") in longer
    assert all(row.cells[0][1] == "" for row in rows)
    early = differ.table([calm, short, long_], "cobalt", texts)  # up to the third month nothing had happened
    assert {cell for row in early for cell in (gap for _, gap in row.cells[1:])} <= {"=", ""}
    assert differ.until_all([calm, short]) == 3


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_table_reads_well(played, tables, language):
    texts = Texts(language, tables)
    for row in differ.table([*played[1:], played[0]], "cobalt", texts):
        for text in (row.name, *(part for cell in row.cells for part in cell)):
            assert "nan" not in text
            assert "−0 " not in text


# ---- the address ------------------------------------------------------------------------------------------------------
def test_kept_worlds_come_back_from_an_address(played, tables):
    held = kept.keep(kept.keep((), played[1]), played[0])
    text = kept.written(held, 6000)
    assert 0 < len(text) < 3000
    back, whole = shelf.brought(tables, text, lambda: True)
    assert whole
    assert [(one.letter, one.frame.t, one.frame.scenario) for one in back] == [
        (one.letter, one.frame.t, one.frame.scenario) for one in held
    ]
    for mine, other in zip(held, back, strict=True):
        key = ("price", "cobalt", "refined")
        assert np.array_equal(mine.frame.live.line(*key), other.frame.live.line(*key))
    assert kept.written(back, 6000) == text
    assert kept.written(held, len(text) - 1) == ""
    assert shelf.brought(tables, text, lambda: False) == ((), False)


def test_what_does_not_fit_into_the_address_is_said(played, monkeypatch):
    calm, short, _ = played
    held = kept.keep((), short)
    text, own = kept.written(held, 6000), kept.link.packed(calm.scenario)["own"]
    assert own
    assert kept.left_out((), "", calm.scenario) == ""
    assert kept.left_out(held, text, calm.scenario) == ""
    assert kept.left_out(held, "", calm.scenario) == "long"
    monkeypatch.setattr(kept.link, "LONGEST", len(own) + len(text))
    assert kept.left_out(held, text, calm.scenario) == ""
    monkeypatch.setattr(kept.link, "LONGEST", len(own) + len(text) - 1)
    assert kept.left_out(held, text, calm.scenario) == "long"
    monkeypatch.setattr(kept.link, "LONGEST", len(own) - 1)
    assert kept.left_out(held, text, calm.scenario) == "whole"


BROKEN = ("[[1,2]]", '[["E",3,"",""]]', '[["A",1e999,"",""]]', "[" * 50_000, '{"A":1}')


@pytest.mark.parametrize("text", ["x", "eJwDAAAAAAE", *(kept.link.pack(text) for text in BROKEN)])
def test_a_broken_address_keeps_nothing(tables, text):
    with pytest.raises(DataError, match=r"link|Ask for"):
        kept.read(text)
    assert shelf.brought(tables, text, lambda: True) == ((), False)


def test_colours_of_kept_worlds_are_their_own():
    assert not set(KEPT.values()) & {ROLES["base"], ROLES["live"]}
    assert len(set(KEPT.values())) == len(KEPT)
    assert all(color in DARK for color in KEPT.values())
    assert len(set(DASHES.values())) == len(KEPT)
    assert set(DASHES) == set(KEPT)

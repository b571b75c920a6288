"""What pictures say of themselves when they are saved, and how a run is cited."""

import re
from pathlib import Path

import pytest
import yaml

from lodeflow import data
from lodeflow.experiments.run.written import program_version
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.batch import cite_view
from lodeflow.viz.app.texts import LANGUAGES, Texts
from lodeflow.viz.app.world import brief, stamp, worlds
from lodeflow.viz.app.world.session import Session

ROOT = Path(__file__).resolve().parents[3]
WORLD = ['world.metals=["cobalt"]', "world.end=2025-12", "world.seed=7"]


@pytest.fixture(scope="module")
def frame(tables):
    yield Session(tables, load_scenario("drc-cobalt-export-ban", WORLD, tables)).frame()
    worlds.forget()


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_stamp_names_what_it_takes_to_repeat_the_run(frame, tables, language):
    texts = Texts(language, tables)
    line = stamp.stamp_of(frame, texts)
    told = (
        frame.scenario.name,
        frame.scenario.world.start,
        "2025-12",
        "7",
        program_version(),
        data.fingerprint(tables)[:12],
    )
    assert [word for word in told if word not in line] == []
    cited = stamp.citation(frame, texts)
    assert [word for word in (told[0], "7", *told[4:], stamp.AUTHORS) if word not in cited] == []


def test_a_stamp_of_a_finished_batch_names_its_own_version_and_data(tables):
    line = stamp.stamp("x", {"start": "2024-01", "end": "2025-01"}, Texts("en", tables), "0.1.0", "f" * 64)
    assert "Lodeflow 0.1.0, data ffffffffffff." in line
    assert "seed 1" in line


def test_the_citation_is_that_of_the_program(frame, tables):
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert [author["name"] for author in cited["authors"]] == [stamp.AUTHORS]
    assert cited["title"] in stamp.citation(frame, Texts("en", tables))


def test_bibtex_is_whole(frame, tables):
    entry = stamp.bibtex(frame, Texts("en", tables))
    assert re.match(r"@software\{[a-z0-9-]+,\n", entry)
    assert entry.count("{") == entry.count("}")
    assert set(re.findall(r"^  (\w+) = ", entry, re.MULTILINE)) == {"author", "title", "version", "note"}
    assert "seed 7" in entry


def test_the_code_of_a_frame_has_a_gap_for_the_address():
    assert cite_view.FRAME.count("{address}") == 1


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_report_of_the_page_says_what_was_fired_and_when(tables, language):
    mine = Session(tables, load_scenario("drc-cobalt-export-ban", WORLD, tables))
    mine.step()
    texts = Texts(language, tables)
    first = brief.fired_lines(mine.frame(), texts)[0]
    assert texts.month(2025 * 12 + 2) in first
    assert texts.month(2025 * 12 + 9) in first
    told = brief.words(mine.frame(), texts)
    assert texts.month(2024 * 12) in told["state"]
    assert "drc-cobalt-export-ban" in told["stamp"]

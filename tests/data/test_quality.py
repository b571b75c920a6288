"""Share of tonnage that is observed, data cards, and which charts say that they are illustrative."""

from __future__ import annotations

import pytest

from docs.make_cards import pages
from lodeflow.data import Tables
from lodeflow.data.cards import card
from lodeflow.data.quality import ENOUGH, illustrative, newest, observed_share
from lodeflow.viz.frames import Labels


def test_the_share_is_that_of_the_newest_tonnage(tables: Tables) -> None:
    rows = newest(tables, "cobalt")
    seen = rows.loc[rows["observed_t"].notna(), "reconciled_t"].sum() / rows["reconciled_t"].sum()
    assert observed_share(tables, "cobalt") == pytest.approx(seen)
    assert observed_share(tables, "germanium") == 0.0


def test_a_metal_becomes_illustrative_when_less_than_half_is_observed(tables: Tables) -> None:
    assert "cobalt" not in illustrative(tables)
    assert "germanium" in illustrative(tables)
    table = tables.production.copy()
    table.loc[(table["metal"] == "cobalt") & (table["stage"] == "mine"), "status"] = "assumed"
    less = tables.replace(production=table)
    assert observed_share(less, "cobalt") < ENOUGH
    assert "cobalt" in illustrative(less)


def test_headings_of_an_illustrative_metal_say_so(tables: Tables) -> None:
    labels = Labels.of(tables.countries, tables.metals).marked(illustrative(tables))
    assert labels.metal("germanium") == "Germanium (illustrative)"
    assert labels.metal("cobalt") == "Cobalt"


def test_a_card_says_what_is_known(tables: Tables) -> None:
    found = card(tables, "niobium")
    assert found.share == pytest.approx(observed_share(tables, "niobium"))
    assert "--metals niobium" in " ".join(found.lines)
    assert {part.title.split(",")[0] for part in found.parts} == {"Output", "End uses", "Where it comes from (rows)"}
    assert "illustrative" in card(tables, "germanium").lines[0]
    assert "illustrative" not in found.lines[0]


def test_pages_are_written_from_the_tables(tables: Tables) -> None:
    for path, text in pages(tables).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `python -m docs.make_cards`"

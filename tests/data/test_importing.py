"""Files of the trade in their real layouts become own tables; each has its footnotes, blanks and totals."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lodeflow import data
from lodeflow.data import DataError
from lodeflow.data.importing.cells import number
from lodeflow.data.importing.run import import_file
from lodeflow.environment import WorldSettings, build
from lodeflow.environment.shocks.kinds import REGISTRY

FILES = Path(__file__).parent / "files"
LAYOUTS = [
    ("usgs", "usgs_release.csv"),
    ("usgs", "usgs_chapter.csv"),
    ("bgs", "bgs_long.csv"),
    ("bgs", "bgs_wide.csv"),
    ("comtrade", "comtrade.csv"),
    ("baci", "baci.csv"),
    ("iea", "iea.csv"),
    ("worldbank", "pinksheet.csv"),
    ("generic", "mines.csv"),
]


def imported(kind: str, name: str, folder: Path) -> str:
    mapping = FILES / "mines.toml" if kind == "generic" else None
    return "\n".join(import_file(kind, FILES / name, folder, mapping=mapping))


def rows(folder: Path, table: str = "production") -> dict[tuple[str, ...], dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8") as file:
        return {(r["metal"], r.get("stage", ""), r.get("iso3", ""), r["year"]): r for r in csv.DictReader(file)}


@pytest.mark.parametrize(("kind", "name"), LAYOUTS)
def test_a_file_goes_in_and_runs_a_ban(tmp_path: Path, kind: str, name: str) -> None:
    imported(kind, name, tmp_path)
    tables = data.load(tmp_path)
    ban = REGISTRY["export_ban"](actor="COD", metals=["cobalt"], form="all", start="2024-02", end="2024-04")
    world = build(tables, WorldSettings(metals=["cobalt"], end="2024-04", noise=0.0), [ban]).run()
    assert not world.events()[0]["no_effect"]


@pytest.mark.parametrize(
    ("cell", "value", "why"),
    [
        ("1,200", 1200.0, ""),
        ("e 1 200", 1200.0, ""),
        ("5 000 (a)", 5000.0, ""),
        ("*170 000", 170e3, ""),
        ("3,400r", 3400.0, ""),
        ("0.5", 0.5, ""),
        ("1.5e3", 1500.0, ""),
        ("W", None, "withheld"),
        ("NA", None, "not available"),
        ("—", None, "nil"),
        ("", None, "blank"),
        ("(1)", None, "less than half a unit"),
        ("Less than ½ unit", None, "less than half a unit"),
        ("<1", None, "a bound (<1)"),
        ("1,7", None, "doubtful separators (1,7)"),
        ("1,700,0006", None, "doubtful separators (1,700,0006)"),
        ("two", None, "no number (two)"),
    ],
)
def test_numbers_as_the_trade_writes_them(cell: str, value: float | None, why: str) -> None:
    found = number(cell)
    assert (found.value, found.why) == (value, why)


def test_what_was_kept_converted_and_dropped_is_said(tmp_path: Path) -> None:
    said = imported("usgs", "usgs_release.csv", tmp_path)
    for words in (
        "kept: 14 rows of production",
        "withheld (1)",
        "not available (1)",
        "totals of World total (rounded)",
        "others, cobalt",
    ):
        assert words in said
    made = rows(tmp_path)
    assert made["cobalt", "mine", "COD", "2024"]["observed_t"] == "220000.0"
    assert made["cobalt", "mine", "TUR", "2024"]["reason"] == "estimate of the source"
    assert ("cobalt", "mine", "MDG", "2024") not in made


def test_a_remainder_holds_nothing_twice(tmp_path: Path) -> None:
    imported("iea", "iea.csv", tmp_path)
    tables = data.load(tmp_path)
    refined = tables.production.query("metal == 'cobalt' and stage == 'refine' and year == 2024")
    assert refined["observed_t"].fillna(refined["assumed_t"]).sum() == pytest.approx(222e3, rel=0.01), (
        "the file's own total"
    )
    assert "from 2030 on" in imported("iea", "iea.csv", tmp_path)


def test_customs_become_metal_content_and_contradictions_are_shown(tmp_path: Path) -> None:
    said = imported("comtrade", "comtrade.csv", tmp_path)
    assert "exporter 480,000 t, importer 610,000 t gross; the importer's is kept" in said
    assert "code 282200: 0.28 t cobalt per t gross" in said
    assert "code 850760" in said
    assert "flows with the world as a whole (1)" in said
    with (tmp_path / "trade_flows.csv").open(encoding="utf-8") as file:
        flows = {(r["exporter"], r["importer"]): float(r["content_t"]) for r in csv.DictReader(file)}
    assert flows["COD", "CHN"] == pytest.approx(0.28 * 610e3)
    assert flows["TWN", "CHN"] == pytest.approx(0.7 * 20.0)


def test_two_sources_that_contradict_each_other_are_shown_and_not_averaged(tmp_path: Path) -> None:
    imported("bgs", "bgs_long.csv", tmp_path)
    said = imported("usgs", "usgs_release.csv", tmp_path)
    assert "contradicted: cobalt, mine, COD, 2023: 170000.0 (BGS" in said
    assert rows(tmp_path)["cobalt", "mine", "COD", "2023"]["observed_t"] == "175000.0"
    assert rows(tmp_path)["nickel", "mine", "NCL", "2023"]["observed_t"] == "231000.0", "other rows stay"


def test_prices_are_means_of_whole_years(tmp_path: Path) -> None:
    said = imported("worldbank", "pinksheet.csv", tmp_path)
    assert "2023: 11 months of copper only" in said
    prices = rows(tmp_path, "base_prices")
    assert float(prices["copper", "", "", "2024"]["price_usd_per_t"]) == 9150.0
    assert ("copper", "", "", "2023") not in prices


def test_a_workbook_gives_the_same_as_its_text(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    with (FILES / "usgs_chapter.csv").open(encoding="utf-8") as file:
        for row in csv.reader(file):
            book.active.append(
                [float(c.replace(",", "")) if c[:1].isdigit() and c.count(",") == 1 else c or None for c in row]
            )
    book.save(tmp_path / "usgs_chapter.xlsx")
    import_file("usgs", tmp_path / "usgs_chapter.xlsx", tmp_path / "book")
    import_file("usgs", FILES / "usgs_chapter.csv", tmp_path / "text")
    assert {k: r["observed_t"] for k, r in rows(tmp_path / "book").items()} == {
        k: r["observed_t"] for k, r in rows(tmp_path / "text").items()
    }


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (
            "usgs",
            "COBALT,\nMine production in metric tons,\nCountry,2024\nRuritania,5\n",
            "there is no country 'Ruritania'",
        ),
        ("usgs", "COBALT,\nMine production in mt,\nCountry,2024\nChile,5\n", "no title names the unit"),
        ("usgs", "Mine production in metric tons,\nCountry,2024\nChile,5\n", "no metal is named"),
        ("bgs", 'cobalt mine,\n"tonnes, gross weight",\nCountry,2024\nUSSR,5\n', "ended in 1991"),
        ("bgs", 'cobalt ore,\n"tonnes, gross weight",\nCountry,2024\nChile,5\n', "gross weight"),
        ("comtrade", "a,b\n1,2\n", "is not in the layout of UN Comtrade"),
        ("baci", "a,b\n1,2\n", "is not in the layout of BACI"),
        ("worldbank", "a,b\n1,2\n", "is not in the layout of the Pink Sheet"),
        ("generic", "a,b\n1,2\n", "needs a mapping"),
        ("bgs", "\n\n", "the file is empty"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_nothing_is_written(
    tmp_path: Path, kind: str, text: str, words: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        import_file(kind, path, tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_a_mapping_is_checked_as_a_whole(tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('table = "productoin"\nunti = "kt"\n[columns]\niso3 = "Country"\n', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        import_file("generic", FILES / "mines.csv", tmp_path / "into", mapping=mapping)
    assert len(caught.value.problems) == 2
    mapping.write_text(
        'table = "production"\n[columns]\niso3 = "County"\nyear = "Year"\nvalue = "Output (kt)"\n', encoding="utf-8"
    )
    with pytest.raises(DataError, match="nothing says what metal is"):
        import_file("generic", FILES / "mines.csv", tmp_path / "into", mapping=mapping)

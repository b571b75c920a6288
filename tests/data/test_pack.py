"""A data folder that holds only what differs: rows by key, names and units as the trade writes them, defaults that are named."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying

from lodeflow import data
from lodeflow.data import DataError, Tables
from lodeflow.data.findings import findings
from lodeflow.data.reconcile import rewrite
from lodeflow.data.template import write_template
from lodeflow.environment import WorldSettings, build

ROWS = "metal,stage,iso3,year,unit,observed_t\n"
YEARS = range(2020, 2025)
MINES = "".join(
    f"testium,mine,{iso3},{year},t Te,{tonnes}\n" for year in YEARS for iso3, tonnes in (("CHN", 200), ("AUS", 100))
)
USE = "metal,product,year,share\ntestium,electronics,2024,0.6\ntestium,widgets,2024,0.4\n"


def pack(folder: Path, **tables: str) -> Path:
    """A folder with these tables."""
    for name, text in tables.items():
        (folder / f"{name}.{'toml' if name == 'pack' else 'csv'}").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        data.load(folder)
    return str(caught.value)


def cell(tables: Tables, iso3: str, column: str, metal: str = "cobalt", stage: str = "mine", year: int = 2024) -> float:
    rows = tables.production.query("metal == @metal and stage == @stage and iso3 == @iso3 and year == @year")
    return float(rows[column].sum())


@pytest.fixture(scope="module")
def one_row(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """One row of production in kt under other names, one deleted, and a price in USD/lb."""
    folder = tmp_path_factory.mktemp("pack")
    rows = "metal,stage,iso3,year,unit,observed_t,delete\nCo,mine,DRC,2024,kt,300,\ncobalt,mine,AUS,2024,,,yes\n"
    return data.load(pack(folder, production=rows, base_prices="metal,year,price_usd_per_lb\nCobalt,2024,12\n"))


def test_a_row_replaces_its_namesake_and_the_others_stay(one_row: Tables, tables: Tables) -> None:
    assert len(one_row.production) == len(tables.production) - 1
    assert cell(one_row, "COD", "observed_t") == 300e3
    assert cell(one_row, "AUS", "reconciled_t") == 0.0
    assert cell(one_row, "COD", "observed_t", year=2023) == cell(tables, "COD", "observed_t", year=2023)
    nickel = [frame.production.query("metal == 'nickel'").reset_index(drop=True) for frame in (one_row, tables)]
    assert nickel[0].equals(nickel[1])


def test_what_was_read_how_is_said_with_its_factor(one_row: Tables) -> None:
    notes = "\n".join(one_row.notes)
    for words in ("'DRC' is read as COD", "1 kt = 1000 t Co", "times 2204.62", "deleted: 1", "reconciled_t computed"):
        assert words in notes


def test_an_edited_tonnage_has_an_effect(one_row: Tables, tables: Tables) -> None:
    made = [cell(frame, "COD", "reconciled_t") for frame in (one_row, tables)]
    assert made[0] > 1.05 * made[1]
    mined = [
        frame.production.query("metal == 'cobalt' and year == 2024 and stage == 'mine'") for frame in (one_row, tables)
    ]
    totals = [rows["reconciled_t"].sum() for rows in mined]
    assert totals[0] == pytest.approx(totals[1], rel=1e-4), "mines still deliver what refiners need"


def test_a_price_per_pound_is_a_price_per_tonne(one_row: Tables) -> None:
    row = one_row.base_prices.query("metal == 'cobalt' and year == 2024")
    assert row["price_usd_per_t"].item() == pytest.approx(12 / 0.45359237e-3)


@pytest.fixture(scope="module")
def new_metal(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """A metal made up for the test: production and use alone."""
    return data.load(pack(tmp_path_factory.mktemp("new"), production=ROWS + MINES, use_shares=USE))


def test_production_and_use_alone_run(new_metal: Tables) -> None:
    world = build(new_metal, WorldSettings(metals=["testium"], end="2024-12", noise=0.0)).run()
    assert world.month == 12 * 2025
    made = cell(new_metal, "CHN", "reconciled_t", "testium", "refine")
    assert made == pytest.approx(
        200 * new_metal.yields.query("step == 'refining' and metal == 'testium'")["value"].item()
    )


def test_every_default_is_named(new_metal: Tables) -> None:
    notes = "\n".join(new_metal.notes)
    for table in ("metals", "products", "cover", "yields", "cost_curve", "base_prices", "use_shares", "demand_index"):
        assert f"{table}.csv: " in notes
    assert "values in USD mean nothing" in notes
    assert "refined where it is mined" in notes


def test_a_single_year_of_data_runs_too(tmp_path: Path) -> None:
    rows = "".join(line for line in MINES.splitlines(True) if ",2023," in line)
    tables = data.load(pack(tmp_path, production=ROWS + rows, use_shares=USE))
    settings = WorldSettings(metals=["testium"], end="2025-12", expected="trend", noise=0.0)
    world = build(tables, settings).run()
    assert world.settings.data_year == 2023, "the data end in 2023"
    assert np.isfinite(world.refiners.stock).all()


def test_years_go_on_where_the_data_go_on(tmp_path: Path, tables: Tables) -> None:
    rows = tables.production.query("metal == 'cobalt' and year == 2024").assign(year=2025)
    production = rows.to_csv(index=False)
    shares = tables.use_shares.query("metal == 'cobalt' and year == 2024").assign(year=2025).to_csv(index=False)
    more = data.load(pack(tmp_path, production=production, use_shares=shares))
    world = build(more, WorldSettings(metals=["cobalt"], start="2025-06", end="2025-08", noise=0.0))
    assert world.settings.data_year == 2025
    assert build(more, WorldSettings(end="2024-02")).settings.data_year == 2024, "all metals together end in 2024"


@pytest.mark.parametrize(
    ("table", "text", "words"),
    [
        ("production", ROWS + "kobalt,mine,COD,2024,t,5\n", "Did you mean 'cobalt'"),
        ("production", ROWS + "cobalt,mine,Congo,2024,t Co,5\n", "COD (DR Congo, Kinshasa) or COG"),
        ("production", ROWS + "cobalt,mine,USSR,2024,t Co,5\n", "ended in 1991"),
        ("production", ROWS + "cobalt,mine,COD,2024,t Co,\n", "no tonnage"),
        ("hosts", "metal,iso3,host,delete\ncobalt,AUT,copper,yes\n", "there is no such row"),
        ("cover", "metal,place,months\ncobalt,feed,5\n,feed,2\n", "the cell is empty"),
        ("use_shares", "metal,product,year,share\ncobalt,superalloys,2024,0.5\n", "the sum is 0.5"),
        ("hosts", "metal,iso3,host,host_stage\nnickel,CHN,copper,mine\n", "the column is missing"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path: Path, table: str, text: str, words: str) -> None:
    folder = pack(tmp_path, **{table: text})
    found = refused(folder)
    assert words in found
    assert len(found.splitlines()) <= 5


def test_all_problems_of_a_folder_at_once(tmp_path: Path) -> None:
    folder = pack(
        tmp_path,
        production=ROWS + "cobalt,mine,COD,2024,mt,5\n",
        cover="metal,place,months\ncobalt,feed,-1\n",
        groups="group,iso3\nX,Ruritania\n",
    )
    found = refused(folder)
    assert all(f"{name}.csv, row 2" in found for name in ("production", "cover", "groups"))


def test_a_table_may_be_taken_whole(tmp_path: Path, tables: Tables) -> None:
    text = tables.hosts.query("metal == 'gallium'").to_csv(index=False)
    whole = data.load(pack(tmp_path, hosts=text, pack='whole = ["hosts"]\n'))
    assert set(whole.hosts["metal"]) == {"gallium"}
    assert "did you mean" in refused(pack(tmp_path, pack='whole = ["host"]\n')).lower()


def test_a_folder_of_version_0_2_0_gives_the_same_tables(tmp_path: Path, tables: Tables) -> None:
    """Whole tables with a changed cell, columns of that version, and a sidecar with its bounds."""
    from lodeflow.data.loader import SHIPPED

    for name in ("metals", "production", "calibrated", "published_targets"):
        frame = tables[name].drop(
            columns=["elasticity", "elasticity_source", "contradicted_by", "group"], errors="ignore"
        )
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    text = (SHIPPED / "production.toml").read_text(encoding="utf-8")
    (tmp_path / "production.toml").write_text(text.replace("max = 2100", "max = 2024"), encoding="utf-8")
    old = data.load(tmp_path)
    for name in tables:
        assert old[name].equals(tables[name]), name


def test_reconcile_works_on_the_folder_alone(tmp_path: Path) -> None:
    from lodeflow.data.loader import SHIPPED

    before = (SHIPPED / "production.csv").read_bytes()
    folder = pack(tmp_path, production=ROWS + "Co,mine,DRC,2024,kt,300\n")
    computed = cell(data.load(folder), "COD", "reconciled_t")
    rewrite(folder)
    lines = (folder / "production.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("cobalt,mine,COD,2024,t Co,300000.0")
    assert cell(data.load(folder), "COD", "reconciled_t") == computed
    assert (SHIPPED / "production.csv").read_bytes() == before


def test_what_is_odd_is_found(tmp_path: Path, tables: Tables) -> None:
    rows = ROWS + "nickel,mine,IDN,2024,t Ni,20\ncobalt,mine,COD,2024,t Co,50\n"
    folder = pack(tmp_path, production=rows, base_prices="metal,year,price_usd_per_t\ncobalt,2024,26\n")
    odd = data.load(folder)
    found = "\n".join([*odd.notes, *findings(odd, tables)])
    assert "nickel, mine, IDN, 2024: 20 t is 1/" in found
    assert "cobalt, 2024: refined output needs" in found
    assert "cobalt, 2024: 26 USD/t is 1/" in found
    assert "cobalt, 2024, COD: customs saw" in found
    assert findings(tables, tables) == []


def test_a_template_checks_and_is_never_laid_over_files(tmp_path: Path, tables: Tables) -> None:
    write_template("Test Metal", tmp_path / "mine", tables)
    made = data.load(tmp_path / "mine")
    assert "test-metal" in set(made.metals["metal"])
    with pytest.raises(DataError, match="there already"):
        write_template("test-metal", tmp_path / "mine", tables)
    with pytest.raises(DataError, match="has tables already"):
        write_template("cobalt", tmp_path / "other", tables)


def test_a_partial_table_runs_with_its_metals_and_explains_itself_without(tmp_path: Path, tables: Tables) -> None:
    rows = tables.production.query("metal in ['cobalt', 'copper'] and year >= 2015")
    folder = pack(tmp_path, production=rows.to_csv(index=False), pack='whole = ["production"]\n')
    partial = data.load(folder)
    for settings in (
        {"metals": ["cobalt"]},
        {"metals": ["cobalt"], "start": "2016-01", "end": "2016-03", "expected": "trend"},
    ):
        build(partial, WorldSettings(**{"end": "2024-03", "noise": 0.0} | settings)).run()
    with pytest.raises(DataError, match="no refine output of lithium"):
        build(partial, WorldSettings(end="2024-03"))


def test_a_new_metal_with_late_data_stands_beside_the_others(tmp_path: Path) -> None:
    tables = data.load(pack(tmp_path, production=ROWS + MINES, use_shares=USE))
    assert tables.use_shares.query("metal == 'testium'").groupby("year")["share"].sum().index.min() == 2000
    world = build(tables, WorldSettings(metals=["testium", "cobalt"], end="2024-03", noise=0.0)).run()
    assert np.isfinite(world.refiners.stock).all()


ODD = [
    "",
    "nan",
    "inf",
    "-5",
    "1e400",
    "1,200",
    "W",
    "kt",
    "mt",
    "t ore",
    "DRC",
    "Congo",
    "Co",
    "kobalt",
    "yes",
    "0",
    "2024.5",
    "220",
]
GOOD = {
    "production": {
        "metal": "cobalt",
        "stage": "mine",
        "iso3": "COD",
        "year": "2024",
        "unit": "t Co",
        "observed_t": "220000",
    },
    "base_prices": {"metal": "cobalt", "year": "2024", "price_usd_per_t": "26000", "unit": "USD/t"},
    "cover": {"metal": "cobalt", "place": "feed", "months": "2"},
    "use_shares": {"metal": "cobalt", "product": "superalloys", "year": "2024", "share": "1"},
}


@trying(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_cell_is_refused_in_one_line_or_gives_a_sound_world(draw: st.DataObject) -> None:
    """Never a traceback, never a number that is none, and a value that moved far is said."""
    name = draw.draw(st.sampled_from(sorted(GOOD)))
    row = GOOD[name] | {draw.draw(st.sampled_from(sorted(GOOD[name]))): draw.draw(st.sampled_from(ODD))}
    if draw.draw(st.booleans()):
        row["delete"] = draw.draw(st.sampled_from(ODD))
    text = ",".join(row) + "\n" + ",".join(f'"{cell}"' for cell in row.values()) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = data.load(pack(Path(folder), **{name: text}))
            world = build(made, WorldSettings(metals=["cobalt"], end="2024-01", noise=0.0))
        except DataError as error:
            lines = str(error).splitlines()
            world = None
        if world is None:
            assert len(lines) > 1
            return
    world.run()
    assert np.isfinite(made.production["reconciled_t"]).all()
    assert np.isfinite(world.refiners.stock).all()
    if name == "production" and row["observed_t"] == "220":
        assert any("the years beside it" in note for note in made.notes) or "delete" in row

"""A folder of own tables: what counts, what falls back to the shipped rows, and what is refused by name."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from lodeflow import data
from lodeflow.data import DataError, Tables
from lodeflow.data.loader import SHIPPED
from lodeflow.environment import WorldSettings, build

HEAD = "parameter,scope_kind,scope,value,low,high,unit,status,reason,source\n"
CARRY = "carry,global,,0.015,0.01,0.02,1/month,assumed,test,test\n"
COBALT = WorldSettings(metals=["cobalt"], end="2024-03", noise=0.0)


def own(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path) -> list[str]:
    with pytest.raises(DataError) as caught:
        data.load(folder)
    return [str(problem) for problem in caught.value.problems]


def unit_of(tables: Tables, parameter: str) -> str:
    return str(tables.parameters.drop_duplicates("parameter").set_index("parameter")["unit"][parameter])


def test_changed_parameters_suffice_and_a_line_says_so(tmp_path: Path, tables: Tables) -> None:
    row = CARRY.replace("1/month", unit_of(tables, "carry"))
    mine = data.load(own(tmp_path, "parameters.csv", HEAD + row))
    changed = mine.parameters["value"] != tables.parameters["value"]
    assert mine.parameters.loc[changed, ["parameter", "value"]].to_numpy().tolist() == [["carry", 0.015]]
    assert (mine.parameters.dtypes == tables.parameters.dtypes).all()
    count = len(tables.parameters) - 1
    assert mine.notes == (f"parameters.csv: own rows: 1; rows left out, which are the shipped ones: {count}.",)
    assert build(mine, COBALT).run().parameters["carry"] == 0.015


def test_a_new_scope_of_a_parameter_comes_on_top(tmp_path: Path, tables: Tables) -> None:
    row = f"eta,metal,nickel,1.1,0.9,1.2,{unit_of(tables, 'eta')},assumed,test,test\n"
    mine = data.load(own(tmp_path, "parameters.csv", HEAD + row))
    assert len(mine.parameters) == len(tables.parameters) + 1
    assert mine.parameters.iloc[-1]["scope"] == "nickel"


def test_a_whole_own_table_of_parameters_needs_no_line(tmp_path: Path, tables: Tables) -> None:
    text = (SHIPPED / "parameters.csv").read_text(encoding="utf-8")
    mine = data.load(own(tmp_path, "parameters.csv", text))
    assert mine.notes == ()
    pd.testing.assert_frame_equal(mine.parameters, tables.parameters)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("cary,global,,0.015,0.01,0.02,U,assumed,t,t", "Did you mean 'carry'"),
        ("carry,metal,cobalt,0.015,0.01,0.02,U,assumed,t,t", "one value for all metals"),
        ("eta,metal,kobalt,0.5,0.4,0.6,U,assumed,t,t", "no scope 'kobalt'"),
        ("eta,class,nickel,0.5,0.4,0.6,U,assumed,t,t", "'nickel' is no class"),
        ("carry,global,,-0.015,-0.02,0.02,U,assumed,t,t", "has no meaning here"),
        ("carry,global,,1e308,0.01,1e308,U,assumed,t,t", "has no meaning here"),
        ("carry,global,,inf,0.01,0.02,U,assumed,t,t", "not a finite number"),
        ("carry,global,,nan,0.01,0.02,U,assumed,t,t", "'nan' is not a number"),
        ("carry,global,,0.5,0.01,0.02,U,assumed,t,t", "outside of low 0.01 to high 0.02"),
        ("carry,global,,0.015,0.02,0.01,U,assumed,t,t", "above high"),
        ("carry,global,,0.015,0.01,0.02,percent,assumed,t,t", "is not the unit of carry"),
        ("smoothing_years,global,,4.5,3,7,years,assumed,t,t", "not a whole number"),
    ],
)
def test_a_row_that_the_model_would_not_read_is_named(tmp_path: Path, tables: Tables, row: str, words: str) -> None:
    row = row.replace(",U,", f",{unit_of(tables, row.split(',')[0].replace('cary', 'carry'))},")
    found = refused(own(tmp_path, "parameters.csv", HEAD + row + "\n"))
    assert any(words in line and "parameters.csv, row 2" in line for line in found), found


def test_links_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    for name in ("cover.csv", "yields.toml"):
        (tmp_path / name).symlink_to(tmp_path / "gone")
    found = refused(tmp_path)
    assert len(found) == 2
    assert all("a link to a file that is not there" in line for line in found)


@pytest.mark.parametrize("name", ["cover.csv", "cover.toml"])
def test_a_pipe_is_refused_unread(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    [line] = refused(tmp_path)
    assert line.startswith(f"{name}: is a pipe")


def test_an_ending_in_capitals_is_not_passed_over(tmp_path: Path) -> None:
    own(tmp_path, "cover.CSV", "x")
    assert "Name it cover.csv" in refused(tmp_path)[0]


@pytest.mark.parametrize("line", [2, 20])
def test_an_open_quote_names_its_row(tmp_path: Path, line: int) -> None:
    rows = (SHIPPED / "cover.csv").read_text(encoding="utf-8").split("\n")
    rows[line - 1] = rows[line - 1].replace(",assumed,", ',assumed,"', 1)
    [found] = refused(own(tmp_path, "cover.csv", "\n".join(rows)))
    assert found.startswith(f"cover.csv, row {line}:")


def test_quotes_that_close_in_a_later_row_are_found_too(tmp_path: Path) -> None:
    text = HEAD.replace("parameter,scope_kind,scope,value,low,high,unit,status,reason,source", "group,iso3,source")
    [found] = refused(own(tmp_path, "groups.csv", text + 'EU27,DEU,"a\nEU27,FRA,b\nEU27,ITA,c"\n'))
    assert found.startswith("groups.csv, row 2:")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('unit = "month"', 'unit = "year"', "more than its description"),
        ("min = 0\n", "", "more than its description"),
        ('key = ["metal", "place"]', 'key = ["metal"]', "differs from the shipped sidecar"),
    ],
)
def test_an_own_sidecar_keeps_the_rules_of_a_shipped_table(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (SHIPPED / "cover.toml").read_text(encoding="utf-8")
    assert old in text
    found = refused(own(tmp_path, "cover.toml", text.replace(old, new)))
    assert any("cover.toml" in line and words in line for line in found), found


def test_an_own_sidecar_may_describe_otherwise(tmp_path: Path) -> None:
    text = (SHIPPED / "cover.toml").read_text(encoding="utf-8")
    changed = text.replace('description = "normal stock"', 'description = "mine"')
    assert changed != text
    assert data.load(own(tmp_path, "cover.toml", changed)).column("cover", "months").description == "mine"


def test_tables_without_rows_are_read_where_none_has_a_meaning(tmp_path: Path, tables: Tables) -> None:
    names = [name for name in tables if tables.schema(name).empty]
    assert {"strategic_reserves", "policies", "market_balance"} <= set(names)
    for name in names:
        own(tmp_path, f"{name}.csv", ",".join(tables.schema(name).columns) + "\n")
    mine = data.load(tmp_path)
    assert all(mine[name].empty and list(mine[name]) == list(tables[name]) for name in names)
    world = build(mine, COBALT).run()
    assert not world.desks.reserve.any()


@pytest.mark.parametrize("name", [name for name in data.table_names() if data.shared().schema(name).empty])
def test_each_of_them_may_be_empty_alone(tables: Tables, name: str) -> None:
    build(tables.replace(**{name: tables[name].iloc[:0]}), COBALT).run()


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [
        ("cover", "place != 'mine'", "cover.csv: there is no row for cobalt mine"),
        ("yields", "step != 'refining'", "yields.csv: there is no row for cobalt refining"),
        ("use_shares", "metal != 'cobalt'", "use_shares.csv: there is no row for cobalt"),
        ("production", "year != 2015", "production.csv: there is no row for 2015"),
        ("use_shares", "year != 2015", "use_shares.csv: there is no row for 2015"),
        (
            "demand_index",
            "year != 2030 or product != 'portable-battery'",
            "no row for 2030 of portable-battery in cobalt",
        ),
        ("demand_index", "scenario != 'STEPS'", "there is no demand scenario 'STEPS'"),
        ("manufacturing_shares", "product != 'portable-battery'", "there is no row for portable-battery"),
        ("country_years", "year != 2000 and year < 2000", "country_years.csv"),
        ("base_prices", "year != 2024", "base_prices.csv"),
    ],
)
def test_a_row_that_a_world_needs_is_named(tables: Tables, name: str, query: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        build(tables.replace(**{name: tables[name].query(query).reset_index(drop=True)}), COBALT)
    assert any(words in str(problem) for problem in caught.value.problems), str(caught.value)


@pytest.mark.parametrize(
    ("name", "column", "value", "words"),
    [
        ("production", "observed_t", "1e308", "too large"),
        ("production", "year", "1e308", "not a whole number"),
        ("base_prices", "price_usd_per_t", "1e300", "too large"),
        ("cover", "months", "1e9", "too large"),
        ("yields", "low", "0.99", "is above high"),
        ("trade_shares", "year_from", "2024", "is above year_to"),
    ],
)
def test_numbers_beyond_all_meaning_are_named(tmp_path: Path, name: str, column: str, value: str, words: str) -> None:
    table = pd.read_csv(SHIPPED / f"{name}.csv", dtype=str, keep_default_na=False)
    table.loc[0, column] = value
    table.to_csv(tmp_path / f"{name}.csv", index=False)
    found = refused(tmp_path)
    assert any(f"{name}.csv, row 2, column {column}" in line and words in line for line in found), found

"""The catalogue of variables: it is whole, every row has its function, and what is wrong with a row is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodeflow.data import Tables, catalogue
from lodeflow.data.catalogue import FILE, read
from lodeflow.data.problems import DataError
from lodeflow.environment import WorldSettings, build
from lodeflow.environment.records.channels import CHANNELS
from lodeflow.environment.shocks.kinds import ExportBan

HEAD = FILE.read_text(encoding="utf-8").splitlines()[0]
ROW = "lost,refined,t,month,lost,desk,sum,more,world,line,metal lost,损失的金属,what is lost"


def problems(tmp_path: Path, *rows: str) -> list[str]:
    path = tmp_path / "variables.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read(path)
    return [str(problem) for problem in caught.value.problems]


def test_every_array_has_its_function_and_every_function_its_row() -> None:
    named = [array for one in read() for array in one.arrays]
    assert sorted(named) == sorted(CHANNELS)
    assert all(
        CHANNELS[array].place == place for one in read() for array, place in zip(one.arrays, one.by, strict=True)
    )


def test_what_a_run_writes_is_what_the_catalogue_says(tables: Tables) -> None:
    bans = [
        ExportBan(actor=who, metals=[what], start="2024-02") for who, what in (("COD", "cobalt"), ("CHN", "gallium"))
    ]
    settings = WorldSettings(metals=["cobalt", "gallium"], end="2024-04", footprint=True)
    rows = build(tables, settings, bans).run().recorder.series()
    forms = {"ore": "feed", "intermediate": "feed"}
    written = {
        (str(variable), forms.get(str(form), str(form)), str(unit))
        for variable, form, unit in rows[["variable", "form", "unit"]].drop_duplicates().itertuples(index=False)
    }
    assert written == {(one.variable, one.form, one.unit) for one in catalogue.series()}
    sums = {
        one.variable for one in catalogue.series() if one.summed != catalogue.NONE and one.variable != "price_inside"
    }
    whole = set(rows.loc[rows["region"].isin(["WLD", "EU27"]), "variable"].astype(str))
    assert whole == sums
    assert set(rows.loc[rows["variable"] == "ask", "region"].astype(str)).isdisjoint({"WLD", "EU27"})


def test_names_tell_the_forms_of_a_variable_apart() -> None:
    names = [one.name for one in catalogue.series()]
    assert len(set(names)) == len(names)
    assert {"price", "feed_price", "all_net_import_reliance"} <= set(names)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",sum,", ",total,", "column summed: 'total' is none of the words. Use one of: sum, mean by use"),
        (",more,", ",up,", "column worse: 'up' is none of the words"),
        (",line,", ",line map,", "column drawn: 'line map' is none of the words"),
        (",desk,sum", ",desk refiner,sum", "column by: does not name one place for each array"),
        ("desk,sum", "refiner,mean by use", "a mean by use needs one array by desk"),
        (",lost,desk,sum", ",,,sum", "column arrays: nothing is recorded"),
        ("损失的金属", "", "column label_zh: is empty"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(tmp_path: Path, old: str, new: str, told: str) -> None:
    (problem,) = problems(tmp_path, ROW.replace(old, new, 1))
    assert problem.startswith("variables.csv, row 2, ")
    assert told in problem


def test_all_problems_of_a_catalogue_are_told_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, ROW, ROW, ROW.replace("lost,", "gone,", 1).replace(",sum,", ",total,"))) == 2


def test_a_row_that_is_there_already_is_not_added_again() -> None:
    with pytest.raises(DataError, match="is there already"):
        catalogue.add("use,refined,t,month,use,desk,sum,less,places,,use,使用,use")
    with pytest.raises(DataError, match="has 2 cells"):
        catalogue.add("use,refined")
    assert tuple(read()) == catalogue.variables()

"""What goes out comes back with the same numbers, in every form."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lodeflow as lf
from lodeflow.data import DataError
from lodeflow.experiments.exchange import forms
from lodeflow.experiments.exchange.write import FORMATS, export
from lodeflow.experiments.run.results import Outcome


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    scenario = lf.load(
        "drc-cobalt-export-ban", ['world.metals=["cobalt","gallium"]', "world.start=2025-01", "world.end=2025-06"]
    )
    return lf.run(scenario)


@pytest.fixture(scope="module")
def written(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("out")
    return {form: export(outcome, form, folder / f"run-{form}{ending}") for form, (_, ending) in FORMATS.items()}


def same(one: pd.Series, other: pd.Series) -> None:
    assert len(one) == len(other) > 0
    np.testing.assert_array_equal(one.to_numpy(float), other.to_numpy(float))


def test_tables_as_parquet_and_csv(outcome: Outcome, written: dict[str, Path]) -> None:
    for name in ("series", "trade", "ledger", "products"):
        frame = getattr(outcome, name)
        measure = next(word for word in ("value", "tonnes", "wanted") if word in frame)
        same(pd.read_parquet(written["parquet"] / f"{name}.parquet")[measure], frame[measure])
        same(pd.read_csv(written["csv"] / f"{name}.csv")[measure], frame[measure])
    assert set(pd.read_csv(written["csv"] / "trade.csv")["price_unit"]) == {"USD/t"}


def test_iamc_has_its_columns_units_and_numbers(outcome: Outcome, written: dict[str, Path]) -> None:
    back = pd.read_csv(written["iamc"])
    assert list(back.columns) == forms.IAMC
    same(back["value"], outcome.series["value"])
    assert not back.duplicated(forms.IAMC[:-1]).any(), "a key stands for one number"
    price = back[(back["variable"] == "Cobalt|Refined|Price") & (back["region"] == "World")]
    assert set(price["unit"]) == {"USD/t"}
    assert len(price) == 2 * 6


def test_iamc_keeps_the_rules_of_the_format(outcome: Outcome, written: dict[str, Path]) -> None:
    """What pyam asks of a long file, for machines without pyam: its columns, no cell empty, times that are dates, numbers."""
    back = pd.read_csv(written["iamc"])
    assert list(back.columns) == ["model", "scenario", "region", "variable", "unit", "time", "value"]
    assert back.notna().all().all()
    assert pd.to_datetime(back["time"], format="%Y-%m-%d", errors="coerce").notna().all()
    assert np.isfinite(back["value"]).all()
    assert len(back) == outcome.series["value"].notna().sum()
    text = back[["model", "scenario", "region", "variable", "unit"]].astype(str)
    assert (text == text.apply(lambda column: column.str.strip())).all().all()
    assert not back["variable"].str.contains(r"\|\||^\||\|$", regex=True).any(), "no empty level between bars"
    assert back.groupby("variable")["unit"].nunique().eq(1).all(), "a variable has one unit"


def test_iamc_opens_in_pyam(outcome: Outcome, written: dict[str, Path]) -> None:
    pyam = pytest.importorskip("pyam")
    frame = pyam.IamDataFrame(written["iamc"])
    assert len(frame) == outcome.series["value"].notna().sum()
    assert frame.data["value"].sum() == pytest.approx(outcome.series["value"].sum(), rel=1e-12)


def test_netcdf_has_every_series(outcome: Outcome, written: dict[str, Path]) -> None:
    xr = pytest.importorskip("xarray")
    with xr.open_dataset(written["netcdf"]) as back:
        for (variable, unit), rows in outcome.series.groupby(["variable", "unit"], observed=True):
            at = {name: xr.DataArray(rows[name].astype(str).to_numpy(object), dims="row") for name in forms.SERIES[:-1]}
            found = back[str(variable)].sel(**at, date=xr.DataArray(rows["date"].to_numpy(), dims="row"))
            np.testing.assert_array_equal(found.to_numpy(), rows["value"].to_numpy(float))
            assert str(unit) in back[str(variable)].attrs["units"]
        np.testing.assert_array_equal(back["trade_tonnes"].to_numpy(), outcome.trade["tonnes"].to_numpy(float))


def test_flow_arrays_close_the_balance(outcome: Outcome, written: dict[str, Path]) -> None:
    about = json.loads((written["flodym"] / "definition.json").read_text(encoding="utf-8"))
    inside = dict.fromkeys(about["processes"], 0.0)
    for flow in about["flows"]:
        rows = pd.read_csv(written["flodym"] / flow["file"])
        rows = rows[(rows["Run"] == "shock") & (rows["Element"] == "cobalt") & (rows["Time"] > "2025-01")]
        inside[flow["from"]] -= rows["value"].sum()
        inside[flow["to"]] += rows["value"].sum()
    for stock in about["stocks"]:
        rows = pd.read_csv(written["flodym"] / stock["file"])
        rows = rows[(rows["Run"] == "shock") & (rows["Element"] == "cobalt")].set_index("Time")["value"]
        change = rows["2025-06"] - rows["2025-01"]
        assert inside[stock["process"]] == pytest.approx(change, abs=1e-6 * (abs(rows).max() + 1.0)), stock["process"]


def test_flodym_takes_the_flows(outcome: Outcome, written: dict[str, Path]) -> None:
    flodym = pytest.importorskip("flodym")
    about = json.loads((written["flodym"] / "definition.json").read_text(encoding="utf-8"))
    dims = flodym.DimensionSet(
        dim_list=[
            flodym.Dimension(name=d["name"], letter=d["letter"], items=d["items"], dtype=str)
            for d in about["dimensions"]
        ]
    )
    total = 0.0
    for flow in about["flows"]:
        rows = pd.read_csv(written["flodym"] / flow["file"], dtype={"Time": str})
        total += float(flodym.FlodymArray.from_df(dims=dims, df=rows).values.sum())
    assert total == pytest.approx(forms.flows(outcome)["tonnes"].sum(), rel=1e-12)


def test_odym_arrays_hold_every_flow(outcome: Outcome, written: dict[str, Path]) -> None:
    with np.load(written["odym"]) as back:
        arrays = [back[name] for name in back.files if name.startswith("F_")]
        assert arrays[0].shape == (6, 2, 2)
        total = sum(array.sum() for array in arrays)
    assert total == pytest.approx(forms.flows(outcome)["tonnes"].sum(), rel=1e-12)


def test_sankey_flows_are_sums_of_the_months(outcome: Outcome, written: dict[str, Path]) -> None:
    back = pd.read_csv(written["sankey"])
    trade = back[back["type"] == "trade"]
    assert trade["value"].sum() == pytest.approx(outcome.trade["tonnes"].sum(), rel=1e-12)
    assert {"COD intermediate"} <= set(trade["source"])
    assert set(back["unit"]) == {"t/year"}


def test_nothing_is_replaced_unasked(outcome: Outcome, written: dict[str, Path]) -> None:
    with pytest.raises(DataError, match="is there already"):
        export(outcome, "iamc", written["iamc"])
    export(outcome, "iamc", written["iamc"], overwrite=True)

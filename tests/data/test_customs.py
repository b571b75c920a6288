"""Customs records become metal: form by value, weights that cannot be, re-exports, flows that no record holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lodeflow.data import customs

PRICES = pd.Series({("cobalt", 2024): 30_000.0, ("copper", 2024): 9_000.0})
MEDIANS = pd.Series({("810510", 2024): 10_000.0})


def declared(**columns: object) -> pd.DataFrame:
    row = {"code": "810510", "exporter": "COD", "importer": "CHN", "year": 2024, "tonnes": 1000.0, "usd": 5e6}
    return pd.DataFrame([row | {"transit": False, "source_id": "BACI"} | columns])


def metal_of(tables, **columns: object) -> pd.Series:
    (found,) = customs.content(declared(**columns), tables.trade_codes, PRICES, MEDIANS).to_dict("records")
    return pd.Series(found)


def test_hydroxide_is_counted_by_its_content(tables) -> None:
    found = metal_of(tables)
    assert (found["form"], found["content_t"]) == ("intermediate", pytest.approx(280.0))
    assert not found["by_value"]


def test_metal_is_told_from_hydroxide_by_its_value(tables) -> None:
    found = metal_of(tables, exporter="FIN", usd=25e6)
    assert (found["form"], found["content_t"]) == ("refined", pytest.approx(980.0))


def test_what_congo_sends_is_hydroxide_whatever_the_declared_weight(tables) -> None:
    found = metal_of(tables, tonnes=50.0)
    assert found["form"] == "intermediate"
    assert found["content_t"] == pytest.approx(5e6 / 30_000.0 / 0.65), "a weight that cannot be gives way to value"
    assert found["by_value"]


def test_concentrate_is_counted_by_value(tables) -> None:
    found = metal_of(tables, code="260300", exporter="CHL", tonnes=1.0, usd=9e6)
    assert found["content_t"] == pytest.approx(1000.0 * 0.95)


def test_a_flow_without_weight_is_counted_by_value(tables) -> None:
    assert metal_of(tables, tonnes=np.nan)["content_t"] == pytest.approx(5e6 / 30_000.0 / 0.65)


def test_double_entries_and_second_sources_are_left_out(tmp_path) -> None:
    head = "hs92,exporter_iso3,importer_iso3,year,tonnes,usd_thousand,flag,source_id\n"
    rows = [
        "282200,COD,CHN,2020,10,100,possible_double_entry_with_810510,BACI",
        "282200,COD,NAM,2020,10,100,transit_or_trader_destination,BACI",
        "282200,FIN,DEU,2020,10,100,no_quantity,BACI",
        "282200,FIN,DEU,2020,99,990,,BFNA_BACI",
    ]
    (tmp_path / "trade_one.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    flows = customs.read(tmp_path, pd.DataFrame()).set_index(["exporter", "importer"])
    assert list(flows.index) == [("COD", "NAM"), ("FIN", "DEU")]
    assert flows["transit"].tolist() == [True, False]
    assert np.isnan(flows.loc[("FIN", "DEU"), "tonnes"])


def flows_of(table: np.ndarray) -> pd.DataFrame:
    names = [f"C{i}" for i in range(len(table))]
    i, j = np.nonzero(table)
    return pd.DataFrame({"exporter": np.array(names)[i], "importer": np.array(names)[j], "content_t": table[i, j]})


def test_a_re_export_counts_for_the_country_that_made_the_metal() -> None:
    table = np.array([[0.0, 10.0, 0.0], [0.0, 0.0, 8.0], [0.0, 0.0, 0.0]])
    found = customs.by_origin(flows_of(table), pd.Series({"C0": 10.0})).set_index(["exporter", "importer"])["content_t"]
    assert found.to_dict() == {("C0", "C1"): pytest.approx(2.0), ("C0", "C2"): pytest.approx(8.0)}


def test_what_a_country_makes_leaves_before_what_it_imports() -> None:
    table = np.array([[0.0, 10.0, 0.0], [0.0, 0.0, 8.0], [0.0, 0.0, 0.0]])
    found = customs.by_origin(flows_of(table), pd.Series({"C0": 10.0, "C1": 8.0}))
    assert sorted(found["content_t"]) == pytest.approx([8.0, 10.0])


def test_more_than_is_made_and_imported_does_not_leave() -> None:
    found = customs.by_origin(flows_of(np.array([[0.0, 10.0], [0.0, 0.0]])), pd.Series({"C0": 4.0}))
    assert found["content_t"].tolist() == pytest.approx([4.0])


def test_a_hub_passes_on_what_can_have_reached_it() -> None:
    """C0 makes 4 and declares 10 to C1, which makes 1 and declares 10 to C2: 5 reach C2, 4 of them from C0."""
    table = np.array([[0.0, 10.0, 0.0], [0.0, 0.0, 10.0], [0.0, 0.0, 0.0]])
    found = customs.by_origin(flows_of(table), pd.Series({"C0": 4.0, "C1": 1.0}))
    found = found.set_index(["exporter", "importer"])["content_t"]
    assert found["C0", "C2"] == pytest.approx(4.0)
    assert found["C1", "C2"] == pytest.approx(1.0)


def test_a_producer_that_the_sources_of_output_do_not_list_keeps_its_exports() -> None:
    found = customs.by_origin(flows_of(np.array([[0.0, 10.0], [0.0, 0.0]])), pd.Series(dtype=float))
    assert found["content_t"].tolist() == pytest.approx([10.0])


@given(arrays(float, (5, 5), elements=st.floats(0.0, 100.0)), arrays(float, 5, elements=st.floats(0.1, 300.0)))
def test_by_origin_nobody_sends_more_than_he_makes_and_no_metal_appears(table: np.ndarray, made: np.ndarray) -> None:
    np.fill_diagonal(table, 0.0)
    if not table.any():
        return
    found = customs.by_origin(flows_of(table), pd.Series(made, index=[f"C{i}" for i in range(5)]))
    assert (found["content_t"] > 0.0).all()
    sent = found.groupby("exporter")["content_t"].sum()
    assert (sent <= pd.Series(made, index=[f"C{i}" for i in range(5)]).reindex(sent.index) * (1 + 1e-9) + 1e-6).all()
    assert sent.sum() <= table.sum() * (1 + 1e-9)


def test_a_trade_does_not_vanish_with_its_source() -> None:
    old = [
        declared(code="750110", exporter="CAN", importer="NOR", year=y, source_id="CT_NI") for y in (2012, 2013, 2014)
    ]
    new = [declared(code="750110", exporter="IDN", importer="CHN", year=y, source_id="BFNA_BACI") for y in (2014, 2016)]
    mined = pd.DataFrame({"CAN": [200.0, 200.0, 200.0, 100.0]}, index=[2012, 2013, 2014, 2016])
    flows = customs.carried_on(pd.concat([*old, *new], ignore_index=True), mined)
    carried = flows[flows["source_id"] == customs.CARRIED]
    assert carried[["exporter", "year"]].to_numpy().tolist() == [["CAN", 2016]]
    assert carried["tonnes"].tolist() == pytest.approx([500.0]), "half the mine output, half the trade"


def test_shipped_flows_fit_what_countries_make(tables) -> None:
    """Exports by origin are at most output, where the sources of output list the country."""
    made = customs.made_of(tables)
    flows = tables.trade_flows[tables.trade_flows["form"] != "mixed"]
    sent = flows.groupby(["form", "metal", "year", "exporter"])["content_t"].sum()
    for (form, metal, year, exporter), tonnes in sent.items():
        own = made[form, metal, year].get(exporter, 0.0)
        assert own == 0.0 or tonnes <= own * 1.01, (form, metal, year, exporter)


def test_shipped_flows_are_those_of_the_press(tables) -> None:
    """Figures known from elsewhere: cobalt of DR Congo, Indonesian nickel, Chilean lithium."""
    flows = tables.trade_flows[tables.trade_flows["year"] == 2024].set_index(["metal", "form", "exporter", "importer"])[
        "content_t"
    ]
    assert 157e3 < flows["cobalt", "intermediate", "COD", "CHN"] < 195e3
    assert 190e3 < flows["copper", "ore", "COD", "CHN"] < 300e3
    assert 0.9e6 < flows["nickel", "refined", "IDN", "CHN"] < 1.1e6
    assert 30e3 < flows["lithium", "refined", "CHL", "CHN"] < 40e3


@pytest.mark.parametrize("given", [[], ["nowhere"]])
def test_a_folder_without_customs_files_is_one_line(given: list[str], monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("sys.argv", ["customs", *(str(tmp_path / name) for name in given)])
    with pytest.raises(SystemExit) as ended:
        customs.main()
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1

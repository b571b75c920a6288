"""Every row says under which licence it stands."""

from __future__ import annotations

from lodeflow.data import Tables
from lodeflow.data.licences import licences, licences_of, lost, pass_on, report


def test_the_strictest_document_of_a_row_counts() -> None:
    assert pass_on("USGS Mineral Commodity Summaries 2025") == "yes"
    assert pass_on("USGS Mineral Commodity Summaries 2025; UN Comtrade, HS 260400") == "open"
    assert pass_on("ecoinvent 3.9.1 market process, derived score only; World Bank") == "no"
    assert [one.document for one in licences_of("World Bank; somebody")][1].startswith("press")


def test_no_large_source_falls_under_the_press(tables: Tables) -> None:
    press = licences()[""]
    for name in tables:
        if "source" in tables[name]:
            counts = tables[name]["source"].value_counts()
            large = [str(source) for source, count in counts.items() if count >= 100]
            assert not [source for source in large if press in licences_of(source)], name


def test_the_report_counts_every_row_and_what_would_be_lost(tables: Tables) -> None:
    text = report(tables)
    named = sum(int(tables[n]["source"].str.match("CEPII BACI").sum()) for n in tables if "source" in tables[n])
    assert named > len(tables.trade_flows) / 2
    assert f"| CEPII, BACI | {named:,} |" in text
    row = next(line for line in lost(tables).splitlines() if line.startswith("| production_history |"))
    assert (
        row
        == f"| production_history | {len(tables.production_history):,} | 0 | {len(tables.production_history):,} | 0% |"
    )

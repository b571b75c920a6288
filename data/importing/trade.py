"""Importers of customs records: UN Comtrade and CEPII BACI; gross weight becomes metal content by table trade_codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from lodeflow.data.customs import WRONG, content
from lodeflow.data.importing import layout
from lodeflow.data.importing.cells import Grid
from lodeflow.data.importing.rows import MOST, Taken
from lodeflow.data.names import place
from lodeflow.data.problems import Problem

if TYPE_CHECKING:
    import pandas as pd

WORLD = ("W00", "WLD", "World", "0", "000")
EXPORTS, IMPORTS = ("x", "export", "exports", "domestic export", "re-export"), ("m", "import", "imports")


def comtrade(grid: Grid, taken: Taken, asked: str = "") -> None:
    """Trade from UN Comtrade, layout of today (`reporterDesc, cmdCode, netWgt ...`) or before (`Reporter, Commodity Code ...`).

    Where both ends report, the importer's figure is kept and both are shown if they differ.
    """
    header = layout.find_header(grid, {"reporterDesc", "Reporter", "reporterISO"}, {"cmdCode", "Commodity Code"})
    if header < 0:
        wrong, right = "is not in the layout of UN Comtrade", "Export it with its column names"
        taken.problems.append(Problem(taken.file, None, "", wrong, right))
        return
    places = layout.columns_of(grid[header])
    columns = {
        "year": layout.first_of(places, "refYear", "Year", "period"),
        "flow": layout.first_of(places, "flowCode", "flowDesc", "Trade Flow"),
        "reporter": layout.first_of(places, "reporterISO", "Reporter ISO"),
        "partner": layout.first_of(places, "partnerISO", "Partner ISO"),
        "reporter_name": layout.first_of(places, "reporterDesc", "Reporter"),
        "partner_name": layout.first_of(places, "partnerDesc", "Partner"),
        "code": layout.first_of(places, "cmdCode", "Commodity Code"),
        "weight": layout.first_of(places, "netWgt", "Netweight (kg)", "Net Weight (kg)"),
        "value": layout.first_of(places, "primaryValue", "Trade Value (US$)", "Trade Value 1000USD"),
    }
    rows: list[Any] = []
    for line, row in enumerate(grid[header + 1 :], header + 2):
        cells = {name: layout.cell_at(row, place) for name, place in columns.items()}
        if not any(cells.values()):
            continue
        flow = cells["flow"].strip().lower()
        if flow not in (*EXPORTS, *IMPORTS):
            taken.dropped[f"flows of kind {cells['flow'] or 'none'}"] += 1
            continue
        ends = _ends(_end(cells, "reporter"), _end(cells, "partner"), line, taken)
        if ends is None:
            continue
        reporter, partner = ends
        exporter, importer = (partner, reporter) if flow in IMPORTS else (reporter, partner)
        _flow(rows, cells, exporter, importer, flow in IMPORTS, line, taken, 1e-3, 1.0)
    _compiled(rows, taken, "UN Comtrade")


def baci(grid: Grid, taken: Taken, asked: str = "") -> None:
    """Trade from CEPII BACI: `t` year, `i` exporter, `j` importer, `k` code, `v` thousand USD, `q` tonnes."""
    header = layout.find_header(grid, {"t"}, {"k"})
    if header < 0:
        wrong, right = "is not in the layout of BACI", "Its header is t,i,j,k,v,q"
        taken.problems.append(Problem(taken.file, None, "", wrong, right))
        return
    places = layout.columns_of(grid[header])
    rows: list[dict[str, object]] = []
    for line, row in enumerate(grid[header + 1 :], header + 2):
        cells = {name: layout.cell_at(row, layout.first_of(places, key)) for name, key in _BACI.items()}
        if not any(cells.values()):
            continue
        code = cells["code"].zfill(6)
        if code not in set(taken.tables["trade_codes"]["code"].astype(str)):
            taken.dropped["rows of other codes"] += 1
            continue
        ends = _ends(cells["reporter"], cells["partner"], line, taken)
        if ends is not None:
            _flow(rows, cells, *ends, False, line, taken, 1.0, 1e3)
    _compiled(rows, taken, "CEPII BACI")


_BACI = {"year": "t", "reporter": "i", "partner": "j", "code": "k", "value": "v", "weight": "q"}


def _end(cells: dict[str, str], end: str) -> str:
    """How a file names one end of a flow: its code, its name where the code is none of ISO 3166."""
    code = cells[end]
    known = code in WORLD or place(code).code
    return code if known or not cells[f"{end}_name"] else cells[f"{end}_name"]


def _ends(first: str, second: str, line: int, taken: Taken) -> tuple[str, str] | None:
    """Codes of both ends of a flow; None for the world, for one country alone, and for what is not understood."""
    if first in WORLD or second in WORLD:
        taken.dropped["flows with the world as a whole"] += 1
        return None
    places = taken.place(first, line), taken.place(second, line)
    if not all(places):
        return None
    if places[0] == places[1]:
        taken.dropped["flows within a country or the pool"] += 1
        return None
    return places


def _flow(
    rows: list[dict[str, object]],
    cells: dict[str, str],
    exporter: str,
    importer: str,
    by_importer: bool,
    line: int,
    taken: Taken,
    to_tonnes: float,
    to_usd: float,
) -> None:
    """Note one flow of a code that holds a metal."""
    code = cells["code"].split(".")[0].zfill(6)
    known = set(taken.tables["trade_codes"]["code"].astype(str))
    if code not in known:
        taken.dropped[f"rows of code {code}, of which no metal content is known (table trade_codes)"] += 1
        return
    year = layout.YEAR.match(cells["year"])
    if not year:
        taken.problems.append(Problem(taken.file, line, "year", f"{cells['year']!r} is no year", "Give YYYY"))
        return
    weight, value = taken.value(cells["weight"]), taken.value(cells["value"])
    if not weight and not value:
        return
    rows.append(
        {
            "code": code,
            "exporter": exporter,
            "importer": importer,
            "year": int(year[1]),
            "tonnes": weight * to_tonnes if weight else float("nan"),
            "usd": value * to_usd if value else float("nan"),
            "by_importer": by_importer,
        }
    )


def _compiled(rows: list[dict[str, object]], taken: Taken, source: str) -> None:
    """Turn gross flows into metal content, one row per metal, form, year and pair."""
    import pandas as pd

    if not rows:
        return
    flows = _one_report(pd.DataFrame(rows), taken)
    codes = taken.tables["trade_codes"]
    codes = codes.assign(code=codes["code"].astype(str).str.zfill(6))
    prices = taken.tables["base_prices"].set_index(["metal", "year"])["price_usd_per_t"]
    flows["price_year"] = flows["year"].clip(upper=int(taken.tables["base_prices"]["year"].max()))
    real = flows["year"].copy()
    known = flows.assign(year=flows["price_year"])
    medians = (known["usd"] / known["tonnes"]).groupby([known["code"], known["year"]]).median()
    made = content(known.assign(real=real), codes, prices, medians)
    made = made[made["content_t"] > 0]
    for (metal, code), group in made.groupby(["metal", "code"]):
        weighed = group[group["tonnes"] > 0]
        if len(weighed):
            parts = weighed["content_t"].sum() / weighed["tonnes"].sum()
            taken.converted[f"code {code}: {parts:.3g} t {metal} per t gross (table trade_codes)"] += len(weighed)
        wrong = int(group["by_value"].sum())
        if wrong:
            taken.converted[
                f"code {code}: content by value where the weight is {WRONG:g} times out, or the table says so"
            ] += wrong
    for row in made.to_dict("records"):
        tonnes = float(row["content_t"])
        taken.add(
            "trade_flows",
            metal=row["metal"],
            form=row["form"],
            year=int(row["real"]),
            exporter=row["exporter"],
            importer=row["importer"],
            content_t=tonnes,
            declared_t=tonnes,
            basis="value" if row["by_value"] else "weight",
            status="derived",
            source=taken.source or source,
        )


def _one_report(flows: pd.DataFrame, taken: Taken) -> pd.DataFrame:
    """One row per code, pair and year: where both ends report, that of the importer; what differs is shown."""
    keys = ["code", "exporter", "importer", "year"]
    sums = flows.groupby([*keys, "by_importer"], as_index=False)[["tonnes", "usd"]].sum(min_count=1)
    both = sums.pivot_table(index=keys, columns="by_importer", values="tonnes", aggfunc="sum")
    if {True, False} <= set(both.columns):
        odd = both.dropna()
        odd = odd[(odd[True] - odd[False]).abs() > 0.1 * odd.max(axis=1)]
        for key, row in list(odd.iterrows())[:MOST]:
            who = ", ".join(str(part) for part in cast("tuple[Any, ...]", key))
            said = f"{who}: exporter {row[False]:,.0f} t, importer {row[True]:,.0f} t gross"
            taken.converted[f"contradicted: {said}; the importer's is kept"] += 1
    ordered = sums.sort_values([*keys, "by_importer"])
    return ordered.drop_duplicates(keys, keep="last").drop(columns="by_importer").reset_index(drop=True)

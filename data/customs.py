"""Compiles customs records into trade in metal content: `python -m lodeflow.data.customs FOLDER` rewrites trade_flows.csv.

FOLDER holds bilateral customs files in the layout of CEPII BACI (`exporter_iso3, importer_iso3, year, tonnes, usd_thousand,
flag` and the code in `hs92` or `hs`), with exporters' and importers' reports already reconciled, and the world totals
`trade_baci_totals.csv`. The steps, each a function below: double entries are left out (:func:`read`); gross weight becomes
metal content, or value does where weights are wrong (:func:`content`, table trade_codes); what a country sends abroad beyond
what it makes is a re-export and counts for the country it came from (:func:`by_origin`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data.store import Tables

if TYPE_CHECKING:
    import pandas as pd

PAIR = ["metal", "form", "year", "exporter", "importer"]
TONNES = ["content_t", "declared_t"]
DOUBLE, TRANSIT = "possible_double_entry", "transit_or_trader"
"""Flags of flows that are the same goods twice, and of goods on their way or with a trader."""
SOURCES = ("BACI", "ATLAS_BACI", "ATLAS_BACI+CT2022", "CT_NI", "BFNA_BACI")
"""Sources by rank: of a code in one year the first that has it holds; what a later one adds is left out."""
ENDED, PARTIAL = "CT_NI", "BFNA_BACI"
"""A complete source that ends early, and one that holds the trade of South-East Asia alone: beside each other."""
CARRIED_FROM = 3
"""Last years of the source that ended whose mean is carried on for exporters that the partial one does not hold."""
CARRIED_METAL = "nickel"
"""Metal of the codes that it holds."""
CARRIED = "carried"
"""Mark of such a flow."""
LATE = 2010
"""First year that is compiled; below it the sources hold one code only."""
BALANCES = (
    ("neodymium-praseodymium", "mixed", "USA", "CHN", "exporter"),
    ("cobalt", "intermediate", "COD", "FIN", "importer"),
    ("cobalt", "intermediate", "PNG", "CHN", "exporter"),
    ("nickel", "intermediate", "PNG", "CHN", "exporter"),
    ("cobalt", "intermediate", "CUB", "CAN", "exporter"),
    ("nickel", "intermediate", "CUB", "CAN", "exporter"),
)
"""Flows that no record holds but output leaves no other way: metal, form, exporter, importer, whose balance gives the tonnes.
Bastnaesite concentrate of the USA has no code of its own; what Finland's cobalt refinery takes in is not declared; Ramu
sends its hydroxide to its owner in China, Moa its sulphide to its refinery in Canada, under codes whose records end in 2014."""
WRONG = 4.0
"""Factor between declared and usual value per t of metal beyond which the declared weight counts as wrong: an assumption.
Qualities of one code differ by up to 2 or 3 in value."""
KEPT = 0.99
"""Share of the tonnes of a metal, form and year that is listed; the pairs below are the rest of unlisted partners."""
DIGITS = 4  # significant digits kept in the file


def read(folder: Path, mined: pd.DataFrame) -> pd.DataFrame:
    """Customs flows without double entries: code, exporter, importer, year, tonnes, usd, transit, source_id.

    folder: of the files; mined: see :func:`carried_on`.
    """
    import pandas as pd

    names = {"hs92": "code", "hs": "code", "hs_code": "code", "exporter_iso3": "exporter", "importer_iso3": "importer"}
    parts = []
    for path in sorted(folder.glob("trade*.csv")):
        raw = pd.read_csv(path, dtype={"hs92": str, "hs": str, "hs_code": str}).rename(columns=names)
        if {"code", "exporter", "importer"} <= set(raw.columns):
            parts.append(raw.assign(usd=raw["usd_thousand"] * 1e3) if "usd_thousand" in raw else raw)
    flows = pd.concat(parts, ignore_index=True)
    flag = flows["flag"].fillna("")
    flows = flows.assign(
        transit=flag.str.contains(TRANSIT),
        tonnes=flows["tonnes"].mask(flag.str.contains("no_quantity")),
    )
    flows = flows[~flag.str.contains(DOUBLE) & flows["source_id"].isin(SOURCES) & (flows["year"] >= LATE)]
    return carried_on(flows[["code", "exporter", "importer", "year", "tonnes", "usd", "transit", "source_id"]], mined)


def carried_on(flows: pd.DataFrame, mined: pd.DataFrame) -> pd.DataFrame:
    """One source per code and year (SOURCES); what the one that ended knew of exporters that the partial one lacks goes on.

    Tonnes and value are the means of its last CARRIED_FROM years and go with the exporter's mine output from then on, so
    that a trade does not vanish with its source.

    flows: see :func:`read`; mined: t/year of the metal of these codes, index year, one column per country.
    """
    import pandas as pd

    rank = flows["source_id"].map({name: number for number, name in enumerate(SOURCES)})
    flows = flows[rank == rank.groupby([flows["code"], flows["year"]]).transform("min")]
    ended = flows[flows["source_id"] == ENDED]
    later = flows[(flows["source_id"] == PARTIAL) & flows["code"].isin(set(ended["code"]))]
    parts = [flows]
    for code, known in later.groupby("code"):
        last = ended[ended["code"] == code]
        last = last[(last["year"] > last["year"].max() - CARRIED_FROM) & ~last["exporter"].isin(set(known["exporter"]))]
        sums = last.groupby(["code", "exporter", "importer"], as_index=False)[["tonnes", "usd"]].sum()
        since = mined.loc[last["year"].min() : last["year"].max()].mean()
        for year in sorted(set(known["year"]) - set(ended.loc[ended["code"] == code, "year"])):
            pace = (mined.loc[year] / since.where(since > 0.0)).reindex(sums["exporter"]).fillna(0.0).to_numpy(
                float
            ) / CARRIED_FROM
            goes_on = {column: sums[column] * pace for column in ("tonnes", "usd")}
            parts.append(sums.assign(year=year, transit=False, source_id=CARRIED, **goes_on))
    return pd.concat(parts, ignore_index=True)


def content(flows: pd.DataFrame, codes: pd.DataFrame, prices: pd.Series, medians: pd.Series) -> pd.DataFrame:
    """Flows with the metal they hold: metal, form, content_t, by_value (whether weight was not used).

    flows: see :func:`read`; codes: the table trade_codes; prices: USD/t by (metal, year); medians: the world's median value,
    USD/t gross, by (code, year). Of the rows of a code the one holds that names the exporter, and of several the one for the
    dearest goods (`dearer_than`, value per t gross over the metal's price) that this flow reaches.
    """
    rows = flows.reset_index(names="flow").merge(codes.drop(columns=["status", "reason", "source"]), on="code")
    rows = rows[(rows["exporter_x"] == rows["exporter_y"]) | (rows["exporter_y"] == "")]
    rows = rows[rows["year"] >= rows["first_year"].fillna(0)]
    rows = rows.rename(columns={"exporter_x": "exporter", "exporter_y": "named"})
    price = prices.reindex(list(zip(rows["metal"], rows["year"], strict=True))).to_numpy(float)
    median = medians.reindex(list(zip(rows["code"], rows["year"], strict=True))).to_numpy(float)
    value = (rows["usd"] / rows["tonnes"]).fillna(rows["usd"] * 0.0 + median) / price
    rows = rows.assign(price=price, median=median)[value.fillna(1.0) >= rows["dearer_than"]]
    rows = rows.sort_values(["dearer_than", "named"], kind="stable").groupby(["flow", "metal"]).tail(1)
    weighed = rows["tonnes"] * rows["content"]
    worth = rows["usd"] / rows["price"]
    valued = worth / rows["payable"]
    doubt = weighed.isna() | ((weighed / valued) > WRONG) | ((weighed / valued) < 1.0 / WRONG)
    made = weighed.where(~doubt, valued)
    made = made.where(rows["basis"] != "value", rows["usd"] / rows["median"] * rows["content"])
    made = made.where(rows["basis"] != "price", worth * rows["content"])
    return rows.assign(content_t=made, by_value=doubt | (rows["basis"] != "weight")).drop(columns="flow")


def by_origin(flows: pd.DataFrame, made: pd.Series) -> pd.DataFrame:
    """Flows from the country that made the metal: re-exports counted for those the metal came from.

    What a country exports beyond what it makes is a re-export; it is spread over the country's imports (mixing), also
    through several hubs: with F the declared flows, G their re-exported part, g its rows over their sums and h the share of
    a country's imports that it sends on, arrivals are Z = (F - G) (1 - diag(h) g)^-1 and flows by origin Z (1 - diag(h)).
    What comes back to where it was made is no trade. What a country exports beyond all that it makes and imports comes from
    stocks or is declared too high: its flows are scaled to what there is. Where no output at all is known they stay, as
    those of a producer that the sources of output do not list.

    Args:
        flows: exporter, importer, content_t of one metal, form and year.
        made: t/year by country.

    Returns:
        exporter, importer, content_t.
    """
    import numpy as np
    import pandas as pd

    names = sorted(set(flows["exporter"]) | set(flows["importer"]))
    wide = flows.pivot_table(index="exporter", columns="importer", values="content_t", aggfunc="sum")
    table = wide.reindex(index=names, columns=names).fillna(0.0).to_numpy(float).copy()
    output = made.reindex(names).fillna(0.0).to_numpy(float)
    for _ in names:
        there = np.where(output > 0.0, output + table.sum(axis=0), np.inf)
        table *= np.minimum(1.0, there / np.maximum(table.sum(axis=1), 1e-300))[:, None]
    sent, got = table.sum(axis=1), table.sum(axis=0)
    own = np.where(output > 0.0, output, np.maximum(sent - got, 0.0))
    own_share = np.divide(np.minimum(own, sent), sent, out=np.zeros_like(sent), where=sent > 0)
    again = table * (1.0 - own_share)[:, None]
    onward = np.minimum(again.sum(axis=1), got)
    part = np.divide(onward, got, out=np.zeros_like(got), where=got > 0)
    spread = np.divide(
        again, again.sum(axis=1)[:, None], out=np.zeros_like(again), where=again.sum(axis=1)[:, None] > 0
    )
    arrived = np.linalg.solve((np.eye(len(names)) - part[:, None] * spread).T, (table - again).T).T
    flow = np.clip(arrived * (1.0 - part)[None, :], 0.0, None)
    np.fill_diagonal(flow, 0.0)
    i, j = np.nonzero(flow)
    return pd.DataFrame({"exporter": np.array(names)[i], "importer": np.array(names)[j], "content_t": flow[i, j]})


Made = dict[tuple[str, str, int], "pd.Series"]
"""Output by country, t/year, by form, metal and year; of a basket of forms what is mined and refined together."""


def made_of(tables: Tables) -> Made:
    """What every country makes of every form."""

    production = tables["production"]
    tonnes = production["observed_t"].fillna(production["assumed_t"])
    keys = [production[name] for name in ("stage", "metal", "year", "iso3")]
    by_stage = tonnes.groupby(keys).sum()
    made: Made = {}
    for forms, stages in (
        (("ore", "intermediate"), ["mine"]),
        (("refined",), ["refine"]),
        (("mixed",), ["mine", "refine"]),
    ):
        own = by_stage.loc[stages].groupby(level=["metal", "year", "iso3"]).sum()
        for metal, year in sorted({(str(metal), int(year)) for metal, year, _ in own.index}):
            made |= {(form, metal, year): own.loc[metal, year] for form in forms}
    return made


def flows_table(folder: Path, tables: Tables) -> pd.DataFrame:
    """The table trade_flows, from the files in a folder."""
    import pandas as pd

    totals = pd.read_csv(folder / "trade_baci_totals.csv", dtype={"hs92": str})
    medians = totals.set_index(["hs92", "year"])["median_usd_per_tonne"]
    prices = tables["base_prices"].set_index(["metal", "year"])["price_usd_per_t"]
    made = made_of(tables)
    mined = pd.DataFrame({key[2]: own for key, own in made.items() if key[:2] == ("ore", CARRIED_METAL)}).T
    rows = content(read(folder, mined), tables["trade_codes"], prices, medians)
    rows = rows[~rows["transit"]].assign(carried=rows["source_id"] == CARRIED)
    parts = []
    for key, own in rows.groupby(PAIR[:3]):
        metal, form, year = str(key[0]), str(key[1]), int(str(key[2]))
        declared = own.groupby(["exporter", "importer"])[["content_t", "by_value", "carried"]].sum()
        origin = by_origin(own, made.get((form, metal, year), pd.Series(dtype=float)))
        both = origin.set_index(["exporter", "importer"])["content_t"].to_frame()
        both = both.join(declared["content_t"].rename("declared_t"), how="outer").fillna(0.0)
        both = both.join(declared[["by_value", "carried"]]).fillna(0.0)
        parts.append(_largest(both).reset_index().assign(metal=metal, form=form, year=year))
    listed = pd.concat(parts, ignore_index=True)
    rows = pd.concat([listed, unlisted(tables, made, listed)], ignore_index=True)
    return _written(rows.groupby(PAIR, as_index=False).sum())


def unlisted(tables: Tables, made: Made, listed: pd.DataFrame) -> pd.DataFrame:
    """Flows of BALANCES: what an exporter mines and does not refine, or what an importer refines and neither mines nor imports.

    Never more than the exporter has left.

    made: output by country; listed: the flows that records hold.
    """
    import pandas as pd

    refining = tables["yields"].set_index(["metal", "step"])["value"]
    rows = []
    for metal, form, exporter, importer, whose in BALANCES:
        place, sign = (exporter, 1.0) if whose == "exporter" else (importer, -1.0)
        of_form = listed[(listed["metal"] == metal) & (listed["form"] == form)]
        recorded = of_form[of_form[whose] == place].groupby("year")["content_t"].sum()
        sent = of_form.groupby(["year", "exporter"])["content_t"].sum()
        for year in sorted(set(of_form["year"])):
            mined, refined = (float(made[stage, metal, year].get(place, 0.0)) for stage in ("ore", "refined"))
            left = sign * (mined - refined / refining[metal, "refining"]) - recorded.get(year, 0.0)
            left = min(left, float(made["ore", metal, year].get(exporter, 0.0)) - sent.get((year, exporter), 0.0))
            if left > 0.0:
                rows.append((exporter, importer, left, 0.0, 1, metal, form, year))
    return pd.DataFrame(rows, columns=["exporter", "importer", *TONNES, "balance", "metal", "form", "year"])


def _largest(rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs that make up KEPT of the tonnes, by origin or as declared."""
    size = rows[["content_t", "declared_t"]].max(axis=1).sort_values(ascending=False)
    return rows.loc[size.index[size.cumsum().shift(fill_value=0.0) < KEPT * size.sum()]]


def _written(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns and digits as in the file."""
    rows[TONNES] = rows[TONNES].map(lambda value: float(f"{value:.{DIGITS}g}"))
    rows["basis"] = rows["by_value"].map(lambda found: "value" if found else "weight")
    rows.loc[rows["carried"] > 0, "basis"] = "carried on"
    rows.loc[rows["declared_t"] < 0.5 * rows["content_t"], "basis"] = "re-export"
    rows.loc[rows["balance"] > 0, "basis"] = "balance"
    rows["status"], rows["source"] = "derived", "CEPII BACI"
    order = [*PAIR, *TONNES, "basis", "status", "source"]
    return rows[order].sort_values([*PAIR[:3], "content_t"], ascending=[True, True, True, False], ignore_index=True)


def main() -> None:
    """Rewrite trade_flows.csv of the package; exit code 2 and one line where FOLDER holds no customs files."""
    from lodeflow.data import FOLDER, load

    target = FOLDER / "tables" / "trade_flows.csv"
    if len(sys.argv) != 2:
        print("name one folder: python -m lodeflow.data.customs FOLDER", file=sys.stderr)
        raise SystemExit(2)
    try:
        table = flows_table(Path(sys.argv[1]), load())
    except (FileNotFoundError, NotADirectoryError) as error:
        print(
            f"{error.filename}: there is no such file. Name a folder with customs files (data/SOURCES.md).",
            file=sys.stderr,
        )
        raise SystemExit(2) from None
    table.to_csv(target, index=False, lineterminator="\n")
    print(f"{target.name}: {len(table)} rows")


if __name__ == "__main__":
    main()

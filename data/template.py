"""A commented folder for a new metal: `lodeflow data new METAL --out DIR`."""

from __future__ import annotations

import re
from pathlib import Path

from lodeflow.data.names import plain_name
from lodeflow.data.problems import DataError, Problem
from lodeflow.data.store import Tables

README = """# {label}: a data folder for Lodeflow

Fill in `production.csv` and `use_shares.csv`; nothing else is needed. The rows in them are examples: replace every one.

    lodeflow data check {folder}
    lodeflow run baseline --data {folder} --metals {metal}

| file | rows | left out |
| --- | --- | --- |
| `production.csv` | stage `mine` and `refine`, by country and year | refined output: refined where it is mined |
| `use_shares.csv` | products and their share of the metal's use, sum 1 per year | years without rows: those of the nearest year |
| `metals.csv` | one row | symbol, label, colour, price class `minor` |
| `base_prices.csv` | USD/t of metal content by year | the median of all metals: then values in USD mean nothing |
| `cover.csv`, `yields.csv`, `cost_curve.csv` | normal stocks, yields, cost tiers | the medians of all metals |
| `demand_index.csv` | use after the data by scenario, product and year | constant use |
| `hosts.csv`, `recycling.csv`, `substitution.csv`, `reserves.csv`, `trade_flows.csv` | see docs/extending.md | none |

`unit` is read: t, kt, Mt, kg, lb, short tons, troy oz, `t LCE`, `t ore @ 1.2 %` ...; countries and metals may stand in usual
spellings. A row marked `yes` in a column `delete` takes a shipped row away. Files of the USGS, BGS, Comtrade, BACI, IEA and World
Bank come in with `lodeflow import`.
"""
PRODUCTION = """metal,stage,iso3,year,unit,observed_t,source
{metal},mine,AUS,2023,t {symbol},1000,example: replace it
{metal},mine,CHN,2023,t {symbol},2000,example: replace it
{metal},mine,AUS,2024,t {symbol},1100,example: replace it
{metal},mine,CHN,2024,t {symbol},2100,example: replace it
{metal},refine,CHN,2023,t {symbol},2700,example: replace it
{metal},refine,CHN,2024,t {symbol},2900,example: replace it
"""
USE = """metal,product,year,share,source
{metal},electronics,2024,0.7,example: replace it
{metal},superalloys,2024,0.3,example: replace it
"""
METALS = """metal,symbol,label
{metal},{symbol},{label}
"""
PRICES = """metal,year,price_usd_per_t,source
{metal},2024,20000,example: replace it
"""


def write_template(metal: str, folder: Path, tables: Tables) -> list[Path]:
    """Write the files of a new metal and return them.

    Args:
        metal: its name, small letters and dashes.
        folder: where to; made if it is not there. No file is replaced.
        tables: the shipped tables, whose metals are taken.

    Raises:
        DataError: for a name that is no name or taken, and for files that are there already.
    """
    name = plain_name(metal).replace(" ", "-")
    if not re.fullmatch("[a-z][a-z-]*", name):
        right = "Give a name of letters and dashes, such as tellurium"
        raise DataError([Problem("METAL", None, "", f"{metal!r} is no name of a metal", right)])
    if name in set(tables["metals"]["metal"]):
        right = f"Change its rows in a folder of your own: the shipped ones are shown by `lodeflow describe {name}`"
        raise DataError([Problem("METAL", None, "", f"{name} has tables already", right)])
    words = {"metal": name, "symbol": name.capitalize(), "label": name.replace("-", " ").capitalize(), "folder": folder}
    files = {
        "README.md": README,
        "production.csv": PRODUCTION,
        "use_shares.csv": USE,
        "metals.csv": METALS,
        "base_prices.csv": PRICES,
    }
    there = [file for file in files if (folder / file).exists()]
    if there:
        right = "Name a new folder"
        raise DataError([Problem(str(folder / file), None, "", "the file is there already", right) for file in there])
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text.format(**words), encoding="utf-8")
    return [folder / file for file in files]

"""The tables of a run in the forms of other tools. Every number is that of the run; units stand beside or in the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeflow.environment.accounts import FLOWS
from lodeflow.experiments.run.results import FRAMES, LEDGER

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from lodeflow.experiments.run.results import Outcome

STOCK = "stock: "
"""What the ledger writes before the name of an account."""
OUTSIDE = "sysenv"
"""Process 0 of material flow analysis: what lies outside of all accounts."""
IAMC = ["model", "scenario", "region", "variable", "unit", "time", "value"]
SERIES = ["run", "metal", "form", "region", "date"]
UNITS = {"tonnes": "t", "price": "USD/t"}
"""Units of the measures of tables that have no column of units."""


def tables(outcome: Outcome) -> dict[str, pd.DataFrame]:
    """The tables of a run by name, with a column of units wherever a measure has none."""
    found: dict[str, pd.DataFrame] = {}
    for name in FRAMES:
        frame = getattr(outcome, name)
        units = {f"{measure}_unit": unit for measure, unit in UNITS.items() if measure in frame and "unit" not in frame}
        found[name] = frame.assign(**units)
    found["summary"], found["kpis"] = outcome.summary, outcome.kpis
    return found


def iamc(outcome: Outcome) -> pd.DataFrame:
    """The monthly series in the format of the Integrated Assessment Modeling Consortium, long, as pyam reads it.

    Returns:
        model, scenario ("NAME shock" or "NAME baseline"), region (ISO 3166 alpha-3, or World), variable
        ("Cobalt|Refined|Price"), unit, time (first day of the month), value.
    """
    import pandas as pd

    series = outcome.series
    words = [series[name].astype(str) for name in ("metal", "form", "variable")]
    parts = [column.map({word: _title(word) for word in column.unique()}) for column in words]
    variable = parts[0] + "|" + parts[1].where(parts[1] != "", "All forms") + "|" + parts[2]
    version = outcome.manifest.get("versions", {}).get("lodeflow", "")
    found = pd.DataFrame(
        {
            "model": f"Lodeflow {version}".strip(),
            "scenario": f"{outcome.scenario.name} " + series["run"].astype(str),
            "region": series["region"].astype(str).replace({"WLD": "World"}),
            "variable": variable,
            "unit": series["unit"].astype(str),
            "time": series["date"].dt.strftime("%Y-%m-%d"),
            "value": series["value"].astype(float),
        }
    )
    return found[IAMC]


def _title(word: str) -> str:
    """A name of the model as the part of an IAMC variable: first letter large, no underscores."""
    text = word.replace("_", " ")
    return text[:1].upper() + text[1:]


def dataset(outcome: Outcome) -> xr.Dataset:
    """The monthly series as an xarray Dataset: a variable each, dimensions run, metal, form, region and date; NaN where none.

    Trade stands beside them as columns along the dimension ``trade``, flows of metal as columns along ``ledger``.
    """
    import pandas as pd
    import xarray as xr

    parts: dict[str, Any] = {}
    for variable, rows in outcome.series.groupby("variable", observed=True):
        plain = rows.astype(dict.fromkeys(SERIES[:-1], str))
        array = plain.set_index(SERIES)["value"].to_xarray()
        units = sorted(set(rows["unit"].astype(str)))
        parts[str(variable)] = array.assign_attrs(units=units[0] if len(units) == 1 else "; ".join(units))
    whole = xr.Dataset(parts)
    for name in ("trade", LEDGER):
        frame = tables(outcome)[name]
        for column in frame:
            cells = frame[column]
            text = not (pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells))
            values = cells.astype(str).to_numpy(object) if text else cells.to_numpy()
            whole[f"{name}_{column}"] = (name, values)
    return whole.assign_attrs(
        title=outcome.scenario.title or outcome.scenario.name,
        source=f"Lodeflow {outcome.manifest.get('versions', {}).get('lodeflow', '')}",
        Conventions="CF-1.10",
    )


def flows(outcome: Outcome) -> pd.DataFrame:
    """Every flow of metal between the accounts of the world, by month: run, date, metal, flow, source, target, tonnes (t/month)."""
    ledger = outcome.ledger
    ends = {
        name: (flow.origin or OUTSIDE, flow.target or OUTSIDE)
        for name, flow in FLOWS.items()
        if flow.origin or flow.target
    }
    rows = ledger[ledger["flow"].astype(str).isin(set(ends))]
    named = rows["flow"].astype(str)
    source, target = named.map({n: e[0] for n, e in ends.items()}), named.map({n: e[1] for n, e in ends.items()})
    found = rows[["run", "date", "metal", "flow", "tonnes"]].assign(source=source, target=target)
    return found[["run", "date", "metal", "flow", "source", "target", "tonnes"]].reset_index(drop=True)


def stocks(outcome: Outcome) -> pd.DataFrame:
    """What lies on every account at the end of each month: run, date, metal, account, tonnes (t)."""
    named = outcome.ledger["flow"].astype(str)
    rows = outcome.ledger[named.str.startswith(STOCK)].assign(account=named.str.removeprefix(STOCK))
    return rows[["run", "date", "metal", "account", "tonnes"]].reset_index(drop=True)


def sankey(outcome: Outcome) -> pd.DataFrame:
    """Yearly flows for Sankey tools: run, metal, year, source, target, type, value, unit; of the world's accounts, and of trade.

    Trade between countries stands beside: source "COD feed", target "CHN feed".
    """
    import pandas as pd

    inside = flows(outcome).assign(year=lambda frame: frame["date"].dt.year, type="stage")
    trade = outcome.trade.assign(year=outcome.trade["date"].dt.year, type="trade")
    form = trade["form"].astype(str)
    trade = trade.assign(
        source=trade["exporter"].astype(str) + " " + form, target=trade["importer"].astype(str) + " " + form
    )
    keys = ["run", "metal", "year", "source", "target", "type"]
    both = pd.concat([frame[[*keys, "tonnes"]].astype({"run": str, "metal": str}) for frame in (inside, trade)])
    return (
        both.groupby(keys, as_index=False, sort=True)[["tonnes"]]
        .sum()
        .rename(columns={"tonnes": "value"})
        .assign(unit="t/year")
    )

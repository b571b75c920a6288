"""What `lodeflow describe` prints: one name of the vocabulary of the model, from where it is declared."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, Literal, Union, get_args, get_origin

import pandas as pd
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from rich.table import Table

from lodeflow import data
from lodeflow.agents import vocabulary
from lodeflow.data import catalogue
from lodeflow.data.cards import card
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.data.schema import read_schema
from lodeflow.environment.settings import WorldSettings
from lodeflow.experiments.kpis import KPIS
from lodeflow.experiments.plugins import kinds
from lodeflow.experiments.scenario.check import field_range
from lodeflow.experiments.scenario.model import load_scenario, shipped
from lodeflow.experiments.scenario.names import Names, names_in
from lodeflow.print.table import first_line, headed, rows_of, two_columns
from lodeflow.print.terminal import console

Printer = Callable[[str], None]
PLACES = {
    "manufacturing_shares": ("Made", "nowhere"),
    "buying_shares": ("Comes into use", "product_home_share of it where it is made, the rest by income (assumption)"),
}
"""Tables of where products are made and used: heading, and what holds where a product has no rows."""
LONG = 1000.0
"""Numbers from which on digits behind the point are left out."""
PROCESSES = "processes"
REASONED = {"metals", "countries", "products"}
"""Tables whose name is taken by what they hold."""
LARGEST = 8
"""Countries that are shown of a list."""


def print_description(name: str) -> None:
    """Print everything that bears this name. Raises DataError, naming the nearest name, if nothing does."""
    tables = data.shared()
    names = names_in(tables)
    known = _known(names)
    printers: dict[str, Printer] = {
        "scenario": lambda found: _print_scenario(found, tables),
        "world": lambda found: _print_fields("Settings of the world, under [world]", WorldSettings),
        "kind": lambda found: _print_fields(f"{found}: {first_line(kinds()[found])}", kinds()[found]),
        "metal": lambda found: _print_metal(found, tables),
        "country": lambda found: _print_country(found, tables, names),
        "group": lambda found: console().print(f"{found}: {', '.join(names.groups[found])}"),
        "product": lambda found: _print_product(found, tables),
        "table": lambda found: _print_table(found, tables),
        "process": lambda found: _print_processes(tables["processes"][tables["processes"]["process"] == found]),
        "parameter": lambda found: _print_rows(found, tables["parameters"], "parameter"),
        "agent": _print_agent,
        "variable": _print_variable,
        "kpi": _print_kpi,
    }
    found_any = False
    for category, entries in known.items():
        for entry in _matches(name, entries):
            printers[category](entry)
            found_any = True
    if not found_any:
        everything = {entry: label for entries in known.values() for entry, label in entries.items()}
        problem = Problem(name, None, "", "there is nothing of that name", did_you_mean(name, everything, everything))
        raise DataError([problem])


def _known(names: Names) -> dict[str, dict[str, str]]:
    """Return every name that can be described, by category, with its label."""
    return {
        "scenario": {name: name for name in shipped()},
        "world": {"world": "world"},
        "kind": {kind: kind for kind in kinds()},
        "metal": names.metals,
        "country": names.countries,
        "group": {group: group for group in names.groups},
        "product": names.products,
        "table": {name: name for name in data.table_names() if name not in REASONED},
        "process": {name: name for name in data.shared().processes["process"].unique()},
        "parameter": {parameter: parameter for parameter in names.rules.limits},
        "agent": {kind: kind for kind in vocabulary()},
        "variable": {name: one.label() for one in catalogue.series() for name in (one.variable, one.name)},
        "kpi": {name: name for name in KPIS},
    }


def _matches(name: str, entries: dict[str, str]) -> list[str]:
    """Return the entries whose name or label is `name`, whatever the case."""
    wanted = name.lower()
    return [entry for entry, label in entries.items() if wanted in (entry.lower(), label.lower())]


# ---- one printer per category --------------------------------------------------------------------------------------
def _print_scenario(name: str, tables: data.Tables) -> None:
    out = console()
    scenario = load_scenario(name, tables=tables)
    out.print(scenario.name, style="bold", end="")
    out.print(f": {scenario.title}\n\n{scenario.description.strip()}\n")
    out.print(scenario.to_toml())


def _print_fields(title: str, model: type[BaseModel]) -> None:
    out = console()
    out.print(_field_table(title, model))
    for name, nested in _nested(model).items():
        out.print(_field_table(f"each item of {name}", nested))


def _field_table(title: str, model: type[BaseModel]) -> Table:
    table = headed(title, "key", "type", "unit", "range", "if left out", "meaning")
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        unit = str(extra.get("unit", ""))
        default = "must be given" if info.is_required() else _default(info.default)
        table.add_row(
            name, _type_name(info.annotation), unit, _range(*field_range(info)), default, info.description or ""
        )
    return table


def _default(value: Any) -> str:
    if value is None or value is PydanticUndefined:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else format(low, 'g')} to {'' if high is None else format(high, 'g')}".strip()


def _type_name(annotation: Any) -> str:
    """Return the type of a field in the words of a scenario file."""
    plain = {str: "text", float: "number", int: "whole number", bool: "true or false"}
    if annotation in plain:
        return plain[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(f'"{choice}"' for choice in arguments)
    if origin in (Union, types.UnionType):
        return " | ".join(_type_name(part) for part in arguments if part is not type(None))
    if origin is list:
        return f"list of {_type_name(arguments[0])}"
    if origin is dict:
        return f"table of {_type_name(arguments[1])}"
    if hasattr(annotation, "__metadata__"):
        return _type_name(annotation.__origin__)
    return annotation.__name__.lower() if isinstance(annotation, type) else str(annotation)


def _nested(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the models that the fields of a model hold, by field."""
    out = {}
    for name, info in model.model_fields.items():
        inner: Any = info.annotation
        while get_args(inner) and get_origin(inner) is not Literal:
            inner = get_args(inner)[-1]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            out[name] = inner
    return out


def _print_metal(metal: str, tables: data.Tables) -> None:
    """Print a metal's row, its base-year price and its data card."""
    out = console()
    _print_rows(metal, tables["metals"], "metal")
    prices = tables["base_prices"]
    last = prices[prices["metal"] == metal].nlargest(1, "year")
    for year, price in zip(last["year"], last["price_usd_per_t"], strict=True):
        out.print(f"base-year price {year}: {price:,.0f} USD/t")
    found = card(tables, metal)
    for line in found.lines:
        out.print(line)
    for part in found.parts:
        table = headed(part.title, *part.head)
        for row in part.rows:
            table.add_row(*row)
        out.print(table)


def _percent(part: Any, total: float) -> str:
    return f"{100 * float(part) / total:.1f} %" if total > 0 else ""


def _print_country(code: str, tables: data.Tables, names: Names) -> None:
    out = console()
    groups = [group for group, members in names.groups.items() if code in members]
    out.print(code, style="bold", end="")
    out.print(f": {names.countries[code]}" + (f"; in {', '.join(groups)}" if groups else ""))
    production = tables["production"]
    newest = production[production["year"] == production["year"].max()]
    table = headed(f"Output in {production['year'].max()}", "metal", "stage", "t", "share of the world")
    for (metal, stage), rows in newest.groupby(["metal", "stage"]):
        own = float(rows.loc[rows["iso3"] == code, "reconciled_t"].sum())
        if own > 0:
            table.add_row(str(metal), str(stage), f"{own:,.0f}", _percent(own, float(rows["reconciled_t"].sum())))
    out.print(table)


def _print_table(name: str, tables: data.Tables) -> None:
    """Print what a table of the data holds, column by column; of the catalogue of processes its rows as well."""
    out, schema = console(), read_schema(data.FOLDER / "tables" / f"{name}.toml", [])
    assert schema is not None
    out.print(f"Table {name}, {len(tables[name])} rows (data/tables/{name}.csv): {schema.description}")
    columns = headed("Columns", "column", "unit", "meaning")
    for column in schema.columns.values():
        columns.add_row(column.name, column.unit, column.description)
    out.print(columns)
    if name == PROCESSES:
        _print_processes(tables[name])


def _print_processes(rows: pd.DataFrame) -> None:
    """Print the catalogue of processes: yield, cost, energy and readiness with their ranges."""
    table = headed("Processes", "group", "process", "metal", "yield", "USD/t", "GJ/t", "TRL", "year", "years left")
    for row in rows_of(rows[rows["yield"].notna()]):
        spans = [_span(row, column) for column in ("yield", "cost", "energy", "readiness")]
        year = "" if pd.isna(row["readiness_year"]) else f"{row['readiness_year']:.0f}"
        table.add_row(row["group"], row["process"], row["metal"], *spans, year, _span(row, "years_left"))
    out = console()
    out.print(table)
    out.print(
        "No energy: that of recycling the metal in general. Sources and reasons stand in data/tables/processes.csv."
    )


def _span(row: dict[str, Any], column: str) -> str:
    """A value and its range as text; empty where there is none."""
    value, low, high = (row[name] for name in (column, f"{column}_low", f"{column}_high"))
    if pd.isna(value):
        return ""
    value, low, high = (f"{number:,.0f}" if number >= LONG else f"{number:g}" for number in (value, low, high))
    return value if low == high else f"{value} ({low} to {high})"


def _print_rows(name: str, frame: pd.DataFrame, column: str) -> None:
    """Print the rows of a table whose `column` is `name`, one field per line."""
    out = console()
    for _, row in frame[frame[column] == name].iterrows():
        lines = ((str(key), str(value)) for key, value in row.items() if str(value) not in ("", "nan"))
        out.print(two_columns(f"{column} {name}", lines))


def _print_product(product: str, tables: data.Tables) -> None:
    """Print what a product is, holds, and who makes and uses it in the newest year of the data."""
    out = console()
    _print_rows(product, tables["products"], "product")
    rows = tables["composition"]
    unit = dict(zip(tables["products"]["product"], tables["products"]["unit"], strict=True))[product]
    held = headed(f"Metal in one {unit}", "metal", f"kg per {unit}", "range", "counts the units", "status", "source")
    for row in rows_of(rows[rows["product"] == product]):
        counts = "yes" if row["counts"] else ""
        span = f"{row['low']:g} to {row['high']:g}"
        held.add_row(row["metal"], f"{row['kg_per_unit']:g}", span, counts, row["status"], row["source"])
    if held.row_count:
        out.print(held)
    for name, (title, otherwise) in PLACES.items():
        table = tables[name][tables[name]["product"] == product]
        if table.empty:
            out.print(f"{title}: {otherwise}")
            continue
        newest = table[table["year"] == table["year"].max()].nlargest(LARGEST, "share")
        shown = headed(f"{title} in {table['year'].max()}", "country", "share", "status", "reason")
        for row in rows_of(newest):
            shown.add_row(row["iso3"], _percent(row["share"], 1.0), row["status"], row["reason"])
        out.print(shown)


def _print_agent(kind: str) -> None:
    table = headed(f"Attributes of every {kind}", "attribute", "unit", "default", "meaning")
    for attribute in vocabulary(kind)[kind]:
        unit, default = ("name", "") if attribute.of else (attribute.unit, f"{attribute.default:g}")
        table.add_row(attribute.name, unit, default, attribute.meaning)
    console().print(table)


def _print_variable(name: str) -> None:
    """Print the rows of the catalogue with this name in the table of series or in batches, one field per line."""
    for one in catalogue.series():
        if name in (one.variable, one.name):
            lines = {
                "label": f"{one.label()} ({one.label('zh')})",
                "meaning": one.meaning,
                "form": one.form,
                "unit": one.measured_in,
                "recorded by": ", ".join(one.by),
                "world": one.summed,
                "worse": one.worse,
                "batches": one.batches,
            }
            console().print(two_columns(f"recorded variable {one.variable}", ((k, v) for k, v in lines.items() if v)))


def _print_kpi(name: str) -> None:
    """Print an indicator, one field per line."""
    one = KPIS[name]
    lines = {
        "name": one.title,
        "meaning": one.what,
        "unit": one.unit,
        "worse": one.worse,
        "in batches": "yes" if one.batches else "no",
        "without shocks": "no" if one.compares else "yes",
        "chances above": ", ".join(f"{bound:g}" for bound in one.bounds),
    }
    console().print(two_columns(f"indicator {name}", ((key, text) for key, text in lines.items() if text)))

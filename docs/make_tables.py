"""Writes the generated tables of the docs and of the README from the program: `python -m docs.make_tables`.

A block stands between `<!-- begin NAME -->` and `<!-- end NAME -->`; everything between the two lines is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from docs.blocks import rewritten
from lodeflow import data
from lodeflow.agents import vocabulary
from lodeflow.data import catalogue
from lodeflow.environment import World, WorldSettings
from lodeflow.environment.accounts import FLOWS
from lodeflow.environment.month.phase import declared
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from lodeflow.environment.start.draw_up import draw_up
from lodeflow.experiments.kpis import KPIS
from lodeflow.experiments.scenario.check import field_range
from lodeflow.viz import words

ODD = Path(__file__).parent / "odd.md"
KINDS = {
    "country": "Countries",
    "government": "Governments (one row per country, and per union that acts as one; only where they decide, 7.17)",
    "miner": "Miners",
    "refiner": "Refiners",
    "manufacturer": "Manufacturers",
    "input": "Inputs of manufacturers (one row per manufacturer and metal)",
    "recycler": "Recyclers",
    "desk": "Desks (the market of one country for one metal)",
    "ore desk": "Ore desks (where the mines of a country sell)",
    "secondary seller": "Sellers of recycled metal (where the recyclers of a country sell)",
    "scrap pool": "Scrap pools (scrap of a product group in a country)",
    "product group": "Product groups (what recyclers learn)",
    "host": "Hosts of by-products",
}


README = ODD.parent.parent / "README.md"


def markdown(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    names = list(heading)
    lines = [names, ["---"] * len(names), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def attributes() -> str:
    """Return one table of attributes per kind of agent."""
    parts = []
    for kind, title in KINDS.items():
        rows = [(f"`{a.name}`", a.unit, "fixed" if a.fixed else "changes", a.meaning) for a in vocabulary(kind)[kind]]
        parts.append(f"**{title}**, kind `{kind}`\n\n{markdown(('attribute', 'unit', 'in a run', 'meaning'), rows)}")
    return "\n\n".join(parts)


def sizes() -> str:
    """Return how many agents, edges and stocks in use the world of all metals has that starts in 2024."""
    world = draw_up(data.shared(), WorldSettings())
    kinds = (
        "countries",
        "miners",
        "refiners",
        "manufacturers",
        "recyclers",
        "ore_desks",
        "desks",
        "secondary",
        "pools",
    )
    agents = [world.agents[name] for name in kinds]
    rows = [("Mesa agents in all", f"{sum(map(len, agents)):,}")]
    rows += [(KINDS[part.kind].lower(), f"{len(part):,}") for part in [*agents, world.agents["inputs"]]]
    rows += [(f"edges of the {name} market", f"{len(market):,}") for name, market in world.markets.items()]
    rows.append(("stocks in use (country x product x metal)", f"{len(world.in_use):,}"))
    return markdown(("what", "number"), rows)


def month() -> str:
    """Return the phases of a month with the function that does each, what it reads as last month's value, and what it writes."""
    rows = []
    for number, (name, act) in enumerate(World.MONTH, 1):
        home, said = act.__module__.rpartition(".")[2], declared(act)
        rows.append((str(number), name, f"`{home}.{act.__name__}`", _by_place(said.last), _by_place(said.writes)))
    return markdown(("", "phase", "function", "reads as last month's value", "writes"), rows)


def _by_place(names: Iterable[str]) -> str:
    """Columns by where they stand: "desks: price, use; world: anchor"."""
    places: dict[str, list[str]] = {}
    for name in sorted(names):
        place, _, column = name.rpartition(".")
        places.setdefault(place or "world", []).append(column.replace("_", " "))
    return "; ".join(f"**{place.replace('_', ' ')}**: {', '.join(columns)}" for place, columns in places.items())


def parameters() -> str:
    """Return all parameters with value, range, unit, status and reason."""
    rows = []
    for row in data.shared().parameters.to_dict("records"):
        name = f"{row['parameter']}.{row['scope']}" if row["scope"] else row["parameter"]
        span = f"{row['low']:g} to {row['high']:g}"
        rows.append((f"`{name}`", f"{row['value']:g}", span, row["unit"], row["status"], row["reason"], row["source"]))
    return markdown(("parameter", "value", "range", "unit", "status", "meaning or reason", "source"), rows)


def shocks() -> str:
    """Return the shock and policy kinds with their own fields, after the fields that all have."""
    shared = [f"`{name}`" for name in Shock.model_fields if name != "kind"]
    parts = [f"Every kind has: {', '.join(shared)}. The fields of its own:"]
    rows = []
    for kind, model in REGISTRY.items():
        if model.alias_of:
            rows.append((f"`{kind}`", "", "", "", f"a name of `{model.alias_of}`: {(model.__doc__ or '').strip()}"))
            continue
        for name, info in model.model_fields.items():
            if name in Shock.model_fields:
                continue
            low, high = field_range(info)
            extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
            span = "" if low is None and high is None else f"{_bound(low)} to {_bound(high)}".strip()
            rows.append((f"`{kind}`", f"`{name}`", str(extra.get("unit", "")), span, info.description or ""))
    parts.append(markdown(("kind", "field", "unit", "range", "meaning"), rows))
    return "\n\n".join(parts)


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def ledger() -> str:
    """Return the flows of the ledger, each with the accounts it leads from and to."""
    rows = [(name, flow.kind, flow.origin, flow.target) for name, flow in FLOWS.items()]
    return markdown(("flow", "kind", "from", "to"), rows)


def variables() -> str:
    """Return the series of the catalogue with unit, how they are summed, what is worse, and what batches keep."""
    rows = [
        (
            *(f"`{one.variable}`", one.form, one.measured_in, ", ".join(one.by), one.summed, one.worse),
            *("" if one.batches == catalogue.NO else one.batches, one.label(), one.label("zh"), one.meaning),
        )
        for one in catalogue.series()
    ]
    head = ("variable", "form", "unit", "recorded by", "world", "worse", "batches", "name", "名称", "meaning")
    return markdown(head, rows)


def kept() -> str:
    """Return what is recorded without being a series."""
    rows = [
        (f"`{one.arrays[0]}`", one.form, one.measured_in, ", ".join(one.by), one.label("zh"), one.meaning)
        for one in catalogue.variables()
        if not one.is_series
    ]
    return markdown(("array", "form", "unit", "recorded by", "名称", "meaning"), rows)


def series() -> str:
    """Return the table of the README: what the columns of the table `series` hold."""
    names = sorted({one.variable for one in catalogue.series()})
    rows = [
        ("`date`, `run`", "first day of the month; `baseline` or `shock`"),
        (
            "`metal`, `form`",
            "lower-case English; `ore`, `intermediate`, `refined`, `product`, `scrap` (in `trade` `old scrap` and "
            "`new scrap`: the exporter collected it); `all` for net import reliance",
        ),
        (
            "`region`",
            "ISO 3166 alpha-3, `ROW`, `EU27`, `WLD`; in `why` also `outside` (all but the country that restricts trade)",
        ),
        ("`variable`", ", ".join(f"`{name}`" for name in names)),
        (
            "`value`, `unit`",
            "t of metal content per month (stocks: t), USD/t, shares (`1`), months; energy TJ, greenhouse gases kt CO2e per month",
        ),
    ]
    return markdown(("column of `series`", "holds"), rows)


BLOCKS = {
    "attributes": attributes,
    "sizes": sizes,
    "month": month,
    "parameters": parameters,
    "shocks": shocks,
    "ledger": ledger,
}


def indicators() -> str:
    """Return the indicators with unit, meaning, what is worse, and where they are."""
    rows = [
        (
            *(f"`{one.name}`", one.title, one.unit, words.capital(one.what), one.worse, "yes" if one.batches else ""),
            *("" if one.compares else "yes", ", ".join(f"{bound:g}" for bound in one.bounds), one.zh),
        )
        for one in KPIS.values()
    ]
    head = ("indicator", "name", "unit", "meaning", "worse", "batches", "without shocks", "chances above", "中文")
    return markdown(head, rows)


PAGES: dict[Path, dict[str, Callable[[], str]]] = {
    ODD: BLOCKS,
    README: {"series": series},
    ODD.with_name("kpis.md"): {"kpis": indicators},
    ODD.with_name("variables.md"): {"variables": variables, "kept": kept},
}
"""Pages with generated tables, and what makes each."""


def with_blocks(page: Path) -> str:
    """Return the text of a page with every generated block replaced.

    Raises ValueError if a block has no place, or more than one, in the text.
    """
    return rewritten(page.read_text(encoding="utf-8"), PAGES[page])


def main() -> None:
    """Rewrite the pages."""
    for page in PAGES:
        page.write_text(with_blocks(page), encoding="utf-8")
        print(f"{page.name} rewritten")


if __name__ == "__main__":
    main()

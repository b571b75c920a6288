"""How good the data are: `python -m lodeflow.data.report` writes docs/data_report.md."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError
from lodeflow.data.reconcile import balance, published
from lodeflow.data.store import Tables

if TYPE_CHECKING:
    import pandas as pd

NOTEWORTHY = 0.02  # adjustments beyond this share are listed
BASE_YEAR = 2024
FIRST_YEAR = 2009  # first year in which every metal is complete
KINDS = ("observed", "derived", "assumed")
HOW_TO_READ = (
    "Written by `python -m lodeflow.data.report` from the tables; nothing here is typed by hand. *Observed* means published as "
    "it stands, *derived* computed from published figures, *assumed* that an estimate had to fill a gap: the reason "
    "stands in the row."
)


def adjustments(tables: Tables) -> pd.DataFrame:
    """Totals scaled by more than 2 %: metal, stage, year, tonnages in t/year, change (1), surplus_t of the mines."""
    production = tables["production"].assign(published_t=published(tables["production"]))
    totals = production.groupby(["metal", "stage", "year"])[["published_t", "reconciled_t"]].sum()
    found = balance(tables).rename(columns={"side": "stage"})
    found = found.join(totals, on=["metal", "stage", "year"])
    found["primary_t"] = found["mine_t"].where(found["stage"] == "mine", found["refine_t"])
    found["change"] = found["factor"] - 1.0
    found["surplus_t"] = found["mine_t"] - found["feed_t"]
    return found[found["change"].abs() > NOTEWORTHY].reset_index(drop=True)


def quality(tables: Tables, year: int = BASE_YEAR) -> pd.DataFrame:
    """Share of the tonnage of `year` (1) that is observed, derived or assumed, by metal and stage."""
    production = tables["production"]
    rows = production[production["year"] == year]
    tonnes = rows.pivot_table(index=["metal", "stage"], columns="status", values="reconciled_t", aggfunc="sum")
    tonnes = tonnes.reindex(columns=list(KINDS)).fillna(0.0)
    shares = tonnes.div(tonnes.sum(axis=1), axis=0)
    order = list(dict.fromkeys(production["metal"]))
    return shares.reset_index().sort_values("metal", key=lambda names: names.map(order.index), kind="stable")


def assumptions(tables: Tables) -> pd.DataFrame:
    """How many rows of each table are observed, derived and assumed."""
    import pandas as pd

    counts = {
        name: frame["status"].value_counts().reindex(list(KINDS), fill_value=0)
        for name, frame in tables.items()
        if "status" in frame
    }
    return pd.DataFrame(counts).T.astype(int).rename_axis("table").reset_index()


def report(tables: Tables) -> str:
    """The whole report as Markdown."""
    parts = [HOW_TO_READ, _quality_part(tables), _count_part(tables), _adjustment_part(tables)]
    return "\n\n".join(["# How good the data are", *parts]) + "\n"


def _quality_part(tables: Tables) -> str:
    rows = [
        [row["metal"], row["stage"], *(f"{row[kind]:.0%}" for kind in KINDS)]
        for row in quality(tables).to_dict("records")
    ]
    return f"## Base-year tonnage by status, {BASE_YEAR}\n\n" + _table(["metal", "stage", *KINDS], rows)


def _count_part(tables: Tables) -> str:
    counts = assumptions(tables)
    rows = [[str(row[name]) for name in ("table", *KINDS)] for row in counts.to_dict("records")]
    total = int(counts["assumed"].sum())
    return f"## Rows by status\n\n{total:,} rows rest on an assumption.\n\n" + _table(["table", *KINDS], rows)


def _adjustment_part(tables: Tables) -> str:
    found = adjustments(tables)
    rows = [
        [row["metal"], row["stage"], str(row["year"])]
        + [f"{row[name]:,.0f}" for name in ("published_t", "primary_t", "reconciled_t")]
        + [f"{row['change']:+.1%}", _reading(row["surplus_t"])]
        for row in found[found["year"] >= FIRST_YEAR].to_dict("records")
    ]
    head = ["metal", "scaled stage", "year", "published, t", "of it primary, t", "reconciled, t", "change", "reading"]
    text = (
        f"Mine output and the feed that refiners need never agree. The less certain side was scaled; changes above "
        f"{NOTEWORTHY:.0%} since {FIRST_YEAR} are listed. In the base year of a run, what mines made beyond that need lies "
        "as feed stock; earlier surpluses and deficits are not carried over, since no such stocks are published."
    )
    return f"## Adjustments\n\n{text}\n\n" + _table(head, rows)


def _reading(surplus: float) -> str:
    """What the gap between mines and refiners (t, positive: mines ahead) may mean."""
    if surplus > 0:
        return f"mines {surplus:,.0f} t ahead: stocks built, or mine content overstated"
    return f"mines {-surplus:,.0f} t behind: stocks drawn, or mine content understated"


def _table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(target: Path = Path(__file__).parent.parent / "docs" / "data_report.md") -> None:
    """Writes the report on the shipped tables; bad tables end in their list of problems and exit code 2."""
    from lodeflow.data.loader import load

    try:
        text = report(load())
    except DataError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(f"{target} written")


if __name__ == "__main__":
    main()

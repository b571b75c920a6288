"""The trade network of a run on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.print.table import headed, rows_of
from lodeflow.print.terminal import console
from lodeflow.viz.words import percent, tonnes

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from lodeflow.experiments.analysis.network.report import Network

SHOWN = 3
"""Countries named for each metal."""


def print_network(network: Network) -> None:
    """Print the last year of every metal and form: how concentrated trade is, who is central, and whose loss costs most."""
    out = console()
    year = int(network.networks["year"].max())
    last = network.networks[(network.networks["year"] == year) & (network.networks["traded"] > 0.0)]
    table = headed(f"Who trades with whom in {year} ({network.scenario}, {network.choice.run})", *HEADINGS)
    for row in rows_of(last):
        places = _of(network.places, row)
        table.add_row(
            row["metal"],
            row["form"],
            f"{row['countries']} / {row['links']}",
            f"{row['hhi_exports']:.2f}",
            f"{row['hhi_imports']:.2f}",
            _largest(places, "exports"),
            _largest(places, "betweenness"),
            f"{row['communities']} ({row['modularity']:.2f})",
        )
    out.print(table)
    losses = headed(f"If one country delivered nothing in {year}: what others lose at once", *LOST)
    for metal, rows in network.losses[network.losses["year"] == year].groupby("metal", sort=True):
        for row in rows_of(rows.nlargest(SHOWN, "lost")):
            losses.add_row(
                str(metal),
                row["country"],
                f"{tonnes(row['lost'])} a month ({percent(row['lost_share'])})",
                f"{row['refiners_hit']} / {row['makers_hit']}",
                f"{row['hit_hardest']} {percent(row['hit_share'])}",
            )
    out.print(losses)
    if len(network.cascades):
        out.print(_cascades(network.cascades))
    out.print("hit: countries that lose more than a tenth of what they take in; nobody has stocks or other suppliers")


def _cascades(table: pd.DataFrame) -> Table:
    """The countries whose loss costs others most, metal by metal, stocks and scarcest metals counted."""
    shown = headed("The same with stocks, for two years, each product made as far as its scarcest metal goes", *FALLS)
    for metal, rows in table.groupby("metal", sort=True):
        for row in rows_of(rows.nlargest(SHOWN, "lost")):
            shown.add_row(
                str(metal),
                row["country"],
                f"{tonnes(row['lost'])} ({percent(row['lost_share'])})",
                tonnes(row["idled"]),
                str(row["first_month"]),
                f"{row['makers_stopped']} / {row['users_hit']}",
            )
    return shown


FALLS = (
    "metal",
    "without",
    "use lost elsewhere",
    "for lack of another metal",
    "first month",
    "makers stopped / users hit",
)
HEADINGS = (
    "metal",
    "form",
    "countries / links",
    "HHI exports",
    "HHI imports",
    "largest exporters",
    "most central",
    "communities (modularity)",
)
LOST = ("metal", "without", "use lost elsewhere", "refiners / makers hit", "hit hardest")


def _largest(places: pd.DataFrame, column: str) -> str:
    """Names of the countries with the largest values above zero."""
    return ", ".join(places[places[column] > 0.0].nlargest(SHOWN, column)["country"].astype(str)) or "–"


def _of(places: pd.DataFrame, row: dict[str, object]) -> pd.DataFrame:
    """Countries of one metal, form and year."""
    same = [places[name] == row[name] for name in ("metal", "form", "year")]
    return places[same[0] & same[1] & same[2]]

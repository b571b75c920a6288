"""Who asks: a country's makers of a product, or a company with what it uses, holds and buys from whom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from lodeflow.data.guard import parse_toml, read_file
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.environment.fields import LARGEST_TONNES, Input
from lodeflow.environment.records.stages import MAKING
from lodeflow.experiments.scenario.check import Checker
from lodeflow.experiments.scenario.names import names_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lodeflow.data import Tables
    from lodeflow.experiments.analysis.flows.account import Account

SUM = 1e-3
"""How far the shares of suppliers may be from 1."""


class Need(Input):
    """What is used of one metal, what lies in stock, and who delivers."""

    use: float = Field(gt=0.0, le=LARGEST_TONNES, description="use, t a month")
    stock: float = Field(0.0, ge=0.0, le=LARGEST_TONNES, description="stock before the news, t")
    suppliers: dict[str, float] = Field(min_length=1, description="share of purchases by country (ISO 3166 alpha-3)")


class Position(Input):
    """A country's makers of some products, or a company.

    Attributes:
        name: who asks.
        country: where the metal is used (ISO 3166 alpha-3).
        products: what is made of it.
        metals: need of each metal.
    """

    name: str = Field(min_length=1, max_length=200, description="who asks")
    country: str = Field(description="country in which the metal is used (ISO 3166 alpha-3)")
    products: list[str] = Field(default_factory=list, description="products that are made")
    metals: dict[str, Need] = Field(min_length=1, description="need by metal")


def read_company(path: Path, tables: Tables) -> Position:
    """Read the file of a company.

    Raises:
        DataError: with every problem: bad TOML, unknown keys, numbers out of range, unknown metals, countries and products, and
            shares of suppliers that do not sum to 1.
    """
    if not path.is_file():
        raise DataError(
            [Problem(str(path), None, "", "there is no such file", "Name a TOML file (docs/flows.md has one)")]
        )
    raw = parse_toml(read_file(path), str(path))
    problems: list[Problem] = []
    found = Checker(str(path), tables.remember(names_in), problems).table(Position, raw, "")
    problems += _unknown(raw, str(path), tables)
    if problems or found is None:
        raise DataError(problems)
    return found


def _unknown(raw: Mapping[str, Any], file: str, tables: Tables) -> list[Problem]:
    """Names that the tables do not have, and shares that do not sum to 1; what is of another kind is left to the model."""
    names = dict(zip(tables.countries["iso3"], tables.countries["name"], strict=True))
    known = {"country": [*names, "ROW"], "metal": [*tables.metals["metal"]], "product": [*tables.products["product"]]}
    asked = [("country", "country", raw.get("country")), *(("products", "product", name) for name in _listed(raw))]
    problems = []
    for metal, suppliers in _suppliers(raw).items():
        asked += [(f"metals.{metal}", "metal", metal)]
        asked += [(f"metals.{metal}.suppliers", "country", name) for name in suppliers]
        shares = [share for share in suppliers.values() if isinstance(share, int | float)]
        if shares and (min(shares) < 0.0 or not abs(sum(shares) - 1.0) <= SUM):
            wrong = f"the shares sum to {sum(shares):g}" if min(shares) >= 0.0 else "a share is below 0"
            problems.append(
                Problem(file, f"metals.{metal}.suppliers", "", wrong, "Give shares of 0 to 1 that sum to 1")
            )
    for row, kind, name in asked:
        if isinstance(name, str) and name not in known[kind]:
            right = did_you_mean(name, known[kind], names if kind == "country" else None)
            problems.append(Problem(file, row, "", f"there is no {kind} {name!r}", right))
    return problems


def _listed(raw: Mapping[str, Any]) -> list[Any]:
    """Products that a file lists."""
    products = raw.get("products")
    return products if isinstance(products, list) else []


def _suppliers(raw: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Suppliers of each metal of a file, none where they are no table."""
    metals = raw.get("metals")
    needs = metals.items() if isinstance(metals, Mapping) else ()
    named = {metal: need.get("suppliers") if isinstance(need, Mapping) else None for metal, need in needs}
    return {metal: suppliers if isinstance(suppliers, Mapping) else {} for metal, suppliers in named.items()}


def products_named(text: str, tables: Tables) -> list[str]:
    """Return the products of a word: an id, a label, or words that its id holds ("EV battery"); DataError if there is none."""
    labels = dict(zip(tables.products["product"], tables.products["label"], strict=True))
    plain = text.strip().lower()
    exact = [name for name, label in labels.items() if plain in (name, str(label).lower())]
    words = set(plain.replace("-", " ").split())
    found = exact or [name for name in labels if words and words <= set(name.split("-"))]
    if not found:
        raise DataError(
            [Problem("product", None, "", f"there is no product {text!r}", did_you_mean(text, labels, labels))]
        )
    return found


def of_country(country: str, products: Sequence[str], account: Account, months: int = 12) -> Position:
    """Return the position of a country's makers of some products, from an account of one year without the shock.

    use: what they used of every metal, t a month; stock: at the end of the year; suppliers: who sold refined metal to the
    country. months: of the year that the account holds.

    Raises:
        DataError: where the country makes none of the products.
    """
    flows = account.flows
    used = account.of("new scrap", "dissipated", "products")
    used = used[(used["from_region"] == country) & used["product"].isin(list(products))]
    use = used.groupby("metal")["tonnes"].sum() / months
    sold = account.of("primary metal", "recycled metal")
    bought = sold[sold["to_region"] == country].groupby(["metal", "from_region"])["tonnes"].sum()
    stocks = account.stocks[(account.stocks["stage"] == MAKING) & (account.stocks["region"] == country)]
    held = stocks[stocks["product"].isin(list(products))].groupby("metal")["closing"].sum()
    needs = {}
    for name, tonnes in use.items():
        metal = str(name)
        total = float(bought[metal].sum()) if metal in bought.index.get_level_values("metal") else 0.0
        if tonnes > 0.0 and total > 0.0:
            shares = {str(place): float(amount) / total for place, amount in bought[metal].items()}
            needs[metal] = Need(use=float(tonnes), stock=float(held.get(metal, 0.0)), suppliers=shares)
    if not needs:
        made = (flows["movement"] == "products") & flows["product"].isin(list(products))
        known = sorted(flows.loc[made, "from_region"].unique())
        wrong = f"{country} makes no {', '.join(products)} in this run"
        raise DataError([Problem("country", None, "", wrong, f"They are made in {', '.join(known[:12])}")])
    return Position(name=f"{country}: {', '.join(products)}", country=country, products=list(products), metals=needs)

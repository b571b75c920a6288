"""Final demand by sector to metal, object classes, and which technologies stop without a metal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.analysis.flows.account import Account

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables


def sector_table(account: Account, members: Sequence[str], tables: Tables) -> pd.DataFrame:
    """Return final demand of a region by sector and metal: sector, label, metal, object_class, year, tonnes, share of the metal.

    tonnes: metal in products that come into use in the region, t in the year; share: of all sectors, 1.
    A product without a sector of its own (of own tables) stands under its own name.
    """
    into = account.of("products")
    into = into[into["to_region"].isin(list(members))]
    own = tables.sectors.set_index("product")
    classes = dict(zip(tables.object_classes["metal"], tables.object_classes["object_class"], strict=True))
    sector = into["product"].map(own["sector"]).fillna(into["product"])
    sums = into.assign(sector=sector).groupby(["sector", "metal", "year"])["tonnes"].sum().reset_index()
    labels = dict(zip(own["sector"], own["label"], strict=True))
    sums["label"] = sums["sector"].map(labels).fillna(sums["sector"])
    sums["object_class"] = sums["metal"].map(classes).fillna("")
    total = sums.groupby(["metal", "year"])["tonnes"].transform("sum")
    sums["share"] = (sums["tonnes"] / total.where(total > 0.0)).fillna(0.0)
    return sums[["sector", "label", "metal", "object_class", "year", "tonnes", "share"]]


def technology_matrix(tables: Tables) -> pd.DataFrame:
    """Return which technology needs which metal: rows are technologies, columns metals, entries true or false."""
    import pandas as pd

    rows = tables.technology_metals
    table = pd.crosstab(rows["technology"], rows["metal"]).astype(bool)
    order = [name for name in tables.technologies["technology"] if name in table.index]
    return table.loc[order]


def stopped(without: Iterable[str], tables: Tables) -> list[str]:
    """Return the technologies that stop without some metals: exactly those that need one of them.

    Raises:
        DataError: naming every metal that no technology needs.
    """
    matrix, missing = technology_matrix(tables), list(without)
    unknown = [metal for metal in missing if metal not in matrix]
    if unknown:
        known = [str(name) for name in matrix]
        raise DataError(
            Problem("technology_metals", metal, "", "no technology needs it", did_you_mean(metal, known))
            for metal in unknown
        )
    return [str(name) for name in matrix.index[matrix[missing].any(axis=1)]]


def against_model(tables: Tables) -> pd.DataFrame:
    """Return the matrix beside the model's bills of materials: technology, metal, published, model, for metals the model has.

    model: whether a product that stands for the technology holds the metal; technologies without a product are left out.
    """
    import pandas as pd

    used = tables.use_shares[tables.use_shares["share"] > 0.0]
    bills = {
        pair for holds in (tables.composition, used) for pair in zip(holds["product"], holds["metal"], strict=True)
    }
    matrix, rows = technology_matrix(tables), []
    for name, products in zip(
        tables.technologies["technology"], tables.technologies["products"].fillna(""), strict=True
    ):
        for metal in tables.metals["metal"]:
            if products and metal in matrix:
                found = any((product, metal) in bills for product in str(products).split())
                rows.append((name, metal, bool(matrix.loc[name, metal]), found))
    return pd.DataFrame(rows, columns=["technology", "metal", "published", "model"])

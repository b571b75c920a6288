"""Makes mine and refined output of one year agree: `python -m lodeflow.data.reconcile` rewrites production.reconciled_t.

The published totals of a metal never agree: what refiners need as feed (primary refined output over the refining
yield) differs from what mines deliver. The less certain side (metals.reconcile_side) is scaled by one factor per year,
so that country shares stay as published. A surplus of the mines is scaled away here; the simulation lays the base year's
surplus down as feed stock, and the report names it. Refined copper is first freed of metal from scrap.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError, Problem
from lodeflow.data.store import Tables

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6  # significant digits kept in the file


def published(production: pd.DataFrame) -> pd.Series:
    """Tonnes per row before reconciliation: as published, else the estimate."""
    return production["observed_t"].fillna(production["assumed_t"])


def primary(tables: Tables) -> pd.Series:
    """Tonnes per row of the production table, refined metal without the part that comes from scrap.

    Only the world's share of metal from scrap is known (secondary_refined). It is taken from what countries refine beyond
    their own mine output, in proportion: who mines more than he refines has ore enough.
    """
    production, tonnes = tables["production"], published(tables["production"])
    scrap = tables["secondary_refined"].set_index(["metal", "year"])["share"]
    keys = ["metal", "year", "iso3"]
    mined = tonnes[production["stage"] == "mine"].groupby([production[key] for key in keys]).sum()
    refining = production["stage"] == "refine"
    own = mined.reindex(list(production[keys].itertuples(index=False, name=None))).fillna(0.0).to_numpy()
    beyond = (tonnes - own).clip(lower=0.0).where(refining, 0.0)
    share = scrap.reindex(list(production[["metal", "year"]].itertuples(index=False, name=None))).fillna(0.0).to_numpy()
    groups = [production["metal"], production["year"], production["stage"]]
    world = tonnes.groupby(groups).transform("sum") * share
    everywhere = beyond.groupby(groups).transform("sum")
    return tonnes - beyond * (world / everywhere.where(everywhere > 0.0, float("inf"))).clip(upper=1.0)


def balance(tables: Tables) -> pd.DataFrame:
    """One row per metal with a feed market and year: mine_t, refine_t (primary), feed_t needed, side, factor."""
    import pandas as pd

    production = tables["production"].assign(tonnes=primary(tables))
    totals = production.pivot_table(index=["metal", "year"], columns="stage", values="tonnes", aggfunc="sum")
    metals = tables["metals"].set_index("metal")
    traded = metals.index[metals["feed_form"] != ""]
    rows = []
    for metal in traded.intersection(totals.index.unique("metal"), sort=False):
        refining = refining_yield(tables, str(metal))
        side = metals.loc[metal, "reconcile_side"]
        both = totals.loc[metal, ["mine", "refine"]].dropna()
        for year, mine, refine in zip(both.index, both["mine"], both["refine"], strict=True):
            feed = refine / refining
            rows.append((metal, year, mine, refine, feed, side, feed / mine if side == "mine" else mine / feed))
    return pd.DataFrame(rows, columns=["metal", "year", "mine_t", "refine_t", "feed_t", "side", "factor"])


def reconcile(tables: Tables) -> pd.Series:
    """What production.reconciled_t must be: t per row, rounded to six significant digits."""
    production = tables["production"]
    factors = {(row["metal"], row["year"], row["side"]): row["factor"] for row in balance(tables).to_dict("records")}
    keys = zip(production["metal"], production["year"], production["stage"], strict=True)
    scaled = primary(tables) * _series([factors.get(key, 1.0) for key in keys], production)
    return scaled.map(lambda tonnes: float(f"{tonnes:.{DIGITS}g}")).rename("reconciled_t")


def rewrite(folder: Path) -> Path:
    """Recompute the column in `folder`/production.csv, with the other tables of that folder, and return the path.

    Of a user's folder only its own rows are written, every other cell of them as it stands. Raises DataError if the folder has no
    production table or its tables cannot be used.
    """
    from lodeflow.data.loader import SHIPPED, load

    path = Path(folder) / "production.csv"
    if Path(folder).resolve() == SHIPPED.resolve():
        tables = load()
        tables["production"].assign(reconciled_t=reconcile(tables)).to_csv(path, index=False, lineterminator="\n")
        return path
    if not path.is_file():
        right = "Put own rows of production into it: metal, stage, iso3, year, unit, observed_t"
        raise DataError([Problem(str(path), None, "", "the folder has no such table", right)])
    _rewrite_own(path, load(folder))
    return path


def _rewrite_own(path: Path, tables: Tables) -> None:
    """Write a user's own rows of production as they are read: t of metal content, codes of countries, `reconciled_t` computed."""
    import pandas as pd

    from lodeflow.data.loader import read_table
    from lodeflow.data.pack import DELETE, YES
    from lodeflow.data.pack_words import readable

    schema, found = tables.schema("production"), list[Problem]()
    text = read_table(path, schema, found, True)
    if text is None:
        raise DataError(found)
    production = tables["production"].assign(reconciled_t=reconcile(tables))
    as_text = production.astype(str)
    read = readable({}, {name: tables[name] for name in ("metals", "countries")}).read(text, schema, as_text, [], found)
    own = production.set_axis(pd.MultiIndex.from_frame(as_text[list(schema.key)]), axis=0)
    marked = read[DELETE].str.lower().isin(YES) if DELETE in read else read["metal"] == ""
    kept = own.loc[pd.MultiIndex.from_frame(read.loc[~marked, list(schema.key)])]
    gone = read.loc[marked, [*schema.key, DELETE]] if marked.any() else []
    whole = pd.concat([kept, gone]) if len(gone) else kept
    whole.to_csv(path, index=False, lineterminator="\n")


def refining_yield(tables: Tables, metal: str) -> float:
    """t refined per t feed."""
    yields = tables["yields"]
    found = yields.loc[(yields["metal"] == metal) & (yields["step"] == "refining"), "value"]
    if found.empty:
        wrong, right = f"no refining yield for {metal}", "Add a row with step refining"
        raise DataError([Problem("yields.csv", None, "step", wrong, right)])
    return float(found.iloc[0])


def _series(values: list[float], like: pd.DataFrame) -> pd.Series:
    """A column with the index of `like`."""
    import pandas as pd

    return pd.Series(values, index=like.index, dtype=float)


def main(arguments: list[str] | None = None) -> None:
    """Rewrites the table of the folder that is named, the shipped one if none is; bad tables end in their problems and code 2."""
    from lodeflow.data.loader import SHIPPED

    given = sys.argv[1:] if arguments is None else arguments
    try:
        print(f"{rewrite(Path(given[0]) if given else SHIPPED)} rewritten")
    except DataError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

"""Makes mine and refined output of one year agree (`balance.py`) in a file: `python -m lodeflow.data.reconcile [FOLDER]`.

Without a folder production.reconciled_t of the package is rewritten; of a user's folder only its own rows are.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lodeflow.data.balance import DIGITS, balance, primary, published, reconcile, refining_yield
from lodeflow.data.problems import DataError, Problem
from lodeflow.data.store import Tables

__all__ = ["DIGITS", "balance", "primary", "published", "reconcile", "refining_yield", "rewrite"]


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
    gone = read.loc[marked, [*schema.key, DELETE]] if marked.any() else None
    whole = kept if gone is None else pd.concat([kept, gone])
    whole.to_csv(path, index=False, lineterminator="\n")


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

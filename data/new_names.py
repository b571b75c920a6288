"""Metals and products that only a user's folder knows: a row for each, from documented defaults where the folder gives none."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from lodeflow.data.names import plain_name
from lodeflow.data.pack import Pack
from lodeflow.data.pack_words import Reader

if TYPE_CHECKING:
    import pandas as pd

ALIKE = 0.8
"""Likeness (0 to 1) from which a new name is taken for a slip of a known one; assumption: one letter in five."""
COLORS = ("#7F3C8D", "#11A579", "#3969AC", "#F2B701", "#E73F74", "#80BA5A", "#A5AA99", "#008695", "#CF1C90", "#4B4B8F")
"""Colours of new metals, in turn; told apart by colour-blind eyes together with their labels."""
METAL = {"price_class": "minor", "reconcile_side": "refine", "note": "metal of an own data folder"}
PRODUCT = {"group": "alloy", "unit": "t", "lifetime_distribution": "weibull", "status": "assumed"}
MEDIANS = ("lifetime_mean_years", "lifetime_sd_years", "new_scrap_rate")
"""Columns of a new product that take the median of the shipped products."""
NONE = ("dissipative_share", "hibernating_share", "export_used_share")
"""Columns of a new product that are 0."""


def with_new_names(
    own: dict[str, pd.DataFrame],
    texts: dict[str, pd.DataFrame],
    reader: Reader,
    pack: Pack,
) -> dict[str, pd.DataFrame]:
    """The own tables with complete rows for every metal and product that is new in them.

    A name is new where the folder gives its production and its use, or a row of its own; otherwise it is left as it is, and the
    check of the table names it.
    """
    own = dict(own)
    mined = _with_stage(own, "mine")
    new = _new_metals(own, reader)
    frame = _added(own.get("metals"), "metal", new)
    if frame is not None:
        own["metals"] = _complete_metals(frame, set(texts["metals"]["metal"]), mined, _symbols(own), pack)
    if "products" in texts:
        known = set(texts["products"]["product"])
        listed = set(own["products"]["product"]) if "products" in own else set()
        used = dict.fromkeys(own["use_shares"].get("product", [])) if "use_shares" in own else {}
        added = [n for n in used if n and n not in known | listed and not _slip(n, known)]
        frame = _added(own.get("products"), "product", added)
        if frame is not None:
            own["products"] = _complete_products(frame, texts["products"], pack)
    return own


def _new_metals(own: dict[str, pd.DataFrame], reader: Reader) -> list[str]:
    """Names of metals in the own tables that are in no table of metals."""
    wanted = [own[name]["metal"] for name in ("production", "use_shares") if name in own and "metal" in own[name]]
    if not wanted:
        return []
    both = [cell for cell in dict.fromkeys(wanted[0]) if all(cell in set(column) for column in wanted)]
    found = [cell for cell in both if cell and not reader.knows_metal(cell)]
    slugs = {cell: plain_name(cell).replace(" ", "-") for cell in found}
    return [
        slug
        for cell, slug in slugs.items()
        if re.fullmatch("[a-z][a-z-]*", slug) and not _slip(slug, set(reader.metals))
    ]


def _slip(name: str, known: set[str]) -> bool:
    """Whether a name is so like a known one that it must be a slip; the check of the table then names it."""
    return bool(get_close_matches(name, sorted(known), n=1, cutoff=ALIKE))


def _with_stage(own: dict[str, pd.DataFrame], stage: str) -> set[str]:
    """Plain names of the metals of which the own production has a stage."""
    frame = own.get("production")
    if frame is None or "stage" not in frame or "metal" not in frame:
        return set()
    return {plain_name(cell).replace(" ", "-") for cell in frame.loc[frame["stage"] == stage, "metal"]}


def _added(frame: pd.DataFrame | None, key: str, names: list[str]) -> pd.DataFrame | None:
    """An own table with a bare row for each name; None where there is nothing to say."""
    import pandas as pd

    if not names:
        return frame
    rows = pd.DataFrame({key: names}, index=[1] * len(names), dtype="object")
    whole = rows if frame is None else pd.concat([frame, rows])
    return whole.fillna("").reset_index(drop=True).set_axis([*(frame.index if frame is not None else []), *rows.index])


def _symbols(own: dict[str, pd.DataFrame]) -> dict[str, str]:
    """The symbol that stands in the unit of a metal's production, such as Te in "kt Te"."""
    frame = own.get("production")
    if frame is None or not {"metal", "unit"} <= set(frame):
        return {}
    found: dict[str, str] = {}
    for cell, unit in zip(frame["metal"], frame["unit"], strict=True):
        symbol = re.fullmatch(r".*\s([A-Z][a-z]?(?:[-+][A-Z][a-z]?)*)(?:/\w+)?", unit)
        if symbol:
            found.setdefault(plain_name(cell).replace(" ", "-"), symbol[1])
    return found


def _complete_metals(
    frame: pd.DataFrame, known: set[str], mined: set[str], symbols: dict[str, str], pack: Pack
) -> pd.DataFrame:
    """Rows of metals with every cell filled that has a sensible default; rows of shipped metals stay as they are."""
    records = []
    for number, row in enumerate(frame.to_dict("records")):
        name = str(row["metal"])
        if name not in known:
            symbol = str(row.get("symbol") or symbols.get(name) or name.capitalize())
            label = str(row.get("label") or name.replace("-", " ").capitalize())
            filled = METAL | {
                "symbol": symbol,
                "label": label,
                "feed_form": "ore" if name in mined else "",
                "refined_form_label": f"refined {label.lower()}",
                "price_basis": f"{symbol} content",
                "color": COLORS[number % len(COLORS)],
                "source": f"own data ({pack.folder.name})",
            }
            left = [word for word, value in filled.items() if value and not row.get(word)]
            pack.notes.append(f"metals.csv: {name} is a new metal; by default: " + _said(filled, left))
            row = {**{w: v for w, v in filled.items() if not row.get(w)}, **{w: v for w, v in row.items() if v}}
        records.append(row)
    return _like(records, frame)


def _complete_products(frame: pd.DataFrame, shipped: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Rows of products with every cell filled that has a sensible default; rows of shipped products stay as they are."""
    import pandas as pd

    medians = {name: f"{pd.to_numeric(shipped[name]).median():g}" for name in MEDIANS}
    records = []
    for row in frame.to_dict("records"):
        name = str(row["product"])
        if name not in set(shipped["product"]):
            own = {"label": name.replace("-", " ").capitalize(), "source": f"own data ({pack.folder.name})"}
            filled = PRODUCT | medians | dict.fromkeys(NONE, "0") | own
            left = [word for word in filled if not row.get(word)]
            pack.notes.append(f"products.csv: {name} is a new product; by default: " + _said(filled, left))
            row = {**{w: v for w, v in filled.items() if not row.get(w)}, **{w: v for w, v in row.items() if v}}
        records.append(row)
    return _like(records, frame)


def _said(filled: dict[str, str], left: list[str]) -> str:
    return ", ".join(f"{word} {filled[word]}" for word in left) + "."


def _like(records: list[dict[Any, Any]], frame: pd.DataFrame) -> pd.DataFrame:
    """Rows as a table with the lines of another; cells that are missing are empty."""
    import pandas as pd

    columns = list(dict.fromkeys(name for record in records for name in record))
    return pd.DataFrame(records, columns=columns, index=frame.index, dtype="object").fillna("")

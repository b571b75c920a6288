"""Words of the account of money: who pays and is paid, for what, and its columns."""

from __future__ import annotations

MINE, REFINER, RECYCLER, USER, GOVERNMENT = "mine", "refiner", "recycler", "user", "government"
"""Kinds that pay and are paid. A user is the desk of a country: manufacturers, and reserves and investors that buy with them."""
SALE, EXPORT_TAX = "sale", "export tax"
COLUMNS = (
    *("date", "metal", "form", "entry", "payer", "payer_kind", "payee", "payee_kind", "exporter", "importer"),
    *("tonnes", "rate", "usd"),
)
"""Columns of the account: rate in USD/t, usd = tonnes x rate per month."""

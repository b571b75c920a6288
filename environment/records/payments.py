"""Words of the account of money: who pays and is paid, for what, and its columns."""

from __future__ import annotations

MINE, REFINER, RECYCLER, USER, GOVERNMENT = "mine", "refiner", "recycler", "user", "government"
"""Kinds that pay and are paid. A user is the desk of a country: manufacturers, and reserves and investors that buy with them."""
CARRIER, COLLECTOR, CONSUMER, SUPPLIER = "carrier", "collector", "consumer", "supplier"
"""Carriers belong to no country. Suppliers give firms labour, energy and all else that runs them; consumers buy products."""
FIRMS = (MINE, REFINER, RECYCLER)
"""Firms whose costs are known: what they receive less what they pay is their rent."""
SALE, EXPORT_TAX, IMPORT_DUTY = "sale", "export tax", "import duty"
SEA, LAND, AIR, TOLL, MORE = "freight by sea", "freight over land", "freight by air", "canal toll", "added freight"
FREIGHT = (SEA, LAND, AIR, TOLL, MORE)
"""What sellers pay carriers out of the price: by mode, tolls of passages, and what closures add."""
SCRAP, PRODUCT = "scrap", "product"
FEE, PENALTY, PREMIUM = "collection fee", "penalty", "recycled premium"
"""Producers pay collectors for what a rule makes them collect, governments for recycled metal that is missing under a content
rule, and recyclers a premium for what they find of it."""
MINING, REFINING, RECYCLING = "mining cost", "refining cost", "recycling cost"
COSTS = (MINING, REFINING, RECYCLING)
ENTRIES = (SALE, EXPORT_TAX, IMPORT_DUTY, *FREIGHT, SCRAP, PRODUCT, FEE, PENALTY, PREMIUM, *COSTS)
"""Everything that is paid for, in the order of the chain."""
OF_METAL = (SALE, EXPORT_TAX, IMPORT_DUTY, *FREIGHT)
"""What is paid for ore, intermediates and metal when they are traded."""
LEAST = 1.0
"""Smallest payment that the account shows beside sales, taxes and duties, USD in a month."""
NOWHERE = "WLD"
"""Country of carriers."""
COLUMNS = (
    *("date", "metal", "form", "entry", "payer", "payer_kind", "payee", "payee_kind", "exporter", "importer"),
    *("tonnes", "rate", "usd"),
)
"""Columns of the account: tonnes of metal, rate in USD/t, usd = tonnes x rate per month."""

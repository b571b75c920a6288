"""What can become of metal in products that leave use: columns of the table ``end_of_life``, t a year."""

from __future__ import annotations

FATES = (
    "left_use",
    "into_hibernation",
    "exported_used",
    "imported_used",
    "end_of_life",
    "collected_formal",
    "collected_local",
    "collected_informal",
    "collected_take_back",
    "landfilled",
    "recoverable",
)

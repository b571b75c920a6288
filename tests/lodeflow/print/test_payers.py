"""Who pays for policies, in words."""

from __future__ import annotations

from lodeflow.print import payers

EVENTS = [
    {"label": "deposit", "paid_by": {"consumer": 3e6, "producer": 1e6}, "paid_for": {"cobalt": 3e6, "nickel": 1e6}},
    {"label": "fee", "paid_by": {"producer": 2e6}, "paid_for": {"cobalt": 2e6}},
    {"label": "ban"},
]


def test_cost_is_that_of_all_policies_for_the_metal() -> None:
    assert payers.cost(EVENTS, "cobalt", 1000.0).startswith("policies cost 5.00 million USD, 5,000 USD a tonne")
    assert payers.cost(EVENTS, "cobalt", -1.0) == "policies cost 5.00 million USD"
    assert payers.cost(EVENTS, "lithium", 1.0) == ""


def test_who_bears_most_stands_first_and_who_pays_nothing_is_left_out() -> None:
    assert list(payers.bearers(EVENTS)) == [
        "deposit, who pays: consumer 3.00 million USD, producer 1.00 million USD",
        "fee, who pays: producer 2.00 million USD",
    ]

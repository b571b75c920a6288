"""Room for new trade between partners."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import contract


def test_new_trade_grows_with_what_the_buyer_pays_over_the_ask() -> None:
    seller, buyer, spread = np.full(2, 10.0), np.full(2, 5.0), np.array([0.0, np.log(3.0)])
    room = contract.room(seller, buyer, 0.1, spread, 2.0)
    assert room[0] == pytest.approx(0.5)
    assert room[1] == pytest.approx(0.5 * (1.0 + 2.0 * np.log(3.0)))
    assert room[0] == contract.room(seller, buyer, 0.1)[0]

"""The judge of trade: its measure, its marks, its page and its command."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from docs.make_trade import PAGE, page
from lodeflow.experiments.judge.trade.board import TradeBoard, run_board
from lodeflow.experiments.judge.trade.marks import FRAMES, failures
from lodeflow.experiments.judge.trade.network import from_totals, on_wrong_pair, until
from lodeflow.experiments.judge.trade.store import write_board
from lodeflow.viz.frames import Labels


@pytest.fixture(scope="module")
def board(tables) -> TradeBoard:
    return run_board(tables)


def test_wrong_pair_is_half_the_sum_of_differences_in_shares() -> None:
    truth = np.array([[0.0, 3.0], [1.0, 0.0]])
    assert on_wrong_pair(5.0 * truth, truth) == 0.0
    assert on_wrong_pair(np.array([[0.0, 0.0], [1.0, 0.0]]), truth) == pytest.approx(0.75)
    assert on_wrong_pair(np.eye(2), truth) == pytest.approx(1.0)
    assert np.isnan(on_wrong_pair(np.zeros((2, 2)), truth))


def test_the_rule_without_partners_knows_totals_only() -> None:
    truth = np.array([[0.0, 4.0, 0.0], [0.0, 0.0, 4.0], [4.0, 0.0, 0.0]])
    assert from_totals(truth) == pytest.approx(np.array([[0.0, 2.0, 2.0], [2.0, 0.0, 2.0], [2.0, 2.0, 0.0]]))


def test_older_customs_know_nothing_later(tables) -> None:
    assert until(tables, 2022).trade_flows["year"].max() == 2022
    assert tables.trade_flows["year"].max() == 2024


def test_no_mark_is_missed(board: TradeBoard) -> None:
    assert failures(board) == []


def test_customs_are_better_than_none(board: TradeBoard) -> None:
    own = board.scores[board.scores["counted"]]
    assert len(own) == 8
    assert (own["input"] < own["forecast"]).all()
    assert (own["forecast"] < own["none"]).all()


def test_every_missed_mark_is_named(board: TradeBoard) -> None:
    bad = board.scores.assign(input=0.2, forecast=0.5, old=0.1)
    lines = failures(
        TradeBoard(bad, board.pairs, board.suppliers, board.published.assign(simulated=""), board.residuals)
    )
    assert len(lines) == 8 * 2 + 2
    assert "at most 0.15" in lines[0]


def test_pairs_and_suppliers_are_listed_from_one_per_cent_on(board: TradeBoard) -> None:
    share = board.pairs["customs_t"] / board.pairs["row"].map(board.scores.set_index("row")["traded_t"])
    assert share.max() < 1.0
    assert (share > 0.01).sum() > 100
    assert set(board.suppliers["row"]) == set(board.scores["row"])


def test_the_page_is_up_to_date(board: TradeBoard, tables) -> None:
    """To two per cent: the last digits of a fit go with the machine."""
    text, wanted = PAGE.read_text(encoding="utf-8"), page(board, Labels.of(tables.countries, tables.metals))
    number = re.compile(r"\d[\d,]*\.?\d*")
    assert number.sub("", text) == number.sub("", wanted), "run `python -m docs.make_trade`"
    shown, made = ([float(found.replace(",", "")) for found in number.findall(side)] for side in (text, wanted))
    assert shown == pytest.approx(made, rel=0.02, abs=0.011)


def test_the_folder_holds_every_table(board: TradeBoard, tmp_path) -> None:
    write_board(board, tmp_path / "trade")
    for name in FRAMES:
        assert len(pd.read_csv(tmp_path / "trade" / f"{name}.csv")) == len(getattr(board, name))
    write_board(board, tmp_path / "trade")
    (tmp_path / "trade" / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(Exception, match=r"mine\.txt"):
        write_board(board, tmp_path / "trade")

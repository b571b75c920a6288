"""The benchmark beside another version: verdicts that can fail, and turns that are taken."""

from __future__ import annotations

import pytest

from benchmarks import beside, turn


def test_the_verdict_is_that_of_the_ratio() -> None:
    assert str(beside.Pair("x", "s", 10.0, 3.5, 0.34)).endswith("0.35  at most 0.34  NOT reached")
    assert str(beside.Pair("x", "s", 10.0, 3.3, 0.34)).endswith("0.33  at most 0.34  reached")


def test_every_task_that_is_promised_can_be_taken() -> None:
    assert all(callable(getattr(turn.Tasks, task)) for task in beside.TASKS)
    with pytest.raises(ModuleNotFoundError):
        turn.room("no_room_of_this_name", "nor_this")


def test_a_tree_answers_in_loops() -> None:
    tree = beside.Tree(beside.HERE)
    try:
        assert tree.turn("frame") > 0.0
    finally:
        tree.end()
    assert turn.reference() > 0.0

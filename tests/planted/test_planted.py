"""The list of planted faults stays true: every text and every test is found, and a fault that nobody notices is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planted import __main__ as planted
from tests.planted.__main__ import Fault, check, faults, file_of, main, place

FAULTS = faults()


def test_no_fault_stands_twice() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 30
    assert len({(fault.old, fault.new) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_every_fault_finds_its_text_and_its_test(fault: Fault) -> None:
    path = place(fault)
    compile(path.read_text(encoding="utf-8").replace(fault.old, fault.new), str(path), "exec")
    assert file_of(fault).exists()


@pytest.mark.parametrize(("old", "times"), [("from __future__ import annotations", r"\d\d+"), ("no such text", "0")])
def test_a_text_that_does_not_stand_once_is_an_error(old: str, times: str) -> None:
    with pytest.raises(ValueError, match=f"slip: the text stands {times} times in the program, not once"):
        place(Fault("slip", old, "", "test_no_fault_stands_twice"))
    with pytest.raises(ValueError, match="slip: 0 tests are called test_nowhere, not one"):
        file_of(Fault("slip", old, "", "test_" + "nowhere"))


def test_a_fault_that_its_test_does_not_notice_is_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = next(fault for fault in FAULTS if fault.name == "bids never level off")
    harmless = Fault("a harmless change", good.old, f"({good.old})", good.test)
    monkeypatch.setattr(planted, "faults", lambda: [good, harmless])
    assert main([]) == 1
    said = capsys.readouterr().out
    assert f"caught  {good.name}" in said
    assert "MISSED  a harmless change" in said
    assert "1 of 2 faults are not caught" in said


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("SKIPPED [1] x.py:1: needs a font", planted.SKIPPED),
        ("PASSED x.py::y\nSKIPPED [1] x.py:1", planted.MISSED),
        ("PASSED x.py::y", planted.MISSED),
    ],
)
def test_a_fault_counts_as_missed_only_where_its_test_was_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, seen: str
) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "rule.py").write_text(FAULTS[0].old, encoding="utf-8")
    monkeypatch.setattr(planted, "passes", lambda root, chosen: (True, said))
    assert planted.caught(tmp_path, FAULTS[0]) == seen
    monkeypatch.setattr(planted, "passes", lambda root, chosen: (False, said))
    assert planted.caught(tmp_path, FAULTS[0]) == planted.CAUGHT


def test_a_test_that_fails_without_the_fault_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(planted, "passes", lambda root, chosen: (False, "AssertionError"))
    assert check(FAULTS[:1]) == -1
    assert "fails without any fault" in capsys.readouterr().out

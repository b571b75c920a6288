"""Other packages beside ours: what is not installed is said, and nothing is measured that does not run."""

from __future__ import annotations

import pytest

from benchmarks import peers


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(size: peers.Case) -> peers.Case:
        raise ImportError("no module", name=f"nothing_for_{size.agents}")

    def there(size: peers.Case) -> peers.Case:
        return peers.Case("there", 2 * size.agents, 4, 0.5)

    monkeypatch.setattr(peers, "PEERS", {"Missing": missing, "There": there})
    monkeypatch.setattr(peers, "STEPS", 3)
    own, gone, found = peers.rows()
    agents = int(own.split()[-4].replace(",", ""))
    assert own.startswith("Lodeflow")
    assert agents > 100
    assert gone == f"Missing: not installed (nothing_for_{agents})"
    assert found.split() == ["there", f"{2 * agents:,}", "4", "0.50", "125.00"]


def test_steps_before_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    took = iter([0] * peers.WARM + [1] * peers.STEPS)
    seen: list[int] = []
    now = [0.0]

    def step() -> None:
        seen.append(next(took))
        now[0] += 1.0 if seen[-1] else 100.0

    monkeypatch.setattr(peers, "perf_counter", lambda: now[0])
    assert peers._median(step) == 1000.0
    assert len(seen) == peers.WARM + peers.STEPS

"""What one server allows its visitors, so that no one can take it all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """Bounds of the dashboard.

    Attributes:
        sessions: visitors at the same time.
        tabs: pages of one visitor at the same time.
        months: longest run, months.
        shocks: most shocks and policies in one scenario.
        varied: most inputs of one scenario that differ from run to run of a batch.
        upload_bytes: largest scenario file, bytes.
        batch_runs: most runs of one batch.
        jobs: comparisons and batches at the same time, over all visitors.
        job_seconds: time after which a comparison or batch is ended, s.
        bands: bands of quick runs at the same time, over all visitors; further ones wait.
        band_runs: runs of one band.
        band_seconds: time after which a band is ended, s.
        previews: measures tried out at the same time, over all visitors; further ones wait.
        preview_months: how far ahead they are tried, months.
        runs_folder: folder whose batches may be opened; None: none.
        frames: addresses whose pages may show the dashboard in a frame.
    """

    sessions: int = 12
    tabs: int = 3
    months: int = 420
    shocks: int = 40
    varied: int = 40
    upload_bytes: int = 200_000
    batch_runs: int = 500
    jobs: int = 2
    job_seconds: float = 1800.0
    bands: int = 1
    band_runs: int = 20
    band_seconds: float = 900.0
    previews: int = 2
    preview_months: int = 24
    runs_folder: Path | None = None
    frames: tuple[str, ...] = ()


_current = Limits()


def current() -> Limits:
    """The limits of this server."""
    return _current


def put(limits: Limits) -> None:
    """Set the limits of this server, before it starts."""
    global _current
    _current = limits

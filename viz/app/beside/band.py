"""The band: some twenty quick runs with parameters drawn from their ranges, in a process of their own, and what they say."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.viz.app import figures
from lodeflow.viz.app.batch.alone import alone
from lodeflow.viz.app.batch.jobs import BANDS, DONE, RUNNING, Job, NoRoomError, Progress
from lodeflow.viz.app.batch.spread import RATIOS
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.chart import Band, Chart
from lodeflow.viz.app.world.frame import Frame

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.scenario.model import Scenario

FILE = "band.json"
LOWEST = 15
"""Priority of the process (nice value): anything else that wants the processor goes first."""
SETTLED = 1.5
"""Time for which a world stays as it is before its band is begun, s."""
AGAIN = 3.0
"""Time after which a band that found no room asks again, s."""
STRENGTH = 0.16
VARIABLES = {
    "price": ("price_outside", "price"),
    "use": ("use",),
    "shortage": ("shortage",),
    "stocks": ("stock_cover",),
    "in-use-stock": ("in_use_stock",),
    "mine-production": ("feed_production",),
    "refined-production": ("production",),
}
"""Charts that have a band, with the series of a batch that it is of: the first that the batch has."""
WORLD = "WLD"


@dataclass(frozen=True, eq=False)
class Runs:
    """What quick runs say of a metal.

    Attributes:
        peaks: highest price over that without the shocks, one number a run that ended well.
        failed: runs that did not.
        bands: (variable, region) -> 5 and 95 % quantile over the runs by month, shape (2, months), in the units of the series.
    """

    peaks: tuple[float, ...]
    failed: int = 0
    bands: Mapping[tuple[str, str], np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Spread:
    """How far the quick runs of the world on screen are.

    Attributes:
        metal: of which they are.
        state: "" (none), ``waiting``, ``running``, ``done`` or ``failed``.
        done, total: runs.
        runs: what they say; None until they are done.
    """

    metal: str = ""
    state: str = ""
    done: int = 0
    total: int = 0
    runs: Runs | None = None


def wanted(scenario: Scenario, metal: str) -> Scenario | None:
    """What the quick runs of a metal run; None where nothing touches the metal."""
    own = alone(scenario, metal)
    return own if own.shocks else None


# ---- in the process of its own ----------------------------------------------------------------------------------------
def make(runs: int, metal: str, folder: Path, tell: Callable[[int, int], None]) -> None:
    """Run `folder/scenario.toml` with drawn inputs at low priority; write what the runs say of a metal to `folder/band.json`."""
    from lodeflow import data
    from lodeflow.experiments.batch.make import monte_carlo
    from lodeflow.experiments.batch.make.band import band_of
    from lodeflow.experiments.scenario.model import load_scenario

    if hasattr(os, "nice"):
        os.nice(LOWEST)
    tables = data.load()
    scenario = load_scenario(folder / "scenario.toml", tables=tables)
    batch = monte_carlo(
        scenario,
        tables,
        folder / "batch",
        runs,
        workers=1,
        watch=lambda status: tell(status.done, status.asked),
    )
    peaks = batch.kpi()[f"price_peak.{metal}"].dropna().tolist()
    found = {"peaks": peaks, "failed": batch.manifest["failed"], "bands": _rows(band_of(batch))}
    (folder / FILE).write_text(json.dumps(found), encoding="utf-8")


def _rows(table: pd.DataFrame) -> list[list[Any]]:
    """The bands of the world with the shocks: variable, region, lower and upper end by month."""
    own = table[table["run"] == "shock"].sort_values("date")
    wanted = {name for names in VARIABLES.values() for name in names}
    groups = own[own["variable"].isin(wanted)].groupby(["variable", "region"], observed=True)
    return [[variable, region, rows["low"].tolist(), rows["high"].tolist()] for (variable, region), rows in groups]


def read(folder: Path) -> Runs:
    """What the runs of a finished band said."""
    found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    bands = {(variable, region): np.array([low, high]) for variable, region, low, high in found["bands"]}
    return Runs(tuple(found["peaks"]), found["failed"], bands)


# ---- on the server ----------------------------------------------------------------------------------------------------
class Runner:
    """Begins a band a little later, when there is room; tells how far it is; ends with its result or when it is cancelled.

    Nothing here waits in the thread of the caller.

    Args:
        scenario: with one metal (:func:`wanted`), as TOML.
        metal: of which the band is.
        publish: called, in threads of its own, with every new :class:`Spread`; not after :meth:`cancel`.
        settled: s to wait before it begins.
    """

    def __init__(self, scenario: str, metal: str, publish: Callable[[Spread], None], settled: float = SETTLED) -> None:
        self._scenario, self._metal, self._publish, self._settled = scenario, metal, publish, settled
        self._ended = threading.Event()
        self._changed = threading.Event()
        self.pid: int | None = None
        self._thread = threading.Thread(target=self._run, name="lodeflow-band", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """End it; its process is ended in the background."""
        self._ended.set()
        self._changed.set()

    def join(self, timeout: float) -> bool:
        """Wait until it has ended; whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _tell(self, **state: Any) -> None:
        if not self._ended.is_set():
            self._publish(Spread(self._metal, total=limits.current().band_runs, **state))

    def _run(self) -> None:
        if self._ended.wait(self._settled):
            return
        job = self._begin()
        if job is None:
            return
        try:
            self.pid = job.pid
            while job.progress.state == RUNNING and not self._ended.is_set():
                self._changed.wait(AGAIN)
                self._changed.clear()
            if job.progress.state == DONE:
                self._tell(state="done", done=limits.current().band_runs, runs=read(job.folder))
            elif not self._ended.is_set():
                self._tell(state="failed")
        finally:
            job.close()

    def _begin(self) -> Job | None:
        """The process, as soon as there is room for it; None when it is no longer wanted."""
        while not self._ended.is_set():
            try:
                return Job(["band", str(limits.current().band_runs), self._metal], self._scenario, self._note, BANDS)
            except NoRoomError:
                self._tell(state="waiting")
                self._ended.wait(AGAIN)
        return None

    def _note(self, progress: Progress) -> None:
        if progress.state == RUNNING:
            self._tell(state="running", done=progress.done)
        else:
            self._changed.set()


# ---- what is shown ----------------------------------------------------------------------------------------------------
def with_bands(charts: list[Chart], spread: Spread, metal: str, frame: Frame, texts: Texts) -> list[Chart]:
    """Charts with the band of the quick runs behind the line of the world on screen, as far as they are of this metal."""
    if spread.runs is None or spread.metal != metal or not frame.fired:
        return charts
    return [_banded(chart, spread.runs, texts) for chart in charts]


def _banded(chart: Chart, runs: Runs, texts: Texts) -> Chart:
    """A chart with its band; as it was where the runs have none of what its line shows."""
    lives = [line for line in chart.lines if line.role == "live"]
    regions = {region for _, region in runs.bands}
    region = next((code for code in regions if texts.region(code) == chart.shows), "") if chart.shows else WORLD
    names = [name for name in VARIABLES.get(chart.id, ()) if (name, region) in runs.bands]
    if not names or len(lives) != 1:
        return chart
    low, high = runs.bands[names[0], region] / (chart.usd or 1.0)
    name = texts("band.name", runs=len(runs.peaks))
    return replace(chart, bands=(*chart.bands, Band(name, low, high, STRENGTH)))


def sentence(spread: Spread, metal: str, texts: Texts) -> str:
    """What the quick runs say, or how far they are; "" where there are none."""
    if spread.metal != metal or not spread.state:
        return ""
    if spread.state == "running":
        return texts("band.running", done=spread.done, total=spread.total)
    if spread.runs is None or not spread.runs.peaks:
        return texts("band.waiting" if spread.state == "waiting" else "band.failed")
    peaks = np.array(spread.runs.peaks)
    low, high = (figures.ratio(float(value)) for value in np.quantile(peaks, (0.05, 0.95)))
    reached = [ratio for ratio in RATIOS if 2 * int((peaks > ratio).sum()) >= len(peaks)]
    ratio = reached[-1] if reached else RATIOS[0]
    count = int((peaks > ratio).sum()) if reached else int((peaks <= ratio).sum())
    key = "band.above" if reached else "band.below"
    return texts(
        key,
        count=count,
        runs=len(peaks),
        ratio=figures.bound(ratio),
        low=low,
        high=high,
        metal=texts.metal_within(metal),
    )

"""Mesa's data collector over what the world has recorded: nothing is collected twice, nothing is made before it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from mesa.datacollection import DataCollector

from lodeflow.data import catalogue
from lodeflow.environment.ledger import month_starts
from lodeflow.environment.records import indicators
from lodeflow.environment.records.channels import CHANNELS
from lodeflow.environment.records.recorder import Recorder


class Series(DataCollector):
    """The world's main series by month: ``price.cobalt`` (USD/t), ``shortage.cobalt`` (t/month), ``feed_production.cobalt``, ...

    A month is written down when it ends, by the world itself; ``collect`` finds it written.

    Args:
        recorder: the records of a world.

    Attributes:
        units: unit by name of the series.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.units: dict[str, str] = {}
        self._read: tuple[int, dict[str, np.ndarray]] = (-1, {})
        super().__init__()

    def collect(self, model: Any) -> None:
        """Find the month written.

        Raises:
            ValueError: for the model of another collector.
        """
        if model is not self.recorder.world:
            raise ValueError("these series belong to another world: use its own datacollector")

    @property
    def model_vars(self) -> dict[str, np.ndarray]:
        """Values by name of the series, one a month, shape (months,)."""
        written = self.recorder.written
        if self._read[0] != written:
            self._read = (written, self._series())
        return self._read[1]

    @model_vars.setter
    def model_vars(self, values: dict[str, Any]) -> None:
        """Mesa begins with none."""

    @property
    def _collection_steps(self) -> list[int]:
        """Steps after which a month was written, as newer versions of Mesa count them."""
        return list(range(1, self.recorder.written + 1))

    @_collection_steps.setter
    def _collection_steps(self, steps: list[int]) -> None:
        """Mesa begins with none."""

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """One row a month, indexed by its first day; one column a series."""
        dates = month_starts(self.recorder.world.first_month, self.recorder.written)
        return pd.DataFrame(self.model_vars, index=pd.DatetimeIndex(dates, name="month"))

    def _series(self) -> dict[str, np.ndarray]:
        """The world's value of what is summed over countries, and its prices and indicators."""
        metals, months = self.recorder.world.layout.metals, self.recorder.written
        found: dict[str, np.ndarray] = {}
        for one in {channel.variable for channel in CHANNELS.values()}:
            if one.summed == catalogue.SUM:  # what was never above zero is not among the rows
                found |= {f"{one.name}.{metal}": np.zeros(months) for metal in metals}
                self.units |= {f"{one.name}.{metal}": one.unit for metal in metals}
        rows = indicators.group_rows(self.recorder) + indicators.indicator_rows(self.recorder, trade=False)
        for part in rows:
            for i, (region, metal, form) in enumerate(zip(part.region, part.metal, part.form, strict=True)):
                if region == indicators.WORLD:
                    name = f"{catalogue.named(part.variable, form)}.{metal}"
                    found[name], self.units[name] = part.values[:, i], part.unit
        return dict(sorted(found.items()))

"""Tables made from columns hold what the long tables hold, in the fixed order."""

from __future__ import annotations

import pandas as pd
import pytest

from lodeflow.environment import World
from lodeflow.environment.ledger import month_starts
from lodeflow.environment.records.columns import ENDS, tidy_table
from lodeflow.experiments.run.results import COLUMNS, MEASURES, tidy

LONG = {"series": "series", "trade": "trade", "why": "why_frame", "products": "products"}


@pytest.mark.parametrize("name", LONG)
def test_no_row_is_lost_and_all_are_in_order(banned_world: World, quiet_world: World, name: str) -> None:
    worlds = {"shock": banned_world, "baseline": quiet_world}
    longest = {run: getattr(world.recorder, LONG[name])().assign(run=run) for run, world in worlds.items()}
    for run, world in worlds.items():
        parts = [part.labelled("run", run) for part in world.recorder.columns()[name]]
        dates = month_starts(world.first_month, world.recorder.written)
        made = tidy_table(parts, dates, COLUMNS[name], [*MEASURES])
        pd.testing.assert_frame_equal(
            made, tidy(longest[run], name), check_exact=True, check_categorical=False, check_dtype=name != "trade"
        )
        texts = [column for column in COLUMNS[name] if column == "unit" or column not in {"date", *MEASURES}]
        assert all(made[column].dtype == "category" for column in texts)


def test_both_ends_of_a_trade_can_be_compared(banned_world: World) -> None:
    dates = month_starts(banned_world.first_month, banned_world.recorder.written)
    parts = [part.labelled("run", "shock") for part in banned_world.recorder.columns()["trade"]]
    for table in (tidy_table(parts, dates, COLUMNS["trade"], [*MEASURES]), banned_world.recorder.trade()):
        at_home = table[ENDS[0]] == table[ENDS[1]]
        assert at_home.any()
        assert not at_home.all()

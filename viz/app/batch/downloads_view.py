"""The tab with files: the tables behind the charts, the scenario, the report and the whole run folder."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import solara

from lodeflow.viz.app.batch.cite_view import Cite
from lodeflow.viz.app.batch.job_view import Work
from lodeflow.viz.app.desk.scenario_view import SaveButton
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.frame import Frame

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.viz.app.world.track import View


@solara.component
def DownloadsView(work: Work, frame: Frame, texts: Texts, metal: str) -> None:
    """Everything that can be taken away."""
    name = frame.scenario.name
    with solara.Div(classes=["lf-body"]):
        with solara.Div(classes=["lf-panel"]):
            Plain(texts("download.tables"), tag="h2")
            Plain(texts("download.tables_what"), "lf-help")
            with solara.Div(classes=["lf-buttons"]):
                Get(
                    lambda: csv_of(series_table(frame, metal)),
                    f"{name}-{metal}-series.csv",
                    texts("download.series_csv"),
                )
                Get(lambda: csv_of(trade_table(frame, metal)), f"{name}-{metal}-trade.csv", texts("download.trade_csv"))
                Get(lambda: parquet_of(series_table(frame)), f"{name}-series.parquet", texts("download.series_parquet"))
        with solara.Div(classes=["lf-panel"]):
            Plain(texts("scenario.title"), tag="h2")
            SaveButton(texts, frame.scenario)
            Plain(texts("scenario.save_hint"), "lf-help")
        with solara.Div(classes=["lf-panel"]):
            Plain(texts("download.report"), tag="h2")
            folder = work.folder
            if folder is None:
                Plain(texts("download.first"), "lf-help")
            else:
                with solara.Div(classes=["lf-buttons"]):
                    Get(
                        lambda: (folder / "run" / "report.html").read_bytes(),
                        f"{name}-report.html",
                        texts("download.html"),
                    )
                    Get(lambda: (folder / "run.zip").read_bytes(), f"{name}-run.zip", texts("download.zip"))
        Cite(frame, texts)
        Plain(texts("download.charts"), "lf-note")


@solara.component
def Get(data: Callable[[], bytes], filename: str, label: str) -> None:
    """A button that hands out a file, made when it is asked for."""
    with solara.FileDownload(data, filename=filename):
        solara.Button(label, icon_name="mdi-download", outlined=True, small=True)


def series_table(frame: Frame, metal: str = "") -> pd.DataFrame:
    """What was seen so far as the table `series` of a run: both worlds, one metal or all."""
    import pandas as pd

    from lodeflow.experiments.run.results import tidy

    runs = (("shock", frame.live), ("baseline", frame.base)) if frame.scenario.shocks else (("baseline", frame.live),)
    return tidy(pd.concat([_long(view, run, frame, metal) for run, view in runs], ignore_index=True), "series")


def _long(view: View, run: str, frame: Frame, metal: str) -> pd.DataFrame:
    import pandas as pd

    keys = [key for key in view.series if not metal or key.metal == metal]
    dates = _dates(frame)
    rows = np.repeat(np.array([tuple(key) for key in keys], object).reshape(-1, 4), frame.t, axis=0)
    table = pd.DataFrame(rows, columns=["variable", "metal", "form", "region"])
    values = [view.series[key][: frame.t] for key in keys]
    table["value"] = np.concatenate(values) if values else np.zeros(0)
    table["date"] = np.tile(dates.to_numpy(), len(keys))
    table["unit"] = table["variable"].map(view.units)
    return table.assign(run=run)


def _dates(frame: Frame) -> pd.DatetimeIndex:
    import pandas as pd

    return pd.date_range(f"{frame.scenario.world.start}-01", periods=frame.t, freq="MS")


def trade_table(frame: Frame, metal: str) -> pd.DataFrame:
    """Trade of a metal so far: date, run, metal, form, exporter, importer, tonnes; rows without trade are left out."""
    import pandas as pd

    world = frame.live.world
    codes, index = np.array(world.layout.countries), world.layout.metal_index[metal]
    runs = (("shock", frame.live), ("baseline", frame.base)) if frame.scenario.shocks else (("baseline", frame.live),)
    parts = []
    for run, view in runs:
        for form in ("feed", "refined"):
            market = world.markets[form]
            own = market.metal == index
            month, edge = np.nonzero(view.flows[form][: frame.t, own])
            parts.append(
                pd.DataFrame(
                    {
                        "date": _dates(frame)[month],
                        "run": run,
                        "metal": metal,
                        "form": view.feed_form(metal) if form == "feed" else form,
                        "exporter": codes[market.seller_country[own][edge]],
                        "importer": codes[market.buyer_country[own][edge]],
                        "tonnes": view.flows[form][: frame.t, own][month, edge].astype(float),
                    }
                )
            )
    keys = ["date", "run", "metal", "form", "exporter", "importer"]
    return pd.concat(parts, ignore_index=True).groupby(keys, observed=True)["tonnes"].sum().reset_index()


def csv_of(table: pd.DataFrame) -> bytes:
    """A table as CSV, every digit of every number."""
    return table.to_csv(index=False, date_format="%Y-%m-%d").encode("utf-8")


def parquet_of(table: pd.DataFrame) -> bytes:
    """A table as Parquet."""
    out = io.BytesIO()
    table.to_parquet(out, index=False, compression="zstd")
    return out.getvalue()

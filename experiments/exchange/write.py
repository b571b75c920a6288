"""Writes a run in the form of another tool: a file or a folder, whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.exchange import forms

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.run.results import Outcome


def _parquet(outcome: Outcome, out: Path) -> None:
    out.mkdir()
    for name, frame in forms.tables(outcome).items():
        frame.to_parquet(out / f"{name}.parquet", index=False)


def _csv(outcome: Outcome, out: Path) -> None:
    out.mkdir()
    for name, frame in forms.tables(outcome).items():
        _text(frame, out / f"{name}.csv")


def _iamc(outcome: Outcome, out: Path) -> None:
    _text(forms.iamc(outcome), out)


def _sankey(outcome: Outcome, out: Path) -> None:
    _text(forms.sankey(outcome), out)


def _netcdf(outcome: Outcome, out: Path) -> None:
    try:
        whole = forms.dataset(outcome)
    except ImportError:
        right = "pip install 'lodeflow[exchange]'"
        raise DataError([Problem("--format", None, "netcdf", "needs the package xarray", right)]) from None
    try:
        import h5netcdf  # noqa: F401

        whole.to_netcdf(out, engine="h5netcdf")
    except ImportError:  # NetCDF 3 through scipy, which is always there
        whole.to_netcdf(out, engine="scipy")


def _flodym(outcome: Outcome, out: Path) -> None:
    """Dimensions, processes, and one long table per flow and stock, as flodym's `FlodymArray.from_df` takes them."""
    (out / "flows").mkdir(parents=True)
    (out / "stocks").mkdir()
    flows, stocks = forms.flows(outcome), forms.stocks(outcome)
    time = sorted(flows["date"].dt.strftime("%Y-%m").unique())
    metals, runs = sorted(flows["metal"].astype(str).unique()), sorted(flows["run"].astype(str).unique())
    dimensions = {"Time": ("t", time), "Element": ("e", metals), "Run": ("r", runs)}
    processes = [forms.OUTSIDE, *dict.fromkeys([*flows["source"], *flows["target"]])]
    processes = list(dict.fromkeys(processes))
    for table, folder, name in ((flows, "flows", "flow"), (stocks, "stocks", "account")):
        for key, rows in table.groupby(name, observed=True):
            long = rows.assign(Time=rows["date"].dt.strftime("%Y-%m")).rename(
                columns={"metal": "Element", "run": "Run"}
            )
            _text(
                long[["Time", "Element", "Run", "tonnes"]].rename(columns={"tonnes": "value"}),
                out / folder / f"{key}.csv",
            )
    ends = flows.drop_duplicates("flow").set_index("flow")
    definition = {
        "unit": "t/month; stocks: t",
        "dimensions": [{"name": n, "letter": d[0], "items": d[1]} for n, d in dimensions.items()],
        "processes": processes,
        "flows": [
            {"name": str(n), "from": ends.loc[n, "source"], "to": ends.loc[n, "target"], "file": f"flows/{n}.csv"}
            for n in ends.index
        ],
        "stocks": [{"process": str(n), "file": f"stocks/{n}.csv"} for n in stocks["account"].astype(str).unique()],
    }
    (out / "definition.json").write_text(json.dumps(definition, indent=1), encoding="utf-8")


def _odym(outcome: Outcome, out: Path) -> None:
    """Arrays F_i_j with indices time, element and run (numpy archive), as ODYM's flow dictionary takes them."""
    import numpy as np

    flows = forms.flows(outcome)
    months = flows["date"].dt.strftime("%Y-%m")
    names = {
        "time": sorted(months.unique()),
        "element": sorted(flows["metal"].astype(str).unique()),
        "run": sorted(flows["run"].astype(str).unique()),
    }
    processes = list(dict.fromkeys([forms.OUTSIDE, *flows["source"], *flows["target"]]))
    place = [{name: n for n, name in enumerate(words)} for words in names.values()]
    at = (months.map(place[0]), flows["metal"].astype(str).map(place[1]), flows["run"].astype(str).map(place[2]))
    arrays: dict[str, np.ndarray] = {}
    for (source, target), rows in flows.groupby(["source", "target"]):
        array = np.zeros([len(words) for words in names.values()])
        array[tuple(index.loc[rows.index].to_numpy() for index in at)] = rows["tonnes"].to_numpy(float)
        arrays[f"F_{processes.index(source)}_{processes.index(target)}"] = array
    with out.open("wb") as file:
        index = {f"index_{name}": np.array(words) for name, words in names.items()}
        held: dict[str, Any] = {"processes": np.array(processes), **index, **arrays}
        np.savez_compressed(file, **held)


def _text(frame: pd.DataFrame, path: Path) -> None:
    """A table as CSV, numbers with all their digits."""
    frame.to_csv(path, index=False, lineterminator="\n")


FORMATS: dict[str, tuple[Callable[[Outcome, Path], None], str]] = {
    "iamc": (_iamc, ".csv"),
    "netcdf": (_netcdf, ".nc"),
    "parquet": (_parquet, ""),
    "csv": (_csv, ""),
    "flodym": (_flodym, ""),
    "odym": (_odym, ".npz"),
    "sankey": (_sankey, ".csv"),
}
"""What writes a format, and the ending of its file; "" for a folder."""


def export(outcome: Outcome, form: str, out: Path, overwrite: bool = False) -> Path:
    """Write a run in a form of FORMATS and return the path.

    Raises:
        DataError: where something is in the way, or a package is missing.
    """
    if out.exists() and not overwrite:
        right = "Name a new one, or replace this one with --overwrite"
        raise DataError([Problem(str(out), None, "", "is there already; nothing was touched", right)])
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.with_name(f".{out.name}.tmp")
    _remove(temporary)
    try:
        FORMATS[form][0](outcome, temporary)
        _remove(out)
        temporary.replace(out)
    finally:
        _remove(temporary)
    return out


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

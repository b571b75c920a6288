"""What commands read: tables, options that stand for a key of the scenario, and lists of names in one word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.print.terminal import say, warn

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.scenario.model import Scenario


def load_tables(folder: Path | None) -> Tables:
    """Return the tables, those of a folder before the shipped ones, and say on stderr what was taken from where."""
    from lodeflow import data

    tables = data.shared(folder)
    for note in tables.notes:
        say(note, err=True)
    return tables


def chosen_scenario(name: str, options: list[str], data_folder: Path | None) -> tuple[Scenario, Tables]:
    """Return a scenario with its options, and the tables that it is run on; "BATCH#17" is one run of a batch again."""
    from lodeflow.experiments.scenario.model import load_scenario

    if "#" in name:
        from lodeflow.experiments.batch.read.again import own_tables, run_of, scenario_of

        found = run_of(name)
        if found is not None:
            folder, run = found
            tables = load_tables(data_folder or own_tables(folder))
            scenario, changed = scenario_of(folder, run, tables)
            for line in changed:
                warn(f"The batch was made with something else: {line}.")
            return load_scenario(scenario, options, tables), tables
    tables = load_tables(data_folder)
    return load_scenario(name, options, tables), tables


def short_options(
    seed: int | None, start: str | None, end: str | None, metals: str | None, assignments: list[str] | None
) -> list[str]:
    """Return --seed, --start, --end and --metals as assignments; they come first, so that --set has the last word.

    Raises DataError where --metals names none, as in "--metals ,".
    """
    if names_in(metals) == []:
        from lodeflow.data.problems import DataError, Problem

        right = "Write names such as cobalt,nickel, or leave the option out"
        raise DataError([Problem("--metals", None, "", f"there is no name in {metals!r}", right)])
    short: dict[str, object] = {"seed": seed, "start": start, "end": end, "metals": names_in(metals)}
    first = [f"world.{key}={json.dumps(value)}" for key, value in short.items() if value is not None]
    return first + (assignments or [])


def names_in(text: str | None) -> list[str] | None:
    """Return the names in an option such as "cobalt,nickel"; None where it was left out."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


SWEPT = 11
"""Rates of a range such as 0..100%, both ends among them."""


def rates_in(text: str) -> tuple[float, ...]:
    """Return the shares in an option such as "40%", "0,50,90%" or "0..100%" (evenly, `SWEPT` of them), 0 to 1.

    Raises DataError for what is no such list, and for rates outside 0 to 100 %.
    """
    from lodeflow.data.problems import DataError, Problem

    plain = text.replace("%", "").strip()
    try:
        if ".." in plain:
            low, high = (float(part) for part in plain.split(".."))
            rates = [low + (high - low) * step / (SWEPT - 1) for step in range(SWEPT)]
        else:
            rates = [float(part) for part in plain.split(",")]
    except ValueError:
        rates = []
    if not rates or not all(0.0 <= rate <= 100.0 for rate in rates):
        right = "Give rates from 0 to 100 %, such as 40%, 0,50,90% or 0..100%"
        raise DataError([Problem("recycling", None, "", f"{text!r} holds no rates from 0 to 100 %", right)])
    return tuple(round(rate / 100.0, 6) for rate in dict.fromkeys(rates))


def is_batch(name: str) -> bool:
    """Whether a name is the folder of a batch, and not a scenario."""
    from lodeflow.experiments.batch.layout import MANIFEST

    return (Path(name) / MANIFEST).is_file()


def target_in(batch: Path, name: str, out: Path | None) -> Path:
    """Return the folder that something made of a batch is written to. Raises DataError if it may not be written."""
    from lodeflow.experiments.batch.read.output import ENTRIES
    from lodeflow.experiments.batch.store import open_batch
    from lodeflow.experiments.run.results import check_target

    open_batch(batch)
    target = batch / name if out is None else out
    check_target(target, ENTRIES)
    return target


def write_new(path: Path, text: str, overwrite: bool) -> None:
    """Write a new text file. Raises DataError if there is one already and it may not be replaced."""
    from lodeflow.data.problems import DataError, Problem

    if path.exists() and not overwrite:
        right = "Name a new file, or replace this one with --overwrite"
        raise DataError([Problem(str(path), None, "", "the file is there already; nothing was touched", right)])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

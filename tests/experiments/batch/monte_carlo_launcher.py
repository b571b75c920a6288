"""A process that stays warm and, on request, forks a batch that may be killed at any moment.

Reads lines from stdin: the scenario file and the folder, whether to resume, and the number of runs; writes the process id of
the forked batch, and after its end "end CODE". Forking saves each batch the seconds of importing everything again.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from lodeflow import data
from lodeflow.experiments.batch.make import folder as folders
from lodeflow.experiments.batch.make import warm
from lodeflow.experiments.batch.make.batcher import Batcher
from lodeflow.experiments.batch.make.engine import Pool
from lodeflow.experiments.scenario.model import load_scenario


def run_batch(scenario: str, folder: str, resume: bool, runs: int, part_size: int) -> None:
    """Run a batch as lodeflow.experiments.batch.make.monte_carlo does, with workers forked from this process."""
    chosen = load_scenario(scenario, tables=warm.TABLES)
    manifest = folders.new_manifest(chosen, warm.TABLES, runs, "lhs", None, part_size)
    if not resume:
        folders.create(Path(folder), manifest, chosen, None)
    with folders.locked(Path(folder)):
        target = folders.resume(Path(folder), manifest)
        Batcher(target, Pool(2, "fork")).run()
        target.close("finished", 0.0)


def main() -> None:
    """Serve requests until stdin ends."""
    data.fingerprint(warm.TABLES)
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            sys.stdin = open(os.devnull)  # noqa: SIM115
            run_batch(**request)
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(f"end {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()

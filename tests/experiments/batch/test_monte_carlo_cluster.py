"""The same batch on a Dask cluster, of which a worker is killed half-way."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from lodeflow.data import DataError, Tables
from lodeflow.experiments.batch.make import monte_carlo
from lodeflow.experiments.batch.make.batcher import Status
from lodeflow.experiments.scenario.model import load_scenario
from tests.experiments.batch.monte_carlo_worlds import assert_same, write_ban

pytestmark = pytest.mark.filterwarnings("ignore")  # of distributed and tornado, which warn while a worker dies
RUNS, SIZE = 16, 8


def test_a_cluster_that_loses_a_worker_gives_the_same_batch(tables: Tables, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    scenario = load_scenario(write_ban(tmp_path), tables=tables)
    killed: list[int] = []
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):

        def kill(status: Status) -> None:
            if status.done >= RUNS // 2 and not killed:
                killed.append(sorted(client.run(os.getpid).values())[0])
                os.kill(killed[0], signal.SIGKILL)

        address = cluster.scheduler_address
        batch = monte_carlo(scenario, tables, tmp_path / "dask", RUNS, cluster=address, part_size=SIZE, watch=kill)
        assert killed
        assert killed[0] not in client.run(os.getpid).values()
    assert batch.manifest["done"] == RUNS
    assert batch.manifest["failed"] == 0
    assert_same(batch, monte_carlo(scenario, tables, tmp_path / "pool", RUNS, 2, part_size=SIZE))


def test_a_cluster_that_is_not_there_is_one_clear_line(tables: Tables, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    scenario = load_scenario(write_ban(tmp_path), tables=tables)
    with pytest.raises(DataError, match="no scheduler answers"):
        monte_carlo(scenario, tables, tmp_path / "none", 4, cluster="nonsense", part_size=SIZE)

"""The sweep on a local Dask cluster: the same as anywhere else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from distributed import Client

from nspl_opt.sweep.run import run_sweep


@pytest.mark.filterwarnings("default")  # what a cluster warns of while it starts and ends is not ours
def test_a_dask_cluster_finds_the_same_as_threads(living, cases):
    with ThreadPoolExecutor(2) as pool:
        here = run_sweep(living, cases, pool)
    with Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None) as client:
        assert run_sweep(living, cases, client.get_executor()) == here

"""A run on a Dask cluster gives the bits of the run in one piece, also when a worker dies in the middle."""

from __future__ import annotations

import gc
import logging
import os
import signal
import time
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from distributed import LocalCluster, WorkerPlugin

from ruggespraak.population import cluster, simulate
from ruggespraak.population.cluster import run_on
from ruggespraak.population.scenarios import scenario
from ruggespraak.population.shards import cut, simulate_in_shards
from ruggespraak.population.simulate import Option, Run, RunError

SHARDS = 6
RUN = Run(people=20_000, years=5, options=(Option(), Option("leaflet", scenario("surgery_late"))))


@cache
def whole():
    """The run in one piece."""
    return simulate.simulate(RUN)


class DiesOnce(WorkerPlugin):
    """The first worker that has half of the fourth shard is killed by the system, without a word."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def setup(self, worker):  # noqa: ARG002
        counted = simulate.counted

        def dies(run, low, high, threads):
            if (low, high) == cut(RUN, SHARDS)[3] and not self.marker.exists():
                counted(run, low, (low + high) // 2, threads)
                self.marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return counted(run, low, high, threads)

        simulate.counted = dies


class OtherSources(WorkerPlugin):
    """The worker has another kernel."""

    def setup(self, worker):  # noqa: ARG002
        simulate.compiled.sources = lambda: "another"


@pytest.fixture(scope="module")
def address():
    """A cluster with two workers, as somebody else would start it."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
    ) as started:
        yield started.scheduler_address


def test_a_worker_killed_in_the_middle_changes_no_bit(address, tmp_path):
    marker, seen = tmp_path / "died", []
    with cluster.Client(address, set_as_default=False) as client:
        before = client.run(os.getpid)
        client.register_plugin(DiesOnce(marker), name="dies")
        found = run_on(RUN, address, SHARDS, lambda *done: seen.append(done), tmp_path)
        client.unregister_worker_plugin("dies")
        assert client.run(os.getpid) != before
    assert marker.exists()
    assert found.digest == whole().digest
    assert seen == [(number, SHARDS) for number in range(1, SHARDS + 1)]
    assert len(list(tmp_path.glob("*/*.npz"))) == SHARDS


def test_workers_with_other_sources_are_refused(address):
    with cluster.Client(address, set_as_default=False) as client:
        client.register_plugin(OtherSources())
        with pytest.raises(RunError, match="another version of this package, Python or numba"):
            run_on(replace(RUN, seed=2), address)


def test_a_cluster_of_this_computer_makes_only_what_was_not_kept(tmp_path, monkeypatch):
    asked = []

    def noted(run, ranges, address):
        asked.append((list(ranges), address))
        return made(run, ranges, address)

    made = cluster._made
    monkeypatch.setattr(cluster, "_made", noted)
    simulate_in_shards(RUN, tmp_path, SHARDS)
    next(tmp_path.glob("*/0-*.npz")).unlink()
    assert run_on(RUN, shards=SHARDS, directory=tmp_path).digest == whole().digest
    assert run_on(RUN, "tcp://nobody", SHARDS, directory=tmp_path).digest == whole().digest
    assert asked == [(cut(RUN, SHARDS)[:1], None), ([], "tcp://nobody")]


@pytest.fixture
def elsewhere():
    """The address of a server that knows nothing of Dask."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.serve_forever).start()
        yield "127.0.0.1:{1}".format(*server.server_address)
        server.shutdown()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "http://127.0.0.1:9", "tls://127.0.0.1:9", None])
def test_an_address_where_nobody_answers_is_refused_at_once(address, elsewhere, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWERS_WITHIN", 0.5)
    address = address or elsewhere
    began = time.monotonic()
    with pytest.raises(RunError, match=f"address: '{address}' given, one where a Dask scheduler answers expected"):
        run_on(RUN, address)
    gc.collect()  # what a client leaves behind could wait for long
    assert time.monotonic() - began < 5

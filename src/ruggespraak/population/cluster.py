"""A run spread over the workers of a Dask cluster (extra ``[dask]``): of this computer, or of many.

The unit of work is a shard (``shards``). A worker is told which run and which persons, some 20 kB, and sends the counts
back packed, some 2 MB an option for 30 years; they are added as they come. The shard of a worker that dies is made
again by another, with the same bits.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from dask.system import CPU_COUNT
from distributed import CancelledError, Client, KilledWorker, LocalCluster, Security, as_completed
from distributed.comm.core import connect

from ruggespraak.population import compiled, simulate
from ruggespraak.population.shards import Range, cut, keep, merge, packed, unpacked, whole
from ruggespraak.population.simulate import Counts, Progress, Result, Run, RunError

ANSWERS_WITHIN = 10  # seconds; of a scheduler


def run_on(
    run: Run,
    address: str | None = None,
    shards: int | None = None,
    progress: Progress | None = None,
    directory: Path | None = None,
) -> Result:
    """Runs it on the cluster whose scheduler is at ``address`` (as tcp://host:8786); without one, on every core here.

    ``shards``: see ``shards.cut``. ``progress`` is called with how many of them are done, and of how many.
    ``directory``, of this computer, keeps each shard as it comes in; those that stand there whole are not made again.
    The workers of an ``address`` need the same versions of this package, Python and numba; one that has none waits for
    them. Raises what ``simulate`` raises, RunError where no scheduler answers or its workers fail, ShardError, and
    OSError where nothing can be kept. A script calls it below ``if __name__ == "__main__":``, as workers here read the
    script anew.
    """
    simulate.prepared(run)  # what cannot be is refused before anything starts
    ranges = cut(run, shards)

    def each() -> Iterator[tuple[Range, Counts]]:
        missing = []
        for here in ranges:
            found = whole(run, here, directory) if directory else None
            if found is None:
                missing.append(here)
            else:
                yield here, found
        for here, shard in _made(run, missing, address):
            if directory:
                keep(run, here, directory, shard)
            yield here, unpacked(run, here, shard)

    def shown() -> Iterator[tuple[Range, Counts]]:
        for number, shard in enumerate(each(), 1):
            yield shard
            if progress:
                progress(number, len(ranges))

    return merge(run, shown())


def _made(run: Run, ranges: Sequence[Range], address: str | None) -> Iterator[tuple[Range, bytes]]:
    """The packed shards of these ranges, as they come in."""
    if not ranges:
        return
    spec = pickle.dumps(replace(run))  # without its tables, which each worker makes, or finds on its disk
    with _client(address, len(ranges)) as client:
        try:
            client.run(version, "ruggespraak")  # without it a worker would leave, and the others wait for ever
            # As_completed alone holds on to the shards that are to come, and nobody to those that came.
            jobs = as_completed(
                [client.submit(_shard, spec, run.digest, here, pure=False) for here in ranges],
                loop=client.loop,
                with_results=True,
            )
            for _, came in jobs:
                if isinstance(came, BaseException):
                    raise came
                yield came
        except KilledWorker:
            raise RunError("workers died, one after the other, with the same shard: too little memory?") from None
        except ImportError as error:
            raise RunError(f"a worker has not what it needs: {error}") from None
        except (CancelledError, OSError):
            raise RunError(f"{address}: the scheduler went away, one that stays expected") from None


@contextmanager
def _client(address: str | None, most: int) -> Iterator[Client]:
    """A client of the scheduler there, or of a cluster of this computer: a worker for each core, at most so many."""
    if address is None:
        compiled.compiled()  # once here, so that the workers find it and do not each compile
        with (
            LocalCluster(
                n_workers=min(CPU_COUNT, most),
                threads_per_worker=1,
                memory_limit=None,  # a worker's memory does not grow, and a limit kills it for what others use
                dashboard_address="127.0.0.1:0",  # any free port: with none it wants 8787, and warns when that is taken
                silence_logs=logging.ERROR,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client
        return
    try:
        asyncio.run(_called(address))  # a client that finds nobody says so at length, and 20 seconds later
        client = Client(address, timeout=ANSWERS_WITHIN, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error) or "something else answers"
        raise RunError(f"address: {address!r} given, one where a Dask scheduler answers expected ({reason})") from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # of a scheduler that goes, we say it ourselves
    with client:
        yield client


async def _called(address: str) -> None:
    """Raises OSError, ValueError or TypeError where nobody answers, or where there can be no such address."""
    arguments = Security().get_connection_args("client")
    line = await asyncio.wait_for(connect(address, timeout=ANSWERS_WITHIN, **arguments), ANSWERS_WITHIN)
    await line.close()


def _shard(spec: bytes, digest: str, here: Range) -> tuple[Range, bytes]:
    """What a worker does."""
    run = _run(spec)
    if run.digest != digest:
        raise RunError("a worker has another version of this package, Python or numba, the same everywhere expected")
    return here, packed(run, here, simulate.counted(run, *here, threads=1))


@lru_cache(1)
def _run(spec: bytes) -> Run:
    """The run of this specification: its tables are made once in each worker."""
    run: Run = pickle.loads(spec)
    return run

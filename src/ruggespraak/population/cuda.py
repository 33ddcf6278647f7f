"""A run on a GPU (extra ``[cuda]``): the functions of the kernel, given to the compiler of numba-cuda.

All are whole numbers, and all that a thread writes is added to a count by an atomic addition, in any order: the counts
are those of a processor, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numba.cuda
import numpy as np
from numba import int64

from ruggespraak.population import compiled
from ruggespraak.population.kernel.tally import CARRIED, size
from ruggespraak.population.simulate import BATCHES, Counts, Result, Run, RunError, prepared

cuda: Any = numba.cuda  # its types know less than it does
Function = Callable[..., Any]
THREADS, BLOCKS = 128, 4096  # in a block, and blocks at most: own choice, not measured
LINE, PLANE = int64[::1], int64[:, ::1]
KINDS = dict.fromkeys(compiled.LINES, LINE) | dict.fromkeys((*compiled.PLANES, "batches"), PLANE)


def simulate_on_gpu(run: Run) -> Result:
    """Runs it on the GPU; compiles first, once in a process.

    Raises what ``simulate`` raises before anything runs, and RunError where no GPU can be used.
    """
    arguments = prepared(run)
    if not cuda.is_available():
        raise RunError("GPU: none is there; a CUDA device with its driver, and numba-cuda[cu12] or [cu13] expected")
    lives = _compiled()
    counts: Counts = np.zeros((len(run.options), BATCHES, size(run.years)), dtype=np.int64)
    blocks = min(-(-run.lives // THREADS), BLOCKS)
    for batches, given in zip(counts, arguments, strict=True):
        there = cuda.to_device(batches)
        lives[blocks, THREADS](there, run.lives, *(_there(one) for one in given))
        there.copy_to_host(batches)
    return Result(run, counts)


def _there(one: Any) -> Any:
    return cuda.to_device(one) if isinstance(one, np.ndarray) else one


@cache
def _compiled() -> Any:
    function = kernel()
    return cuda.jit(types(function))(function)


def types(function: Function) -> tuple[Any, ...]:
    """The types of its arguments, by their names."""
    named = function.__code__.co_varnames[: function.__code__.co_argcount]
    return tuple(KINDS.get(name, int64) for name in named)


def kernel() -> Function:
    """What each thread of the GPU runs, before it is compiled: one life in so many, as ``kernel.lives`` does."""
    life = compiled.built(_on_device, instead={"add": _on_device(add)})["life"]

    def lives(  # type: ignore[no-untyped-def]
        batches, until, cohort, births, years, seed, guide, levels, tables, chances, causes, policies, cells, since
    ):
        me = cuda.local.array(CARRIED, int64)
        no_log = tables[:0]
        for person in range(cuda.grid(1), until, cuda.gridsize(1)):
            life(
                batches[person % BATCHES], no_log, me, person, cohort, births, years, seed, guide, levels, tables,
                chances, causes, policies, cells, since,
            )  # fmt: skip

    return lives


def _on_device(function: Function) -> Any:
    return cuda.jit(types(function), device=True)(function)


def add(counts, place, amount):  # type: ignore[no-untyped-def]
    """Adds, while other threads add too."""
    cuda.atomic.add(counts, place, amount)

"""A run in shards: ranges of persons that are counted apart, on any computer and in any order, and added up.

A shard can be kept in a file, ``<directory>/<hash of the run>/<low>-<high>.npz``. It is written whole or not at all, so
a run that was stopped goes on where it was, and computers that share nothing but a run can each make some. Only whole
numbers are added: every cut gives the same bits.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ruggespraak.population.kept import write_whole
from ruggespraak.population.kernel.tally import size
from ruggespraak.population.simulate import BATCHES, Counts, Progress, Result, Run, RunError, counted

# One shard takes 3 to 5 s of one core: then starting, packing and adding it hardly count.
LIVED_YEARS = 40_000_000
Range = tuple[int, int]


class ShardError(RunError):
    """A shard that is not there, is not whole or does not fit: where, what stands there, and what was expected."""


def cut(run: Run, shards: int | None = None) -> list[Range]:
    """The persons of the run in so many ranges [low, high) of almost the same length; by default of LIVED_YEARS each.

    Raises ShardError for less than one shard, or more shards than people.
    """
    if shards is None:
        shards = min(-(-run.lives * run.years * len(run.options) // LIVED_YEARS), run.lives)
    if not 1 <= shards <= run.lives:
        raise ShardError(f"shards: {shards} given, 1 to {run.lives} expected")
    ends = [run.lives * number // shards for number in range(shards + 1)]
    return list(pairwise(ends))


def simulate_in_shards(
    run: Run, directory: Path, shards: int | None = None, threads: int = 2, progress: Progress | None = None
) -> Result:
    """Runs it on this computer, one shard after the other, each kept in ``directory``; whole ones are not made again.

    ``progress`` is called with how many shards are done, and of how many. Raises what ``simulate`` raises, ShardError,
    and OSError where nothing can be written.
    """
    ranges = cut(run, shards)

    def each() -> Iterator[tuple[Range, Counts]]:
        for number, here in enumerate(ranges, 1):
            found = whole(run, here, directory)
            if found is None:
                found = counted(run, *here, threads)
                keep(run, here, directory, packed(run, here, found))
            yield here, found
            if progress:
                progress(number, len(ranges))

    return merge(run, each())


def merge(run: Run, shards: Iterable[tuple[Range, Counts]]) -> Result:
    """Adds up shards, in whatever order they come. Raises ShardError where a person is missing or there twice."""
    counts = np.zeros(_shape(run), dtype=np.int64)
    ranges = []
    for here, part in shards:
        counts += part
        ranges.append(here)
    reached = 0
    for low, high in [*sorted(ranges), (run.lives, run.lives)]:
        if low != reached:
            wrong = "are in no shard" if low > reached else "are in two shards"
            raise ShardError(f"{_name(run)}: persons {min(low, reached)} to {max(low, reached)} {wrong}, one expected")
        reached = high
    return Result(run, counts)


def kept(run: Run, directory: Path) -> Iterator[tuple[Range, Counts]]:
    """Every shard of the run in this directory, to ``merge``. Raises ShardError for one that is not whole."""
    for path in sorted((directory / _name(run)).glob("*.npz")):
        low, _, high = path.stem.partition("-")
        if low.isdecimal() and high.isdecimal():  # others are not ours
            here = int(low), int(high)
            yield here, unpacked(run, here, path)


def whole(run: Run, here: Range, directory: Path) -> Counts | None:
    """The shard as it was kept; None where it was not, or where the file is torn or was altered."""
    with contextlib.suppress(ShardError):
        return unpacked(run, here, _path(run, here, directory))
    return None


def keep(run: Run, here: Range, directory: Path, shard: bytes) -> None:
    """Writes a packed shard where it belongs, whole or not at all. Raises OSError."""
    write_whole(_path(run, here, directory), shard)


def packed(run: Run, here: Range, counts: Counts) -> bytes:
    """A shard as the bytes of an .npz file: ``counts``, their hash, ``range``, and the hash of the run."""
    said: dict[str, npt.NDArray[Any]] = {
        "counts": counts,
        "sha256": np.frombuffer(_hash(counts), dtype=np.uint8),
        "range": np.array(here, dtype=np.int64),
        "run": np.frombuffer(bytes.fromhex(run.digest), dtype=np.uint8),
    }
    shard = io.BytesIO()
    # Most counts are small: the fastest compression leaves a sixth of them, and numpy's own takes four times as long.
    with zipfile.ZipFile(shard, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, value in said.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, value, allow_pickle=False)
    return shard.getvalue()


def unpacked(run: Run, here: Range, shard: bytes | Path) -> Counts:
    """The counts of a packed shard: [options, BATCHES, size]. Raises ShardError where it is another, or not whole."""
    where = f"{shard}" if isinstance(shard, Path) else f"shard {here[0]}-{here[1]}"
    try:
        with np.load(io.BytesIO(shard) if isinstance(shard, bytes) else shard, allow_pickle=False) as found:
            counts, sha256, of, said = (found[name] for name in ("counts", "sha256", "run", "range"))
    except FileNotFoundError:
        raise ShardError(f"{where}: is not there, a shard expected") from None
    except Exception:  # zipfile and numpy have a dozen ways to say it
        raise ShardError(f"{where}: is torn, a whole shard expected") from None
    if of.tobytes().hex() != run.digest or tuple(said.tolist()) != here:
        raise ShardError(f"{where}: is of another run or other persons, {_name(run)} expected")
    if sha256.tobytes() != _hash(counts) or counts.dtype != np.int64 or counts.shape != _shape(run):
        raise ShardError(f"{where}: its counts are not those that were written")
    checked: Counts = counts
    return checked


def _hash(counts: Counts) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(counts).data).digest()


def _shape(run: Run) -> tuple[int, int, int]:
    return len(run.options), BATCHES, size(run.years)


def _name(run: Run) -> str:
    return run.digest[:16]


def _path(run: Run, here: Range, directory: Path) -> Path:
    return directory / _name(run) / f"{here[0]}-{here[1]}.npz"

"""A run in shards gives the bits of the run in one piece, however it is cut, and goes on where it was stopped."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ruggespraak.population import shards
from ruggespraak.population.scenarios import scenario
from ruggespraak.population.shards import ShardError, cut, kept, merge, simulate_in_shards
from ruggespraak.population.simulate import Option, Run, counted, simulate

OPTIONS = (Option(), Option("leaflet", scenario("scan_everybody")))
RUN = Run(people=2_000, years=3, born=50, options=OPTIONS)


@cache
def whole():
    """The run in one piece."""
    return simulate(RUN, threads=1)


@pytest.fixture
def times_counted(monkeypatch):
    """The ranges that were counted anew."""
    made = []

    def noted(run, low, high, threads):
        made.append((low, high))
        return counted(run, low, high, threads)

    monkeypatch.setattr(shards, "counted", noted)
    return made


def files(directory):
    return sorted((directory / RUN.digest[:16]).iterdir(), key=lambda path: int(path.stem.partition("-")[0]))


def test_two_threads_give_the_bits_of_one():
    assert simulate(RUN, threads=2).digest == whole().digest


@pytest.mark.parametrize("seed", range(5))
def test_any_cut_in_any_order_gives_the_same_bits(seed):
    """Ragged ranges too, of one person or ending in the middle of the births."""
    draw = random.Random(seed)
    inner = sorted({1, RUN.people + 7, *(draw.randrange(1, RUN.lives) for _ in range(5))})
    ranges = list(zip([0, *inner], [*inner, RUN.lives], strict=True))
    draw.shuffle(ranges)
    assert merge(RUN, ((here, counted(RUN, *here, threads=1)) for here in ranges)).digest == whole().digest


@pytest.mark.parametrize("number", [1, 2, 7, 64, RUN.lives])
def test_a_cut_holds_everybody_once(number):
    ranges = cut(RUN, number)
    assert len(ranges) == number
    assert [person for low, high in ranges for person in range(low, high)] == list(range(RUN.lives))


def test_by_default_a_shard_has_seconds_of_work():
    country = Run(people=17_900_000, years=30, options=OPTIONS)
    for low, high in cut(country):
        assert (high - low) * country.years * len(country.options) == pytest.approx(shards.LIVED_YEARS, rel=0.05)
    assert cut(RUN) == [(0, RUN.lives)]


def test_shards_in_files_give_the_same_bits(tmp_path):
    seen = []
    found = simulate_in_shards(RUN, tmp_path, shards=5, threads=1, progress=lambda *done: seen.append(done))
    assert found.digest == whole().digest
    assert [path.name for path in files(tmp_path)] == [f"{low}-{high}.npz" for low, high in cut(RUN, 5)]
    assert seen == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path, times_counted):
    def stops(done, _):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_in_shards(RUN, tmp_path, shards=5, threads=1, progress=stops)
    assert times_counted == cut(RUN, 5)[:3]
    assert simulate_in_shards(RUN, tmp_path, shards=5, threads=1).digest == whole().digest
    assert times_counted == cut(RUN, 5)


@pytest.mark.parametrize("harm", ["torn", "empty", "altered", "of others", "of another run", "other counts"])
def test_a_shard_that_is_not_whole_is_made_again(tmp_path, times_counted, harm):
    simulate_in_shards(RUN, tmp_path, shards=3, threads=1)
    times_counted.clear()
    path, other, _ = files(tmp_path)
    here = cut(RUN, 3)[0]
    good = path.read_bytes()
    if harm == "torn":
        path.write_bytes(good[: len(good) // 2])
    elif harm == "empty":
        path.write_bytes(b"")
    elif harm == "altered":
        path.write_bytes(good[:5000] + bytes(byte ^ 255 for byte in good[5000:5100]) + good[5100:])
    elif harm == "of others":
        path.write_bytes(other.read_bytes())
    elif harm == "of another run":
        path.write_bytes(shards.packed(replace(RUN, seed=2), here, whole().counts))
    else:
        with np.load(path) as found:
            np.savez(path, **{**found, "counts": found["counts"] + 1})
    with pytest.raises(ShardError, match=path.name):
        merge(RUN, kept(RUN, tmp_path))
    assert simulate_in_shards(RUN, tmp_path, shards=3, threads=1).digest == whole().digest
    assert times_counted == [here]
    assert merge(RUN, kept(RUN, tmp_path)).digest == whole().digest


def test_what_stops_a_shard_from_being_written_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shards.Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        simulate_in_shards(RUN, tmp_path, shards=3, threads=1)
    assert files(tmp_path) == []


def test_a_missing_shard_is_refused_by_its_persons(tmp_path):
    simulate_in_shards(RUN, tmp_path, shards=5, threads=1)
    (low, high), last = cut(RUN, 5)[1], cut(RUN, 5)[-1]
    files(tmp_path)[1].unlink()
    with pytest.raises(ShardError, match=f"persons {low} to {high} are in no shard"):
        merge(RUN, kept(RUN, tmp_path))
    with pytest.raises(ShardError, match=f"persons {last[0]} to {last[1]} are in no shard"):
        merge(RUN, [((0, last[0]), whole().counts)])
    with pytest.raises(ShardError, match=f"persons 0 to {RUN.lives} are in no shard"):
        merge(RUN, kept(RUN, tmp_path / "nothing"))


def test_two_cuts_in_one_directory_are_not_added_up(tmp_path):
    simulate_in_shards(RUN, tmp_path, shards=2, threads=1)
    simulate_in_shards(RUN, tmp_path, shards=3, threads=1)
    with pytest.raises(ShardError, match="are in two shards"):
        merge(RUN, kept(RUN, tmp_path))


@pytest.mark.parametrize("number", [0, -1, RUN.lives + 1])
def test_a_number_of_shards_that_cannot_be_is_refused(number):
    with pytest.raises(ShardError, match=f"shards: {number} given, 1 to {RUN.lives} expected"):
        cut(RUN, number)

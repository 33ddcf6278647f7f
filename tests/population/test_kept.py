"""What is kept on this computer is what was written, or it is made anew: a torn table, a stale kernel, a full disk."""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np
import pytest

from ruggespraak.population import compiled, kept

NAME, MADE = "care-here", np.arange(1000, dtype=np.int64)


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def never():
    raise AssertionError("it is kept already")


def zeros(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros_like(MADE))


ALTERED = {
    "empty": lambda path: path.write_bytes(b""),
    "torn": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "one bit": lambda path: path.write_bytes(path.read_bytes()[:4000] + b"\x01" + path.read_bytes()[4001:]),
    "zeros of the same shape": zeros,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


def test_it_is_made_once():
    kept.kept(NAME, lambda: MADE)
    assert np.array_equal(kept.kept(NAME, never), MADE)


@pytest.mark.parametrize("how", ALTERED)
def test_what_is_not_what_was_written_is_made_anew(how):
    kept.kept(NAME, lambda: MADE)
    ALTERED[how](kept.folder() / NAME)
    assert np.array_equal(kept.kept(NAME, lambda: MADE), MADE)


def test_the_table_of_another_edition_under_this_name_is_not_taken():
    kept.kept("care-there", lambda: MADE + 1)
    (kept.folder() / "care-there").rename(kept.folder() / NAME)
    assert np.array_equal(kept.kept(NAME, lambda: MADE), MADE)


def test_where_nothing_can_be_written_it_is_made_each_time_and_nothing_stays_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    for _ in range(2):
        assert np.array_equal(kept.kept(NAME, lambda: MADE), MADE)
    assert list((tmp_path / "ruggespraak").iterdir()) == []


@pytest.mark.parametrize("home", ["/proc", "/dev/null"])
def test_an_impossible_place_is_passed_over(home, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    assert np.array_equal(kept.kept(NAME, lambda: MADE), MADE)


def test_a_place_that_is_not_absolute_is_none(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    kept.kept(NAME, lambda: MADE)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


# -- the kernel, by a stand-in that numba compiles at once


def lives(counts, low):
    counts[0] = low + 1


def made(monkeypatch):
    """It, as a new process would make it."""
    monkeypatch.setattr(compiled, "built", lambda jit: {"lives": jit(lives)})
    found, counts = compiled.compiled.__wrapped__(), np.zeros(1, dtype=np.int64)
    found(counts, 41)
    assert counts[0] == 42
    return found


def was_read(function):
    return bool(function.stats.cache_hits)


def beside_the_source():
    return list(Path(__file__).parent.rglob("test_kept.lives*.nb?"))


def test_machine_code_is_compiled_once_and_then_read(monkeypatch):
    before = numba.config.CACHE_DIR
    assert not compiled.is_kept()
    assert not was_read(made(monkeypatch))
    assert compiled.is_kept()
    assert was_read(made(monkeypatch))
    assert before == numba.config.CACHE_DIR


@pytest.mark.parametrize("how", ["torn", "one bit"])
def test_machine_code_that_was_altered_is_compiled_anew(how, monkeypatch):
    made(monkeypatch)
    ALTERED[how](kept.folder() / compiled._name())
    assert not compiled.is_kept()
    assert not was_read(made(monkeypatch))
    assert compiled.is_kept()


def test_other_settings_or_sources_are_another_kernel(monkeypatch):
    made(monkeypatch)
    with monkeypatch.context() as other:
        other.setenv("NUMBA_CPU_NAME", "generic")
        assert not compiled.is_kept()
    assert compiled.is_kept()
    monkeypatch.setattr(compiled, "_SOURCES", "0" * 64)
    assert not compiled.is_kept()


def test_where_nothing_can_be_kept_numba_keeps_nothing_beside_the_source(monkeypatch):
    """There it would find it again by the hash of one file, when another file of the kernel has changed."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc")
    for _ in range(2):
        assert not was_read(made(monkeypatch))
    assert beside_the_source() == []


def test_machine_code_that_lies_beside_the_source_is_not_taken(monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_LOCATOR_CLASSES", "InTreeCacheLocator")
    try:
        for _ in range(2):
            assert not was_read(made(monkeypatch))
            assert beside_the_source()
    finally:
        for path in beside_the_source():
            path.unlink()

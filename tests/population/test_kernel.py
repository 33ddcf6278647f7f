"""Draws have an address and tables give times, with the same bits compiled and as plain Python."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ruggespraak.population import laws
from ruggespraak.population.kernel.philox import philox
from ruggespraak.population.kernel.quantile import KNOTS, LAST, quantile

WORDS = st.integers(0, 2**32 - 1)
ADDRESSES = np.random.default_rng(7).integers(0, 2**32, (300, 6))

MEDIAN, SHAPE = 14.0, 1.3
RECOVERY = laws.log_logistic(MEDIAN, SHAPE)
STEEP = np.where(np.arange(KNOTS) == 0, 0, laws.NEVER)  # the widest step that a table can hold
TABLES = np.stack([RECOVERY, STEEP])

compiled_philox = numba.njit(philox)
compiled_quantile = numba.njit(quantile)


@numba.njit
def times_drawn(tables, row, people, seed):
    """Four draws of each person, addressed as a life addresses them: all in one piece of compiled code."""
    times = np.empty((people, 4), np.int64)
    for person in range(people):
        one, two, three, four = compiled_philox(person, 3, 1, 0, seed, 0)
        times[person, 0] = compiled_quantile(tables, row, one)
        times[person, 1] = compiled_quantile(tables, row, two)
        times[person, 2] = compiled_quantile(tables, row, three)
        times[person, 3] = compiled_quantile(tables, row, four)
    return times


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
    ids=["zeros", "ones", "digits of pi"],
)
def test_philox_gives_the_published_words(counter, key, words):
    """The known answers of Random123, the authors' own library (kat_vectors, philox 4x32 10)."""
    assert philox(*counter, *key) == words
    assert compiled_philox(*counter, *key) == words


def test_compiled_philox_gives_the_words_of_plain_python():
    for address in ADDRESSES:
        assert compiled_philox(*address) == philox(*address)


@pytest.mark.parametrize("row", [0, 1])
def test_draws_compiled_in_one_piece_are_the_draws_of_plain_python(row):
    """With signed products in philox the compiler assumes that none overflows, and gets this wrong."""
    plain = [[quantile(TABLES, row, word) for word in philox(person, 3, 1, 0, 7, 0)] for person in range(300)]
    assert times_drawn(TABLES, row, 300, 7).tolist() == plain


def test_the_compiler_knows_the_octave_as_one_instruction():
    """A loop there would cost five times the whole draw."""
    compiled_quantile(TABLES, 0, 1)
    (code,) = compiled_quantile.inspect_llvm().values()
    assert "llvm.ctlz" in code


@given(level=WORDS)
@example(LAST)
@example(2**31)
@example(2**31 - 1)
@example(2**32 - 1)
def test_a_draw_is_the_time_at_which_that_share_is_left(level):
    """To within 1 in 1,000, or two hours where that is more."""
    left = max(level, LAST) / 2**32
    hours = 24 * MEDIAN * ((1 - left) / left) ** (1 / SHAPE)
    assert quantile(TABLES, 0, level) == pytest.approx(hours, rel=1e-3, abs=2)


@given(levels=st.tuples(WORDS, WORDS), row=st.sampled_from([0, 1]))
@example((95, 96), 0)
@example((2**31 - 1, 2**31), 0)
def test_a_higher_level_is_never_a_later_time(levels, row):
    low, high = sorted(levels)
    assert compiled_quantile(TABLES, row, low) >= compiled_quantile(TABLES, row, high)


@given(level=WORDS)
def test_neighbouring_levels_keep_their_order(level):
    assert quantile(TABLES, 0, level) >= quantile(TABLES, 0, level + 1 if level < 2**32 - 1 else level)


@pytest.mark.parametrize("level", [0, 1, LAST - 1, LAST])
def test_the_rarest_levels_have_the_last_time_of_the_table(level):
    assert quantile(TABLES, 0, level) == RECOVERY[-1]


def test_the_highest_level_is_over_at_once():
    assert quantile(TABLES, 0, 2**32 - 1) == 0


def test_what_never_happens_fits_the_arithmetic():
    assert quantile(TABLES, 1, 0) == laws.NEVER
    assert compiled_quantile(TABLES, 1, 2**32 - 2**20) == quantile(TABLES, 1, 2**32 - 2**20)
    assert 0 < quantile(TABLES, 1, 2**32 - 2**20) < laws.NEVER


POINTS = [(7, 0.30), (28, 0.65), (84, 0.90), (364, 0.97)]


@pytest.mark.parametrize(("day", "over"), POINTS)
def test_a_course_goes_through_its_points(day, over):
    """To within 1 in 500: the law has a kink at each point, and the table cuts it off."""
    course = laws.through(POINTS)[np.newaxis]
    assert quantile(course, 0, laws.level(1 - over)) == pytest.approx(24 * day, rel=2e-3)


@pytest.mark.parametrize("points", [[(7, 0.5)], [(7, 0.5), (7, 0.6)], [(7, 0.5), (14, 0.5)], [(14, 0.5), (7, 0.6)]])
def test_a_course_whose_points_do_not_rise_is_refused(points):
    with pytest.raises(ValueError, match="must rise in days and in share"):
        laws.through(points)

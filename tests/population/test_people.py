"""The people of the Netherlands: as many as were counted, of the ages that were counted, and they die as they do."""

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruggespraak.population import people
from ruggespraak.population.kernel.age import LAST, age_at, left_at
from ruggespraak.population.kernel.tally import YEAR
from ruggespraak.population.laws import LEVELS
from ruggespraak.population.people import AGES, MEN, WOMEN

WORDS = files("ruggespraak.population").joinpath("people.toml").read_text(encoding="utf-8")
COUNTED = 17_282_163  # on 1 January 2019
SURVIVAL = people.survival()
sexes = pytest.mark.parametrize("sex", [MEN, WOMEN])


# -- who is alive


@pytest.mark.parametrize(
    ("first", "after", "counted"),
    [(0, 20, 3_791_838), (20, 40, 4_309_987), (40, 65, 5_866_334), (65, 80, 2_515_184), (80, AGES, 798_820)],
)
def test_each_band_of_age_holds_as_many_people_as_were_counted(first, after, counted):
    assert people.cells(COUNTED)[:, first:after].sum() == pytest.approx(counted, abs=0.01)


def test_the_country_has_17_9_million_people_unless_another_number_is_asked_for():
    assert people.cells().shape == (2, AGES)
    assert people.cells().sum() == pytest.approx(17_900_000)
    assert people.cells(1000) == pytest.approx(people.cells() * 1000 / 17_900_000)


def test_there_are_as_many_men_for_each_woman_as_were_counted_in_2023():
    men, women = people.cells().sum(axis=1)
    assert men / women == pytest.approx(8_850_309 / 8_960_982)


def test_the_five_year_figures_of_2021_which_are_no_input_are_within_6_per_cent():
    """A press item of CBS (V-2), two years after the bands: 0-4, 5-9, 10-14 and 15-19."""
    fives = people.cells(COUNTED).sum(axis=0)[:20].reshape(4, 5).sum(axis=1)
    assert fives == pytest.approx([857_626, 899_827, 954_278, 1_031_735], rel=0.06)


def test_where_two_bands_meet_the_number_of_people_makes_no_great_step():
    """The most is at 80, where the curve meets the tail of the life table: a sixth. Below 80 it is a 14th."""
    of_age = people.cells().sum(axis=0)
    change = of_age[1:] / of_age[:-1] - 1
    assert np.all(of_age > 0)
    assert np.abs(change[:79]).max() < 1 / 14
    assert -0.18 < change[79] < 0
    assert np.all(change[65:104] < 0)  # the last counts all from 105 on


def test_more_boys_than_girls_are_born_and_most_of_the_very_old_are_women():
    cells = people.cells()
    assert cells[MEN, 0] / cells[WOMEN, 0] == pytest.approx(1.05, rel=0.02)  # the factor on the odds is near 1
    assert cells[MEN, 90:].sum() / cells[:, 90:].sum() < 0.4
    assert np.all(np.diff(cells[MEN, 40:] / cells[WOMEN, 40:]) < 0)


# -- how they die


def test_the_table_as_published_gives_about_the_life_expectancy_that_belongs_to_it():
    """75.2 years for men (clinical.md §7e); a force that is constant throughout an interval makes it 74.9."""
    assert people.life_expectancy(people.published())[MEN] == pytest.approx(75.2, abs=0.5)


def test_life_expectancy_at_birth_is_the_newer_one_also_in_the_whole_numbers_of_the_kernel():
    assert people.life_expectancy(people.rescaled()) == pytest.approx([79.66, 83.0])
    assert people.life_expectancy(SURVIVAL / LEVELS) == pytest.approx([79.66, 83.0], abs=1e-6)


@sexes
@pytest.mark.parametrize(("start", "end", "chances"), [(0, 1, (0.00584, 0.00469)), (80, 85, (0.44776, 0.29666))])
def test_the_table_as_published_gives_back_its_own_chances(sex, start, end, chances):
    left = people.published()[sex]
    assert 1 - left[end] / left[start] == pytest.approx(chances[sex])


@sexes
def test_one_factor_for_each_sex_makes_every_age_safer(sex):
    def force(left):
        return -np.diff(np.log(left[sex]))

    factors = force(people.rescaled()) / force(people.published())
    assert factors == pytest.approx(factors[0])
    assert 0.5 < factors[0] < 1


def test_women_of_90_and_over_die_as_men_do_times_their_ratio_at_85_to_89():
    men, women = -np.diff(np.log(people.published()))
    assert women[90:105] / men[90:105] == pytest.approx(women[85] / men[85])


def test_as_many_people_die_in_a_year_as_is_plausible():
    """A broad range for sanity, not a source: 130,000 to 200,000."""
    left = people.rescaled()[:, : AGES + 1]
    deaths = people.cells() * (1 - left[:, 1:] / left[:, :-1])
    assert 130_000 < deaths.sum() < 200_000


# -- what the kernel gets


def test_the_guide_gives_every_word_one_cell_and_every_cell_its_share_of_the_words():
    guide = people.guide()
    assert guide.dtype == np.int64
    assert guide.shape == (2 * AGES + 1,)
    assert (guide[0], guide[-1]) == (0, LEVELS)
    assert np.diff(guide).min() > 1000  # so the place in the year of age is not coarse either
    cells = people.cells(LEVELS)
    for cell in range(2 * AGES):
        assert guide[cell + 1] - guide[cell] == pytest.approx(cells[cell % 2, cell // 2], abs=1)


def test_survival_begins_with_everybody_never_rises_and_ends_with_next_to_nobody():
    assert SURVIVAL.dtype == np.int64
    assert SURVIVAL.shape == (2, LAST + 1)
    assert np.all(SURVIVAL[:, 0] == LEVELS)
    assert np.all(np.diff(SURVIVAL) < 0)
    assert np.all(SURVIVAL[:, LAST] < LEVELS / 500_000)


@given(sex=st.sampled_from([MEN, WOMEN]), hours=st.integers(0, 100 * YEAR))
def test_the_age_at_which_a_share_is_left_is_the_age_at_which_that_share_is_left(sex, hours):
    level = int(left_at(SURVIVAL, sex, hours))
    assert hours <= age_at(SURVIVAL, sex, level - 1) <= hours + 1


@given(sex=st.sampled_from([MEN, WOMEN]), hours=st.integers(0, LAST * YEAR - 1), word=st.integers(0, LEVELS - 1))
def test_nobody_dies_before_the_age_that_she_has(sex, hours, word):
    """As the kernel draws: a word times the share that is left at the age of today."""
    level = word * int(left_at(SURVIVAL, sex, hours)) >> 32
    assert hours <= age_at(SURVIVAL, sex, level) <= LAST * YEAR


@sexes
def test_at_each_birthday_the_two_agree_with_the_table_and_at_the_last_nobody_is_left(sex):
    for age in range(LAST):
        assert left_at(SURVIVAL, sex, age * YEAR) == SURVIVAL[sex, age]
        assert age_at(SURVIVAL, sex, SURVIVAL[sex, age + 1]) == (age + 1) * YEAR
    assert left_at(SURVIVAL, sex, LAST * YEAR) == 0
    assert age_at(SURVIVAL, sex, 0) == LAST * YEAR


@sexes
def test_the_mean_age_at_death_over_evenly_spread_words_is_the_life_expectancy(sex):
    ages = [age_at(SURVIVAL, sex, word) for word in range(LEVELS // 40_000, LEVELS, LEVELS // 20_000)]
    assert np.mean(ages) / YEAR == pytest.approx([79.66, 83.0][sex], abs=0.01)


# -- the figures


BROKEN = [
    ("ratio = 1.05", "", "born.ratio is None, expected a number above 0"),
    ("798_820]", "]", "bands.people is .*, expected 5 numbers"),
    ("798_820]", "798_821]", "bands.people add up to 17282164, expected bands.total, 17282163"),
    ("0.00345, 0.00403,", "0.00403,", "death.men is .*, expected 22 numbers"),
    ("0.48176", "nan", "death.women holds nan, expected a number from 0 that is below 1"),
    ("years = 83.0", 'years = "83"', "expectancy_women.years is 83, expected a number above 0"),
]


@pytest.mark.parametrize(("words", "instead", "says"), BROKEN)
def test_a_hole_in_the_figures_is_told_with_its_place(words, instead, says):
    assert WORDS.count(words) == 1
    with pytest.raises(ValueError, match=rf"people\.toml: {says}"):
        people.read(WORDS.replace(words, instead))

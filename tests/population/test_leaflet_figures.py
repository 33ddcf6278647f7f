"""The leaflet's "5 % new a year" and "three quarters ever": whether both can be first times."""

import numpy as np
import pytest

from ruggespraak.population import leaflet_figures, people
from ruggespraak.population.leaflet_figures import EVER, NEW
from ruggespraak.population.parameters import parameters
from ruggespraak.population.simulate import Run, simulate
from ruggespraak.population.targets import targets


def test_the_figures_are_those_of_the_leaflet():
    (ever,) = (one for one in targets() if one.id == "ever")
    assert ever.because == ("S13",)
    assert ever.value == EVER
    assert NEW == 0.05


def test_a_country_that_stays_as_large_has_one_birth_for_each_life_of_81_years():
    assert 79.66 < leaflet_figures.life() < 83.0, "between men and women"
    assert leaflet_figures.births() * leaflet_figures.life() == pytest.approx(people.total())
    assert leaflet_figures.first_times() == pytest.approx(leaflet_figures.births() / people.total())


def test_5_percent_of_all_people_cannot_be_first_times_even_if_everybody_has_one():
    assert leaflet_figures.first_times(EVER) < 0.01
    assert leaflet_figures.first_times() < leaflet_figures.most_at_once() < NEW / 3


def test_no_law_by_age_gives_more_first_times_than_there_are_people_of_one_age():
    """Everybody at 49, the age of most people: a step. Spread over ages it is less."""
    of_age = people.cells().sum(axis=0)
    at = int(of_age.argmax())
    for spread in (1, 5, 30):
        law = np.zeros(people.AGES)
        law[max(at - spread, 0) : at + spread] = 1 / (2 * spread)
        assert (of_age * law).sum() / of_age.sum() < leaflet_figures.most_at_once()


def test_a_constant_share_of_who_never_had_it_is_what_pen_and_paper_say():
    """Of somebody of 20 and a half, 0.95 ** 20.5 = 35 % never had it, and 5 % of those have it this year."""
    found = leaflet_figures.of_the_never("", NEW)
    of_age = people.cells().sum(axis=0)
    never = np.array([0.95 ** (age + 0.5) for age in range(people.AGES)])
    assert never[20] == pytest.approx(0.349, abs=0.001)
    assert found.ever_of_all == pytest.approx(1 - (of_age * never).sum() / of_age.sum())
    assert found.new == pytest.approx(0.05 * (1 - found.ever_of_all))


def test_from_birth_5_percent_of_who_never_had_it_is_too_much_for_three_quarters_of_adults():
    assert leaflet_figures.of_the_never("", NEW).ever_of_adults > 0.85
    assert 0.02 < leaflet_figures.a_year_for() < 0.04


def test_the_age_and_the_share_that_fit_give_back_three_quarters_of_adults():
    from_age = leaflet_figures.of_the_never("", NEW, leaflet_figures.begins_for())
    that_fits = leaflet_figures.of_the_never("", leaflet_figures.a_year_for())
    assert from_age.ever_of_adults == pytest.approx(EVER)
    assert that_fits.ever_of_adults == pytest.approx(EVER)
    assert 10 < from_age.begins < 20


def test_nobody_is_new_before_the_age_at_which_it_begins():
    late = leaflet_figures.of_the_never("", NEW, begins=people.AGES)
    assert (late.new, late.ever_of_all, late.ever_of_adults) == (0, 0, 0)


def test_the_model_has_as_many_first_times_as_its_lives_have():
    """The law of the first pain, summed over the people, against 400,000 lives of one year."""
    known = parameters()
    expected = leaflet_figures.of_the_model(known)
    result = simulate(Run(people=400_000, years=1, parameters=known))
    new, error = (float(one[0]) / people.total() for one in result.a_year("first_episodes"))
    assert abs(new - expected.new) < 4 * error + 0.01 * expected.new, "who dies within the year is not in the law"
    ever, _ = result.a_year("lived_ever")
    lived, _ = result.a_year("lived")
    assert float(ever[0] / lived[0]) == pytest.approx(expected.ever_of_all, abs=0.01)


def test_every_reading_but_5_percent_of_all_people_has_about_one_percent_new():
    for one in leaflet_figures.readings():
        assert 0.008 < one.new < leaflet_figures.most_at_once(), one.id


@pytest.mark.parametrize(
    ("lang", "says"), [("nl", ("220.000", "1,2 %", "900.000")), ("en", ("220,000", "1.2 %", "900,000"))]
)
def test_the_finding_is_told_with_its_numbers_as_the_language_writes_them(lang, says):
    told = leaflet_figures.finding(lang)
    assert all(one in told for one in says)
    assert "{" not in told

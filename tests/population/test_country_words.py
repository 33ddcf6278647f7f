"""Everything that a run counts has a name in Dutch and in English."""

import pytest

from ruggespraak.population.kernel.tally import CAUSES, GROUPS, MEASURES, STATES
from ruggespraak.population.money import PAYERS, PERSPECTIVES
from ruggespraak.population.parameters import parameters
from ruggespraak.population.targets import targets
from ruggespraak.population.uncertainty import MONEY
from ruggespraak.population.words import word, words
from ruggespraak.wording import JOIN, LANGS, euro, number, short

NAMED = {
    "measure": MEASURES,
    "state": STATES,
    "group": GROUPS,
    "cause": CAUSES,
    "payer": tuple(PAYERS),
    "perspective": PERSPECTIVES,
    "outcome": MONEY,
    "target": tuple(one.id for one in targets()),
    "parameter": tuple(parameters()),
}


@pytest.mark.parametrize("kind", NAMED)
def test_whatever_is_counted_has_a_name_and_no_name_is_of_something_else(kind):
    assert {id for id in words() if id.startswith(f"{kind}.")} == {f"{kind}.{name}" for name in NAMED[kind]}


def test_every_word_is_there_in_both_languages():
    for id in words():
        for lang in LANGS:
            assert word(id, lang).strip() == word(id, lang) != ""


def test_no_two_measures_have_the_same_name():
    for lang in LANGS:
        names = [word(f"measure.{name}", lang) for name in MEASURES]
        assert len(set(names)) == len(names)


def test_a_word_that_does_not_exist_is_refused_with_the_nearest_one():
    with pytest.raises(KeyError, match=r"no word 'measure.gq'; did you mean measure.gp\?"):
        word("measure.gq", "nl")


def test_another_language_is_refused():
    with pytest.raises(KeyError, match="language 'de' given, one of nl, en expected"):
        word("measure.gp", "de")


@pytest.mark.parametrize(
    ("value", "nl", "en"),
    [
        (0, "0", "0"),
        (1937648, "1,94 miljoen", "1.94 million"),
        (1900000, "1,9 miljoen", "1.9 million"),
        (999_900, "1 miljoen", "1 million"),
        (-2.5e9, "−2,5 miljard", "−2.5 billion"),
        (61182, "61.200", "61,200"),
        (35.55, "35,5", "35.5"),
        (0.000365, "0,000365", "0.000365"),
    ],
)
def test_a_number_is_written_in_three_figures_as_each_language_does(value, nl, en):
    assert (short(value, "nl"), short(value, "en")) == (nl.replace(" ", JOIN), en.replace(" ", JOIN))


def test_all_figures_of_a_number_are_written_where_they_are_asked_for():
    assert (number(1234.56, "nl", 1), number(1234.56, "en", 1)) == ("1.234,6", "1,234.6")


def test_what_rounds_to_nothing_has_no_sign():
    assert (number(-0.04, "nl", 1), number(-0.06, "nl", 1)) == ("0,0", "−0,1")


def test_an_amount_has_its_sign_before_the_euro():
    assert (euro(-1234, "nl"), euro(1234, "en")) == (f"−€{JOIN}1.230", "€1,230")

"""Everything that a run counts has a name in Dutch and in English."""

import pytest

from ruggespraak.population.kernel.tally import CAUSES, GROUPS, MEASURES, STATES
from ruggespraak.population.money import PAYERS, PERSPECTIVES
from ruggespraak.population.targets import targets
from ruggespraak.population.words import LANGS, shown, word, words

NAMED = {
    "measure": MEASURES,
    "state": STATES,
    "group": GROUPS,
    "cause": CAUSES,
    "payer": tuple(PAYERS),
    "perspective": PERSPECTIVES,
    "target": tuple(one.id for one in targets()),
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


def test_hours_are_shown_in_the_unit_that_the_name_says():
    assert shown("sick") == ("days", 24)
    assert "dagen" in word("measure.sick", "nl")
    assert shown("hours_late") == ("hours", 1)
    assert shown("gp") == ("times", 1)

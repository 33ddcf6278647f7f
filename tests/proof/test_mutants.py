"""A sample of the small mistakes that could be made: each is noticed, or proven to be none. Whole: make mutants."""

from __future__ import annotations

import pytest

from mutation import EQUIVALENT, Mutant, a_property, equivalent, evidence, verdicts
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.proof.equivalence import differing
from ruggespraak.proof.mutants import DROPPED, LOWERED, MOVED, NEGATED, mutants

EVERY = {"current": 31, "leaflet": 15, "nice": 7, "acp": 5}
CURRENT = edition("current")
MADE = list(mutants(CURRENT))


@pytest.mark.control("C-05")
@pytest.mark.parametrize("name", EDITIONS)
def test_no_mistake_of_the_sample_goes_unnoticed(name):
    found = list(verdicts(name, EVERY[name]))
    assert len(found) >= 6
    assert [one.id for one in found if one.killer is None] == []


def test_every_kind_of_mistake_is_made_and_each_has_a_name_of_its_own():
    assert {one.kind for one in MADE} == {NEGATED, DROPPED, MOVED, LOWERED}
    assert len({one.id for one in MADE}) == len(MADE) > 900


def test_an_edition_that_did_not_change_is_proven_to_decide_the_same():
    assert equivalent(Mutant("nothing", DROPPED, "R1", lambda: CURRENT)) == EQUIVALENT


@pytest.mark.control("C-05")
def test_a_mistake_that_matters_is_never_called_equivalent():
    for one in MADE[::150]:
        if evidence(one):
            assert equivalent(one) is None, one.id


def test_what_tells_an_edition_from_its_mistake_is_a_patient():
    lowered = next(one for one in MADE if one.kind == LOWERED and one.rule == "R1")
    case = differing(CURRENT, lowered.edition)
    assert case is not None
    assert case.answers


def test_a_property_alone_notices_a_mistake_too_without_any_row_of_evidence():
    careless = next(one for one in MADE if one.rule == "seek_care_now" and one.kind == NEGATED)
    assert a_property(careless) == "property 4 alarm_wins"

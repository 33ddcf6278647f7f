"""Asking, from the first screen to the last: few screens, alarms first, nothing twice, enough asked (DESIGN §5, §6)."""

from __future__ import annotations

import os
import random

import pytest

from patients import ON, VALUES, person
from ruggespraak.consult import Case, Screen, decide, next_screen, none_of_these, with_answers
from ruggespraak.consult.outcome import outcome
from ruggespraak.consult.ready import ready
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency
from screens import FIRST_COMPLAINTS, count, percentile, walk

PEOPLE = 10_000 if os.environ.get("RUG_CHECK") == "whole" else 600


@pytest.fixture(scope="module")
def walks():
    return count(PEOPLE)


def test_a_plain_back_takes_at_most_twelve_screens(walks):
    assert percentile([len(one.screens) for one in walks["plain back"]], 0.95) <= 12


def test_a_hernia_takes_at_most_fifteen_screens(walks):
    assert percentile([len(one.screens) for one in walks["hernia"]], 0.95) <= 15


@pytest.mark.control("C-08")
@pytest.mark.parametrize("sign", FIRST_COMPLAINTS)
def test_an_emergency_whose_sign_is_the_first_complaint_is_seen_at_the_first_screen(sign):
    pick = random.Random(sign)
    for _ in range(20):
        truth = person(pick) | {sign: True}
        truth = {id: value for id, value in truth.items() if not id.endswith("_before_episode")}
        assert walk(truth).first.urgency is Urgency.EMERGENCY


def test_no_finding_is_asked_twice(walks):
    for one in (one for walks_of_kind in walks.values() for one in walks_of_kind):
        asked = [id for screen in one.screens for id in screen]
        assert len(asked) == len(set(asked))


def test_a_patient_is_never_asked_what_only_an_examination_shows(walks):
    for one in (one for walks_of_kind in walks.values() for one in walks_of_kind):
        assert all(VOCABULARY[id].who != "clinician" for screen in one.screens for id in screen)


@pytest.mark.control("C-08")
def test_when_asking_stops_nothing_that_the_person_can_still_tell_changes_the_decision(walks):
    pick = random.Random(7)
    here = ready("current")
    for one in (one for walks_of_kind in walks.values() for one in walks_of_kind):
        before = outcome(here, here.read(one.case))
        for _ in range(3):
            rest = {
                id: one.truth[id] if id in one.truth and pick.random() < 0.5 else pick.choice(VALUES[id])
                for id, finding in VOCABULARY.items()
                if finding.who != "clinician" and id not in one.case.answers and id not in one.case.unclear
            }
            full = Case(on=ON, answers={**rest, **one.case.answers}, unclear=one.case.unclear, answered_by="patient")
            known = here.read(full)
            if known.conflicts:
                continue  # not a consistent person: two answers disagree
            after = outcome(here, known)
            assert _summary(after) == _summary(before), _explain(one, rest)


def _explain(one, rest):
    """Which of these answers, each by itself, changes the decision."""
    here, wanted = ready("current"), _summary(outcome(ready("current"), ready("current").read(one.case)))
    alone = {
        id: value
        for id, value in rest.items()
        if _summary(outcome(here, here.read(with_answers(one.case, {id: value})))) != wanted
    }
    return f"{alone or rest} on top of {one.case}"


def _summary(came):
    return came.urgency, came.complaint, came.imaging, came.refer


def test_what_was_unclear_is_not_asked_again():
    case = Case(on=ON, unclear=frozenset({"saddle_numbness"}))
    assert "saddle_numbness" not in decide(case).ask
    assert "saddle_numbness" in decide(case).unclear


def test_an_item_left_alone_is_unknown_and_not_shown_again():
    first = next_screen(Case(on=ON))
    assert first is not None
    second = next_screen(Case(on=ON), shown=first.items)
    assert second is not None
    assert not set(first.items) & set(second.items)
    assert set(first.items) <= set(decide(Case(on=ON)).ask)


def test_none_of_these_answers_no_to_each_item_shown_and_to_nothing_else():
    first = next_screen(Case(on=ON))
    assert first is not None
    assert none_of_these(first) == dict.fromkeys(first.items, False)


def test_none_of_these_on_an_examination_list_never_fills_in_a_number():
    assert none_of_these(Screen(("mrc_hip_flexion", "mrc_knee_extension"), "strength")) == {}
    assert none_of_these(Screen(("hla_b27", "crp_mg_l"), "blood")) == {}
    assert none_of_these(Screen(("anal_tone_reduced", "post_void_residual_ml"), "perineum")) == {
        "anal_tone_reduced": False
    }


def test_a_later_answer_takes_the_place_of_unclear_and_the_other_way_round():
    case = with_answers(Case(on=ON), {}, ["leg_pain"])
    case = with_answers(case, {"leg_pain": True})
    assert case.answers == {"leg_pain": True}
    assert not case.unclear
    assert with_answers(case, {}, ["leg_pain"]).answers == {}

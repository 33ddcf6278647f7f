"""Nobody is lost, whatever is reported and however long the silence (DESIGN §6, property 9): with real decisions."""

from datetime import timedelta

import pytest
from course_people import DAY, PLAIN_BACK
from hypothesis import given
from hypothesis import strategies as st

from ruggespraak.course import (
    Answers,
    Contact,
    EditionChanged,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
    Status,
    open_episode,
    step,
)
from ruggespraak.course.follow_up import AFTER_SILENCE, FURTHEST
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.rules import Urgency

# A few findings of every kind: enough to reach every urgency, to set it aside again, and to be unclear about it.
VALUES = {
    "low_back_pain": st.booleans(),
    "saddle_numbness": st.booleans(),
    "saddle_numbness_before_episode": st.booleans(),
    "bilateral_radicular": st.booleans(),
    "bilateral_since_days": st.sampled_from([1, 80, 100]),
    "weak_leg_reported": st.booleans(),
    "cancer_history": st.booleans(),
    "cancer_pain_unchanged": st.booleans(),
    "significant_trauma": st.booleans(),
    "trauma_days_ago": st.sampled_from([1, 13, 20]),
    "known_aaa": st.booleans(),
    "age_years": st.sampled_from([12, 44, 80]),
    "duration_days": st.sampled_from([1, 13, 40, 90]),
    "course": st.sampled_from(["better", "same", "worse"]),
    "pain_back_nrs": st.integers(0, 10),
    "mrc_ankle_dorsiflexion": st.sampled_from([3, 4, 5]),
}
some_answers = st.one_of(
    st.just(PLAIN_BACK),
    st.fixed_dictionaries({}, optional=VALUES),
)
gap = st.integers(0, 40).map(lambda days: timedelta(days=days))
makers = st.one_of(
    st.builds(lambda seen: lambda on: Contact(on, seen), st.booleans()),
    st.builds(
        lambda answers, unclear, by: lambda on: Answers(on, answers, unclear, by),
        some_answers,
        st.frozensets(st.sampled_from(["saddle_numbness", "bilateral_radicular"])),
        st.sampled_from(["patient", "proxy", "clinician"]),
    ),
    st.just(Silence),
    st.just(Silence),
    st.just(Recovery),
    st.just(Relapse),
    st.builds(lambda edition: lambda on: EditionChanged(on, edition), st.sampled_from(EDITIONS)),
    st.just(lambda on: HandOver(on, "neurologist")),
    st.just(HandOverConfirmed),
)
courses = st.lists(st.tuples(gap, makers), max_size=12)


def walked(course):
    """Every step of a course: the episode before, the event, the episode after."""
    before = open_episode("someone", DAY)
    for wait, make in course:
        event = make(before.last + wait)
        after = step(before, event)
        yield before, event, after
        before = after


@pytest.mark.control("C-26")
@given(courses)
def test_the_next_contact_is_dated_until_recovery_or_a_confirmed_hand_over(course):
    for before, event, after in walked(course):
        assert (after.next_contact is None) == (after.why is None) == after.ended
        if not after.ended:
            assert event.on <= after.next_contact <= event.on + timedelta(days=FURTHEST)
        if after.ended and not before.ended:
            assert isinstance(event, Recovery | HandOverConfirmed)
        if after.status is Status.CLOSED and before.status is not Status.CLOSED:
            assert before.status is Status.HANDED_OVER


@given(courses)
def test_an_open_alarm_is_lifted_only_by_somebody_who_looks_or_by_what_is_told(course):
    for before, event, after in walked(course):
        if before.alarm_open and after.concern < before.concern:
            looked = isinstance(event, Contact) and event.seen
            assert looked or isinstance(event, Answers | HandOverConfirmed)
        if before.alarm_open and isinstance(event, Recovery):
            assert not after.ended


@given(courses)
def test_an_open_emergency_is_asked_after_today_and_after_silence_tomorrow(course):
    for before, event, after in walked(course):
        if after.alarm_open and after.concern is Urgency.EMERGENCY:
            due = before.next_contact and before.next_contact <= event.on
            wait = 1 if isinstance(event, Silence) and due else 0
            early = isinstance(event, Silence) and not due
            assert early or after.next_contact == event.on + timedelta(days=wait)


@given(courses)
def test_silence_never_lowers_concern_and_always_brings_another_attempt(course):
    for before, event, after in walked(course):
        if isinstance(event, Silence) and not before.ended:
            assert after.concern == before.concern
            assert after.decisions == before.decisions
            attempt = event.on + timedelta(days=AFTER_SILENCE[after.concern][0])
            assert after.next_contact <= max(attempt, before.next_contact)


@given(courses)
def test_nothing_is_thrown_away(course):
    for before, event, after in walked(course):
        assert after.events == (*before.events, event)
        assert after.decisions[: len(before.decisions)] == before.decisions


@given(courses)
def test_the_same_events_give_the_same_episode(course):
    once, twice = list(walked(course)), list(walked(course))
    assert once == twice


@given(courses)
def test_another_edition_keeps_every_answer(course):
    for before, event, after in walked(course):
        if isinstance(event, EditionChanged):
            assert (after.answers, after.unclear) == (before.answers, before.unclear)

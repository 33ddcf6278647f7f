"""The table of who is contacted when, in every state and for every kind of event (DESIGN §6, property 9)."""

from datetime import date
from itertools import product

import pytest

from ruggespraak.course import (
    EVENTS,
    Answers,
    EditionChanged,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
    Status,
)
from ruggespraak.course.follow_up import AFTER_SILENCE, FURTHEST, WAIT, concern_of, next_status, within
from ruggespraak.pathway.rules import Urgency

DAY = date(2026, 1, 15)
EXTRA = {EditionChanged: {"edition": "leaflet"}, HandOver: {"to": "neurologist"}}
EVERY_EVENT = [kind(on=DAY, **EXTRA.get(kind, {})) for kind in EVENTS]
EVERY_STATE = list(product(Status, Urgency, (False, True)))
ENDED = {Status.RECOVERED, Status.CLOSED}


@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda event: type(event).__name__)
def test_from_every_state_the_next_contact_is_dated_until_the_episode_has_ended(event):
    for status, concern, seen in EVERY_STATE:
        after = next_status(status, concern, seen, event)
        for later_concern, later_seen in product(Urgency, (False, True)):  # whatever is decided on the way
            contact = within(after, later_concern, later_seen, event)
            assert (contact is None) == (after in ENDED)
            assert contact is None or 0 <= contact[0] <= FURTHEST


@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda event: type(event).__name__)
def test_an_episode_ends_only_by_recovery_without_an_open_alarm_or_by_a_confirmed_hand_over(event):
    for status, concern, seen in EVERY_STATE:
        after = next_status(status, concern, seen, event)
        if after in ENDED and status not in ENDED:
            recovered = isinstance(event, Recovery) and (seen or concern < Urgency.WITHIN_DAYS)
            confirmed = isinstance(event, HandOverConfirmed) and status is Status.HANDED_OVER
            assert recovered or confirmed


def test_an_emergency_that_nobody_has_seen_is_asked_after_on_the_same_day():
    for event in EVERY_EVENT:
        after = next_status(Status.OPEN, Urgency.EMERGENCY, False, event)
        days, _ = within(after, Urgency.EMERGENCY, False, event)
        assert days == (1 if isinstance(event, Silence) else 0)


def test_no_silence_waits_longer_than_the_contact_before_it_except_from_today_to_tomorrow():
    for urgency in Urgency:
        assert AFTER_SILENCE[urgency][0] <= max(WAIT[urgency][0], 1)


def test_the_more_urgent_the_sooner():
    for table in (WAIT, AFTER_SILENCE):
        waits = [table[urgency][0] for urgency in sorted(Urgency, reverse=True)]
        assert waits == sorted(waits)


def test_who_answers_after_the_end_is_followed_again():
    for status, kind in product(ENDED, (Answers, Relapse)):
        assert next_status(status, Urgency.SELF_CARE, True, kind(on=DAY)) is Status.OPEN


def test_being_seen_never_makes_a_contact_sooner_needed_nor_forgets_it():
    for urgency in Urgency:
        assert concern_of(urgency, True) <= concern_of(urgency, False) == urgency
        assert concern_of(urgency, True) >= min(urgency, Urgency.WITHIN_DAYS)

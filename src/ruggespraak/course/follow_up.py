"""Who is contacted when: the whole state machine, small enough to check in every state (DESIGN §6, property 9).

A state is where the episode stands, how soon somebody must look, and whether somebody has. ``next_status`` and
``within`` are all there is to it: from any state and for whatever is reported, either the episode has ended, by
recovery or by a confirmed hand-over, or ``within`` gives the day on which somebody looks again at the latest. Decisions
and answers can only make that day earlier.

The intervals after a silence are this project's own choice (D). None is longer than the wait before it, but for the
emergency, whose contact is today and after a silence tomorrow; and they never end.
"""

from __future__ import annotations

from ruggespraak.course.episode import ALARM_FROM, Status, unseen
from ruggespraak.course.events import (
    Answers,
    Contact,
    Event,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
)
from ruggespraak.pathway.numbers import (
    NEXT_LOOK,
    REVIEW_EMERGENCY,
    REVIEW_ROUTINE,
    REVIEW_SAME_DAY,
    REVIEW_WITHIN_DAYS,
)
from ruggespraak.pathway.rules import Urgency

# How soon somebody looks again, in days, and why (ids of reviews, and of texts "contact_...").
WAIT = {
    Urgency.EMERGENCY: (int(REVIEW_EMERGENCY), "arrived"),
    Urgency.SAME_DAY: (int(REVIEW_SAME_DAY), "seen_today"),
    Urgency.WITHIN_DAYS: (int(REVIEW_WITHIN_DAYS), "seen_in_days"),
    Urgency.ROUTINE: (int(REVIEW_ROUTINE), "seen_in_weeks"),
    Urgency.SELF_CARE: (int(NEXT_LOOK), "long_run"),
}
AFTER_SILENCE = {
    Urgency.EMERGENCY: (int(REVIEW_SAME_DAY), "silence_alarm"),
    Urgency.SAME_DAY: (int(REVIEW_SAME_DAY), "silence_alarm"),
    Urgency.WITHIN_DAYS: (int(REVIEW_WITHIN_DAYS), "silence_days"),
    Urgency.ROUTINE: (int(REVIEW_ROUTINE), "silence_weeks"),
    Urgency.SELF_CARE: (int(REVIEW_ROUTINE), "silence_weeks"),
}
AFTER_RELAPSE = GOT_WORSE = int(REVIEW_WITHIN_DAYS)
# A hand-over that nobody confirms is asked after no later than a routine referral.
UNCONFIRMED = int(REVIEW_ROUTINE)
FURTHEST = int(NEXT_LOOK)


def next_status(status: Status, concern: Urgency, seen: bool, event: Event) -> Status:
    """Where an episode stands after this event. The first line that fits counts."""
    match event, status:
        case HandOverConfirmed(), Status.HANDED_OVER:
            return Status.CLOSED
        case HandOver(), _:
            return Status.HANDED_OVER
        case Recovery(), Status.OPEN | Status.HANDED_OVER if not unseen(concern, seen):
            return Status.RECOVERED
        case Answers() | Relapse(), Status.RECOVERED | Status.CLOSED:
            return Status.OPEN
    # A contact, a silence, another edition, a confirmation of nothing; and a recovery while an alarm is open.
    return status


def within(status: Status, concern: Urgency, seen: bool, event: Event) -> tuple[int, str] | None:
    """In how many days somebody looks again at the latest, and why; None when the episode has ended.

    All arguments but the event are those *after* the event. The first line that fits counts.
    """
    days, why = WAIT[concern]
    match event, status:
        case _, Status.RECOVERED | Status.CLOSED:
            return None
        case Silence(), _:
            return AFTER_SILENCE[concern]
        case Recovery(), _:
            return days, "better_but_unseen"
        case Relapse(), _:
            return min(days, AFTER_RELAPSE), "relapse"
        case Contact() | Answers(), _ if seen and concern >= ALARM_FROM:
            return days, "after_seen"
        case (HandOver(), _) | (_, Status.HANDED_OVER) if concern < Urgency.EMERGENCY:
            return min(days, UNCONFIRMED), "hand_over_unconfirmed"
    return days, why


def concern_of(urgency: Urgency, seen: bool) -> Urgency:
    """How soon somebody must look: as was decided, but who was seen for it is only asked what came of it."""
    return min(urgency, ALARM_FROM) if seen else urgency

"""One step in a course: an episode and an event give the next episode. Pure; the only place that asks for a decision.

Nobody is lost: the next contact is dated until recovery or a *confirmed* hand-over (``follow_up`` holds the table).
A silence tells nothing, so it decides nothing; it only brings the next attempt. An alarm that nobody has looked at is
not lifted by feeling better, by time or by another edition: only by who looks, or by what PATHWAY §1 names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from ruggespraak.consult import Case, Decision, decide
from ruggespraak.course.answers import after_relapse, known_on, taken_in
from ruggespraak.course.deviation import Verdict, deviation
from ruggespraak.course.episode import ALARM_FROM, ENDED, Decided, Episode, Status, with_answers
from ruggespraak.course.events import (
    Answers,
    Contact,
    EditionChanged,
    Event,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
)
from ruggespraak.course.follow_up import FURTHEST, GOT_WORSE, concern_of, next_status, within
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Urgency


class EventOrderError(ValueError):
    """An event that lies before the last one: an episode only goes forward."""

    def __init__(self, event: Event, last: date) -> None:
        kind = type(event).__name__
        super().__init__(f"{kind} on {event.on} comes before the last event, on {last}: give events in order of date")
        self.event = event
        self.last = last


def step(episode: Episode, event: Event) -> Episode:
    """The episode after this event. The one that was given stays as it was.

    Raises EventOrderError for an event before the last one, and UnknownEditionError for an edition that does not exist.
    """
    if event.on < episode.last:
        raise EventOrderError(event, episode.last)
    status = next_status(episode.status, episode.concern, episode.seen, event)
    after = replace(_told(episode, event), status=status)
    after = replace(after, events=(*episode.events, event))
    return _dated(episode, after, event)


def case_on(episode: Episode, on: date, *, renew: bool = True) -> Case:
    """What is known on this day, as a case to decide, explain or ask from. ``renew`` as in ``answers.known_on``."""
    return Case(
        id=episode.id,
        on=on,
        edition=episode.edition,
        answered_by=_answered_by(episode),
        answers=known_on(episode, on, renew=renew),
        unclear=episode.unclear,
    )


def _answered_by(episode: Episode) -> str:
    """Whose word the case is: a clinician's as long as the findings of an examination come from one."""
    examined = [answer.by for answer in episode.answers if VOCABULARY[answer.finding].who == CLINICIAN]
    return "clinician" if examined and set(examined) == {"clinician"} else episode.answered_by


# -- what each event tells ----------------------------------------------------------------------------------------


def _told(episode: Episode, event: Event) -> Episode:
    match event:
        case Answers():
            return _answered(episode, event)
        case Contact():
            return _contacted(episode, event)
        case EditionChanged():
            return _reread(episode, event)
        case Relapse():
            return _relapsed(episode, event)
        case Silence():
            return replace(episode, missed=episode.missed + 1) if _was_due(episode, event) else episode
        case Recovery():
            return replace(episode, missed=0)
        case HandOver():
            return replace(episode, handed_to=event.to)
        case HandOverConfirmed():
            # Who has the patient now has looked; that counts when they come back to us.
            return _looked_at(episode) if episode.status is Status.HANDED_OVER else episode
    raise TypeError(f"{type(event).__name__} is no event of an episode")


def _was_due(episode: Episode, silence: Silence) -> bool:
    return episode.next_contact is not None and episode.next_contact <= silence.on


def _answered(episode: Episode, event: Answers) -> Episode:
    taken = taken_in(episode, event)
    after = with_answers(replace(episode, answered_by=event.answered_by, missed=0), taken.answers, taken.unclear)
    stands = Urgency.SELF_CARE if event.answered_by == "clinician" else _stands(episode, event.on)
    return _decided(after, event.on, stands, still_seen=not taken.worse)


def _contacted(episode: Episode, event: Contact) -> Episode:
    if episode.ended:
        return episode
    after = _decided(replace(episode, missed=0), event.on, _stands(episode, event.on))
    return _looked_at(after) if event.seen else after


def _looked_at(episode: Episode) -> Episode:
    return replace(episode, seen=True, concern=concern_of(episode.concern, True))


def _reread(episode: Episode, event: EditionChanged) -> Episode:
    """The same answers under another edition, which can raise an open alarm but not lift it."""
    after = replace(episode, edition=edition(event.edition).id)
    if episode.ended:
        return after
    return _decided(after, event.on, _stands(after, event.on), renew=False)


def _relapsed(episode: Episode, event: Relapse) -> Episode:
    """After recovery a new episode begins. While the old one is open it goes on, and the contact comes sooner."""
    if not episode.ended:
        return replace(episode, missed=0)
    new = replace(
        episode,
        opened=event.on,
        earlier_episodes=episode.earlier_episodes + 1,
        began=len(episode.events),
        seen=False,
        missed=0,
        handed_to=None,
    )
    return _decided(with_answers(new, after_relapse(episode, event.on), frozenset()), event.on)


def _decided(
    episode: Episode,
    on: date,
    stands: Urgency = Urgency.SELF_CARE,
    *,
    renew: bool = True,
    still_seen: bool = True,
) -> Episode:
    """The episode with a new decision. Anything new to worry about must be looked at again."""
    found = _decision(episode, on, renew=renew)
    new = Decided(
        on=on,
        edition=found.edition,
        urgency=found.urgency,
        not_excluded=found.not_excluded,
        complaint=found.complaint,
        suspected=tuple(found.suspected),
        refer=tuple(referral.to for referral in found.refer),
        review_on=found.review.on,
        review=found.review.id,
    )
    seen = episode.seen and still_seen and not _adds(new, episode.decision)
    concern = max(concern_of(found.urgency, seen), stands)
    return replace(episode, decisions=(*episode.decisions, new), seen=seen, concern=concern)


def _decision(episode: Episode, on: date, *, renew: bool) -> Decision:
    return decide(case_on(episode, on, renew=renew))


def _stands(episode: Episode, on: date) -> Urgency:
    """The open alarm, if time or another edition alone would lift it: then it stands until somebody has looked.

    What was told can still set it aside, as PATHWAY §1 says; then the same answers would still have brought it today.
    """
    if episode.alarm_open and _decision(episode, on, renew=False).urgency < episode.concern:
        return episode.concern
    return Urgency.SELF_CARE


def _adds(new: Decided, last: Decided | None) -> bool:
    return last is None or new.urgency > last.urgency or bool(set(new.suspected) - set(last.suspected))


# -- the next contact ---------------------------------------------------------------------------------------------


def _dated(before: Episode, after: Episode, event: Event) -> Episode:
    """The episode with the date of its next contact: the earliest of all that ask for one."""
    if after.status in ENDED:
        return replace(after, next_contact=None, why=None)
    on, why = min(_dates(before, after, event), key=lambda found: found[0])
    furthest = event.on + timedelta(days=FURTHEST)
    return replace(after, next_contact=min(max(on, event.on), furthest), why=why)


def _dates(before: Episode, after: Episode, event: Event) -> Iterator[tuple[date, str]]:
    """Every date that asks for a contact, with why; on the same day the first one speaks."""
    standing = before.next_contact and before.why and (before.next_contact, before.why)
    early = isinstance(event, Silence) and not _was_due(before, event)
    if standing and (early or not isinstance(event, Contact | Answers | Silence)):
        yield standing
    if early:
        return
    decision, new = after.decision, len(after.decisions) > len(before.decisions)
    if decision and new and not (after.seen and decision.urgency >= ALARM_FROM):
        yield decision.review_on, decision.review
    if isinstance(event, Answers) and deviation(after, event.on).verdict is Verdict.WORSE:
        yield event.on + timedelta(days=GOT_WORSE), "got_worse"
    if latest := within(after.status, after.concern, after.seen, event):
        yield event.on + timedelta(days=latest[0]), latest[1]

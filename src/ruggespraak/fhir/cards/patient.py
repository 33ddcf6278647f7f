"""When a record is opened (``patient-view``): an alarm, alarm questions that nobody asked, a course that differs, a
review that is due. Of a record without a back in it nothing is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from ruggespraak.course import Answers, Episode, Verdict, deviation, open_episode
from ruggespraak.course.episode import Answer, with_answers
from ruggespraak.fhir.cards.card import Card, Kind, Suggestion, says, section, summary
from ruggespraak.fhir.cards.record import (
    Record,
    alarm_detail,
    because,
    cited_sources,
    detail,
    still_open,
    to_do,
)
from ruggespraak.fhir.cards.services import NEEDED
from ruggespraak.pathway.rules import Urgency
from ruggespraak.pathway.texts import long_date, term, text

SAID = (Verdict.WORSE, Verdict.SLOWER)


def patient_view(record: Record) -> tuple[Card, ...]:
    """What to know of this patient now. While somebody must look within days, nothing else is said."""
    if not record.back:
        return not_looked_up(record)
    if found := alarm_card(record):
        return (found,) if record.urgent else (found, *_course(record))
    return (*_alarms_not_asked(record), *_course(record))


def not_looked_up(record: Record) -> tuple[Card, ...]:
    """Nothing of a back is known, and where it would stand could not be looked up: that is no good news."""
    what = [says(f"data_{key}", record.lang) for key in record.failed if key in (*NEEDED, "answers")]
    if not what:
        return ()
    found = Card(
        kind=Kind.NOT_LOOKED_UP,
        summary=summary(Kind.NOT_LOOKED_UP, record.lang, what=", ".join(what)),
        indicator="info",
        detail=detail(record),
        label=record.label,
    )
    return (found,)


def alarm_card(record: Record) -> Card | None:
    """An established alarm, or one that is feared because an answer stayed unclear."""
    decision, lang = record.decision, record.lang
    if decision.established:
        kind, what = Kind.ALARM if record.urgent else Kind.ATTENTION, record.suspicion
    elif decision.urgency >= Urgency.WITHIN_DAYS:
        kind, what = Kind.UNCLEAR, ", ".join(term(id, lang) for id in decision.unclear)
    else:
        return None
    return like_an_alarm(record, kind, line=summary(kind, lang, soon=record.how_soon, what=what))


def like_an_alarm(
    record: Record,
    kind: Kind,
    *,
    line: str = "",
    indicator: str = "",
    suggestions: tuple[Suggestion, ...] = (),
) -> Card:
    """A card that says all there is to say of an alarm, or of what is to be done about a suspicion.

    ``line``: its summary, and ``indicator``, where they are not the usual ones.
    """
    return Card(
        kind=kind,
        summary=line or summary(kind, record.lang, soon=record.how_soon, what=record.topic),
        indicator=indicator or record.indicator,
        detail=alarm_detail(record),
        label=record.label,
        suggestions=suggestions,
    )


def _alarms_not_asked(record: Record) -> tuple[Card, ...]:
    """There is a back complaint, and nobody asked what would make it urgent."""
    if not record.decision.unsaid:
        return ()
    found = Card(
        kind=Kind.ASK,
        summary=summary(Kind.ASK, record.lang),
        indicator="info",
        detail=detail(record, still_open(record), because(record)),
        label=record.label,
    )
    return (found,)


def _course(record: Record) -> tuple[Card, ...]:
    return tuple(card for card in (_deviation(record), _review(record)) if card)


def _deviation(record: Record) -> Card | None:
    """A course that is worse or slower than what was told before."""
    found = deviation(_episode(record), record.case.on)
    if found.verdict not in SAID:
        return None
    lang = record.lang
    return Card(
        kind=Kind.DEVIATION,
        summary=summary(Kind.DEVIATION, lang, what=says(f"deviation_{found.reason}", lang)),
        indicator="warning",
        detail=detail(record, to_do(record), because(record), still_open(record), cited_sources(record)),
        label=record.label,
    )


def _episode(record: Record) -> Episode:
    """The answers of the record as an episode: enough to compare what was told on different days."""
    days = sorted(day for day in record.answers if day <= record.case.on)
    opened = open_episode("", days[0] if days else record.case.on, record.case.edition)
    events = tuple(Answers(day, record.answers[day], answered_by=record.case.answered_by) for day in days)
    newest = {id: Answer(id, value, record.case.on, "") for id, value in record.case.answers.items()}
    return replace(with_answers(opened, newest, record.case.unclear), events=events)


def _review(record: Record) -> Card | None:
    """The day on which somebody should have looked again, by what was told last, has come."""
    due, lang = _due(record), record.lang
    if due is None:
        return None
    day, review = due
    ask = says("told_patient", lang, what=text("reviews", review, "why", lang))
    return Card(
        kind=Kind.REVIEW,
        summary=summary(Kind.REVIEW, lang, what=long_date(day, lang)),
        indicator="info",
        detail=detail(record, section("do", [ask], lang), because(record), still_open(record)),
        label=record.label,
    )


def _due(record: Record) -> tuple[date, str] | None:
    """The last moment of the pathway since the onset, and the id of its review, where nobody was asked anything then or
    later."""
    episode = _episode(record)
    milestone = deviation(episode, record.case.on).milestone
    if milestone is None or episode.onset is None or not record.answers:
        return None
    day = episode.onset + timedelta(days=milestone)
    asked_since = max(record.answers) >= day
    return None if asked_since else (day, f"day_{milestone}")

"""When a record is opened (``patient-view``): an alarm, alarm questions that nobody asked, a course that differs, a
review that is due. Of a record without a back in it, or with one of long ago, nothing is said.

A card that comes each time a record is opened is not read any more: answers that have only grown old are asked for when
a review is due, and on an order; and who was not reviewed in twelve weeks is not reviewed because of a card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from ruggespraak.consult import decide
from ruggespraak.course import Answers, Episode, Verdict, deviation, open_episode
from ruggespraak.course.episode import Answer, with_answers
from ruggespraak.fhir.cards.card import Card, Kind, Suggestion, says, section, summary
from ruggespraak.fhir.cards.record import Record, alarm_detail, because, detail, instead, kind_of_complaint, still_open
from ruggespraak.fhir.cards.services import NEEDED
from ruggespraak.pathway.numbers import CHRONIC_FROM
from ruggespraak.pathway.texts import long_date, text

SHOWN = {Verdict.WORSE: "warning", Verdict.SLOWER: "info"}
ALARMS_STAND_IN = ("observations", "answers")
TOLD = (*NEEDED, "answers")
"""Where it stands whether there is a complaint of the back, and what was asked about it."""
OVERDUE = timedelta(days=int(CHRONIC_FROM))  # for so long a review that nobody did is shown (own choice)


def patient_view(record: Record) -> tuple[Card, ...]:
    """What to know of this patient now. While somebody must look within days, nothing else is said."""
    if not record.back:
        return not_looked_up(record)
    if found := alarm_card(record):
        return (found,) if record.urgent else (found, *_given(_deviation(record), _review(record)))
    asks = _alarms_not_asked(record)
    return _given(asks, _deviation(record), None if asks else _review(record))


def _given(*cards: Card | None) -> tuple[Card, ...]:
    return tuple(one for one in cards if one)


def not_looked_up(record: Record) -> tuple[Card, ...]:
    """Nothing of a back is known, and where it would stand could not be looked up: that is no good news."""
    return _given(_not_here(record, [key for key in TOLD if record.lacking.get(key)]))


def _not_here(record: Record, keys: Sequence[str]) -> Card | None:
    """These could not be looked up, so that nobody can say whether there is an alarm."""
    if not keys:
        return None
    what = ", ".join(says(f"data_{key}", record.lang) for key in keys)
    return Card(
        kind=Kind.NOT_LOOKED_UP,
        summary=summary(Kind.NOT_LOOKED_UP, record.lang, what=what),
        indicator="info",
        detail=detail(record, still_open(record) if record.back else []),
        label=record.label,
    )


def alarm_card(record: Record) -> Card | None:
    """An established alarm, or one that is feared because an answer stayed unclear."""
    if record.feared:
        return like_an_alarm(record, Kind.UNCLEAR)
    if record.alarms:
        return like_an_alarm(record, Kind.ALARM if record.urgent else Kind.ATTENTION)
    return None


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


def _alarms_not_asked(record: Record) -> Card | None:
    """There is a back complaint, and nobody ever asked what would make it urgent; or whether they did is not here."""
    case = record.case
    as_told = replace(case, answers={**record.lapsed, **case.answers})
    if not record.decision.unsaid or not decide(as_told, record.lang).unsaid:
        return None
    return _not_here(record, [key for key in record.missed if key in ALARMS_STAND_IN]) or Card(
        kind=Kind.ASK,
        summary=summary(Kind.ASK, record.lang),
        indicator="info",
        detail=detail(record, still_open(record), because(record)),
        label=record.label,
    )


def _deviation(record: Record) -> Card | None:
    """A course that is worse or slower than what was told before, and what the plan holds then."""
    found = deviation(_episode(record), record.case.on)
    if found.verdict not in SHOWN:
        return None
    lang = record.lang
    return Card(
        kind=Kind.DEVIATION,
        summary=summary(Kind.DEVIATION, lang, what=says(f"deviation_{found.reason}", lang)),
        indicator=SHOWN[found.verdict],
        detail=detail(record, instead(record), still_open(record), kind_of_complaint(record)),
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
    later, and that is not too long ago to be of use."""
    episode = _episode(record)
    milestone = deviation(episode, record.case.on).milestone
    if milestone is None or episode.onset is None or not record.answers:
        return None
    day = episode.onset + timedelta(days=milestone)
    asked_since = max(record.answers) >= day
    return None if asked_since or record.case.on - day > OVERDUE else (day, f"day_{milestone}")

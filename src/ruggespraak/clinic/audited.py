"""What a practice stored, as the tables that an audit is made of (``audit.records.TABLES``), in plain Python.

Nothing is decided here: an episode is what ``course`` makes of its facts, and a corrected fact counts as it should have
been, on its own day. The clinic stores no pictures, medicines or operations, nor what is known outside an episode:
those tables are not there, and nothing can be said of them. Nor does it see who else treats, or agree on a next contact
as a care giver does: the pathway dates every one (``ABSENT``).

Own choices. A contact is a day on which a care giver asked or looked, or on which the practice took a patient in. What
she tells later by herself is no look of anybody; but an alarm is, for it asks the practice to act that day. Complaints
that come back after recovery are an episode of their own. A record that is open to some care givers only is counted
with the others, for a count shows nobody; who sees the list behind the number is asked by the page. A patient who was
erased is left out, and counted.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from ruggespraak.clinic import record
from ruggespraak.clinic.models import Choice, Episode, Patient, Practice
from ruggespraak.clinic.roles import CARE_GIVERS
from ruggespraak.consult.case import UNCLEAR, plain
from ruggespraak.course import Answers, Contact, Event, HandOver, Relapse
from ruggespraak.course import Episode as Course
from ruggespraak.logic import Value
from ruggespraak.pathway.rules import Urgency

KEPT = ("persons", "episodes", "contacts", "referrals", "answers", "reasons")
ABSENT = ("reviews", "treatment")  # as in ``audit.measures``
SENT_TO = {
    "ambulance": "emergency",
    "emergency_department": "emergency",
    "oncologist": "hospital",
    "surgical_team": "hospital",
    "back_advice_centre": "pain_team",  # own choice: both are teams for pain that lasts
}
"""To whom a patient is handed over, in the words of the tables where those are others."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows of each table in ``KEPT``, by column. ``since``, ``until``: the days of which they tell.

    ``erased``: how many patients are left out because they were erased.
    """

    tables: Mapping[str, list[Row]]
    since: date
    until: date
    erased: int


def stored(practice: Practice, until: date) -> Stored:
    """All that this practice stored, up to and including today (``until``)."""
    tables: dict[str, list[Row]] = {name: [] for name in KEPT}
    patients = Patient.objects.filter(practice=practice)
    here = patients.exclude(key=b"").order_by("pk")
    tables["persons"] = [_person(one) for one in here]
    reasons = _reasons(practice)
    for row in Episode.objects.filter(patient__in=here).select_related("patient", "practice").order_by("pk"):
        for name, found in _of_episode(row, reasons.get(row.pk, {})):
            tables[name].append(found)
    since = min((row["start"] for row in tables["episodes"]), default=until)
    return Stored(tables, since, until, patients.filter(key=b"").count())


def clinic_s(episode: str) -> UUID:
    """The episode in the clinic that a row of the tables is of."""
    return UUID(episode.partition("/")[0])


def _person(patient: Patient) -> Row:
    practice, born = str(patient.practice_id), patient.who["born"]
    return {"person": str(patient.pk), "practice": practice, "birth_year": born, "sex": None, "died": None}


Reasons = Mapping[int, Mapping[str, date]]
"""By the number of a fact, and by advice: the day on which somebody wrote why they deviate from it."""


def _reasons(practice: Practice) -> Mapping[UUID, Reasons]:
    """Of each episode. Of several choices about one advice the last one counts."""
    found: dict[UUID, dict[int, dict[str, date]]] = defaultdict(lambda: defaultdict(dict))
    choices = Choice.objects.filter(decision__fact__episode__practice=practice).select_related("decision__fact")
    for one in choices.order_by("pk"):
        fact = one.decision.fact
        about = found[fact.episode_id][fact.number]
        about.pop(one.advice, None)
        if one.reason and not one.follows:
            about[one.advice] = one.decision.on
    return found


def _of_episode(row: Episode, reasons: Reasons) -> Iterator[tuple[str, Row]]:
    """Its rows, each with the name of its table."""
    episodes: dict[str, Row] = {}
    contacts: dict[tuple[str, date], Row] = {}
    answers: dict[tuple[str, date, str], list[Row]] = defaultdict(list)
    before = None
    for fact, event, now in record.steps(row):
        id = f"{row.pk}/{now.earlier_episodes + 1}"
        begun = {"episode": id, "person": str(row.patient_id), "start": now.opened, "icpc": None, "closed": None}
        episode = episodes.setdefault(id, begun)
        if not now.ended:
            episode["closed"] = None
        elif not (before and before.ended):
            episode["closed"] = event.on
        if _looked(fact.by, event, before, now):
            kind = row.practice.profession
            contacts[id, event.on] = {"episode": id, "date": event.on, "kind": kind, "number": 1, "review": None}
        if isinstance(event, HandOver):
            yield "referrals", {"episode": id, "date": event.on, "to": SENT_TO.get(event.to, event.to)}
        for finding, value, by in _told(event, before, now):
            of_day = answers[id, event.on, finding]
            if by == "clinician":
                of_day.clear()  # who asks her again that day has the last word, as in ``course``
            of_day.append({"episode": id, "date": event.on, "finding": finding, "value": value, "by": by})
        for advice, on in reasons.get(fact.number, {}).items():
            yield "reasons", {"episode": id, "date": on, "about": advice}
        before = now
    yield from (("episodes", one) for one in episodes.values())
    yield from (("contacts", one) for one in contacts.values())
    yield from (("answers", one) for of_day in answers.values() for one in of_day)


def _looked(by: str, event: Event, before: Course | None, now: Course) -> bool:
    """Whether the pathway decided on something new that a care giver knew of that day, or had to."""
    decided_before = len(before.decisions) if before else 0
    decided = len(now.decisions) > decided_before and isinstance(event, Answers | Contact | Relapse)
    alarm = now.alarm_open and now.concern >= Urgency.SAME_DAY
    return decided and (by in CARE_GIVERS or alarm or not decided_before)


def _told(event: Event, before: Course | None, now: Course) -> Iterator[tuple[str, str, str]]:
    """Finding, value and who said so: of answers, and what follows from it that complaints came back."""
    if isinstance(event, Answers):
        yield from ((finding, _text(value), event.answered_by) for finding, value in event.told.items())
        yield from ((finding, UNCLEAR, event.answered_by) for finding in sorted(event.unclear))
    elif before and now.earlier_episodes > before.earlier_episodes:
        yield from ((one.finding, _text(one.value), one.by) for one in now.answers if one.on == event.on)


def _text(value: Value) -> str:
    said = plain(value)
    return said if isinstance(said, str) else json.dumps(said)

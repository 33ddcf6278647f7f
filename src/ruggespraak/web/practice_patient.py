"""What the practice's page of one patient shows: worked out from the record, decided nowhere but in the pathway.

What was decided stands as it was stored. What is still to do (examine, ask, write a letter) is asked of what is known
today: time has passed since the last decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ruggespraak import course
from ruggespraak.clinic import record
from ruggespraak.clinic.models import Account, Choice, Episode, Fact
from ruggespraak.clinic.models import Decision as Stored
from ruggespraak.consult import Decision, decide, read_case
from ruggespraak.consult.explain import explain
from ruggespraak.course import Answers, EditionChanged, HandOver, Status
from ruggespraak.course.expected_course import GROUP, standings
from ruggespraak.documents.content import Document, Picture, Table
from ruggespraak.documents.letters import Person
from ruggespraak.documents.personal import soep
from ruggespraak.documents.result import result, sentence
from ruggespraak.documents.scores import SCORED, WITH_A_GROUP, course_plot, course_table
from ruggespraak.pathway.editions import DEFAULT, edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.numbers import ACUTE_TO
from ruggespraak.pathway.rules import Complaint, Recommendation, Urgency
from ruggespraak.pathway.texts import long_date, term, text, told, word

CHOSEN_IN = ("now", "today", "week", "later", "not_useful")
"""Sections of the plan in which something is done or left: of these a care giver says whether it is followed."""


# Words, said in the language of the request

REASONS = {
    "alarm": _("Alarm"),
    "not_confirmed": _("Not confirmed as arrived"),
    "deviates": _("Deviates"),
    "late": _("Late"),
    "due": _("Due today"),
}
"""Why somebody is on the worklist."""

VERDICTS = {
    "on_course": _("On course"),
    "slower": _("Slower than expected"),
    "worse": _("Worse"),
    "cannot_be_said": _("Cannot be said"),
}
"""How recovery goes, for a care giver."""

ADDRESSED = {
    "gp": _("GP"),
    "neurologist": _("Neurologist"),
    "rheumatologist": _("Rheumatologist"),
    "orthopaedist": _("Orthopaedist"),
    "pain_team": _("Pain team"),
    "back_advice_centre": _("Back advice centre"),
    "psychologist": _("Psychologist"),
    "physiotherapist": _("Physiotherapist"),
    "emergency_department": _("Emergency department"),
    "ambulance": _("Ambulance"),
    "oncologist": _("Oncologist"),
    "surgical_team": _("Team that operated"),
}
"""To whom a patient is handed over."""

EVENTS = {
    "answers": _("Answers"),
    "contact": _("Contact by phone"),
    "silence": _("No answer to the contact"),
    "recovery": _("Recovered"),
    "relapse": _("Complaints came back"),
    "edition": _("Decided under another edition"),
    "hand_over": _("Handed over"),
    "confirmed": _("Hand-over confirmed"),
}
"""What a fact is."""

BY = {
    "patient": _("patient"),
    "proxy": _("somebody else for the patient"),
    "clinician": _("care giver"),
    "gp": _("GP"),
    "physiotherapist": _("physiotherapist"),
    "nurse": _("practice nurse"),
    "system": _("automatically"),
}
"""Who told or did it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the advice, and what the care giver did with it."""

    id: str
    text: str
    for_clinician: bool
    chosen: str = ""  # "follow", "deviate" or nothing yet
    reason: str = ""


class Opened:
    """One episode on one day, in one language. Raises ErasedError."""

    def __init__(self, row: Episode, lang: str, today: date) -> None:
        self.row, self.lang, self.today = row, lang, today
        self.who = row.patient.who
        self.now = record.replayed(row)
        self.case = course.case_on(self.now, today)
        self.decision = decide(self.case, lang)

    @cached_property
    def stored(self) -> list[Stored]:
        """Every decision, oldest first."""
        found = Stored.objects.filter(fact__episode=self.row).select_related("fact__episode__patient")
        return list(found.order_by("fact__number"))

    @cached_property
    def last(self) -> Decision:
        """The last decision as it was made; in the other language it is made again of the same case."""
        return decide(read_case(record.known(self.stored[-1])["case"]), self.lang) if self.stored else self.decision

    @property
    def about(self) -> Person:
        """Whom a letter is about."""
        return Person(self.who["name"], self.who["born"])

    @property
    def radicular(self) -> bool:
        """Whether there is surgery to weigh."""
        return Complaint.RADICULAR in (self.decision.complaint, self.decision.also)

    @property
    def to_send_on(self) -> bool:
        """A physiotherapist has an alarm, or an unclear one, that no doctor has looked at: the GP must know."""
        mine = self.row.practice.profession == "physiotherapist"
        return mine and self.now.alarm_open and self.now.status is Status.OPEN

    def document(self) -> Document:
        """The last decision in words, with its sources."""
        return result(self.last, self.lang, "clinician")

    # How it goes

    def verdict(self) -> dict[str, Any]:
        """Whether recovery is on course, for the care giver and as the patient reads it."""
        found = course.deviation(self.now, self.today)
        says = [text("recovery", f"deviation_{found.reason}", "says", self.lang)]
        says += [one.words(self.lang) for one in standings(self.now, self.today)]
        return {"name": VERDICTS[str(found.verdict)], "day": found.day, "says": list(dict.fromkeys(says))}

    def plot(self) -> tuple[Picture, Table] | None:
        """The scores over time beside the group's, where there are any."""
        scores = {id: [(day, _score(value)) for day, value in self.now.said(id)] for id in SCORED}
        scores = {id: listed for id, listed in scores.items() if listed}
        if not scores:
            return None
        onset = self.now.onset
        band = self._band(scores.get(WITH_A_GROUP, []), onset)
        return (
            course_plot(scores, onset, self.today, self.lang, band),
            course_table(scores, onset, self.today, self.lang),
        )

    def _band(self, listed: list[tuple[date, float]], onset: date | None) -> course.Curve | None:
        """A group's course, for pain that came to us while it was acute: of later pain no source has the same."""
        if not listed or onset is None or self.now.decision is None or (listed[0][0] - onset).days > float(ACUTE_TO):
            return None
        curves = course.expected(self.now.decision.complaint, self.now.edition)
        return next((curve for curve in curves if curve.id == GROUP[WITH_A_GROUP]), None)

    # What was told

    def answers(self) -> dict[str, list[str]]:
        """Known, denied, not known and not asked: four apart, so that no silence reads as a no."""
        said, lang = self.case.answers, self.lang
        given = {one.finding: one for one in self.now.answers}
        known = [
            f"{told(VOCABULARY[id], said[id], lang, 'clinician')} ({BY[given[id].by]}, {short(given[id].on)})"
            for id in VOCABULARY
            if id in said and said[id] is not False
        ]
        return {
            "known": [sentence(one) for one in known],
            "denied": [term(id, lang) for id in VOCABULARY if said.get(id) is False],
            "unclear": [term(id, lang) for id in VOCABULARY if id in self.case.unclear],
            "not_asked": [term(id, lang) for id in self.decision.ask],
        }

    def soep(self) -> str:
        """The lines for the record. What was examined stands under O, and nowhere else."""
        found = {id: value for id, value in self.case.answers.items() if VOCABULARY[id].who == CLINICIAN}
        rest = {id: value for id, value in self.case.answers.items() if id not in found}
        lines = soep(replace(self.case, answers=rest), self.decision, self.lang)
        if found:
            says = "; ".join(told(VOCABULARY[id], value, self.lang, "clinician") for id, value in found.items())
            lines = [f"O: {sentence(says)}." if line.startswith("O:") else line for line in lines]
        return "\n".join(lines)

    # The advice

    def plan(self) -> list[Line]:
        """The lines of which the care giver says what was done, those for the care giver first."""
        if not self.stored:
            return []
        here = edition(self.last.edition.partition("@")[0])
        chosen = self.choices()
        lines = []
        for one in self.last.plan:
            rule = here.rule(one.id)
            assert isinstance(rule, Recommendation)
            if one.section in CHOSEN_IN:
                lines.append(Line(one.id, one.text, rule.audience == "clinician", *chosen.get(one.id, ("", ""))))
        return sorted(lines, key=lambda line: not line.for_clinician)

    def choices(self) -> dict[str, tuple[str, str]]:
        """What was chosen with the last decision, by advice; of several choices the last one counts."""
        if not self.stored:
            return {}
        rows = Choice.objects.filter(decision=self.stored[-1]).order_by("id")
        rows = rows.select_related("decision__fact__episode__patient")
        return {row.advice: ("follow" if row.follows else "deviate", record.reason_of(row)) for row in rows}

    # Over time

    def decided(self) -> list[dict[str, Any]]:
        """Every decision, the newest first: what it said, why, whether it is made again, what an edition changed."""
        found, before = [], None
        for row in self.stored:
            kept = record.known(row)
            case, said = read_case(kept["case"]), kept["decision"]
            changed = before is not None and before[1] != row.edition
            found.append(
                {
                    "on": long_date(row.on, self.lang),
                    "edition": row.edition,
                    "urgency": sentence(word(f"urgency.{said['urgency']}.name", self.lang)),
                    "complaint": word(f"complaint.{said['complaint']}.term", self.lang),
                    "same": _made_again(row),
                    "why": self._explained(kept["explanation"] if self.lang == record.LANG else explain(case, "en")),
                    "changes": changes(decide(before[0], self.lang), decide(case, self.lang), self.lang)
                    if before is not None and changed
                    else None,
                }
            )
            before = (case, row.edition)
        return found[::-1]

    def _explained(self, explanation: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
        """Alarms, arguments for and against, and what would change it: a title and lines each."""
        lang = self.lang
        made = [(_("Alarms that stand"), [f"{one['name']}: {one['rule']}" for one in explanation["alarms"]])]
        for complaint, one in explanation["arguments"].items():
            name = sentence(word(f"complaint.{complaint}.term", lang))
            lines = [
                f"{word(f'word.{side}', lang)}: {'; '.join(_said(said, lang) for said in one[side])}"
                for side in ("for", "against")
                if one[side]
            ]
            made.append((name, lines))
        would = [
            f"{word('urgency.' + one['to'] + '.name', lang)}: {'; '.join(one['if'])}"
            for one in explanation["would_change"]
        ]
        made.append((sentence(word("word.would_change", lang)), would))
        return [(title, lines) for title, lines in made if lines]

    def happened(self) -> list[dict[str, Any]]:
        """Every fact, the newest first. Answers that count as they were given can be corrected."""
        happened = record.history(self.row)
        people = Account.objects.in_bulk({one.fact.author_id for one in happened if one.fact.author_id})
        return [
            {
                "number": one.fact.number,
                "on": short(one.fact.on),
                "by": BY[one.fact.by],
                "author": people[one.fact.author_id].name if one.fact.author_id else "",
                "what": self._what(one),
                "corrected": one.corrected,
                "correctable": one.fact.name == "answers" and one.fact.corrects_id is None and not one.corrected,
            }
            for one in reversed(happened)
        ]

    def _what(self, one: record.Happened) -> str:
        event = one.event
        says = what_happened(one, self.lang)
        if isinstance(event, Answers):
            answers = [told(VOCABULARY[id], value, self.lang, "clinician") for id, value in event.told.items() if value]
            says = f"{says} ({len(event.told) + len(event.unclear)}): {'; '.join(answers)}" if answers else says
        return f"{_('Correction')}: {says}" if one.fact.corrects_id else says

    # Another edition

    @property
    def outdated(self) -> bool:
        """Whether the newest edition has not decided here yet."""
        newest = edition(DEFAULT)
        return bool(self.stored) and self.stored[-1].edition != f"{newest.id}@{newest.version}" and not self.now.ended

    def under_the_newest(self) -> list[tuple[str, str, str]]:
        """What the newest edition would say differently of what is known today."""
        same_answers = course.case_on(self.now, self.today, renew=False)
        after = decide(replace(same_answers, edition=DEFAULT), self.lang)
        return changes(decide(same_answers, self.lang), after, self.lang)


def what_happened(one: record.Happened, lang: str) -> str:
    """What a fact is, in the words of the practice; what was answered is not in it."""
    event = one.event
    if isinstance(event, HandOver):
        return f"{EVENTS[one.fact.name]}: {ADDRESSED.get(event.to, event.to)}"
    if isinstance(event, EditionChanged):
        return f"{EVENTS[one.fact.name]}: {edition(event.edition).title[lang]}"
    if isinstance(event, course.Contact) and event.seen:
        return gettext("Seen and examined")
    return str(EVENTS[one.fact.name])


def changes(before: Decision, after: Decision, lang: str) -> list[tuple[str, str, str]]:
    """What differs between two decisions: what, before, after; of the advice a line each."""

    def lines(one: Decision, other: Decision) -> str:
        return "\n".join(advice.text for advice in one.plan if advice.id not in {line.id for line in other.plan})

    def said(one: Decision, other: Decision) -> dict[str, str]:
        return {
            _("Urgency"): word(f"urgency.{one.urgency}.name", lang),
            _("Complaint"): word(f"complaint.{one.complaint}.term", lang),
            _("Picture"): word(f"imaging.{'none' if one.imaging is None else one.imaging}", lang),
            _("Referral"): "; ".join(word(f"addressee.{refer.to}", lang) for refer in one.refer),
            _("Next look"): long_date(one.review.on, lang),
            _("Advice"): lines(one, other),
        }

    was, now = said(before, after), said(after, before)
    return [(what, was[what] or "–", now[what] or "–") for what in was if was[what] != now[what]]


def _made_again(row: Stored) -> str:
    try:
        stored, again = record.made_again(row)
    except record.EditionGoneError:
        return _("this version of the edition is no longer here")
    return _("the same") if stored == again else _("not the same")


def _score(value: Any) -> float:
    return float(value)


def _said(one: Mapping[str, Any], lang: str) -> str:
    finding, value = VOCABULARY[one["finding"]], one["value"]
    if isinstance(value, bool):
        return f"{one['term']} ({word('word.yes' if value else 'word.no', lang)})"
    return told(finding, finding.accept(value), lang, "clinician")


def short(day: date) -> str:
    """The day in figures."""
    return f"{day.day}-{day.month}-{day.year}"


def light(row: Episode) -> course.Episode:
    """The episode with no more than the worklist keeps in the clear: why, and how the contact is made."""
    return course.Episode(
        id=str(row.id), opened=row.opened, status=Status(row.status), concern=Urgency(row.concern),
        seen=not row.alarm_open, next_contact=row.next_contact, why=row.why, missed=row.missed,
    )  # fmt: skip


def late(row: Episode, today: date) -> str:
    """How many days the contact is late, in words."""
    days = (today - row.next_contact).days if row.next_contact else 0
    if days <= 0:
        return ""
    return _("1 day late") if days == 1 else _("%(n)s days late") % {"n": days}


def listed(items: Iterable[str]) -> str:
    """Some terms on one line."""
    line = "; ".join(items)
    return f"{sentence(line)}." if line else "–"


def fact_of(row: Episode, number: int) -> record.Happened | None:
    """These answers, where they can be corrected."""
    found = Fact.objects.filter(episode=row, number=number, name="answers").first()
    one = next((one for one in record.history(row) if found and one.fact.pk == found.pk), None)
    return one if one and not one.corrected and one.fact.corrects_id is None else None

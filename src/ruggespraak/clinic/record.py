"""Writing in the record, and reading it: an episode is what ``course`` makes of its facts, every time anew.

A fact is added in one transaction that holds the episode: its number, its decision and where the episode then stands
are written together or not at all. Nothing is changed afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from ruggespraak import course
from ruggespraak.clinic.database import empty_journal
from ruggespraak.clinic.facts import NAMES, content_of, event_of
from ruggespraak.clinic.models import Account, Choice, Decision, Episode, Fact, Patient, Practice, Reminder
from ruggespraak.clinic.roles import CARE_GIVERS
from ruggespraak.clinic.sealing import ErasedError, canonical, new_key
from ruggespraak.consult import Case, as_json, decide, read_case
from ruggespraak.consult.explain import explain
from ruggespraak.course import Contact, EditionChanged, Event
from ruggespraak.pathway.editions import DEFAULT, edition

LANG = "nl"  # of a stored decision: the record is the practice's
log = logging.getLogger(__name__)


class CorrectionError(ValueError):
    """This fact cannot be corrected in this way."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One fact as it counts now: its row, the event that it stands for, and whether a later fact corrected it."""

    fact: Fact
    event: Event
    corrected: bool


def new_patient(practice: Practice, identity: dict[str, Any], on: date) -> Patient:
    """A patient with a key of her own. ``identity``: name, born (year), email and lang."""
    patient = Patient(practice=practice, since=on)
    patient.key = new_key(str(patient.id))
    patient.identity = patient.seal("identity", identity)
    patient.save()
    return patient


def open_episode(patient: Patient, on: date) -> Episode:
    """A new episode of this patient; somebody asks the first questions today."""
    row = Episode(patient=patient, practice=patient.practice, opened=on)
    _stand(row, course.open_episode(str(row.id), on, DEFAULT))
    row.save()
    return row


def held(episode: Episode) -> Episode:
    """The episode as it is now, and its patient: nobody else writes in it, or erases her, until the transaction ends.

    The patient first, then the episode: who holds more than one row holds them in that order, and the end of the access
    log last. Without the keys of the rows: who only refers to a row does not wait for it. Raises ErasedError.
    """
    patient = Patient.objects.select_for_update(no_key=True).get(pk=episode.patient_id)
    if patient.erased:
        raise ErasedError(str(patient.pk))
    found = Episode.objects.select_for_update(no_key=True).get(pk=episode.pk)
    found.patient = patient
    return found


def add(episode: Episode, event: Event, by: str, author: Account | None = None) -> Fact:
    """One more fact; what the pathway decides on it is stored with it. Raises EventOrderError and ErasedError."""
    return _write(episode, event, by, author, event.on, None)


def correct(fact: Fact, event: Event, by: str, today: date, author: Account | None = None) -> Fact:
    """The fact as it should have been. It is decided again, today; what was decided before stays as it was.

    ``event`` has the date of the fact that it corrects. Only a care giver corrects: what a patient says differently
    later is a new answer, and cannot make an alarm disappear.
    """
    if by not in CARE_GIVERS:
        raise CorrectionError(f"{by} cannot correct a fact: add a new one")
    if NAMES[type(event)] != fact.name or event.on != fact.on:
        raise CorrectionError(f"{fact.name} of {fact.on} can only be corrected by {fact.name} of that day")
    if fact.corrects is not None or fact.corrected_by.exists():
        raise CorrectionError("correct the latest form of a fact")
    return _write(fact.episode, event, by, author, today, fact)


@transaction.atomic
def _write(episode: Episode, event: Event, by: str, author: Account | None, on: date, corrects: Fact | None) -> Fact:
    row = held(episode)
    number = row.facts_so_far + 1
    fact = Fact(
        episode=row,
        number=number,
        on=on,
        by=by,
        author=author,
        name=NAMES[type(event)],
        content=row.patient.seal(f"fact {number}", content_of(event)),
        corrects=corrects,
    )
    if corrects is None:
        before = replayed(row)
        after = course.step(before, event)
        decided = len(after.decisions) > len(before.decisions)
    else:
        after, decided = _folded(row, [*_rows(row), fact]), True
    row.facts_so_far = number
    _stand(row, after)
    row.save()
    fact.save()
    if decided:
        case = course.case_on(after, on, renew=not isinstance(event, EditionChanged))
        _decided(fact, case, on)
    episode.refresh_from_db()
    return fact


def _decided(fact: Fact, case: Case, on: date) -> None:
    content = {"case": as_json(case), "decision": decide(case, LANG).as_json(), "explanation": explain(case, LANG)}
    here = edition(case.edition)
    Decision.objects.create(
        fact=fact,
        on=on,
        edition=f"{here.id}@{here.version}",
        content=fact.episode.patient.seal(f"decision {fact.number}", content),
    )


def _stand(row: Episode, now: course.Episode) -> None:
    """Where the episode stands now, for the worklist."""
    row.status = str(now.status)
    row.concern = int(now.concern)
    row.alarm_open = now.alarm_open
    row.verdict = str(course.deviation(now, now.last).verdict)
    row.next_contact = now.next_contact
    row.why = now.why
    row.missed = now.missed


# Reading


def replayed(episode: Episode) -> course.Episode:
    """The episode as ``course`` makes it of its facts. Raises ErasedError."""
    return _folded(episode, _rows(episode))


def history(episode: Episode) -> list[Happened]:
    """Every fact in its order, each as it counts now. Raises ErasedError."""
    rows = _rows(episode)
    replaced = {row.corrects_id: row for row in rows if row.corrects_id}
    return [Happened(row, _event(row), row.pk in replaced) for row in rows]


def _rows(episode: Episode) -> list[Fact]:
    return list(episode.facts.select_related("episode__patient").order_by("number"))


def steps(episode: Episode) -> Iterator[tuple[Fact, Event, course.Episode]]:
    """Each fact, the event as which it counts now, and how the episode stood after it. Raises ErasedError."""
    return _steps(episode, _rows(episode))


def _folded(episode: Episode, rows: list[Fact]) -> course.Episode:
    now = course.open_episode(str(episode.id), episode.opened, DEFAULT)
    for _fact, _event, after in _steps(episode, rows):
        now = after
    return now


def _steps(episode: Episode, rows: list[Fact]) -> Iterator[tuple[Fact, Event, course.Episode]]:
    now = course.open_episode(str(episode.id), episode.opened, DEFAULT)
    for row, event in zip(rows, _as_it_counts(rows), strict=True):
        now = course.step(now, event)
        yield row, event, now


def _as_it_counts(rows: list[Fact]) -> Iterator[Event]:
    """Each event in its place, corrected ones as they should have been; a correction itself is a contact."""
    corrections = {row.corrects.number: row for row in rows if row.corrects}
    for row in rows:
        if row.corrects:
            yield Contact(row.on)
        else:
            yield _event(corrections.get(row.number, row), row.on)


def _event(row: Fact, on: date | None = None) -> Event:
    content = row.episode.patient.unseal(f"fact {row.number}", row.content)
    return event_of(row.name, on or (row.corrects.on if row.corrects else row.on), content)


def known(decision: Decision) -> dict[str, Any]:
    """The case, the decision and the explanation as they were stored. Raises ErasedError."""
    found: dict[str, Any] = decision.fact.episode.patient.unseal(f"decision {decision.fact.number}", decision.content)
    return found


def made_again(decision: Decision) -> tuple[bytes, bytes]:
    """The decision as it was stored, and as its own edition makes it again of the same case: the same bytes.

    Raises EditionGoneError where that version of the edition is no longer here, and ErasedError.
    """
    stored = known(decision)
    case = read_case(stored["case"])
    here = edition(case.edition)
    if f"{here.id}@{here.version}" != decision.edition:
        raise EditionGoneError(f"{decision.edition} is no longer here: {here.id} is at {here.version}")
    return canonical(stored["decision"]), canonical(decide(case, LANG).as_json())


class EditionGoneError(LookupError):
    """The version of the edition that decided is not part of this software any more."""


def choose(
    decision: Decision, advice: str, follows: bool, reason: str, by: str, author: Account | None = None
) -> Choice:
    """A care giver follows this piece of advice, or deviates from it and says why. Raises ErasedError."""
    return Choice.objects.create(
        decision=decision,
        advice=advice,
        follows=follows,
        reason=decision.fact.episode.patient.seal(_choice(decision, advice), reason) if reason else b"",
        by=by,
        author=author,
    )


def reason_of(choice: Choice) -> str:
    """Why it was chosen so; empty where nothing was said. Raises ErasedError."""
    decision = choice.decision
    if not choice.reason:
        return ""
    return str(decision.fact.episode.patient.unseal(_choice(decision, choice.advice), choice.reason))


def _choice(decision: Decision, advice: str) -> str:
    return f"choice {decision.fact.number} {advice}"


# Erasing


@transaction.atomic
def erase(patient: Patient) -> None:
    """Destroys the patient's key, where her episodes stand, her reminders and by which name others know her: nothing
    is left about who she was.

    What is counted survives in the clear: what kind of thing happened on which day and who did it, and which advice
    was followed. The server's log says so by her random id: who restores an older backup erases her anew.
    """
    row = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    row.key, row.identity, row.account = b"", b"", None
    row.save()
    row.only_for.clear()
    row.elsewhere.all().delete()
    Reminder.objects.filter(episode__patient=row).delete()
    row.episodes.update(
        status=str(course.Status.CLOSED),
        concern=0,
        alarm_open=False,
        verdict=str(course.Verdict.UNKNOWN),
        next_contact=None,
        why=None,
        missed=0,
    )
    patient.refresh_from_db()
    transaction.on_commit(empty_journal)  # where somebody reads, that is tried again: ``upkeep``
    transaction.on_commit(lambda: log.info("erased", extra={"patient": str(patient.pk)}))

"""The access log, after NEN 7513: who did what with whose record, when, in which role, from where, and why.

Rows are only added, in one chain: each holds the hash of the one before it. The row that says where the chain ends is
held while a row is added, so two writers cannot both continue from the same place. ``verify`` reads the whole chain;
its last hash, written down elsewhere, shows that nothing was cut off afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ruggespraak.clinic.models import LogHead, LogRow, Patient
from ruggespraak.clinic.sealing import canonical

KEPT_FOR = timedelta(days=5 * 366)
"""At least five years from writing (Stcrt. 2019, 38007); the database refuses to delete a younger row."""
LATER = timedelta(days=1)  # we wait a day longer: the clock of the database may differ from ours
AT_ONCE = 2000  # rows that are read or deleted at a time


class What(StrEnum):
    """What happened."""

    READ = "read"
    WRITE = "write"
    EXPORT = "export"
    ERASE = "erase"
    EMERGENCY = "emergency"  # a record was opened that was not open to this care giver
    SIGN_OFF = "sign_off"  # the privacy officer judged that
    ACCESS = "access"  # who may open a record, or who works here, was changed
    REFUSED = "refused"
    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    OPERATOR = "operator"  # backup, restore, move, upgrade, retention, the legal check


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``role``: of a practice, or patient, proxy, system or operator. ``address``: the care giver's network
    address; a patient's is not written down. ``emergency``: within a record that was opened in an emergency."""

    role: str
    account: UUID | None = None
    practice: UUID | None = None
    address: str = ""
    emergency: bool = False


SYSTEM, OPERATOR = Actor("system"), Actor("operator")


@transaction.atomic
def note(
    what: What,
    by: Actor,
    page: str = "",
    patients: Iterable[Patient] = (),
    reason: str = "",
    about: int | None = None,
) -> int:
    """Adds a row for each of these patients, or one about nobody; the number of the last one.

    In the transaction of the caller, where there is one: a write and its row stand or fall together. Call it last
    there: until that transaction ends, nobody else can add a row.
    ``reason``: free text, sealed with the patient's key. ``about``: the number of the row that this one judges.
    """
    head = LogHead.objects.select_for_update().get(pk=1)
    number, previous, now = head.number, bytes(head.hash), timezone.now()
    rows = []
    for patient in tuple(patients) or (None,):
        number += 1
        row = LogRow(
            number=number, at=now, event=str(what), page=page, account=by.account, role=by.role,
            practice=by.practice or (patient.practice_id if patient else None), patient=patient.pk if patient else None,
            address=by.address, emergency=by.emergency, about=about, previous=previous,
            reason=patient.seal(f"log {number}", reason) if patient and reason else b"",
        )  # fmt: skip
        row.hash = previous = _hash(row)
        rows.append(row)
    LogRow.objects.bulk_create(rows)
    LogHead.objects.filter(pk=1).update(number=number, hash=previous)
    return number


def _hash(row: LogRow) -> bytes:
    """Over everything that the row says, and the hash of the row before it."""
    told: dict[str, Any] = {
        "number": row.number,
        "at": row.at.isoformat(),
        "event": row.event,
        "page": row.page,
        "account": str(row.account or ""),
        "role": row.role,
        "practice": str(row.practice or ""),
        "patient": str(row.patient or ""),
        "address": row.address,
        "emergency": row.emergency,
        "about": row.about,
        "reason": bytes(row.reason).hex(),
    }
    return sha256(bytes(row.previous) + canonical(told)).digest()


# Reading


def of_patient(patient: Patient) -> QuerySet[LogRow]:
    """Every row about this patient, the newest first."""
    return LogRow.objects.filter(patient=patient.pk).order_by("-number")


def of_practice(practice: UUID) -> QuerySet[LogRow]:
    """Every row of this practice, the newest first."""
    return LogRow.objects.filter(practice=practice).order_by("-number")


def reason_of(row: LogRow, patient: Patient) -> str:
    """The reason that was given, if any. Raises ErasedError."""
    return str(patient.unseal(f"log {row.number}", row.reason)) if row.reason else ""


def midnight(day: date) -> datetime:
    """When this day begins in the Netherlands."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))


# Verifying


class BrokenLogError(ValueError):
    """The chain is broken: it says at which row, and how."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain that is whole: how many rows, the number of the last one, and the hash to write down elsewhere."""

    rows: int
    number: int
    hash: str


def verify(known: tuple[int, str] | None = None) -> Verified:
    """Reads the whole chain. ``known``: a number and a hash that were written down before, which it must still hold.

    Raises BrokenLogError.
    """
    head = LogHead.objects.get(pk=1)
    number, previous, rows = head.begins_after, bytes(head.begins_with), 0
    found = known is None or known == (number, previous.hex())
    for row in LogRow.objects.order_by("number").iterator(AT_ONCE):
        number += 1
        if row.number != number:
            raise BrokenLogError(f"row {number} is missing; the next one is {row.number}")
        if bytes(row.previous) != previous:
            raise BrokenLogError(f"row {number} does not follow from the row before it")
        if bytes(row.hash) != _hash(row):
            raise BrokenLogError(f"row {number} was changed: its hash does not fit what it says")
        previous, rows = bytes(row.hash), rows + 1
        found = found or known == (number, previous.hex())
        if number == head.number:
            break  # what is added while we read is verified the next time
    if (number, previous) != (head.number, bytes(head.hash)):
        raise BrokenLogError(f"the chain ends at row {number}, and should end at row {head.number}")
    if not found:
        assert known
        raise BrokenLogError(f"row {known[0]} no longer has the hash that was written down: {known[1]}")
    return Verified(rows, number, previous.hex())


# Retention


@transaction.atomic
def forget() -> int:
    """Deletes rows that are older than the law asks for; the chain then begins after them. How many."""
    head = LogHead.objects.select_for_update().get(pk=1)
    young = LogRow.objects.filter(at__gte=timezone.now() - KEPT_FOR - LATER).order_by("number").first()
    last = LogRow.objects.filter(number__lt=young.number if young else head.number + 1).order_by("number").last()
    if last is None:
        return 0
    LogHead.objects.filter(pk=1).update(begins_after=last.number, begins_with=bytes(last.hash))
    deleted: int = LogRow.objects.filter(number__lte=last.number).delete()[0]
    return deleted

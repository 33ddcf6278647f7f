"""Who looked in a record, as its patient may read it: NEN 7513's view for patients, from the access log.

Who, in which role and of which practice; what they did; in an emergency or not, why, and whether the privacy officer
judged that. The newest first; equal rows of one day are one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from ruggespraak.clinic import log
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Account, Emergency, LogRow, Patient, Practice

LISTED = "listed"  # she stood on a worklist that somebody read: less than reading her record
WORKLIST = "worklist"  # the page of which that is so


@dataclass(frozen=True, slots=True)
class Look:
    """What one person did on one day. ``times``: so many times, ``last`` the last of them; ``name``: of a care giver.

    ``why``: of the emergency, ``judged``: when the privacy officer signed it off.
    """

    last: datetime
    times: int
    role: str
    name: str
    practice: str
    did: str
    emergency: bool
    why: str
    judged: date | None

    def as_json(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {
            "on": self.last.date().isoformat(),
            "last": self.last.isoformat(timespec="minutes"),
            "times": self.times,
            "role": self.role,
            "name": self.name,
            "practice": self.practice,
            "did": self.did,
            "emergency": self.emergency,
            "why": self.why,
            "judged": self.judged and self.judged.isoformat(),
        }


def looked(patient: Patient, since: date | None = None, until: date | None = None) -> list[Look]:
    """Who looked, from the first of these days to the last. Raises ErasedError where a reason can be read no more."""
    rows = log.of_patient(patient)
    if since:
        rows = rows.filter(at__gte=log.midnight(since))
    if until:
        rows = rows.filter(at__lt=log.midnight(until + timedelta(days=1)))
    people = Account.objects.in_bulk({row.account for row in rows if row.account})
    places = Practice.objects.in_bulk({row.practice for row in rows if row.practice})
    emergencies = _Emergencies(patient)
    found: dict[tuple[Any, ...], Look] = {}
    for row in rows:
        at, did = timezone.localtime(row.at), LISTED if (row.event, row.page) == (What.READ, WORKLIST) else row.event
        emergency = emergencies.of(row)
        key = (at.date(), row.account, row.role, row.practice, did, row.emergency, emergency and emergency.pk)
        if key in found:
            found[key] = replace(found[key], times=found[key].times + 1)
            continue
        person, place = people.get(row.account), places.get(row.practice)
        found[key] = Look(
            last=at,
            times=1,
            role=row.role,
            name=person.name if person else "",
            practice=place.name if place else "",
            did=did,
            emergency=emergency is not None,
            why=emergencies.why(emergency),
            judged=timezone.localdate(emergency.signed_at) if emergency and emergency.signed_at else None,
        )
    return list(found.values())


class _Emergencies:
    """In which emergency of this patient a row of the log belongs, and why that was."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.all = list(patient.emergencies.order_by("-at"))
        self.rows = LogRow.objects.in_bulk({one.row for one in self.all})

    def of(self, row: LogRow) -> Emergency | None:
        return next((one for one in self.all if row.number == one.row or (row.emergency and _within(row, one))), None)

    def why(self, emergency: Emergency | None) -> str:
        row = self.rows.get(emergency.row) if emergency else None
        return log.reason_of(row, self.patient) if row else ""


def _within(row: LogRow, emergency: Emergency) -> bool:
    began = emergency.row <= row.number
    return row.account == emergency.account_id and began and row.at <= emergency.until

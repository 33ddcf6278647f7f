"""Findings out of somebody else's resources: FHIR R4, as they are sent, with where each came from and when.

Who reads this must be able to trust two things. No "no" comes out of anything but an explicit answer: a problem that is
refuted, over or not on the list, a medicine not taken, an empty value, an error and a code that nobody mapped leave the
question open. And nothing that is wrong somewhere hides an alarm elsewhere: what cannot be used is passed over, with
its place and the reason, and the rest is read.

Of the codes of others (``pathway/codes``) only those that say a finding itself establish it; the rest are hints. A
number counts in its unit, or not at all. ``gender`` is what an administration needs, and no sex at birth. The start of
a problem on a list is not read as the start of this pain: it would make new pain old, and set alarms aside.

Dutch resources are read as zib2020 for R4 has them (Nictiz, nl-core 0.12 beta), where that differs from plain R4:
ICPC-1 under its OSI number, the pain score (of no place in particular: a hint), a pregnancy (a hint: its code also
names one that is over), ``ext-StopType`` on a medicine, SNOMED CT's word for a refuted problem, and medicines in a
Medication of their own. Profiles are not asked for: who leaves out ``meta.profile`` is read the same way.

The way of a GP's code: ``unpack`` takes the Condition out of what was sent, ``whose`` says that it is this patient's,
``records.condition`` looks its code up in ``pathway/codes`` and tells ``heard`` what it says or that it is a reason to
ask, and ``newest`` weighs it against all else that was heard. ``answers`` does the same for Observations and
questionnaires, with ``values`` for units and answers; ``origin`` is what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from ruggespraak.course.answers import signs
from ruggespraak.fhir.read.answers import observation, response
from ruggespraak.fhir.read.heard import Entry, Heard
from ruggespraak.fhir.read.newest import settle
from ruggespraak.fhir.read.origin import Found, Hint, Origin, Reading, Subject
from ruggespraak.fhir.read.records import (
    condition,
    medication_request,
    medication_statement,
    order_of,
    procedure,
    service_request,
)
from ruggespraak.fhir.read.unpack import resources_in, unpacked
from ruggespraak.fhir.read.whose import mine, patient_said

__all__ = ["Found", "Hint", "Origin", "Reading", "Subject", "order_of", "read", "resources_in"]

KINDS: Mapping[str, Callable[[Entry, Heard], None]] = {
    "Condition": condition,
    "MedicationRequest": medication_request,
    "MedicationStatement": medication_statement,
    "Observation": observation,
    "Procedure": procedure,
    "QuestionnaireResponse": response,
    "ServiceRequest": service_request,
}
NOTHING_TO_READ = frozenset(
    {
        # what we decided ourselves, and what was made of it
        "CarePlan", "Communication", "GuidanceResponse", "Provenance", "RiskAssessment",
        # who and where, and what others refer to
        "AuditEvent", "CareTeam", "Device", "Encounter", "EpisodeOfCare", "Location", "Medication", "Organization",
        "Patient", "Practitioner", "PractitionerRole", "RelatedPerson",
    }
)  # fmt: skip


def read(resources: Iterable[object], on: date) -> Reading:
    """What these resources (and bundles of them) say on this day. Whatever they are, this does not raise."""
    heard = Heard(on)
    entries = unpacked(resources, heard)
    for entry in entries:
        heard.others |= {name: entry for name in (entry.place, entry.url) if name}
    patient, of_this_person = mine(entries, KINDS, heard)
    subject = patient_said(patient, heard) if patient else None
    for entry in of_this_person:
        if entry.kind in KINDS:
            KINDS[entry.kind](entry, heard)
        elif entry.kind == "OperationOutcome":
            heard.pass_over(entry.place, "an error instead of a resource", "a FHIR resource")
        elif entry.kind not in NOTHING_TO_READ:
            heard.not_read[entry.kind] += 1
    settled = settle(heard.said, heard.hints, on)
    alarms = signs()
    again = [one for one in settled.stale if one.value is not None and alarms.alarming(one.finding, one.value)]
    heard.hints += [Hint(finding=one.finding, origin=one.origin) for one in again]
    return Reading(
        on=on,
        found=settled.found,
        conflicts=settled.conflicts,
        older=settled.older,
        stale=settled.stale,
        hints=_still_to_ask(heard.hints, settled.found),
        passed=heard.all_passed(),
        subject=subject,
    )


def _still_to_ask(hints: Iterable[Hint], found: Mapping[str, Found]) -> tuple[Hint, ...]:
    """Without the hints about what was answered since."""
    return tuple(dict.fromkeys(hint for hint in hints if not _answered_since(hint, found.get(hint.finding))))


def _answered_since(hint: Hint, found: Found | None) -> bool:
    if found is None or found.value is None:
        return False
    return not (hint.origin.on and found.origin.on and hint.origin.on > found.origin.on)

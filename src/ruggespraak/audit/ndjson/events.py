"""People, visits, problems, orders, pictures, operations and medicines: what a resource says, as rows of our tables.

Own choices (status D). A visit is one to the GP unless its class, type or service says another kind: the records are a
GP's. A problem of the back that was recorded is a contact for it, where no visit says so. What a problem list holds for
good is history; what may pass is an answer of the day on which it was recorded. An order without an author is that of
whom the person saw that day (``loading``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ruggespraak.audit.ndjson import shapes
from ruggespraak.audit.ndjson.answers import as_text, response
from ruggespraak.audit.ndjson.said import (
    REMEMBERED,
    PassedError,
    Said,
    codes_in,
    codings,
    day_of,
    expect_status,
    expect_understood,
    id_in,
    known,
    meant,
    needed_day,
    one_day,
    wrong,
)
from ruggespraak.course.answers import LASTING, signs
from ruggespraak.pathway.codes import BACK, back
from ruggespraak.pathway.codes import ORDERS as ORDER_CODES
from ruggespraak.pathway.codes.addresses import FINDINGS, ORDERS
from ruggespraak.pathway.codes.fhir_words import (
    ACTIVE,
    BIRTH_SEX,
    CLINICAL,
    HARMLESS,
    HAS_IT,
    HAS_IT_NOT,
    KNOWN_ABSENT,
    ORDERED,
    OVER,
    SEX,
    VERIFIED,
)
from ruggespraak.pathway.findings import VOCABULARY

_TABLE = csv.DictReader(io.StringIO(files(__package__).joinpath("codes.csv").read_text(encoding="utf-8")))
ABOUT = {(row["system"], row["code"]): row["about"] for row in _TABLE}
"""What a code of a visit or of an operation is about: one of the kinds of a contact, or ``operation``."""
PICTURES = {"spine_mri": "mri", "spine_ct": "ct", "spine_x_ray": "x_ray"}
REFERRALS = {
    "referral_neurologist": "neurologist",
    "referral_neurosurgeon": "hospital",
    "referral_orthopaedist": "orthopaedist",
    "referral_rheumatologist": "rheumatologist",
    "physiotherapy": "physiotherapist",
}
"""To whom an order sends. There is no neurosurgeon among the kinds of contact: a hospital is where she works."""
OPIOID = "opioid"
ORDER_KINDS = {code.about.partition(":")[2] for code in ORDER_CODES}


# Codes ---------------------------------------------------------------------------------------------------------------


@lru_cache(REMEMBERED)
def reason_of(system: str, code: str) -> str | None:
    """What a visit with this code was for: ICPC-1-NL of the back; else the code with its system, as ICD-10's L03 is no
    back; None for a system unknown to us."""
    name = known(system)
    return name and (back(name, code) or f"{name} {code}")


def reason(place: str, *concepts: shapes.Concept | None) -> str | None:
    """The reason that these codes give, one of the back before any other. Raises RejectedError for an L84 alone."""
    found = [why for one in codings(*concepts) if (why := reason_of(*one))]
    if not found and any(_ambiguous(one) for concept in concepts for one in (concept and concept.coding) or ()):
        raise wrong(place, "L84", "the system of the code (worn vertebrae in ICPC-1-NL, plain back pain in ICPC-2)")
    return max(found, key=lambda why: (why in BACK, why), default=None)


def _ambiguous(coding: shapes.Coding) -> bool:
    without = coding.system is None or (known(coding.system) is None and "icpc" in coding.system.lower())
    return without and (coding.code or "").partition(".")[0] == "L84"


def order_of(*concepts: shapes.Concept | None) -> str | None:
    """What these codes order for a back. Codes that say two things say neither, as in ``fhir.read``."""
    kinds = {code for concept in concepts for code in codes_in(concept, ORDERS)} & ORDER_KINDS
    for one in codings(*concepts):
        if known(one[0]):
            about = (code.about.partition(":") for code in meant(*one) if code.establishes)
            kinds |= {kind for kind_of, _, kind in about if kind_of == "order"} or {""}
    return (kinds.pop() or None) if len(kinds) == 1 else None


# People --------------------------------------------------------------------------------------------------------------


def patient(it: shapes.Patient, said: Said) -> None:
    """Somebody on the list of a practice. ``gender`` is what an administration needs, and no sex at birth."""
    if not it.id:
        raise wrong("id", it.id, "an id")
    expect_understood(it)
    said.person = it.id
    birth, death = it.birth_date, it.deceased_date_time
    born, died = _earliest(birth), _latest(death)
    if birth and not born:
        raise wrong("birthDate", birth, "a date")
    if death and not died:
        raise wrong("deceasedDateTime", death, "a date")
    if born and died and died < born:
        raise wrong("deceasedDateTime", death, f"a day that is not before the birth ({birth})")
    sexes = {one.value_code for one in it.extension or () if one.url == BIRTH_SEX}
    sex = SEX.get(sexes.pop() or "") if len(sexes) == 1 else None
    practice = id_in(it.managing_organization) or next(map(id_in, it.general_practitioner or ()), None)
    said.row("persons", practice, born.year if born else None, sex, died, born)


def _earliest(text: str | None) -> date | None:
    """The first day that a date, a month or a year can mean."""
    return day_of(text + {4: "-01-01", 7: "-01"}.get(len(text), "")) if text else None


def _latest(text: str | None) -> date | None:
    """The last day that a date, a month or a year can mean."""
    if not text or len(text) > 7:
        return day_of(text)
    month = f"{text}-12" if len(text) == 4 else text
    return next((day for last in (31, 30, 29, 28) if (day := day_of(f"{month}-{last}"))), None)


# Visits and problems -------------------------------------------------------------------------------------------------


def encounter(it: shapes.Encounter, said: Said) -> None:
    """A visit, of the day on which it began."""
    said.of(it.subject)
    expect_status(it.status, ("arrived", "triaged", "in-progress", "onleave", "finished"))
    expect_understood(it)
    why = reason("reasonCode", *(it.reason_code or ()))
    period = it.period or shapes.Period()
    day = said.on(needed_day("period.start", period.start))
    kind, number = _kind(it), 1
    if kind == "hospital" and (end := day_of(period.end)):
        number = max((end - day).days, 1)
    said.row("contacts", day, kind, number, why, it.id)
    references = [*(one.condition for one in it.diagnosis or ()), *(it.reason_reference or ())]
    for condition in {id_in(one) for one in references} - {None}:
        said.row("named", it.id, condition)


def _kind(it: shapes.Encounter) -> str:
    by_class = [shapes.Concept(coding=[it.kind])] if it.kind else []
    found = (ABOUT.get(one) for one in codings(it.service_type, *(it.type or ()), *by_class))
    return next((kind for kind in found if kind and kind != "operation"), "gp")


def condition(it: shapes.Condition, said: Said) -> None:
    """A problem: there, or there once."""
    said.of(it.subject)
    verified, status = _verified(it), _clinical(it)
    if verified in HAS_IT_NOT:
        raise PassedError(f"verification status {verified}")
    expect_understood(it)
    if verified not in HAS_IT or not status:
        raise PassedError("a problem of which nobody is sure")
    why = reason("code", it.code)
    ours = [id for id in codes_in(it.code, FINDINGS) if id in VOCABULARY and VOCABULARY[id].kind == "boolean"]
    if not why and not ours:
        raise PassedError("no code that we know")
    recorded, began = day_of(it.recorded_date), day_of(it.onset_date_time)
    known_since = recorded or began
    for day in {recorded, began} - {None}:
        said.on(day)  # type: ignore[arg-type]  # no None here
    for system, code in dict.fromkeys(codings(it.code)):
        if name := known(system):
            said.row("diagnoses", known_since, name, code)
        for one in meant(system, code):
            if one.finding and one.establishes and one.value is not None:
                _found(one.finding, one.value, status, known_since, said)
    for id in ours:
        _found(id, True, status, known_since, said)
    said.row("problems", recorded, why, it.id, id_in(it.encounter))


def _found(id: str, value: Any, status: str, day: date | None, said: Said) -> None:
    """What a problem list can say: it sets no alarm aside, and what passes is of its day."""
    if signs().reassures(id, value):
        return
    if id in LASTING:
        said.row("history", day, id, as_text(value))
    elif status == "active" and day:
        said.row("answers", day, id, as_text(value), None)


def _verified(it: shapes.Condition) -> str:
    """FHIR's word for how sure a problem is; empty for one that is not known or that contradicts itself."""
    if it.verification_status is None:
        return "confirmed"
    codes = codes_in(it.verification_status, VERIFIED)
    codes |= {"refuted"} if KNOWN_ABSENT in codings(it.verification_status) else set()
    return codes.pop() if len(codes) == 1 else ""


def _clinical(it: shapes.Condition) -> str:
    """``active``, ``over``, or empty for a status that is not known. Without any: over when an end is given."""
    codes = codes_in(it.clinical_status, CLINICAL)
    if codes and codes <= ACTIVE:
        return "active"
    ended = any(
        (it.abatement_date_time, it.abatement_age, it.abatement_period, it.abatement_range, it.abatement_string)
    )
    if (codes and codes <= OVER) or (it.clinical_status is None and ended):
        return "over"
    return "active" if it.clinical_status is None else ""


# Orders, pictures, operations, medicines -----------------------------------------------------------------------------


def service_request(it: shapes.ServiceRequest, said: Said) -> None:
    """A picture that was ordered, or somebody who was sent on."""
    said.of(it.subject)
    expect_status(it.status, ("active", "on-hold", "completed"))
    _expect_order(it.intent, it.do_not_perform)
    expect_understood(it)
    order = order_of(it.code)
    if order not in PICTURES and order not in REFERRALS:
        raise PassedError("no code that we know")
    day = said.on(needed_day("authoredOn", it.authored_on, it.occurrence_date_time))
    if order in PICTURES:
        said.row("ordered", day, PICTURES[order], it.id, id_in(it.encounter))
    else:
        said.row("sent", day, REFERRALS[order or ""], id_in(it.encounter))
    if any(_says_more(one) for one in it.reason_code or ()):
        said.row("reasons", day, "imaging" if order in PICTURES else "referral")


def _expect_order(intent: str, do_not_perform: bool | None) -> None:
    if do_not_perform:
        raise PassedError("an order not to do it")
    if intent not in ORDERED:
        raise PassedError(f"intent {intent}")


def _says_more(reason: shapes.Concept) -> bool:
    """Whether a reason for an order is another one than the pain itself."""
    found = [reason_of(*one) for one in codings(reason)]
    return any(why not in BACK for why in found) if found else bool(reason.text)


def imaging_study(it: shapes.ImagingStudy, said: Said) -> None:
    """A picture that was made. Its code must say of what: a modality alone may be of a knee."""
    said.of(it.subject)
    expect_status(it.status, ("registered", "available"))
    expect_understood(it)
    if (order := order_of(*(it.procedure_code or ()))) not in PICTURES:
        raise PassedError("no code that we know")
    day = said.on(needed_day("started", it.started))
    _made(order or "", day, it.based_on, said)


def _made(order: str, day: date, based_on: list[shapes.Reference] | None, said: Said) -> None:
    said.row("made", day, PICTURES[order], next(map(id_in, based_on or ()), None))


def procedure(it: shapes.Procedure, said: Said) -> None:
    """An operation, a puncture, or a picture that was made."""
    said.of(it.subject)
    expect_status(it.status, ("in-progress", "completed"))
    expect_understood(it)
    order, theirs = order_of(it.code), [code for one in codings(it.code) for code in meant(*one) if code.finding]
    operated = any(ABOUT.get(one) == "operation" for one in codings(it.code))
    if order not in PICTURES and not theirs and not operated:
        raise PassedError("no code that we know")
    period = it.performed_period or shapes.Period()
    last = period.start if operated else one_day(it.performed_period)
    day = said.on(needed_day("performedDateTime", it.performed_date_time, last))
    if order in PICTURES:
        _made(order or "", day, it.based_on, said)
    if operated:
        said.row("operations", day)
    for code in theirs:
        if code.establishes and VOCABULARY[code.finding or ""].unit == "days":  # none had passed on the day itself
            said.row("answers", day, code.finding, "0", None)


def medication_request(it: shapes.MedicationRequest, said: Said) -> None:
    """A medicine that was prescribed. That somebody takes an opioid follows from it: that is no answer of its day."""
    said.of(it.subject)
    expect_status(it.status, ("active", "on-hold", "completed", "stopped"))
    _expect_order(it.intent, it.do_not_perform)
    expect_understood(it, HARMLESS)
    medicine = _medicine(it)
    elsewhere, means = id_in(it.medication_reference), _means(medicine)
    if not means and (medicine or not elsewhere):
        raise PassedError("no code that we know")
    day = said.on(needed_day("authoredOn", it.authored_on))
    if not medicine:
        said.row("prescribed", day, elsewhere)
    for what in means:
        if what == OPIOID:
            said.row("medication", day, what)
        else:
            said.row("answers", day, what, as_text(True), None)


def medication(it: shapes.Medication, said: Said) -> None:
    """A medicine to which requests point; one that says nothing to us is read too: then they name no opioid."""
    if not it.id:
        raise wrong("id", it.id, "an id")
    if it.status == "entered-in-error":
        raise PassedError(f"status {it.status}")
    expect_understood(it)
    for what in _means(it.code) or (None,):
        said.row("medicines", it.id, what)


def _means(medicine: shapes.Concept | None) -> list[str]:
    """That it is an opioid, and the findings that who takes it has."""
    theirs = [code for one in codings(medicine) for code in meant(*one)]
    found = {code.finding for code in theirs if code.finding and code.establishes and code.value is True}
    if any(code.about == "order:opioid" or code.finding == "opioid_current" for code in theirs):
        found = (found - {"opioid_current"}) | {OPIOID}
    return sorted(id for id in found if id)


def _medicine(it: shapes.MedicationRequest) -> shapes.Concept | None:
    """The codes of the medicine: here, or in the Medication that is contained."""
    if it.medication_codeable_concept:
        return it.medication_codeable_concept
    name = it.medication_reference.reference if it.medication_reference else None
    inside = (one.code for one in it.contained or () if one.resource_type == "Medication" and f"#{one.id}" == name)
    return next(inside, None)


READERS: Mapping[type[Any], Callable[[Any, Said], None]] = {
    shapes.Patient: patient,
    shapes.Encounter: encounter,
    shapes.Condition: condition,
    shapes.QuestionnaireResponse: response,
    shapes.ServiceRequest: service_request,
    shapes.ImagingStudy: imaging_study,
    shapes.Procedure: procedure,
    shapes.MedicationRequest: medication_request,
    shapes.Medication: medication,
}

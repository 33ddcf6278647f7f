"""Resources as others send them, for the tests of reading: our own answers, and what a record holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from patients import ON
from ruggespraak.consult import Case
from ruggespraak.fhir.read import Reading, read
from ruggespraak.logic import Finding, Value
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, SYSTEMS, canonical
from ruggespraak.pathway.codes.units import UCUM
from ruggespraak.pathway.findings import VOCABULARY

Json = dict[str, Any]
PATIENT: Json = {"resourceType": "Patient", "id": "p1"}
HERS = {"reference": "Patient/p1"}
GP = {"reference": "Practitioner/gp"}
BY = {"patient": HERS, "clinician": GP, "proxy": {"reference": "RelatedPerson/son"}}
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
AGO = {days: str(ON - timedelta(days=days)) for days in (1, 3, 5, 10, 13, 14, 20, 30, 40, 100, 800)}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def concept(system: str, code: str) -> Json:
    """A CodeableConcept; ``system`` by its short name, or an address."""
    return {"coding": [{"system": SYSTEMS.get(system, system), "code": code}]}


def value_of(finding: Finding, value: Value | None) -> Json:
    """A value as our Observations have it. None: asked, and not known."""
    if value is None:
        return {"dataAbsentReason": concept(ABSENT, "asked-unknown")}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, date):
        return {"valueDateTime": value.isoformat()}
    if isinstance(value, str):
        return {"valueCodeableConcept": concept(ANSWERS, f"{finding.id}.{value}")}
    return {"valueQuantity": {"value": value, "system": SYSTEMS["UCUM"], "code": UCUM[finding.unit]}}


def observation(id: str, value: Value | None = True, on: object = ON, by: str = "clinician", **more: Any) -> Json:
    """One of our own findings as an Observation."""
    return {
        "resourceType": "Observation",
        "id": f"{id.replace('_', '-').replace('.', '-')}-{on}"[:64].replace(":", "-").replace("+", "-"),
        "status": "final",
        "code": concept(FINDINGS, id),
        "subject": HERS,
        "effectiveDateTime": str(on),
        "performer": [BY[by]],
        **value_of(VOCABULARY[id], value),
        **more,
    }


def measured(system: str, code: str, on: object = ON, **more: Any) -> Json:
    """Somebody else's Observation."""
    return {
        "resourceType": "Observation",
        "id": f"x-{code}-{on}".replace(":", "-"),
        "status": "final",
        "code": concept(system, code),
        "subject": HERS,
        "effectiveDateTime": str(on),
        **more,
    }


def quantity(value: float, unit: str, **more: Any) -> Json:
    return {"valueQuantity": {"value": value, "system": SYSTEMS["UCUM"], "code": unit, **more}}


def condition(system: str, code: str, clinical: str = "active", verified: str = "confirmed", **more: Any) -> Json:
    """A problem on a list."""
    return {
        "resourceType": "Condition",
        "id": f"c-{code}",
        "clinicalStatus": concept(CLINICAL, clinical),
        "verificationStatus": concept(VERIFIED, verified),
        "code": concept(system, code),
        "subject": HERS,
        "recordedDate": str(ON),
        **more,
    }


def medicine(code: str, **more: Any) -> Json:
    """A medicine in use, by its ATC code."""
    return {
        "resourceType": "MedicationStatement",
        "id": f"m-{code}",
        "status": "active",
        "medicationCodeableConcept": concept("ATC", code),
        "subject": HERS,
        "dateAsserted": str(ON),
        **more,
    }


def response(*items: Json, on: object = ON, **more: Any) -> Json:
    """Answers to our questionnaire."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "r1",
        "status": "completed",
        "questionnaire": canonical("Questionnaire", "current"),
        "subject": HERS,
        "source": HERS,
        "authored": str(on),
        "item": list(items),
        **more,
    }


def item(id: str, *answers: Json, **more: Any) -> Json:
    return {"linkId": id, "answer": list(answers), **more}


def coded(code: str) -> Json:
    """One of our answers, as an answer to a question."""
    return {"valueCoding": {"system": ANSWERS, "code": code}}


def as_observations(case: Case) -> list[Json]:
    """A case, as it is sent."""
    answers: dict[str, Value | None] = {**case.answers, **dict.fromkeys(case.unclear)}
    return [PATIENT, *(observation(id, value, case.on, case.answered_by) for id, value in answers.items())]


def as_response(case: Case) -> list[Json]:
    """A case, as the answers to our questionnaire."""
    items = [item(id, _answer(VOCABULARY[id], value)) for id, value in case.answers.items()]
    for id in sorted(case.unclear):
        by_choice = VOCABULARY[id].kind in ("boolean", "choice")
        items.append(item(id, coded("unclear")) if by_choice else item(f"{id}/unclear", {"valueBoolean": True}))
    groups = {"linkId": "group", "item": items[::2]}
    return [PATIENT, response(groups, *items[1::2], on=case.on, source=BY[case.answered_by])]


def _answer(finding: Finding, value: Value) -> Json:
    if isinstance(value, bool):
        return coded("yes" if value else "no")
    if isinstance(value, date):
        return {"valueDate": value.isoformat()}
    return coded(f"{finding.id}.{value}") if isinstance(value, str) else {"valueDecimal": value}


def prescription(**more: Any) -> Json:
    sent = {**medicine("N02AA05"), "resourceType": "MedicationRequest", "intent": "order", "authoredOn": AGO[10]}
    return {**sent, **more}


def puncture(**more: Any) -> Json:
    code = concept("SNOMED-CT", "277762005")
    return {"resourceType": "Procedure", "id": "lp", "status": "completed", "code": code, "subject": HERS, **more}


# What is read of it -------------------------------------------------------------------------------------------------


def of(*resources: object, on: date = ON) -> Reading:
    """What is read of these resources of one patient."""
    return read([PATIENT, *resources], on)


def known(*resources: object, on: date = ON) -> dict[str, Any]:
    """Finding -> value; "unclear" for what was asked and is not known."""
    reading = of(*resources, on=on)
    return {id: "unclear" if one.value is None else one.value for id, one in reading.found.items()}


def asks(reading: Reading) -> set[str]:
    return {hint.finding for hint in reading.hints}


def problems(reading: Reading) -> list[str]:
    return [str(one) for one in reading.passed]

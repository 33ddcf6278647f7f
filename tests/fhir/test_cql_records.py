"""What the CQL reads in the record of another system: the Observations of one day, in our codes. In doubt: unknown.

Each row is one patient of one run: what is there, what is asked, and what the CQL says. A care giver observed it on the
day itself, unless the row says otherwise.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pytest

from engines import Said, ask, parameters, resources
from patients import ON, VALUES
from ruggespraak.consult import Case
from ruggespraak.consult.case import plain
from ruggespraak.fhir.cql import libraries
from ruggespraak.fhir.names import Resource
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, SYSTEMS
from ruggespraak.pathway.codes.fhir_words import ABSENT
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import VOCABULARY

DAY = "2026-01-15"
PATIENT = {"resourceType": "Patient", "id": "p"}
VOUCHED = "by a clinician"
YES, NO = {"valueBoolean": True}, {"valueBoolean": False}


def absent(reason: str, system: str = ABSENT) -> Resource:
    return {"dataAbsentReason": {"coding": [{"system": system, "code": reason}]}}


NOT_KNOWN = absent("asked-unknown")


def dated(day: str) -> Resource:
    return {"valueDateTime": day}


def coded(code: str, system: str = ANSWERS) -> Resource:
    return {"valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}


def measured(value: float, code: str | None = None, **more: str) -> Resource:
    unit = {"system": SYSTEMS["UCUM"], "code": code} if code else {}
    return {"valueQuantity": {"value": value, **unit, **more}}


def about(*ids: str) -> Resource:
    return {"code": {"coding": [{"system": FINDINGS, "code": id} for id in ids]}}


def seen(id: str, *parts: Resource) -> Resource:
    """An Observation of a finding; the parts replace what it has of itself."""
    found: Resource = {
        "resourceType": "Observation",
        "status": "final",
        **about(id),
        "subject": {"reference": "Patient/p"},
        "performer": [{"reference": "Practitioner/1"}],
        "effectiveDateTime": DAY,
    }
    for part in parts:
        found |= part
    return {name: value for name, value in found.items() if value is not None}


def by(**reference: str) -> Resource:
    return {"performer": [reference]}


def at(**when: object) -> Resource:
    return {"effectiveDateTime": None} | when


NUMB, SAME, SIDE, MRC = "saddle_numbness", "saddle_numbness_before_episode", "leg_pain_side", "mrc_hip_flexion"
ELSEWHERE = "http://else.where"
TURNED = {"modifierExtension": [{"url": f"{ELSEWHERE}/not", "valueBoolean": True}]}
TWO_CODES = {"valueCodeableConcept": {"coding": [{"system": ANSWERS, "code": code} for code in ("no", "yes")]}}
THEIRS_FIRST = {"code": {"coding": [{"system": ELSEWHERE, "code": "x"}, {"system": FINDINGS, "code": NUMB}]}}
THEIRS = {"code": {"coding": [{"system": ELSEWHERE, "code": NUMB}]}}

READ: dict[str, tuple[list[Resource], str, Any]] = {
    # the answer
    "nothing": ([], NUMB, None),
    "yes": ([seen(NUMB, YES)], NUMB, True),
    "no": ([seen(NUMB, NO)], NUMB, False),
    "yes in a code, as extracted from our questionnaire": ([seen(NUMB, coded("yes"))], NUMB, True),
    "no in a code": ([seen(NUMB, coded("no"))], NUMB, False),
    "unclear in a code": ([seen(NUMB, coded("unclear"))], NUMB, None),
    "asked and not known": ([seen(NUMB, NOT_KNOWN)], NUMB, None),
    "a no in another code system": ([seen(NUMB, coded("no", ELSEWHERE))], NUMB, None),
    "two codes of ours": ([seen(NUMB, TWO_CODES)], NUMB, None),
    "a word": ([seen(NUMB, {"valueString": "no"})], NUMB, None),
    "no value": ([seen(NUMB)], NUMB, None),
    "a value and a reason for having none": ([seen(NUMB, NO, NOT_KNOWN)], NUMB, None),
    "our code in the second place": ([seen(NUMB, THEIRS_FIRST, YES)], NUMB, True),
    "two findings in one": ([seen(NUMB, about("lhermitte", NUMB), YES)], NUMB, True),
    "a component": ([seen("lhermitte", {"component": [about(NUMB) | YES]})], NUMB, True),
    "a code of another system that is spelled the same": ([seen(NUMB, THEIRS, NO)], NUMB, None),
    # whether it counts
    "preliminary": ([seen(NUMB, YES, {"status": "preliminary"})], NUMB, True),
    "entered in error": ([seen(NUMB, NO, {"status": "entered-in-error"})], NUMB, None),
    "cancelled": ([seen(NUMB, NO, {"status": "cancelled"})], NUMB, None),
    "about an unborn child": ([seen(NUMB, NO, {"focus": [{"reference": "Patient/child"}]})], NUMB, None),
    "turned round by an extension": ([seen(NUMB, NO, TURNED)], NUMB, None),
    "by rules that we do not know": ([seen(NUMB, NO, {"implicitRules": f"{ELSEWHERE}/rules"})], NUMB, None),
    "a component that is": ([seen("lhermitte", {"component": [about(NUMB) | NO | TURNED]})], NUMB, None),
    # when
    "the day before": ([seen(NUMB, NO, {"effectiveDateTime": "2026-01-14"})], NUMB, None),
    "the day after": ([seen(NUMB, NO, {"effectiveDateTime": "2026-01-16"})], NUMB, None),
    "the last second of the day": ([seen(NUMB, YES, {"effectiveDateTime": f"{DAY}T23:59:59.999+01:00"})], NUMB, True),
    "the first, the day before in UTC": ([seen(NUMB, YES, {"effectiveDateTime": "2026-01-14T23:00:00Z"})], NUMB, True),
    "a second earlier": ([seen(NUMB, NO, {"effectiveDateTime": "2026-01-14T22:59:59Z"})], NUMB, None),
    "the next day, this day in UTC": ([seen(NUMB, NO, {"effectiveDateTime": f"{DAY}T23:00:00Z"})], NUMB, None),
    "some day this month": ([seen(NUMB, NO, {"effectiveDateTime": "2026-01"})], NUMB, None),
    "an instant": ([seen(NUMB, YES, at(effectiveInstant=f"{DAY}T09:00:00Z"))], NUMB, True),
    "a period of this day": ([seen(NUMB, YES, at(effectivePeriod={"start": DAY, "end": DAY}))], NUMB, True),
    "a period of two days": ([seen(NUMB, NO, at(effectivePeriod={"start": "2026-01-14", "end": DAY}))], NUMB, None),
    "a period without an end": ([seen(NUMB, NO, at(effectivePeriod={"start": DAY}))], NUMB, None),
    "issued": ([seen(NUMB, YES, at(issued=f"{DAY}T09:00:00Z"))], NUMB, True),
    "at no time": ([seen(NUMB, NO, at())], NUMB, None),
    # numbers and dates
    "a number in its unit": ([seen("crp_mg_l", measured(60, "mg/L"))], "crp_mg_l", 60),
    "a number in another unit": ([seen("crp_mg_l", measured(6, "mg/dL"))], "crp_mg_l", None),
    "days in weeks": ([seen("duration_days", measured(7, "wk"))], "duration_days", None),
    "a number in no unit": ([seen("crp_mg_l", measured(60))], "crp_mg_l", None),
    "the unit in words": ([seen("crp_mg_l", measured(60, unit="mg/L"))], "crp_mg_l", 60),
    "a unit of theirs": ([seen("crp_mg_l", measured(60, system=ELSEWHERE, code="mg/L"))], "crp_mg_l", None),
    "a score in no unit": ([seen(MRC, measured(4))], MRC, 4),
    "a whole number": ([seen(MRC, {"valueInteger": 4})], MRC, 4),
    "a bound": ([seen("post_void_residual_ml", measured(5, "mL", comparator="<"))], "post_void_residual_ml", None),
    "a strength that cannot be": ([seen(MRC, measured(7, "1"))], MRC, None),
    "a fever that cannot be": ([seen("fever_c", measured(101, "Cel"))], "fever_c", None),
    "a day": ([seen("onset_date", dated("2025-12-15"))], "onset_date", "2025-12-15"),
    "a day that is still to come": ([seen("onset_date", dated("2026-01-16"))], "onset_date", None),
    "a month": ([seen("onset_date", dated("2025-12"))], "onset_date", None),
    # who examined
    "found by who examines": ([seen(MRC, measured(5, "1"))], VOUCHED, True),
    "nobody says who": ([seen(MRC, measured(5, "1"), {"performer": None})], VOUCHED, True),
    "the patient tells of an examination": ([seen(MRC, measured(5, "1"), by(reference="Patient/p"))], VOUCHED, False),
    "of another server": ([seen(MRC, measured(5, "1"), by(reference=f"{ELSEWHERE}/Patient/p"))], VOUCHED, False),
    "a relative does": ([seen(MRC, measured(5, "1"), by(type="RelatedPerson"))], VOUCHED, False),
    "a device": ([seen(MRC, measured(5, "1"), by(reference="Device/1"))], VOUCHED, False),
    "the patient tells what she feels": ([seen(NUMB, NO, by(reference="Patient/p"))], VOUCHED, True),
    # what is listed as not known
    "asked and not known, in the list": ([seen(NUMB, NOT_KNOWN)], "unclear", [NUMB]),
    "unclear in a code, in the list": ([seen("course", coded("unclear"))], "unclear", ["course"]),
    "an unclear number": ([seen("crp_mg_l", NOT_KNOWN)], "unclear", ["crp_mg_l"]),
    "a reason of theirs": ([seen(NUMB, absent("asked-unknown", ELSEWHERE))], "unclear", []),
    "masked is not in the list": ([seen(NUMB, absent("masked"))], "unclear", []),
}

DIFFER: dict[str, tuple[list[Resource], str, Any]] = {
    name: ([seen(id, answer) for answer in answers], id, counts)
    for name, id, answers, counts in (
        ("yes and no", NUMB, (NO, YES), True),
        ("yes and not known", NUMB, (NOT_KNOWN, YES), True),
        ("no and not known", NUMB, (NO, NOT_KNOWN), None),
        ("no and what cannot be read", NUMB, (NO, {"valueString": "?"}), None),
        ("enough relief and not enough", "relief_sufficient", (YES, NO), False),
        ("an alarm set aside and not", SAME, (YES, NO), False),
        ("an alarm set aside and not known", SAME, (YES, NOT_KNOWN), None),
        ("yes and no, of which neither is worse", "pregnant", (YES, NO), None),
        ("one leg and both", SIDE, (coded(f"{SIDE}.left"), coded(f"{SIDE}.both")), "both"),
        ("left and right", SIDE, (coded(f"{SIDE}.left"), coded(f"{SIDE}.right")), None),
        ("worse and not known", "course", (coded("course.worse"), coded("unclear")), "worse"),
        ("better and not known", "course", (coded("course.better"), coded("unclear")), None),
        ("twice the same choice", "smoking", (coded("smoking.never"), coded("smoking.never")), "never"),
        ("a choice of another finding", "course", (coded("smoking.never"),), None),
        ("a choice that there is not", "course", (coded("course.same_as_ever"),), None),
        ("two temperatures", "fever_c", (measured(37, "Cel"), measured(39, "Cel")), 39),
        ("two strengths", MRC, (measured(5, "1"), measured(3, "1")), 3),
        ("an accident on two days", "trauma_days_ago", (measured(3, "d"), measured(30, "d")), None),
        ("two days of onset", "onset_date", (dated("2026-01-01"), dated("2025-01-01")), None),
    )
}
ROWS = READ | DIFFER


pick = random.Random("records")
OURS = [
    Case(on=ON, answers={id: pick.choice(VALUES[id]) for id in VOCABULARY}),
    Case(on=ON, unclear=frozenset(VOCABULARY)),
    Case(on=ON),
]


@cache
def said() -> tuple[list[Said], list[Said]]:
    """What the CQL says of the rows, and of what we write ourselves; in one run."""
    findings, _ = libraries(edition("current"))
    about = {"on": DAY, "answered by": "clinician"}
    rows = [{"parameters": about, "resources": [PATIENT, *numbered(there)]} for there, _, _ in ROWS.values()]
    ours = [{"parameters": parameters(case), "resources": resources(case)} for case in OURS]
    asked = sorted({asked for _, asked, _ in ROWS.values()})
    library = {"libraries": {findings.name: findings.text}, "fhirFindings": findings.text, "main": findings.name}
    given = [
        {"engine": "fhir", "expressions": asked, "patients": rows},
        {"engine": "fhir", "expressions": [*VOCABULARY, "unclear"], "patients": ours},
    ]
    of_rows, of_ours = ask(library | {"runs": given})
    return of_rows["results"], of_ours["results"]


def read(row: str) -> Any:
    return said()[0][[*ROWS].index(row)][ROWS[row][1]]


def numbered(there: list[Resource]) -> list[Resource]:
    return [{**one, "id": str(number)} for number, one in enumerate(there)]


@pytest.mark.parametrize("row", READ)
def test_what_an_observation_says_is_read_and_nothing_else(row):
    assert read(row) == ROWS[row][2]


@pytest.mark.parametrize("row", DIFFER)
def test_of_answers_that_differ_the_more_alarming_counts_and_else_none(row):
    assert read(row) == ROWS[row][2]


def test_every_finding_that_we_write_is_read_back_and_what_is_not_known_stays_so():
    for case, found in zip(OURS, said()[1], strict=True):
        assert set(found["unclear"]) == case.unclear
        assert {id: found[id] for id in VOCABULARY} == {
            id: plain(case.answers[id]) if id in case.answers else None for id in VOCABULARY
        }

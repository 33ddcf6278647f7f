"""Two ways to read a resource must agree: one patient's (``fhir.read``), and those of a region, line by line."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients import ON, VALUES, cases
from ruggespraak.audit.ndjson.answers import as_text
from ruggespraak.audit.ndjson.lines import read as read_lines
from ruggespraak.audit.splitting import Piece
from ruggespraak.consult.case import ANSWERED_BY
from ruggespraak.fhir.read import read
from ruggespraak.fhir.write.consult import observations, questionnaire_response
from ruggespraak.fhir.write.resource import About
from ruggespraak.pathway.codes import CODES
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, SYSTEMS, canonical
from ruggespraak.pathway.codes.fhir_words import ABSENT, ASSERTION, COUNTS, HARMLESS, IS_ABSENT
from ruggespraak.pathway.codes.units import CONVERT, UCUM
from ruggespraak.pathway.findings import VOCABULARY
from sent import BY, HERS, PATIENT, as_observations, as_response, concept, item, measured, observation, response


def line_by_line(resources):
    """What the lines say: value and speaker, by finding."""
    data = b"\n".join(json.dumps(one).encode() for one in resources)
    found = [row for batch in read_lines(0, Piece(1, data)).get("answers", []) for row in batch.to_pylist()]
    assert all(row["person"] == "p1" for row in found)
    return {row["finding"]: (row["value"], row["by"]) for row in found}


def of_one_patient(resources):
    """The same, of ``fhir.read``: a speaker that is not named is the least weighty where the question is ours."""
    found = read(resources, ON).found
    return {
        id: (as_text(one.value), one.origin.by or ("patient" if one.origin.code is None else None))
        for id, one in found.items()
    }


@given(st.sampled_from(ANSWERED_BY).flatmap(lambda by: cases(answered_by=by)), st.booleans())
def test_a_case_that_we_write_is_read_the_same_in_both_ways(case, by_questionnaire):
    about = About(patient="Patient/p1", key="1", lang="nl", author={"reference": "Practitioner/gp"})
    written = [questionnaire_response(case, about)] if by_questionnaire else observations(case, about)
    told = line_by_line([PATIENT, *written])
    assert told == of_one_patient([PATIENT, *written])
    assert told.keys() == {*case.answers, *case.unclear}
    assert {id for id, (value, _) in told.items() if value == "unclear"} == case.unclear


@given(cases(), st.booleans())
def test_a_case_that_others_send_is_read_the_same_in_both_ways(case, by_questionnaire):
    sent = as_response(case) if by_questionnaire else as_observations(case)
    assert line_by_line(sent) == of_one_patient(sent)


# Observations of others ----------------------------------------------------------------------------------------------

UNITS = sorted({*UCUM.values(), *(unit for _, unit in CONVERT), "", "mo", "mg/l", "{score}", "°C", "days"})
TURNED = {"modifierExtension": [{"url": "http://x.example/not"}]}
NOT_KNOWN = {"extension": [{"url": IS_ABSENT, "valueCode": "unknown"}]}
OTHERS = [code for code in CODES if code.finding]

quantities = st.builds(
    lambda value, unit, as_code, system, comparator: {
        "value": value,
        **({"code": unit} if as_code else {"unit": unit}),
        **({"system": system} if system else {}),
        **({"comparator": comparator} if comparator else {}),
    },
    st.sampled_from([0, 1, 2.5, 4.5, 5, 10, 30, 37, 38, 50.4, 100.4, 201, 9999]),
    st.sampled_from(UNITS),
    st.booleans(),
    st.sampled_from([None, SYSTEMS["UCUM"], "http://x.example"]),
    st.sampled_from([None, None, "<", "<=", ">", ">="]),
)
codes = st.sampled_from(
    [
        (ANSWERS, "yes"), (ANSWERS, "no"), (ANSWERS, "unclear"), (ANSWERS, "smoking.former"), (ANSWERS, "smoking.none"),
        ("http://snomed.info/sct", "373066001"), ("http://snomed.info/sct", "373067005"),
        ("http://snomed.info/sct", "8517006"), ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y"),
        ("http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender", "F"),
    ]
)  # fmt: skip
values = st.one_of(
    st.sampled_from(
        [
            {}, {"valueBoolean": True}, {"valueBoolean": False}, {"valueInteger": 3}, {"valueString": "no"},
            {"valueDateTime": str(ON)}, {"valueDateTime": str(ON + timedelta(days=1))}, {"valueDateTime": "2024"},
            {"valueBoolean": True, "valueString": "x"}, {"valueBoolean": False, "_valueBoolean": NOT_KNOWN},
            {"valueBoolean": None}, {"dataAbsentReason": concept(ABSENT, "asked-unknown")},
            {"dataAbsentReason": concept(ABSENT, "unknown")},
            {"dataAbsentReason": concept(ABSENT, "asked-unknown"), "valueBoolean": True},
        ]
    ),
    quantities.map(lambda one: {"valueQuantity": one}),
    quantities.map(lambda one: {"valueQuantity": one | NOT_KNOWN}),
    codes.map(lambda one: {"valueCodeableConcept": concept(*one)}),
)  # fmt: skip
ours = st.sampled_from(sorted(VOCABULARY)).map(lambda id: concept(FINDINGS, id))
theirs = st.sampled_from(OTHERS).map(lambda code: concept(code.system, code.code))
asserted = theirs.map(lambda code: {"code": concept(*ASSERTION), "valueCodeableConcept": code})
parts = st.one_of(
    st.builds(lambda code, value: {"code": code} | value, st.one_of(ours, theirs), values),
    asserted,
    ours.map(lambda code: {"code": code, "valueBoolean": True} | TURNED),
)
DEVICE = {"resourceType": "Device", "id": "d"}
mores = st.sampled_from(
    [
        {}, {}, {}, TURNED, {"implicitRules": "http://x.example"},
        {"focus": [{"reference": "RelatedPerson/child"}]}, {"modifierExtension": []},
        {"modifierExtension": [{"url": HARMLESS[0]}]}, {"performer": [BY["clinician"], BY["patient"]]},
        {"performer": [BY["clinician"]]}, {"performer": [{"reference": "#d"}], "contained": [DEVICE]},
        {"performer": [{"type": "RelatedPerson"}]}, {"performer": [{"reference": "Organization/lab"}]},
        {"effectiveDateTime": None, "effectivePeriod": {"start": str(ON), "end": str(ON)}},
        {"effectiveDateTime": f"{ON}T23:30:00+01:00"}, {"effectiveDateTime": None, "issued": f"{ON}T08:00:00Z"},
    ]
)  # fmt: skip


@given(parts, st.lists(parts, max_size=2), st.sampled_from([*COUNTS, "registered", "cancelled", "unknown"]), mores)
def test_an_observation_of_others_is_read_the_same_in_both_ways(part, components, status, more):
    about = [json.dumps(one["code"]) for one in (part, *components)]
    inside = [one for n, one in enumerate(components, 1) if about[n] not in about[:n]]
    sent = {
        "resourceType": "Observation", "id": "x", "status": status, "subject": HERS, "effectiveDateTime": str(ON),
        **part, "component": inside, **more,
    }  # fmt: skip
    told = [PATIENT, sent]
    asked = _asked(sent, *inside)
    if len({*asked}) == len(asked):  # two answers to one question are weighed by ``looks``, and there by ``newest``
        assert line_by_line(told) == of_one_patient(told)


def _asked(*parts):
    """Every finding that these are about, as often as they are."""
    found = []
    for part in parts:
        for named in (part["code"], part.get("valueCodeableConcept", {})):
            for one in named["coding"] if named else ():
                found += [one["code"]] if one["system"] == FINDINGS else []
                found += [code.finding for code in OTHERS if concept(code.system, code.code)["coding"][0] == one]
    return found


@pytest.mark.parametrize("id", sorted(VOCABULARY))
def test_every_finding_is_read_the_same_in_both_ways_with_each_of_its_values(id):
    for value in (None, *VALUES.get(id, ())):
        sent = [PATIENT, observation(id, value)]
        assert line_by_line(sent) == of_one_patient(sent)
        assert id in line_by_line(sent)


@pytest.mark.parametrize("code", [code for code in OTHERS if VOCABULARY[code.finding].kind == "number"], ids=str)
def test_a_number_in_the_code_of_others_is_read_the_same_in_both_ways_in_every_unit(code):
    for unit in UNITS:
        for number in (1, 38, 100.4, 201):
            sent = [PATIENT, measured(code.system, code.code, valueQuantity={"value": number, "code": unit})]
            assert line_by_line(sent) == of_one_patient(sent), (unit, number)


def test_what_turns_an_item_round_turns_what_is_inside_it_in_both_ways():
    yes = {"valueBoolean": True}
    inside = {"linkId": "group", "item": [item("leg_pain", yes)], "modifierExtension": [{"url": "x"}]}
    sent = [PATIENT, response(inside, item("foot_drop", yes | {"item": [item("numb_leg", yes)]}))]
    assert line_by_line(sent) == of_one_patient(sent)
    assert line_by_line(sent).keys() == {"foot_drop", "numb_leg"}


@pytest.mark.parametrize(
    "questionnaire", [None, "http://x.example/Questionnaire/current", canonical("Questionnaire", "x")]
)
def test_the_questions_of_others_are_not_ours_in_both_ways(questionnaire):
    sent = [PATIENT, response(item("leg_pain", {"valueBoolean": True}), questionnaire=questionnaire)]
    assert line_by_line(sent) == of_one_patient(sent)

"""Who said it, and of whom: the wrong patient is never read, and a patient is no clinician."""

from datetime import date

import pytest

from patients import ON
from ruggespraak.consult import decide
from ruggespraak.fhir.read import read
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency
from sent import (
    HERS,
    PATIENT,
    Json,
    asks,
    coded,
    concept,
    condition,
    item,
    known,
    measured,
    observation,
    of,
    quantity,
    response,
)

STRENGTH = [id for id, one in VOCABULARY.items() if one.unit == "MRC"]

# -- who said it, and of whom -----------------------------------------------------------------------------------------


def test_a_finding_of_an_examination_that_a_patient_reports_sets_no_alarm_aside():
    for by, urgency in (("clinician", Urgency.ROUTINE), ("patient", Urgency.SAME_DAY)):
        sent = [observation("weak_leg_reported", by=by), *(observation(id, 5, by=by) for id in STRENGTH)]
        case = of(*sent).case(ON)
        assert case.answered_by == by
        assert decide(case).urgency is urgency


def test_of_an_examination_by_nobody_knows_whom_it_is_not_said_that_a_clinician_did_it():
    sent = observation("mrc_knee_extension", 5)
    del sent["performer"]
    assert of(sent).case(ON).answered_by == "patient"
    assert of({**sent, "performer": [{"type": "Device"}]}).case(ON).answered_by == "patient"


def test_an_organisation_examines_nobody():
    weak = observation("weak_leg_reported", on=f"{ON}T09:00:00Z", by="patient")
    for by, urgency in (("Practitioner/1", Urgency.ROUTINE), ("Organization/1", Urgency.SAME_DAY)):
        examined = [observation(id, 5, f"{ON}T10:00:00Z", performer=[{"reference": by}]) for id in STRENGTH]
        assert decide(of(weak, *examined).case(ON)).urgency is urgency


def test_a_laboratory_that_does_not_name_itself_takes_nothing_from_the_examination():
    sent = [observation("mrc_knee_extension", 5), measured("LOINC", "1988-5", **quantity(4, "mg/L"))]
    assert of(*sent).case(ON).answered_by == "clinician"
    at_home = measured("LOINC", "1988-5", performer=[HERS], **quantity(4, "mg/L"))
    assert of(sent[0], at_home).case(ON).answered_by == "patient"


@pytest.mark.parametrize(
    ("performer", "by"),
    [
        ([{"reference": "Practitioner/1"}], "clinician"),
        ([{"type": "PractitionerRole"}], "clinician"),
        ([{"reference": "https://x.nl/fhir/Practitioner/1/_history/2"}], "clinician"),
        ([{"reference": "Organization/1"}], ""),
        ([{"reference": "Organization/1"}, {"reference": "Practitioner/1"}], ""),
        ([{"reference": "CareTeam/1"}], ""),
        ([{"reference": "Patient/p1"}], "patient"),
        ([{"reference": "RelatedPerson/1"}], "proxy"),
        ([{"reference": "Patient/p1", "type": "Practitioner"}], "patient"),
        ([{"reference": "Practitioner/1"}, {"reference": "Patient/p1"}], "patient"),
        ([{"display": "the GP"}], ""),
        ([{"reference": "#me"}], "clinician"),
        ([{"reference": "urn:uuid:7"}], "clinician"),
        ([{"reference": "urn:uuid:8"}], ""),
        ("Practitioner/1", ""),
        ([5], ""),
        ([{"reference": "Practitioner"}], ""),
    ],
)
def test_who_said_it_is_read_from_the_kind_of_who_is_named(performer, by):
    sent = observation("leg_pain", performer=performer, contained=[{"resourceType": "Practitioner", "id": "me"}])
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": sent},
            {"fullUrl": "urn:uuid:7", "resource": {"resourceType": "Practitioner", "id": "7"}},
        ],
    }
    assert of(bundle).found["leg_pain"].origin.by == by


def test_who_answered_a_questionnaire_goes_before_who_typed_it_in():
    typed = response(item("leg_pain", coded("yes")), author={"reference": "Practitioner/1"})
    assert of(typed).found["leg_pain"].origin.by == "patient"
    del typed["source"]
    assert of(typed).found["leg_pain"].origin.by == "clinician"


OTHERS = [
    {"reference": "Patient/p2"},
    {"reference": "Patient/p1x"},
    {"reference": "Group/p1"},
    {"display": "Jan"},
    {},
    "Patient/p1",
    {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "2"}},
    {"reference": "urn:uuid:9"},
    {"reference": "https://other.nl/fhir/Patient/p1"},
    {"reference": "#p1"},
    {"reference": ["Patient/p1"]},
    None,
]


@pytest.mark.control("C-37")
@pytest.mark.parametrize("subject", OTHERS, ids=str)
def test_what_is_of_another_person_is_passed_over_and_reported(subject):
    patient = {"fullUrl": "https://mine.nl/fhir/Patient/p1", "resource": PATIENT}
    sent = [
        {"resource": observation("saddle_numbness", subject=subject)},
        {"resource": condition("ICPC-1-NL", "T90", subject=subject)},
    ]
    reading = read([{"resourceType": "Bundle", "entry": [patient, *sent]}], ON)
    assert not reading.found
    assert [one.value for one in reading.passed] == ["of another person"] * 2


def among(patient: Json, *sent: Json, at: str = "https://mine.nl/fhir/Patient/p1") -> Json:
    """A bundle of a patient at an address, and of what is sent with her."""
    entries = [{"fullUrl": at, "resource": patient}, *({"resource": one} for one in sent)]
    return {"resourceType": "Bundle", "entry": entries}


def test_a_server_is_the_same_with_and_without_a_lock():
    for address, subject in (("https", "http"), ("http", "https")):
        sent = observation("saddle_numbness", subject={"reference": f"{subject}://mine.nl/fhir/Patient/p1"})
        found = read([among(PATIENT, sent, at=f"{address}://mine.nl/fhir/Patient/p1")], ON).found
        assert set(found) == {"saddle_numbness"}


def test_a_patient_without_an_id_is_called_what_her_address_says():
    assert set(read([among({"resourceType": "Patient"}, observation("leg_pain"))], ON).found) == {"leg_pain"}


def test_one_number_on_two_servers_is_two_people_and_neither_is_read():
    def no(id: str, server: str) -> Json:
        return observation(id, value=False, subject={"reference": f"https://{server}.nl/fhir/Patient/p1"})

    assert set(known(no("leg_pain", "a"), no("foot_drop", "a"))) == {"leg_pain", "foot_drop"}
    reading = of(no("leg_pain", "a"), no("foot_drop", "b"), observation("lhermitte"))
    assert set(reading.found) == {"lhermitte"}
    assert [one.value for one in reading.passed] == ["of another person"] * 2


def test_without_a_patient_a_number_that_all_give_says_who_she_is():
    def by_number(id: str, value: str) -> Json:
        return observation(
            id, subject={"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": value}}
        )

    reading = read([by_number("saddle_numbness", "1"), by_number("foot_drop", "2"), by_number("leg_pain", "1")], ON)
    assert set(reading.found) == {"saddle_numbness", "leg_pain"}


def test_where_two_patients_came_what_names_nobody_is_of_nobody():
    nobody = observation("saddle_numbness", value=False)
    del nobody["subject"]
    assert known(nobody) == {"saddle_numbness": False}
    reading = of({**PATIENT, "id": "p2"}, nobody)
    assert not reading.found
    assert [one.value for one in reading.passed] == ["a second patient", "of one of several people"]


def test_a_patient_who_was_sent_twice_is_one_patient():
    nobody = observation("leg_pain")
    del nobody["subject"]
    reading = of({**PATIENT, "active": True}, nobody)
    assert (set(reading.found), reading.passed) == ({"leg_pain"}, ())


MINE = [
    {"reference": "Patient/p1"},
    {"reference": "https://mine.nl/fhir/Patient/p1"},
    {"reference": "Patient/p1/_history/3"},
    {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "1"}},
]


@pytest.mark.parametrize("subject", MINE, ids=str)
def test_what_is_of_this_person_is_read(subject):
    patient = {**PATIENT, "identifier": [{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "1"}]}
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": "https://mine.nl/fhir/Patient/p1", "resource": patient},
            {"resource": observation("saddle_numbness", subject=subject)},
        ],
    }
    assert set(read([bundle], ON).found) == {"saddle_numbness"}


@pytest.mark.control("C-37")
def test_of_two_patients_only_the_first_is_read():
    other = {"resourceType": "Patient", "id": "p2", "birthDate": "1950-01-01"}
    sent = [PATIENT, other, observation("leg_pain", subject={"reference": "Patient/p2"}), observation("foot_drop")]
    reading = read(sent, ON)
    assert set(reading.found) == {"foot_drop"}
    assert reading.subject is not None
    assert reading.subject.id == "p1"
    assert [one.place for one in reading.passed] == ["Patient/p2", f"Observation/leg-pain-{ON}"]


def test_without_a_patient_all_must_be_of_one_person():
    sent = [
        observation("leg_pain"),
        observation("foot_drop", subject={"reference": "Patient/p2"}),
        observation("fever_c", 37),
    ]
    reading = read(sent, ON)
    assert set(reading.found) == {"leg_pain", "fever_c"}
    assert len(reading.passed) == 1


# -- the person -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        ("1980-01-15", 46),
        ("1980-01-16", 45),
        ("2024-02-29", 1),
        ("1980-01", None),
        ("1980-02", 45),
        ("1979-12", 46),
        ("1980", None),
        ("2026-01-16", None),
        ("1850-01-01", None),
        ("1980-13-01", None),
        ("", None),
        (1980, None),
        ("15-01-1980", None),
    ],
)
def test_an_age_is_known_only_when_the_date_of_birth_leaves_no_doubt(birth, age):
    reading = read([{**PATIENT, "birthDate": birth}], ON)
    assert {id: one.value for id, one in reading.found.items()} == ({"age_years": age} if age is not None else {})


def test_only_a_year_of_birth_is_a_reason_to_ask_the_age():
    assert asks(read([{**PATIENT, "birthDate": "1980"}], ON)) == {"age_years"}


def test_the_gender_of_an_administration_is_no_sex_at_birth():
    reading = read([{**PATIENT, "gender": "male"}], ON)
    assert (dict(reading.found), asks(reading)) == ({}, {"sex_at_birth"})
    birth_sex = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"}
    reading = read([{**PATIENT, "gender": "male", "extension": [birth_sex]}], ON)
    assert {id: one.value for id, one in reading.found.items()} == {"sex_at_birth": "female"}
    assert reading.subject is not None
    assert reading.subject.sex == "female"
    assigned = {"valueCodeableConcept": concept("http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender", "M")}
    assert known(measured("LOINC", "76689-9", **assigned)) == {"sex_at_birth": "male"}
    assert known(measured("LOINC", "46098-0", **assigned)) == {}


def test_a_person_has_a_name_and_a_day_of_birth():
    named = {
        **PATIENT,
        "birthDate": "1980-05-01",
        "name": [{"use": "nickname", "text": "Jo"}, {"use": "official", "given": ["Jo", 5], "family": "Bak"}],
    }
    subject = read([named], ON).subject
    assert subject is not None
    assert (subject.id, subject.name, subject.born, subject.sex) == ("p1", "Jo Bak", date(1980, 5, 1), None)

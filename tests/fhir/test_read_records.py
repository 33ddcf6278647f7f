"""Medicines, procedures and orders of a record: what is in use or was done, and what only seems so."""

import pytest

from sent import AGO, asks, concept, known, medicine, of, prescription, puncture

STOP_TYPE = {"url": "http://nictiz.nl/fhir/StructureDefinition/ext-StopType", "valueCodeableConcept": {}}

# -- medicines, procedures, orders ------------------------------------------------------------------------------------


def test_an_opioid_and_a_blood_thinner_in_use_are_in_use():
    assert known(medicine("N02AX02"), medicine("B01AF01")) == {"opioid_current": True, "anticoagulant": True}


def test_aspirin_and_prednisone_are_reasons_to_ask():
    reading = of(medicine("B01AC06"), medicine("H02AB06"))
    assert (dict(reading.found), asks(reading)) == ({}, {"anticoagulant", "steroids_long"})


@pytest.mark.parametrize(
    "status", ["not-taken", "stopped", "completed", "on-hold", "intended", "entered-in-error", "unknown", None]
)
def test_a_medicine_that_is_not_taken_is_no_no(status):
    reading = of(medicine("N02AA05", status=status))
    assert (dict(reading.found), reading.hints) == ({}, ())


def test_a_medicine_whose_time_is_over_or_that_was_stopped_is_not_in_use():
    assert known(medicine("N02AA05", effectivePeriod={"start": AGO[30], "end": AGO[10]})) == {}
    assert known(medicine("N02AA05", modifierExtension=[STOP_TYPE])) == {}
    scheme = {"url": "http://nictiz.nl/fhir/StructureDefinition/ext-InstructionsForUse.RepeatPeriodCyclicalSchedule"}
    assert known(medicine("N02AA05", modifierExtension=[scheme])) == {"opioid_current": True}


def test_a_prescription_that_runs_is_a_medicine_in_use():
    assert known(prescription()) == {"opioid_current": True}


@pytest.mark.parametrize(
    "instead",
    [
        {"status": "draft"},
        {"status": "cancelled"},
        {"intent": "proposal"},
        {"intent": None},
        {"doNotPerform": True},
        {"modifierExtension": [STOP_TYPE]},
    ],
)
def test_a_draft_a_proposal_and_an_order_not_to_give_it_are_no_medicine_in_use(instead):
    assert known(prescription(**instead)) == {}


@pytest.mark.parametrize("reference", ["Medication/oxy", "#oxy", "urn:uuid:1"])
def test_a_medicine_of_its_own_is_looked_up(reference):
    medication = {
        "resourceType": "Medication",
        "id": "oxy",
        "code": concept("urn:oid:2.16.840.1.113883.6.73", "N02AA05"),
    }
    sent = medicine(
        "", medicationReference={"reference": reference}, contained=[medication] if reference[0] == "#" else []
    )
    del sent["medicationCodeableConcept"]
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"fullUrl": "urn:uuid:1", "resource": medication}, {"resource": sent}],
    }
    assert known(bundle) == {"opioid_current": True}


def test_a_medicine_that_is_to_begin_tomorrow_is_not_in_use():
    assert known(medicine("N02AA05", effectivePeriod={"start": "2026-01-16"})) == {}


def test_a_medicine_of_its_own_is_found_by_the_whole_address_too():
    medication = {"resourceType": "Medication", "id": "aca", "code": concept("ATC", "B01AA07")}
    sent = medicine("", medicationReference={"reference": "https://his.nl/fhir/Medication/aca"})
    sent["medicationCodeableConcept"] = None
    assert known(medication, sent) == {"anticoagulant": True}


def test_a_puncture_that_an_unknown_extension_may_turn_round_is_a_reason_to_ask():
    turned = puncture(performedDateTime=AGO[10], modifierExtension=[{"url": "https://example.org/not"}])
    reading = of(turned)
    assert (dict(reading.found), asks(reading)) == ({}, {"spinal_procedure_days_ago"})


def test_when_a_puncture_was_asked_for_is_not_when_it_was_done():
    order = {**puncture(), "resourceType": "ServiceRequest", "authoredOn": AGO[30], "occurrenceDateTime": AGO[20]}
    reading = of(order)
    assert (dict(reading.found), asks(reading)) == ({}, {"spinal_procedure_days_ago"})


def test_the_days_since_a_puncture_are_counted():
    assert known(puncture(performedDateTime=AGO[10])) == {"spinal_procedure_days_ago": 10}
    assert known(puncture(performedPeriod={"start": AGO[3], "end": AGO[3]})) == {"spinal_procedure_days_ago": 3}


@pytest.mark.parametrize(
    "status", ["not-done", "preparation", "on-hold", "stopped", "entered-in-error", "unknown", None]
)
def test_a_puncture_that_was_not_done_says_nothing(status):
    reading = of(puncture(performedDateTime=AGO[10], status=status))
    assert (dict(reading.found), reading.hints) == ({}, ())


@pytest.mark.parametrize("when", [{}, {"performedDateTime": "2026"}, {"performedPeriod": {"start": AGO[30]}}])
def test_a_puncture_of_no_known_day_is_a_reason_to_ask(when):
    reading = of(puncture(**when))
    assert (dict(reading.found), asks(reading)) == ({}, {"spinal_procedure_days_ago"})


def test_a_picture_that_was_made_was_made_and_one_that_is_ordered_was_not():
    mri = {**puncture(performedDateTime=AGO[100]), "code": concept("LOINC", "24968-0")}
    assert known(mri) == {"prior_imaging": True}
    order = {**mri, "resourceType": "ServiceRequest", "status": "draft", "authoredOn": AGO[1]}
    assert known(order) == {}
    assert of(order).passed == ()
    assert known({**order, "status": "completed"}) == {"prior_imaging": True}
    assert known({**order, "status": "completed", "doNotPerform": True}) == {}

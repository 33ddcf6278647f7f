"""Somebody else's resources become findings, and nothing becomes a "no" that nobody said."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from patients import ON, cases
from ruggespraak.consult import Case, decide
from ruggespraak.fhir.read import read
from ruggespraak.pathway.codes.addresses import FINDINGS
from ruggespraak.pathway.rules import Urgency
from sent import (
    ABSENT,
    AGO,
    HERS,
    VERIFIED,
    Json,
    as_observations,
    as_response,
    asks,
    coded,
    concept,
    condition,
    item,
    known,
    measured,
    medicine,
    observation,
    of,
    problems,
    quantity,
    response,
)

# -- our own resources come back as the same case ---------------------------------------------------------------------


@given(cases() | cases(answered_by="patient") | cases(answered_by="proxy"), st.booleans())
def test_a_case_that_was_sent_is_read_as_the_same_case(case: Case, by_questionnaire: bool):
    assume(case.answers or case.unclear)
    sent = as_response(case) if by_questionnaire else as_observations(case)
    reading = read(json.loads(json.dumps(sent)), ON)
    assert reading.case(ON) == case
    assert (reading.conflicts, reading.older, reading.stale, reading.hints, reading.passed) == ((),) * 5
    assert all(one.origin.on == ON and one.origin.code is None for one in reading.found.values())


def test_every_kind_of_value_is_read_from_a_questionnaire():
    found = known(
        response(
            item("saddle_numbness", coded("yes")),
            item("leg_pain", {"valueBoolean": False}),
            item("course", coded("course.worse")),
            item("duration_days", {"valueDecimal": 20}),
            item("age_years", {"valueInteger": 46}),
            item("onset_date", {"valueDate": AGO[20]}),
            item("fever_c", {"valueQuantity": {"value": 37.1, "code": "Cel"}}),
        )
    )
    assert found == {
        "saddle_numbness": True,
        "leg_pain": False,
        "course": "worse",
        "duration_days": 20,
        "age_years": 46,
        "onset_date": ON - timedelta(days=20),
        "fever_c": 37.1,
    }


def test_a_question_that_nobody_answered_is_not_asked():
    assert known(response({"linkId": "saddle_numbness"}, {"linkId": "leg_pain", "answer": []}, item("foot_drop"))) == {}
    assert known(response({"linkId": "fever_c/unclear", "answer": [{"valueBoolean": False}]})) == {}


def test_an_item_inside_a_group_and_inside_an_answer_is_found():
    deep: Json = item("saddle_numbness", coded("no"))
    for _ in range(500):
        deep = {"linkId": "group", "item": [deep]}
    inside = item("leg_pain", {**coded("yes"), "item": [item("foot_drop", coded("unclear"))]})
    assert known(response(deep, inside)) == {"saddle_numbness": False, "leg_pain": True, "foot_drop": "unclear"}


@pytest.mark.parametrize("status", ["entered-in-error", "stopped", "", None, 5])
def test_a_questionnaire_that_does_not_count_is_passed_over(status):
    reading = of(response(item("saddle_numbness", coded("no")), status=status))
    assert not reading.found
    assert "QuestionnaireResponse/r1" in problems(reading)[0]


@pytest.mark.parametrize("whose", ["https://example.org/Questionnaire/current", None, "", 3])
def test_the_questions_of_somebody_else_are_not_ours_even_if_they_are_called_the_same(whose):
    reading = of(response(item("diabetes", {"valueBoolean": False}), questionnaire=whose))
    assert not reading.found
    assert problems(reading) == [
        "QuestionnaireResponse of another questionnaire: 1 of this kind given, a kind that is read expected"
    ]


@pytest.mark.parametrize("status", ["stopped", "", None])
def test_a_yes_in_a_questionnaire_that_was_left_halfway_is_a_reason_to_ask(status):
    assert asks(of(response(item("saddle_numbness", coded("yes")), status=status))) == {"saddle_numbness"}
    assert asks(of(response(item("saddle_numbness", coded("yes")), status="entered-in-error"))) == set()


def test_what_turns_a_group_of_questions_round_turns_every_question_in_it():
    turned: Json = {"linkId": "group", "modifierExtension": [{"url": "https://example.org/not"}]}
    inside = {**turned, "item": [{"linkId": "more", "item": [item("saddle_numbness", coded("no"))]}]}
    in_an_answer = item("leg_pain", {**coded("no"), **turned, "item": [item("foot_drop", coded("no"))]})
    reading = of(response(inside, in_an_answer, item("lhermitte", coded("no"))))
    assert set(reading.found) == {"lhermitte"}
    assert asks(reading) == {"saddle_numbness", "leg_pain", "foot_drop"}
    of_another_rule = of(response(item("lhermitte", coded("no")), implicitRules="https://example.org/rules"))
    assert (dict(of_another_rule.found), asks(of_another_rule)) == ({}, {"lhermitte"})


@pytest.mark.control("C-39")
def test_a_written_no_is_no_answer():
    reading = of(response(item("saddle_numbness", {"valueString": "no"})))
    assert not reading.found
    assert asks(reading) == {"saddle_numbness"}
    assert "valueString" in problems(reading)[0]


# -- no "no" out of nothing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["unknown", "not-asked", "asked-declined", "error", "masked", "not-performed", "x"])
def test_no_value_for_another_reason_than_not_known_is_as_good_as_not_asked(reason):
    sent = {**observation("saddle_numbness", None), "dataAbsentReason": concept(ABSENT, reason)}
    assert not of(sent).found


def test_asked_and_not_known_is_unclear_and_weighs_more_than_not_asked():
    unclear = of(observation("saddle_numbness", None)).case(ON)
    assert unclear.unclear == {"saddle_numbness"}
    assert decide(unclear).urgency is Urgency.SAME_DAY


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"valueBoolean": None},
        {"valueBoolean": 0},
        {"valueBoolean": "false"},
        {"valueString": "no"},
        {"valueBoolean": []},
        {"valueCodeableConcept": {"coding": [{"code": "no"}]}},
        {"valueCodeableConcept": {"text": "no"}},
        {"valueCodeableConcept": concept("http://snomed.info/sct", "373067005")},
        {"valueInteger": 0},
        {"valueBoolean": False, "valueString": "x"},
        {"_valueBoolean": {"extension": []}},
    ],
)
def test_what_is_no_answer_is_no_no(value):
    sent = observation("saddle_numbness")
    del sent["valueBoolean"]
    reading = of({**sent, **value})
    assert not reading.found
    assert asks(reading) == {"saddle_numbness"}
    assert "Observation/saddle-numbness" in problems(reading)[0]


def test_a_value_beside_a_reason_why_there_is_none_is_neither():
    sent = observation("saddle_numbness", value=False, dataAbsentReason=concept(ABSENT, "error"))
    reading = of(sent)
    assert not reading.found
    assert asks(reading) == {"saddle_numbness"}


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown", "", None, [], "FINAL"])
def test_an_observation_that_is_not_there_yet_or_no_more_says_nothing(status):
    reading = of(observation("saddle_numbness", value=False, status=status))
    assert not reading.found
    assert len(reading.passed) == 1


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "preliminary"])
def test_an_observation_that_counts_counts(status):
    assert known(observation("saddle_numbness", status=status)) == {"saddle_numbness": True}


@pytest.mark.parametrize("status", ["registered", "unknown", "", None])
def test_a_yes_that_does_not_count_yet_is_a_reason_to_ask_and_one_that_was_taken_back_is_none(status):
    assert asks(of(observation("saddle_numbness", status=status))) == {"saddle_numbness"}
    for gone in ("entered-in-error", "cancelled"):
        assert asks(of(observation("saddle_numbness", status=gone))) == set()


@pytest.mark.parametrize(
    "null", ["dataAbsentReason", "valueString", "modifierExtension", "implicitRules", "focus", "component", "contained"]
)
def test_a_null_is_as_good_as_left_out(null):
    assert known(observation("saddle_numbness", **{null: None})) == {"saddle_numbness": True}


def test_a_value_of_which_an_extension_says_that_it_is_not_known_is_no_value():
    unknown = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "error"}]
    }
    sent = [
        observation("saddle_numbness", value=False, _valueBoolean=unknown),
        {**observation("fever_c", 37), "valueQuantity": {"value": 37, "code": "Cel", **unknown}},
        response(item("leg_pain", {"valueBoolean": False, "_valueBoolean": unknown})),
    ]
    reading = of(*sent)
    assert (dict(reading.found), asks(reading)) == ({}, {"saddle_numbness", "fever_c", "leg_pain"})


def test_one_no_to_two_questions_at_once_is_a_reason_to_ask_both():
    both = {
        "coding": [*concept(FINDINGS, "saddle_numbness")["coding"], *concept(FINDINGS, "urinary_retention")["coding"]]
    }
    reading = of(observation("saddle_numbness", value=False, code=both))
    assert (dict(reading.found), asks(reading)) == ({}, {"saddle_numbness", "urinary_retention"})
    assert "two questions" in problems(reading)[0]


def test_an_answer_that_cannot_be_read_leaves_no_earlier_no_standing():
    unreadable = {**observation("saddle_numbness"), "id": "2", "valueBoolean": None, "valueString": "ja"}
    for ago in (ON, AGO[3]):
        reading = of(observation("saddle_numbness", value=False, on=ago), unreadable)
        assert (dict(reading.found), asks(reading)) == ({}, {"saddle_numbness"})
    since = {**unreadable, "effectiveDateTime": AGO[3]}
    assert known(observation("saddle_numbness", value=False), since) == {"saddle_numbness": False}
    assert known(observation("saddle_numbness"), unreadable) == {"saddle_numbness": True}


def test_a_problem_that_was_recorded_since_leaves_no_no_standing():
    no = observation("urinary_retention", value=False, on=AGO[3])
    assert known(no, condition("ICPC-1-NL", "U08")) == {}
    assert known(no, condition("ICPC-1-NL", "U08", recordedDate=AGO[5])) == {"urinary_retention": False}


@pytest.mark.parametrize("verified", ["confirmed", "provisional", "unconfirmed"])
def test_a_problem_on_a_list_sets_no_alarm_aside(verified):
    before = {**condition("ICPC-1-NL", "T90", verified=verified), "code": concept(FINDINGS, "cancer_pain_unchanged")}
    reading = of(before)
    assert (dict(reading.found), asks(reading)) == ({}, {"cancer_pain_unchanged"})


@pytest.mark.parametrize("verified", ["refuted", "entered-in-error"])
def test_a_problem_that_was_refuted_is_passed_over_and_is_no_no(verified):
    reading = of(condition("ICPC-1-NL", "T90", verified=verified))
    assert not reading.found
    assert not reading.hints
    assert problems(reading) == [f"Condition/c-T90: {verified} given, a problem that is there expected"]


def test_a_dutch_problem_that_is_known_absent_is_refuted():
    absent = {"coding": [{"system": "http://snomed.info/sct", "code": "410516002"}]}
    assert not of({**condition("ICPC-1-NL", "T90"), "verificationStatus": absent}).found
    both = {"coding": absent["coding"] + concept(VERIFIED, "confirmed")["coding"]}
    contradicts = of({**condition("ICPC-1-NL", "T90"), "verificationStatus": both})
    assert not contradicts.found
    assert asks(contradicts) == {"diabetes"}


def test_one_of_several_possible_diagnoses_is_a_reason_to_ask():
    reading = of(condition("SNOMED-CT", "233985008", verified="differential"))
    assert (dict(reading.found), asks(reading)) == ({}, {"known_aaa"})


@pytest.mark.parametrize("clinical", ["active", "recurrence", "relapse"])
@pytest.mark.parametrize("verified", ["confirmed", "provisional", "unconfirmed"])
def test_a_problem_that_is_there_is_there(clinical, verified):
    assert known(condition("ICPC-1-NL", "T90", clinical, verified)) == {"diabetes": True}


@pytest.mark.parametrize("clinical", ["inactive", "remission", "resolved"])
def test_who_had_cancer_has_a_history_of_cancer_and_who_had_a_fever_has_none(clinical):
    assert known(condition("SNOMED-CT", "363346000", clinical)) == {"cancer_history": True}
    over = of(condition("ICPC-1-NL", "A03", clinical))
    assert not over.found
    assert not over.hints
    assert "over" in problems(over)[0]


def test_a_fever_that_nobody_took_off_the_list_for_months_is_a_reason_to_ask_and_what_lasts_stands():
    old = of(condition("ICPC-1-NL", "A03", recordedDate=AGO[100]), condition("ICPC-1-NL", "L03", recordedDate=AGO[100]))
    assert (set(old.found), asks(old)) == ({"low_back_pain"}, {"fever_reported"})
    assert known(condition("ICPC-1-NL", "A03", recordedDate=AGO[40])) == {"fever_reported": True}
    assert known(condition("ICPC-1-NL", "T90", recordedDate=AGO[800])) == {"diabetes": True}
    assert known(condition("ICPC-1-NL", "A03", recordedDate="2024")) == {"fever_reported": True}


def test_a_problem_without_a_status_is_there_unless_it_has_an_end():
    bare = condition("ICPC-1-NL", "A03")
    del bare["clinicalStatus"], bare["verificationStatus"]
    assert known(bare) == {"fever_reported": True}
    assert known({**bare, "abatementDateTime": AGO[10]}) == {}
    assert known({**bare, "abatementDateTime": None}) == {"fever_reported": True}


def test_a_status_that_nobody_knows_makes_a_problem_a_reason_to_ask():
    reading = of(condition("ICPC-1-NL", "T90", "sort-of"))
    assert (dict(reading.found), asks(reading)) == ({}, {"diabetes"})
    assert "a status that is not known" in problems(reading)[0]


def test_low_back_pain_without_radiation_does_not_say_that_the_leg_is_free():
    assert known(condition("ICPC-1-NL", "L03")) == {"low_back_pain": True}


def test_back_pain_with_radiation_is_both():
    assert known(condition("ICPC-1-NL", "L86")) == {"low_back_pain": True, "leg_pain": True}


def test_worn_vertebrae_in_the_dutch_edition_are_no_back_pain_and_nothing_in_the_other():
    for system in ("ICPC-1-NL", "ICPC-2"):
        reading = of(condition(system, "L84"))
        assert (dict(reading.found), reading.hints) == ({}, ())


@pytest.mark.parametrize(
    ("system", "code", "finding"),
    [
        ("SNOMED-CT", "165232002", "urinary_incontinence_new"),
        ("ICPC-1-NL", "U08", "urinary_retention"),
        ("SNOMED-CT", "192970008", "saddle_numbness"),
        ("ICPC-1-NL", "K99.01", "known_aaa"),
        ("ICPC-1-NL", "L02", "low_back_pain"),
    ],
)
def test_a_code_that_does_not_say_it_is_a_reason_to_ask(system, code, finding):
    reading = of(condition(system, code))
    assert (dict(reading.found), asks(reading)) == ({}, {finding})
    assert reading.hints[0].origin.resource == f"Condition/c-{code}"
    assert reading.hints[0].origin.code.code == code


def test_a_reason_to_ask_goes_when_it_was_asked_since():
    had = condition("SNOMED-CT", "165232002", recordedDate=AGO[800])
    assert not of(had, observation("urinary_incontinence_new", value=False)).hints
    asked_before = observation("urinary_incontinence_new", value=False, on=AGO[10])
    assert asks(of(condition("SNOMED-CT", "165232002"), asked_before)) == {"urinary_incontinence_new"}
    assert asks(of(had, observation("urinary_incontinence_new", None))) == {"urinary_incontinence_new"}


def test_a_problem_in_words_only_is_counted_and_not_read():
    reading = of({**condition("ICPC-1-NL", "T90"), "code": {"text": "diabetes"}})
    assert not reading.found
    assert problems(reading) == ["Condition: 1 without a code that we know given, a code of the map expected"]


def test_the_start_of_a_problem_is_not_the_start_of_this_pain():
    assert known(condition("ICPC-1-NL", "L03", onsetDateTime="2015-03-01")) == {"low_back_pain": True}


@pytest.mark.control("C-39")
def test_a_disease_in_the_family_is_not_the_patients():
    family = {
        "resourceType": "FamilyMemberHistory",
        "patient": HERS,
        "condition": [{"code": concept("ICPC-1-NL", "T90")}],
    }
    about = measured("http://loinc.org", "8670-2", valueCodeableConcept=concept("ICPC-1-NL", "T90"))
    reading = of(family, about)
    assert (dict(reading.found), reading.hints) == ({}, ())
    assert "FamilyMemberHistory: 1 of this kind given, a kind that is read expected" in problems(reading)


def test_an_assertion_says_what_its_value_says():
    assertion = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    assert known(measured(assertion, "ASSERTION", valueCodeableConcept=concept("ICPC-1-NL", "T90"))) == {
        "diabetes": True
    }


def test_an_observation_about_an_unborn_child_is_not_about_the_mother():
    reading = of(measured("LOINC", "8310-5", focus=[{"display": "foetus"}], **quantity(39, "Cel")))
    assert not reading.found
    assert "about somebody or something else" in problems(reading)[0]


def test_an_answer_that_an_unknown_extension_may_turn_round_is_only_a_reason_to_ask():
    turned = {**coded("no"), "modifierExtension": [{"url": "https://example.org/not"}]}
    reading = of(response(item("saddle_numbness", turned), item("leg_pain", coded("no"))))
    assert (set(reading.found), asks(reading)) == ({"leg_pain"}, {"saddle_numbness"})


@pytest.mark.control("C-39")
@pytest.mark.parametrize(
    "turned", [{"modifierExtension": [{"url": "https://example.org/not"}]}, {"implicitRules": "https://x"}]
)
@pytest.mark.parametrize("sent", [observation("saddle_numbness"), condition("ICPC-1-NL", "T90"), medicine("N02AA05")])
def test_what_an_unknown_extension_may_turn_round_is_only_a_reason_to_ask(sent, turned):
    reading = of({**sent, **turned})
    assert not reading.found
    assert len(asks(reading)) == 1
    assert "may turn it round" in problems(reading)[0]


# -- what others measure and ask --------------------------------------------------------------------------------------


@pytest.mark.control("C-21")
@pytest.mark.parametrize(
    ("code", "value", "unit", "finding", "expected"),
    [
        ("8310-5", 38.2, "Cel", "fever_c", 38.2),
        ("8310-5", 100.4, "[degF]", "fever_c", 38),
        ("1988-5", 6, "mg/L", "crp_mg_l", 6),
        ("1988-5", 5.2, "mg/dL", "crp_mg_l", 52),
        ("1988-5", 6, "mg/l", "crp_mg_l", 6),
        ("30341-2", 31, "mm/h", "esr_mm_h", 31),
        ("30525-0", 46, "a", "age_years", 46),
    ],
)
def test_a_number_is_read_in_its_own_unit(code, value, unit, finding, expected):
    assert known(measured("LOINC", code, **quantity(value, unit))) == {finding: expected}


def test_a_fever_in_fahrenheit_is_a_fever():
    case = of(measured("LOINC", "8310-5", **quantity(100.4, "[degF]")), observation("low_back_pain")).case(ON)
    assert decide(case).urgency is Urgency.SAME_DAY


@pytest.mark.control("C-21")
@pytest.mark.parametrize(
    ("code", "value", "unit"),
    [
        ("8310-5", 98.6, "Cel"),
        ("8310-5", 37, "K"),
        ("8310-5", 37, ""),
        ("1988-5", 5, "mmol/L"),
        ("1988-5", 5, "1"),
        ("1988-5", -1, "mg/L"),
        ("1988-5", 10**400, "mg/L"),
        ("1988-5", True, "mg/L"),
        ("1988-5", "5", "mg/L"),
    ],
)
def test_a_number_that_cannot_be_or_has_no_unit_is_no_number(code, value, unit):
    reading = of(measured("LOINC", code, **quantity(value, unit)))
    assert not reading.found
    assert len(reading.passed) == 1


def test_a_bare_number_of_somebody_else_has_no_unit():
    assert not of(measured("LOINC", "1988-5", valueInteger=5)).found
    assert known(response(item("crp_mg_l", {"valueDecimal": 5}))) == {"crp_mg_l": 5}


def test_a_month_is_no_number_of_days():
    six_weeks = {"valueQuantity": {"value": 6, "code": "wk"}}
    assert known({**observation("duration_days", 1), **six_weeks}) == {"duration_days": 42}
    assert known({**observation("duration_days", 1), "valueQuantity": {"value": 2, "code": "mo"}}) == {}


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        ("<", 5, 5),
        ("<=", 5, 5),
        (">", 200, 200),
        (">=", 200, 200),
        (">", 5, None),
        (">", 25, None),
        ("<", 200, None),
        ("ad", 5, None),
        ([], 5, None),
    ],
)
def test_less_than_five_is_at_worst_five_and_more_than_five_can_be_anything(comparator, value, expected):
    reading = of(measured("LOINC", "1988-5", **quantity(value, "mg/L", comparator=comparator)))
    assert {id: one.value for id, one in reading.found.items()} == ({"crp_mg_l": expected} if expected else {})
    assert asks(reading) == (set() if expected else {"crp_mg_l"})


@pytest.mark.parametrize(
    ("comparator", "urgency"), [(">", Urgency.EMERGENCY), (">=", Urgency.ROUTINE), ("<", Urgency.ROUTINE)]
)
def test_a_bladder_with_more_than_the_scan_can_tell_is_an_alarm(comparator, urgency):
    scan = observation("post_void_residual_ml", 200, **quantity(200, "mL", comparator=comparator))
    assert decide(of(scan).case(ON)).urgency is urgency


@pytest.mark.parametrize(("grade", "reads"), [(3.5, 3), (4.5, 4), (4.0, 4), (5, 5)])
def test_a_strength_between_two_grades_is_the_worse_one(grade, reads):
    """PATHWAY §2: MRC values are the worse side."""
    assert known(observation("mrc_knee_extension", grade)) == {"mrc_knee_extension": reads}
    assert known(response(item("mrc_knee_extension", {"valueDecimal": grade}))) == {"mrc_knee_extension": reads}


def test_the_no_of_somebody_else_is_a_reason_to_ask():
    """Their question may be another one than ours."""
    for no in ({"valueBoolean": False}, {"valueCodeableConcept": concept("http://snomed.info/sct", "373067005")}, {}):
        reading = of(measured("SNOMED-CT", "386661006", **no))
        assert (dict(reading.found), asks(reading)) == ({}, {"fever_reported"})


def test_the_yes_of_somebody_else_counts_where_the_question_is_the_same():
    assert known(measured("SNOMED-CT", "386661006", valueBoolean=True)) == {"fever_reported": True}
    positive = {"valueCodeableConcept": concept("http://snomed.info/sct", "10828004")}
    assert known(measured("LOINC", "26028-1", **positive)) == {"hla_b27": True}
    assert known(measured("LOINC", "82810-3", valueCodeableConcept=concept("SNOMED-CT", "77386006"))) == {
        "pregnant": True
    }
    assert known(measured("LOINC", "82810-3", valueCodeableConcept=concept("SNOMED-CT", "60001007"))) == {}
    assert known(measured("SNOMED-CT", "165232002", valueBoolean=True)) == {}


def test_who_smoked_smoked_and_who_never_did_is_asked():
    def smokes(code: str) -> dict[str, Any]:
        return known(measured("LOINC", "72166-2", valueCodeableConcept=concept("SNOMED-CT", code)))

    assert smokes("8517006") == {"smoking": "former"}
    assert smokes("449868002") == {"smoking": "current"}
    assert smokes("266919005") == {}
    assert smokes("77176002") == {}


def test_a_dutch_pain_score_does_not_say_where_it_hurts():
    reading = of(measured("SNOMED-CT", "225908003", valueInteger=8))
    assert (dict(reading.found), asks(reading)) == ({}, {"pain_back_nrs", "pain_leg_nrs"})


def test_a_body_mass_says_nothing_about_a_question_with_yes_or_no():
    assert not of(measured("LOINC", "39156-5", **quantity(27, "kg/m2"))).hints


def test_components_are_read_each_by_itself():
    parts = [
        {"code": concept("LOINC", "1988-5"), **quantity(80, "mg/L")},
        {"code": concept("LOINC", "30341-2"), "dataAbsentReason": concept(ABSENT, "error")},
        {"code": concept(FINDINGS, "foot_drop"), "valueBoolean": False},
        "nonsense",
    ]
    assert known(measured("LOINC", "55399-0", component=parts)) == {"foot_drop": False, "crp_mg_l": 80}


def test_our_own_code_counts_and_the_ones_beside_it_do_not():
    codes = {"coding": concept("LOINC", "8310-5")["coding"] + concept(FINDINGS, "fever_reported")["coding"]}
    assert known({**observation("fever_reported", value=False), "code": codes}) == {"fever_reported": False}


def test_a_finding_that_does_not_exist_is_named():
    reading = of({**observation("saddle_numbness"), "code": concept(FINDINGS, "sadle_numbness")})
    assert not reading.found
    assert problems(reading)[0].endswith("'sadle_numbness' given, a finding of the vocabulary expected")

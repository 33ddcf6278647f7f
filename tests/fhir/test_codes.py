"""The codes of others, met in a resource: what each may say, and what is ordered by it."""

from typing import Any

import pytest

from ruggespraak.fhir.read import order_of
from ruggespraak.pathway.codes import CODES, Code
from ruggespraak.pathway.codes import ORDERS as ORDER_CODES
from ruggespraak.pathway.codes.addresses import ORDERS
from ruggespraak.pathway.findings import VOCABULARY
from sent import Json, concept, condition, known, medicine, of

OF_FINDINGS = [code for code in CODES if code.finding and code.value is not None]
KINDS = sorted({code.about.removeprefix("order:") for code in ORDER_CODES})


def named(code: Code) -> str:
    return f"{code.about}-{code.system}-{code.code}"


def in_a_record(code: Code) -> Json:
    return medicine(code.code) if code.system == "ATC" else condition(code.system, code.code)


@pytest.mark.control("C-38")
@pytest.mark.parametrize("code", OF_FINDINGS, ids=named)
def test_a_code_in_a_record_is_the_finding_or_a_reason_to_ask_and_never_a_no(code):
    reading = of(in_a_record(code))
    found = {id: one.value for id, one in reading.found.items()}
    assert (code.finding in found) is code.establishes
    assert (code.finding in {hint.finding for hint in reading.hints}) is not code.establishes
    assert False not in found.values()


@pytest.mark.parametrize("code", OF_FINDINGS, ids=named)
def test_a_code_of_something_that_is_not_there_says_nothing(code):
    if code.system == "ATC":
        reading = of(medicine(code.code, status="not-taken"))
    else:
        reading = of(condition(code.system, code.code, verified="refuted"))
    assert (dict(reading.found), reading.hints) == ({}, ())


@pytest.mark.parametrize("code", CODES, ids=named)
def test_every_code_is_found_under_the_address_of_its_system_only(code):
    assert of(condition("http://example.org/codes", code.code)).hints == ()
    assert known(condition("http://example.org/codes", code.code)) == {}


def test_a_code_that_is_a_finding_is_one_in_the_right_system_only():
    assert known(condition("ICPC-2", "T90")) == {}
    assert known(condition("ICD-10", "L86")) == {}
    assert known(condition("http://hl7.org/fhir/sid/icpc-1", "T90")) == {}


@pytest.mark.parametrize(
    "system",
    ["http://hl7.org/fhir/sid/icpc-1-nl", "http://hl7.org/fhir/sid/icpc-1-NL", "urn:oid:2.16.840.1.113883.2.4.4.31.1"],
)
def test_the_dutch_icpc_is_known_under_all_its_names(system):
    assert known(condition(system, "T90.02")) == {"diabetes": True}


# -- orders -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ORDER_CODES, ids=named)
def test_every_code_of_an_order_is_that_order(code):
    assert order_of(concept(code.system, code.code)) == code.about.removeprefix("order:")


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_code_of_an_order_is_that_order_and_nothing_else_is(kind):
    assert order_of(concept(ORDERS, kind)) == kind
    assert order_of(concept(ORDERS, f"{kind}s")) is None
    assert order_of(concept("http://example.org/orders", kind)) is None


def test_all_that_can_be_ordered_for_a_back():
    assert KINDS == [
        "opioid",
        "physiotherapy",
        "referral_neurologist",
        "referral_neurosurgeon",
        "referral_orthopaedist",
        "referral_rheumatologist",
        "spine_ct",
        "spine_mri",
        "spine_x_ray",
    ]


def test_an_opioid_by_its_own_code_is_an_opioid_and_paracetamol_is_none():
    assert order_of(concept("ATC", "N02AX02")) == "opioid"
    assert order_of(concept("urn:oid:2.16.840.1.113883.6.73", "N02AA05")) == "opioid"
    assert order_of(concept("ATC", "N02BE01")) is None


def test_a_scan_of_the_neck_or_the_hip_is_no_scan_of_the_back():
    assert order_of(concept("LOINC", "24935-9")) is None
    assert order_of(concept("SNOMED-CT", "241639000")) is None


def test_two_codes_of_one_order_agree_and_two_of_different_orders_say_neither():
    def both(*codes: tuple[str, str]) -> Json:
        return {"coding": [one for code in codes for one in concept(*code)["coding"]]}

    assert order_of(both(("LOINC", "24968-0"), ("SNOMED-CT", "241645008"), (ORDERS, "spine_mri"))) == "spine_mri"
    assert order_of(both(("LOINC", "24968-0"), ("SNOMED-CT", "840361000"))) is None
    assert order_of(both(("LOINC", "24968-0"), ("http://example.org", "x"))) == "spine_mri"


def test_a_picture_of_the_spine_with_a_code_beside_it_that_we_do_not_know_may_be_one_of_the_neck():
    for code in (("SNOMED-CT", "241646009"), ("LOINC", "24935-9")):
        spine, other = concept("SNOMED-CT", "241645008"), concept(*code)
        assert order_of({"coding": spine["coding"] + other["coding"]}) is None


@pytest.mark.parametrize(
    "wrong", [None, "MRI", 5, [], {}, {"text": "MRI of the lumbar spine"}, {"coding": "x"}, {"coding": [None, 5, {}]},
              {"coding": [{"system": ORDERS, "code": ["spine_mri"]}]}, {"coding": [{"code": "spine_mri"}]}]
)  # fmt: skip
def test_an_order_in_words_or_in_nothing_is_not_recognised(wrong: Any):
    assert order_of(wrong) is None


def test_what_a_code_is_about_is_a_question_that_exists():
    assert {code.finding for code in CODES} - {None} <= set(VOCABULARY)

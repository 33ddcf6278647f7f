"""What cards say of a patient, and what they let a care giver do: for single patients, and for all at random."""

import ast
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_client import CALM, HERNIA, WISH
from cds_client import observed as ehr_observed
from cds_schemas import CARD, empty, wrong
from patients import ON, cases, person
from ruggespraak.consult import Case, decide
from ruggespraak.course import Verdict
from ruggespraak.fhir.cards.card import LONGEST, Kind, Links, as_json, reasons_of, section
from ruggespraak.fhir.cards.drafts import NO_SPECIALIST, Order, drafted
from ruggespraak.fhir.cards.orders import order_cards
from ruggespraak.fhir.cards.patient import patient_view
from ruggespraak.fhir.cards.record import INSTEAD, Record, record_of
from ruggespraak.fhir.cards.scans import SCANS
from ruggespraak.fhir.cards.services import HOOKS, PREFETCH
from ruggespraak.fhir.read import read
from ruggespraak.fhir.read.origin import Origin
from ruggespraak.fhir.write.resource import About
from ruggespraak.pathway.codes.addresses import ORDERS
from ruggespraak.pathway.editions import edition, referrals
from ruggespraak.pathway.numbers import (
    CHRONIC_FROM,
    NO_IMPROVEMENT_FROM,
    PSYCHOSOCIAL_ON,
    RECHECK_ON,
    WEIGH_SURGERY_FROM,
)
from ruggespraak.pathway.rules import Act, Complaint, Referral, Urgency, Use
from ruggespraak.pathway.texts import LANGUAGES, table

ABOUT = About(patient="Patient/p1", key="1", author={"reference": "Practitioner/dr1"})
LINKS = Links(about="https://x.example/nl/about/", launch="https://x.example/smart/", leaflet="https://x.example/l/")
KINDS = (*SCANS, "referral_neurologist", "referral_rheumatologist", "physiotherapy", "opioid")


def record(findings, lang="nl", unclear=(), **more):
    case = Case(on=ON, answers=findings, unclear=frozenset(unclear))
    return Record(case=case, decision=decide(case, lang), lang=lang, **more)


def order(kind, id="o1", **more):
    return Order(kind=kind, resource={"resourceType": "ServiceRequest", "id": id, "status": "draft", **more})


def card(record, *orders):
    """The one card for these orders."""
    found = order_cards(record, orders, ABOUT)
    assert len(found) == 1, [one.summary for one in found]
    return found[0]


def acts(card):
    """What its suggestions do: the types of their actions."""
    return [[action["type"] for action in one.actions] for one in card.suggestions]


def read_alone(found):
    return as_json(found, LINKS, lambda kind: lambda number: f"0{kind:07d}-0000-8000-8000-{number:012d}", "nl")


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_a_nonspecific_back_of_which_everything_was_asked_needs_no_scan_and_the_order_can_go():
    found = card(record(CALM), order("spine_mri"))
    assert found.kind is Kind.SCAN_NEEDLESS
    assert "aspecifieke lagerugpijn" in found.summary
    assert found.suggestions[0].actions == (
        {
            "type": "delete",
            "description": "Verwijder de aanvraag: MRI van de wervelkolom",
            "resourceId": "ServiceRequest/o1",
        },
    )
    assert "blijven bewegen" in found.detail
    assert "NHG54: " in found.detail  # the source by its name


@pytest.mark.control("C-15")
@pytest.mark.parametrize(
    "open_", ["cancer_history", "saddle_numbness", "mrc_hip_flexion", "crp_mg_l", "perianal_sensation_reduced"]
)
def test_as_long_as_one_answer_could_make_a_scan_useful_the_card_asks_for_it_and_nothing_is_deleted(open_):
    asked = {id: value for id, value in CALM.items() if id != open_}
    found = card(record(asked), order("spine_mri"))
    assert found.kind is Kind.SCAN_ASK
    assert found.suggestions == ()
    assert f"- {table('findings')[open_]['term']['nl']}\n" in found.detail


def test_an_alarm_question_answered_unclear_is_no_reason_to_delete_and_comes_first():
    asked = {id: value for id, value in CALM.items() if id != "saddle_numbness"}
    found = card(record(asked, unclear=["saddle_numbness"]), order("spine_mri"))
    assert (found.kind, found.indicator, found.suggestions) == (Kind.UNCLEAR, "critical", ())
    assert "rijbroekanesthesie" in found.summary


@pytest.mark.control("C-40")
def test_what_could_not_be_looked_up_may_be_the_alarm_so_nothing_is_deleted():
    found = card(record(CALM, lacking={"observations": True}), order("spine_mri"))
    assert (found.kind, found.suggestions) == (Kind.SCAN_ASK, ())


def test_with_a_hernia_of_seven_weeks_the_neurologist_decides_on_the_scan():
    found = card(record({**HERNIA, WISH: True}), order("spine_mri"))
    assert found.kind is Kind.SCAN_REFER
    assert "de neuroloog beslist over de scan" in found.summary
    assert "niet zelf" in found.summary
    assert acts(found) == [["delete", "create"]]
    assert found.suggestions[0].recommended
    referral = found.suggestions[0].actions[1]["resource"]
    assert referral["code"]["coding"][0] == {"system": ORDERS, "code": "referral_neurologist"}
    assert (referral["status"], referral["intent"], referral["priority"]) == ("draft", "order", "routine")
    assert referral["subject"] == {"reference": "Patient/p1"}


def test_a_referral_that_waits_for_the_patients_wish_says_so_and_is_not_recommended():
    found = card(record({id: value for id, value in HERNIA.items() if id != WISH}), order("spine_mri"))
    assert "de neuroloog beslist over de scan" in found.summary
    assert found.summary.startswith("Wil de patiënt een operatie afwegen")
    assert acts(found) == [["delete", "create"]]
    assert not found.suggestions[0].recommended
    assert found.suggestions[0].label.startswith("Wil de patiënt")


def test_who_does_not_want_surgery_is_not_referred_for_it():
    found = card(record({**HERNIA, WISH: False}), order("spine_mri"))
    assert (found.kind, found.suggestions) == (Kind.SCAN_REFER, ())
    assert found.summary.startswith("De patiënt wil geen operatie afwegen.")  # she is not asked again


def test_a_hernia_with_an_alarm_question_open_is_asked_about_before_anything_is_replaced():
    asked = {id: value for id, value in HERNIA.items() if id != "urinary_retention"} | {WISH: True}
    found = card(record(asked), order("spine_mri"))
    assert found.suggestions == ()
    assert "- urineretentie\n" in found.detail
    assert "hoe snel is nog niet te zeggen" in found.summary  # and not "within two weeks"


def test_a_hernia_of_three_weeks_needs_no_scan_yet():
    found = card(record({**HERNIA, "duration_days": 21, WISH: False}), order("spine_mri"))
    assert found.kind is Kind.SCAN_NEEDLESS
    assert "eerste zes tot acht weken" in found.detail


def test_a_numb_saddle_needs_the_scan_now_through_the_neurologist():
    found = card(record({**CALM, "saddle_numbness": True}), order("spine_mri"))
    assert (found.kind, found.indicator) == (Kind.SCAN_REFER, "critical")
    assert "spoed: direct" in found.summary
    assert "caudasyndroom" in found.summary
    assert acts(found) == [["delete", "create"]]
    assert found.suggestions[0].actions[1]["resource"]["priority"] == "stat"
    assert "Nog te vragen" not in found.detail  # who must be seen now is not asked on


def test_cancer_before_says_until_when_the_scan_must_be_there():
    found = card(record({**CALM, "cancer_history": True}), order("spine_mri"))
    assert found.kind is Kind.SCAN_REFER
    assert "donderdag 29 januari 2026" in found.detail  # 14 days
    assert "oncoloog" in found.summary


def test_a_fragile_bone_is_for_an_x_ray_of_the_gp_whose_order_stays():
    fragile = {**CALM, "age_years": 78, "osteoporosis_known": True, "age_at_first_onset": 70}
    found = card(record(fragile), order("spine_x_ray"))
    assert (found.kind, found.indicator, found.suggestions) == (Kind.SCAN_FITS, "info", ())
    assert card(record(fragile), order("spine_mri")).indicator == "warning"


def test_nobody_is_told_that_an_ambulance_decides_on_a_scan():
    found = card(record({**CALM, "pulsating_abdomen": True}), order("spine_mri"))
    assert (found.kind, found.suggestions) == (Kind.ALARM, ())
    assert "Ambulance" in found.detail


def test_of_an_x_ray_beside_a_suspected_spondyloarthritis_nothing_is_taken_away():
    spa = {
        **CALM, "duration_days": 120, "age_years": 28, "age_at_first_onset": 24, "bechterew_known": True,
    }  # fmt: skip
    found = card(record(spa), order("spine_x_ray"))
    assert (found.kind, found.suggestions) == (Kind.SCAN_CONSIDER, ())
    assert acts(card(record(spa), order("spine_mri"))) == [["delete", "create"]]


def test_two_orders_of_which_the_same_is_said_share_a_card_and_each_can_go_alone():
    found = card(record(CALM), order("spine_mri"), order("spine_ct", "o2"))
    assert [one["resourceId"] for each in found.suggestions for one in each.actions] == [
        "ServiceRequest/o1", "ServiceRequest/o2",
    ]  # fmt: skip
    assert read_alone(found)["selectionBehavior"] == "any"
    assert read_alone(card(record(CALM), order("spine_mri")))["selectionBehavior"] == "at-most-one"


SPINE = {"coding": [{"system": "http://snomed.info/sct", "code": "122494005"}]}
ICPC = "http://hl7.org/fhir/sid/icpc-1-nl"


def coded(code, system=ICPC):
    return {"coding": [{"system": system, "code": code}]}


@pytest.mark.parametrize(
    "more",
    [{"bodySite": [SPINE]}, {"reasonCode": [{"text": "controle MS"}]}, {"reasonCode": [coded("N86")]},
     {"reasonReference": [{"reference": "Condition/ms"}]}, {"reasonCode": "rug"},
     {"reasonCode": [coded("L03"), coded("N86")]}],
)  # fmt: skip
def test_an_order_that_says_it_is_for_something_else_is_never_taken_away(more):
    found = card(record(CALM), order("spine_mri", **more))
    assert (found.kind, found.indicator, found.suggestions) == (Kind.SCAN_NEEDLESS, "info", ())
    assert "voor iets anders, dan geldt dit advies niet" in found.detail
    opioid = card(record(CALM), order("opioid", **more))
    assert (opioid.indicator, opioid.suggestions) == ("info", ())
    assert order_cards(record(CALM), [order("referral_neurologist", **more)], ABOUT) == ()
    numb = card(record({**CALM, "saddle_numbness": True}), order("spine_mri", **more))
    assert acts(numb) == [["create"]]


def test_an_order_for_this_back_complaint_says_so_by_its_code_or_by_where_it_stands():
    there = Origin(resource="Condition/7", on=None, by="")
    known = record(CALM, origins={"low_back_pain": there})
    for more in ({"reasonCode": [coded("L03")]}, {"reasonReference": [{"reference": "Condition/7"}]}):
        assert acts(card(known, order("spine_mri", **more))) == [["delete"]]


def test_where_the_referral_is_drafted_already_it_is_not_drafted_again_and_nothing_is_taken_away():
    numb = record({**CALM, "saddle_numbness": True})
    scan, there = order("spine_mri"), order("referral_neurologist", "o2", priority="stat")
    (found,) = order_cards(numb, [scan], ABOUT, [scan, there])
    assert (found.kind, found.indicator, found.suggestions) == (Kind.SCAN_REFER, "critical", ())
    late = order("referral_neurologist", "o2")
    (found,) = order_cards(numb, [scan, late], ABOUT, [scan, late])
    assert acts(found) == [["update"]]


@pytest.mark.control("C-42")
def test_one_alarm_is_one_card_however_much_is_ordered_and_one_says_what_must_not_be_done():
    numb = record({**CALM, "saddle_numbness": True})
    found = order_cards(numb, [order(kind, kind) for kind in (*KINDS, "referral_orthopaedist")], ABOUT)
    assert [one.kind for one in found] == [Kind.SCAN_REFER, Kind.TREATMENT_UNSAFE]
    assert {one.indicator for one in found} == {"critical"}
    assert acts(found[0]) == [["update"]]


# -- referrals and treatments ------------------------------------------------------------------------------------------


def test_a_referral_that_fits_and_is_soon_enough_is_left_alone():
    assert order_cards(record({**HERNIA, WISH: True}), [order("referral_neurologist")], ABOUT) == ()


def test_the_right_referral_that_is_too_slow_can_be_set_to_now():
    found = card(record({**CALM, "saddle_numbness": True}), order("referral_neurologist", priority="routine", note="x"))
    assert (found.kind, found.indicator) == (Kind.REFERRAL_SOONER, "critical")
    assert found.suggestions[0].actions[0] == {
        "type": "update", "description": "Zet de verwijzing op: spoed: direct",
        "resource": {"resourceType": "ServiceRequest", "id": "o1", "status": "draft", "note": "x", "priority": "stat"},
    }  # fmt: skip


@pytest.mark.parametrize("priority", ["stat"])
def test_the_right_referral_that_is_already_urgent_is_left_alone(priority):
    alarmed = record({**CALM, "saddle_numbness": True})
    assert order_cards(alarmed, [order("referral_neurologist", priority=priority)], ABOUT) == ()


def test_with_an_alarm_another_referral_comes_first_and_the_one_that_is_there_stays():
    found = card(record({**CALM, "saddle_numbness": True}), order("referral_rheumatologist"))
    assert found.kind is Kind.REFERRAL_OTHER
    assert acts(found) == [["create"]]


def test_a_referral_of_weeks_that_fits_does_not_hide_that_somebody_must_look_now():
    both = record({**CALM, "saddle_numbness": True, "bechterew_known": True})
    assert {one.to for one in both.decision.refer} >= {"neurologist", "rheumatologist"}
    found = card(both, order("referral_rheumatologist"))
    assert (found.kind, found.indicator) == (Kind.REFERRAL_OTHER, "critical")
    assert "de neuroloog" in found.summary


def test_while_the_gp_must_look_today_nobody_is_sent_to_a_specialist_within_weeks_instead():
    feverish = record({**HERNIA, WISH: True, "fever_reported": True, "fever_c": 38.6})
    found = card(feverish, order("spine_mri"))
    assert (found.kind, found.indicator, found.suggestions) == (Kind.SCAN_CONSIDER, "critical", ())
    assert "vandaag zien" in found.summary


def test_a_referral_of_a_nonspecific_back_is_not_in_the_plan_and_is_not_stopped():
    found = card(record(CALM), order("referral_neurologist"))
    assert (found.kind, found.indicator, found.suggestions) == (Kind.REFERRAL_NOT_NOW, "info", ())


def test_whether_a_referral_fits_is_not_said_while_questions_are_open():
    found = card(record({"low_back_pain": True}), order("referral_neurologist"))
    assert (found.kind, found.indicator) == (Kind.REFERRAL_ASK, "info")


def test_a_referral_of_somebody_without_a_back_complaint_is_nobodys_business():
    assert order_cards(record({"age_years": 46}, back=False), [order("referral_neurologist")], ABOUT) == ()


def test_with_a_suspected_fracture_no_physiotherapy():
    found = card(record({**CALM, "significant_trauma": True, "trauma_days_ago": 2}), order("physiotherapy"))
    assert found.kind is Kind.TREATMENT_UNSAFE
    assert "wervelfractuur" in found.summary


def test_physiotherapy_after_three_weeks_without_improvement_fits():
    assert order_cards(record({**CALM, "duration_days": 28}), [order("physiotherapy")], ABOUT) == ()
    assert card(record({**CALM, "duration_days": 5}), order("physiotherapy")).kind is Kind.REFERRAL_NOT_NOW


# -- opioids -----------------------------------------------------------------------------------------------------------


def test_an_opioid_for_a_nonspecific_back_is_advised_against_with_why_and_what_instead():
    found = card(record(CALM), order("opioid"))
    assert (found.kind, found.indicator) == (Kind.OPIOID, "warning")
    assert "alleen een zwak opioïd" in found.detail  # the pain is of three weeks
    assert "WHO en NICE" not in found.detail
    assert "paracetamol" in found.detail
    assert acts(found) == [["delete"]]
    long = card(record({**CALM, "duration_days": 200}), order("opioid"))
    assert "WHO en NICE" in long.detail
    assert "zwak opioïd" not in long.detail


def test_where_no_other_painkiller_is_left_an_opioid_is_not_taken_away():
    found = card(record({**CALM, "nsaid_contraindication": True}), order("opioid"))
    assert (found.kind, found.suggestions) == (Kind.OPIOID, ())


def test_nobody_with_a_cancer_is_advised_against_an_opioid():
    unchanged = {**CALM, "cancer_history": True, "cancer_pain_unchanged": True}
    assert decide(Case(on=ON, answers=unchanged)).complaint is Complaint.NONSPECIFIC
    assert order_cards(record(unchanged), [order("opioid")], ABOUT) == ()


@pytest.mark.control("C-17")
@pytest.mark.parametrize("uses", [True, None])
def test_who_uses_an_opioid_or_may_use_one_does_not_lose_it_by_one_press(uses):
    answers = {id: value for id, value in CALM.items() if id != "opioid_current"}
    if uses:
        answers |= {"opioid_current": True, "opioid_days": 60}
    found = card(record(answers), order("opioid"))
    assert found.suggestions == ()
    assert ("afbouwplan" in found.detail) is bool(uses)


def test_of_an_opioid_for_a_hernia_or_for_other_pain_nothing_is_said():
    assert order_cards(record(HERNIA), [order("opioid")], ABOUT) == ()
    assert order_cards(record({"age_years": 46}, back=False), [order("opioid")], ABOUT) == ()


def test_while_somebody_is_worried_no_prescription_is_taken_away():
    found = card(record({**CALM, "clinician_concern": True}), order("opioid"))
    assert (found.kind, found.suggestions) == (Kind.OPIOID, ())


def test_an_alarm_comes_before_a_painkiller():
    found = card(record({**HERNIA, "saddle_numbness": True}), order("opioid"))
    assert (found.kind, found.indicator) == (Kind.ALARM, "critical")


# -- which orders ------------------------------------------------------------------------------------------------------


def test_an_order_is_known_by_its_code_and_never_by_its_words():
    coded = {"resourceType": "ServiceRequest", "id": "1", "code": {"coding": [{"system": ORDERS, "code": "spine_mri"}]}}
    worded = {"resourceType": "ServiceRequest", "id": "2", "code": {"text": "MRI LWK"}}
    assert [one.reference for one in drafted([coded, worded])] == ["ServiceRequest/1"]


def test_an_order_that_forbids_that_stops_or_that_is_over_orders_nothing():
    scan = {"resourceType": "ServiceRequest", "id": "1", "code": {"coding": [{"system": ORDERS, "code": "spine_mri"}]}}
    stops = {"modifierExtension": [{"url": "http://nictiz.nl/fhir/StructureDefinition/ext-StopType"}]}
    assert drafted([scan]) != ()
    for more in ({"doNotPerform": True}, {"status": "revoked"}, stops, {"implicitRules": "https://x.example"}):
        assert drafted([{**scan, **more}]) == (), more


def test_the_medicine_of_a_prescription_may_stand_inside_it():
    atc = {"coding": [{"system": "http://www.whocc.no/atc", "code": "N02AX02"}]}
    medicine = {"resourceType": "Medication", "id": "m", "code": atc}
    request = {"resourceType": "MedicationRequest", "id": "1", "medicationReference": {"reference": "#m"}}
    assert [one.kind for one in drafted([{**request, "contained": [medicine]}])] == ["opioid"]
    assert drafted([request]) == ()
    beside = {**request, "medicationReference": {"reference": "Medication/m"}}
    assert [one.kind for one in drafted([beside], [beside, medicine])] == ["opioid"]


# -- when a record is opened -------------------------------------------------------------------------------------------


@pytest.mark.control("C-42")
def test_a_record_without_a_back_in_it_gets_no_card():
    assert patient_view(record({"age_years": 46, "cancer_history": True}, back=False)) == ()


def test_cauda_equina_findings_are_a_critical_card_that_says_what_how_soon_what_to_do_and_why():
    (found,) = patient_view(record({**CALM, "saddle_numbness": True, "urinary_retention": True}))
    assert (found.kind, found.indicator) == (Kind.ALARM, "critical")
    assert found.summary == "Alarmsymptoom (spoed: direct): caudasyndroom"
    assert "Bel direct de dienstdoende neuroloog" in found.detail
    assert "rijbroekanesthesie: ja" in found.detail


def test_what_is_most_urgent_comes_first_also_where_it_is_only_feared():
    stenosis = {**CALM, "walk_claudication": True, "duration_days": 100, "age_years": 70}
    (both,) = patient_view(record({**stenosis, "saddle_numbness": True}))
    assert both.summary == "Alarmsymptoom (spoed: direct): caudasyndroom, lumbale wervelkanaalstenose"
    for known in (stenosis, {**CALM, "cancer_history": True}, {**HERNIA, WISH: True}):
        asked = {id: value for id, value in known.items() if id not in ("saddle_numbness", WISH, "smoking")}
        (found,) = patient_view(record(asked, unclear=["saddle_numbness", WISH, "smoking"]))
        assert found.summary == "Alarmvraag onduidelijk beantwoord (vandaag zien): rijbroekanesthesie"
        scan = card(record(asked, unclear=["saddle_numbness", WISH, "smoking"]), order("spine_mri"))
        assert "rijbroekanesthesie" in scan.summary
        assert {found.indicator, scan.indicator} == {"critical"}


def test_an_alarm_of_days_is_a_warning():
    (found,) = patient_view(record({**CALM, "cancer_history": True}))
    assert found.indicator == "warning"


def test_a_blood_test_is_named_as_a_care_giver_orders_it():
    (found,) = patient_view(record({**CALM, "weight_loss_unexplained": True, "esr_mm_h": 40}))
    assert "- Bloedonderzoek met BSE, bij verdenking op een maligniteit." in found.detail
    assert "uw bloed" not in found.detail


def test_alarms_that_nobody_asked_about_are_a_list_of_what_to_ask_first_and_no_reassurance():
    (found,) = patient_view(record({"low_back_pain": True}))
    assert (found.kind, found.indicator) == (Kind.ASK, "info")
    assert found.summary.startswith("Nog niet te zeggen")
    asked = found.detail.partition("**Nog te vragen**\n\n")[2].partition("\n\n")[0].split("\n")
    assert asked[0] == "- rijbroekanesthesie"
    assert len(asked) == 7  # six, and how many more there are
    assert asked[-1].startswith("- en nog ")


@pytest.mark.control("C-42")
def test_a_calm_back_of_which_everything_was_asked_today_gets_no_card():
    assert patient_view(record(CALM)) == ()


def observed(id, value, days_ago):
    return {
        "resourceType": "Observation", "id": f"{id}-{days_ago}".replace("_", "-"), "status": "final",
        "code": {"coding": [{"system": "https://ruggespraak.example/fhir/CodeSystem/findings", "code": id}]},
        "effectiveDateTime": (ON - timedelta(days=days_ago)).isoformat(),
        **({"valueBoolean": value} if isinstance(value, bool) else {"valueQuantity": {"value": value}}),
    }  # fmt: skip


def test_more_pain_than_at_the_start_is_a_card_of_its_own():
    resources = [observed("pain_back_nrs", 4, 20), observed("pain_back_nrs", 7, 1), observed("low_back_pain", True, 1)]
    reading = read([{**one, **_unit(one)} for one in resources], ON)
    found = {one.kind: one for one in patient_view(record_of(reading, "nl"))}
    assert found[Kind.DEVIATION].indicator == "warning"
    assert "meer pijn dan in het begin" in found[Kind.DEVIATION].summary


def test_recovery_that_is_slow_says_what_the_plan_holds_and_does_not_warn():
    answers = {ON - timedelta(days=1): {"course": "same"}}
    (found,) = patient_view(record({**CALM, "duration_days": 30}, answers=answers))
    assert (found.kind, found.indicator) == (Kind.DEVIATION, "info")
    assert "oefentherapie" in found.detail


def _unit(observation):
    return {
        "valueQuantity": {**observation["valueQuantity"], "system": "http://unitsofmeasure.org", "code": "{score}"}
    } if "valueQuantity" in observation else {}  # fmt: skip


@pytest.mark.parametrize(("told", "due"), [(10, True), (3, False)])
def test_a_review_is_due_when_a_moment_of_the_pathway_passed_and_nobody_asked_since(told, due):
    """The pain began 20 days ago: the alarms are checked again on day 14, six days ago."""
    answers = {ON - timedelta(days=told): {"low_back_pain": True}}
    found = patient_view(record({**CALM, "duration_days": 20}, answers=answers))
    assert [one.kind for one in found] == ([Kind.REVIEW] if due else [])
    if due:
        assert "vrijdag 9 januari 2026" in found[0].summary


def test_a_review_that_nobody_did_for_twelve_weeks_is_not_shown_any_more():
    for since, shown in ((80, [Kind.REVIEW]), (90, [])):
        answers = {ON - timedelta(days=since + 70): {"low_back_pain": True}}
        found = patient_view(record({**CALM, "duration_days": since + 84}, answers=answers))
        assert [one.kind for one in found] == shown


def test_while_somebody_must_look_today_nothing_else_is_said():
    answers = {ON - timedelta(days=10): {"low_back_pain": True}}
    found = patient_view(record({**CALM, "duration_days": 20, "saddle_numbness": True}, answers=answers))
    assert [one.kind for one in found] == [Kind.ALARM]


# -- what is known -----------------------------------------------------------------------------------------------------


def problem(code, days_ago=None, **more):
    recorded = {} if days_ago is None else {"recordedDate": (ON - timedelta(days=days_ago)).isoformat()}
    return {"resourceType": "Condition", "id": "c1", "code": coded(code), **recorded, **more}


@pytest.mark.parametrize("code", ["L03", "L86"])
def test_a_problem_of_the_back_is_a_complaint_of_the_back(code):
    assert record_of(read([problem(code)], ON), "nl").back


def test_other_problems_are_none_even_when_they_would_alarm_beside_a_back():
    cancer = {**problem("x"), "code": {"coding": [{"system": "http://snomed.info/sct", "code": "73211009"}]}}
    assert not record_of(read([cancer], ON), "nl").back


def test_an_alarm_that_was_told_in_our_own_codes_counts_without_a_complaint_and_however_old_it_is():
    found = record_of(read([observed("saddle_numbness", True, 800)], ON), "nl")
    assert found.back
    assert patient_view(found)[0].indicator == "critical"
    assert "rijbroekanesthesie: uit het dossier, dinsdag 7 november 2023" in patient_view(found)[0].detail


def test_a_complaint_of_years_ago_is_no_reason_to_speak():
    assert not record_of(read([observed("low_back_pain", True, 800)], ON), "nl").back
    assert record_of(read([observed("low_back_pain", True, 300)], ON), "nl").back


def test_a_problem_that_stays_on_the_list_for_years_is_no_reason_to_speak_each_time():
    assert not record_of(read([problem("L03", 3000)], ON), "nl").back
    assert record_of(read([problem("L03", 300)], ON), "nl").back


def asked(days_ago, findings=CALM):
    """Everything was asked and examined on that day."""
    day = (ON - timedelta(days=days_ago)).isoformat()
    return [ehr_observed(id, value, day) for id, value in findings.items()]


def test_answers_that_have_only_grown_old_are_no_alarm_questions_that_nobody_asked():
    for days_ago, kinds in ((15, set()), (100, set()), (400, set())):
        told = [problem("L03", 500), *asked(days_ago, {**CALM, "duration_days": 450})]
        assert {one.kind for one in patient_view(record_of(read(told, ON), "nl"))} == kinds, days_ago


def test_what_was_asked_before_this_complaint_began_does_not_count_as_asked():
    told = [problem("L03", 2), *asked(40, {**CALM, "duration_days": 2})]
    assert [one.kind for one in patient_view(record_of(read(told, ON), "nl"))] == [Kind.ASK]


def test_who_was_not_asked_about_an_alarm_is_a_reason_to_ask_however_long_ago_the_rest_was_told():
    told = [problem("L03", 30), observed("low_back_pain", True, 20)]
    assert [one.kind for one in patient_view(record_of(read(told, ON), "nl"))] == [Kind.ASK]


CANCER = "363346000"
UNSURE = {
    "verificationStatus": {"coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "differential"}
    ]}
}  # fmt: skip


def numb(**changed):
    return {**observed("saddle_numbness", True, 1), **changed}


@pytest.mark.control("C-15")
@pytest.mark.parametrize(
    ("newer", "asks"),
    [(problem(CANCER, 1, **UNSURE) | {"code": coded(CANCER, "http://snomed.info/sct")}, "cancer_history"),
     (numb(modifierExtension=[{"url": "https://x.example"}]), "saddle_numbness"),
     (numb(valueBoolean="true"), "saddle_numbness")],
)  # fmt: skip
def test_after_something_newer_that_is_not_sure_or_cannot_be_read_an_older_no_takes_no_order_away(newer, asks):
    calm = record_of(read(asked(5), ON), "nl")
    assert acts(card(calm, order("spine_mri"))) == [["delete"]]
    found = card(record_of(read([*asked(5), newer], ON), "nl"), order("spine_mri"))
    assert (found.kind, found.suggestions) == (Kind.SCAN_ASK, ())
    name = table("findings")[asks]["term"]["nl"]
    assert f"- {name}\n" in found.detail
    assert f"niet genoeg als antwoord; vraag na: {name}" in found.detail


def test_that_answers_are_too_old_is_said_once_and_what_to_ask_again_is_listed():
    found = record_of(read(asked(20), ON), "nl")
    assert "Eerdere antwoorden zijn te oud om op te bouwen: vraag opnieuw." in found.doubts
    assert "**Nog te vragen**\n\n- rijbroekanesthesie\n" in card(found, order("spine_mri")).detail


@pytest.mark.parametrize("lacking", [{"observations": True}, {"observations": False}, {"answers": True}])
def test_where_the_answers_could_not_be_looked_up_it_is_not_said_that_nobody_asked(lacking):
    (found,) = patient_view(record_of(read([problem("L03", 5)], ON), "nl", lacking))
    assert found.kind is Kind.NOT_LOOKED_UP
    assert "- rijbroekanesthesie" in found.detail
    (asks,) = patient_view(record_of(read([problem("L03", 5)], ON), "nl", {"answers": False, "medications": True}))
    assert asks.kind is Kind.ASK


def test_who_was_asked_and_has_no_pain_has_no_complaint():
    told = [observed("low_back_pain", False, 1), observed("leg_pain", False, 1), observed("malaise", False, 1)]
    assert not record_of(read(told, ON), "nl").back


@pytest.mark.control("C-07")
def test_a_record_that_contradicts_itself_says_so():
    twice = [observed("low_back_pain", True, 1), observed("malaise", True, 1), observed("malaise", False, 1)]
    found = record_of(read([{**one, "id": str(number)} for number, one in enumerate(twice)], ON), "nl")
    assert any("spreekt zichzelf tegen over: algehele malaise" in line for line in found.doubts)


@pytest.mark.parametrize(
    ("lacking", "whole"),
    [({}, True), ({"conditions": False}, False), ({"observations": True}, False), ({"answers": False}, True),
     ({"answers": True}, False), ({"medications": False}, True), ({"medications": True}, False)],
)  # fmt: skip
def test_what_failed_and_what_is_needed_and_did_not_come_both_make_a_record_less_than_whole(lacking, whole):
    found = record_of(read([problem("L03")], ON), "nl", lacking)
    assert found.whole is whole
    assert bool(found.doubts) is bool(lacking)


def test_where_the_complaint_itself_could_not_be_looked_up_that_is_said_instead_of_nothing():
    (found,) = patient_view(record_of(read([], ON), "nl", {"observations": True}))
    assert (found.kind, found.indicator) == (Kind.NOT_LOOKED_UP, "info")
    assert "bevindingen" in found.summary
    assert patient_view(record_of(read([], ON), "nl", {"medications": True})) == ()


# -- for everybody -----------------------------------------------------------------------------------------------------


def test_of_people_whose_whole_story_is_known_an_mri_can_be_deleted_exactly_when_none_could_be_useful():
    """And with one question open, of those that could matter, never."""
    pick, deleted, kept = random.Random(1), 0, 0
    for _ in range(300):
        case = Case(on=ON, answers=person(pick))
        found = decide(case)
        offered = ["delete"] in acts_of(Record(case=case, decision=found, lang="nl"))
        could = found.imaging is not Use.NOT_USEFUL or found.imaging_not_excluded is not Use.NOT_USEFUL
        assert offered is not (could or found.urgency >= Urgency.WITHIN_DAYS)
        deleted, kept = deleted + offered, kept + (not offered)
        if offered:
            less = {id: value for id, value in case.answers.items() if id != "significant_trauma"}
            assert ["delete"] not in acts_of(record(less))
    assert deleted > 50
    assert kept > 50


def acts_of(record):
    return [done for one in order_cards(record, [order("spine_mri")], ABOUT) for done in acts(one)]


CHOSEN, LANG = st.lists(st.sampled_from(KINDS), max_size=4), st.sampled_from(LANGUAGES)


@pytest.mark.control("C-15")
@given(case=cases(), chosen=CHOSEN, whole=st.booleans(), lang=LANG)
def test_for_all_patients_what_is_deleted_is_needless_and_what_is_replaced_is_referred(case, chosen, whole, lang):
    found = decide(case, lang)
    here = Record(case=case, decision=found, lang=lang, lacking={} if whole else {"conditions": False})
    orders = [order(kind, f"o{number}") for number, kind in enumerate(chosen)]
    sent_to = {one.to: one for one in found.refer} | {
        one.to: one for one in decide(replace(case, answers={**case.answers, WISH: True}), lang).refer
    }  # fmt: skip
    for one in order_cards(here, orders, ABOUT):
        for done in acts(one):
            assert done in (["delete"], ["create"], ["update"], ["delete"] * (len(done) - 1) + ["create"])
            if "delete" in done:
                assert whole
            if done == ["delete"]:
                assert found.imaging_not_excluded is Use.NOT_USEFUL
                assert not here.urgent
            if "create" in done and "delete" in done:
                assert found.not_excluded <= found.urgency
        for suggestion in one.suggestions:
            for action in suggestion.actions:
                if action["type"] == "create":
                    to = action["resource"]["code"]["coding"][0]["code"].removeprefix("referral_")
                    assert to in sent_to
                    assert to not in NO_SPECIALIST


@given(case=cases(), chosen=CHOSEN, lang=LANG)
def test_for_all_patients_each_card_is_one_that_cds_hooks_allows(case, chosen, lang):
    here = Record(case=case, decision=decide(case, lang), lang=lang)
    orders = [order(kind, f"o{number}") for number, kind in enumerate(chosen)]
    told = [*patient_view(here), *order_cards(here, orders, ABOUT)]
    for one in told:
        found = read_alone(one)
        assert wrong(CARD, found) == []
        assert empty(found) == []
    ordered = order_cards(here, orders, ABOUT)
    assert len(ordered) <= min(len(orders), 2 if here.urgent else len(orders))
    if here.urgent and set(chosen) & set(SCANS):  # whoever looks at an order sees the alarm
        assert ordered[0].indicator == here.indicator or ordered[0].kind is Kind.SCAN_FITS


@given(case=cases())
def test_for_all_patients_an_urgent_decision_is_a_card_as_urgent(case):
    found = decide(case)
    told = patient_view(Record(case=case, decision=found, lang="nl"))
    if found.urgency >= Urgency.SAME_DAY:
        assert [one.indicator for one in told] == ["critical"]
    elif found.urgency is Urgency.WITHIN_DAYS:
        assert [one.indicator for one in told] == ["warning"]
    if found.unsaid and not found.established:
        assert told[0].kind in (Kind.ASK, Kind.UNCLEAR)
    if told and told[0].kind is Kind.ALARM:  # it is as urgent as what it names
        assert max(edition("current").rule(id).urgency for id in found.established) == found.urgency


@given(case=cases())
def test_for_all_patients_no_alarm_is_left_out_of_the_card_about_it(case):
    found = decide(case)
    told = patient_view(Record(case=case, decision=found, lang="nl"))
    for id in found.established:
        assert table("alarms")[id]["name"]["nl"] in told[0].detail


@given(case=cases())
def test_for_all_patients_an_opioid_is_never_suggested_and_a_nonspecific_back_is_never_left_without_a_word(case):
    found = decide(case)
    told = order_cards(Record(case=case, decision=found, lang="nl"), [order("opioid")], ABOUT)
    assert all(done == ["delete"] for one in told for done in acts(one))
    if found.complaint is Complaint.NONSPECIFIC:
        assert told


# -- words -------------------------------------------------------------------------------------------------------------


def test_an_empty_section_has_no_heading():
    assert section("why", ["", ""], "nl") == []


def test_a_long_summary_is_cut_between_words():
    everything = {
        **CALM,
        "saddle_numbness": True,
        "cancer_history": True,
        "fever_reported": True,
        "pulsating_abdomen": True,
    }
    (found,) = patient_view(
        record({**everything, "significant_trauma": True, "babinski_or_clonus": True, "foot_drop": True})
    )
    assert 100 < len(found.summary) <= LONGEST
    assert found.summary.endswith("…")


def words_in_code():
    for path in (Path(__file__).parents[2] / "src/ruggespraak/fhir/cards").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_word_of_a_card_is_there_and_none_is_left_over():
    deviations = {"slower_14", "slower_28", "slower_42", "slower_84", "got_worse", "pain_rose", "activity_fell",
                  "relief_not_enough"}  # fmt: skip
    made = {f"deviation_{one}" for one in deviations} | {f"data_{key}" for key in PREFETCH}
    made |= {f"to_{one.to}" for one in vars(referrals).values() if isinstance(one, Referral)}
    made |= {f"reason_{one}" for kind in Kind for one in reasons_of(kind)} | {f"service_{hook}" for hook in HOOKS}
    made |= {test for alarm in edition("current").alarms for test in alarm.tests}
    made |= {f"told_by_{who}" for who in ("patient", "proxy", "clinician")}
    made |= {"picture_needed", "picture_consider"} | {str(kind) for kind in Kind} | set(SCANS)
    there = set(table("cards"))
    assert made <= there
    assert there - made <= set(words_in_code())


def test_a_deviation_that_makes_a_card_has_words():
    from ruggespraak.course import deviation as course

    source = Path(course.__globals__["__file__"]).read_text(encoding="utf-8")
    for reason in ("got_worse", "pain_rose", "activity_fell", "relief_not_enough"):
        assert f'"{reason}"' in source
    assert {str(Verdict.WORSE), str(Verdict.SLOWER)} == {"worse", "slower"}


WEEKS = {2: ("twee", "two"), 4: ("vier", "four"), 6: ("zes", "six"), 12: ("twaalf", "twelve")}


@pytest.mark.parametrize(
    ("id", "days"),
    [("deviation_slower_14", RECHECK_ON), ("deviation_slower_28", PSYCHOSOCIAL_ON),
     ("deviation_slower_42", NO_IMPROVEMENT_FROM), ("deviation_slower_84", CHRONIC_FROM),
     ("deviation_relief_not_enough", WEIGH_SURGERY_FROM), ("no_scan_root_yet", WEIGH_SURGERY_FROM)],
)  # fmt: skip
def test_a_number_of_weeks_on_a_card_is_the_pathways(id, days):
    nl, en = WEEKS[int(days / 7)]
    assert nl in table("cards")[id]["nl"]
    assert en in table("cards")[id]["en"]


def test_the_words_of_a_rule_on_a_card_name_the_sources_of_the_rule():
    rules = edition("current")
    for id in ("no_scan_back", "no_scan_root_yet", "opioid_taper"):
        assert table("cards")[id]["source"].split() == list(rules.rule(id).because)


def test_no_kind_of_card_has_the_number_of_another_and_each_fits_a_byte():
    assert len({int(kind) for kind in Kind}) == len(Kind)
    assert all(0 < kind < 256 for kind in Kind)


def test_every_act_of_the_plan_that_a_card_names_has_a_word():

    assert set(INSTEAD) <= set(Act)
    assert Act.OPIOID_START not in INSTEAD

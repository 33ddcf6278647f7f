"""A case and its decision as FHIR: nothing of what was not asked, no chance that nobody knows; every judge agrees."""

import json
import os
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judges import judged
from patients import cases
from ruggespraak.consult import Case, as_json, decide, read_case
from ruggespraak.consult.case import ANSWERED_BY
from ruggespraak.fhir.read import read
from ruggespraak.fhir.write.audit_event import EVENTS, audit_event, provenance, who
from ruggespraak.fhir.write.bundle import bundle
from ruggespraak.fhir.write.capability import capability
from ruggespraak.fhir.write.care import PRIORITY, care_plan, communication, service_requests
from ruggespraak.fhir.write.consult import guidance_response, observations, questionnaire_response, risk_assessment
from ruggespraak.fhir.write.outcome import operation_outcome
from ruggespraak.fhir.write.person import episode_of_care, happened, patient
from ruggespraak.fhir.write.resource import SOFTWARE, About
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, RULES, SYSTEMS
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency
from ruggespraak.pathway.texts import LANGUAGES, word

CASES = Path(__file__).parents[1] / "cases"
PUBLISHED = [
    read_case(json.loads(line))
    for file in ("published.jsonl", "own.jsonl")
    for line in (CASES / file).read_text(encoding="utf-8").splitlines()
]
WHOLE = os.environ.get("RUG_CHECK") == "whole"
ON = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
MODULE = "https://example.org/decide"
NUMB = Case(on=ON, answers={"saddle_numbness": True, "low_back_pain": True})
NOTHING = Case(on=ON)


def about(key="1", lang="nl", **more):
    return About(patient="Patient/7", key=key, lang=lang, **more)


def all_of(case, here):
    """Everything that is written of one consult."""
    decision = decide(case, here.lang)
    told = [questionnaire_response(case, here), *observations(case, here)]
    risk = risk_assessment(decision, here, told)
    plan = care_plan(decision, here, "active", supporting=[risk])
    asked = service_requests(decision, here, plan=plan)
    said = [communication(decision, here), guidance_response(decision, here, MODULE, plan)]
    return [*told, risk, plan, *asked, *said]


def advising(case, lang="nl"):
    here = about(lang=lang)
    return [one for one in all_of(case, here) if one["resourceType"] not in ("QuestionnaireResponse", "Observation")]


def of_kind(resources, kind):
    return [one for one in resources if one["resourceType"] == kind]


def items(response):
    """Every item with an answer, in whatever group."""

    def walked(listed):
        for one in listed:
            if "answer" in one:
                yield one
            yield from walked(one.get("item", []))

    return {one["linkId"]: one["answer"] for one in walked(response.get("item", []))}


def strings(value):
    """Every text in a resource."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


# -- the judges --------------------------------------------------------------------------------------------------------


def test_of_every_published_patient_all_that_is_written_passes_every_judge():
    kinds = cycle(("collection", "searchset", "transaction"))
    more = {"at": AT, "author": SOFTWARE, "episode": "EpisodeOfCare/1"}
    written = [bundle(next(kinds), all_of(case, about(lang=lang, **more))) for case in PUBLISHED for lang in LANGUAGES]
    assert len(written) > 60
    assert judged(written) == []


@settings(max_examples=20 if WHOLE else 1)
@given(st.lists(st.tuples(cases(), st.sampled_from(EDITIONS)), min_size=10, max_size=10))
def test_of_random_patients_under_every_edition_too(some):
    asked = [(NOTHING, "current"), *some]
    written = [all_of(read_case({**as_json(case), "edition": id}), about(lang="en")) for case, id in asked]
    assert judged(bundle("collection", one) for one in written) == []


def test_what_says_who_did_what_and_what_is_offered_passes_too():
    resources = all_of(NUMB, about())
    roles = ("gp", "patient", "proxy", "system", "operator", "none")
    rows = [
        audit_event(number=n, at=AT, event=event, role=role, account="a1", practice="p1", patient="Patient/7",
                    address="192.0.2.1", page="episode", emergency=role == "gp", reason="<koorts> & pijn")
        for n, (event, role) in enumerate((event, role) for event in EVENTS for role in roles)
    ]  # fmt: skip
    here = about(episode="EpisodeOfCare/1")
    assert judged(
        [
            *rows,
            audit_event(number=0, at=AT, event="operator", role="operator"),
            provenance(resources, AT, [("assembler", SOFTWARE), ("author", who("gp", "a1"))], sources=resources[:1]),
            capability("https://example.org/fhir"),
            operation_outcome("not-found", "no such record"),
            patient("7", name="  Robin \x0b van <b>Dalen\x00 ", born=980, email="robin@example.org"),
            patient("8"),
            episode_of_care("9", here, ON, None, ("p1", "De Proef"), ["sinds januari"]),
            episode_of_care("9", here, ON, ON, ("p1", "De Proef"), []),
            happened("gebeld", here, ON, who("gp")),
            happened("geen gehoor", here, ON, who("system"), done=False),
        ]
    ) == []  # fmt: skip


# -- what was told -----------------------------------------------------------------------------------------------------


@given(cases())
def test_what_was_not_asked_is_nowhere_and_what_is_not_known_has_no_value(case):
    told = set(case.answers) | case.unclear
    response, *each = questionnaire_response(case, about()), *observations(case, about())
    assert [one["code"]["coding"][0]["code"] for one in each] == [id for id in VOCABULARY if id in told]
    assert {link.removesuffix("/unclear") for link in items(response)} == told
    for one in each:
        id = one["code"]["coding"][0]["code"]
        has_value = any(key.startswith("value") for key in one)
        assert has_value is (id in case.answers)
        assert ("dataAbsentReason" in one) is (id in case.unclear)


def test_every_kind_of_answer_is_written_as_it_was_given():
    answers = {
        "saddle_numbness": True,
        "leg_pain": False,
        "fever_c": 38.5,
        "age_years": 46,
        "course": "worse",
        "onset_date": date(2026, 1, 2),
    }
    case = Case(on=ON, answers=answers, unclear=frozenset({"foot_drop", "smoking", "crp_mg_l", "sick_leave_start"}))
    each = {one["code"]["coding"][0]["code"]: one for one in observations(case, about())}
    assert each["saddle_numbness"]["valueBoolean"] is True
    assert each["leg_pain"]["valueBoolean"] is False
    assert each["fever_c"]["valueQuantity"] == {
        "value": 38.5,
        "unit": "degrees C",
        "system": "http://unitsofmeasure.org",
        "code": "Cel",
    }
    assert each["course"]["valueCodeableConcept"]["coding"][0]["code"] == "course.worse"
    assert each["onset_date"]["valueDateTime"] == "2026-01-02"
    given_in_form = items(questionnaire_response(case, about()))
    assert given_in_form["leg_pain"][0]["valueCoding"]["code"] == "no"
    assert given_in_form["age_years"] == [{"valueDecimal": 46}]
    assert given_in_form["onset_date"] == [{"valueDate": "2026-01-02"}]
    assert given_in_form["foot_drop"][0]["valueCoding"] == {
        "system": ANSWERS,
        "code": "unclear",
        "display": word("word.dont_know", "nl"),
    }
    assert given_in_form["smoking"][0]["valueCoding"]["code"] == "unclear"
    assert given_in_form["crp_mg_l/unclear"] == given_in_form["sick_leave_start/unclear"] == [{"valueBoolean": True}]
    assert not {"crp_mg_l", "sick_leave_start"} & set(given_in_form)


def test_a_code_that_names_a_disease_stands_only_beside_yes():
    def systems(answer):
        case = Case(on=ON, answers={} if answer is None else {"diabetes": answer, "fever_reported": answer},
                    unclear=frozenset({"diabetes", "fever_reported"} if answer is None else ()))  # fmt: skip
        return [{coding["system"] for coding in one["code"]["coding"]} for one in observations(case, about())]

    assert all(SYSTEMS["SNOMED-CT"] in found for found in systems(True))
    assert systems(False) == systems(None) == [{FINDINGS}] * 2
    numbers = Case(on=ON, answers={"fever_c": 36.6}, unclear=frozenset({"age_years"}))
    assert all(one["code"]["coding"][1]["system"] == SYSTEMS["LOINC"] for one in observations(numbers, about()))


@pytest.mark.parametrize(
    ("by", "source"),
    [
        ("patient", {"reference": "Patient/7"}),
        ("proxy", {"type": "RelatedPerson", "display": "een naaste"}),
        ("clinician", {"reference": "Practitioner/3"}),
    ],
)
def test_whose_answers_they_are_is_told(by, source):
    case = Case(on=ON, answers={"leg_pain": True}, answered_by=by)
    here = about(author={"reference": "Practitioner/3"})
    assert questionnaire_response(case, here)["source"] == source
    assert observations(case, here)[0]["performer"] == [source]


@given(st.sampled_from(ANSWERED_BY).flatmap(lambda by: cases(answered_by=by)))
def test_what_is_written_is_read_back_as_the_same_case(case):
    here = about(author={"reference": "Practitioner/3"})
    for told in (observations(case, here), [questionnaire_response(case, here)]):
        reading = read([bundle("collection", [patient("7"), *told])], case.on)
        assert (reading.passed, reading.conflicts, reading.stale) == ((), (), ())
        back = reading.case(case.on, case.edition)
        assert (back.answers, back.unclear) == (case.answers, case.unclear)
        assert back.answered_by == case.answered_by or not reading.found


# -- what the pathway says ---------------------------------------------------------------------------------------------


@pytest.mark.control("C-58")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatever_advises_says_first_that_it_is_no_certified_medical_device(lang):
    for case in PUBLISHED:
        for one in advising(case, lang):
            assert one["note"][0]["text"].startswith(word("word.not_device", lang)), one["resourceType"]


def test_a_suspicion_names_its_alarm_its_answers_and_its_source_and_no_chance():
    found = of_kind(advising(NUMB, "en"), "RiskAssessment")[0]
    (prediction,) = found["prediction"]
    assert prediction["outcome"]["text"] == "cauda equina syndrome"
    assert "saddle anaesthesia: yes" in prediction["rationale"]
    assert "NHG55s" in prediction["rationale"]
    assert [prediction["probabilityRange"][end]["value"] for end in ("low", "high")] == [0, 100]
    assert "qualitativeRisk" not in prediction


def test_of_who_told_nothing_no_alarm_is_excluded_and_that_is_said_everywhere():
    for one in advising(NOTHING, "en"):
        said = " ".join(strings({key: value for key, value in one.items() if key != "text"}))
        if one["resourceType"] in ("RiskAssessment", "CarePlan", "GuidanceResponse"):
            assert "Not excluded without these answers: emergency: now." in said
            assert "Not excluded without a physical examination: emergency: now." in said
        assert "nothing is wrong" not in said.lower()
    headlines = [of_kind(advising(NOTHING, "en"), kind)[0] for kind in ("RiskAssessment", "Communication")]
    assert headlines[0]["mitigation"] == "Cannot be said yet."
    assert headlines[1]["payload"][0]["contentString"] == "Cannot be said yet."


@given(cases())
def test_an_alarm_that_is_open_is_said_and_asked_for(case):
    decision = decide(case)
    risk, response = risk_assessment(decision, about()), guidance_response(decision, about(), MODULE)
    said = " ".join(one["text"] for one in risk["note"])
    for name, level in (("not_excluded", decision.not_excluded), ("not_examined", decision.not_examined)):
        words = word(f"result.{name}", "nl").format(what=word(f"urgency.{level}.name", "nl"))
        assert (words in said) is (level > decision.urgency)
    assert (word("result.no_alarm_known", "nl") in said) <= (not decision.established)
    assert response["status"] == ("data-required" if decision.ask else "success")
    needed = [one["codeFilter"][0]["code"][0]["code"] for one in response.get("dataRequirement", [])]
    assert needed == list(decision.ask)


@given(cases())
def test_the_parameters_hold_every_code_of_the_decision(case):
    decision = decide(case)
    response = guidance_response(decision, about(), MODULE)
    parameters = response["contained"][0]["parameter"]
    kept = decision.as_json()
    for name in ("urgency", "not_excluded", "not_examined", "complaint", "imaging", "imaging_not_excluded"):
        found = [one["valueCode"] for one in parameters if one["name"] == name]
        assert found == ([kept[name]] if kept[name] else [])
    for name in ("suspected", "ask", "examine", "unclear"):
        assert [one["valueCode"] for one in parameters if one["name"] == name] == kept[name]


@given(cases())
def test_the_plan_holds_every_advice_every_referral_and_the_next_look(case):
    decision = decide(case)
    plan = care_plan(decision, about())
    codes = [one["detail"]["code"].get("coding", [{}])[0].get("code") for one in plan["activity"]]
    assert codes[: len(decision.plan)] == [one.id for one in decision.plan]
    assert {f"referral_{one.to}" for one in decision.refer} <= {*codes}
    assert plan["activity"][-1]["detail"]["scheduledTiming"] == {"event": [decision.review.on.isoformat()]}
    assert codes[-1] == decision.review.id


def test_an_advice_names_its_source_and_an_own_choice_says_so():
    plan = of_kind(advising(NUMB, "en"), "CarePlan")[0]
    rules = edition("current")
    for one in plan["activity"]:
        coding = one["detail"]["code"].get("coding", [{}])[0]
        if coding.get("system") != RULES or one["detail"]["status"] == "scheduled":
            continue
        rule = rules.rule(coding["code"])
        said = one["detail"]["description"].rpartition("[")[2]
        assert all(key in said for key in rule.because)
        assert ("this project's own choice" in said) is (not rule.because or rule.status == "D")


def test_a_referral_is_as_soon_as_its_urgency_and_says_what_both_sides_do():
    for case in PUBLISHED:
        decision = decide(case)
        asked = service_requests(decision, about())
        assert [one["performerType"]["text"] for one in asked] == [
            word(f"addressee.{one.to}", "nl") for one in decision.refer
        ]
        for one, refer in zip(asked, decision.refer, strict=True):
            assert (one["status"], one["intent"]) == ("draft", "proposal")
            assert one["priority"] == PRIORITY[refer.when]
            assert one["patientInstruction"] == refer.patient_does
            assert any(note["text"].startswith(refer.clinician_does) for note in one["note"])
            days = date.fromisoformat(one["occurrencePeriod"]["end"]) - decision.on
            assert days.days == refer.within_hours // 24
    rising = [PRIORITY[level] for level in Urgency]
    assert rising == ["routine", "routine", "urgent", "asap", "stat"]


def test_who_must_phone_now_reads_that_first_and_nothing_of_what_can_wait():
    said = [one["contentString"] for one in communication(decide(NUMB, "en"), about(lang="en"))["payload"]]
    assert said[0] == "Help needed now: phone at once."
    assert said[1].startswith("Phone your GP now")
    plan = decide(NUMB, "en").plan
    assert not {one.text for one in plan if one.section == "later"} & set(said)


def test_nobody_was_told_before_it_is_said_so():
    decision = decide(NUMB)
    assert "sent" not in communication(decision, about())
    assert communication(decision, about(at=AT), "completed")["sent"] == "2026-01-15T09:30:00+00:00"


# -- ids and bundles ---------------------------------------------------------------------------------------------------


@given(cases())
def test_the_same_again_is_the_same_bytes_and_every_reference_inside_resolves(case):
    once, again = ([json.dumps(one) for one in all_of(case, about())] for _ in range(2))
    assert once == again
    resources = all_of(case, about())
    whole = bundle("transaction", [patient("7"), *resources])
    urls = [entry["fullUrl"] for entry in whole["entry"]]
    assert len(set(urls)) == len(urls) == len(resources) + 1
    for entry in whole["entry"]:
        for said in references(entry["resource"]):
            assert said in urls or said == "#decision"


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_another_consult_of_the_same_patient_has_other_ids():
    first, second = (all_of(NUMB, about(key)) for key in ("1", "2"))
    assert not {one["id"] for one in first} & {one["id"] for one in second}


def test_sent_twice_it_is_stored_once_and_what_is_not_ours_is_left_as_it_is():
    whole = bundle("transaction", all_of(NUMB, about()))
    assert all(entry["request"]["ifNoneExist"].endswith(entry["resource"]["id"]) for entry in whole["entry"])
    assert whole["entry"][0]["resource"]["subject"] == {"reference": "Patient/7"}


def test_a_narrative_cannot_be_made_to_hold_anything_but_words():
    div = patient("7", name="<script>alert('x')</script>&\x08")["text"]["div"]
    assert "<script" not in div
    assert div.endswith("<p>&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;\ufffd</p></div>")

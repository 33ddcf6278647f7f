"""A patient's own record over FHIR: who may read it, that it is noted, and that it holds what we hold and no more."""

import json
import os
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode

from judges import judged
from ruggespraak.course import Answers, Contact, HandOver, Silence
from ruggespraak.fhir.read import read
from ruggespraak.fhir.write.audit_event import EVENTS
from ruggespraak.pathway.texts import LANGUAGES
from signing import an_account, care_giver, signed_in
from test_mine import link, visits
from workplace import WHO, a_day

EXAMPLES = 100 if os.environ.get("RUG_CHECK") == "whole" else 15
FHIR = "application/fhir+json"
WHY = "Patiënt wil <eerst> zelf oefenen & kijken."
TOLD = {"age_years": 46, "low_back_pain": True, "leg_pain": False, "saddle_numbness": True}


@pytest.fixture(autouse=True)
def nobody_stays():
    """The visits of these tests are over after them: others count who is there."""
    yield
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()


@pytest.fixture
def gps():
    from ruggespraak.clinic.models import Practice

    return Practice.objects.create(name="De Wervel", profession="gp")


@pytest.fixture
def episode(gps):
    """She ticked a numb saddle by mistake; a GP put that right, examined her, and deviated from an advice."""
    from ruggespraak.clinic import record

    by = care_giver(gps, "gp", "Wie Niemand Mag Noemen")
    opened = record.open_episode(record.new_patient(gps, WHO, a_day(-9)), a_day(-9))
    first = record.add(opened, Answers(a_day(-9), TOLD, frozenset({"foot_drop"}), "patient"), "patient")
    fixed = Answers(a_day(-9), {**TOLD, "saddle_numbness": False}, frozenset({"foot_drop"}), "patient")
    record.correct(first, fixed, "gp", a_day(-8), by)
    record.add(opened, Silence(a_day(-5)), "system")
    record.add(opened, Contact(a_day(-4), seen=True), "gp", by)
    last = record.add(opened, Answers(a_day(-3), {"slr_positive": True}, frozenset(), "clinician"), "gp", by)
    record.add(opened, HandOver(a_day(-2), "neurologist"), "gp", by)
    decision = last.decisions.get()
    advice = record.known(decision)["decision"]["plan"][0]["id"]
    record.choose(decision, advice, False, WHY, "gp", by)
    return opened


def visitor(account=None, strong=True):
    from django.test import Client

    client = Client()
    return signed_in(client, account, strong) if account else client


def hers(episode):
    """The patient, signed in with a code by e-mail only."""
    account = an_account()
    type(episode.patient).objects.filter(pk=episode.patient_id).update(account=account)
    return visitor(account, strong=False)


def at(episode, query=""):
    return f"/fhir/Patient/{episode.patient_id}/$everything{query}"


def resources(answer, kind=None):
    """What is in the bundle of this answer, of one kind."""
    assert (answer.status_code, answer["Content-Type"]) == (200, FHIR), answer.content
    listed = [entry["resource"] for entry in answer.json().get("entry", [])]
    return [one for one in listed if kind in (None, one["resourceType"])]


def wrong(answer, status):
    """The one issue of an answer that is none."""
    assert (answer.status_code, answer["Content-Type"]) == (status, FHIR)
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    (issue,) = answer.json()["issue"]
    return issue


def noted(episode=None):
    """The last row of the access log: what, in which role, where, and of whom."""
    from ruggespraak.clinic.models import LogRow

    row = LogRow.objects.order_by("number").last()
    return (row.event, row.role, row.page, row.patient == (episode and episode.patient_id))


# -- who may -----------------------------------------------------------------------------------------------------------


def test_what_is_offered_is_told_to_everybody_without_a_cookie():
    answer = visitor().get("/fhir/metadata")
    assert answer.json()["resourceType"] == "CapabilityStatement"
    assert answer.json()["fhirVersion"] == "4.0.1"
    assert answer.json()["rest"][0]["resource"][0]["operation"][0]["name"] == "everything"
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, FHIR, "no-store")
    assert not answer.cookies


def test_who_is_not_signed_in_is_told_to_and_not_sent_to_a_page(episode):
    for address in (at(episode), "/fhir/Patient/$everything"):
        answer = visitor().get(address)
        assert wrong(answer, 401)["code"] == "login"
        assert "Access-Control-Allow-Origin" not in answer


def test_a_patient_reads_her_own_record_and_who_looked_in_it(episode):
    client = hers(episode)
    answer = client.get(at(episode))
    assert resources(answer, "Patient")[0]["name"] == [{"text": WHO["name"]}]
    assert resources(answer, "Patient")[0]["birthDate"] == str(WHO["born"])
    assert noted(episode) == ("export", "patient", "fhir_everything_of", True)
    looked = resources(answer, "AuditEvent")
    assert looked[-1]["type"]["code"] == "110106"  # this very reading
    assert not [one for one in looked if "network" in one["agent"][0]]
    assert "Access-Control-Allow-Origin" not in answer
    assert answer["Cache-Control"] == "no-store"


def test_without_an_id_she_reads_all_that_is_linked_to_her_account(episode, gps):
    from ruggespraak.clinic import record

    client = hers(episode)
    other = record.open_episode(record.new_patient(gps, WHO, a_day()), a_day())
    account = type(episode.patient).objects.get(pk=episode.patient_id).account
    type(other.patient).objects.filter(pk=other.patient_id).update(account=account)
    found = resources(client.get("/fhir/Patient/$everything"), "Patient")
    assert {one["id"] for one in found} == {str(episode.patient_id), str(other.patient_id)}
    assert noted(other)[:3] == ("export", "patient", "fhir_everything")


def test_who_has_no_record_is_told_so_and_gets_none():
    answer = visitor(an_account()).get("/fhir/Patient/$everything")
    assert answer.json()["total"] == 0
    (said,) = resources(answer)
    assert (said["resourceType"], said["issue"][0]["severity"]) == ("OperationOutcome", "information")


@pytest.mark.parametrize("role", ["gp", "physiotherapist", "nurse"])
def test_who_treats_her_reads_it_without_who_looked(episode, gps, role):
    answer = visitor(care_giver(gps, role)).get(at(episode))
    assert resources(answer, "QuestionnaireResponse")
    assert resources(answer, "AuditEvent") == []
    assert noted(episode) == ("export", role, "fhir_everything_of", True)


def test_another_patient_and_another_practice_find_nothing_and_that_is_noted(episode):
    from ruggespraak.clinic.models import Practice

    elsewhere = Practice.objects.create(name="Elders", profession="gp")
    for client, status in (
        (visitor(care_giver(elsewhere, "gp")), 404),
        (visitor(an_account()), 404),
        (visitor(an_account(), strong=False), 403),
    ):
        wrong(client.get(at(episode)), status)
        assert noted(episode)[:3] == ("refused", "none", "fhir_everything_of")
    nobody = f"/fhir/Patient/{episode.pk}/$everything"  # an id, of no patient: it is answered the same
    assert wrong(visitor(an_account(), strong=False).get(nobody), 403) == wrong(
        visitor(an_account(), strong=False).get(at(episode)), 403
    )
    assert wrong(visitor(an_account()).get(nobody), 404) == wrong(visitor(an_account()).get(at(episode)), 404)


def test_the_privacy_officer_sees_that_it_was_taken_as_fhir(episode, gps):
    from django.urls import reverse

    visitor(care_giver(gps, "gp")).get(at(episode))
    page = visitor(care_giver(gps, "privacy_officer")).get(reverse("log", kwargs={"practice": gps.pk}))
    assert "het dossier als FHIR" in page.content.decode()


def test_every_event_of_the_access_log_has_its_place_among_the_codes_of_others():
    from ruggespraak.clinic.log import What

    assert set(EVENTS) == {str(one) for one in What}
    assert EVENTS["refused"].outcome == EVENTS["sign_in_failed"].outcome != EVENTS["read"].outcome


@pytest.mark.parametrize("role", ["manager", "privacy_officer"])
def test_who_manages_or_guards_the_practice_reads_no_record(episode, gps, role):
    assert wrong(visitor(care_giver(gps, role)).get(at(episode)), 403)["code"] == "forbidden"
    assert noted(episode) == ("refused", role, "fhir_everything_of", True)


def test_a_care_giver_without_a_second_factor_reads_nothing(episode, gps):
    issue = wrong(visitor(care_giver(gps, "gp"), strong=False).get(at(episode)), 403)
    assert "second factor" in issue["diagnostics"]
    assert noted(episode)[0] == "refused"


def test_a_closed_record_opens_on_its_page_first(episode, gps):
    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import Emergency

    episode.patient.only_for.add(care_giver(gps, "gp"))
    me = care_giver(gps, "gp")
    assert "open it on its page" in wrong(visitor(me).get(at(episode)), 403)["diagnostics"]
    assert noted(episode) == ("refused", "gp", "fhir_everything_of", True)
    row = log.note(log.What.EMERGENCY, log.Actor("gp", me.pk, gps.pk), "emergency", [episode.patient], "Ze viel.")
    Emergency.objects.create(
        account=me, patient=episode.patient, row=row, until=log.timezone.now() + timedelta(hours=1)
    )
    assert resources(visitor(me).get(at(episode)), "Patient")
    assert log.of_patient(episode.patient).first().emergency
    seen = [one for one in resources(hers(episode).get(at(episode)), "AuditEvent") if "purposeOfUse" in one["agent"][0]]
    assert [one["agent"][0]["purposeOfUse"][0].get("text") for one in seen] == ["Ze viel.", None]


def test_who_was_erased_does_not_exist(episode, gps):
    from ruggespraak.clinic import record

    client = hers(episode)
    record.erase(type(episode.patient).objects.get(pk=episode.patient_id))
    wrong(client.get(at(episode)), 403)  # it is nobody's now, and she is no care giver
    wrong(visitor(care_giver(gps, "gp")).get(at(episode)), 404)
    assert client.get("/fhir/Patient/$everything").json()["total"] == 0


# -- how it is asked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["?_since=2026-01-01", "?_type=Observation", "?_count=1", "?start=2026", "?x"])
def test_what_would_leave_something_out_is_refused_and_not_ignored(episode, query):
    assert wrong(hers(episode).get(at(episode, query)), 400)["code"] == "not-supported"
    assert noted(episode)[0] != "export"


@pytest.mark.parametrize(
    ("accept", "query", "status"),
    [
        ("application/fhir+json", "", 200), ("application/json", "", 200), ("*/*", "", 200), ("", "", 406),
        ("application/fhir+json; fhirVersion=4.0", "", 200), ("application/fhir+json; fhirVersion=3.0", "", 406),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "", 200), ("application/fhir+xml", "", 406),
        ("application/fhir+json;q=0", "", 406), ("text/html", "", 406), ("text/html", "?_format=json", 200),
        ("*/*", "?_format=xml", 406), ("*/*", "?_format=application/fhir+json", 200), ("*/*", "?_format=", 406),
        ("*/*", "?_format=application/fhir%2Bjson", 200), ("*/*", "?_format=json&_format=xml", 406),
    ],
)  # fmt: skip
def test_only_json_of_r4_is_spoken(accept, query, status):
    assert visitor().get(f"/fhir/metadata{query}", headers={"accept": accept}).status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_is_written_here(episode, method):
    for address in ("/fhir/metadata", "/fhir/Patient/$everything", at(episode)):
        answer = hers(episode).generic(method, address, b"{}", FHIR)
        assert wrong(answer, 405)["code"] == "not-supported"
        assert answer["Allow"] == "GET, HEAD"


def test_a_bundle_says_what_was_asked_and_there_is_no_second_page(episode):
    bundle = hers(episode).get(at(episode, "?_format=json")).json()
    assert bundle["link"] == [{"relation": "self", "url": f"http://testserver{at(episode, '?_format=json')}"}]
    assert bundle["total"] == len(bundle["entry"])
    assert {entry["search"]["mode"] for entry in bundle["entry"]} == {"match"}


def test_who_asks_for_the_head_only_is_noted_as_well_and_gets_nothing_more(episode):
    whole, head = (getattr(hers(episode), how)(at(episode)) for how in ("get", "head"))
    assert (head.status_code, head.content, head["Content-Type"]) == (200, b"", whole["Content-Type"])
    assert noted(episode) == ("export", "patient", "fhir_everything_of", True)


def test_an_address_that_is_nearly_right_is_none(episode):
    client = hers(episode)
    upper = at(episode).replace(str(episode.patient_id), str(episode.patient_id).upper())
    for address in (f"{at(episode)}/", upper, at(episode).replace("/$", "//$"), "/fhir/metadata/"):
        assert wrong(client.get(address), 404)["code"] == "not-supported"
    assert client.get(at(episode).replace("$", "%24")).status_code == 200  # the same address


def test_who_asks_too_often_is_told_as_an_outcome_too():
    from django.test import override_settings

    client = visitor()
    with override_settings(ANSWERS_A_MINUTE=1):
        answer = [client.post("/fhir/Patient/$everything") for _ in range(3)][-1]
    assert (answer.status_code, answer["Content-Type"]) == (429, FHIR)
    assert answer.json()["issue"][0]["code"] == "throttled"
    assert int(answer["Retry-After"]) <= 60


@pytest.mark.parametrize(
    "address", ["", "/", "/Patient", "/Patient/7", "/Patient/7/$everything", "/Observation?code=x"]
)
def test_what_is_not_offered_is_said_as_an_outcome(address):
    assert "/fhir/metadata" in wrong(visitor().get(f"/fhir{address}"), 404)["diagnostics"]
    assert wrong(visitor().post(f"/fhir{address}"), 404)


# -- what it holds -----------------------------------------------------------------------------------------------------


@pytest.fixture
def told(episode):
    """All that her record holds, and the bundle."""
    answer = hers(episode).get(at(episode))
    return resources(answer)


def findings_in(listed, status):
    return {
        one["code"]["coding"][0]["code"]: one
        for one in listed
        if one["resourceType"] == "Observation" and one["status"] == status
    }


def test_a_question_that_was_not_asked_is_nowhere_and_an_unclear_one_has_no_value(told):
    mistaken, corrected, examined = (findings_in(told, status) for status in ("entered-in-error", "corrected", "final"))
    assert set(mistaken) == set(corrected) == {*TOLD, "foot_drop"}
    assert set(examined) == {"slr_positive"}
    assert mistaken["saddle_numbness"]["valueBoolean"] is True
    assert corrected["saddle_numbness"]["valueBoolean"] is False
    assert "dataAbsentReason" in corrected["foot_drop"]
    assert not [key for key in corrected["foot_drop"] if key.startswith("value")]


def test_another_reader_finds_the_answers_as_they_count_now(episode):
    reading = read([hers(episode).get(at(episode)).json()], a_day(-3))
    found = {id: one.value for id, one in reading.found.items()}
    assert found == {**TOLD, "saddle_numbness": False, "foot_drop": None, "slr_positive": True}


def test_every_decision_stands_on_the_answers_of_its_day_and_replaces_the_one_before(told):
    plans = [one for one in told if one["resourceType"] == "CarePlan"]
    assert [one["status"] for one in plans] == ["revoked"] * (len(plans) - 1) + ["active"]
    assert len(plans) > 2
    for before, after in pairwise(plans):
        assert after["replaces"] == [{"reference": f"urn:uuid:{before['id']}"}]
    risks = [one for one in told if one["resourceType"] == "RiskAssessment"]
    assert [len(one["basis"]) for one in risks][:2] == [1, 1]
    assert risks[0]["basis"] != risks[1]["basis"]  # the mistake, and what came in its place
    assert risks[0]["prediction"][0]["outcome"]["text"] == "caudasyndroom"
    assert "prediction" not in risks[1]
    statuses = [one["status"] for one in told if one["resourceType"] == "ServiceRequest"]
    assert set(statuses) <= {"draft", "unknown"}
    assert statuses[0] == "unknown"


def test_what_a_care_giver_did_with_an_advice_and_what_happened_are_in_it_without_a_name(told):
    plan = next(one for one in told if one["resourceType"] == "CarePlan" and one["status"] == "active")
    done = [[said["text"] for said in one.get("progress", [])] for one in plan["activity"]]
    assert done == [[f"Afwijken: {WHY}"], *([[]] * (len(done) - 1))]
    happened = [(one["status"], one["topic"]["text"]) for one in told if one["resourceType"] == "Communication"]
    assert [status for status, _ in happened] == ["not-done", "completed", "completed"]
    assert "euroloog" in happened[-1][1]
    assert "Wie Niemand" not in json.dumps(told)


def test_every_resource_says_where_it_comes_from(told):
    known = {ref["reference"] for one in told if one["resourceType"] == "Provenance" for ref in one["target"]}
    rest = {f"urn:uuid:{one['id']}" for one in told} - known
    kinds = {one["resourceType"] for one in told if f"urn:uuid:{one['id']}" in rest}
    assert kinds == {"Patient", "EpisodeOfCare", "AuditEvent", "Provenance"}


def test_a_decision_of_an_edition_that_is_gone_is_said_to_be_left_out(episode):
    from ruggespraak.clinic import record

    with patch.object(record, "made_again", side_effect=record.EditionGoneError):
        listed = resources(hers(episode).get(at(episode)))
    said = [one["issue"][0]["diagnostics"] for one in listed if one["resourceType"] == "OperationOutcome"]
    assert said
    assert all("current@" in one for one in said)
    assert not [one for one in listed if one["resourceType"] in ("CarePlan", "RiskAssessment", "GuidanceResponse")]
    assert findings_in(listed, "final")  # what was told is there all the same


def test_a_decision_that_would_be_another_today_is_not_shown_as_if_it_were_made(episode):
    from ruggespraak.clinic import record

    with patch.object(record, "made_again", return_value=(b"then", b"now")):
        listed = resources(hers(episode).get(at(episode)))
    assert [one for one in listed if one["resourceType"] == "OperationOutcome"]
    assert not [one for one in listed if one["resourceType"] == "CarePlan"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_speaks_the_language_that_is_asked_for(episode, lang):
    answer = hers(episode).get(at(episode), headers={"accept-language": lang})
    (title,) = {one["title"] for one in resources(answer, "CarePlan")}
    assert title == {"nl": "Uw advies bij pijn in rug of been", "en": "Your advice for pain in the back or leg"}[lang]


def test_what_is_offered_and_all_of_every_story_of_the_demonstration_passes_every_judge(gps):
    from ruggespraak.clinic.demonstration import AT_THE_GP, AT_THE_PHYSIOTHERAPIST, Story
    from ruggespraak.fhir.write.bundle import bundle
    from ruggespraak.web.fhir_record import resources_of

    told = []
    kinds = {tell.__name__: tell for tell in (*AT_THE_GP, *AT_THE_PHYSIOTHERAPIST)}  # of the hernias the last
    for number, tell in enumerate(kinds.values()):
        story = Story(gps, number, a_day())
        tell(story)
        if not story.episode.patient.erased:
            told.append(resources_of(story.episode.patient, LANGUAGES[number % 2], with_log=True))
    assert len(told) > 20
    assert judged([visitor().get("/fhir/metadata").json(), *(bundle("searchset", one) for one in told)]) == []


# -- behind her link ---------------------------------------------------------------------------------------------------


def test_behind_her_link_she_takes_it_along_with_her_birth_year(episode):
    page = f"{link(episode)}everything/"
    visitor = visits("nl").get(page)
    assert "fhir" in visitor.buttons
    visitor.post(page, {"year": "1901", "go": "fhir"})
    assert visitor.response["Content-Type"].startswith("text/html")
    answer = visitor.post(page, {"year": str(WHO["born"]), "go": "fhir"}).response
    assert answer["Content-Disposition"] == 'attachment; filename="ruggespraak-fhir.json"'
    assert answer.json()["type"] == "collection"
    assert WHO["name"] in {one["name"][0]["text"] for one in resources(answer, "Patient")}
    assert resources(answer, "AuditEvent")
    assert noted(episode) == ("export", "patient", "everything", True)


# -- the description ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("at", ["/fhir/metadata", "/fhir/Patient/$everything", "/fhir/Patient/{patient}/$everything"])
def test_whatever_is_asked_the_answer_is_as_described(at, mode):
    """Schemathesis: what fits the description, and what does not, in every way that it knows."""
    from ruggespraak.web.wsgi import application

    operation = schemathesis.openapi.from_wsgi("/api/openapi.json", application)[at]["GET"]

    @settings(max_examples=EXAMPLES)
    @given(operation.as_strategy(generation_mode=mode))
    def asked(case):
        case.call_and_validate()

    asked()

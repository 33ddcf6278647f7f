"""CDS Hooks 2.0, requirement by requirement: each test is named after the one it holds (``docs/cds_hooks.toml``)."""

import hmac
import json
import re
import time
import uuid
from base64 import urlsafe_b64encode

import hooks
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import cds_schemas
from cds_client import CALM, EHR, ES384, HERNIA, PATIENT, RS384, SITE, WISH, Ehr, client, listed, observed, today, token
from cds_schemas import empty, wrong
from cds_server import serving
from ruggespraak.fhir.cards.card import REASONS
from ruggespraak.fhir.cards.services import HOOKS, PREFETCH, SERVICES

ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
NUMB = {"low_back_pain": True, "saddle_numbness": True}


@pytest.fixture(autouse=True)
def one_client(monkeypatch, site):  # noqa: ARG001
    """The list of this site has one client."""
    listed(monkeypatch, client())


def refused(answer, status, place=""):
    assert answer.status_code == status, answer.content
    error = answer.json()["error"]
    assert error["place"].startswith(place)
    return error


# -- JSON --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("told", [{}, CALM, HERNIA, NUMB, {"low_back_pain": True}, {**CALM, "cancer_history": True}])
def test_nothing_in_an_answer_is_null_or_empty_but_the_list_of_cards(hook, told):
    ehr = Ehr().tells(told)
    for kind in ("spine_mri", "referral_neurologist", "physiotherapy", "opioid", "blood_test"):
        ehr.drafts(kind)
    answer = ehr.calls(hook)
    assert answer["Content-Type"] == "application/json"
    assert empty(answer.json()) == []
    assert wrong(cds_schemas.RESPONSE, answer.json()) == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/fhir+json", "application/json; charset=utf-16"])
def test_what_is_sent_is_json_in_utf_8(content_type):
    ehr = Ehr()
    path = "/cds-services/ruggespraak-patient-view"
    signed = {"authorization": f"Bearer {token(SITE + path)}"}
    body = json.dumps(ehr.request("patient-view"))
    refused(ehr.client.post(path, body, content_type=content_type, headers=signed), 415, "Content-Type")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"), (b"{", "not JSON"), (b"[]", "a list"), (b"null", "null"), (b"\xff", "not UTF-8"),
        (b'{"hook": "a", "hook": "b"}', "twice"), (b'{"hook": NaN}', "NaN"), (b"[" * 100_000, "nested too deep"),
        (b'{"a": ' + b"9" * 400 + b"}", "very many digits"), ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_one_json_object_is_refused_with_what_is_wrong(body, says):
    error = refused(Ehr().sends("/cds-services/ruggespraak-patient-view", body), 400)
    assert says in error["value"] or says in error["says"]


def test_a_body_that_is_too_large_is_not_read():
    refused(Ehr().sends("/cds-services/ruggespraak-patient-view", b" " * (2**20 + 1)), 413, "body")


# -- discovery ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def discovered():
    from django.test import Client

    answer = Client().get("/cds-services")
    assert answer.status_code == 200
    return answer.json()


def test_discovery_lists_services_with_hook_id_title_and_description(discovered):
    assert wrong(cds_schemas.DISCOVERY, discovered) == []
    assert {one["id"]: one["hook"] for one in discovered["services"]} == SERVICES
    assert set(SERVICES.values()) == set(HOOKS)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_discovery_has_words_in_the_language_that_is_asked_for(lang):
    from django.test import Client

    titles = [
        one["title"] for one in Client().get("/cds-services", headers={"accept-language": lang}).json()["services"]
    ]
    assert all(one.startswith({"nl": "Rugpijn", "en": "Back pain"}[lang]) for one in titles)


def test_discovery_says_what_a_service_needs_and_for_whom_it_was_made(discovered):
    for one in discovered["services"]:
        assert "eerste lijn" in one["usageRequirements"]
        assert "Zonder problemen en bevindingen" in one["usageRequirements"]


def test_discovery_of_a_site_where_nobody_may_ask_is_an_empty_list(monkeypatch):
    from django.test import Client

    listed(monkeypatch)
    answer = Client().get("/cds-services")
    assert (answer.status_code, answer.json()) == (200, {"services": []})


def test_a_service_is_called_at_its_id_below_discovery(discovered):
    for one in discovered["services"]:
        answer = Ehr().sends(f"/cds-services/{one['id']}", Ehr().request(one["hook"]))
        assert answer.status_code in (200, 400)  # an order hook without a selection
    refused(Ehr().sends("/cds-services/another", {}), 404, "service")


# -- prefetch templates ------------------------------------------------------------------------------------------------


def test_a_prefetch_token_is_the_path_of_a_field_of_the_context_itself(discovered):
    for one in discovered["services"]:
        assert one["prefetch"] == dict(PREFETCH)
        for template in one["prefetch"].values():
            assert set(re.findall(r"{{(.*?)}}", template)) == {"context.patientId"}


def test_a_prefetch_template_is_a_read_or_a_search_by_reference_and_by_token():
    for template in PREFETCH.values():
        path, _, query = template.partition("?")
        assert re.fullmatch(r"[A-Z][A-Za-z]+(/{{context\.patientId}})?", path)
        names = [one.partition("=")[0] for one in query.split("&")] if query else []
        assert set(names) <= {"patient", "code", "questionnaire"}
        assert bool(query) is ("/" not in path)


# -- calls -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
def test_the_scripted_client_sends_what_the_specification_asks(hook):
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    with serving() as server:
        assert wrong(cds_schemas.request(hook), ehr.request(hook, **server.grants())) == []


@pytest.mark.parametrize("given", [None, "order-select", 1, "", {}])
def test_the_hook_is_that_of_the_service(given):
    body = {**Ehr().request("patient-view"), "hook": given}
    refused(Ehr().sends("/cds-services/ruggespraak-patient-view", body), 400, "hook")


@pytest.mark.parametrize("given", [None, "1", "not-a-uuid", 7, "{d1577c69-dfbe-44ad-ba6d-3e05e953b2ea}"])
def test_the_hook_instance_is_a_uuid(given):
    refused(Ehr().calls("patient-view", hookInstance=given), 400, "hookInstance")


@pytest.mark.parametrize(
    ("context", "place"),
    [
        (None, "context"), ([], "context"), ({"patientId": PATIENT}, "context.userId"),
        ({"userId": "Practitioner/1"}, "context.patientId"),
        ({"userId": "Practitioner/1", "patientId": "../Patient"}, "context.patientId"),
        ({"userId": "Practitioner/1", "patientId": "a?b=c"}, "context.patientId"),
        ({"userId": "dr1", "patientId": PATIENT}, "context.userId"),
    ],
)  # fmt: skip
def test_the_context_says_who_asks_and_about_whom(context, place):
    refused(Ehr().calls("patient-view", context=context), 400, place)


MRI = {"resourceType": "ServiceRequest", "id": "1", "status": "draft", "intent": "order"}
WHO = {"userId": "Practitioner/1", "patientId": PATIENT}


@pytest.mark.parametrize(
    ("drafted", "place"),
    [
        (None, "context.draftOrders"), ([], "context.draftOrders"), ({"resourceType": "List"}, "context.draftOrders"),
        ({"resourceType": "Bundle", "entry": [{}]}, "context.draftOrders.entry[0]"),
        ({"resourceType": "Bundle", "entry": [{"resource": {**MRI, "id": "a b"}}]}, "context.draftOrders.entry[0]"),
        ({"resourceType": "Bundle", "entry": [{"resource": MRI}] * 101}, "context.draftOrders"),
    ],
)  # fmt: skip
def test_the_context_of_an_order_holds_a_bundle_of_what_is_drafted(drafted, place):
    refused(Ehr().calls("order-sign", context={**WHO, "draftOrders": drafted}), 400, place)


@pytest.mark.parametrize("selections", [None, [], "ServiceRequest/1", ["ServiceRequest/2"], [1]])
def test_the_selections_of_an_order_are_references_to_what_is_drafted(selections):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": MRI}]}
    given = {**WHO, "draftOrders": bundle, "selections": selections}
    refused(Ehr().calls("order-select", context=given), 400, "context.selections")


def test_order_select_is_about_what_was_just_selected_and_order_sign_about_everything():
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    ehr.drafts("opioid")
    assert [one["source"]["topic"]["code"] for one in ehr.cards("order-select")] == ["opioid"]
    assert [one["source"]["topic"]["code"] for one in ehr.cards("order-sign")] == ["scan_needless", "opioid"]


def test_cards_are_for_care_givers_and_no_patient_gets_them():
    for user in ("Patient/p1", "RelatedPerson/1"):
        context = {"userId": user, "patientId": PATIENT}
        refused(Ehr().tells(NUMB).calls("patient-view", context=context), 400, "context.userId")
    context = {"userId": "PractitionerRole/1", "patientId": PATIENT, "encounterId": "e1"}
    assert Ehr().tells(NUMB).calls("patient-view", context=context).status_code == 200


def test_what_is_drafted_beside_the_selection_is_taken_into_account():
    ehr = Ehr().tells({**HERNIA, WISH: True})
    ehr.drafts("referral_neurologist")
    ehr.drafts("spine_mri")
    card = ehr.card("order-select")
    assert "de neuroloog beslist over de scan" in card["summary"]
    assert "suggestions" not in card  # no second referral


def test_an_extension_and_other_keys_that_nobody_knows_are_passed_over():
    assert Ehr().cards("patient-view", extension={"com.example.time": "now"}) == []


GRANT = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "s", "subject": "c"}


@pytest.mark.parametrize(
    "given",
    [
        {"fhirAuthorization": GRANT}, {"fhirServer": "", "fhirAuthorization": GRANT}, {"fhirServer": 1},
        *({"fhirServer": "https://x.example", "fhirAuthorization": one} for one in (
            [], {}, {**GRANT, "token_type": "MAC"}, {**GRANT, "expires_in": "300"}, {**GRANT, "expires_in": True},
            {**GRANT, "access_token": "t o"}, {**GRANT, "access_token": "a\r\nX: y"},
            {name: value for name, value in GRANT.items() if name != "subject"},
        )),
    ],
)  # fmt: skip
def test_a_fhir_authorization_is_whole_and_comes_with_its_server(given):
    error = refused(Ehr().calls("patient-view", **given), 400, "fhir")
    assert "t o" not in error["value"]


# -- what came and what did not ----------------------------------------------------------------------------------------


def test_a_key_that_is_null_means_that_nothing_is_recorded_and_not_that_something_is_absent():
    ehr = Ehr().tells({**CALM, "cancer_history": True})
    ehr.drafts("spine_mri")
    assert ehr.cards("order-select")[0]["indicator"] == "warning"
    ehr.record = [one for one in ehr.record if one["resourceType"] != "Observation"]
    ehr.has("L03")
    asks = ehr.card("order-select")
    assert asks["source"]["topic"]["code"] == "scan_ask"
    assert "Niet opgehaald" not in asks["detail"]


def test_a_key_that_is_missing_is_fetched_with_the_token_that_came(monkeypatch):
    ehr = Ehr().has("L03")
    with serving(holds={"Observation": [observed("saddle_numbness", True, today())]}) as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        card = ehr.card("patient-view", prefetch=ehr.prefetch("observations"), **server.grants())
    assert card["indicator"] == "critical"
    path, sent = server.asked[0]
    assert path.startswith(f"/fhir/Observation?patient={PATIENT}&code=")
    assert sent == "Bearer secret-of-this-call"
    assert len(server.asked) == 1


def test_the_token_of_a_call_is_used_for_that_call_and_forgotten(monkeypatch):
    ehr = Ehr().has("L03")
    with serving() as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        with_token = ehr.calls("patient-view", prefetch=ehr.prefetch("observations"), **server.grants())
        assert "secret-of-this-call" not in with_token.content.decode()
        del server.asked[:]
        ehr.calls("patient-view", prefetch=ehr.prefetch("observations"), fhirServer=server.url)
        assert server.asked == []


@pytest.mark.parametrize("changed", [{"total": 300}, {"link": [{"relation": "next", "url": "https://ehr.example/2"}]}])
def test_what_came_in_part_is_asked_for_whole(monkeypatch, changed):
    alarm = observed("saddle_numbness", True, today())
    ehr = Ehr().tells({"low_back_pain": True})
    part = {**ehr.prefetch()["observations"], **changed}
    with serving(holds={"Observation": [*ehr.record, alarm]}) as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        card = ehr.card("patient-view", prefetch=ehr.prefetch(observations=part), **server.grants())
    assert card["indicator"] == "critical"
    assert "Niet opgehaald" not in card["detail"]


@pytest.mark.control("C-40")
def test_a_key_that_is_missing_and_cannot_be_fetched_is_said_on_the_card():
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    ehr.has("L03")
    card = ehr.card("order-select", prefetch=ehr.prefetch("conditions"))
    assert "Niet opgehaald, en dus onbekend: problemen" in card["detail"]
    assert "suggestions" not in card


@pytest.mark.parametrize(
    "outcome",
    [
        ERROR, {"resourceType": "Bundle", "entry": [{"resource": ERROR}]}, {"resourceType": "OperationOutcome"},
        {"resourceType": "Bundle", "entry": [7]}, {"resourceType": "Bundle", "entry": {}}, [], "", 7, {},
    ],
)  # fmt: skip
def test_an_operation_outcome_or_what_cannot_be_read_is_a_failure_that_is_said_and_never_a_no(outcome):
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    card = ehr.card("order-select", prefetch=ehr.prefetch(procedures=outcome))
    assert "Niet opgehaald, en dus onbekend: verrichtingen" in card["detail"]
    assert "suggestions" not in card


def test_a_patient_who_could_not_be_looked_up_is_said_as_well():
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    card = ehr.card("order-select", prefetch=ehr.prefetch(patient=ERROR))
    assert "Niet opgehaald, en dus onbekend: patiënt" in card["detail"]


def test_a_remark_beside_what_was_found_is_no_failure():
    remark = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    entries = {"resourceType": "Bundle", "entry": [{"resource": remark}]}
    assert ehr.card("order-select", prefetch=ehr.prefetch(procedures=entries))["suggestions"]


@pytest.mark.control("C-40")
def test_a_first_page_of_more_is_not_all_of_it():
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    page = {**ehr.prefetch()["observations"], "link": [{"relation": "next", "url": "https://ehr.example/2"}]}
    card = ehr.card("order-select", prefetch=ehr.prefetch(observations=page))
    assert "suggestions" not in card
    assert "bevindingen en metingen" in card["detail"]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "without", [("observations",), ("conditions",), ("conditions", "observations"), tuple(PREFETCH)]
)
def test_without_what_is_needed_and_no_way_to_get_it_the_answer_is_412(hook, without):
    ehr = Ehr()
    ehr.drafts("spine_mri")
    error = refused(ehr.calls(hook, prefetch=ehr.prefetch(*without)), 412, "prefetch")
    assert set(re.findall(r"\w+", error["value"])) & set(without) & {"conditions", "observations"}


def test_without_any_prefetch_and_a_server_that_fails_the_card_says_what_is_unknown(monkeypatch):
    with serving(holds=dict.fromkeys(("Observation", "Condition", "QuestionnaireResponse"), 500)) as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        card = Ehr().card("patient-view", prefetch=None, **server.grants())
    assert card["source"]["topic"]["code"] == "not_looked_up"
    assert "problemen" in card["summary"]


@pytest.mark.control("C-37")
def test_data_of_another_patient_are_refused():
    ehr = Ehr()
    other = {"resourceType": "Patient", "id": "p2"}
    refused(ehr.calls("patient-view", prefetch=ehr.prefetch(patient=other)), 400, "prefetch.patient.id")
    foreign = {**observed("saddle_numbness", True, today()), "subject": {"reference": "Patient/p2"}}
    card = ehr.card("patient-view", prefetch=ehr.prefetch(observations=foreign))
    assert card["source"]["topic"]["code"] == "not_looked_up"
    ehr.drafts("spine_mri", subject={"reference": "Patient/p2"})
    refused(ehr.calls("order-sign"), 400, "context.draftOrders.entry[0].resource.subject")


def test_an_answer_is_there_in_half_a_second_also_when_the_server_is_slow(monkeypatch):
    ehr = Ehr().tells(NUMB)
    with serving(waits=3) as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        began = time.perf_counter()
        card = ehr.card("patient-view", prefetch=ehr.prefetch("conditions", "procedures"), **server.grants())
        took = time.perf_counter() - began
    assert took < 0.6
    assert card["indicator"] == "critical"  # what is known is said
    assert "Niet opgehaald, en dus onbekend: problemen; verrichtingen" in card["detail"]


# -- cards -------------------------------------------------------------------------------------------------------------


def needless():
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    return ehr, ehr.card("order-select")


def test_without_advice_the_answer_is_200_with_an_empty_list():
    answer = Ehr().calls("patient-view")
    assert (answer.status_code, answer.json()) == (200, {"cards": []})


def test_there_are_no_system_actions():
    assert set(Ehr().tells(NUMB).calls("patient-view").json()) == {"cards"}


def test_suggestions_come_with_how_many_may_be_chosen():
    ehr, card = needless()
    assert card["selectionBehavior"] == "at-most-one"
    ehr.drafts("spine_ct")
    both = ehr.card("order-sign")
    assert (both["selectionBehavior"], len(both["suggestions"])) == ("any", 2)
    assert not any(one.get("isRecommended") for one in both["suggestions"])  # which of them goes is not ours to choose


def test_a_deletion_names_the_draft_by_reference_and_nothing_else():
    ehr, card = needless()
    (action,) = card["suggestions"][0]["actions"]
    assert set(action) == {"type", "description", "resourceId"}
    assert action["resourceId"] in ehr.orders


def test_a_creation_and_an_update_hold_the_whole_resource():
    ehr = Ehr().tells({**HERNIA, WISH: True})
    ehr.drafts("spine_mri")
    create = next(one for one in ehr.card("order-select")["suggestions"][0]["actions"] if one["type"] == "create")
    assert create["resource"]["resourceType"] == "ServiceRequest"
    ehr = Ehr().tells(NUMB)
    draft = ehr.orders[ehr.drafts("referral_neurologist", note=[{"text": "x"}])]
    update = ehr.card("order-select")["suggestions"][0]["actions"][0]
    assert update["resource"] == {**draft, "priority": "stat"}


def test_every_reason_to_set_a_card_aside_has_words():
    _ehr, card = needless()
    assert all(one["display"] and one["system"] == REASONS for one in card["overrideReasons"])


def test_a_link_is_absolute_and_one_to_our_app_is_a_smart_launch(monkeypatch):
    with serving() as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        links = {one["type"]: one for one in Ehr().tells(NUMB).card("patient-view")["links"]}
    assert links["smart"]["url"] == f"{SITE}/smart/launch/"
    assert links["absolute"]["url"] == f"{SITE}/nl/about/"


def test_the_links_of_a_card_lead_to_pages_that_are_there():
    from django.test import Client

    _ehr, card = needless()
    for one in (*card["links"], {"url": card["source"]["url"], "type": "absolute"}):
        if one["type"] == "absolute":
            assert Client().get(one["url"].removeprefix(SITE)).status_code == 200


def test_no_word_of_anybody_else_stands_on_a_card_so_none_is_markdown():
    evil = "[evil](https://evil.example) <script>evil</script>"
    ehr = Ehr().has("L03").tells({**NUMB, "cancer_history": None})
    for one in ehr.record:
        one |= {"id": "evil", "note": [{"text": evil}], "text": {"status": "generated", "div": evil}}
        one["code"] |= {"text": evil}
        one["code"]["coding"][0] |= {"display": evil}
    ehr.drafts("spine_mri", note=[{"text": evil}])
    patient = {"resourceType": "Patient", "id": PATIENT, "name": [{"text": evil}]}
    for hook in HOOKS:
        (card,) = ehr.cards(hook, prefetch=ehr.prefetch(patient=patient))
        assert "evil" not in json.dumps(card)


def test_every_card_and_suggestion_has_a_name_of_its_own():
    _ehr, card = needless()
    _other, again = needless()
    found = [card["uuid"], again["uuid"], *(one["uuid"] for it in (card, again) for one in it["suggestions"])]
    assert len(set(found)) == len(found)
    assert all(uuid.UUID(one).version == 8 for one in found)


# -- feedback ----------------------------------------------------------------------------------------------------------


def kept(card):
    from ruggespraak.clinic.models import CardFeedback

    return list(CardFeedback.objects.filter(card=card["uuid"]))


def test_an_accepted_card_names_what_was_accepted():
    ehr, card = needless()
    ehr.accepts("order-select", card)
    (row,) = kept(card)
    assert (row.service, row.kind, row.outcome, row.reason) == (
        "ruggespraak-order-select", "scan_needless", "accepted", "",
    )  # fmt: skip
    for given in (None, [], [{}], [{"id": card["uuid"]}], [{"id": str(uuid.uuid4())}], "x"):
        answer = ehr.tells_back("order-select", card, outcome="accepted", acceptedSuggestions=given)
        refused(answer, answer.status_code, "feedback[0].acceptedSuggestions")
        assert answer.status_code in (400, 404)


def test_a_suggestion_of_another_card_was_not_suggested_here():
    ehr, card = needless()
    _ehr, other = needless()
    told = [{"id": other["suggestions"][0]["uuid"]}]
    refused(ehr.tells_back("order-select", card, outcome="accepted", acceptedSuggestions=told), 404)


def test_a_card_may_be_set_aside_without_a_reason():
    ehr, card = needless()
    ehr.sets_aside("order-select", card)
    assert [(one.outcome, one.reason) for one in kept(card)] == [("overridden", "")]


def test_a_card_may_be_set_aside_with_one_of_its_reasons_or_another_one():
    ehr, card = needless()
    ehr.sets_aside("order-select", card, card["overrideReasons"][1])
    assert [one.reason for one in kept(card)] == [card["overrideReasons"][1]["code"]]
    ehr, card = needless()
    ehr.sets_aside("order-select", card, {"system": "https://ehr.example/reasons", "code": "mevrouw wil niet"})
    assert [one.reason for one in kept(card)] == ["other"]


def test_what_somebody_typed_is_taken_and_not_kept():
    ehr, card = needless()
    told = {"outcome": "overridden", "overrideReason": {"userComment": "mevrouw Jansen belde"}}
    assert ehr.tells_back("order-select", card, **told).status_code == 204
    (row,) = kept(card)
    assert "Jansen" not in repr(row.__dict__)
    assert (row.at.hour, row.at.minute, row.at.second) == (0, 0, 0)  # who came at ten is known elsewhere


def test_the_same_news_may_come_again():
    ehr, card = needless()
    for _ in range(3):
        ehr.sets_aside("order-select", card)
    assert len(kept(card)) == 1
    ehr.accepts("order-select", card)  # what was set aside may be acted on later
    assert {one.outcome for one in kept(card)} == {"accepted", "overridden"}


def test_news_of_many_cards_may_come_at_once_and_counts_whole_or_not_at_all():
    ehr, card = needless()
    _ehr, other = needless()
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    news = [{"card": one["uuid"], "outcome": "overridden", "outcomeTimestamp": now} for one in (card, other)]
    path = "/cds-services/ruggespraak-order-select/feedback"
    forged = {**news[1], "card": str(uuid.uuid4())}
    assert wrong(cds_schemas.FEEDBACK, {"feedback": news}) == []
    refused(ehr.sends(path, {"feedback": [news[0], forged]}), 404, "feedback[1].card")
    assert kept(card) == []
    assert ehr.sends(path, {"feedback": news}).status_code == 204
    assert len(kept(card) + kept(other)) == 2


@pytest.mark.parametrize(
    "given", [None, "", "yesterday", "2026-13-01T00:00:00Z", "2026-01-15T10:05:31", "2099-01-01T00:00:00Z", 7]
)
def test_the_moment_of_an_outcome_has_passed_and_says_where(given):
    ehr, card = needless()
    answer = ehr.tells_back("order-select", card, outcome="overridden", outcomeTimestamp=given)
    refused(answer, 400, "feedback[0].outcomeTimestamp")


@pytest.mark.parametrize("body", [{}, {"feedback": []}, {"feedback": {}}, {"feedback": [1]}, {"feedback": [{}] * 101}])
def test_feedback_is_a_list_of_objects(body):
    refused(Ehr().sends("/cds-services/ruggespraak-order-select/feedback", body), 400, "feedback")


def test_feedback_on_a_card_that_we_never_gave_is_refused(monkeypatch):
    ehr, card = needless()
    for forged in (str(uuid.uuid4()), "08" + card["uuid"][2:-1] + "0", card["suggestions"][0]["uuid"], "x"):
        answer = ehr.tells_back("order-select", {"uuid": forged}, outcome="overridden")
        assert answer.status_code in (400, 404), forged
    refused(ehr.tells_back("order-sign", card, outcome="overridden"), 404)  # of another service
    listed(monkeypatch, client(iss="https://other.example"))
    path = "/cds-services/ruggespraak-order-select/feedback"
    news = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-01-15T10:05:31Z"}
    signed = {"authorization": f"Bearer {token(SITE + path, iss='https://other.example')}"}
    refused(ehr.sends(path, {"feedback": [news]}, **signed), 404)  # of another client


# -- who asks ----------------------------------------------------------------------------------------------------------


def asked_with(jwt_or_none):
    ehr = Ehr()
    headers = {} if jwt_or_none is None else {"authorization": f"Bearer {jwt_or_none}"}
    path = "/cds-services/ruggespraak-patient-view"
    body = json.dumps(ehr.request("patient-view"))
    return ehr.client.post(path, body, content_type="application/json", headers=headers)


AT = f"{SITE}/cds-services/ruggespraak-patient-view"


def not_believed(answer, says):
    error = refused(answer, 401, "Authorization")
    assert says in error["value"]
    assert answer["WWW-Authenticate"].startswith('Bearer realm="cds-services"')


def test_a_call_that_nobody_signed_is_refused():
    not_believed(asked_with(None), "no bearer token")
    not_believed(asked_with("x.y.z"), "no JSON Web Token")
    not_believed(asked_with(""), "no bearer token")
    not_believed(asked_with("a" * 9000), "longer than")


def test_a_token_signed_with_es384_or_rs384_is_believed():
    assert asked_with(token(AT)).status_code == 200
    assert asked_with(token(AT, RS384, "RS384", "rs")).status_code == 200


def test_a_token_without_a_signature_or_with_a_shared_secret_is_refused():
    not_believed(asked_with(token(AT, None, "none")), "alg must be")
    not_believed(asked_with(token(AT, "x" * 64, "HS384")), "alg must be")
    key = RS384.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    not_believed(asked_with(signed_with_the_public_key(key)), "alg must be")


def signed_with_the_public_key(key):
    """As somebody would who hopes that the public key is taken for a shared secret; PyJWT itself refuses to."""

    def part(raw):
        return urlsafe_b64encode(raw).rstrip(b"=")

    now = int(time.time())
    payload = {"iss": EHR, "aud": AT, "iat": now, "exp": now + 300, "jti": "1"}
    header = {"alg": "HS384", "typ": "JWT", "kid": "rs"}
    told = part(json.dumps(header).encode()) + b"." + part(json.dumps(payload).encode())
    return (told + b"." + part(hmac.new(key, told, "sha384").digest())).decode()


@pytest.mark.parametrize("alg", ["RS256", "PS384", "RS512"])
def test_an_algorithm_that_is_not_on_the_list_is_refused(alg):
    not_believed(asked_with(token(AT, RS384, alg, "rs")), "alg must be")


def test_a_key_is_for_its_own_algorithm():
    not_believed(asked_with(token(AT, ES384, "ES384", "rs")), "not one for this alg")
    not_believed(asked_with(token(AT, RS384, "RS384", "es")), "not one for this alg")


@pytest.mark.parametrize(
    ("head", "says"),
    [({"typ": "at+jwt"}, "typ must be JWT"), ({"kid": None}, "kid is missing"),
     ({"kid": "none"}, "no key with this kid"),
     ({"jku": "https://elsewhere.example/jwks.json"}, "jku is not on the list")],
)  # fmt: skip
def test_the_header_of_a_token_names_its_kind_and_key(head, says):
    not_believed(asked_with(token(AT, head=head)), says)


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "jti"])
def test_a_token_without_one_of_its_claims_is_refused(claim):
    not_believed(asked_with(token(AT, **{claim: None})), "")


def test_only_an_issuer_of_the_list_is_believed():
    not_believed(asked_with(token(AT, iss="https://ehr.example.evil")), "iss is not on the list")


def test_a_token_signed_by_somebody_else_is_refused():
    not_believed(asked_with(token(AT, ec.generate_private_key(ec.SECP384R1()))), "the signature does not fit")


def test_the_audience_is_the_address_that_is_called_as_a_text_or_alone_in_a_list():
    assert asked_with(token([AT])).status_code == 200
    for audience in (SITE, f"{SITE}/cds-services", AT + "/", [AT, "https://other.example"], f"{AT}/feedback"):
        not_believed(asked_with(token(audience)), "aud must be the address")


def test_a_token_is_good_once():
    same = token(AT)
    assert asked_with(same).status_code == 200
    not_believed(asked_with(same), "used before")
    once = str(uuid.uuid4())
    assert asked_with(token(AT, jti=once)).status_code == 200
    not_believed(asked_with(token(AT, jti=once)), "used before")
    not_believed(asked_with(token(AT, jti="x" * 201)), "jti must be")


def test_a_tenant_in_a_token_is_passed_over():
    assert asked_with(token(AT, tenant="2ddd6c3a-8e9a-44c6-a305-52111ad302a2")).status_code == 200


def test_a_token_is_good_for_minutes_with_a_minute_for_clocks_that_differ():
    now = int(time.time())
    assert asked_with(token(AT, iat=now - 330, exp=now - 30)).status_code == 200
    assert asked_with(token(AT, iat=now + 30)).status_code == 200
    not_believed(asked_with(token(AT, iat=now - 300, exp=now - 90)), "expired")
    not_believed(asked_with(token(AT, iat=now + 120, exp=now + 300)), "not valid yet")
    not_believed(asked_with(token(AT, iat=now - 3600, exp=now + 3600)), "expired")  # however long it says
    not_believed(asked_with(token(AT, iat=str(now))), "iat must be a number")


def test_feedback_is_signed_for_its_own_address():
    ehr, card = needless()
    path = "/cds-services/ruggespraak-order-select/feedback"
    news = {"feedback": [{"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-01-15T10:05:31Z"}]}
    wrong_one = {"authorization": f"Bearer {token(SITE + path.removesuffix('/feedback'))}"}
    not_believed(ehr.sends(path, news, **wrong_one), "aud")


def test_the_keys_of_a_client_are_fetched_from_its_address_kept_and_fetched_again_for_a_new_one(monkeypatch):
    from ruggespraak.web import cds_token

    monkeypatch.setattr(cds_token, "KEYS_AGAIN", 0)
    with serving(keys={"es": ES384}) as server:
        listed(monkeypatch, client(jku=server.jku))
        assert asked_with(token(AT)).status_code == 200
        assert asked_with(token(AT, head={"jku": server.jku})).status_code == 200
        assert [path for path, _ in server.asked] == ["/jwks.json"]
        server.keys["rs"] = RS384
        assert asked_with(token(AT, RS384, "RS384", "rs")).status_code == 200
        assert len(server.asked) == 2


def test_an_address_of_keys_that_is_not_on_the_list_is_never_asked(monkeypatch):
    with serving(keys={"es": ES384}) as server:
        listed(monkeypatch, client())
        not_believed(asked_with(token(AT, head={"jku": server.jku})), "jku")
        assert server.asked == []


def test_keys_that_cannot_be_fetched_are_our_trouble_and_not_a_wrong_token(monkeypatch):
    listed(monkeypatch, client(jku="http://127.0.0.1:9/jwks.json"))
    answer = asked_with(token(AT))
    refused(answer, 503)
    assert answer["Retry-After"] == "1"


# -- pages of other sites ----------------------------------------------------------------------------------------------


def preflight(origin, path="/cds-services/ruggespraak-patient-view"):
    from django.test import Client

    return Client().options(path, headers={"origin": origin, "access-control-request-method": "POST"})


def test_a_page_of_a_client_may_ask_from_a_browser():
    answer = preflight("https://ehr.example")
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == "https://ehr.example"
    assert "POST" in answer["Access-Control-Allow-Methods"]
    assert "Authorization" in answer["Access-Control-Allow-Headers"]
    assert "Origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer
    asked = Ehr().sends(
        "/cds-services/ruggespraak-patient-view", Ehr().request("patient-view"), origin="https://ehr.example"
    )
    assert asked["Access-Control-Allow-Origin"] == "https://ehr.example"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://ehr.example.evil", "http://ehr.example"])
def test_a_page_of_anybody_else_may_not(origin):
    assert "Access-Control-Allow-Origin" not in preflight(origin)


def test_an_error_can_be_read_by_the_page_that_asked():
    answer = Ehr().sends("/cds-services/ruggespraak-patient-view", {}, origin="https://ehr.example")
    assert answer.status_code == 400
    assert answer["Access-Control-Allow-Origin"] == "https://ehr.example"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_which_one_to_use(method):
    from django.test import Client

    answer = Client().generic(method, "/cds-services/ruggespraak-patient-view")
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


# -- the table ---------------------------------------------------------------------------------------------------------


def test_every_test_of_this_file_stands_in_the_table_and_every_test_of_the_table_is_here():
    here = {name for name in globals() if name.startswith("test_")} - TABLE
    assert {name for one in hooks.items() for name in one.get("tests", ())} == here


TABLE = {
    "test_every_test_of_this_file_stands_in_the_table_and_every_test_of_the_table_is_here",
    "test_what_is_not_covered_says_why",
}


@pytest.mark.parametrize("item", hooks.items(), ids=lambda one: one["asks"][:50])
def test_what_is_not_covered_says_why(item):
    assert bool(item.get("tests")) is not bool(item.get("left"))
    assert item["asks"] in hooks.page()

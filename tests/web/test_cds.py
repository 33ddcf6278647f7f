"""A care giver's own system asks for advice: whole conversations, what others do wrong, and what nobody may learn."""

import json
import logging
import os
import threading
import time
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_client import (
    CALM,
    EHR,
    ES384,
    HERNIA,
    JSON,
    PRACTICE,
    SITE,
    WISH,
    Ehr,
    client,
    listed,
    observed,
    today,
    token,
)
from cds_schemas import wrong
from cds_server import serving
from ruggespraak.fhir.cards.card import Kind
from ruggespraak.fhir.cards.services import HOOKS, PREFETCH

ORDER_HOOKS = [hook for hook in HOOKS if hook.startswith("order")]
EXAMPLES = 500 if os.environ.get("RUG_CHECK") == "whole" else 30
SECRETS = ("secret-of-this-call", "saddle", "Observation/", "dr1")


@pytest.fixture(autouse=True)
def one_client(monkeypatch, site):  # noqa: ARG001
    """The list of this site has one client."""
    listed(monkeypatch, client())


def kind(card):
    return card["source"]["topic"]["code"]


# -- conversations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", ORDER_HOOKS)
def test_a_nonspecific_back_with_every_alarm_answered_no_the_mri_is_needless_and_goes(hook):
    ehr = Ehr().has("L03").tells(CALM)
    ehr.drafts("spine_mri")
    card = ehr.card(hook)
    assert kind(card) == "scan_needless"
    assert card["indicator"] == "warning"
    ehr.accepts(hook, card)
    assert ehr.orders == {}


@pytest.mark.parametrize("hook", ORDER_HOOKS)
def test_the_same_back_with_the_alarms_unanswered_is_asked_about_and_keeps_its_order(hook):
    ehr = Ehr().has("L03").tells({"leg_pain": False, "duration_days": 20})
    ehr.drafts("spine_mri")
    card = ehr.card(hook)
    assert kind(card) == "scan_ask"
    assert "suggestions" not in card
    assert "- rijbroekanesthesie\n" in card["detail"]
    assert "- urineretentie\n" in card["detail"]


def test_a_hernia_of_seven_weeks_and_a_gps_own_mri_becomes_a_referral_and_the_neurologist_decides():
    ehr = Ehr().tells({**HERNIA, WISH: True})
    ehr.drafts("spine_mri")
    card = ehr.card("order-sign")
    assert "verwijs" in card["summary"].lower()
    assert "de neuroloog beslist over de scan" in card["summary"]
    ehr.accepts("order-sign", card)
    (referral,) = ehr.orders.values()
    assert referral["code"]["coding"][0]["code"] == "referral_neurologist"
    assert ehr.cards("order-sign") == []  # what was put in its place fits


def test_a_hernia_whose_patient_was_not_asked_about_surgery_is_the_same_if_she_wishes_it():
    ehr = Ehr().tells({id: value for id, value in HERNIA.items() if id != WISH})
    ehr.drafts("spine_mri")
    card = ehr.card("order-sign")
    assert "verwijs, de neuroloog beslist over de scan" in card["summary"]
    assert "isRecommended" not in card["suggestions"][0]


def test_cauda_equina_findings_are_critical_as_soon_as_the_record_is_opened():
    ehr = Ehr().has("L86").tells({"saddle_numbness": True, "urinary_retention": True})
    card = ehr.card("patient-view")
    assert (kind(card), card["indicator"]) == ("alarm", "critical")
    assert "caudasyndroom" in card["summary"]
    assert "Bel direct de dienstdoende neuroloog" in card["detail"]
    ehr.drafts("spine_mri")
    order = ehr.card("order-sign")
    assert order["indicator"] == "critical"
    ehr.accepts("order-sign", order)
    (referral,) = ehr.orders.values()
    assert referral["priority"] == "stat"


def test_an_order_of_somebody_else_is_refused():
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri", subject={"reference": "Patient/p2"})
    answer = ehr.calls("order-sign")
    assert answer.status_code == 400
    assert answer.json()["error"]["place"] == "context.draftOrders.entry[0].resource.subject"
    assert "p2" not in answer.content.decode()


def test_a_token_that_sees_another_patient_only_is_refused():
    with serving() as server:
        grant = server.grants()
        grant["fhirAuthorization"] |= {"patient": "p2"}
        answer = Ehr().calls("patient-view", **grant)
        assert answer.json()["error"]["place"] == "fhirAuthorization.patient"
        grant["fhirAuthorization"] |= {"patient": "p1"}
        assert Ehr().calls("patient-view", **grant).status_code == 200


def test_an_answer_that_is_given_today_changes_the_card():
    ehr = Ehr().has("L03").tells({**CALM, "saddle_numbness": None})
    ehr.drafts("spine_mri")
    assert kind(ehr.card("order-select")) == "unclear"
    ehr.record = [one for one in ehr.record if not one["id"].startswith("saddle-numbness-2")]
    assert kind(ehr.card("order-select")) == "scan_ask"
    assert kind(ehr.tells({"saddle_numbness": False}).card("order-select")) == "scan_needless"


def test_a_record_without_a_back_complaint_gets_nothing():
    ehr = Ehr().has("T90").has("K86")
    assert ehr.cards("patient-view") == []
    ehr.drafts("referral_neurologist")
    ehr.drafts("opioid")
    assert ehr.cards("order-sign") == []


def test_orders_that_are_none_of_ours_need_no_data_at_all():
    ehr = Ehr()
    ehr.drafts("blood_test")
    answer = ehr.calls("order-sign", prefetch=None)
    assert (answer.status_code, answer.json()) == (200, {"cards": []})


@pytest.mark.parametrize(("lang", "says"), [("nl", "Alarmsymptoom"), ("en", "Alarm symptom"), ("fr", "Alarmsymptoom")])
def test_cards_are_in_the_language_that_is_asked_for_and_else_in_dutch(lang, says):
    assert Ehr(lang=lang).tells({"saddle_numbness": True}).card("patient-view")["summary"].startswith(says)


# -- the server of the caller ------------------------------------------------------------------------------------------


def asked(monkeypatch, practice=PRACTICE, **changes):
    """What a server is asked for a call that brings no observations."""
    with serving(holds={"Observation": [observed("saddle_numbness", True, today())]}) as server:
        listed(monkeypatch, client(), servers=(server.listed(practice),))
        ehr = Ehr().has("L03")
        given = {**server.grants(), "prefetch": ehr.prefetch("observations"), **changes}
        answer = ehr.calls("patient-view", **given)
        return answer, [path for path, _ in server.asked]


def test_a_server_that_is_not_on_the_list_is_never_asked(monkeypatch):
    with serving() as other:
        answer, paths = asked(monkeypatch, fhirServer=other.url)
        assert other.asked == []
    assert paths == []
    assert "Niet opgehaald" in answer.json()["cards"][0]["detail"]


def test_the_server_of_another_practice_is_never_asked(monkeypatch):
    assert asked(monkeypatch, practice=uuid.UUID(int=8))[1] == []


def test_without_a_token_nothing_is_asked(monkeypatch):
    assert asked(monkeypatch, fhirAuthorization=None)[1] == []


def test_what_came_is_not_asked_again(monkeypatch):
    answer, paths = asked(monkeypatch)
    assert len(paths) == 1
    assert answer.json()["cards"][0]["indicator"] == "critical"


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_server_that_refuses_or_fails_is_said_on_the_card(monkeypatch, status):
    with serving(holds={"Condition": status}) as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        ehr = Ehr().tells(CALM)
        ehr.drafts("spine_mri")
        card = ehr.card("order-sign", prefetch=ehr.prefetch("conditions"), **server.grants())
    assert "Niet opgehaald, en dus onbekend: problemen" in card["detail"]
    assert "suggestions" not in card


def test_a_fault_of_ours_in_one_search_hides_no_alarm_of_another(monkeypatch):
    from ruggespraak.web import cds_gather

    def fails(*_):
        raise RuntimeError("of ours")

    with serving() as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        monkeypatch.setattr(cds_gather.fhir_client, "search", fails)
        ehr = Ehr().tells({"saddle_numbness": True})
        card = ehr.card("patient-view", prefetch=ehr.prefetch("conditions"), **server.grants())
    assert card["indicator"] == "critical"


def test_a_bundle_that_says_it_holds_less_than_there_is_is_not_all_of_it():
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    part = {**ehr.prefetch()["observations"], "total": len(CALM) + 1}
    card = ehr.card("order-sign", prefetch=ehr.prefetch(observations=part))
    assert "suggestions" not in card
    assert "Niet opgehaald, en dus onbekend: bevindingen en metingen" in card["detail"]


def test_data_of_somebody_else_are_not_hers_and_hers_are_then_not_there():
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    ehr.record = [{**one, "subject": {"reference": "https://ehr.example/fhir/Patient/p2"}} for one in ehr.record]
    card = ehr.card("patient-view")
    assert kind(card) == "not_looked_up"
    assert "bevindingen en metingen" in card["summary"]
    ehr.record.append(observed("saddle_numbness", True, today()))
    assert ehr.card("patient-view")["indicator"] == "critical"


def test_a_search_with_a_warning_may_have_left_something_out():
    warned = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "suppressed"}]}
    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    entries = {"resourceType": "Bundle", "entry": [{"resource": warned}]}
    assert "suggestions" not in ehr.card("order-sign", prefetch=ehr.prefetch(procedures=entries))


def test_a_server_that_hangs_does_not_keep_every_thread_of_the_site_waiting(monkeypatch):
    from ruggespraak.web import cds_gather
    from ruggespraak.web.server import THREADS

    assert cds_gather.WAITING <= THREADS / 2
    ehr = Ehr().tells({"saddle_numbness": True})
    took, said = [], []

    def ask(server):
        began = time.perf_counter()
        card = ehr.card("patient-view", prefetch=ehr.prefetch("conditions"), **server.grants())
        took.append(time.perf_counter() - began)
        said.append(card["indicator"] == "critical" and "onbekend: problemen" in card["detail"])

    with serving(waits=3) as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        threads = [threading.Thread(target=ask, args=(server,)) for _ in range(THREADS)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert all(said)  # whoever could not wait says so, and still says what is known
    assert len([one for one in took if one < 0.3]) >= THREADS - cds_gather.WAITING


# -- who may ask at all ------------------------------------------------------------------------------------------------


def test_a_site_without_a_list_offers_nothing(monkeypatch):
    listed(monkeypatch)
    for path in ("", "/feedback"):
        answer = Ehr().sends(f"/cds-services/ruggespraak-patient-view{path}", {})
        assert answer.status_code == 503
        assert answer.json()["error"]["place"] == "this site"


def test_in_a_demonstration_anybody_may_try(monkeypatch):
    from django.conf import settings

    listed(monkeypatch)
    monkeypatch.setattr(settings, "DEMO", True)
    ehr = Ehr().tells({"saddle_numbness": True})
    answer = ehr.sends(
        "/cds-services/ruggespraak-patient-view", ehr.request("patient-view"), authorization="",
        origin="http://localhost:8080",
    )  # fmt: skip
    assert answer.json()["cards"][0]["indicator"] == "critical"
    assert answer["Access-Control-Allow-Origin"] == "*"
    ehr.sets_aside("patient-view", answer.json()["cards"][0])
    assert Ehr().client.get("/cds-services").json()["services"]


def test_a_demonstration_with_a_list_asks_for_a_token(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "DEMO", True)
    body = Ehr().request("patient-view")
    assert Ehr().sends("/cds-services/ruggespraak-patient-view", body, authorization="").status_code == 401


def test_who_signs_is_not_counted_and_who_does_not_is_told_to_wait(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "ANSWERS_A_MINUTE", 3)
    ehr = Ehr()
    assert {ehr.calls("patient-view").status_code for _ in range(8)} == {200}
    body = ehr.request("patient-view")
    path = "/cds-services/ruggespraak-patient-view"
    found = [ehr.sends(path, body, authorization="Bearer a.b.c") for _ in range(8)]
    assert {one.status_code for one in found} == {401, 429}
    refused = next(one for one in found if one.status_code == 429)
    assert refused.json()["error"]["place"] == "requests"
    assert 0 < int(refused["Retry-After"]) <= 60


def test_who_names_a_client_whose_keys_are_not_there_is_told_to_wait_as_well(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "ANSWERS_A_MINUTE", 3)
    listed(monkeypatch, client(jku="http://127.0.0.1:9/jwks.json"))
    ehr = Ehr()
    found = {ehr.calls("patient-view").status_code for _ in range(8)}
    assert found == {503, 429}


def test_the_link_to_our_app_is_only_for_a_practice_whose_server_can_open_it(monkeypatch):
    for practice, there in ((PRACTICE, True), (uuid.UUID(int=8), False)):
        with serving() as server:
            listed(monkeypatch, client(), servers=(server.listed(practice),))
            links = Ehr().tells({"saddle_numbness": True}).card("patient-view")["links"]
        assert ("smart" in {one["type"] for one in links}) is there


def test_a_token_that_comes_twice_at_once_is_good_once():
    same = f"Bearer {token(f'{SITE}/cds-services/ruggespraak-patient-view')}"
    found = []

    def ask():
        ehr = Ehr()
        body = ehr.request("patient-view")
        found.append(ehr.sends("/cds-services/ruggespraak-patient-view", body, authorization=same).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [200] + [401] * 7


def test_used_tokens_are_forgotten_only_when_they_are_too_old(monkeypatch):
    from ruggespraak.web import cds_token

    now = [0.0]
    monkeypatch.setattr(cds_token, "monotonic", lambda: now[0])
    seen = cds_token.Seen()
    lasts = cds_token.COUNTS_FOR + 2 * cds_token.SKEW
    assert seen.first_time("a")
    for later in (1, lasts - 1, lasts + 1, lasts - 1 + lasts):
        now[0] = later
        assert seen.first_time(f"b{later}")
        if later < lasts * 2 - 1:
            assert not seen.first_time("a")
    now[0] = lasts * 5
    assert seen.first_time("a")
    assert len(seen._before) <= 5  # what is too old is not kept


def test_a_key_that_a_client_withdrew_ends_and_one_that_is_there_outlives_a_server_that_is_down(monkeypatch):
    from ruggespraak.web import cds_token

    with serving(keys={"es": ES384}) as server:
        jku = server.jku
        assert cds_token._keys_at(jku, "es", 5)
    kept = cds_token._kept[jku]
    for age, there in ((cds_token.KEYS_FOR + 1, True), (cds_token.KEYS_AT_MOST + 1, False)):
        monkeypatch.setitem(cds_token._kept, jku, cds_token.Kept(kept.keys, kept.at - age, kept.tried - age))
        try:
            assert bool(cds_token._keys_at(jku, "es", 5)) is there
        except cds_token.KeysError:
            assert not there
        while jku in cds_token._fetching:
            time.sleep(0.01)


# -- what nobody may learn ---------------------------------------------------------------------------------------------


@pytest.fixture
def lines():
    """Everything that is logged, as it would be written."""
    from ruggespraak.web.observed import Lines

    class Kept(logging.Handler):
        def emit(self, record):
            ours = record.getMessage() if record.name.startswith("ruggespraak") else ""
            self.written.append(self.format(record) + ours)

    kept = Kept()
    kept.written = []
    kept.setFormatter(Lines())
    loggers = [logging.getLogger(), logging.getLogger("ruggespraak")]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG)
    loggers[0].addHandler(kept)
    yield kept.written
    loggers[0].removeHandler(kept)
    for one, level in zip(loggers, levels, strict=True):
        one.setLevel(level)


def test_no_log_line_and_no_error_holds_a_token_or_anything_of_the_patient(lines, monkeypatch):
    with serving(holds={"Condition": 500}, waits=0.01) as server:
        listed(monkeypatch, client(), servers=(server.listed(),))
        ehr = Ehr().tells({"saddle_numbness": True})
        sent = {**server.grants(), "prefetch": ehr.prefetch("conditions")}
        good = ehr.calls("patient-view", **sent)
        bad = ehr.calls("patient-view", **sent, hookInstance="x")
        worse = ehr.sends(
            "/cds-services/ruggespraak-patient-view", ehr.request("patient-view", **sent), authorization=""
        )
    assert (good.status_code, bad.status_code, worse.status_code) == (200, 400, 401)
    said = "\n".join(lines)
    assert "cds_service" in said
    for secret in SECRETS:
        assert secret not in said
        assert secret not in (bad.content + worse.content).decode()
    assert "secret-of-this-call" not in good.content.decode()


def test_a_call_and_its_token_hide_the_token_when_they_are_shown():
    from ruggespraak.web.cds_request import call_in

    ehr = Ehr()
    with serving() as server:
        call = call_in(ehr.request("patient-view", **server.grants()), "patient-view")
    assert call.token == "secret-of-this-call"
    assert "secret" not in repr(call)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_call_reads_and_writes_no_table_and_begins_no_session(hook):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ehr = Ehr().tells(CALM)
    ehr.drafts("spine_mri")
    with CaptureQueriesContext(connection) as queries:
        answer = ehr.calls(hook)
    assert answer.status_code == 200
    assert queries.captured_queries == []
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


def test_no_link_of_a_card_holds_anything_of_the_patient():
    links = Ehr().tells({"saddle_numbness": True}).card("patient-view")["links"]
    assert all("p1" not in one["url"] and "saddle" not in one["url"] for one in links)


# -- what is beyond all measure ----------------------------------------------------------------------------------------


def refuses(body, place, hook="order-sign", path=""):
    answer = Ehr().sends(f"/cds-services/ruggespraak-{hook}{path}", body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["place"].startswith(place)


def ordering(text):
    """A call about a referral that comes too late, with this text of JSON in it."""
    ehr = Ehr().tells({"saddle_numbness": True})
    ehr.drafts("referral_neurologist", note="HERE")
    return json.dumps(ehr.request("order-sign")).replace('"HERE"', text).encode()


def test_a_hundred_thousand_names_of_which_two_are_the_same_are_refused_at_once():
    names = ",".join(f'"{number}": 1' for number in range(80_000))
    began = time.perf_counter()
    refuses(f'{{{names}, "79999": 2}}'.encode(), "79999")
    assert time.perf_counter() - began < 2


def test_ten_thousand_failures_in_one_bundle_are_read_at_once():
    failed = [{"resource": {"resourceType": "OperationOutcome", "id": str(number)}} for number in range(12_000)]
    ehr = Ehr().tells({"saddle_numbness": True})
    began = time.perf_counter()
    card = ehr.card("patient-view", prefetch=ehr.prefetch(procedures={"resourceType": "Bundle", "entry": failed}))
    assert time.perf_counter() - began < 2
    assert card["indicator"] == "critical"


@pytest.mark.parametrize("number", ["1e999", "-1E400"])
def test_a_number_that_json_could_not_give_back_is_refused(number):
    refuses(ordering(number), "body")


def test_whatever_can_be_read_can_be_answered_however_deep_it_is():
    for depth in (50, 700, *range(800, 1_000, 2)):
        answer = Ehr().sends("/cds-services/ruggespraak-order-sign", ordering('{"e":' * depth + "1" + "}" * depth))
        assert answer.status_code in (200, 400), depth


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_beyond_the_years_that_there_are_is_refused(moment):
    ehr = Ehr().tells({"saddle_numbness": True})
    news = {"card": ehr.card("patient-view")["uuid"], "outcome": "overridden", "outcomeTimestamp": moment}
    refuses({"feedback": [news]}, "feedback[0].outcomeTimestamp", "patient-view", "/feedback")


# -- whatever is sent --------------------------------------------------------------------------------------------------

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["resourceType", "id", "entry", "resource", "code", "coding", "system", "subject", "link", "issue", "status"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=EXAMPLES)
@given(key=st.sampled_from([*PREFETCH, "other"]), value=ANY, hook=st.sampled_from(HOOKS))
def test_whatever_stands_in_the_prefetch_an_alarm_beside_it_is_said(key, value, hook):
    ehr = Ehr().tells({"saddle_numbness": True})
    ehr.drafts("spine_mri")
    prefetch = ehr.prefetch()
    alarm = "answers" if key == "observations" else "observations"
    prefetch |= {alarm: prefetch["observations"], key: value}
    answer = ehr.calls(hook, prefetch=prefetch)
    if answer.status_code == 400:
        assert answer.json()["error"]["place"] == "prefetch.patient.id"
    else:
        assert answer.json()["cards"][0]["indicator"] == "critical"


@settings(max_examples=EXAMPLES)
@given(order=st.dictionaries(st.sampled_from(["status", "priority", "doNotPerform", "code", "contained", "category",
                                              "medicationReference", "medicationCodeableConcept"]), ANY),
       hook=st.sampled_from(ORDER_HOOKS))  # fmt: skip
def test_whatever_stands_in_a_draft_order_is_no_fault(order, hook):
    ehr = Ehr().tells({"saddle_numbness": True})
    ehr.drafts("spine_mri")
    ehr.drafts("referral_neurologist", **order)
    assert ehr.calls(hook).status_code == 200


@settings(max_examples=EXAMPLES)
@given(body=ANY | st.dictionaries(st.sampled_from(["hook", "hookInstance", "context", "prefetch", "fhirServer",
                                                    "fhirAuthorization", "feedback"]), ANY))  # fmt: skip
def test_no_body_at_all_is_a_fault(body):
    for path in ("", "/feedback"):
        answer = Ehr().sends(f"/cds-services/ruggespraak-order-select{path}", body)
        assert answer.status_code in (400, 404, 412), answer.content
        assert answer.json()["error"]["expected"]


@given(one=st.sampled_from(Kind), number=st.integers(0, 255))
def test_a_name_says_what_it_was_given_for(one, number):
    from ruggespraak.web.cds_feedback import name_in, names

    mine = client()
    name = names("ruggespraak-order-sign", mine)(one)
    found = name_in(uuid.UUID(name(number)), "ruggespraak-order-sign", mine)
    assert (found.kind, found.number) == (one, number)
    assert name_in(uuid.UUID(name(0)), "ruggespraak-order-sign", mine).random == found.random
    assert name_in(uuid.UUID(name(number)), "ruggespraak-order-select", mine) is None
    assert name_in(uuid.UUID(name(number)), "ruggespraak-order-sign", client(iss="https://o.example")) is None


@given(bit=st.integers(0, 127))
def test_a_name_of_which_one_bit_was_changed_is_no_name(bit):
    from ruggespraak.web.cds_feedback import name_in, names

    mine = client()
    good = uuid.UUID(names("ruggespraak-order-sign", mine)(Kind.ALARM)(0))
    assert name_in(uuid.UUID(int=good.int ^ 1 << bit), "ruggespraak-order-sign", mine) is None


# -- the description ---------------------------------------------------------------------------------------------------


def test_what_is_sent_and_answered_is_as_the_description_of_the_api_has_it():
    ehr = Ehr().tells({"saddle_numbness": True})
    described = ehr.client.get("/api/openapi.json").json()
    paths = described["paths"]
    post = paths["/cds-services/{id}"]["post"]
    assert wrong(post["requestBody"]["content"][JSON]["schema"], ehr.request("patient-view")) == []
    good, refused = ehr.calls("patient-view"), ehr.calls("patient-view", hookInstance="x")
    for answer, error in ((good, False), (refused, True)):
        schema = post["responses"][str(answer.status_code)]["content"][JSON]["schema"]
        found = {**described["components"]["schemas"]["Error"], **described} if error else schema
        assert wrong(found, answer.json()) == []
    services = paths["/cds-services"]["get"]["responses"]["200"]["content"][JSON]["schema"]
    assert wrong(services, ehr.client.get("/cds-services").json()) == []
    assert "/cds-services/{id}/feedback" in paths


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_what_was_done_with_a_card_is_written_once():
    from django.db import DatabaseError, transaction

    from ruggespraak.clinic.models import AppendOnlyError, CardFeedback

    ehr = Ehr().tells({"saddle_numbness": True})
    card = ehr.card("patient-view")
    ehr.sets_aside("patient-view", card, card["overrideReasons"][0])
    mine = CardFeedback.objects.filter(card=card["uuid"])
    row = mine.get()
    assert (row.practice, row.kind, row.reason) == (PRACTICE, "alarm", "arranged")
    row.outcome = "accepted"
    with pytest.raises(AppendOnlyError):
        row.save()
    for change in (lambda: mine.update(outcome="accepted"), lambda: mine.delete()):
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
            change()
    assert mine.get().outcome == "overridden"


def test_the_list_of_the_site_is_read_from_its_file(tmp_path, monkeypatch):
    """As an operator writes it, with the keys of a client in a file beside it."""
    from django.conf import settings as site_settings

    from cds_client import public
    from ruggespraak.web import cds, cds_gather, cds_token, exchange

    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [public(ES384, "es")]}))
    (tmp_path / "exchange.toml").write_text(
        f'[[client]]\niss = "{EHR}"\nkeys = "jwks.json"\npractice = "{PRACTICE}"\norigins = ["{EHR}"]\n'
    )
    monkeypatch.setattr(site_settings, "EXCHANGE", str(tmp_path / "exchange.toml"))
    for module in (cds, cds_gather, cds_token):
        monkeypatch.setattr(module, "exchange", exchange.exchange)
    assert Ehr().tells({"saddle_numbness": True}).card("patient-view")["indicator"] == "critical"

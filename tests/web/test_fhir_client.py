"""Another system's server is asked within limits: what it does wrong is one word, and nothing of it is told further."""

import json
import time

import pytest

from fake_fhir import Fake, drips, fake_fhir, reply
from ruggespraak.web.fhir_client import LARGEST, MOST_PAGES, FhirServerError, create, get, search

TOKEN = "a-token-that-nobody-may-read"
PLAN = {"resourceType": "CarePlan", "status": "active"}


@pytest.fixture
def fake():
    with fake_fhir() as made:
        yield made


def failing(does, *given):
    """How it fails; neither its words nor what it is made of hold the token or the query."""
    with pytest.raises(FhirServerError) as caught:
        does(*given)
    assert "The hospital" in str(caught.value)
    for secret in (TOKEN, "secret-query", "secret-answer"):
        assert secret not in str(caught.value)
        assert secret not in repr(vars(caught.value))
    return caught.value


def bundle(*resources, following=None, mode="match"):
    entry = [{"resource": one, "search": {"mode": mode}} for one in resources]
    link = [{"relation": "next", "url": following}] if following else []
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entry, "link": link}).encode()


def test_it_asks_below_the_address_of_the_list_with_the_token_and_without_a_cookie(fake: Fake):
    fake.says(b'{"resourceType": "Patient"}', Set_Cookie="a=b")
    for _ in range(2):
        assert get(fake.server, "Patient/1", TOKEN, 5) == {"resourceType": "Patient"}
    (method, path, headers, _body) = fake.asked[-1]
    assert (method, path, headers["Authorization"]) == ("GET", "/fhir/Patient/1", f"Bearer {TOKEN}")
    assert "Cookie" not in headers


FAILS = {
    "a refusal": (b"{}", {"status": 401}, "refused"),
    "another refusal": (b"{}", {"status": 403}, "refused"),
    "nothing there": (b'{"resourceType": "OperationOutcome"}', {"status": 404}, "status"),
    "a fault of theirs": (b"<p>secret-answer", {"status": 500, "Content_Type": "text/html"}, "status"),
    "a page to sign in": (b"<p>secret-answer", {"Content_Type": "text/html"}, "not_json"),
    "half an answer": (b'{"resourceType": "secret-answer', {}, "not_json"),
    "a list": (b"[]", {}, "not_json"),
    "nothing at all": (b"", {}, "not_json"),
    "too deep": (b"[" * 100_000, {}, "not_json"),
    "packed": (b"\x1f\x8b", {"Content_Encoding": "gzip"}, "not_json"),
    "another place": (b"", {"status": 302, "Location": "https://elsewhere.example/"}, "elsewhere"),
    "too much": (b" " * (LARGEST + 1), {}, "too_large"),
}


@pytest.mark.parametrize(("body", "how", "kind"), FAILS.values(), ids=FAILS)
def test_what_a_server_does_wrong_is_said_in_one_word(fake: Fake, body, how, kind):
    fake.says(body, **how)
    error = failing(get, fake.server, "Observation?patient=secret-query", TOKEN, 5)
    assert (error.kind, len(fake.asked)) == (kind, 1)


def test_nobody_listens_there(fake: Fake):
    server = fake.server
    object.__setattr__(server, "url", "http://127.0.0.1:9/fhir")
    assert failing(get, server, "Patient/1", TOKEN, 5).kind == "unreachable"


def slow_body(request):
    request.send_response(200)
    request.end_headers()
    drips(request)


@pytest.mark.parametrize("how", [drips, slow_body, lambda _request: time.sleep(2)])
def test_nobody_waits_longer_than_asked_however_slow_the_answer_comes(fake: Fake, how):
    fake.answer = how
    began = time.monotonic()
    assert failing(get, fake.server, "Patient/1", TOKEN, 0.3).kind == "timeout"
    assert time.monotonic() - began < 0.6


def test_without_time_nothing_is_asked(fake: Fake):
    assert failing(get, fake.server, "Patient/1", TOKEN, 0).kind == "timeout"
    assert fake.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "../admin",
        "a/../../admin",
        "%2e%2e/admin",
        "a/%2E%2E/%2e%2e/x",
        "/x",
        "//evil.example/x",
        "a\\b",
        "a b",
        "a\nb",
        "x#y",
        "é",
    ],
)
def test_a_path_that_leads_elsewhere_is_not_asked(fake: Fake, path):
    assert failing(get, fake.server, path, TOKEN, 5).kind == "elsewhere"
    assert fake.asked == []


# -- searching ---------------------------------------------------------------------------------------------------------


def test_a_search_is_read_page_after_page(fake: Fake):
    def answer(request):
        page = 2 if "page=2" in request.path else 1
        following = None if page == 2 else f"{fake.url}/Condition?page=2"
        reply(request, bundle({"resourceType": "Condition", "id": str(page)}, following=following))

    fake.answer = answer
    found = search(fake.server, "Condition?patient=1", TOKEN, 5)
    assert [one["id"] for one in found.resources] == ["1", "2"]
    assert found.whole


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/fhir/Condition?page=2", "../../admin", "/fhirs/Condition", "http://[no"]
)
def test_a_next_page_elsewhere_is_not_asked(fake: Fake, link):
    fake.says(bundle(following=link))
    assert failing(search, fake.server, "Condition?patient=1", TOKEN, 5).kind == "elsewhere"
    assert len(fake.asked) == 1


def test_a_search_without_an_end_is_read_so_far_and_said_not_to_be_whole(fake: Fake):
    fake.says(bundle({"resourceType": "Condition"}, following="Condition?page=again"))
    found = search(fake.server, "Condition?patient=1", TOKEN, 5)
    assert (len(found.resources), found.whole) == (MOST_PAGES, False)


def test_what_a_server_says_beside_what_it_found_is_no_resource(fake: Fake):
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "not-supported"}]}
    fake.says(bundle(outcome, mode="outcome"))
    assert search(fake.server, "Condition", TOKEN, 5).whole
    outcome["issue"][0]["severity"] = "error"
    fake.says(bundle(outcome, mode="outcome"))
    found = search(fake.server, "Condition", TOKEN, 5)
    assert (found.resources, found.whole) == ((), False)


def test_an_error_in_the_place_of_what_was_asked_is_no_empty_answer(fake: Fake):
    fake.says(b'{"resourceType": "OperationOutcome", "issue": []}')
    assert failing(search, fake.server, "Condition", TOKEN, 5).kind == "not_json"


# -- writing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "new"), [(201, True), (200, False)])
def test_what_is_written_is_new_or_was_there(fake: Fake, status, new):
    fake.says(b"", status)
    assert create(fake.server, PLAN, TOKEN, 5, "identifier=urn:a|1") is new
    method, path, headers, body = fake.asked[0]
    assert (method, path, json.loads(body)) == ("POST", "/fhir/CarePlan", PLAN)
    assert (headers["If-None-Exist"], headers["Content-Type"]) == ("identifier=urn:a|1", "application/fhir+json")


@pytest.mark.parametrize(("status", "kind"), [(401, "refused"), (412, "status"), (422, "status"), (500, "status")])
def test_what_is_not_written_is_an_error(fake: Fake, status, kind):
    fake.says(b"{}", status)
    assert failing(create, fake.server, PLAN, TOKEN, 5, "identifier=secret-query").kind == kind

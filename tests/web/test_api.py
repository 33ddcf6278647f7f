"""The API: a case in, the decision out, the same bytes as the command; nothing that is sent is a fault."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from ruggespraak.consult import Case, decide
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import LANGUAGES

CASES = Path(__file__).parents[1] / "cases" / "published.jsonl"
EXAMPLES = 300 if os.environ.get("RUG_CHECK") == "whole" else 30
NUMB = {"on": "2026-01-15", "findings": {"saddle_numbness": True}}


@pytest.fixture(scope="module")
def client():
    from django.test import Client

    return Client()


def send(client, body, query="", content_type="application/json"):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.generic("POST", f"/api/decide{query}", data, content_type, CONTENT_TYPE=content_type)


def error(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    return answer.json()["error"]


# -- decisions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("explained", [False, True])
def test_of_every_published_patient_it_says_the_same_bytes_as_the_command(client, lang, explained):
    command = [sys.executable, "-m", "ruggespraak.cli", "decide", str(CASES), "--lang", lang]
    command += ["--explain"] if explained else []
    lines = subprocess.run(command, capture_output=True, timeout=120, check=True).stdout.splitlines()
    cases = CASES.read_bytes().splitlines()
    assert len(lines) == len(cases) > 10
    for case, line in zip(cases, lines, strict=True):
        answer = send(client, case, f"?lang={lang}" + ("&explain=1" if explained else ""))
        assert (answer.status_code, answer.content) == (200, line)


@pytest.mark.control("C-44")
def test_without_a_day_it_is_today_in_the_netherlands(client):
    from unittest.mock import patch

    with patch("ruggespraak.web.api.today", return_value=date(2031, 3, 30)):
        assert send(client, {"findings": {}}).json()["on"] == "2031-03-30"


def test_null_is_not_asked_and_unclear_is(client):
    nothing = send(client, {"on": "2026-01-15"}).content
    assert send(client, {"on": "2026-01-15", "findings": {"saddle_numbness": None}}).content == nothing
    unclear = send(client, {"on": "2026-01-15", "findings": {"saddle_numbness": "unclear"}}).json()
    assert unclear["unclear"] == ["saddle_numbness"]
    assert unclear["urgency"] == "same_day"


# -- what is wrong is said ---------------------------------------------------------------------------------------------


def test_a_finding_that_does_not_exist_is_answered_with_the_nearest_one(client):
    found = error(send(client, {"findings": {"sadle_numbness": True}}), 422)
    assert (found["place"], found["expected"]) == ("sadle_numbness", "saddle_numbness")
    assert "did you mean saddle_numbness?" in found["says"]


@pytest.mark.control("C-22")
def test_everything_that_is_wrong_is_named_and_an_alarm_beside_it_is_not_lost(client):
    sent = {"on": "tomorrow", "findings": {"saddle_numbness": True, "age_years": 400, "course": "cured"}}
    found = error(send(client, sent), 422)
    assert (found["place"], found["value"]) == ("on", "'tomorrow'")
    assert [one["place"] for one in found["others"]] == ["age_years", "course"]
    assert "a number from 0 to 120 (years)" in found["others"][0]["expected"]
    assert found["alarm"] == {"urgency": "emergency", "names": ["cauda_equina"]}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 3000])
def test_what_is_no_number_is_refused_and_not_guessed(client, number):
    found = error(send(client, b'{"findings": {"age_years": %s}}' % number.encode()), 422)
    assert found["place"] == "age_years"
    assert "a number from 0 to 120 (years)" in found["expected"]


def test_an_answer_that_stands_twice_is_refused(client):
    found = error(send(client, b'{"findings": {"foot_drop": true, "foot_drop": false}}'), 422)
    assert (found["place"], found["value"]) == ("'foot_drop'", "twice in one object")
    assert found["alarm"]["urgency"] == "emergency"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"), (b"{", "not JSON"), (b"{} {}", "not JSON"), (b"\xff\xfe", "not UTF-8"),
        (b"[" * 30_000 + b"]" * 30_000, "nested too deep"), (b'{"findings": {"a": "\xc3"}}', "not UTF-8"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_place(client, body, says):
    found = error(send(client, body), 400)
    assert (found["place"], found["expected"]) == ("body", "one JSON object in UTF-8")
    assert says in found["value"]


@pytest.mark.parametrize("body", [[], "a", 1, None, True])
def test_what_is_no_case_is_refused(client, body):
    assert error(send(client, body), 422)["expected"] == "a JSON object"


def test_more_than_a_case_can_be_is_not_read(client):
    found = error(send(client, b" " * 100_000), 400)
    assert found["expected"] == "at most 65536 bytes"


@pytest.mark.parametrize("query", ["?lang=de", "?lang=", "?explain=yes", "?explain=", "?lang=%ff", "?lang=nl%00"])
def test_an_option_that_does_not_exist_is_refused(client, query):
    assert error(send(client, NUMB, query), 400)["place"] == query[1:].partition("=")[0]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/fhir+json"]
    + [f"application/json; charset={charset}" for charset in ("utf-16", "base64", "latin-1", "nothing")],
)
def test_what_is_not_sent_as_json_is_refused(client, content_type):
    assert error(send(client, NUMB, content_type=content_type), 415)["expected"] == "application/json in UTF-8"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_only_post_decides(client, method):
    answer = client.generic(method, "/api/decide")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    if method != "HEAD":
        assert error(answer, 405)["expected"] == "POST"


def test_who_sends_too_many_is_told_as_json_when_to_come_back(monkeypatch):
    from django.conf import settings
    from django.test import Client

    monkeypatch.setattr(settings, "ANSWERS_A_MINUTE", 3)
    fresh = Client()
    answers = [send(fresh, NUMB) for _ in range(8)]  # the minute may end in between
    assert 429 in {one.status_code for one in answers}
    refused = next(one for one in answers if one.status_code == 429)
    assert error(refused, 429)["expected"] == "at most 3 in a minute"
    assert 0 < int(refused["Retry-After"]) <= 60


# -- nothing is kept ---------------------------------------------------------------------------------------------------


def test_nothing_is_stored_no_cookie_is_given_and_no_log_line_tells_of_the_case(client, caplog):
    from django.apps import apps

    def rows():
        return {model.__name__: model.objects.count() for model in apps.get_models()}

    before = rows()
    with caplog.at_level("DEBUG"):
        for sent in ({"id": "Robin", **NUMB}, {"id": "Robin", "findings": {"age_years": "Robin"}}, b"Robin"):
            answer = send(client, sent)
            assert not answer.cookies
            assert answer["Cache-Control"] == "no-store"
    assert rows() == before
    assert "Robin" not in caplog.text
    assert "saddle" not in caplog.text


# -- the description ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def described(client):
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    return answer.json()["components"]["schemas"]


def test_the_description_names_every_finding_with_its_range_and_choices(described):
    findings = described["Case"]["properties"]["findings"]["properties"]
    assert set(findings) == set(VOCABULARY)
    value, other = findings["age_years"]["anyOf"]
    assert value == {"type": "number", "minimum": 0, "maximum": 120}
    assert other == {"enum": ["unclear", None]}
    assert findings["course"]["anyOf"][0] == {"enum": list(VOCABULARY["course"].choices)}


def test_the_description_names_exactly_the_keys_of_a_decision(described):
    decision = decide(Case(on=date(2026, 1, 15), answers={"saddle_numbness": True})).as_json()
    assert list(described["Decision"]["required"]) == list(decision)
    assert list(described["Decision"]["properties"]) == [*decision, "explain"]


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.usefixtures("site")
def test_whatever_is_sent_the_answer_is_as_described(mode):
    """Schemathesis: what fits the description, and what does not, in every way that it knows."""
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    from ruggespraak.web.wsgi import application

    operation = schemathesis.openapi.from_wsgi("/api/openapi.json", application)["/api/decide"]["POST"]

    @settings(max_examples=EXAMPLES)
    @given(operation.as_strategy(generation_mode=mode))
    def sent(case):
        case.call_and_validate(excluded_checks=[positive_data_acceptance])  # a day may be a day, and still too late

    sent()


@settings(max_examples=EXAMPLES)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_at_all_are_a_fault(client, body):
    assert send(client, body).status_code in (200, 400, 422)

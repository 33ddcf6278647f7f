"""The practice that our SMART launch is tried against refuses what a real one refuses: else a launch proves nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key

from ruggespraak.fhir.names import Resource
from smart_world import SmartWorld

VERIFIER = "a" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPE = "openid fhirUser launch patient/Patient.r patient/Observation.rs patient/CarePlan.c"
APP = {"client_id": "app", "redirect_uri": "http://127.0.0.1/back"}
OF_P1, OF_P2 = {"reference": "Patient/p1"}, {"reference": "Patient/p2"}


def observation(id: str, subject: dict[str, str]) -> Resource:
    return {"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "pain"}, "subject": subject}


RESOURCES = [
    {"resourceType": "Patient", "id": "p1"},
    {"resourceType": "Patient", "id": "p2"},
    *(observation(f"o{n}", OF_P1) for n in range(30)),
    observation("other", OF_P2),
]
CARE_PLAN = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": OF_P1}


class Stays(HTTPRedirectHandler):
    """Does not follow where it is sent: that is the app's address."""

    def redirect_request(self, *_: Any) -> None:
        return None


def send(url: str, data: Any = None, token: str | None = None) -> tuple[int, Any, Any]:
    """Status, headers and what was said, of any answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = urlencode(data).encode() if data and not token else json.dumps(data).encode() if data else None
    try:
        answer = build_opener(Stays).open(Request(url, body, headers), timeout=10)
    except HTTPError as error:
        answer = error
    with answer:
        text = answer.read().decode()
    return answer.status, answer.headers, json.loads(text) if "json" in answer.headers["content-type"] else text


def sent_back(world: SmartWorld, **other: Any) -> dict[str, str]:
    """What the app is told when the user comes back; ``other`` differs from a good request, None leaves out."""
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    launch = {"launch": world.launch("p1"), "aud": world.fhir, "scope": SCOPE, "state": "s1", "response_type": "code"}
    asked = {name: it for name, it in (APP | challenge | launch | other).items() if it is not None}
    status, headers, _ = send(f"{world.oauth}/authorize?{urlencode(asked)}")
    assert status == 302
    return {name: it for name, (it,) in parse_qs(urlsplit(headers["location"]).query).items()}


def exchanged(world: SmartWorld, code: str, **other: str) -> tuple[int, Any]:
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER} | APP | other
    status, _, said = send(f"{world.oauth}/token", form)
    return status, said


def token(world: SmartWorld, **asked: Any) -> str:
    _, given = exchanged(world, sent_back(world, **asked)["code"])
    bearer: str = given["access_token"]
    return bearer


def test_a_launch_gives_a_token_for_its_patient_and_who_is_at_the_screen(world):
    _, _, found = send(f"{world.fhir}/.well-known/smart-configuration")
    assert (found["authorization_endpoint"], found["token_endpoint"]) == (
        f"{world.oauth}/authorize",
        f"{world.oauth}/token",
    )
    back = sent_back(world, launch=world.launch("p2"))
    assert back["state"] == "s1"
    status, given = exchanged(world, back["code"])
    assert (status, given["patient"], given["scope"], given["token_type"]) == (200, "p2", SCOPE, "Bearer")
    claims = json.loads(base64.urlsafe_b64decode(given["id_token"].split(".")[1] + "=="))
    assert (claims["iss"], claims["aud"], claims["fhirUser"]) == (world.oauth, "app", f"{world.fhir}/Practitioner/1")


def test_a_standalone_launch_gets_the_patient_that_was_picked_there(world):
    world.control(patient="p2")
    back = sent_back(world, launch=None, scope="launch/patient patient/Observation.rs")
    _, given = exchanged(world, back["code"])
    assert given["patient"] == "p2"
    assert "id_token" not in given


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://elsewhere.example/fhir"}, {"launch": "made-up"}, {"launch": None}, {"state": None},
        {"scope": "patient/Observation.rs"}, {"code_challenge": None}, {"code_challenge_method": "plain"},
    ],
)  # fmt: skip
def test_a_wrong_request_comes_back_without_a_code(world, wrong):
    back = sent_back(world, **wrong)
    assert "code" not in back
    assert back["error"] in ("invalid_request", "invalid_scope")


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "b" * 43},
        {"code_verifier": ""},
        {"client_id": "another"},
        {"redirect_uri": "http://127.0.0.1/x"},
    ],
)
def test_a_code_is_for_who_asked_for_it(world, wrong):
    status, said = exchanged(world, sent_back(world)["code"], **wrong)
    assert status == 400
    assert "access_token" not in said


def test_a_code_is_used_once(world):
    code = sent_back(world)["code"]
    assert exchanged(world, code)[0] == 200
    assert exchanged(world, code)[0] == 400


def assertion(world: SmartWorld, key: Any, **other: Any) -> dict[str, str]:
    """Who the app says that it is, signed with this key."""
    claims = {"iss": "signs", "sub": "signs", "aud": f"{world.oauth}/token", "exp": int(time.time()) + 60, "jti": "1"}
    signed = jwt.encode(claims | other, key, algorithm="ES384", headers={"kid": "k1"})
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_id": "", "client_assertion_type": kind, "client_assertion": signed}


def test_an_app_of_which_a_key_is_registered_must_sign_each_time_anew(world):
    key, another = generate_private_key(SECP384R1()), generate_private_key(SECP384R1())
    public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "k1", "alg": "ES384"}
    world.register("signs", {"keys": [public]})

    def tried(**form: str) -> Any:
        return exchanged(world, sent_back(world, client_id="signs")["code"], **form)[1].get("error")

    assert tried(client_id="signs") == "invalid_client"
    assert tried(**assertion(world, another, jti="0")) == "invalid_client"
    assert tried(**assertion(world, key, aud=world.fhir)) == "invalid_client"
    assert tried(**assertion(world, key, exp=int(time.time()) + 3600)) == "invalid_client"
    assert tried(**assertion(world, key)) is None
    assert tried(**assertion(world, key)) == "invalid_client"


def test_without_its_token_nothing_is_read(world):
    assert send(f"{world.fhir}/Patient/p1")[0] == 401
    assert send(f"{world.fhir}/Patient/p1", token="made-up")[0] == 401
    assert send(f"{world.fhir}/Patient/p1", token=token(world))[2]["id"] == "p1"


def test_a_token_is_for_one_patient_and_for_what_was_asked(world):
    bearer = token(world)
    assert send(f"{world.fhir}/Patient/p2", token=bearer)[0] == 403
    assert send(f"{world.fhir}/Observation/other", token=bearer)[0] == 403
    assert send(f"{world.fhir}/Observation", token=bearer)[2]["total"] == 30
    assert send(f"{world.fhir}/Condition?patient=p1", token=bearer)[0] == 403
    assert send(f"{world.fhir}/Observation", observation("new", OF_P1), token=bearer)[0] == 403


def test_a_search_comes_in_pages(world):
    bearer = token(world)
    found, address = [], f"{world.fhir}/Observation?patient=p1"
    while address:
        _, _, bundle = send(address, token=bearer)
        found += [entry["resource"]["id"] for entry in bundle["entry"]]
        address = next((link["url"] for link in bundle.get("link", ()) if link["relation"] == "next"), None)
    assert sorted(found) == sorted(f"o{n}" for n in range(30))


def test_what_is_written_is_kept_and_what_is_wrong_is_not(world):
    bearer = token(world)
    status, headers, kept = send(f"{world.fhir}/CarePlan", CARE_PLAN, token=bearer)
    assert status == 201
    assert headers["location"] == f"{world.fhir}/CarePlan/{kept['id']}"
    assert kept in world.resources("CarePlan")
    before = world.resources("CarePlan")
    without_intent = {name: it for name, it in CARE_PLAN.items() if name != "intent"}
    assert send(f"{world.fhir}/CarePlan", without_intent, token=bearer)[0] == 422
    assert send(f"{world.fhir}/CarePlan", CARE_PLAN | {"subject": OF_P2}, token=bearer)[0] == 422
    assert world.resources("CarePlan") == before


def test_a_bundle_is_written_whole_or_not_at_all(world):
    bearer = token(world, scope=SCOPE + " patient/QuestionnaireResponse.c")
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "subject": OF_P1}
    entry = [{"resource": it, "request": {"method": "POST", "url": it["resourceType"]}} for it in (response, CARE_PLAN)]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
    world.control(answers={"CarePlan": "500"})
    assert send(world.fhir, bundle, token=bearer)[0] == 500
    assert world.resources("QuestionnaireResponse") == []
    world.control()
    assert send(world.fhir, bundle, token=bearer)[0] == 200
    assert len(world.resources("QuestionnaireResponse")) == 1


def test_it_misbehaves_as_told(world):
    bearer = token(world)
    world.control(wrong_state=True)
    assert sent_back(world)["state"] != "s1"
    world.control(denied=True)
    assert sent_back(world)["error"] == "access_denied"
    world.control(token_error="invalid_client")
    assert exchanged(world, sent_back(world)["code"]) == (400, {"error": "invalid_client"})
    world.control(no_patient=True, scope="openid launch")
    _, given = exchanged(world, sent_back(world)["code"])
    assert "patient" not in given
    assert given["scope"] == "openid launch"
    world.control(token_refused=True)
    assert send(f"{world.fhir}/Patient/p1", token=bearer)[0] == 401
    world.control(answers={"Observation": "outcome", "Patient": "html"})
    assert send(f"{world.fhir}/Observation", token=bearer)[2]["resourceType"] == "OperationOutcome"
    assert "<p>" in send(f"{world.fhir}/Patient/p1", token=bearer)[2]
    world.control(delay_ms=300)
    began = time.monotonic()
    assert send(f"{world.fhir}/Patient/p1", token=bearer)[0] == 200
    assert time.monotonic() - began > 0.3
    with pytest.raises(ValueError, match="no such switch: slow"):
        world.control(slow=True)

"""How we come by a token for one patient of another system, and everything for which we rather have none."""

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import uuid4

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from django.test import override_settings

from fake_fhir import Fake, fake_fhir, reply
from ruggespraak.web.exchange import FhirServer
from ruggespraak.web.fhir_client import FhirServerError
from ruggespraak.web.smart import (
    Asked,
    Offer,
    SmartError,
    allows,
    ask,
    callback,
    code_in,
    exchanged,
    offer_of,
    public_key,
    scopes,
)
from smart_world import smart_world

OFFER = Offer(
    authorize="https://ehr.example/authorize", token="https://ehr.example/token", issuer="", names_itself=False
)
ASKED = Asked(server="https://ehr.example/fhir", launch="abc", state="s", verifier="v" * 43)
TOKEN = {
    "access_token": "t0ken",
    "token_type": "Bearer",
    "expires_in": 600,
    "scope": "launch patient/Patient.r",
    "patient": "p1",
}


@pytest.fixture
def fake(site):  # noqa: ARG001
    from django.core.cache import cache

    cache.clear()
    with fake_fhir() as made:
        yield made


def says(fake: Fake, content, status=200):
    fake.says(json.dumps(content).encode(), status, Content_Type="application/json")


def offered(fake: Fake, **other):
    """What a server says of itself; what is None it does not say."""
    said = {
        "authorization_endpoint": f"{fake.url}/authorize",
        "token_endpoint": f"{fake.url}/token",
        "code_challenge_methods_supported": ["S256"],
    } | other
    says(fake, {name: value for name, value in said.items() if value is not None})
    return offer_of(fake.server)


# -- where to decide ---------------------------------------------------------------------------------------------------


def test_a_server_says_where_its_users_decide_and_is_not_asked_again_at_once(fake):
    first = offered(fake, issuer="https://ehr.example", authorization_response_iss_parameter_supported=True)
    assert first == offer_of(fake.server)
    assert (first.authorize, first.token) == (f"{fake.url}/authorize", f"{fake.url}/token")
    assert (first.issuer, first.names_itself) == ("https://ehr.example", True)
    assert [path for _method, path, _headers, _body in fake.asked] == ["/fhir/.well-known/smart-configuration"]
    assert "Authorization" not in fake.asked[0][2]


@pytest.mark.parametrize(
    "other",
    [
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": None},
        {"code_challenge_methods_supported": "S256"},
        {"authorization_endpoint": None},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"token_endpoint": "javascript:alert(1)"},
        {"token_endpoint": ["https://ehr.example/token"]},
    ],
)
def test_a_server_that_offers_no_safe_way_is_not_used(fake, other):
    with pytest.raises(SmartError) as error:
        offered(fake, **other)
    assert error.value.problem == "no_smart"


def test_a_server_elsewhere_cannot_send_us_to_this_machine_itself(fake):
    elsewhere = replace(fake.server, url="https://ehr.example/fhir")
    from ruggespraak.web.smart import _endpoint

    for url in ("http://127.0.0.1:8000/token", "HTTP://localhost/token"):
        with pytest.raises(SmartError):
            _endpoint(elsewhere, url)


# -- asking ------------------------------------------------------------------------------------------------------------


def test_the_care_giver_is_sent_there_with_everything_that_binds_the_answer_to_this_question(fake):
    asked, there = ask(fake.server, OFFER, "abc", "https://ehr.example/fhir/")
    query = dict(parse_qsl(urlsplit(there).query))
    assert there.startswith("https://ehr.example/authorize?")
    assert query == {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": callback(fake.server),
        "launch": "abc",
        "scope": " ".join(scopes("abc")),
        "state": asked.state,
        "aud": "https://ehr.example/fhir/",
        "code_challenge_method": "S256",
        "code_challenge": urlsafe_b64encode(sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode(),
    }
    assert asked.verifier not in there
    again, _there = ask(fake.server, OFFER, "abc", "https://ehr.example/fhir/")
    assert not {again.state, again.verifier} & {asked.state, asked.verifier}


def test_what_an_address_already_asks_stays_there(fake):
    _asked, there = ask(fake.server, replace(OFFER, authorize="https://ehr.example/a?tenant=7"), "", "x")
    assert parse_qs(urlsplit(there).query)["tenant"] == ["7"]


def test_each_host_has_an_address_of_its_own_to_come_back_to(fake):
    """Where all had one, a system that sends our user on to another one would be brought the code of that one."""
    one, other = (replace(fake.server, url=f"https://{host}/fhir") for host in ("ehr.example", "other.example:8443"))
    assert callback(one) == "http://localhost:8000/smart/callback/ehr.example/"
    assert callback(other) == "http://localhost:8000/smart/callback/other.example:8443/"


def test_no_more_is_asked_for_than_this_patient_s_and_what_is_sent_back():
    assert scopes("abc")[0] == "launch"
    assert scopes("")[0] == "launch/patient"
    for one in scopes("")[1:]:
        kind, _dot, letters = one.removeprefix("patient/").partition(".")
        assert kind != "*"
        assert set(letters) <= ({"r", "s"} if letters != "c" else {"c"})


# -- the answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ("access_denied", "denied"),
        ("login_required", "denied"),
        ("server_error", "try_again"),
        ("temporarily_unavailable", "try_again"),
        ("invalid_scope", "not_registered"),
        ("unauthorized_client", "not_registered"),
        ("<script>", "not_registered"),
    ],
)
def test_each_error_of_the_other_side_has_its_meaning_and_its_words_are_not_repeated(error, problem):
    with pytest.raises(SmartError) as found:
        code_in({"error": error, "error_description": "secret", "code": "c"}, OFFER)
    assert str(found.value) == found.value.problem == problem


@pytest.mark.parametrize(
    ("iss", "offer", "comes_from_there"),
    [
        (None, OFFER, True),
        ("https://a.example", OFFER, True),
        ("https://a.example", replace(OFFER, issuer="https://a.example"), True),
        ("https://a.example/", replace(OFFER, issuer="https://a.example"), False),
        ("https://b.example", replace(OFFER, issuer="https://a.example"), False),
        (None, replace(OFFER, issuer="https://a.example", names_itself=True), False),
    ],
)
def test_an_answer_of_another_server_is_not_taken(iss, offer, comes_from_there):
    answer = {"code": "c"} | ({"iss": iss} if iss else {})
    if comes_from_there:
        assert code_in(answer, offer) == "c"
        return
    with pytest.raises(SmartError) as error:
        code_in(answer, offer)
    assert error.value.problem == "other_server"


def test_an_answer_without_a_code_is_none():
    with pytest.raises(SmartError):
        code_in({}, OFFER)


# -- the token ---------------------------------------------------------------------------------------------------------


def here(fake: Fake):
    return replace(OFFER, token=f"{fake.url}/token")


def test_a_code_is_exchanged_with_the_word_that_belongs_to_it(fake):
    says(fake, TOKEN)
    found = exchanged(fake.server, here(fake), "c0de", ASKED)
    assert (found.token, found.patient, found.scopes) == ("t0ken", "p1", ("launch", "patient/Patient.r"))
    assert 590 < found.until - time.time() <= 600
    assert "t0ken" not in repr(found)
    assert dict(parse_qsl(fake.asked[0][3].decode())) == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "code_verifier": ASKED.verifier,
        "client_id": "app",
        "redirect_uri": callback(fake.server),
    }


@pytest.mark.parametrize("key", [generate_private_key(SECP384R1()), rsa_key(65537, 2048)], ids=["ES384", "RS384"])
def test_with_a_key_we_prove_who_we_are_and_the_server_can_check_it_with_what_we_publish(fake, key):
    says(fake, TOKEN)
    exchanged(replace(fake.server, key=key), here(fake), "c0de", ASKED)
    form = dict(parse_qsl(fake.asked[0][3].decode()))
    assert "client_id" not in form
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    header = jwt.get_unverified_header(form["client_assertion"])
    published = public_key(key)
    assert (header["alg"], header["kid"], header["typ"]) == (published["alg"], published["kid"], "JWT")
    assert published["alg"] in ("ES384", "RS384")
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(published)
    claims = jwt.decode(
        form["client_assertion"], jwt.PyJWK(published).key, algorithms=[published["alg"]], audience=here(fake).token
    )
    assert claims["iss"] == claims["sub"] == "app"
    assert claims["exp"] - claims["iat"] <= 300
    exchanged(replace(fake.server, key=key), here(fake), "c0de", ASKED)
    again = jwt.decode(
        dict(parse_qsl(fake.asked[1][3].decode()))["client_assertion"], options={"verify_signature": False}
    )
    assert again["jti"] != claims["jti"]


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"patient": None}, "no_patient"),
        ({"patient": ""}, "no_patient"),
        ({"patient": "../Patient/2"}, "no_patient"),
        ({"patient": 7}, "no_patient"),
        ({"access_token": None}, "no_token"),
        ({"access_token": ""}, "no_token"),
        ({"access_token": "a b"}, "no_token"),
        ({"access_token": "a\r\nX: y"}, "no_token"),
        ({"token_type": "mac"}, "no_token"),
        ({"token_type": None}, "no_token"),
    ],
)
def test_a_token_that_is_none_or_is_of_nobody_is_not_used(fake, other, problem):
    says(fake, {name: value for name, value in {**TOKEN, **other}.items() if value is not None})
    with pytest.raises(SmartError) as error:
        exchanged(fake.server, here(fake), "c0de", ASKED)
    assert error.value.problem == problem


@pytest.mark.parametrize("lasts", [None, 0, -5, 10**9, "soon", True])
def test_no_token_counts_longer_than_an_hour(fake, lasts):
    says(fake, {**TOKEN, "expires_in": lasts})
    assert 0 < exchanged(fake.server, here(fake), "c0de", ASKED).until - time.time() <= 3600


@pytest.mark.parametrize(
    ("error", "problem"),
    [("invalid_grant", "code_too_old"), ("invalid_client", "not_registered"), ("invalid_scope", "not_registered")],
)
def test_a_code_that_is_not_taken_says_why(fake, error, problem):
    says(fake, {"error": error, "error_description": "secret"}, 400)
    with pytest.raises(SmartError) as found:
        exchanged(fake.server, here(fake), "c0de", ASKED)
    assert (found.value.problem, str(found.value)) == (problem, problem)


def test_a_page_in_the_place_of_a_token_is_none(fake):
    fake.answer = lambda request: reply(request, b"<p>sign in", headers={"Content-Type": "text/html"})
    with pytest.raises(FhirServerError) as error:
        exchanged(fake.server, here(fake), "c0de", ASKED)
    assert error.value.kind == "not_json"


# -- what it allows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("granted", "kind", "letter", "allowed"),
    [
        ("patient/Observation.rs", "Observation", "s", True),
        ("patient/Observation.rs", "Observation", "c", False),
        ("patient/Observation.rs", "Condition", "s", False),
        ("patient/*.cruds", "CarePlan", "c", True),
        ("patient/*.rs", "CarePlan", "c", False),
        ("user/Condition.s", "Condition", "s", True),
        ("patient/Condition.read", "Condition", "s", True),
        ("patient/Condition.read", "Condition", "c", False),
        ("patient/*.write", "CarePlan", "c", True),
        ("patient/*.*", "CarePlan", "c", True),
        ("patient/Observation.rs?category=laboratory", "Observation", "s", True),
        ("system/Observation.rs", "Observation", "s", False),
        ("patient/Observation.", "Observation", "s", False),
        ("patient/Observation.sr", "Observation", "s", False),
        ("launch", "Observation", "s", False),
    ],
)
def test_what_a_scope_allows(granted, kind, letter, allowed):
    assert allows(granted.split(), kind, letter) is allowed


def test_a_scope_with_a_condition_is_not_the_whole():
    assert not allows(["patient/Observation.rs?category=laboratory"], "Observation", "s", whole=True)
    assert allows(["patient/Observation.rs?category=laboratory", "patient/*.rs"], "Observation", "s", whole=True)


# -- a system that refuses what is not right ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(site):  # noqa: ARG001
    with smart_world([{"resourceType": "Patient", "id": "p1"}]) as running:
        yield running


def allowed(world, client_id="app", key=None):
    """A question to that system, and the code with which a user comes back who says yes."""
    server = FhirServer(url=world.fhir, name="HIS", practice=uuid4(), client_id=client_id, key=key)
    offer = offer_of(server)
    asked, there = ask(server, offer, world.launch("p1"), server.url)
    back = requests.get(there, allow_redirects=False, timeout=5).headers["location"]
    answer = dict(parse_qsl(urlsplit(back).query))
    assert answer["state"] == asked.state
    return server, offer, code_in(answer, offer), asked


def test_a_code_is_of_no_use_without_the_word_that_belongs_to_it(world):
    assert exchanged(*allowed(world)).patient == "p1"
    server, offer, code, asked = allowed(world)
    with pytest.raises(SmartError):
        exchanged(server, offer, code, replace(asked, verifier="w" * 64))


@pytest.mark.parametrize("make", [lambda: generate_private_key(SECP384R1()), lambda: rsa_key(65537, 2048)])
def test_that_system_knows_us_by_our_key_and_nobody_else(world, make):
    key, client = make(), uuid4().hex
    world.register(client, {"keys": [public_key(key)]})
    assert exchanged(*allowed(world, client_id=client, key=key)).patient == "p1"
    for other in (make(), None):
        with pytest.raises(SmartError) as error:
            exchanged(*allowed(world, client_id=client, key=other))
        assert error.value.problem == "not_registered"


def test_our_public_keys_can_be_fetched(fake, client_of_the_site, tmp_path):
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = generate_private_key(SECP384R1())
    (tmp_path / "ours.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "list.toml").write_text(
        f'[[server]]\nurl = "{fake.url}"\nname = "x"\nclient_id = "app"\nkey = "ours.pem"\n'
        'practice = "0f0e0d0c-0b0a-4908-8706-050403020100"\n'
    )
    assert client_of_the_site.get("/smart/keys.json").json() == {"keys": []}
    with override_settings(EXCHANGE=str(tmp_path / "list.toml")):
        assert client_of_the_site.get("/smart/keys.json").json() == {"keys": [public_key(key)]}


@pytest.fixture
def client_of_the_site(site):  # noqa: ARG001
    from django.test import Client

    return Client()
